//! The bench: one test's desk, and how what the test does reaches it.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use rhai::{Dynamic, EvalAltResult, FnPtr, Map, NativeCallContext, Position};
use serde_json::Value;

use super::values;
use crate::commands::{DeskError, Done};
use crate::domain::calendar::local_moment;
use crate::domain::command::{Command, GiveNotice, PluginAnswer};
use crate::domain::person::Actor;
use crate::domain::{Key, Moment, PartnerId, PersonId, Refusal};
use crate::rehearsal::second_desk::{PluginCall, SecondDesk};
use crate::store::StoreError;

pub type Outcome<T> = Result<T, Box<EvalAltResult>>;

/// Where the clock stands when a test says nothing, on the wall of the pack's calendar: a Monday.
const BEGINS_AT: &str = "2026-03-02 10:00";
/// Most due rows and plugin answers that one step of a test plays: beyond it something goes round in circles.
const PLAYED_MAX: usize = 10_000;

/// The desk of the test that runs now. Handles share it.
#[derive(Clone)]
pub struct Bench(Rc<RefCell<Option<State>>>);

pub struct State {
    pub desk: SecondDesk,
    has_begun: bool,
    answers: Vec<Answering>,
    pub failing: Option<Failing>,
    pub expects_failed_runs: bool,
    /// The first member that the test made for a department: does its tasks.
    pub members: BTreeMap<Key, PersonId>,
    pub partners: BTreeMap<Key, PartnerId>,
}

/// What a plugin's function answers.
pub struct Answering {
    pub plugin: Key,
    pub function: Key,
    pub with: With,
}

#[derive(Clone)]
pub enum With {
    Function(FnPtr),
    Value(Value),
    Failure(String),
}

/// An assertion that did not hold.
#[derive(Debug, Clone)]
pub struct Failing {
    pub position: Position,
    pub message: String,
    pub expected: Option<String>,
    pub actual: Option<String>,
}

impl Bench {
    #[must_use]
    pub fn empty() -> Self {
        Self(Rc::new(RefCell::new(None)))
    }

    pub fn put(&self, desk: SecondDesk) {
        *self.0.borrow_mut() = Some(State {
            desk,
            has_begun: false,
            answers: Vec::new(),
            failing: None,
            expects_failed_runs: false,
            members: BTreeMap::new(),
            partners: BTreeMap::new(),
        });
    }

    pub fn take(&self) -> Option<State> {
        self.0.borrow_mut().take()
    }

    /// Works on the test's desk.
    pub fn with<T>(&self, work: impl FnOnce(&mut State) -> Outcome<T>) -> Outcome<T> {
        match self.0.borrow_mut().as_mut() {
            Some(state) => work(state),
            None => Err(wrong("there is no desk outside a test")),
        }
    }

    /// Reads from the test's desk.
    pub fn read<T>(&self, read: impl FnOnce(&SecondDesk) -> Result<T, StoreError>) -> Outcome<T> {
        self.with(|state| read(&state.desk).map_err(|error| wrong(error.to_string())))
    }

    /// What is there for sure, because the test holds a handle on it.
    pub fn get<T>(&self, read: impl FnOnce(&SecondDesk) -> Result<Option<T>, StoreError>) -> Outcome<T> {
        self.read(read)?.ok_or_else(|| wrong("it is not there any more"))
    }

    /// Arranges something before the test begins, or in its middle; whoever holds the desk does it.
    pub fn arrange(&self, command: Command) -> Outcome<Done> {
        self.with(|state| state.desk.run(Actor::Operator, command).map_err(thrown))
    }

    /// A step of the test: carried out, then plugins answer what it led to.
    pub fn act(&self, context: &NativeCallContext, by: PersonId, command: Command) -> Outcome<Done> {
        let done = self.with(|state| {
            state.begin()?;
            state.desk.run(Actor::Person { person: by }, command).map_err(thrown)
        })?;
        self.settle(context)?;
        Ok(done)
    }

    /// A plugin tells something of a ticket, as a step of the test.
    pub fn give_notice(&self, context: &NativeCallContext, notice: GiveNotice) -> Outcome<()> {
        self.with(|state| {
            state.begin()?;
            state.desk.give_notice(notice).map_err(thrown)
        })?;
        self.settle(context)
    }

    pub fn administrator(&self) -> Outcome<PersonId> {
        self.with(|state| Ok(state.desk.administrator))
    }

    pub fn now(&self) -> Outcome<Moment> {
        self.with(|state| {
            state.begin()?;
            Ok(state.desk.now())
        })
    }

    /// Moves the clock, playing what falls due on the way.
    pub fn move_to(&self, context: &NativeCallContext, to: Moment) -> Outcome<()> {
        let is_back = self.with(|state| {
            if !state.has_begun {
                state.has_begun = true;
                state.desk.begin_at(to).map_err(thrown)?;
            }
            Ok(to < state.desk.now())
        })?;
        if is_back {
            return Err(wrong("the clock does not go back once the test has begun"));
        }
        for _ in 0..PLAYED_MAX {
            self.settle(context)?;
            if !self.with(|state| state.desk.play_next(to).map_err(thrown))? {
                self.with(|state| {
                    state.desk.set_clock(to);
                    Ok(())
                })?;
                return self.settle(context);
            }
        }
        Err(wrong(format!("more than {PLAYED_MAX} things fell due on the way")))
    }

    /// From now on the plugin's function answers so; calls that wait are answered too.
    pub fn answer_with(&self, context: &NativeCallContext, answering: Answering) -> Outcome<()> {
        self.with(|state| {
            state
                .answers
                .retain(|known| (&known.plugin, &known.function) != (&answering.plugin, &answering.function));
            state.answers.push(answering);
            Ok(())
        })?;
        self.settle(context)
    }

    /// Answers every plugin call that the test knows an answer to, until none is left.
    fn settle(&self, context: &NativeCallContext) -> Outcome<()> {
        for _ in 0..PLAYED_MAX {
            let next = self.with(|state| state.next_answer())?;
            let Some((call, with)) = next else { return Ok(()) };
            // The test's own function runs while the desk is free.
            let answer = match with {
                With::Value(value) => PluginAnswer::Ok { value },
                With::Failure(message) => PluginAnswer::Failed { message },
                With::Function(function) => {
                    let input = values::of_json(&call.input);
                    let said: Dynamic = function.call_within_context(context, (input,))?;
                    PluginAnswer::Ok { value: values::to_json(&said)? }
                }
            };
            self.with(|state| state.desk.answer(&call, answer).map_err(thrown))?;
        }
        Err(wrong(format!("more than {PLAYED_MAX} plugin calls in one step")))
    }

    /// Ends the test: an assertion did not hold. Not to be caught by the test's own `try`.
    pub fn fail(&self, failing: Failing) -> Box<EvalAltResult> {
        let position = failing.position;
        let kept = self.with(|state| {
            state.failing.get_or_insert(failing);
            Ok(())
        });
        match kept {
            Ok(()) => Box::new(EvalAltResult::ErrorTerminated(Dynamic::UNIT, position)),
            Err(error) => error,
        }
    }
}

impl State {
    /// The first step that needs a time starts the clock.
    fn begin(&mut self) -> Outcome<()> {
        if self.has_begun {
            return Ok(());
        }
        self.has_begun = true;
        let zone = &self.desk.pack.calendar.time_zone;
        let at = local_moment(BEGINS_AT, zone).expect("a plain date in a zone that the pack was read with");
        self.desk.begin_at(at).map_err(thrown)
    }

    fn next_answer(&self) -> Outcome<Option<(PluginCall, With)>> {
        for call in self.desk.open_calls().map_err(thrown)? {
            let known = self
                .answers
                .iter()
                .find(|known| known.plugin == call.plugin && known.function == call.function);
            if let Some(known) = known {
                return Ok(Some((call, known.with.clone())));
            }
        }
        Ok(None)
    }
}

/// The test itself is wrong.
pub fn wrong(message: impl Into<String>) -> Box<EvalAltResult> {
    Box::new(EvalAltResult::ErrorRuntime(message.into().into(), Position::NONE))
}

/// A refusal as the test catches it.
pub fn thrown(error: DeskError) -> Box<EvalAltResult> {
    let DeskError::Refused(refusal) = error else { return wrong(error.to_string()) };
    Box::new(EvalAltResult::ErrorRuntime(Dynamic::from_map(refusal_map(&refusal)), Position::NONE))
}

fn refusal_map(refusal: &Refusal) -> Map {
    let field = refusal.field().map_or(Dynamic::UNIT, |field| field.to_owned().into());
    Map::from([
        ("code".into(), refusal.code().into()),
        ("message".into(), refusal.to_string().into()),
        ("field".into(), field),
    ])
}
