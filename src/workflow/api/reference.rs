//! The table as data and as a page: what completion offers and what authors read.

use std::fmt::Write;

use serde::Serialize;

use super::{Example, HANDLERS, Keys, Kind, Param, Shape, Type, functions, in_language, types};
use crate::domain::Language;
use crate::domain::hold::{MESSAGES_PER_HOUR, MESSAGES_PER_RUN};
use crate::workflow::limits::{
    ARRAY_ITEMS_MAX, CALL_DEPTH_MAX, COMMANDS_MAX, MAP_ITEMS_MAX, OPERATIONS_MAX, RUN_MEMORY_BYTES_MAX,
    RUN_WALL_MAX, STRING_BYTES_MAX, VARIABLES_MAX,
};

/// The whole API.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
#[schema(as = ScriptReference)]
pub struct Reference {
    pub handlers: Vec<FunctionEntry>,
    pub functions: Vec<FunctionEntry>,
    pub types: Vec<TypeEntry>,
}

#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct TypeEntry {
    pub name: &'static str,
    pub doc: &'static str,
    pub properties: Vec<PropertyEntry>,
    pub methods: Vec<FunctionEntry>,
    /// What `x.key` reads besides the properties.
    pub index: Option<IndexEntry>,
}

#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct IndexEntry {
    pub doc: &'static str,
    /// The set that its keys come from.
    pub keys: Option<&'static str>,
    pub can_be_set: bool,
    pub example: ExampleEntry,
}

/// An example that a test publishes and plays.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct ExampleEntry {
    /// The handler in which the lines stand, with its parameters: `on_comment(ticket, comment)`.
    pub stands_in: String,
    pub lines: &'static str,
    /// The whole script: the handler with the lines, and the functions that they name.
    pub script: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct PropertyEntry {
    pub name: &'static str,
    pub doc: &'static str,
    pub since: &'static str,
    /// In words.
    pub kind: String,
    /// The set that a key comes from: completion offers its members.
    pub keys: Option<&'static str>,
    pub can_be_set: bool,
    pub example: ExampleEntry,
}

#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct FunctionEntry {
    pub name: &'static str,
    pub doc: &'static str,
    pub since: &'static str,
    pub params: Vec<ParamEntry>,
    pub returns: String,
    pub example: ExampleEntry,
}

#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct ParamEntry {
    pub name: &'static str,
    pub doc: &'static str,
    pub kind: String,
    pub keys: Option<&'static str>,
    pub is_needed: bool,
    /// The keys of an option map.
    #[schema(no_recursion)]
    pub options: Vec<ParamEntry>,
}

/// The table as data, its descriptions in a language.
#[must_use]
pub fn api_reference(language: Language) -> Reference {
    Entries { language }.all()
}

/// Makes entries in one language.
struct Entries {
    language: Language,
}

impl Entries {
    fn all(&self) -> Reference {
        let handler = |handler: &super::Handler| FunctionEntry {
            name: handler.name,
            doc: self.words(handler.doc),
            since: handler.since,
            params: self.params_of(handler.params, handler.params.len()),
            returns: Kind::Nothing.to_string(),
            example: example_entry(&handler.example),
        };
        let function = |function: &super::Function| FunctionEntry {
            name: function.name,
            doc: self.words(function.doc),
            since: function.since,
            params: self.params_of(function.params, function.params.len()),
            returns: function.returns.to_string(),
            example: example_entry(&function.example),
        };
        Reference {
            handlers: HANDLERS.iter().map(handler).collect(),
            functions: functions().map(function).collect(),
            types: types().iter().copied().map(|entry| self.type_entry(entry)).collect(),
        }
    }

    fn type_entry(&self, entry: &'static Type) -> TypeEntry {
        let (mut properties, mut methods) = (Vec::new(), Vec::new());
        for member in entry.all() {
            match &member.shape {
                Shape::Property { kind, set, .. } => properties.push(PropertyEntry {
                    name: member.name,
                    doc: self.words(member.doc),
                    since: member.since,
                    kind: kind.to_string(),
                    keys: keys_of(kind),
                    can_be_set: set.is_some(),
                    example: example_entry(&member.example),
                }),
                Shape::Method { params, needed, returns, .. } => methods.push(FunctionEntry {
                    name: member.name,
                    doc: self.words(member.doc),
                    since: member.since,
                    params: self.params_of(params, *needed),
                    returns: returns.to_string(),
                    example: example_entry(&member.example),
                }),
            }
        }
        let index = entry.index.as_ref().map(|index| IndexEntry {
            doc: self.words(index.doc),
            keys: keys_of(&Kind::Key(index.keys)),
            can_be_set: index.set.is_some(),
            example: example_entry(&index.example),
        });
        TypeEntry { name: entry.name, doc: self.words(entry.doc), properties, methods, index }
    }

    fn params_of(&self, params: &'static [Param], needed: usize) -> Vec<ParamEntry> {
        let entry = |(index, param): (usize, &Param)| ParamEntry {
            name: param.name,
            doc: self.words(param.doc),
            kind: param.kind.to_string(),
            keys: keys_of(&param.kind),
            is_needed: index < needed,
            options: match param.kind {
                Kind::Options(options)
                | Kind::OptionsAndFields(options)
                | Kind::Message(options)
                | Kind::Assignment(options) => self.params_of(options, 0),
                _ => Vec::new(),
            },
        };
        params.iter().enumerate().map(entry).collect()
    }

    fn words(&self, doc: &'static str) -> &'static str {
        in_language(doc, self.language)
    }
}

fn example_entry(example: &Example) -> ExampleEntry {
    ExampleEntry { stands_in: example.signature(), lines: example.lines, script: example.script() }
}

fn keys_of(kind: &Kind) -> Option<&'static str> {
    match kind {
        Kind::Key(Keys::Free) => None,
        Kind::Key(keys) => Some(keys.what()),
        Kind::List(of) | Kind::Array(of) => keys_of(of),
        _ => None,
    }
}

/// The table as a page in Markdown.
#[must_use]
pub fn api_reference_markdown() -> String {
    let reference = api_reference(Language::En);
    let mut page = String::from(
        "# What a workflow script can say\n\nMade from the table in `src/workflow/api/`; do not edit by hand. Each example is published and played by a test;\n\
         one that names no handler stands in `on_opened(ticket)`.\n",
    );
    write_rules(&mut page);
    page.push_str("\n## Handlers\n\nAll are optional.\n\n");
    for handler in &reference.handlers {
        write_function(&mut page, "fn ", handler);
    }
    page.push_str("\n## Functions\n\n");
    for function in &reference.functions {
        write_function(&mut page, "", function);
    }
    page.push_str("\n`settings.x` reads a setting of the pack.\n");
    for entry in &reference.types {
        let _ = write!(page, "\n## {}\n\n{}\n\n", entry.name, entry.doc);
        for property in &entry.properties {
            let settable = if property.can_be_set { ", can be set" } else { "" };
            let _ = writeln!(page, "- `.{}` ({}{settable}): {}", property.name, property.kind, property.doc);
            write_example(&mut page, &property.example);
        }
        if let Some(index) = &entry.index {
            let _ = writeln!(page, "- `.key`: {}", index.doc);
            write_example(&mut page, &index.example);
        }
        for method in &entry.methods {
            write_function(&mut page, ".", method);
        }
    }
    page
}

/// What holds of every run.
fn write_rules(page: &mut String) {
    let kib = |bytes: usize| bytes / 1024;
    let _ = write!(
        page,
        "\n## A run\n\n\
         The language is [Rhai](https://rhai.rs/book/) 1.27 with strict variables and without closures that capture, `eval` and\n\
         files. A handler is called after the change that woke it, in the same transaction. It reads the ticket as it stands\n\
         and asks for commands, which are carried out in their order when it has ended: all, or none when one is refused or the\n\
         script fails. Then the change stands, the run is recorded as failed, the ticket carries a mark and stands in the queue\n\
         of `on_failure`. Failures in a row put the client's script in quarantine. A handler does not hear of what its own run\n\
         changed, other handlers do.\n\n\
         Limits of a run: {} ms, {OPERATIONS_MAX} operations, {COMMANDS_MAX} commands, {} MiB, calls {CALL_DEPTH_MAX} deep, texts of {} KiB, arrays\n\
         of {ARRAY_ITEMS_MAX}, maps of {MAP_ITEMS_MAX}, {VARIABLES_MAX} variables. Messages: {MESSAGES_PER_RUN} of a run and {MESSAGES_PER_HOUR} of the client in\n\
         an hour, unless `[budget]` of `client.toml` says otherwise; what is beyond waits for a person, and the run stands.\n\n\
         ```rhai\n\
         fn on_opened(ticket) {{\n    \
             if ticket.category == \"vandalism\" {{\n        \
                 ticket.status = \"awaiting_approval\";\n        \
                 ticket.escalate(\"commercial\", #{{ reason: ticket.subject, due: hours(24), outcomes: [\"approved\", \"refused\"] }});\n    \
             }}\n}}\n\
         fn on_task_done(ticket, task) {{\n    \
             if task.outcome == \"refused\" {{ ticket.close(#{{ reason: task.comment }}); }}\n}}\n\
         ```\n",
        RUN_WALL_MAX.as_millis(),
        RUN_MEMORY_BYTES_MAX / (1024 * 1024),
        kib(STRING_BYTES_MAX),
    );
}

fn write_function(page: &mut String, before: &str, function: &FunctionEntry) {
    let names: Vec<String> = function
        .params
        .iter()
        .map(|param| if param.is_needed { param.name.to_owned() } else { format!("{}?", param.name) })
        .collect();
    let returns = if function.returns == "()" { String::new() } else { format!(" → {}", function.returns) };
    let _ = writeln!(page, "- `{before}{}({})`{returns}: {}", function.name, names.join(", "), function.doc);
    for param in &function.params {
        if param.options.is_empty() {
            let doc = if param.doc.is_empty() { String::new() } else { format!(": {}", param.doc) };
            let _ = writeln!(page, "  - `{}` ({}){doc}", param.name, param.kind);
            continue;
        }
        let _ = writeln!(page, "  - `{}` ({}): {}", param.name, param.kind, param.doc);
        for option in &param.options {
            let _ = writeln!(page, "    - `{}` ({}): {}", option.name, option.kind, option.doc);
        }
    }
    write_example(page, &function.example);
}

/// One line of `on_opened` stands alone; anything else is shown whole.
fn write_example(page: &mut String, example: &ExampleEntry) {
    let is_short = !example.lines.contains('\n') && !example.script.contains("}\n\nfn ");
    if is_short && example.stands_in == "on_opened(ticket)" {
        let _ = writeln!(page, "  - Example: {}", as_code(example.lines));
    } else if is_short {
        let _ = writeln!(page, "  - Example, in `{}`: {}", example.stands_in, as_code(example.lines));
    } else {
        let _ = writeln!(page, "  - Example:\n\n    ```rhai");
        for line in example.script.trim_end().lines() {
            let _ = writeln!(page, "{}", format!("    {line}").trim_end());
        }
        page.push_str("    ```\n\n");
    }
}

/// Markdown wants as many back ticks around a code as make it whole.
fn as_code(code: &str) -> String {
    if code.contains('`') { format!("`` {code} ``") } else { format!("`{code}`") }
}
