//! `recompute` and `holidays`: time is counted anew after a look at the difference; holiday lists are imported.

use std::fs;

use anyhow::{Context, anyhow, ensure};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::Ended;
use super::args::{Holidays, Recompute};
use super::folder::Missing;
use super::open_desk::OpenDesk;
use super::operation::{Operation, read, run};
use super::session::ask;
use crate::commands::Done;
use crate::commands::recount::{ClockChange, Recount, compare};
use crate::domain::calendar::ICS_BYTES_MAX;
use crate::domain::command::Command;
use crate::domain::{ClientId, Span, TicketId};
use crate::store;

/// Tickets that are read at once.
const TICKETS_AT_ONCE: usize = 200;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Recounting {
    /// Shows the difference and saves nothing.
    Compare,
    Apply,
}

pub async fn recompute(recompute: Recompute) -> anyhow::Result<Ended> {
    let mode = if recompute.apply { Recounting::Apply } else { Recounting::Compare };
    let operation = Operation::Recompute { client: recompute.client, mode };
    let answer: Value = ask(&recompute.folder.dir, Missing::Refuse, operation, Vec::new()).await?;
    for line in answer["lines"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        println!("{line}");
    }
    for line in answer["refused"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        eprintln!("{line}");
    }
    let changed = answer["changed"].as_i64().unwrap_or_default();
    match mode {
        Recounting::Compare => println!("{changed} ticket(s) would be counted anew; --apply does it."),
        Recounting::Apply => println!("{changed} ticket(s) are counted anew."),
    }
    let is_whole = answer["refused"].as_array().is_none_or(Vec::is_empty);
    Ok(if is_whole { Ended::Well } else { Ended::WithFindings })
}

pub async fn holidays(holidays: Holidays) -> anyhow::Result<Ended> {
    let shown = holidays.file.display();
    let cannot = || format!("{shown} cannot be read");
    let bytes = fs::metadata(&holidays.file).with_context(cannot)?.len();
    ensure!(bytes <= ICS_BYTES_MAX as u64, "{shown} has {bytes} bytes; at most {ICS_BYTES_MAX} are taken");
    let bytes = fs::read(&holidays.file).with_context(cannot)?;
    let source = String::from_utf8(bytes).with_context(|| format!("{shown} is not UTF-8"))?;
    let operation = Operation::PutHolidays { client: holidays.client, key: holidays.key.clone(), source };
    let answer = ask(&holidays.folder.dir, Missing::Refuse, operation, Vec::new()).await;
    let done: Done = answer.map_err(|error| about_file(error, &shown.to_string()))?;
    println!("{} is import {} of `{}`.", shown, done.version.unwrap_or_default(), holidays.key);
    Ok(Ended::Well)
}

/// What the desk says of the text that it was given is about the file.
fn about_file(error: anyhow::Error, file: &str) -> anyhow::Error {
    match format!("{error:#}").strip_prefix("source: ") {
        Some(said) => anyhow!("{file}: {said}"),
        None => error,
    }
}

/// Every open ticket of the client, one after the other.
pub(super) async fn carry_out(open: &OpenDesk, client: ClientId, mode: Recounting) -> anyhow::Result<Value> {
    let now = open.desk.now();
    let prefix = read(open, move |db| store::client::get(db, client)).await?.map(|client| client.prefix);
    let prefix = prefix.unwrap_or_default();
    let (mut lines, mut refused, mut changed) = (Vec::new(), Vec::new(), 0);
    let mut after = TicketId(0);
    loop {
        let next = now + Span::from_ms(1);
        let page =
            read(open, move |db| store::ticket::open_within(db, client, after, now, next, TICKETS_AT_ONCE))
                .await?;
        let Some(last) = page.last() else { break };
        after = last.id;
        for ticket in page {
            let id = ticket.id;
            let number = format!("{prefix}-{}", ticket.number);
            let readers = open.readers.clone();
            let found = tokio::task::spawn_blocking(move || readers.read(|db| compare(db, id, None, now)));
            match found.await? {
                Ok(recount) if recount.is_changed => {
                    if mode == Recounting::Apply
                        && let Err(error) = run(open, Command::RecomputeClocks { ticket: id, to: None }).await
                    {
                        refused.push(format!("{number}: {error:#}"));
                        continue;
                    }
                    changed += 1;
                    lines.push(line(&number, &recount));
                }
                Ok(_) => {}
                Err(error) => refused.push(format!("{number}: {error}")),
            }
        }
    }
    Ok(json!({ "lines": lines, "refused": refused, "changed": changed }))
}

/// `BANK-1042: resolution 120 of 480 -> 95 of 480 minutes`.
fn line(number: &str, recount: &Recount) -> String {
    let minutes = |span: Span| span.ms() / Span::minutes(1).ms();
    let figures = |side: &Option<crate::commands::recount::ClockFigures>| {
        side.map_or_else(
            || "none".to_owned(),
            |figures| format!("{} of {}", minutes(figures.used), minutes(figures.limit)),
        )
    };
    let differs = |change: &&ClockChange| change.before != change.after;
    let changes: Vec<String> = recount
        .clocks
        .iter()
        .filter(differs)
        .map(|one| format!("{} {} -> {} minutes", one.target, figures(&one.before), figures(&one.after)))
        .collect();
    let changes = if changes.is_empty() { "the same minutes".to_owned() } else { changes.join("; ") };
    format!("{number}: {changes}")
}
