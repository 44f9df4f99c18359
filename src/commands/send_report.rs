//! `SendReport`: a message that leads staff to a report about a month, with its headline numbers.

use std::collections::{BTreeMap, BTreeSet};

use super::budget;
use super::done::{DeskError, Done};
use super::inform;
use super::work::Work;
use crate::domain::calendar::Month;
use crate::domain::client::Client;
use crate::domain::command::{Recipient, SendReport};
use crate::domain::monthly_report::{Headline, MONTHS_BACK_MAX, ReportKind, ReportLink};
use crate::domain::permission::Step;
use crate::domain::person::Actor;
use crate::domain::{Key, Language, PersonId, Refusal, TextId};
use crate::store;
use crate::store::notification::Notification;

/// What notifications of reports are called.
const TEMPLATE: &str = "report_sent";

pub(super) fn send(work: &mut Work<'_>, send: &SendReport) -> Result<Done, DeskError> {
    let of_script = match work.cause.actor {
        Actor::Script { client } => Some(client),
        _ => None,
    };
    let client = send.client.or(of_script).ok_or_else(|| Refusal::invalid("client", "name the client"))?;
    work.require_for(Step::SendReport, Some(client))?;
    let missing = || Refusal::not_found("client", client);
    let client = store::client::get(&work.tx, client)?.ok_or_else(missing)?;
    let (month, link) = period(work, &client, send)?;
    let headline = headline(work, link)?;
    let mut people = recipients(work, &client, &send.to)?;
    inform::retain_staff(work, &mut people)?;
    let mut texts: BTreeMap<Language, TextId> = BTreeMap::new();
    for person in people.into_iter().take(inform::TOLD_MAX) {
        budget::spend_or_refuse(work)?;
        let known = work.programs.people.person(&work.tx, person)?;
        let language = known.map_or(client.language, |known| known.language);
        let text = match texts.get(&language) {
            Some(text) => *text,
            None => {
                store::text::put(&work.tx, &headline.sentence(&client.name, &month.to_string(), language))?
            }
        };
        texts.insert(language, text);
        let notification = Notification {
            id: work.tx.id(),
            person,
            ticket: None,
            template: Some(Key::new(TEMPLATE).expect("a key")),
            text: Some(text),
            report: Some(link),
            at: work.tx.now(),
            read_at: None,
        };
        inform::put(work, &notification)?;
    }
    Ok(Done::default())
}

/// The month in the zone of the client's calendar.
fn period(work: &mut Work<'_>, client: &Client, send: &SendReport) -> Result<(Month, ReportLink), DeskError> {
    if !(0..=MONTHS_BACK_MAX).contains(&send.months_back) {
        let message =
            format!("0 (the present month) to -{MONTHS_BACK_MAX} is wanted, not {}", -send.months_back);
        return Err(Refusal::invalid("month", message).into());
    }
    let version = client.pack_version.ok_or(Refusal::NothingPublished)?;
    let loaded = work.programs.pack(&work.tx, version)?.ok_or(Refusal::NothingPublished)?;
    let zone = &loaded.pack.calendar.time_zone;
    let wrong = |error: crate::domain::calendar::CalendarError| Refusal::invalid("month", error.to_string());
    let mut month = Month::of(work.tx.now(), zone).map_err(wrong)?;
    for _ in 0..send.months_back {
        month = month.before();
    }
    let (from, to) = month.bounds(zone).map_err(wrong)?;
    Ok((month, ReportLink { report: send.report, client: client.id, from, to }))
}

fn headline(work: &Work<'_>, link: ReportLink) -> Result<Headline, DeskError> {
    let ReportLink { report, client, from, to } = link;
    Ok(match report {
        ReportKind::Unclassified => {
            let rows = store::ticket::closed_within(&work.tx, client, from, to)?;
            Headline::Unclassified {
                closed: rows.iter().map(|row| row.closed).sum(),
                unclassified: rows.iter().map(|row| row.unclassified).sum(),
            }
        }
        ReportKind::Ratings => {
            let rows = store::rating::asked_within(&work.tx, client, from, to)?;
            Headline::Ratings {
                asked: rows.iter().map(|row| row.asked).sum(),
                rated: rows.iter().map(|row| row.rated).sum(),
                satisfied: rows.iter().map(|row| row.satisfied).sum(),
            }
        }
    })
}

fn recipients(work: &Work<'_>, client: &Client, to: &Recipient) -> Result<BTreeSet<PersonId>, DeskError> {
    Ok(match to {
        Recipient::Person { person } => BTreeSet::from([*person]),
        Recipient::Queue { queue } => {
            store::person::members(&work.tx, queue, client.id)?.into_iter().collect()
        }
        Recipient::Role { role } => {
            store::person::with_role(&work.tx, *role, client.id)?.into_iter().collect()
        }
        Recipient::Contact { .. } | Recipient::Assignee => {
            let message = "a report goes to staff: name a person, a queue or a role such as `supervisor`";
            return Err(Refusal::invalid("to", message).into());
        }
    })
}
