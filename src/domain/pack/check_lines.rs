//! What is wrong with the hand-over forms, the classification and the acceptance of a `client.toml`.

use std::collections::BTreeSet;

use super::lines::{Gate, HandOverForm, PLACES};
use super::{NO_VALUES, Pack, PackFault, QueueKind};
use crate::domain::Key;

/// Longest time in which a ticket must be accepted.
pub const ACCEPT_MINUTES_MAX: i64 = 60 * 24 * 30;
/// Most returns before supervisors are told.
pub const ALARM_AFTER_MAX: i64 = 100;

pub fn check(pack: &Pack) -> Result<(), PackFault> {
    for (index, key) in pack.classification.requires.iter().enumerate() {
        require_asked(pack, &format!("classification.requires.{index}"), key)?;
    }
    if let Some(twice) = repeated(&pack.classification.requires) {
        let message = format!("classification.requires names `{twice}` twice");
        return Err(PackFault::at("classification.requires", "named_again", [twice], message));
    }
    if pack.classification.gate != Gate::None && pack.default_category().is_none() {
        let message =
            "a gate needs to know what an unclassified ticket is: give one category `is_default = true`";
        return Err(PackFault::at("classification.gate", "gate_without_default", NO_VALUES, message));
    }
    for (index, form) in pack.hand_over_forms.iter().enumerate() {
        check_form(pack, &format!("hand_over_forms.{index}"), form)?;
    }
    for (second, form) in pack.hand_over_forms.iter().enumerate() {
        for (first, other) in pack.hand_over_forms[..second].iter().enumerate() {
            check_pair((first, other), (second, form))?;
        }
    }
    check_acceptance(pack)
}

fn check_form(pack: &Pack, way: &str, form: &HandOverForm) -> Result<(), PackFault> {
    let queues: Vec<&str> = pack.queues.iter().map(|queue| queue.key.as_str()).collect();
    if let Some(key) = form.to.iter().find(|key| pack.queue(key).is_none()) {
        return Err(PackFault::unknown(&format!("{way}.to"), "queue", key, &queues));
    }
    let categories: Vec<&str> = pack.categories.iter().map(|category| category.key.as_str()).collect();
    if let Some(key) = form.categories.iter().find(|key| pack.category(key).is_none()) {
        return Err(PackFault::unknown(&format!("{way}.categories"), "category", key, &categories));
    }
    for (name, keys) in [("requires", &form.requires), ("wishes", &form.wishes)] {
        for (index, key) in keys.iter().enumerate() {
            require_asked(pack, &format!("{way}.{name}.{index}"), key)?;
        }
    }
    let all: Vec<Key> = form.requires.iter().chain(&form.wishes).cloned().collect();
    if let Some(twice) = repeated(&all) {
        let message = format!("the form asks for `{twice}` twice: it is either required or wished for, once");
        return Err(PackFault::at(way, "asked_again", [twice], message));
    }
    if let Some(hint) = form.hints.keys().find(|key| !all.contains(key)) {
        let known: Vec<&str> = all.iter().map(Key::as_str).collect();
        return Err(PackFault::unknown(&format!("{way}.hints.{hint}"), "field of this form", hint, &known));
    }
    if let Some((code, why)) = never_applies(pack, form) {
        return Err(PackFault::at(way, code, NO_VALUES, format!("the form can never apply: {why}")));
    }
    Ok(())
}

fn never_applies(pack: &Pack, form: &HandOverForm) -> Option<(&'static str, &'static str)> {
    if form.requires.is_empty() && form.wishes.is_empty() {
        return Some(("form_asks_nothing", "it asks for nothing; name fields in `requires` or `wishes`"));
    }
    if pack.queues.len() < 2 {
        return Some(("form_of_one_queue", "there is one queue, so nothing is handed over"));
    }
    // Whoever goes to the lowest line goes back, which asks for nothing.
    let lines = || pack.queues.iter().filter(|queue| queue.kind == QueueKind::Line);
    let all_have_levels = pack.queues.iter().all(|queue| queue.level.is_some());
    let lowest = lines().filter_map(|queue| queue.level).min();
    let goes_up = |key: &Key| {
        let level = pack.queue(key).and_then(|queue| queue.level);
        let others = lines().filter(|queue| queue.level == lowest).count();
        !all_have_levels || level != lowest || others > 1
    };
    if !form.to.is_empty() && !form.to.iter().any(goes_up) {
        let back = "it is only for the lowest line, and sending a ticket back asks for nothing";
        return Some(("form_of_lowest_line", back));
    }
    let default = pack.default_category().map(|category| &category.key);
    let only_default = !form.categories.is_empty() && form.categories.iter().all(|key| Some(key) == default);
    if pack.classification.gate == Gate::HandOver && only_default {
        let gate = "the gate `hand_over` lets no ticket of the default category through";
        return Some(("form_of_default_category", gate));
    }
    None
}

/// Two forms that take one hand-over must agree on each field.
fn check_pair(
    (first, one): (usize, &HandOverForm),
    (second, two): (usize, &HandOverForm),
) -> Result<(), PackFault> {
    let meets = |a: &BTreeSet<Key>, b: &BTreeSet<Key>| a.is_empty() || b.is_empty() || !a.is_disjoint(b);
    if !meets(&one.to, &two.to) || !meets(&one.categories, &two.categories) {
        return Ok(());
    }
    let numbers = (first + 1, second + 1);
    let way = format!("hand_over_forms.{second}");
    let required_by = |form: &HandOverForm, key: &Key| form.requires.contains(key);
    let both = one.requires.iter().chain(&one.wishes);
    for key in both.filter(|key| two.requires.contains(key) || two.wishes.contains(key)) {
        if required_by(one, key) != required_by(two, key) {
            let message = format!(
                "forms {} and {} contradict: both take the same hand-over, one requires `{key}`, the other only wishes \
                 for it",
                numbers.0, numbers.1
            );
            let values = [numbers.0.to_string(), numbers.1.to_string(), key.to_string()];
            return Err(PackFault::at(&way, "forms_contradict", values, message));
        }
        if let (Some(hint), Some(other)) = (one.hints.get(key), two.hints.get(key))
            && hint != other
        {
            let message = format!("forms {} and {} give `{key}` two different hints", numbers.0, numbers.1);
            let values = [numbers.0.to_string(), numbers.1.to_string(), key.to_string()];
            return Err(PackFault::at(&way, "hints_differ", values, message));
        }
    }
    Ok(())
}

fn require_asked(pack: &Pack, way: &str, key: &Key) -> Result<(), PackFault> {
    if pack.field(key).is_some() || PLACES.contains(&key.as_str()) {
        return Ok(());
    }
    let known: Vec<&str> = pack.fields.iter().map(|field| field.key.as_str()).chain(PLACES).collect();
    Err(PackFault::unknown(way, "field", key, &known))
}

fn repeated(keys: &[Key]) -> Option<&Key> {
    keys.iter().enumerate().find(|(index, key)| keys[..*index].contains(key)).map(|(_, key)| key)
}

fn check_acceptance(pack: &Pack) -> Result<(), PackFault> {
    for (index, queue) in pack.queues.iter().enumerate() {
        let Some(accept) = &queue.accept_within else { continue };
        let way = format!("queues.{index}.accept_within");
        if !(1..=ACCEPT_MINUTES_MAX).contains(&accept.minutes) {
            let message = format!("{} is not from 1 to {ACCEPT_MINUTES_MAX} minutes", accept.minutes);
            return Err(PackFault::range(&format!("{way}.minutes"), (1, ACCEPT_MINUTES_MAX), message));
        }
        if !(1..=ALARM_AFTER_MAX).contains(&accept.alarm_after) {
            let message = format!("{} is not from 1 to {ALARM_AFTER_MAX} returns", accept.alarm_after);
            return Err(PackFault::range(&format!("{way}.alarm_after"), (1, ALARM_AFTER_MAX), message));
        }
    }
    Ok(())
}
