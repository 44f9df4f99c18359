//! Alarms of the queue watch, on the virtual clock.

use naryad::commands::Request;
use naryad::domain::calendar::zone;
use naryad::domain::command::Command;
use naryad::domain::pack::Pack;
use naryad::domain::person::{Actor, Role};
use naryad::domain::watch::norm::{Norm, first_hour, hour_of};
use naryad::domain::watch::{AlarmKind, Sensitivity, chance, silence_chance, silent_at, windows};
use naryad::domain::{Moment, Span};
use naryad::store;

use super::arrivals::{at, remember, week};
use super::{Watched, monday};
use crate::helpers::{SETTINGS, TestDesk, refusal};

const WEEKS: i64 = 6;
/// The alarm may come so much later than the arrivals say so.
const LATE_MAX: Span = Span::seconds(60);

fn watched(settings: &str) -> Watched {
    let watched = Watched::new(settings);
    watched.desk.somebody("boris", Role::Operator, Some(watched.client));
    remember(&watched.desk, watched.client, monday(), WEEKS, 7);
    watched
}

impl Watched {
    /// Opens a ticket at each moment; what falls due in between is played at its own.
    fn plays(&self, arrivals: &[Moment]) {
        for at in arrivals {
            self.desk.pass(*at - self.desk.now());
            self.desk.opens(self.client, "Something");
        }
    }
}

/// The first moment at which some window holds as many arrivals as it must not: counted one by one.
fn first_spike(norm: &Norm, arrivals: &[Moment]) -> Option<Moment> {
    arrivals.iter().copied().find(|now| {
        windows(norm, *now, Sensitivity::Normal).iter().any(|window| {
            let minute = |at: Moment| at.ms().div_euclid(60_000);
            let inside = |at: &&Moment| **at <= *now && minute(**at) > minute(*now) - window.minutes;
            arrivals.iter().filter(inside).count() as i64 >= window.limit
        })
    })
}

#[test]
fn a_normal_week_of_real_arrivals_raises_nothing() {
    let watched = watched(SETTINGS);
    watched.plays(&week(monday(), 11));
    assert_eq!(watched.alarms(), []);
    assert_eq!(watched.told(watched.anna), [""; 0]);
}

#[test]
fn thirty_normal_weeks_stay_within_the_bounds() {
    let desk = TestDesk::new();
    for seed in 0..30 {
        let client = desk.client(
            &format!("acme-{}", char::from(b'a' + seed % 26).to_string() + if seed > 25 { "x" } else { "" }),
            "",
        );
        remember(&desk, client, monday(), WEEKS, u64::from(seed));
        let watched = |day| {
            let hours = desk.read(|db| store::arrival::hours(db, client, first_hour(day), hour_of(day)));
            let began = desk.read(|db| store::arrival::began(db, client));
            Norm::learn(&hours, began, day, zone("Europe/Moscow").unwrap()).unwrap()
        };
        let (norm, arrivals) = (watched(monday()), week(monday(), 100 + u64::from(seed)));
        assert_eq!(first_spike(&norm, &arrivals), None, "seed {seed}");
        for pair in arrivals.windows(2) {
            let silent = silent_at(&norm, pair[0], Sensitivity::Normal, |_| false);
            assert!(silent.is_none_or(|at| at > pair[1]), "seed {seed}: {} to {}", pair[0], pair[1]);
        }
    }
}

#[test]
fn five_times_the_arrivals_are_a_spike_within_a_minute_of_being_one() {
    let watched = watched(SETTINGS);
    let (from, to) = (at(monday(), 34 * 60), at(monday(), 37 * 60));
    let mut arrivals: Vec<Moment> = week(monday(), 11).into_iter().filter(|at| *at < to).collect();
    let extra: Vec<Moment> = arrivals.iter().copied().filter(|at| *at >= from).collect();
    for offset in 1..5 {
        arrivals.extend(extra.iter().map(|at| *at + Span::seconds(offset * 7)));
    }
    arrivals.sort_unstable();
    watched.plays(&arrivals);
    let due = first_spike(&watched.norm(at(monday(), 24 * 60)), &arrivals).expect("five times is a spike");
    let alarms = watched.alarms();
    assert_eq!(alarms.len(), 1, "{alarms:?}");
    assert_eq!(alarms[0].kind, AlarmKind::Spike);
    assert!(due >= from && alarms[0].raised_at >= due && alarms[0].raised_at <= due + LATE_MAX, "{alarms:?}");
    assert!(due < from + Span::minutes(45), "{due}");
    assert!(alarms[0].is_open() && alarms[0].peak > alarms[0].observed);
    assert_eq!(watched.told(watched.anna).len(), 1);
    // What comes as usual again ends it; there is one record.
    watched.plays(&week(monday(), 11).into_iter().filter(|at| *at >= to).take(60).collect::<Vec<_>>());
    let alarms = watched.alarms();
    assert_eq!(alarms.len(), 1);
    assert!(alarms[0].ended_at.is_some_and(|end| end > to && end < to + Span::hours(3)), "{alarms:?}");
}

#[test]
fn a_burst_is_told_within_a_minute_of_its_first_ticket() {
    let watched = watched(SETTINGS);
    let from = at(monday(), 35 * 60);
    watched.plays(&week(monday(), 11).into_iter().filter(|at| *at < from).collect::<Vec<_>>());
    watched.plays(&(0..40).map(|second| from + Span::seconds(second)).collect::<Vec<_>>());
    let alarms = watched.alarms();
    assert_eq!(alarms.len(), 1, "{alarms:?}");
    assert!(alarms[0].raised_at <= from + LATE_MAX, "{alarms:?}");
    let told = watched.told(watched.anna);
    assert!(told.len() == 1 && told[0].starts_with("acme: spike: "), "{told:?}");
}

#[test]
fn ten_thousand_at_once_raise_one_alarm() {
    let watched = watched(SETTINGS);
    let from = at(monday(), 35 * 60);
    watched.plays(&week(monday(), 11).into_iter().filter(|at| *at < from).collect::<Vec<_>>());
    watched.desk.pass(from - watched.desk.now());
    for _ in 0..40 {
        let open = || Command::OpenTicket(Box::new(TestDesk::request(watched.client, "Flood")));
        let requests = (0..250).map(|_| Request::new(Actor::Operator, open())).collect();
        assert!(watched.desk.desk.run_all(requests).iter().all(Result::is_ok));
        watched.desk.pass(Span::seconds(1));
    }
    watched.desk.pass(Span::minutes(5));
    let alarms = watched.alarms();
    assert_eq!(alarms.len(), 1, "{alarms:?}");
    assert!(alarms[0].raised_at == from && alarms[0].peak >= 10_000, "{alarms:?}");
    assert_eq!(watched.told(watched.anna).len(), 1);
}

#[test]
fn a_silence_is_told_at_the_moment_when_it_is_one_and_ends_with_the_next_ticket() {
    let settings = format!(
        "{SETTINGS}\n[watch]\nclient_templates = {{ silence = \"too_quiet\" }}\n\
         [[templates]]\nkey = \"too_quiet\"\ntext = {{ en = \"{{{{client.name}}}}: nothing for {{{{alarm.minutes}}}} min\" }}\n"
    );
    let mut watched = watched(&settings);
    let carl = watched.desk.somebody("carl", Role::ClientContact, Some(watched.client)).id;
    let from = at(monday(), 34 * 60);
    let before: Vec<Moment> = week(monday(), 11).into_iter().filter(|at| *at < from).collect();
    watched.plays(&before);
    assert_eq!(watched.alarms(), []);
    // A restart in the middle loses nothing.
    watched.desk.restarts_after(|_| {});
    let (last, norm) = (*before.last().unwrap(), watched.norm(at(monday(), 24 * 60)));
    let mut due = last;
    let chance = silence_chance(&norm, Sensitivity::Normal);
    while chance::none(norm.expected(last, due), norm.spread) > chance {
        due = due + Span::seconds(1);
    }
    assert!(due - last < Span::hours(4), "a busy client is missed within hours, not after {:?}", due - last);
    watched.desk.pass(due - Span::seconds(2) - watched.desk.now());
    assert_eq!(watched.alarms(), []);
    watched.desk.pass(LATE_MAX);
    let alarms = watched.alarms();
    assert_eq!(alarms.len(), 1, "{due}");
    assert_eq!((alarms[0].kind, alarms[0].since), (AlarmKind::Silence, last));
    assert!(alarms[0].raised_at <= due + LATE_MAX);
    assert!(watched.told(watched.anna)[0].contains("no ticket for"), "{:?}", watched.told(watched.anna));
    let minutes = (alarms[0].raised_at - last).ms() / 60_000;
    assert_eq!(watched.told(carl), [format!("acme: nothing for {minutes} min")]);
    // It is told once, however long it lasts.
    watched.desk.pass(Span::hours(20));
    assert_eq!((watched.alarms().len(), watched.told(watched.anna).len()), (1, 1));
    let end = watched.desk.now();
    watched.desk.opens(watched.client, "At last");
    assert_eq!(watched.alarms()[0].ended_at, Some(end));
}

#[test]
fn a_holiday_of_the_calendar_is_no_silence() {
    let closed = SETTINGS.replace(
        "calendar = { time_zone = \"Europe/Moscow\" }",
        "calendar = { time_zone = \"Europe/Moscow\", hours = [{ days = [\"mon\", \"tue\", \"wed\", \"thu\", \"fri\"], \
         from = \"00:00\", to = \"24:00\" }], exceptions = [{ from = \"2026-11-10\" }] }",
    );
    assert_ne!(closed, SETTINGS);
    let watched = watched(&closed);
    // Monday as usual, nothing on Tuesday, which is off, and Wednesday as usual again.
    let day = |at: &Moment| (*at - monday()).ms() / Span::days(1).ms();
    let arrivals: Vec<Moment> =
        week(monday(), 11).into_iter().filter(|at| matches!(day(at), 0 | 2)).collect();
    watched.plays(&arrivals);
    assert_eq!(watched.alarms(), []);
}

#[test]
fn a_client_without_history_or_without_watch_raises_nothing() {
    let off = format!("{SETTINGS}\n[watch]\narrivals = false\n");
    let watched = watched(&off);
    let fresh = watched.desk.client("fresh", "");
    for client in [watched.client, fresh] {
        for _ in 0..60 {
            watched.desk.opens(client, "Many");
        }
    }
    watched.desk.pass(Span::days(7));
    assert_eq!(watched.alarms(), []);
    assert_eq!(watched.desk.read(|db| store::watch_alarm::newest(db, fresh, None, 9)), []);
}

#[test]
fn a_full_queue_and_an_old_ticket_raise_alarms_that_end_by_themselves() {
    let limits = format!(
        "{SETTINGS}\n[watch]\narrivals = false\n[watch.queues.support]\ndepth_max = 3\noldest_minutes = 120\n"
    );
    let desk = TestDesk::new();
    let client = desk.client_with("acme", "", &limits);
    let anna = desk.somebody("anna", Role::Supervisor, Some(client));
    let watched = |kind| {
        let all = desk.read(|db| store::watch_alarm::newest(db, client, None, 9));
        all.into_iter().filter(|alarm| alarm.kind == kind).collect::<Vec<_>>()
    };
    let tickets: Vec<_> = (0..5).map(|_| desk.opens(client, "Full")).collect();
    desk.pass(Span::seconds(60));
    let depth = watched(AlarmKind::Depth);
    assert_eq!((depth.len(), depth[0].observed, depth[0].expected), (1, 5, 3.0));
    for ticket in &tickets[1..] {
        anna.does(Command::AssignTicket {
            ticket: *ticket,
            version: None,
            to: naryad::domain::command::AssignTo::Person { person: anna.id },
            reason: None,
            information: Box::default(),
        })
        .unwrap();
    }
    desk.pass(Span::minutes(2));
    assert!(watched(AlarmKind::Depth)[0].ended_at.is_some());
    assert_eq!(watched(AlarmKind::Oldest), []);
    desk.pass(Span::hours(2));
    let oldest = watched(AlarmKind::Oldest);
    assert_eq!((oldest.len(), oldest[0].observed), (1, 120));
    // Anna has seen it; somebody of another client may not even know of it.
    let other = desk.client("other", "");
    let stranger = desk.somebody("boris", Role::Supervisor, Some(other));
    let acknowledge = |version| Command::AcknowledgeAlarm { alarm: oldest[0].id, version };
    assert_eq!(refusal(stranger.does(acknowledge(1))), "not_found");
    assert_eq!(refusal(anna.does(acknowledge(9))), "stale_version");
    anna.does(acknowledge(oldest[0].version)).unwrap();
    assert_eq!(watched(AlarmKind::Oldest)[0].acknowledged_by, Some(anna.id));
    anna.does(Command::AssignTicket {
        ticket: tickets[0],
        version: None,
        to: naryad::domain::command::AssignTo::Person { person: anna.id },
        reason: None,
        information: Box::default(),
    })
    .unwrap();
    desk.pass(Span::minutes(2));
    let oldest = watched(AlarmKind::Oldest);
    assert!(oldest[0].ended_at.is_some() && oldest[0].acknowledged_at.is_some());
    // With nothing to look at, the clock has no row of the client.
    desk.pass(Span::hours(1));
    let rows = desk.read(|db| store::due::ready(db, desk.now() + Span::days(99), 99));
    assert!(rows.iter().all(|row| row.ticket.is_some()), "{rows:?}");
}

#[test]
fn a_watch_that_cannot_be_is_refused_with_its_place() {
    for (text, wanted) in [
        ("[watch]\nsensitivity = \"loud\"", "unknown variant `loud`"),
        ("[watch]\ntell = [\"client_contact\"]", "it takes roles of staff"),
        ("[watch.queues.suport]\ndepth_max = 3", "did you mean `support`"),
        ("[watch.queues.support]\ndepth_max = 0", "from 1 to 10000 tickets"),
        ("[watch.queues.support]\noldest_minutes = 999999", "oldest_minutes must be from 1"),
        ("[watch]\nclient_templates = { spike = \"at_rsk\" }", "did you mean `at_risk`"),
        ("[watch]\nclient_templates = { spike = \"at_risk\" }", "names `ticket.key`; known: client.name"),
        ("[watch]\nalarm = true", "unknown field `alarm`"),
    ] {
        let error = Pack::parse(&format!("{SETTINGS}\n{text}\n")).unwrap_err();
        assert!(error.message.contains(wanted), "{text}: {}", error.message);
        assert!(error.line > 1, "{text}: {error}");
    }
}
