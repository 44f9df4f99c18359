//! OAuth2 client credentials: a token is asked for once, kept until shortly before it ends, asked for again.

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use reqwest::Url;
use reqwest::header::HeaderValue;
use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::super::http::{Access, denied, host_of, invalid};
use super::super::manifest::{OAuth2Way, SecretPlace, TokenStyle};
use super::super::protocol::HttpOutcome;
use super::super::redaction::Redactor;
use super::{basic, hidden, secret_for, text};

/// How long a token holds whose giver does not say.
const HOLDS_DEFAULT: Duration = Duration::from_secs(300);
/// A token is asked for anew so long before it ends: it still has to reach the other side.
const RENEWED_BEFORE: Duration = Duration::from_secs(30);
const TOKENS_MAX: usize = 1_000;
const TOKEN_BYTES_MAX: usize = 16 << 10;
/// Of what the giver of tokens says went wrong.
const SAID_BYTES_MAX: usize = 200;

/// A token that a request needs.
pub struct TokenOrder {
    pub url: Url,
    pub style: TokenStyle,
    name: String,
    client_id: String,
    secret: String,
    scope: Option<String>,
    audience: Option<String>,
    /// The same for the same installation, client, secret and scope.
    key: [u8; 32],
}

/// Tokens that still hold.
#[derive(Default)]
pub struct Tokens {
    held: Mutex<HashMap<[u8; 32], Held>>,
}

struct Held {
    token: String,
    until: Instant,
}

#[derive(Deserialize)]
struct Granted {
    access_token: String,
    token_type: Option<String>,
    expires_in: Option<f64>,
}

#[derive(Deserialize)]
struct Declined {
    error: String,
}

/// What is asked for; the secret goes to the giver of tokens, the token to the request's host.
pub(super) fn order(
    access: &Access,
    name: &str,
    way: &OAuth2Way,
    redactor: &mut Redactor,
) -> Result<TokenOrder, HttpOutcome> {
    let url = text(access, &way.token_url, name)?;
    let url = Url::parse(&url)
        .map_err(|error| invalid(format!("the token URL of `{name}` cannot be read: {error}")))?;
    let secret = secret_for(access, &url, &way.secret, |place| *place == SecretPlace::OAuth2)?;
    let client_id = text(access, &way.client_id, name)?;
    redactor.add(&way.secret, &pair(&client_id, secret));
    let mut key = Sha256::new();
    let installation = access.installation.to_string();
    let scope = way.scope.as_deref().unwrap_or_default();
    let audience = way.audience.as_deref().unwrap_or_default();
    for part in [&installation, name, url.as_str(), &client_id, secret, scope, audience] {
        key.update(part.len().to_le_bytes());
        key.update(part);
    }
    Ok(TokenOrder {
        style: way.style,
        name: name.to_owned(),
        secret: secret.to_owned(),
        scope: way.scope.clone(),
        audience: way.audience.clone(),
        key: key.finalize().into(),
        client_id,
        url,
    })
}

impl TokenOrder {
    /// The form that asks for it, and the header that shows who asks.
    ///
    /// # Errors
    /// When the secret is no text for a header.
    pub fn form(&self) -> Result<(String, Option<HeaderValue>), HttpOutcome> {
        let mut form = vec![("grant_type", "client_credentials")];
        form.extend(self.scope.as_deref().map(|scope| ("scope", scope)));
        form.extend(self.audience.as_deref().map(|audience| ("audience", audience)));
        let shown = match self.style {
            TokenStyle::Basic => Some(hidden(basic(&pair(&self.client_id, &self.secret)))?),
            TokenStyle::Form => {
                form.extend([
                    ("client_id", self.client_id.as_str()),
                    ("client_secret", self.secret.as_str()),
                ]);
                None
            }
        };
        let url = Url::parse_with_params("x:/", form).map_err(|error| invalid(error.to_string()))?;
        Ok((url.query().unwrap_or_default().to_owned(), shown))
    }

    /// Reads what the giver of tokens answered, and how long it holds.
    ///
    /// # Errors
    /// `Denied` when it declined, `Unreachable` when it failed or makes no sense.
    pub fn read(&self, status: u16, body: &[u8]) -> Result<(String, Duration), HttpOutcome> {
        let (host, name) = (host_of(&self.url), &self.name);
        if (200..300).contains(&status) {
            let nonsense = || {
                let why =
                    format!("`{host}` answered the request for a token of `{name}` with something else");
                HttpOutcome::Unreachable(why)
            };
            let granted: Granted = serde_json::from_slice(body).map_err(|_| nonsense())?;
            let bearer = granted.token_type.is_none_or(|kind| kind.eq_ignore_ascii_case("bearer"));
            if !bearer || granted.access_token.is_empty() || granted.access_token.len() > TOKEN_BYTES_MAX {
                return Err(nonsense());
            }
            let holds = granted.expires_in.map_or(HOLDS_DEFAULT, |seconds| {
                Duration::try_from_secs_f64(seconds.min(86_400.0)).unwrap_or_default()
            });
            return Ok((granted.access_token, holds));
        }
        let said = serde_json::from_slice(body).map(|declined: Declined| declined.error).unwrap_or_default();
        let said = super::super::limits::cut(&said, SAID_BYTES_MAX);
        let said = if said.is_empty() { String::new() } else { format!(", {said}") };
        let why = format!("`{host}` gave no token for `{name}`: status {status}{said}");
        match status {
            429 | 500.. => Err(HttpOutcome::Unreachable(why)),
            _ => Err(denied(why)),
        }
    }
}

impl Tokens {
    /// The token that was given for this order, while it holds.
    pub fn held(&self, order: &TokenOrder) -> Option<String> {
        let held = self.held.lock().expect("no holder panics");
        held.get(&order.key).filter(|held| Instant::now() < held.until).map(|held| held.token.clone())
    }

    pub fn hold(&self, order: &TokenOrder, token: &str, holds: Duration) {
        let now = Instant::now();
        // A token that holds for less than a minute is used for half of its time.
        let until = now + holds.saturating_sub(RENEWED_BEFORE.min(holds / 2));
        let mut held = self.held.lock().expect("no holder panics");
        if held.len() >= TOKENS_MAX {
            held.retain(|_, held| now < held.until);
        }
        if held.len() < TOKENS_MAX {
            held.insert(order.key, Held { token: token.to_owned(), until });
        }
    }

    /// The other side no longer takes it.
    pub fn drop(&self, order: &TokenOrder) {
        self.held.lock().expect("no holder panics").remove(&order.key);
    }
}

/// Both are form-encoded before they are joined (RFC 6749, section 2.3.1).
fn pair(client_id: &str, secret: &str) -> String {
    let encoded = |text: &str| {
        let url = Url::parse_with_params("x:/", [("", text)]).ok();
        url.and_then(|url| url.query().map(|query| query.trim_start_matches('=').to_owned()))
            .unwrap_or_default()
    };
    format!("{}:{}", encoded(client_id), encoded(secret))
}
