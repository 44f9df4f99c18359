//! Why not: what stopped a run on the way to something that the script could have asked for.

use std::collections::BTreeSet;
use std::rc::Rc;

use rhai::Position;
use serde::Serialize;
use utoipa::ToSchema;

use super::api::{self, Shape as MemberShape};
use super::facts::{Fact, FactKey};
use super::footprint::{Footprint, Trodden};
use super::limits::CALL_DEPTH_MAX;
use super::occasion::Occasion;
use super::program::Program;
use super::shape::{CallSite, Gate, WayKind};
use super::trace::{SeenOperand, Step, Trace, What, explain_and_count};
use crate::domain::TicketId;

/// Most places of a script that one answer speaks of.
const PLACES_MAX: usize = 100;

/// Something that a handler can ask for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Outcome {
    /// How it is named in a question: `dispatch`, `queue line_2`, `status waiting`.
    pub key: String,
    /// The method of the script API, or the property that is set.
    pub call: String,
    /// Its first argument or the value, where the script writes a text there.
    pub target: Option<String>,
}

/// The answer: every place of the script that asks for it, and what stopped the run on the way there.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct WhyNot {
    pub handler: String,
    pub outcome: Outcome,
    /// In the order in which the handler would come to them; empty: nothing in the handler asks for it.
    pub places: Vec<Place>,
}

/// A place that asks for the outcome.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Place {
    /// The shared module; `null`: the script itself.
    pub module: Option<String>,
    pub line: usize,
    pub column: usize,
    /// The function that it stands in.
    pub function: String,
    pub verdict: Verdict,
    /// The conditions on the way, outermost first, up to the one that stopped it.
    pub conditions: Vec<OnTheWay>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(tag = "verdict", rename_all = "snake_case")]
pub enum Verdict {
    /// The run came here: it did ask for it.
    Reached,
    /// The last of the conditions was not as it had to be.
    Stopped,
    /// A `return` or a `throw` before it ended the function; the last of the conditions led there, when there is one.
    Left { line: usize, column: usize },
    /// The run failed before.
    Failed,
    /// Nothing stopped it that can be named, such as a loop that had nothing to go through.
    NotCome,
}

/// One condition on the way.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct OnTheWay {
    pub module: Option<String>,
    pub line: usize,
    pub column: usize,
    /// As it is written; of a `switch`, what it looks at.
    pub condition: String,
    /// What it had to be: `true`, `false`, or an arm's pattern.
    pub wanted: String,
    pub is_met: bool,
    /// Of a `switch`: the value.
    pub value: Option<String>,
    /// Those that were looked at, in order; the last one decided.
    pub operands: Vec<SeenOperand>,
}

/// What the handler, with the functions that it calls, can ask for. Call it on a thread with `SCRIPT_STACK_BYTES`
/// of stack.
#[must_use]
pub fn outcomes(program: &Program, occasion: &Occasion) -> Vec<Outcome> {
    let footprint = Footprint::new(program.sources());
    let mut found: Vec<Outcome> = Vec::new();
    for route in routes(&footprint, occasion.handler()) {
        let outcome = outcome_of(route.site);
        if !found.contains(&outcome) {
            found.push(outcome);
        }
    }
    found.sort_by(|one, other| one.key.cmp(&other.key));
    found
}

/// Plays a recorded run again and says why it did not ask for the outcome with this key; `None`: the handler has no
/// such outcome. Facts and program as for [`explain`](super::explain).
#[must_use]
pub fn why_not(
    program: &Program,
    ticket: TicketId,
    occasion: &Occasion,
    recorded: Vec<(FactKey, Fact)>,
    key: &str,
) -> Option<WhyNot> {
    let footprint = Rc::new(Footprint::new(program.sources()));
    let wanted: Vec<Route<'_>> = routes(&footprint, occasion.handler())
        .into_iter()
        .filter(|route| outcome_of(route.site).key == key)
        .collect();
    let outcome = outcome_of(wanted.first()?.site);
    let trace = explain_and_count(program, ticket, occasion, recorded, Some(&footprint));
    let seen = Seen { footprint: &footprint, trace: &trace };
    let places = wanted.iter().map(|route| seen.place(route)).collect();
    Some(WhyNot { handler: trace.handler.clone(), outcome, places })
}

fn outcome_of(site: &CallSite) -> Outcome {
    let key = match &site.target {
        Some(target) => format!("{} {target}", site.name),
        None => site.name.clone(),
    };
    Outcome { key, call: site.name.clone(), target: site.target.clone() }
}

/// Calls that ask for something, and properties that can be set.
fn asking_names() -> BTreeSet<&'static str> {
    let subjects = api::types().iter().filter(|entry| SUBJECTS.contains(&entry.name));
    let named = subjects.flat_map(|entry| {
        let set =
            entry.all().filter(|member| matches!(member.shape, MemberShape::Property { set: Some(_), .. }));
        entry.actions.iter().chain(set)
    });
    named.map(|member| member.name).collect()
}

/// What is acted on. The actions of other types, such as a ladder's, say more of a call before them.
const SUBJECTS: &[&str] = &["Ticket", "Task", "WorkOrder"];

/// How the handler comes to a place.
struct Route<'a> {
    module: &'a str,
    site: &'a CallSite,
    /// From the handler on: the calls of functions, last the place itself.
    steps: Vec<(&'a str, &'a CallSite)>,
}

/// Every place that the handler can come to.
fn routes<'a>(footprint: &'a Footprint, handler: &str) -> Vec<Route<'a>> {
    let mut search = Search { footprint, names: asking_names(), found: Vec::new() };
    if let Some(function) = footprint.source("").and_then(|script| script.shape.function_called(handler)) {
        search.go("", function, &mut Vec::new(), &mut vec![(String::new(), function)]);
    }
    search.found
}

struct Search<'a> {
    footprint: &'a Footprint,
    names: BTreeSet<&'static str>,
    found: Vec<Route<'a>>,
}

impl<'a> Search<'a> {
    fn go(
        &mut self,
        module: &'a str,
        function: usize,
        steps: &mut Vec<(&'a str, &'a CallSite)>,
        open: &mut Vec<(String, usize)>,
    ) {
        let Some(source) = self.footprint.source(module) else { return };
        for site in source.shape.calls.iter().filter(|site| site.function == Some(function)) {
            if self.found.len() >= PLACES_MAX {
                return;
            }
            steps.push((module, site));
            if site.is_method && self.names.contains(site.name.as_str()) {
                self.found.push(Route { module, site, steps: steps.clone() });
            } else if let Some((module, called)) = self.called(module, site)
                && open.len() < CALL_DEPTH_MAX
                && !open.iter().any(|one| one.0 == module && one.1 == called)
            {
                open.push((module.to_owned(), called));
                self.go(module, called, steps, open);
                open.pop();
            }
            steps.pop();
        }
    }

    /// The function of the script or of a shared module that is called, if it is one.
    fn called(&self, module: &'a str, site: &CallSite) -> Option<(&'a str, usize)> {
        let own = |name: &'a str| {
            let source = self.footprint.source(name)?;
            Some((name, source.shape.function_called(&site.name)?))
        };
        own(module).or_else(|| self.footprint.sources().find_map(|(name, _)| own(name)))
    }
}

/// A run that was played again.
struct Seen<'a> {
    footprint: &'a Footprint,
    trace: &'a Trace,
}

impl Seen<'_> {
    fn place(&self, route: &Route<'_>) -> Place {
        let mut conditions = Vec::new();
        let mut verdict = Verdict::Reached;
        for (module, site) in &route.steps {
            let Some(source) = self.footprint.source(module) else { break };
            if let Some(stopped) = self.step(module, source, site, &mut conditions) {
                verdict = stopped;
                break;
            }
        }
        let function = self.footprint.source(route.module).zip(route.site.function);
        Place {
            module: module_of(route.module),
            line: line(route.site.at),
            column: column(route.site.at),
            function: function
                .map(|(source, index)| source.shape.functions[index].name.clone())
                .unwrap_or_default(),
            verdict,
            conditions,
        }
    }

    /// Goes up to one call; answers what stopped it.
    fn step(
        &self,
        module: &str,
        source: &Trodden,
        site: &CallSite,
        conditions: &mut Vec<OnTheWay>,
    ) -> Option<Verdict> {
        for gate in &site.gates {
            let at = source.shape.branches[gate.branch].at;
            if source.times(at) == 0 {
                return Some(self.left(module, source, site.function, at, conditions));
            }
            let condition = self.on_the_way(module, source, *gate);
            let is_met = condition.is_met;
            conditions.push(condition);
            if !is_met {
                // A condition in which the run failed went neither way.
                let ways = 0..source.shape.branches[gate.branch].ways.len();
                let went = ways.map(|way| source.times_way(gate.branch, way)).sum::<u64>();
                let is_failed = went == 0 && self.trace.failure.is_some();
                return Some(if is_failed { Verdict::Failed } else { Verdict::Stopped });
            }
        }
        if source.times(site.statement) > 0 {
            return None;
        }
        Some(self.left(module, source, site.function, site.statement, conditions))
    }

    /// The run did not come to the place though nothing around it was in the way.
    fn left(
        &self,
        module: &str,
        source: &Trodden,
        function: Option<usize>,
        before: Position,
        conditions: &mut Vec<OnTheWay>,
    ) -> Verdict {
        let exits = source.shape.exits.iter().rev();
        let mut ran =
            exits.filter(|exit| exit.function == function && exit.at < before && source.times(exit.at) > 0);
        match ran.next() {
            Some(exit) => {
                conditions.extend(
                    exit.gates
                        .last()
                        .map(|gate| OnTheWay { is_met: true, ..self.on_the_way(module, source, *gate) }),
                );
                Verdict::Left { line: line(exit.at), column: column(exit.at) }
            }
            None if self.trace.failure.is_some() => Verdict::Failed,
            None => Verdict::NotCome,
        }
    }

    fn on_the_way(&self, module: &str, source: &Trodden, gate: Gate) -> OnTheWay {
        let branch = &source.shape.branches[gate.branch];
        let wanted = &branch.ways[gate.way].kind;
        let is_met = source.times_way(gate.branch, gate.way) > 0;
        let mut condition = OnTheWay {
            module: module_of(module),
            line: line(branch.at),
            column: column(branch.at),
            condition: source.shape.condition(gate.branch).map(|found| found.text).unwrap_or_default(),
            wanted: wanted.to_string(),
            is_met,
            value: None,
            operands: Vec::new(),
        };
        let here = |step: &&Step| {
            step.module == condition.module && step.line == condition.line && step.column == condition.column
        };
        // The time that went as it had to, or else the last one.
        let steps: Vec<&Step> = self.trace.steps.iter().filter(here).collect();
        let chosen = steps.iter().find(|step| is_met && went(&step.what, wanted)).or(steps.last());
        match chosen.map(|step| &step.what) {
            Some(What::Branch { operands, .. }) => condition.operands = operands.clone(),
            Some(What::Switch { value, .. }) => condition.value = Some(value.clone()),
            _ => {}
        }
        condition
    }
}

fn went(what: &What, wanted: &WayKind) -> bool {
    match (what, wanted) {
        (What::Branch { is_taken, .. }, WayKind::True) => *is_taken == Some(true),
        (What::Branch { is_taken, .. }, WayKind::False) => *is_taken == Some(false),
        (What::Switch { value, .. }, WayKind::Arm(pattern)) => pattern.split(" | ").any(|one| one == value),
        _ => false,
    }
}

fn module_of(name: &str) -> Option<String> {
    Some(name.to_owned()).filter(|name| !name.is_empty())
}

fn line(at: Position) -> usize {
    at.line().unwrap_or(0)
}

fn column(at: Position) -> usize {
    at.position().unwrap_or(0)
}
