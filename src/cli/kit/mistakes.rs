//! What is wrong in a fixture before anything of it is played: each mistake names its place and what would be right.

use std::collections::BTreeMap;
use std::fmt::Display;

use reqwest::Url;
use serde_json::Value;

use super::fixture::{
    Body, Exchange, Expectation, Fixture, FixtureContext, FixtureEntry, FixtureFile, FixtureRequest,
    FixtureResponse, FixtureWebhook, Purpose,
};
use crate::domain::Key;
use crate::domain::calendar;
use crate::plugin_host::Manifest;

const WEBHOOK_METHODS: [&str; 3] = ["GET", "POST", "PUT"];
const METHODS: [&str; 6] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"];

/// The mistakes of a fixture for the plugin of this manifest; empty when there is none.
pub fn mistakes(fixture: &Fixture, manifest: &Manifest, purpose: Purpose) -> Vec<String> {
    let mut found = Found::default();
    found.in_entry(&fixture.entry, manifest);
    found.in_context(&fixture.context, manifest);
    for (at, name) in fixture.secrets.iter().flatten().enumerate() {
        found.in_secret(&format!("secrets[{at}]"), name, manifest);
    }
    found.in_kept("", fixture.kv.as_ref(), fixture.files.as_ref(), manifest);
    for (at, exchange) in fixture.http.iter().enumerate() {
        found.in_exchange(&format!("http[{at}]"), exchange, manifest);
    }
    if purpose == Purpose::Play {
        found.in_expectation(&fixture.expect);
        found.in_kept("expect.", fixture.expect.kv.as_ref(), fixture.expect.files.as_ref(), manifest);
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
            FixtureEntry::Event(event) => self.in_event(event, manifest),
            FixtureEntry::Poll { .. } if manifest.poll.is_none() => {
                self.add("entry.poll", "the manifest has no [poll]");
            }
            FixtureEntry::Webhook(webhook) => self.in_webhook(webhook, manifest),
            FixtureEntry::Poll { .. } | FixtureEntry::Check | FixtureEntry::Refused { .. } => {}
        }
    }

    fn in_event(&mut self, event: &Value, manifest: &Manifest) {
        let known = manifest.events.join(", ");
        match event.get("kind").and_then(Value::as_str) {
            Some(kind) if manifest.events.iter().any(|wanted| wanted == kind) => {}
            Some(kind) => self.add(
                "entry.event.kind",
                format!("the manifest wants no event `{kind}`; it wants {}", or_none(&known)),
            ),
            None => self.add("entry.event.kind", "it says which event this is, and is missing"),
        }
    }

    fn in_webhook(&mut self, webhook: &FixtureWebhook, manifest: &Manifest) {
        if !manifest.webhooks.iter().any(|one| one.path == *webhook.path) {
            let known = names(manifest.webhooks.iter().map(|one| &one.path));
            let path = &webhook.path;
            self.add(
                "entry.webhook.path",
                format!("the manifest declares no webhook `{path}`; it has {known}"),
            );
        }
        if !WEBHOOK_METHODS.contains(&webhook.method.as_str()) {
            let right = WEBHOOK_METHODS.join(", ");
            self.add("entry.webhook.method", format!("`{}` should be one of {right}", webhook.method));
        }
        self.in_body("entry.webhook.body", webhook.body.as_ref());
    }

    /// What is kept and what lies in files, before the call or after it.
    fn in_kept(
        &mut self,
        at: &str,
        kv: Option<&BTreeMap<String, Body>>,
        files: Option<&BTreeMap<String, FixtureFile>>,
        manifest: &Manifest,
    ) {
        if kv.is_some() && manifest.kv.is_none() {
            self.add(&format!("{at}kv"), "the manifest has no [kv]");
        }
        if files.is_some() && manifest.blob.is_none() {
            self.add(&format!("{at}files"), "the manifest has no [blob]");
        }
        for (key, value) in kv.into_iter().flatten() {
            self.in_body(&format!("{at}kv.{key}"), Some(value));
        }
        for (handle, file) in files.into_iter().flatten() {
            self.in_body(&format!("{at}files.{handle}.body"), Some(&file.body));
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
            ["as", name] if manifest.authentication(name).is_some() => {}
            ["as", name] => {
                let known = names(manifest.authentications.iter().map(|one| &one.name));
                self.add(at, format!("the manifest declares no authentication `{name}`; it has {known}"));
            }
            _ => self.add(
                at,
                format!(
                    "`{text}` should be `bearer SECRET`, `basic USER SECRET` or `header NAME SECRET`, with the \
                     secret's name, or `as NAME`, with that of an [[authentication]]"
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
    or_none(&names.join(", ")).to_owned()
}

fn or_none(known: &str) -> &str {
    if known.is_empty() { "none" } else { known }
}
