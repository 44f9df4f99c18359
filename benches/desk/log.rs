//! The real log of a desk as many times over as tickets are wanted, spread over a month.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use jiff::civil::DateTime;
use jiff::{Span, ToSpan};
use naryad::domain::Moment;

/// 534 incidents of a real desk (`workflows/it-desk/demo/README.md`).
const LOG: &str = "workflows/it-desk/demo/incidents.csv";
/// The tickets of so long are made.
const MONTH_MINUTES: i64 = 30 * 24 * 60;
const TIME: &str = "%d-%m-%Y %H:%M";

pub struct Log {
    /// The text of a log file.
    pub text: String,
    pub tickets: usize,
    pub rows: usize,
    /// Before the first row, and after the last.
    pub window: (Moment, Moment),
    /// The categories of each ticket's rows.
    pub categories: BTreeMap<String, BTreeSet<String>>,
}

/// Of the last copy only as many tickets are taken as are still wanted.
pub fn repeated(tickets: usize) -> Log {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(LOG);
    let text = std::fs::read_to_string(&path).expect("the log lies in the project");
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let names = reader.headers().expect("its first line names the columns").clone();
    let rows: Vec<csv::StringRecord> =
        reader.records().collect::<Result<_, _>>().expect("each line has the columns");
    let place = |name: &str| names.iter().position(|column| column == name).expect("a column of the log");
    let places =
        Places { number: place("number"), opened: place("opened_at"), updated: place("sys_updated_at") };
    let category = place("category");
    let each = rows.iter().map(|row| &row[places.number]).collect::<BTreeSet<_>>().len();
    let copies = tickets.div_ceil(each);
    let mut log = Log {
        text: String::new(),
        tickets: 0,
        rows: 0,
        window: (Moment::from_ms(i64::MAX), Moment::from_ms(0)),
        categories: BTreeMap::new(),
    };
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(&names).expect("memory");
    for copy in 0..copies {
        let shift = (MONTH_MINUTES * copy as i64 / copies as i64).minutes();
        for row in &rows {
            let moved = places.moved(row, copy, shift, &mut log.window);
            let number = moved[places.number].clone();
            if !log.categories.contains_key(&number) && log.categories.len() == tickets {
                continue;
            }
            log.categories.entry(number).or_default().insert(row[category].to_owned());
            log.rows += 1;
            writer.write_record(&moved).expect("memory");
        }
    }
    log.tickets = log.categories.len();
    log.text = String::from_utf8(writer.into_inner().expect("memory")).expect("the log is UTF-8");
    log
}

struct Places {
    number: usize,
    opened: usize,
    updated: usize,
}

impl Places {
    /// The row as a row of this copy.
    fn moved(
        &self,
        row: &csv::StringRecord,
        copy: usize,
        shift: Span,
        window: &mut (Moment, Moment),
    ) -> Vec<String> {
        let mut cells: Vec<String> = row.iter().map(str::to_owned).collect();
        // `INC0000045` of the seventh copy is `INC00060000045`.
        cells[self.number] = format!("INC{copy:04}{}", cells[self.number].trim_start_matches("INC"));
        for place in [self.opened, self.updated] {
            let at = DateTime::strptime(TIME, &cells[place]).expect("a time of the log") + shift;
            cells[place] = at.strftime(TIME).to_string();
            let at = at.to_zoned(jiff::tz::TimeZone::UTC).expect("a time of the log").timestamp();
            let at = Moment::from_ms(at.as_millisecond());
            *window = (window.0.min(at), window.1.max(at + naryad::domain::Span::minutes(1)));
        }
        cells
    }
}
