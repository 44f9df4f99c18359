//! The checker names what is wrong, where, and what was probably meant; also where nothing ever runs.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use expect_test::{Expect, expect};
use naryad::workflow::{Known, check_within, on_script_stack};

use super::desk::{key, pack};

fn known() -> Known {
    Known {
        plugins: Some(BTreeMap::from([(
            key("parts-stock"),
            BTreeSet::from([key("in_stock"), key("reserve")]),
        )])),
        people: Some(BTreeSet::from(["nurlan".to_owned(), "olga".to_owned()])),
        live: None,
        shared: BTreeMap::from([
            ("shared/visits".to_owned(), "fn send(ticket, why) { ticket.dispach(#{ note: why }); }".into()),
            ("shared/circle".to_owned(), "import \"shared/circle\" as c; fn f() { }".into()),
        ]),
    }
}

fn check(script: &str, expected: Expect) {
    let findings = naryad::workflow::check(script, &pack(), &known());
    let lines: Vec<String> = findings
        .iter()
        .map(|finding| format!("{}{finding}\n", if finding.is_error() { "" } else { "warning: " }))
        .collect();
    expected.assert_eq(&lines.concat());
}

/// The same inside `on_opened`, each on a line of its own from line 2.
fn check_body(body: &str, expected: Expect) {
    check(&format!("fn on_opened(ticket) {{\n{body}\n}}"), expected);
}

#[test]
fn the_example_is_clean() {
    check(include_str!("atm.rhai"), expect![[""]]);
}

#[test]
fn syntax_errors_have_their_place() {
    check(
        "fn on_opened(ticket) {\n  let a = ;\n}",
        expect![[r#"
            2:11: `;` does not belong here
        "#]],
    );
    check(
        "fn on_opened(ticket) {\n  ticket.note(\"x\")\n  ticket.note(\"y\")\n}",
        expect![[r#"
            3:3: `;` is missing to terminate this statement
        "#]],
    );
    check(
        "fn on_opened(ticket) {\n  tiket.urgent = true;\n}",
        expect![[r#"
            2:3: there is no variable `tiket` (did you mean `ticket`?)
        "#]],
    );
    check(
        "fn on_opened(ticket) {\n  if ticket.urgent {",
        expect![[r#"
            2:21: `}` is missing to terminate this block
        "#]],
    );
    check(
        "fn on_opened(ticket) { } fn on_opened(ticket) { }",
        expect![[r#"
            1:26: the function `on_opened` is there already in line 1: make one of both, or give this one another name
        "#]],
    );
    check(
        "fn on_opened(ticket) {\n  let n = 1; [1].filter(|x| x > n);\n}",
        expect![[r#"
            2:33: `n` is not known here: a function, also one between bars, sees its own parameters and what it defines itself
        "#]],
    );
}

#[test]
fn handlers_have_known_names_and_parameters() {
    check(
        "fn on_opend(ticket) { }\nfn on_comment(ticket) { }\n  fn on_timer(ticket, name) { }\nfn helper() { }",
        expect![[r#"
            1:4: there is no handler `on_opend` (did you mean `on_opened`?)
            2:4: `on_comment` takes (ticket, comment), not (ticket)
        "#]],
    );
}

#[test]
fn properties_of_every_link_are_known() {
    check_body(
        "if false {\n  ticket.categry = \"x\";\n  let a = ticket.site.cty;\n  let b = ticket.asset.model.certificate;\n  let c = ticket.orders.first.engineer.nam;\n  for p in ticket.last_order.parts_needed { let d = p.cod; }\n  let e = ticket.sla(\"resolution\").deu;\n  let f = ticket.tasks.filter(|t| t.opn && t.fields.anything != ());\n  let g = \"text\".lenght;\n  let h = now().lokal.hour;\n}",
        expect![[r#"
            3:10: a Ticket has no property `categry` (did you mean `category`?)
            4:23: a Site has no property `cty` (did you mean `city`?)
            5:30: a Model has no property `certificate` (did you mean `certificates`?)
            6:40: a Person has no property `nam` (did you mean `name`?)
            7:55: a Part has no property `cod` (did you mean `code`?)
            8:36: a Sla has no property `deu`
            9:37: a Task has no property `opn` (did you mean `open`?)
            10:18: a Text has no property `lenght` (did you mean `len`?)
            11:17: a Moment has no property `lokal` (did you mean `local`?)
        "#]],
    );
}

#[test]
fn methods_and_their_arity_are_known() {
    check_body(
        "ticket.dispach(#{});\nticket.note();\nticket.note(\"a\", \"b\");\nticket.add_tag;\nticket.site.city();\nticket.expect(\"accepted\", minutes(10));\nticket.escalate(\"commercial\");\nticket.tags.push(\"x\");\nlet n = ticket.fields.cash_left;\nn.frobnicate();",
        expect![[r#"
            2:8: a Ticket has no method `dispach` (did you mean `dispatch`?)
            3:8: `note` takes 1 parameter, not 0
            4:8: `note` takes 1 parameter, not 2
            5:8: `add_tag` is a method: write `add_tag(…)`
            6:13: `city` is a property: write it without brackets
            8:8: `escalate` takes 2 parameters, not 1
            9:13: a List has no method `push`
            11:3: nothing has a method `frobnicate`
        "#]],
    );
}

#[test]
fn what_cannot_be_set_is_said() {
    check_body(
        "ticket.queue = \"first_line\";\nticket.opened_at = now();\nticket.site.city = \"Almaty\";\nsettings.approval_hours = 3;\nticket.fields.part = \"x\";",
        expect![[r#"
            2:8: `queue` of a Ticket cannot be set; call `queue(…)`
            3:8: `opened_at` of a Ticket cannot be set
            4:13: `city` of a Site cannot be set
            5:10: `approval_hours` of Settings cannot be set
        "#]],
    );
}

#[test]
fn option_keys_are_known() {
    check_body(
        "ticket.dispatch(#{ citty: \"Almaty\", grade: 1 });\nticket.assign(#{ strategy: [\"least_loaded\", \"round_robbin\"], on_shft: true });\nticket.assign(#{ strategy: \"rond_robin\", on_shift: true });\nticket.close(#{ resolution: \"repaired\", why: \"x\" });\nticket.escalate(\"commercial\", #{ reason: \"x\", outcoms: [\"yes\"], part: \"NK\" });\nticket.asset.open_ticket(#{ catgory: \"vandalism\" });",
        expect![[r#"
            2:20: there is no option `citty` (did you mean `city`?)
            3:45: there is no strategy `round_robbin` (did you mean `round_robin`?)
            3:62: there is no option `on_shft` (did you mean `on_shift`?)
            4:28: there is no strategy `rond_robin` (did you mean `round_robin`?)
            5:41: there is no option `why`
            warning: 6:47: `outcoms` goes along as a field of the task (did you mean `outcomes`?)
            7:29: there is no option `catgory` (did you mean `category`?)
        "#]],
    );
}

#[test]
fn keys_of_the_pack_are_known_wherever_they_stand() {
    check_body(
        "ticket.status = \"awaiting_aproval\";\nif ticket.category == \"vandalsm\" { }\nif \"closd\" != ticket.status { }\nif ticket.category in [\"receipt_jam\", \"recipt_jam\"] { }\nticket.queue(\"dispatcher\");\nticket.escalate(\"comercial\", #{ reason: \"x\" });\nticket.escalate(\"first_line\", #{ reason: \"x\" });\nticket.close(#{ resolution: \"fixed\" });\nticket.notify(\"dispatchers\", \"stage_lat\");\nticket.notify(\"dispachers\", \"stage_late\");\nticket.assign(\"nurln\");\nticket.watch(\"supervisor\");\nticket.timer(\"remnd\", hours(1));\nticket.impact = \"huge\";\nlet s = ticket.sla(\"resolutoin\");\nlet x = settings.approval_hour;\nticket.fields.prt = 1;\nif ticket.is_default(\"category\") { }",
        expect![[r#"
            2:17: there is no status `awaiting_aproval` (did you mean `awaiting_approval`?)
            3:23: there is no category `vandalsm` (did you mean `vandalism`?)
            4:4: there is no status `closd` (did you mean `closed`?)
            5:39: there is no category `recipt_jam` (did you mean `receipt_jam`?)
            6:14: there is no queue `dispatcher` (did you mean `dispatchers`?)
            7:17: there is no department `comercial` (did you mean `commercial`?)
            8:17: there is no department `first_line`; known: commercial, local_service, global_logistics, purchasing, bank_support
            9:29: there is no resolution `fixed`; known: repaired, refused, no_answer
            10:30: there is no template `stage_lat` (did you mean `stage_late`?)
            11:15: there is no queue, role or person `dispachers` (did you mean `dispatchers`?)
            12:15: there is no person with the login `nurln` (did you mean `nurlan`?)
            14:14: there is no timer `remnd` (did you mean `remind`?)
            15:17: there is no level `huge`; known: high, medium, low
            16:20: there is no SLA target `resolutoin` (did you mean `resolution`?)
            17:18: there is no setting `approval_hour` (did you mean `approval_hours`?)
            18:15: there is no field `prt` (did you mean `part`?)
        "#]],
    );
}

#[test]
fn keys_flow_through_variables_branches_and_functions() {
    check(
        "fn on_task_done(ticket, task) {\n  let dept = if task.outcome == \"aproved\" { \"local_servis\" } else { \"global_logistics\" };\n  ticket.escalate(dept, #{ reason: \"x\", outcomes: [\"maybe\"] });\n  switch task.department {\n    \"comercial\" => { }\n    \"local_service\" | \"purchasng\" => help(ticket, task),\n    _ => ()\n  }\n  if task.outcome == \"maybe\" { }\n}\nfn help(it, job) {\n  it.stauts = \"new\";\n  if job.outcom == \"x\" { }\n  deeper(it);\n}\nfn deeper(thing) { thing.statsu = \"new\"; }\nfn never_called(ticket) { ticket.stat = 1; }\nfn on_work_order(ticket, order) {\n  switch order.stage { \"ofered\" => 1, \"refused\" => 2 }\n  switch order.reason { \"too_far\" => 1, \"to_far\" => 2 }\n}",
        expect![[r#"
            2:33: there is no task outcome `aproved` (did you mean `approved`?)
            2:45: there is no department `local_servis` (did you mean `local_service`?)
            5:5: there is no department `comercial` (did you mean `commercial`?)
            6:23: there is no department `purchasng` (did you mean `purchasing`?)
            12:6: a Ticket has no property `stauts` (did you mean `status`?)
            13:10: a Task has no property `outcom` (did you mean `outcome`?)
            16:26: a Ticket has no property `statsu` (did you mean `status`?)
            17:34: a Ticket has no property `stat` (did you mean `status`?)
            19:24: there is no work order stage `ofered` (did you mean `offered`?)
            20:41: there is no work order outcome `to_far` (did you mean `too_far`?)
        "#]],
    );
}

#[test]
fn own_functions_are_called_as_they_are_written() {
    check(
        "fn help(ticket, why) { ticket.note(why); }\nfn on_opened(ticket) {\n  help(ticket);\n  hlep(ticket, \"x\");\n  help(ticket, \"x\");\n  ticket.help(\"x\");\n  hours();\n  let far = houres(3);\n}",
        expect![[r#"
            3:3: `help` takes 2 parameters, not 1
            4:3: there is no function `hlep` (did you mean `help`?)
            6:10: a Ticket has no method `help`
            7:3: `hours` takes 1 parameter, not 0
            8:13: there is no function `houres` (did you mean `hours`?)
        "#]],
    );
}

#[test]
fn plugins_and_their_continuations_are_known() {
    check(
        "fn on_opened(ticket) {\n  ticket.call_plugin(\"part-stock\", \"in_stock\", #{}).then(\"stock_known\");\n  ticket.call_plugin(\"parts-stock\", \"in_stok\", #{}).then(\"stock_know\", #{});\n  ticket.call_plugin(\"parts-stock\", \"reserve\").then(\"short\");\n}\nfn stock_known(ticket, answer, ctx) { if answer.okay { ticket.note(ctx.anything); } }\nfn short(ticket) { }",
        expect![[r#"
            2:22: there is no plugin `part-stock` (did you mean `parts-stock`?)
            3:37: there is no function of the plugin `in_stok` (did you mean `in_stock`?)
            3:58: there is no function `stock_know` (did you mean `stock_known`?)
            4:53: `short` is called with (ticket, answer, context), so it cannot have 1 parameter
            6:49: a PluginAnswer has no property `okay` (did you mean `ok`?)
        "#]],
    );
}

#[test]
fn values_that_cannot_fit_are_found() {
    check_body(
        "ticket.timer(\"remind\", 24);\nticket.urgent = \"yes\";\nticket.priority = \"high\";\nticket.mark_duplicate(\"ATM-1\");\nticket.dispatch(#{ due: \"tomorrow\", grade: \"two\" });\nif ticket.site { }\nif ticket.contract.covers(ticket.asset) { }\nlet w = working(8);\nticket.status = 3;",
        expect![[r#"
            2:24: Moment, Span or WorkingSpan is wanted here, not number; write hours(…) or minutes(…)
            3:17: true or false is wanted here, not text
            4:19: number is wanted here, not text
            5:23: Ticket is wanted here, not text
            6:25: Moment, Span or WorkingSpan is wanted here, not text
            6:44: number is wanted here, not text
            7:10: a condition must be true or false, not Site
            8:33: Ticket is wanted here, not Asset
            9:17: Span is wanted here, not number; write hours(…) or minutes(…)
            10:17: key of a status is wanted here, not number
        "#]],
    );
}

#[test]
fn shared_modules_are_checked_with_their_users() {
    check(
        "import \"shared/visits\" as visits;\nimport \"shared/visit\" as lost;\nfn on_opened(ticket) {\n  visits::send(ticket, \"x\");\n  visits::sned(ticket, \"x\");\n  visits::send(ticket);\n}",
        expect![[r#"
            2:1: there is no shared module `shared/visit` (did you mean `shared/visits`?)
            5:11: there is no function `visits::sned` (did you mean `visits::send`?)
            6:11: `visits::send` takes 2 parameters, not 1
            shared/visits:1:31: a Ticket has no method `dispach` (did you mean `dispatch`?)
        "#]],
    );
    check(
        "import \"shared/circle\" as circle;\nfn on_opened(ticket) { circle::f(); }",
        expect![[r#"
        shared/circle:1:1: `shared/circle` imports itself, directly or through others
    "#]],
    );
}

#[test]
fn cyrillic_names_are_fine() {
    check_body(
        "let причина = \"нет связи\";\nticket.note(причина);\nticket.note(причена);",
        expect![[r#"
            4:13: there is no variable `причена` (did you mean `причина`?)
        "#]],
    );
}

#[test]
fn a_script_that_keeps_the_check_busy_is_given_up() {
    let lines: String = (0..12_000).map(|number| format!("x = \"v{number}\";\n")).collect();
    let hostile = format!("fn on_opened(ticket) {{ let x = \"\";\n{lines} }}");
    let imports = "import \"shared/visits\" as v;\n".repeat(8_000);
    for script in [&hostile, &imports] {
        assert!(script.len() < naryad::domain::pack::SCRIPT_BYTES_MAX);
        let since = Instant::now();
        let findings = on_script_stack(|| check_within(script, &pack(), &known(), Duration::from_millis(2)));
        assert!(since.elapsed() < Duration::from_secs(3), "{:?}", since.elapsed());
        let last = findings.last().unwrap();
        assert!(last.is_error() && last.message.contains("given up after 0.002 s"), "{last}");
    }
    let ample = on_script_stack(|| check_within("", &pack(), &known(), Duration::from_secs(60)));
    assert_eq!(ample, []);
}

#[test]
fn texts_that_a_variable_can_hold_do_not_multiply() {
    let doubling = "x = x;\n".repeat(60);
    let doubled = format!("fn on_opened(ticket) {{\nlet x = \"nwe\";\n{doubling}ticket.status = x;\n}}");
    check(
        &doubled,
        expect![[r#"
            2:9: there is no status `nwe`; known: new, in_work, awaiting_approval, waiting_for_part, waiting_for_the_bank, checking_report, resolved, closed
        "#]],
    );
    // More than are followed: any text, so nothing is found wrong with it, also with what is joined to it later.
    let many: String = (0..5_000).map(|number| format!("x = \"v{number}\";\n")).collect();
    let any = format!("fn on_opened(ticket) {{\nlet x = \"\";\n{many}{doubling}ticket.status = x;\n}}");
    check(&any, expect![[""]]);
}

#[test]
fn a_finding_shows_the_beginning_of_a_long_text() {
    let long = format!("fn on_opened(ticket) {{ ticket.status = \"{}\"; }}", "я".repeat(20_000));
    let findings = naryad::workflow::check(&long, &pack(), &known());
    assert_eq!(findings.len(), 1);
    assert!(findings[0].message.len() < 500 && findings[0].message.contains("…`"), "{}", findings[0]);
}

#[test]
fn expectations_and_ladders_are_checked() {
    check(
        r#"
fn on_opened(ticket) {
  ticket.expect("acepted", hours(1)).otherwise("late");
  ticket.expect("accepted", 60).otherwise("lat");
  ticket.ladder("ask").rung("short", minutes(5)).rung("late", hours(1)).stop_on("answered").rnug("late", hours(2));
  round(ticket);
}
fn on_work_order(ticket, order) {
  order.expect("offered", hours(1)).otherwise("replace");
  order.expect_by("arrived", order.planned_at + minutes(15)).otherwise("late");
}
fn on_task_done(ticket, task) { task.expect("finished", hours(1)).otherwise("replace"); }
fn late(ticket) { }
fn short() { }
fn replace(ticket, order, why) { order.cancle(); }
fn round(ticket) { ticket.ladder("r").rung("and_round", minutes(0)); }
fn and_round(ticket) { ticket.expect("resolved", hours(0)).otherwise("back"); }
fn back(ticket) { round(ticket); }
"#,
        expect![[r#"
            3:17: there is no status or milestone `acepted` (did you mean `accepted`?)
            4:29: Moment, Span or WorkingSpan is wanted here, not number; write hours(…) or minutes(…)
            4:43: there is no function `lat` (did you mean `late`?)
            5:29: `short` is called with (ticket), so it cannot have 0 parameters
            5:93: a TicketLadder has no method `rnug` (did you mean `rung`?)
            9:16: there is no expectable stage `offered`; known: accepted, on_the_way, arrived, done, report
            9:47: `replace` is called with (ticket, order?), so it cannot have 3 parameters
            12:45: there is no stage of a task `finished`; known: taken, done
            12:77: `replace` is called with (ticket, task?), so it cannot have 3 parameters
            15:40: nothing has a method `cancle` (did you mean `cancel`?)
            warning: 16:44: `and_round` is called at once and leads to `round` again: the ladder goes in a circle; give it time
            warning: 17:70: `back` is called at once and leads to `and_round` again: the ladder goes in a circle; give it time
        "#]],
    );
}
