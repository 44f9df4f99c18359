//! Requests from the other side, and what it is answered.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::Error;
use crate::bindings::exports::naryad::plugin::webhooks as wit;
use crate::items::Items;
use crate::plugin::{read, written};

/// A request as it came in; whether it is genuine is for the plugin to check (see `signatures`).
#[derive(Clone, Debug)]
pub struct Request {
    /// The path as the manifest declares it.
    pub path: String,
    /// `GET`, `POST` or `PUT`.
    pub method: String,
    /// What follows the `?`, as it came.
    pub query: String,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Request {
    /// The first header of that name (lower case).
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The body as JSON.
    ///
    /// # Errors
    /// `wrong_request`, which the other side sees as 400.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, Error> {
        let text = std::str::from_utf8(&self.body)
            .map_err(|_| Error::new("wrong_request", "The request is not UTF-8."))?;
        read("request", text)
    }

    /// The first value of that name in the query, decoded.
    pub fn query(&self, name: &str) -> Option<String> {
        let pairs = self.query.split('&').map(|pair| pair.split_once('=').unwrap_or((pair, "")));
        pairs.into_iter().find(|(key, _)| decoded(key) == name).map(|(_, value)| decoded(value))
    }
}

/// What the other side is answered, after the items are stored.
#[derive(Debug)]
pub struct Answer {
    status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    items: Items,
}

impl Answer {
    /// 200 without a body.
    pub fn ok() -> Answer {
        Answer::status(200)
    }

    /// This status (200 to 599) without a body.
    pub fn status(status: u16) -> Answer {
        Answer { status, headers: Vec::new(), body: Vec::new(), items: Items::none() }
    }

    /// What the desk is to do; the other side is answered only when it is stored.
    pub fn items(mut self, items: Items) -> Answer {
        self.items = items;
        self
    }

    /// A header: `content-type`, or a name that begins with `x-`.
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Answer {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// A body of text.
    pub fn text(mut self, text: impl Into<String>) -> Answer {
        self.body = text.into().into_bytes();
        self.header("content-type", "text/plain; charset=utf-8")
    }

    /// A JSON body.
    pub fn json(mut self, body: &impl Serialize) -> Answer {
        // Only a map with keys that are not strings fails here, and its author sees it at the first call.
        self.body = serde_json::to_vec(body).expect("a JSON document");
        self.header("content-type", "application/json")
    }

    #[doc(hidden)]
    pub fn into_reply(self) -> Result<Reply, Error> {
        let Answer { status, headers, body, items } = self;
        Ok(Reply { status, headers, body, items: written(&items)? })
    }
}

/// The answer as it crosses.
#[doc(hidden)]
pub struct Reply {
    status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    items: String,
}

impl From<Reply> for wit::WebhookAnswer {
    fn from(reply: Reply) -> Self {
        let Reply { status, headers, body, items } = reply;
        Self { status, headers, body, items }
    }
}

impl From<wit::WebhookRequest> for Request {
    fn from(request: wit::WebhookRequest) -> Self {
        let wit::WebhookRequest { path, method, query, headers, body } = request;
        Self { path, method, query, headers, body }
    }
}

fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        let escaped = || {
            let hex = std::str::from_utf8(after.get(..2)?).ok()?;
            u8::from_str_radix(hex, 16).ok()
        };
        match (byte, escaped()) {
            (b'%', Some(byte)) => {
                bytes.push(byte);
                rest = &after[2..];
                continue;
            }
            (b'+', _) => bytes.push(b' '),
            (byte, _) => bytes.push(byte),
        }
        rest = after;
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
