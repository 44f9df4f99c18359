//! A shadow: the draft decides beside the published version, says where it differs, and changes nothing.

use naryad::domain::command::{Command, StartShadow};
use naryad::domain::person::{Grant, Membership, Role};
use naryad::domain::shadow::{FAILURES_MAX, ShadowCounts, ShadowEnd};
use naryad::domain::{ClientId, Key, Span, TicketId};
use naryad::store;
use naryad::store::run::RunState;
use naryad::store::shadow::{Difference, Shadow};

use crate::helpers::{SETTINGS, TestDesk, refusal};

const SCRIPT: &str = r#"
fn on_opened(ticket) {
    ticket.add_tag("seen");
    if ticket.subject == "broken" { throw "on purpose"; }
    ticket.escalate("commercial", #{ reason: "approve" });
    ticket.timer("remind", hours(2));
}
fn on_comment(ticket, comment) { ticket.urgent = !ticket.urgent; }
fn on_changed(ticket, change) { if change.what == "urgent" { ticket.add_tag("hot"); } }
fn on_timer(ticket, name) { ticket.note("still waiting"); }
fn on_accepting(ticket, person) { if ticket.subject == "mine" { return refuse("category", "not yours"); } }
"#;

/// Of a ticket: what happened, which handlers ran and how they ended, and what they asked for.
type Traces = (Vec<&'static str>, Vec<(String, RunState)>, String);

impl TestDesk {
    fn saves(&self, client: ClientId, script: &str) {
        let (script, settings) = (script.to_owned(), SETTINGS.to_owned());
        self.does(Command::SaveDraft { client, script, settings }).unwrap();
    }

    fn shadows(&self, client: ClientId, draft: &str) {
        self.saves(client, draft);
        self.does(start(client, 24)).unwrap();
    }

    fn shadow(&self, client: ClientId) -> Shadow {
        self.read(|db| store::shadow::get(db, client)).unwrap()
    }

    fn counts(&self, client: ClientId) -> ShadowCounts {
        ShadowCounts { micros: 0, ..self.shadow(client).counts }
    }

    /// From old to new.
    fn differences(&self, client: ClientId) -> Vec<Difference> {
        let mut found = self.read(|db| store::shadow::differences(db, client, None, 1_000));
        found.reverse();
        found
    }

    /// What people do in a few hours.
    fn lives(&self, client: ClientId) -> Vec<TicketId> {
        let olga = self.somebody("olga", Role::Operator, None);
        olga.gets(
            &[Grant { role: Role::Operator, client: None }],
            &[Membership { queue: Key::new("support").unwrap(), client: None }],
        );
        let tickets = ["no cash", "broken", "mine", "receipt"].map(|subject| self.opens(client, subject));
        for ticket in tickets {
            olga.replies(ticket, "we look at it").unwrap();
            let taken = olga.assigns(ticket, &olga);
            assert_eq!(taken.is_err(), ticket == tickets[2], "the published guard alone refuses");
        }
        self.pass(Span::hours(3));
        tickets.to_vec()
    }

    /// Everything that a shadow could have touched.
    fn left_behind(&self, tickets: &[TicketId]) -> Vec<Traces> {
        let runs = |ticket| self.runs(ticket).into_iter().map(|run| run.commands).collect::<String>();
        let without_ids = |text: String| text.chars().filter(|one| !one.is_ascii_digit()).collect::<String>();
        let trace =
            |ticket: &TicketId| (self.story(*ticket), self.handlers(*ticket), without_ids(runs(*ticket)));
        tickets.iter().map(trace).collect()
    }
}

fn start(client: ClientId, hours: i64) -> Command {
    Command::StartShadow(StartShadow { client, hours })
}

fn kinds(side: &naryad::domain::shadow::Said) -> Vec<&str> {
    side.commands.iter().map(|one| one.command["type"].as_str().unwrap()).collect()
}

#[test]
fn the_same_draft_differs_nowhere_wherever_its_lines_stand() {
    let desk = TestDesk::new();
    let client = desk.client("bank", SCRIPT);
    desk.shadows(client, &format!("// Moved down.\n\n{SCRIPT}"));
    let tickets = desk.lives(client);
    let runs: usize = tickets.iter().map(|ticket| desk.runs(*ticket).len()).sum();
    let counts = desk.counts(client);
    assert_eq!(counts.runs, runs as i64, "each run was compared, those of guards too");
    assert!(runs > 12, "{runs}");
    // The failure is the same one and no difference; that the draft fails is counted all the same.
    assert_eq!((counts.different, counts.failures, counts.older), (0, 1, 0));
    assert_eq!(desk.differences(client), []);
    assert!(desk.shadow(client).counts.micros > 0);
}

#[test]
fn a_changed_draft_gives_exactly_the_runs_that_it_changes() {
    let desk = TestDesk::new();
    let client = desk.client("bank", SCRIPT);
    let draft = SCRIPT
        .replace(r#"ticket.escalate("commercial","#, r#"ticket.escalate("dispatchers","#)
        .replace("throw \"on purpose\";", "return;")
        .replace("fn on_timer(ticket, name) { ticket.note(\"still waiting\"); }", "")
        .replace("ticket.subject == \"mine\"", "ticket.subject == \"receipt\"");
    desk.shadows(client, &format!("{draft}\nfn on_resolved(ticket) {{ ticket.note(\"thanks\"); }}"));
    let tickets = desk.lives(client);
    let resolution = Key::new("done").unwrap();
    let (version, reason, information) = (None, None, Box::default());
    desk.does(Command::ResolveTicket { ticket: tickets[0], version, resolution, reason, information })
        .unwrap();

    let found = desk.differences(client);
    let lines: Vec<(usize, &str)> = found
        .iter()
        .map(|one| (tickets.iter().position(|own| Some(*own) == one.ticket).unwrap(), one.handler.as_str()))
        .collect();
    let expected = [
        (0, "on_opened"),
        (1, "on_opened"),
        (2, "on_opened"),
        (3, "on_opened"),
        (3, "on_accepting"),
        (0, "on_timer"),
        (2, "on_timer"),
        (3, "on_timer"),
        (0, "on_resolved"),
    ];
    assert_eq!(lines, expected);
    let (opened, broken, accepting, timer, resolved) =
        (&found[0], &found[1], &found[4], &found[5], &found[8]);
    assert_eq!(kinds(&opened.published), ["change_tags", "open_task", "start_timer"]);
    assert_eq!(kinds(&opened.draft), ["change_tags", "open_task", "start_timer"]);
    assert_eq!(opened.published.commands[1].command["department"], "commercial");
    assert_eq!(
        (opened.draft.commands[1].line, &opened.draft.commands[1].command["department"]),
        (5, &"dispatchers".into())
    );
    assert!(broken.published.failure.as_ref().unwrap().contains("on purpose"));
    assert_eq!((kinds(&broken.draft), &broken.draft.failure), (vec!["change_tags"], &None));
    assert_eq!(accepting.draft.refused.as_ref().map(|no| no.message.as_str()), Some("not yours"));
    assert_eq!((timer.draft.has_handler, kinds(&timer.published)), (false, vec!["add_comment"]));
    assert_eq!(
        (resolved.published.has_handler, resolved.run, kinds(&resolved.draft)),
        (false, None, vec!["add_comment"])
    );
    let run = desk.runs(tickets[0]).into_iter().find(|run| run.handler == "on_opened").unwrap();
    assert_eq!((opened.run, opened.at), (Some(run.id), run.at));
    assert_eq!(desk.counts(client).different, expected.len() as i64);
}

#[test]
fn nothing_that_a_draft_does_reaches_the_desk() {
    let plain = TestDesk::new();
    let bank = plain.client("bank", SCRIPT);
    let expected = plain.left_behind(&plain.lives(bank));
    let drafts = [
        "fn on_opened(ticket) { ticket.close(#{ resolution: \"refused\" }); ticket.urgent = true; }\n\
         fn on_comment(ticket, comment) { ticket.queue(\"commercial\"); }\n\
         fn on_accepting(ticket, person) { return refuse(\"category\", \"never\"); }",
        "fn on_opened(ticket) { throw \"broken\"; }\nfn on_comment(ticket, comment) { throw \"broken\"; }",
        "fn on_opened(ticket) { let turns = 0; while turns >= 0 { turns += 1; } }",
    ];
    for draft in drafts {
        let desk = TestDesk::new();
        let client = desk.client("bank", SCRIPT);
        desk.shadows(client, draft);
        let tickets = desk.lives(client);
        assert_eq!(desk.left_behind(&tickets), expected, "{draft}");
        assert!(desk.counts(client).different > 0, "{draft}");
        let health = desk.read(|db| store::pack::health(db, client));
        assert_eq!((health.failures_in_row, health.quarantined_at), (0, None), "{draft}");
    }
}

#[test]
fn a_draft_that_fails_too_often_ends_its_shadow_and_nothing_else() {
    let desk = TestDesk::new();
    let client = desk.client("bank", "fn on_opened(ticket) { ticket.add_tag(\"a\"); }");
    desk.shadows(client, "fn on_opened(ticket) { throw \"broken\"; }");
    for _ in 0..FAILURES_MAX + 3 {
        let ticket = desk.opens(client, "x");
        assert_eq!(desk.handlers(ticket), [("on_opened".to_owned(), RunState::Applied)]);
        assert!(!desk.ticket(ticket).is_marked);
    }
    let shadow = desk.shadow(client);
    assert_eq!(shadow.ending, Some(ShadowEnd::Failures));
    assert_eq!((shadow.counts.runs, shadow.counts.failures), (FAILURES_MAX, FAILURES_MAX));
    let failure = desk.differences(client)[0].draft.failure.clone().unwrap();
    assert!(failure.contains("broken") && failure.contains("line 1"), "{failure}");
}

#[test]
fn a_shadow_ends_by_its_time_by_hand_and_by_a_publication() {
    let desk = TestDesk::new();
    let client = desk.client("bank", SCRIPT);
    desk.shadows(client, "");
    assert_eq!(refusal(desk.does(start(client, 1))), "shadow_runs");
    let until = desk.now() + Span::hours(24);
    desk.pass(Span::hours(23));
    assert_eq!(desk.shadow(client).ended_at, None);
    desk.pass(Span::hours(2));
    let shadow = desk.shadow(client);
    assert_eq!((shadow.ended_at, shadow.ending), (Some(until), Some(ShadowEnd::Time)));
    desk.opens(client, "after its time");
    assert_eq!(desk.counts(client).runs, 0);

    desk.does(start(client, 1)).unwrap();
    desk.opens(client, "x");
    assert_eq!(desk.differences(client).len(), 1);
    desk.does(Command::StopShadow { client }).unwrap();
    desk.does(Command::StopShadow { client }).unwrap();
    assert_eq!(desk.shadow(client).ending, Some(ShadowEnd::Stopped));
    desk.opens(client, "after its end");
    assert_eq!(desk.differences(client).len(), 1, "what it found stays");

    desk.does(start(client, 336)).unwrap();
    assert_eq!(desk.differences(client), [], "a new one begins anew");
    desk.publishes(client, SCRIPT, SETTINGS).unwrap();
    assert_eq!(desk.shadow(client).ending, Some(ShadowEnd::Published));
    desk.pass(Span::hours(400));
    assert_eq!(desk.shadow(client).ending, Some(ShadowEnd::Published));
}

#[test]
fn a_restart_in_the_middle_loses_nothing() {
    let mut desk = TestDesk::new();
    let client = desk.client("bank", "fn on_opened(ticket) { ticket.add_tag(\"a\"); }");
    desk.shadows(client, "fn on_opened(ticket) { ticket.add_tag(\"b\"); }");
    // A later draft is no part of it.
    desk.saves(client, "fn on_opened(ticket) { ticket.add_tag(\"c\"); }");
    desk.opens(client, "before");
    desk.restarts_after(|_| {});
    desk.opens(client, "after");
    let found = desk.differences(client);
    assert_eq!(found.len(), 2);
    for one in found {
        assert_eq!(one.draft.commands[0].command["add"], serde_json::json!(["b"]));
    }
    assert_eq!(desk.counts(client).runs, 2);
    desk.pass(Span::hours(25));
    assert_eq!(desk.shadow(client).ending, Some(ShadowEnd::Time));
}

#[test]
fn tickets_on_an_older_version_are_counted_and_not_compared() {
    let desk = TestDesk::new();
    let client = desk.client("bank", SCRIPT);
    let old = desk.opens(client, "old");
    desk.publishes(client, &format!("{SCRIPT}// 2"), SETTINGS).unwrap();
    desk.shadows(client, "");
    let olga = desk.somebody("olga", Role::Operator, None);
    olga.replies(old, "hello").unwrap();
    let counts = desk.counts(client);
    assert_eq!((counts.runs, counts.older), (0, 2), "the comment, and the change that it led to");
    desk.opens(client, "new");
    let counts = desk.counts(client);
    assert_eq!((counts.runs > 0, counts.older), (true, 2));
}

#[test]
fn what_cannot_be_a_shadow_is_refused() {
    let desk = TestDesk::new();
    let client = desk.client("bank", SCRIPT);
    assert_eq!(refusal(desk.does(start(client, 1))), "invalid", "there is no draft");
    desk.saves(client, "fn on_opend(ticket) {}");
    assert_eq!(refusal(desk.does(start(client, 1))), "workflow_has_errors");
    desk.saves(client, "");
    for hours in [0, -1, 337, i64::MAX] {
        assert_eq!(refusal(desk.does(start(client, hours))), "invalid", "{hours}");
    }
    let (other, supervisor) =
        (desk.client("other", ""), desk.somebody("sona", Role::Supervisor, Some(client)));
    let theirs = desk.somebody("petr", Role::Administrator, Some(other));
    for command in [start(client, 1), Command::StopShadow { client }] {
        assert_eq!(refusal(supervisor.does(command.clone())), "forbidden");
        assert_eq!(refusal(theirs.does(command)), "forbidden");
    }
    desk.somebody("anna", Role::Administrator, Some(client)).does(start(client, 1)).unwrap();
}
