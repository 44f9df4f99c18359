//! Why a run failed: the kind for programs, the sentence and the line for people.

use rhai::{Dynamic, EvalAltResult, Position};
use serde::{Deserialize, Serialize};

use super::limits::{
    ARRAY_ITEMS_MAX, CALL_DEPTH_MAX, Excess, Guard, MAP_ITEMS_MAX, OPERATIONS_MAX, RUN_MEMORY_BYTES_MAX,
    STRING_BYTES_MAX,
};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    pub kind: FailureKind,
    pub message: String,
    /// The shared module that it happened in; `None`: the script itself.
    pub module: Option<String>,
    /// From 1; 0 where the place is not known. Where a limit ended the run: the last place that asked for something.
    pub line: usize,
    /// From 1; 0 where the place is not known.
    pub column: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FailureKind {
    /// The script itself went wrong: a type that does not fit, a division by zero, its own `throw`.
    Script,
    /// The script asked for something that does not exist or makes no sense.
    Refused,
    TooManyOperations,
    TooSlow,
    TooMuchMemory,
    TooDeep,
    /// A text, an array or a map over its limit.
    TooBig,
    TooManyCommands,
    /// The database did not answer.
    Facts,
    /// A defect of ours; the run is undone.
    Panicked,
}

impl FailureKind {
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            FailureKind::Script => "script",
            FailureKind::Refused => "refused",
            FailureKind::TooManyOperations => "too_many_operations",
            FailureKind::TooSlow => "too_slow",
            FailureKind::TooMuchMemory => "too_much_memory",
            FailureKind::TooDeep => "too_deep",
            FailureKind::TooBig => "too_big",
            FailureKind::TooManyCommands => "too_many_commands",
            FailureKind::Facts => "facts",
            FailureKind::Panicked => "panicked",
        }
    }
}

/// What a native throws; travels through Rhai as the value of a runtime error.
#[derive(Debug, Clone)]
pub struct Fault {
    pub kind: FailureKind,
    pub message: String,
}

impl Fault {
    #[must_use]
    #[expect(clippy::new_ret_no_self, reason = "a fault is only ever used as Rhai's error")]
    pub fn new(kind: FailureKind, message: String) -> Box<EvalAltResult> {
        let fault = Dynamic::from(Fault { kind, message });
        Box::new(EvalAltResult::ErrorRuntime(fault, Position::NONE))
    }

    #[must_use]
    pub fn refused(message: &str) -> Box<EvalAltResult> {
        Self::new(FailureKind::Refused, message.to_owned())
    }

    #[must_use]
    pub fn wrong_type(wanted: &str, found: &str) -> Box<EvalAltResult> {
        let short = |name: &str| match name.rsplit("::").next().unwrap_or(name) {
            "ImmutableString" | "string" => "a text".to_owned(),
            "i64" => "a whole number".to_owned(),
            "f64" => "a number".to_owned(),
            "bool" => "true or false".to_owned(),
            "BTreeMap" | "Map" | "map" => "a map".to_owned(),
            "Vec" | "array" => "an array".to_owned(),
            "FnPtr" | "Fn" => "a function".to_owned(),
            "()" => "nothing".to_owned(),
            other => other.trim_end_matches('>').trim_end_matches("Ref").to_owned(),
        };
        Self::refused(&format!("{} is wanted here, not {}", short(wanted), short(found)))
    }

    /// The guard said stop. Not catchable by the script's own `try`, unlike a runtime error.
    #[must_use]
    pub fn stopped() -> Box<EvalAltResult> {
        Box::new(EvalAltResult::ErrorTerminated(Dynamic::UNIT, Position::NONE))
    }
}

impl std::error::Error for Failure {}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)?;
        match (&self.module, self.line) {
            (_, 0) => Ok(()),
            (None, line) => write!(f, " (line {line}, column {})", self.column),
            (Some(module), line) => write!(f, " ({module}, line {line}, column {})", self.column),
        }
    }
}

/// A failure as it was written down, taken apart again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told<'t> {
    pub message: &'t str,
    pub module: Option<String>,
    /// From 1; 0 where the place is not known.
    pub line: usize,
    pub column: usize,
}

impl<'t> Told<'t> {
    /// Of what [`Failure`] shows itself as, and of a refusal of a command, which stands behind its line.
    #[must_use]
    pub fn read(text: &'t str) -> Self {
        let told = Self::with_place(text).or_else(|| Self::with_line(text));
        told.unwrap_or(Told { message: text, module: None, line: 0, column: 0 })
    }

    fn with_line(text: &'t str) -> Option<Self> {
        let (line, message) = text.strip_prefix("line ")?.split_once(": ")?;
        Some(Told { message, module: None, line: line.parse().ok()?, column: 0 })
    }

    fn with_place(text: &'t str) -> Option<Self> {
        let (message, place) = text.strip_suffix(')')?.rsplit_once(" (")?;
        let (module, place) = match place.strip_prefix("line ") {
            Some(place) => (None, place),
            None => place.split_once(", line ").map(|(module, place)| (Some(module.to_owned()), place))?,
        };
        let (line, column) = place.split_once(", column ")?;
        Some(Told { message, module, line: line.parse().ok()?, column: column.parse().ok()? })
    }
}

impl Failure {
    /// In a sentence, from what Rhai threw and what the guard saw.
    #[must_use]
    pub fn of(error: &EvalAltResult, guard: &Guard, fatal: Option<Fault>) -> Failure {
        let (error, module) = innermost(error);
        let mut position = error.position();
        if position.is_none() && module.is_none() {
            position = guard.last();
        }
        let (kind, message) = match (guard.excess(), fatal) {
            (Some(excess), _) => excess_words(excess, guard),
            (None, Some(fault)) => (fault.kind, fault.message),
            (None, None) => words(error),
        };
        Failure {
            kind,
            message,
            module,
            line: position.line().unwrap_or(0),
            column: position.position().unwrap_or(0),
        }
    }

    #[must_use]
    pub fn without_place(kind: FailureKind, message: String) -> Failure {
        Failure { kind, message, module: None, line: 0, column: 0 }
    }
}

/// Where it really happened, below the calls that led there, and in which shared module.
fn innermost(error: &EvalAltResult) -> (&EvalAltResult, Option<String>) {
    let (mut error, mut module) = (error, None);
    loop {
        match error {
            EvalAltResult::ErrorInFunctionCall(_, source, inner, _) => {
                module = Some(source.clone()).filter(|source| !source.is_empty());
                error = inner;
            }
            EvalAltResult::ErrorInModule(source, inner, _) => {
                module = Some(source.clone());
                error = inner;
            }
            _ => return (error, module),
        }
    }
}

fn excess_words(excess: Excess, guard: &Guard) -> (FailureKind, String) {
    match excess {
        Excess::Operations => (
            FailureKind::TooManyOperations,
            format!(
                "the script took more than {OPERATIONS_MAX} operations; look for a loop that does not end"
            ),
        ),
        Excess::Wall => {
            (FailureKind::TooSlow, format!("the script took more than {} ms", guard.wall_max().as_millis()))
        }
        Excess::Memory => (
            FailureKind::TooMuchMemory,
            format!("the script held more than {} MiB", RUN_MEMORY_BYTES_MAX / (1024 * 1024)),
        ),
    }
}

fn words(error: &EvalAltResult) -> (FailureKind, String) {
    match error {
        EvalAltResult::ErrorRuntime(value, _) => match value.read_lock::<Fault>() {
            Some(fault) => (fault.kind, fault.message.clone()),
            None => (FailureKind::Script, format!("the script threw: {}", thrown(value))),
        },
        EvalAltResult::ErrorTooManyOperations(_) => {
            (FailureKind::TooManyOperations, format!("the script took more than {OPERATIONS_MAX} operations"))
        }
        EvalAltResult::ErrorStackOverflow(_) => {
            (FailureKind::TooDeep, format!("functions call one another more than {CALL_DEPTH_MAX} deep"))
        }
        EvalAltResult::ErrorDataTooLarge(what, _) => (
            FailureKind::TooBig,
            format!(
                "{what} is too large: at most {STRING_BYTES_MAX} bytes of text, {ARRAY_ITEMS_MAX} items of an \
                 array, {MAP_ITEMS_MAX} of a map"
            ),
        ),
        EvalAltResult::ErrorDotExpr(text, _) if text.ends_with("for type '()'") => {
            let name = text.split('\'').nth(1).unwrap_or_default();
            (FailureKind::Script, of_nothing(name))
        }
        EvalAltResult::ErrorFunctionNotFound(signature, _) if signature.contains(" (()") => {
            (FailureKind::Script, of_nothing(signature.split(' ').next().unwrap_or_default()))
        }
        // Rhai writes the place behind the sentence; it is told apart here.
        other => {
            let text = other.to_string();
            let bare = text.rsplit_once(" (line ").map_or(text.as_str(), |(sentence, _)| sentence);
            (FailureKind::Script, bare.to_owned())
        }
    }
}

/// The mistake that everybody makes: what can be missing was not asked about.
fn of_nothing(name: &str) -> String {
    format!("`.{name}` of nothing: what stands before it is `()`; ask `if x != ()` first")
}

fn thrown(value: &Dynamic) -> String {
    const THROWN_CHARS_MAX: usize = 500;
    value.clone().into_immutable_string().map_or_else(
        |kind| format!("a value of type {kind}"),
        |text| text.chars().take(THROWN_CHARS_MAX).collect(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_is_taken_apart_as_it_was_written_down() {
        for (message, module, line) in [
            ("there is no queue `x` (did you mean `y`?)", None, 12),
            ("the script threw: (a, line 3)", Some("shared/visits"), 3),
            ("the script threw: x (line 3)", None, 0),
            ("", None, 0),
        ] {
            let module = module.map(str::to_owned);
            let column = if line == 0 { 0 } else { 7 };
            let kind = FailureKind::Script;
            let failure = Failure { kind, message: message.to_owned(), module: module.clone(), line, column };
            let text = failure.to_string();
            assert_eq!(Told::read(&text), Told { message, module, line, column }, "{text}");
        }
        let refused = Told { message: "status: x", module: None, line: 46, column: 0 };
        assert_eq!(Told::read("line 46: status: x"), refused);
    }
}
