//! The command line as an operator types it: the real binary on real folders, stopped and running.

mod backups;
mod commands;
mod exchange;
mod full_disk;
mod plugins;
mod serving;
mod time;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use serde_json::{Value, json};

/// A data folder and what runs on it.
pub struct Place {
    temporary: tempfile::TempDir,
}

/// What a command said.
pub struct Said {
    pub code: i32,
    pub out: String,
    pub err: String,
}

/// A running desk; killed when dropped.
pub struct Running {
    pub child: Child,
    pub address: String,
    /// What it printed up to the address and the line after it.
    pub setup: Option<String>,
}

impl Place {
    pub fn new() -> Place {
        Place { temporary: tempfile::tempdir().unwrap() }
    }

    /// A path beside the data folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.temporary.path().join(name)
    }

    pub fn dir(&self) -> PathBuf {
        self.path("desk")
    }

    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) -> String {
        std::fs::write(self.path(name), content).unwrap();
        self.path(name).to_str().unwrap().to_owned()
    }

    pub fn naryad(&self, words: &[&str]) -> Said {
        naryad_on(&self.dir(), words)
    }

    #[track_caller]
    pub fn does(&self, words: &[&str]) -> String {
        let said = self.naryad(words);
        assert_eq!(said.code, 0, "{words:?}: {}{}", said.out, said.err);
        said.out
    }

    /// The sentence with which a command failed.
    #[track_caller]
    pub fn fails(&self, words: &[&str]) -> String {
        let said = self.naryad(words);
        assert_ne!(said.code, 0, "{words:?} should fail: {}", said.out);
        assert!(said.err.starts_with("error: "), "{}", said.err);
        said.err
    }

    pub fn serve(&self) -> Running {
        let mut command = Command::new(env!("CARGO_BIN_EXE_naryad"));
        command.args(["serve", "--listen", "127.0.0.1:0", "--dir"]).arg(self.dir());
        Running::start(command)
    }
}

pub fn naryad_on(dir: &Path, words: &[&str]) -> Said {
    let mut command = Command::new(env!("CARGO_BIN_EXE_naryad"));
    command.args(words).env("NARYAD_DIR", dir).stdin(Stdio::null());
    let Output { status, stdout, stderr } = command.output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Said { code: status.code().unwrap_or(-1), out: text(stdout), err: text(stderr) }
}

impl Running {
    pub fn start(mut command: Command) -> Running {
        let mut child = command.stdout(Stdio::piped()).stdin(Stdio::null()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut address = None;
        while address.is_none() {
            let line = lines.next().expect("the desk says where it is").unwrap();
            address = line.split("runs at http://").nth(1).map(|rest| rest.trim_end_matches('/').to_owned());
        }
        // What else it says, and so that it never waits for a reader.
        let (send, setup) = std::sync::mpsc::channel();
        std::thread::spawn(move || lines.map_while(Result::ok).for_each(|line| drop(send.send(line))));
        let setup = setup.recv_timeout(std::time::Duration::from_millis(300)).ok();
        Running { child, address: address.unwrap(), setup }
    }

    /// One request; the status and the JSON of the answer.
    pub fn asks(&self, method: &str, path: &str, token: &str, body: Option<Value>) -> (u16, Value) {
        let body = body.map(|body| body.to_string()).unwrap_or_default();
        let mut stream = TcpStream::connect(&self.address).unwrap();
        write!(
            stream,
            "{method} /api/v1{path} HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {token}\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
            self.address,
            body.len()
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let status = answer.split(' ').nth(1).unwrap().parse().unwrap();
        let text = answer.split_once("\r\n\r\n").map(|(_, text)| text).unwrap_or_default();
        (status, serde_json::from_str(text).unwrap_or(Value::Null))
    }

    pub fn makes_client(&self, token: &str, key: &str) -> String {
        let client = json!({
            "key": key, "name": key, "prefix": "BANK", "colour": "#2f6f4f", "language": "en", "is_active": true,
        });
        let (status, done) = self.asks("POST", "/clients", token, Some(client));
        assert_eq!(status, 200, "{done}");
        done["id"].as_str().unwrap().to_owned()
    }

    pub fn opens(&self, token: &str, client: &str, subject: &str) -> (u16, Value) {
        let ticket = json!({ "client": client, "subject": subject });
        self.asks("POST", "/tickets", token, Some(ticket))
    }

    /// Stops it as a system does.
    pub fn stop(mut self) -> i32 {
        let killed = Command::new("kill").arg(self.child.id().to_string()).status().unwrap();
        assert!(killed.success());
        self.child.wait().unwrap().code().unwrap_or(-1)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A pack without a handler.
pub fn empty_pack(place: &Place) -> String {
    std::fs::create_dir_all(place.path("pack")).unwrap();
    place.write("pack/workflow.rhai", "");
    place.write("pack/client.toml", crate::helpers::SETTINGS);
    place.path("pack").to_str().unwrap().to_owned()
}

/// An administrator's token.
pub fn token(place: &Place) -> String {
    place.does(&["admin", "create", "--login", "anna", "--name", "Anna"]);
    place.does(&["token", "create", "--login", "anna"]).trim().to_owned()
}
