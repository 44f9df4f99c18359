//! A request from outside to an installation, and what it is answered.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;

/// Largest body of a request, in bytes.
pub const HOOK_BODY_BYTES_MAX: usize = 1024 * 1024;
/// Longest query of a request, in bytes.
pub const HOOK_QUERY_BYTES_MAX: usize = 8 * 1024;

/// As it came in at the desk's door.
#[derive(Debug, Clone)]
pub struct HookRequest {
    /// As the address names it; whether there is one is not known yet.
    pub installation: String,
    /// What the address holds as proof; never logged.
    pub token: String,
    pub path: String,
    /// `GET`, `POST` or `PUT`.
    pub method: String,
    pub query: String,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

/// What the other side is answered; only after what it brought is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HookAnswer {
    Said {
        /// 200 to 599.
        status: u16,
        headers: Vec<(String, String)>,
        body: Vec<u8>,
    },
    /// There is no such address: a wrong token, a path that was not granted, an installation that is switched off.
    Unknown,
    /// It can be sent again, after so many seconds.
    Later { seconds: u32 },
    /// It will fail again.
    Refused { message: String },
}

/// Who takes requests: whoever wires the door puts the jobs behind it.
#[derive(Clone)]
pub struct HookReceiver(Arc<dyn Fn(HookRequest) -> Answering + Send + Sync>);

type Answering = Pin<Box<dyn Future<Output = HookAnswer> + Send>>;

impl HookReceiver {
    #[must_use]
    pub fn new(take: impl Fn(HookRequest) -> Answering + Send + Sync + 'static) -> Self {
        Self(Arc::new(take))
    }

    pub async fn take(&self, request: HookRequest) -> HookAnswer {
        (self.0)(request).await
    }
}

impl fmt::Debug for HookReceiver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HookReceiver")
    }
}
