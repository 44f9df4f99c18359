//! `[[authentication]]`: a named way in which Naryad authenticates requests, with the secrets that it takes.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::domain::Key;

use super::super::grant::HostPattern;
use super::super::protocol::HmacAlgorithm;
use super::super::schema::Schema;
use super::{HostSource, Manifest, SecretPlace, unique};

const AUTHENTICATIONS_MAX: usize = 16;
const TEXT_BYTES_MAX: usize = 1_000;

/// A way of authentication that `send-as` names.
#[derive(Clone, Debug)]
pub struct AuthenticationDeclaration {
    pub name: Key,
    /// The only host that requests in this way may go to.
    pub host: HostSource,
    pub way: AuthenticationWay,
}

/// How; secrets stand by their names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AuthenticationWay {
    Bearer { secret: Key },
    Basic { user: TextSource, secret: Key },
    Header { header: String, secret: Key },
    Hmac(HmacWay),
    OAuth2(OAuth2Way),
    Mtls { secret: Key },
}

/// A text that stands in the manifest, or in a setting of the administrator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TextSource {
    Text(String),
    Setting(String),
}

/// A signature over parts of the request in a header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HmacWay {
    pub secret: Key,
    pub algorithm: HmacAlgorithm,
    /// In which the signature travels (lower case).
    pub header: String,
    pub encoding: Encoding,
    /// Before the signature in its header.
    pub prefix: String,
    /// What is signed, in this order.
    pub signs: Vec<SignedPart>,
    /// Between the parts.
    pub separator: String,
    /// In which the time travels, seconds since 1970 (lower case).
    pub timestamp_header: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Encoding {
    Hex,
    Base64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SignedPart {
    Method,
    /// Path and query.
    Target,
    Timestamp,
    Body,
}

/// OAuth2 client credentials (RFC 6749, section 4.4).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OAuth2Way {
    pub client_id: TextSource,
    pub secret: Key,
    pub token_url: TextSource,
    pub scope: Option<String>,
    pub audience: Option<String>,
    pub style: TokenStyle,
}

/// How the client shows itself to who gives out tokens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TokenStyle {
    /// In the header `authorization`.
    #[default]
    Basic,
    /// As `client_id` and `client_secret` in the form.
    Form,
}

#[derive(Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase", deny_unknown_fields)]
pub(super) enum Document {
    Bearer {
        name: Key,
        host: Option<String>,
        from_setting: Option<String>,
        secret: Key,
    },
    Basic {
        name: Key,
        host: Option<String>,
        from_setting: Option<String>,
        user: Option<String>,
        user_from_setting: Option<String>,
        secret: Key,
    },
    Header {
        name: Key,
        host: Option<String>,
        from_setting: Option<String>,
        header: String,
        secret: Key,
    },
    Hmac {
        name: Key,
        host: Option<String>,
        from_setting: Option<String>,
        secret: Key,
        algorithm: HmacAlgorithm,
        header: String,
        #[serde(default = "hex")]
        encoding: Encoding,
        #[serde(default)]
        prefix: String,
        #[serde(default = "body")]
        signs: Vec<SignedPart>,
        #[serde(default = "line_end")]
        separator: String,
        timestamp_header: Option<String>,
    },
    OAuth2 {
        name: Key,
        host: Option<String>,
        from_setting: Option<String>,
        client_id: Option<String>,
        client_id_from_setting: Option<String>,
        secret: Key,
        token_url: Option<String>,
        token_url_from_setting: Option<String>,
        scope: Option<String>,
        audience: Option<String>,
        #[serde(default)]
        style: TokenStyle,
    },
    Mtls {
        name: Key,
        host: Option<String>,
        from_setting: Option<String>,
        secret: Key,
    },
}

fn hex() -> Encoding {
    Encoding::Hex
}

fn body() -> Vec<SignedPart> {
    vec![SignedPart::Body]
}

fn line_end() -> String {
    "\n".to_owned()
}

impl TextSource {
    /// The text under these settings; `None` while the setting is empty.
    #[must_use]
    pub fn text(&self, configuration: &Value) -> Option<String> {
        match self {
            TextSource::Text(text) => Some(text.clone()),
            TextSource::Setting(name) => Some(configuration.get(name)?.as_str()?.to_owned()),
        }
    }

    fn read(
        text: Option<String>,
        setting: Option<String>,
        what: &str,
        config: &Schema,
    ) -> Result<TextSource, String> {
        match (text, setting) {
            (Some(text), None) if text.len() <= TEXT_BYTES_MAX => Ok(TextSource::Text(text)),
            (None, Some(setting)) if config.has_text(&setting) => Ok(TextSource::Setting(setting)),
            (None, Some(setting)) => {
                Err(format!("`{what}_from_setting` names `{setting}`, which is no text in [config]"))
            }
            _ => Err(format!(
                "either `{what}` (at most {TEXT_BYTES_MAX} bytes) or `{what}_from_setting` is needed"
            )),
        }
    }
}

impl AuthenticationWay {
    /// The secret that it takes, and how that must be declared.
    #[must_use]
    pub fn secret(&self) -> (&Key, SecretPlace) {
        match self {
            AuthenticationWay::Bearer { secret } => (secret, SecretPlace::Bearer),
            AuthenticationWay::Basic { secret, .. } => (secret, SecretPlace::Basic),
            AuthenticationWay::Header { secret, header } => (secret, SecretPlace::Header(header.clone())),
            AuthenticationWay::Hmac(way) => (&way.secret, SecretPlace::Hmac),
            AuthenticationWay::OAuth2(way) => (&way.secret, SecretPlace::OAuth2),
            AuthenticationWay::Mtls { secret } => (secret, SecretPlace::Certificate),
        }
    }

    /// As the manifest writes it.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            AuthenticationWay::Bearer { .. } => "bearer",
            AuthenticationWay::Basic { .. } => "basic",
            AuthenticationWay::Header { .. } => "header",
            AuthenticationWay::Hmac(_) => "hmac",
            AuthenticationWay::OAuth2(_) => "oauth2",
            AuthenticationWay::Mtls { .. } => "mtls",
        }
    }
}

pub(super) fn read(
    documents: Vec<Document>,
    config: &Schema,
) -> Result<Vec<AuthenticationDeclaration>, String> {
    if documents.len() > AUTHENTICATIONS_MAX {
        return Err(format!("more than {AUTHENTICATIONS_MAX} authentications"));
    }
    let read: Vec<AuthenticationDeclaration> =
        documents.into_iter().map(|document| read_one(document, config)).collect::<Result<_, _>>()?;
    unique(read.iter().map(|declaration| &declaration.name), "authentication")?;
    Ok(read)
}

fn read_one(document: Document, config: &Schema) -> Result<AuthenticationDeclaration, String> {
    let at = |name: &Key| format!("authentication `{name}`");
    let (name, host, from_setting, way) = match document {
        Document::Bearer { name, host, from_setting, secret } => {
            (name, host, from_setting, Ok(AuthenticationWay::Bearer { secret }))
        }
        Document::Basic { name, host, from_setting, user, user_from_setting, secret } => {
            let user = TextSource::read(user, user_from_setting, "user", config);
            (name, host, from_setting, user.map(|user| AuthenticationWay::Basic { user, secret }))
        }
        Document::Header { name, host, from_setting, header, secret } => {
            let header = header.to_ascii_lowercase();
            (name, host, from_setting, Ok(AuthenticationWay::Header { header, secret }))
        }
        Document::Hmac {
            name,
            host,
            from_setting,
            secret,
            algorithm,
            header,
            encoding,
            prefix,
            signs,
            separator,
            timestamp_header,
        } => {
            let header = header.to_ascii_lowercase();
            let timestamp_header = timestamp_header.map(|header| header.to_ascii_lowercase());
            let way =
                HmacWay { secret, algorithm, header, encoding, prefix, signs, separator, timestamp_header };
            (name, host, from_setting, sound(way))
        }
        Document::OAuth2 {
            name,
            host,
            from_setting,
            client_id,
            client_id_from_setting,
            secret,
            token_url,
            token_url_from_setting,
            scope,
            audience,
            style,
        } => {
            let client_id = TextSource::read(client_id, client_id_from_setting, "client_id", config);
            let token_url = TextSource::read(token_url, token_url_from_setting, "token_url", config);
            let way = client_id.and_then(|client_id| {
                let token_url = token_url?;
                Ok(AuthenticationWay::OAuth2(OAuth2Way {
                    client_id,
                    secret,
                    token_url,
                    scope,
                    audience,
                    style,
                }))
            });
            (name, host, from_setting, way)
        }
        Document::Mtls { name, host, from_setting, secret } => {
            (name, host, from_setting, Ok(AuthenticationWay::Mtls { secret }))
        }
    };
    let host = HostSource::read(host, from_setting, config, &at(&name))?;
    let way = way.map_err(|problem| format!("{}: {problem}", at(&name)))?;
    Ok(AuthenticationDeclaration { name, host, way })
}

fn sound(way: HmacWay) -> Result<AuthenticationWay, String> {
    let dated = way.signs.contains(&SignedPart::Timestamp);
    if way.signs.is_empty() {
        return Err("`signs` should name what is signed: method, target, timestamp, body".to_owned());
    }
    if dated != way.timestamp_header.is_some() {
        return Err("`signs` with \"timestamp\" and `timestamp_header` go together".to_owned());
    }
    if way.prefix.len() > TEXT_BYTES_MAX || way.separator.len() > TEXT_BYTES_MAX {
        return Err(format!("`prefix` and `separator` have at most {TEXT_BYTES_MAX} bytes"));
    }
    Ok(AuthenticationWay::Hmac(way))
}

/// Secrets are there, travel in the right way and to the right host.
pub(super) fn check(manifest: &Manifest) -> Result<(), String> {
    for declaration in &manifest.authentications {
        let at = format!("authentication `{}`", declaration.name);
        let (name, place) = declaration.way.secret();
        let secret = manifest
            .secret(name)
            .ok_or_else(|| format!("{at}: it names the secret `{name}`, which no [[secret]] declares"))?;
        if secret.place != place {
            let kind = declaration.way.kind();
            return Err(format!("{at}: the secret `{name}` has another `place` than {kind} needs"));
        }
        if !manifest.hosts.iter().any(|host| host.source == declaration.host) {
            return Err(format!("{at}: it belongs to a host that no [[host]] declares"));
        }
        let to = match &declaration.way {
            AuthenticationWay::OAuth2(way) => match &way.token_url {
                TextSource::Setting(setting) => HostSource::Setting(setting.clone()),
                TextSource::Text(url) => HostPattern::of_url(url)
                    .map(HostSource::Named)
                    .ok_or_else(|| format!("{at}: `token_url` is no URL"))?,
            },
            _ => declaration.host.clone(),
        };
        if !same_host(&secret.host, &to) {
            return Err(format!(
                "{at}: the secret `{name}` is not declared for the host that it would go to"
            ));
        }
    }
    Ok(())
}

/// A URL names its port, a pattern may leave it out.
fn same_host(declared: &HostSource, needed: &HostSource) -> bool {
    match (declared, needed) {
        (HostSource::Named(declared), HostSource::Named(needed)) => {
            declared == needed || declared.covers(needed)
        }
        _ => declared == needed,
    }
}
