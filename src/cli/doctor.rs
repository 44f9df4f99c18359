//! `doctor`: looks at everything that can be wrong with a desk and says what to do about it.

use std::path::Path;

use anyhow::Context;
use serde::{Deserialize, Serialize};

use super::open_desk::OpenDesk;
use super::operation::read;
use crate::clock::Clock;
use crate::domain::{Moment, Span};
use crate::jobs::secret_place;
use crate::plugin_host::sandbox;
use crate::secrets::{KEY_FILE, KeyFileState, key_file_state};
use crate::store::job::JobState;
use crate::store::sqlite::DATABASE_FILE;
use crate::store::{self, Db, StoreError};

/// Less free space than this is a problem.
const FREE_BYTES_MIN: u64 = 1 << 30;
/// The clock may stand behind the newest event by this much.
const CLOCK_BEHIND_MAX: Span = Span::minutes(1);

/// How far the database is checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Depth {
    /// Every page, not every index against its table.
    Quick,
    Full,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    pub level: Level,
    /// What was looked at.
    pub about: String,
    pub says: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    Fine,
    /// Worth knowing.
    Note,
    /// Somebody should act.
    Problem,
}

fn finding(level: Level, about: &str, says: impl Into<String>) -> Finding {
    Finding { level, about: about.to_owned(), says: says.into() }
}

/// Looks at the desk of this process.
///
/// # Errors
/// When it cannot even be looked at.
pub async fn examine(open: &OpenDesk, depth: Depth) -> anyhow::Result<Vec<Finding>> {
    let mut findings = vec![finding(
        Level::Fine,
        "version",
        format!("Naryad {}, SQLite {}", env!("CARGO_PKG_VERSION"), rusqlite::version()),
    )];
    findings.extend(read(open, move |db| database(db, depth)).await?);
    findings.push(disk(open.folder.path())?);
    findings.push(key_file(open.folder.path()));
    let keys = open.outside.keys.clone();
    findings.extend(read(open, move |db| secrets(db, &keys)).await?);
    findings.extend(read(open, work).await?);
    let files = open.outside.files.clone();
    findings.extend(read(open, move |db| packages(db, &files)).await?);
    findings.extend(confinement());
    let now = Clock::Machine.now();
    findings.push(read(open, move |db| clock(db, now)).await?);
    Ok(findings)
}

fn database(db: &Db, depth: Depth) -> Result<Vec<Finding>, StoreError> {
    let connection = db.connection();
    let schema: String =
        connection
            .query_row("select name from migration order by ordinal desc limit 1", [], |row| row.get(0))?;
    let check = match depth {
        Depth::Quick => "pragma quick_check",
        Depth::Full => "pragma integrity_check",
    };
    let said: String = connection.query_row(check, [], |row| row.get(0))?;
    let is_broken = connection.prepare("pragma foreign_key_check")?.exists([])?;
    Ok(vec![
        finding(Level::Fine, "schema", schema),
        match (said.as_str(), is_broken) {
            ("ok", false) => finding(Level::Fine, "database", "whole"),
            ("ok", true) => {
                finding(Level::Problem, "database", "a row names another that is not there; restore a backup")
            }
            (said, _) => finding(Level::Problem, "database", format!("damaged: {said}; restore a backup")),
        },
    ])
}

fn disk(folder: &Path) -> anyhow::Result<Finding> {
    let free = fs4::available_space(folder).context("the free space is not known")?;
    let used = std::fs::metadata(folder.join(DATABASE_FILE))?.len();
    let says = format!("{} MiB free, the database has {} MiB", free >> 20, used >> 20);
    // A migration and a backup need room for a second database.
    let is_low = free < FREE_BYTES_MIN || free < used.saturating_mul(2);
    let says = if is_low { format!("{says}: too little; make room or move the folder") } else { says };
    Ok(finding(if is_low { Level::Problem } else { Level::Fine }, "disk", says))
}

fn key_file(folder: &Path) -> Finding {
    match key_file_state(folder) {
        KeyFileState::OwnerOnly => {
            finding(Level::Fine, "key file", format!("{KEY_FILE}; no backup holds it: keep a copy elsewhere"))
        }
        KeyFileState::OthersMayRead => finding(
            Level::Problem,
            "key file",
            format!("others may read {KEY_FILE}; run: chmod 600 {KEY_FILE}"),
        ),
        KeyFileState::Missing => {
            finding(Level::Problem, "key file", format!("{KEY_FILE} is gone; put its copy back"))
        }
    }
}

/// Whether every sealed secret opens with this key file.
fn secrets(db: &Db, keys: &crate::secrets::Keys) -> Result<Vec<Finding>, StoreError> {
    let mut findings = Vec::new();
    for own in store::plugin::all(db)? {
        for (name, sealed) in &own.secrets {
            let place = secret_place(own.client, &own.plugin, name);
            if keys.open_sealed(&place, sealed).is_err() {
                let client = store::client::get(db, own.client)?.map_or_else(String::new, |found| found.name);
                let says = format!(
                    "`{name}` of {} for {client} was sealed with another key file; put that {KEY_FILE} back \
                     or install the plugin again with the secret",
                    own.plugin
                );
                findings.push(finding(Level::Problem, "secret", says));
            }
        }
    }
    Ok(findings)
}

/// What waits for a person.
fn work(db: &Db) -> Result<Vec<Finding>, StoreError> {
    let (waiting, dead) = (store::job::count(db, JobState::Waiting)?, store::job::count(db, JobState::Dead)?);
    let mut findings = vec![finding(Level::Fine, "jobs", format!("{waiting} waiting"))];
    if dead > 0 {
        let says = format!("{dead} were given up; replay or drop them on the page \"Jobs\"");
        findings.push(finding(Level::Problem, "jobs", says));
    }
    if let Some(since) = store::setting::get(db, store::setting::OUTBOX_HELD)? {
        let says = format!(
            "nothing goes out since {since}: this desk was restored; look at it, then run `naryad outbox release`"
        );
        findings.push(finding(Level::Note, "outbox", says));
    }
    for client in store::client::all(db)? {
        if let Some(since) = store::pack::health(db, client.id)?.quarantined_at {
            let says = format!(
                "the script of {} stands still since {since}: mend it and publish, or release it on its page",
                client.key
            );
            findings.push(finding(Level::Problem, "script", says));
        }
    }
    Ok(findings)
}

/// Packages that are missing or damaged, and those that nobody uses.
fn packages(db: &Db, files: &store::files::Files) -> Result<Vec<Finding>, StoreError> {
    let installations = store::plugin::all(db)?;
    let mut findings = Vec::new();
    for package in store::plugin::packages(db)? {
        let name = format!("{} {}", package.plugin, package.version);
        let is_used = installations.iter().any(|own| own.package_sha256 == package.sha256);
        let is_whole = std::fs::read(files.path(&package.sha256))
            .is_ok_and(|wasm| crate::plugin_host::PackageHash::of(&wasm).as_str() == package.sha256);
        let (level, says) = match (is_used, is_whole) {
            (true, true) => (Level::Fine, format!("{name}: {}", package.signature_state)),
            (true, false) => {
                (Level::Problem, format!("{name}: its file is missing or damaged; install it again"))
            }
            (false, _) => (Level::Note, format!("{name}: no client uses this version any more")),
        };
        findings.push(finding(level, "plugin", says));
    }
    Ok(findings)
}

fn confinement() -> Vec<Finding> {
    let report = sandbox::report();
    match report.shortcomings() {
        missing if missing.is_empty() => vec![finding(Level::Fine, "sandbox", "seccomp and Landlock")],
        missing => missing.into_iter().map(|says| finding(Level::Note, "sandbox", says)).collect(),
    }
}

fn clock(db: &Db, now: Moment) -> Result<Finding, StoreError> {
    let newest: Option<i64> =
        db.connection().query_row("select max(recorded_at) from journal", [], |row| row.get(0))?;
    let newest = newest.map(Moment::from_ms).filter(|newest| *newest > now + CLOCK_BEHIND_MAX);
    Ok(match newest {
        None => finding(Level::Fine, "clock", now.to_string()),
        Some(newest) => {
            let says =
                format!("it says {now}, but the newest change is of {newest}: set the machine's clock");
            finding(Level::Problem, "clock", says)
        }
    })
}
