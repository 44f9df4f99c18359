//! Mirrors tickets with the plainest server there is, for the tests of the desk's side.
//!
//! `GET {base_url}/changes?after=CURSOR` answers `{"items": [...], "cursor": "...", "more": false}`, the items as the
//! desk takes them. `POST {base_url}/copies` makes a copy and answers `{"external": "..."}`; `POST {base_url}/events`
//! is told of everything else. Both carry the call's idempotency key. A webhook's body is a list of
//! `{"external", "key", "subject"}`. A file
//! of an event is sent to `POST {base_url}/files`.

use naryad_plugin::webhook::{Answer, Request};
use naryad_plugin::{
    Command, Error, Event, Item, Items, Refusal, Upsert, Visibility, blob, context, http, kv, log, plugin,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

plugin! {
    on_event: on_event,
    poll: poll,
    webhook: webhook,
    check: check,
    on_refused: on_refused,
}

#[derive(Deserialize)]
struct Settings {
    base_url: String,
}

/// A document as the server gave it; the desk judges it.
#[derive(Deserialize, Serialize)]
struct Raw(Value);

/// What the server tells by webhook.
#[derive(Deserialize)]
struct News {
    external: String,
    key: String,
    subject: String,
}

#[derive(Deserialize)]
struct Copy {
    external: String,
}

fn url(path: &str) -> Result<String, Error> {
    let settings: Settings = context::configuration()?;
    Ok(format!("{}/{path}", settings.base_url.trim_end_matches('/')))
}

fn post(path: &str, body: &Value) -> Result<http::Response, Error> {
    let request = http::post(url(path)?).header("idempotency-key", context::get().idempotency_key);
    request.json(body).send().map_err(Error::from)?.success()
}

fn poll(cursor: Option<String>) -> Result<Raw, Error> {
    let polls = kv::get_json::<u64>("polls")?.unwrap_or(0) + 1;
    kv::set_json("polls", &polls)?;
    let request = http::get(url("changes")?).query("after", cursor.as_deref().unwrap_or(""));
    let changes: Raw = request.send().map_err(Error::from)?.success()?.json()?;
    Ok(changes)
}

fn on_event(event: Event) -> Result<Items, Error> {
    let told = json!({
        "kind": event.kind, "seq": event.seq, "origin": event.origin, "number": event.ticket.number,
        "before": event.before, "after": event.after, "attempt": context::get().attempt,
    });
    if event.kind == "ticket_opened" {
        let copy: Copy = post("copies", &told)?.json()?;
        return Ok(Items::of([Item::of_event().called(copy.external).then(Command::link())]));
    }
    post("events", &told)?;
    if event.kind == "attachment_added" {
        return answer_files(&event);
    }
    Ok(Items::none())
}

/// Sends each file on, and answers with one of its own.
fn answer_files(event: &Event) -> Result<Items, Error> {
    for file in event.after["files"].as_array().into_iter().flatten() {
        let Some(handle) = file["file"].as_str() else { continue };
        let request = http::post(url("files")?);
        request.upload(None, handle, &http::Placement::Body).map_err(Error::from)?.success()?;
    }
    let receipt = blob::create("receipt.txt", "text/plain", b"taken over").map_err(Error::from)?;
    let attach = Command::attach(receipt, Visibility::Internal);
    Ok(Items::of([Item::of_event().then(attach)]))
}

fn webhook(request: Request) -> Result<Answer, Error> {
    let news: Vec<News> = request.json()?;
    let item = |news: News| Item::external(news.external).key(news.key).then(Upsert::new(news.subject));
    Ok(Answer::ok().text("taken").items(Items::of(news.into_iter().map(item))))
}

fn check() -> Result<String, Error> {
    http::get(url("changes")?).send().map_err(Error::from)?.success()?;
    Ok("The server answers.".to_owned())
}

fn on_refused(item: Value, refusal: Refusal) -> Result<(), Error> {
    log::info(&format!("refused: {}", refusal.code));
    post("refusals", &json!({ "item": item, "code": refusal.code })).map(drop)
}
