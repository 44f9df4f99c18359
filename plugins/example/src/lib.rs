//! Looks a device up in the client's register by its serial number.
//!
//! The register answers `GET {base_url}/devices?serial=NUMBER` with
//! `{"model": "NCR 6622", "warranty_until": "2026-12-31"}`, and 404 for a number that it does not know.

use naryad_plugin::{Error, context, functions, http, log};
use serde::{Deserialize, Serialize};

functions! { "look_up" => look_up }

#[derive(Deserialize)]
struct Question {
    serial: String,
}

#[derive(Deserialize)]
struct Settings {
    base_url: String,
}

#[derive(Deserialize)]
struct Device {
    model: String,
    warranty_until: String,
}

#[derive(Serialize)]
struct Reply {
    known: bool,
    model: String,
    warranty_until: String,
}

fn look_up(question: Question) -> Result<Reply, Error> {
    let settings: Settings = context::configuration()?;
    let response = http::get(format!("{}/devices", settings.base_url.trim_end_matches('/')))
        .query("serial", &question.serial)
        .bearer("register_token") // the secret's name; its value never enters the plugin
        .send()?;
    if response.status == 404 {
        log::info(format!("The register does not know {}.", question.serial));
        return Ok(Reply { known: false, model: String::new(), warranty_until: String::new() });
    }
    let device: Device = response.success()?.json()?;
    Ok(Reply { known: true, model: device.model, warranty_until: device.warranty_until })
}
