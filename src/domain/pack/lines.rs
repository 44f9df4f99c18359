//! Lines and queues: what a next line must be told, when a ticket must be classified, how long an assignment waits.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Pack;
use crate::domain::ticket::Ticket;
use crate::domain::{Key, Label, Language};

/// What a form or the classification may ask for beside the pack's own fields.
pub const PLACES: [&str; 4] = ["contact", "site", "asset", "sub_client"];
/// What a gate calls the category that is still missing.
pub const CATEGORY: &str = "category";
/// Returns in a row after which supervisors hear of each one, unless the queue says otherwise.
pub const ALARM_AFTER_DEFAULT: i64 = 2;

/// What must be known before a ticket is handed to a next line. Forms that take one hand-over add up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HandOverForm {
    /// Lines and departments that are asked for it; empty: all.
    #[serde(default)]
    pub to: BTreeSet<Key>,
    /// Categories that ask for it; empty: all.
    #[serde(default)]
    pub categories: BTreeSet<Key>,
    /// Fields of the pack, or `contact`, `site`, `asset`, `sub_client`: without them the hand-over is refused.
    #[serde(default)]
    pub requires: Vec<Key>,
    /// The same, but only shown and asked for.
    #[serde(default)]
    pub wishes: Vec<Key>,
    /// What helps to fill a field in, by its key.
    #[serde(default)]
    pub hints: BTreeMap<Key, Label>,
}

/// When a ticket counts as classified, and before which step it must be.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Classification {
    pub gate: Gate,
    /// Beside another category than the default one: fields of the pack, or `contact`, `site`, `asset`,
    /// `sub_client`.
    pub requires: Vec<Key>,
}

/// The step before which a ticket must be classified; every later step asks too.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Gate {
    /// Nothing is refused; what was left at the defaults is reported.
    #[default]
    None,
    HandOver,
    Resolve,
    Close,
}

/// A step at which a gate or a form may stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum GatedStep {
    HandOver,
    Resolve,
    Close,
}

impl GatedStep {
    /// `the ticket cannot be …`
    #[must_use]
    pub fn done(self) -> &'static str {
        match self {
            GatedStep::HandOver => "handed over",
            GatedStep::Resolve => "resolved",
            GatedStep::Close => "closed",
        }
    }
}

/// How long somebody may take to accept a ticket that another, a script or the desk gave to them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AcceptWithin {
    pub minutes: i64,
    pub time: AcceptTime,
    #[serde(default)]
    pub otherwise: Otherwise,
    /// Supervisors are told of the return in a row that has this number, and of each after it.
    #[serde(default = "alarm_after_default")]
    pub alarm_after: i64,
}

fn alarm_after_default() -> i64 {
    ALARM_AFTER_DEFAULT
}

/// Which minutes count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AcceptTime {
    /// Open minutes of the queue's calendar; without one, of the ticket's.
    Working,
    /// Minutes of the clock on the wall.
    Elapsed,
}

/// What becomes of a ticket that nobody accepted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Otherwise {
    /// It stands in its queue again.
    #[default]
    Queue,
    /// The desk gives it to the next member who suits, without those who did not accept it.
    Next,
}

/// One thing that is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Asked {
    /// A field of the pack, or `category`, `contact`, `site`, `asset`, `sub_client`.
    pub key: Key,
    pub label: Label,
    pub hint: Option<Label>,
}

impl Classification {
    /// Whether a ticket that is not classified may not take the step.
    #[must_use]
    pub fn stops(&self, step: GatedStep) -> bool {
        match self.gate {
            Gate::None => false,
            Gate::HandOver => true,
            Gate::Resolve => step != GatedStep::HandOver,
            Gate::Close => step == GatedStep::Close,
        }
    }
}

impl HandOverForm {
    fn takes(&self, to: &str, category: Option<&Key>) -> bool {
        let is_asked_there = self.to.is_empty() || self.to.contains(to);
        let is_asked_for_it =
            self.categories.is_empty() || category.is_some_and(|category| self.categories.contains(category));
        is_asked_there && is_asked_for_it
    }
}

impl Pack {
    /// The forms for a hand-over. Sending a ticket back to a lower line asks for nothing.
    fn forms<'p>(
        &'p self,
        from: Option<&Key>,
        to: &'p Key,
        category: Option<&'p Key>,
    ) -> impl Iterator<Item = &'p HandOverForm> {
        let goes_back = self.goes_back(from, to);
        self.hand_over_forms.iter().filter(move |form| !goes_back && form.takes(to, category))
    }

    /// Whether `to` is a lower line than `from`.
    #[must_use]
    pub fn goes_back(&self, from: Option<&Key>, to: &Key) -> bool {
        let level = |key: &Key| self.queue(key).and_then(|queue| queue.level);
        from.and_then(level).zip(level(to)).is_some_and(|(from, to)| to < from)
    }

    /// What the hand-over requires, each once, in the order of the forms.
    #[must_use]
    pub fn required_for(&self, from: Option<&Key>, to: &Key, category: Option<&Key>) -> Vec<Asked> {
        let forms: Vec<&HandOverForm> = self.forms(from, to, category).collect();
        self.asked(&forms, |form| &form.requires)
    }

    /// What it requires and what it wishes for.
    #[must_use]
    pub fn asked_for(&self, from: Option<&Key>, to: &Key, category: Option<&Key>) -> Vec<Asked> {
        let forms: Vec<&HandOverForm> = self.forms(from, to, category).collect();
        let mut asked = self.asked(&forms, |form| &form.requires);
        for wish in self.asked(&forms, |form| &form.wishes) {
            if !asked.iter().any(|one| one.key == wish.key) {
                asked.push(wish);
            }
        }
        asked
    }

    fn asked(&self, forms: &[&HandOverForm], of: impl Fn(&HandOverForm) -> &Vec<Key>) -> Vec<Asked> {
        let mut asked: Vec<Asked> = Vec::new();
        for key in forms.iter().flat_map(|form| of(form)) {
            if asked.iter().any(|one| one.key == *key) {
                continue;
            }
            let hint = forms.iter().find_map(|form| form.hints.get(key)).cloned();
            asked.push(Asked { hint, ..self.asked_thing(key) });
        }
        asked
    }

    /// What the ticket lacks to be classified; `is_filled` knows its fields and places.
    #[must_use]
    pub fn lacks(&self, category: Option<&Key>, is_filled: impl Fn(&Key) -> bool) -> Vec<Asked> {
        let is_default =
            category.is_none_or(|own| self.default_category().is_some_and(|usual| usual.key == *own));
        let category = is_default.then(|| Key::new(CATEGORY).expect("a key"));
        let required = self.classification.requires.iter().filter(|key| !is_filled(key)).cloned();
        category.into_iter().chain(required).map(|key| self.asked_thing(&key)).collect()
    }

    /// Whether the ticket was left at the defaults.
    #[must_use]
    pub fn is_unclassified(&self, ticket: &Ticket) -> bool {
        !self.lacks(ticket.category.as_ref(), |key| self.is_filled(ticket, key)).is_empty()
    }

    /// Whether the ticket has a value for the field or the place. A field of the pack goes before a place.
    #[must_use]
    pub fn is_filled(&self, ticket: &Ticket, key: &Key) -> bool {
        if self.field(key).is_some() {
            return ticket.fields.contains_key(key);
        }
        match key.as_str() {
            "contact" => ticket.contact.is_some(),
            "site" => ticket.site.is_some(),
            "asset" => ticket.asset.is_some(),
            "sub_client" => ticket.sub_client.is_some(),
            _ => false,
        }
    }

    fn asked_thing(&self, key: &Key) -> Asked {
        let of_field = self.field(key).map(|field| field.label.clone());
        let label = of_field.unwrap_or_else(|| {
            let (en, ru) = match key.as_str() {
                "contact" => ("Contact", "Контактное лицо"),
                "site" => ("Site", "Объект"),
                "asset" => ("Asset", "Оборудование"),
                "sub_client" => ("Sub-client", "Конечный клиент"),
                CATEGORY => ("Category", "Категория"),
                other => (other, other),
            };
            Label(BTreeMap::from([(Language::En, en.to_owned()), (Language::Ru, ru.to_owned())]))
        });
        Asked { key: key.clone(), label, hint: None }
    }
}
