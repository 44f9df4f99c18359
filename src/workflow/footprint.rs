//! What runs of a script touched: each statement and each way of a branch, counted.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};

use rhai::{ASTNode, Position};

use super::engine::engine;
use super::limits::{CHECK_WALL_MAX, Guard};
use super::program::Sources;
use super::shape::Shape;

/// Counts over all runs that are watched with it. The script itself has the empty name.
#[derive(Debug)]
pub struct Footprint {
    sources: BTreeMap<String, Trodden>,
    pending: RefCell<Vec<Pending>>,
}

/// One source and how often its parts ran.
#[derive(Debug)]
pub struct Trodden {
    pub shape: Shape,
    counts: RefCell<Counts>,
}

#[derive(Debug, Default)]
struct Counts {
    statements: HashMap<Position, u64>,
    /// By branch and way.
    ways: HashMap<(usize, usize), u64>,
}

/// A branch of which it is not known yet where it went.
#[derive(Debug)]
struct Pending {
    module: String,
    branch: usize,
    /// Of calls, at which it stands.
    level: usize,
}

impl Footprint {
    /// Of the script and the modules that it imports. Call it on a thread with `SCRIPT_STACK_BYTES` of stack.
    #[must_use]
    pub fn new(sources: &Sources) -> Self {
        let guard = std::rc::Rc::new(Guard::new(CHECK_WALL_MAX));
        let engine = engine(guard, &sources.shared);
        let mut found = BTreeMap::new();
        let mut wanted = vec![(String::new(), &*sources.script)];
        while let Some((name, text)) = wanted.pop() {
            let Some(shape) = Shape::of(&engine, text) else { continue };
            for path in &shape.imports {
                if let Some(text) = sources.shared.get(path)
                    && !found.contains_key(path)
                {
                    wanted.push((path.clone(), text));
                }
            }
            found.insert(name, Trodden { shape, counts: RefCell::default() });
        }
        Self { sources: found, pending: RefCell::default() }
    }

    pub fn sources(&self) -> impl Iterator<Item = (&str, &Trodden)> {
        self.sources.iter().map(|(name, trodden)| (name.as_str(), trodden))
    }

    #[must_use]
    pub fn source(&self, module: &str) -> Option<&Trodden> {
        self.sources.get(module)
    }

    /// A node is about to be evaluated.
    pub(super) fn see(&self, node: ASTNode<'_>, module: &str, at: Position, level: usize) {
        let Some(source) = self.sources.get(module) else { return };
        let Some(at) = source.shape.begun_by(&node, at) else { return };
        self.resolve(module, source, at, level);
        *source.counts.borrow_mut().statements.entry(at).or_default() += 1;
        if let Ok(branch) = source.shape.branches.binary_search_by_key(&at, |branch| branch.at) {
            self.pending.borrow_mut().push(Pending { module: module.to_owned(), branch, level });
        }
    }

    /// Says of the branches behind us which way they went, now that the statement at `at` is next.
    fn resolve(&self, module: &str, source: &Trodden, at: Position, level: usize) {
        // Whatever is not known when a `catch` begins was stopped within its condition.
        let is_caught = source.shape.catches.contains(&at);
        let mut pending = self.pending.borrow_mut();
        while let Some(top) = pending.pop_if(|top| {
            let is_inside = top.module == module && source.shape.branches[top.branch].asks_with(at);
            top.level > level || (top.level == level && !is_inside)
        }) {
            if !is_caught {
                // What was called at a deeper level has returned, past the end of its branch.
                self.went(&top, (top.level == level).then_some(at));
            }
        }
    }

    fn went(&self, pending: &Pending, next: Option<Position>) {
        let Some(source) = self.sources.get(&pending.module) else { return };
        if let Some(way) = source.shape.branches[pending.branch].way_to(next) {
            *source.counts.borrow_mut().ways.entry((pending.branch, way)).or_default() += 1;
        }
    }

    /// A run is over. Of one that failed it is not known where its last branches went.
    pub(super) fn end_run(&self, is_failed: bool) {
        for pending in self.pending.take() {
            if !is_failed {
                self.went(&pending, None);
            }
        }
    }
}

impl Trodden {
    /// How often the statement ran.
    #[must_use]
    pub fn times(&self, statement: Position) -> u64 {
        self.counts.borrow().statements.get(&statement).copied().unwrap_or(0)
    }

    /// How often the branch went this way.
    #[must_use]
    pub fn times_way(&self, branch: usize, way: usize) -> u64 {
        self.counts.borrow().ways.get(&(branch, way)).copied().unwrap_or(0)
    }
}
