//! One call from a script: its arguments, read with errors that name what would be right.

use rhai::{Dynamic, EvalAltResult, ImmutableString, Map, NativeCallContext};

use super::time::due_of;
use super::values::text_of;
use crate::domain::command::Command;
use crate::domain::{Key, Moment};
use crate::workflow::failure::{FailureKind, Fault};
use crate::workflow::state::{Place, Shared};

pub type Answer = Result<Dynamic, Box<EvalAltResult>>;
pub type Outcome<T> = Result<T, Box<EvalAltResult>>;

pub struct Call<'a, 'b, 'c> {
    pub context: &'a NativeCallContext<'b>,
    args: &'a mut [&'c mut Dynamic],
    state: Shared,
}

impl<'a, 'b, 'c> Call<'a, 'b, 'c> {
    pub fn new(context: &'a NativeCallContext<'b>, args: &'a mut [&'c mut Dynamic]) -> Outcome<Self> {
        let state = context.tag().and_then(|tag| tag.clone().try_cast::<Shared>());
        let state = state.ok_or_else(|| Fault::refused("this works only while a handler runs"))?;
        if context.call_source().is_none_or(str::is_empty) {
            state.guard.pass(context.call_position());
        }
        Ok(Self { context, args, state })
    }

    #[must_use]
    pub fn state(&self) -> &Shared {
        &self.state
    }

    #[must_use]
    pub fn place(&self) -> Place {
        let module = self.context.call_source().filter(|source| !source.is_empty()).map(str::to_owned);
        Place { module, position: self.context.call_position() }
    }

    /// Asks for a command from here.
    pub fn ask(&self, command: Command) -> Answer {
        self.state.ask(&self.place(), command).map(|_| Dynamic::UNIT)
    }

    #[must_use]
    pub fn count(&self) -> usize {
        self.args.len()
    }

    /// What the method was called on.
    pub fn this<T: rhai::Variant + Clone>(&self) -> Outcome<T> {
        self.arg_as::<T>(0)
    }

    pub fn this_mut<T: rhai::Variant + Clone>(&mut self) -> Outcome<rhai::DynamicWriteLock<'_, T>> {
        let found = self.args[0].type_name();
        self.args[0].write_lock::<T>().ok_or_else(|| Fault::wrong_type("receiver", found))
    }

    fn arg_as<T: rhai::Variant + Clone>(&self, index: usize) -> Outcome<T> {
        let arg = &self.args[index];
        arg.read_lock::<T>()
            .map(|value| value.clone())
            .ok_or_else(|| Fault::wrong_type(std::any::type_name::<T>(), arg.type_name()))
    }

    /// The argument itself; unit where it was left out.
    pub fn arg(&self, index: usize) -> Dynamic {
        self.args.get(index).map_or(Dynamic::UNIT, |arg| (**arg).clone())
    }

    pub fn text(&self, index: usize) -> Outcome<ImmutableString> {
        self.arg_as::<ImmutableString>(index)
    }

    /// Any argument in words, as `+` and `${}` would write it.
    pub fn words(&self, index: usize) -> Outcome<String> {
        text_of(&self.state, &self.arg(index))
    }

    pub fn int(&self, index: usize) -> Outcome<i64> {
        self.arg_as::<i64>(index)
    }

    pub fn flag(&self, index: usize) -> Outcome<bool> {
        self.arg_as::<bool>(index)
    }

    pub fn key(&self, index: usize) -> Outcome<Key> {
        let text = self.text(index)?;
        Key::new(&text).map_err(|error| Fault::refused(&error.to_string()))
    }

    pub fn due(&self, index: usize) -> Outcome<Moment> {
        due_of(&self.state, &self.arg(index))
    }

    pub fn function(&self, index: usize) -> Outcome<rhai::FnPtr> {
        self.arg_as::<rhai::FnPtr>(index)
    }

    /// The option map at `index`, empty where it was left out.
    pub fn options(&self, index: usize) -> Outcome<Options<'_>> {
        let map = if index < self.args.len() { self.arg_as::<Map>(index)? } else { Map::new() };
        Ok(Options { map, state: &self.state })
    }
}

/// The options of a call. What was not asked for by [`Options::done`] is an error.
pub struct Options<'s> {
    map: Map,
    state: &'s Shared,
}

impl Options<'_> {
    fn take(&mut self, name: &str) -> Option<Dynamic> {
        self.map.remove(name).filter(|value| !value.is_unit())
    }

    pub fn any(&mut self, name: &str) -> Option<Dynamic> {
        self.take(name)
    }

    pub fn words(&mut self, name: &str) -> Outcome<Option<String>> {
        self.take(name).map(|value| text_of(self.state, &value)).transpose()
    }

    pub fn key(&mut self, name: &str) -> Outcome<Option<Key>> {
        let Some(value) = self.take(name) else { return Ok(None) };
        let text = value
            .into_immutable_string()
            .map_err(|found| Fault::refused(&format!("{name}: a key is wanted, not {found}")))?;
        Key::new(&text).map(Some).map_err(|error| Fault::refused(&format!("{name}: {error}")))
    }

    pub fn int(&mut self, name: &str) -> Outcome<Option<i64>> {
        let Some(value) = self.take(name) else { return Ok(None) };
        let wrong = |found| Fault::refused(&format!("{name}: a whole number is wanted, not {found}"));
        value.as_int().map(Some).map_err(wrong)
    }

    pub fn flag(&mut self, name: &str) -> Outcome<bool> {
        let Some(value) = self.take(name) else { return Ok(false) };
        let wrong = |found| Fault::refused(&format!("{name}: true or false is wanted, not {found}"));
        value.as_bool().map_err(wrong)
    }

    pub fn due(&mut self, name: &str) -> Outcome<Option<Moment>> {
        let Some(value) = self.take(name) else { return Ok(None) };
        let due = due_of(self.state, &value).map_err(|_| {
            Fault::refused(&format!("{name}: a moment or a span is wanted, not {}", value.type_name()))
        })?;
        Ok(Some(due))
    }

    /// A list of anything, from a read-only list, an array or one thing alone.
    pub fn list(&mut self, name: &str) -> Vec<Dynamic> {
        let Some(value) = self.take(name) else { return Vec::new() };
        super::collections::items_of(value).into_iter().filter(|item| !item.is_unit()).collect()
    }

    /// What is left, by name.
    #[must_use]
    pub fn rest(self) -> Map {
        self.map
    }

    /// Nothing may be left.
    pub fn done(self, known: &[super::Param]) -> Outcome<()> {
        let Some(name) = self.map.keys().next() else { return Ok(()) };
        let names: Vec<&str> = known.iter().map(|param| param.name).collect();
        Err(Fault::new(
            FailureKind::Refused,
            format!("there is no option `{name}`; known: {}", names.join(", ")),
        ))
    }
}
