//! Each word of the API does what its doc says.

use expect_test::{Expect, expect, expect_file};
use naryad::domain::event::Visibility;
use naryad::domain::person::Actor;
use naryad::domain::{AttachmentId, Language, Span, TextId};
use naryad::workflow::api::types;
use naryad::workflow::occasion::{Change, ChangedWhat};
use naryad::workflow::{Occasion, api_definitions, api_reference, api_reference_markdown};

use super::desk::*;

/// What `on_opened` with this body asks for.
fn check(body: &str, expected: Expect) {
    let script = format!("fn on_opened(ticket) {{\n{body}\n}}");
    expected.assert_eq(&asked(&script, &Occasion::Opened, &Desk::default()));
}

/// What the expression says, in words.
fn says(expressions: &[(&str, &str)]) {
    for (expression, words) in expressions {
        let script = format!("fn on_opened(ticket) {{ ticket.note(\"\" + ({expression})); }}");
        let run = runs(&script, &Occasion::Opened, &Desk::default());
        let asked = run.asked.unwrap_or_else(|failure| panic!("{expression}: {failure}"));
        let json = serde_json::to_value(&asked[0].command).unwrap();
        assert_eq!(json["text"], *words, "{expression}");
    }
}

#[test]
fn properties_say_what_is() {
    says(&[
        ("ticket.key", "ATM-1042"),
        ("ticket", "ATM-1042"),
        ("ticket.subject + \"; \" + ticket.title", "Card reader is jammed; Card reader is jammed"),
        ("ticket.description", "It swallows cards"),
        ("ticket.status", "new"),
        ("ticket.impact", "medium"),
        ("ticket.queue", "first_line"),
        ("ticket.channel", "desk"),
        ("ticket.assignee", ""),
        ("ticket.contact.name", "Aigul"),
        ("ticket.contact.phone == ()", "true"),
        ("ticket.client", "Terminal Service"),
        ("ticket.client.sub.name + ticket.client.sub.support", "North Banksupport@north.example"),
        ("ticket.asset.model", "NCR 6627"),
        ("ticket.asset.model.certificates", "ncr"),
        ("ticket.site.country.language", "kk"),
        ("ticket.site.time.text", "2026-11-20 13:00"),
        ("ticket.site.time.weekday", "5"),
        ("ticket.tags.first + ticket.tags.len", "atm1"),
        ("ticket.opened_at", "2026-11-20 13:00"),
        ("ticket.last_order.engineer.lead", "Olga Kim"),
        ("ticket.last_order.parts_needed.first.quantity", "2"),
        ("ticket.tasks.first.fields.part", "NK-3"),
        ("ticket.tasks.first.fields.nothing == ()", "true"),
        ("ticket.tasks.first.taken_by.login", "olga"),
        ("ticket.fields.part == ()", "true"),
        ("ticket.is_default(\"category\")", "false"),
        ("ticket.is_default(\"part\")", "true"),
        ("settings.approval_hours", "48"),
        ("settings.greeting", "Hello"),
    ]);
}

#[test]
fn time_is_counted_on_the_clients_calendar() {
    // Friday 13:00 in Almaty, office hours 09:00 to 18:00.
    says(&[
        ("now() + hours(2)", "2026-11-20 15:00"),
        ("now() + working(hours(6))", "2026-11-23 10:00"),
        ("now() - ticket.opened_at", "0 min"),
        ("hours(1) + minutes(30)", "1 h 30 min"),
        ("(minutes(90) * 2).hours", "3"),
        ("now().is_working", "true"),
        ("(now() + hours(5)).is_working", "false"),
        ("now().local.hour", "13"),
        ("now() < now() + minutes(1)", "true"),
        ("now() == ticket.opened_at", "true"),
        ("ticket.sla(\"resolution\").percent_used", "10"),
        ("ticket.sla(\"resolution\").due", "2026-11-25 13:00"),
        ("ticket.sla(\"first_response\").due == ()", "true"),
        ("ticket.due_within(hours(24))", "false"),
        ("ticket.due_within(days(6))", "true"),
        ("ticket.due_within(working(hours(27)))", "true"),
    ]);
}

#[test]
fn the_language_has_what_scripts_need() {
    says(&[
        ("\" Ab \".trim().to_upper().len", "2"),
        ("\"a-b-c\".split(\"-\").join(\"+\")", "a+b+c"),
        ("\"a-b\".replace(\"-\", \"--\")", "a--b"),
        ("\"причина\".sub_string(0, 3)", "при"),
        ("\"abc\".starts_with(\"ab\") && \"abc\".ends_with(\"bc\") && \"b\" in \"abc\"", "true"),
        ("[3, 1, 2].filter(|x| x > 1).len", "2"),
        ("[1, 2].map(|x| x * 2)", "2; 4"),
        ("[1, 2].some(|x| x > 1) && ![1, 2].all(|x| x > 1)", "true"),
        ("[1, 2].find(|x| x > 1)", "2"),
        ("2 in [1, 2]", "true"),
        ("#{ b: 1, a: 2 }.keys()", "a; b"),
        ("#{ a: 1 }.missing == ()", "true"),
        ("parse_int(\"12\") + 1", "13"),
        ("parse_int(\"x\") == ()", "true"),
        ("min(1, 2) + max(3, 4)", "5"),
        ("(7.0 / 2.0).round()", "4"),
        ("(-5).abs()", "5"),
        ("`${1 + 1} and ${ticket.status}`", "2 and new"),
        ("ticket.asset ?? \"none\"", "ATM-7"),
        ("if ticket.assignee == () { \"nobody\" } else { ticket.assignee.name }", "nobody"),
        ("ticket.last_order.engineer == ticket.no_shows.first", "false"),
    ]);
}

#[test]
fn what_a_line_sets_later_lines_read_and_setters_in_a_row_are_one_command() {
    check(
        "ticket.status = \"in_work\"; ticket.impact = \"high\"; ticket.urgency = \"high\"; ticket.subject = \"New \" + ticket.subject;
ticket.fields.part = \"NK-9\"; ticket.fields.cash_left = 12; ticket.fields.damage = \"heavy\"; ticket.fields.visit_from = now() + hours(1);
ticket.note(`${ticket.status} ${ticket.priority} ${ticket.subject} ${ticket.fields.part} ${ticket.fields.damage}`);
ticket.fields.part = (); ticket.note(\"\" + (ticket.fields.part == ()));
ticket.add_tag(\"seen\"); ticket.remove_tag(\"atm\"); ticket.count_up(\"calls\"); ticket.note(ticket.tags.join(\",\") + ticket.count(\"calls\"));
ticket.last_order.cancel(\"late\"); ticket.note(\"\" + ticket.no_shows.first + ticket.last_order.open);
ticket.tasks.first.cancel(\"nothing to take back\");",
        expect![[r#"
            2: {"type":"change_ticket","ticket":"1","version":null,"changes":{"subject":"New Card reader is jammed","status":"in_work","category":null,"impact":"high","urgency":"high","priority":null,"is_urgent":null,"fields":{"cash_left":12,"damage":"heavy","part":"NK-9","visit_from":"2026-11-20T09:00:00.000Z"}}}
            4: {"type":"add_comment","ticket":"1","text":"in_work 1 New Card reader is jammed NK-9 heavy","visibility":"internal","attachments":[]}
            5: {"type":"change_ticket","ticket":"1","version":null,"changes":{"subject":null,"status":null,"category":null,"impact":null,"urgency":null,"priority":null,"is_urgent":null,"fields":{"part":null}}}
            5: {"type":"add_comment","ticket":"1","text":"true","visibility":"internal","attachments":[]}
            6: {"type":"change_tags","ticket":"1","add":["seen"],"remove":[]}
            6: {"type":"change_tags","ticket":"1","add":[],"remove":["atm"]}
            6: {"type":"count_up","ticket":"1","name":"calls"}
            6: {"type":"add_comment","ticket":"1","text":"seen1","visibility":"internal","attachments":[]}
            7: {"type":"advance_work_order","order":"30","stage":"cancelled","outcome":null,"comment":"late","parts_needed":[],"planned_at":null}
            7: {"type":"add_comment","ticket":"1","text":"Nurlan Seitovfalse","visibility":"internal","attachments":[]}
        "#]],
    );
}

#[test]
fn actions_become_commands() {
    check(
        "ticket.comment(\"Dear client\");
ticket.assign(\"olga\"); ticket.note(ticket.assignee.name);
ticket.hand_over(\"dispatchers\", #{ reason: \"collected\" });
ticket.assign(#{ strategy: \"least_loaded\", line: \"dispatchers\", exclude: [ticket.last_order.engineer] });
ticket.unassign(\"late\");
ticket.notify(ticket.contact, \"remind\"); ticket.notify(\"assignee\", #{ text: \"Look\" }); ticket.notify(\"supervisor\", \"at_risk\"); ticket.notify(ticket.last_order.engineer.lead, \"at_risk\");
ticket.watch(\"olga\"); ticket.unwatch(\"olga\");
ticket.timer(\"remind\", working(hours(24))); ticket.timer(\"remind\", now() + days(1)); ticket.cancel_timer(\"remind\");
ticket.call_plugin(\"parts-stock\", \"in_stock\", #{ part: \"NK\", list: [1, #{ deep: true }], at: now(), span: hours(1) });
ticket.last_order.send_note(\"Bring NK-3\");
ticket.task(\"dispatchers\", #{ title: \"Call\", phone: ticket.last_order.engineer.phone, parts: ticket.last_order.parts_needed, nothing: () });
ticket.resolve(#{ resolution: \"repaired\", reason: \"done\" }); ticket.note(ticket.status);
ticket.close(); ticket.reopen(\"again\"); ticket.note(ticket.status + ticket.reopen_count);",
        expect![[r#"
            2: {"type":"add_comment","ticket":"1","text":"Dear client","visibility":"public","attachments":[]}
            3: {"type":"assign_ticket","ticket":"1","version":null,"to":{"how":"person","person":"51"},"reason":null}
            3: {"type":"add_comment","ticket":"1","text":"Olga Kim","visibility":"internal","attachments":[]}
            4: {"type":"unassign_ticket","ticket":"1","version":null,"reason":null}
            4: {"type":"queue_ticket","ticket":"1","version":null,"queue":"dispatchers","reason":"collected","alarm":"silent"}
            5: {"type":"assign_ticket","ticket":"1","version":null,"to":{"how":"member","queue":"dispatchers","strategy":["least_loaded"],"grade":null,"certificates":[],"languages":[],"only_on_shift":false,"exclude":["50"]},"reason":null}
            6: {"type":"unassign_ticket","ticket":"1","version":null,"reason":"late"}
            7: {"type":"notify","ticket":"1","to":{"kind":"contact","contact":"60"},"template":"remind","text":null}
            7: {"type":"notify","ticket":"1","to":{"kind":"assignee"},"template":null,"text":"Look"}
            7: {"type":"notify","ticket":"1","to":{"kind":"role","role":"supervisor"},"template":"at_risk","text":null}
            7: {"type":"notify","ticket":"1","to":{"kind":"person","person":"51"},"template":"at_risk","text":null}
            8: {"type":"add_watcher","ticket":"1","who":{"kind":"person","person":"51"}}
            8: {"type":"remove_watcher","ticket":"1","person":"51"}
            9: {"type":"start_timer","ticket":"1","name":"remind","run_at":"2026-11-25T05:00:00.000Z"}
            9: {"type":"start_timer","ticket":"1","name":"remind","run_at":"2026-11-21T08:00:00.000Z"}
            9: {"type":"cancel_timer","ticket":"1","name":"remind"}
            10: {"type":"call_plugin","ticket":"1","plugin":"parts-stock","function":"in_stock","input":{"at":"2026-11-20T08:00:00.000Z","list":[1,{"deep":true}],"part":"NK","span":3600000},"then":null,"context":null}
            11: {"type":"send_order_note","order":"30","text":"Bring NK-3"}
            12: {"type":"open_task","ticket":"1","department":"dispatchers","title":"Call","due_at":null,"outcomes":[],"fields":{"parts":"NK-3 × 2","phone":"+7 700"}}
            13: {"type":"resolve_ticket","ticket":"1","version":null,"resolution":"repaired","reason":"done"}
            13: {"type":"add_comment","ticket":"1","text":"resolved","visibility":"internal","attachments":[]}
            14: {"type":"close_ticket","ticket":"1","version":null,"resolution":"repaired","reason":null}
            14: {"type":"reopen_ticket","ticket":"1","version":null,"reason":"again"}
            14: {"type":"add_comment","ticket":"1","text":"in_work1","visibility":"internal","attachments":[]}
        "#]],
    );
}

#[test]
fn what_does_not_exist_is_refused_with_what_does() {
    for (body, words) in [
        ("let s = \"inwork\"; ticket.status = s.trim();", "did you mean `in_work`"),
        ("let s = \"nowhere\"; ticket.queue(s.trim());", "known: first_line"),
        ("let s = \"fixed\"; ticket.close(#{ resolution: s.trim() });", "known: repaired"),
        ("let f = \"x y\"; ticket.count(f.trim());", "is not a key"),
        ("let who = \"ghost\"; ticket.watch(who.trim());", "nor anybody's login"),
        ("let m = #{ citty: 1 }; ticket.dispatch(m);", "no option `citty`"),
        ("let v = \"vast\"; ticket.fields.damage = v.trim();", "one of light, heavy"),
        ("let v = 3; ticket.fields.part = v; ticket.fields.cash_left = \"\" + v;", "takes a number"),
        ("ticket.priority = 7 + 0;", "from 1 to 5"),
        ("let t = \"none\"; ticket.notify(\"dispatchers\", t.trim());", "known: stage_late"),
        ("let x = ticket.assignee; ticket.note(x.name);", "name"),
    ] {
        let text = asked(&format!("fn on_opened(ticket) {{ {body} }}"), &Occasion::Opened, &Desk::default());
        assert!(text.contains(words) && text.contains("line 1"), "{body}: {text}");
    }
}

#[test]
fn a_comment_says_who_wrote_it() {
    let script = "fn on_comment(ticket, comment) {
    if comment.author.is_engineer { ticket.note(comment.author.name + \": \" + comment.text + comment.attachment_count); }
    if comment.author.is_staff && comment.is_public { ticket.note(\"staff\"); }
    if comment.author.is_plugin || comment.author.is_contact { ticket.note(comment.author.name); }
}";
    let comment = |author| Occasion::Comment {
        text: TextId(102),
        visibility: Visibility::Public,
        attachments: vec![AttachmentId(1)],
        author,
        asks_client: false,
    };
    let by = |author| asked(script, &comment(author), &Desk::default());
    expect![[r#"
        2: {"type":"add_comment","ticket":"1","text":"Nurlan Seitov: Camera shows a crowbar1","visibility":"internal","attachments":[]}
        3: {"type":"add_comment","ticket":"1","text":"staff","visibility":"internal","attachments":[]}
    "#]].assert_eq(&by(Actor::Person { person: NURLAN }));
    expect![[r#"
        4: {"type":"add_comment","ticket":"1","text":"plugin","visibility":"internal","attachments":[]}
    "#]]
    .assert_eq(&by(Actor::Plugin { installation: 1.into(), client: CLIENT }));
}

#[test]
fn a_change_and_a_timer_say_what_they_are() {
    let script = "fn on_changed(ticket, change) { ticket.note(change.what + \" \" + change.from + \" \" + change.to); }
fn on_timer(ticket, name) { ticket.note(name); }";
    let change = Change {
        what: ChangedWhat::Status,
        field: None,
        from: Some("new".to_owned()),
        to: Some("in_work".to_owned()),
    };
    expect![[r#"
        1: {"type":"add_comment","ticket":"1","text":"status new in_work","visibility":"internal","attachments":[]}
    "#]].assert_eq(&asked(script, &Occasion::Changed(change), &Desk::default()));
    expect![[r#"
        2: {"type":"add_comment","ticket":"1","text":"remind","visibility":"internal","attachments":[]}
    "#]]
    .assert_eq(&asked(script, &Occasion::Timer { name: key("remind") }, &Desk::default()));
}

#[test]
fn a_run_records_what_it_read_once_and_decides_the_same_again() {
    let mut desk = Desk::default();
    desk.clocks[0].limit = Span::hours(6);
    let one = runs(include_str!("atm.rhai"), &Occasion::Opened, &desk);
    let other = runs(include_str!("atm.rhai"), &Occasion::Opened, &desk);
    assert_eq!((&one.asked, &one.facts), (&other.asked, &other.facts));
    let keys: Vec<String> = one.facts.iter().map(|(key, _)| format!("{key:?}\n")).collect();
    expect![[r#"
        Ticket(TicketId(1))
        OpenTicketsOfAsset(AssetId(20))
        Now
        Sla(TicketId(1))
        Text(TextId(100))
        Site(SiteId(10))
        Asset(AssetId(20))
        Orders(TicketId(1))
    "#]]
    .assert_eq(&keys.concat());
}

#[test]
fn the_reference_page_is_the_table() {
    expect_file!["../../../docs/script-api.md"].assert_eq(&api_reference_markdown());
    let reference = api_reference(Language::En);
    assert!(reference.types.iter().any(|entry| entry.name == "Ticket" && entry.methods.len() > 20));
}

#[test]
fn the_definition_file_is_the_table() {
    let file = api_definitions();
    expect_file!["../../../docs/naryad.d.rhai"].assert_eq(&file);
    for owner in types() {
        for member in owner.all() {
            let (get, method) =
                (format!("fn get {}(own: ", member.name), format!("fn {}(own: ", member.name));
            assert!(file.contains(&get) || file.contains(&method), "{}.{}", owner.name, member.name);
        }
    }
    // What the language server takes: comments, the module's head, and one definition a line.
    for line in file.lines().filter(|line| !line.is_empty() && !line.starts_with("//")) {
        let begins = ["module static;", "const ", "fn ", "op "].iter().any(|word| line.starts_with(word));
        assert!(begins && line.ends_with(';') && !line.contains('…'), "{line}");
        assert_eq!(line.matches('(').count(), line.matches(')').count(), "{line}");
    }
}
