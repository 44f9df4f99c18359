//! The desk over real HTTP: a test desk, the real router on a port of its own, and a small client.

mod attachments;
mod backtest;
mod bad_input;
mod contracts;
mod document;
mod incidents;
mod lines;
mod lists;
mod live;
mod login;
mod network;
mod onboarding;
mod open_tickets;
mod packs;
mod pages;
mod permissions;
mod plugin_hooks;
#[cfg(debug_assertions)]
mod plugins;
mod ratings;
mod recorded_time;
mod recount;
mod repeats;
mod script_tests;
mod shadow;
mod state_graph;
mod sub_clients;
mod territories;
mod time;
mod time_settings;
mod visit_reports;
mod writes;

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use naryad::clock::Clock;
use naryad::commands::sessions;
use naryad::domain::PersonId;
use naryad::http::{App, Settings, Shutdown, Tls, serve};
use naryad::views::Views;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio::sync::watch;

use super::helpers::TestDesk;

/// No answer takes longer in a test.
const ANSWER_TIME_MAX: Duration = Duration::from_secs(20);

/// A server with its desk.
pub struct Site {
    stop: watch::Sender<bool>,
    serving: Option<tokio::task::JoinHandle<()>>,
    runtime: Option<Runtime>,
    pub address: SocketAddr,
    pub app: App,
    pub desk: TestDesk,
}

impl Site {
    pub fn new() -> Self {
        Self::with(Settings::default(), None)
    }

    pub fn with(settings: Settings, tls: Option<Tls>) -> Self {
        Self::of(TestDesk::new(), settings, tls)
    }

    pub fn of(desk: TestDesk, settings: Settings, tls: Option<Tls>) -> Self {
        let views = Views::new(desk.desk.readers().clone(), Clock::Virtual(desk.clock.clone()));
        let app = App::new(desk.desk.clone(), views, settings);
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let (stop, shutdown) = Shutdown::new();
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let address = listener.local_addr().unwrap();
        let serving = Some(runtime.spawn(serve(listener, tls, app.clone(), shutdown)));
        Self { stop, serving, runtime: Some(runtime), address, app, desk }
    }

    /// An API token of the person.
    pub fn token(&self, person: PersonId) -> String {
        let made = self.desk.desk.aside_now(move |tx| sessions::make_token(tx, person, "test", None));
        made.unwrap().1
    }

    /// The token with which the first set-up is made.
    pub fn setup_token(&self) -> Option<String> {
        self.desk.desk.aside_now(sessions::make_setup_link).unwrap()
    }

    pub fn ask(&self, method: &str, path: &str) -> Ask {
        Ask {
            address: self.address,
            method: method.to_owned(),
            path: path.to_owned(),
            headers: vec![
                ("Host".to_owned(), self.address.to_string()),
                ("Connection".to_owned(), "close".to_owned()),
            ],
            body: Vec::new(),
        }
    }

    pub fn get(&self, token: &str, path: &str) -> Answer {
        self.ask("GET", path).token(token).send()
    }

    pub fn post(&self, token: &str, path: &str, body: &Value) -> Answer {
        self.ask("POST", path).token(token).json(body).send()
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        self.stop.send_replace(true);
        if let (Some(runtime), Some(serving)) = (self.runtime.take(), self.serving.take()) {
            let ended = runtime.block_on(async { tokio::time::timeout(ANSWER_TIME_MAX, serving).await });
            runtime.shutdown_timeout(Duration::from_secs(5));
            if !std::thread::panicking() {
                ended.expect("the server ends in time").unwrap();
            }
        }
    }
}

/// A request under way.
pub struct Ask {
    address: SocketAddr,
    method: String,
    path: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Ask {
    /// Sets a header in place of what it was.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.retain(|(known, _)| !known.eq_ignore_ascii_case(name));
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub fn token(self, token: &str) -> Self {
        self.header("Authorization", &format!("Bearer {token}"))
    }

    /// As a browser on the desk's own page.
    pub fn cookie(self, cookie: &str) -> Self {
        let origin = format!("http://{}", self.address);
        self.header("Cookie", cookie).header("Origin", &origin)
    }

    pub fn json(self, body: &Value) -> Self {
        self.header("Content-Type", "application/json").bytes(body.to_string().as_bytes())
    }

    pub fn bytes(mut self, body: &[u8]) -> Self {
        self.body = body.to_vec();
        self
    }

    fn text(&self) -> Vec<u8> {
        let mut text = format!("{} {} HTTP/1.1\r\n", self.method, self.path);
        for (name, value) in &self.headers {
            text.push_str(&format!("{name}: {value}\r\n"));
        }
        let has_length = self.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-length"));
        if !has_length {
            text.push_str(&format!("Content-Length: {}\r\n", self.body.len()));
        }
        text.push_str("\r\n");
        let mut bytes = text.into_bytes();
        bytes.extend_from_slice(&self.body);
        bytes
    }

    /// Sends it and leaves the connection open for reading.
    pub fn open(&self) -> TcpStream {
        let mut stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(ANSWER_TIME_MAX)).unwrap();
        stream.write_all(&self.text()).unwrap();
        stream
    }

    pub fn send(&self) -> Answer {
        Answer::read(self.open())
    }

    pub fn send_over(&self, mut stream: impl Read + Write) -> Answer {
        stream.write_all(&self.text()).unwrap();
        Answer::read(stream)
    }
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Answer {
    fn read(mut stream: impl Read) -> Answer {
        let mut bytes = Vec::new();
        // A server that refuses a body may close before it was taken whole; what it said stands.
        let _ = stream.read_to_end(&mut bytes);
        let split = bytes.windows(4).position(|four| four == b"\r\n\r\n");
        let split = split.unwrap_or_else(|| panic!("no head in {:?}", String::from_utf8_lossy(&bytes)));
        let head = String::from_utf8(bytes[..split].to_vec()).unwrap();
        let mut lines = head.split("\r\n");
        let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
        let headers: Vec<(String, String)> = lines
            .map(|line| line.split_once(": ").unwrap())
            .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
            .collect();
        let body = bytes[split + 4..].to_vec();
        let is_chunked =
            headers.iter().any(|(name, value)| name == "transfer-encoding" && value == "chunked");
        Answer { status, headers, body: if is_chunked { unchunked(&body) } else { body } }
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    pub fn text(&self) -> String {
        String::from_utf8(self.body.clone()).unwrap()
    }

    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error}: {} {}", self.status, self.text()))
    }

    /// The JSON of a success.
    #[track_caller]
    pub fn ok(&self) -> Value {
        assert_eq!(self.status, 200, "{}", self.text());
        self.json()
    }

    /// Status and code of a failure.
    #[track_caller]
    pub fn fault(&self) -> (u16, String) {
        let json = self.json();
        let error = json["error"].as_object().unwrap_or_else(|| panic!("no error in {json}"));
        assert!(error["message"].as_str().is_some_and(|message| !message.is_empty()), "{json}");
        let several = error.get("problems").map_or(0, |problems| {
            assert!(problems.as_array().is_some_and(|all| !all.is_empty()), "{json}");
            1
        });
        let missing = usize::from(error["code"] == "information_missing");
        assert_eq!(error.contains_key("missing"), missing == 1, "{json}");
        let fields = error.len() - usize::from(error.contains_key("values"));
        let known = 3 + several + missing;
        assert_eq!(fields, known, "code, message, field, values and problems where there are: {json}");
        (self.status, error["code"].as_str().unwrap().to_owned())
    }

    #[track_caller]
    pub fn refused(&self, status: u16, code: &str) -> Value {
        assert_eq!(self.fault(), (status, code.to_owned()), "{}", self.text());
        self.json()["error"].take()
    }

    /// The session cookie that was set, as the browser sends it back.
    pub fn cookie(&self) -> Option<String> {
        let line = self.header("set-cookie")?;
        Some(line.split(';').next().unwrap().to_owned())
    }
}

fn unchunked(mut body: &[u8]) -> Vec<u8> {
    let mut whole = Vec::new();
    while let Some(end) = body.windows(2).position(|two| two == b"\r\n") {
        let size = usize::from_str_radix(std::str::from_utf8(&body[..end]).unwrap(), 16).unwrap();
        if size == 0 || body.len() < end + 2 + size {
            break;
        }
        whole.extend_from_slice(&body[end + 2..end + 2 + size]);
        body = &body[(end + 4 + size).min(body.len())..];
    }
    whole
}

/// An id in JSON.
#[track_caller]
pub fn id(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("no id in {value}"))
}
