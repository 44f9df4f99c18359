//! Requests: the parent makes them; what is beyond the limits does not cross the pipe.

use wasmtime::Result;

use super::super::super::limits::{FILE_NAME_BYTES_MAX, HTTP_BODY_BYTES_MAX, HTTP_REQUESTS_MAX, cut};
use super::super::super::protocol::{self, HttpOutcome, HttpRequest, Placement, Reply, Wish};
use super::super::Granted;
use super::super::wit::naryad::plugin::http;
use super::{NAME_BYTES_MAX, Running, words};

impl http::Host for Running {
    fn send(&mut self, request: http::Request) -> Result<Result<http::Response, http::Error>> {
        self.request(request, None, Wish::Http)
    }

    fn send_as(
        &mut self,
        request: http::Request,
        authentication: String,
    ) -> Result<Result<http::Response, http::Error>> {
        self.request(request, Some(authentication), Wish::Http)
    }

    fn upload(
        &mut self,
        request: http::Request,
        authentication: Option<String>,
        file: String,
        placement: http::Placement,
    ) -> Result<Result<http::Response, http::Error>> {
        if request.body.is_some() {
            let why = "a request that carries a file has no body of its own".to_owned();
            return Ok(Err(http::Error::Invalid(why)));
        }
        let file = cut(&file, NAME_BYTES_MAX).to_owned();
        let placement = match placement {
            http::Placement::Body => Placement::Body,
            http::Placement::FormField(name) => {
                Placement::FormField(cut(&name, FILE_NAME_BYTES_MAX).to_owned())
            }
        };
        self.request(request, authentication, |request| Wish::Upload { request, file, placement })
    }

    fn download(
        &mut self,
        request: http::Request,
        authentication: Option<String>,
        name: String,
    ) -> Result<Result<http::Downloaded, http::Error>> {
        if name.len() > FILE_NAME_BYTES_MAX {
            let why = format!("a file's name has at most {FILE_NAME_BYTES_MAX} bytes");
            return Ok(Err(http::Error::Invalid(why)));
        }
        let (request, body) = match self.prepared(request, authentication) {
            Ok(prepared) => prepared,
            Err(wrong) => return Ok(Err(wrong)),
        };
        let granted = self.wish(Wish::Download { request, name }, &body)?;
        Ok(match granted.reply {
            Reply::Downloaded { outcome: HttpOutcome::Response { status, headers }, file } => {
                Ok(http::Downloaded { status, headers, file, body: granted.body })
            }
            Reply::Downloaded { outcome, .. } => Err(error(outcome)),
            other => Err(http::Error::Unreachable(words(other))),
        })
    }
}

impl Running {
    fn request(
        &mut self,
        request: http::Request,
        named: Option<String>,
        wish: impl FnOnce(HttpRequest) -> Wish,
    ) -> Result<Result<http::Response, http::Error>> {
        let (request, body) = match self.prepared(request, named) {
            Ok(prepared) => prepared,
            Err(wrong) => return Ok(Err(wrong)),
        };
        let Granted { reply, body } = self.wish(wish(request), &body)?;
        Ok(match reply {
            Reply::Http(HttpOutcome::Response { status, headers }) => {
                Ok(http::Response { status, headers, body })
            }
            Reply::Http(outcome) => Err(error(outcome)),
            other => Err(http::Error::Unreachable(words(other))),
        })
    }

    /// The parent checks sizes too; this keeps a frame from growing past what it reads at all.
    fn prepared(
        &mut self,
        request: http::Request,
        named: Option<String>,
    ) -> Result<(HttpRequest, Vec<u8>), http::Error> {
        self.counts.requests += 1;
        if self.counts.requests > HTTP_REQUESTS_MAX {
            let why = format!("a call makes at most {HTTP_REQUESTS_MAX} requests");
            return Err(http::Error::Invalid(why));
        }
        let bytes = request.body.as_ref().map_or(0, Vec::len);
        if bytes > HTTP_BODY_BYTES_MAX {
            let why = format!("the body has {bytes} bytes; at most {HTTP_BODY_BYTES_MAX} are sent");
            return Err(http::Error::Invalid(why));
        }
        let head: usize = request.headers.iter().map(|(name, value)| name.len() + value.len()).sum();
        let user = match &request.authentication {
            Some(http::Authentication::Basic(basic)) => basic.user.len(),
            _ => 0,
        };
        if head + request.url.len() + user > HTTP_BODY_BYTES_MAX / 4 {
            return Err(http::Error::Invalid("the URL, headers and user are too large".to_owned()));
        }
        Ok(described(request, named))
    }
}

fn described(request: http::Request, named: Option<String>) -> (HttpRequest, Vec<u8>) {
    let http::Request { method, url, headers, body, authentication, timeout_ms } = request;
    let method = match method {
        http::Method::Get => "GET",
        http::Method::Head => "HEAD",
        http::Method::Post => "POST",
        http::Method::Put => "PUT",
        http::Method::Patch => "PATCH",
        http::Method::Delete => "DELETE",
    };
    let short = |name: String| cut(&name, NAME_BYTES_MAX).to_owned();
    let authentication = authentication.map(|authentication| match authentication {
        http::Authentication::Bearer(secret) => protocol::Authentication::Bearer { secret: short(secret) },
        http::Authentication::Basic(http::Basic { user, password }) => {
            protocol::Authentication::Basic { user, password: short(password) }
        }
        http::Authentication::Header(http::NamedHeader { name, secret }) => {
            protocol::Authentication::Header { name: short(name), secret: short(secret) }
        }
    });
    let (has_body, named) = (body.is_some(), named.map(short));
    let method = method.to_owned();
    let described = HttpRequest { method, url, headers, has_body, authentication, named, timeout_ms };
    (described, body.unwrap_or_default())
}

fn error(outcome: HttpOutcome) -> http::Error {
    match outcome {
        HttpOutcome::Denied(why) => http::Error::Denied(why),
        HttpOutcome::Invalid(why) => http::Error::Invalid(why),
        HttpOutcome::Unreachable(why) => http::Error::Unreachable(why),
        HttpOutcome::TimedOut => http::Error::TimedOut,
        HttpOutcome::TooLarge => http::Error::TooLarge,
        HttpOutcome::Response { .. } => http::Error::Unreachable("Naryad answered something else".to_owned()),
    }
}
