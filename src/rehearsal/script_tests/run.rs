//! Runs a pack's tests, each on a fresh copy of one desk.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::{Duration, Instant};

use rhai::{AST, ASTNode, CallFnOptions, Dynamic, Engine, EvalAltResult, Map, Position, Scope, Stmt};

use super::bench::{Bench, State};
use super::report::{Failed, Outcome, PackSource, Report, TestProblem, TestResult};
use super::stopped::Stopped;
use super::{
    acting, arranging, asserting, contracting, handles, incidents, lines, plugins, rating, reading,
    reporting, rostering, spending, story, tickets, time, working,
};
use crate::domain::TicketId;
use crate::domain::key::did_you_mean;
use crate::rehearsal::second_desk::{DeskSource, NotReady, Template};
use crate::store::run::RunState;
use crate::store::{self, StoreError};
use crate::workflow::limits::{
    ARRAY_ITEMS_MAX, CALL_DEPTH_MAX, EXPRESSION_DEPTH_MAX, FUNCTION_EXPRESSION_DEPTH_MAX, MAP_ITEMS_MAX,
    STRING_BYTES_MAX, VARIABLES_MAX, on_script_stack,
};
use crate::workflow::trace::watch;
use crate::workflow::{Finding, Footprint, ScriptCoverage, Sources};

/// Most test files of a pack.
pub const FILES_MAX: usize = 200;
/// Most tests of a pack.
pub const TESTS_MAX: usize = 2_000;
/// Longest test file, in bytes.
pub const FILE_BYTES_MAX: usize = 256 * 1024;
/// Longest that one test may take.
pub const TEST_WALL_MAX: Duration = Duration::from_secs(20);
/// Operations of one test's own code, handlers apart.
pub(super) const TEST_OPERATIONS_MAX: u64 = 5_000_000;
/// Longest array that a test may hold.
const TEST_ITEMS_MAX: usize = ARRAY_ITEMS_MAX * 10;
const SCRIPT_FILE: &str = "workflow.rhai";
const SETTINGS_FILE: &str = "client.toml";
/// What a function must be called to be a test.
const TEST_PREFIX: &str = "test_";

/// How tests are run.
#[derive(Debug, Clone, Copy)]
pub struct RunOptions {
    /// Longest that all of them may take together; those that are left are named and not run.
    pub wall_max: Duration,
    pub counting: Counting,
}

/// Whether it is counted what of the script runs. It takes a little longer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counting {
    On,
    Off,
}

impl Default for RunOptions {
    fn default() -> Self {
        let wall_max = TEST_WALL_MAX * u32::try_from(TESTS_MAX).unwrap_or(u32::MAX);
        Self { wall_max, counting: Counting::Off }
    }
}

/// Runs every test of the pack. Takes as long as they take and blocks; a thread of its own has room for deep
/// scripts.
#[must_use]
pub fn run(pack: &PackSource) -> Report {
    run_with(pack, RunOptions::default())
}

/// The same, bounded in time, and with coverage when it is asked for.
#[must_use]
pub fn run_with(pack: &PackSource, options: RunOptions) -> Report {
    let started = Instant::now();
    let mut report = on_script_stack(|| run_here(pack, options));
    report.millis = millis(started);
    report
}

fn run_here(pack: &PackSource, options: RunOptions) -> Report {
    let ends_at = Instant::now() + options.wall_max;
    let mut report = Report::default();
    let bench = Bench::empty();
    let deadline = Rc::new(Cell::new(None));
    let engine = engine(&bench, &deadline);
    let files = read_files(&engine, pack, &mut report.problems);
    let sources = pack.shared.values().map(AsRef::as_ref).chain([pack.script.as_str()]);
    let source = DeskSource {
        script: pack.script.clone(),
        settings: pack.settings.clone(),
        shared: pack.shared.clone(),
        holidays: pack.holidays.clone(),
        plugins: plugins::named_in(sources),
    };
    let mut template = match Template::prepare(&source) {
        Ok(template) => template,
        Err(error) => {
            report.problems.extend(problems_of(error));
            return report;
        }
    };
    let footprint = match options.counting {
        Counting::On => Some(count(&mut template, pack)),
        Counting::Off => None,
    };
    for file in &files {
        for (name, line) in &file.tests {
            let now = Instant::now();
            if now >= ends_at {
                let seconds = options.wall_max.as_secs();
                let problem =
                    format!("`{name}` was not run: the tests took longer than {seconds} s together");
                report.problems.push(TestProblem { line: *line, ..TestProblem::about(&file.name, problem) });
                continue;
            }
            deadline.set(Some(ends_at.min(now + TEST_WALL_MAX)));
            report.tests.push(run_one(&engine, &deadline, &bench, &mut template, file, name, *line));
        }
    }
    report.coverage = footprint.map(|footprint| ScriptCoverage::of(&footprint));
    report
}

fn count(template: &mut Template, pack: &PackSource) -> Rc<Footprint> {
    let sources =
        Sources { script: pack.script.as_str().into(), shared: pack.shared.clone(), ..Sources::default() };
    let footprint = Rc::new(Footprint::new(&sources));
    template.count(&footprint);
    footprint
}

/// A test file that could be read.
struct File {
    name: String,
    ast: AST,
    /// Names and lines, in the order of the file.
    tests: Vec<(String, usize)>,
}

fn read_files(engine: &Engine, pack: &PackSource, problems: &mut Vec<TestProblem>) -> Vec<File> {
    let mut files = Vec::new();
    if pack.tests.len() > FILES_MAX {
        problems.push(TestProblem::about("", format!("more than {FILES_MAX} test files")));
    }
    for (name, text) in pack.tests.iter().take(FILES_MAX) {
        if text.len() > FILE_BYTES_MAX {
            problems.push(TestProblem::about(name, format!("longer than {FILE_BYTES_MAX} bytes")));
            continue;
        }
        match engine.compile(text) {
            Ok(ast) => files.push(File { name: name.clone(), tests: tests_of(&ast, text), ast }),
            Err(error) => problems.push(TestProblem {
                file: name.clone(),
                line: error.1.line().unwrap_or(0),
                column: error.1.position().unwrap_or(0),
                message: error.0.to_string(),
            }),
        }
    }
    for file in &files {
        if file.tests.is_empty() {
            problems
                .push(TestProblem::about(&file.name, "has no test: no function `test_…` without parameters"));
        }
    }
    let count: usize = files.iter().map(|file| file.tests.len()).sum();
    if count > TESTS_MAX {
        problems.push(TestProblem::about("", format!("{count} tests; at most {TESTS_MAX} are run")));
        files.clear();
    }
    files
}

fn tests_of(ast: &AST, text: &str) -> Vec<(String, usize)> {
    let lines: BTreeMap<&str, usize> = text
        .lines()
        .enumerate()
        .filter_map(|(index, line)| {
            let rest = line.trim_start().strip_prefix("fn ")?;
            Some((rest.split('(').next()?.trim(), index + 1))
        })
        .collect();
    let functions = ast.iter_functions();
    let tests = functions.filter(|found| found.name.starts_with(TEST_PREFIX) && found.params.is_empty());
    let mut tests: Vec<(String, usize)> =
        tests.map(|found| (found.name.to_owned(), lines.get(found.name).copied().unwrap_or(0))).collect();
    tests.sort_by(|one, other| one.1.cmp(&other.1).then(one.0.cmp(&other.0)));
    tests
}

fn engine(bench: &Bench, deadline: &Rc<Cell<Option<Instant>>>) -> Engine {
    let mut engine = Engine::new();
    engine.set_strict_variables(true);
    engine.set_max_call_levels(CALL_DEPTH_MAX * 2);
    engine.set_max_expr_depths(EXPRESSION_DEPTH_MAX * 2, FUNCTION_EXPRESSION_DEPTH_MAX * 2);
    engine.set_max_operations(TEST_OPERATIONS_MAX);
    engine.set_max_string_size(STRING_BYTES_MAX * 4);
    engine.set_max_array_size(TEST_ITEMS_MAX);
    engine.set_max_map_size(MAP_ITEMS_MAX * 4);
    engine.set_max_variables(VARIABLES_MAX * 4);
    for word in ["eval", "sleep", "exit"] {
        engine.disable_symbol(word);
    }
    engine.on_print(|_| {});
    engine.on_debug(|_, _, _| {});
    let deadline = Rc::clone(deadline);
    engine.on_progress(move |_| {
        let is_over = deadline.get().is_some_and(|deadline| Instant::now() > deadline);
        is_over.then(|| "the test took too long".into())
    });
    handles::register(&mut engine);
    time::register(&mut engine, bench);
    arranging::register(&mut engine, bench);
    rostering::register(&mut engine, bench);
    contracting::register(&mut engine, bench);
    spending::register(&mut engine, bench);
    reading::register(&mut engine);
    tickets::register(&mut engine, bench);
    acting::register(&mut engine, bench);
    incidents::register(&mut engine);
    lines::register(&mut engine);
    rating::register(&mut engine, bench);
    working::register(&mut engine, bench);
    reporting::register(&mut engine);
    asserting::register(&mut engine, bench);
    engine
}

fn run_one(
    engine: &Engine,
    deadline: &Rc<Cell<Option<Instant>>>,
    bench: &Bench,
    template: &mut Template,
    file: &File,
    name: &str,
    line: usize,
) -> TestResult {
    let started = Instant::now();
    let mut failed = match template.fresh() {
        Ok(desk) => {
            bench.put(desk);
            call(engine, bench, &file.ast, name)
        }
        Err(error) => Some(Failed::about(error.to_string())),
    };
    if let Some(failed) = &mut failed {
        failed.story = story::tell(bench);
    }
    let is_stopped = failed.as_ref().is_some_and(|failed| failed.code.is_some());
    let mut unanswered = Vec::new();
    if let Some(state) = bench.take() {
        unanswered = unanswered_calls(&state);
        template.take_back(state.desk);
    }
    if let Some(failed) = failed.as_mut().filter(|_| is_stopped) {
        let place = place_of_stop(bench, deadline, template, file, name);
        // What nothing else has a place for is the test's.
        failed.line = place.line().unwrap_or(line);
        failed.column = place.position().unwrap_or(1);
    }
    TestResult {
        name: name.to_owned(),
        file: file.name.clone(),
        line,
        outcome: if failed.is_none() { Outcome::Passed } else { Outcome::Failed },
        millis: millis(started),
        failed,
        unanswered,
    }
}

/// Rhai forgets the place of a limit on its way up: the test runs once more, and the last place that is seen is the one.
fn place_of_stop(
    bench: &Bench,
    deadline: &Rc<Cell<Option<Instant>>>,
    template: &mut Template,
    file: &File,
    name: &str,
) -> Position {
    let seen = Rc::new(Cell::new(Position::NONE));
    let last = Rc::clone(&seen);
    let mut engine = engine(bench, deadline);
    watch(&mut engine, move |_, node, _, position| {
        // The end of a function is shown too, as a statement that does nothing.
        if !position.is_none() && !matches!(node, ASTNode::Stmt(Stmt::Noop(_))) {
            last.set(position);
        }
    });
    let Ok(desk) = template.fresh() else { return Position::NONE };
    bench.put(desk);
    drop(call(&engine, bench, &file.ast, name));
    if let Some(state) = bench.take() {
        template.take_back(state.desk);
    }
    seen.get()
}

/// Runs a test; the answer is why it failed, if it did.
fn call(engine: &Engine, bench: &Bench, ast: &AST, name: &str) -> Option<Failed> {
    let options = CallFnOptions::new().eval_ast(false);
    let answer = engine.call_fn_with_options::<Dynamic>(options, &mut Scope::new(), ast, name, ());
    let failing = bench.with(|state| Ok(state.failing.take())).ok().flatten();
    if let Some(failing) = failing {
        return Some(Failed {
            line: failing.position.line().unwrap_or(0),
            column: failing.position.position().unwrap_or(0),
            message: failing.message,
            expected: failing.expected,
            actual: failing.actual,
            ..Failed::about(String::new())
        });
    }
    if let Err(error) = answer {
        return Some(failed_by(&error));
    }
    bench.with(|state| Ok(unexpected_failures(state))).unwrap_or_default()
}

/// The error that ended a test, in a sentence with its place.
fn failed_by(error: &EvalAltResult) -> Failed {
    let mut innermost = error;
    while let EvalAltResult::ErrorInFunctionCall(_, _, inner, _) = innermost {
        innermost = inner;
    }
    if let Some(stopped) = Stopped::by(innermost) {
        return Failed {
            code: Some(stopped.code().to_owned()),
            values: stopped.values(),
            ..Failed::about(stopped.message())
        };
    }
    let position = innermost.position();
    let message = match innermost {
        EvalAltResult::ErrorRuntime(value, _) => match value.clone().try_cast::<Map>() {
            Some(refusal) => {
                let part = |name: &str| refusal.get(name).map(ToString::to_string).unwrap_or_default();
                format!("the desk refused it: {} ({})", part("message"), part("code"))
            }
            None => value.to_string(),
        },
        other => bare(other),
    };
    Failed {
        line: position.line().unwrap_or(0),
        column: position.position().unwrap_or(0),
        ..Failed::about(message)
    }
}

/// Rhai writes the place behind the sentence; it is told apart here.
fn bare(error: &EvalAltResult) -> String {
    let mut error = error.to_string();
    if let Some(place) = error.rfind(" (line ") {
        error.truncate(place);
    }
    error
}

impl Failed {
    fn about(message: String) -> Self {
        let (code, values, story) = Default::default();
        Failed { line: 0, column: 0, message, code, values, expected: None, actual: None, story }
    }
}

/// Runs of the script that failed though the test does not want that.
fn unexpected_failures(state: &State) -> Option<Failed> {
    if state.expects_failed_runs {
        return None;
    }
    match failed_runs(state) {
        Ok(runs) if runs.is_empty() => None,
        Ok(runs) => {
            let count = runs.len();
            let first = &runs[0];
            Some(Failed::about(format!(
                "the script failed {count} time(s) and the test did not say `expect_failed_runs()`: {first}"
            )))
        }
        Err(error) => Some(Failed::about(error.to_string())),
    }
}

fn failed_runs(state: &State) -> Result<Vec<String>, StoreError> {
    let mut failed = Vec::new();
    for ticket in store::ticket::ids_after(state.desk.db(), TicketId(0), usize::from(u16::MAX))? {
        for run in store::run::of_ticket(state.desk.db(), ticket)? {
            if run.state != RunState::Applied {
                let why = run.failure.unwrap_or_default();
                failed.push(format!("{}: {why}", run.handler));
            }
        }
    }
    Ok(failed)
}

fn unanswered_calls(state: &State) -> Vec<String> {
    let calls = state.desk.open_calls().unwrap_or_default();
    calls.into_iter().map(|call| format!("{}.{}", call.plugin, call.function)).collect()
}

/// What is wrong with the pack itself.
fn problems_of(error: NotReady) -> Vec<TestProblem> {
    match error {
        NotReady::Holidays(key, error) => {
            vec![TestProblem::about(&format!("holidays/{key}.ics"), error.to_string())]
        }
        NotReady::Settings(error) => vec![TestProblem {
            file: SETTINGS_FILE.to_owned(),
            line: error.line,
            column: error.column,
            message: error.message,
        }],
        NotReady::Script(findings) => findings.iter().map(problem_of).collect(),
        NotReady::Desk(error) => vec![TestProblem::about("", error.to_string())],
    }
}

fn problem_of(finding: &Finding) -> TestProblem {
    let hint = did_you_mean(finding.nearest.as_deref());
    TestProblem {
        file: finding.module.clone().unwrap_or_else(|| SCRIPT_FILE.to_owned()),
        line: finding.line,
        column: finding.column,
        message: format!("{}{hint}", finding.message),
    }
}

fn millis(started: Instant) -> u64 {
    u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX)
}
