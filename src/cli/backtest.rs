//! `workflow backtest`: beside a desk that runs, or on a folder that nobody holds.

use std::fs::File;
use std::io::{BufWriter, IsTerminal};
use std::time::Duration;

use anyhow::{Context, bail};

use super::Ended;
use super::args::WorkflowBacktest;
use super::control::Control;
use super::folder::{Folder, Hold, Missing};
use super::open_desk::OpenDesk;
use super::workflow::read_pack;
use crate::clock::Clock;
use crate::config::Config;
use crate::domain::{ClientId, Key};
use crate::rehearsal::backtest::{
    BacktestError, BacktestReport, Draft, ErrorCount, Limits, Outcome, Plan, Progress, run,
};
use crate::store::{self, Readers, StoreError};

/// How often somebody at a terminal is told how far it is.
const TELL_EVERY: Duration = Duration::from_secs(1);

pub async fn backtest(asked: WorkflowBacktest) -> anyhow::Result<Ended> {
    let dir = asked.folder.dir.clone();
    match Folder::take(&dir, Missing::Refuse)? {
        Hold::Theirs(holder) => {
            // Says so when the desk that runs is another version.
            drop(Control::connect(&dir, holder).await?);
            carry_out(Readers::beside(&dir), asked).await
        }
        Hold::Ours(folder) => {
            let config = Config::load(folder.path())?;
            let open = OpenDesk::open(folder, config)?;
            let ended = carry_out(open.readers.clone(), asked).await;
            open.close().await;
            ended
        }
    }
}

async fn carry_out(readers: Readers, asked: WorkflowBacktest) -> anyhow::Result<Ended> {
    let draft = match &asked.pack {
        Some(folder) => {
            let files = read_pack(folder)?;
            let (script, settings) = (files.script, files.settings);
            Draft::Texts { script, settings, modules: files.modules, holidays: files.holidays }
        }
        None => Draft::Saved,
    };
    let client = find_client(&readers, &asked.client)?;
    let plan = Plan { client, from: asked.from, to: asked.to, draft, limits: Limits::default() };
    let progress = Progress::default();
    let work = {
        let progress = progress.clone();
        tokio::task::spawn_blocking(move || run(&readers, &plan, Clock::Machine.now(), &progress))
    };
    let outcome = told(work, &progress).await?;
    match outcome {
        Ok(outcome) => {
            println!("{}", outcome.report);
            show_errors(&outcome.report);
            show_lost(&outcome.report);
            if let Some(path) = &asked.json {
                let cannot = || format!("{} cannot be written", path.display());
                let file = File::create(path).with_context(cannot)?;
                outcome.write_json(BufWriter::new(file)).with_context(cannot)?;
            }
            Ok(if outcome.report.is_empty() { Ended::Well } else { Ended::WithFindings })
        }
        Err(BacktestError::Findings(findings)) => {
            for finding in &findings {
                println!("{finding}");
            }
            bail!("the draft has {} finding(s) and is not played", findings.len())
        }
        Err(error) => Err(error.into()),
    }
}

/// Waits for the end; says now and then how far it is, and ends it in order when it is interrupted.
async fn told(
    mut work: tokio::task::JoinHandle<Result<Outcome, BacktestError>>,
    progress: &Progress,
) -> anyhow::Result<Result<Outcome, BacktestError>> {
    let is_watched = std::io::stderr().is_terminal();
    loop {
        tokio::select! {
            ended = &mut work => {
                if is_watched {
                    eprintln!();
                }
                return Ok(ended?);
            }
            _ = tokio::signal::ctrl_c() => progress.cancel(),
            () = tokio::time::sleep(TELL_EVERY) => {
                if is_watched {
                    let stand = progress.stand();
                    let phase = serde_json::to_value(stand.phase)?;
                    let phase = phase.as_str().unwrap_or_default().replace('_', " ");
                    eprint!("\r{phase}: {} of {}        ", stand.done, stand.total);
                }
            }
        }
    }
}

fn find_client(readers: &Readers, key: &Key) -> anyhow::Result<ClientId> {
    let clients = readers.read::<_, StoreError>(store::client::all)?;
    match clients.iter().find(|client| client.key == *key) {
        Some(client) => Ok(client.id),
        None => bail!("there is no client `{key}` on this desk"),
    }
}

/// Which errors the scripts made.
fn show_errors(report: &BacktestReport) {
    const SHOWN_MAX: usize = 20;
    let place = |count: &ErrorCount| match (count.count, count.line) {
        (0, _) => String::new(),
        (count, 0) => format!("{count} ×"),
        (count, line) => format!("{count} × line {line}"),
    };
    if !report.errors.is_empty() {
        println!("\n{:<28}{:>16}{:>16}", "script errors", "published", "draft");
    }
    for error in report.errors.iter().take(SHOWN_MAX) {
        let module = error.module.as_ref().map_or_else(String::new, |module| format!(" in {module}"));
        let (was, is) = (place(&error.published), place(&error.draft));
        println!("{:<28}{was:>16}{is:>16}  {}{module}", error.handler, error.message);
        let numbers: Vec<String> = error.tickets.iter().map(|one| one.number.to_string()).collect();
        if !numbers.is_empty() {
            println!("{:<28}tickets {}, …", "", numbers.join(", "));
        }
    }
    if report.errors.len() > SHOWN_MAX {
        println!("and {} more; --json has them", report.errors.len() - SHOWN_MAX);
    }
}

/// The first few commands that came to nothing with the draft.
fn show_lost(report: &BacktestReport) {
    const SHOWN_MAX: usize = 10;
    let lost = report.draft.not_applied.first.iter().chain(&report.draft.unknown.first);
    for one in lost.take(SHOWN_MAX) {
        let why = serde_json::to_value(one.why).unwrap_or_default();
        let said = one.said.as_deref().or(why.as_str()).unwrap_or_default();
        println!("{} {}: {said}", one.at, one.command);
    }
}
