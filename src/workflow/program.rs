//! A compiled script and one run of it: facts in, commands out.

use std::any::Any;
use std::collections::BTreeSet;
use std::panic::AssertUnwindSafe;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use rhai::{AST, CallFnOptions, Dynamic, Engine, Scope};

use super::allocation::Counting;
use super::api::{self, IncidentRef, OrderRef, ReportRef, TaskRef, TicketRef, UpdateRef};
use super::check::{Finding, Wrong};
use super::engine::{SharedSources, engine, globals, parse};
use super::facts::{Fact, FactKey, Facts};
use super::failure::{Failure, FailureKind};
use super::footprint::Footprint;
use super::limits::{Guard, RUN_WALL_MAX, on_script_stack};
use super::occasion::Occasion;
use super::state::{Asked, Remains, Shared, State};
use super::trace::watch;
use crate::domain::TicketId;
use crate::domain::calendar::{HolidayLists, Lists};
use crate::domain::calendars::Calendars;
use crate::domain::pack::{Pack, SCRIPT_BYTES_MAX};

/// The texts that a program is made of.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    pub script: Arc<str>,
    /// `workflows/shared/`, by the path that `import` names.
    pub shared: SharedSources,
    /// The holiday lists that the pack's calendars name.
    pub holidays: HolidayLists,
}

impl Sources {
    /// A script that imports nothing.
    #[must_use]
    pub fn alone(script: &str) -> Self {
        Self { script: script.into(), ..Self::default() }
    }
}

/// A compiled script with its pack. Lives on one thread; make it once and run it often.
pub struct Program {
    engine: Engine,
    ast: AST,
    guard: Rc<Guard>,
    calendars: Rc<Calendars>,
    pack: Arc<Pack>,
    sources: Sources,
    /// Imports and constants of the script must be played before each run.
    has_statements: bool,
    /// Counts what runs.
    footprint: Option<Rc<Footprint>>,
}

impl std::fmt::Debug for Program {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Program").field("pack", &self.pack.key).finish_non_exhaustive()
    }
}

/// What a handler is called for that is about no single ticket.
pub const NO_TICKET: TicketId = TicketId(0);

/// A guard's no.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// What of the request it is about: `category`, `fields.act_number`.
    pub field: String,
    /// For the person.
    pub message: String,
}

/// What a run did. Recorded by the caller.
#[derive(Debug, Clone, PartialEq)]
pub struct Run {
    /// The function of the script that was called.
    pub handler: String,
    pub asked: Result<Vec<Asked>, Failure>,
    /// What a guard refused; the first, when it refused several things.
    pub refused: Option<Refused>,
    /// What a failed run had asked for before it failed; nothing of it is carried out.
    pub undone: Vec<Asked>,
    /// What was read, in order, each once; enough to run it again.
    pub facts: Vec<(FactKey, Fact)>,
    pub operations: u64,
    pub elapsed: Duration,
    pub memory_bytes_peak: u64,
}

/// Compiles a script that has passed [`check`](super::check()) against its own pack: a published version has. It is
/// not checked once more, for a check has a limit of wall time, and no clock may say whether what was published
/// runs. What bounds compiling is the script's length and the limits of the engine's parser. Call it on a thread
/// with `SCRIPT_STACK_BYTES` of stack. `wall_max` is `RUN_WALL_MAX` but in a debug build, which runs scripts many
/// times slower.
pub fn compile(sources: Sources, pack: Arc<Pack>, wall_max: Duration) -> Result<Program, Vec<Finding>> {
    if sources.script.len() > SCRIPT_BYTES_MAX {
        let bytes = sources.script.len();
        let wrong = Wrong::ScriptTooLong { bytes, bytes_max: SCRIPT_BYTES_MAX };
        return Err(vec![Finding::about_pack(&wrong)]);
    }
    let calendars = Calendars::new(&pack, Lists::Known(&sources.holidays)).map_err(|fault| {
        vec![Finding::about_pack(&Wrong::Other { detail: format!("client.toml: {}", fault.message) })]
    })?;
    let guard = Rc::new(Guard::new(wall_max));
    let engine = engine(guard.clone(), &sources.shared);
    let ast = parse(&engine, &sources.script).map_err(|error| vec![Finding::of_parse_error(&error)])?;
    let has_statements = !ast.statements().is_empty();
    let calendars = Rc::new(calendars);
    Ok(Program { engine, ast, guard, calendars, pack, sources, has_statements, footprint: None })
}

/// The names of a script's own functions, read on a thread with room for any script; none of one that cannot be
/// parsed.
#[must_use]
pub fn functions(script: &str) -> BTreeSet<String> {
    on_script_stack(|| {
        let engine = engine(Rc::new(Guard::new(RUN_WALL_MAX)), &SharedSources::new());
        let ast = parse(&engine, script);
        ast.map(|ast| ast.iter_functions().map(|own| own.name.to_owned()).collect()).unwrap_or_default()
    })
}

impl Program {
    #[must_use]
    pub fn pack(&self) -> &Arc<Pack> {
        &self.pack
    }

    #[must_use]
    pub fn sources(&self) -> &Sources {
        &self.sources
    }

    /// The syntax tree, and whether something of it must be played before each run.
    #[must_use]
    pub fn ast(&self) -> (&AST, bool) {
        (&self.ast, self.has_statements)
    }

    /// Counts from now on what of the script runs. Runs take several times as long.
    pub fn count(&mut self, footprint: &Rc<Footprint>) {
        self.footprint = Some(Rc::clone(footprint));
        let footprint = Rc::clone(footprint);
        watch(&mut self.engine, move |context, node, module, position| {
            footprint.see(node, module, position, context.call_level());
        });
    }

    #[must_use]
    pub fn calendars(&self) -> &Rc<Calendars> {
        &self.calendars
    }

    #[must_use]
    pub fn has_function(&self, name: &str) -> bool {
        self.ast.iter_functions().any(|function| function.name == name)
    }

    /// Whether the script has a function for it at all; without one there is nothing to run.
    #[must_use]
    pub fn has_handler(&self, occasion: &Occasion) -> bool {
        self.has_function(occasion.handler())
    }
}

/// Runs the script's handler for the occasion. Synchronous; touches nothing but the facts. The same facts make
/// the same commands. Ask [`Program::has_handler`] first: a run without a handler is a failed one.
#[must_use]
pub fn decide(program: &Program, ticket: TicketId, occasion: &Occasion, facts: Rc<dyn Facts>) -> Run {
    let state =
        State::new(facts, program.pack.clone(), program.calendars.clone(), program.guard.clone(), ticket);
    let run = run(&program.engine, &program.ast, program.has_statements, &state, occasion);
    if let Some(footprint) = &program.footprint {
        footprint.end_run(run.asked.is_err());
    }
    run
}

/// One watched run of a handler. Also a trace's, over its own engine.
pub fn run(engine: &Engine, ast: &AST, has_statements: bool, state: &Shared, occasion: &Occasion) -> Run {
    let counting = Counting::start();
    state.guard.start();
    state.set_guard(occasion.is_guard());
    let handler = occasion.handler();
    let called = std::panic::catch_unwind(AssertUnwindSafe(|| {
        let options =
            CallFnOptions::new().eval_ast(has_statements).rewind_scope(true).with_tag(state.clone());
        let mut args = arguments(state.ticket, occasion);
        if matches!(occasion, Occasion::Rung { .. }) {
            // A rung may leave out what it is about.
            let takes = ast.iter_functions().find(|function| function.name == handler);
            args.truncate(takes.map_or(args.len(), |function| function.params.len()));
        }
        engine.call_fn_with_options::<Dynamic>(options, &mut scope(has_statements), ast, handler, args)
    }));
    let (elapsed, operations) = (state.guard.elapsed(), state.guard.operations());
    let memory_bytes_peak = counting.peak_bytes();
    let Remains { facts, asked, fatal, refused } = state.take();
    drop(counting);
    let failure = match called {
        Ok(Ok(_)) => fatal.map(|fault| Failure::without_place(fault.kind, fault.message)),
        Ok(Err(error)) => Some(Failure::of(&error, &state.guard, fatal)),
        Err(panic) => Some(Failure::without_place(FailureKind::Panicked, panic_words(&*panic))),
    };
    let (asked, undone) = match failure {
        None => (Ok(asked), Vec::new()),
        Some(failure) => (Err(failure), asked),
    };
    Run { handler: handler.to_owned(), asked, refused, undone, facts, operations, elapsed, memory_bytes_peak }
}

fn scope(has_statements: bool) -> Scope<'static> {
    if has_statements { globals() } else { Scope::new() }
}

fn panic_words(panic: &(dyn Any + Send)) -> String {
    let words = panic.downcast_ref::<&str>().copied();
    let words = words.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    format!("a defect of the desk: {}", words.unwrap_or("it panicked"))
}

fn arguments(ticket: TicketId, occasion: &Occasion) -> Vec<Dynamic> {
    if let Occasion::Schedule { name } = occasion {
        return vec![name.to_string().into()];
    }
    let mut args = vec![Dynamic::from(TicketRef(ticket))];
    match occasion {
        Occasion::Opened | Occasion::Resolved | Occasion::Closed | Occasion::Reopened => {}
        Occasion::Changed(change) => args.push(api::change_of(change)),
        Occasion::Comment { text, visibility, attachments, author, asks_client } => {
            args.push(api::comment_of(*text, *visibility, attachments.len(), author, *asks_client));
        }
        Occasion::TaskDone { task } => args.push(Dynamic::from(TaskRef { ticket, task: *task })),
        Occasion::WorkOrder { order } => args.push(Dynamic::from(OrderRef { ticket, order: *order })),
        Occasion::Report { order, number } => {
            args.push(Dynamic::from(ReportRef { ticket, order: *order, number: *number }));
        }
        Occasion::Rated { answer } => args.push(api::rating_of(*answer)),
        Occasion::Schedule { .. } => {}
        Occasion::Accepting { person } => args.push(api::person_of(*person)),
        Occasion::Resolving { resolution } | Occasion::Closing { resolution } => {
            args.push(resolution.to_string().into());
        }
        Occasion::NotCovered { coverage } => args.push(api::coverage_of(coverage)),
        Occasion::Unassigned { attempt, rejections } => args.push(api::attempt_of(*attempt, rejections)),
        Occasion::ShiftEnded { person } => args.push(Dynamic::from(api::PersonRef(*person))),
        Occasion::AssignmentReturned { person } => args.push(api::person_of(*person)),
        Occasion::Timer { name } => args.push(name.to_string().into()),
        Occasion::Rung { about, .. } => args.extend(api::about_of(ticket, *about)),
        Occasion::Sla { target, percent, overdue_minutes, due_at } => {
            args.push(api::sla_alarm_of(target, *percent, *overdue_minutes, *due_at));
        }
        Occasion::Attached { incident } => args.push(Dynamic::from(IncidentRef(*incident))),
        Occasion::IncidentUpdate { incident, text } => {
            args.push(Dynamic::from(IncidentRef(*incident)));
            args.push(Dynamic::from(UpdateRef(*text)));
        }
        Occasion::PluginAnswer { plugin, function, context, answer, .. } => {
            args.push(api::answer_of(plugin, function, answer));
            args.push(api::dynamic_of(context));
        }
    }
    args
}
