//! Reaches the desk of a folder: opens it when nobody runs it, else asks the one that does.

use std::path::Path;

use serde::de::DeserializeOwned;

use super::control::Control;
use super::folder::{Folder, Hold, Missing};
use super::open_desk::OpenDesk;
use super::operation::{Operation, carry_out};
use crate::config::Config;

/// Asks the desk of the folder for one thing.
///
/// # Errors
/// The desk's sentence, or why it cannot be reached.
pub async fn ask<T: DeserializeOwned>(
    dir: &Path,
    missing: Missing,
    operation: Operation,
    body: Vec<u8>,
) -> anyhow::Result<T> {
    let value = match Folder::take(dir, missing)? {
        Hold::Theirs(holder) => Control::connect(dir, holder).await?.ask(&operation, &body).await?,
        Hold::Ours(folder) => {
            let config = Config::load(folder.path())?;
            let open = OpenDesk::open(folder, config)?;
            let answer = carry_out(&open, operation, body).await;
            open.close().await;
            answer?
        }
    };
    Ok(serde_json::from_value(value)?)
}
