//! The ability `http`: the parent makes the request, to allowed hosts and public addresses only.

mod payload;

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Method, Url};
use rustls_platform_verifier::BuilderVerifierExt;
use serde_json::Value;
use tokio::io::AsyncWriteExt;

use crate::domain::InstallationId;

use super::addresses;
use super::authentication::{self, Plan, TokenOrder, Tokens};
use super::grant::HostPattern;
use super::host::RequestRecord;
use super::limits::{
    FILE_BYTES_MAX, HTTP_BODY_BYTES_MAX, HTTP_HEADERS_BYTES_MAX, HTTP_HEADERS_MAX, HTTP_RESPONSE_BYTES_MAX,
    HTTP_URL_BYTES_MAX,
};
use super::manifest::{AuthenticationWay, SecretPlace};
use super::protocol::{HttpOutcome, HttpRequest};
use super::redaction::Redactor;
use super::tape::{Tape, TapedOutcome, TapedRequest};
pub use payload::Payload;

/// Headers that say how the message travels; they are ours.
const OWN_HEADERS: [&str; 10] = [
    // A compressed body could unfold to more than is allowed, and hide a secret from the redaction.
    "accept-encoding",
    "host",
    "content-length",
    "transfer-encoding",
    "connection",
    "upgrade",
    "te",
    "trailer",
    "keep-alive",
    "proxy-authorization",
];
const REASON_BYTES_MAX: usize = 500;

/// Makes requests within what the operator allows.
pub struct Gate {
    tls: rustls::ClientConfig,
    /// `None`: any public host.
    allowed_hosts: Option<Vec<HostPattern>>,
    private_hosts: Vec<HostPattern>,
    tape: Option<Arc<dyn Tape>>,
    tokens: Tokens,
}

/// What one installation may reach, and with which secrets.
pub struct Access {
    pub installation: InstallationId,
    pub declared: Vec<HostPattern>,
    pub granted: Vec<HostPattern>,
    pub secrets: BTreeMap<String, Secret>,
    /// By the names of the manifest.
    pub ways: BTreeMap<String, NamedWay>,
    pub configuration: Value,
    pub redactor: Redactor,
}

/// A declared way to authenticate with the only host that it is for.
pub struct NamedWay {
    pub host: Option<HostPattern>,
    pub way: AuthenticationWay,
}

/// A request that is to be made.
pub struct Errand {
    pub request: HttpRequest,
    pub payload: Payload,
    /// The body of a success goes into this file.
    pub store_in: Option<PathBuf>,
}

/// A secret with the only place and host that it may go to.
pub struct Secret {
    pub value: String,
    pub place: SecretPlace,
    pub host: Option<HostPattern>,
}

/// A request that came to an end.
pub struct Sent {
    pub outcome: HttpOutcome,
    pub body: Vec<u8>,
    pub record: RequestRecord,
    /// So many bytes went into the file.
    pub stored: Option<u64>,
}

/// A request that was allowed; its address has not been looked up.
struct Prepared {
    method: Method,
    url: Url,
    headers: HeaderMap,
    plan: Plan,
    redactor: Redactor,
}

struct Response {
    status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    stored: Option<u64>,
}

impl Sent {
    /// A request that was not even begun.
    pub fn unsent(outcome: HttpOutcome, request: &HttpRequest) -> Sent {
        let record = RequestRecord {
            method: request.method.clone(),
            url: String::new(),
            authentication: None,
            outcome: outcome_text(&outcome),
            request_bytes: 0,
            response_bytes: 0,
            duration: Duration::ZERO,
        };
        Sent { outcome, body: Vec::new(), record, stored: None }
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        let HttpOutcome::Response { headers, .. } = &self.outcome else { return None };
        headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

impl Gate {
    pub fn new(
        allowed_hosts: Option<Vec<HostPattern>>,
        private_hosts: Vec<HostPattern>,
        tape: Option<Arc<dyn Tape>>,
    ) -> Gate {
        Gate { tls: tls(), allowed_hosts, private_hosts, tape, tokens: Tokens::default() }
    }

    /// Sends one request; whatever happens is an outcome and a record.
    pub async fn send(&self, access: &Access, errand: Errand, left: Duration) -> Sent {
        let started = Instant::now();
        let Errand { request, payload, store_in } = errand;
        let taped = match &self.tape {
            Some(tape) => Some((tape, TapedRequest::of(&request, &payload.content().await))),
            None => None,
        };
        let asked = request.timeout_ms.map_or(left, |ms| Duration::from_millis(ms.into()));
        let answered = tokio::time::timeout(asked.min(left), async {
            let prepared = self.prepare(access, &request, &payload)?;
            match taped.as_ref().and_then(|(tape, request)| tape.play(request)) {
                Some(outcome) => recorded(outcome, store_in.as_deref()).await,
                None => self.exchange(access, prepared, &request, &payload, store_in.as_deref()).await,
            }
        });
        let (outcome, body, stored) = match answered.await {
            Err(_) => (HttpOutcome::TimedOut, Vec::new(), None),
            Ok(Err(outcome)) => (redacted(outcome, &access.redactor), Vec::new(), None),
            Ok(Ok(Response { status, headers, body, stored })) => {
                (HttpOutcome::Response { status, headers }, body, stored)
            }
        };
        let record = RequestRecord {
            url: access.redactor.text(&without_user(&request.url)),
            authentication: authentication::describe(access, &request),
            outcome: outcome_text(&outcome),
            request_bytes: payload.bytes(),
            response_bytes: stored.and_then(|bytes| usize::try_from(bytes).ok()).unwrap_or(body.len()),
            duration: started.elapsed(),
            method: request.method,
        };
        let sent = Sent { outcome, body, record, stored };
        if let Some((tape, request)) = taped {
            let mut outcome = TapedOutcome::of(&sent);
            if let (TapedOutcome::Response { body, .. }, Some(path), Some(_)) =
                (&mut outcome, &store_in, sent.stored)
            {
                *body = tokio::fs::read(path).await.unwrap_or_default();
            }
            tape.keep(&request, &outcome);
        }
        sent
    }

    fn prepare(
        &self,
        access: &Access,
        request: &HttpRequest,
        payload: &Payload,
    ) -> Result<Prepared, HttpOutcome> {
        let url = read_url(&request.url)?;
        if let Payload::Bytes(body) = payload
            && body.len() > HTTP_BODY_BYTES_MAX
        {
            let why = format!("the body has {} bytes; at most {HTTP_BODY_BYTES_MAX} are sent", body.len());
            return Err(invalid(why));
        }
        let method =
            Method::from_bytes(request.method.as_bytes()).map_err(|_| invalid("this is no method".into()))?;
        let mut headers = read_headers(&request.headers)?;
        self.allow_host(access, &url)?;
        let mut redactor = access.redactor.clone();
        let plan = authentication::plan(access, &url, request, &mut redactor)?;
        if let Plan::Token(order) = &plan {
            self.allow_host(access, &order.url)?;
            free(&headers, &AUTHORIZATION)?;
        }
        for (name, value) in authentication::headers(&plan, &method, &url, payload.signed(request.has_body))?
        {
            free(&headers, &name)?;
            headers.insert(name, value);
        }
        payload.announce(&mut headers)?;
        Ok(Prepared { method, url, headers, plan, redactor })
    }

    /// Declared by the manifest, granted by the administrator, allowed by the operator.
    fn allow_host(&self, access: &Access, url: &Url) -> Result<(), HttpOutcome> {
        let host = host_of(url);
        let among = |patterns: &[HostPattern]| patterns.iter().any(|pattern| pattern.matches(url));
        if !among(&access.declared) {
            let known: Vec<String> = access.declared.iter().map(HostPattern::to_string).collect();
            return Err(denied(format!(
                "`{host}` is not among the hosts that the plugin declares ({})",
                known.join(", ")
            )));
        }
        if !among(&access.granted) {
            return Err(denied(format!("`{host}` was not granted to this installation")));
        }
        if self.allowed_hosts.as_ref().is_some_and(|allowed| !among(allowed)) {
            return Err(denied(format!("`{host}` is outside of what the operator allows plugins to reach")));
        }
        if url.scheme() == "http" && !among(&self.private_hosts) {
            return Err(denied(format!(
                "`{host}` must be reached over https; plain http is for private hosts"
            )));
        }
        Ok(())
    }

    /// Looks the name up once; every address that is left may be connected to.
    async fn resolve(&self, url: &Url) -> Result<Vec<SocketAddr>, HttpOutcome> {
        let host = host_of(url);
        let port = url.port_or_known_default().unwrap_or(443);
        let found: Vec<SocketAddr> = match host.trim_matches(['[', ']']).parse::<IpAddr>() {
            Ok(address) => vec![SocketAddr::new(address, port)],
            Err(_) => tokio::net::lookup_host((host.as_str(), port))
                .await
                .map_err(|_| HttpOutcome::Unreachable(format!("the name `{host}` is not known")))?
                .collect(),
        };
        let private = self.private_hosts.iter().any(|pattern| pattern.matches(url));
        reachable(&host, &found, private)
    }

    async fn exchange(
        &self,
        access: &Access,
        prepared: Prepared,
        request: &HttpRequest,
        payload: &Payload,
        store_in: Option<&Path>,
    ) -> Result<Response, HttpOutcome> {
        let Prepared { method, url, mut headers, plan, mut redactor } = prepared;
        let client = self.client(&url, &plan).await?;
        let mut renewed = false;
        loop {
            let mut was_held = false;
            if let Plan::Token(order) = &plan {
                let token = self.token(access, order, &mut was_held).await?;
                redactor.add("token", &token);
                headers.insert(AUTHORIZATION, bearer(&token)?);
            }
            let mut attempt = client.request(method.clone(), url.clone()).headers(headers.clone());
            if let Some(body) = payload.body(request.has_body, &headers).await? {
                attempt = attempt.body(body);
            }
            let response = attempt.send().await.map_err(|error| unreachable(&error))?;
            if let Plan::Token(order) = &plan
                && response.status() == reqwest::StatusCode::UNAUTHORIZED
            {
                self.tokens.drop(order);
                // It was taken back before its time: a new one is worth one more try.
                if was_held && !renewed {
                    renewed = true;
                    continue;
                }
            }
            return receive(response, &redactor, store_in).await;
        }
    }

    /// A client for one request alone, which knows nothing but the addresses that were judged.
    async fn client(&self, url: &Url, plan: &Plan) -> Result<reqwest::Client, HttpOutcome> {
        let addresses = self.resolve(url).await?;
        let tls = match plan {
            Plan::Certificate(identity) => identity.show_in(self.tls.clone())?,
            _ => self.tls.clone(),
        };
        reqwest::Client::builder()
            .tls_backend_preconfigured(tls)
            .resolve_to_addrs(&host_of(url), &addresses)
            .redirect(reqwest::redirect::Policy::none())
            .referer(false)
            .no_proxy()
            .http1_only()
            .pool_max_idle_per_host(0)
            .build()
            .map_err(|error| unreachable(&error))
    }

    /// A token that holds; asked for where none is held.
    async fn token(
        &self,
        access: &Access,
        order: &TokenOrder,
        was_held: &mut bool,
    ) -> Result<String, HttpOutcome> {
        if let Some(token) = self.tokens.held(order) {
            *was_held = true;
            return Ok(token);
        }
        let client = self.client(&order.url, &Plan::Nothing).await?;
        let (form, shown) = order.form()?;
        let mut request = client
            .post(order.url.clone())
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(reqwest::header::ACCEPT, "application/json")
            .header(reqwest::header::USER_AGENT, "Naryad");
        if let Some(shown) = shown {
            request = request.header(AUTHORIZATION, shown);
        }
        let response = request.body(form).send().await.map_err(|error| unreachable(&error))?;
        let Response { status, body, .. } = receive(response, &Redactor::default(), None).await?;
        let (token, holds) =
            order.read(status, &body).map_err(|outcome| redacted(outcome, &access.redactor))?;
        self.tokens.hold(order, &token, holds);
        Ok(token)
    }
}

fn bearer(token: &str) -> Result<HeaderValue, HttpOutcome> {
    let mut value = HeaderValue::try_from(format!("Bearer {token}")).map_err(|_| {
        HttpOutcome::Unreachable("the token that was given is no text for a header".to_owned())
    })?;
    value.set_sensitive(true);
    Ok(value)
}

/// What authenticates a request is not the plugin's to fill.
fn free(headers: &HeaderMap, name: &HeaderName) -> Result<(), HttpOutcome> {
    match headers.contains_key(name) {
        true => Err(invalid(format!("the header `{name}` is filled by the authentication"))),
        false => Ok(()),
    }
}

async fn receive(
    mut response: reqwest::Response,
    redactor: &Redactor,
    store_in: Option<&Path>,
) -> Result<Response, HttpOutcome> {
    let status = response.status();
    let encoding = response.headers().get(reqwest::header::CONTENT_ENCODING);
    if encoding.is_some_and(|encoding| encoding != "identity") {
        return Err(HttpOutcome::Unreachable("it answered in an encoding that was not asked for".to_owned()));
    }
    let headers = response
        .headers()
        .iter()
        .filter(|(name, _)| *name != reqwest::header::SET_COOKIE)
        .filter_map(|(name, value)| Some((name.as_str().to_owned(), redactor.text(value.to_str().ok()?))))
        .collect();
    let status_code = status.as_u16();
    if let Some(path) = store_in.filter(|_| status.is_success()) {
        let bytes = store(response, redactor, path).await?;
        return Ok(Response { status: status_code, headers, body: Vec::new(), stored: Some(bytes) });
    }
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| unreachable(&error))? {
        if body.len() + chunk.len() > HTTP_RESPONSE_BYTES_MAX {
            return Err(HttpOutcome::TooLarge);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Response { status: status_code, headers, body: redactor.bytes(body), stored: None })
}

/// Writes the body into the file; a secret that the other side sent back is blacked out there too.
async fn store(
    mut response: reqwest::Response,
    redactor: &Redactor,
    path: &Path,
) -> Result<u64, HttpOutcome> {
    let mut file = tokio::fs::File::create(path).await.map_err(|error| no_file(&error))?;
    let mut bytes: u64 = 0;
    while let Some(chunk) = response.chunk().await.map_err(|error| unreachable(&error))? {
        bytes += chunk.len() as u64;
        if bytes > FILE_BYTES_MAX {
            return Err(HttpOutcome::TooLarge);
        }
        file.write_all(&chunk).await.map_err(|error| no_file(&error))?;
    }
    file.flush().await.map_err(|error| no_file(&error))?;
    if redactor.is_empty() {
        return Ok(bytes);
    }
    let written = tokio::fs::read(path).await.map_err(|error| no_file(&error))?;
    let clean = redactor.bytes(written);
    tokio::fs::write(path, &clean).await.map_err(|error| no_file(&error))?;
    Ok(clean.len() as u64)
}

fn no_file(error: &std::io::Error) -> HttpOutcome {
    HttpOutcome::Unreachable(format!("the desk's files cannot be reached: {}", error.kind()))
}

async fn recorded(outcome: TapedOutcome, store_in: Option<&Path>) -> Result<Response, HttpOutcome> {
    match outcome.into_parts() {
        (HttpOutcome::Response { status, headers }, body) => match store_in {
            Some(path) if (200..300).contains(&status) => {
                tokio::fs::write(path, &body).await.map_err(|error| no_file(&error))?;
                Ok(Response { status, headers, stored: Some(body.len() as u64), body: Vec::new() })
            }
            _ => Ok(Response { status, headers, body, stored: None }),
        },
        (failed, _) => Err(failed),
    }
}

fn reachable(host: &str, found: &[SocketAddr], private: bool) -> Result<Vec<SocketAddr>, HttpOutcome> {
    let mut refused = None;
    let mut left = Vec::new();
    for address in found {
        match addresses::special(address.ip()) {
            None => left.push(*address),
            Some(special) if private && special.can_be_a_private_host() => left.push(*address),
            Some(special) => refused = Some((address.ip(), special)),
        }
    }
    match (left.is_empty(), refused) {
        (false, _) => Ok(left),
        (true, Some((address, special))) => Err(denied(format!(
            "`{host}` is at {address}, which is not a public address ({}){}",
            special.name(),
            if special.can_be_a_private_host() { "; the operator can name it as a private host" } else { "" },
        ))),
        (true, None) => Err(HttpOutcome::Unreachable(format!("the name `{host}` has no address"))),
    }
}

fn read_url(text: &str) -> Result<Url, HttpOutcome> {
    if text.len() > HTTP_URL_BYTES_MAX {
        return Err(invalid(format!(
            "the URL has {} bytes; at most {HTTP_URL_BYTES_MAX} are taken",
            text.len()
        )));
    }
    let url = Url::parse(text).map_err(|error| invalid(format!("the URL cannot be read: {error}")))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(invalid(format!("the scheme `{}` is not http or https", url.scheme())));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(invalid("a URL must not hold a user name; use `authentication`".to_owned()));
    }
    Ok(url)
}

fn read_headers(given: &[(String, String)]) -> Result<HeaderMap, HttpOutcome> {
    let bytes: usize = given.iter().map(|(name, value)| name.len() + value.len()).sum();
    if given.len() > HTTP_HEADERS_MAX || bytes > HTTP_HEADERS_BYTES_MAX {
        let most = format!("at most {HTTP_HEADERS_MAX} headers with {HTTP_HEADERS_BYTES_MAX} bytes are sent");
        return Err(invalid(most));
    }
    let mut headers = HeaderMap::new();
    for (name, value) in given {
        let name: HeaderName = name.parse().map_err(|_| invalid(format!("`{name}` is no header name")))?;
        if OWN_HEADERS.contains(&name.as_str()) {
            return Err(invalid(format!("the header `{name}` is set by Naryad")));
        }
        let value =
            value.parse().map_err(|_| invalid(format!("the value of the header `{name}` is not text")))?;
        headers.append(name, value);
    }
    headers.entry(reqwest::header::ACCEPT_ENCODING).or_insert(HeaderValue::from_static("identity"));
    headers.entry(reqwest::header::USER_AGENT).or_insert(HeaderValue::from_static("Naryad"));
    Ok(headers)
}

fn tls() -> rustls::ClientConfig {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = || {
        rustls::ClientConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .expect("ring speaks TLS 1.2 and 1.3")
    };
    match builder().with_platform_verifier() {
        Ok(verified) => verified.with_no_client_auth(),
        Err(error) => {
            tracing::warn!(%error, "no certificates of authorities on this machine: plugins cannot use https");
            builder().with_root_certificates(rustls::RootCertStore::empty()).with_no_client_auth()
        }
    }
}

fn unreachable(error: &reqwest::Error) -> HttpOutcome {
    let mut text = String::new();
    let mut cause: Option<&dyn std::error::Error> = std::error::Error::source(error);
    while let Some(error) = cause {
        let separator = if text.is_empty() { "" } else { ": " };
        text.push_str(&format!("{separator}{error}"));
        cause = error.source();
    }
    text.truncate(text.floor_char_boundary(REASON_BYTES_MAX));
    HttpOutcome::Unreachable(if text.is_empty() { "the request failed".to_owned() } else { text })
}

fn redacted(outcome: HttpOutcome, redactor: &Redactor) -> HttpOutcome {
    match outcome {
        HttpOutcome::Denied(why) => HttpOutcome::Denied(redactor.text(&why)),
        HttpOutcome::Invalid(why) => HttpOutcome::Invalid(redactor.text(&why)),
        HttpOutcome::Unreachable(why) => HttpOutcome::Unreachable(redactor.text(&why)),
        other => other,
    }
}

fn outcome_text(outcome: &HttpOutcome) -> String {
    match outcome {
        HttpOutcome::Response { status, .. } => format!("status {status}"),
        HttpOutcome::Denied(why) => format!("denied: {why}"),
        HttpOutcome::Invalid(why) => format!("invalid: {why}"),
        HttpOutcome::Unreachable(why) => format!("unreachable: {why}"),
        HttpOutcome::TimedOut => "timed out".to_owned(),
        HttpOutcome::TooLarge => "the response is too large".to_owned(),
    }
}

/// A plugin may have put credentials of its own there; they do not belong in a record.
fn without_user(url: &str) -> String {
    let url = super::limits::cut(url, HTTP_URL_BYTES_MAX);
    match Url::parse(url) {
        Ok(mut url) => {
            let _ = url.set_username("");
            let _ = url.set_password(None);
            url.into()
        }
        Err(_) => url.to_owned(),
    }
}

pub(super) fn host_of(url: &Url) -> String {
    url.host_str().unwrap_or_default().to_owned()
}

pub(super) fn denied(why: String) -> HttpOutcome {
    HttpOutcome::Denied(why)
}

pub(super) fn invalid(why: String) -> HttpOutcome {
    HttpOutcome::Invalid(why)
}

#[cfg(test)]
mod tests;
