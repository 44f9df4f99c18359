//! Items: taken one by one, once each, within what was granted.

use naryad::domain::command::{Command, DiscardItem, PluginStep, ReplayItem, Switch, TakeItems};
use naryad::domain::event::{Event, Visibility};
use naryad::domain::person::Role;
use naryad::domain::plugin::CommandName;
use naryad::domain::ticket::Channel;
use naryad::store;
use naryad::store::plugin_item::ParkedState;
use serde_json::json;

use super::{foreign, installs, jobs, keep, mirror, quiet_grant};
use crate::helpers::refusal;

#[test]
fn each_item_is_taken_or_parked_alone_and_the_cursor_goes_on() {
    let (desk, _, plugin) = mirror("");
    let wrong = json!({ "external": "B", "commands": [
        { "do": "upsert", "subject": "Half" }, { "do": "status", "to": "no_such_status" },
    ] });
    let page = plugin.page(
        None,
        "c1",
        json!([foreign("A", "First"), wrong, { "commands": 7 }, foreign("C", "Third")]),
    );
    let page = TakeItems { kv: vec![keep("seen", "3")], ..page };
    let done = plugin.hands_in(&desk, page).unwrap();
    assert_eq!((done.taken.taken, done.taken.parked.len()), (2, 2));
    let first = desk.ticket(plugin.ticket(&desk, "A").unwrap());
    assert_eq!((first.channel, desk.words(Some(first.subject))), (Channel::Plugin, "First".to_owned()));
    assert!(plugin.ticket(&desk, "C").is_some());
    // Nothing is left of the one that was refused in its middle.
    assert_eq!(plugin.ticket(&desk, "B"), None);
    assert_eq!(first.number, 1);
    assert_eq!(desk.ticket(plugin.ticket(&desk, "C").unwrap()).number, 2);
    let parked = plugin.parked(&desk);
    let said: Vec<_> = parked.iter().map(|one| (one.refusal.code.as_str(), one.refusal.command)).collect();
    assert_eq!(said, [("unreadable_item", None), ("unknown_key", Some(1))]);
    assert_eq!(parked[1].external.as_deref(), Some("B"));
    let cursor = desk.read(|db| store::plugin_state::cursor(db, plugin.id));
    assert_eq!((cursor.cursor.as_deref(), cursor.polled_at), (Some("c1"), Some(desk.now())));
    let kept = desk.read(|db| store::plugin_state::kv_get(db, plugin.id, "seen"));
    assert_eq!(kept.as_deref(), Some(b"3".as_slice()));
    assert_eq!(jobs(&desk, "tell_refusal").len(), 2, "the plugin is told");
}

#[test]
fn the_same_answer_twice_changes_nothing_the_second_time() {
    let (desk, client, plugin) = mirror("");
    let comment = json!({ "external": "A", "commands": [
        { "do": "upsert", "subject": "First" },
        { "do": "comment", "text": "The door is open", "visibility": "public", "author": "Ann" },
    ] });
    let page = || plugin.page(None, "c1", json!([comment.clone()]));
    plugin.hands_in(&desk, page()).unwrap();
    let ticket = plugin.ticket(&desk, "A").unwrap();
    let story = desk.story(ticket);
    assert_eq!(story, ["ticket_opened", "foreign_linked", "comment_added"]);
    let again = plugin.hands_in(&desk, page()).unwrap();
    assert!(again.is_repeat && again.taken.taken == 0);
    assert_eq!(desk.story(ticket), story);
    assert_eq!(desk.read(|db| store::ticket::by_number(db, client, 2)), None);
}

#[test]
fn a_crash_between_commit_and_acknowledgement_doubles_nothing() {
    let (mut desk, _, plugin) = mirror("");
    let lease = |desk: &crate::helpers::TestDesk| {
        let lease = |tx: &store::Tx| Ok(naryad::commands::lease_jobs(tx, naryad::jobs::LEASE, 10)?);
        desk.desk.aside_now(lease).unwrap()
    };
    let job = lease(&desk).remove(0);
    assert_eq!(job.kind.as_str(), "poll_plugin");
    let page = || TakeItems { job: Some(job.id), ..plugin.page(None, "c1", json!([foreign("A", "First")])) };
    assert_eq!(plugin.hands_in(&desk, page()).unwrap().taken.taken, 1);
    // The process dies before anybody hears of it; the next one looks at what is on the disk.
    desk.restarts_after(|_| {});
    assert!(lease(&desk).is_empty(), "the poll is over: its job waits for its time");
    assert!(plugin.hands_in(&desk, page()).unwrap().is_repeat, "the first worker comes back after all");
    // The next poll goes on from the cursor.
    desk.clock.pass(naryad::domain::Span::minutes(1));
    let again = lease(&desk).remove(0);
    assert_eq!((again.id, again.attempts), (job.id, 1));
    // A poll that was asked before the crash is no answer to this one.
    assert!(plugin.hands_in(&desk, page()).unwrap().is_repeat);
    let next =
        TakeItems { job: Some(job.id), ..plugin.page(Some("c1"), "c2", json!([foreign("A", "Second")])) };
    assert_eq!(plugin.hands_in(&desk, next).unwrap().taken.taken, 1);
    let ticket = desk.ticket(plugin.ticket(&desk, "A").unwrap());
    assert_eq!((ticket.number, desk.words(Some(ticket.subject))), (1, "Second".to_owned()));
}

#[test]
fn a_change_that_is_told_twice_is_made_once() {
    let (desk, _, plugin) = mirror("");
    let item = json!({ "external": "A", "key": "A/1", "commands": [
        { "do": "upsert", "subject": "First" }, { "do": "comment", "text": "Hello", "visibility": "internal" },
    ] });
    plugin.brings(&desk, json!([item, item]));
    let ticket = plugin.ticket(&desk, "A").unwrap();
    assert_eq!(desk.story(ticket).iter().filter(|name| **name == "comment_added").count(), 1);
    // One that was refused is taken when it is told again and can be; it waits for nobody then.
    let early = json!({ "external": "B", "key": "B/2", "commands": [{ "do": "comment", "text": "Hi", "visibility": "public" }] });
    assert_eq!(plugin.is_refused(&desk, early.clone()), ("not_found".to_owned(), Some(0)));
    assert_eq!(plugin.is_refused(&desk, early.clone()), ("not_found".to_owned(), Some(0)));
    assert_eq!(plugin.parked(&desk).len(), 1, "the same change is parked once");
    plugin.brings(&desk, json!([foreign("B", "Second"), early]));
    assert_eq!(plugin.parked(&desk)[0].state, ParkedState::Replayed);
}

#[test]
fn only_what_was_granted_may_be_asked_for() {
    let (desk, client, _) = mirror("");
    let mut grant = quiet_grant();
    grant["commands"] = json!(["comment"]);
    let narrow = installs(&desk, client, "narrow", grant);
    assert_eq!(narrow.is_refused(&desk, foreign("A", "First")), ("forbidden".to_owned(), Some(0)));
    let said = narrow.parked(&desk)[0].refusal.message.clone();
    assert!(said.contains("`upsert`") && said.contains("not granted"), "{said}");
    // The operator's ceiling takes away what the administrator gave.
    let mirror = installs(&desk, client, "other", quiet_grant());
    let ceiling = Some([CommandName::Comment].into());
    let take = TakeItems { ceiling, ..mirror.answer(json!([foreign("A", "First")])) };
    assert_eq!(mirror.hands_in(&desk, take).unwrap().taken.parked.len(), 1);
}

#[test]
fn another_clients_ticket_is_as_if_it_were_not() {
    let (desk, _, plugin) = mirror("");
    let shop = desk.client("shop", "");
    let ticket = desk.opens(shop, "Not yours");
    let note = json!({ "do": "comment", "text": "Hello", "visibility": "public" });
    let item = json!({ "ticket": "SHOP-1", "commands": [note] });
    assert_eq!(plugin.is_refused(&desk, item).0, "not_found");
    let link = json!({ "external": "X", "commands": [{ "do": "link", "number": "SHOP-1" }] });
    assert_eq!(plugin.is_refused(&desk, link).0, "not_found");
    // Not even as the ticket of an event that was none of its own.
    let take = TakeItems { ticket: Some(ticket), ..plugin.answer(json!([{ "commands": [note] }])) };
    assert_eq!(plugin.hands_in(&desk, take).unwrap().taken.parked.len(), 1);
    assert_eq!(desk.story(ticket), ["ticket_opened"]);
    // The same foreign id is another ticket for another installation.
    let other = installs(&desk, shop, "mirror", quiet_grant());
    plugin.brings(&desk, json!([foreign("A", "Bank's")]));
    other.brings(&desk, json!([foreign("A", "Shop's")]));
    assert_ne!(plugin.ticket(&desk, "A"), other.ticket(&desk, "A"));
    // And nobody brings in what another one found.
    let take = plugin.answer(json!([foreign("B", "Mine")]));
    assert_eq!(refusal(other.hands_in(&desk, take)), "forbidden");
}

#[test]
fn a_plugin_that_is_off_brings_nothing_in() {
    let (desk, _, plugin) = mirror("");
    desk.does(Command::SetPluginEnabled { installation: plugin.id, state: Switch::Off }).unwrap();
    let page = plugin.page(None, "c1", json!([foreign("A", "First")]));
    assert_eq!(refusal(plugin.hands_in(&desk, page)), "plugin_is_off");
    let cursor = desk.read(|db| store::plugin_state::cursor(db, plugin.id));
    assert_eq!((cursor.cursor, plugin.ticket(&desk, "A")), (None, None));
}

#[test]
fn what_the_other_side_repeats_of_an_end_is_no_refusal() {
    let (desk, _, plugin) = mirror("");
    let end = |command: serde_json::Value| json!([{ "external": "A", "commands": [command] }]);
    plugin.brings(&desk, json!([foreign("A", "First")]));
    let ticket = plugin.ticket(&desk, "A").unwrap();
    for _ in 0..2 {
        plugin.brings(&desk, end(json!({ "do": "resolve", "resolution": "done", "reason": "Mended" })));
    }
    assert!(desk.ticket(ticket).resolved_at.is_some());
    for _ in 0..2 {
        plugin.brings(&desk, end(json!({ "do": "close", "resolution": "done" })));
    }
    assert!(desk.ticket(ticket).is_closed());
    for _ in 0..2 {
        plugin.brings(&desk, end(json!({ "do": "reopen" })));
    }
    assert_eq!(desk.ticket(ticket).reopen_count, 1);
}

#[test]
fn ids_are_tied_to_tickets_that_are_here_and_untied() {
    let (desk, client, plugin) = mirror("");
    let (one, two) = (desk.opens(client, "Here first"), desk.opens(client, "Another"));
    // The answer to an event: the copy that was made elsewhere.
    let link = json!([{ "external": "A", "commands": [{ "do": "link" }] }]);
    let take = TakeItems { ticket: Some(one), ..plugin.answer(link.clone()) };
    plugin.hands_in(&desk, take.clone()).unwrap();
    plugin.hands_in(&desk, take).unwrap();
    assert_eq!(plugin.ticket(&desk, "A"), Some(one));
    assert_eq!(desk.story(one), ["ticket_opened", "foreign_linked"]);
    let elsewhere = json!({ "external": "A", "commands": [{ "do": "link", "number": "BANK-2" }] });
    assert_eq!(plugin.is_refused(&desk, elsewhere.clone()).0, "invalid");
    plugin.brings(&desk, json!([{ "external": "A", "commands": [{ "do": "unlink" }] }, elsewhere]));
    assert_eq!(plugin.ticket(&desk, "A"), Some(two));
}

#[test]
fn a_foreign_author_has_a_name_and_speaks_for_somebody() {
    let (desk, _, plugin) = mirror("");
    plugin.brings(
        &desk,
        json!([{ "external": "A", "at": desk.now().ms() - 60_000, "commands": [
        { "do": "upsert", "subject": "First" },
        { "do": "comment", "text": "Is it done?", "visibility": "public", "author": "Ann of the bank" },
        { "do": "comment", "text": "Machine talk", "visibility": "internal" },
    ] }]),
    );
    let ticket = plugin.ticket(&desk, "A").unwrap();
    let said: Vec<_> = desk
        .events(ticket)
        .into_iter()
        .filter_map(|one| match one.event {
            Event::CommentAdded { speaker, foreign_author, visibility, .. } => {
                assert_eq!(one.occurred_at.ms(), desk.now().ms() - 60_000);
                Some((format!("{speaker:?}"), desk.words(foreign_author), visibility))
            }
            _ => None,
        })
        .collect();
    let expected = [
        ("Client".to_owned(), "Ann of the bank".to_owned(), Visibility::Public),
        ("Automatic".to_owned(), String::new(), Visibility::Internal),
    ];
    assert_eq!(said, expected);
}

#[test]
fn a_person_replays_or_discards_what_is_parked() {
    let (desk, client, plugin) = mirror("");
    let comment = |text: &str| json!({ "external": "A", "commands": [{ "do": "comment", "text": text, "visibility": "public" }] });
    plugin.is_refused(&desk, comment("one"));
    plugin.is_refused(&desk, comment("two"));
    let ids: Vec<_> = plugin.parked(&desk).into_iter().map(|one| one.id).collect();
    let supervisor = desk.somebody("sara", Role::Supervisor, Some(client));
    let operator = desk.somebody("olga", Role::Operator, Some(client));
    let replay = |item| Command::ReplayItem(ReplayItem { item });
    assert_eq!(refusal(operator.does(replay(ids[0]))), "forbidden");
    assert_eq!(refusal(supervisor.does(replay(ids[0]))), "not_found", "refused once more, and parked still");
    plugin.brings(&desk, json!([foreign("A", "First")]));
    supervisor.does(replay(ids[0])).unwrap();
    let ticket = plugin.ticket(&desk, "A").unwrap();
    let last = desk.events(ticket).pop().unwrap();
    assert_eq!((last.event.name(), last.actor), ("comment_added", plugin.actor()));
    supervisor.does(Command::DiscardItem(DiscardItem { item: ids[1] })).unwrap();
    assert_eq!(refusal(supervisor.does(replay(ids[1]))), "item_is_decided");
    let states: Vec<_> = plugin.parked(&desk).into_iter().map(|one| one.state).collect();
    assert_eq!(states, [ParkedState::Replayed, ParkedState::Discarded]);
}

#[test]
fn kept_values_have_their_limit_and_go_with_the_rest() {
    let (desk, _, plugin) = mirror("");
    let large = "x".repeat(60 * 1024);
    let many = (0..18).map(|number| keep(&number.to_string(), &large)).collect();
    let page = TakeItems { kv: many, ..plugin.page(None, "c1", json!([foreign("A", "First")])) };
    assert_eq!(refusal(plugin.hands_in(&desk, page)), "too_long");
    assert_eq!(plugin.ticket(&desk, "A"), None, "nothing of the answer was taken");
    let mut writes = vec![keep("a", "1"), keep("b", "2")];
    writes.push(naryad::domain::command::KvWrite { key: "a".to_owned(), value: None });
    plugin.hands_in(&desk, TakeItems { kv: writes, ..plugin.answer(json!([])) }).unwrap();
    let keys = desk.read(|db| store::plugin_state::kv_keys(db, plugin.id, "", None, 10));
    assert_eq!(keys, ["b"]);
    assert_eq!(desk.read(|db| store::plugin_state::kv_bytes(db, plugin.id)), 2);
}

#[test]
fn a_contact_is_found_again_and_a_site_by_its_name() {
    let (desk, _, plugin) = mirror("");
    let upsert = |external: &str, contact: serde_json::Value| json!([{ "external": external, "commands": [{ "do": "upsert", "subject": "Hello", "contact": contact }] }]);
    plugin.brings(&desk, upsert("A", json!({ "name": "Ann", "email": "ann@bank.example" })));
    plugin.brings(&desk, upsert("B", json!({ "email": "ann@bank.example" })));
    plugin.brings(&desk, upsert("C", json!({ "name": "Nobody to reach" })));
    let contact = |external| desk.ticket(plugin.ticket(&desk, external).unwrap()).contact;
    assert!(contact("A").is_some());
    assert_eq!((contact("A"), contact("C")), (contact("B"), None));
    let nowhere =
        json!({ "external": "D", "commands": [{ "do": "upsert", "subject": "Hello", "site": "Nowhere" }] });
    assert_eq!(plugin.is_refused(&desk, nowhere), ("invalid".to_owned(), Some(0)));
}

#[test]
fn what_was_uninstalled_keeps_nothing_and_brings_nothing() {
    let (desk, _, plugin) = mirror("");
    let page = TakeItems { kv: vec![keep("token", "of the other side")], ..plugin.answer(json!([])) };
    plugin.hands_in(&desk, page).unwrap();
    let uninstall = PluginStep::Uninstall { installation: plugin.id, seen: 1 };
    desk.does(Command::Plugin(Box::new(uninstall))).unwrap();
    assert_eq!(desk.read(|db| store::plugin_state::kv_bytes(db, plugin.id)), 0);
    assert_eq!(desk.read(|db| store::plugin_hook::token(db, plugin.id)), None);
    let late = plugin.hands_in(&desk, plugin.answer(json!([])));
    assert_eq!(refusal(late), "not_found");
}

#[test]
fn a_moment_that_cannot_be_meant_is_refused() {
    let (desk, _, plugin) = mirror("");
    for (number, at) in [0, -1, i64::MIN, 1_700_000_000].into_iter().enumerate() {
        let item = json!({ "external": format!("A{number}"), "at": at,
            "commands": [{ "do": "upsert", "subject": "Hello" }] });
        assert_eq!(plugin.is_refused(&desk, item), ("invalid".to_owned(), None), "{at}");
    }
}
