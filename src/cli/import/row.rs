//! One row of a ServiceNow incident log: read, checked, and put into the desk's own words.

use std::collections::BTreeMap;
use std::io::BufRead;

use anyhow::Context;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::lines::{LINE_BYTES_MAX, Line, Lines};
use crate::domain::calendar::local_moment;
use crate::domain::command::ImportState;
use crate::domain::ticket::Level;
use crate::domain::{Key, Moment};
use crate::store;

/// How the log writes what is not known.
const UNKNOWN: &str = "?";

/// The columns that are read, in the order in which they make a row's key. Without the last five a log is read
/// all the same; the last is no part of the key.
const COLUMNS: [&str; 17] = [
    "number",
    "incident_state",
    "opened_at",
    "sys_updated_at",
    "impact",
    "urgency",
    "priority",
    "assignment_group",
    "category",
    "reopen_count",
    "reassignment_count",
    "sys_mod_count",
    "subcategory",
    "u_symptom",
    "location",
    "made_sla",
    "assigned_to",
];
const NEEDED_COUNT: usize = 12;
const KEY_COUNT: usize = 16;
/// Longest log-in that is taken, in bytes.
const LOGIN_BYTES_MAX: usize = 200;

/// Where the columns stand in this file.
pub struct Columns {
    places: [Option<usize>; COLUMNS.len()],
    count: usize,
}

/// A row in the desk's words.
#[derive(Debug, Clone)]
pub struct Row {
    pub line: u64,
    pub number: String,
    pub opened_at: Moment,
    pub updated_at: Moment,
    pub subject: String,
    pub state: ImportState,
    /// As the file counts.
    pub reassignment_count: i64,
    /// The same for the same row of another export.
    pub key: String,
}

/// What is wrong with a row, and where.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum RowError {
    #[error("line {line}, column {column} ({name}): {what}")]
    Cell { line: u64, column: usize, name: &'static str, what: String },
    #[error("line {line}, byte {byte}: not UTF-8")]
    NotUtf8 { line: u64, byte: usize },
    #[error("line {line}: {what}")]
    Shape { line: u64, what: String },
}

impl Columns {
    /// Reads the first line.
    pub fn read(lines: &mut Lines<impl BufRead>) -> anyhow::Result<Columns> {
        let line = lines.next().context("the file cannot be read")?.context("the file is empty")?;
        let text = std::str::from_utf8(&line.bytes).context("line 1 is not UTF-8: is this a CSV file?")?;
        let names = cells(line.number, text.trim_start_matches('\u{feff}'))?;
        let places = COLUMNS.map(|column| names.iter().position(|name| name.trim() == column));
        let missing: Vec<&str> =
            (0..NEEDED_COUNT).filter(|place| places[*place].is_none()).map(|place| COLUMNS[place]).collect();
        if !missing.is_empty() {
            anyhow::bail!(
                "line 1 does not name the columns of a ServiceNow incident log; missing: {}",
                missing.join(", ")
            );
        }
        Ok(Columns { places, count: names.len() })
    }

    pub fn row(&self, line: &Line) -> Result<Row, RowError> {
        let number = line.number;
        if line.is_cut {
            let what = format!("longer than the {LINE_BYTES_MAX} bytes that are taken");
            return Err(RowError::Shape { line: number, what });
        }
        let text = std::str::from_utf8(&line.bytes)
            .map_err(|error| RowError::NotUtf8 { line: number, byte: error.valid_up_to() + 1 })?;
        let cells = cells(number, text)?;
        if cells.len() != self.count {
            let what = format!("{} columns instead of {}", cells.len(), self.count);
            return Err(RowError::Shape { line: number, what });
        }
        Cells { line: number, columns: self, cells }.row()
    }
}

/// The cells of one line. A line stands for itself: a quote that is not closed spoils no other.
fn cells(line: u64, text: &str) -> Result<Vec<String>, RowError> {
    let shape = |what: String| RowError::Shape { line, what };
    if text.bytes().filter(|byte| *byte == b'"').count() % 2 == 1 {
        return Err(shape("a quote is opened and not closed".to_owned()));
    }
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .buffer_capacity(text.len().max(1))
        .from_reader(text.as_bytes());
    let mut record = csv::StringRecord::new();
    reader.read_record(&mut record).map_err(|error| shape(error.to_string()))?;
    Ok(record.iter().map(str::to_owned).collect())
}

struct Cells<'c> {
    line: u64,
    columns: &'c Columns,
    cells: Vec<String>,
}

impl Cells<'_> {
    fn row(&self) -> Result<Row, RowError> {
        let number = self.needed("number", "the incident's number, such as INC0000045")?.to_owned();
        let category = self.key("category")?;
        let state = ImportState {
            status: self.key("incident_state")?.ok_or_else(|| self.wrong("incident_state", "a state"))?,
            category,
            impact: self.level("impact")?,
            urgency: self.level("urgency")?,
            priority: self.graded("priority", 5)?.ok_or_else(|| self.wrong("priority", "1 to 5"))?,
            queue: self.key("assignment_group")?,
            reopen_count: self.count("reopen_count")?,
            fields: self.fields()?,
            assigned_to: self.login("assigned_to")?,
        };
        let words: Vec<&str> = ["category", "subcategory", "u_symptom"]
            .into_iter()
            .filter_map(|name| self.known(name))
            .collect();
        Ok(Row {
            line: self.line,
            subject: format!("{number} {}", words.join(" / ")).trim_end().to_owned(),
            opened_at: self.moment("opened_at")?,
            updated_at: self.moment("sys_updated_at")?,
            state,
            reassignment_count: self.count("reassignment_count")?,
            key: self.hash(),
            number,
        })
    }

    fn fields(&self) -> Result<BTreeMap<Key, Value>, RowError> {
        let mut fields = BTreeMap::new();
        let mut put = |key: &str, value: Value| {
            fields.insert(Key::new(key).expect("written as a key"), value);
        };
        for (key, column) in
            [("subcategory", "subcategory"), ("symptom", "u_symptom"), ("location", "location")]
        {
            if let Some(words) = self.known(column) {
                put(key, words.into());
            }
        }
        match self.known("made_sla") {
            None => {}
            Some("TRUE" | "True" | "true") => put("made_sla", true.into()),
            Some("FALSE" | "False" | "false") => put("made_sla", false.into()),
            Some(_) => return Err(self.wrong("made_sla", "TRUE or FALSE")),
        }
        Ok(fields)
    }

    fn login(&self, name: &'static str) -> Result<Option<String>, RowError> {
        match self.known(name) {
            Some(login) if login.len() > LOGIN_BYTES_MAX => {
                Err(self.wrong(name, &format!("a log-in of at most {LOGIN_BYTES_MAX} bytes")))
            }
            login => Ok(login.map(str::to_owned)),
        }
    }

    /// What stands in a column; nothing where the log says `?` or lacks the column.
    fn known(&self, name: &'static str) -> Option<&str> {
        Some(self.cell(name)).filter(|cell| !cell.is_empty() && *cell != UNKNOWN)
    }

    fn cell(&self, name: &'static str) -> &str {
        let place = COLUMNS.iter().position(|column| *column == name).and_then(|at| self.columns.places[at]);
        place.map_or("", |place| self.cells[place].trim())
    }

    fn needed(&self, name: &'static str, wanted: &str) -> Result<&str, RowError> {
        self.known(name).ok_or_else(|| self.wrong(name, wanted))
    }

    /// `Awaiting User Info` is the key `awaiting_user_info`.
    fn key(&self, name: &'static str) -> Result<Option<Key>, RowError> {
        let Some(words) = self.known(name) else { return Ok(None) };
        let parts = words.split(|c: char| !c.is_ascii_alphanumeric()).filter(|part| !part.is_empty());
        let key = parts.map(str::to_ascii_lowercase).collect::<Vec<_>>().join("_");
        Key::new(&key)
            .map(Some)
            .map_err(|_| self.wrong(name, "Latin letters and digits that begin with a letter"))
    }

    /// `2 - Medium` is 2.
    fn graded(&self, name: &'static str, grade_max: i64) -> Result<Option<i64>, RowError> {
        let Some(words) = self.known(name) else { return Ok(None) };
        let digits = words.split(|c: char| !c.is_ascii_digit()).next().unwrap_or_default();
        match digits.parse() {
            Ok(grade) if (1..=grade_max).contains(&grade) => Ok(Some(grade)),
            _ => Err(self.wrong(name, &format!("1 to {grade_max}, such as `2 - Medium`"))),
        }
    }

    fn level(&self, name: &'static str) -> Result<Level, RowError> {
        Ok(match self.graded(name, 3)? {
            Some(1) => Level::High,
            Some(3) => Level::Low,
            _ => Level::Medium,
        })
    }

    fn count(&self, name: &'static str) -> Result<i64, RowError> {
        let count = self.needed(name, "a count")?.parse().ok().filter(|count| *count >= 0);
        count.ok_or_else(|| self.wrong(name, "a whole number from 0"))
    }

    /// `29-02-2016 01:16`. The log names no zone: it is taken for UTC.
    fn moment(&self, name: &'static str) -> Result<Moment, RowError> {
        let words = self.cell(name);
        let wrong = || self.wrong(name, "a time as day-month-year hour:minute, such as 29-02-2016 01:16");
        let (date, time) = words.split_once(' ').ok_or_else(wrong)?;
        let mut parts = date.splitn(3, '-');
        let (Some(day), Some(month), Some(year)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(wrong());
        };
        let is_written_so = day.len() == 2 && month.len() == 2 && year.len() == 4 && time.len() == 5;
        let moment = local_moment(&format!("{year}-{month}-{day} {time}"), "UTC").ok();
        moment.filter(|moment| is_written_so && moment.ms() >= 0).ok_or_else(wrong)
    }

    fn wrong(&self, name: &'static str, wanted: &str) -> RowError {
        let place = COLUMNS.iter().position(|column| *column == name).and_then(|at| self.columns.places[at]);
        let shown: String = self.cell(name).chars().take(40).collect();
        let what = format!("`{shown}` should be {wanted}");
        RowError::Cell { line: self.line, column: place.map_or(0, |place| place + 1), name, what }
    }

    fn hash(&self) -> String {
        let mut hash = Sha256::new();
        for name in &COLUMNS[..KEY_COUNT] {
            hash.update(self.cell(name));
            hash.update([0x1f]);
        }
        store::hex(&hash.finalize())
    }
}
