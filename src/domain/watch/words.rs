//! What people are told of an alarm, in their language.

use super::{AlarmKind, WatchAlarm};
use crate::domain::Language;
use crate::domain::pack::Template;

/// One sentence with the figures; `queue` is the queue's label.
#[must_use]
pub fn sentence(alarm: &WatchAlarm, client: &str, queue: Option<&str>, language: Language) -> String {
    let (observed, expected, minutes) = (alarm.observed, rounded(alarm.expected), alarm.minutes());
    let queue = queue.unwrap_or_default();
    match (language, alarm.kind) {
        (Language::En, AlarmKind::Spike) => {
            format!("{client}: spike: {observed} tickets in {minutes} min, {expected} expected")
        }
        (Language::En, AlarmKind::Silence) => {
            format!("{client}: silence: no ticket for {minutes} min, {expected} expected")
        }
        (Language::En, AlarmKind::Depth) => {
            format!("{client}: {observed} tickets wait in “{queue}”, the limit is {expected}")
        }
        (Language::En, AlarmKind::Oldest) => {
            format!("{client}: a ticket has waited {observed} min in “{queue}”, the limit is {expected}")
        }
        (Language::Ru, AlarmKind::Spike) => {
            format!("{client}: всплеск: заявок за {minutes} мин: {observed}, ожидалось {expected}")
        }
        (Language::Ru, AlarmKind::Silence) => {
            format!("{client}: тишина: заявок нет {minutes} мин, ожидалось {expected}")
        }
        (Language::Ru, AlarmKind::Depth) => {
            format!("{client}: в очереди «{queue}» ждут заявки: {observed}, предел {expected}")
        }
        (Language::Ru, AlarmKind::Oldest) => {
            format!("{client}: заявка ждёт в очереди «{queue}» {observed} мин, предел {expected}")
        }
    }
}

/// A template of the pack for the client's people; see [`super::super::pack::ALARM_MARKS`].
#[must_use]
pub fn fill(words: &str, alarm: &WatchAlarm, client: &str) -> String {
    Template::fill(words, |mark| match mark {
        "client.name" => Some(client.to_owned()),
        "alarm.observed" => Some(alarm.observed.to_string()),
        "alarm.expected" => Some(rounded(alarm.expected)),
        "alarm.minutes" => Some(alarm.minutes().to_string()),
        _ => None,
    })
}

/// Whole where it is not small.
fn rounded(number: f64) -> String {
    if number >= 10.0 || number.fract() == 0.0 { format!("{number:.0}") } else { format!("{number:.1}") }
}
