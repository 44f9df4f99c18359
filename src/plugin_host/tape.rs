//! A tape between a plugin and the network: answers requests from what was recorded, or records what comes back.

use std::fmt::Debug;

use super::http::Sent;
use super::protocol::{Authentication, HttpOutcome, HttpRequest};

/// A request as the plugin asked for it; secrets stand there by their names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TapedRequest {
    pub method: String,
    pub url: String,
    pub headers: Vec<(String, String)>,
    pub authentication: Option<TapedAuthentication>,
    /// `None`: without a body. Of a file that is sent: its content.
    pub body: Option<Vec<u8>>,
}

/// How a request is authenticated, with the names of secrets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TapedAuthentication {
    Bearer {
        secret: String,
    },
    Basic {
        user: String,
        password: String,
    },
    Header {
        name: String,
        secret: String,
    },
    /// As the manifest's `[[authentication]]` of this name says.
    Named {
        name: String,
    },
}

/// What came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TapedOutcome {
    Response { status: u16, headers: Vec<(String, String)>, body: Vec<u8> },
    Denied(String),
    Invalid(String),
    Unreachable(String),
    TimedOut,
    TooLarge,
}

/// Stands where the network would be. What is not declared, not granted or wrong is refused before it is asked.
pub trait Tape: Debug + Send + Sync {
    /// The answer to an allowed request; `None`: let it go out to the network.
    fn play(&self, request: &TapedRequest) -> Option<TapedOutcome>;

    /// What became of a request, refused ones included; secrets in answers are blacked out.
    fn keep(&self, request: &TapedRequest, outcome: &TapedOutcome);
}

impl TapedRequest {
    pub(super) fn of(request: &HttpRequest, body: &[u8]) -> TapedRequest {
        let named = || request.named.clone().map(|name| TapedAuthentication::Named { name });
        let authentication = request.authentication.as_ref().map(|one| match one.clone() {
            Authentication::Bearer { secret } => TapedAuthentication::Bearer { secret },
            Authentication::Basic { user, password } => TapedAuthentication::Basic { user, password },
            Authentication::Header { name, secret } => TapedAuthentication::Header { name, secret },
        });
        TapedRequest {
            method: request.method.clone(),
            url: request.url.clone(),
            headers: request.headers.clone(),
            authentication: authentication.or_else(named),
            body: (request.has_body || !body.is_empty()).then(|| body.to_vec()),
        }
    }
}

impl TapedOutcome {
    pub(super) fn of(sent: &Sent) -> TapedOutcome {
        match sent.outcome.clone() {
            HttpOutcome::Response { status, headers } => {
                TapedOutcome::Response { status, headers, body: sent.body.clone() }
            }
            HttpOutcome::Denied(why) => TapedOutcome::Denied(why),
            HttpOutcome::Invalid(why) => TapedOutcome::Invalid(why),
            HttpOutcome::Unreachable(why) => TapedOutcome::Unreachable(why),
            HttpOutcome::TimedOut => TapedOutcome::TimedOut,
            HttpOutcome::TooLarge => TapedOutcome::TooLarge,
        }
    }

    pub(super) fn into_parts(self) -> (HttpOutcome, Vec<u8>) {
        match self {
            TapedOutcome::Response { status, headers, body } => {
                (HttpOutcome::Response { status, headers }, body)
            }
            TapedOutcome::Denied(why) => (HttpOutcome::Denied(why), Vec::new()),
            TapedOutcome::Invalid(why) => (HttpOutcome::Invalid(why), Vec::new()),
            TapedOutcome::Unreachable(why) => (HttpOutcome::Unreachable(why), Vec::new()),
            TapedOutcome::TimedOut => (HttpOutcome::TimedOut, Vec::new()),
            TapedOutcome::TooLarge => (HttpOutcome::TooLarge, Vec::new()),
        }
    }
}
