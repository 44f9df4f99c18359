//! What an administrator granted, what the operator allows at most, and which hosts a request may go to.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::manifest::Manifest;

/// What an administrator granted to one installation.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Grant {
    /// Hosts that may be reached; without one the ability `http` is not there at all.
    pub hosts: Vec<HostPattern>,
    /// Kinds of events that are handed to it.
    pub events: Vec<String>,
    /// Parts of a ticket that it may read.
    pub fields: Vec<String>,
    /// What its items may ask for.
    pub commands: Vec<String>,
    pub poll: bool,
    /// Paths of its webhooks that are served.
    pub webhooks: Vec<String>,
    pub kv: bool,
    pub blob: bool,
}

/// The most that any plugin may be granted on this desk, besides hosts; `None` leaves all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ceiling {
    pub events: Option<Vec<String>>,
    pub fields: Option<Vec<String>>,
    pub commands: Option<Vec<String>>,
    /// Abilities that no plugin has.
    pub denied: Vec<Ability>,
}

/// What is granted as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ability {
    Poll,
    Webhooks,
    Kv,
    Blob,
}

impl Grant {
    /// All that a manifest asks for with these settings.
    #[must_use]
    pub fn declared(manifest: &Manifest, configuration: &Value) -> Grant {
        Grant {
            hosts: manifest.hosts_with(configuration),
            events: manifest.events.clone(),
            fields: manifest.fields.clone(),
            commands: manifest.commands.clone(),
            poll: manifest.poll.is_some(),
            webhooks: manifest.webhooks.iter().map(|webhook| webhook.path.to_string()).collect(),
            kv: manifest.kv.is_some(),
            blob: manifest.blob.is_some(),
        }
    }

    /// What is left of it: declared by the manifest and within the operator's ceiling. Hosts are as granted: each
    /// request is judged by all three, since patterns meet only where there is a name.
    #[must_use]
    pub fn effective(&self, manifest: &Manifest, configuration: &Value, ceiling: &Ceiling) -> Grant {
        let declared = Grant::declared(manifest, configuration);
        let left = |declared: Vec<String>, granted: &[String], most: Option<&[String]>| {
            let stays = |name: &String| granted.contains(name) && most.is_none_or(|most| most.contains(name));
            declared.into_iter().filter(stays).collect()
        };
        let allowed = |ability| !ceiling.denied.contains(&ability);
        let no_webhook: &[String] = &[];
        Grant {
            hosts: self.hosts.clone(),
            events: left(declared.events, &self.events, ceiling.events.as_deref()),
            fields: left(declared.fields, &self.fields, ceiling.fields.as_deref()),
            commands: left(declared.commands, &self.commands, ceiling.commands.as_deref()),
            poll: declared.poll && self.poll && allowed(Ability::Poll),
            webhooks: left(
                declared.webhooks,
                &self.webhooks,
                (!allowed(Ability::Webhooks)).then_some(no_webhook),
            ),
            kv: declared.kv && self.kv && allowed(Ability::Kv),
            blob: declared.blob && self.blob && allowed(Ability::Blob),
        }
    }
}

impl FromStr for Ability {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        serde_json::from_value(Value::from(text))
            .map_err(|_| format!("`{text}` is no ability: write poll, webhooks, kv or blob"))
    }
}

/// `host`, `host:port`, `*.domain` or `*.domain:port`; without a port the scheme's own (443, 80).
///
/// `*.example.com` is every name below `example.com`, not `example.com` itself. Addresses are written as in a
/// URL: `10.0.0.7`, `[::1]:8080`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct HostPattern {
    any_below: bool,
    host: String,
    port: Option<u16>,
}

/// The text is no host.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a host: write example.com, example.com:8443 or *.example.com")]
pub struct NotAHostPattern(pub String);

impl HostPattern {
    /// Host and port of an `http` or `https` URL.
    #[must_use]
    pub fn of_url(url: &str) -> Option<HostPattern> {
        let url = reqwest::Url::parse(url).ok()?;
        let host = url.host_str()?.to_owned();
        Some(HostPattern { any_below: false, host, port: Some(url.port_or_known_default()?) })
    }

    /// Whether it means the host of `other`, which names one host, over https.
    #[must_use]
    pub fn covers(&self, other: &HostPattern) -> bool {
        let url = format!("https://{}:{}/", other.host, other.port.unwrap_or(443));
        !other.any_below && reqwest::Url::parse(&url).is_ok_and(|url| self.matches(&url))
    }

    /// Whether a request to this URL is meant.
    #[must_use]
    pub fn matches(&self, url: &reqwest::Url) -> bool {
        let Some(host) = url.host_str() else { return false };
        let host = host.strip_suffix('.').unwrap_or(host);
        let name_fits = match host.strip_suffix(&self.host) {
            Some("") => !self.any_below,
            Some(rest) => self.any_below && rest.ends_with('.') && rest.len() > 1,
            None => false,
        };
        let scheme_port = if url.scheme() == "http" { 80 } else { 443 };
        name_fits && url.port_or_known_default() == Some(self.port.unwrap_or(scheme_port))
    }
}

impl FromStr for HostPattern {
    type Err = NotAHostPattern;

    fn from_str(text: &str) -> Result<Self, NotAHostPattern> {
        let wrong = || NotAHostPattern(text.chars().take(100).collect());
        let (any_below, rest) = match text.strip_prefix("*.") {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        // The URL parser lowers the case, knows IDNA, and turns odd spellings of addresses into plain ones.
        let url = reqwest::Url::parse(&format!("https://{rest}/")).map_err(|_| wrong())?;
        let host = url.host_str().filter(|host| !host.contains('*')).ok_or_else(wrong)?;
        let plain = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
        if !plain
            || !url.username().is_empty()
            || url.password().is_some()
            || rest.contains(['/', '@', '?', '#'])
        {
            return Err(wrong());
        }
        let port = rest.rsplit_once(':').and_then(|(_, port)| port.parse().ok());
        Ok(HostPattern { any_below, host: host.to_owned(), port })
    }
}

impl TryFrom<String> for HostPattern {
    type Error = NotAHostPattern;
    fn try_from(text: String) -> Result<Self, NotAHostPattern> {
        text.parse()
    }
}

impl From<HostPattern> for String {
    fn from(pattern: HostPattern) -> String {
        pattern.to_string()
    }
}

impl fmt::Display for HostPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let star = if self.any_below { "*." } else { "" };
        write!(f, "{star}{}", self.host)?;
        match self.port {
            Some(port) => write!(f, ":{port}"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_means_exactly_its_hosts() {
        for (pattern, url, expect) in [
            ("example.com", "https://example.com/x", true),
            ("example.com", "https://EXAMPLE.com./x", true),
            ("example.com", "http://example.com/x", true),
            ("example.com", "https://example.com:8443/", false),
            ("example.com:8443", "https://example.com:8443/", true),
            ("example.com:8443", "https://example.com/", false),
            ("example.com", "https://a.example.com/", false),
            ("example.com", "https://badexample.com/", false),
            ("*.example.com", "https://a.example.com/", true),
            ("*.example.com", "https://a.b.example.com/", true),
            ("*.example.com", "https://example.com/", false),
            ("*.example.com", "https://badexample.com/", false),
            ("*.example.com", "https://example.com.evil.net/", false),
            ("[::1]:8080", "http://[::1]:8080/", true),
            ("[::1]", "https://[::1]/", true),
            ("127.0.0.1:80", "http://2130706433/", true),
        ] {
            let pattern: HostPattern = pattern.parse().unwrap();
            assert_eq!(pattern.matches(&reqwest::Url::parse(url).unwrap()), expect, "{pattern} {url}");
        }
    }

    #[test]
    fn what_is_no_host_is_refused() {
        for text in
            ["", "*", "*.", "a/b", "https://a", "user@a.com", "a.com:port", "a.com:99999", "a.*.com", "a b"]
        {
            assert!(text.parse::<HostPattern>().is_err(), "{text}");
        }
    }
}
