//! What the parser finds, in a sentence that says what would be right.

use rhai::{LexError, ParseError, ParseErrorType, Position, Token};

use super::keys::KeySets;
use super::slips::slip_of;
use super::syntax::Syntax;
use super::{Finding, Wrong, did_you_mean};
use crate::workflow::engine::FORBIDDEN_WORDS;
use crate::workflow::source::Source;

/// Rhai's own finding in our words; for an unknown variable with what was probably meant.
pub fn finding(error: &ParseError, source: &Source, keys: &KeySets<'_>) -> Finding {
    if let Some(slip) = slip_of(error, source, keys) {
        return Finding::at(error.1, &Wrong::Slip(slip));
    }
    if let Some(kind) = no_condition(&error.0) {
        return Finding::at(error.1, &Wrong::ConditionKind { kind: kind.to_owned() });
    }
    let mended = unclosed(error, source);
    let error = mended.as_ref().unwrap_or(error);
    let nearest = match &*error.0 {
        ParseErrorType::VariableUndefined(name) => {
            did_you_mean(name, source.names().filter(|known| known != name).chain(["settings"]))
        }
        _ => None,
    };
    Finding { nearest, ..Finding::at(error.1, &wrong_of(&error.0, error.1, source)) }
}

fn wrong_of(error: &ParseErrorType, at: Position, source: &Source) -> Wrong {
    match error {
        ParseErrorType::VariableUndefined(name) if source.defines(name) => {
            Wrong::Syntax(Syntax::NotKnownHere { name: name.clone() })
        }
        ParseErrorType::FnDuplicatedDefinition(name, _) => {
            let line = source.functions_called(name).find(|place| *place < at).and_then(Position::line);
            Wrong::DefinedTwice { name: name.clone(), line }
        }
        ParseErrorType::BadInput(LexError::ImproperSymbol(word, _))
            if FORBIDDEN_WORDS.contains(&word.as_str()) =>
        {
            Wrong::ForbiddenWord { name: word.clone() }
        }
        other => Wrong::of_parse_error(other),
    }
}

/// What stands where a condition is wanted.
fn no_condition(error: &ParseErrorType) -> Option<&'static str> {
    let ParseErrorType::MismatchedType(wanted, found) = error else { return None };
    if !wanted.contains("boolean") {
        return None;
    }
    Some(match found.as_str() {
        "a string" => "text",
        "a number" | "a floating-point number" => "number",
        "an array" => "array",
        "an object map" => "map",
        _ => "something else",
    })
}

/// Where a statement ends within brackets, their end is missing, no comma.
fn unclosed(error: &ParseError, source: &Source) -> Option<ParseError> {
    let ParseErrorType::MissingToken(token, why) = &*error.0 else { return None };
    let ends_statement = matches!(source.token_at(error.1), Some(Token::SemiColon));
    if token != "," || !ends_statement {
        return None;
    }
    let closing = if why.contains("array") {
        "]"
    } else if why.contains("map") {
        "}"
    } else {
        ")"
    };
    let why = "before the end of the statement".to_owned();
    Some(ParseError(Box::new(ParseErrorType::MissingToken(closing.to_owned(), why)), error.1))
}
