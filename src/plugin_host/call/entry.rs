//! By which export a call enters, and what is made of what came back.

use std::time::Duration;

use serde_json::Value;

use super::super::failure::FailureReason;
use super::super::grant::Grant;
use super::super::limits::{
    ANSWER_BYTES_MAX, CHECK_TEXT_BYTES_MAX, CURSOR_BYTES_MAX, INPUT_BYTES_MAX, Limits,
    RETRY_AFTER_SECONDS_MAX, WEBHOOK_ANSWER_BYTES_MAX, WEBHOOK_ANSWER_HEADER_BYTES_MAX,
    WEBHOOK_ANSWER_HEADERS_MAX, WEBHOOK_BODY_BYTES_MAX, WEBHOOK_QUERY_BYTES_MAX, WISHES_MAX, cut,
};
use super::super::manifest::Manifest;
use super::super::protocol::{Door, Outcome, Retry};
use super::super::redaction::Redactor;
use super::super::schema::Mismatch;
use super::super::seam::{Entry, EntryAnswer, WebhookRequest};

/// Which ability was denied first, and why.
pub struct Denial {
    pub ability: &'static str,
    pub why: String,
}

/// How the plugin's code ended.
pub struct Said {
    pub outcome: Outcome,
    pub body: Vec<u8>,
    pub denial: Option<Denial>,
}

/// The entry as the child takes it, if the manifest knows it and it is not too large.
pub fn open(manifest: &Manifest, entry: &Entry) -> Result<(Door, Vec<u8>), FailureReason> {
    match entry {
        Entry::Function { name, input } => {
            let input = check_input(manifest, name, input)?;
            Ok((Door::Function { name: name.clone() }, input))
        }
        Entry::Event(event) => Ok((Door::Event, document("the event", event)?)),
        Entry::Poll { cursor } => {
            let bytes = cursor.as_ref().map_or(0, String::len);
            within("the cursor", bytes, CURSOR_BYTES_MAX)?;
            Ok((Door::Poll { cursor: cursor.clone() }, Vec::new()))
        }
        Entry::Webhook(request) => {
            let WebhookRequest { path, method, query, headers, body } = request;
            within("the webhook's body", body.len(), WEBHOOK_BODY_BYTES_MAX)?;
            within("the webhook's query", query.len(), WEBHOOK_QUERY_BYTES_MAX)?;
            let (path, method, query) = (path.clone(), method.clone(), query.clone());
            Ok((Door::Webhook { path, method, query, headers: headers.clone() }, body.clone()))
        }
        Entry::Check => Ok((Door::Check, Vec::new())),
        Entry::Refused { item, refusal } => {
            let refusal = String::from_utf8(document("the refusal", refusal)?).expect("JSON is UTF-8");
            Ok((Door::Refused { refusal }, document("the item", item)?))
        }
    }
}

/// Nobody enters where the administrator or the operator did not let in.
pub fn check_grant(entry: &Entry, grant: &Grant) -> Result<(), FailureReason> {
    let refused = |ability, what: String| {
        let why = format!(
            "{what} was not declared, not granted to this installation, or is denied by the operator"
        );
        Err(FailureReason::Refused { ability, why })
    };
    match entry {
        Entry::Event(event) => {
            let kind = event.get("kind").and_then(Value::as_str).unwrap_or_default();
            let granted = grant.events.iter().any(|event| event == kind);
            if granted { Ok(()) } else { refused("events", format!("the event `{}`", cut(kind, 60))) }
        }
        Entry::Poll { .. } if !grant.poll => refused("poll", "polling".to_owned()),
        Entry::Webhook(request) if !grant.webhooks.contains(&request.path) => {
            refused("webhooks", format!("the webhook `{}`", cut(&request.path, 60)))
        }
        _ => Ok(()),
    }
}

fn check_input(manifest: &Manifest, name: &str, input: &Value) -> Result<Vec<u8>, FailureReason> {
    let function = manifest.function(name).ok_or_else(|| {
        let known: Vec<&str> = manifest.functions.iter().map(|function| function.name.as_str()).collect();
        FailureReason::UnknownFunction { function: name.to_owned(), known: known.join(", ") }
    })?;
    function
        .input
        .check(input)
        .map_err(|mismatch| FailureReason::WrongInput { function: name.to_owned(), mismatch })?;
    document("the input", input)
}

fn document(what: &'static str, document: &Value) -> Result<Vec<u8>, FailureReason> {
    let bytes = document.to_string().into_bytes();
    within(what, bytes.len(), INPUT_BYTES_MAX)?;
    Ok(bytes)
}

fn within(what: &'static str, bytes: usize, bytes_max: usize) -> Result<(), FailureReason> {
    if bytes > bytes_max { Err(FailureReason::TooLarge { what, bytes, bytes_max }) } else { Ok(()) }
}

/// What came out, or why nothing did.
pub fn conclude(
    said: Said,
    entry: &Entry,
    manifest: &Manifest,
    limits: Limits,
    redactor: &Redactor,
) -> Result<EntryAnswer, FailureReason> {
    let Said { outcome, body, denial } = said;
    let reason = match (outcome, denial) {
        (Outcome::Answered, _) => return read_answer(&body, entry, manifest, redactor),
        (Outcome::AnsweredWebhook { status, headers, body_bytes }, _) => {
            return match entry {
                Entry::Webhook(_) => read_webhook(status, headers, body, body_bytes),
                // Only a child that was taken over says so.
                _ => Err(wrong_webhook("", "the answer to what was asked")),
            };
        }
        (Outcome::NoSuchDoor, _) => match entry {
            Entry::Check | Entry::Refused { .. } => return Ok(EntryAnswer::Nothing),
            _ => FailureReason::NotOffered { export: export_of(entry) },
        },
        // What it says about it in its own words is less than why it was denied.
        (Outcome::PluginError { .. } | Outcome::Trapped { .. }, Some(Denial { ability, why })) => {
            FailureReason::Refused { ability, why }
        }
        (Outcome::PluginError { code, message, retry }, None) => {
            plugin_error(&code, &message, retry, redactor)
        }
        (Outcome::Trapped { why }, _) => FailureReason::Trapped { why: redactor.text(&why) },
        (Outcome::NotLinked { why }, _) => {
            let why = format!("{} {} cannot be linked: {why}", manifest.name, manifest.version);
            FailureReason::Trapped { why }
        }
        (Outcome::GuestTimeOver, _) => {
            let what = format!("used up its {} ms of processor time", limits.guest_ms);
            FailureReason::TimedOut { what }
        }
        (Outcome::WallTimeOver, _) => {
            FailureReason::TimedOut { what: format!("did not end within {} ms", limits.wall_ms) }
        }
        (Outcome::OutOfMemory, _) => FailureReason::OutOfMemory { memory_bytes_max: limits.memory_bytes },
        (Outcome::AnswerTooLarge { bytes }, _) => {
            FailureReason::TooLarge { what: "the answer", bytes, bytes_max: ANSWER_BYTES_MAX }
        }
        (Outcome::TooManyWishes, _) => FailureReason::TooOften { times_max: WISHES_MAX },
    };
    Err(reason)
}

/// The part of the contract that an entry needs.
fn export_of(entry: &Entry) -> &'static str {
    match entry {
        Entry::Function { .. } => "functions",
        Entry::Event(_) => "events",
        Entry::Poll { .. } => "polling",
        Entry::Webhook(_) => "webhooks",
        Entry::Check => "health",
        Entry::Refused { .. } => "refusals",
    }
}

fn read_answer(
    answer: &[u8],
    entry: &Entry,
    manifest: &Manifest,
    redactor: &Redactor,
) -> Result<EntryAnswer, FailureReason> {
    match entry {
        Entry::Function { name, .. } => {
            let value = parse(answer, name)?;
            let promised = manifest.function(name).map_or(Ok(()), |function| function.output.check(&value));
            match promised {
                Ok(()) => Ok(EntryAnswer::Value(value)),
                Err(mismatch) => Err(FailureReason::WrongAnswer { function: name.clone(), mismatch }),
            }
        }
        Entry::Event(_) => parse(answer, "on-event").map(EntryAnswer::Items),
        Entry::Poll { .. } => parse(answer, "poll").map(EntryAnswer::Poll),
        Entry::Check => {
            let text = String::from_utf8_lossy(answer);
            Ok(EntryAnswer::Text(redactor.text(cut(&text, CHECK_TEXT_BYTES_MAX))))
        }
        Entry::Refused { .. } => Ok(EntryAnswer::Nothing),
        Entry::Webhook(_) => Err(wrong_webhook("", "the answer of a webhook")),
    }
}

fn read_webhook(
    status: u16,
    headers: Vec<(String, String)>,
    mut body: Vec<u8>,
    body_bytes: usize,
) -> Result<EntryAnswer, FailureReason> {
    if !(200..600).contains(&status) {
        return Err(wrong_webhook("status", "200 to 599"));
    }
    let plain = |text: &str| text.bytes().all(|byte| (b' '..=b'~').contains(&byte));
    let fits = |(name, value): &(String, String)| {
        let known = name == "content-type" || name.starts_with("x-");
        let token =
            name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
        known && token && plain(value) && name.len() + value.len() <= WEBHOOK_ANSWER_HEADER_BYTES_MAX
    };
    if headers.len() > WEBHOOK_ANSWER_HEADERS_MAX || !headers.iter().all(fits) {
        let right = format!(
            "at most {WEBHOOK_ANSWER_HEADERS_MAX} headers in lower case, each `content-type` or with a name that \
             begins with x-, of at most {WEBHOOK_ANSWER_HEADER_BYTES_MAX} bytes of plain text"
        );
        return Err(wrong_webhook("headers", &right));
    }
    if body_bytes > body.len() {
        return Err(wrong_webhook("body", "as long as it is said to be"));
    }
    within("the body of the webhook's answer", body_bytes, WEBHOOK_ANSWER_BYTES_MAX)?;
    let items = parse(&body.split_off(body_bytes), "webhook")?;
    Ok(EntryAnswer::Webhook { status, headers, body, items })
}

fn wrong_webhook(path: &str, expected: &str) -> FailureReason {
    let mismatch = Mismatch { path: path.to_owned(), expected: expected.to_owned() };
    FailureReason::WrongAnswer { function: "webhook".to_owned(), mismatch }
}

fn parse(answer: &[u8], what: &str) -> Result<Value, FailureReason> {
    serde_json::from_slice(answer).map_err(|error| FailureReason::WrongAnswer {
        function: what.to_owned(),
        mismatch: Mismatch { path: String::new(), expected: format!("JSON ({error})") },
    })
}

fn plugin_error(code: &str, message: &str, retry: Retry, redactor: &Redactor) -> FailureReason {
    let seconds = |seconds: u32| Duration::from_secs(seconds.clamp(1, RETRY_AFTER_SECONDS_MAX).into());
    let (retryable, retry_after) = match retry {
        Retry::Never => (false, None),
        Retry::Later => (true, None),
        Retry::AfterSeconds(after) => (true, Some(seconds(after))),
    };
    FailureReason::PluginError {
        code: redactor.text(code),
        message: redactor.text(message),
        retryable,
        retry_after,
    }
}
