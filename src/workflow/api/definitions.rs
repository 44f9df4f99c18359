//! The table as a definition file of Rhai's language server: `naryad.d.rhai`, for editors that are not ours.

use std::fmt::Write;

use super::{Example, Function, HANDLERS, Index, Kind, Member, Param, Shape, Type, functions, types};

/// Operators that the table's docs name in words, as the language server writes them.
const OPERATORS: &[&str] = &[
    "op +(Moment, Span) -> Moment;",
    "op -(Moment, Span) -> Moment;",
    "op +(Moment, WorkingSpan) -> Moment;",
    "op -(Moment, Moment) -> Span;",
    "op +(Span, Span) -> Span;",
    "op -(Span, Span) -> Span;",
    "op *(Span, int) -> Span;",
];
/// Types whose values are compared with `<`, `<=`, `>`, `>=`.
const ORDERED: [&str; 2] = ["Moment", "Span"];
/// Types whose values are compared with `==` and `!=`.
const COMPARED: [&str; 8] = ["Moment", "Span", "Ticket", "Person", "Contact", "Asset", "Site", "SubClient"];

/// The whole file.
#[must_use]
pub fn api_definitions() -> String {
    let mut file = String::from(
        "/// What a workflow script of Naryad can say, for editors that use Rhai's language server: put this file beside\n\
         /// the script. Made from the table in `src/workflow/api/`; do not edit by hand.\n\
         module static;\n\n",
    );
    write_handlers(&mut file);
    file.push_str("/// The `[settings]` of client.toml: `settings.x`.\nconst settings: Settings;\n");
    for function in functions() {
        write_function(&mut file, function);
    }
    for entry in types() {
        write_type(&mut file, entry);
    }
    file.push_str("\n// ---- operators\n\n");
    for operator in OPERATORS {
        let _ = writeln!(file, "{operator}");
    }
    for (operators, names) in [(&["<", "<=", ">", ">="][..], &ORDERED[..]), (&["==", "!="], &COMPARED[..])] {
        for name in names {
            for operator in operators {
                let _ = writeln!(file, "op {operator}({name}, {name}) -> bool;");
            }
        }
    }
    file
}

/// The desk calls them; a definition would make them look like functions that a script can call.
fn write_handlers(file: &mut String) {
    file.push_str("// Handlers, all optional; the desk calls them:\n//\n");
    for handler in HANDLERS {
        let _ = writeln!(file, "// fn {} {{ … }}\n//     {}", handler.example.signature(), handler.doc);
    }
    file.push('\n');
}

fn write_function(file: &mut String, function: &Function) {
    let params: Vec<String> = function.params.iter().map(param).collect();
    file.push('\n');
    write_docs(file, function.doc, function.params, &function.example);
    let returns = type_of(&function.returns);
    let _ = writeln!(file, "fn {}({}) -> {returns};", function.name, params.join(", "));
}

fn write_type(file: &mut String, entry: &'static Type) {
    let _ = write!(file, "\n// ---- {}: {}\n", entry.name, entry.doc);
    entry.all().for_each(|member| write_member(file, entry.name, member));
    if let Some(index) = &entry.index {
        write_index(file, entry.name, index);
    }
}

fn write_member(file: &mut String, owner: &'static str, member: &Member) {
    let own = format!("own: {}", type_called(owner));
    file.push('\n');
    match &member.shape {
        Shape::Property { kind, set, .. } => {
            write_docs(file, member.doc, &[], &member.example);
            let kind = type_of(kind);
            let _ = writeln!(file, "fn get {}({own}) -> {kind};", member.name);
            if set.is_some() {
                let _ = writeln!(file, "\nfn set {}({own}, value: {kind}) -> ();", member.name);
            }
        }
        Shape::Method { params, needed, returns, .. } => {
            for count in *needed..=params.len() {
                let params = &params[..count];
                let written: Vec<String> =
                    std::iter::once(own.clone()).chain(params.iter().map(param)).collect();
                write_docs(file, member.doc, params, &member.example);
                let returns = type_of(returns);
                let _ = writeln!(file, "fn {}({}) -> {returns};", member.name, written.join(", "));
            }
        }
    }
}

/// Keys are the pack's own, so no definition can list them.
fn write_index(file: &mut String, owner: &str, index: &Index) {
    let _ = writeln!(file, "\n// {owner}.key: {}\n//     {}", index.doc, index.example.lines);
}

fn write_docs(file: &mut String, doc: &str, params: &[Param], example: &Example) {
    let _ = writeln!(file, "/// {doc}");
    for param in params {
        let doc = if param.doc.is_empty() { String::new() } else { format!(": {}", param.doc) };
        let _ = writeln!(file, "///\n/// - `{}` ({}){doc}", param.name, param.kind);
        for option in options_of(&param.kind) {
            let _ = writeln!(file, "///   - `{}` ({}): {}", option.name, option.kind, option.doc);
        }
    }
    file.push_str("///\n/// ```rhai\n");
    for line in example.script().trim_end().lines() {
        let _ = writeln!(file, "{}", format!("/// {line}").trim_end());
    }
    file.push_str("/// ```\n");
}

fn param(param: &Param) -> String {
    format!("{}: {}", param.name, type_of(&param.kind))
}

fn options_of(kind: &Kind) -> &'static [Param] {
    match kind {
        Kind::Options(options)
        | Kind::OptionsAndFields(options)
        | Kind::Message(options)
        | Kind::Assignment(options) => options,
        _ => &[],
    }
}

/// A type as the language server names it; `?` is any.
fn type_of(kind: &Kind) -> &'static str {
    match kind {
        Kind::Nothing => "()",
        Kind::Flag => "bool",
        Kind::Number => "int",
        Kind::Text | Kind::Key(_) | Kind::Continuation(_) => "String",
        Kind::Moment => "Moment",
        Kind::Span => "Span",
        Kind::Handle(name) => name,
        Kind::List(_) => "List",
        Kind::Array(_) => "Array",
        Kind::Map | Kind::Options(_) | Kind::OptionsAndFields(_) => "Map",
        Kind::Function(_) => "FnPtr",
        Kind::Any | Kind::Due | Kind::Recipient | Kind::Person | Kind::Assignment(_) | Kind::Message(_) => {
            "?"
        }
    }
}

/// The language has names of its own for its values.
fn type_called(name: &'static str) -> &'static str {
    match name {
        "Text" => "String",
        "Integer" => "int",
        "Float" => "float",
        other => other,
    }
}
