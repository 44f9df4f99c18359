//! HTTP requests, made by Naryad on the plugin's behalf to the hosts that it was granted.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::bindings::naryad::plugin::http as wit;
use crate::{Error, Retry};

pub use wit::{Error as Failure, Method, Placement};

/// A request that is being put together; `send` sends it.
#[derive(Debug)]
pub struct Request {
    inner: wit::Request,
}

/// What the other side answered.
#[derive(Debug)]
pub struct Response {
    /// 100 to 599.
    pub status: u16,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

/// What became of a download.
#[derive(Debug)]
pub struct Downloaded {
    /// 100 to 599.
    pub status: u16,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    /// The handle of the stored body; none unless the status is 2xx.
    pub file: Option<String>,
    /// The body of any other answer, cut to 64 KiB.
    pub body: Vec<u8>,
}

/// A request without headers, body or authentication.
pub fn request(method: Method, url: impl Into<String>) -> Request {
    Request {
        inner: wit::Request {
            method,
            url: url.into(),
            headers: Vec::new(),
            body: None,
            authentication: None,
            timeout_ms: None,
        },
    }
}

/// `GET url`.
pub fn get(url: impl Into<String>) -> Request {
    request(Method::Get, url)
}

/// `POST url`.
pub fn post(url: impl Into<String>) -> Request {
    request(Method::Post, url)
}

impl Request {
    /// Adds a header.
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Request {
        self.inner.headers.push((name.into(), value.into()));
        self
    }

    /// Adds `name=value` to the query, percent-encoded.
    pub fn query(mut self, name: &str, value: &str) -> Request {
        let url = &mut self.inner.url;
        url.push(if url.contains('?') { '&' } else { '?' });
        percent_encode(name, url);
        url.push('=');
        percent_encode(value, url);
        self
    }

    /// A JSON body with its content type.
    pub fn json(mut self, body: &impl Serialize) -> Request {
        // Only a map with keys that are not strings fails here, and its author sees it at the first call.
        self.inner.body = Some(serde_json::to_vec(body).expect("a JSON document"));
        self.header("content-type", "application/json")
    }

    /// A body of bytes.
    pub fn body(mut self, body: Vec<u8>) -> Request {
        self.inner.body = Some(body);
        self
    }

    /// `authorization: Bearer ...` with the named secret.
    pub fn bearer(mut self, secret: impl Into<String>) -> Request {
        self.inner.authentication = Some(wit::Authentication::Bearer(secret.into()));
        self
    }

    /// `authorization: Basic ...` with a user name and the named secret as the password.
    pub fn basic(mut self, user: impl Into<String>, password: impl Into<String>) -> Request {
        let basic = wit::Basic { user: user.into(), password: password.into() };
        self.inner.authentication = Some(wit::Authentication::Basic(basic));
        self
    }

    /// A header whose value is the named secret.
    pub fn secret_header(mut self, name: impl Into<String>, secret: impl Into<String>) -> Request {
        let header = wit::NamedHeader { name: name.into(), secret: secret.into() };
        self.inner.authentication = Some(wit::Authentication::Header(header));
        self
    }

    /// Time for the whole request.
    pub fn timeout_ms(mut self, milliseconds: u32) -> Request {
        self.inner.timeout_ms = Some(milliseconds);
        self
    }

    /// Sends the request and waits for the whole response, whatever its status.
    ///
    /// # Errors
    /// As `naryad:plugin/http.error` says.
    pub fn send(self) -> Result<Response, Failure> {
        wit::send(&self.inner).map(Response::of)
    }

    /// Sends the request, authenticated as the manifest's `[[authentication]]` of this name says.
    ///
    /// # Errors
    /// As `naryad:plugin/http.error` says.
    pub fn send_as(self, authentication: &str) -> Result<Response, Failure> {
        wit::send_as(&self.inner, authentication).map(Response::of)
    }

    /// Sends a file of the desk as the body or as a field of a form; it does not enter the plugin.
    ///
    /// # Errors
    /// As `naryad:plugin/http.error` says.
    pub fn upload(
        self,
        authentication: Option<&str>,
        file: &str,
        placement: &Placement,
    ) -> Result<Response, Failure> {
        wit::upload(&self.inner, authentication, file, placement).map(Response::of)
    }

    /// Stores the body of the response as a file of this name, at most 25 MiB; it does not enter the plugin.
    ///
    /// # Errors
    /// As `naryad:plugin/http.error` says.
    pub fn download(self, authentication: Option<&str>, name: &str) -> Result<Downloaded, Failure> {
        let wit::Downloaded { status, headers, file, body } =
            wit::download(&self.inner, authentication, name)?;
        Ok(Downloaded { status, headers, file, body })
    }
}

impl Response {
    fn of(response: wit::Response) -> Response {
        Response { status: response.status, headers: response.headers, body: response.body }
    }

    /// The body as JSON.
    ///
    /// # Errors
    /// `wrong_response` when it is not the expected document.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, Error> {
        serde_json::from_slice(&self.body).map_err(|error| {
            Error::new("wrong_response", format!("The system answered something unexpected: {error}."))
                .retry(Retry::Later)
        })
    }

    /// The first header of that name (lower case).
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// Itself when the status is 2xx.
    ///
    /// # Errors
    /// `refused_login` for 401 and 403, `busy` (retried after `retry-after`) for 429 and 503,
    /// `system_failed` (retried) for other 5xx, `request_refused` for the rest.
    pub fn success(self) -> Result<Response, Error> {
        let status = self.status;
        match status {
            200..300 => Ok(self),
            401 | 403 => Err(Error::new(
                "refused_login",
                format!("The system refused the credentials (status {status})."),
            )),
            429 | 503 => {
                let seconds = self.header("retry-after").and_then(|value| value.parse().ok());
                Err(Error::new("busy", format!("The system is busy (status {status})."))
                    .retry(seconds.map_or(Retry::Later, Retry::AfterSeconds)))
            }
            500.. => Err(Error::new("system_failed", format!("The system failed (status {status})."))
                .retry(Retry::Later)),
            _ => Err(Error::new(
                "request_refused",
                format!("The system refused the request (status {status})."),
            )),
        }
    }
}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Error {
        match failure {
            Failure::Denied(why) => Error::new("denied", why),
            Failure::Invalid(why) => Error::new("invalid_request", why),
            Failure::Unreachable(why) => Error::new("unreachable", why).retry(Retry::Later),
            Failure::TimedOut => {
                Error::new("timed_out", "The system did not answer in time.").retry(Retry::Later)
            }
            Failure::TooLarge => Error::new("too_large", "The system's answer is larger than 4 MiB."),
        }
    }
}

fn percent_encode(text: &str, into: &mut String) {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            into.push(char::from(byte));
        } else {
            into.push('%');
            into.push(char::from(HEX[usize::from(byte >> 4)]));
            into.push(char::from(HEX[usize::from(byte & 15)]));
        }
    }
}
