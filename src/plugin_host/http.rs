//! The ability `http`: the parent makes the request, to allowed hosts and public addresses only.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use base64::Engine as _;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::{Method, Url};
use rustls_platform_verifier::BuilderVerifierExt;

use super::addresses;
use super::grant::HostPattern;
use super::host::RequestRecord;
use super::limits::{
    HTTP_BODY_BYTES_MAX, HTTP_HEADERS_BYTES_MAX, HTTP_HEADERS_MAX, HTTP_RESPONSE_BYTES_MAX,
    HTTP_URL_BYTES_MAX,
};
use super::manifest::SecretPlace;
use super::protocol::{Authentication, HttpOutcome, HttpRequest};
use super::redaction::Redactor;
use super::tape::{Tape, TapedOutcome, TapedRequest};

/// Headers that say how the message travels; they are ours.
const OWN_HEADERS: [&str; 9] = [
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
}

/// What one installation may reach, and with which secrets.
pub struct Access {
    pub declared: Vec<HostPattern>,
    pub granted: Vec<HostPattern>,
    pub secrets: BTreeMap<String, Secret>,
    pub redactor: Redactor,
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
}

/// A request that was allowed; its address has not been looked up.
struct Prepared {
    method: Method,
    url: Url,
    headers: HeaderMap,
    redactor: Redactor,
}

struct Response {
    status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Gate {
    pub fn new(
        allowed_hosts: Option<Vec<HostPattern>>,
        private_hosts: Vec<HostPattern>,
        tape: Option<Arc<dyn Tape>>,
    ) -> Gate {
        Gate { tls: tls(), allowed_hosts, private_hosts, tape }
    }

    /// Sends one request; whatever happens is an outcome and a record.
    pub async fn send(&self, access: &Access, request: HttpRequest, body: Vec<u8>, left: Duration) -> Sent {
        let started = Instant::now();
        let taped = self.tape.as_ref().map(|tape| (tape, TapedRequest::of(&request, &body)));
        let asked = request.timeout_ms.map_or(left, |ms| Duration::from_millis(ms.into()));
        let request_bytes = body.len();
        let answered = tokio::time::timeout(asked.min(left), async {
            let prepared = self.prepare(access, &request, body.len())?;
            match taped.as_ref().and_then(|(tape, request)| tape.play(request)) {
                Some(outcome) => recorded(outcome),
                None => self.exchange(prepared, request.has_body.then_some(body)).await,
            }
        });
        let (outcome, body) = match answered.await {
            Err(_) => (HttpOutcome::TimedOut, Vec::new()),
            Ok(Err(outcome)) => (redacted(outcome, &access.redactor), Vec::new()),
            Ok(Ok(Response { status, headers, body })) => (HttpOutcome::Response { status, headers }, body),
        };
        let record = RequestRecord {
            method: request.method,
            url: access.redactor.text(&without_user(&request.url)),
            authentication: request.authentication.as_ref().map(describe),
            outcome: outcome_text(&outcome),
            request_bytes,
            response_bytes: body.len(),
            duration: started.elapsed(),
        };
        let sent = Sent { outcome, body, record };
        if let Some((tape, request)) = taped {
            tape.keep(&request, &TapedOutcome::of(&sent));
        }
        sent
    }

    fn prepare(
        &self,
        access: &Access,
        request: &HttpRequest,
        body_bytes: usize,
    ) -> Result<Prepared, HttpOutcome> {
        let url = read_url(&request.url)?;
        if body_bytes > HTTP_BODY_BYTES_MAX {
            return Err(invalid(format!(
                "the body has {body_bytes} bytes; at most {HTTP_BODY_BYTES_MAX} are sent"
            )));
        }
        let method =
            Method::from_bytes(request.method.as_bytes()).map_err(|_| invalid("this is no method".into()))?;
        let mut headers = read_headers(&request.headers)?;
        self.allow_host(access, &url)?;
        let mut redactor = access.redactor.clone();
        if let Some(authentication) = &request.authentication {
            let (name, value) = authenticate(access, &url, authentication, &mut redactor)?;
            if headers.insert(&name, value).is_some() {
                return Err(invalid(format!("the header `{name}` is filled by the authentication")));
            }
        }
        Ok(Prepared { method, url, headers, redactor })
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

    async fn exchange(&self, prepared: Prepared, body: Option<Vec<u8>>) -> Result<Response, HttpOutcome> {
        let Prepared { method, url, headers, redactor } = prepared;
        let addresses = self.resolve(&url).await?;
        // A client for this request alone, which knows nothing but the addresses that were judged.
        let client = reqwest::Client::builder()
            .tls_backend_preconfigured(self.tls.clone())
            .resolve_to_addrs(&host_of(&url), &addresses)
            .redirect(reqwest::redirect::Policy::none())
            .referer(false)
            .no_proxy()
            .http1_only()
            .pool_max_idle_per_host(0)
            .build()
            .map_err(|error| unreachable(&error))?;
        let mut request = client.request(method, url).headers(headers);
        if let Some(body) = body {
            request = request.body(body);
        }
        let mut response = request.send().await.map_err(|error| unreachable(&error))?;
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| unreachable(&error))? {
            if body.len() + chunk.len() > HTTP_RESPONSE_BYTES_MAX {
                return Err(HttpOutcome::TooLarge);
            }
            body.extend_from_slice(&chunk);
        }
        let headers = response
            .headers()
            .iter()
            .filter(|(name, _)| *name != reqwest::header::SET_COOKIE)
            .filter_map(|(name, value)| Some((name.as_str().to_owned(), redactor.text(value.to_str().ok()?))))
            .collect();
        Ok(Response { status: response.status().as_u16(), headers, body: redactor.bytes(body) })
    }
}

fn recorded(outcome: TapedOutcome) -> Result<Response, HttpOutcome> {
    match outcome.into_parts() {
        (HttpOutcome::Response { status, headers }, body) => Ok(Response { status, headers, body }),
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
    // A compressed body could unfold to more than is allowed, and hide a secret from the redaction.
    headers.entry(reqwest::header::ACCEPT_ENCODING).or_insert(HeaderValue::from_static("identity"));
    headers.entry(reqwest::header::USER_AGENT).or_insert(HeaderValue::from_static("Naryad"));
    Ok(headers)
}

fn authenticate(
    access: &Access,
    url: &Url,
    authentication: &Authentication,
    redactor: &mut Redactor,
) -> Result<(HeaderName, HeaderValue), HttpOutcome> {
    let authorization = reqwest::header::AUTHORIZATION;
    let (name, value) = match authentication {
        Authentication::Bearer { secret } => {
            let value = secret_for(access, url, secret, |place| *place == SecretPlace::Bearer)?;
            (authorization, format!("Bearer {value}"))
        }
        Authentication::Basic { user, password } => {
            let value = secret_for(access, url, password, |place| *place == SecretPlace::Basic)?;
            let pair = format!("{user}:{value}");
            redactor.add(password, &pair);
            (authorization, format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(pair)))
        }
        Authentication::Header { name, secret } => {
            let header: HeaderName =
                name.parse().map_err(|_| invalid(format!("`{name}` is no header name")))?;
            let here = SecretPlace::Header(header.as_str().to_owned());
            let value = secret_for(access, url, secret, |place| *place == here)?;
            (header, value.to_owned())
        }
    };
    let mut value =
        HeaderValue::try_from(value).map_err(|_| invalid("the secret is no text for a header".into()))?;
    value.set_sensitive(true);
    Ok((name, value))
}

fn secret_for<'a>(
    access: &'a Access,
    url: &Url,
    name: &str,
    fits: impl FnOnce(&SecretPlace) -> bool,
) -> Result<&'a str, HttpOutcome> {
    let Some(secret) = access.secrets.get(name) else {
        return Err(denied(format!(
            "the secret `{name}` is not declared, or has no value in this installation"
        )));
    };
    if !fits(&secret.place) {
        return Err(denied(format!(
            "the secret `{name}` may not travel in this way; the manifest says how it may"
        )));
    }
    if !secret.host.as_ref().is_some_and(|host| host.matches(url)) {
        return Err(denied(format!("the secret `{name}` may not be sent to `{}`", host_of(url))));
    }
    Ok(&secret.value)
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

fn describe(authentication: &Authentication) -> String {
    match authentication {
        Authentication::Bearer { secret } => format!("bearer {secret}"),
        Authentication::Basic { password, .. } => format!("basic {password}"),
        Authentication::Header { name, secret } => format!("header {name} {secret}"),
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

fn host_of(url: &Url) -> String {
    url.host_str().unwrap_or_default().to_owned()
}

fn denied(why: String) -> HttpOutcome {
    HttpOutcome::Denied(why)
}

fn invalid(why: String) -> HttpOutcome {
    HttpOutcome::Invalid(why)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(found: &[&str], private: bool, expect: Result<&[&str], &str>) {
        let socket = |text: &&str| SocketAddr::new(text.parse().unwrap(), 443);
        let found: Vec<SocketAddr> = found.iter().map(socket).collect();
        match (reachable("stock.example.com", &found, private), expect) {
            (Ok(left), Ok(expect)) => assert_eq!(left, expect.iter().map(socket).collect::<Vec<_>>()),
            (Err(HttpOutcome::Denied(why)), Err(expect)) => assert!(why.contains(expect), "{why}"),
            (result, expect) => panic!("{found:?}: {result:?} instead of {expect:?}"),
        }
    }

    #[test]
    fn only_addresses_that_may_be_reached_are_left() {
        check(&["8.8.8.8"], false, Ok(&["8.8.8.8"]));
        check(&["10.0.0.1", "8.8.8.8", "::1"], false, Ok(&["8.8.8.8"]));
        check(&["10.0.0.1"], false, Err("10.0.0.1, which is not a public address (private)"));
        check(&["10.0.0.1"], true, Ok(&["10.0.0.1"]));
        check(&["169.254.169.254"], true, Err("a cloud's metadata service"));
        check(&["::ffff:169.254.169.254"], true, Err("a cloud's metadata service"));
        check(&["fe80::1", "0.0.0.0"], true, Err("0.0.0.0"));
    }
}
