//! What Rhai's parser finds, each kind with a code and a sentence of ours: its own words are English alone.

use rhai::{LexError, ParseErrorType};

/// What does not parse, with what would be right.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Syntax {
    #[error("`{given}` does not belong here")]
    UnexpectedInput { given: String },
    #[error("this text is never closed: the quotation mark at its end is missing")]
    TextNotClosed,
    #[error("`{given}` is no escape in a text: write \\n, \\t, \\\\, \\\" or \\u0041")]
    BadEscape { given: String },
    #[error("`{given}` is no number: write 12, 1.5 or 1_000")]
    BadNumber { given: String },
    #[error("`{given}` is no character; a text stands in double quotation marks")]
    BadCharacter { given: String },
    #[error("`{given}` is no name: a name begins with a letter and has letters, digits and `_`")]
    BadName { given: String },
    #[error("`=` puts something into a variable; `==` compares")]
    AssignedNotCompared,
    #[error("`{given}` is no sign of the language")]
    BadSign { given: String },
    #[error("there is no operator `{given}`")]
    UnknownOperator { given: String },
    #[error("a sign is missing here")]
    SignMissing,
    #[error("a map is read with a text between the brackets, such as `map[\"part\"]`")]
    MapIndex,
    #[error("a list or a text is read with a whole number between the brackets, such as `list[0]`")]
    ListIndex,
    #[error("this stands in brackets or behind `in` and makes no sense there")]
    BadExpression,
    #[error("a call cannot take the variables around it along: leave out the `!` before the brackets")]
    BadCapture,
    #[error("this case of the `switch` is there twice")]
    CaseTwice,
    #[error("the variable `{name}` is there twice")]
    VariableTwice { name: String },
    #[error("a case with one number stands before the cases with a range")]
    NumberAfterRange,
    #[error("`_` is the last case of a `switch`: it takes everything else")]
    DefaultNotLast,
    #[error("this case of the `switch` cannot have an `if`")]
    CaseCondition,
    #[error("the name of a property is missing here, such as `status`")]
    PropertyMissing,
    #[error("the name of a variable is missing here")]
    NameMissing,
    #[error("a variable may not be called `{name}`")]
    ForbiddenName { name: String },
    #[error("something that can be gone through is wanted here: a list, an array, a range")]
    NothingToGoThrough,
    #[error("a value is missing here")]
    ValueMissing,
    #[error("a case of a `switch` is a text, a number or a range, known beforehand")]
    CaseNotLiteral,
    #[error("a comment with `///` or `/**` stands right before a function")]
    CommentPlace,
    #[error("a function cannot stand in a function or in a block: put it beside the others")]
    FunctionInside,
    #[error("the name of the function is missing behind `fn`")]
    FunctionNameMissing,
    #[error("the function `{name}` needs brackets behind its name, `{name}()`, also without parameters")]
    ParametersMissing { name: String },
    #[error("the function `{name}` has two parameters `{param}`")]
    ParameterTwice { name: String, param: String },
    #[error("the function `{name}` has no body: write `{{` and `}}` behind its parameters")]
    BodyMissing { name: String },
    #[error("the function between bars has no body: write what it answers behind the second bar")]
    BodyOfBarsMissing,
    #[error("`export` does not stand in a function or in a block")]
    ExportPlace,
    #[error("`{name}` is a constant: nothing can be put into it")]
    Constant { name: String },
    #[error("nothing can be put into this: before `=` stands a variable or a property")]
    CannotBeAssigned,
    #[error("the variable `{name}` is there already")]
    VariableExists { name: String },
    #[error("there is no module `{name}`: `import \"shared/…\" as {name};` is missing")]
    NoSuchModule { name: String },
    #[error(
        "`{name}` is not known here: a function, also one between bars, sees its own parameters and what it defines \
         itself"
    )]
    NotKnownHere { name: String },
    #[error("this is nested too deep: give its parts names with `let`")]
    TooDeep,
    #[error("the script has too many functions")]
    TooManyFunctions,
    #[error("this is too large: at most {max} are taken")]
    TooLarge { max: usize },
    #[error("`break` and `continue` belong into a loop")]
    OutsideLoop,
    /// What no version of the language says that we know.
    #[error("{detail}")]
    Other { detail: String },
}

impl Syntax {
    /// The finding of what has no finding of its own elsewhere.
    #[must_use]
    pub fn of(error: &ParseErrorType) -> Self {
        Self::of_words(error)
            .or_else(|| Self::of_switches_and_functions(error))
            .or_else(|| Self::of_values(error))
            .unwrap_or_else(|| Syntax::Other { detail: lower(&error.to_string()) })
    }

    fn of_words(error: &ParseErrorType) -> Option<Self> {
        let given = |given: &String| super::quoted(given);
        let ParseErrorType::BadInput(error) = error else { return None };
        Some(match error {
            LexError::UnexpectedInput(input) => Syntax::UnexpectedInput { given: given(input) },
            LexError::UnterminatedString => Syntax::TextNotClosed,
            LexError::StringTooLong(max) => Syntax::TooLarge { max: *max },
            LexError::MalformedEscapeSequence(text) => Syntax::BadEscape { given: given(text) },
            LexError::MalformedNumber(text) => Syntax::BadNumber { given: given(text) },
            LexError::MalformedChar(text) => Syntax::BadCharacter { given: given(text) },
            LexError::MalformedIdentifier(text) => Syntax::BadName { given: given(text) },
            LexError::ImproperSymbol(_, why) if why.contains("'=='") => Syntax::AssignedNotCompared,
            LexError::ImproperSymbol(sign, _) => Syntax::BadSign { given: given(sign) },
            _ => return None,
        })
    }

    #[expect(deprecated, reason = "a script must not meet English, whatever still makes these")]
    fn of_switches_and_functions(error: &ParseErrorType) -> Option<Self> {
        let name = |name: &String| super::quoted(name);
        Some(match error {
            ParseErrorType::DuplicatedSwitchCase => Syntax::CaseTwice,
            ParseErrorType::WrongSwitchIntegerCase => Syntax::NumberAfterRange,
            ParseErrorType::WrongSwitchDefaultCase => Syntax::DefaultNotLast,
            ParseErrorType::WrongSwitchCaseCondition => Syntax::CaseCondition,
            ParseErrorType::WrongDocComment => Syntax::CommentPlace,
            ParseErrorType::WrongFnDefinition => Syntax::FunctionInside,
            ParseErrorType::FnMissingName => Syntax::FunctionNameMissing,
            ParseErrorType::FnMissingParams(own) => Syntax::ParametersMissing { name: name(own) },
            ParseErrorType::FnDuplicatedParam(own, param) => {
                Syntax::ParameterTwice { name: name(own), param: name(param) }
            }
            ParseErrorType::FnMissingBody(own) if own.is_empty() => Syntax::BodyOfBarsMissing,
            ParseErrorType::FnMissingBody(own) => Syntax::BodyMissing { name: name(own) },
            ParseErrorType::WrongExport => Syntax::ExportPlace,
            ParseErrorType::TooManyFunctions => Syntax::TooManyFunctions,
            ParseErrorType::LoopBreak => Syntax::OutsideLoop,
            _ => return None,
        })
    }

    #[expect(deprecated, reason = "a script must not meet English, whatever still makes these")]
    fn of_values(error: &ParseErrorType) -> Option<Self> {
        let name = |name: &String| super::quoted(name);
        Some(match error {
            ParseErrorType::UnknownOperator(sign) => Syntax::UnknownOperator { given: name(sign) },
            ParseErrorType::MissingSymbol(_) => Syntax::SignMissing,
            ParseErrorType::MalformedIndexExpr(why) if why.contains("map") => Syntax::MapIndex,
            ParseErrorType::MalformedIndexExpr(_) => Syntax::ListIndex,
            ParseErrorType::MalformedCallExpr(_) | ParseErrorType::MalformedInExpr(_) => {
                Syntax::BadExpression
            }
            ParseErrorType::MalformedCapture(_) => Syntax::BadCapture,
            ParseErrorType::DuplicatedVariable(own) => Syntax::VariableTwice { name: name(own) },
            ParseErrorType::PropertyExpected => Syntax::PropertyMissing,
            ParseErrorType::VariableExpected => Syntax::NameMissing,
            ParseErrorType::ForbiddenVariable(own) => Syntax::ForbiddenName { name: name(own) },
            ParseErrorType::MismatchedType(..) => Syntax::NothingToGoThrough,
            ParseErrorType::ExprExpected(what) if what.contains("literal") => Syntax::CaseNotLiteral,
            ParseErrorType::ExprExpected(_) => Syntax::ValueMissing,
            ParseErrorType::AssignmentToConstant(own) if own.is_empty() => Syntax::CannotBeAssigned,
            ParseErrorType::AssignmentToConstant(own) => Syntax::Constant { name: name(own) },
            ParseErrorType::AssignmentToInvalidLHS(_) => Syntax::CannotBeAssigned,
            ParseErrorType::VariableExists(own) => Syntax::VariableExists { name: name(own) },
            ParseErrorType::ModuleUndefined(own) => Syntax::NoSuchModule { name: name(own) },
            ParseErrorType::ExprTooDeep => Syntax::TooDeep,
            ParseErrorType::LiteralTooLarge(_, max) => Syntax::TooLarge { max: *max },
            _ => return None,
        })
    }

    /// A stable word for programs.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Syntax::UnexpectedInput { .. } => "unexpected_input",
            Syntax::TextNotClosed => "text_not_closed",
            Syntax::BadEscape { .. } => "bad_escape",
            Syntax::BadNumber { .. } => "bad_number",
            Syntax::BadCharacter { .. } => "bad_character",
            Syntax::BadName { .. } => "bad_name",
            Syntax::AssignedNotCompared => "assigned_not_compared",
            Syntax::BadSign { .. } => "bad_sign",
            Syntax::UnknownOperator { .. } => "unknown_operator",
            Syntax::SignMissing => "sign_missing",
            Syntax::MapIndex => "map_index",
            Syntax::ListIndex => "list_index",
            Syntax::BadExpression => "bad_expression",
            Syntax::BadCapture => "bad_capture",
            Syntax::CaseTwice => "case_twice",
            Syntax::VariableTwice { .. } => "variable_twice",
            Syntax::NumberAfterRange => "number_after_range",
            Syntax::DefaultNotLast => "default_not_last",
            Syntax::CaseCondition => "case_condition",
            Syntax::PropertyMissing => "property_missing",
            Syntax::NameMissing => "name_missing",
            Syntax::ForbiddenName { .. } => "forbidden_name",
            Syntax::NothingToGoThrough => "nothing_to_go_through",
            Syntax::ValueMissing => "value_missing",
            Syntax::CaseNotLiteral => "case_not_literal",
            Syntax::CommentPlace => "comment_place",
            Syntax::FunctionInside => "function_inside",
            Syntax::FunctionNameMissing => "function_name_missing",
            Syntax::ParametersMissing { .. } => "parameters_missing",
            Syntax::ParameterTwice { .. } => "parameter_twice",
            Syntax::BodyMissing { .. } => "body_missing",
            Syntax::BodyOfBarsMissing => "body_of_bars_missing",
            Syntax::ExportPlace => "export_place",
            Syntax::Constant { .. } => "constant",
            Syntax::CannotBeAssigned => "cannot_be_assigned",
            Syntax::VariableExists { .. } => "variable_exists",
            Syntax::NoSuchModule { .. } => "no_such_module",
            Syntax::NotKnownHere { .. } => "not_known_here",
            Syntax::TooDeep => "too_deep",
            Syntax::TooManyFunctions => "too_many_functions",
            Syntax::TooLarge { .. } => "too_large",
            Syntax::OutsideLoop => "outside_loop",
            Syntax::Other { .. } => "syntax",
        }
    }

    /// What the sentence speaks of, by name.
    #[must_use]
    pub fn values(&self) -> Vec<(&'static str, String)> {
        match self {
            Syntax::UnexpectedInput { given }
            | Syntax::BadEscape { given }
            | Syntax::BadNumber { given }
            | Syntax::BadCharacter { given }
            | Syntax::BadName { given }
            | Syntax::BadSign { given }
            | Syntax::UnknownOperator { given } => vec![("given", given.clone())],
            Syntax::VariableTwice { name }
            | Syntax::ForbiddenName { name }
            | Syntax::ParametersMissing { name }
            | Syntax::BodyMissing { name }
            | Syntax::Constant { name }
            | Syntax::VariableExists { name }
            | Syntax::NoSuchModule { name }
            | Syntax::NotKnownHere { name } => vec![("name", name.clone())],
            Syntax::ParameterTwice { name, param } => vec![("name", name.clone()), ("param", param.clone())],
            Syntax::TooLarge { max } => vec![("max", max.to_string())],
            Syntax::Other { detail } => vec![("detail", detail.clone())],
            _ => Vec::new(),
        }
    }
}

/// Findings are parts of a sentence: `2:11: …`.
fn lower(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every kind of the version in `Cargo.lock`, without those that `Wrong` has on its own.
    #[expect(deprecated, reason = "all of them")]
    fn every_kind() -> Vec<ParseErrorType> {
        use ParseErrorType as Kind;
        let text = || "x".to_owned();
        let lexed = vec![
            LexError::UnexpectedInput(text()),
            LexError::UnterminatedString,
            LexError::StringTooLong(7),
            LexError::MalformedEscapeSequence(text()),
            LexError::MalformedNumber(text()),
            LexError::MalformedChar(text()),
            LexError::MalformedIdentifier(text()),
            LexError::ImproperSymbol(text(), "Should it be '=='?".to_owned()),
            LexError::ImproperSymbol(text(), String::new()),
        ];
        let parsed = vec![
            Kind::UnknownOperator(text()),
            Kind::MissingSymbol(text()),
            Kind::MalformedCallExpr(text()),
            Kind::MalformedIndexExpr("Object map expects string index, not ()".to_owned()),
            Kind::MalformedIndexExpr(text()),
            Kind::MalformedInExpr(text()),
            Kind::MalformedCapture(text()),
            Kind::DuplicatedSwitchCase,
            Kind::DuplicatedVariable(text()),
            Kind::WrongSwitchIntegerCase,
            Kind::WrongSwitchDefaultCase,
            Kind::WrongSwitchCaseCondition,
            Kind::PropertyExpected,
            Kind::VariableExpected,
            Kind::ForbiddenVariable(text()),
            Kind::MismatchedType("an iterable value".to_owned(), text()),
            Kind::ExprExpected("a literal".to_owned()),
            Kind::ExprExpected(text()),
            Kind::WrongDocComment,
            Kind::WrongFnDefinition,
            Kind::FnMissingName,
            Kind::FnMissingParams(text()),
            Kind::FnDuplicatedParam(text(), text()),
            Kind::FnMissingBody(text()),
            Kind::FnMissingBody(String::new()),
            Kind::WrongExport,
            Kind::AssignmentToConstant(text()),
            Kind::AssignmentToInvalidLHS(text()),
            Kind::VariableExists(text()),
            Kind::ModuleUndefined(text()),
            Kind::ExprTooDeep,
            Kind::TooManyFunctions,
            Kind::LiteralTooLarge(text(), 7),
            Kind::LoopBreak,
        ];
        lexed.into_iter().map(Kind::BadInput).chain(parsed).collect()
    }

    #[test]
    fn every_kind_of_the_parser_has_its_own_sentence() {
        for kind in every_kind() {
            let found = Syntax::of(&kind);
            assert!(!matches!(found, Syntax::Other { .. }), "{kind:?} has no sentence of ours");
            assert_ne!(found.code(), "syntax", "{kind:?}");
        }
        let lock = include_str!("../../../Cargo.lock");
        assert!(
            lock.contains("name = \"rhai\"\nversion = \"1.27.0\""),
            "another version of rhai: look through its ParseErrorType and LexError, and mend this list"
        );
    }
}
