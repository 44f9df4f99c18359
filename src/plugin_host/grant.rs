//! What an administrator granted, and which hosts a request may go to.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// What an administrator granted to one installation.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Grant {
    /// Hosts that may be reached; without one the ability `http` is not there at all.
    pub hosts: Vec<HostPattern>,
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
