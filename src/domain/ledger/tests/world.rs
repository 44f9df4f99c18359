//! Packs, places and random stories of tickets for the oracle.

use std::collections::{BTreeMap, BTreeSet};

use super::super::{Entry, Policy};
use crate::domain::calendar::{HolidayList, HolidayLists};
use crate::domain::calendars::{Calendars, Terms};
use crate::domain::event::{Event, Speaker, TaskOpened, TicketOpened, Visibility};
use crate::domain::pack::Pack;
use crate::domain::ticket::{Channel, Level};
use crate::domain::{ClientId, EventId, Key, Moment, PersonId, Span, TaskId, TextId, TicketId};

pub const TICKET: TicketId = TicketId(1);
/// The stories lie in these weeks: a leap day, Kazakhstan's change of zone, holidays, summer time.
pub const WINDOW: (&str, &str) = ("2024-02-15T00:00:00Z", "2024-04-06T00:00:00Z");
pub const ZONES: [&str; 4] = ["Europe/Madrid", "Asia/Almaty", "America/New_York", "Asia/Kathmandu"];
pub const WAITING: [&str; 4] = ["for_client", "for_part", "for_approval", "for_third_party"];

const SETTINGS: &str = include_str!("client.toml");
const HOLIDAYS: &str = "BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART;VALUE=DATE:20200321\nDTEND;VALUE=DATE:20200323\n\
    RRULE:FREQ=YEARLY\nSUMMARY:Nauryz\nEND:VEVENT\nEND:VCALENDAR\n";

/// SplitMix64: small, seeded, the same everywhere.
#[derive(Debug)]
pub struct Dice(pub u64);

impl Dice {
    pub fn below(&mut self, count: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) % count as u64) as usize
    }

    pub fn of<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())]
    }
}

/// What happened to one ticket.
#[derive(Debug, Clone)]
pub struct Story {
    /// Which pack counts.
    pub pack: usize,
    pub events: Vec<(Event, Moment)>,
    pub until: Moment,
}

impl Story {
    /// Through JSON, as the database keeps it.
    pub fn again(&self) -> Story {
        let events = self.events.iter().map(|(event, at)| {
            let text = serde_json::to_string(event).unwrap();
            (serde_json::from_str(&text).unwrap(), *at)
        });
        Story { events: events.collect(), ..self.clone() }
    }

    /// Moves every moment by less than a minute, and keeps their order.
    pub fn blur(&mut self, dice: &mut Dice) {
        for (_, at) in &mut self.events {
            *at = *at + Span::from_ms(dice.below(60_000) as i64);
        }
        self.until = self.until + Span::from_ms(dice.below(60_000) as i64);
    }
}

pub fn entries(story: &Story) -> Vec<Entry<'_>> {
    let numbered = story.events.iter().enumerate();
    numbered.map(|(index, (event, at))| Entry { id: EventId(index as i64 + 1), event, at: *at }).collect()
}

pub fn key(text: &str) -> Key {
    Key::new(text).unwrap()
}

pub struct World {
    /// One for each zone that the default calendar may have.
    packs: Vec<(Pack, Calendars)>,
}

impl World {
    pub fn new() -> Self {
        let list = HolidayList::from_ics(HOLIDAYS).unwrap();
        let lists = HolidayLists::from([(key("own"), list.into())]);
        let of_zone = |zone: &&str| Pack::parse_with(&SETTINGS.replace("ZONE", zone), &lists).unwrap();
        Self { packs: ZONES.iter().map(of_zone).collect() }
    }

    pub fn policy(&self, story: &Story) -> Policy<'_> {
        let (pack, calendars) = &self.packs[story.pack];
        Policy { pack, calendars }
    }

    pub fn story(&self, dice: &mut Dice) -> Story {
        let (first, last): (Moment, Moment) = (WINDOW.0.parse().unwrap(), WINDOW.1.parse().unwrap());
        let room = minutes(last - first);
        // Most tickets are short, some take two weeks.
        let length = (1_i64 << (3 + dice.below(12))) + dice.below(60) as i64;
        let opened = first + Span::minutes(dice.below((room - length) as usize) as i64);
        let until = opened + Span::minutes(length);
        let mut teller = Teller {
            events: vec![(opening(dice), opened)],
            at: opened,
            is_resolved: false,
            tasks: Vec::new(),
        };
        for _ in 0..dice.below(14) {
            let step = dice.below(usize::try_from(length).unwrap() / 4 + 1) as i64;
            teller.at = teller.at + Span::minutes(step);
            // One that was reported late lies before the one before it.
            let late = if dice.below(20) == 0 { Span::minutes(dice.below(200) as i64) } else { Span::ZERO };
            teller.tell(dice, teller.at - late);
        }
        teller.events.retain(|(_, at)| *at < last);
        Story { pack: dice.below(self.packs.len()), events: teller.events, until }
    }
}

fn minutes(span: Span) -> i64 {
    span.ms() / Span::minutes(1).ms()
}

struct Teller {
    events: Vec<(Event, Moment)>,
    at: Moment,
    is_resolved: bool,
    tasks: Vec<TaskId>,
}

impl Teller {
    fn tell(&mut self, dice: &mut Dice, at: Moment) {
        let task = TaskId(self.events.len() as i64);
        let mut push = |event: Event| self.events.push((event, at));
        let to_status = |to: &str| Event::StatusChanged { from: key("new"), to: key(to) };
        match dice.below(16) {
            0 if !self.is_resolved => {
                push(to_status("resolved"));
                push(Event::TicketResolved {
                    resolution: key("done"),
                    reason: None,
                    missing: Default::default(),
                });
                self.is_resolved = true;
            }
            1 if !self.is_resolved || dice.below(2) == 0 => {
                push(to_status("closed"));
                push(Event::TicketClosed {
                    resolution: key("done"),
                    reason: None,
                    missing: Default::default(),
                });
                self.is_resolved = true;
            }
            0..=2 if self.is_resolved => {
                push(to_status("in_work"));
                push(Event::TicketReopened { reason: None });
                self.is_resolved = false;
            }
            0..=5 if !self.is_resolved => {
                push(to_status(if dice.below(2) == 0 { "in_work" } else { dice.of(&WAITING) }));
            }
            6 | 7 => push(comment(dice)),
            8 => push(Event::TicketAssigned {
                person: PersonId(dice.below(3) as i64 + 1),
                reason: None,
                rejections: Vec::new(),
                collected: Default::default(),
                accept_until: None,
            }),
            9 => push(Event::TicketUnassigned { person: PersonId(1), reason: None }),
            10 => push(Event::TicketQueued {
                from: None,
                to: key(dice.of(&["line", "night_shift", "partner"])),
                reason: None,
                is_alarm: false,
                collected: Default::default(),
            }),
            11 => push(priority(dice)),
            12 => push(Event::CategoryChanged { from: None, to: Some(key(dice.of(&["fault", "wish"]))) }),
            13 => push(Event::TermsChanged { terms: terms(dice) }),
            14 if self.tasks.is_empty() || dice.below(2) == 0 => {
                push(task_for(task, dice.of(&["partner", "line"])));
                self.tasks.push(task);
            }
            14 => push(Event::TaskCancelled {
                task: self.tasks.remove(0),
                department: key("partner"),
                reason: None,
            }),
            15 if dice.below(4) == 0 => push(Event::PackVersionMoved { to: None }),
            _ => push(Event::SlaReached {
                target: key(dice.of(&["first_response", "resolution", "approval"])),
                percent: dice.of(&[50, 80, 100]),
                overdue_minutes: dice.of(&[0, 0, 30]),
                due_at: at,
            }),
        }
    }
}

fn opening(dice: &mut Dice) -> Event {
    Event::TicketOpened(Box::new(TicketOpened {
        client: ClientId(1),
        number: 1,
        sub_client: None,
        site: None,
        asset: None,
        contact: None,
        subject: TextId(1),
        description: None,
        status: key("new"),
        category: Some(key(dice.of(&["fault", "wish"]))),
        impact: Level::Medium,
        urgency: Level::Medium,
        priority: dice.below(3) as i64 + 1,
        queue: [None, Some(key("line")), Some(key("night_shift"))][dice.below(3)].clone(),
        channel: Channel::Desk,
        fields: BTreeMap::new(),
        tags: BTreeSet::new(),
        attachments: Vec::new(),
        pack_version: None,
        terms: terms(dice),
    }))
}

fn terms(dice: &mut Dice) -> Terms {
    Terms {
        time_zone: [None, Some(dice.of(&ZONES).to_owned())][dice.below(2)].clone(),
        calendar: [None, Some(key(dice.of(&["always", "night", "of_site", "odd", "unknown"])))]
            [dice.below(2)]
        .clone(),
        country: dice.of(&[None, Some("KZ"), Some("ES")]).map(str::to_owned),
        sub_client: dice.of(&[None, Some("bank-a"), Some("bank-b")]).map(key),
    }
}

fn comment(dice: &mut Dice) -> Event {
    Event::CommentAdded {
        text: TextId(2),
        visibility: dice.of(&[Visibility::Public, Visibility::Public, Visibility::Internal]),
        attachments: Vec::new(),
        speaker: dice.of(&[Speaker::Desk, Speaker::Client, Speaker::Partner, Speaker::Automatic]),
        asks_client: false,
    }
}

fn priority(dice: &mut Dice) -> Event {
    let (impact, urgency) = (Level::Medium, Level::Medium);
    Event::PriorityChanged { impact, urgency, from: 1, to: dice.below(3) as i64 + 1 }
}

fn task_for(task: TaskId, department: &str) -> Event {
    Event::TaskOpened(Box::new(TaskOpened {
        task,
        department: key(department),
        title: TextId(3),
        due_at: None,
        outcomes: Vec::new(),
        partner: None,
        fields: BTreeMap::new(),
        ordinal: 1,
    }))
}
