//! Each kind of mistake has its own message: where it is, what is wrong, what would be right.

use std::collections::{BTreeMap, BTreeSet};

use naryad::domain::pack::Pack;
use naryad::workflow::{Known, Occasion, check};

use super::desk::{Desk, PACK, key, pack, runs};

fn known() -> Known {
    Known {
        plugins: Some(BTreeMap::from([(key("parts-stock"), BTreeSet::from([key("in_stock")]))])),
        people: Some(BTreeSet::from(["nurlan".to_owned(), "olga".to_owned()])),
        shared: BTreeMap::from([(
            "shared/visits".to_owned(),
            "fn send(ticket) { ticket.dispatch(); }".into(),
        )]),
        live: None,
    }
}

/// What is wrong, the script, and all that the check says of it.
const SCRIPTS: &[(&str, &str, &str)] = &[
    // ---- syntax --------------------------------------------------------------------------------------------
    ("a word in a wrong place", "fn on_opened(ticket) {\n  let a = ;\n}", "2:11: `;` does not belong here"),
    (
        "a missing semicolon",
        "fn on_opened(ticket) {\n  ticket.note(\"x\")\n  ticket.note(\"y\");\n}",
        "3:3: `;` is missing to terminate this statement",
    ),
    (
        "a brace that is never closed",
        "fn on_opened(ticket) {\n  if ticket.urgent {",
        "2:21: `}` is missing to terminate this block",
    ),
    (
        "one = where two are meant",
        "fn on_opened(ticket) {\n  if ticket.urgent = true { ticket.close(); }\n}",
        "2:20: `=` puts something into a variable; `==` compares",
    ),
    (
        "a text that is never closed",
        "fn on_opened(ticket) {\n  ticket.note(\"x);\n}",
        "2:15: this text is never closed: the quotation mark at its end is missing",
    ),
    (
        "break outside of a loop",
        "fn on_opened(ticket) {\n  break;\n}",
        "2:3: `break` and `continue` belong into a loop",
    ),
    (
        "a word of the language as a name",
        "fn on_opened(ticket) {\n  let sync = 1;\n}",
        "2:7: `sync` is a word of the language; choose another name",
    ),
    (
        "a text that is run as code",
        "fn on_opened(ticket) {\n  eval(\"1\");\n}",
        "2:3: `eval` may not be used in a workflow script",
    ),
    // ---- names ---------------------------------------------------------------------------------------------
    (
        "an unknown variable",
        "fn on_opened(ticket) {\n  tiket.urgent = true;\n}",
        "2:3: there is no variable `tiket` (did you mean `ticket`?)",
    ),
    (
        "a variable of another function",
        "fn on_opened(ticket) {\n  let least = 1;\n  ticket.tasks.filter(|one| one.open && least > 0);\n}",
        "3:41: `least` is not known here: a function, also one between bars, sees its own parameters and what it defines itself",
    ),
    (
        "an unknown property",
        "fn on_opened(ticket) {\n  ticket.categry = \"vandalism\";\n}",
        "2:10: a Ticket has no property `categry` (did you mean `category`?)",
    ),
    (
        "an unknown method",
        "fn on_opened(ticket) {\n  ticket.dispach(#{ grade: 1 });\n}",
        "2:10: a Ticket has no method `dispach` (did you mean `dispatch`?)",
    ),
    (
        "an unknown function",
        "fn on_opened(ticket) {\n  hlep(ticket);\n}\nfn help(ticket) { }",
        "2:3: there is no function `hlep` (did you mean `help`?)",
    ),
    (
        "an unknown handler",
        "fn on_opend(ticket) { }",
        "1:4: there is no handler `on_opend` (did you mean `on_opened`?)",
    ),
    (
        "a handler with other parameters",
        "fn on_comment(ticket) { }",
        "1:4: `on_comment` takes (ticket, comment), not (ticket)",
    ),
    (
        "a handler that is written twice",
        "fn on_opened(ticket) { }\n\nfn on_opened(ticket) { ticket.close(); }",
        "3:1: the function `on_opened` is there already in line 1: make one of both, or give this one another name",
    ),
    (
        "an unknown shared module",
        "import \"shared/visit\" as visits;\nfn on_opened(ticket) { }",
        "1:1: there is no shared module `shared/visit` (did you mean `shared/visits`?)",
    ),
    // ---- keys ----------------------------------------------------------------------------------------------
    (
        "an unknown status",
        "fn on_opened(ticket) {\n  ticket.status = \"awaiting_aproval\";\n}",
        "2:19: there is no status `awaiting_aproval` (did you mean `awaiting_approval`?)",
    ),
    (
        "a literal that nothing can equal",
        "fn on_work_order(ticket, order) {\n  if order.stage == \"ofered\" { ticket.close(); }\n}",
        "2:21: there is no work order stage `ofered` (did you mean `offered`?)",
    ),
    (
        "a missing department",
        "fn on_opened(ticket) {\n  ticket.escalate(\"lawyers\", #{ reason: \"x\" });\n}",
        "2:19: there is no department `lawyers`; known: commercial, local_service, global_logistics, purchasing, bank_support",
    ),
    (
        "a line where a department is wanted",
        "fn on_opened(ticket) {\n  ticket.escalate(\"dispatchers\", #{ reason: \"x\" });\n}",
        "2:19: there is no department `dispatchers`; known: commercial, local_service, global_logistics, purchasing, bank_support",
    ),
    (
        "a missing template",
        "fn on_opened(ticket) {\n  ticket.notify(\"olga\", \"at_rsik\");\n}",
        "2:25: there is no template `at_rsik` (did you mean `at_risk`?)",
    ),
    (
        "somebody who is not there any more",
        "fn on_opened(ticket) {\n  ticket.assign(\"nurln\");\n}",
        "2:17: there is no person with the login `nurln` (did you mean `nurlan`?)",
    ),
    (
        "an unknown recipient",
        "fn on_opened(ticket) {\n  ticket.notify(\"dispachers\", \"at_risk\");\n}",
        "2:17: there is no queue, role or person `dispachers` (did you mean `dispatchers`?)",
    ),
    (
        "a missing function of a plugin",
        "fn on_opened(ticket) {\n  ticket.call_plugin(\"parts-stock\", \"in_stok\", #{});\n}",
        "2:37: there is no function of the plugin `in_stok` (did you mean `in_stock`?)",
    ),
    (
        "an unknown option",
        "fn on_opened(ticket) {\n  ticket.dispatch(#{ citty: \"Almaty\" });\n}",
        "2:22: there is no option `citty` (did you mean `city`?)",
    ),
    (
        "an unknown setting",
        "fn on_opened(ticket) {\n  ticket.timer(\"remind\", hours(settings.aproval_hours));\n}",
        "2:41: there is no setting `aproval_hours` (did you mean `approval_hours`?)",
    ),
    // ---- values --------------------------------------------------------------------------------------------
    (
        "a number where a span is wanted",
        "fn on_opened(ticket) {\n  ticket.timer(\"remind\", 24);\n}",
        "2:26: Moment, Span or WorkingSpan is wanted here, not number; write hours(…) or minutes(…)",
    ),
    (
        "a text where yes or no is wanted",
        "fn on_opened(ticket) {\n  ticket.urgent = \"yes\";\n}",
        "2:19: true or false is wanted here, not text",
    ),
    (
        "too few arguments",
        "fn on_opened(ticket) {\n  ticket.escalate(\"commercial\");\n}",
        "2:10: `escalate` takes 2 parameters, not 1",
    ),
    (
        "a method without its brackets",
        "fn on_opened(ticket) {\n  ticket.close;\n}",
        "2:10: `close` is a method: write `close(…)`",
    ),
    (
        "a property that cannot be set",
        "fn on_opened(ticket) {\n  ticket.queue = \"dispatchers\";\n}",
        "2:10: `queue` of a Ticket cannot be set; call `queue(…)`",
    ),
    (
        "a condition that is neither true nor false",
        "fn on_opened(ticket) {\n  if ticket.site { ticket.close(); }\n}",
        "2:12: a condition must be true or false, not Site",
    ),
    // ---- slips of who is new ------------------------------------------------------------------------------
    (
        "a wrong unit of time",
        "fn on_opened(ticket) {\n  ticket.timer(\"remind\", hour(4));\n}",
        "2:26: there is no function `hour` (did you mean `hours`?)",
    ),
    (
        "a label where a key is wanted",
        "fn on_opened(ticket) {\n  if ticket.status == \"In work\" { ticket.close(); }\n}",
        "2:23: `In work` is what people read; a script names the status by its key, `in_work`",
    ),
    (
        "a key without quotation marks",
        "fn on_opened(ticket) {\n  ticket.status = in_work;\n}",
        "2:19: `in_work` is a key of client.toml and no variable: write \"in_work\", in quotation marks",
    ),
    (
        "a text in single quotation marks",
        "fn on_opened(ticket) {\n  ticket.status = 'in_work';\n}",
        "2:19: a text stands in double quotation marks: write \"in_work\"",
    ),
    (
        "a number in quotation marks",
        "fn on_opened(ticket) {\n  ticket.timer(\"remind\", hours(\"4\"));\n}",
        "2:32: \"4\" is a text; write the number 4 without quotation marks",
    ),
    (
        "a number in quotation marks as an option",
        "fn on_opened(ticket) {\n  ticket.dispatch(#{ grade: \"2\" });\n}",
        "2:29: \"2\" is a text; write the number 2 without quotation marks",
    ),
    (
        "a number that is compared with a text",
        "fn on_opened(ticket) {\n  if ticket.priority == \"2\" { ticket.close(); }\n}",
        "2:25: \"2\" is a text; write the number 2 without quotation marks",
    ),
    (
        "a person who is compared with a login",
        "fn on_comment(ticket, comment) {\n  if ticket.assignee == \"olga\" { ticket.close(); }\n}",
        "2:12: Person never equals text (did you mean `login`?)",
    ),
    (
        "an option of a wrong type",
        "fn on_opened(ticket) {\n  ticket.queue(\"dispatchers\", #{ alarm: \"yes\" });\n}",
        "2:41: true or false is wanted here, not text",
    ),
    (
        "a list of numbers where texts are wanted",
        "fn on_opened(ticket) {\n  ticket.dispatch(#{ certificates: 7 });\n}",
        "2:36: list of text is wanted here, not number",
    ),
    (
        "an option key with a typo, in a message",
        "fn on_opened(ticket) {\n  ticket.notify(\"olga\", #{ templat: \"at_risk\" });\n}",
        "2:28: there is no option `templat` (did you mean `template`?)",
    ),
    (
        "a rung that calls nothing",
        "fn on_opened(ticket) {\n  ticket.ladder(\"ask\").rung(\"ask_in_chatt\", minutes(5));\n}\nfn ask_in_chat(ticket) { }",
        "2:29: there is no function `ask_in_chatt` (did you mean `ask_in_chat`?)",
    ),
    (
        "an expectation that calls nothing",
        "fn on_opened(ticket) {\n  ticket.expect(\"accepted\", minutes(15)).otherwise(\"take_bak\");\n}\nfn take_back(ticket) { }",
        "2:52: there is no function `take_bak` (did you mean `take_back`?)",
    ),
    (
        "statements behind a return",
        "fn on_opened(ticket) {\n  return;\n  ticket.close();\n}",
        "warning: 3:3: this is never reached: the function has ended with `return` before it",
    ),
    (
        "statements behind a throw",
        "fn on_opened(ticket) {\n  if ticket.urgent { throw \"no\"; ticket.close(); }\n}",
        "warning: 2:34: this is never reached: the function has ended with `throw` before it",
    ),
    (
        "two values of which the second is no condition",
        "fn on_opened(ticket) {\n  if ticket.status == \"new\" || \"in_work\" { ticket.close(); }\n}",
        "2:32: a condition must be true or false, not text",
    ),
    (
        "and, spelled out",
        "fn on_opened(ticket) {\n  if ticket.urgent and ticket.site != () { ticket.close(); }\n}",
        "2:20: `and` is a word of another language: write `&&`",
    ),
    (
        "not, spelled out",
        "fn on_opened(ticket) {\n  if not ticket.urgent { ticket.close(); }\n}",
        "2:6: `not` is a word of another language: write `!`",
    ),
    (
        "elif",
        "fn on_opened(ticket) {\n  if ticket.urgent { ticket.close(); } elif ticket.site == () { ticket.close(); }\n}",
        "2:40: `elif` is a word of another language: write `else if`",
    ),
    (
        "null",
        "fn on_opened(ticket) {\n  if ticket.site == null { ticket.close(); }\n}",
        "2:21: `null` is a word of another language: write `()`",
    ),
    (
        "three = in a row",
        "fn on_opened(ticket) {\n  if ticket.priority === 2 { ticket.close(); }\n}",
        "2:22: `===` is a word of another language: write `==`",
    ),
    (
        "var",
        "fn on_opened(ticket) {\n  var least = 1;\n}",
        "2:3: `var` is a word of another language: write `let`",
    ),
    (
        "function, spelled out",
        "function on_opened(ticket) {\n  ticket.close();\n}",
        "1:1: `function` is a word of another language: write `fn`",
    ),
    (
        "a bracket that is never closed",
        "fn on_opened(ticket) {\n  ticket.timer(\"remind\", hours(4);\n}",
        "2:34: `)` is missing before the end of the statement",
    ),
    // ---- what never comes to an end ------------------------------------------------------------------------
    (
        "a loop without a way out",
        "fn on_opened(ticket) {\n  loop { ticket.count_up(\"turns\"); }\n}",
        "2:3: this loop never ends: it needs a `break`, a `return`, or a condition that becomes false",
    ),
    (
        "a loop whose break leaves another one",
        "fn on_opened(ticket) {\n  while true {\n    for tag in ticket.tags { break; }\n  }\n}",
        "2:3: this loop never ends: it needs a `break`, a `return`, or a condition that becomes false",
    ),
    (
        "a ladder that begins itself",
        "fn on_opened(ticket) { again(ticket); }\nfn again(ticket) { ticket.ladder(\"again\").rung(\"again\", minutes(0)); }",
        "warning: 2:48: `again` is called at once and leads to `again` again: the ladder goes in a circle; give it time",
    ),
    // ---- guards --------------------------------------------------------------------------------------------
    (
        "a guard that asks for something",
        "fn on_closing(ticket, resolution) {\n  ticket.add_tag(\"asked\");\n}",
        "2:10: `on_closing` is a guard: it may only `refuse`, not `add_tag`",
    ),
    (
        "a guard that sets something",
        "fn on_resolving(ticket, resolution) {\n  ticket.urgent = true;\n}",
        "2:10: `on_resolving` is a guard: it may only `refuse`, not `urgent =`",
    ),
    (
        "a guard that asks through another function",
        "fn on_accepting(ticket, person) {\n  look(ticket);\n}\nfn look(ticket) { mark(ticket); }\nfn mark(ticket) { ticket.count_up(\"looks\"); }",
        "2:3: `on_accepting` is a guard: it may only `refuse`, but `look` leads to `count_up` in line 5",
    ),
    (
        "a refusal where nothing can be refused",
        "fn on_opened(ticket) {\n  refuse(\"category\", \"Classify it\");\n}",
        "2:3: `refuse` is for guards (on_accepting, on_resolving, on_closing): in `on_opened` there is nothing to refuse any more",
    ),
];

/// What is wrong, what of `client.toml` is replaced, and what reading it says.
const SETTINGS: &[(&str, &str, &str, &str)] = &[
    (
        "a schedule that never comes",
        "[[timers]]",
        "[[schedules]]\nkey = \"never\"\nlabel = { en = \"Never\" }\ncron = \"0 9 31 FEB *\"\n[[timers]]",
        "175:1: `0 9 31 FEB *` never comes: no year has such a day",
    ),
    (
        "a schedule that cannot be read",
        "[[timers]]",
        "[[schedules]]\nkey = \"odd\"\nlabel = { en = \"Odd\" }\ncron = \"0 9 * * 1\"\n[[timers]]",
        "175:1: `1`: write days of the week by name, such as `MON-FRI` or `SUN`",
    ),
    (
        "a queue that is not there",
        "queue = \"shift_supervisor\"",
        "queue = \"shift_supervisr\"",
        "184:2: on_failure.queue names `shift_supervisr`, which is not among the queues (did you mean `shift_supervisor`?)",
    ),
    (
        "an unknown word",
        "excluded_categories =",
        "excluded_categoris =",
        "182:1: unknown field `excluded_categoris`, expected one of `excluded_categories`, `calendar`, `sub_client_calendars`, `package`, `sub_client_packages`, `not_covered_queue` (did you mean `excluded_categories`?)",
    ),
    (
        "a category that is not there",
        "[\"vandalism\"]",
        "[\"vandalsm\"]",
        "182:1: contract.excluded_categories names `vandalsm`, which is not among the categories (did you mean `vandalism`?)",
    ),
];

/// What is found only when it runs, and what the run says.
const RUNS: &[(&str, &str, &str)] = &[
    (
        "a condition that never becomes false",
        "let turns = 0;\n  while turns < 1 { ticket.count(\"turns\"); }",
        "the script took more than 200000 operations; look for a loop that does not end (line 3, column 28)",
    ),
    (
        "functions that call one another",
        "deeper(ticket);\n}\nfn deeper(ticket) {\n  deeper(ticket);",
        "functions call one another more than 32 deep",
    ),
    (
        "something of nothing",
        "let who = ticket.assignee;\n  ticket.note(who.name);",
        "`.name` of nothing: what stands before it is `()`; ask `if x != ()` first (line 3, column 19)",
    ),
    (
        "a key that was put together",
        "let to = \"in\" + \"wrok\";\n  ticket.status = to;",
        "`inwrok` is not a status of this client (did you mean `in_work`?); known: new, in_work, awaiting_approval, waiting_for_part, waiting_for_the_bank, checking_report, resolved, closed (line 3, column 10)",
    ),
    (
        "more commands than a run may ask for",
        "for turn in 0..70 { ticket.count_up(\"turns\"); }",
        "the script asked for more than 64 commands in one run (line 2, column 30)",
    ),
    (
        "the script's own throw",
        "throw \"the stock is closed\";",
        "the script threw: the stock is closed (line 2, column 3)",
    ),
];

/// Compares a whole table and shows every row that differs.
fn hold(rows: impl Iterator<Item = (&'static str, String, &'static str)>) {
    let wrong: Vec<String> = rows
        .filter(|(_, said, expected)| said != expected)
        .map(|(what, said, expected)| format!("{what}:\n  said:     {said}\n  expected: {expected}\n"))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.concat());
}

fn findings(script: &str) -> String {
    let findings = check(script, &pack(), &known());
    let line = |finding: &naryad::workflow::Finding| {
        format!("{}{finding}", if finding.is_error() { "" } else { "warning: " })
    };
    findings.iter().map(line).collect::<Vec<_>>().join("\n")
}

#[test]
fn each_mistake_in_a_script_has_its_own_message() {
    hold(SCRIPTS.iter().map(|(what, script, expected)| (*what, findings(script), *expected)));
}

#[test]
fn each_mistake_in_settings_has_its_own_message() {
    hold(SETTINGS.iter().map(|(what, from, to, expected)| {
        assert!(PACK.contains(from), "{what}");
        let said = match Pack::parse(&PACK.replacen(from, to, 1)) {
            Ok(_) => "nothing".to_owned(),
            Err(error) => format!("{}:{}: {}", error.line, error.column, error.message),
        };
        (*what, said, *expected)
    }));
}

#[test]
fn what_is_wrong_only_when_it_runs_says_where() {
    hold(RUNS.iter().map(|(what, body, expected)| {
        let script = format!("fn on_opened(ticket) {{\n  {body}\n}}");
        let run = runs(&script, &Occasion::Opened, &Desk::default());
        (*what, run.asked.map_or_else(|failure| failure.to_string(), |_| "nothing".to_owned()), *expected)
    }));
}
