//! The desk as it stood at the window's first instant, in a temporary database.

use std::path::Path;

use tempfile::TempDir;

use super::journal::Window;
use super::progress::{BacktestPhase, Watch};
use super::{BacktestError, Draft, Plan};
use crate::clock::{Clock, VirtualClock};
use crate::commands::{DeskError, Engine, Request};
use crate::domain::command::{Command, PackSource};
use crate::domain::event::Event;
use crate::domain::id::IdMaker;
use crate::domain::person::Actor;
use crate::domain::version_move::Reach;
use crate::domain::{ClientId, Moment, Span, TicketId};
use crate::rehearsal::second_desk::REHEARSED_RUN_WALL_MAX;
use crate::store::event::Recorded;
use crate::store::sqlite::{database_path, make_quick};
use crate::store::transfer::{Part, copy};
use crate::store::{self, Db, Durability, Readers, StoreError, Tx};

/// The node of the ids that a back-test makes.
const NODE: i64 = 61;
/// Tickets that are brought back in one transaction.
const TICKETS_AT_ONCE: usize = 200;
/// How far back tickets that were closed are copied: contracts and possible duplicates look at them.
const CLOSED_SINCE: Span = Span::days(40);
/// How far back shifts are copied.
const SHIFTS_SINCE: Span = Span::days(31);

const EVERYTHING: &str = "1 = 1";
const OF_CLIENT: &str = "client = ?1";
const OF_CLIENT_OR_ALL: &str = "client = ?1 or client = 0";

/// The client's records and those of who serves it, as they are now. Passwords and secrets stay where they are.
const RECORDS: &[Part] = &[
    Part::of("partner", EVERYTHING),
    Part::of("client", "id = ?1"),
    Part::of("pack_version", OF_CLIENT),
    Part::of("pack_draft", OF_CLIENT),
    Part::of("pack_test", OF_CLIENT),
    Part::of("holiday_list", OF_CLIENT),
    Part::of("sub_client", OF_CLIENT),
    Part::of("site", OF_CLIENT),
    Part::of("asset", OF_CLIENT),
    Part::of("contact", OF_CLIENT),
    Part::of("named_contact", OF_CLIENT),
    Part::of("balance_adjustment", OF_CLIENT),
    Part::of("person", "client is null or client = ?1").without(&[("password_hash", "null")]),
    Part::of("access_grant", OF_CLIENT_OR_ALL),
    Part::of("membership", OF_CLIENT_OR_ALL),
    Part::of("specialist", OF_CLIENT_OR_ALL),
    Part::of(
        "plugin_package",
        "sha256 in (select package_sha256 from plugin_installation where client = ?1)",
    ),
    Part::of("plugin_installation", OF_CLIENT).without(&[("secrets", "'{}'"), ("configuration", "'{}'")]),
];
/// The roster; its second parameter says since when.
const ROSTER: &[Part] =
    &[Part::of("shift", "?1 = ?1 and to_at >= ?2"), Part::of("absence", "?1 = ?1 and to_at >= ?2")];
/// What a ticket hangs on it; given to the desk once more by what is replayed.
const FILES: Part =
    Part::of("attachment", "ticket in (select id from ticket where client = ?1) and uploaded_at < ?2")
        .without(&[("ticket", "null"), ("visibility", "null")]);
/// Tickets that were closed before the first instant, and what they used up. The parameters: client, since, before.
const CLOSED: &[Part] = &[
    Part::of(
        "text_body",
        "id in (select subject from ticket where client = ?1 and closed_at >= ?2 and closed_at < ?3)",
    ),
    Part::of("ticket", "client = ?1 and closed_at >= ?2 and closed_at < ?3"),
    Part::of("ticket_coverage", "client = ?1 and asked_at >= ?2 and asked_at < ?3"),
    Part::of("priority_raise", "client = ?1 and raised_at >= ?2 and raised_at < ?3"),
    Part::of("time_entry", "client = ?1 and began_at >= ?2 and began_at < ?3 and recorded_at < ?3"),
];
/// The parameters: client, before. What has ended since is open again.
const INCIDENTS: &[Part] = &[
    Part::of("incident", "client = ?1 and declared_at < ?2"),
    Part::of("incident_detached", "incident in (select ticket from incident where client = ?1)"),
];
const TEXT: Part = Part::of("text_body", "id = ?1");
const EXTERNALS: Part = Part::of("external_ticket", "ticket = ?1");
/// Calls that waited for their answer then. The parameters: ticket, the first instant.
const CALLS: Part =
    Part::of("job", "ticket = ?1 and created_at < ?2 and (finished_at is null or finished_at >= ?2)")
        .without(&[
            ("state", "'waiting'"),
            ("attempts", "0"),
            ("lease_until", "null"),
            ("last_error", "null"),
            ("finished_at", "null"),
        ]);

/// Where both runs begin.
pub(super) struct Start {
    folder: TempDir,
    /// Tickets that were there.
    pub tickets: Vec<TicketId>,
}

/// A desk on which nothing has been played yet.
pub(super) struct Fresh {
    pub folder: TempDir,
    pub clock: VirtualClock,
    pub engine: Engine,
    pub readers: Readers,
}

impl Start {
    pub fn prepare(
        readers: &Readers,
        plan: &Plan,
        window: &Window,
        watch: &Watch,
    ) -> Result<Start, BacktestError> {
        let folder = temporary_folder()?;
        let clock = VirtualClock::at(plan.from);
        let (mut engine, _) = open(folder.path(), &clock)?;
        copy_records(readers, &mut engine, plan.client, plan.from, plan.to)?;
        let tickets = bring_back(readers, &mut engine, window, watch)?;
        copy_closed(readers, &mut engine, plan.client, plan.from)?;
        let staff = engine.aside(|tx| Ok(store::roster::people_with_shifts(tx)?))?;
        engine.wait_for_what_comes(plan.client, &staff)?;
        Ok(Start { folder, tickets })
    }

    /// A copy of its own for one run, with the draft published when there is one.
    pub fn fresh(&self, plan: &Plan, draft: Option<&Draft>) -> Result<Fresh, BacktestError> {
        let folder = temporary_folder()?;
        std::fs::copy(database_path(self.folder.path()), database_path(folder.path())).map_err(disk)?;
        let clock = VirtualClock::at(plan.from);
        let (mut engine, readers) = open(folder.path(), &clock)?;
        if let Some(draft) = draft {
            publish(&mut engine, plan.client, draft)?;
        }
        Ok(Fresh { folder, clock, engine, readers })
    }
}

fn temporary_folder() -> Result<TempDir, BacktestError> {
    tempfile::Builder::new().prefix("naryad-backtest").tempdir().map_err(disk)
}

fn disk(error: std::io::Error) -> BacktestError {
    StoreError::Disk(format!("a temporary folder for the back-test: {error}")).into()
}

fn open(folder: &Path, clock: &VirtualClock) -> Result<(Engine, Readers), BacktestError> {
    let (tx, readers) = store::open(folder, Durability::None, IdMaker::new(NODE), clock.now())?;
    // Records point at other clients' records, and rows of closed tickets at texts, that are not copied.
    let loose = tx.connection().pragma_update(None, "foreign_keys", false);
    loose.map_err(StoreError::from)?;
    make_quick(&tx)?;
    let mut engine = Engine::new(tx, Clock::Virtual(clock.clone()), REHEARSED_RUN_WALL_MAX);
    engine.leave_no_trace();
    Ok((engine, readers))
}

fn copy_records(
    readers: &Readers,
    engine: &mut Engine,
    client: ClientId,
    from: Moment,
    to: Moment,
) -> Result<(), BacktestError> {
    let client = client.0;
    copy_into(readers, engine, move |live, tx| {
        for part in RECORDS {
            copy(live, tx, *part, &[client])?;
        }
        for part in ROSTER {
            copy(live, tx, *part, &[client, (from - SHIFTS_SINCE).ms()])?;
        }
        for part in INCIDENTS {
            copy(live, tx, *part, &[client, from.ms()])?;
        }
        store::incident::open_again(tx, from)?;
        for incident in store::incident::open_of_client(tx, ClientId(client))? {
            for text in incident.texts.values().chain(&incident.last_update) {
                copy(live, tx, TEXT, &[text.0])?;
            }
        }
        copy(live, tx, FILES, &[client, to.ms()])?;
        // The script begins in good health.
        store::pack::put_health(tx, ClientId(client), store::pack::Health::default())
    })
}

fn copy_closed(
    readers: &Readers,
    engine: &mut Engine,
    client: ClientId,
    from: Moment,
) -> Result<(), BacktestError> {
    let given = [client.0, (from - CLOSED_SINCE).ms(), from.ms()];
    copy_into(readers, engine, move |live, tx| {
        CLOSED.iter().try_for_each(|part| copy(live, tx, *part, &given).map(drop))
    })
}

/// Reads the live desk in one short read and writes the copy in one transaction.
fn copy_into(
    readers: &Readers,
    engine: &mut Engine,
    work: impl FnOnce(&Db, &Tx) -> Result<(), StoreError> + 'static,
) -> Result<(), BacktestError> {
    let readers = readers.clone();
    let copied = engine.aside(move |tx| readers.read::<_, DeskError>(|live| Ok(work(live, tx)?)));
    Ok(copied?)
}

/// The tickets that were open then or are touched in the window.
fn wanted(readers: &Readers, window: &Window, watch: &Watch) -> Result<Vec<TicketId>, BacktestError> {
    let mut wanted: Vec<TicketId> = window.tickets.keys().copied().collect();
    let mut after = TicketId(0);
    loop {
        watch.look()?;
        let (client, from) = (window.client, window.from);
        let open = readers.read::<_, StoreError>(|db| {
            store::ticket::open_within(db, client, after, from, from, TICKETS_AT_ONCE)
        })?;
        let Some(last) = open.last() else { break };
        after = last.id;
        wanted.extend(open.iter().map(|ticket| ticket.id));
        if wanted.len() > watch.limits.tickets_max {
            return Err(BacktestError::TooMany { what: "tickets", count_max: watch.limits.tickets_max });
        }
    }
    wanted.sort_unstable();
    wanted.dedup();
    Ok(wanted)
}

fn bring_back(
    readers: &Readers,
    engine: &mut Engine,
    window: &Window,
    watch: &Watch,
) -> Result<Vec<TicketId>, BacktestError> {
    let wanted = wanted(readers, window, watch)?;
    watch.progress.begin(BacktestPhase::SettingUp, wanted.len());
    let mut brought = Vec::new();
    for ids in wanted.chunks(TICKETS_AT_ONCE) {
        watch.look()?;
        let mut tickets = Vec::new();
        let read = readers.read::<_, StoreError>(|db| {
            ids.iter().map(|id| before(db, *id, window)).collect::<Result<Vec<_>, _>>()
        })?;
        tickets.extend(read.into_iter().filter(|events| is_whole(events)));
        brought.extend(tickets.iter().filter_map(|events| events.first()).map(|first| first.ticket));
        let (named, from) = (tickets.clone(), window.from);
        copy_into(readers, engine, move |live, tx| copy_named(live, tx, &named, from))?;
        engine.bring_back(&tickets)?;
        watch.progress.step(ids.len());
    }
    Ok(brought)
}

fn before(db: &Db, ticket: TicketId, window: &Window) -> Result<Vec<Recorded>, StoreError> {
    let mut events = store::event::of_ticket(db, ticket)?;
    events.retain(|recorded| window.is_before(recorded));
    Ok(events)
}

/// A ticket that is opened in the window has at most later events that an import dates back.
fn is_whole(events: &[Recorded]) -> bool {
    events.first().is_some_and(|first| matches!(first.event, Event::TicketOpened(_)))
}

/// The words, foreign ids and waiting calls of tickets.
fn copy_named(live: &Db, tx: &Tx, tickets: &[Vec<Recorded>], from: Moment) -> Result<(), StoreError> {
    for events in tickets {
        for recorded in events {
            let of_fields = recorded.event.opening_field_texts();
            for text in recorded.event.texts().into_iter().chain(of_fields) {
                copy(live, tx, TEXT, &[text.0])?;
            }
        }
        if let Some(first) = events.first() {
            copy(live, tx, EXTERNALS, &[first.ticket.0])?;
            copy(live, tx, CALLS, &[first.ticket.0, from.ms()])?;
        }
    }
    Ok(())
}

fn publish(engine: &mut Engine, client: ClientId, draft: &Draft) -> Result<(), BacktestError> {
    let mut commands = Vec::new();
    let source = match draft {
        Draft::Saved => {
            if store::pack::draft(engine.tx(), client)?.is_none() {
                return Err(BacktestError::NoDraft);
            }
            PackSource::Draft
        }
        Draft::Texts { script, settings, modules, holidays } => {
            for (key, source) in holidays {
                let (key, source) = (key.clone(), source.clone());
                commands.push(Command::PutHolidays { client, key, source });
            }
            let (script, settings, modules) = (script.clone(), settings.clone(), modules.clone());
            PackSource::Files { script, settings, modules }
        }
    };
    commands.push(Command::PublishPack {
        client,
        source,
        message: "back-test".to_owned(),
        reach: Reach::NewTickets,
    });
    for command in commands {
        engine.run(Request::new(Actor::Operator, command))?;
    }
    Ok(())
}
