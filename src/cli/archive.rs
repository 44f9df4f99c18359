//! `backup` and `restore`, and what the operator is told about the key file.

use std::path::{Path, absolute};

use super::Ended;
use super::backup::Written;
use super::folder::Missing;
use super::operation::Operation;
use super::restore::{self, SecretsState};
use super::session::ask;
use crate::secrets::KEY_FILE;

pub async fn backup(to: &Path, dir: &Path) -> anyhow::Result<Ended> {
    // The desk that runs may stand in another folder.
    let operation = Operation::Backup { to: absolute(to)? };
    let written: Written = ask(dir, Missing::Refuse, operation, Vec::new()).await?;
    println!(
        "{}: {} bytes, {} files, read again and found whole.",
        written.path.display(),
        written.bytes,
        written.files
    );
    println!(
        "It does not hold the key file {} (its fingerprint is {}), which opens the secrets of plugins.\n\
         Copy that file once to a place where backups are not kept.",
        dir.join(KEY_FILE).display(),
        written.key_fingerprint
    );
    Ok(Ended::Well)
}

pub fn restore(from: &Path, dir: &Path) -> anyhow::Result<Ended> {
    let restored = restore::restore(from, dir)?;
    let manifest = &restored.manifest;
    println!(
        "{} holds the desk as it was on {}: {} files, all as their sums say.",
        dir.display(),
        manifest.made_at,
        manifest.entries.len()
    );
    println!(
        "Nothing goes out of it until you say so: look at it, then press the button on the page \"Jobs\" \
         or run `naryad outbox release --dir {}`.",
        dir.display()
    );
    let fingerprint = &manifest.key_fingerprint;
    match restored.secrets {
        SecretsState::Readable => {
            println!("The key file is the right one: the secrets of plugins can be read.")
        }
        SecretsState::KeyFileMissing => println!(
            "Before the first start, put your copy of {KEY_FILE} (fingerprint {fingerprint}) into the folder. \
             Without it the desk runs, but the secrets of plugins must be entered again."
        ),
        SecretsState::OtherKeyFile => println!(
            "The {KEY_FILE} in the folder is not the one of this backup (fingerprint {fingerprint}): \
             put that one there, or enter the secrets of plugins again."
        ),
    }
    Ok(Ended::Well)
}
