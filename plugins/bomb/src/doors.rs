//! The other exports of the contract, each doing a little that a test can see.

use naryad_plugin::event::Event;
use naryad_plugin::signatures::{Algorithm, verify_hmac_hex};
use naryad_plugin::webhook::{Answer, Request};
use naryad_plugin::{Command, Comment, Error, Item, Items, Poll, Refusal, Retry, Upsert, kv, log};
use serde_json::{Value, json};

/// Copies what it is told of, and links the copy.
pub fn on_event(event: Event) -> Result<Items, Error> {
    let subject = event.ticket.subject.clone().unwrap_or_default();
    if subject == "busy" {
        return Err(Error::new("busy", "The other side is busy.").retry(Retry::AfterSeconds(5)));
    }
    kv::set_json(&format!("copy/{}", event.ticket.number), &json!({ "seq": event.seq, "subject": subject }))?;
    let external = format!("X-{}", event.ticket.number);
    Ok(Items::of([Item::of_event().called(external).at(event.at).then(Command::link())]))
}

/// One item for each number from the cursor on; three pages.
pub fn poll(cursor: Option<String>) -> Result<Poll, Error> {
    let from: u32 =
        cursor.as_deref().map_or(Ok(0), str::parse).map_err(|_| Error::new("cursor", "No number."))?;
    kv::set("last_cursor", from.to_string().as_bytes())?;
    let item = |number: u32| {
        Item::external(format!("IM{number}"))
            .key(format!("IM{number}/1"))
            .then(
                Upsert::new(format!("Fault {number}"))
                    .category("printer")
                    .field("model", "K-7")
                    .tag("foreign"),
            )
            .then(Comment::public("As it was said there.").author("Anna"))
    };
    Ok(Poll::of((from..from + 2).map(item)).cursor((from + 2).to_string()).more(from < 4))
}

/// Takes what was signed.
pub fn webhook(request: Request) -> Result<Answer, Error> {
    let signature = request.header("x-signature").unwrap_or_default();
    if !verify_hmac_hex("hook_key", Algorithm::Sha256, &request.body, signature)? {
        return Ok(Answer::status(401).text("wrong signature"));
    }
    let body: Value = request.json()?;
    let external = body["id"].as_str().unwrap_or_default();
    let notice = Command::notice("arrived", body.clone());
    Ok(Answer::ok()
        .header("x-seen", request.query("n").unwrap_or_default())
        .json(&json!({ "took": external, "by": request.method }))
        .items(Items::of([Item::external(external).then(notice)])))
}

pub fn check() -> Result<String, Error> {
    Ok("The bomb is where it was put.".to_owned())
}

pub fn on_refused(item: Value, refusal: Refusal) -> Result<(), Error> {
    log::warn(format!("{} was refused: {} ({})", item["external"], refusal.message, refusal.code));
    kv::set("refused", refusal.code.as_bytes())?;
    Ok(())
}
