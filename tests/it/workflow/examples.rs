//! Every handler and every word of the API has an example, and each is published and played on a rehearsal's desk.

use std::collections::BTreeMap;

use naryad::rehearsal::script_tests::{PackSource, Report, run};
use naryad::workflow::api::{Example, HANDLERS, Member, Shape, functions, types};
use naryad::workflow::{Known, check};

const SETTINGS: &str = include_str!("examples/client.toml");
const SCENES: &str = include_str!("examples/scenes.rhai");

/// Handlers that the scene of another one needs, where the example does not bring its own.
const BEFORE: &[(&str, &str)] = &[
    ("on_comment", TASK),
    ("on_task_done", TASK),
    ("on_unassigned", "fn on_opened(ticket) { ticket.dispatch(#{ city: \"Almaty\" }); }"),
    ("on_rating", "fn on_resolved(ticket) { ticket.ask_rating(); }"),
    ("on_timer", "fn on_opened(ticket) { ticket.timer(\"remind\", minutes(5)); }"),
    (
        "on_plugin",
        "fn on_opened(ticket) { ticket.call_plugin(\"parts-stock\", \"in_stock\", #{ part: ticket.fields.part }); }",
    ),
];
const TASK: &str = "fn on_opened(ticket) { ticket.escalate(\"commercial\", #{ reason: \"Insured?\", part: \"NK-3\", due: hours(4), outcomes: [\"approved\", \"refused\"] }); }";

/// Examples that need more than their handler's scene.
const SCENES_OF: &[(&str, &str)] = &[
    ("Ticket.mark_duplicate", "on_opened_twice"),
    ("Ticket.possible_duplicates", "on_opened_twice"),
    ("Asset.open_ticket", "on_opened_twice"),
    ("Asset.open_tickets", "on_opened_twice"),
    ("Contact.open_tickets", "on_opened_again"),
    ("Contact.last_tickets", "on_opened_again"),
    ("Asset.last_repairs", "on_opened_after_repair"),
    ("Repair.ticket", "on_opened_after_repair"),
    ("Repair.category", "on_opened_after_repair"),
    ("Repair.resolution", "on_opened_after_repair"),
    ("Repair.done_at", "on_opened_after_repair"),
    ("Repair.engineer", "on_opened_after_repair"),
    ("Repair.reason", "on_opened_after_repair"),
    ("Repair.visits", "on_opened_after_repair"),
    ("Ticket.link", "on_opened_twice"),
    ("Ticket.visit_count", "on_work_order_could_not"),
    ("Ticket.attach_to_incident", "on_comment_amid_incident"),
    ("Client.open_incidents", "on_comment_amid_incident"),
    ("WorkOrder.reason", "on_work_order_could_not"),
    ("WorkOrder.comment", "on_work_order_could_not"),
    ("WorkOrder.arrived_at", "on_work_order_could_not"),
    ("WorkOrder.finished_at", "on_work_order_could_not"),
    ("WorkOrder.parts_needed", "on_work_order_could_not"),
    ("Part.code", "on_work_order_could_not"),
    ("Part.quantity", "on_work_order_could_not"),
    ("Ticket.no_shows", "on_work_order_refused"),
    ("WorkOrder.report_state", "on_comment_after_report"),
    ("WorkOrder.photos", "on_comment_after_report"),
    ("WorkOrder.accept_report", "on_comment_after_report"),
    ("WorkOrder.return_report", "on_comment_after_report"),
];

/// One entry of the table.
struct Entry {
    /// `Ticket.queue`, `find_tickets`, `on_opened`.
    name: String,
    example: Example,
    /// How a line of the example looks that shows the entry; empty: any line does.
    shown_as: Vec<String>,
}

fn entries() -> Vec<Entry> {
    let mut entries: Vec<Entry> = HANDLERS
        .iter()
        .map(|handler| Entry {
            name: handler.name.to_owned(),
            example: handler.example,
            shown_as: Vec::new(),
        })
        .collect();
    entries.extend(functions().map(|function| Entry {
        name: function.name.to_owned(),
        example: function.example,
        shown_as: vec![format!("{}(", function.name)],
    }));
    for owner in types() {
        entries.extend(owner.all().map(|member| Entry {
            name: format!("{}.{}", owner.name, member.name),
            example: member.example,
            shown_as: looks_of(member),
        }));
        entries.extend(owner.index.iter().map(|index| Entry {
            name: format!("{}.key", owner.name),
            example: index.example,
            shown_as: vec!["fields.".to_owned(), "settings.".to_owned()],
        }));
    }
    entries
}

fn looks_of(member: &Member) -> Vec<String> {
    let name = member.name;
    match &member.shape {
        Shape::Method { .. } => vec![format!(".{name}(")],
        Shape::Property { set: Some(_), .. } if name != "fields" => vec![format!(".{name} = ")],
        Shape::Property { .. } => {
            [" ", ".", ")", "}", ",", ";", "]"].iter().map(|end| format!(".{name}{end}")).collect()
        }
    }
}

impl Entry {
    /// The script of the example with what its scene needs.
    fn script(&self) -> String {
        let mut script = self.example.script();
        for (handler, before) in BEFORE {
            if self.example.handler == *handler {
                script.push_str(&format!("\n{before}\n"));
            }
        }
        script
    }

    /// Lines of the script that show the entry, from 1; a line that goes on with a `.` belongs to the one before.
    fn lines(&self) -> Vec<usize> {
        let script = self.example.script();
        let shows = |line: &str| {
            self.shown_as.is_empty() || self.shown_as.iter().any(|look| line.contains(look.as_str()))
        };
        script.lines().enumerate().filter(|(_, line)| shows(line)).map(|(index, _)| index + 1).collect()
    }

    fn test(&self) -> String {
        let handler = self.example.handler;
        let scene = SCENES_OF.iter().find(|(name, _)| *name == self.name).map_or(handler, |(_, scene)| scene);
        let lines = self.lines();
        match handler {
            "on_accepting" | "on_resolving" | "on_closing" => format!(
                "fn test_it() {{ assert_ne(refused_{handler}(), \"nothing\", \"the guard refuses nothing\"); }}"
            ),
            "on_schedule" => {
                format!(
                    "fn test_it() {{ on_schedule(); asks_for_something(runs(), \"on_schedule\", {lines:?}); }}"
                )
            }
            _ => {
                let mut calls = String::new();
                if !self.example.functions.is_empty() {
                    calls.push_str("pass(days(4));");
                }
                for function in names_of(self.example.functions) {
                    calls.push_str(&format!(" was_called(ticket.runs, \"{function}\");"));
                }
                format!(
                    "fn test_it() {{ let ticket = {scene}(); asks_for_something(ticket.runs, \"{handler}\", {lines:?}); {calls} }}"
                )
            }
        }
    }

    fn play(&self) -> Report {
        let tests = format!("{}\n{SCENES}", self.test());
        run(&PackSource {
            script: self.script(),
            settings: SETTINGS.to_owned(),
            tests: BTreeMap::from([("tests/example.rhai".to_owned(), tests)]),
            ..PackSource::default()
        })
    }
}

fn names_of(functions: &str) -> impl Iterator<Item = &str> {
    functions.lines().filter_map(|line| line.strip_prefix("fn ")?.split('(').next())
}

/// Every `of`-th entry, from the `part`-th on: several threads share the work.
fn play_part(part: usize, of: usize) {
    let mut wrong = Vec::new();
    for entry in entries().iter().skip(part).step_by(of) {
        let report = entry.play();
        if !report.all_passed() || report.tests.is_empty() {
            wrong.push(format!("{}:\n{}\n{report}", entry.name, entry.example.script()));
        }
    }
    assert!(wrong.is_empty(), "{} examples do not hold:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn examples_do_what_they_show_1() {
    play_part(0, 2);
}

#[test]
fn examples_do_what_they_show_2() {
    play_part(1, 2);
}

#[test]
fn each_example_shows_its_entry_and_is_clean_by_itself() {
    let pack = naryad::domain::pack::Pack::parse(SETTINGS).unwrap();
    let known = Known::default();
    for entry in entries() {
        let script = entry.example.script();
        assert!(!entry.lines().is_empty(), "{} is not in its example:\n{script}", entry.name);
        let findings = check(&script, &pack, &known);
        assert!(findings.is_empty(), "{}: {findings:?}\n{script}", entry.name);
    }
}
