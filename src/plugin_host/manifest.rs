//! The manifest: what a plugin is, offers and needs, as its `plugin.toml` says and before anything is run.

mod authentication;
mod inward;

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::Value;

use crate::domain::{Key, Label, Language};

use super::grant::HostPattern;
use super::limits::Limits;
use super::schema::Schema;

pub use authentication::{
    AuthenticationDeclaration, AuthenticationWay, Encoding, HmacWay, OAuth2Way, SignedPart, TextSource,
    TokenStyle,
};
use inward::Inward;
pub use inward::{
    BlobDeclaration, COMMANDS, EVENT_KINDS, KvDeclaration, PollDeclaration, TICKET_FIELDS, WebhookDeclaration,
};

/// The version of the contract that this desk speaks; see `plugins/wit`.
pub const CONTRACT: &str = "0.1";
const FUNCTIONS_MAX: usize = 64;
const HOSTS_MAX: usize = 32;
const SECRETS_MAX: usize = 16;
const VERSION_BYTES_MAX: usize = 40;
const TITLE_BYTES_MAX: usize = 1_000;

/// A manifest that has been read and found sound.
#[derive(Clone, Debug)]
pub struct Manifest {
    /// All of it as JSON, for whoever shows it.
    pub document: Value,
    pub name: Key,
    pub version: String,
    pub publisher: Key,
    pub title: Label,
    pub description: Label,
    pub functions: Vec<FunctionDeclaration>,
    pub hosts: Vec<HostDeclaration>,
    pub secrets: Vec<SecretDeclaration>,
    pub authentications: Vec<AuthenticationDeclaration>,
    /// Kinds of event documents that it wants.
    pub events: Vec<String>,
    /// Parts of the ticket document that it wants to read.
    pub fields: Vec<String>,
    /// What its items may ask for.
    pub commands: Vec<String>,
    pub poll: Option<PollDeclaration>,
    pub webhooks: Vec<WebhookDeclaration>,
    pub kv: Option<KvDeclaration>,
    pub blob: Option<BlobDeclaration>,
    /// The settings that an administrator fills in; an object.
    pub config: Schema,
    pub limits: Limits,
}

/// A function that scripts may call.
#[derive(Clone, Debug)]
pub struct FunctionDeclaration {
    pub name: Key,
    pub description: Label,
    pub input: Schema,
    pub output: Schema,
}

/// A host that the plugin wants to reach.
#[derive(Clone, Debug)]
pub struct HostDeclaration {
    pub source: HostSource,
    pub why: Label,
}

/// Which host: named outright, or the one in an administrator's setting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HostSource {
    Named(HostPattern),
    /// The setting of this name holds a URL; its host and port are meant.
    Setting(String),
    /// No host: a secret that only checks what comes in.
    Nowhere,
}

/// A secret that Naryad attaches to requests; the plugin knows its name only.
#[derive(Clone, Debug)]
pub struct SecretDeclaration {
    pub name: Key,
    pub place: SecretPlace,
    /// The only host that it is sent to.
    pub host: HostSource,
    pub optional: bool,
    pub title: Label,
}

/// How a secret travels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SecretPlace {
    Bearer,
    /// The password of basic authentication.
    Basic,
    /// The value of this header (lower case).
    Header(String),
    /// The key of a signature: that of a request, or one that is checked.
    Hmac,
    /// A client's secret, shown to who gives out tokens.
    OAuth2,
    /// A chain of certificates and its key as PEM, shown in the handshake.
    Certificate,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    contract: String,
    name: Key,
    version: String,
    publisher: Key,
    title: Label,
    #[serde(default)]
    description: Label,
    #[serde(default)]
    function: Vec<FunctionDocument>,
    #[serde(default)]
    host: Vec<HostDocument>,
    #[serde(default)]
    secret: Vec<SecretDocument>,
    #[serde(default)]
    authentication: Vec<authentication::Document>,
    #[serde(default)]
    events: Vec<String>,
    #[serde(default)]
    fields: Vec<String>,
    #[serde(default)]
    commands: Vec<String>,
    poll: Option<inward::PollDocument>,
    #[serde(default)]
    webhook: Vec<inward::WebhookDocument>,
    kv: Option<inward::KvDocument>,
    blob: Option<inward::BlobDocument>,
    config: Option<Value>,
    #[serde(default)]
    limits: Limits,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FunctionDocument {
    name: Key,
    #[serde(default)]
    description: Label,
    input: Value,
    output: Value,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct HostDocument {
    name: Option<String>,
    from_setting: Option<String>,
    #[serde(default)]
    why: Label,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SecretDocument {
    name: Key,
    place: String,
    header: Option<String>,
    host: Option<String>,
    from_setting: Option<String>,
    #[serde(default)]
    optional: bool,
    title: Label,
}

impl Manifest {
    /// Reads `plugin.toml`.
    ///
    /// # Errors
    /// A sentence that says what is wrong where.
    pub fn read(text: &str) -> Result<Manifest, String> {
        let wrong = |error: toml::de::Error| error.to_string();
        let as_json: Value = toml::from_str(text).map_err(wrong)?;
        let document: Document = toml::from_str(text).map_err(wrong)?;
        if document.contract != CONTRACT {
            return Err(format!(
                "it is written for contract {}, this Naryad speaks {CONTRACT}",
                document.contract
            ));
        }
        let version_is_fine = document.version.split('.').count() == 3
            && document.version.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-+".contains(&byte));
        if !version_is_fine || document.version.len() > VERSION_BYTES_MAX {
            return Err(format!("`version` should look like 1.2.3, not `{}`", document.version));
        }
        for texts in [&document.title, &document.description] {
            check_texts(texts, "title and description")?;
        }
        if !document.title.0.contains_key(&Language::En) {
            return Err("`title.en` is missing".to_owned());
        }
        let config = read_config(document.config)?;
        let inward = Inward::read(inward::Documents {
            events: document.events,
            fields: document.fields,
            commands: document.commands,
            poll: document.poll,
            webhook: document.webhook,
            kv: document.kv,
            blob: document.blob,
        })?;
        let manifest = Manifest {
            document: as_json,
            functions: read_functions(document.function, inward.wakes())?,
            hosts: read_hosts(document.host, &config)?,
            secrets: read_secrets(document.secret, &config)?,
            authentications: authentication::read(document.authentication, &config)?,
            events: inward.events,
            fields: inward.fields,
            commands: inward.commands,
            poll: inward.poll,
            webhooks: inward.webhooks,
            kv: inward.kv,
            blob: inward.blob,
            name: document.name,
            version: document.version,
            publisher: document.publisher,
            title: document.title,
            description: document.description,
            config,
            limits: document.limits,
        };
        manifest.check_secret_hosts()?;
        authentication::check(&manifest)?;
        Ok(manifest)
    }

    #[must_use]
    pub fn function(&self, name: &str) -> Option<&FunctionDeclaration> {
        self.functions.iter().find(|function| function.name == *name)
    }

    #[must_use]
    pub fn secret(&self, name: &str) -> Option<&SecretDeclaration> {
        self.secrets.iter().find(|secret| secret.name == *name)
    }

    #[must_use]
    pub fn authentication(&self, name: &str) -> Option<&AuthenticationDeclaration> {
        self.authentications.iter().find(|authentication| authentication.name == *name)
    }

    /// The hosts that this plugin asks for with these settings: what an administrator is asked to grant.
    #[must_use]
    pub fn hosts_with(&self, configuration: &Value) -> Vec<HostPattern> {
        self.hosts.iter().filter_map(|host| host.source.pattern(configuration)).collect()
    }

    fn check_secret_hosts(&self) -> Result<(), String> {
        let declared = |source: &HostSource| {
            *source == HostSource::Nowhere || self.hosts.iter().any(|host| host.source == *source)
        };
        match self.secrets.iter().find(|secret| !declared(&secret.host)) {
            Some(secret) => {
                Err(format!("the secret `{}` belongs to a host that no [[host]] declares", secret.name))
            }
            None => Ok(()),
        }
    }
}

impl HostSource {
    /// The host that is meant under these settings; `None` while the setting is empty or no URL.
    #[must_use]
    pub fn pattern(&self, configuration: &Value) -> Option<HostPattern> {
        match self {
            HostSource::Named(pattern) => Some(pattern.clone()),
            HostSource::Setting(name) => HostPattern::of_url(configuration.get(name)?.as_str()?),
            HostSource::Nowhere => None,
        }
    }

    fn read(
        name: Option<String>,
        setting: Option<String>,
        config: &Schema,
        at: &str,
    ) -> Result<Self, String> {
        match (name, setting) {
            (Some(name), None) => {
                name.parse().map(HostSource::Named).map_err(|error| format!("{at}: {error}"))
            }
            (None, Some(setting)) if config.has_text(&setting) => Ok(HostSource::Setting(setting)),
            (None, Some(setting)) => {
                Err(format!("{at}: `from_setting` names `{setting}`, which is no text in [config]"))
            }
            _ => Err(format!("{at}: either a host's name or `from_setting` is needed")),
        }
    }
}

fn read_config(config: Option<Value>) -> Result<Schema, String> {
    let config =
        config.unwrap_or_else(|| serde_json::json!({ "type": "object", "additionalProperties": false }));
    if config.get("type").and_then(Value::as_str) != Some("object") {
        return Err("`config` should have type = \"object\"".to_owned());
    }
    Schema::read(config).map_err(|problem| format!("config: {problem}"))
}

fn read_functions(
    documents: Vec<FunctionDocument>,
    wakes_otherwise: bool,
) -> Result<Vec<FunctionDeclaration>, String> {
    if documents.is_empty() && !wakes_otherwise {
        let right = "declare a [[function]], `events`, [poll] or a [[webhook]]";
        return Err(format!("nothing would ever enter this plugin: {right}"));
    }
    if documents.len() > FUNCTIONS_MAX {
        return Err(format!("it should declare at most {FUNCTIONS_MAX} functions as [[function]]"));
    }
    unique(documents.iter().map(|document| &document.name), "function")?;
    let read = |document: FunctionDocument| {
        check_texts(&document.description, &document.name)?;
        let schema = |value, part| {
            Schema::read(value).map_err(|problem| format!("function `{}`, {part}: {problem}", document.name))
        };
        let (input, output) = (schema(document.input, "input")?, schema(document.output, "output")?);
        Ok(FunctionDeclaration { input, output, description: document.description, name: document.name })
    };
    documents.into_iter().map(read).collect()
}

fn read_hosts(documents: Vec<HostDocument>, config: &Schema) -> Result<Vec<HostDeclaration>, String> {
    if documents.len() > HOSTS_MAX {
        return Err(format!("more than {HOSTS_MAX} hosts"));
    }
    let read = |document: HostDocument| {
        check_texts(&document.why, "why")?;
        let source = HostSource::read(document.name, document.from_setting, config, "[[host]]")?;
        Ok(HostDeclaration { source, why: document.why })
    };
    documents.into_iter().map(read).collect()
}

fn read_secrets(documents: Vec<SecretDocument>, config: &Schema) -> Result<Vec<SecretDeclaration>, String> {
    if documents.len() > SECRETS_MAX {
        return Err(format!("more than {SECRETS_MAX} secrets"));
    }
    unique(documents.iter().map(|document| &document.name), "secret")?;
    let read = |document: SecretDocument| {
        let at = format!("secret `{}`", document.name);
        check_texts(&document.title, &at)?;
        let place = match (document.place.as_str(), document.header) {
            ("bearer", None) => SecretPlace::Bearer,
            ("basic", None) => SecretPlace::Basic,
            ("header", Some(header)) => SecretPlace::Header(header.to_ascii_lowercase()),
            ("hmac", None) => SecretPlace::Hmac,
            ("oauth2", None) => SecretPlace::OAuth2,
            ("certificate", None) => SecretPlace::Certificate,
            _ => {
                let right = "`place` should be \"bearer\", \"basic\", \"hmac\", \"oauth2\", \"certificate\", \
                             or \"header\" with `header = \"its-name\"`";
                return Err(format!("{at}: {right}"));
            }
        };
        let host = match (&place, &document.host, &document.from_setting) {
            (SecretPlace::Hmac, None, None) => HostSource::Nowhere,
            _ => HostSource::read(document.host, document.from_setting, config, &at)?,
        };
        let (name, optional, title) = (document.name, document.optional, document.title);
        Ok(SecretDeclaration { name, place, host, optional, title })
    };
    documents.into_iter().map(read).collect()
}

fn unique<'a>(names: impl Iterator<Item = &'a Key>, what: &str) -> Result<(), String> {
    let mut seen = BTreeSet::new();
    for name in names {
        if !seen.insert(name) {
            return Err(format!("the {what} `{name}` is declared twice"));
        }
    }
    Ok(())
}

fn check_texts(texts: &Label, at: &str) -> Result<(), String> {
    match texts.0.values().find(|text| text.len() > TITLE_BYTES_MAX) {
        Some(_) => Err(format!("{at}: a text is longer than {TITLE_BYTES_MAX} bytes")),
        None => Ok(()),
    }
}
