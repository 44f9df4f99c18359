//! The state graph: where a script can lead a ticket, and where tickets really went.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Key;
use super::event::Event;
use super::moment::{Moment, Span};
use super::person::Actor;

/// How far back ways of tickets are kept and counted.
pub const MOVES_KEPT: Span = Span::days(30);

const DAY_MS: i64 = 24 * 60 * 60 * 1_000;

/// The beginning of its day in UTC: what is counted is counted by days.
#[must_use]
pub fn day_of(at: Moment) -> Moment {
    Moment::from_ms(at.ms().div_euclid(DAY_MS) * DAY_MS)
}

/// From when on ways are kept and counted: whole days, and today so far.
#[must_use]
pub fn counted_since(now: Moment) -> Moment {
    day_of(now - MOVES_KEPT)
}

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
pub enum KnownKeys {
    /// Nothing.
    #[default]
    Any,
    /// It is one of these.
    Only(BTreeSet<String>),
    /// It is none of these.
    Except(BTreeSet<String>),
}

impl KnownKeys {
    #[must_use]
    pub fn only(keys: impl IntoIterator<Item = String>) -> Self {
        KnownKeys::Only(keys.into_iter().collect())
    }

    #[must_use]
    pub fn allows(&self, key: &str) -> bool {
        match self {
            KnownKeys::Any => true,
            KnownKeys::Only(keys) => keys.contains(key),
            KnownKeys::Except(keys) => !keys.contains(key),
        }
    }

    /// Both hold. Nothing: that cannot be.
    #[must_use]
    pub fn and(&self, other: &KnownKeys) -> Option<KnownKeys> {
        let met = match (self, other) {
            (KnownKeys::Any, known) | (known, KnownKeys::Any) => known.clone(),
            (KnownKeys::Only(one), KnownKeys::Only(two)) => KnownKeys::Only(one & two),
            (KnownKeys::Only(only), KnownKeys::Except(not))
            | (KnownKeys::Except(not), KnownKeys::Only(only)) => KnownKeys::Only(only - not),
            (KnownKeys::Except(one), KnownKeys::Except(two)) => KnownKeys::Except(one | two),
        };
        (met != KnownKeys::Only(BTreeSet::new())).then_some(met)
    }

    /// One of them holds.
    #[must_use]
    pub fn or(&self, other: &KnownKeys) -> KnownKeys {
        let joined = match (self, other) {
            (KnownKeys::Any, _) | (_, KnownKeys::Any) => KnownKeys::Any,
            (KnownKeys::Only(one), KnownKeys::Only(two)) => KnownKeys::Only(one | two),
            (KnownKeys::Only(only), KnownKeys::Except(not))
            | (KnownKeys::Except(not), KnownKeys::Only(only)) => KnownKeys::Except(not - only),
            (KnownKeys::Except(one), KnownKeys::Except(two)) => KnownKeys::Except(one & two),
        };
        if joined == KnownKeys::Except(BTreeSet::new()) { KnownKeys::Any } else { joined }
    }
}

/// A place of a script that moves a ticket or asks a department.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
pub struct GraphStep {
    pub kind: WayKind,
    /// As the script says it: `status`, `close`, `resolve`, `reopen`, `mark_duplicate`, `queue`, `hand_over`,
    /// `escalate`, `task`.
    pub how: &'static str,
    /// The status, queue or department; `null`: the script computes it when it runs.
    pub target: Option<String>,
    /// The status of the ticket at this place, or its queue where a queue is set.
    pub from: KnownKeys,
    /// Of the task whose answer led here, where the handler was given one.
    pub department: KnownKeys,
    pub outcome: KnownKeys,
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
pub enum GraphNode {
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
    /// KnownKeys only when the script runs.
    Computed(WayKind),
}

/// A way of the graph: what the script says of it, and how often it was gone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct GraphEdge {
    pub from: GraphNode,
    pub to: GraphNode,
    pub kind: WayKind,
    /// With which outcomes of the task, where the edge leaves a department.
    pub outcomes: KnownKeys,
    /// Those of them that were counted.
    pub answered: BTreeSet<String>,
    /// Places of the script; empty: nobody but people and the desk go this way.
    pub steps: Vec<GraphStep>,
    /// At one place at least the script says the origin; else it says only where to.
    pub is_certain: bool,
    /// `null`: it is not counted by this edge but by those that leave a certain status or queue.
    pub traffic: Option<Traffic>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct StateGraph {
    pub edges: Vec<GraphEdge>,
    /// The script was followed to its end; else it is too large, and some origins that it says are shown as unknown.
    pub is_whole: bool,
}

/// What a script says, before it is laid beside what happened.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ScriptSteps {
    pub steps: Vec<GraphStep>,
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
    steps: Vec<GraphStep>,
    is_certain: bool,
    traffic: Option<Traffic>,
    outcomes: Option<KnownKeys>,
    answered: BTreeSet<String>,
}

type Drafts = BTreeMap<(GraphNode, GraphNode, WayKind), Draft>;

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
            GraphEdge {
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
fn ends_of(way: &Way) -> Option<(GraphNode, GraphNode, WayKind)> {
    let (origin, target) = (way.origin.clone(), way.target.clone());
    let ends = match way.kind {
        WayKind::Status => (GraphNode::Status(origin), GraphNode::Status(target)),
        WayKind::Queue if origin.is_empty() => (GraphNode::NoQueue, GraphNode::Queue(target)),
        WayKind::Queue => (GraphNode::Queue(origin), GraphNode::Queue(target)),
        WayKind::Task => (GraphNode::Status(origin), GraphNode::Department(target)),
        WayKind::Answer => return None,
    };
    Some((ends.0, ends.1, way.kind))
}

fn place(drafts: &mut Drafts, step: &GraphStep, traffic: &BTreeMap<Way, Traffic>) {
    let to = match (&step.target, step.kind) {
        (Some(key), WayKind::Status) => GraphNode::Status(key.clone()),
        (Some(key), WayKind::Queue) => GraphNode::Queue(key.clone()),
        (Some(key), _) => GraphNode::Department(key.clone()),
        (None, kind) => GraphNode::Computed(kind),
    };
    // An answer led here: the department is where the edge begins, and its answers are what is counted.
    if let KnownKeys::Only(departments) = &step.department {
        for department in departments {
            let ends = (GraphNode::Department(department.clone()), to.clone(), step.kind);
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
        WayKind::Queue => GraphNode::Queue(key.clone()),
        _ => GraphNode::Status(key.clone()),
    };
    match &step.from {
        KnownKeys::Only(origins) => {
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
        from => seen(drafts, step, &to, from, matches!(step.department, KnownKeys::Only(_))),
    }
}

/// The script does not say from where: it is shown so, and beside every way that was really gone to the same place.
fn seen(drafts: &mut Drafts, step: &GraphStep, to: &GraphNode, from: &KnownKeys, has_department: bool) {
    for ((origin, target, kind), draft) in drafts.iter_mut() {
        let (GraphNode::Status(key) | GraphNode::Queue(key)) = origin else { continue };
        let is_scripts = draft.traffic.is_some_and(|traffic| traffic.script > 0);
        if *kind == step.kind && target == to && from.allows(key) && is_scripts {
            draft.steps.push(step.clone());
        }
    }
    if !has_department {
        let origin = if step.kind == WayKind::Queue { GraphNode::AnyQueue } else { GraphNode::AnyStatus };
        drafts.entry((origin, to.clone(), step.kind)).or_default().steps.push(step.clone());
    }
}

/// How often a department answered with one of the outcomes, and with which.
fn answers(
    department: &str,
    outcomes: &KnownKeys,
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
