//! What is wrong in a fixture before anything of it is played: each mistake names its place and what would be right.

use std::fmt::Display;

use reqwest::Url;

use super::fixture::{
    Body, Exchange, Expectation, Fixture, FixtureContext, FixtureEntry, FixtureRequest, FixtureResponse,
    Purpose,
};
use crate::domain::Key;
use crate::domain::calendar;
use crate::plugin_host::Manifest;

const METHODS: [&str; 6] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"];

/// The mistakes of a fixture for the plugin of this manifest; empty when there is none.
pub fn mistakes(fixture: &Fixture, manifest: &Manifest, purpose: Purpose) -> Vec<String> {
    let mut found = Found::default();
    found.in_entry(&fixture.entry, manifest);
    found.in_context(&fixture.context, manifest);
    for (at, name) in fixture.secrets.iter().flatten().enumerate() {
        found.in_secret(&format!("secrets[{at}]"), name, manifest);
    }
    for (at, exchange) in fixture.http.iter().enumerate() {
        found.in_exchange(&format!("http[{at}]"), exchange, manifest);
    }
    if purpose == Purpose::Play {
        found.in_expectation(&fixture.expect);
    }
    found.mistakes
}

#[derive(Default)]
struct Found {
    mistakes: Vec<String>,
}

impl Found {
    fn add(&mut self, at: &str, mistake: impl Display) {
        self.mistakes.push(format!("`{at}`: {mistake}"));
    }

    fn in_entry(&mut self, entry: &FixtureEntry, manifest: &Manifest) {
        match entry {
            FixtureEntry::Function { name, input } => match manifest.function(name) {
                Some(function) => {
                    if let Err(mismatch) = function.input.check(input) {
                        self.add("entry.function.input", mismatch);
                    }
                }
                None => {
                    let known = names(manifest.functions.iter().map(|one| &one.name));
                    self.add(
                        "entry.function.name",
                        format!("the manifest declares no function `{name}`; it has {known}"),
                    );
                }
            },
        }
    }

    fn in_context(&mut self, context: &FixtureContext, manifest: &Manifest) {
        if let Err(mismatch) = manifest.config.check(&context.configuration) {
            self.add("context.configuration", mismatch);
        }
        if context.attempt == 0 {
            self.add("context.attempt", "attempts count from 1");
        }
        if let Err(why) = calendar::zone(&context.time_zone) {
            self.add("context.time_zone", why);
        }
    }

    fn in_secret(&mut self, at: &str, name: &str, manifest: &Manifest) {
        if manifest.secret(name).is_none() {
            let known = names(manifest.secrets.iter().map(|one| &one.name));
            self.add(at, format!("the manifest declares no secret `{name}`; it has {known}"));
        }
    }

    fn in_exchange(&mut self, at: &str, exchange: &Exchange, manifest: &Manifest) {
        let FixtureRequest { method, url, headers: _, authentication, body } = &exchange.request;
        if !METHODS.contains(&method.as_str()) {
            let right = METHODS.join(", ");
            self.add(&format!("{at}.request.method"), format!("`{method}` is no method; they are {right}"));
        }
        if let Err(why) = Url::parse(url) {
            self.add(&format!("{at}.request.url"), format!("`{url}` is no URL: {why}"));
        }
        if let Some(text) = authentication {
            self.in_authentication(&format!("{at}.request.authentication"), text, manifest);
        }
        self.in_body(&format!("{at}.request.body"), body.as_ref());
        if let FixtureResponse::Answered { status, body, .. } = &exchange.response {
            if !(100..=599).contains(status) {
                let at = format!("{at}.response.answered.status");
                self.add(&at, format!("{status} is no status; they are 100 to 599"));
            }
            self.in_body(&format!("{at}.response.answered.body"), body.as_ref());
        }
    }

    fn in_authentication(&mut self, at: &str, text: &str, manifest: &Manifest) {
        let words: Vec<&str> = text.split(' ').collect();
        match words.as_slice() {
            ["bearer", secret] | ["basic", _, .., secret] | ["header", _, secret] => {
                self.in_secret(at, secret, manifest);
            }
            _ => self.add(
                at,
                format!(
                    "`{text}` should be `bearer SECRET`, `basic USER SECRET` or `header NAME SECRET`, \
                     with the secret's name"
                ),
            ),
        }
    }

    fn in_body(&mut self, at: &str, body: Option<&Body>) {
        if let Some(Err(why)) = body.map(Body::bytes) {
            self.add(&format!("{at}.base64"), format!("{why:#}"));
        }
    }

    fn in_expectation(&mut self, expect: &Expectation) {
        match (&expect.answer, &expect.error) {
            (None, None) => self.add(
                "expect",
                "neither `answer` nor `error` is there; `naryad plugin test --record` fills it in from a live run",
            ),
            (Some(_), Some(_)) => self.add("expect", "a call ends with `answer` or with `error`, not with both"),
            _ => {}
        }
    }
}

fn names<'a>(keys: impl Iterator<Item = &'a Key>) -> String {
    let names: Vec<&str> = keys.map(Key::as_str).collect();
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}
