//! `import servicenow`: hands the log to the desk of the folder, running or not, and shows what it said.

use std::time::Instant;

use anyhow::{Context, bail};
use serde_json::Value;

use super::Ended;
use super::args::ImportServicenow;
use super::folder::Missing;
use super::operation::Operation;
use super::session::ask;

pub async fn import(import: ImportServicenow) -> anyhow::Result<Ended> {
    let file = &import.file;
    let log = std::fs::read(file).with_context(|| format!("{} cannot be read", file.display()))?;
    let started = Instant::now();
    let operation = Operation::ImportServicenow { client: import.client.clone(), detail: import.detail() };
    let answer: Value = ask(&import.folder.dir, Missing::Refuse, operation, log).await?;
    eprintln!("took {:.1} s", started.elapsed().as_secs_f64());
    print!("{}", answer["said"].as_str().unwrap_or_default());
    match answer["error"].as_str() {
        None => Ok(Ended::Well),
        Some(error) => bail!("{error}"),
    }
}
