//! What people are told of an alarm, in their language.

use super::{AlarmKind, WatchAlarm};
use crate::domain::Language;
use crate::domain::pack::Template;

/// One sentence with the figures; `label` is that of the queue or the category.
#[must_use]
pub fn sentence(alarm: &WatchAlarm, client: &str, label: Option<&str>, language: Language) -> String {
    let (observed, expected, minutes) = (alarm.observed, rounded(alarm.expected), alarm.minutes());
    let queue = label.unwrap_or_default();
    match (language, alarm.kind) {
        (Language::En, AlarmKind::Spike) => {
            let part = part(alarm, label, language);
            format!("{client}: spike{part}: {observed} tickets in {minutes} min, {expected} expected")
        }
        (Language::En, AlarmKind::Silence) => {
            let part = part(alarm, label, language);
            format!("{client}: silence{part}: no ticket for {minutes} min, {expected} expected")
        }
        (Language::En, AlarmKind::Depth) => {
            format!("{client}: {observed} tickets wait in “{queue}”, the limit is {expected}")
        }
        (Language::En, AlarmKind::Oldest) => {
            format!("{client}: a ticket has waited {observed} min in “{queue}”, the limit is {expected}")
        }
        (Language::Ru, AlarmKind::Spike) => {
            let part = part(alarm, label, language);
            format!("{client}: всплеск{part}: заявок за {minutes} мин: {observed}, ожидалось {expected}")
        }
        (Language::Ru, AlarmKind::Silence) => {
            let part = part(alarm, label, language);
            format!("{client}: тишина{part}: заявок нет {minutes} мин, ожидалось {expected}")
        }
        (Language::Ru, AlarmKind::Depth) => {
            format!("{client}: в очереди «{queue}» ждут заявки: {observed}, предел {expected}")
        }
        (Language::Ru, AlarmKind::Oldest) => {
            format!("{client}: заявка ждёт в очереди «{queue}» {observed} мин, предел {expected}")
        }
    }
}

/// Where a spike or a silence is; nothing: everywhere.
fn part(alarm: &WatchAlarm, label: Option<&str>, language: Language) -> String {
    match (language, &alarm.category, label) {
        (_, _, None) => String::new(),
        (Language::En, _, Some(label)) => format!(" in “{label}”"),
        (Language::Ru, Some(_), Some(label)) => format!(" в категории «{label}»"),
        (Language::Ru, None, Some(label)) => format!(" в очереди «{label}»"),
    }
}

/// A template of the pack for the client's people; see [`super::super::pack::ALARM_MARKS`]. What an alarm of the client
/// as a whole is about is the client.
#[must_use]
pub fn fill(words: &str, alarm: &WatchAlarm, client: &str, label: Option<&str>) -> String {
    Template::fill(words, |mark| match mark {
        "client.name" => Some(client.to_owned()),
        "alarm.observed" => Some(alarm.observed.to_string()),
        "alarm.expected" => Some(rounded(alarm.expected)),
        "alarm.about" => Some(label.unwrap_or(client).to_owned()),
        "alarm.minutes" => Some(alarm.minutes().to_string()),
        _ => None,
    })
}

/// Whole where it is not small.
fn rounded(number: f64) -> String {
    if number >= 10.0 || number.fract() == 0.0 { format!("{number:.0}") } else { format!("{number:.1}") }
}
