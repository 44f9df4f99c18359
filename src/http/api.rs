//! The table of routes: each line makes both the route and its part of the OpenAPI document.

use std::collections::BTreeMap;

use axum::Router;
use axum::handler::Handler;
use axum::routing::{MethodRouter, delete, get, post, put};
use serde_json::{Map, Value, json};
use utoipa::ToSchema;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::Schema;

use super::app::App;
use super::error::ErrorBody;
use crate::commands::Done;

/// Where the API lives.
pub const PREFIX: &str = "/api/v1";

/// Routes, and what the document says of them.
#[derive(Default)]
pub struct Api {
    router: Router<App>,
    operations: Vec<Operation>,
    schemas: BTreeMap<String, Value>,
    section: &'static str,
}

/// One line of the reference.
#[derive(Debug, Clone)]
pub struct Operation {
    pub method: &'static str,
    pub path: &'static str,
    pub section: &'static str,
    pub summary: &'static str,
    pub query: Vec<Value>,
    pub body: Option<Value>,
    pub answer: Option<Value>,
    pub is_open: bool,
    /// Of a POST.
    pub repeat: Repeat,
}

/// What becomes of a POST that is sent twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Repeat {
    /// With the same `Idempotency-Key` it is done once and answered the same.
    Once,
    /// With the same key it is done once; the secret that it answered is kept nowhere and not shown again.
    SecretOnce,
    /// No key is looked at; why sending it twice does no harm.
    Harmless(&'static str),
}

/// Adds to the operation that was named last.
pub struct Line<'a>(&'a mut Api);

type Schemas = Vec<(String, RefOr<Schema>)>;

impl Api {
    pub fn section(&mut self, section: &'static str) {
        self.section = section;
    }

    pub fn get<H, T>(&mut self, path: &'static str, summary: &'static str, handler: H) -> Line<'_>
    where
        H: Handler<T, App>,
        T: 'static,
    {
        self.add("get", path, summary, get(handler))
    }

    pub fn post<H, T>(&mut self, path: &'static str, summary: &'static str, handler: H) -> Line<'_>
    where
        H: Handler<T, App>,
        T: 'static,
    {
        self.add("post", path, summary, post(handler))
    }

    pub fn put<H, T>(&mut self, path: &'static str, summary: &'static str, handler: H) -> Line<'_>
    where
        H: Handler<T, App>,
        T: 'static,
    {
        self.add("put", path, summary, put(handler))
    }

    pub fn delete<H, T>(&mut self, path: &'static str, summary: &'static str, handler: H) -> Line<'_>
    where
        H: Handler<T, App>,
        T: 'static,
    {
        self.add("delete", path, summary, delete(handler))
    }

    fn add(
        &mut self,
        method: &'static str,
        path: &'static str,
        summary: &'static str,
        route: MethodRouter<App>,
    ) -> Line<'_> {
        self.router = std::mem::take(&mut self.router).route(&format!("{PREFIX}{path}"), route);
        let section = self.section;
        let operation = Operation {
            method,
            path,
            section,
            summary,
            query: Vec::new(),
            body: None,
            answer: None,
            is_open: false,
            repeat: Repeat::Once,
        };
        self.operations.push(operation);
        Line(self)
    }

    pub fn into_parts(self) -> (Router<App>, Vec<Operation>, Value) {
        let mut api = self;
        let error = api.reference::<ErrorBody>();
        let document = api.document(&error);
        (api.router, api.operations, document)
    }

    /// A reference to a type's schema, which is added to the document.
    fn reference<T: ToSchema>(&mut self) -> Value {
        let mut nested: Schemas = Vec::new();
        T::schemas(&mut nested);
        for (name, schema) in nested {
            self.schemas.entry(name).or_insert_with(|| to_json(&schema));
        }
        let name = T::name().into_owned();
        self.schemas.entry(name.clone()).or_insert_with(|| to_json(&T::schema()));
        json!({ "$ref": format!("#/components/schemas/{name}") })
    }

    fn document(&self, error: &Value) -> Value {
        let mut paths: Map<String, Value> = Map::new();
        for operation in &self.operations {
            let path = paths.entry(format!("{PREFIX}{}", operation.path)).or_insert_with(|| json!({}));
            path[operation.method] = operation.to_openapi(error);
        }
        json!({
            "openapi": "3.1.0",
            "info": {
                "title": "Naryad",
                "version": env!("CARGO_PKG_VERSION"),
                "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" },
                "description": "Service desk and field-service dispatch. Ids are strings, moments RFC 3339 in UTC, spans milliseconds.",
            },
            "paths": paths,
            "components": {
                "schemas": self.schemas,
                "securitySchemes": {
                    "session": { "type": "apiKey", "in": "cookie", "name": "naryad_session" },
                    "token": { "type": "http", "scheme": "bearer" },
                },
            },
            "security": [{ "session": [] }, { "token": [] }],
        })
    }
}

impl Line<'_> {
    fn last(&mut self) -> &mut Operation {
        self.0.operations.last_mut().expect("a line follows its route")
    }

    /// What becomes of it when it is sent twice, if that is not `Repeat::Once`.
    pub fn repeats(mut self, repeat: Repeat) -> Self {
        self.last().repeat = repeat;
        self
    }

    /// Nobody needs to be logged in.
    pub fn open(mut self) -> Self {
        self.last().is_open = true;
        self
    }

    pub fn query<T: ToSchema>(mut self) -> Self {
        let mut nested: Schemas = Vec::new();
        T::schemas(&mut nested);
        for (name, schema) in nested {
            self.0.schemas.entry(name).or_insert_with(|| to_json(&schema));
        }
        let schema = to_json(&T::schema());
        let fields = schema["properties"].as_object().cloned().unwrap_or_default();
        self.last().query = fields
            .into_iter()
            .map(|(name, schema)| {
                let description = schema["description"].clone();
                json!({ "name": name, "in": "query", "required": false, "schema": schema, "description": description })
            })
            .collect();
        self
    }

    pub fn body<T: ToSchema>(mut self) -> Self {
        let reference = self.0.reference::<T>();
        self.last().body = Some(reference);
        self
    }

    pub fn answers<T: ToSchema>(mut self) -> Self {
        let reference = self.0.reference::<T>();
        self.last().answer = Some(reference);
        self
    }

    /// What every command answers.
    pub fn does<T: ToSchema>(self) -> Self {
        self.body::<T>().answers::<Done>()
    }

    /// A page of a list.
    pub fn lists<T: ToSchema>(mut self) -> Self {
        let items = self.0.reference::<T>();
        self.last().answer = Some(json!({
            "type": "object",
            "required": ["items", "next"],
            "properties": {
                "items": { "type": "array", "items": items },
                "next": { "type": ["string", "null"], "description": "Goes into `cursor` for the next page." },
            },
        }));
        self
    }

    /// All there is, in one piece.
    pub fn gives_all<T: ToSchema>(mut self) -> Self {
        let items = self.0.reference::<T>();
        self.last().answer = Some(json!({
            "type": "object",
            "required": ["items"],
            "properties": { "items": { "type": "array", "items": items } },
        }));
        self
    }
}

impl Operation {
    fn to_openapi(&self, error: &Value) -> Value {
        let mut parameters: Vec<Value> = self
            .path
            .split('/')
            .filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
            .map(|name| json!({ "name": name, "in": "path", "required": true, "schema": { "type": "string" } }))
            .collect();
        parameters.extend(self.query.iter().cloned());
        if let Some(description) = self.key_description() {
            parameters.push(json!({
                "name": "Idempotency-Key", "in": "header", "required": false, "schema": { "type": "string" },
                "description": description,
            }));
        }
        let failure = json!({ "description": "Refused or failed", "content": { "application/json": { "schema": error } } });
        let success = match &self.answer {
            Some(schema) => {
                json!({ "200": { "description": "Done", "content": { "application/json": { "schema": schema } } }, "default": failure })
            }
            None => json!({ "2XX": { "description": "Done" }, "default": failure }),
        };
        let mut operation = json!({
            "tags": [self.section],
            "summary": self.summary,
            "operationId": self.id(),
            "parameters": parameters,
            "responses": success,
        });
        if let Some(schema) = &self.body {
            operation["requestBody"] =
                json!({ "required": true, "content": { "application/json": { "schema": schema } } });
        }
        if let Repeat::Harmless(why) = self.repeat {
            operation["description"] = format!("No Idempotency-Key is looked at. {why}").into();
        }
        if self.is_open {
            operation["security"] = json!([]);
        }
        operation
    }

    fn key_description(&self) -> Option<&'static str> {
        match self.repeat {
            Repeat::Once if self.method == "post" => Some(
                "A request that is sent twice with the same key within a day is carried out once and answered the \
                 same; the same key with another request is refused (409 `idempotency_key_reused`).",
            ),
            Repeat::SecretOnce => Some(
                "A request that is sent twice with the same key within a day is carried out once; the second is \
                 answered 409 `secret_shown_once`, because the secret is kept nowhere.",
            ),
            Repeat::Once | Repeat::Harmless(_) => None,
        }
    }

    fn id(&self) -> String {
        let words = self.path.split(['/', '-']).filter(|word| !word.is_empty());
        let path: Vec<String> = words.map(|word| word.trim_matches(['{', '}']).to_owned()).collect();
        format!("{}_{}", self.method, path.join("_"))
    }
}

fn to_json(schema: &RefOr<Schema>) -> Value {
    serde_json::to_value(schema).expect("a schema is JSON")
}
