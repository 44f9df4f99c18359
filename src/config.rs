//! What the operator sets: one documented list, from `naryad.toml` in the data folder, `NARYAD_*` and flags.
//!
//! A flag beats a variable of the environment, that beats the file, that beats the default that stands beside
//! each field. An unknown key or variable is an error. `plugins.guest_ms` in the file is
//! `NARYAD_PLUGINS_GUEST_MS` in the environment; lists and tables are written there as in TOML.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::domain::hold::CEILING_PER_HOUR;

/// The file in the data folder.
pub const CONFIG_FILE: &str = "naryad.toml";
const VARIABLE_PREFIX: &str = "NARYAD_";
const FILE_BYTES_MAX: u64 = 256 * 1024;
/// A shorter token could be guessed.
const METRICS_TOKEN_BYTES_MIN: usize = 16;
/// Sections of the file; everything else is at the top.
const SECTIONS: [&str; 3] = ["plugins", "jobs", "retention"];
/// Variables with the prefix that are no settings: what command to run on, and what the log shows.
const OTHER_VARIABLES: [&str; 2] = ["NARYAD_DIR", "NARYAD_LOG"];

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Where the desk listens. Default: 127.0.0.1:8080.
    pub listen: SocketAddr,
    /// How people reach the desk, with a sub-path if there is one: `https://desk.example.com/naryad/`. It makes
    /// cookies `Secure`, bounds the `Origin` check and starts links. Default: none (the address itself).
    pub base_url: Option<String>,
    /// PEM file of the certificate chain; together with `tls_key` the desk speaks TLS itself. Default: none.
    pub tls_cert: Option<PathBuf>,
    /// PEM file of the certificate's key. Default: none.
    pub tls_key: Option<PathBuf>,
    /// Addresses or networks (`10.0.0.0/8`) whose `X-Forwarded-*` is believed. Default: none.
    pub trusted_proxies: Vec<String>,
    /// Who sends this as a bearer token may read `/metrics` and nothing else; at least 16 visible ASCII characters.
    /// Without it only administrators of the whole desk may, wherever they ask from. Default: none.
    pub metrics_token: Option<String>,
    /// The ceiling for the messages that the script of any one client sends in an hour without a person's word,
    /// whatever its pack says. Default: 10000.
    pub script_messages_per_hour: u32,
    pub plugins: PluginConfig,
    pub jobs: JobConfig,
    pub retention: Retention,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PluginConfig {
    /// The ceiling: hosts that plugins may reach at all, such as `*.example.com`. Default: every public host.
    pub allowed_hosts: Option<Vec<String>>,
    /// Hosts that may be at private or loopback addresses and over plain http. Default: none.
    pub private_hosts: Vec<String>,
    /// The ceiling: kinds of events that plugins may be handed at all. Default: every kind.
    pub allowed_events: Option<Vec<String>>,
    /// The ceiling: parts of a ticket that plugins may read at all. Default: every part.
    pub allowed_fields: Option<Vec<String>>,
    /// The ceiling: what plugins may ask for at all. Default: everything.
    pub allowed_commands: Option<Vec<String>>,
    /// Abilities that no plugin has: `poll`, `webhooks`, `kv`, `blob`. Default: none.
    pub denied_abilities: Vec<String>,
    /// Publishers' minisign public keys by the name that you give them. Default: none.
    pub trusted_keys: BTreeMap<String, String>,
    /// Memory of one call in bytes. Default: 67108864 (64 MiB).
    pub memory_bytes: Option<u64>,
    /// Processor time of one call in milliseconds. Default: 500.
    pub guest_ms: Option<u64>,
    /// Time of one call in milliseconds, waiting included. Default: 10000.
    pub wall_ms: Option<u64>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct JobConfig {
    /// Jobs that run at once. Default: 16.
    pub at_once: usize,
    /// Calls of one plugin for one client that run at once. Default: 4.
    pub at_once_per_plugin: usize,
}

/// How long things are kept, in days.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Retention {
    /// Runs of scripts: applied ones go, of failed ones go the recorded facts and commands (they hold words and names
    /// of people), so that they cannot be explained any more. Default: 180.
    pub run_days: u32,
    /// What is left of failed runs: handler, version, place and reason of the failure. Default: 730.
    pub failed_run_days: u32,
    /// Jobs that are done or were dropped. Default: 14.
    pub job_days: u32,
    /// Dead jobs that nobody replayed or dropped. Default: 90.
    pub dead_job_days: u32,
    /// The journal of outside commands, which a back-test replays: none can begin earlier. Default: 400, so that the
    /// same month of last year can be tried.
    pub journal_days: u32,
    /// Notifications, counted from when they were read; unread ones stay. Default: 90.
    pub notification_days: u32,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            base_url: None,
            tls_cert: None,
            tls_key: None,
            trusted_proxies: Vec::new(),
            metrics_token: None,
            script_messages_per_hour: CEILING_PER_HOUR,
            plugins: PluginConfig::default(),
            jobs: JobConfig::default(),
            retention: Retention::default(),
        }
    }
}

impl Default for JobConfig {
    fn default() -> Self {
        Self { at_once: 16, at_once_per_plugin: 4 }
    }
}

impl Retention {
    fn days(&self) -> [(&'static str, u32); 6] {
        [
            ("run_days", self.run_days),
            ("failed_run_days", self.failed_run_days),
            ("job_days", self.job_days),
            ("dead_job_days", self.dead_job_days),
            ("journal_days", self.journal_days),
            ("notification_days", self.notification_days),
        ]
    }
}

impl Default for Retention {
    fn default() -> Self {
        Self {
            run_days: 180,
            failed_run_days: 730,
            job_days: 14,
            dead_job_days: 90,
            journal_days: 400,
            notification_days: 90,
        }
    }
}

/// What is wrong with the settings, where, and what would be right.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("{path}: {why}")]
    File { path: PathBuf, why: String },
    #[error("the variable {name} of the environment: {why}")]
    Variable { name: String, why: String },
    #[error("{0}")]
    Wrong(String),
}

impl Config {
    /// Reads the file of the data folder, if there is one, and the environment.
    ///
    /// # Errors
    /// An unreadable file, an unknown key or variable, a value of the wrong kind.
    pub fn load(data_folder: &Path) -> Result<Config, ConfigError> {
        Self::merged(&data_folder.join(CONFIG_FILE), std::env::vars())
    }

    fn merged(path: &Path, variables: impl Iterator<Item = (String, String)>) -> Result<Config, ConfigError> {
        let wrong = |why: String| ConfigError::File { path: path.to_owned(), why };
        let text = match std::fs::metadata(path) {
            Ok(metadata) if metadata.len() > FILE_BYTES_MAX => {
                return Err(wrong(format!("has more than {FILE_BYTES_MAX} bytes")));
            }
            Ok(_) => std::fs::read_to_string(path).map_err(|error| wrong(error.to_string()))?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
            Err(error) => return Err(wrong(error.to_string())),
        };
        // Read twice: once as it stands, so that an error names line and column, once to lay variables over it.
        let config: Config = toml::from_str(&text).map_err(|error| wrong(error.to_string()))?;
        let mut table: toml::Table = toml::from_str(&text).map_err(|error| wrong(error.to_string()))?;
        let mut is_changed = false;
        for (name, value) in variables.filter(|(name, _)| name.starts_with(VARIABLE_PREFIX)) {
            if !OTHER_VARIABLES.contains(&name.as_str()) {
                lay_over(&mut table, &name, &value)?;
                is_changed = true;
            }
        }
        if is_changed { toml::Value::Table(table).try_into().map_err(wrong_value) } else { Ok(config) }?
            .checked()
    }

    /// What no single field can be wrong about: call it again after a field was changed.
    ///
    /// # Errors
    /// Which fields do not fit together.
    pub fn checked(self) -> Result<Config, ConfigError> {
        if self.tls_cert.is_some() != self.tls_key.is_some() {
            return Err(ConfigError::Wrong("`tls_cert` and `tls_key` belong together: set both".to_owned()));
        }
        if self.jobs.at_once == 0 || self.jobs.at_once_per_plugin == 0 {
            return Err(ConfigError::Wrong("`jobs.at_once` and `jobs.at_once_per_plugin` start at 1".into()));
        }
        if let Some((name, _)) = self.retention.days().into_iter().find(|(_, days)| *days == 0) {
            return Err(ConfigError::Wrong(format!("`retention.{name}` starts at 1")));
        }
        let is_weak = |token: &String| {
            token.len() < METRICS_TOKEN_BYTES_MIN || !token.bytes().all(|byte| byte.is_ascii_graphic())
        };
        if self.metrics_token.as_ref().is_some_and(is_weak) {
            let why =
                format!("`metrics_token` has at least {METRICS_TOKEN_BYTES_MIN} visible ASCII characters");
            return Err(ConfigError::Wrong(why));
        }
        Ok(self)
    }
}

fn wrong_value(error: toml::de::Error) -> ConfigError {
    ConfigError::Wrong(format!("the environment's NARYAD_* settings: {}", error.message()))
}

/// Sets the key that a variable means. It is tried alone first, so that an error names the variable.
fn lay_over(table: &mut toml::Table, name: &str, value: &str) -> Result<(), ConfigError> {
    let path = name[VARIABLE_PREFIX.len()..].to_ascii_lowercase();
    let section =
        SECTIONS.iter().find_map(|section| Some((*section, path.strip_prefix(section)?.strip_prefix('_')?)));
    let mut problem = String::new();
    for value in [typed(value), Some(toml::Value::String(value.to_owned()))].into_iter().flatten() {
        let mut alone = toml::Table::new();
        put(&mut alone, section, &path, value.clone());
        match alone.try_into::<Config>() {
            Ok(_) => {
                put(table, section, &path, value);
                return Ok(());
            }
            Err(error) => problem = error.message().to_owned(),
        }
    }
    Err(ConfigError::Variable { name: name.to_owned(), why: problem })
}

fn put(table: &mut toml::Table, section: Option<(&str, &str)>, path: &str, value: toml::Value) {
    match section {
        None => {
            table.insert(path.to_owned(), value);
        }
        Some((section, key)) => {
            let inner = table.entry(section).or_insert_with(|| toml::Table::new().into());
            if let toml::Value::Table(inner) = inner {
                inner.insert(key.to_owned(), value);
            }
        }
    }
}

/// The value as TOML reads it: a number, a list, a table; nothing when it is only a word.
fn typed(value: &str) -> Option<toml::Value> {
    let mut table: toml::Table = toml::from_str(&format!("value = {value}")).ok()?;
    table.remove("value")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(file: &str, variables: &[(&str, &str)]) -> Result<Config, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(CONFIG_FILE);
        std::fs::write(&path, file).unwrap();
        let variables = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Config::merged(&path, variables).map_err(|error| error.to_string())
    }

    #[test]
    fn a_variable_beats_the_file_and_the_file_the_default() {
        let file = "listen = \"0.0.0.0:80\"\n[jobs]\nat_once = 3\n[plugins]\nguest_ms = 7\n";
        let config = load(
            file,
            &[
                ("NARYAD_JOBS_AT_ONCE", "9"),
                ("NARYAD_PLUGINS_PRIVATE_HOSTS", "[\"stock.local:8080\"]"),
                ("NARYAD_BASE_URL", "https://desk.example.com/"),
                ("NARYAD_RETENTION_JOURNAL_DAYS", "800"),
                ("NARYAD_LOG", "debug"),
                ("PATH", "/bin"),
            ],
        );
        let config = config.unwrap();
        assert_eq!((config.jobs.at_once, config.jobs.at_once_per_plugin), (9, 4));
        assert_eq!((config.retention.journal_days, config.retention.run_days), (800, 180));
        assert_eq!(config.plugins.guest_ms, Some(7));
        assert_eq!(config.plugins.private_hosts, ["stock.local:8080"]);
        assert_eq!(config.listen.to_string(), "0.0.0.0:80");
        assert_eq!(config.base_url.as_deref(), Some("https://desk.example.com/"));
    }

    #[test]
    fn what_is_unknown_or_of_the_wrong_kind_is_named() {
        for (file, variables, words) in [
            ("lisen = \"x\"", &[][..], "unknown field `lisen`"),
            ("\n[jobs]\nat_once = \"many\"", &[], "line 3"),
            ("", &[("NARYAD_LISEN", "x")], "NARYAD_LISEN of the environment: unknown field"),
            ("", &[("NARYAD_JOBS_AT_ONCE", "many")], "NARYAD_JOBS_AT_ONCE"),
            ("tls_cert = \"a.pem\"", &[], "belong together"),
            ("[jobs]\nat_once = 0", &[], "start at 1"),
            ("[retention]\ndead_job_days = 0", &[], "`retention.dead_job_days` starts at 1"),
            ("metrics_token = \"short\"", &[], "at least 16"),
            ("", &[("NARYAD_METRICS_TOKEN", "with a space in the middle")], "visible ASCII"),
        ] {
            let error = load(file, variables).unwrap_err();
            assert!(error.contains(words), "{file}: {error}");
        }
    }
}
