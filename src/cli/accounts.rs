//! `admin create` and `token create`: passwords are typed or printed once, tokens are printed once.

use std::fs;
use std::io::{BufRead, IsTerminal, Write};

use anyhow::{Context, ensure};
use serde_json::Value;

use super::Ended;
use super::args::{AdminCreate, TokenCreate};
use super::folder::Missing;
use super::operation::Operation;
use super::session::ask;
use crate::commands::{Done, passwords};
use crate::domain::Language;
use crate::secrets::random_word;

/// Of a password that is made for a person: 120 bits.
const PASSWORD_BYTES: usize = 15;

/// A password, and where it came from.
enum Password {
    Given(String),
    /// The person does not know it yet.
    Made(String),
}

pub async fn create_administrator(create: AdminCreate) -> anyhow::Result<Ended> {
    let password = password(&create)?;
    let (Password::Given(text) | Password::Made(text)) = &password;
    passwords::check_rules("password", text)?;
    let operation = Operation::CreateAdministrator {
        login: create.login.clone(),
        name: create.name,
        language: if create.language == "en" { Language::En } else { Language::Ru },
        time_zone: create.time_zone,
        password_hash: passwords::hash(text),
    };
    ask::<Done>(&create.folder.dir, Missing::Make, operation, Vec::new()).await?;
    println!("{} administers the desk now.", create.login);
    if let Password::Made(text) = password {
        println!("Password, shown only this once: {text}");
    }
    Ok(Ended::Well)
}

pub async fn create_token(create: TokenCreate) -> anyhow::Result<Ended> {
    let operation = Operation::CreateToken { login: create.login, name: create.name };
    let made: Value = ask(&create.folder.dir, Missing::Refuse, operation, Vec::new()).await?;
    let token = made["token"].as_str().context("the desk answered without a token")?;
    eprintln!("The token, shown only this once; send it as `Authorization: Bearer ...`:");
    println!("{token}");
    Ok(Ended::Well)
}

fn password(create: &AdminCreate) -> anyhow::Result<Password> {
    let first_line = |text: &str| text.lines().next().unwrap_or_default().to_owned();
    match &create.password_file {
        Some(file) if file.as_os_str() == "-" => {
            let mut line = String::new();
            std::io::stdin().lock().read_line(&mut line)?;
            Ok(Password::Given(first_line(&line)))
        }
        Some(file) => {
            let text =
                fs::read_to_string(file).with_context(|| format!("{} cannot be read", file.display()))?;
            Ok(Password::Given(first_line(&text)))
        }
        None if std::io::stdin().is_terminal() => {
            let typed = type_unseen("Password: ")?;
            ensure!(type_unseen("The same again: ")? == typed, "the two passwords differ; nothing was made");
            Ok(Password::Given(typed))
        }
        None => Ok(Password::Made(random_word(PASSWORD_BYTES)?)),
    }
}

/// Asks on the terminal and hides what is typed.
fn type_unseen(question: &str) -> anyhow::Result<String> {
    eprint!("{question}");
    std::io::stderr().flush()?;
    let hidden = Unseen::begin();
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line)?;
    drop(hidden);
    eprintln!();
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}

/// The terminal shows nothing of what is typed until this is dropped.
struct Unseen(Option<libc::termios>);

impl Unseen {
    fn begin() -> Unseen {
        // SAFETY: all zeroes are a valid `termios`, which the call fills in.
        let mut before: libc::termios = unsafe { std::mem::zeroed() };
        // SAFETY: the descriptor is this process's own and the pointer is to a live value.
        if unsafe { libc::tcgetattr(libc::STDIN_FILENO, &mut before) } != 0 {
            return Unseen(None);
        }
        let mut silent = before;
        silent.c_lflag &= !libc::ECHO;
        // SAFETY: as above.
        unsafe { libc::tcsetattr(libc::STDIN_FILENO, libc::TCSANOW, &silent) };
        Unseen(Some(before))
    }
}

impl Drop for Unseen {
    fn drop(&mut self) {
        if let Some(before) = &self.0 {
            // SAFETY: the value is the one that the system gave.
            unsafe { libc::tcsetattr(libc::STDIN_FILENO, libc::TCSANOW, before) };
        }
    }
}
