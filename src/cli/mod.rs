//! The command line: what `naryad` can be told to do, and the only wiring of the rooms.

pub mod args;

pub mod folder;
pub mod open_desk;
pub mod operation;

mod control;
mod frames;
mod outlet;
mod session;

mod gauges;
mod serve;

mod accounts;
mod archive;
mod backtest;
mod doctor_report;
mod exchange;
mod kit;
mod open_tickets;
mod outbox;
mod plugin;
mod recompute;
mod servicenow;
mod unified;
mod workflow;
mod workflow_fmt;

pub mod backup;
pub mod demo;
pub mod doctor;
pub mod import;
pub mod install;
pub mod packs;
pub mod plugin_room;
pub mod restore;

use std::io::IsTerminal;
use std::process::ExitCode;

use anyhow::Context;
use clap::Parser;
use tracing_subscriber::EnvFilter;

use args::{Args, Verb};

/// What the log shows unless `NARYAD_LOG` says otherwise.
const LOG_DEFAULT: &str = "info";
const LOG_DEFAULT_OF_ONE_SHOT: &str = "warn";
/// A command of one moment that found something wrong, as against one that failed.
const EXIT_FOUND_SOMETHING: u8 = 1;
const EXIT_FAILED: u8 = 2;

/// How a command that did not fail ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    Well,
    /// A check has findings, a test failed, a row was refused.
    WithFindings,
}

/// Reads the command line and does what it says.
#[must_use]
pub fn run() -> ExitCode {
    // What the desk writes is nobody else's to read, whatever folder it is given.
    // SAFETY: sets a number of the process, before it has a second thread.
    #[cfg(unix)]
    unsafe {
        libc::umask(0o077);
    }
    // Before anything has a second thread: the children confine themselves as whole processes.
    match std::env::args().nth(1).as_deref() {
        Some("plugin-host") => return child(crate::plugin_host::child::run()),
        Some("plugin-compile") => return child(crate::plugin_host::compile_child::run()),
        _ => {}
    }
    let args = Args::parse();
    let log = if args.verb.is_lasting() { LOG_DEFAULT } else { LOG_DEFAULT_OF_ONE_SHOT };
    let filter = EnvFilter::try_from_env("NARYAD_LOG").unwrap_or_else(|_| EnvFilter::new(log));
    let colours = std::io::stderr().is_terminal();
    // Nobody need read the log: what cannot be written is dropped, where a complaint about it would end the process.
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(colours)
        .log_internal_errors(false)
        .init();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let ended = runtime.context("the runtime cannot be started").and_then(|runtime| {
        let ended = runtime.block_on(carry_out(args.verb));
        // A read that hangs on a dead disk must not keep the process.
        runtime.shutdown_timeout(std::time::Duration::from_secs(2));
        ended
    });
    match ended {
        Ok(Ended::Well) => ExitCode::SUCCESS,
        Ok(Ended::WithFindings) => ExitCode::from(EXIT_FOUND_SOMETHING),
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::from(EXIT_FAILED)
        }
    }
}

fn child(ended: anyhow::Result<()>) -> ExitCode {
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn carry_out(verb: Verb) -> anyhow::Result<Ended> {
    match verb {
        Verb::Serve(serve) => serve::serve(serve).await,
        Verb::Demo(demo) => demo::start::start(demo).await,
        Verb::Admin { verb: args::AdminVerb::Create(create) } => accounts::create_administrator(create).await,
        Verb::Token { verb: args::TokenVerb::Create(create) } => accounts::create_token(create).await,
        Verb::Workflow { verb } => match verb {
            args::WorkflowVerb::Check { pack, client: None, .. } => workflow::check(&pack),
            args::WorkflowVerb::Check { pack, client: Some(client), folder } => {
                workflow::check_on_desk(&pack, client, &folder.dir).await
            }
            args::WorkflowVerb::Fmt(asked) => workflow_fmt::fmt(&asked),
            args::WorkflowVerb::Test(asked) => workflow::test(&asked),
            args::WorkflowVerb::TestFrom { ticket, folder } => workflow::test_from(ticket, &folder.dir).await,
            args::WorkflowVerb::Publish(publish) if publish.preview => open_tickets::preview(publish).await,
            args::WorkflowVerb::Definitions => workflow::definitions(),
            args::WorkflowVerb::Publish(publish) => workflow::publish(publish).await,
            args::WorkflowVerb::Pull(pull) => exchange::pull(pull).await,
            args::WorkflowVerb::Push(push) => exchange::push(push).await,
            args::WorkflowVerb::Diff(asked) => exchange::diff(asked).await,
            args::WorkflowVerb::Backtest(asked) => backtest::backtest(*asked).await,
        },
        Verb::Plugin { verb } => match verb {
            args::PluginVerb::Install(install) => plugin::install(*install).await,
            args::PluginVerb::List { folder } => plugin::list(&folder.dir).await,
            args::PluginVerb::Kit(verb) => kit::carry_out(verb).await,
            args::PluginVerb::Call(call) => plugin::call(call).await,
        },
        Verb::Import { verb: args::ImportVerb::Servicenow(import) } => servicenow::import(import).await,
        Verb::Backup { to, folder } => archive::backup(&to, &folder.dir).await,
        Verb::Restore { from, folder } => archive::restore(&from, &folder.dir),
        Verb::Outbox { verb: args::OutboxVerb::Release { folder } } => outbox::release(&folder.dir).await,
        Verb::Recompute(recompute) => recompute::recompute(recompute).await,
        Verb::Holidays(holidays) => recompute::holidays(holidays).await,
        Verb::Doctor { folder, full } => {
            let depth = if full { doctor::Depth::Full } else { doctor::Depth::Quick };
            doctor_report::doctor(&folder.dir, depth).await
        }
        Verb::PluginHost | Verb::PluginCompile => anyhow::bail!("this command is for the desk itself"),
    }
}
