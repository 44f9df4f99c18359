//! Slips of who is new to the language: what they took from another one, and what they mixed up.

use rhai::{Expr, LexError, ParseError, ParseErrorType, Stmt, Token};

use super::keys::KeySets;
use super::value::Value;
use super::walk::Walk;
use super::{Severity, Wrong};
use crate::workflow::api::{Keys, Kind};
use crate::workflow::source::{Literal, Source};

/// A slip, with what would be right.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Slip {
    #[error("`{given}` is what people read; a script names the {what} by its key, `{key}`")]
    LabelGiven { what: String, given: String, key: String },
    #[error("`{name}` is a key of client.toml and no variable: write \"{name}\", in quotation marks")]
    QuotesMissing { name: String },
    #[error("\"{given}\" is a text; write the number {given} without quotation marks")]
    NumberInQuotes { given: String },
    #[error("this is never reached: the function has ended with `{word}` before it")]
    NeverReached { word: String },
    #[error("{one} never equals {other}")]
    NeverEqual { one: String, other: String },
    #[error("`{word}` is a word of another language: write `{right}`")]
    OtherLanguage { word: String, right: String },
    #[error("a text stands in double quotation marks: write \"{text}\"")]
    SingleQuotes { text: String },
}

impl Slip {
    /// A stable word for programs.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Slip::LabelGiven { .. } => "label_given",
            Slip::QuotesMissing { .. } => "quotes_missing",
            Slip::NumberInQuotes { .. } => "number_in_quotes",
            Slip::NeverReached { .. } => "never_reached",
            Slip::NeverEqual { .. } => "never_equal",
            Slip::OtherLanguage { .. } => "other_language",
            Slip::SingleQuotes { .. } => "single_quotes",
        }
    }

    /// What the sentence speaks of, by name.
    #[must_use]
    pub fn values(&self) -> Vec<(&'static str, &str)> {
        match self {
            Slip::LabelGiven { what, given, key } => vec![("what", what), ("given", given), ("key", key)],
            Slip::QuotesMissing { name } => vec![("name", name)],
            Slip::NumberInQuotes { given } => vec![("given", given)],
            Slip::NeverReached { word } => vec![("word", word)],
            Slip::NeverEqual { one, other } => vec![("one", one), ("other", other)],
            Slip::OtherLanguage { word, right } => vec![("word", word), ("right", right)],
            Slip::SingleQuotes { text } => vec![("text", text)],
        }
    }
}

/// Words of other languages, and what they are here.
const OTHERS: &[(&str, &str)] = &[
    ("and", "&&"),
    ("or", "||"),
    ("not", "!"),
    ("elif", "else if"),
    ("elseif", "else if"),
    ("elsif", "else if"),
    ("function", "fn"),
    ("func", "fn"),
    ("def", "fn"),
    ("var", "let"),
    ("match", "switch"),
    ("case", "switch"),
    ("foreach", "for"),
    ("null", "()"),
    ("nil", "()"),
    ("None", "()"),
    ("undefined", "()"),
    ("True", "true"),
    ("False", "false"),
    ("===", "=="),
    ("!==", "!="),
    ("<>", "!="),
    ("++", "+= 1"),
    ("--", "-= 1"),
    (":=", "="),
];

/// The slip that a parser's complaint comes from, when it is one.
#[must_use]
pub fn slip_of(error: &ParseError, source: &Source, keys: &KeySets<'_>) -> Option<Slip> {
    let other = |word: &str| {
        let (word, right) = OTHERS.iter().find(|(other, _)| *other == word)?;
        Some(Slip::OtherLanguage { word: (*word).to_owned(), right: (*right).to_owned() })
    };
    match &*error.0 {
        ParseErrorType::VariableUndefined(name) => other(name).or_else(|| {
            let is_key = keys.names_key(name);
            is_key.then(|| Slip::QuotesMissing { name: name.clone() })
        }),
        ParseErrorType::Reserved(word) => other(word),
        ParseErrorType::BadInput(LexError::ImproperSymbol(symbol, _)) => other(symbol),
        ParseErrorType::BadInput(LexError::MalformedChar(text)) if text.chars().count() != 1 => {
            Some(Slip::SingleQuotes { text: super::quoted(text) })
        }
        _ => match source.token_at(error.1)? {
            Token::Identifier(word) => other(word),
            Token::Reserved(word) => other(word),
            _ => None,
        },
    }
}

impl Walk<'_> {
    /// Labels in the place of keys are told apart from what is unknown; answers the rest.
    pub fn without_labels(&mut self, literals: &[Literal], keys: Keys) -> Vec<Literal> {
        let mut others = Vec::new();
        for literal in literals {
            let Some(key) = self.keys.by_label(keys, &literal.text).map(str::to_owned) else {
                others.push(literal.clone());
                continue;
            };
            let (what, given) = (keys.what().to_owned(), super::quoted(&literal.text));
            self.find(literal.position, &Wrong::Slip(Slip::LabelGiven { what, given, key }), None);
        }
        others
    }

    /// Whether a text with a number in it stands where a number is wanted; then it was found.
    pub fn number_in_quotes(&mut self, wanted: Kind, value: &Value) -> bool {
        let [literal] = value.literals.as_slice() else { return false };
        let counts = matches!(wanted, Kind::Number | Kind::Span | Kind::Due);
        if !counts || literal.text.parse::<f64>().is_err() {
            return false;
        }
        let (slip, position) = (Slip::NumberInQuotes { given: literal.text.to_string() }, literal.position);
        self.find(position, &Wrong::Slip(slip), None);
        true
    }

    /// Two values that are compared and are never of one kind.
    pub fn can_be_equal(&mut self, (one, at): (&Value, &Expr), other: &Value) {
        let is_text = |kind: Kind| matches!(kind, Kind::Text | Kind::Key(_));
        let is_plain = |kind: Kind| is_text(kind) || matches!(kind, Kind::Number | Kind::Flag);
        let differ = match (one.kind, other.kind) {
            (Kind::Number, kind) => {
                if self.number_in_quotes(Kind::Number, other) {
                    return;
                }
                is_text(kind) || kind == Kind::Flag
            }
            (Kind::Flag, kind) => is_text(kind),
            (Kind::Handle(_) | Kind::Moment, kind) => is_plain(kind),
            _ => false,
        };
        if differ {
            let nearest = match (one.kind, is_text(other.kind)) {
                (Kind::Handle("Person"), true) => Some("login".to_owned()),
                (Kind::Handle("Client" | "SubClient" | "Ticket"), true) => Some("key".to_owned()),
                (Kind::Handle("Contact" | "Site" | "Model"), true) => Some("name".to_owned()),
                _ => None,
            };
            let (one, other) = (one.kind.to_string(), other.kind.to_string());
            self.find(at.position(), &Wrong::Slip(Slip::NeverEqual { one, other }), nearest);
        }
    }

    /// Statements behind one that ends the function or the turn of a loop.
    pub fn are_reached(&mut self, statements: &[Stmt]) {
        for pair in statements.windows(2) {
            let word = match &pair[0] {
                Stmt::Return(_, flags, _) if super::walk::ends(*flags) => "throw",
                Stmt::Return(..) => "return",
                Stmt::BreakLoop(_, flags, _) if super::walk::ends(*flags) => "break",
                Stmt::BreakLoop(..) => "continue",
                _ => continue,
            };
            let slip = Slip::NeverReached { word: word.to_owned() };
            self.report(Severity::Warning, pair[1].position(), &Wrong::Slip(slip), None);
            return;
        }
    }
}
