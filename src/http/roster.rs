//! The roster: shifts, absences, gaps, and tables in and out.

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use utoipa::ToSchema;

use super::app::App;
use super::auth::Caller;
use super::body::{Asked, At, Body};
use super::error::{Answer, ApiError};
use super::query::Several;
use super::records::{Items, same_id};
use crate::commands::Done;
use crate::domain::command::{
    ApplyShiftPattern, ChangeRoster, Command, CopyRoster, HandOver, ImportRoster, ImportRosterCalendar,
    PutAbsence, PutShift, PutShiftPattern, SwapShifts,
};
use crate::domain::roster::{Gap, ShiftPattern};
use crate::domain::{AbsenceId, ClientId, Key, Moment, PatternId, PersonId, Refusal, ShiftId};
use crate::views::handover::HandoverLine;
use crate::views::roster::{ClosedDay, GapQuery, RosterPage, RosterQuery, UnrestedLine};

/// How many should be on shift when nobody says.
const AT_LEAST: usize = 1;

#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct RosterListQuery {
    /// Needed: RFC 3339.
    pub from: Option<Moment>,
    /// Needed: RFC 3339; at most 400 days later.
    pub to: Option<Moment>,
    /// Ids with commas between them; everybody when absent.
    #[schema(value_type = String)]
    pub people: Several<PersonId>,
    /// Members of this support line or department, and their shifts that count for it.
    pub queue: Option<Key>,
    /// Shifts that count for this client.
    pub client: Option<ClientId>,
    /// Of the table: in whose wall-clock times, an IANA name; UTC when absent.
    pub time_zone: Option<String>,
}

impl RosterListQuery {
    fn into_query(self) -> Result<RosterQuery, Refusal> {
        let (from, to) = period(self.from, self.to)?;
        let people = self.people.0.into_iter().collect();
        Ok(RosterQuery { from, to, people, queue: self.queue, client: self.client })
    }
}

fn period(from: Option<Moment>, to: Option<Moment>) -> Result<(Moment, Moment), Refusal> {
    let needed = |field: &str| Refusal::invalid(field, "is needed: a moment such as 2026-12-01T00:00:00Z");
    Ok((from.ok_or_else(|| needed("from"))?, to.ok_or_else(|| needed("to"))?))
}

pub async fn show(
    State(app): State<App>,
    caller: Caller,
    Asked(query): Asked<RosterListQuery>,
) -> Answer<RosterPage> {
    let query = query.into_query()?;
    app.show(&caller, move |views, person| views.roster(person, &query)).await
}

pub async fn table(
    State(app): State<App>,
    caller: Caller,
    Asked(mut query): Asked<RosterListQuery>,
) -> Result<Response, ApiError> {
    let zone = query.time_zone.take().unwrap_or_else(|| "UTC".to_owned());
    let query = query.into_query()?;
    let table = app.show(&caller, move |views, person| views.roster_table(person, &query, &zone)).await?.0;
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"roster.csv\""),
    ];
    Ok((headers, table).into_response())
}

pub async fn calendar(
    State(app): State<App>,
    caller: Caller,
    Asked(query): Asked<RosterListQuery>,
) -> Result<Response, ApiError> {
    let query = query.into_query()?;
    let file = app.show(&caller, move |views, person| views.roster_calendar(person, &query)).await?.0;
    let headers = [
        (header::CONTENT_TYPE, "text/calendar; charset=utf-8"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"roster.ics\""),
    ];
    Ok((headers, file).into_response())
}

#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct RosterGapQuery {
    /// Needed.
    pub client: Option<ClientId>,
    /// Needed: a support line or department of the client.
    pub queue: Option<Key>,
    /// Needed: RFC 3339.
    pub from: Option<Moment>,
    /// Needed: RFC 3339; at most 400 days later.
    pub to: Option<Moment>,
    /// How many should be on shift; 1 when absent.
    pub at_least: Option<usize>,
}

pub async fn gaps(
    State(app): State<App>,
    caller: Caller,
    Asked(query): Asked<RosterGapQuery>,
) -> Answer<Items<Gap>> {
    let (from, to) = period(query.from, query.to)?;
    let needed = |field: &str| Refusal::invalid(field, "is needed");
    let query = GapQuery {
        client: query.client.ok_or_else(|| needed("client"))?,
        queue: query.queue.ok_or_else(|| needed("queue"))?,
        from,
        to,
        at_least: query.at_least.unwrap_or(AT_LEAST),
    };
    app.show(&caller, move |views, person| Ok(Items { items: views.roster_gaps(person, &query)? })).await
}

pub async fn unrested(
    State(app): State<App>,
    caller: Caller,
    Asked(query): Asked<RosterListQuery>,
) -> Answer<Items<UnrestedLine>> {
    let query = query.into_query()?;
    app.show(&caller, move |views, person| Ok(Items { items: views.roster_unrested(person, &query)? })).await
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ClosedDaysQuery {
    /// `2026-12-01`
    pub first_day: String,
    /// Included, at most 400 days in all: `2026-12-31`.
    pub last_day: String,
}

pub async fn closed_days(
    State(app): State<App>,
    caller: Caller,
    Asked(query): Asked<ClosedDaysQuery>,
) -> Answer<Items<ClosedDay>> {
    app.show(&caller, move |views, person| {
        Ok(Items { items: views.closed_days(person, &query.first_day, &query.last_day)? })
    })
    .await
}

pub async fn make_shift(State(app): State<App>, caller: Caller, body: Body<PutShift>) -> Answer<Done> {
    same_id(None, body.value.id)?;
    app.carry_out(&caller, body, |put| Command::PutShift(Box::new(put))).await
}

pub async fn change_shift(
    State(app): State<App>,
    caller: Caller,
    At(id): At<ShiftId>,
    mut body: Body<PutShift>,
) -> Answer<Done> {
    body.value.id = same_id(Some(id), body.value.id)?;
    app.carry_out(&caller, body, |put| Command::PutShift(Box::new(put))).await
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RemoveFromRoster {
    /// The version that was seen.
    pub version: i64,
}

pub async fn remove_shift(
    State(app): State<App>,
    caller: Caller,
    At(shift): At<ShiftId>,
    body: Body<RemoveFromRoster>,
) -> Answer<Done> {
    app.carry_out(&caller, body, |given| Command::RemoveShift { shift, version: given.version }).await
}

pub async fn swap(State(app): State<App>, caller: Caller, body: Body<SwapShifts>) -> Answer<Done> {
    app.carry_out(&caller, body, |swap| Command::SwapShifts(Box::new(swap))).await
}

pub async fn make_absence(State(app): State<App>, caller: Caller, body: Body<PutAbsence>) -> Answer<Done> {
    same_id(None, body.value.id)?;
    app.carry_out(&caller, body, |put| Command::PutAbsence(Box::new(put))).await
}

pub async fn change_absence(
    State(app): State<App>,
    caller: Caller,
    At(id): At<AbsenceId>,
    mut body: Body<PutAbsence>,
) -> Answer<Done> {
    body.value.id = same_id(Some(id), body.value.id)?;
    app.carry_out(&caller, body, |put| Command::PutAbsence(Box::new(put))).await
}

pub async fn remove_absence(
    State(app): State<App>,
    caller: Caller,
    At(absence): At<AbsenceId>,
    body: Body<RemoveFromRoster>,
) -> Answer<Done> {
    app.carry_out(&caller, body, |given| Command::RemoveAbsence { absence, version: given.version }).await
}

pub async fn change(State(app): State<App>, caller: Caller, body: Body<ChangeRoster>) -> Answer<Done> {
    app.carry_out(&caller, body, |change| Command::ChangeRoster(Box::new(change))).await
}

pub async fn copy(State(app): State<App>, caller: Caller, body: Body<CopyRoster>) -> Answer<Done> {
    app.carry_out(&caller, body, |copy| Command::CopyRoster(Box::new(copy))).await
}

pub async fn import(State(app): State<App>, caller: Caller, body: Body<ImportRoster>) -> Answer<Done> {
    app.carry_out(&caller, body, |import| Command::ImportRoster(Box::new(import))).await
}

pub async fn patterns(State(app): State<App>, caller: Caller) -> Answer<Items<ShiftPattern>> {
    app.show(&caller, move |views, person| Ok(Items { items: views.shift_patterns(person)? })).await
}

pub async fn make_pattern(
    State(app): State<App>,
    caller: Caller,
    body: Body<PutShiftPattern>,
) -> Answer<Done> {
    same_id(None, body.value.id)?;
    app.carry_out(&caller, body, |put| Command::PutShiftPattern(Box::new(put))).await
}

pub async fn change_pattern(
    State(app): State<App>,
    caller: Caller,
    At(id): At<PatternId>,
    mut body: Body<PutShiftPattern>,
) -> Answer<Done> {
    body.value.id = same_id(Some(id), body.value.id)?;
    app.carry_out(&caller, body, |put| Command::PutShiftPattern(Box::new(put))).await
}

pub async fn remove_pattern(
    State(app): State<App>,
    caller: Caller,
    At(pattern): At<PatternId>,
    body: Body<RemoveFromRoster>,
) -> Answer<Done> {
    app.carry_out(&caller, body, |given| Command::RemoveShiftPattern { pattern, version: given.version })
        .await
}

pub async fn apply_pattern(
    State(app): State<App>,
    caller: Caller,
    body: Body<ApplyShiftPattern>,
) -> Answer<Done> {
    app.carry_out(&caller, body, |apply| Command::ApplyShiftPattern(Box::new(apply))).await
}

pub async fn import_calendar(
    State(app): State<App>,
    caller: Caller,
    body: Body<ImportRosterCalendar>,
) -> Answer<Done> {
    app.carry_out(&caller, body, |import| Command::ImportRosterCalendar(Box::new(import))).await
}

#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct HandoverQuery {
    /// Whose tickets; without one, the caller's.
    pub person: Option<PersonId>,
}

pub async fn handover(
    State(app): State<App>,
    caller: Caller,
    Asked(query): Asked<HandoverQuery>,
) -> Answer<Items<HandoverLine>> {
    app.show(&caller, move |views, person| {
        Ok(Items { items: views.handover(person, query.person.unwrap_or(person))? })
    })
    .await
}

pub async fn hand_over(State(app): State<App>, caller: Caller, body: Body<HandOver>) -> Answer<Done> {
    app.carry_out(&caller, body, |given| Command::HandOver(Box::new(given))).await
}
