//! What the parser finds, in a sentence that says what would be right.

use rhai::{LexError, ParseError, ParseErrorType, Position, Token};

use super::keys::KeySets;
use super::slips::slip_of;
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
    let wrong = Wrong::of_parse_error(error, words(&error.0, error.1, source));
    Finding { nearest, ..Finding::at(error.1, &wrong) }
}

fn words(error: &ParseErrorType, at: Position, source: &Source) -> String {
    match error {
        ParseErrorType::VariableUndefined(name) if source.defines(name) => format!(
            "`{name}` is not known here: a function, also one between bars, sees its own parameters and what it defines itself"
        ),
        ParseErrorType::VariableUndefined(name) => format!("there is no variable `{name}`"),
        ParseErrorType::FnDuplicatedDefinition(name, _) => {
            let line = source.functions_called(name).find(|place| *place < at).and_then(Position::line);
            let line = line.map_or_else(String::new, |line| format!(" in line {line}"));
            format!(
                "the function `{name}` is there already{line}: make one of both, or give this one another name"
            )
        }
        ParseErrorType::MissingToken(token, why) => format!("`{token}` is missing {why}"),
        ParseErrorType::UnexpectedEOF => {
            "the script ends too early: something that was opened is not closed".to_owned()
        }
        ParseErrorType::BadInput(LexError::UnexpectedInput(input)) => {
            format!("`{input}` does not belong here")
        }
        ParseErrorType::BadInput(LexError::UnterminatedString) => {
            "this text is never closed: the quotation mark at its end is missing".to_owned()
        }
        ParseErrorType::BadInput(LexError::ImproperSymbol(word, _))
            if FORBIDDEN_WORDS.contains(&word.as_str()) =>
        {
            format!("`{word}` may not be used in a workflow script")
        }
        ParseErrorType::BadInput(LexError::ImproperSymbol(_, why)) if why.contains("'=='") => {
            "`=` puts something into a variable; `==` compares".to_owned()
        }
        ParseErrorType::Reserved(word) => {
            format!("`{word}` is a word of the language; choose another name")
        }
        ParseErrorType::AssignmentToConstant(name) => {
            format!("`{name}` is a constant: nothing can be put into it")
        }
        ParseErrorType::LoopBreak => "`break` and `continue` belong into a loop".to_owned(),
        ParseErrorType::ExprTooDeep => "this is nested too deep: give its parts names with `let`".to_owned(),
        other => lower(&other.to_string()),
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

/// Findings are parts of a sentence: `2:11: …`.
fn lower(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}
