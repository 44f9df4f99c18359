//! What must hold of every desk when its test is over.

use naryad::domain::ticket::Ticket;
use naryad::domain::{Moment, TicketId};
use naryad::store::{self, Db, StoreError};

use super::TestDesk;

pub fn nothing_is_broken(desk: &TestDesk) {
    desk.read(|db| {
        the_file_is_whole(db);
        every_ticket_follows_from_its_events(db)?;
        if !desk.jobs_may_stay {
            let stay: i64 = db.connection().query_row(
                "select count(*) from job where state in ('waiting', 'leased', 'dead')",
                [],
                |row| row.get(0),
            )?;
            assert_eq!(stay, 0, "jobs are left undone or dead");
        }
        Ok(())
    });
}

pub fn the_file_is_whole(db: &Db) {
    let integrity: String =
        db.connection().query_row("pragma integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(integrity, "ok");
    let mut statement = db.connection().prepare("pragma foreign_key_check").unwrap();
    assert!(!statement.exists([]).unwrap(), "a foreign key points nowhere");
}

pub fn every_ticket_follows_from_its_events(db: &Db) -> Result<(), StoreError> {
    let mut last = TicketId(0);
    loop {
        let ids = store::ticket::ids_after(db, last, 500)?;
        let Some(newest) = ids.last() else { return Ok(()) };
        last = *newest;
        for id in ids {
            let events = store::event::of_ticket(db, id)?;
            let story: Vec<(&_, Moment)> = events.iter().map(|one| (&one.event, one.occurred_at)).collect();
            assert_eq!(
                Ticket::rebuild(id, story),
                store::ticket::get(db, id)?,
                "ticket {id} and its events differ"
            );
        }
    }
}
