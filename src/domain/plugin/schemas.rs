//! JSON Schemas of the documents, generated from their types.

use serde_json::{Map, Value, json};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::Schema;
use utoipa::{PartialSchema, ToSchema};

use super::{EventDocument, ItemsDocument, PollDocument, RefusalDocument, TicketDocument};

/// How a reference to another schema begins in OpenAPI, and how it begins here.
const OPENAPI: &str = "#/components/schemas/";
const HERE: &str = "#/$defs/";

/// Each document's schema, by the name of its file.
#[must_use]
pub fn schemas() -> Vec<(&'static str, Value)> {
    vec![
        ("event", schema_of::<EventDocument>("event")),
        ("ticket", schema_of::<TicketDocument>("ticket")),
        ("items", schema_of::<ItemsDocument>("items")),
        ("poll", schema_of::<PollDocument>("poll")),
        ("refusal", schema_of::<RefusalDocument>("refusal")),
    ]
}

fn schema_of<T: ToSchema + PartialSchema>(name: &str) -> Value {
    let mut parts: Vec<(String, RefOr<Schema>)> = Vec::new();
    T::schemas(&mut parts);
    let mut definitions = Map::new();
    for (part, schema) in parts {
        definitions.insert(part, json!(schema));
    }
    let known = definitions.clone();
    let mut document = json!(T::schema());
    plain(&mut document, &known);
    for definition in definitions.values_mut() {
        plain(definition, &known);
    }
    let mut whole = Map::new();
    whole.insert("$schema".to_owned(), json!("https://json-schema.org/draft/2020-12/schema"));
    whole.insert("title".to_owned(), json!(format!("naryad:plugin {name}, version {}", super::SCHEMA)));
    if let Value::Object(fields) = document {
        whole.extend(fields);
    }
    whole.insert("$defs".to_owned(), Value::Object(used(definitions, &whole)));
    Value::Object(whole)
}

/// References as JSON Schema writes them; what is put together of several objects becomes one, so that what one of
/// them does not know is not refused for the other.
fn plain(schema: &mut Value, known: &Map<String, Value>) {
    match schema {
        Value::Object(fields) => {
            if let Some(Value::Array(parts)) = fields.remove("allOf") {
                for part in parts {
                    merge(fields, resolved(part, known));
                }
            }
            if let Some(Value::String(reference)) = fields.get_mut("$ref") {
                *reference = reference.replace(OPENAPI, HERE);
            }
            fields.values_mut().for_each(|value| plain(value, known));
        }
        Value::Array(items) => items.iter_mut().for_each(|value| plain(value, known)),
        _ => {}
    }
}

fn resolved(part: Value, known: &Map<String, Value>) -> Value {
    let name = part["$ref"].as_str().and_then(|reference| reference.strip_prefix(OPENAPI));
    name.and_then(|name| known.get(name).cloned()).unwrap_or(part)
}

fn merge(into: &mut Map<String, Value>, part: Value) {
    let Value::Object(part) = part else { return };
    for (name, value) in part {
        match (into.get_mut(&name), value) {
            (Some(Value::Object(own)), Value::Object(more)) => own.extend(more),
            (Some(Value::Array(own)), Value::Array(more)) => own.extend(more),
            (Some(_), _) => {}
            (None, value) => {
                into.insert(name, value);
            }
        }
    }
}

/// Only the definitions that are referred to.
fn used(definitions: Map<String, Value>, document: &Map<String, Value>) -> Map<String, Value> {
    let mut texts = vec![Value::Object(document.clone()).to_string()];
    let mut kept = Map::new();
    while let Some(text) = texts.pop() {
        for (name, definition) in &definitions {
            if !kept.contains_key(name) && text.contains(&format!("\"{HERE}{name}\"")) {
                texts.push(definition.to_string());
                kept.insert(name.clone(), definition.clone());
            }
        }
    }
    kept
}
