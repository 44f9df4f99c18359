//! How the parent authenticates a request: with secrets that the plugin knows by their names only.

mod mtls;
mod oauth2;
mod signing;

use reqwest::header::{AUTHORIZATION, HeaderName, HeaderValue};
use reqwest::{Method, Url};

use super::http::{Access, denied, host_of, invalid};
use super::manifest::{AuthenticationWay, HmacWay, SecretPlace, TextSource};
use super::protocol::{Authentication, HttpOutcome, HttpRequest};
use super::redaction::Redactor;

pub use oauth2::{TokenOrder, Tokens};

/// What will make a request authentic; everything that can be checked without the network was.
pub enum Plan {
    Nothing,
    Header(HeaderName, HeaderValue),
    Sign {
        way: HmacWay,
        key: String,
    },
    Token(TokenOrder),
    /// Shown in the handshake.
    Certificate(Box<mtls::Identity>),
}

/// Checks how a request is to be authenticated.
///
/// # Errors
/// Why that may not be done.
pub fn plan(
    access: &Access,
    url: &Url,
    request: &HttpRequest,
    redactor: &mut Redactor,
) -> Result<Plan, HttpOutcome> {
    match (&request.authentication, &request.named) {
        (None, None) => Ok(Plan::Nothing),
        (Some(_), Some(_)) => {
            Err(invalid("the request names an authentication and holds another: one of them".to_owned()))
        }
        (Some(authentication), None) => simple(access, url, authentication, redactor),
        (None, Some(name)) => named(access, url, name, redactor),
    }
}

fn named(access: &Access, url: &Url, name: &str, redactor: &mut Redactor) -> Result<Plan, HttpOutcome> {
    let way = access
        .ways
        .get(name)
        .ok_or_else(|| denied(format!("the manifest declares no authentication `{name}`")))?;
    if !way.host.as_ref().is_some_and(|host| host.matches(url)) {
        return Err(denied(format!("the authentication `{name}` may not be used for `{}`", host_of(url))));
    }
    match &way.way {
        AuthenticationWay::Bearer { secret } => {
            simple(access, url, &Authentication::Bearer { secret: secret.to_string() }, redactor)
        }
        AuthenticationWay::Basic { user, secret } => {
            let (user, password) = (text(access, user, name)?, secret.to_string());
            simple(access, url, &Authentication::Basic { user, password }, redactor)
        }
        AuthenticationWay::Header { header, secret } => {
            let (name, secret) = (header.clone(), secret.to_string());
            simple(access, url, &Authentication::Header { name, secret }, redactor)
        }
        AuthenticationWay::Hmac(way) => {
            let key = secret_for(access, url, &way.secret, |place| *place == SecretPlace::Hmac)?;
            Ok(Plan::Sign { way: way.clone(), key: key.to_owned() })
        }
        AuthenticationWay::OAuth2(way) => oauth2::order(access, name, way, redactor).map(Plan::Token),
        AuthenticationWay::Mtls { secret } => {
            let pem = secret_for(access, url, secret, |place| *place == SecretPlace::Certificate)?;
            Ok(Plan::Certificate(Box::new(mtls::Identity::read(secret, pem)?)))
        }
    }
}

fn simple(
    access: &Access,
    url: &Url,
    authentication: &Authentication,
    redactor: &mut Redactor,
) -> Result<Plan, HttpOutcome> {
    let (name, value) = match authentication {
        Authentication::Bearer { secret } => {
            let value = secret_for(access, url, secret, |place| *place == SecretPlace::Bearer)?;
            (AUTHORIZATION, format!("Bearer {value}"))
        }
        Authentication::Basic { user, password } => {
            let value = secret_for(access, url, password, |place| *place == SecretPlace::Basic)?;
            let pair = format!("{user}:{value}");
            redactor.add(password, &pair);
            (AUTHORIZATION, basic(&pair))
        }
        Authentication::Header { name, secret } => {
            let header: HeaderName =
                name.parse().map_err(|_| invalid(format!("`{name}` is no header name")))?;
            let here = SecretPlace::Header(header.as_str().to_owned());
            let value = secret_for(access, url, secret, |place| *place == here)?;
            (header, value.to_owned())
        }
    };
    Ok(Plan::Header(name, hidden(value)?))
}

/// The headers that a plan adds to a request with this body; a token and a certificate come another way.
///
/// # Errors
/// When the request cannot be signed.
pub fn headers(
    plan: &Plan,
    method: &Method,
    url: &Url,
    body: Option<&[u8]>,
) -> Result<Vec<(HeaderName, HeaderValue)>, HttpOutcome> {
    match plan {
        Plan::Nothing | Plan::Token(_) | Plan::Certificate(_) => Ok(Vec::new()),
        Plan::Header(name, value) => Ok(vec![(name.clone(), value.clone())]),
        Plan::Sign { way, key } => signing::headers(way, key, method, url, body),
    }
}

/// The value of a secret that may travel in this way to this host.
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

fn text(access: &Access, source: &TextSource, name: &str) -> Result<String, HttpOutcome> {
    source.text(&access.configuration).ok_or_else(|| {
        denied(format!("the authentication `{name}` needs a setting that this installation leaves empty"))
    })
}

fn basic(pair: &str) -> String {
    use base64::Engine as _;
    format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(pair))
}

/// A value that no log of a library shows.
fn hidden(value: String) -> Result<HeaderValue, HttpOutcome> {
    let mut value =
        HeaderValue::try_from(value).map_err(|_| invalid("the secret is no text for a header".into()))?;
    value.set_sensitive(true);
    Ok(value)
}

/// How a request was authenticated, for its record: ways and names, no values.
#[must_use]
pub fn describe(access: &Access, request: &HttpRequest) -> Option<String> {
    match (&request.authentication, &request.named) {
        (_, Some(name)) => {
            let kind = access.ways.get(name).map_or("unknown", |way| way.way.kind());
            Some(format!("{kind} {name}"))
        }
        (Some(Authentication::Bearer { secret }), None) => Some(format!("bearer {secret}")),
        (Some(Authentication::Basic { password, .. }), None) => Some(format!("basic {password}")),
        (Some(Authentication::Header { name, secret }), None) => Some(format!("header {name} {secret}")),
        (None, None) => None,
    }
}
