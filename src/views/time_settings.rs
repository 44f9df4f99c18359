//! The calendars, targets and stages of a client's draft and of its published version, for forms.

use serde::Serialize;
use utoipa::ToSchema;

use super::{ViewError, Views};
use crate::domain::pack::{Category, Pack, PackError, Status, TimeSettings, fingerprint};
use crate::domain::{ClientId, Key, Moment, PersonId};
use crate::store;

#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct TimePage {
    /// The fingerprint of the settings that `time` was read from; it goes back as `base` with a change.
    pub base: Option<String>,
    /// Of the draft; where there is none, of the published version. `null`: there is neither, or `unreadable` says
    /// why it cannot be read.
    pub time: Option<TimeSettings>,
    /// The text is no pack: only the text editor helps.
    pub unreadable: Option<PackError>,
    pub published: Option<TimeSettings>,
    /// When the draft was saved; `null`: there is none.
    pub draft_saved_at: Option<Moment>,
    /// Whether anything of the draft, script or settings, differs from the published version.
    pub is_changed: bool,
    /// What targets and stages may name.
    pub statuses: Vec<Status>,
    pub categories: Vec<Category>,
    /// What names a calendar, so that it cannot be removed.
    pub uses: Vec<CalendarUse>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct CalendarUse {
    pub calendar: Key,
    pub by: CalendarUser,
    /// The key of the queue or of the sub-client.
    pub key: Option<Key>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CalendarUser {
    Contract,
    SubClient,
    Queue,
}

impl Views {
    pub fn time_settings(&self, person: PersonId, client: ClientId) -> Result<TimePage, ViewError> {
        self.read(person, |reading| {
            let client = reading.administered(client)?;
            let texts = store::pack::to_edit(reading.db, &client)?;
            let published = client.pack_version.map_or(Ok(None), |id| store::pack::get(reading.db, id))?;
            let read = texts.as_ref().map(|texts| TimeSettings::read(&texts.settings));
            let (pack, unreadable) = match read {
                Some(Ok(pack)) => (Some(pack), None),
                Some(Err(error)) => (None, Some(error)),
                None => (None, None),
            };
            let is_same = texts.as_ref().zip(published.as_ref()).is_some_and(|(texts, published)| {
                texts.script == published.script && texts.settings == published.settings
            });
            let of_version = published.and_then(|version| TimeSettings::read(&version.settings).ok());
            Ok(TimePage {
                base: texts.as_ref().map(|texts| fingerprint(&texts.settings)),
                time: pack.as_ref().map(Pack::time),
                unreadable,
                published: of_version.map(|pack| pack.time()),
                draft_saved_at: texts.as_ref().and_then(|texts| texts.saved_at),
                is_changed: texts.is_some() && !is_same,
                uses: pack.as_ref().map(uses).unwrap_or_default(),
                statuses: pack.as_ref().map(|pack| pack.statuses.clone()).unwrap_or_default(),
                categories: pack.map(|pack| pack.categories).unwrap_or_default(),
            })
        })
    }
}

fn uses(pack: &Pack) -> Vec<CalendarUse> {
    let contract = pack.contract.calendar.iter().map(|calendar| (calendar, CalendarUser::Contract, None));
    let subs = pack.contract.sub_client_calendars.iter();
    let subs = subs.map(|(sub, calendar)| (calendar, CalendarUser::SubClient, Some(sub)));
    let queues = pack.queues.iter().filter_map(|queue| {
        queue.calendar.as_ref().map(|calendar| (calendar, CalendarUser::Queue, Some(&queue.key)))
    });
    let line = |(calendar, by, key): (&Key, CalendarUser, Option<&Key>)| CalendarUse {
        calendar: calendar.clone(),
        by,
        key: key.cloned(),
    };
    contract.chain(subs).chain(queues).map(line).collect()
}
