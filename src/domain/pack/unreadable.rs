//! What the reader of TOML says, as a code with values: its own sentences are English alone.

use super::check::nearest_of;

/// Beginnings of what the reader says of the text itself, and our code.
const SYNTAX: &[(&str, &str)] = &[
    ("string values must be quoted", "toml_text_in_quotes"),
    ("missing value", "toml_no_value"),
    ("key with no value", "toml_no_equals"),
    ("invalid value", "toml_no_value"),
    ("missing assignment", "toml_no_equals"),
    ("extra `=`", "toml_equals_again"),
    ("extra assignment", "toml_no_comma"),
    ("unexpected `=`", "toml_equals_again"),
    ("missing comma", "toml_no_comma"),
    ("extra comma", "toml_comma_again"),
    ("unclosed", "toml_not_closed"),
    ("missing opening quote", "toml_not_closed"),
    ("invalid basic string", "toml_bad_text"),
    ("invalid literal string", "toml_bad_text"),
    ("invalid multi-line", "toml_bad_text"),
    ("invalid escape", "toml_bad_text"),
    ("missing escaped value", "toml_bad_text"),
    ("too few unicode", "toml_bad_text"),
    ("invalid unquoted key", "toml_bad_name"),
    ("unquoted keys cannot be empty", "toml_bad_name"),
    ("keys cannot be multi-line", "toml_bad_name"),
    ("missing key", "toml_bad_name"),
    ("`_` may only go between digits", "toml_bad_number"),
    ("integers with a radix", "toml_bad_number"),
    ("radix must be lowercase", "toml_bad_number"),
    ("redundant integer", "toml_bad_number"),
    ("redundant numeric", "toml_bad_number"),
    ("unexpected leading zero", "toml_bad_number"),
    ("unexpected sign", "toml_bad_number"),
    ("invalid integer", "toml_bad_number"),
    ("invalid float", "toml_bad_number"),
    ("invalid boolean", "toml_no_value"),
    ("invalid date", "toml_bad_time"),
    ("invalid time", "toml_bad_time"),
    ("unexpected content", "toml_unexpected"),
    ("unexpected key or value", "toml_unexpected"),
    ("missing table open", "toml_unexpected"),
    ("invalid comment", "toml_unexpected"),
    ("cannot recurse further", "toml_too_deep"),
    ("carriage return must be followed", "toml_line_end"),
    ("duplicate key", "toml_name_again"),
    ("cannot redefine", "toml_name_again"),
    ("cannot extend", "toml_name_again"),
];

/// A text that is no TOML for a reason that has no code of its own.
const UNREADABLE: &str = "toml_unreadable";

/// The code of what the reader says, and what its sentence speaks of.
#[must_use]
pub fn code_of(message: &str) -> (&'static str, Vec<String>) {
    if let Some((given, expected)) = named(message, "unknown field `") {
        return ("unknown_member", words(given, &expected));
    }
    if let Some((given, expected)) = named(message, "unknown variant `") {
        return ("unknown_word", words(given, &expected));
    }
    for (start, code) in [("missing field `", "member_missing"), ("duplicate field `", "toml_name_again")] {
        if let Some((name, _)) = named(message, start) {
            return (code, vec![name.to_owned()]);
        }
    }
    if let Some(rest) = message.strip_prefix("invalid type: ") {
        let (found, wanted) = rest.split_once(", expected ").unwrap_or((rest, ""));
        return ("wrong_type", vec![kind(found).to_owned(), kind(wanted).to_owned()]);
    }
    // What a word of a set is read from.
    if message == "wanted string or table" {
        return ("wrong_type", vec!["something else".to_owned(), "text".to_owned()]);
    }
    if message.starts_with("invalid length ") {
        return ("wrong_length", vec![message.trim_start_matches("invalid length ").to_owned()]);
    }
    if let Some((given, rest)) = named(message, "`")
        && rest.starts_with(" is not a key")
    {
        return ("no_key", vec![given.to_owned()]);
    }
    let code =
        SYNTAX.iter().find(|(start, _)| message.starts_with(start)).map_or(UNREADABLE, |(_, code)| code);
    (code, Vec::new())
}

/// What stands behind `start` up to the back-tick, and the rest.
fn named<'m>(message: &'m str, start: &str) -> Option<(&'m str, String)> {
    let (given, rest) = message.strip_prefix(start)?.split_once('`')?;
    Some((given, rest.to_owned()))
}

/// What was written, what is expected, what was probably meant.
fn words(given: &str, rest: &str) -> Vec<String> {
    let expected: Vec<&str> = rest.split('`').skip(1).step_by(2).collect();
    let near = nearest_of(given, &expected).unwrap_or_default();
    vec![given.to_owned(), expected.join(", "), near.to_owned()]
}

/// The reader's name of a kind of value, in one word: `text`, `number`, `flag`, `list`, `table`, `time`.
fn kind(said: &str) -> &'static str {
    let starts = |words: &[&str]| words.iter().any(|word| said.starts_with(word));
    match () {
        () if starts(&["string", "a string", "a borrowed string", "str", "identifier"]) => "text",
        () if starts(&["integer", "floating", "a number", "i64", "u64", "i32", "u32", "usize", "f64"]) => {
            "number"
        }
        () if starts(&["boolean", "a boolean"]) => "flag",
        () if starts(&["sequence", "a sequence", "an array", "a tuple"]) => "list",
        () if starts(&["map", "a map", "struct", "table", "a table", "tuple struct"]) => "table",
        () if starts(&["datetime", "a datetime", "a date"]) => "time",
        () => "something else",
    }
}

#[cfg(test)]
mod tests {
    use super::super::Pack;
    use super::*;

    /// A text with a slip, and the code that the finding has.
    const SLIPS: &[(&str, &str)] = &[
        ("key = atm", "toml_text_in_quotes"),
        ("key = ", "toml_text_in_quotes"),
        ("key = tru", "toml_no_value"),
        ("key \"atm\"", "toml_no_equals"),
        ("ключ", "toml_no_equals"),
        ("key = = \"atm\"", "toml_equals_again"),
        ("key = [\"a\" \"b\"]", "toml_no_comma"),
        ("title = { en = \"a\" ru = \"b\" }", "toml_no_comma"),
        ("key = [\"a\",, \"b\"]", "toml_comma_again"),
        ("key = [\"a\"", "toml_not_closed"),
        ("title = { en = \"a\"", "toml_not_closed"),
        ("[key", "toml_not_closed"),
        ("]", "toml_unexpected"),
        ("key = \"a\" \"b\"", "toml_unexpected"),
        ("key = \"atm", "toml_bad_text"),
        ("key = \"a\\q\"", "toml_bad_text"),
        ("имя = 1", "toml_bad_name"),
        ("= 1", "toml_bad_name"),
        ("key = 007", "toml_bad_number"),
        ("key = 1.5.2", "toml_bad_number"),
        ("key = 1\nkey = 2", "toml_name_again"),
        ("[a]\nx = 1\n[a]\n", "toml_name_again"),
        ("key = 2026-99-99", "toml_bad_time"),
        ("colour = 1", "unknown_member"),
        ("key = \"ATM\"", "no_key"),
        ("key = 5", "wrong_type"),
        ("language = 5", "wrong_type"),
        ("key = \"atm\"", "member_missing"),
        ("language = \"de\"", "unknown_word"),
        ("priorities = [[1, 2, 3]]", "wrong_length"),
    ];

    #[test]
    fn each_slip_has_a_code_of_its_kind() {
        let found = SLIPS.iter().map(|(text, code)| (Pack::parse(text).expect_err(text), text, code));
        let others: Vec<_> = found.filter(|(error, _, code)| error.code != **code).collect();
        assert!(others.is_empty(), "{others:#?}");
    }

    #[test]
    fn a_word_that_is_not_known_comes_with_what_was_meant() {
        let error = Pack::parse("titel = \"x\"").expect_err("no member is called so");
        assert_eq!(
            (error.code, error.values[0].as_str(), error.values[2].as_str()),
            ("unknown_member", "titel", "title")
        );
        assert_eq!(code_of("something else, in a later version").0, UNREADABLE);
        assert_eq!(code_of("invalid type: string \"x\", expected i64").1, ["text", "number"]);
    }
}
