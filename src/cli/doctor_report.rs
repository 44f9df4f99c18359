//! `doctor` on the command line: what was found, worst first, and an exit code for scripts.

use std::path::Path;

use super::Ended;
use super::control::Control;
use super::doctor::{Depth, Finding, Level};
use super::folder::{Folder, Hold, Missing};
use super::open_desk::OpenDesk;
use super::operation::{Operation, carry_out};
use crate::config::Config;
use crate::secrets::{KeyFileState, Keys, key_file_state};

pub async fn doctor(dir: &Path, depth: Depth) -> anyhow::Result<Ended> {
    let operation = Operation::Examine { depth };
    let (state, answer) = match Folder::take(dir, Missing::Refuse)? {
        Hold::Theirs(holder) => {
            let answer = Control::connect(dir, holder).await?.ask(&operation, &[]).await?;
            let who = holder.map_or_else(String::new, |pid| format!(" as process {pid}"));
            (format!("the desk runs{who} and answers"), answer)
        }
        Hold::Ours(folder) => {
            // To look must not make a key file where one is missing.
            let keys = match key_file_state(folder.path()) {
                KeyFileState::Missing => Keys::random()?,
                _ => Keys::open(folder.path())?,
            };
            let open = OpenDesk::open_with(folder, Config::load(dir)?, keys)?;
            let answer = carry_out(&open, operation, Vec::new()).await;
            open.close().await;
            ("the desk does not run".to_owned(), answer?)
        }
    };
    let mut findings: Vec<Finding> = serde_json::from_value(answer)?;
    findings.insert(0, Finding { level: Level::Fine, about: "folder".to_owned(), says: state });
    for finding in &findings {
        let word = match finding.level {
            Level::Fine => "ok",
            Level::Note => "note",
            Level::Problem => "PROBLEM",
        };
        println!("{word:8}{:10}{}", finding.about, finding.says);
    }
    let problems = findings.iter().filter(|finding| finding.level == Level::Problem).count();
    if problems == 0 {
        return Ok(Ended::Well);
    }
    eprintln!("{problems} problem(s)");
    Ok(Ended::WithFindings)
}
