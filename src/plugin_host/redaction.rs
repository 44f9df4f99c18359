//! Blacks out the values of secrets, in every spelling in which they could come back.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE_NO_PAD};

/// Knows the secrets of one installation and what is written in their place.
#[derive(Clone, Default)]
pub struct Redactor {
    /// Longest first, so that a spelling is not half eaten by a shorter one.
    spellings: Vec<(Vec<u8>, String)>,
}

impl Redactor {
    pub fn new(secrets: &BTreeMap<String, String>) -> Redactor {
        let mut redactor = Redactor::default();
        for (name, value) in secrets {
            redactor.add(name, value);
        }
        redactor
    }

    /// Also blacks out this value, such as `user:password` for basic authentication.
    pub fn add(&mut self, name: &str, value: &str) {
        let mark = format!("[secret {name}]");
        let escaped = serde_json::Value::from(value).to_string();
        let form: String = form_urlencoded(value);
        let spellings = [
            value.to_owned(),
            escaped.trim_matches('"').to_owned(),
            form.replace('+', "%20"),
            form.to_ascii_lowercase(),
            form,
            STANDARD.encode(value),
            STANDARD_NO_PAD.encode(value),
            URL_SAFE_NO_PAD.encode(value),
        ];
        self.spellings.extend(spellings.into_iter().map(|spelling| (spelling.into_bytes(), mark.clone())));
        self.spellings.sort_by_key(|(spelling, _)| std::cmp::Reverse(spelling.len()));
        self.spellings.dedup();
    }

    /// Nothing would ever be blacked out.
    pub fn is_empty(&self) -> bool {
        self.spellings.is_empty()
    }

    pub fn text(&self, text: &str) -> String {
        String::from_utf8_lossy(&self.bytes(text.as_bytes().to_vec())).into_owned()
    }

    pub fn bytes(&self, mut bytes: Vec<u8>) -> Vec<u8> {
        for (spelling, mark) in &self.spellings {
            if find(&bytes, spelling).is_some() {
                bytes = replace(&bytes, spelling, mark.as_bytes());
            }
        }
        bytes
    }
}

fn replace(bytes: &[u8], spelling: &[u8], mark: &[u8]) -> Vec<u8> {
    let mut replaced = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some(at) = find(rest, spelling) {
        replaced.extend_from_slice(&rest[..at]);
        replaced.extend_from_slice(mark);
        rest = &rest[at + spelling.len()..];
    }
    replaced.extend_from_slice(rest);
    replaced
}

fn find(bytes: &[u8], spelling: &[u8]) -> Option<usize> {
    let first = *spelling.first()?;
    let last_start = bytes.len().checked_sub(spelling.len())?;
    (0..=last_start).find(|&at| bytes[at] == first && bytes[at..].starts_with(spelling))
}

fn form_urlencoded(value: &str) -> String {
    // reqwest's URL type carries the one implementation that we have.
    reqwest::Url::parse_with_params("x:/", [("", value)])
        .ok()
        .and_then(|url| url.query().map(|query| query.trim_start_matches('=').to_owned()))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_found_in_every_spelling() {
        let secrets = BTreeMap::from([("token".to_owned(), "p\"ss w/rd+é".to_owned())]);
        let redactor = Redactor::new(&secrets);
        for spelling in [
            "p\"ss w/rd+é",
            "p\\\"ss w/rd+é",
            "p%22ss+w%2Frd%2B%C3%A9",
            "p%22ss%20w%2Frd%2B%C3%A9",
            "p%22ss+w%2frd%2b%c3%a9",
            "cCJzcyB3L3JkK8Op",
        ] {
            assert_eq!(redactor.text(&format!("<{spelling}|{spelling}>")), "<[secret token]|[secret token]>");
        }
        assert_eq!(redactor.text("nothing here"), "nothing here");
    }
}
