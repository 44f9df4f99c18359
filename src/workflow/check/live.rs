//! What a script and its settings name and nobody is behind: queues without people, roles that nobody has, certificates
//! that nobody holds, somebody who has left. It is known on a desk alone.

use std::collections::{BTreeMap, BTreeSet};

use rhai::{Expr, Position};

use super::walk::Walk;
use super::{Finding, Severity, Wrong, did_you_mean, quoted};
use crate::domain::geography::is_same;
use crate::domain::pack::{Pack, Place, Queue};
use crate::domain::person::Role;
use crate::domain::watch::WatchSettings;
use crate::domain::{Key, SiteId};
use crate::workflow::source::Literal;

/// The file that findings about settings are in.
pub const SETTINGS_FILE: &str = "client.toml";

/// What of the desk is alive for one client.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Live {
    /// Queues with an active member.
    pub staffed: BTreeSet<Key>,
    /// Partner organisations, and whether anybody of them can log in.
    pub partners: BTreeMap<Key, bool>,
    /// Roles that somebody active has for the client.
    pub roles: BTreeSet<Role>,
    /// Logins of those who would serve the client and are not active any more.
    pub left: BTreeSet<String>,
    /// Installed plugins that are switched off.
    pub switched_off: BTreeSet<Key>,
    pub sub_clients: BTreeSet<Key>,
    /// Those of the sites that settings name which are there.
    pub sites: BTreeSet<SiteId>,
    pub skills: Skills,
}

/// What those who serve the client can, taken together.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Skills {
    pub certificates: BTreeSet<String>,
    /// ISO 639-1.
    pub languages: BTreeSet<String>,
    pub cities: BTreeSet<String>,
    /// The highest of an engineer; `None`: there is no engineer.
    pub grade: Option<i64>,
}

/// Something is named, and nobody is behind it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Dead {
    #[error("`{login}` has left: nobody is active under this login")]
    PersonLeft { login: String },
    #[error("nobody is in the queue `{queue}`: nobody hears of it")]
    QueueOfNobody { queue: String },
    #[error("nobody is in any queue of this client yet: nobody hears of its tickets")]
    QueuesOfNobody,
    #[error("nobody has the role `{role}` for this client: nobody hears of it")]
    RoleOfNobody { role: String },
    #[error("the plugin `{plugin}` is not installed for this client: the call would fail")]
    PluginMissing { plugin: String },
    #[error("the plugin `{plugin}` is switched off for this client: the call would fail")]
    PluginOff { plugin: String },
    #[error("nobody who serves this client has the {what} `{given}`: nobody would suit")]
    NobodySuits { what: String, given: String },
    #[error("{place} names the {what} `{given}`, which is not there")]
    NotThere { place: String, what: String, given: String },
}

impl Dead {
    pub const CODES: [&str; 8] = [
        "person_left",
        "queue_of_nobody",
        "queues_of_nobody",
        "role_of_nobody",
        "plugin_missing",
        "plugin_off",
        "nobody_suits",
        "not_there",
    ];

    /// A stable word for programs.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Dead::PersonLeft { .. } => "person_left",
            Dead::QueueOfNobody { .. } => "queue_of_nobody",
            Dead::QueuesOfNobody => "queues_of_nobody",
            Dead::RoleOfNobody { .. } => "role_of_nobody",
            Dead::PluginMissing { .. } => "plugin_missing",
            Dead::PluginOff { .. } => "plugin_off",
            Dead::NobodySuits { .. } => "nobody_suits",
            Dead::NotThere { .. } => "not_there",
        }
    }

    /// What the sentence speaks of, by name.
    #[must_use]
    pub fn values(&self) -> Vec<(&'static str, &str)> {
        match self {
            Dead::PersonLeft { login } => vec![("login", login)],
            Dead::QueueOfNobody { queue } => vec![("queue", queue)],
            Dead::QueuesOfNobody => Vec::new(),
            Dead::RoleOfNobody { role } => vec![("role", role)],
            Dead::PluginMissing { plugin } | Dead::PluginOff { plugin } => vec![("plugin", plugin)],
            Dead::NobodySuits { what, given } => vec![("what", what), ("given", given)],
            Dead::NotThere { place, what, given } => {
                vec![("place", place), ("what", what), ("given", given)]
            }
        }
    }
}

impl Live {
    /// Whether anybody hears of what stands in the queue.
    #[must_use]
    pub fn has_people(&self, queue: &Queue) -> bool {
        let of_partner = queue.partner.as_ref().and_then(|key| self.partners.get(key));
        self.staffed.contains(&queue.key) || of_partner.copied().unwrap_or(false)
    }

    /// Before anybody is in any queue, one sentence says so for all of them.
    fn has_anybody(&self, pack: &Pack) -> bool {
        pack.queues.iter().any(|queue| self.has_people(queue))
    }

    /// What is dead of this name, when it is a queue's or a role's.
    fn unheard(&self, pack: &Pack, name: &str) -> Option<Dead> {
        if let Some(queue) = pack.queue(name) {
            let is_dead = self.has_anybody(pack) && !self.has_people(queue);
            return is_dead.then(|| Dead::QueueOfNobody { queue: name.to_owned() });
        }
        let role = Role::ALL.into_iter().find(|role| role.as_str() == name)?;
        (!self.roles.contains(&role)).then(|| Dead::RoleOfNobody { role: name.to_owned() })
    }
}

impl Walk<'_> {
    /// Queues that something is put into.
    pub fn queues_have_people(&mut self, literals: &[Literal]) {
        literals.iter().for_each(|literal| self.somebody_hears(&literal.text, literal.position));
    }

    /// A queue or a role that is to be told something.
    pub fn somebody_hears(&mut self, name: &str, position: Position) {
        let dead = self.keys.live().and_then(|live| live.unheard(self.keys.pack(), name));
        self.tell_once(position, dead, None);
    }

    /// Logins in a place where a person is wanted, or a recipient.
    pub fn people_are_there(&mut self, literals: &[Literal], what: &str, members: &[String]) {
        let has_left = |literal: &&Literal| {
            self.keys.live().is_some_and(|live| live.left.contains(&*literal.text))
                && !members.iter().any(|member| **member == *literal.text)
        };
        let (left, others): (Vec<&Literal>, Vec<&Literal>) = literals.iter().partition(has_left);
        let (left, others): (Vec<Literal>, Vec<Literal>) =
            (left.into_iter().cloned().collect(), others.into_iter().cloned().collect());
        for literal in left {
            let dead = Dead::PersonLeft { login: literal.text.to_string() };
            self.find(literal.position, &Wrong::Dead(dead), None);
        }
        self.literals_among(&others, what, members);
    }

    /// A plugin that is called: with none installed, nothing is known of its functions.
    pub fn plugin_is_there(&mut self, plugin: &str, position: Position) {
        let Some(live) = self.keys.live() else { return };
        let plugin_name = plugin.to_owned();
        let is_off = live.switched_off.iter().any(|off| **off == *plugin);
        let dead = match self.keys.has_plugins() {
            false => Some(Dead::PluginMissing { plugin: plugin_name }),
            true => is_off.then_some(Dead::PluginOff { plugin: plugin_name }),
        };
        self.tell_once(position, dead, None);
    }

    /// An option that says what somebody must be able to do.
    pub fn somebody_suits(&mut self, option: &str, given: &Expr) {
        let Some(skills) = self.keys.live().map(|live| live.skills.clone()) else { return };
        if let ("grade", Expr::IntegerConstant(grade, position)) = (option, given) {
            if skills.grade.is_some_and(|highest| *grade > highest) {
                let (what, given) = ("grade".to_owned(), grade.to_string());
                self.tell_once(*position, Some(Dead::NobodySuits { what, given }), None);
            }
            return;
        }
        let (what, known, one_is_enough) = match option {
            "certificates" => ("certificate", &skills.certificates, false),
            "languages" => ("language", &skills.languages, true),
            "city" => ("city", &skills.cities, false),
            _ => return,
        };
        let Some(literals) = texts_of(given) else { return };
        let has = |text: &str| match option {
            "city" => known.iter().any(|own| is_same(own, text)),
            _ => known.contains(text),
        };
        if one_is_enough && literals.iter().any(|(text, _)| has(text)) {
            return;
        }
        for (text, position) in literals.iter().filter(|(text, _)| !has(text)) {
            let near = did_you_mean(text, known.iter().map(String::as_str));
            let (what, given) = (what.to_owned(), quoted(text));
            self.tell_once(*position, Some(Dead::NobodySuits { what, given }), near);
        }
    }

    /// One place is enough to say it.
    fn tell_once(&mut self, position: Position, dead: Option<Dead>, nearest: Option<String>) {
        let Some(dead) = dead.filter(|_| self.is_final) else { return };
        if self.told.insert(dead.to_string()) {
            self.report(Severity::Warning, position, &Wrong::Dead(dead), nearest);
        }
    }
}

/// The texts of a literal or of an array of literals; nothing where anything else may come in.
fn texts_of(given: &Expr) -> Option<Vec<(String, Position)>> {
    match given {
        Expr::StringConstant(text, position) => Some(vec![(text.to_string(), *position)]),
        Expr::Array(items, _) => {
            let texts = items.iter().map(texts_of).collect::<Option<Vec<_>>>()?;
            Some(texts.into_iter().flatten().collect())
        }
        _ => None,
    }
}

/// What of the settings is dead: each has its place in the text.
#[must_use]
pub fn dead_settings(text: &str, pack: &Pack, live: &Live) -> Vec<Finding> {
    let mut found = Vec::new();
    let mut find = |way: &str, dead: Dead, nearest: Option<String>| {
        let (line, column) = Place::at(way).find(text);
        let about = Finding::about_pack(&Wrong::Dead(dead));
        let (severity, module) = (Severity::Warning, Some(SETTINGS_FILE.to_owned()));
        found.push(Finding { severity, module, line, column, nearest, ..about });
    };
    if !live.has_anybody(pack) {
        find("queues", Dead::QueuesOfNobody, None);
    }
    let receiving = [
        ("on_failure.queue", Some(&pack.on_failure.queue)),
        ("handover.queue", pack.handover.queue.as_ref()),
        ("contract.not_covered_queue", pack.contract.not_covered_queue.as_ref()),
    ];
    for (way, queue) in receiving {
        if let Some(dead) = queue.and_then(|queue| live.unheard(pack, queue)) {
            find(way, dead, None);
        }
    }
    for (index, queue) in pack.queues.iter().enumerate() {
        let way = format!("queues.{index}");
        let partner = queue.partner.as_ref();
        if let Some(partner) = partner.filter(|key| !live.partners.contains_key(*key)) {
            let known = live.partners.keys().map(Key::as_str);
            let way = format!("{way}.partner");
            find(&way, not_there(&way, "partner organisation", partner), did_you_mean(partner, known));
        } else if let Some(dead) = live.unheard(pack, &queue.key).filter(|_| queue.is_default) {
            find(&way, dead, None);
        }
    }
    // What nobody wrote has no place in the text.
    let is_written = pack.watch.tell != WatchSettings::default().tell;
    for role in pack.watch.tell.iter().filter(|role| is_written && !live.roles.contains(role)) {
        find("watch.tell", Dead::RoleOfNobody { role: role.as_str().to_owned() }, None);
    }
    for (index, given) in pack.assignment.required_certificates.iter().enumerate() {
        let known = &live.skills.certificates;
        if !known.contains(given) {
            let dead = Dead::NobodySuits { what: "certificate".to_owned(), given: quoted(given) };
            let nearest = did_you_mean(given, known.iter().map(String::as_str));
            find(&format!("assignment.required_certificates.{index}"), dead, nearest);
        }
    }
    for (way, key) in sub_clients(pack).into_iter().filter(|(_, key)| !live.sub_clients.contains(key)) {
        let nearest = did_you_mean(&key, live.sub_clients.iter().map(Key::as_str));
        find(&way, not_there(&way, "sub-client", &key), nearest);
    }
    for (index, site) in pack.sla.iter().enumerate().filter_map(|(index, row)| Some((index, row.site?))) {
        if !live.sites.contains(&site) {
            let way = format!("sla.{index}.site");
            find(&way, not_there(&way, "site", &site.to_string()), None);
        }
    }
    found
}

fn not_there(place: &str, what: &str, given: &str) -> Dead {
    Dead::NotThere { place: place.to_owned(), what: what.to_owned(), given: given.to_owned() }
}

/// Where settings name sub-clients.
fn sub_clients(pack: &Pack) -> Vec<(String, Key)> {
    let of_settings = pack.sub_client_settings.keys().map(|key| (format!("sub_client_settings.{key}"), key));
    let calendars = pack.contract.sub_client_calendars.keys();
    let calendars = calendars.map(|key| (format!("contract.sub_client_calendars.{key}"), key));
    let packages = pack.contract.sub_client_packages.keys();
    let packages = packages.map(|key| (format!("contract.sub_client_packages.{key}"), key));
    let targets = pack.sla.iter().enumerate();
    let targets = targets
        .filter_map(|(index, row)| Some((format!("sla.{index}.sub_client"), row.sub_client.as_ref()?)));
    let all = of_settings.chain(calendars).chain(packages).chain(targets);
    all.map(|(way, key)| (way, key.clone())).collect()
}
