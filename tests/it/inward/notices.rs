//! What a plugin tells wakes the script, and a foreign comment reads as its author's.

use naryad::store::run::RunState;
use serde_json::json;

use super::mirror;

const SCRIPT: &str = r#"
fn on_notice(ticket, notice) {
    if notice.name == "part_arrived" { ticket.add_tag(`${notice.plugin}:${notice.value.part}`); }
    else { ticket.add_tag("other"); }
}
fn on_comment(ticket, comment) {
    if comment.author.is_contact { ticket.add_tag("by:" + comment.author.name); }
    else if comment.author.is_plugin { ticket.add_tag("machine"); }
}
"#;

#[test]
fn a_notice_wakes_its_handler_with_what_it_says() {
    let (desk, _, plugin) = mirror(SCRIPT);
    plugin.brings(
        &desk,
        json!([{ "external": "A", "commands": [
        { "do": "upsert", "subject": "First" },
        { "do": "notice", "name": "part_arrived", "value": { "part": "NK-3" } },
    ] }, { "external": "A", "commands": [{ "do": "notice", "name": "part_lost" }] }]),
    );
    let ticket = plugin.ticket(&desk, "A").unwrap();
    let tags: Vec<_> = desk.ticket(ticket).tags.into_iter().collect();
    assert_eq!(tags, ["mirror:NK-3", "other"]);
    let handlers = desk.handlers(ticket);
    assert_eq!(
        handlers,
        [("on_notice".to_owned(), RunState::Applied), ("on_notice".to_owned(), RunState::Applied)]
    );
    let notice = desk.events(ticket).into_iter().find(|one| one.event.name() == "notice_given").unwrap();
    assert!(!serde_json::to_string(&notice.event).unwrap().contains("NK-3"), "events hold no words");
}

#[test]
fn a_notice_that_is_too_large_is_refused() {
    let (desk, _, plugin) = mirror(SCRIPT);
    let item = json!({ "external": "A", "commands": [
        { "do": "upsert", "subject": "First" },
        { "do": "notice", "name": "part_arrived", "value": "x".repeat(70_000) },
    ] });
    assert_eq!(plugin.is_refused(&desk, item), ("too_long".to_owned(), Some(1)));
}

#[test]
fn a_foreign_comment_is_its_authors() {
    let (desk, _, plugin) = mirror(SCRIPT);
    plugin.brings(&desk, json!([{ "external": "A", "commands": [
        { "do": "upsert", "subject": "First" },
        { "do": "comment", "text": "Hello", "visibility": "public", "author": "Ann" },
        { "do": "comment", "text": "Hello", "visibility": "public", "author": "Bot", "spoken_by": "automatic" },
    ] }]));
    let ticket = plugin.ticket(&desk, "A").unwrap();
    let tags: Vec<_> = desk.ticket(ticket).tags.into_iter().collect();
    assert_eq!(tags, ["by:Ann", "machine"]);
}

#[test]
fn the_clients_person_rates_through_a_plugin() {
    let (desk, _, plugin) = mirror(
        "fn on_resolved(ticket) { ticket.ask_rating(); }
         fn on_rating(ticket, rating) { if rating.by == () { ticket.add_tag(`rated:${rating.score}`); } }",
    );
    let rate =
        || json!([{ "external": "A", "commands": [{ "do": "rate", "value": 5, "comment": "Quick" }] }]);
    plugin.brings(
        &desk,
        json!([{ "external": "A", "commands": [
        { "do": "upsert", "subject": "First", "contact": { "name": "Ann", "phone": "+7 1" } },
    ] }]),
    );
    assert_eq!(plugin.is_refused(&desk, rate()[0].clone()).0, "rating_not_asked");
    plugin
        .brings(&desk, json!([{ "external": "A", "commands": [{ "do": "resolve", "resolution": "done" }] }]));
    plugin.brings(&desk, rate());
    desk.pass(naryad::domain::Span::minutes(11));
    let ticket = plugin.ticket(&desk, "A").unwrap();
    assert!(desk.ticket(ticket).tags.contains("rated:5"), "{:?}", desk.story(ticket));
}
