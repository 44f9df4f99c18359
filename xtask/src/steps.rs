//! Steps in order, each with a line and its time; the first failure ends the run unless told otherwise.

use std::fmt;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

/// One thing that must hold.
pub struct Step {
    pub name: &'static str,
    pub what: &'static str,
    pub run: fn(&Path) -> Result<Outcome>,
}

/// How a step ended when nothing is wrong.
#[derive(Debug)]
pub enum Outcome {
    Passed,
    /// It could not be tried, and why.
    Skipped(String),
}

/// What to do after a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AfterFailure {
    Stop,
    GoOn,
}

/// How many steps ended how.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Summary {
    pub passed: usize,
    pub failed: usize,
    pub skipped: usize,
    /// Behind a failure.
    pub not_run: usize,
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed, {} failed, {} skipped", self.passed, self.failed, self.skipped)?;
        if self.not_run > 0 { write!(f, ", {} not run", self.not_run) } else { Ok(()) }
    }
}

/// Runs the steps and prints each with its time.
pub fn run_all(root: &Path, steps: &[&Step], after: AfterFailure) -> Summary {
    let mut summary = Summary::default();
    let mut lines = Vec::new();
    for (at, step) in steps.iter().enumerate() {
        println!("==> {}: {}", step.name, step.what);
        let start = Instant::now();
        let outcome = (step.run)(root);
        let line = line(step.name, start.elapsed(), &outcome);
        println!("{line}\n");
        lines.push(line);
        match outcome {
            Ok(Outcome::Passed) => summary.passed += 1,
            Ok(Outcome::Skipped(_)) => summary.skipped += 1,
            Err(_) => summary.failed += 1,
        }
        if summary.failed > 0 && after == AfterFailure::Stop {
            summary.not_run = steps.len() - at - 1;
            break;
        }
    }
    println!("{}", lines.join("\n"));
    summary
}

fn line(name: &str, time: Duration, outcome: &Result<Outcome>) -> String {
    let seconds = time.as_secs_f64();
    match outcome {
        Ok(Outcome::Passed) => format!("ok      {name:<12} {seconds:>7.1} s"),
        Ok(Outcome::Skipped(why)) => format!("skipped {name:<12} {seconds:>7.1} s  {why}"),
        Err(error) => format!("FAILED  {name:<12} {seconds:>7.1} s  {error:#}"),
    }
}

/// The same cargo that runs us, without what it told us of ourselves: a build script that looks at that (ring's does)
/// would run again, and all that depends on it be built again, after every build that was not ours.
pub fn cargo(root: &Path) -> Command {
    let mut command = Command::new(std::env::var("CARGO").unwrap_or_else(|_| "cargo".into()));
    command.current_dir(root);
    let of_ours = |name: &str| name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_");
    for (name, _) in std::env::vars_os() {
        if name.to_str().is_some_and(of_ours) {
            command.env_remove(name);
        }
    }
    command
}

/// Runs a command with its output shown.
pub fn show(command: &mut Command) -> Result<Outcome> {
    let status = command.status().with_context(|| format!("cannot start {:?}", command.get_program()))?;
    if !status.success() {
        let arguments: Vec<_> = command.get_args().map(|argument| argument.to_string_lossy()).collect();
        bail!("`{} {}` ended with {status}", command.get_program().to_string_lossy(), arguments.join(" "));
    }
    Ok(Outcome::Passed)
}

/// Whether the program can be started at all.
pub fn is_there(program: &str, argument: &str) -> bool {
    Command::new(program).arg(argument).output().is_ok_and(|output| output.status.success())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passes(_: &Path) -> Result<Outcome> {
        Ok(Outcome::Passed)
    }
    fn skips(_: &Path) -> Result<Outcome> {
        Ok(Outcome::Skipped("nothing to try it with".to_owned()))
    }
    fn fails(_: &Path) -> Result<Outcome> {
        bail!("it is broken")
    }

    #[test]
    fn a_failure_ends_the_run_and_is_counted() {
        let steps = [passes, skips, fails, passes].map(|run| Step { name: "step", what: "sample", run });
        let steps: Vec<&Step> = steps.iter().collect();
        let stopped = run_all(Path::new("."), &steps, AfterFailure::Stop);
        assert_eq!(stopped.to_string(), "1 passed, 1 failed, 1 skipped, 1 not run");
        let whole = run_all(Path::new("."), &steps, AfterFailure::GoOn);
        assert_eq!(whole.to_string(), "2 passed, 1 failed, 1 skipped");
    }

    #[test]
    fn a_program_that_fails_is_named() {
        let error = show(Command::new("cargo").arg("no-such-command")).unwrap_err().to_string();
        assert!(error.contains("cargo no-such-command"), "{error}");
    }
}
