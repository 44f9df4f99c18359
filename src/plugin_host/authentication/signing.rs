//! A signature over parts of a request, in a header.

use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use reqwest::header::{HeaderName, HeaderValue};
use reqwest::{Method, Url};

use super::super::http::invalid;
use super::super::manifest::{Encoding, HmacWay, SignedPart};
use super::super::protocol::HttpOutcome;
use super::super::signatures::sign;
use super::hidden;

/// The signature, and the time where that is signed too.
pub(super) fn headers(
    way: &HmacWay,
    key: &str,
    method: &Method,
    url: &Url,
    body: Option<&[u8]>,
) -> Result<Vec<(HeaderName, HeaderValue)>, HttpOutcome> {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    headers_at(way, key, method, url, body, since_epoch.as_secs())
}

fn headers_at(
    way: &HmacWay,
    key: &str,
    method: &Method,
    url: &Url,
    body: Option<&[u8]>,
    seconds: u64,
) -> Result<Vec<(HeaderName, HeaderValue)>, HttpOutcome> {
    let name =
        |text: &str| text.parse::<HeaderName>().map_err(|_| invalid(format!("`{text}` is no header name")));
    let seconds = seconds.to_string();
    let target = url.query().map_or_else(|| url.path().to_owned(), |query| format!("{}?{query}", url.path()));
    let mut message = Vec::new();
    for (index, part) in way.signs.iter().enumerate() {
        if index > 0 {
            message.extend_from_slice(way.separator.as_bytes());
        }
        match part {
            SignedPart::Method => message.extend_from_slice(method.as_str().as_bytes()),
            SignedPart::Target => message.extend_from_slice(target.as_bytes()),
            SignedPart::Timestamp => message.extend_from_slice(seconds.as_bytes()),
            SignedPart::Body => message.extend_from_slice(body.ok_or_else(|| {
                invalid("a file is not signed: this authentication is for requests without one".to_owned())
            })?),
        }
    }
    let signature = sign(way.algorithm, key.as_bytes(), &message);
    let text = match way.encoding {
        Encoding::Hex => signature.iter().map(|byte| format!("{byte:02x}")).collect(),
        Encoding::Base64 => base64::engine::general_purpose::STANDARD.encode(signature),
    };
    let mut headers = vec![(name(&way.header)?, hidden(format!("{}{text}", way.prefix))?)];
    if let Some(timestamp) = &way.timestamp_header {
        headers
            .push((name(timestamp)?, HeaderValue::try_from(seconds).expect("digits are text for a header")));
    }
    Ok(headers)
}

#[cfg(test)]
mod tests {
    use super::super::super::protocol::HmacAlgorithm;
    use super::*;
    use crate::domain::Key;

    #[test]
    fn the_parts_are_signed_in_their_order() {
        let way = |signs: &[SignedPart], timestamp: Option<&str>| HmacWay {
            secret: Key::new("key").unwrap(),
            algorithm: HmacAlgorithm::Sha256,
            header: "x-signature".to_owned(),
            encoding: Encoding::Hex,
            prefix: "sha256=".to_owned(),
            signs: signs.to_vec(),
            separator: ".".to_owned(),
            timestamp_header: timestamp.map(str::to_owned),
        };
        let url = Url::parse("https://a.example.com/b/c?d=e").unwrap();
        let hex = |message: &[u8]| -> String {
            sign(HmacAlgorithm::Sha256, b"Jefe", message).iter().map(|byte| format!("{byte:02x}")).collect()
        };
        for (way, message) in [
            (way(&[SignedPart::Body], None), "what do ya want for nothing?"),
            (
                way(
                    &[SignedPart::Timestamp, SignedPart::Method, SignedPart::Target, SignedPart::Body],
                    Some("x-time"),
                ),
                "1700000000.POST./b/c?d=e.what do ya want for nothing?",
            ),
        ] {
            let body = Some(&b"what do ya want for nothing?"[..]);
            let headers = headers_at(&way, "Jefe", &Method::POST, &url, body, 1_700_000_000).unwrap();
            assert_eq!(headers[0].1.to_str().unwrap(), format!("sha256={}", hex(message.as_bytes())));
            assert!(headers[0].1.is_sensitive());
            assert_eq!(headers.len(), 1 + usize::from(way.timestamp_header.is_some()));
        }
        let unsigned = headers_at(&way(&[SignedPart::Body], None), "Jefe", &Method::POST, &url, None, 1);
        assert!(matches!(unsigned, Err(HttpOutcome::Invalid(why)) if why.contains("a file is not signed")));
    }
}
