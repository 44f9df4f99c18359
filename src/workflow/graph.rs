//! Where a script can lead a ticket: each place that sets a status, a queue or asks a department, and what is known
//! there of where the ticket stood before.

mod follow;
mod knowledge;

use std::collections::BTreeSet;
use std::rc::Rc;

use rhai::{AST, Position};

use self::follow::Follow;
use self::knowledge::Knowledge;
use super::api::{HANDLERS, Kind};
use super::check::{Own, own};
use super::engine::{SharedSources, engine, parse};
use super::limits::{Guard, RUN_WALL_MAX, on_script_stack};
use super::shape::Shape;
use super::source::Source;
use crate::domain::pack::{Pack, Phase};
use crate::domain::state_graph::{GraphStep, KnownKeys, ScriptSteps, WayKind};

/// The handler in which the ticket still has the status that the desk gave it.
const OPENED: &str = "on_opened";

/// What a script and the shared modules that it imports can do with a ticket. Nothing when the text is no script. Each
/// handler is followed through the functions that it calls; a place that no handler leads to is there too, with
/// nothing known of where the ticket stood.
#[must_use]
pub fn steps(script: &str, shared: &SharedSources, pack: &Pack) -> Option<ScriptSteps> {
    on_script_stack(|| {
        let mut seen = BTreeSet::new();
        let mut found = ScriptSteps { steps: Vec::new(), is_whole: true };
        of_text(script, None, shared, pack, &mut found)?;
        let mut waiting = imports(script, shared);
        while let Some(path) = waiting.pop() {
            let Some(text) = shared.get(&path).filter(|_| seen.insert(path.clone())) else { continue };
            of_text(text, Some(&path), shared, pack, &mut found);
            waiting.extend(imports(text, shared));
        }
        found.steps.sort();
        found.steps.dedup();
        Some(found)
    })
}

fn imports(text: &str, shared: &SharedSources) -> Vec<String> {
    let engine = engine(Rc::new(Guard::new(RUN_WALL_MAX)), shared);
    Shape::of(&engine, text).map(|shape| shape.imports.into_iter().collect()).unwrap_or_default()
}

fn of_text(
    text: &str,
    module: Option<&str>,
    shared: &SharedSources,
    pack: &Pack,
    found: &mut ScriptSteps,
) -> Option<()> {
    let engine = engine(Rc::new(Guard::new(RUN_WALL_MAX)), shared);
    let shape = Shape::of(&engine, text)?;
    let ast = parse(&engine, text).ok()?;
    let functions = functions(&ast, &shape.source);
    let mut follow = Follow::new(&functions, &shape.source, pack);
    let named: BTreeSet<&str> = shape.source.literals().collect();
    for function in &functions {
        if let Some(handler) = HANDLERS.iter().find(|handler| handler.name == function.name) {
            let kinds = handler.params.iter().map(|param| root(param.name, param.kind)).collect();
            follow.enter(function, kinds, beginning(handler.name, pack));
        } else if named.contains(function.name.as_str()) {
            follow.enter(function, continuation(function), Knowledge::default());
        }
    }
    // What nobody calls from a handler: functions for other scripts, and what is called in a way that is not followed.
    let unreached: Vec<&Own> = functions.iter().filter(|own| !follow.has_seen(&own.name)).collect();
    for function in unreached {
        if !follow.has_seen(&function.name) {
            follow.enter(function, continuation(function), Knowledge::default());
        }
    }
    found.is_whole &= follow.is_whole;
    let mut steps = follow.steps;
    let seen: BTreeSet<(usize, usize)> = steps.iter().map(|step| (step.line, step.column)).collect();
    steps.extend(left_over(&shape, &seen, pack));
    for step in &mut steps {
        step.module = module.map(str::to_owned);
    }
    found.steps.extend(steps);
    Some(())
}

fn functions(ast: &AST, source: &Source) -> Vec<Own> {
    let mut functions: Vec<Own> = ast.iter_fn_def().map(|def| own(ast, source, def)).collect();
    functions.sort_by_key(|function| (function.position, function.name.clone()));
    functions
}

/// By which name a parameter of a handler is known wherever it is handed on.
fn root(name: &str, kind: Kind) -> Option<String> {
    matches!(kind, Kind::Handle(_)).then(|| name.to_owned())
}

/// A function that a timer, a rung or a plugin's answer calls is given the ticket first.
fn continuation(function: &Own) -> Vec<Option<String>> {
    let rest = function.params.iter().skip(1).map(|_| None);
    function.params.first().map(|_| Some("ticket".to_owned())).into_iter().chain(rest).collect()
}

fn beginning(handler: &str, pack: &Pack) -> Knowledge {
    let mut knowledge = Knowledge::default();
    if handler == OPENED {
        let status = pack.status_of_phase(Phase::New).key.to_string();
        knowledge.set("ticket.status", KnownKeys::only([status]));
    }
    knowledge
}

/// How a script says that a ticket goes somewhere.
fn way(name: &str, is_setter: bool) -> Option<(WayKind, &'static str)> {
    Some(match (name, is_setter) {
        ("status", true) => (WayKind::Status, "status"),
        ("close", false) => (WayKind::Status, "close"),
        ("resolve", false) => (WayKind::Status, "resolve"),
        ("reopen", false) => (WayKind::Status, "reopen"),
        ("mark_duplicate", false) => (WayKind::Status, "mark_duplicate"),
        ("queue", false) => (WayKind::Queue, "queue"),
        ("hand_over", false) => (WayKind::Queue, "hand_over"),
        ("escalate", false) => (WayKind::Task, "escalate"),
        ("task", false) => (WayKind::Task, "task"),
        _ => return None,
    })
}

/// To which status a method leads that names none.
fn status_of(how: &str, pack: &Pack) -> Option<String> {
    let phase = match how {
        "close" | "mark_duplicate" => Phase::Closed,
        "resolve" => Phase::Resolved,
        "reopen" => Phase::Open,
        _ => return None,
    };
    Some(pack.status_of_phase(phase).key.to_string())
}

/// Places that were not come by, such as those in a function between bars: that they are there is known, no more.
fn left_over(shape: &Shape, seen: &BTreeSet<(usize, usize)>, pack: &Pack) -> Vec<GraphStep> {
    let calls = shape.calls.iter().filter_map(|call| {
        let (kind, how) = way(&call.name, call.name == "status")?;
        let (line, column) = place(call.at);
        if !call.is_method || seen.contains(&(line, column)) {
            return None;
        }
        let function = call.function.map(|index| shape.functions[index].name.clone()).unwrap_or_default();
        Some(GraphStep {
            kind,
            how,
            target: status_of(how, pack)
                .or_else(|| call.target.clone().filter(|_| kind != WayKind::Status || how == "status")),
            from: KnownKeys::Any,
            department: KnownKeys::Any,
            outcome: KnownKeys::Any,
            handler: function.clone(),
            function,
            module: None,
            line,
            column,
            is_other_ticket: false,
        })
    });
    calls.collect()
}

fn place(at: Position) -> (usize, usize) {
    (at.line().unwrap_or(0), at.position().unwrap_or(0))
}
