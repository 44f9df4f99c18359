//! The readable reference: a page made from the same table as the OpenAPI document, without any script.

use std::fmt::Write;

use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde_json::Value;

use super::api::{Operation, PREFIX};

/// What is served under `/api`, made once.
#[derive(Debug, Clone)]
pub struct Reference {
    pub document: String,
    pub page: String,
}

const STYLE: &str = "body{font:14px/1.5 system-ui,sans-serif;max-width:70rem;margin:2rem auto;padding:0 1rem;\
color:#1c2530;background:#fff}h1{font-size:1.5rem}h2{margin-top:2.5rem;border-bottom:1px solid #cfd6de}\
h3{font:600 14px/1.4 ui-monospace,monospace;margin:1.5rem 0 .25rem}h3 b{color:#0b5cad;text-transform:uppercase}\
p{margin:.25rem 0}table{border-collapse:collapse;margin:.25rem 0}td{padding:.1rem .75rem .1rem 0;vertical-align:top}\
code,pre{font:13px/1.45 ui-monospace,monospace}pre{background:#f4f6f8;padding:.75rem;overflow:auto}a{color:#0b5cad}\
@media(prefers-color-scheme:dark){body{color:#dce3ea;background:#14181d}pre{background:#1c2229}\
h2{border-color:#38424d}a,h3 b{color:#7db7f2}}";

impl Reference {
    pub fn new(operations: &[Operation], document: &Value) -> Self {
        Self { page: page(operations, document), document: document.to_string() }
    }
}

pub fn show_page(page: String) -> Response {
    ([(header::CONTENT_TYPE, "text/html; charset=utf-8")], page).into_response()
}

pub fn show_style() -> Response {
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], STYLE).into_response()
}

pub fn show_document(document: String) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], document).into_response()
}

fn page(operations: &[Operation], document: &Value) -> String {
    let mut html = Html(String::new());
    html.raw("<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>Naryad API</title>");
    html.raw("<meta name=\"viewport\" content=\"width=device-width\"><link rel=\"stylesheet\" href=\"api/reference.css\">");
    html.raw(
        "</head><body><h1>Naryad API</h1><p>JSON both ways. Ids are strings, moments RFC 3339 in UTC, spans ",
    );
    html.raw("milliseconds. Log in with a session cookie or send <code>Authorization: Bearer TOKEN</code>. A failure is ");
    html.raw("<code>{\"error\": {\"code\", \"message\", \"field\"}}</code>. A POST with an <code>Idempotency-Key</code> ");
    html.raw(
        "is carried out once. The same as a document: <a href=\"api/openapi.json\">openapi.json</a>. What workflow scripts can say, for editors: <a href=\"api/naryad.d.rhai\">naryad.d.rhai</a>.</p>",
    );
    let mut section = "";
    for operation in operations {
        if operation.section != section {
            section = operation.section;
            html.element("h2", section);
        }
        html.operation(operation);
    }
    html.element("h2", "Shapes");
    if let Some(schemas) = document["components"]["schemas"].as_object() {
        for (name, schema) in schemas {
            html.raw(&format!("<h3 id=\"{0}\">{0}</h3>", escaped(name)));
            html.element("pre", &shape(schema, 0));
        }
    }
    html.raw("</body></html>");
    html.0
}

struct Html(String);

impl Html {
    fn raw(&mut self, text: &str) {
        self.0.push_str(text);
    }

    fn element(&mut self, tag: &str, text: &str) {
        write!(self.0, "<{tag}>{}</{tag}>", escaped(text)).expect("writing to a string cannot fail");
    }

    fn operation(&mut self, operation: &Operation) {
        let path = format!("{PREFIX}{}", operation.path);
        self.raw(&format!("<h3><b>{}</b> {}</h3>", operation.method, escaped(&path)));
        self.element("p", operation.summary);
        if !operation.query.is_empty() {
            self.raw("<table>");
            for parameter in &operation.query {
                let name = parameter["name"].as_str().unwrap_or_default();
                let says = parameter["description"].as_str().unwrap_or_default();
                self.raw(&format!(
                    "<tr><td><code>?{}</code></td><td>{}</td></tr>",
                    escaped(name),
                    escaped(says)
                ));
            }
            self.raw("</table>");
        }
        for (what, schema) in [("Body", &operation.body), ("Answer", &operation.answer)] {
            if let Some(schema) = schema {
                self.raw(&format!("<p>{what}: {}</p>", linked(&shape(schema, 0), schema)));
            }
        }
    }
}

/// The shape as text, with a link when it is a named one.
fn linked(text: &str, schema: &Value) -> String {
    let items = &schema["properties"]["items"]["items"];
    match name_of(schema).or_else(|| name_of(items)) {
        Some(name) => format!("<code>{}</code> (<a href=\"api#{name}\">{name}</a>)", escaped(text)),
        None => format!("<code>{}</code>", escaped(text)),
    }
}

fn name_of(schema: &Value) -> Option<&str> {
    schema["$ref"].as_str()?.rsplit('/').next()
}

/// A schema in the manner of TypeScript.
fn shape(schema: &Value, depth: usize) -> String {
    if let Some(name) = name_of(schema) {
        return name.to_owned();
    }
    for (key, between) in [("oneOf", " | "), ("anyOf", " | "), ("allOf", " & ")] {
        if let Some(parts) = schema[key].as_array() {
            let parts: Vec<String> = parts.iter().map(|part| shape(part, depth)).collect();
            return parts.join(between);
        }
    }
    if let Some(words) = schema["enum"].as_array() {
        return words.iter().map(Value::to_string).collect::<Vec<_>>().join(" | ");
    }
    if let Some(properties) = schema["properties"].as_object() {
        return object(schema, properties, depth);
    }
    match &schema["type"] {
        Value::String(kind) if kind == "array" => format!("{}[]", shape(&schema["items"], depth)),
        Value::String(kind) => kind.clone(),
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" | "),
        _ => "any".to_owned(),
    }
}

fn object(schema: &Value, properties: &serde_json::Map<String, Value>, depth: usize) -> String {
    let required: Vec<&str> =
        schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let indent = "  ".repeat(depth + 1);
    let mut text = "{\n".to_owned();
    for (name, field) in properties {
        let mark = if required.contains(&name.as_str()) { "" } else { "?" };
        let says = field["description"].as_str().map(|says| format!("  // {}", says.replace('\n', " ")));
        let line = format!("{indent}{name}{mark}: {}{}\n", shape(field, depth + 1), says.unwrap_or_default());
        text.push_str(&line);
    }
    text.push_str(&"  ".repeat(depth));
    text.push('}');
    text
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
