//! A roster as an iCalendar file: what the reader sees of a period, an event for each shift and each absence.

use super::roster::{AbsenceLine, RosterPage, RosterQuery, ShiftLine, ShownKind};
use super::{ViewError, Views};
use crate::domain::roster::AbsenceKind;
use crate::domain::{Moment, PersonId};
use crate::store;
use crate::store::roster::OWN_UID_END;

/// The longest line of the format, in bytes; what is longer goes on in the next.
const LINE_BYTES: usize = 73;

impl Views {
    /// As `ImportRosterCalendar` takes it. Logins are named for who keeps everybody's roster.
    pub fn roster_calendar(&self, person: PersonId, query: &RosterQuery) -> Result<String, ViewError> {
        let page = self.roster(person, query)?;
        self.read(person, |reading| {
            let login = |id: PersonId| -> Result<Option<String>, ViewError> {
                let found = store::person::get(reading.db, id)?.filter(|_| page.may_keep_all);
                Ok(found.map(|found| found.login))
            };
            let mut file = File::new(reading.now);
            for shift in &page.shifts {
                file.shift(shift, &name(&page, shift.person), login(shift.person)?);
            }
            for absence in &page.absences {
                file.absence(absence, &name(&page, absence.person), login(absence.person)?);
            }
            Ok(file.end())
        })
    }
}

fn name(page: &RosterPage, person: PersonId) -> String {
    let id = person.to_string();
    page.people.iter().find(|own| own.id == id).map(|own| own.name.clone()).unwrap_or_default()
}

struct File {
    text: String,
    stamp: String,
}

impl File {
    fn new(now: Moment) -> File {
        let mut file = File { text: String::new(), stamp: utc(now) };
        for line in ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Naryad//Roster//EN"] {
            file.line(line);
        }
        file
    }

    fn shift(&mut self, shift: &ShiftLine, name: &str, login: Option<String>) {
        self.begin(shift.id.0, shift.version, (shift.from, shift.to), name, login);
        self.line(&format!("X-NARYAD-KIND:{}", shift.kind.as_str()));
        if let ShownKind::Extra { rate_percent: Some(rate_percent) } = shift.kind {
            self.line(&format!("X-NARYAD-RATE:{rate_percent}"));
        }
        if let Some(queue) = &shift.queue {
            self.line(&format!("X-NARYAD-QUEUE:{queue}"));
        }
        if let Some(note) = &shift.note {
            self.line(&format!("DESCRIPTION:{}", escaped(note)));
        }
        self.line("END:VEVENT");
    }

    /// An absence has hours as any other: `X-NARYAD-KIND` tells it from a shift.
    fn absence(&mut self, absence: &AbsenceLine, name: &str, login: Option<String>) {
        self.begin(absence.id.0, absence.version, (absence.from, absence.to), name, login);
        let kind = match absence.kind {
            Some(AbsenceKind::Vacation) => "vacation",
            Some(AbsenceKind::Sick) => "sick",
            Some(AbsenceKind::Training) => "training",
            Some(AbsenceKind::Other) | None => "other",
        };
        self.line(&format!("X-NARYAD-KIND:{kind}"));
        self.line("END:VEVENT");
    }

    fn begin(
        &mut self,
        id: i64,
        version: i64,
        (from, to): (Moment, Moment),
        name: &str,
        login: Option<String>,
    ) {
        self.line("BEGIN:VEVENT");
        self.line(&format!("UID:{id}{OWN_UID_END}"));
        self.line(&format!("SEQUENCE:{version}"));
        let stamp = self.stamp.clone();
        for (property, at) in [("DTSTAMP", stamp), ("DTSTART", utc(from)), ("DTEND", utc(to))] {
            self.line(&format!("{property}:{at}"));
        }
        self.line(&format!("SUMMARY:{}", escaped(name)));
        if let Some(login) = login {
            self.line(&format!("X-NARYAD-LOGIN:{login}"));
        }
    }

    fn line(&mut self, line: &str) {
        let mut room = LINE_BYTES;
        for letter in line.chars() {
            if letter.len_utf8() > room {
                self.text.push_str("\r\n ");
                room = LINE_BYTES - 1;
            }
            room -= letter.len_utf8();
            self.text.push(letter);
        }
        self.text.push_str("\r\n");
    }

    fn end(mut self) -> String {
        self.line("END:VCALENDAR");
        self.text
    }
}

/// `20261201T050000Z`
fn utc(at: Moment) -> String {
    let text = at.to_string();
    let digits: String = text.chars().take(19).filter(|letter| !matches!(letter, '-' | ':')).collect();
    format!("{digits}Z")
}

fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for letter in text.chars() {
        match letter {
            '\\' | ';' | ',' => escaped.extend(['\\', letter]),
            '\n' => escaped.push_str("\\n"),
            letter if letter.is_control() => {}
            letter => escaped.push(letter),
        }
    }
    escaped
}
