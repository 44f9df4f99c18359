//! Steps that tests write down as JSON: each uses one ability of the contract and says what came of it.

use naryad_plugin::http::{Method, Placement, request};
use naryad_plugin::signatures::{Algorithm, verify_hmac_hex};
use naryad_plugin::{Error, blob, clock, context, http, kv, log, random};
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    Get(String),
    Set(String, String),
    SetBytes(String, usize),
    Delete(String),
    Keys(String, Option<String>, u32),
    About(String),
    Read(String, u64, u32),
    Create(String, String, String),
    Append(String, usize),
    Upload { url: String, file: String, field: Option<String>, by: Option<String> },
    Download { url: String, name: String, by: Option<String> },
    SendAs { url: String, by: String, body: Option<String> },
    Verify { secret: String, algorithm: String, message: String, signature: String },
    Now,
    ToCivil(i64, String),
    FromCivil([u16; 6], String),
    Random(u32),
}

/// Does one after another; what goes wrong is said in place of what was asked for.
pub fn steps(steps: Vec<Step>) -> Result<Value, Error> {
    Ok(steps.into_iter().map(|step| done(step).unwrap_or_else(|why| json!({ "error": why }))).collect())
}

fn done(step: Step) -> Result<Value, String> {
    match step {
        Step::Get(key) => kv::get(&key).map(text).map_err(said),
        Step::Set(key, value) => kv::set(&key, value.as_bytes()).map(|()| json!("done")).map_err(said),
        Step::SetBytes(key, bytes) => kv::set(&key, &vec![b'x'; bytes]).map(|()| json!("done")).map_err(said),
        Step::Delete(key) => kv::delete(&key).map(|()| json!("done")).map_err(said),
        Step::Keys(prefix, after, max) => {
            kv::keys(&prefix, after.as_deref(), max).map(|keys| json!(keys)).map_err(said)
        }
        Step::Now => Ok(json!(clock::now_ms())),
        Step::ToCivil(at, zone) => {
            let civil = clock::to_civil(at, &zone).map_err(said)?;
            let clock::Civil { year, month, day, hour, minute, second, offset_minutes } = civil;
            Ok(json!([year, month, day, hour, minute, second, offset_minutes]))
        }
        Step::FromCivil([year, month, day, hour, minute, second], zone) => {
            let small = |value: u16| u8::try_from(value).unwrap_or(u8::MAX);
            let civil = clock::Civil {
                year: year.into(),
                month: small(month),
                day: small(day),
                hour: small(hour),
                minute: small(minute),
                second: small(second),
                offset_minutes: 0,
            };
            clock::from_civil(civil, &zone).map(|at| json!(at)).map_err(said)
        }
        Step::Random(count) => Ok(json!(random::bytes(count))),
        Step::Verify { secret, algorithm, message, signature } => {
            let algorithm = match algorithm.as_str() {
                "sha1" => Algorithm::Sha1,
                "sha256" => Algorithm::Sha256,
                _ => Algorithm::Sha512,
            };
            let right = verify_hmac_hex(&secret, algorithm, message.as_bytes(), &signature);
            right.map(|right| json!(right)).map_err(said)
        }
        step => files(step),
    }
}

fn files(step: Step) -> Result<Value, String> {
    match step {
        Step::About(file) => {
            let about = blob::about(&file).map_err(said)?;
            Ok(json!([about.name, about.media_type, about.bytes]))
        }
        Step::Read(file, offset, bytes) => {
            blob::read(&file, offset, bytes).map(|piece| text(Some(piece))).map_err(said)
        }
        Step::Create(name, media_type, content) => {
            blob::create(&name, &media_type, content.as_bytes()).map(|file| json!(file)).map_err(said)
        }
        Step::Append(file, bytes) => {
            blob::append(&file, &vec![b'x'; bytes]).map(|()| json!("done")).map_err(said)
        }
        Step::Upload { url, file, field, by } => {
            let placement = field.map_or(Placement::Body, Placement::FormField);
            let sent = request(Method::Post, url).upload(by.as_deref(), &file, &placement).map_err(said)?;
            Ok(answered(&sent))
        }
        Step::Download { url, name, by } => {
            let stored = http::get(url).download(by.as_deref(), &name).map_err(said)?;
            Ok(json!([stored.status, stored.file, String::from_utf8_lossy(&stored.body)]))
        }
        Step::SendAs { url, by, body } => {
            let sent = match body {
                Some(body) => http::post(url).body(body.into_bytes()).send_as(&by),
                None => http::get(url).send_as(&by),
            };
            Ok(answered(&sent.map_err(said)?))
        }
        _ => Err("no such step".to_owned()),
    }
}

fn answered(response: &http::Response) -> Value {
    json!([response.status, String::from_utf8_lossy(&response.body)])
}

fn text(bytes: Option<Vec<u8>>) -> Value {
    json!(bytes.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()))
}

fn said(error: impl std::fmt::Debug) -> String {
    format!("{error:?}")
}

#[derive(Deserialize)]
pub struct Often {
    ability: String,
    times: u32,
}

/// Asks the host for the same small thing over and over.
pub fn ask_often(often: Often) -> Result<Value, Error> {
    let mut sum = 0u64;
    for _ in 0..often.times {
        sum = sum.wrapping_add(match often.ability.as_str() {
            "context" => context::get().attempt.into(),
            "clock" => clock::now_ms() as u64,
            "random" => random::bytes(1)[0].into(),
            "kv" => kv::get("a").map_or(0, |value| value.map_or(0, |value| value.len())) as u64,
            "kv_write" => u64::from(kv::set("a", b"b").is_ok()),
            "civil" => clock::to_civil(0, "UTC").map_or(0, |civil| civil.year as u64),
            _ => {
                log::debug("again");
                0
            }
        });
    }
    Ok(json!(sum))
}

/// Writes so many values of 64 KiB, whatever is said to it.
pub fn kv_flood(values: u32) -> Result<Value, Error> {
    let value = vec![b'x'; 64 << 10];
    let (mut taken, mut last) = (0, None);
    for number in 0..values {
        match kv::set(&format!("flood/{number}"), &value) {
            Ok(()) => taken += 1,
            Err(why) => last = Some(said(why)),
        }
    }
    Ok(json!({ "taken": taken, "last": last }))
}

/// Goes where it is redirected to.
pub fn follow(url: String) -> Result<Value, Error> {
    let first = http::get(url).send()?;
    let next = first.header("location").unwrap_or_default().to_owned();
    Ok(json!(http::get(next).send()?.status))
}
