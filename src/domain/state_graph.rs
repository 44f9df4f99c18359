//! The state graph: where a script can lead a ticket, and where tickets really went.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Key;
use super::event::Event;
use super::moment::Span;
use super::person::Actor;

/// How far back ways of tickets are kept and counted.
pub const MOVES_KEPT: Span = Span::days(30);

/// What a way leads between.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum WayKind {
    /// From a status to a status.
    Status,
    /// From a queue to a queue.
    Queue,
    /// From the status of the ticket to the department of a task that was opened.
    Task,
    /// From the department of a task that was done to its outcome.
    Answer,
}

/// A way that a ticket went; an empty origin: it stood nowhere.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Way {
    pub kind: WayKind,
    pub origin: String,
    pub target: String,
}

/// Who moved a ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    Script,
    Person,
    /// The clock, a plugin, an import, the command line.
    Desk,
}

/// How often a way was gone in the last 30 days.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Traffic {
    pub script: i64,
    pub people: i64,
    /// The clock, plugins, imports.
    pub desk: i64,
}

impl WayKind {
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            WayKind::Status => "status",
            WayKind::Queue => "queue",
            WayKind::Task => "task",
            WayKind::Answer => "answer",
        }
    }

    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        [WayKind::Status, WayKind::Queue, WayKind::Task, WayKind::Answer]
            .into_iter()
            .find(|kind| kind.name() == name)
    }
}

impl Cause {
    #[must_use]
    pub fn of(actor: &Actor) -> Self {
        match actor {
            Actor::Script { .. } => Cause::Script,
            Actor::Person { .. } => Cause::Person,
            Actor::Clock | Actor::Plugin { .. } | Actor::Import { .. } | Actor::Operator => Cause::Desk,
        }
    }

    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Cause::Script => "script",
            Cause::Person => "person",
            Cause::Desk => "desk",
        }
    }

    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        [Cause::Script, Cause::Person, Cause::Desk].into_iter().find(|cause| cause.name() == name)
    }
}

impl Traffic {
    pub fn add(&mut self, cause: Cause, count: i64) {
        let sum = match cause {
            Cause::Script => &mut self.script,
            Cause::Person => &mut self.people,
            Cause::Desk => &mut self.desk,
        };
        *sum += count;
    }

    #[must_use]
    pub fn total(self) -> i64 {
        self.script + self.people + self.desk
    }

    #[must_use]
    fn and(self, other: Traffic) -> Traffic {
        Traffic {
            script: self.script + other.script,
            people: self.people + other.people,
            desk: self.desk + other.desk,
        }
    }
}

impl Way {
    /// The way that an event says; `status` is what the ticket has.
    #[must_use]
    pub fn of(event: &Event, status: &Key) -> Option<Way> {
        let (kind, origin, target) = match event {
            Event::StatusChanged { from, to } => (WayKind::Status, from.to_string(), to),
            Event::TicketQueued { from, to, .. } if from.as_ref() != Some(to) => {
                (WayKind::Queue, from.as_ref().map(ToString::to_string).unwrap_or_default(), to)
            }
            Event::TaskOpened(opened) => (WayKind::Task, status.to_string(), &opened.department),
            Event::TaskDone { department, outcome, .. } => (WayKind::Answer, department.to_string(), outcome),
            _ => return None,
        };
        Some(Way { kind, origin, target: target.to_string() })
    }
}

/// What is known of a key at a place of a script.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, ToSchema)]
#[serde(tag = "known", content = "keys", rename_all = "snake_case")]
#[schema(as = KnownKeys)]
pub enum Known {
    /// Nothing.
    #[default]
    Any,
    /// It is one of these.
    Only(BTreeSet<String>),
    /// It is none of these.
    Except(BTreeSet<String>),
}

impl Known {
    #[must_use]
    pub fn only(keys: impl IntoIterator<Item = String>) -> Self {
        Known::Only(keys.into_iter().collect())
    }

    #[must_use]
    pub fn allows(&self, key: &str) -> bool {
        match self {
            Known::Any => true,
            Known::Only(keys) => keys.contains(key),
            Known::Except(keys) => !keys.contains(key),
        }
    }

    /// Both hold. Nothing: that cannot be.
    #[must_use]
    pub fn and(&self, other: &Known) -> Option<Known> {
        let met = match (self, other) {
            (Known::Any, known) | (known, Known::Any) => known.clone(),
            (Known::Only(one), Known::Only(two)) => Known::Only(one & two),
            (Known::Only(only), Known::Except(not)) | (Known::Except(not), Known::Only(only)) => {
                Known::Only(only - not)
            }
            (Known::Except(one), Known::Except(two)) => Known::Except(one | two),
        };
        (met != Known::Only(BTreeSet::new())).then_some(met)
    }

    /// One of them holds.
    #[must_use]
    pub fn or(&self, other: &Known) -> Known {
        let joined = match (self, other) {
            (Known::Any, _) | (_, Known::Any) => Known::Any,
            (Known::Only(one), Known::Only(two)) => Known::Only(one | two),
            (Known::Only(only), Known::Except(not)) | (Known::Except(not), Known::Only(only)) => {
                Known::Except(not - only)
            }
            (Known::Except(one), Known::Except(two)) => Known::Except(one & two),
        };
        if joined == Known::Except(BTreeSet::new()) { Known::Any } else { joined }
    }

    #[must_use]
    pub fn not(&self) -> Option<Known> {
        match self {
            Known::Any => None,
            Known::Only(keys) => Some(Known::Except(keys.clone())),
            Known::Except(keys) => Some(Known::Only(keys.clone())),
        }
    }
}

/// A place of a script that moves a ticket or asks a department.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[schema(as = GraphStep)]
pub struct Step {
    pub kind: WayKind,
    /// As the script says it: `status`, `close`, `resolve`, `reopen`, `mark_duplicate`, `queue`, `hand_over`,
    /// `escalate`, `task`.
    pub how: &'static str,
    /// The status, queue or department; `null`: the script computes it when it runs.
    pub target: Option<String>,
    /// The status of the ticket at this place, or its queue where a queue is set.
    pub from: Known,
    /// Of the task whose answer led here, where the handler was given one.
    pub department: Known,
    pub outcome: Known,
    /// The handler, or the function that a timer, a rung or a plugin's answer calls.
    pub handler: String,
    /// The function in which it stands; empty: in none.
    pub function: String,
    /// The shared module in which it stands; `null`: the script itself.
    pub module: Option<String>,
    /// From 1.
    pub line: usize,
    pub column: usize,
    /// It is done to another ticket than the handler's own.
    pub is_other_ticket: bool,
}

/// What stands at an end of an edge.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, ToSchema)]
#[serde(tag = "type", content = "key", rename_all = "snake_case")]
#[schema(as = GraphNode)]
pub enum Node {
    /// Whatever the status is: the script does not say.
    AnyStatus,
    Status(String),
    /// Whatever the queue is, or none.
    AnyQueue,
    /// It stood in no queue.
    NoQueue,
    Queue(String),
    /// The tasks of a department or a line.
    Department(String),
    /// Known only when the script runs.
    Computed(WayKind),
}

/// A way of the graph: what the script says of it, and how often it was gone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = GraphEdge)]
pub struct Edge {
    pub from: Node,
    pub to: Node,
    pub kind: WayKind,
    /// With which outcomes of the task, where the edge leaves a department.
    pub outcomes: Known,
    /// Those of them that were counted.
    pub answered: BTreeSet<String>,
    /// Places of the script; empty: nobody but people and the desk go this way.
    pub steps: Vec<Step>,
    /// At one place at least the script says the origin; else it says only where to.
    pub is_certain: bool,
    /// `null`: it is not counted by this edge but by those that leave a certain status or queue.
    pub traffic: Option<Traffic>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct StateGraph {
    pub edges: Vec<Edge>,
    /// The script was followed to its end; else it is too large, and some origins that it says are shown as unknown.
    pub is_whole: bool,
}

/// What a script says, before it is laid beside what happened.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ScriptSteps {
    pub steps: Vec<Step>,
    pub is_whole: bool,
}

/// Sums by way what was counted by who went it.
#[must_use]
pub fn by_way(counts: Vec<(Way, Cause, i64)>) -> BTreeMap<Way, Traffic> {
    let mut ways: BTreeMap<Way, Traffic> = BTreeMap::new();
    for (way, cause, count) in counts {
        ways.entry(way).or_default().add(cause, count);
    }
    ways
}

#[derive(Default)]
struct Draft {
    steps: Vec<Step>,
    is_certain: bool,
    traffic: Option<Traffic>,
    outcomes: Option<Known>,
    answered: BTreeSet<String>,
}

type Drafts = BTreeMap<(Node, Node, WayKind), Draft>;

impl StateGraph {
    /// Lays what the script says beside what happened.
    #[must_use]
    pub fn new(script: ScriptSteps, traffic: &BTreeMap<Way, Traffic>) -> Self {
        let mut drafts = Drafts::new();
        for (way, counted) in traffic {
            if let Some(ends) = ends_of(way) {
                drafts.entry(ends).or_default().traffic = Some(*counted);
            }
        }
        for step in &script.steps {
            place(&mut drafts, step, traffic);
        }
        let edges = drafts.into_iter().map(|((from, to, kind), mut draft)| {
            draft.steps.sort();
            draft.steps.dedup();
            Edge {
                from,
                to,
                kind,
                outcomes: draft.outcomes.unwrap_or_default(),
                answered: draft.answered,
                steps: draft.steps,
                is_certain: draft.is_certain,
                traffic: draft.traffic,
            }
        });
        StateGraph { edges: edges.collect(), is_whole: script.is_whole }
    }
}

/// Between which nodes a way that was gone leads; an answer alone leads nowhere.
fn ends_of(way: &Way) -> Option<(Node, Node, WayKind)> {
    let (origin, target) = (way.origin.clone(), way.target.clone());
    let ends = match way.kind {
        WayKind::Status => (Node::Status(origin), Node::Status(target)),
        WayKind::Queue if origin.is_empty() => (Node::NoQueue, Node::Queue(target)),
        WayKind::Queue => (Node::Queue(origin), Node::Queue(target)),
        WayKind::Task => (Node::Status(origin), Node::Department(target)),
        WayKind::Answer => return None,
    };
    Some((ends.0, ends.1, way.kind))
}

fn place(drafts: &mut Drafts, step: &Step, traffic: &BTreeMap<Way, Traffic>) {
    let to = match (&step.target, step.kind) {
        (Some(key), WayKind::Status) => Node::Status(key.clone()),
        (Some(key), WayKind::Queue) => Node::Queue(key.clone()),
        (Some(key), _) => Node::Department(key.clone()),
        (None, kind) => Node::Computed(kind),
    };
    // An answer led here: the department is where the edge begins, and its answers are what is counted.
    if let Known::Only(departments) = &step.department {
        for department in departments {
            let ends = (Node::Department(department.clone()), to.clone(), step.kind);
            let draft = drafts.entry(ends).or_default();
            draft.is_certain = true;
            let outcomes = draft.outcomes.as_ref().map_or(step.outcome.clone(), |own| own.or(&step.outcome));
            let (counted, answered) = answers(department, &outcomes, traffic);
            (draft.traffic, draft.answered) = (Some(counted), answered);
            draft.outcomes = Some(outcomes);
            draft.steps.push(step.clone());
        }
    }
    let begins = |key: &String| match step.kind {
        WayKind::Queue => Node::Queue(key.clone()),
        _ => Node::Status(key.clone()),
    };
    match &step.from {
        Known::Only(origins) => {
            for ends in origins.iter().map(|origin| (begins(origin), to.clone(), step.kind)) {
                if ends.0 == ends.1 {
                    continue;
                }
                let draft = drafts.entry(ends).or_default();
                draft.is_certain = true;
                draft.traffic.get_or_insert_default();
                draft.steps.push(step.clone());
            }
        }
        from => seen(drafts, step, &to, from, matches!(step.department, Known::Only(_))),
    }
}

/// The script does not say from where: it is shown so, and beside every way that was really gone to the same place.
fn seen(drafts: &mut Drafts, step: &Step, to: &Node, from: &Known, has_department: bool) {
    for ((origin, target, kind), draft) in drafts.iter_mut() {
        let (Node::Status(key) | Node::Queue(key)) = origin else { continue };
        let is_scripts = draft.traffic.is_some_and(|traffic| traffic.script > 0);
        if *kind == step.kind && target == to && from.allows(key) && is_scripts {
            draft.steps.push(step.clone());
        }
    }
    if !has_department {
        let origin = if step.kind == WayKind::Queue { Node::AnyQueue } else { Node::AnyStatus };
        drafts.entry((origin, to.clone(), step.kind)).or_default().steps.push(step.clone());
    }
}

/// How often a department answered with one of the outcomes, and with which.
fn answers(
    department: &str,
    outcomes: &Known,
    traffic: &BTreeMap<Way, Traffic>,
) -> (Traffic, BTreeSet<String>) {
    let is_one =
        |way: &Way| way.kind == WayKind::Answer && way.origin == department && outcomes.allows(&way.target);
    traffic.iter().filter(|(way, _)| is_one(way)).fold(
        Default::default(),
        |(sum, mut keys), (way, counted)| {
            keys.insert(way.target.clone());
            (sum.and(*counted), keys)
        },
    )
}
