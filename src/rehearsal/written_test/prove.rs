//! Writes the test and proves it: what does not hold on the test's desk becomes a comment that says so.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::acts::Acts;
use super::cast::Cast;
use super::expected;
use super::history::History;
use super::words::{Words, quoted, span, whole_second};
use crate::commands::DeskError;
use crate::domain::TicketId;
use crate::domain::command::Command;
use crate::domain::event::{Event, WorkOrderOpened};
use crate::rehearsal::script_tests::{Counting, PackSource, Report, RunOptions, local_seconds, run_with};
use crate::store::Readers;
use crate::workflow::{Fact, FactKey, literals_of};

/// Most times that the test is run to find what does not hold.
const PROOFS_MAX: usize = 40;
/// Longest that all of them may take together.
const PROOFS_WALL_MAX: Duration = Duration::from_secs(15);

/// A script test that was written from a ticket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct WrittenTest {
    /// Of the ticket, such as `BANK-1042`.
    pub number: String,
    /// `tests/from_bank-1042.rhai`
    pub file: String,
    pub text: String,
    /// It passes with the version that the ticket is on.
    pub is_proven: bool,
    /// Assertions that hold.
    pub assertions: usize,
    /// What could not be reproduced, as the comments in the test say it.
    pub not_reproduced: Vec<String>,
}

/// Writes a test from the ticket's history and runs it, with the version that the ticket is on. People, their texts
/// and numbers are made up. Blocks; changes nothing of the desk.
///
/// # Errors
/// There is no such ticket; it was imported, or its commands are not kept any more.
pub fn write_test(readers: &Readers, ticket: TicketId) -> Result<WrittenTest, DeskError> {
    let (history, cast, words) = readers.read(|db| {
        let history = History::read(db, ticket)?;
        let texts = history.version.modules.values().chain([&history.version.script]);
        let literals: BTreeSet<String> = texts.flat_map(|text| literals_of(text)).collect();
        let words = Words::new(literals);
        let cast = Cast::of(db, &history, &words)?;
        Ok::<_, DeskError>((history, cast, words))
    })?;
    let mut draft = Draft::of(&history, &cast, &words);
    let is_proven = draft.prove(&history);
    Ok(WrittenTest {
        file: format!("tests/from_{}.rhai", history.number.to_lowercase()),
        text: draft.text(),
        is_proven,
        assertions: draft.lines.iter().filter(|line| line.kind == Kind::Assertion).count(),
        not_reproduced: draft.notes(),
        number: history.number,
    })
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Comment,
    /// What could not be reproduced.
    Note,
    Step,
    Assertion,
}

struct Line {
    kind: Kind,
    text: String,
}

struct Draft {
    name: String,
    lines: Vec<Line>,
}

impl Draft {
    fn of(history: &History, cast: &Cast, words: &Words) -> Draft {
        let name = history.number.to_lowercase().replace(|one: char| !one.is_ascii_alphanumeric(), "_");
        let mut draft = Draft { name: format!("test_from_{name}"), lines: Vec::new() };
        for note in cast.notes.iter().cloned().chain(unknown(history)) {
            draft.note(note);
        }
        let zone = &history.pack.calendar.time_zone;
        let opened_at = whole_second(history.opened_at());
        draft.step(format!("at({}, {});", quoted(&local_seconds(opened_at, zone)), quoted(zone)));
        if history.has_failed_runs {
            draft.step("expect_failed_runs();".to_owned());
        }
        cast.lines.iter().for_each(|line| draft.step(line.clone()));
        draft.unanswered(history);
        draft.steps(history, cast, words);
        draft.push(Kind::Comment, "// How it ended.".to_owned());
        for line in expected::at_the_end(history, cast) {
            draft.push(Kind::Assertion, line);
        }
        draft
    }

    fn push(&mut self, kind: Kind, text: String) {
        self.lines.push(Line { kind, text });
    }

    fn step(&mut self, text: String) {
        self.push(Kind::Step, text);
    }

    fn note(&mut self, text: String) {
        self.push(Kind::Note, format!("// Not reproduced: {text}"));
    }

    /// Calls of plugins whose answers the journal does not hold.
    fn unanswered(&mut self, history: &History) {
        let answers = history.stops.iter().filter_map(|stop| match &stop.command {
            Some(Command::PluginAnswered(answered)) => {
                Some((answered.plugin.clone(), answered.function.clone()))
            }
            _ => None,
        });
        let mut known: BTreeSet<_> = answers.collect();
        for event in history.events() {
            if let Event::PluginCalled { plugin, function, .. } = event
                && known.insert((plugin.clone(), function.clone()))
            {
                self.note(format!("what {plugin}.{function} answered; the journal does not hold it"));
            }
        }
    }

    fn steps(&mut self, history: &History, cast: &Cast, words: &Words) {
        let acts = Acts { history, cast, words };
        let mut now = history.opened_at();
        let mut away = BTreeSet::new();
        for stop in &history.stops {
            let choices = choices(stop.events.iter().map(|recorded| &recorded.event), cast);
            // Of the clock's own doings only those matter in which the desk chose somebody.
            if stop.is_clock() && choices.is_empty() {
                continue;
            }
            // People come and go a moment before the clock plays what is due.
            let at = if stop.is_clock() { stop.at - crate::domain::Span::from_ms(1_000) } else { stop.at };
            if let Some(span) = span(now, at) {
                self.step(format!("pass({span});"));
                now = at;
            }
            self.duty(&choices, &mut away);
            if stop.is_clock() {
                continue;
            }
            match acts.line(stop) {
                Ok(line) => self.step(line),
                Err(why) => self.note(why),
            }
            for line in expected::after(stop, cast) {
                self.push(Kind::Assertion, line);
            }
        }
        let last = history.stops.last().map_or(now, |stop| stop.at);
        if let Some(span) = span(now, last) {
            self.step(format!("pass({span});"));
        }
    }

    /// Whom the desk could not choose then, for shifts, load or rank, is off duty for it.
    fn duty(&mut self, choices: &BTreeMap<String, bool>, away: &mut BTreeSet<String>) {
        for (person, is_away) in choices {
            if *is_away && away.insert(person.clone()) {
                self.step(format!("{person}.goes_off_duty();"));
            } else if !is_away && away.remove(person) {
                self.step(format!("{person}.comes_on_duty();"));
            }
        }
    }

    fn text(&self) -> String {
        let mut text =
            String::from("// Written from a ticket. People, their words and numbers are made up.\n\n");
        text += &format!("fn {}() {{\n", self.name);
        for line in &self.lines {
            text += &format!("    {}\n", line.text);
        }
        text.push_str("}\n");
        text
    }

    fn notes(&self) -> Vec<String> {
        let notes = self.lines.iter().filter(|line| line.kind == Kind::Note);
        notes.map(|line| line.text.trim_start_matches("// Not reproduced: ").to_owned()).collect()
    }

    /// Runs the test and turns what does not hold into a comment, until the rest passes.
    fn prove(&mut self, history: &History) -> bool {
        let began = std::time::Instant::now();
        for _ in 0..PROOFS_MAX {
            let left = PROOFS_WALL_MAX.saturating_sub(began.elapsed());
            let report =
                run_with(&self.pack(history), RunOptions { wall_max: left, counting: Counting::Off });
            if report.all_passed() {
                return true;
            }
            if !self.give_up_line(&report) {
                return false;
            }
        }
        false
    }

    fn pack(&self, history: &History) -> PackSource {
        PackSource {
            script: history.version.script.clone(),
            settings: history.version.settings.clone(),
            tests: BTreeMap::from([("tests/written.rhai".to_owned(), self.text())]),
            shared: history.shared(),
            holidays: history.holidays.clone(),
        }
    }

    /// The line that failed becomes a comment with what happened instead.
    fn give_up_line(&mut self, report: &Report) -> bool {
        /// Lines before the first of the test.
        const LINES_BEFORE: usize = 3;
        let Some(failed) = report.tests.first().and_then(|test| test.failed.as_ref()) else { return false };
        let why = match &failed.actual {
            Some(actual) => format!("here it is {actual}"),
            None => failed.message.clone(),
        };
        let index = failed.line.checked_sub(LINES_BEFORE + 1).filter(|index| *index < self.lines.len());
        let Some(index) =
            index.filter(|index| matches!(self.lines[*index].kind, Kind::Step | Kind::Assertion))
        else {
            // The script itself fails here and did not on the desk.
            self.lines
                .push(Line { kind: Kind::Note, text: format!("// Not reproduced: {}", one_line(&why)) });
            return false;
        };
        let line = &mut self.lines[index];
        line.text = format!("// Not reproduced: {} ({})", line.text, one_line(&why));
        line.kind = Kind::Note;
        true
    }
}

fn one_line(text: &str) -> String {
    text.replace(['\n', '\r'], " ")
}

/// Of the arranged people that the desk looked at: whether each was out of reach for a reason of the hour.
fn choices<'a>(events: impl Iterator<Item = &'a Event>, cast: &Cast) -> BTreeMap<String, bool> {
    let mut choices = BTreeMap::new();
    for event in events {
        let (chosen, rejections) = match event {
            Event::TicketAssigned { person, rejections, .. } => (Some(*person), rejections),
            Event::AssignmentFailed { rejections, .. } => (None, rejections),
            Event::WorkOrderOpened(opened) => {
                let WorkOrderOpened { engineer, rejections, .. } = &**opened;
                (Some(*engineer), rejections)
            }
            _ => continue,
        };
        for (person, is_away) in cast.away(rejections) {
            choices.entry(person.to_owned()).or_insert(is_away);
        }
        if let Some(variable) = chosen.and_then(|person| cast.on_duty(person)) {
            choices.insert(variable.to_owned(), false);
        }
    }
    choices
}

/// What the runs read that a test cannot arrange from one ticket.
fn unknown(history: &History) -> Vec<String> {
    let mut notes = BTreeSet::new();
    for (key, fact) in &history.facts {
        let count = match fact {
            Fact::Tickets(tickets) => tickets.len(),
            Fact::TicketIds(tickets) => tickets.len(),
            _ => 0,
        };
        let others = match key {
            FactKey::OpenTicketsOfAsset(_) => "other open tickets of the asset",
            FactKey::PossibleDuplicates(_) => "possible duplicates",
            FactKey::Found(_) => "tickets that the script looked for",
            FactKey::OpenIncidents => "major incidents",
            FactKey::ContractUse { .. } => {
                notes.insert("how much of the contract's month was used up by other tickets".to_owned());
                continue;
            }
            _ => continue,
        };
        if count > 0 {
            notes.insert(format!("{count} {others}"));
        }
    }
    if history.events().any(|event| matches!(event, Event::AttachedToIncident { .. })) {
        notes.insert("the major incident that it was attached to".to_owned());
    }
    notes.into_iter().collect()
}
