//! Texts are read, changed and written: only what changed may differ.

use super::super::{Pack, TimeSettings, rewrite};
use crate::domain::Key;
use crate::domain::calendar::{DateException, WeeklyHours};
use crate::domain::sla::{Target, TicketStage};

const PACKS: [&str; 3] = [
    include_str!("../../../../workflows/atm-service/client.toml"),
    include_str!("../../../../workflows/it-desk/client.toml"),
    include_str!("../../../../tests/it/helpers/client.toml"),
];

const RICH: &str = r#"key = "rich" # the pack
# Whose hours.
[calendar]
time_zone = "Asia/Yerevan"   # where the office is
hours = [
    { days = ["mon", "tue", "wed", "thu"], from = "09:00", to = "18:00" }, # four long days
    # Fridays end early.
    { days = ["fri"], from = "09:00", to = "17:00" },
]
holidays = ["am-2027"]

[[calendar.exceptions]]
from = "2027-12-31"

# In minutes.
[[sla]]
priority = 1
resolution_minutes = 60 # an hour

# The others.
[[sla]]
resolution_minutes = 600

[settings]
x = 1
"#;

/// The settings as data, without what the rest of the pack must be.
fn rich() -> TimeSettings {
    let table: toml::Table = RICH.parse().unwrap();
    let part: toml::Table = table.into_iter().filter(|(name, _)| TimeSettings::holds(name)).collect();
    part.try_into().unwrap()
}

/// Lines that are only in one of the texts.
fn difference(before: &str, after: &str) -> (Vec<String>, Vec<String>) {
    let only = |one: &str, other: &str| {
        let mut left: Vec<&str> = other.lines().collect();
        let is_new = |line: &&str| match left.iter().position(|own| own == line) {
            Some(at) => {
                left.remove(at);
                false
            }
            None => true,
        };
        let mut new: Vec<String> = one.lines().filter(is_new).map(str::to_owned).collect();
        new.sort();
        new
    };
    (only(before, after), only(after, before))
}

#[track_caller]
fn changes(change: impl FnOnce(&mut TimeSettings), gone: &[&str], new: &[&str]) -> String {
    let (before, mut after) = (rich(), rich());
    change(&mut after);
    let written = super::write(RICH, &before, &after).unwrap();
    let sorted = |lines: &[&str]| {
        let mut lines: Vec<String> = lines.iter().map(|line| (*line).to_owned()).collect();
        lines.sort();
        lines
    };
    assert_eq!(difference(RICH, &written), (sorted(gone), sorted(new)), "{written}");
    let table: toml::Table = written.parse().unwrap();
    let part: toml::Table = table.into_iter().filter(|(name, _)| TimeSettings::holds(name)).collect();
    assert_eq!(part.try_into::<TimeSettings>().unwrap(), after, "{written}");
    written
}

fn key(key: &str) -> Key {
    Key::new(key).unwrap()
}

#[test]
fn what_is_not_changed_stays_byte_for_byte() {
    for text in PACKS {
        let time = Pack::parse(text).unwrap().time();
        assert_eq!(rewrite(text, &time).unwrap(), text);
        let windows = text.replace('\n', "\r\n");
        assert_eq!(rewrite(&windows, &time).unwrap(), windows);
    }
    changes(|_| {}, &[], &[]);
}

#[test]
fn one_hour_is_one_line() {
    changes(
        |time| time.calendar.hours[1].to = "16:00".to_owned(),
        &[r#"    { days = ["fri"], from = "09:00", to = "17:00" },"#],
        &[r#"    { days = ["fri"], from = "09:00", to = "16:00" },"#],
    );
    let text = PACKS[1];
    let mut time = Pack::parse(text).unwrap().time();
    time.calendar.hours[0].to = "21:00".to_owned();
    time.sla[2].resolution_minutes = Some(1_500);
    let written = rewrite(text, &time).unwrap();
    let (gone, new) = difference(text, &written);
    assert_eq!((gone.len(), new.len()), (2, 2), "{gone:?} {new:?}");
    let new = new.concat();
    assert!(new.contains("resolution_minutes = 1500 }"), "{new}");
    assert!(new.contains(r#"from = "08:00", to = "21:00" }"#), "{new}");
    assert_eq!(Pack::parse(&written).unwrap().time(), time);
    changes(
        |time| time.calendar.time_zone = "Asia/Tbilisi".to_owned(),
        &[r#"time_zone = "Asia/Yerevan"   # where the office is"#],
        &[r#"time_zone = "Asia/Tbilisi"   # where the office is"#],
    );
}

#[test]
fn entries_come_and_go_where_they_belong() {
    let saturday = WeeklyHours {
        days: vec![crate::domain::calendar::Day::Sat],
        from: "10:00".to_owned(),
        to: "14:00".to_owned(),
    };
    changes(
        |time| time.calendar.hours.push(saturday.clone()),
        &[],
        &[r#"    { days = ["sat"], from = "10:00", to = "14:00" },"#],
    );
    let written = changes(
        |time| time.calendar.hours.truncate(1),
        &["    # Fridays end early.", r#"    { days = ["fri"], from = "09:00", to = "17:00" },"#],
        &[],
    );
    assert!(written.contains("# four long days"), "{written}");
    // The first row goes, the note above all rows stays.
    let written = changes(
        |time| drop(time.sla.remove(1)),
        &["# The others.", "[[sla]]", "resolution_minutes = 600", ""],
        &[],
    );
    assert!(written.contains("# In minutes."), "{written}");
    let row = Target { priority: Some(2), resolution_minutes: Some(120), ..Target::default() };
    let written = changes(
        |time| time.sla.insert(1, row),
        &[],
        &["", "[[sla]]", "priority = 2", "resolution_minutes = 120"],
    );
    let (second, rest) = (written.find("priority = 2").unwrap(), written.find("# The others.").unwrap());
    assert!(second < rest, "{written}");
    changes(
        |time| {
            time.calendar.exceptions.push(DateException {
                from: "2027-01-06".to_owned(),
                to: None,
                hours: Vec::new(),
                label: Default::default(),
            });
        },
        &[],
        &["", "[[calendar.exceptions]]", r#"from = "2027-01-06""#],
    );
}

#[test]
fn what_was_not_there_is_written_at_the_end_and_what_is_emptied_goes() {
    let stage = TicketStage {
        key: key("intake"),
        label: Default::default(),
        statuses: Vec::new(),
        phase: Some(crate::domain::pack::Phase::New),
    };
    let written = changes(
        |time| time.stages.push(stage),
        &[],
        &["", "[[stages]]", r#"key = "intake""#, "label = {}", r#"phase = "new""#],
    );
    assert!(
        written.ends_with("x = 1\n\n[[stages]]\nkey = \"intake\"\nlabel = {}\nphase = \"new\"\n"),
        "{written}"
    );
    let written = changes(
        |time| time.calendar.hours.clear(),
        &[
            "hours = [",
            r#"    { days = ["mon", "tue", "wed", "thu"], from = "09:00", to = "18:00" }, # four long days"#,
            "    # Fridays end early.",
            r#"    { days = ["fri"], from = "09:00", to = "17:00" },"#,
            "]",
        ],
        &[],
    );
    assert!(written.contains("# where the office is\nholidays"), "{written}");
}

#[test]
fn a_text_that_is_no_pack_is_refused_with_its_place() {
    let error = rewrite("key = ", &rich()).unwrap_err();
    assert_eq!((error.line, error.column), (1, 7), "{error}");
    let error = rewrite(RICH, &rich()).unwrap_err();
    assert!(error.message.contains("missing field"), "{error}");
}
