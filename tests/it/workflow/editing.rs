//! What the editor is told while somebody types: completion, signatures, definitions, each by the checker's own kinds.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::time::Instant;

use naryad::domain::{Language, pack::Pack};
use naryad::workflow::Known;
use naryad::workflow::editing::{
    Completion, Definition, Draft, EditedFile, ItemKind, Signature, Spot, complete, definition, signature,
};

use super::desk::{PACK, key};

const SHARED: &str = "// visits\nfn send(ticket, why) {\n    ticket.dispatch();\n}\nfn other() {}\n";

fn known() -> Known {
    Known {
        plugins: Some(BTreeMap::from([
            (key("parts-stock"), BTreeSet::from([key("in_stock")])),
            (key("chat"), BTreeSet::from([key("say")])),
        ])),
        people: Some(BTreeSet::from(["nurlan".to_owned(), "olga".to_owned()])),
        shared: BTreeMap::from([("shared/visits".to_owned(), SHARED.into())]),
        live: None,
    }
}

/// The text without its `‸`, and where that stood.
fn with_cursor(typed: &str) -> (String, Spot) {
    let at = typed.find('‸').expect("the case has a cursor");
    let line = typed[..at].matches('\n').count() + 1;
    let column = typed[..at].rsplit('\n').next().unwrap().chars().count() + 1;
    (typed.replace('‸', ""), Spot { file: EditedFile::Script, line, column })
}

fn ask<T>(typed: &str, question: impl FnOnce(&Draft<'_>, Spot) -> T) -> T {
    let (script, spot) = with_cursor(typed);
    let pack = Pack::parse(PACK).unwrap();
    let known = known();
    let draft = Draft { script: &script, settings: PACK, pack: &pack, known: &known, language: Language::En };
    question(&draft, spot)
}

fn completed(typed: &str) -> Completion {
    ask(typed, complete)
}

fn labels(typed: &str) -> Vec<String> {
    completed(typed).items.into_iter().map(|item| item.label).collect()
}

#[track_caller]
fn offers(typed: &str, wanted: &[&str], unwanted: &[&str]) {
    let found = labels(typed);
    for word in wanted {
        assert!(found.iter().any(|one| one == word), "{typed}\n`{word}` is not offered: {found:?}");
    }
    for word in unwanted {
        assert!(!found.iter().any(|one| one == word), "{typed}\n`{word}` is offered");
    }
}

#[test]
fn behind_a_dot_stand_the_members_of_what_stands_before_it_and_no_others() {
    let cases: &[(&str, &[&str], &[&str])] = &[
        (
            "fn on_opened(ticket) { ticket.‸ }",
            &["status", "queue", "site"],
            &["city", "stage", "hours", "if"],
        ),
        ("fn on_opened(ticket) {\n ticket.‸\n ticket.close();\n}", &["status", "queue"], &["city"]),
        ("fn on_opened(ticket) { ticket.site.‸", &["city", "country"], &["status", "queue"]),
        ("fn on_work_order(ticket, order) { order.‸", &["stage", "cancel", "engineer"], &["status"]),
        ("fn on_work_order(ticket, order) { let e = order.engineer; e.‸", &["name", "phone"], &["stage"]),
        ("fn on_opened(ticket) { let x = ticket.sla(\"resolution\"); if x.‸", &["due"], &["status"]),
        ("fn on_opened(ticket) { for o in ticket.orders { o.‸", &["stage"], &["status"]),
        ("fn on_opened(ticket) { ticket.tasks.filter(|t| t.‸", &["open", "outcome"], &["status", "queue"]),
        ("fn on_opened(ticket) { help(ticket.site); }\nfn help(where) { where.‸ }", &["city"], &["status"]),
        ("fn on_opened(ticket) { ticket.subject.‸", &["to_lower"], &["status"]),
        ("fn on_opened(ticket) { ticket.note(`x ${ticket.site.‸", &["city"], &["status"]),
        ("fn on_opened(ticket) { ticket.fields.‸", &["cash_left"], &["status"]),
        ("fn on_opened(ticket) { let n = settings.‸", &["approval_hours"], &["status"]),
        ("fn on_opened(ticket) {\n foo bar;\n let s = ticket.site;\n s.‸", &["city"], &["status"]),
        ("fn broken( { }\nfn on_opened(ticket) { ticket.site.‸ }", &["city"], &["status"]),
    ];
    for (typed, wanted, unwanted) in cases {
        offers(typed, wanted, unwanted);
    }
}

#[test]
fn in_a_text_stand_the_keys_that_the_client_has() {
    let cases: &[(&str, &[&str], &[&str])] = &[
        ("fn on_opened(ticket) { ticket.status = \"‸\"; }", &["in_work"], &["commercial"]),
        ("fn on_opened(ticket) { ticket.status = \"‸", &["in_work"], &["commercial"]),
        ("fn on_opened(ticket) { let s = \"‸\"; ticket.status = s; }", &["in_work"], &["commercial"]),
        ("fn on_opened(ticket) { if ticket.status == \"‸\" {} }", &["in_work"], &["commercial"]),
        ("fn on_opened(ticket) { ticket.escalate(\"com‸\", #{}); }", &["commercial"], &["in_work"]),
        ("fn on_work_order(ticket, order) { switch order.stage { \"‸", &["offered", "done"], &["in_work"]),
        (
            "fn on_opened(ticket) { ticket.call_plugin(\"‸\", \"in_stock\"); }",
            &["parts-stock", "chat"],
            &["in_stock"],
        ),
        ("fn on_opened(ticket) { ticket.call_plugin(\"chat\", \"‸\"); }", &["say"], &["in_stock", "chat"]),
        ("fn on_opened(ticket) { ticket.notify(ticket.contact, \"‸\"); }", &["remind"], &["in_work"]),
        (
            "fn on_opened(ticket) { ticket.notify(\"‸\", \"remind\"); }",
            &["dispatchers", "supervisor", "olga"],
            &["in_work"],
        ),
        ("import \"‸\" as visits;", &["shared/visits"], &["in_work"]),
        (
            "fn on_opened(ticket) { ticket.expect(\"accepted\", hours(1)).otherwise(\"‸\"); }\nfn late(ticket) {}\nfn three(a, b, c) {}",
            &["late"],
            &["three", "in_work"],
        ),
    ];
    for (typed, wanted, unwanted) in cases {
        offers(typed, wanted, unwanted);
    }
    assert!(completed("fn on_opened(ticket) { ticket.status = \"in‸").is_in_text);
    assert_eq!(completed("fn on_opened(ticket) { ticket.status = \"in‸").replaces, 2);
    offers("fn on_opened(ticket) { ticket.status = ‸ }", &["\"in_work\"", "ticket"], &["in_work"]);
}

#[test]
fn in_an_option_map_stand_its_keys() {
    offers(
        "fn on_opened(ticket) { ticket.escalate(\"commercial\", #{ ‸ }); }",
        &["reason", "due"],
        &["status"],
    );
    offers(
        "fn on_opened(ticket) { ticket.escalate(\"commercial\", #{ due: hours(1), ‸",
        &["reason"],
        &["due"],
    );
    offers("fn on_opened(ticket) { ticket.dispatch(#{ gr‸: 1 }); }", &["grade", "city"], &["status"]);
}

#[test]
fn a_name_alone_is_what_is_known_there() {
    let script = "import \"shared/visits\" as visits;\nfn help(x) { 1 }\nfn on_opened(ticket) { let twin = ticket.asset; ‸ }";
    offers(
        script,
        &["ticket", "twin", "settings", "help", "hours", "if", "visits"],
        &["x", "status", "on_timer"],
    );
    offers("import \"shared/visits\" as visits;\nfn on_opened(ticket) { visits::‸", &["send"], &["ticket"]);
    let found = completed("fn on_opened(ticket) {}\n\n‸");
    let handler = found.items.iter().find(|item| item.label == "on_timer").expect("a handler is offered");
    assert_eq!((handler.kind, handler.params.as_deref()), (ItemKind::Handler, Some("(ticket, name)")));
    offers("fn on_opened(ticket) {}\nfn on_‸", &["on_timer"], &["on_opened", "hours"]);
    for typed in ["fn a(‸) {}", "fn a(t) { let ‸", "// ‸", "fn a(t) { 1‸ }", "fn a(t) { \"‸\" }"] {
        assert_eq!(labels(typed), Vec::<String>::new(), "{typed}");
    }
}

#[test]
fn items_say_what_they_are() {
    let found = completed("fn on_opened(ticket) { ticket.‸ }");
    let item = |label: &str| found.items.iter().find(|item| item.label == label).unwrap();
    assert_eq!((item("site").kind, item("site").detail.as_str()), (ItemKind::Property, "Site"));
    assert_eq!(item("dispatch").params.as_deref(), Some("(requirements?)"));
    assert!(!item("dispatch").doc.is_empty() && !item("dispatch").doc.contains('\n'));
    let status = completed("fn on_opened(ticket) { ticket.status = \"‸\" }").items;
    let status = status.iter().find(|item| item.label == "in_work").unwrap();
    assert_eq!((status.kind, status.detail.as_str()), (ItemKind::Key, "status"));
    assert!(!status.doc.is_empty(), "a key has the label that people read");
}

fn called(typed: &str) -> Option<(String, usize)> {
    ask(typed, signature).map(|found: Signature| (found.name, found.current))
}

#[test]
fn between_brackets_the_call_is_known() {
    let cases = [
        ("fn on_opened(ticket) { ticket.queue(‸", Some(("Ticket.queue", 0))),
        (
            "fn on_opened(ticket) { ticket.queue(\"dispatchers\", #{ reason: \"x\", ‸ }); }",
            Some(("Ticket.queue", 1)),
        ),
        ("fn on_opened(ticket) { ticket.queue(\"disp‸\"); }", Some(("Ticket.queue", 0))),
        ("fn on_work_order(ticket, order) { order.expect(\"done\", hours(‸) ); }", Some(("hours", 0))),
        ("fn on_work_order(ticket, order) { order.expect(\"done\", hours(1‸) ); }", Some(("hours", 0))),
        ("fn help(a, b) {}\nfn on_opened(ticket) { help(1, ‸) }", Some(("help", 1))),
        ("import \"shared/visits\" as v;\nfn on_opened(ticket) { v::send(ticket, ‸", Some(("send", 1))),
        ("fn on_opened(ticket) { ticket.note(`a ${days(‸", Some(("days", 0))),
        ("fn on_opened(ticket) { if (‸", None),
        ("fn on_opened(‸", None),
        ("fn on_opened(ticket) { ticket.close(); ‸ }", None),
        ("fn on_opened(ticket) { ticket.tasks.filter(|t| { ‸", None),
    ];
    for (typed, expected) in cases {
        let expected = expected.map(|(name, current)| (name.to_owned(), current));
        assert_eq!(called(typed), expected, "{typed}");
    }
    let queue = ask("fn on_opened(ticket) { ticket.queue(‸", signature).unwrap();
    assert!(queue.params[1].options.iter().any(|option| option == "reason") && !queue.params[1].is_needed);
}

/// `rhai 3:4`, `toml: the line`, `module path:line`, `reference words`.
fn defined(typed: &str) -> String {
    match ask(typed, definition) {
        None => "nothing".to_owned(),
        Some(Definition::Text(Spot { file: EditedFile::Script, line, column })) => {
            format!("rhai {line}:{column}")
        }
        Some(Definition::Text(Spot { line, .. })) => {
            format!("toml: {}", PACK.lines().nth(line - 1).unwrap().trim())
        }
        Some(Definition::Module { path, line, lines }) => {
            format!("module {path}:{line} {} lines", lines.lines().count())
        }
        Some(Definition::Reference { words }) => format!("reference {words}"),
    }
}

#[test]
fn a_word_leads_to_where_it_is_defined() {
    let cases = [
        ("fn on_opened(ticket) {\n  he‸lp(ticket);\n}\nfn help(t) {}", "rhai 4:4"),
        ("fn on_opened(ticket) {\n  let twin = 1;\n  note(tw‸in);\n}", "rhai 2:7"),
        ("fn help(a, t) {\n  let b = t‸;\n}", "rhai 1:12"),
        (
            "fn on_opened(ticket) { ticket.expect(\"accepted\", hours(1)).otherwise(\"la‸te\"); }\nfn late(t) {}",
            "rhai 2:4",
        ),
        (
            "fn on_opened(ticket) { ticket.call_plugin(\"chat\", \"say\").then(\"sa‸id\"); }\nfn said(t, a, c) {}",
            "rhai 2:4",
        ),
        ("fn on_opened(ticket) { ticket.qu‸eue(\"dispatchers\"); }", "reference Ticket.queue"),
        ("fn on_opened(ticket) { let x = ho‸urs(1); }", "reference hours"),
        ("fn on_‸opened(ticket) {}", "reference on_opened"),
        (
            "import \"shared/visits\" as v;\nfn on_opened(ticket) { v::se‸nd(ticket, 1); }",
            "module shared/visits:2 3 lines",
        ),
        ("import \"shared/vi‸sits\" as v;", "module shared/visits:1 5 lines"),
        ("fn on_opened(ticket) { let x = 1‸; }", "nothing"),
        ("fn on_opened(ticket) { // ti‸cket\n }", "nothing"),
    ];
    for (typed, expected) in cases {
        assert_eq!(defined(typed), expected, "{typed}");
    }
    for (typed, key) in [
        ("fn on_opened(ticket) { ticket.status = \"in_‸work\"; }", "in_work"),
        ("fn on_opened(ticket) { ticket.escalate(\"com‸mercial\", #{}); }", "commercial"),
        ("fn on_opened(ticket) { ticket.notify(ticket.contact, \"re‸mind\"); }", "remind"),
        ("fn on_opened(ticket) { let x = settings.approval‸_hours; }", "approval_hours"),
        ("fn on_opened(ticket) { let x = ticket.fields.cash‸_left; }", "cash_left"),
    ] {
        let found = defined(typed);
        assert!(found.starts_with("toml: ") && found.contains(key), "{typed}: {found}");
    }
}

/// The work of one question about a script of a thousand lines, the cursor in its middle.
#[test]
fn a_question_about_a_thousand_lines_is_answered() {
    let mut script = String::new();
    for number in 0..100 {
        let _ = writeln!(
            script,
            "fn step_{number}(ticket, order) {{\n    let site = ticket.site;\n    if site != () && site.city == \"Almaty\" {{\n        ticket.note(`at ${{site.city}}`);\n    }}\n    switch order.stage {{\n        \"done\" => step_{}(ticket, order),\n        _ => ticket.queue(\"dispatchers\", #{{ reason: site.name }})\n    }}\n}}",
            (number + 1) % 100
        );
    }
    let middle = script.find("fn step_50").unwrap();
    let brace = middle + script[middle..].find('{').unwrap() + 1;
    script.insert_str(brace, "\n    ticket.site.‸\n");
    let started = Instant::now();
    let found = labels(&script);
    let first = started.elapsed();
    let started = Instant::now();
    let again = labels(&script);
    println!("complete, {} lines: {first:?}, then {:?}", script.lines().count(), started.elapsed());
    assert!(found.iter().any(|label| label == "city") && found == again);
}
