//! The session cookie: one name, one value, read and written here only.

use axum::http::{HeaderMap, HeaderValue, header};

use super::address::{BasePath, From};
use crate::commands::sessions::SESSION_AGE_MAX;

const NAME: &str = "naryad_session";
/// Longest token that is looked at, in bytes.
const TOKEN_BYTES_MAX: usize = 200;

/// The session's token, if the browser sent one.
pub fn read(headers: &HeaderMap) -> Option<String> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = cookies.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    let (_, token) = pairs.find(|(name, _)| *name == NAME)?;
    let is_fine = !token.is_empty() && token.len() <= TOKEN_BYTES_MAX;
    is_fine.then(|| token.to_owned())
}

pub fn set(token: &str, from: &From, base: &BasePath) -> HeaderValue {
    line(token, SESSION_AGE_MAX.ms() / 1_000, from, base)
}

pub fn clear(from: &From, base: &BasePath) -> HeaderValue {
    line("", 0, from, base)
}

fn line(token: &str, seconds: i64, from: &From, base: &BasePath) -> HeaderValue {
    let secure = if from.is_https { "; Secure" } else { "" };
    let path = base.as_str();
    let text = format!("{NAME}={token}; Path={path}; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}");
    HeaderValue::try_from(text).expect("a token and a path are visible ASCII")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cookie_is_found_among_others() {
        let mut headers = HeaderMap::new();
        assert_eq!(read(&headers), None);
        headers.append(header::COOKIE, HeaderValue::from_static("a=b; naryad_session=abc; c=d"));
        assert_eq!(read(&headers).as_deref(), Some("abc"));
    }

    #[test]
    fn behind_https_the_cookie_is_secure() {
        let from = |is_https| From { address: [127, 0, 0, 1].into(), is_https, host: None, is_local: true };
        let base = BasePath::of_url("https://example.org/desk");
        let line = set("abc", &from(true), &base);
        assert!(
            line.to_str().unwrap().ends_with("Path=/desk/; Max-Age=7776000; HttpOnly; SameSite=Lax; Secure")
        );
        assert!(!set("abc", &from(false), &base).to_str().unwrap().contains("Secure"));
    }
}
