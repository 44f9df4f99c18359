//! The last id that the desk made, so that a restart goes on after it even when the machine's clock was set back.

use super::{Db, StoreError, statements};

statements! {
    LAST = "select max(id) from (select max(id) as id from client
        union all select max(id) from pack_version
        union all select max(id) from holiday_list
        union all select max(id) from sub_client
        union all select max(id) from site
        union all select max(id) from asset
        union all select max(id) from contact
        union all select max(id) from partner
        union all select max(id) from person
        union all select max(id) from shift
        union all select max(id) from absence
        union all select max(id) from shift_pattern
        union all select max(id) from swap_offer
        union all select max(id) from shadow_difference
        union all select max(id) from message_hold
        union all select max(id) from held_message
        union all select max(id) from specialist
        union all select max(id) from foreign_login
        union all select max(id) from watch_alarm
        union all select max(id) from incident_round
        union all select max(id) from version_move
        union all select max(id) from ticket
        union all select max(id) from text_body
        union all select max(id) from event
        union all select max(id) from journal
        union all select max(id) from task
        union all select max(id) from work_order
        union all select max(id) from work_report
        union all select max(id) from time_entry
        union all select max(id) from named_contact
        union all select max(id) from balance_adjustment
        union all select max(id) from priority_raise
        union all select max(id) from attachment
        union all select max(id) from due
        union all select max(id) from job
        union all select max(id) from run
        union all select max(id) from notification
        union all select max(id) from plugin_installation
        union all select max(id) from plugin_item
        union all select max(id) from plugin_conflict
        union all select max(id) from plugin_call
        union all select max(id) from plugin_change
        union all select max(id) from plugin_key
        union all select max(id) from session
        union all select max(id) from api_token
        union all select max(id) from saved_view) as last_of_each";
}

/// Nothing in a new database.
pub fn read(db: &Db) -> Result<Option<i64>, StoreError> {
    Ok(db.one(LAST, [], |row| row.get::<_, Option<i64>>(0))?.flatten())
}
