//! The sets that keys come from: the pack's own, the desk's, and live things as far as they are known.

use std::collections::BTreeSet;

use super::Known;
use super::live::Live;
use super::value::join;
use crate::domain::contract::NotCovered;
use crate::domain::geography::is_same;
use crate::domain::ladder::{Milestone, TASK_TAKEN, expected_of_orders};
use crate::domain::monthly_report::ReportKind;
use crate::domain::pack::{Pack, QueueKind};
use crate::domain::person::Role;
use crate::domain::report::{ReportState, ReportVerdict};
use crate::domain::sla::{FIRST_RESPONSE, NEXT_RESPONSE, RESOLUTION};
use crate::domain::task::OUTCOME_DONE;
use crate::domain::work_order::Stage;
use crate::domain::{Key, Label};
use crate::workflow::api::{Keys, Kind, LINK_KINDS, MESSAGE_CHANNELS, time_states};
use crate::workflow::occasion::ChangedWhat;

pub struct KeySets<'k> {
    pack: &'k Pack,
    known: &'k Known,
    /// Outcomes that the script gives its own tasks.
    pub outcomes: BTreeSet<String>,
}

impl<'k> KeySets<'k> {
    #[must_use]
    pub fn new(pack: &'k Pack, known: &'k Known) -> Self {
        Self { pack, known, outcomes: BTreeSet::new() }
    }

    /// The members of a set; `None`: nobody knows them all.
    #[must_use]
    pub fn members(&self, keys: Keys) -> Option<Vec<&str>> {
        let pack = self.pack;
        Some(match keys {
            Keys::Status => pack.statuses.iter().map(|one| one.key.as_str()).collect(),
            Keys::Category => pack.categories.iter().map(|one| one.key.as_str()).collect(),
            Keys::Queue => pack.queues.iter().map(|one| one.key.as_str()).collect(),
            Keys::Department => self.queues(QueueKind::Department),
            Keys::Line => self.queues(QueueKind::Line),
            Keys::Resolution => pack.resolutions.iter().map(|one| one.key.as_str()).collect(),
            Keys::OrderOutcome => pack.order_outcomes.iter().map(|one| one.key.as_str()).collect(),
            Keys::DocumentKind => pack.document_kinds.iter().map(|one| one.key.as_str()).collect(),
            Keys::ReportState => ReportState::ALL.map(ReportState::as_str).to_vec(),
            Keys::Verdict => vec![ReportVerdict::Accepted.as_str(), ReportVerdict::Returned.as_str()],
            Keys::PaperKind => vec!["photo", "document", "signature"],
            Keys::MessageChannel => MESSAGE_CHANNELS.to_vec(),
            Keys::TaskOutcome => self.task_outcomes(),
            Keys::Template => pack.templates.iter().map(|one| one.key.as_str()).collect(),
            Keys::Timer => pack.timers.iter().map(|one| one.key.as_str()).collect(),
            Keys::Schedule => pack.schedules.iter().map(|one| one.key.as_str()).collect(),
            Keys::Phase => vec!["new", "open", "resolved", "closed"],
            Keys::Field => pack.fields.iter().map(|one| one.key.as_str()).collect(),
            Keys::Setting => self.settings(),
            Keys::Stage => Stage::ALL.iter().map(|stage| stage.as_str()).collect(),
            Keys::Level => vec!["high", "medium", "low"],
            Keys::SlaTarget => {
                let stages = pack.stages.iter().map(|stage| stage.key.as_str());
                [FIRST_RESPONSE, NEXT_RESPONSE, RESOLUTION].into_iter().chain(stages).collect()
            }
            Keys::TimeState => time_states(),
            Keys::TicketExpected => {
                let statuses = pack.statuses.iter().map(|one| one.key.as_str());
                Milestone::ALL.iter().map(|one| one.as_str()).chain(statuses).collect()
            }
            Keys::OrderExpected => expected_of_orders().collect(),
            Keys::TaskExpected => vec![TASK_TAKEN, OUTCOME_DONE],
            Keys::Service => pack.services.iter().map(|one| one.key.as_str()).collect(),
            Keys::Package => pack.packages.iter().map(|one| one.key.as_str()).collect(),
            Keys::NotCovered => NotCovered::ALL.map(NotCovered::as_str).to_vec(),
            Keys::Strategy => crate::domain::assignment::Strategy::ALL.map(|one| one.as_str()).to_vec(),
            Keys::LinkKind => LINK_KINDS.map(|(name, _)| name).to_vec(),
            Keys::Report => ReportKind::ALL.map(ReportKind::as_str).to_vec(),
            Keys::ChangedWhat => ChangedWhat::ALL.iter().map(|what| what.as_str()).collect(),
            Keys::AttemptKind => vec!["dispatch", "assignment"],
            Keys::Channel => {
                vec!["desk", "phone", "email", "chat", "portal", "api", "monitoring", "plugin", "import"]
            }
            Keys::Plugin => self.known.plugins.as_ref()?.keys().map(|key| key.as_str()).collect(),
            Keys::PluginFunction => {
                let functions = self.known.plugins.as_ref()?.values().flatten();
                functions.map(|key| key.as_str()).collect()
            }
            Keys::Free => return None,
        })
    }

    #[must_use]
    pub fn pack(&self) -> &'k Pack {
        self.pack
    }

    /// What of the desk is alive; nothing without a desk.
    #[must_use]
    pub fn live(&self) -> Option<&'k Live> {
        self.known.live.as_ref()
    }

    #[must_use]
    pub fn has_plugins(&self) -> bool {
        self.known.plugins.is_some()
    }

    /// Whether the pack has something of this key.
    #[must_use]
    pub fn names_key(&self, name: &str) -> bool {
        const SETS: [Keys; 7] = [
            Keys::Status,
            Keys::Category,
            Keys::Queue,
            Keys::Resolution,
            Keys::OrderOutcome,
            Keys::Template,
            Keys::Timer,
        ];
        SETS.iter().any(|keys| self.members(*keys).is_some_and(|members| members.contains(&name)))
    }

    /// The key of what people read, in any language.
    #[must_use]
    pub fn by_label(&self, keys: Keys, words: &str) -> Option<&'k str> {
        let members = self.members(keys)?;
        // A word that is a key too is meant as one.
        if members.contains(&words) {
            return None;
        }
        let pack = self.pack;
        let found = match keys {
            Keys::Status | Keys::TicketExpected => {
                labelled(pack.statuses.iter().map(|one| (&one.key, &one.label)), words)
            }
            Keys::Category => labelled(pack.categories.iter().map(|one| (&one.key, &one.label)), words),
            Keys::Queue | Keys::Department | Keys::Line => {
                labelled(pack.queues.iter().map(|one| (&one.key, &one.label)), words)
            }
            Keys::Resolution => labelled(pack.resolutions.iter().map(|one| (&one.key, &one.label)), words),
            Keys::OrderOutcome => {
                labelled(pack.order_outcomes.iter().map(|one| (&one.key, &one.label)), words)
            }
            Keys::Timer => labelled(pack.timers.iter().map(|one| (&one.key, &one.label)), words),
            _ => None,
        };
        found.filter(|key| members.contains(key))
    }

    /// What a setting is, as far as all that set it agree.
    #[must_use]
    pub fn kind_of_setting(&self, name: &str) -> Kind {
        if !self.pack.settings.contains_key(name) {
            return Kind::Any;
        }
        let kinds = self.values_of_setting(name).into_iter().map(|(_, value)| match value {
            toml::Value::String(_) => Kind::Text,
            toml::Value::Integer(_) | toml::Value::Float(_) => Kind::Number,
            toml::Value::Boolean(_) => Kind::Flag,
            toml::Value::Array(_) => Kind::Array(&Kind::Any),
            toml::Value::Table(_) => Kind::Map,
            toml::Value::Datetime(_) => Kind::Any,
        });
        kinds.reduce(join).unwrap_or(Kind::Any)
    }

    /// The functions of one plugin.
    #[must_use]
    pub fn functions_of(&self, plugin: &str) -> Option<Vec<&str>> {
        let functions = self.known.plugins.as_ref()?.get(plugin)?;
        Some(functions.iter().map(|key| key.as_str()).collect())
    }

    /// Whom a message can be for, by name; nothing when logins are not known.
    #[must_use]
    pub fn recipients(&self) -> Option<Vec<&str>> {
        self.known.people.as_ref().map(|_| self.recipients_by_name())
    }

    /// The same as far as it is known: without a desk, no logins.
    #[must_use]
    pub fn recipients_by_name(&self) -> Vec<&str> {
        let queues = self.pack.queues.iter().map(|one| one.key.as_str());
        let roles = Role::ALL.iter().map(|role| role.as_str());
        let people = self.known.people.iter().flatten().map(String::as_str);
        queues.chain(roles).chain(["assignee"]).chain(people).collect()
    }

    /// What a setting can be, each with the way to it in `client.toml`.
    #[must_use]
    pub fn values_of_setting(&self, name: &str) -> Vec<(String, toml::Value)> {
        let usual = self.pack.settings.get(name).map(|value| (format!("settings.{name}"), value.clone()));
        let own = self.pack.sub_client_settings.iter().filter_map(|(sub_client, table)| {
            Some((format!("sub_client_settings.{sub_client}.{name}"), table.get(name)?.clone()))
        });
        usual.into_iter().chain(own).collect()
    }

    /// Who can log in.
    #[must_use]
    pub fn people(&self) -> Option<Vec<&str>> {
        Some(self.known.people.as_ref()?.iter().map(String::as_str).collect())
    }

    fn queues(&self, kind: QueueKind) -> Vec<&str> {
        self.pack.queues.iter().filter(|queue| queue.kind == kind).map(|queue| queue.key.as_str()).collect()
    }

    fn task_outcomes(&self) -> Vec<&str> {
        let of_queues = self.pack.queues.iter().flat_map(|queue| &queue.outcomes);
        let mut all: Vec<&str> = of_queues.map(|outcome| outcome.key.as_str()).collect();
        all.extend(self.outcomes.iter().map(String::as_str));
        all.push(OUTCOME_DONE);
        all
    }

    fn settings(&self) -> Vec<&str> {
        let own = self.pack.sub_client_settings.values().flat_map(toml::Table::keys);
        self.pack.settings.keys().chain(own).map(String::as_str).collect()
    }
}

/// The key of the one that people read so.
fn labelled<'k>(all: impl Iterator<Item = (&'k Key, &'k Label)>, words: &str) -> Option<&'k str> {
    let mut found = all.filter(|(_, label)| label.0.values().any(|own| is_same(own, words)));
    found.next().map(|(key, _)| key.as_str())
}
