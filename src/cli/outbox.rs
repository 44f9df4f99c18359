//! `outbox release`: a restored desk sends again.

use std::path::Path;

use super::Ended;
use super::folder::Missing;
use super::operation::Operation;
use super::session::ask;
use crate::commands::Done;
use crate::domain::command::Command;

pub async fn release(dir: &Path) -> anyhow::Result<Ended> {
    let operation = Operation::Run { command: Box::new(Command::ReleaseOutbox) };
    ask::<Done>(dir, Missing::Refuse, operation, Vec::new()).await?;
    println!("The outbox is open: what waits goes out.");
    Ok(Ended::Well)
}
