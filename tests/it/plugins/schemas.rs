//! The published JSON Schemas are those of the types, and documents fit them.

use expect_test::expect_file;
use naryad::domain::plugin::schemas;
use serde_json::Value;

/// `UPDATE_EXPECT=1` rewrites them.
#[test]
fn the_published_schemas_are_fresh() {
    for (name, schema) in schemas() {
        let text = format!("{}\n", serde_json::to_string_pretty(&schema).unwrap());
        match name {
            "event" => expect_file!["../../../plugins/schema/event.json"].assert_eq(&text),
            "ticket" => expect_file!["../../../plugins/schema/ticket.json"].assert_eq(&text),
            "items" => expect_file!["../../../plugins/schema/items.json"].assert_eq(&text),
            "poll" => expect_file!["../../../plugins/schema/poll.json"].assert_eq(&text),
            "refusal" => expect_file!["../../../plugins/schema/refusal.json"].assert_eq(&text),
            other => panic!("`{other}` has no file"),
        }
    }
}

/// Every reference leads somewhere, and nothing is left of OpenAPI's ways.
#[test]
fn schemas_stand_on_their_own() {
    fn walk(value: &Value, whole: &Value) {
        match value {
            Value::Object(fields) => {
                assert!(!fields.contains_key("allOf"), "{value}");
                if let Some(reference) = fields.get("$ref").and_then(Value::as_str) {
                    let name = reference.strip_prefix("#/$defs/").unwrap_or_else(|| panic!("{reference}"));
                    assert!(whole["$defs"].get(name).is_some(), "{reference}");
                }
                fields.values().for_each(|field| walk(field, whole));
            }
            Value::Array(items) => items.iter().for_each(|item| walk(item, whole)),
            _ => {}
        }
    }
    for (_, schema) in schemas() {
        walk(&schema, &schema);
    }
}

/// Where commands are told apart by `do`, each says so and knows nothing else than its own fields.
#[test]
fn each_command_is_an_object_of_its_own() {
    let schemas = schemas();
    let (_, items) = schemas.iter().find(|(name, _)| *name == "items").unwrap();
    let commands = items["$defs"]["ItemCommand"]["oneOf"].as_array().unwrap();
    assert_eq!(commands.len(), 15);
    for command in commands {
        assert!(
            command["properties"]["do"]["enum"].as_array().is_some_and(|only| only.len() == 1),
            "{command}"
        );
        assert_eq!(command["additionalProperties"], false, "{command}");
        assert!(command["required"].as_array().unwrap().contains(&"do".into()), "{command}");
    }
}
