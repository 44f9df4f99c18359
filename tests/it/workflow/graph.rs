//! The state graph: what scripts say of where tickets go, and what they leave open.

use std::collections::BTreeSet;
use std::path::Path;

use naryad::domain::pack::Pack;
use naryad::domain::state_graph::{GraphStep, KnownKeys, ScriptSteps, WayKind};
use naryad::workflow::{SharedSources, steps};

use super::desk::pack;

fn of(script: &str) -> ScriptSteps {
    steps(script, &SharedSources::new(), &pack()).expect("it is a script")
}

fn known(known: &KnownKeys) -> String {
    let list = |keys: &BTreeSet<String>| keys.iter().cloned().collect::<Vec<_>>().join("|");
    match known {
        KnownKeys::Any => "?".to_owned(),
        KnownKeys::Only(keys) => list(keys),
        KnownKeys::Except(keys) => format!("not {}", list(keys)),
    }
}

/// `handler@line: how from > to`, and the answer of a department that led here.
fn line(step: &GraphStep) -> String {
    let to = step.target.as_deref().unwrap_or("?");
    let mut line = format!("{}@{}: {} {} > {to}", step.handler, step.line, step.how, known(&step.from));
    if step.department != KnownKeys::Any {
        line += &format!(" ({}: {})", known(&step.department), known(&step.outcome));
    }
    line
}

fn lines(script: &str) -> Vec<String> {
    let found = of(script);
    assert!(found.is_whole);
    let mut lines: Vec<(usize, String)> = found.steps.iter().map(|step| (step.line, line(step))).collect();
    lines.sort();
    lines.into_iter().map(|(_, line)| line).collect()
}

fn shipped(name: &str) -> (String, Pack) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("workflows").join(name);
    let read = |file: &str| std::fs::read_to_string(folder.join(file)).unwrap();
    (
        read("workflow.rhai"),
        Pack::parse(&read("client.toml")).unwrap_or_else(|error| panic!("{name}: {error}")),
    )
}

#[test]
fn the_atm_pack_says_who_leads_where() {
    let (script, pack) = shipped("atm-service");
    let found = steps(&script, &SharedSources::new(), &pack).unwrap();
    assert!(found.is_whole);
    let has = |handler: &str, how: &str, from: &str, to: &str, department: &str, outcome: &str| {
        found.steps.iter().any(|step| {
            step.handler == handler
                && step.how == how
                && known(&step.from) == from
                && step.target.as_deref() == Some(to)
                && known(&step.department) == department
                && known(&step.outcome) == outcome
        })
    };
    let all: Vec<String> = found.steps.iter().map(line).collect();
    for (handler, how, from, to, department, outcome) in [
        ("on_task_done", "status", "?", "in_work", "commercial", "approved"),
        ("on_task_done", "close", "?", "closed", "commercial", "not approved"),
        ("on_task_done", "status", "?", "in_work", "bank_support", "?"),
        ("on_task_done", "escalate", "?", "global_logistics", "local_service", "not_in_stock"),
        ("on_task_done", "escalate", "?", "purchasing", "global_logistics", "not delivered"),
        ("on_report", "close", "?", "closed", "?", "?"),
        ("on_opened", "status", "new", "awaiting_approval", "?", "?"),
        ("on_opened", "escalate", "awaiting_approval", "commercial", "?", "?"),
        ("on_opened", "mark_duplicate", "new", "closed", "?", "?"),
        ("on_work_order", "status", "?", "checking_report", "?", "?"),
        ("on_work_order", "escalate", "waiting_for_part", "local_service", "?", "?"),
        ("on_comment", "status", "waiting_for_client", "in_work", "?", "?"),
        ("on_unassigned", "queue", "?", "dispatchers", "?", "?"),
        ("stock_known", "escalate", "?", "global_logistics", "?", "?"),
        ("phone_him", "task", "?", "dispatchers", "?", "?"),
    ] {
        assert!(
            has(handler, how, from, to, department, outcome),
            "{handler} {how} {from} > {to} ({department}: {outcome}) in\n{}",
            all.join("\n")
        );
    }
}

#[test]
fn no_place_of_a_shipped_script_is_left_out() {
    for name in naryad::cli::packs::names() {
        let (script, pack) = shipped(&name);
        let found = steps(&script, &SharedSources::new(), &pack).unwrap();
        assert!(found.is_whole, "{name}");
        let seen: BTreeSet<usize> = found.steps.iter().map(|step| step.line).collect();
        for (index, text) in script.lines().enumerate().filter(|(_, text)| !text.trim().starts_with("//")) {
            let words = [
                "ticket.status = ",
                "ticket.queue(",
                "ticket.hand_over(",
                "ticket.escalate(",
                "ticket.task(",
                "ticket.close(",
                "ticket.resolve(",
                "ticket.reopen(",
            ];
            if words.iter().any(|word| text.contains(word)) {
                assert!(seen.contains(&(index + 1)), "{name}:{}: {text}", index + 1);
            }
        }
        let statuses: BTreeSet<&str> = pack.statuses.iter().map(|status| status.key.as_str()).collect();
        for step in found.steps.iter().filter(|step| step.kind == WayKind::Status) {
            let target = step.target.as_deref().unwrap_or_else(|| panic!("{name}: {step:?}"));
            assert!(statuses.contains(target), "{name}: {step:?}");
        }
    }
}

#[test]
fn conditions_on_the_way_say_where_the_ticket_stood() {
    let script = r#"fn on_comment(ticket, comment) {
    if ticket.status == "new" || ticket.status == "in_work" { ticket.status = "resolved"; return; }
    if !(ticket.status in ["awaiting_approval", "closed"]) { ticket.status = "in_work"; }
    else { ticket.queue("dispatchers"); }
    if ticket.is_closed { ticket.reopen(); }
    switch ticket.status { "resolved" => ticket.close(#{ resolution: "fixed" }), "new" if ticket.urgent => {}, _ => { ticket.status = "in_work"; } }
}"#;
    assert_eq!(
        lines(script),
        [
            "on_comment@2: status in_work|new > resolved",
            "on_comment@3: status not awaiting_approval|closed|in_work|new > in_work",
            "on_comment@4: queue ? > dispatchers",
            "on_comment@5: reopen closed > in_work",
            // Nobody comes there; that it is in the script is shown.
            "on_comment@6: close ? > closed",
            "on_comment@6: status awaiting_approval|in_work > in_work",
        ]
    );
}

#[test]
fn what_cannot_be_known_is_said_to_be_unknown() {
    let script = r#"fn on_opened(ticket) {
    let before = ticket.status;
    ticket.status = settings.first;
    if before == "in_work" { ticket.status = "in_work"; }
    ticket.escalate(settings.department, #{ reason: "x" });
    for other in ticket.tasks { ticket.close(#{ resolution: "fixed" }); }
    ticket.status = "in_work";
    let twin = ticket.asset.open_ticket(#{});
    if twin != () { twin.queue("dispatchers"); }
    let some = ticket.tasks.filter(|one| { one.queue("commercial"); true });
}
fn again(ticket) { again(ticket); ticket.status = "in_work"; }
fn on_timer(ticket, name) { again(ticket); ticket.queue("dispatchers"); }
"#;
    let found = of(script);
    let all: Vec<String> = found.steps.iter().map(line).collect();
    for wanted in [
        "on_opened@3: status new > ?",
        "on_opened@4: status ? > in_work",
        "on_opened@5: escalate ? > ?",
        "on_opened@6: close ? > closed",
        "on_opened@7: status ? > in_work",
        "on_opened@9: queue ? > dispatchers",
        "on_timer@12: status ? > in_work",
        "on_timer@13: queue ? > dispatchers",
    ] {
        assert!(all.iter().any(|line| line == wanted), "{wanted} in\n{}", all.join("\n"));
    }
    assert!(found.steps.iter().find(|step| step.line == 9).unwrap().is_other_ticket);
    assert!(all.iter().any(|line| line.contains("@10: queue ? > commercial")), "{}", all.join("\n"));
    assert_eq!(steps("fn on_opened(ticket) {", &SharedSources::new(), &pack()), None);
}

#[test]
fn a_shared_module_has_its_places_too() {
    let shared = SharedSources::from([(
        "shared/asks".to_owned(),
        "fn ask(ticket) { ticket.escalate(\"commercial\", #{ reason: \"x\" }); }".into(),
    )]);
    let script = "import \"shared/asks\" as asks;\nfn on_opened(ticket) { asks::ask(ticket); ticket.status = \"in_work\"; }";
    let found = steps(script, &shared, &pack()).unwrap();
    let all: Vec<(Option<&str>, String)> =
        found.steps.iter().map(|step| (step.module.as_deref(), line(step))).collect();
    assert!(all.contains(&(Some("shared/asks"), "ask@1: escalate ? > commercial".to_owned())), "{all:?}");
    // What the module did is not known.
    assert!(all.contains(&(None, "on_opened@2: status ? > in_work".to_owned())), "{all:?}");
}
