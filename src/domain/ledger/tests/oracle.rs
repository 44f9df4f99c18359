//! What a patient person with a wall calendar would write down, minute by minute. Shares no code with the ledger:
//! its calendars ask the wall clock of each minute, its tickets are folded by hand.

use std::collections::HashMap;

use jiff::civil::Weekday;
use jiff::tz::TimeZone;

use super::super::{Piece, PieceKind, Policy};
use super::world::{Story, WINDOW, World, ZONES};
use crate::domain::calendars::Terms;
use crate::domain::event::{Event, Speaker, Visibility};
use crate::domain::sla::SlaClock;
use crate::domain::{Moment, TaskId};

const MINUTE_MS: i64 = 60_000;

type Bits = Vec<bool>;

pub struct Oracle {
    first_ms: i64,
    /// By the name of a calendar and a zone: whether each minute of the window is open.
    open: HashMap<(&'static str, &'static str), Bits>,
}

/// The ticket as the oracle remembers it.
#[derive(Debug, Clone, Default)]
struct Memory {
    status: String,
    queue: Option<String>,
    person: Option<i64>,
    tasks: Vec<TaskId>,
    is_closed: bool,
    is_answered: bool,
    is_resolved: bool,
    terms: Terms,
}

impl Memory {
    fn take(&mut self, event: &Event) {
        match event {
            Event::TicketOpened(opened) => {
                self.status = opened.status.to_string();
                self.queue = opened.queue.as_ref().map(ToString::to_string);
                self.terms = opened.terms.clone();
            }
            Event::StatusChanged { to, .. } => self.status = to.to_string(),
            Event::TermsChanged { terms } => self.terms = terms.clone(),
            Event::TicketQueued { to, .. } => self.queue = Some(to.to_string()),
            Event::TicketAssigned { person, .. } => self.person = Some(person.0),
            Event::TicketUnassigned { .. } => self.person = None,
            Event::TaskOpened(opened) if opened.department == "partner" => self.tasks.push(opened.task),
            Event::TaskCancelled { task, .. } => self.tasks.retain(|open| open != task),
            Event::TicketClosed { .. } => (self.is_closed, self.is_resolved) = (true, true),
            Event::TicketResolved { .. } => self.is_resolved = true,
            Event::TicketReopened { .. } => (self.is_closed, self.is_resolved) = (false, false),
            Event::CommentAdded { visibility: Visibility::Public, speaker: Speaker::Desk, .. } => {
                self.is_answered = true;
            }
            _ => {}
        }
        self.is_answered |= self.is_resolved;
    }

    fn calendar(&self) -> &'static str {
        match (self.terms.calendar.as_deref(), self.terms.sub_client.as_deref()) {
            (Some("always"), _) => "always",
            (Some("night"), _) => "night",
            (Some("of_site"), _) => "of_site",
            (Some("odd"), _) | (_, Some("bank-a")) => "odd",
            _ => "usual",
        }
    }

    fn zone(&self, own: &'static str) -> &'static str {
        let of_site = ZONES.into_iter().find(|zone| self.terms.time_zone.as_deref() == Some(zone));
        match self.calendar() {
            "of_site" | "odd" => of_site.unwrap_or(own),
            _ => own,
        }
    }

    fn kind(&self, is_open: bool) -> PieceKind {
        match self.status.as_str() {
            "for_client" => PieceKind::WaitingForClient,
            "for_part" => PieceKind::WaitingForPart,
            "for_approval" => PieceKind::WaitingForApproval,
            "for_third_party" => PieceKind::WaitingForThirdParty,
            "resolved" | "closed" => PieceKind::Resolved,
            _ if is_open => PieceKind::Working,
            _ => PieceKind::OutsideCalendar,
        }
    }
}

impl Oracle {
    pub fn new(_: &World) -> Self {
        let (first, last): (Moment, Moment) = (WINDOW.0.parse().unwrap(), WINDOW.1.parse().unwrap());
        let mut open = HashMap::new();
        for zone in ZONES {
            let tz = TimeZone::get(zone).unwrap();
            let walls: Vec<Wall> =
                (first.ms()..last.ms()).step_by(60_000).map(|ms| Wall::at(ms, &tz)).collect();
            for name in ["usual", "always", "night", "of_site", "odd"] {
                open.insert((name, zone), walls.iter().map(|wall| wall.is_open(name)).collect());
            }
        }
        Self { first_ms: first.ms(), open }
    }

    /// Every minute must lie in exactly one piece, which says the same of it.
    pub fn compare(&self, story: &Story, pieces: &[Piece]) -> Result<i64, String> {
        let (mut at, mut count) = (0, 0);
        let mut team_open = vec![0; pieces.len()];
        self.walk(story, |ms, memory, (is_open, is_team_open)| {
            while pieces.get(at).is_some_and(|piece| piece.to.ms() <= ms) {
                at += 1;
            }
            let Some(piece) = pieces.get(at).filter(|piece| piece.from.ms() <= ms) else {
                return Err(format!("{} lies in no piece", Moment::from_ms(ms)));
            };
            count += 1;
            team_open[at] += i64::from(is_team_open);
            let kind = memory.kind(is_open);
            let is_nobodys = kind == PieceKind::Resolved;
            let partner = memory.queue.as_deref() == Some("partner") || !memory.tasks.is_empty();
            let is_same = piece.kind == kind
                && piece.queue.as_deref() == memory.queue.as_deref().filter(|_| !is_nobodys)
                && piece.person.map(|person| person.0) == memory.person.filter(|_| !is_nobodys)
                && piece.partner.is_some() == (partner && !is_nobodys);
            if is_same {
                Ok(())
            } else {
                Err(format!("{}: {kind:?} {memory:?} but {piece:?}", Moment::from_ms(ms)))
            }
        })?;
        for (piece, minutes) in pieces.iter().zip(team_open) {
            let is_ours = matches!(piece.kind, PieceKind::Working | PieceKind::OutsideCalendar);
            if piece.team_open.ms() != if is_ours { minutes * MINUTE_MS } else { 0 } {
                return Err(format!("the team was open for {minutes} minutes of {piece:?}"));
            }
        }
        let end = pieces.last().map_or(0, |piece| piece.to.ms());
        if at + 1 < pieces.len() {
            Err(format!("a piece reaches beyond the story: {end}"))
        } else {
            Ok(count)
        }
    }

    /// Minutes counted by hand for the targets that are about a ticket's whole way.
    pub fn compare_clocks(
        &self,
        story: &Story,
        clocks: &[SlaClock],
        policy: Policy<'_>,
    ) -> Result<(), String> {
        if story.events.iter().any(|(_, at)| *at > story.until) {
            // The clocks know of events after the end of the story.
            return Ok(());
        }
        let (mut response, mut resolution, mut approval) = (0, 0, 0);
        let last = self.walk(story, |_, memory, (is_open, _)| {
            let runs = matches!(memory.kind(is_open), PieceKind::Working);
            response += i64::from(runs && !memory.is_answered);
            resolution += i64::from(runs);
            approval += i64::from(is_open && memory.status == "for_approval" && !memory.is_resolved);
            Ok(())
        })?;
        let calendar = policy.calendars.of(&last.terms);
        for clock in clocks {
            let counted = match clock.target.as_str() {
                "first_response" => response,
                "resolution" => resolution,
                "approval" => approval,
                _ => continue,
            };
            let used = clock.used_at(&calendar, story.until).ms();
            if used != counted * MINUTE_MS {
                return Err(format!("{}: {} ms used, {counted} minutes counted", clock.target, used));
            }
        }
        Ok(())
    }

    /// Calls `each` for every minute of the ticket; answers with what is remembered at the end.
    fn walk(
        &self,
        story: &Story,
        mut each: impl FnMut(i64, &Memory, (bool, bool)) -> Result<(), String>,
    ) -> Result<Memory, String> {
        let own = ZONES[story.pack];
        let mut memory = Memory::default();
        let (mut bits, mut team): (&[bool], &[bool]) = (&[], &[]);
        let mut may_end = false;
        let mut next = 0;
        let mut effective = 0;
        let mut ms = story.events[0].1.ms();
        while ms < story.until.ms() {
            while let Some((event, at)) = story.events.get(next) {
                let turns = !matches!(event, Event::SlaReached { .. });
                let then = if turns { effective.max(at.ms()) } else { effective };
                if then > ms {
                    break;
                }
                effective = then;
                memory.take(event);
                next += 1;
                bits = &self.open[&(memory.calendar(), memory.zone(own))];
                let is_night_shift = memory.queue.as_deref() == Some("night_shift");
                team = if is_night_shift { &self.open[&("night", own)] } else { bits };
                let is_reopening =
                    |(event, _): &(Event, Moment)| matches!(event, Event::TicketReopened { .. });
                may_end = memory.is_closed && !story.events[next..].iter().any(is_reopening);
            }
            if may_end {
                break;
            }
            let minute = usize::try_from((ms - self.first_ms) / MINUTE_MS).unwrap();
            each(ms, &memory, (bits[minute], team[minute]))?;
            ms += MINUTE_MS;
        }
        Ok(memory)
    }
}

/// What a wall calendar with a clock shows.
struct Wall {
    date: (i8, i8),
    weekday: Weekday,
    minute: i32,
}

impl Wall {
    fn at(ms: i64, zone: &TimeZone) -> Self {
        let local = zone.to_datetime(jiff::Timestamp::from_millisecond(ms).unwrap());
        Self {
            date: (local.month(), local.day()),
            weekday: local.weekday(),
            minute: i32::from(local.hour()) * 60 + i32::from(local.minute()),
        }
    }

    /// The hours of `client.toml` beside this file, as a person reads them.
    fn is_open(&self, name: &str) -> bool {
        use Weekday::{Friday, Monday, Saturday, Sunday, Thursday, Tuesday, Wednesday};
        let within = |from: i32, to: i32| from <= self.minute && self.minute < to;
        let is_weekend = matches!(self.weekday, Saturday | Sunday);
        match name {
            "always" => true,
            "night" => {
                let evening = matches!(self.weekday, Monday | Wednesday | Thursday | Saturday | Sunday);
                let morning = matches!(self.weekday, Tuesday | Thursday | Friday | Sunday | Monday);
                (evening && within(1_320, 1_440)) || (morning && within(0, 360))
            }
            "of_site" => {
                let is_holiday = matches!(self.date, (3, 21 | 22));
                !is_holiday
                    && ((!is_weekend && within(510, 735)) || (self.weekday != Sunday && within(780, 1_140)))
            }
            "odd" => match self.date {
                (2, 29) => true,
                (3, 4..=6) => false,
                (3, 31) => within(60, 300) || within(720, 750),
                _ => within(600, 960),
            },
            _ => match self.date {
                (2, 23) | (3, 8) => false,
                (2, 22) | (3, 7) => within(540, 1_020),
                _ => !is_weekend && within(540, 1_080),
            },
        }
    }
}
