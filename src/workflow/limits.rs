//! What one run may use: each limit by name, and the guard that watches them while the script runs.

use std::cell::Cell;
use std::time::{Duration, Instant};

use rhai::Position;

use super::allocation::Counting;

pub const OPERATIONS_MAX: u64 = 200_000;
pub const CALL_DEPTH_MAX: usize = 32;
/// Nesting of expressions outside functions.
pub const EXPRESSION_DEPTH_MAX: usize = 64;
/// Nesting of expressions inside functions.
pub const FUNCTION_EXPRESSION_DEPTH_MAX: usize = 32;
pub const STRING_BYTES_MAX: usize = 64 * 1024;
pub const ARRAY_ITEMS_MAX: usize = 1_000;
pub const MAP_ITEMS_MAX: usize = 500;
pub const VARIABLES_MAX: usize = 200;
pub const FUNCTIONS_MAX: usize = 300;
pub const MODULES_MAX: usize = 20;
/// Commands that one run may ask for.
pub const COMMANDS_MAX: usize = 64;
/// Wall time of one live run.
pub const RUN_WALL_MAX: Duration = Duration::from_millis(5);
/// Memory that one run may hold at any moment beyond what was held before it.
pub const RUN_MEMORY_BYTES_MAX: i64 = 32 * 1024 * 1024;
/// Wall time of one explanation: it asks every condition again, with its parts.
pub const EXPLAIN_WALL_MAX: Duration = Duration::from_secs(1);
/// Wall time of one check: a script of allowed length can be made to need minutes. Real ones need milliseconds.
pub const CHECK_WALL_MAX: Duration = Duration::from_secs(5);
/// Wall time of one question of the editor: who types on does not wait for it.
pub const PROBE_WALL_MAX: Duration = Duration::from_millis(500);
/// Most steps of one explanation; what comes behind them is left out.
pub const EXPLAIN_STEPS_MAX: usize = 1_000;
/// The clock is read once in so many operations.
pub const CHECK_EVERY_OPERATIONS: u64 = 64;
/// Threads that compile, check or run scripts have at least this much stack: the depths above need it in a
/// debug build.
pub const SCRIPT_STACK_BYTES: usize = 16 * 1024 * 1024;
/// Longest span of working time that a script may ask for.
pub const WORKING_DAYS_MAX: i64 = 366;
/// Deepest nesting of arrays and maps that goes out of a script or into it.
pub const DATA_DEPTH_MAX: usize = 16;

/// Which limit a run went over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Excess {
    Operations,
    Wall,
    Memory,
}

/// Watches one run. Rhai calls [`Guard::step`] before each operation; natives that do much in one operation
/// call [`Guard::reserve`] and [`Guard::check_wall`] themselves.
#[derive(Debug)]
pub struct Guard {
    wall_max: Duration,
    started: Cell<Option<Instant>>,
    operations: Cell<u64>,
    excess: Cell<Option<Excess>>,
    /// Where the script last asked for something: Rhai forgets the place when a limit ends a run.
    last: Cell<Position>,
}

impl Guard {
    #[must_use]
    pub fn new(wall_max: Duration) -> Self {
        Self {
            wall_max,
            started: Cell::new(None),
            operations: Cell::new(0),
            excess: Cell::new(None),
            last: Cell::new(Position::NONE),
        }
    }

    pub fn start(&self) {
        self.started.set(Some(Instant::now()));
        self.operations.set(0);
        self.excess.set(None);
        self.last.set(Position::NONE);
    }

    /// The script asks for something here.
    pub fn pass(&self, place: Position) {
        self.last.set(place);
    }

    #[must_use]
    pub fn last(&self) -> Position {
        self.last.get()
    }

    #[must_use]
    pub fn wall_max(&self) -> Duration {
        self.wall_max
    }

    #[must_use]
    pub fn elapsed(&self) -> Duration {
        self.started.get().map_or(Duration::ZERO, |started| started.elapsed())
    }

    #[must_use]
    pub fn operations(&self) -> u64 {
        self.operations.get()
    }

    #[must_use]
    pub fn excess(&self) -> Option<Excess> {
        self.excess.get()
    }

    /// One operation more. Memory is looked at each time, for one operation can copy all that a script holds:
    /// so a run never holds more than twice its budget.
    pub fn step(&self) -> Result<(), Excess> {
        let operations = self.operations.get() + 1;
        self.operations.set(operations);
        if operations > OPERATIONS_MAX {
            return self.stop(Excess::Operations);
        }
        self.reserve(0)?;
        if operations.is_multiple_of(CHECK_EVERY_OPERATIONS) { self.check_wall() } else { Ok(()) }
    }

    /// Forgets what was done since `operations`: a trace asks again what the run itself asked once.
    pub fn rewind(&self, operations: u64) {
        self.operations.set(operations);
        self.excess.set(None);
    }

    /// Asks before `bytes` are allocated at once.
    pub fn reserve(&self, bytes: usize) -> Result<(), Excess> {
        let wanted = Counting::live_bytes().saturating_add(i64::try_from(bytes).unwrap_or(i64::MAX));
        if wanted > RUN_MEMORY_BYTES_MAX { self.stop(Excess::Memory) } else { Ok(()) }
    }

    pub fn check_wall(&self) -> Result<(), Excess> {
        if self.elapsed() > self.wall_max { self.stop(Excess::Wall) } else { Ok(()) }
    }

    fn stop(&self, excess: Excess) -> Result<(), Excess> {
        self.excess.set(Some(excess));
        Err(excess)
    }
}

/// Runs `work` on a thread of its own with room for the deepest script. For whoever is not on such a thread
/// already: checking a script that somebody is editing.
pub fn on_script_stack<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new()
            .name("script".to_owned())
            .stack_size(SCRIPT_STACK_BYTES)
            .spawn_scoped(scope, work)
            .expect("a thread can be started while the process has memory");
        thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}
