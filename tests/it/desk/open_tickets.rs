//! Publishing for open tickets too: they stay while a version is published for new ones, and what the preview says of
//! each is what the move then does to it.

use std::collections::{BTreeMap, BTreeSet};

use naryad::commands::recount::ClockFigures;
use naryad::commands::version_preview::{MoveLine, MoveSums, MoveTo, preview_move};
use naryad::commands::{DeskError, Done, Request};
use naryad::domain::command::{Alarm, Command, Information, OpenTask, PackSource, TicketChanges};
use naryad::domain::event::{Event, Visibility};
use naryad::domain::pack::Pack;
use naryad::domain::person::{Actor, Role};
use naryad::domain::ticket::{Level, Ticket};
use naryad::domain::version_move::{Meaning, ObstacleKind, Reach};
use naryad::domain::{ClientId, Key, PackVersionId, PersonId, Span, TicketId};
use naryad::store;
use naryad::store::due::{Due, DueKind};
use naryad::store::ladder::Standing;
use serde_json::json;

use crate::helpers::{SETTINGS, TestDesk};

/// An unoptimised build plays scripts many times slower.
#[cfg(debug_assertions)]
const TICKETS: usize = 400;
#[cfg(not(debug_assertions))]
const TICKETS: usize = 5_000;

const SCRIPT: &str = r#"
fn on_opened(ticket) {
    if ticket.subject == "ladder" { ticket.ladder("nudge").rung("later", hours(20)).rung("later", hours(30)); }
    if ticket.subject == "ladder gone" { ticket.ladder("old").rung("later", hours(20)).rung("gone", hours(30)); }
    if ticket.subject == "stage gone" { ticket.expect("waiting_for_client", hours(20)).otherwise("later"); }
    if ticket.subject == "timer" { ticket.timer("remind", now() + hours(40)); }
    if ticket.subject == "timer gone" { ticket.timer("call_back", now() + hours(40)); }
}
fn on_timer(ticket, name) { ticket.add_tag(name); }
fn on_not_covered(ticket, coverage) { ticket.add_tag("asked_about_cover"); }
fn later(ticket) { ticket.add_tag("later"); }
fn gone(ticket) { ticket.add_tag("gone"); }
"#;

/// What a ticket's name stands for, and what keeps it on its version.
const KINDS: [(&str, Option<(ObstacleKind, &str)>); 19] = [
    ("plain", None),
    ("answered", None),
    ("paused", None),
    ("slow", None),
    ("pressing", None),
    ("ladder", None),
    ("timer", None),
    ("solved", None),
    ("not covered any more", None),
    ("status gone", Some((ObstacleKind::Status, "waiting_for_client"))),
    ("category gone", Some((ObstacleKind::Category, "receipt_jam"))),
    ("queue gone", Some((ObstacleKind::Queue, "dispatchers"))),
    ("choice gone", Some((ObstacleKind::Choice, "back"))),
    ("other field", Some((ObstacleKind::FieldKind, "floor"))),
    ("resolution gone", Some((ObstacleKind::Resolution, "refused"))),
    ("department gone", Some((ObstacleKind::Department, "commercial"))),
    ("ladder gone", Some((ObstacleKind::Function, "gone"))),
    ("stage gone", Some((ObstacleKind::Stage, "waiting_for_client"))),
    ("timer gone", Some((ObstacleKind::Timer, "call_back"))),
];

fn key(text: &str) -> Key {
    Key::new(text).unwrap()
}

/// The settings of the tests with packages, a second timer, and targets that nothing of the below touches.
fn settings_before() -> String {
    let packages = "[contract]\npackage = 'basic'\n[[services]]\nkey = 'repair'\nlabel = { en = 'Repair' }\n\
        categories = ['unknown', 'receipt_jam', 'vandalism']\n[[packages]]\nkey = 'basic'\nlabel = { en = 'Basic' }\n\
        services = { repair = 'included' }\n";
    let timer = "[[timers]]\nkey = 'call_back'\nlabel = { en = 'Call back' }\n[[sla]]\npriority = 4\n\
        first_response_minutes = 60\nresolution_minutes = 9000\n[[sla]]\n";
    let settings = SETTINGS.replacen("[[sla]]\n", timer, 1);
    let at = settings.find("[contract]").unwrap();
    format!("{}{packages}", &settings[..at])
}

/// Other words of everything that a ticket may hold.
fn settings_after() -> String {
    let gone = |settings: String, from: &str, to: &str| {
        let (start, end) = (settings.find(from).expect(from), settings.find(to).expect(to));
        format!("{}{}", &settings[..start], &settings[end..])
    };
    let mut settings = settings_before();
    for (from, to) in [
        ("[[statuses]]\nkey = \"waiting_for_client\"", "[[statuses]]\nkey = \"resolved\""),
        ("[[categories]]\nkey = \"receipt_jam\"", "[[categories]]\nkey = \"vandalism\""),
        ("[[queues]]\nkey = \"dispatchers\"", "[[resolutions]]"),
        ("[[resolutions]]\nkey = \"refused\"", "[[resolutions]]\nkey = \"duplicate\""),
        ("[[timers]]\nkey = 'call_back'", "[[sla]]\npriority = 4"),
    ] {
        settings = gone(settings, from, to);
    }
    for (before, after) in [
        ("waits_for = \"approval\"\n", ""),
        ("kind = \"number\"", "kind = \"text\""),
        ("    { key = \"back\", label = { en = \"Back\", ru = \"Служебный\" } },\n", ""),
        ("'unknown', 'receipt_jam', 'vandalism'", "'unknown', 'vandalism'"),
        ("services = { repair", "excluded_categories = ['vandalism']\nservices = { repair"),
        (
            "first_response_minutes = 60\nresolution_minutes = 480",
            "first_response_minutes = 100\nresolution_minutes = 300",
        ),
        (
            "first_response_minutes = 60\nresolution_minutes = 9000\n",
            "first_response_minutes = 400\nresolution_minutes = 9000\n[[sla]]\npriority = 1\nresolution_minutes = 20\n",
        ),
    ] {
        assert!(settings.contains(before), "{before}");
        settings = settings.replace(before, after);
    }
    settings
}

fn script_after() -> String {
    let lines = SCRIPT.lines().filter(|line| !line.contains("gone"));
    lines.map(|line| format!("{line}\n")).collect()
}

/// All that is known of a ticket beside its clocks.
type Known = (Ticket, Vec<Standing>, Vec<Due>, usize);

struct World {
    desk: TestDesk,
    client: ClientId,
    /// Each with what it stands for.
    tickets: Vec<(TicketId, &'static str)>,
    /// Of these, those that were closed.
    closed: BTreeSet<TicketId>,
    staff: PersonId,
}

impl World {
    fn new(count: usize) -> Self {
        let desk = TestDesk::new();
        let client = desk.client_with("bank", SCRIPT, &settings_before());
        let staff = desk.somebody("olga", Role::Operator, None).id;
        let mut own = Self { desk, client, tickets: Vec::new(), closed: BTreeSet::new(), staff };
        own.desk.pass(Span::hours(18));
        let old = count * 2 / 3;
        own.opens(old, 0);
        own.happens(0);
        own.desk.pass(Span::minutes(330));
        own.opens(count - old, old);
        own.happens(old);
        own.desk.pass(Span::minutes(30));
        own
    }

    fn run(&self, actor: &Actor, commands: impl IntoIterator<Item = Command>) -> Vec<Done> {
        let requests = commands.into_iter().map(|command| Request::new(actor.clone(), command)).collect();
        let answers: Result<Vec<Done>, DeskError> = self.desk.desk.run_all(requests).into_iter().collect();
        answers.unwrap()
    }

    fn opens(&mut self, count: usize, from: usize) {
        let kinds: Vec<&'static str> =
            (from..from + count).map(|index| KINDS[index % KINDS.len()].0).collect();
        let opens = kinds.iter().map(|kind| {
            let mut open = TestDesk::request(self.client, kind);
            match *kind {
                "category gone" => open.category = Some(key("receipt_jam")),
                "not covered any more" => open.category = Some(key("vandalism")),
                "choice gone" => drop(open.fields.insert(key("entrance"), json!("back"))),
                "other field" => drop(open.fields.insert(key("floor"), json!(3))),
                "slow" => (open.impact, open.urgency) = (Level::Medium, Level::Low),
                "pressing" => (open.impact, open.urgency) = (Level::High, Level::High),
                _ => {}
            }
            Command::OpenTicket(Box::new(open))
        });
        let opened = self.run(&Actor::Operator, opens.collect::<Vec<_>>());
        self.tickets.extend(opened.iter().map(|done| done.ticket.unwrap()).zip(kinds));
    }

    /// What happens on each new ticket.
    fn happens(&mut self, from: usize) {
        for (index, (ticket, kind)) in self.tickets.clone().into_iter().enumerate().skip(from) {
            let status = |name: &str| Command::ChangeTicket {
                ticket,
                version: None,
                changes: Box::new(TicketChanges { status: Some(key(name)), ..TicketChanges::default() }),
            };
            let resolve = |name: &str| Command::ResolveTicket {
                ticket,
                version: None,
                resolution: key(name),
                reason: None,
                information: Box::new(Information::default()),
            };
            let command = match kind {
                "paused" => status("awaiting_approval"),
                "status gone" => status("waiting_for_client"),
                "solved" => resolve("done"),
                "resolution gone" => resolve("refused"),
                "queue gone" => Command::QueueTicket {
                    ticket,
                    version: None,
                    queue: key("dispatchers"),
                    reason: None,
                    alarm: Alarm::Silent,
                    information: Box::new(Information::default()),
                },
                "department gone" => Command::OpenTask(Box::new(OpenTask {
                    ticket,
                    department: key("commercial"),
                    title: "Price?".to_owned(),
                    due_at: None,
                    outcomes: Vec::new(),
                    fields: BTreeMap::new(),
                })),
                "answered" => Command::AddComment {
                    ticket,
                    text: "We look at it.".to_owned(),
                    visibility: Visibility::Public,
                    attachments: Vec::new(),
                    asks_client: false,
                },
                "plain" if (index / KINDS.len()).is_multiple_of(3) => {
                    self.closed.insert(ticket);
                    Command::CloseTicket {
                        ticket,
                        version: None,
                        resolution: key("done"),
                        reason: None,
                        information: Box::new(Information::default()),
                    }
                }
                _ => continue,
            };
            let actor =
                if kind == "answered" { Actor::Person { person: self.staff } } else { Actor::Operator };
            self.desk.desk.run(Request::new(actor, command)).unwrap();
        }
    }

    fn publishes(&self, reach: Reach) -> PackVersionId {
        let source = source_after();
        let command = Command::PublishPack { client: self.client, source, message: "noon".to_owned(), reach };
        PackVersionId(crate::helpers::made(&self.desk.does(command).unwrap()))
    }

    fn preview(&self) -> (Vec<MoveLine>, MoveSums) {
        let (mut lines, mut sums, mut after) = (Vec::new(), MoveSums::default(), None);
        loop {
            let to = MoveTo::Texts(source_after());
            let page = preview_move(&self.desk.desk, self.client, &to, after).unwrap();
            assert_eq!(page.open, (self.tickets.len() - self.closed.len()) as i64);
            lines.extend(page.lines);
            sums += page.sums;
            after = page.next;
            if after.is_none() {
                return (lines, sums);
            }
        }
    }

    fn known(&self, ticket: TicketId) -> Known {
        self.desk.read(|db| {
            let mut due = store::due::of_ticket(db, ticket)?;
            due.retain(|due| due.kind != DueKind::Sla);
            let found = store::ticket::get(db, ticket)?.unwrap();
            Ok((
                found,
                store::ladder::of_ticket(db, ticket)?,
                due,
                store::event::of_ticket(db, ticket)?.len(),
            ))
        })
    }

    /// The clocks as the desk's rows have them, by the version on which the ticket stands.
    fn clocks(&self, ticket: TicketId) -> BTreeMap<Key, ClockFigures> {
        let now = self.desk.now();
        self.desk.read(|db| {
            let found = store::ticket::get(db, ticket)?.unwrap();
            let version = store::pack::get(db, found.pack_version.unwrap())?.unwrap();
            let (_, calendars) = Pack::parse_with(&version.settings, &Default::default()).unwrap();
            let calendar = calendars.of(&found.terms);
            let clocks = store::sla_clock::of_ticket(db, ticket)?.into_iter().map(|clock| {
                let (used, due_at) = (clock.used_at(&calendar, now), clock.due_at(&calendar));
                let (limit, met_at, is_breached) = (clock.limit, clock.met_at, used > clock.limit);
                let is_unneeded = clock.is_unneeded && !is_breached;
                (clock.target, ClockFigures { limit, used, due_at, met_at, is_unneeded, is_breached })
            });
            Ok(clocks.collect())
        })
    }

    fn is_covered(&self, ticket: TicketId) -> Option<bool> {
        self.desk.read(|db| store::contract::coverage(db, ticket)).map(|(_, coverage)| coverage.is_covered)
    }

    /// Plays the next turn of the move; how many events it recorded, `None` when there is none.
    fn turn(&self) -> Option<usize> {
        let name = key("version_move");
        let due = self.desk.read(|db| store::due::of_client(db, self.client, DueKind::VersionMove, &name))?;
        let before = self.desk.read(store::event::last_seq);
        self.desk.desk.run(Request::new(Actor::Clock, Command::PlayDue { due: due.id })).unwrap();
        Some((self.desk.read(store::event::last_seq) - before) as usize)
    }
}

fn source_after() -> PackSource {
    PackSource::Files { script: script_after(), settings: settings_after(), modules: BTreeMap::new() }
}

/// What the move made of the ticket, against the line that foretold it.
fn check_line(
    world: &World,
    line: &MoveLine,
    kind: &str,
    to: PackVersionId,
    before: &Known,
    clocks: &BTreeMap<Key, ClockFigures>,
) {
    let (was, ladders, due, events) = before;
    let (is, ladders_after, due_after, events_after) = world.known(line.ticket);
    let listed = world.desk.read(|db| store::ticket_list::get(db, line.ticket)).unwrap();
    assert_eq!((&ladders_after, &due_after), (ladders, due), "{kind}: what stands on the ticket goes on");
    let names: Vec<Key> = ladders.iter().map(|one| one.ladder.name.clone()).collect();
    let timers: Vec<Key> =
        due.iter().filter(|due| due.kind == DueKind::Timer).map(|due| due.name.clone()).collect();
    assert_eq!((&line.ladders, &line.timers), (&names, &timers), "{kind}");
    let meaning = Meaning { phase: listed.phase, waits_for: listed.waits_for };
    assert_eq!((Some(meaning), &line.status), (line.meaning_after, &is.status), "{kind}");
    assert_eq!(world.is_covered(line.ticket), line.is_covered_after, "{kind}");
    let mut foretold = clocks.clone();
    for change in &line.clocks {
        assert_eq!(clocks.get(&change.target), change.before.as_ref(), "{kind}: {}", change.target);
        match change.after {
            Some(after) => drop(foretold.insert(change.target.clone(), after)),
            None => drop(foretold.remove(&change.target)),
        }
    }
    let seen = |clocks: &BTreeMap<Key, ClockFigures>| -> Vec<_> {
        clocks
            .iter()
            .map(|(target, one)| (target.clone(), one.limit, one.due_at, one.met_at, one.is_breached))
            .collect()
    };
    assert_eq!(seen(&world.clocks(line.ticket)), seen(&foretold), "{kind}");
    if !line.obstacles.is_empty() {
        assert_eq!((&is, events_after), (was, *events), "{kind}: nothing of it was touched");
        return;
    }
    let new: Vec<Event> =
        world.desk.events(line.ticket).into_iter().skip(*events).map(|one| one.event).collect();
    assert_eq!(new[0], Event::PackVersionMoved { to: Some(to) }, "{kind}");
    let rest = usize::from(line.is_covered_before != line.is_covered_after);
    assert_eq!(new.len(), 1 + rest, "{kind}: {new:?}");
    // Nothing of the ticket itself is another but the version by which it goes.
    let (pack_version, version) = (Some(to), was.version + 1 + rest as i64);
    let times = |ticket: &Ticket| (ticket.updated_at, ticket.public_updated_at, ticket.turned_at);
    let (updated_at, public_updated_at, turned_at) = times(&is);
    let wanted = Ticket { pack_version, version, updated_at, public_updated_at, turned_at, ..was.clone() };
    assert_eq!(is, wanted, "{kind}");
}

#[test]
fn open_tickets_stay_and_the_preview_of_a_move_is_what_it_does_to_each() {
    let mut world = World::new(TICKETS);
    assert_eq!(world.desk.now().to_string(), "2026-11-03T09:00:00.000Z", "noon in Moscow");
    let ids: Vec<TicketId> = world.tickets.iter().map(|(id, _)| *id).collect();
    let known = |world: &World| -> BTreeMap<TicketId, Known> {
        ids.iter().map(|id| (*id, world.known(*id))).collect()
    };
    let before = known(&world);
    let clocks: BTreeMap<_, _> = ids.iter().map(|id| (*id, world.clocks(*id))).collect();
    let first = before[&ids[0]].0.pack_version;
    let second = world.publishes(Reach::NewTickets);
    assert!(known(&world) == before, "publishing for new tickets touches no other");
    assert!(before.values().all(|(ticket, ..)| ticket.pack_version == first) && first != Some(second));
    let new = world.desk.opens(world.client, "new");
    assert_eq!(world.desk.ticket(new).pack_version, Some(second));
    world.tickets.push((new, "new"));

    let (lines, sums) = world.preview();
    assert!(known(&world) == before, "looking changes nothing");
    let kinds: BTreeMap<TicketId, &str> = world.tickets.iter().copied().collect();
    let seen: BTreeSet<TicketId> = lines.iter().map(|line| line.ticket).collect();
    let open: BTreeSet<TicketId> = kinds.keys().copied().filter(|id| !world.closed.contains(id)).collect();
    assert_eq!((&seen, lines.len()), (&open, open.len()), "each open ticket once");
    for line in lines.iter().filter(|line| line.ticket != new) {
        let kind = kinds[&line.ticket];
        let wanted = KINDS.iter().find(|(name, _)| *name == kind).unwrap().1;
        let found: Vec<_> = line.obstacles.iter().map(|one| (one.what, one.key.as_str())).collect();
        assert_eq!(found, wanted.into_iter().collect::<Vec<_>>(), "{kind}");
    }
    // The tickets are not all alike, or the comparison would prove nothing.
    let numbers =
        [sums.stayed, sums.breaches_gained, sums.breaches_lost, sums.meaning_changed, sums.coverage_changed];
    assert!(numbers.iter().all(|count| *count > 0), "{sums:?}");

    let third = world.publishes(Reach::OpenTicketsToo);
    let mut turns = 0;
    while let Some(events) = world.turn() {
        assert!(events <= 2 * 20, "a turn deals with few tickets: {events} events");
        turns += 1;
        if turns == 3 {
            world.desk.restarts_after(|_| {});
        }
    }
    for line in lines.iter().filter(|line| line.ticket != new) {
        check_line(&world, line, kinds[&line.ticket], third, &before[&line.ticket], &clocks[&line.ticket]);
    }
    assert!(world.closed.iter().all(|id| world.known(*id) == before[id]), "what is closed is left alone");
    assert_eq!(world.desk.ticket(new).pack_version, Some(third));
    let client = world.client;
    let (own, stays) = world.desk.read(|db| {
        let own = store::version_move::latest(db, client)?.unwrap();
        let stays = store::version_move::stays(db, own.id, TicketId(0), lines.len())?;
        Ok((own, stays))
    });
    assert_eq!((own.moved, own.stayed, own.total), (sums.moved, sums.stayed, open.len() as i64));
    assert!(own.finished_at.is_some() && !own.is_replaced);
    let foretold = lines.iter().filter(|line| !line.obstacles.is_empty());
    let foretold: Vec<_> = foretold.map(|line| (line.ticket, line.obstacles.clone())).collect();
    assert_eq!(stays, foretold);
}

#[test]
fn what_stands_on_a_moved_ticket_is_played_by_its_new_version() {
    let world = World::new(KINDS.len() * 3);
    world.publishes(Reach::OpenTicketsToo);
    while world.turn().is_some() {}
    // Alarms of targets that are broken now lie in the past, and no clock goes back for them.
    let ready = || world.desk.read(|db| store::due::ready(db, world.desk.now(), 100));
    for mut due in std::iter::repeat_with(ready).take_while(|due| !due.is_empty()) {
        world.run(&Actor::Clock, due.drain(..).map(|due| Command::PlayDue { due: due.id }));
    }
    world.desk.pass(Span::hours(50));
    let tags = |kind: &str| {
        let (id, _) = world.tickets.iter().find(|(_, own)| *own == kind).unwrap();
        world.desk.ticket(*id).tags
    };
    assert!(tags("ladder").contains("later") && tags("timer").contains("remind"));
    // Those that stayed go on by the version that they have.
    assert!(tags("ladder gone").contains("gone") && tags("timer gone").contains("call_back"));
    assert!(!tags("not covered any more").contains("asked_about_cover"), "a move asks no script");
}

#[test]
fn a_newer_move_takes_the_place_of_one_that_goes_on() {
    let world = World::new(60);
    world.publishes(Reach::OpenTicketsToo);
    assert!(world.turn().is_some());
    let second = world.publishes(Reach::OpenTicketsToo);
    while world.turn().is_some() {}
    let (id, _) =
        world.tickets.iter().find(|(id, kind)| *kind == "ladder" && !world.closed.contains(id)).unwrap();
    assert_eq!(world.desk.ticket(*id).pack_version, Some(second));
    let moves = world.desk.events(*id);
    let moves = moves.iter().filter(|one| matches!(one.event, Event::PackVersionMoved { .. })).count();
    assert_eq!(moves, 2, "the first turn had dealt with it already");
}
