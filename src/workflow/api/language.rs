//! The language's own values: what texts, arrays, maps and numbers can do, each bounded.

use std::any::TypeId;

use rhai::{Array, Dynamic, ImmutableString, Map};

use super::call::{Answer, Call, Outcome};
use super::collections::{TEST, all, contains, each, find, is_empty, join, length, require_room, some};
use super::{Example, Function, Kind, Member, Param, SINCE_FIRST, Type};
use crate::workflow::failure::{FailureKind, Fault};
use crate::workflow::limits::STRING_BYTES_MAX;

const OTHER: &[Param] = &[Param::new("text", Kind::Text, "")];

pub static TEXT: Type = Type {
    name: "Text",
    doc: "A text. Methods answer a new text and leave the old one as it was.",
    id: TypeId::of::<ImmutableString>,
    index: None,
    actions: &[],
    members: &[
        Member::get(
            "len",
            Kind::Number,
            "Characters.",
            Example::opened("if ticket.subject.len < 60 { ticket.note(\"A short subject\"); }"),
            characters,
        ),
        Member::method(
            "len",
            &[],
            Kind::Number,
            "Characters.",
            Example::opened("if ticket.subject.len() < 60 { ticket.note(\"A short subject\"); }"),
            characters,
        ),
        Member::method(
            "is_empty",
            &[],
            Kind::Flag,
            "Whether it has none.",
            Example::opened("if !ticket.description.is_empty() { ticket.note(ticket.description); }"),
            |call| Ok(call.text(0)?.is_empty().into()),
        ),
        Member::method(
            "contains",
            OTHER,
            Kind::Flag,
            "Whether the other occurs in it.",
            Example::opened(
                "if ticket.subject.contains(\"reader\") { ticket.category = \"complex_fault\"; }",
            ),
            |call| Ok(call.text(0)?.contains(call.text(1)?.as_str()).into()),
        ),
        Member::method(
            "starts_with",
            OTHER,
            Kind::Flag,
            "Whether it begins with the other.",
            Example::opened("if ticket.subject.starts_with(\"Card\") { ticket.add_tag(\"cards\"); }"),
            |call| Ok(call.text(0)?.starts_with(call.text(1)?.as_str()).into()),
        ),
        Member::method(
            "ends_with",
            OTHER,
            Kind::Flag,
            "Whether it ends with the other.",
            Example::opened("if ticket.subject.ends_with(\"jammed\") { ticket.add_tag(\"jam\"); }"),
            |call| Ok(call.text(0)?.ends_with(call.text(1)?.as_str()).into()),
        ),
        Member::method(
            "to_upper",
            &[],
            Kind::Text,
            "In capital letters.",
            Example::opened("ticket.subject = ticket.subject.to_upper();"),
            |call| bounded(call.text(0)?.to_uppercase()),
        ),
        Member::method(
            "to_lower",
            &[],
            Kind::Text,
            "In small letters.",
            Example::opened(
                "if ticket.subject.to_lower().contains(\"card reader\") { ticket.add_tag(\"cards\"); }",
            ),
            |call| bounded(call.text(0)?.to_lowercase()),
        ),
        Member::method(
            "trim",
            &[],
            Kind::Text,
            "Without white space at both ends.",
            Example::opened("ticket.subject = ticket.subject.trim();"),
            |call| Ok(call.text(0)?.trim().into()),
        ),
        Member::method(
            "replace",
            &[Param::new("what", Kind::Text, "not empty"), Param::new("with", Kind::Text, "")],
            Kind::Text,
            "With every occurrence replaced.",
            Example::opened("ticket.subject = ticket.subject.replace(\"Card reader\", \"CR\");"),
            replace,
        ),
        Member::method(
            "sub_string",
            &[Param::new("start", Kind::Number, "from 0"), Param::new("count", Kind::Number, "characters")],
            Kind::Text,
            "A part of it, counted in characters.",
            Example::opened("ticket.subject = ticket.subject.sub_string(0, 40);"),
            sub_string,
        ),
        Member::method(
            "split",
            &[Param::new("separator", Kind::Text, "not empty")],
            Kind::Array(&Kind::Text),
            "The parts between the separators.",
            Example::opened("ticket.note(\"First word: \" + ticket.subject.split(\" \")[0]);"),
            split,
        ),
    ],
};

pub static ARRAY: Type = Type {
    name: "Array",
    doc: "An array that the script makes: `[1, 2, 3]`.",
    id: TypeId::of::<Array>,
    index: None,
    actions: &[],
    members: &[
        Member::get(
            "len",
            Kind::Number,
            "How many items there are.",
            Example::opened("let parts = [\"NK-3\", \"NK-4\"];\nticket.note(`${parts.len} parts`);"),
            length,
        ),
        Member::method(
            "len",
            &[],
            Kind::Number,
            "How many items there are.",
            Example::opened("let parts = [\"NK-3\", \"NK-4\"];\nticket.note(`${parts.len()} parts`);"),
            length,
        ),
        Member::method(
            "is_empty",
            &[],
            Kind::Flag,
            "Whether there are none.",
            Example::opened(
                "let missing = [];\nif missing.is_empty() { ticket.note(\"Nothing is missing\"); }",
            ),
            is_empty,
        ),
        Member::method(
            "contains",
            &[Param::new("item", Kind::Any, "")],
            Kind::Flag,
            "Whether the item is among them; `x in array` says the same.",
            Example::opened(
                "let easy = [\"receipt_jam\", \"paper_roll\"];\nif easy.contains(ticket.category) { ticket.priority = 4; }",
            ),
            contains,
        ),
        Member::method(
            "push",
            &[Param::new("item", Kind::Any, "")],
            Kind::Nothing,
            "Puts an item at the end.",
            Example::opened(
                "let parts = [\"NK-3\"];\nparts.push(\"NK-4\"); ticket.note(parts.join(\", \"));",
            ),
            push,
        ),
        Member::method(
            "filter",
            TEST,
            Kind::Array(&Kind::Any),
            "The items that pass the test.",
            Example::opened(
                "let counts = [3, 1, 2];\nticket.note(`${counts.filter(|count| count > 1).len()} are more than one`);",
            ),
            |call| Ok(each(call, |item, answer| answer.as_bool().map(|keep| keep.then_some(item)))?.into()),
        ),
        Member::method(
            "some",
            TEST,
            Kind::Flag,
            "Whether any item passes the test.",
            Example::opened(
                "let counts = [3, 1, 2];\nif counts.some(|count| count > 2) { ticket.note(\"One is large\"); }",
            ),
            some,
        ),
        Member::method(
            "all",
            TEST,
            Kind::Flag,
            "Whether every item passes the test.",
            Example::opened(
                "let counts = [3, 1, 2];\nif counts.all(|count| count > 0) { ticket.note(\"None is empty\"); }",
            ),
            all,
        ),
        Member::method(
            "find",
            TEST,
            Kind::Any,
            "The first item that passes the test; `()` if none.",
            Example::opened(
                "let counts = [3, 1, 2];\nticket.note(`First large one: ${counts.find(|count| count > 2)}`);",
            ),
            find,
        ),
        Member::method(
            "map",
            &[Param::new("make", Kind::Function(&Kind::Any), "makes something of an item")],
            Kind::Array(&Kind::Any),
            "What the function makes of each item.",
            Example::opened(
                "let counts = [3, 1, 2];\nticket.note(counts.map(|count| count * 2).join(\", \"));",
            ),
            |call| Ok(each(call, |_, answer| Ok(Some(answer)))?.into()),
        ),
        Member::method(
            "join",
            OTHER,
            Kind::Text,
            "The items in words, with the text between them.",
            Example::opened("let parts = [\"NK-3\", \"NK-4\"];\nticket.note(parts.join(\", \"));"),
            join,
        ),
    ],
};

pub static MAP: Type = Type {
    name: "Map",
    doc: "A map that the script makes: `#{ part: \"NK-3\" }`. A key that is not there reads as `()`.",
    id: TypeId::of::<Map>,
    index: None,
    actions: &[],
    members: &[
        Member::method(
            "len",
            &[],
            Kind::Number,
            "How many keys there are.",
            Example::opened("let stock = #{ almaty: 2, astana: 0 };\nticket.note(`${stock.len()} cities`);"),
            |call| Ok(i64::try_from(call.this::<Map>()?.len()).unwrap_or(i64::MAX).into()),
        ),
        Member::method(
            "is_empty",
            &[],
            Kind::Flag,
            "Whether there are none.",
            Example::opened("let stock = #{};\nif stock.is_empty() { ticket.note(\"Nothing is known\"); }"),
            |call| Ok(call.this::<Map>()?.is_empty().into()),
        ),
        Member::method(
            "contains",
            OTHER,
            Kind::Flag,
            "Whether it has the key; `k in map` says the same.",
            Example::opened(
                "let grades = #{ receipt_jam: 1, complex_fault: 2 };\nif grades.contains(ticket.category) { ticket.dispatch(#{ grade: grades[ticket.category] }); }",
            ),
            |call| Ok(call.this::<Map>()?.contains_key(call.text(1)?.as_str()).into()),
        ),
        Member::method(
            "keys",
            &[],
            Kind::Array(&Kind::Text),
            "Its keys, in order.",
            Example::opened(
                "let stock = #{ almaty: 2, astana: 0 };\nticket.note(stock.keys().join(\", \"));",
            ),
            |call| {
                let map = call.this::<Map>()?;
                require_room(map.len())?;
                Ok(map.keys().map(|key| Dynamic::from(key.to_string())).collect::<Array>().into())
            },
        ),
        Member::method(
            "values",
            &[],
            Kind::Array(&Kind::Any),
            "Its values, in the order of the keys.",
            Example::opened(
                "let stock = #{ almaty: 2, astana: 0 };\nticket.note(stock.values().join(\", \"));",
            ),
            |call| {
                let map = call.this::<Map>()?;
                require_room(map.len())?;
                Ok(map.into_values().collect::<Array>().into())
            },
        ),
    ],
};

pub static INTEGER: Type = Type {
    name: "Integer",
    doc: "A whole number.",
    id: TypeId::of::<i64>,
    index: None,
    actions: &[],
    members: &[
        Member::method(
            "abs",
            &[],
            Kind::Number,
            "Without its sign.",
            Example::opened("ticket.note(`${(ticket.priority - 5).abs()} below the lowest`);"),
            |call| {
                call.int(0)?
                    .checked_abs()
                    .map(Dynamic::from)
                    .ok_or_else(|| Fault::refused("the number is too large"))
            },
        ),
        Member::method(
            "to_float",
            &[],
            Kind::Number,
            "The same with a fraction.",
            Example::opened("ticket.note(`${ticket.priority.to_float() / 2.0}`);"),
            |call| {
                #[expect(
                    clippy::cast_precision_loss,
                    reason = "that is what turning a number into a float means"
                )]
                let float = call.int(0)? as f64;
                Ok(float.into())
            },
        ),
    ],
};

pub static FLOAT: Type = Type {
    name: "Float",
    doc: "A number with a fraction.",
    id: TypeId::of::<f64>,
    index: None,
    actions: &[],
    members: &[
        Member::method(
            "abs",
            &[],
            Kind::Number,
            "Without its sign.",
            Example::opened("ticket.note(`${(-1.5).abs()}`);"),
            |call| Ok(call.this::<f64>()?.abs().into()),
        ),
        Member::method(
            "round",
            &[],
            Kind::Number,
            "To the nearest whole number.",
            Example::opened("ticket.note(`${(7.0 / 2.0).round()} visits`);"),
            |call| whole(call.this::<f64>()?.round()),
        ),
        Member::method(
            "floor",
            &[],
            Kind::Number,
            "Down to a whole number.",
            Example::opened("ticket.note(`${(7.0 / 2.0).floor()} whole days`);"),
            |call| whole(call.this::<f64>()?.floor()),
        ),
        Member::method(
            "ceiling",
            &[],
            Kind::Number,
            "Up to a whole number.",
            Example::opened("ticket.note(`${(7.0 / 2.0).ceiling()} days at most`);"),
            |call| whole(call.this::<f64>()?.ceil()),
        ),
    ],
};

pub static FUNCTIONS: &[Function] = &[
    Function {
        name: "parse_int",
        doc: "The whole number that a text is; `()` when it is none.",
        example: Example::opened(
            "let floor = parse_int(\"12\");\nif parse_int(\"x\") == () { ticket.note(`Floor ${floor}`); }",
        ),
        since: SINCE_FIRST,
        params: OTHER,
        returns: Kind::Any,
        run: |call| Ok(call.text(0)?.trim().parse::<i64>().map_or(Dynamic::UNIT, Dynamic::from)),
    },
    Function {
        name: "parse_float",
        doc: "The number that a text is; `()` when it is none.",
        example: Example::opened("ticket.note(`${parse_float(\"2.5\") * 2.0}`);"),
        since: SINCE_FIRST,
        params: OTHER,
        returns: Kind::Any,
        run: |call| Ok(call.text(0)?.trim().parse::<f64>().map_or(Dynamic::UNIT, Dynamic::from)),
    },
    Function {
        name: "min",
        doc: "The lesser of two whole numbers.",
        example: Example::opened("ticket.priority = min(ticket.priority, 2);"),
        since: SINCE_FIRST,
        params: &[Param::new("one", Kind::Number, ""), Param::new("other", Kind::Number, "")],
        returns: Kind::Number,
        run: |call| Ok(call.int(0)?.min(call.int(1)?).into()),
    },
    Function {
        name: "max",
        doc: "The greater of two whole numbers.",
        example: Example::opened("ticket.priority = max(ticket.priority, 2);"),
        since: SINCE_FIRST,
        params: &[Param::new("one", Kind::Number, ""), Param::new("other", Kind::Number, "")],
        returns: Kind::Number,
        run: |call| Ok(call.int(0)?.max(call.int(1)?).into()),
    },
];

/// Refuses a text that would be too long.
pub fn require_text(bytes: usize) -> Outcome<()> {
    if bytes <= STRING_BYTES_MAX {
        return Ok(());
    }
    let message = format!("a text is too large: at most {STRING_BYTES_MAX} bytes");
    Err(Fault::new(FailureKind::TooBig, message))
}

fn bounded(text: String) -> Answer {
    require_text(text.len())?;
    Ok(text.into())
}

fn whole(number: f64) -> Answer {
    #[expect(clippy::cast_precision_loss, reason = "the comparison needs only the order of magnitude")]
    let fits = number.abs() < i64::MAX as f64;
    if !fits {
        return Err(Fault::refused("the number is too large for a whole number"));
    }
    #[expect(clippy::cast_possible_truncation, reason = "the number is whole and in range")]
    let whole = number as i64;
    Ok(whole.into())
}

fn characters(call: &mut Call<'_, '_, '_>) -> Answer {
    Ok(i64::try_from(call.text(0)?.chars().count()).unwrap_or(i64::MAX).into())
}

fn replace(call: &mut Call<'_, '_, '_>) -> Answer {
    let (text, what, with) = (call.text(0)?, call.text(1)?, call.text(2)?);
    if what.is_empty() {
        return Err(Fault::refused("replace needs a text to look for that is not empty"));
    }
    // Counted before anything is allocated: one call could ask for gigabytes.
    let count = text.matches(what.as_str()).count();
    require_text((text.len() - count * what.len()).saturating_add(count.saturating_mul(with.len())))?;
    Ok(text.replace(what.as_str(), &with).into())
}

fn sub_string(call: &mut Call<'_, '_, '_>) -> Answer {
    let text = call.text(0)?;
    let start = usize::try_from(call.int(1)?.max(0)).unwrap_or(usize::MAX);
    let count = usize::try_from(call.int(2)?.max(0)).unwrap_or(usize::MAX);
    Ok(text.chars().skip(start).take(count).collect::<String>().into())
}

fn split(call: &mut Call<'_, '_, '_>) -> Answer {
    let (text, separator) = (call.text(0)?, call.text(1)?);
    if separator.is_empty() {
        return Err(Fault::refused("split needs a separator that is not empty"));
    }
    require_room(text.matches(separator.as_str()).count() + 1)?;
    Ok(text.split(separator.as_str()).map(|part| part.to_owned().into()).collect::<Array>().into())
}

fn push(call: &mut Call<'_, '_, '_>) -> Answer {
    let item = call.arg(1);
    let mut array = call.this_mut::<Array>()?;
    require_room(array.len() + 1)?;
    array.push(item);
    Ok(Dynamic::UNIT)
}
