//! Everything a hostile or broken plugin may try; the function's name selects the bomb.

mod abilities;
mod doors;

use naryad_plugin::http::{Method, request};
use naryad_plugin::{Error, Retry, context, log, plugin};
use serde::Deserialize;
use serde_json::{Value, json};

use abilities::{ask_often, follow, kv_flood, steps};
use doors::{check, on_event, on_refused, poll, webhook};

plugin! {
    functions: {
        "loop" => endless_loop,
        "recurse" => recurse,
        "hog" => hog,
        "trap" => trap,
        "huge_answer" => huge_answer,
        "wrong_answer" => wrong_answer,
        "log_flood" => log_flood,
        "fetch" => fetch,
        "fail" => fail,
        "echo" => echo,
        "busy_then_wait" => busy_then_wait,
        "ask_often" => ask_often,
        "kv_flood" => kv_flood,
        "follow" => follow,
        "steps" => steps,
    },
    on_event: on_event,
    poll: poll,
    webhook: webhook,
    check: check,
    on_refused: on_refused,
}

#[derive(Deserialize)]
struct Fetch {
    url: String,
    #[serde(default)]
    authentication: Option<String>,
    #[serde(default)]
    times: Option<u32>,
    #[serde(default)]
    headers: Vec<(String, String)>,
    #[serde(default)]
    body_bytes: Option<usize>,
    #[serde(default)]
    swallow: Option<bool>,
}

fn endless_loop(_: Value) -> Result<Value, Error> {
    let mut count = 0u64;
    loop {
        count = std::hint::black_box(count.wrapping_add(1));
    }
}

#[expect(unconditional_recursion, reason = "this is the bomb")]
fn deeper(depth: u64) -> u64 {
    std::hint::black_box(deeper(std::hint::black_box(depth + 1)) + 1)
}

fn recurse(_: Value) -> Result<Value, Error> {
    Ok(json!(deeper(0)))
}

fn hog(_: Value) -> Result<Value, Error> {
    let mut blocks: Vec<Vec<u8>> = Vec::new();
    loop {
        blocks.push(std::hint::black_box(vec![1; 1 << 20]));
    }
}

fn trap(_: Value) -> Result<Value, Error> {
    panic!("this plugin panics on purpose")
}

fn huge_answer(bytes: usize) -> Result<Value, Error> {
    Ok(Value::String("x".repeat(bytes)))
}

fn wrong_answer(_: Value) -> Result<Value, Error> {
    Ok(json!("this should be a boolean"))
}

fn log_flood(lines: u32) -> Result<Value, Error> {
    for line in 0..lines {
        log::info(format!("line {line} {}", "x".repeat(5_000)));
    }
    Ok(Value::Null)
}

fn fetch(fetch: Fetch) -> Result<Value, Error> {
    let mut last = Value::Null;
    for _ in 0..fetch.times.unwrap_or(1) {
        let method = if fetch.body_bytes.is_some() { Method::Post } else { Method::Get };
        let mut request = request(method, &fetch.url);
        for (name, value) in &fetch.headers {
            request = request.header(name, value);
        }
        if let Some(bytes) = fetch.body_bytes {
            request = request.body(vec![b'x'; bytes]);
        }
        request = match fetch.authentication.as_deref() {
            Some("bearer") => request.bearer("token"),
            Some("basic") => request.basic("user", "password"),
            Some("header") => request.secret_header("x-api-key", "api_key"),
            Some(name) => request.bearer(name),
            None => request,
        };
        let response = match request.send() {
            Err(failure) if fetch.swallow == Some(true) => {
                last = json!({ "failure": format!("{failure:?}") });
                continue;
            }
            other => other?,
        };
        let body = String::from_utf8_lossy(&response.body).into_owned();
        log::info(format!("status {} body {body}", response.status));
        last = json!({ "status": response.status, "headers": response.headers, "body": body });
    }
    Ok(last)
}

fn fail(_: Value) -> Result<Value, Error> {
    Err(Error::new("out_of_paper", "The printer has no paper.").retry(Retry::AfterSeconds(90)))
}

fn echo(input: Value) -> Result<Value, Error> {
    let context = context::get();
    Ok(json!({
        "input": input,
        "client": context.client,
        "installation": context.installation,
        "configuration": context.configuration,
        "attempt": context.attempt,
        "idempotency_key": context.idempotency_key,
        "time_zone": context.time_zone,
        "time_left_ms": context::time_left_ms(),
    }))
}

/// Alternates own work and waiting, to show that only own work counts.
fn busy_then_wait(fetch: Fetch) -> Result<Value, Error> {
    let mut left = Vec::new();
    for _ in 0..fetch.times.unwrap_or(1) {
        request(Method::Get, &fetch.url).send()?;
        left.push(context::time_left_ms());
    }
    Ok(json!({ "time_left_ms": left }))
}
