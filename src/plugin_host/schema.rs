//! The part of JSON Schema that manifests may use: enough to check inputs, answers and settings exactly.
//!
//! Known: `type`, `properties`, `required`, `additionalProperties`, `items`, `enum`, `minimum`, `maximum`,
//! `minLength`, `maxLength`, `minItems`, `maxItems`; `title`, `description`, `default`, `examples` inform
//! people. Any other keyword is an error, so that nobody believes in a check that is not made.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::{Map, Value};

const SCHEMA_DEPTH_MAX: usize = 16;
const DOCUMENTATION: [&str; 4] = ["title", "description", "default", "examples"];

/// A schema that has been read, with the document that it was read from.
#[derive(Clone, Debug)]
pub struct Schema {
    document: Value,
    rules: Rules,
}

/// Where a document differs from its schema.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mismatch {
    /// Such as `stores[3].code`; empty for the whole document.
    pub path: String,
    pub expected: String,
}

#[derive(Clone, Debug, Default)]
struct Rules {
    kinds: Vec<Kind>,
    properties: BTreeMap<String, Rules>,
    required: Vec<String>,
    others: Others,
    items: Option<Box<Rules>>,
    allowed: Option<Vec<Value>>,
    minimum: Option<f64>,
    maximum: Option<f64>,
    length: (Option<u64>, Option<u64>),
    count: (Option<u64>, Option<u64>),
}

#[derive(Clone, Debug, Default)]
enum Others {
    #[default]
    Any,
    None,
    Like(Box<Rules>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Null,
    Boolean,
    Integer,
    Number,
    String,
    Array,
    Object,
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = if self.path.is_empty() { "the document" } else { &self.path };
        write!(f, "{path} should be {}", self.expected)
    }
}

impl Schema {
    /// Reads a schema.
    ///
    /// # Errors
    /// A sentence that names the place and what would be right.
    pub fn read(document: Value) -> Result<Schema, String> {
        let rules = Rules::read(&document, "", 0)?;
        Ok(Schema { document, rules })
    }

    /// The schema as JSON, for whoever shows a form or a reference page.
    #[must_use]
    pub fn document(&self) -> &Value {
        &self.document
    }

    /// Whether `name` is a property that holds text.
    #[must_use]
    pub fn has_text(&self, name: &str) -> bool {
        self.rules.properties.get(name).is_some_and(|rules| rules.kinds == [Kind::String])
    }

    /// Checks a document.
    ///
    /// # Errors
    /// The first place that differs.
    pub fn check(&self, document: &Value) -> Result<(), Mismatch> {
        self.rules.check(document, "")
    }
}

impl Rules {
    fn read(document: &Value, at: &str, depth: usize) -> Result<Rules, String> {
        let Value::Object(object) = document else {
            return Err(format!("the schema at `{at}` should be an object"));
        };
        if depth > SCHEMA_DEPTH_MAX {
            return Err(format!("the schema at `{at}` is nested deeper than {SCHEMA_DEPTH_MAX}"));
        }
        let mut rules = Rules::default();
        for (keyword, value) in object {
            let place = format!("{at}/{keyword}");
            let known = rules.read_values(keyword, value, &place)?
                || rules.read_nested(keyword, value, &place, depth)?
                || DOCUMENTATION.contains(&keyword.as_str());
            if !known {
                return Err(format!("the schema keyword `{place}` is not supported"));
            }
        }
        match rules.required.iter().find(|name| !rules.properties.contains_key(*name)) {
            Some(name) => Err(format!("`{at}/required` names `{name}`, which `properties` lacks")),
            None => Ok(rules),
        }
    }

    fn read_values(&mut self, keyword: &str, value: &Value, at: &str) -> Result<bool, String> {
        match keyword {
            "type" => self.kinds = read_kinds(value, at)?,
            "required" => self.required = read_texts(value, at)?,
            "enum" => {
                self.allowed = Some(value.as_array().ok_or(format!("`{at}` should be a list"))?.clone());
            }
            "minimum" => self.minimum = Some(read_number(value, at)?),
            "maximum" => self.maximum = Some(read_number(value, at)?),
            "minLength" => self.length.0 = Some(read_count(value, at)?),
            "maxLength" => self.length.1 = Some(read_count(value, at)?),
            "minItems" => self.count.0 = Some(read_count(value, at)?),
            "maxItems" => self.count.1 = Some(read_count(value, at)?),
            _ => return Ok(false),
        }
        Ok(true)
    }

    fn read_nested(&mut self, keyword: &str, value: &Value, at: &str, depth: usize) -> Result<bool, String> {
        match (keyword, value) {
            ("properties", Value::Object(properties)) => {
                for (name, schema) in properties {
                    let rules = Rules::read(schema, &format!("{at}/{name}"), depth + 1)?;
                    self.properties.insert(name.clone(), rules);
                }
            }
            ("properties", _) => return Err(format!("`{at}` should be an object")),
            ("additionalProperties", Value::Bool(true)) => self.others = Others::Any,
            ("additionalProperties", Value::Bool(false)) => self.others = Others::None,
            ("additionalProperties", schema) => {
                self.others = Others::Like(Box::new(Rules::read(schema, at, depth + 1)?));
            }
            ("items", schema) => self.items = Some(Box::new(Rules::read(schema, at, depth + 1)?)),
            _ => return Ok(false),
        }
        Ok(true)
    }

    fn check(&self, value: &Value, path: &str) -> Result<(), Mismatch> {
        if !self.kinds.is_empty() && !self.kinds.iter().any(|kind| kind.fits(value)) {
            let names: Vec<&str> = self.kinds.iter().map(|kind| kind.name()).collect();
            return mismatch(path, names.join(" or "));
        }
        if let Some(allowed) = &self.allowed
            && !allowed.contains(value)
        {
            let list: Vec<String> = allowed.iter().map(Value::to_string).collect();
            return mismatch(path, format!("one of {}", list.join(", ")));
        }
        match value {
            Value::Number(number) => self.check_number(number.as_f64().unwrap_or(f64::NAN), path),
            Value::String(text) => within(text.chars().count(), self.length, "characters", path),
            Value::Array(items) => self.check_items(items, path),
            Value::Object(object) => self.check_object(object, path),
            Value::Null | Value::Bool(_) => Ok(()),
        }
    }

    fn check_number(&self, number: f64, path: &str) -> Result<(), Mismatch> {
        match (self.minimum, self.maximum) {
            (Some(minimum), _) if number < minimum => mismatch(path, format!("at least {minimum}")),
            (_, Some(maximum)) if number > maximum => mismatch(path, format!("at most {maximum}")),
            _ => Ok(()),
        }
    }

    fn check_items(&self, items: &[Value], path: &str) -> Result<(), Mismatch> {
        within(items.len(), self.count, "items", path)?;
        let Some(rules) = &self.items else { return Ok(()) };
        items.iter().enumerate().try_for_each(|(index, item)| rules.check(item, &format!("{path}[{index}]")))
    }

    fn check_object(&self, object: &Map<String, Value>, path: &str) -> Result<(), Mismatch> {
        let below = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
        if let Some(name) = self.required.iter().find(|name| !object.contains_key(*name)) {
            return mismatch(&below(name), "present".to_owned());
        }
        for (name, value) in object {
            match (self.properties.get(name), &self.others) {
                (Some(rules), _) => rules.check(value, &below(name))?,
                (None, Others::Like(rules)) => rules.check(value, &below(name))?,
                (None, Others::None) => return mismatch(&below(name), "absent: it is not known".to_owned()),
                (None, Others::Any) => {}
            }
        }
        Ok(())
    }
}

impl Kind {
    const ALL: [Kind; 7] =
        [Kind::Null, Kind::Boolean, Kind::Integer, Kind::Number, Kind::String, Kind::Array, Kind::Object];

    fn name(self) -> &'static str {
        match self {
            Kind::Null => "null",
            Kind::Boolean => "boolean",
            Kind::Integer => "integer",
            Kind::Number => "number",
            Kind::String => "string",
            Kind::Array => "array",
            Kind::Object => "object",
        }
    }

    fn fits(self, value: &Value) -> bool {
        match self {
            Kind::Null => value.is_null(),
            Kind::Boolean => value.is_boolean(),
            // 3.0 is an integer in JSON Schema.
            Kind::Integer => value.as_f64().is_some_and(|number| number.fract() == 0.0),
            Kind::Number => value.is_number(),
            Kind::String => value.is_string(),
            Kind::Array => value.is_array(),
            Kind::Object => value.is_object(),
        }
    }
}

fn read_kinds(value: &Value, at: &str) -> Result<Vec<Kind>, String> {
    let names =
        if value.is_string() { vec![value.clone()] } else { value.as_array().cloned().unwrap_or_default() };
    let kinds: Option<Vec<Kind>> = names
        .iter()
        .map(|name| Kind::ALL.into_iter().find(|kind| Some(kind.name()) == name.as_str()))
        .collect();
    match kinds {
        Some(kinds) if !kinds.is_empty() => Ok(kinds),
        _ => Err(format!(
            "`{at}` should be null, boolean, integer, number, string, array, object or a list of these"
        )),
    }
}

fn read_texts(value: &Value, at: &str) -> Result<Vec<String>, String> {
    serde_json::from_value(value.clone()).map_err(|_| format!("`{at}` should be a list of names"))
}

fn read_number(value: &Value, at: &str) -> Result<f64, String> {
    value.as_f64().ok_or(format!("`{at}` should be a number"))
}

fn read_count(value: &Value, at: &str) -> Result<u64, String> {
    value.as_u64().ok_or(format!("`{at}` should be a whole number from 0"))
}

fn within(count: usize, bounds: (Option<u64>, Option<u64>), what: &str, path: &str) -> Result<(), Mismatch> {
    let count = count as u64;
    match bounds {
        (Some(least), _) if count < least => mismatch(path, format!("of at least {least} {what}")),
        (_, Some(most)) if count > most => mismatch(path, format!("of at most {most} {what}")),
        _ => Ok(()),
    }
}

fn mismatch(path: &str, expected: String) -> Result<(), Mismatch> {
    Err(Mismatch { path: path.to_owned(), expected })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(schema: Value, document: Value, expect: &str) {
        let found = match Schema::read(schema) {
            Err(problem) => problem,
            Ok(schema) => {
                schema.check(&document).map_or_else(|mismatch| mismatch.to_string(), |()| "fits".into())
            }
        };
        assert_eq!(found, expect, "{document}");
    }

    #[test]
    fn documents_are_checked_to_the_last_field() {
        let part = json!({
            "type": "object", "required": ["part"], "additionalProperties": false,
            "properties": {
                "part": { "type": "string", "minLength": 1, "maxLength": 4 },
                "count": { "type": ["integer", "null"], "minimum": 0, "maximum": 9 },
                "kind": { "enum": ["new", "used"] },
                "shelves": { "type": "array", "maxItems": 2, "items": { "type": "object", "additionalProperties": { "type": "number" } } }
            }
        });
        for (document, expect) in [
            (json!({ "part": "ёж", "count": 3, "kind": "new", "shelves": [{ "a": 1.5 }] }), "fits"),
            (json!({ "part": "a", "count": null }), "fits"),
            (json!([]), "the document should be object"),
            (json!({}), "part should be present"),
            (json!({ "part": "" }), "part should be of at least 1 characters"),
            (json!({ "part": "abcde" }), "part should be of at most 4 characters"),
            (json!({ "part": 7 }), "part should be string"),
            (json!({ "part": "a", "count": 1.5 }), "count should be integer or null"),
            (json!({ "part": "a", "count": 10 }), "count should be at most 9"),
            (json!({ "part": "a", "count": -1 }), "count should be at least 0"),
            (json!({ "part": "a", "kind": "old" }), "kind should be one of \"new\", \"used\""),
            (json!({ "part": "a", "colour": 1 }), "colour should be absent: it is not known"),
            (json!({ "part": "a", "shelves": [{}, {}, {}] }), "shelves should be of at most 2 items"),
            (json!({ "part": "a", "shelves": [{}, { "b": "x" }] }), "shelves[1].b should be number"),
        ] {
            check(part.clone(), document, expect);
        }
    }

    #[test]
    fn what_cannot_be_checked_is_refused() {
        for (schema, expect) in [
            (json!({ "pattern": "a+" }), "the schema keyword `/pattern` is not supported"),
            (
                json!({ "properties": { "a": { "$ref": "#" } } }),
                "the schema keyword `/properties/a/$ref` is not supported",
            ),
            (json!({ "required": ["a"] }), "`/required` names `a`, which `properties` lacks"),
            (
                json!({ "type": "text" }),
                "`/type` should be null, boolean, integer, number, string, array, object or a list of these",
            ),
            (json!(true), "the schema at `` should be an object"),
        ] {
            check(schema, Value::Null, expect);
        }
    }
}
