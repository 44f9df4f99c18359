//! What a `client.toml` must say beyond its types.

use std::collections::BTreeSet;

use super::{ALARM_MARKS, NO_VALUES, Pack, PackFault, Phase, TEMPLATE_MARKS};
use crate::domain::Key;
use crate::domain::calendar::Lists;
use crate::domain::calendars::Calendars;
use crate::domain::hold::LIMIT_MAX;
use crate::domain::key::{did_you_mean, nearest};

/// Finds the first thing that is wrong.
pub fn check(pack: &Pack) -> Result<(), PackFault> {
    keys(pack)?;
    phases_and_defaults(pack)?;
    for template in &pack.templates {
        let tells_of_alarm = pack.watch.client_templates.values().any(|key| *key == template.key);
        let known: &[&str] = if tells_of_alarm { &ALARM_MARKS } else { &TEMPLATE_MARKS };
        if let Some(mark) = template.unknown_mark(known) {
            let known = known.join(", ");
            let message = format!("the template `{}` names `{mark}`; known: {known}", template.key);
            let values = [template.key.as_str(), &mark, &known];
            return Err(PackFault::near(mark.clone(), "unknown_mark", values, message));
        }
    }
    pack.assignment.check()?;
    pack.time.check()?;
    pack.roster.check()?;
    handover(pack)?;
    budget(pack)?;
    Calendars::new(pack, Lists::Unknown)?;
    calendar_names(pack)?;
    crate::domain::contract::check(pack)?;
    super::incidents::check(pack)?;
    crate::domain::watch::check(pack)?;
    super::check_lines::check(pack)?;
    super::schedule::check(pack)?;
    crate::domain::sla::faults(pack).into_iter().next().map_or(Ok(()), Err)
}

/// Hours that are left out mean around the clock; a list without a row more likely means never.
pub fn hours_are_left_out_or_written(text: &str) -> Result<(), PackFault> {
    let Ok(table) = text.parse::<toml::Table>() else { return Ok(()) };
    let is_empty = |calendar: &toml::Value| {
        calendar.get("hours").and_then(toml::Value::as_array).is_some_and(|hours| hours.is_empty())
    };
    let message = "no open hour: write at least one row, or leave `hours` out for around the clock";
    if table.get("calendar").is_some_and(is_empty) {
        return Err(PackFault::at("calendar.hours", "no_open_hour", NO_VALUES, message));
    }
    let named = table.get("calendars").and_then(toml::Value::as_array);
    match named.and_then(|all| all.iter().position(is_empty)) {
        Some(index) => {
            Err(PackFault::at(&format!("calendars.{index}.hours"), "no_open_hour", NO_VALUES, message))
        }
        None => Ok(()),
    }
}

fn keys(pack: &Pack) -> Result<(), PackFault> {
    unique("status", pack.statuses.iter().map(|status| &status.key))?;
    unique("category", pack.categories.iter().map(|category| &category.key))?;
    unique("field", pack.fields.iter().map(|field| &field.key))?;
    unique("queue", pack.queues.iter().map(|queue| &queue.key))?;
    unique("resolution", pack.resolutions.iter().map(|resolution| &resolution.key))?;
    unique("work order outcome", pack.order_outcomes.iter().map(|outcome| &outcome.key))?;
    unique("kind of document", pack.document_kinds.iter().map(|kind| &kind.key))?;
    unique("template", pack.templates.iter().map(|template| &template.key))
}

fn phases_and_defaults(pack: &Pack) -> Result<(), PackFault> {
    for phase in [Phase::New, Phase::Open, Phase::Resolved, Phase::Closed] {
        if !pack.statuses.iter().any(|status| status.phase == phase) {
            let word = format!("{phase:?}").to_lowercase();
            let message = format!("no status has the phase `{word}`; each phase needs one");
            return Err(PackFault::near("statuses", "no_status_of_phase", [word], message));
        }
    }
    if pack.resolutions.is_empty() {
        return Err(PackFault::near(
            "resolutions",
            "no_resolution",
            NO_VALUES,
            "at least one resolution is needed",
        ));
    }
    if !pack.queues.iter().any(|queue| queue.is_default) {
        let message = "one queue must have `is_default = true`";
        return Err(PackFault::near("queues", "no_default_queue", NO_VALUES, message));
    }
    if pack.queue(&pack.on_failure.queue).is_none() {
        let queue = &pack.on_failure.queue;
        let near = meant(queue, pack.queues.iter().map(|one| one.key.as_str()));
        let message = format!("on_failure.queue names `{queue}`, which is not among the queues{near}");
        let known: Vec<&str> = pack.queues.iter().map(|one| one.key.as_str()).collect();
        let values = ["queue", queue.as_str(), &known.join(", ")];
        return Err(PackFault::near("on_failure", "not_among", values, message));
    }
    let mut excluded = pack.contract.excluded_categories.iter();
    if let Some(unknown) = excluded.find(|key| pack.category(key).is_none()) {
        let near = meant(unknown, pack.categories.iter().map(|one| one.key.as_str()));
        let message = format!(
            "contract.excluded_categories names `{unknown}`, which is not among the categories{near}"
        );
        let known: Vec<&str> = pack.categories.iter().map(|one| one.key.as_str()).collect();
        let values = ["category", unknown.as_str(), &known.join(", ")];
        return Err(PackFault::near("excluded_categories", "not_among", values, message));
    }
    Ok(())
}

/// What was probably meant, where something is near.
fn meant<'k>(wrong: &str, known: impl Iterator<Item = &'k str>) -> String {
    did_you_mean(nearest(wrong, known))
}

/// The nearest of those that are known.
pub fn nearest_of<'k>(wrong: &str, known: &[&'k str]) -> Option<&'k str> {
    nearest(wrong, known.iter().copied())
}

/// What the handover names must be there.
fn handover(pack: &Pack) -> Result<(), PackFault> {
    if let Some(key) = pack.handover.queue.as_ref().filter(|key| pack.queue(key).is_none()) {
        let known: Vec<&str> = pack.queues.iter().map(|queue| queue.key.as_str()).collect();
        return Err(PackFault::unknown("handover.queue", "queue", key, &known));
    }
    if let Some(key) = pack.handover.statuses.iter().find(|key| pack.status(key).is_none()) {
        let known: Vec<&str> = pack.statuses.iter().map(|status| status.key.as_str()).collect();
        return Err(PackFault::unknown("handover.statuses", "status", key, &known));
    }
    match pack.handover.priority_up_to {
        Some(priority) if !(1..=5).contains(&priority) => {
            Err(PackFault::range("handover.priority_up_to", (1, 5), "priority_up_to must be from 1 to 5"))
        }
        _ => Ok(()),
    }
}

fn budget(pack: &Pack) -> Result<(), PackFault> {
    let budget = &pack.budget;
    let limits = [
        ("messages_per_run", Some(budget.messages_per_run)),
        ("messages_per_hour", Some(budget.messages_per_hour)),
        ("handler_messages_per_hour", budget.handler_messages_per_hour),
    ];
    let is_wrong = |limit: &Option<i64>| limit.is_some_and(|limit| !(0..=LIMIT_MAX).contains(&limit));
    match limits.into_iter().find(|(_, limit)| is_wrong(limit)) {
        Some((name, limit)) => {
            let given = limit.unwrap_or_default();
            let message =
                format!("{given} is not from 0 to {LIMIT_MAX}; 0: every message waits for a person");
            Err(PackFault::range(&format!("budget.{name}"), (0, LIMIT_MAX), message))
        }
        None => Ok(()),
    }
}

/// Whatever names a calendar must name one of `calendars`.
fn calendar_names(pack: &Pack) -> Result<(), PackFault> {
    let known: Vec<&str> = pack.calendars.iter().map(|calendar| calendar.key.as_str()).collect();
    let require = |way: String, key: &Key| {
        if known.contains(&key.as_str()) {
            return Ok(());
        }
        Err(PackFault::unknown(&way, "calendar", key, &known).coded("no_such_calendar", [key]))
    };
    for (index, queue) in pack.queues.iter().enumerate() {
        if let Some(key) = &queue.calendar {
            require(format!("queues.{index}.calendar"), key)?;
        }
    }
    if let Some(key) = &pack.contract.calendar {
        require("contract.calendar".to_owned(), key)?;
    }
    for (sub_client, key) in &pack.contract.sub_client_calendars {
        require(format!("contract.sub_client_calendars.{sub_client}"), key)?;
    }
    Ok(())
}

/// What the reader of TOML says of a name that it does not know, with the nearest of those that it expected.
pub fn with_hint(message: &str) -> String {
    let named = ["unknown field `", "unknown variant `"].iter().find_map(|start| message.strip_prefix(start));
    let Some((given, expected)) = named.and_then(|rest| rest.split_once('`')) else {
        return message.to_owned();
    };
    let expected = expected.split('`').skip(1).step_by(2);
    format!("{message}{}", meant(given, expected))
}

/// `given` is not among `known`; offers the nearest.
pub fn unknown(what: &str, given: &str, known: &[&str]) -> String {
    let hint = meant(given, known.iter().copied());
    let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
    format!("there is no {what} `{given}`{hint}; known: {known}")
}

fn unique<'a>(what: &str, keys: impl Iterator<Item = &'a Key>) -> Result<(), PackFault> {
    let mut seen = BTreeSet::new();
    for key in keys {
        if !seen.insert(key) {
            return Err(PackFault::near(
                format!("\"{key}\""),
                "defined_again",
                [what, key.as_str()],
                format!("the {what} `{key}` is defined twice"),
            ));
        }
    }
    Ok(())
}
