//! Each word of the test language does what it says.

use naryad::domain::Key;
use naryad::rehearsal::script_tests::{PackSource, run};

use super::{all_pass, run_file};
use crate::helpers::SETTINGS;

#[test]
fn a_whole_story_is_arranged_played_and_read() {
    all_pass(include_str!("story.rhai"));
}

#[test]
fn plugins_answer_what_the_test_says() {
    let report = all_pass(
        r#"
fn visit() {
    let here = site(#{ city: "Yerevan", country: "AM" });
    engineer("Anna", #{ city: "Yerevan" });
    let ticket = open(#{ subject: "Paper", category: "receipt_jam", site: here });
    let order = ticket.last_order;
    order.accept(now() + hours(1));
    assert_eq(order.planned_at, now() + hours(1));
    order.on_the_way();
    pass(minutes(30));
    order.arrive();
    assert_eq(order.arrived_at, now());
    order.could_not("part_needed", #{ parts: ["P-1", #{ code: "P-2", quantity: 2 }], comment: "Torn" });
    assert_eq(order.stage, "could_not");
    assert_eq(order.reason, "part_needed");
    assert_eq(order.comment, "Torn");
    assert_eq(order.parts_needed[1].quantity, 2);
    ticket
}
fn test_a_function_answers() {
    on_call("parts-stock", "in_stock", |input| #{ local: input.part == "P-1" });
    let ticket = visit();
    assert_eq(ticket.calls, ["parts-stock.in_stock", "parts-stock.in_stock"]);
    assert_eq(ticket.comments, ["P-1 is here", "P-2 is elsewhere"]);
    assert_eq(ticket.unanswered_calls, []);
}
fn test_a_value_answers_and_late_answers_reach_waiting_calls() {
    let ticket = visit();
    assert_eq(ticket.unanswered_calls.len(), 2);
    assert_eq(ticket.comments, []);
    on_call("parts-stock", "in_stock", #{ local: false });
    assert_eq(ticket.comments, ["P-1 is elsewhere", "P-2 is elsewhere"]);
}
fn test_a_failure_answers() {
    on_call_fail("parts-stock", "in_stock", "timed out");
    assert_eq(visit().comments, ["No answer about P-1", "No answer about P-2"]);
}
fn test_nobody_answers() { visit(); }
"#,
    );
    let unanswered: Vec<usize> = report.tests.iter().map(|test| test.unanswered.len()).collect();
    assert_eq!(unanswered, [0, 0, 0, 2]);
}

#[test]
fn time_plays_what_falls_due() {
    all_pass(
        r#"
fn test_a_timer_fires_at_its_time_and_an_answer_cancels_it() {
    at("2026-12-31 17:55");
    let petrov = contact("Mr Petrov", #{ email: "petrov@bank.example" });
    let davit = dispatcher("Davit", #{ queues: ["dispatchers"] });
    let ticket = open(#{ subject: "Paper", contact: petrov });
    ticket.comment("What do you see?");
    assert_eq(ticket.timers, ["remind"]);
    pass(hours(23));
    assert_eq(ticket.counters.reminded, 0);
    pass(hours(1));
    assert_eq(ticket.counters.reminded, 1);
    assert_eq(ticket.timers, []);
    assert_eq(now().text, "2027-01-01 17:55");
    assert_eq(ticket.notified, ["Davit: at_risk"]);
    assert_contains(ticket.notices[0].text, "T-1 is at risk");
    davit.comments(ticket, "And now?");
    petrov.comments(ticket, "All is well");
    assert_eq(ticket.timers, []);
    davit.notes(ticket, "fine");
    assert_eq(ticket.comments.len(), 4);
}
fn test_a_breach_is_played_at_its_moment() {
    let ticket = open(#{ subject: "Paper" });
    let sla = ticket.sla("resolution");
    assert_eq(sla.limit, hours(8));
    assert_eq(sla.due, now() + hours(8));
    pass(hours(7));
    assert(!ticket.urgent);
    assert_eq(ticket.sla("resolution").left, hours(1));
    pass(hours(2));
    assert(ticket.urgent);
    assert(ticket.sla("resolution").is_breached);
    assert_contains(ticket.events, "sla_reached");
}
fn test_spans_and_moments() {
    let start = now();
    assert_eq(start.text, "2026-03-02 10:00");
    assert_eq((start + days(1)) - start, hours(24));
    assert_eq((hours(3) + minutes(30)).minutes, 210);
    assert_eq(minutes(10) * 6, hours(1));
    assert(start < start + minutes(1) && hours(1) > minutes(59));
    pass(working(hours(1)));
    assert_eq(now(), start + hours(1));
}
"#,
    );
}

#[test]
fn people_act_under_their_own_rights_and_refusals_can_be_caught() {
    all_pass(
        r#"
fn test_people() {
    let olga = operator("Olga", #{ queues: ["support"] });
    let petrov = contact("Petrov");
    let bank = sub_client("bank_a", #{ name: "Bank A" });
    let ticket = open(#{
        subject: "Paper", description: "Since noon", sub_client: bank, contact: petrov, by: olga,
        impact: "high", urgency: "low", fields: #{ floor: 3, entrance: "back" }, tags: ["vip"]
    });
    assert_eq(ticket.description, "Since noon");
    assert_eq(ticket.sub_client.name, "Bank A");
    assert_eq(ticket.contact.name, "Petrov");
    assert_eq(ticket.priority, 3);
    assert_eq(ticket.fields.floor, 3);
    assert_eq(ticket.fields.entrance, "back");
    assert_eq(ticket.fields.access_code, ());
    assert_eq(ticket.tags, ["vip"]);
    ticket.assign(olga);
    assert_eq(ticket.assignee.name, "Olga");
    ticket.change(#{ urgency: "high", urgent: true, category: "receipt_jam", fields: #{ floor: () }, by: olga });
    assert_eq(ticket.priority, 1);
    assert(ticket.urgent);
    assert_eq(ticket.fields.floor, ());
    try { ticket.change(#{ status: "closed", by: petrov }); fail("a contact closed it"); }
    catch (refusal) { assert_eq(refusal.code, "forbidden"); }
    try { ticket.change(#{ status: "waiting_for_cleint" }); fail("a typo passed"); }
    catch (refusal) { assert_eq(refusal.code, "unknown_key"); assert_contains(refusal.message, "waiting_for_client"); assert_eq(refusal.field, "status"); }
    ticket.hand_over("supervisors", "Too hard");
    assert_eq(ticket.queue, "supervisors");
    assert_eq(ticket.reason, "Too hard");
    assert_eq(ticket.assignee, ());
    ticket.add_tag("late"); ticket.remove_tag("vip");
    assert_eq(ticket.tags, ["late"]);
    ticket.resolve(#{ resolution: "done", by: olga });
    assert(ticket.is_resolved && !ticket.is_closed);
    ticket.close(#{ resolution: "done", reason: "Confirmed" });
    ticket.reopen("Again");
    assert_eq(ticket.reopen_count, 1);
    assert_eq(tickets(), [ticket]);
}
"#,
    );
}

#[test]
fn each_test_has_a_desk_of_its_own() {
    let one = "fn test_NAME() { engineer(\"Anna\"); let t = open(#{ subject: \"x\" }); assert_eq(t.key, \"T-1\"); assert_eq(tickets().len(), 1); }\n";
    let tests: String = (0..20).map(|number| one.replace("NAME", &number.to_string())).collect();
    let report = run_file(&tests);
    assert!(report.all_passed(), "{report}");
    assert_eq!(report.tests.len(), 20);
}

#[test]
fn calendars_holidays_and_stages_are_rehearsed() {
    let calendars = "calendar = { time_zone = \"Europe/Moscow\", hours = [{ days = [\"mon\", \"tue\"], from = \"09:00\", to = \"18:00\" }], holidays = [\"own\"] }";
    let settings = SETTINGS.replace("calendar = { time_zone = \"Europe/Moscow\" }", calendars).replace(
        "[[sla]]\npriority = 3\n",
        "[[stages]]\nkey = \"approval\"\nlabel = { en = \"Approval\" }\nstatuses = [\"awaiting_approval\"]\n\
         [[sla]]\noverdue_every_minutes = 60\nstage_minutes = { approval = 60 }\n",
    );
    let story = r#"
        fn test_a_holiday_is_no_working_day() {
            at("2026-03-02 17:00");
            let ticket = open(#{ subject: "x" });
            at("2026-03-09 10:00");
            assert_eq(ticket.sla("resolution").used, hours(2));
            at("2026-03-10 10:00");
            assert_eq(ticket.sla("resolution").percent_used, 137);
            assert_eq(ticket.sla("resolution").overdue_minutes, 180);
            assert_eq(ticket.tags, ["over_120", "over_180", "over_60"]);
        }
    "#;
    let script = r#"
        fn on_opened(ticket) {
            let morning = now() - hours(8);
            if ticket.calendar.open_minutes(morning, now()) != 480 { throw "not 480 minutes"; }
            if client_minutes(ticket) != 60 || ticket.calendar.is_open(morning - hours(1)) { throw "no"; }
        }
        fn client_minutes(ticket) {
            let end = ticket.client.calendar.add(now(), 60);
            ticket.client.calendar.open_minutes(now(), end)
        }
        fn on_sla(ticket, alarm) {
            if alarm.target == "resolution" && alarm.overdue_minutes > 0 { ticket.add_tag(`over_${alarm.overdue_minutes}`); }
        }
    "#;
    let holiday = "BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART;VALUE=DATE:20260303\nEND:VEVENT\nEND:VCALENDAR\n";
    let source = PackSource {
        script: script.to_owned(),
        settings,
        tests: [("tests/some.rhai".to_owned(), story.to_owned())].into(),
        holidays: [(Key::new("own").unwrap(), holiday.to_owned())].into(),
        ..Default::default()
    };
    let report = run(&source);
    assert!(report.all_passed(), "{report}");
}

#[test]
fn recorded_work_is_read_by_the_script() {
    let report = run(&PackSource {
        script: r#"
fn on_resolved(ticket) {
    let who = ticket.time_entries.map(|entry| entry.person.name + " " + entry.minutes + " " + entry.note);
    ticket.note(`${ticket.minutes_spent} minutes: ${who}`);
}"#
        .to_owned(),
        settings: SETTINGS.to_owned(),
        tests: [(
            "time".to_owned(),
            r#"
fn test_minutes() {
    let vera = operator("Vera");
    let ticket = open(#{ subject: "Paper" });
    pass(hours(2));
    ticket.record_time(30, #{ note: "cleaned", by: vera });
    ticket.record_time(12, #{ began_at: now() - hours(1), by: vera });
    assert_eq(ticket.minutes_spent, 42);
    ticket.resolve(#{ resolution: "done" });
    assert_eq(ticket.comments, ["42 minutes: Vera 12 ; Vera 30 cleaned"]);
}"#
            .to_owned(),
        )]
        .into(),
        ..PackSource::default()
    });
    assert!(report.all_passed() && !report.tests.is_empty(), "{report}");
}

#[test]
fn what_is_beyond_the_message_limit_reached_nobody_and_is_read_as_held() {
    let report = run(&PackSource {
        script: "fn on_opened(ticket) { ticket.notify(\"support\", #{ text: \"new\" }); ticket.comment(\"hello\"); }"
            .to_owned(),
        settings: format!("{SETTINGS}\n[budget]\nmessages_per_run = 1\n"),
        tests: [(
            "budget".to_owned(),
            r#"
fn test_budget() {
    operator("Olga", #{ queues: ["support"] });
    operator("Vera", #{ queues: ["support"] });
    let ticket = open(#{ subject: "Paper" });
    assert_eq(ticket.notified, ["Olga: message"]);
    assert_eq(ticket.held, ["Vera: message", "client: message"]);
    assert_eq(ticket.comments, []);
    assert_contains(ticket.events, "message_held");
}"#
            .to_owned(),
        )]
        .into(),
        ..PackSource::default()
    });
    assert!(report.all_passed() && !report.tests.is_empty(), "{report}");
}

#[test]
fn a_sub_clients_own_settings_go_before_the_packs() {
    let settings = format!(
        "{SETTINGS}\n[settings]\nhours = 4\ngreeting = \"pack\"\n[sub_client_settings.north]\nhours = 2\n"
    );
    let script = "fn on_opened(ticket) {\n  ticket.timer(\"remind\", hours(settings.hours));\n  \
                  ticket.add_tag(`${settings.greeting} ${settings.hours}`);\n}\n\
                  fn on_timer(ticket, name) { ticket.add_tag(\"rang\"); }";
    let tests = r#"
fn test_each_bank_by_its_own() {
    let north = open(#{ subject: "a", sub_client: sub_client("north", #{ name: "North" }) });
    let south = open(#{ subject: "b", sub_client: sub_client("south", #{ name: "South" }) });
    let none = open(#{ subject: "c" });
    assert_contains(north.tags, "pack 2");
    assert_contains(south.tags, "pack 4");
    assert_contains(none.tags, "pack 4");
    pass(hours(3));
    assert_contains(north.tags, "rang");
    assert(!south.tags.contains("rang") && !none.tags.contains("rang"));
}
"#;
    let report = run(&PackSource {
        script: script.to_owned(),
        settings,
        tests: std::collections::BTreeMap::from([("tests/banks.rhai".to_owned(), tests.to_owned())]),
        ..PackSource::default()
    });
    assert!(report.all_passed() && report.tests.len() == 1, "{report}");
}
