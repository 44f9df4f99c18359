//! Tables: what is covered and why not, how a month stands, and contracts that contradict themselves.

use super::*;
use crate::domain::calendar::{HolidayLists, Lists, Month};
use crate::domain::calendars::{Calendars, Terms};
use crate::domain::event::{Event, TicketOpened};
use crate::domain::person::Actor;
use crate::domain::ticket::{Level, Ticket};
use crate::domain::{AdjustmentId, ClientId, Moment, PersonId, TextId, TicketId, TimeEntryId};

const SETTINGS: &str = r#"key = "small"
title = { en = "Small" }
language = "en"
calendar = { time_zone = "Europe/Moscow" }
statuses = [
    { key = "new", phase = "new", label = { en = "New" } },
    { key = "open", phase = "open", label = { en = "Open" } },
    { key = "resolved", phase = "resolved", label = { en = "Resolved" } },
    { key = "closed", phase = "closed", label = { en = "Closed" } },
]
categories = [
    { key = "fault", label = { en = "Fault" } },
    { key = "bug", label = { en = "Bug" } },
    { key = "update", label = { en = "Update" } },
    { key = "training", label = { en = "Training" } },
    { key = "vandalism", label = { en = "Vandalism" } },
    { key = "other", label = { en = "Other" } },
]
queues = [
    { key = "line", kind = "line", is_default = true, label = { en = "Line" } },
    { key = "office", kind = "department", label = { en = "Office" } },
]
resolutions = [{ key = "done", label = { en = "Done" } }]
on_failure = { queue = "line" }
"#;

/// Begins on line 26 of the whole.
const CONTRACT: &str = r#"
[[calendars]]
key = "working"
label = { en = "Working hours" }
time_zone = "Europe/Moscow"
hours = [{ days = ["mon", "tue", "wed", "thu", "fri"], from = "09:00", to = "18:00" }]
[[services]]
key = "incidents"
label = { en = "Incidents" }
categories = ["fault", "vandalism"]
[[services]]
key = "bug_fixes"
label = { en = "Bug fixes" }
categories = ["bug"]
[[services]]
key = "updates"
label = { en = "Updates" }
categories = ["update"]
[[services]]
key = "training"
label = { en = "Training" }
categories = ["training"]
[[packages]]
key = "full"
label = { en = "Full" }
services = { incidents = "included", bug_fixes = "included", updates = "included", training = "included" }
[[packages]]
key = "basic"
label = { en = "Basic" }
asked_by = "named"
channels = ["email", "portal"]
hours = "working"
services = { incidents = "included", bug_fixes = "included", updates = "paid", training = "excluded" }
excluded_categories = ["vandalism"]
monthly = { requests = 3, outside_services = ["bug_fixes"] }
[contract]
package = "basic"
sub_client_packages = { alpha = "full" }
"#;

const NOON: &str = "2026-11-25T09:00:00Z";
const SUNDAY: &str = "2026-11-22T09:00:00Z";

fn at(text: &str) -> Moment {
    text.parse().unwrap()
}

fn key(text: &str) -> Key {
    Key::new(text).unwrap()
}

fn ticket(category: &str, channel: Channel, opened_at: &str, sub_client: Option<&str>) -> Ticket {
    let opened = TicketOpened {
        client: ClientId(1),
        number: 1,
        sub_client: None,
        site: None,
        asset: None,
        contact: None,
        subject: TextId(1),
        description: None,
        status: key("new"),
        category: Some(key(category)),
        impact: Level::Medium,
        urgency: Level::Medium,
        priority: 3,
        queue: None,
        channel,
        fields: BTreeMap::new(),
        tags: BTreeSet::new(),
        attachments: Vec::new(),
        pack_version: None,
        terms: Terms { sub_client: sub_client.map(key), ..Terms::default() },
    };
    Ticket::opened(TicketId(1), &Event::TicketOpened(Box::new(opened)), at(opened_at)).unwrap()
}

fn judge(contract: &str, ticket: &Ticket, is_named: bool, by_others: i64) -> Coverage {
    let pack = Pack::parse(&format!("{SETTINGS}{contract}")).unwrap();
    let calendars = Calendars::new(&pack, Lists::Known(&HolidayLists::default())).unwrap();
    let spent = Spent { by_others, ..Spent::default() };
    coverage(&pack, &calendars, ticket, &Asking { is_named, is_duplicate: false, spent, is_of_month: true })
}

#[test]
fn the_first_reason_that_applies_says_why_a_ticket_is_not_covered() {
    use Channel::{Desk, Email, Monitoring, Phone, Portal};
    use NotCovered::*;
    for (category, channel, opened_at, is_named, by_others, reason) in [
        ("fault", Email, NOON, true, 0, None),
        ("fault", Desk, NOON, true, 0, None),
        ("other", Portal, NOON, true, 2, None),
        ("vandalism", Phone, SUNDAY, false, 9, Some(ExcludedCategory)),
        ("training", Phone, SUNDAY, false, 9, Some(ExcludedService)),
        ("update", Phone, SUNDAY, false, 9, Some(PaidService)),
        ("fault", Phone, SUNDAY, false, 9, Some(NotANamedContact)),
        ("fault", Phone, SUNDAY, true, 9, Some(ChannelNotInPackage)),
        ("fault", Email, SUNDAY, true, 9, Some(OutsideHours)),
        ("fault", Email, NOON, true, 3, Some(BalanceUsedUp)),
        // Bug fixes draw nothing, so nothing is used up for them.
        ("bug", Email, NOON, true, 9, None),
        // What the desk notices itself has no contact and no channel of the client's.
        ("fault", Monitoring, NOON, false, 0, None),
        ("fault", Monitoring, SUNDAY, false, 0, Some(OutsideHours)),
        // Nine in the morning in Moscow, and the last minute before six.
        ("fault", Email, "2026-11-25T06:00:00Z", true, 0, None),
        ("fault", Email, "2026-11-25T05:59:59Z", true, 0, Some(OutsideHours)),
        ("fault", Email, "2026-11-25T15:00:00Z", true, 0, Some(OutsideHours)),
    ] {
        let found = judge(CONTRACT, &ticket(category, channel, opened_at, None), is_named, by_others);
        let what = format!("{category} {channel:?} {opened_at} {is_named} {by_others}");
        assert_eq!(found.reason, reason, "{what}");
        assert_eq!(found.is_covered, reason.is_none(), "{what}");
        assert_eq!(found.is_paid, reason == Some(PaidService), "{what}");
        assert_eq!(found.package, Some(key("basic")), "{what}");
        let draws = category != "bug" && matches!(reason, None | Some(BalanceUsedUp));
        assert_eq!(found.draws, draws, "{what}");
        assert_eq!(found.balance_left, Some(3 - by_others - i64::from(draws)), "{what}");
    }
}

#[test]
fn a_sub_client_goes_by_its_own_package_and_others_by_the_clients() {
    let stranger =
        |sub_client| judge(CONTRACT, &ticket("training", Channel::Phone, SUNDAY, sub_client), false, 9);
    let alpha = stranger(Some("alpha"));
    assert_eq!((alpha.package, alpha.is_covered, alpha.balance_left), (Some(key("full")), true, None));
    let beta = stranger(Some("beta"));
    assert_eq!((beta.package, beta.reason), (Some(key("basic")), Some(NotCovered::ExcludedService)));
}

#[test]
fn without_packages_only_excluded_categories_count() {
    let contract = "[contract]\nexcluded_categories = ['vandalism']";
    for (category, reason) in [("vandalism", Some(NotCovered::ExcludedCategory)), ("training", None)] {
        let found = judge(contract, &ticket(category, Channel::Phone, SUNDAY, None), false, 9);
        assert_eq!((found.reason, found.package, found.draws), (reason, None, false), "{category}");
    }
}

fn adjustment(valid_from: &str, amount: i64, unit: BalanceUnit) -> Adjustment {
    Adjustment {
        id: AdjustmentId(1),
        client: ClientId(1),
        sub_client: None,
        valid_from: at(valid_from),
        unit,
        amount,
        kind: AdjustmentKind::Bought,
        reason: TextId(1),
        author: Actor::Operator,
        recorded_at: at("2027-06-01T00:00:00Z"),
    }
}

fn entry(began_at: &str, amount: i64) -> Draw {
    let what = DrawKind::TimeEntry { entry: TimeEntryId(1), person: PersonId(1) };
    Draw { ticket: TicketId(1), at: at(began_at), amount, what }
}

#[test]
fn a_month_begins_and_ends_where_the_clients_wall_says() {
    let hours = MonthlyPack { hours: Some(10), ..MonthlyPack::default() };
    for (zone, month, drawn_at, counts) in [
        // Moscow is three hours ahead: its December begins at nine in the evening of 30 November.
        ("Europe/Moscow", "2026-12", "2026-11-30T21:00:00Z", true),
        ("Europe/Moscow", "2026-12", "2026-11-30T20:59:59.999Z", false),
        ("Europe/Moscow", "2026-11", "2026-11-30T20:59:59.999Z", true),
        // The last night of the year.
        ("Europe/Moscow", "2026-12", "2026-12-31T20:59:59.999Z", true),
        ("Europe/Moscow", "2027-01", "2026-12-31T21:00:00Z", true),
        ("America/New_York", "2026-12", "2027-01-01T04:59:59.999Z", true),
        ("America/New_York", "2027-01", "2027-01-01T05:00:00Z", true),
        // Clocks go forward on 29 March and back on 25 October: a month is an hour shorter, an hour longer.
        ("Europe/Berlin", "2026-03", "2026-02-28T23:00:00Z", true),
        ("Europe/Berlin", "2026-03", "2026-03-31T21:59:59.999Z", true),
        ("Europe/Berlin", "2026-03", "2026-03-31T22:00:00Z", false),
        ("Europe/Berlin", "2026-10", "2026-09-30T22:00:00Z", true),
        ("Europe/Berlin", "2026-10", "2026-10-31T22:59:59.999Z", true),
        ("Europe/Berlin", "2026-11", "2026-10-31T23:00:00Z", true),
        // Almaty put its clocks back at midnight of 1 March 2024: the last hour of 29 February came twice.
        ("Asia/Almaty", "2024-02", "2024-02-29T18:59:59.999Z", true),
        ("Asia/Almaty", "2024-03", "2024-02-29T19:00:00Z", true),
        ("Asia/Almaty", "2024-03", "2024-03-31T18:59:59.999Z", true),
        ("Asia/Almaty", "2024-04", "2024-03-31T19:00:00Z", true),
    ] {
        let found = balance(&hours, zone, month.parse().unwrap(), &[], &[entry(drawn_at, 45)]).unwrap();
        let drawn = if counts { 45 } else { 0 };
        assert_eq!((found.drawn, found.left), (drawn, 600 - drawn), "{zone} {month} {drawn_at}");
        let of = Month::of(at(drawn_at), zone).unwrap().to_string();
        assert_eq!(of == month, counts, "{zone} {month} {drawn_at}");
    }
}

#[test]
fn a_balance_is_what_was_granted_and_adjusted_without_what_was_drawn() {
    use BalanceUnit::{Minutes, Requests};
    let month: Month = "2026-11".parse().unwrap();
    let hours = MonthlyPack { hours: Some(2), ..MonthlyPack::default() };
    let adjustments = [
        adjustment("2026-11-01T00:00:00Z", 60, Minutes),
        // Written down in June for November: it counts in November.
        adjustment("2026-11-30T20:59:00Z", -15, Minutes),
        adjustment("2026-12-01T00:00:00Z", 600, Minutes),
        adjustment("2026-11-10T00:00:00Z", 7, Requests),
    ];
    let request =
        |at_text: &str| Draw { ticket: TicketId(2), at: at(at_text), amount: 1, what: DrawKind::Request };
    let draws = [entry(NOON, 100), entry(NOON, 90), entry("2026-12-02T09:00:00Z", 40), request(NOON)];
    let found = balance(&hours, "Europe/Moscow", month, &adjustments, &draws).unwrap();
    let expected = Balance { unit: Minutes, granted: 120, adjusted: 45, drawn: 190, left: -25 };
    assert_eq!(found, expected);
    let requests = MonthlyPack { requests: Some(5), ..MonthlyPack::default() };
    let found = balance(&requests, "Europe/Moscow", month, &adjustments, &draws).unwrap();
    assert_eq!(found, Balance { unit: Requests, granted: 5, adjusted: 7, drawn: 1, left: 11 });
    let same = balance(&hours, "Europe/Moscow", month, &adjustments, &draws).unwrap();
    assert_eq!(same, expected, "the same rows give the same answer");
}

#[test]
fn months_are_written_and_read() {
    for (text, before, after) in [("2026-01", "2025-12", "2026-02"), ("2026-12", "2026-11", "2027-01")] {
        let month: Month = text.parse().unwrap();
        assert_eq!((month.before().to_string(), month.after().to_string()), (before.into(), after.into()));
    }
    for bad in ["2026", "2026-13", "2026-00", "26-11", "2026-1", "1969-12", "2101-01", "2026-+1", "ноябрь"]
    {
        let error = bad.parse::<Month>().unwrap_err().to_string();
        assert!(error.contains(bad) && error.ends_with("write it as 2026-11"), "{error}");
    }
}

#[test]
fn the_hours_of_a_package_are_the_calendar_of_its_tickets() {
    let pack = Pack::parse(&format!("{SETTINGS}{CONTRACT}")).unwrap();
    let calendars = Calendars::new(&pack, Lists::Unknown).unwrap();
    let of = |sub_client: Option<&str>| Terms { sub_client: sub_client.map(key), ..Terms::default() };
    assert_eq!(calendars.key_for(&of(None)), Some(&key("working")));
    assert_eq!(calendars.key_for(&of(Some("beta"))), Some(&key("working")));
    let rows = "[[sla]]\npackage = 'full'\nresolution_minutes = 60\n[[sla]]\nresolution_minutes = 600";
    let pack = Pack::parse(&format!("{SETTINGS}{CONTRACT}{rows}")).unwrap();
    for (sub_client, row) in [(None, 1), (Some("alpha"), 0), (Some("beta"), 1)] {
        let found = pack.target_for(&ticket("fault", Channel::Email, NOON, sub_client)).unwrap();
        assert_eq!(found.0, row, "{sub_client:?}");
    }
}

/// What is changed of the contract, and what is said of it.
const CONTRADICTIONS: &[(&str, &str, &str)] = &[
    (
        "incidents = \"included\", bug_fixes = \"included\", updates = \"paid\"",
        "incident = \"included\", bug_fixes = \"included\", updates = \"paid\"",
        "there is no service `incident` (did you mean `incidents`?); known: incidents, bug_fixes, updates, training",
    ),
    (
        ", training = \"excluded\" }",
        " }",
        "the package `basic` does not say of the service `training` whether it is `included`, `excluded` or `paid`",
    ),
    (
        "requests = 3,",
        "requests = 0,",
        "a monthly pack has from 1 to 1000000 requests; leave `monthly` out where there is no limit",
    ),
    (
        "requests = 3,",
        "hours = 0,",
        "a monthly pack has from 1 to 10000 hours; leave `monthly` out where there is no limit",
    ),
    ("requests = 3,", "requests = 3, hours = 3,", "a monthly pack has either `hours` or `requests`"),
    (
        "monthly = { requests = 3, outside_services = [\"bug_fixes\"] }",
        "monthly = {}",
        "a monthly pack has either `hours` or `requests`",
    ),
    (
        "outside_services = [\"bug_fixes\"]",
        "outside_services = [\"updates\"]",
        "`updates` is not included, so it draws nothing anyway; leave it out",
    ),
    ("outside_services = [\"bug_fixes\"]", "outside_services = [\"bugs\"]", "there is no service `bugs`"),
    (
        "outside_services = [\"bug_fixes\"]",
        "outside_categories = [\"bugs\"]",
        "there is no category `bugs` (did you mean `bug`?)",
    ),
    (
        "categories = [\"bug\"]",
        "categories = [\"bug\", \"fault\"]",
        "the category `fault` is of the service `incidents` already; a category asks for one service",
    ),
    (
        "categories = [\"bug\"]",
        "categories = [\"bugs\"]",
        "there is no category `bugs` (did you mean `bug`?)",
    ),
    ("key = \"bug_fixes\"", "key = \"incidents\"", "the service `incidents` is defined twice"),
    ("key = \"basic\"", "key = \"full\"", "the package `full` is defined twice"),
    (
        "hours = \"working\"",
        "hours = \"work\"",
        "there is no calendar `work` (did you mean `working`?); known: working",
    ),
    (
        "channels = [\"email\", \"portal\"]",
        "channels = [\"desk\"]",
        "`desk`, `monitoring` and `import` are ours and always taken; name how the client asks",
    ),
    ("channels = [\"email\", \"portal\"]", "channels = [\"fax\"]", "unknown variant `fax`"),
    (
        "asked_by = \"named\"",
        "named_contacts_max = 3",
        "anybody may ask, so nobody is counted: say `asked_by = \"named\"` or leave it out",
    ),
    (
        "asked_by = \"named\"",
        "asked_by = \"named\"\nnamed_contacts_max = 0",
        "from 1 to 10000; with none, nobody could ask",
    ),
    (
        "excluded_categories = [\"vandalism\"]",
        "excluded_categories = [\"vandals\"]",
        "there is no category `vandals`",
    ),
    (
        "package = \"basic\"\n",
        "package = \"base\"\n",
        "there is no package `base` (did you mean `basic`?); known: full, basic",
    ),
    (
        "{ alpha = \"full\" }",
        "{ alpha = \"ful\" }",
        "there is no package `ful` (did you mean `full`?); known: full, basic",
    ),
    (
        "package = \"basic\"\n",
        "package = \"basic\"\nnot_covered_queue = 'offce'\n",
        "there is no queue `offce` (did you mean `office`?); known: line, office",
    ),
    (
        "package = \"basic\"\nsub_client_packages = { alpha = \"full\" }",
        "not_covered_queue = 'office'",
        "nobody has a package, so nothing is checked: name `package` or `sub_client_packages` too",
    ),
];

#[test]
fn contracts_that_contradict_themselves_are_refused_with_line_and_column() {
    let lines = |text: &str| text.lines().count();
    let last = lines(SETTINGS) + lines(CONTRACT);
    for (from, to, said) in CONTRADICTIONS {
        assert!(CONTRACT.contains(from), "{from}");
        let error = Pack::parse(&format!("{SETTINGS}{}", CONTRACT.replacen(from, to, 1))).expect_err(to);
        assert!(error.message.contains(said), "{to}: {error}");
        let line = lines(SETTINGS) + lines(&CONTRACT[..CONTRACT.find(from).unwrap()]);
        assert!((line..=line + 9).contains(&error.line), "{to}: line {} near {line}", error.line);
    }
    for (more, column, said) in [
        ("[[sla]]\npackage = 'ful'\nresolution_minutes = 1", 1, "did you mean `full`"),
        (
            "[[sla]]\npackage = 'basic'\nsub_client = 'alpha'\nresolution_minutes = 1",
            1,
            "the sub-client `alpha` has the package `full`; name one of them",
        ),
    ] {
        let error = Pack::parse(&format!("{SETTINGS}{CONTRACT}{more}")).expect_err(more);
        assert!(error.message.contains(said), "{more}: {error}");
        assert_eq!((error.line, error.column), (last + 2, column), "{more}");
    }
}

#[test]
fn what_a_raise_of_priority_costs_is_said_once_and_whole() {
    for (raise, said) in [
        ("{ charge = 'balance', amount = 1, by_contacts = true }", None),
        ("{ charge = 'billed', price = { en = '100' }, up_to = 2 }", None),
        ("{ charge = 'free' }", None),
        ("{ charge = 'balance' }", Some("say in `amount` how much is drawn")),
        ("{ charge = 'balance', amount = 0 }", Some("say in `amount` how much is drawn")),
        ("{ charge = 'billed' }", Some("say in `price` what it costs")),
        (
            "{ charge = 'billed', amount = 5, price = { en = '1' } }",
            Some("only what is drawn from the balance has an amount"),
        ),
        ("{ charge = 'free', price = { en = '1' } }", Some("it is free, so it has no price")),
        ("{ charge = 'free', up_to = 0 }", Some("a priority is from 1 to 5")),
        ("{ charge = 'gift' }", Some("unknown variant `gift`")),
    ] {
        let contract = CONTRACT.replacen("asked_by =", &format!("priority_raise = {raise}\nasked_by ="), 1);
        let parsed = Pack::parse(&format!("{SETTINGS}{contract}"));
        match said {
            None => assert!(parsed.is_ok(), "{raise}: {parsed:?}"),
            Some(said) => assert!(parsed.as_ref().unwrap_err().message.contains(said), "{raise}: {parsed:?}"),
        }
    }
    let full = CONTRACT.replacen(
        "label = { en = \"Full\" }",
        "label = { en = \"Full\" }\npriority_raise = { charge = 'balance', amount = 1 }",
        1,
    );
    let error = Pack::parse(&format!("{SETTINGS}{full}")).unwrap_err();
    assert!(error.message.contains("no monthly pack from which it could be drawn"), "{error}");
}
