//! What calendars and targets mean before they are published: when a ticket would be due, and the days of a month.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::desk::Desk;
use super::done::DeskError;
use super::edit_time::unreadable;
use super::publication::lists;
use super::terms::terms_in;
use crate::domain::calendar::{DayLine, HolidayLists, Lists, local_moment, zone};
use crate::domain::calendars::{Calendars, Terms};
use crate::domain::ledger::Policy;
use crate::domain::pack::{Pack, TimeFault, TimeSettings, rewrite};
use crate::domain::sla::{self, Pause, Preview, Question};
use crate::domain::{ClientId, Key, Moment, Refusal, SiteId, SubClientId};
use crate::store::{self, Db};

/// Which settings are asked about.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct OfSettings {
    pub source: Source,
    /// Calendars, targets and stages in the place of those of the source: an edit that is not saved.
    pub time: Option<TimeSettings>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// The draft; where there is none, the published version.
    #[default]
    Draft,
    Published,
}

/// A ticket that is not there.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AskPreview {
    #[serde(default)]
    pub settings: OfSettings,
    /// What a clock on the wall shows, such as `2027-01-29T17:55`.
    pub opened_at: String,
    /// IANA name of that clock's zone, which is also taken for the site's where no site is named; without one, the
    /// site's zone, else that of the client's calendar.
    #[serde(default)]
    pub time_zone: Option<String>,
    /// A site of the client: its zone, country, calendar and sub-client count.
    #[serde(default)]
    pub site: Option<SiteId>,
    /// ISO 3166-1 alpha-2, where no site is named.
    #[serde(default)]
    pub country: Option<String>,
    /// A calendar of the settings that the site would name, where no site is named.
    #[serde(default)]
    pub calendar: Option<Key>,
    #[serde(default)]
    pub sub_client: Option<SubClientId>,
    /// 1 to 5.
    pub priority: i64,
    #[serde(default)]
    pub category: Option<Key>,
    #[serde(default)]
    pub pause: Option<AskPause>,
}

/// A stretch in which the ticket waits; times as `opened_at` says them.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AskPause {
    pub from: String,
    /// Without it, the ticket waits still.
    #[serde(default)]
    pub to: Option<String>,
    /// A status that waits; without one, the first of the pack.
    #[serde(default)]
    pub status: Option<Key>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PreviewAnswer {
    /// What is wrong with the settings; while anything is, nothing is foretold.
    pub faults: Vec<TimeFault>,
    pub preview: Option<Preview>,
}

/// A month of one calendar.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AskMonth {
    #[serde(default)]
    pub settings: OfSettings,
    /// A key of `calendars`; without one, the client's own calendar.
    #[serde(default)]
    pub calendar: Option<Key>,
    /// For a calendar that goes by the site's zone: IANA name.
    #[serde(default)]
    pub time_zone: Option<String>,
    pub year: i64,
    /// 1 to 12.
    pub month: i64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct MonthAnswer {
    /// What is wrong with the settings; while anything is, no day is shown.
    pub faults: Vec<TimeFault>,
    /// IANA name of the zone by whose days it goes.
    pub time_zone: Option<String>,
    pub days: Vec<DayLine>,
}

/// When each target of such a ticket is due, by the code that counts for real tickets.
pub fn preview(desk: &Desk, client: ClientId, ask: &AskPreview) -> Result<PreviewAnswer, DeskError> {
    desk.readers().read(|db| {
        let (pack, calendars) = match settings(db, client, &ask.settings)? {
            Ok(found) => found,
            Err(faults) => return Ok(PreviewAnswer { faults, preview: None }),
        };
        let question = question(db, client, &pack, ask)?;
        let policy = Policy { pack: &pack, calendars: &calendars };
        Ok(PreviewAnswer { faults: Vec::new(), preview: Some(sla::preview(policy, &question)?) })
    })
}

pub fn month(desk: &Desk, client: ClientId, ask: &AskMonth) -> Result<MonthAnswer, DeskError> {
    desk.readers().read(|db| {
        let (pack, calendars) = match settings(db, client, &ask.settings)? {
            Ok(found) => found,
            Err(faults) => return Ok(MonthAnswer { faults, time_zone: None, days: Vec::new() }),
        };
        known_zone(ask.time_zone.as_deref())?;
        known_calendar(&pack, ask.calendar.as_ref())?;
        let calendar = match &ask.calendar {
            None => std::sync::Arc::clone(calendars.usual()),
            Some(_) => {
                let (time_zone, calendar) = (ask.time_zone.clone(), ask.calendar.clone());
                calendars.of(&Terms { time_zone, calendar, ..Terms::default() })
            }
        };
        let wrong = || Refusal::invalid("month", "name a month from 1970-01 to 2100-12");
        let days = calendar.month(ask.year, ask.month).ok_or_else(wrong)?;
        Ok(MonthAnswer { faults: Vec::new(), time_zone: Some(calendar.zone_name().to_owned()), days })
    })
}

type Found = Result<(Pack, Calendars), Vec<TimeFault>>;

fn settings(db: &Db, id: ClientId, of: &OfSettings) -> Result<Found, DeskError> {
    let client = store::client::get(db, id)?.ok_or_else(|| Refusal::not_found("client", id))?;
    let (texts, lists) = match of.source {
        Source::Draft => {
            let lists = lists(&store::holiday_list::of_client(db, id)?)?;
            (store::pack::to_edit(db, &client)?, lists)
        }
        Source::Published => published(db, &client)?,
    };
    let text = texts.ok_or(Refusal::NothingPublished)?.settings;
    let written = TimeSettings::read(&text).map_err(unreadable)?;
    let (pack, text) = match &of.time {
        Some(time) => (written.with_time(time.clone()), rewrite(&text, time).map_err(unreadable)?),
        None => (written, text),
    };
    let faults = pack.faults_of_time(Lists::Known(&lists));
    if !faults.is_empty() {
        return Ok(Err(faults.into_iter().map(|fault| fault.of_time(&text)).collect()));
    }
    let calendars = Calendars::new(&pack, Lists::Known(&lists));
    Ok(calendars.map(|calendars| (pack, calendars)).map_err(|fault| vec![fault.of_time(&text)]))
}

fn published(
    db: &Db,
    client: &crate::domain::client::Client,
) -> Result<(Option<store::pack::Texts>, HolidayLists), DeskError> {
    let Some(version) = client.pack_version else { return Ok((None, HolidayLists::new())) };
    let Some(version) = store::pack::get(db, version)? else { return Ok((None, HolidayLists::new())) };
    let lists = store::holiday_list::of_version(db, &version.holidays)?;
    Ok((Some(version.into()), lists))
}

fn question(db: &Db, client: ClientId, pack: &Pack, ask: &AskPreview) -> Result<Question, DeskError> {
    known_zone(ask.time_zone.as_deref())?;
    known_calendar(pack, ask.calendar.as_ref())?;
    let site = ask.site.map_or(Ok(None), |id| store::place::site(db, id))?;
    if let Some(id) = ask.site
        && site.as_ref().is_none_or(|site| site.client != client)
    {
        return Err(Refusal::invalid("site", format!("the client has no site `{id}`")).into());
    }
    let sub_client = ask.sub_client.or(site.as_ref().and_then(|site| site.sub_client));
    let own = sub_client.map_or(Ok(None), |id| store::client::get_sub(db, id))?;
    if let Some(id) = sub_client
        && own.is_none_or(|own| own.client != client)
    {
        return Err(Refusal::invalid("sub_client", format!("the client has no sub-client `{id}`")).into());
    }
    let mut terms = terms_in(db, ask.site, sub_client)?;
    if site.is_none() {
        terms = Terms {
            time_zone: ask.time_zone.clone(),
            country: ask.country.clone(),
            calendar: ask.calendar.clone(),
            ..terms
        };
    }
    let clock = ask.time_zone.as_deref().or(terms.time_zone.as_deref());
    let clock = clock.unwrap_or(&pack.calendar.time_zone).to_owned();
    let at = |field: &str, civil: &str| moment(field, civil, &clock);
    let pause = match &ask.pause {
        None => None,
        Some(pause) => Some(Pause {
            from: at("pause.from", &pause.from)?,
            to: pause.to.as_deref().map(|to| at("pause.to", to)).transpose()?,
            status: pause.status.clone(),
        }),
    };
    Ok(Question {
        opened_at: at("opened_at", &ask.opened_at)?,
        priority: ask.priority,
        category: ask.category.clone(),
        site: ask.site,
        terms,
        pause,
    })
}

fn moment(field: &str, civil: &str, zone: &str) -> Result<Moment, Refusal> {
    let wrong = || Refusal::invalid(field, "write what the clock shows, such as 2027-01-29T17:55");
    let at = local_moment(civil, zone).map_err(|_| wrong())?;
    if (Moment::from_ms(0)..=Moment::LAST).contains(&at) { Ok(at) } else { Err(wrong()) }
}

fn known_zone(name: Option<&str>) -> Result<(), Refusal> {
    let known = name.map_or(Ok(()), |name| zone(name).map(drop));
    known.map_err(|error| Refusal::invalid("time_zone", error.to_string()))
}

fn known_calendar(pack: &Pack, key: Option<&Key>) -> Result<(), Refusal> {
    let known = || pack.calendars.iter().map(|calendar| calendar.key.as_str());
    match key.filter(|key| !known().any(|own| own == key.as_str())) {
        Some(key) => Err(Refusal::unknown_key("calendar", "calendar", key, known())),
        None => Ok(()),
    }
}
