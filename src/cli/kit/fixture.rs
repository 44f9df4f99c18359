//! A fixture: one recorded call, with the requests that it makes, what came back, and what the call must answer.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Value, json};

use super::compare::differ;
use super::mistakes::mistakes;
use crate::domain::{Key, Moment};
use crate::plugin_host::{Grant, LogLevel, Manifest, TapedAuthentication, TapedOutcome, TapedRequest};

/// Fixtures of one plugin.
const FIXTURES_MAX: usize = 1_000;
const FIXTURE_BYTES_MAX: u64 = 8 << 20;

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fixture {
    /// What it shows, for people.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    pub entry: FixtureEntry,
    #[serde(default)]
    pub context: FixtureContext,
    /// What the installation is granted; without it all that the manifest declares.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grant: Option<Grant>,
    /// Names of secrets that have a value; without it all that the manifest declares.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secrets: Option<Vec<String>>,
    /// Keys and values before the call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kv: Option<BTreeMap<String, Body>>,
    /// Attachments by the handles that the entry's documents name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub files: Option<BTreeMap<String, FixtureFile>>,
    /// Requests in their order.
    #[serde(default)]
    pub http: Vec<Exchange>,
    /// Filled in by a recording.
    #[serde(default)]
    pub expect: Expectation,
}

/// Where the call enters the plugin.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum FixtureEntry {
    /// One of the functions that scripts call.
    Function {
        name: String,
        input: Value,
    },
    /// An event document.
    Event(Value),
    Poll {
        /// What the poll before answered.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        cursor: Option<String>,
    },
    Webhook(FixtureWebhook),
    Check,
    /// The desk did not take an item.
    Refused {
        item: Value,
        refusal: Value,
    },
}

/// A request from the other side.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FixtureWebhook {
    pub path: String,
    pub method: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub query: String,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<Body>,
}

/// A file of the desk's store.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FixtureFile {
    pub name: String,
    pub media_type: String,
    pub body: Body,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct FixtureContext {
    pub client: Key,
    /// The administrator's settings, as the manifest's `config` wants them.
    pub configuration: Value,
    pub attempt: u32,
    pub idempotency_key: String,
    /// IANA name.
    pub time_zone: String,
    /// The desk's clock, which stands during the call; a recording writes the real time where it is not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub now: Option<Moment>,
}

impl Default for FixtureContext {
    fn default() -> Self {
        FixtureContext {
            client: Key::new("example-client").expect("a key"),
            configuration: json!({}),
            attempt: 1,
            idempotency_key: "fixture".to_owned(),
            time_zone: "Etc/UTC".to_owned(),
            now: None,
        }
    }
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exchange {
    pub request: FixtureRequest,
    pub response: FixtureResponse,
}

/// Method, URL, authentication and body must be as here; of the headers, those that are named.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FixtureRequest {
    pub method: String,
    pub url: String,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, String>,
    /// `bearer SECRET`, `basic USER SECRET` or `header HEADER SECRET`, with the secret's name; or `as NAME`, with that
    /// of an `[[authentication]]`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authentication: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<Body>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum FixtureResponse {
    Answered {
        status: u16,
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        headers: BTreeMap<String, String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        body: Option<Body>,
    },
    /// The system could not be reached, and why.
    Unreachable(String),
    TimedOut,
    TooLarge,
    /// The name led to an address that plugins may not reach, and which.
    Denied(String),
}

/// A body as people can best read it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Body {
    Json(Value),
    Text(String),
    Base64(String),
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expectation {
    /// The JSON document that is answered: by a function, with items, by a poll, `status`, `headers`, `body` and
    /// `items` of a webhook, the sentence of a check; `null` where nothing is answered.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub answer: Option<Value>,
    /// Or the failure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<ExpectedError>,
    /// All lines, in their order; without it the log is not looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub log: Option<Vec<FixtureLine>>,
    /// All keys and values after the call; without it they are not looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kv: Option<BTreeMap<String, Body>>,
    /// New files by their handles (`new-1`, ...); without it they are not looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub files: Option<BTreeMap<String, FixtureFile>>,
}

/// `null` is an answer, no answer is none.
fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExpectedError {
    /// The plugin's own code, or Naryad's (`refused`, `timed_out`, ...).
    pub code: String,
    /// Whether the same call may succeed later.
    pub retryable: bool,
    /// Not before so many seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<u64>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FixtureLine {
    pub level: LogLevel,
    pub message: String,
}

/// A fixture and its file.
pub struct Recorded {
    pub file: PathBuf,
    pub name: String,
    pub fixture: Fixture,
}

/// What fixtures are read for: those that are recorded anew need not say yet what is expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    Play,
    Record,
}

/// All fixtures of a folder whose name has `only` in it, by name.
///
/// # Errors
/// Names every file and every place in it that is wrong.
pub fn read_all(
    folder: &Path,
    only: Option<&str>,
    manifest: &Manifest,
    purpose: Purpose,
) -> anyhow::Result<Vec<Recorded>> {
    let entries = fs::read_dir(folder).with_context(|| {
        format!("{} cannot be read: recorded calls lie there, a JSON file each", folder.display())
    })?;
    let mut files: Vec<PathBuf> =
        entries.map(|entry| entry.map(|entry| entry.path())).collect::<Result<_, _>>()?;
    files.retain(|file| file.extension().is_some_and(|kind| kind == "json"));
    files.sort();
    ensure!(files.len() <= FIXTURES_MAX, "{} has more than {FIXTURES_MAX} fixtures", folder.display());
    let (mut recorded, mut wrong) = (Vec::new(), Vec::new());
    for file in files {
        let name = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        if only.is_some_and(|only| !name.contains(only)) {
            continue;
        }
        let shown = file.display().to_string();
        match read(&file) {
            Err(error) => wrong.push(format!("{shown}: {error:#}")),
            Ok(fixture) => {
                let found = mistakes(&fixture, manifest, purpose);
                wrong.extend(found.into_iter().map(|mistake| format!("{shown}: {mistake}")));
                recorded.push(Recorded { file, name, fixture });
            }
        }
    }
    if !wrong.is_empty() {
        bail!("fixtures are wrong:\n  {}", wrong.join("\n  "));
    }
    ensure!(
        !recorded.is_empty(),
        "no fixture: {} has no .json file{}",
        folder.display(),
        only.map(|only| format!(" with `{only}` in its name")).unwrap_or_default()
    );
    Ok(recorded)
}

fn read(file: &Path) -> anyhow::Result<Fixture> {
    let bytes = fs::metadata(file).context("it cannot be read")?.len();
    ensure!(bytes <= FIXTURE_BYTES_MAX, "it has {bytes} bytes; at most {FIXTURE_BYTES_MAX} are read");
    let text = fs::read_to_string(file).context("it cannot be read")?;
    let mut source = serde_json::Deserializer::from_str(&text);
    let fixture = serde_path_to_error::deserialize(&mut source).map_err(|error| {
        let at = error.path().to_string();
        let inner = error.into_inner();
        if at == "." { anyhow::anyhow!("{inner}") } else { anyhow::anyhow!("`{at}`: {inner}") }
    })?;
    source.end().context("something follows the document")?;
    Ok(fixture)
}

impl FixtureRequest {
    /// As it is recorded: with all that the plugin said.
    pub fn of(request: &TapedRequest) -> FixtureRequest {
        FixtureRequest {
            method: request.method.clone(),
            url: request.url.clone(),
            headers: request.headers.iter().cloned().collect(),
            authentication: request.authentication.as_ref().map(authentication_text),
            body: request.body.as_deref().map(Body::of),
        }
    }

    /// What of a request differs from this one, each with the part's name; empty when it is the same.
    pub fn differences(&self, seen: &TapedRequest) -> Vec<String> {
        let seen = FixtureRequest::of(seen);
        let mut differences = Vec::new();
        differ("method", &json!(self.method), &json!(seen.method), &mut differences);
        differ("url", &json!(self.url), &json!(seen.url), &mut differences);
        let (wanted, found) = (json!(self.authentication), json!(seen.authentication));
        differ("authentication", &wanted, &found, &mut differences);
        for (name, value) in &self.headers {
            let header = seen.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
            let found = json!(header.map(|(_, value)| value));
            differ(&format!("headers.{name}"), &json!(value), &found, &mut differences);
        }
        let wanted = self.body.as_ref().map(Body::canonical);
        differ("body", &json!(wanted), &json!(seen.body), &mut differences);
        differences
    }
}

impl FixtureResponse {
    pub fn of(outcome: &TapedOutcome) -> Option<FixtureResponse> {
        match outcome {
            TapedOutcome::Response { status, headers, body } => Some(FixtureResponse::Answered {
                status: *status,
                headers: headers.iter().filter(|(name, _)| is_kept(name)).cloned().collect(),
                body: (!body.is_empty()).then(|| Body::of(body)),
            }),
            TapedOutcome::Unreachable(why) => Some(FixtureResponse::Unreachable(why.clone())),
            TapedOutcome::TimedOut => Some(FixtureResponse::TimedOut),
            TapedOutcome::TooLarge => Some(FixtureResponse::TooLarge),
            TapedOutcome::Denied(why) => Some(FixtureResponse::Denied(why.clone())),
            // Refused before it could go out: so it will be when it is played.
            TapedOutcome::Invalid(_) => None,
        }
    }

    /// # Errors
    /// When the body is no base64.
    pub fn outcome(&self) -> anyhow::Result<TapedOutcome> {
        Ok(match self {
            FixtureResponse::Answered { status, headers, body } => {
                let lower = |(name, value): (&String, &String)| (name.to_ascii_lowercase(), value.clone());
                TapedOutcome::Response {
                    status: *status,
                    headers: headers.iter().map(lower).collect(),
                    body: body.as_ref().map(Body::bytes).transpose()?.unwrap_or_default(),
                }
            }
            FixtureResponse::Unreachable(why) => TapedOutcome::Unreachable(why.clone()),
            FixtureResponse::TimedOut => TapedOutcome::TimedOut,
            FixtureResponse::TooLarge => TapedOutcome::TooLarge,
            FixtureResponse::Denied(why) => TapedOutcome::Denied(why.clone()),
        })
    }
}

/// Headers that change with every answer say nothing that a test could hold to.
fn is_kept(name: &str) -> bool {
    !["date", "server", "connection", "content-length", "keep-alive", "transfer-encoding"].contains(&name)
}

impl Body {
    pub fn of(bytes: &[u8]) -> Body {
        if let Ok(value @ (Value::Object(_) | Value::Array(_))) = serde_json::from_slice(bytes) {
            return Body::Json(value);
        }
        match std::str::from_utf8(bytes) {
            Ok(text) => Body::Text(text.to_owned()),
            Err(_) => Body::Base64(STANDARD.encode(bytes)),
        }
    }

    /// As a recording would write the same bytes.
    pub fn canonical(&self) -> Body {
        self.bytes().map_or_else(|_| self.clone(), |bytes| Body::of(&bytes))
    }

    /// # Errors
    /// When it is no base64.
    pub fn bytes(&self) -> anyhow::Result<Vec<u8>> {
        match self {
            Body::Json(value) => Ok(value.to_string().into_bytes()),
            Body::Text(text) => Ok(text.clone().into_bytes()),
            Body::Base64(text) => STANDARD.decode(text).context("this is no base64"),
        }
    }
}

/// Bodies as a recording would write them.
pub fn canonical(bodies: &BTreeMap<String, Body>) -> BTreeMap<String, Body> {
    bodies.iter().map(|(name, body)| (name.clone(), body.canonical())).collect()
}

fn authentication_text(authentication: &TapedAuthentication) -> String {
    match authentication {
        TapedAuthentication::Bearer { secret } => format!("bearer {secret}"),
        TapedAuthentication::Basic { user, password } => format!("basic {user} {password}"),
        TapedAuthentication::Header { name, secret } => format!("header {name} {secret}"),
        TapedAuthentication::Named { name } => format!("as {name}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(body: Option<&[u8]>) -> TapedRequest {
        TapedRequest {
            method: "POST".to_owned(),
            url: "https://example.com/a".to_owned(),
            headers: vec![("X-Trace".to_owned(), "7".to_owned())],
            authentication: Some(TapedAuthentication::Bearer { secret: "token".to_owned() }),
            body: body.map(<[u8]>::to_vec),
        }
    }

    #[test]
    fn a_request_is_compared_in_every_part() {
        let expected = FixtureRequest::of(&request(Some(br#"{"b":1,"a":2}"#)));
        assert_eq!(expected.differences(&request(Some(br#"{"a":2,"b":1}"#))), Vec::<String>::new());
        assert_eq!(expected.differences(&request(None)).len(), 1);
        for change in [
            (|one: &mut TapedRequest| one.method = "PUT".to_owned()) as fn(&mut TapedRequest),
            |one| one.url.push('b'),
            |one| one.headers.clear(),
            |one| one.authentication = None,
            |one| one.body = Some(br#"{"a":2}"#.to_vec()),
        ] {
            let mut other = request(Some(br#"{"b":1,"a":2}"#));
            change(&mut other);
            assert_eq!(expected.differences(&other).len(), 1, "{other:?}");
        }
    }

    #[test]
    fn a_body_comes_back_as_it_was() {
        for bytes in [&b"{\"a\":1}"[..], b"plain", b"\xff\xfe", b"7"] {
            assert_eq!(Body::of(bytes).bytes().unwrap(), bytes);
        }
    }
}
