//! The demo's stock system, so that the connector `parts-stock` has somebody to ask; and its installation.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::Path;

use anyhow::Context;
use axum::extract::Query;
use axum::http::header::AUTHORIZATION;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};

use super::maker::{Maker, key, made};
use crate::domain::command::{Command, InstallPlugin, InstallWay};
use crate::domain::{ClientId, InstallationId};
use crate::plugin_host::{SignatureState, package};
use crate::store::files::Files;
use crate::store::{self};

pub const PLUGIN: &str = "parts-stock";
/// The connector's secret, and what the demo's stock system takes for it.
pub const SECRET: &str = "stock_token";
pub const TOKEN: &str = "demo-stock-token";
/// The connector as it is built and kept with the sources.
static PACKAGE: &[u8] = include_bytes!("../../../plugins/built/parts-stock.wasm");

/// Part, store, on hand, reserved. Stores are called after their cities.
const BALANCES: &[(&str, &str, u32, u32)] = &[
    ("CR-110", "Алматы", 2, 0),
    ("CR-110", "Москва", 5, 1),
    ("DISP-20/7", "Москва", 3, 1),
    ("DISP-20/7", "Алматы", 1, 1),
    ("SCR-15", "Новосибирск", 2, 0),
    ("RCT-58", "Ташкент", 4, 0),
    ("RCT-58", "Ереван", 1, 0),
    ("BNA-4", "Астана", 1, 0),
    ("EPP-7", "Москва", 1, 1),
];

/// `GET /stock?part=CODE`, as the connector asks.
pub fn router() -> Router {
    Router::new().route("/stock", get(answer))
}

/// Serves the stock system until it is dropped.
pub async fn serve(listener: tokio::net::TcpListener) -> std::io::Result<()> {
    axum::serve(listener, router()).await
}

#[derive(Deserialize)]
struct Question {
    part: String,
}

async fn answer(headers: HeaderMap, Query(question): Query<Question>) -> Response {
    let given = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    if given.and_then(|value| value.strip_prefix("Bearer ")) != Some(TOKEN) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let balances: Vec<Value> = of_part(&question.part)
        .map(|(store, on_hand, reserved)| json!({ "store": store, "on_hand": on_hand, "reserved": reserved }))
        .collect();
    if balances.is_empty() {
        return StatusCode::NOT_FOUND.into_response();
    }
    Json(json!({ "part": question.part, "balances": balances })).into_response()
}

fn of_part(part: &str) -> impl Iterator<Item = (&'static str, u32, u32)> {
    BALANCES
        .iter()
        .filter(move |row| row.0 == part)
        .map(|(_, store, on_hand, reserved)| (*store, *on_hand, *reserved))
}

/// What the connector makes of the balances for a city.
pub(super) fn availability(part: &str, city: &str) -> Value {
    let free: Vec<(&str, u32)> =
        of_part(part).map(|(store, on_hand, reserved)| (store, on_hand.saturating_sub(reserved))).collect();
    let quantity = free.iter().find(|(store, _)| *store == city).map_or(0, |(_, free)| *free);
    let elsewhere: Vec<Value> = free
        .iter()
        .filter(|(store, free)| *store != city && *free > 0)
        .map(|(store, free)| json!({ "store": store, "quantity": free }))
        .collect();
    json!({
        "ok": !free.is_empty(), "local": quantity > 0, "quantity": quantity, "store": city, "elsewhere": elsewhere
    })
}

/// The command that installs the connector for the demo's client and lets it reach the stock system there, and
/// nothing else; `secrets` are sealed already. Given again with another address, it moves the connector.
pub fn installation(
    client: ClientId,
    address: SocketAddr,
    secrets: BTreeMap<String, String>,
) -> anyhow::Result<Command> {
    let package = package::read(PACKAGE)?;
    Ok(Command::InstallPlugin(Box::new(InstallPlugin {
        client,
        plugin: package.manifest.name.clone(),
        version: package.manifest.version.clone(),
        package_sha256: package.hash.to_string(),
        publisher: package.manifest.publisher.to_string(),
        title: package.manifest.title.clone(),
        configuration: json!({ "base_url": format!("http://{address}") }),
        grant: json!({ "hosts": [address.to_string()] }),
        secrets,
        seen: None,
        way: InstallWay::Forward,
        is_unsigned_accepted: true,
    })))
}

/// Stores the package with the files of the data folder and installs it.
pub(super) fn install(maker: &mut Maker, folder: &Path, client: ClientId) -> anyhow::Result<InstallationId> {
    let package = package::read(PACKAGE)?;
    let stored = Files::open(folder)?.put(PACKAGE).context("storing the connector")?;
    let row = store::plugin::Package {
        sha256: stored.sha256,
        plugin: package.manifest.name.clone(),
        version: package.manifest.version.clone(),
        publisher: package.manifest.publisher.to_string(),
        title: package.manifest.title.clone(),
        manifest: package.manifest.document.clone(),
        signature_state: SignatureState::Unsigned.word().to_owned(),
        bytes: i64::try_from(PACKAGE.len())?,
        stored_at: maker.clock.now(),
        signed: None,
    };
    debug_assert_eq!(row.plugin, key(PLUGIN));
    maker.engine.aside(move |tx| Ok(store::plugin::put_package(tx, &row)?))?;
    // The true address is known when the demo's stock system listens.
    let nowhere = SocketAddr::from(([127, 0, 0, 1], 9));
    Ok(InstallationId(made(&maker.run(installation(client, nowhere, BTreeMap::new())?)?)?))
}
