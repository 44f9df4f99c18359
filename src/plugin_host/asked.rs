//! What a plugin asks for as one list: hosts, events, fields, commands and the rest, each to be granted or not.
//!
//! Reads the manifest's document and the grant's, so that both may grow.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::domain::Label;

use super::grant::HostPattern;

/// Ports that a host without one stands for.
const SCHEME_PORTS: [&str; 2] = ["443", "80"];

/// What kind of ability is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AskedKind {
    Host,
    Event,
    Field,
    Command,
    Webhook,
    Poll,
    Kv,
    Blob,
}

/// One thing that a plugin asks for and an administrator grants or does not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    pub kind: AskedKind,
    /// What an administrator's choice calls it: `host:example.com`, `setting:base_url`, `event:ticket_opened`, `kv`.
    pub id: String,
    /// The host, the kind of event, the field, …; empty where the kind says it all, or a setting holds no address yet.
    pub value: String,
    /// The setting that a host stands in.
    pub setting: Option<String>,
    pub why: Option<Label>,
}

impl AskedKind {
    /// Names of a table of the manifest, each granted for itself: where they stand, and where the grant has them.
    const LISTS: [(AskedKind, &'static str, &'static str); 3] = [
        (AskedKind::Event, "events", "event"),
        (AskedKind::Field, "fields", "field"),
        (AskedKind::Command, "commands", "command"),
    ];
    /// What is asked for by a table of this name.
    const TABLES: [(AskedKind, &'static str); 3] =
        [(AskedKind::Poll, "poll"), (AskedKind::Kv, "kv"), (AskedKind::Blob, "blob")];

    /// Where the grant has it.
    fn key(self) -> &'static str {
        match self {
            AskedKind::Host => "hosts",
            AskedKind::Event => "events",
            AskedKind::Field => "fields",
            AskedKind::Command => "commands",
            AskedKind::Webhook => "webhooks",
            AskedKind::Poll => "poll",
            AskedKind::Kv => "kv",
            AskedKind::Blob => "blob",
        }
    }

    #[must_use]
    pub fn is_host(self) -> bool {
        self == AskedKind::Host
    }

    fn is_flag(self) -> bool {
        matches!(self, AskedKind::Poll | AskedKind::Kv | AskedKind::Blob)
    }
}

impl Asked {
    fn new(kind: AskedKind, id: impl Into<String>, value: impl Into<String>, why: &Value) -> Asked {
        let why = serde_json::from_value(why.clone()).ok();
        Asked { kind, id: id.into(), value: value.into(), setting: None, why }
    }

    /// Whether the grant has it.
    #[must_use]
    pub fn is_granted(&self, grant: &Value) -> bool {
        let given = &grant[self.kind.key()];
        if self.kind.is_flag() {
            return given == &Value::Bool(true);
        }
        !self.value.is_empty() && given.as_array().is_some_and(|list| list.contains(&json!(self.value)))
    }

    /// Whether somebody who writes `name` means it: its id, or the host itself.
    #[must_use]
    pub fn is_called(&self, name: &str) -> bool {
        let is_host = || {
            let pattern = name.parse::<HostPattern>().ok();
            self.kind == AskedKind::Host && pattern.is_some_and(|own| own.to_string() == self.value)
        };
        self.id == name || is_host()
    }
}

/// What the plugin of this manifest asks for with these settings.
#[must_use]
pub fn asked(manifest: &Value, configuration: &Value) -> Vec<Asked> {
    let rows = |table: &str| manifest[table].as_array().into_iter().flatten();
    let mut all = Vec::new();
    for host in rows("host") {
        if let Some(setting) = host["from_setting"].as_str() {
            let pattern = configuration[setting].as_str().and_then(HostPattern::of_url);
            let value = pattern.map(|pattern| pattern.to_string()).unwrap_or_default();
            let one = Asked::new(AskedKind::Host, format!("setting:{setting}"), value, &host["why"]);
            all.push(Asked { setting: Some(setting.to_owned()), ..one });
        } else if let Some(pattern) = host["name"].as_str().and_then(|name| name.parse::<HostPattern>().ok())
        {
            let value = pattern.to_string();
            all.push(Asked::new(AskedKind::Host, format!("host:{value}"), value, &host["why"]));
        }
    }
    for (kind, table, word) in AskedKind::LISTS {
        for name in rows(table).filter_map(Value::as_str) {
            all.push(Asked::new(kind, format!("{word}:{name}"), name, &Value::Null));
        }
    }
    for hook in rows("webhook") {
        let path = hook["path"].as_str().unwrap_or_default();
        all.push(Asked::new(AskedKind::Webhook, format!("webhook:{path}"), path, &hook["why"]));
    }
    for (kind, table) in AskedKind::TABLES {
        if manifest[table].is_object() {
            let value = manifest[table]["every"].as_str().unwrap_or_default();
            all.push(Asked::new(kind, table, value, &manifest[table]["why"]));
        }
    }
    let mut seen = BTreeSet::new();
    all.retain(|one| seen.insert(one.id.clone()));
    all
}

/// The grant that gives exactly what is named.
///
/// # Errors
/// A name that is not asked for.
pub fn grant_of(asked: &[Asked], granted: &BTreeSet<String>) -> Result<Value, String> {
    let mut grant = Map::new();
    for name in granted {
        let one = asked.iter().find(|one| one.is_called(name)).ok_or_else(|| name.clone())?;
        let key = one.kind.key().to_owned();
        if one.kind.is_flag() {
            grant.insert(key, Value::Bool(true));
        } else if !one.value.is_empty() {
            let list = grant.entry(key).or_insert_with(|| json!([]));
            let list = list.as_array_mut().expect("every list is made here");
            if !list.contains(&json!(one.value)) {
                list.push(json!(one.value));
            }
        }
    }
    Ok(Value::Object(grant))
}

/// A grant without what this manifest does not ask for with these settings.
#[must_use]
pub fn narrowed(asked: &[Asked], grant: &Value) -> Value {
    let granted = asked.iter().filter(|one| one.is_granted(grant)).map(|one| one.id.clone()).collect();
    grant_of(asked, &granted).expect("only what is asked for")
}

/// Secrets with where each goes: one that would go elsewhere is another one.
#[must_use]
pub fn secret_uses(manifest: &Value) -> BTreeSet<String> {
    let rows = manifest["secret"].as_array().into_iter().flatten();
    let part = |row: &Value, name: &str| row[name].as_str().unwrap_or_default().to_owned();
    rows.map(|row| ["name", "place", "header", "host", "from_setting"].map(|name| part(row, name)).join("|"))
        .collect()
}

/// Whether every request to `host` would be one to `ceiling`.
#[must_use]
pub fn is_within(host: &HostPattern, ceiling: &HostPattern) -> bool {
    let (own, top) = (host.to_string(), ceiling.to_string());
    let ((own, own_port), (top, top_port)) = (split(&own), split(&top));
    let same_port = match (own_port, top_port) {
        (Some(own), None) => SCHEME_PORTS.contains(&own),
        (own, top) => own == top,
    };
    let is_below = match (own.strip_prefix("*."), top.strip_prefix("*.")) {
        (None, None) => own == top,
        (None, Some(top)) => own.strip_suffix(top).is_some_and(|rest| rest.ends_with('.')),
        (Some(own), Some(top)) => own == top || own.strip_suffix(top).is_some_and(|rest| rest.ends_with('.')),
        (Some(_), None) => false,
    };
    same_port && is_below
}

fn split(pattern: &str) -> (&str, Option<&str>) {
    match pattern.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => (host, Some(port)),
        _ => (pattern, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manifest() -> Value {
        json!({
            "host": [
                { "from_setting": "base_url", "why": { "en": "The system." } },
                { "name": "*.example.com" },
                { "name": "*.example.com" },
            ],
            "events": ["ticket_opened", "resolved"],
            "fields": ["subject"],
            "commands": ["comment"],
            "webhook": [{ "path": "notice", "why": { "en": "They tell us." } }],
            "poll": { "every": "1m" },
            "kv": {},
        })
    }

    #[test]
    fn all_that_is_asked_for_is_one_list_and_a_choice_of_it_is_a_grant() {
        let all = asked(&manifest(), &json!({ "base_url": "https://sm.bank.am/api" }));
        let ids: Vec<&str> = all.iter().map(|one| one.id.as_str()).collect();
        let expect = [
            "setting:base_url",
            "host:*.example.com",
            "event:ticket_opened",
            "event:resolved",
            "field:subject",
            "command:comment",
            "webhook:notice",
            "poll",
            "kv",
        ];
        assert_eq!(ids, expect);
        assert_eq!(all[0].value, "sm.bank.am:443");
        assert!(all[0].why.is_some());
        let chosen = ["sm.bank.am:443", "event:resolved", "kv"].map(str::to_owned).into();
        let grant = grant_of(&all, &chosen).unwrap();
        assert_eq!(grant, json!({ "hosts": ["sm.bank.am:443"], "events": ["resolved"], "kv": true }));
        let granted: Vec<&str> =
            all.iter().filter(|one| one.is_granted(&grant)).map(|one| one.id.as_str()).collect();
        assert_eq!(granted, ["setting:base_url", "event:resolved", "kv"]);
        assert_eq!(grant_of(&all, &["blob".to_owned()].into()), Err("blob".to_owned()));
        let moved = asked(&manifest(), &json!({ "base_url": "https://other.bank.am" }));
        assert_eq!(narrowed(&moved, &grant), json!({ "events": ["resolved"], "kv": true }));
        let without = asked(&manifest(), &json!({}));
        assert!(!without[0].is_granted(&json!({ "hosts": [""] })));
    }

    #[test]
    fn a_ceiling_covers_what_lies_below_it() {
        for (host, ceiling, expect) in [
            ("a.example.com", "*.example.com", true),
            ("*.b.example.com", "*.example.com", true),
            ("*.example.com", "*.example.com", true),
            ("example.com", "*.example.com", false),
            ("badexample.com", "*.example.com", false),
            ("*.example.com", "a.example.com", false),
            ("a.example.com:443", "a.example.com", true),
            ("a.example.com:8443", "a.example.com", false),
            ("a.example.com", "a.example.com:8443", false),
            ("[::1]:8080", "[::1]:8080", true),
            ("[::1]", "[::1]", true),
        ] {
            let (own, top): (HostPattern, HostPattern) = (host.parse().unwrap(), ceiling.parse().unwrap());
            assert_eq!(is_within(&own, &top), expect, "{host} within {ceiling}");
        }
    }

    #[test]
    fn a_secret_that_goes_elsewhere_is_another() {
        let secret = |host: &str| json!({ "secret": [{ "name": "token", "place": "bearer", "host": host }] });
        assert_eq!(secret_uses(&secret("a.com")), secret_uses(&secret("a.com")));
        assert_ne!(secret_uses(&secret("a.com")), secret_uses(&secret("b.com")));
    }
}
