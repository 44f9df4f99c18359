//! What an import did: counts, and where the log contradicts itself.

use std::collections::BTreeMap;
use std::io::Write;
use std::time::{Duration, Instant};

use super::Detail;
use super::row::Row;
use crate::commands::Done;
use crate::domain::Key;
use crate::domain::foreign_login::folded;

/// Most unmapped log-ins that are listed.
const UNMAPPED_SHOWN_MAX: usize = 20;

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Count {
    pub new: usize,
    /// There before.
    pub known: usize,
    pub refused: usize,
}

/// What was imported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    pub tickets: Count,
    /// Rows beside those that opened the tickets.
    pub updates: Count,
    /// Tickets whose rows show another number of group changes than the log counts; the rows govern.
    pub differing: Vec<Differing>,
    /// Foreign log-ins that are nobody's here, with the rows that are assigned to each; the most frequent first.
    pub unmapped: Vec<(String, usize)>,
    pub elapsed: Duration,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Differing {
    pub number: String,
    pub observed: i64,
    /// The last `reassignment_count`.
    pub counted: i64,
}

pub(super) struct Tally {
    started: Instant,
    tickets: BTreeMap<String, Story>,
    updates: Count,
    /// By the log-in as it is compared: as it was first written, and how many rows.
    unmapped: BTreeMap<String, (String, usize)>,
}

/// What the rows of one number say.
#[derive(Default)]
struct Story {
    became: Option<Became>,
    refused_rows: usize,
    group: Option<Key>,
    changes: i64,
    counted: i64,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Became {
    New,
    Known,
}

impl Default for Tally {
    fn default() -> Self {
        Self {
            started: Instant::now(),
            tickets: BTreeMap::new(),
            updates: Count::default(),
            unmapped: BTreeMap::new(),
        }
    }
}

impl Tally {
    /// A row that was no row.
    pub fn unreadable(&mut self) {
        self.updates.refused += 1;
    }

    pub fn refused(&mut self, row: &Row) {
        self.tickets.entry(row.number.clone()).or_default().refused_rows += 1;
    }

    /// The desk took the row, or had it.
    pub fn applied(&mut self, row: &Row, done: &Done) {
        if let Some(login) = row.state.assigned_to.as_ref().filter(|_| done.is_unmapped) {
            self.unmapped.entry(folded(login)).or_insert_with(|| (login.clone(), 0)).1 += 1;
        }
        let story = self.tickets.entry(row.number.clone()).or_default();
        story.follow(row);
        let has_opened = done.id.is_some();
        match story.became {
            None if has_opened => story.became = Some(Became::New),
            None if done.is_repeat => story.became = Some(Became::Known),
            None => {
                // The ticket was there, its first row here is a later one.
                story.became = Some(Became::Known);
                self.updates.new += 1;
            }
            Some(_) if done.is_repeat => self.updates.known += 1,
            Some(_) => self.updates.new += 1,
        }
    }

    pub fn summary(&self) -> Summary {
        let mut tickets = Count::default();
        let mut updates = self.updates;
        let mut differing = Vec::new();
        for (number, story) in &self.tickets {
            updates.refused += story.refused_rows;
            match story.became {
                Some(Became::New) => tickets.new += 1,
                Some(Became::Known) => tickets.known += 1,
                None => {
                    // One of the refused rows is the ticket's own.
                    tickets.refused += 1;
                    updates.refused -= 1;
                }
            }
            if story.became.is_some() && story.changes != story.counted {
                let (observed, counted) = (story.changes, story.counted);
                differing.push(Differing { number: number.clone(), observed, counted });
            }
        }
        let mut unmapped: Vec<(String, usize)> = self.unmapped.values().cloned().collect();
        unmapped.sort_by_key(|(_, rows)| std::cmp::Reverse(*rows));
        Summary { tickets, updates, differing, unmapped, elapsed: self.started.elapsed() }
    }
}

impl Story {
    /// A row without a group says nothing of it.
    fn follow(&mut self, row: &Row) {
        if let Some(group) = &row.state.queue {
            self.changes += i64::from(self.group.as_ref().is_some_and(|before| before != group));
            self.group = Some(group.clone());
        }
        self.counted = row.reassignment_count;
    }
}

impl Summary {
    pub(super) fn write(&self, detail: Detail, out: &mut dyn Write) -> std::io::Result<()> {
        if detail == Detail::Tickets {
            for one in &self.differing {
                let Differing { number, observed, counted } = one;
                writeln!(
                    out,
                    "{number}: {observed} group changes in its rows, reassignment_count {counted}"
                )?;
            }
        }
        if !self.differing.is_empty() {
            writeln!(
                out,
                "in {} tickets the group changes of the rows differ from reassignment_count; the rows govern",
                self.differing.len()
            )?;
        }
        if !self.unmapped.is_empty() {
            let shown = self.unmapped.iter().take(UNMAPPED_SHOWN_MAX);
            let shown: Vec<String> = shown.map(|(login, rows)| format!("{login} ({rows} rows)")).collect();
            writeln!(
                out,
                "{} log-ins of assigned_to are nobody's here: {}{}; map them with POST /api/v1/foreign-logins \
                 (system `servicenow`, `valid_from` before their rows) and import again",
                self.unmapped.len(),
                shown.join(", "),
                if self.unmapped.len() > UNMAPPED_SHOWN_MAX { ", …" } else { "" }
            )?;
        }
        writeln!(out, "{self}")
    }
}

impl std::fmt::Display for Summary {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "tickets: {}; updates: {}; {:.2} s", self.tickets, self.updates, self.elapsed.as_secs_f64())
    }
}

impl std::fmt::Display for Count {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} new, {} known, {} refused", self.new, self.known, self.refused)
    }
}
