//! Templates, and settings that are wrong, each with its place.

use super::*;

#[test]
fn a_mark_is_filled_once_and_what_is_filled_in_is_no_mark() {
    let value = |mark: &str| match mark {
        "ticket.key" => Some("BANK-1".to_owned()),
        "ticket.subject" => Some("{{ticket.key}} }} {{".to_owned()),
        _ => None,
    };
    for (words, filled) in [
        ("{{ticket.key}}: {{ ticket.subject }}!", "BANK-1: {{ticket.key}} }} {{!"),
        ("no marks", "no marks"),
        ("{{other}} {{ticket.key", "{{other}} {{ticket.key"),
        ("", ""),
    ] {
        assert_eq!(Template::fill(words, value), filled);
    }
}

const SETTINGS: &str = r#"key = "small"
title = { en = "Small" }
language = "en"
calendar = { time_zone = "UTC" }
statuses = [
    { key = "new", phase = "new", label = { en = "New" } },
    { key = "open", phase = "open", label = { en = "Open" } },
    { key = "waiting", phase = "open", waits_for = "client", label = { en = "Waiting" } },
    { key = "resolved", phase = "resolved", label = { en = "Resolved" } },
    { key = "closed", phase = "closed", label = { en = "Closed" } },
]
categories = [{ key = "fault", label = { en = "Fault" } }]
queues = [{ key = "line", kind = "line", is_default = true, label = { en = "Line" } }]
resolutions = [{ key = "done", label = { en = "Done" } }]
on_failure = { queue = "line" }
"#;

/// The place and the words of what is wrong with the settings and `more`, which begins on line 17.
fn wrong(more: &str) -> (usize, usize, String) {
    let error = Pack::parse(&format!("{SETTINGS}\n{more}")).expect_err(more);
    (error.line, error.column, error.message)
}

#[test]
fn calendars_that_are_wrong_are_refused_with_line_and_column() {
    let named = "[[calendars]]\nkey = 'a'\nlabel = { en = 'A' }\n";
    for (more, line, column, said) in [
        ("time_zone = 'Mars/Olympus'", 20, 1, "no time zone `Mars/Olympus`"),
        ("", 17, 1, "missing field `time_zone`"),
        (
            "time_zone = 'UTC'\nhours = [\n  { days = ['mon'], from = '09:00', to = '18:00' },\n  \
             { days = ['mon'], from = '17:00', to = '19:00' },\n]",
            23,
            3,
            "overlap on Mon",
        ),
        ("time_zone = 'UTC'\nhours = [{ days = [], from = '09:00', to = '18:00' }]", 21, 1, "no open hour"),
        ("time_zone = 'UTC'\nholidays = ['RU', 'Kz']", 21, 19, "`Kz` is no holiday list"),
        ("time_zone = 'UTC'\nhours = []", 21, 1, "no open hour: write at least one row"),
        ("time_zone = 'UTC'\nexceptions = [{ from = '31.12.2026' }]", 21, 15, "`31.12.2026` is not a date"),
        ("time_zone = 'UTC'\nopen = true", 21, 1, "unknown field `open`"),
        ("time_zone = 'Europe/Mosow'", 20, 1, "`Europe/Mosow` (did you mean `Europe/Moscow`?)"),
        ("time_zone = 'almaty'", 20, 1, "(did you mean `Asia/Almaty`?)"),
        ("time_zone = 'UTC'\nhollidays = ['RU']", 21, 1, "(did you mean `holidays`?)"),
        (
            "time_zone = 'UTC'\n[[calendars]]\nkey = 'a'\nlabel = { en = 'B' }\ntime_zone = 'site'",
            22,
            1,
            "defined twice",
        ),
    ] {
        let found = wrong(&format!("{named}{more}"));
        assert!(found.0 == line && found.1 == column && found.2.contains(said), "{more}: {found:?}");
    }
    let site = SETTINGS.replace("\"UTC\"", "\"site\"");
    let error = Pack::parse(&site).unwrap_err();
    assert_eq!((error.line, error.column), (4, 14));
    assert!(error.message.contains("default calendar needs a zone of its own"), "{error}");
    let queue = SETTINGS.replace("is_default = true,", "is_default = true, calendar = \"ofice\",");
    let office = "[[calendars]]\nkey = 'office'\nlabel = { en = 'A' }\ntime_zone = 'UTC'";
    let error = Pack::parse(&format!("{queue}{office}")).unwrap_err();
    assert!(error.line == 13 && error.message.contains("did you mean `office`"), "{error}");
    let contract = "[contract]\nsub_client_calendars = { bank-a = 'none' }";
    assert_eq!((wrong(contract).0, wrong(contract).1), (18, 26));
}

#[test]
fn targets_that_contradict_or_leave_it_open_are_refused() {
    for (more, line, said) in [
        (
            "[[sla]]\nresolution_minutes = 60\n[[sla]]\nresolution_minutes = 30",
            19,
            "rows 1 and 2 are both for every ticket",
        ),
        (
            "[[sla]]\npriority = 1\nresolution_minutes = 60\n[[sla]]\npriority = 1\nresolution_minutes = 30",
            20,
            "rows 1 and 2 are both for priority 1",
        ),
        (
            "[[sla]]\npriority = 1\nresolution_minutes = 60\n[[sla]]\ncategory = 'fault'\nresolution_minutes = 30",
            20,
            "add a row for priority 1, category fault",
        ),
        (
            "[[sla]]\nsite = '7'\nresolution_minutes = 60\n[[sla]]\npriority = 1\ncountry = 'KZ'\nresolution_minutes = 30",
            20,
            "add a row for priority 1, site 7",
        ),
        ("[[sla]]\npriority = 6\nresolution_minutes = 60", 18, "from 1 to 5"),
        ("[[sla]]\npriority = 1", 17, "sets no target"),
        ("[[sla]]\nresolution_minutes = 0", 18, "at least one minute"),
        ("[[sla]]\ncategory = 'falt'\nresolution_minutes = 1", 18, "did you mean `fault`"),
        ("[[sla]]\ncountry = 'Kazakhstan'\nresolution_minutes = 1", 18, "two capitals"),
        ("[[sla]]\nsite = '7'\ncountry = 'KZ'\nresolution_minutes = 1", 19, "name one of them"),
        ("[[sla]]\nresolution_minutes = 1\nwarn_percent = [80, 50]", 19, "levels rise"),
        ("[[sla]]\nresolution_minutes = 1\noverdue_every_minutes = 0", 19, "from 1 to"),
        ("[[sla]]\nstage_minutes = { diagnosis = 60 }", 18, "no stage `diagnosis`"),
        ("[[stages]]\nkey = 'resolution'\nlabel = { en = 'R' }\nphase = 'open'", 18, "is there already"),
        ("[[stages]]\nkey = 'a'\nlabel = { en = 'R' }", 17, "either `statuses` or a `phase`"),
        ("[[stages]]\nkey = 'a'\nlabel = { en = 'R' }\nphase = 'closed'", 20, "`new` or `open`"),
        ("[[stages]]\nkey = 'a'\nlabel = { en = 'R' }\nstatuses = ['opn']", 20, "did you mean `open`"),
        (
            "[[stages]]\nkey = 'a'\nlabel = { en = 'R' }\nstatuses = ['resolved']",
            20,
            "comes with the resolution",
        ),
    ] {
        let found = wrong(more);
        assert!(found.0 == line && found.2.contains(said), "{more}: {found:?}");
    }
    let decided = "[[sla]]\npriority = 1\nresolution_minutes = 60\n[[sla]]\ncategory = 'fault'\nresolution_minutes = 30\n\
        [[sla]]\npriority = 1\ncategory = 'fault'\nresolution_minutes = 20\n[[sla]]\nresolution_minutes = 90\n\
        [[sla]]\npriority = 2\nresolution_minutes = 70\n[[sla]]\npriority = 2\ncategory = 'fault'\nfirst_response_minutes = 5";
    assert!(Pack::parse(&format!("{SETTINGS}\n{decided}")).is_ok());
}

fn form(more: &str) -> String {
    format!("[[hand_over_forms]]\n{more}")
}

/// Two lines, a field, and the rest of the small settings; what is added begins on line 18.
fn wrong_lines(more: &str) -> (usize, usize, String) {
    let settings = SETTINGS
        .replace(
            "queues = [{ key = \"line\", kind = \"line\", is_default = true, label = { en = \"Line\" } }]",
            "queues = [{ key = 'line', kind = 'line', level = 0, is_default = true, label = { en = 'A' } }, { key = 'next', kind = 'line', level = 1, label = { en = 'B' } }]\n\
             fields = [{ key = 'error_code', kind = 'text', label = { en = 'Error code' } }]",
        )
        .replace(
            "categories = [{ key = \"fault\", label = { en = \"Fault\" } }]",
            "categories = [{ key = 'fault', label = { en = 'Fault' } }, { key = 'other', is_default = true, label = { en = 'Other' } }]",
        );
    let text = format!("{settings}\n{more}");
    match Pack::parse(&text) {
        Ok(_) => (0, 0, "nothing".to_owned()),
        Err(error) => (error.line, error.column, error.message),
    }
}

#[test]
fn forms_that_name_what_is_not_there_are_refused_with_line_and_column() {
    for (more, line, column, said) in [
        (
            form("to = ['nxt']\nrequires = ['error_code']"),
            19,
            1,
            "there is no queue `nxt` (did you mean `next`?); known: line, next",
        ),
        (
            form("categories = ['falt']\nrequires = ['error_code']"),
            19,
            1,
            "there is no category `falt` (did you mean `fault`?); known: fault, other",
        ),
        (
            form("requires = ['contact', 'eror_code']"),
            19,
            24,
            "there is no field `eror_code` (did you mean `error_code`?); known: error_code, contact, site, asset, \
             sub_client",
        ),
        (
            form("requires = ['error_code']\nwishes = ['error_code']"),
            18,
            1,
            "the form asks for `error_code` twice: it is either required or wished for, once",
        ),
        (
            form("requires = ['error_code']\nhints = { contact = { en = 'Who' } }"),
            20,
            11,
            "there is no field of this form `contact`; known: error_code",
        ),
    ] {
        assert_eq!(wrong_lines(&more), (line, column, said.to_owned()), "{more}");
    }
}

#[test]
fn forms_and_gates_that_can_never_apply_or_contradict_are_refused_with_line_and_column() {
    for (more, line, column, said) in [
        (
            form("to = ['next']"),
            18,
            1,
            "the form can never apply: it asks for nothing; name fields in `requires` or `wishes`",
        ),
        (
            form("to = ['line']\nrequires = ['error_code']"),
            18,
            1,
            "the form can never apply: it is only for the lowest line, and sending a ticket back asks for nothing",
        ),
        (
            form("categories = ['other']\nrequires = ['error_code']\n[classification]\ngate = 'hand_over'"),
            18,
            1,
            "the form can never apply: the gate `hand_over` lets no ticket of the default category through",
        ),
        (
            form("requires = ['error_code']\n[[hand_over_forms]]\nto = ['next']\nwishes = ['error_code']"),
            20,
            1,
            "forms 1 and 2 contradict: both take the same hand-over, one requires `error_code`, the other only \
             wishes for it",
        ),
        (
            form(
                "requires = ['error_code']\nhints = { error_code = { en = 'A' } }\n[[hand_over_forms]]\n\
                 requires = ['error_code']\nhints = { error_code = { en = 'B' } }",
            ),
            21,
            1,
            "forms 1 and 2 give `error_code` two different hints",
        ),
        (
            "[classification]\nrequires = ['phone']".to_owned(),
            19,
            13,
            "there is no field `phone`; known: error_code, contact, site, asset, sub_client",
        ),
        (
            "[classification]\nrequires = ['contact', 'contact']".to_owned(),
            19,
            1,
            "classification.requires names `contact` twice",
        ),
        (
            "[classification]\ngate = 'closing'".to_owned(),
            19,
            8,
            "unknown variant `closing`, expected one of `none`, `hand_over`, `resolve`, `close` (did you mean `close`?)",
        ),
    ] {
        assert_eq!(wrong_lines(&more), (line, column, said.to_owned()), "{more}");
    }
    let two = "requires = ['error_code']\nto = ['next']\n[[hand_over_forms]]\ncategories = ['fault']\nwishes = ['asset']";
    assert_eq!(wrong_lines(&form(two)).2, "nothing");
    let error = Pack::parse(&format!("{SETTINGS}\n[classification]\ngate = 'close'")).unwrap_err();
    assert_eq!(
        error.message,
        "a gate needs to know what an unclassified ticket is: give one category `is_default = true`"
    );
    let error = Pack::parse(&format!("{SETTINGS}\n[[hand_over_forms]]\nrequires = ['contact']")).unwrap_err();
    assert_eq!(error.message, "the form can never apply: there is one queue, so nothing is handed over");
}

#[test]
fn an_acceptance_that_cannot_be_is_refused() {
    let with = |accept: &str| {
        let queue = format!("is_default = true, accept_within = {accept},");
        Pack::parse(&SETTINGS.replace("is_default = true,", &queue))
    };
    for (accept, said) in [
        ("{ minutes = 0, time = 'working' }", "0 is not from 1 to 43200 minutes"),
        ("{ minutes = 50000, time = 'elapsed' }", "50000 is not from 1 to 43200 minutes"),
        ("{ minutes = 30 }", "missing field `time`"),
        ("{ minutes = 30, time = 'open' }", "unknown variant `open`, expected `working` or `elapsed`"),
        (
            "{ minutes = 30, time = 'working', otherwise = 'lose' }",
            "unknown variant `lose`, expected `queue` or `next`",
        ),
        ("{ minutes = 30, time = 'working', alarm_after = 0 }", "0 is not from 1 to 100 returns"),
    ] {
        let error = with(accept).unwrap_err();
        assert_eq!((error.line, error.message.as_str()), (13, said), "{accept}");
    }
    assert!(with("{ minutes = 30, time = 'working', otherwise = 'next' }").is_ok());
}
