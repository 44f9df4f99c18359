//! The plugin host with real child processes, real components and a real HTTP server.

#[cfg(debug_assertions)]
mod authentication;
mod bombs;
#[cfg(debug_assertions)]
mod confinement;
#[cfg(debug_assertions)]
mod denials;
#[cfg(debug_assertions)]
mod doors;
#[cfg(debug_assertions)]
mod fresh;
#[cfg(debug_assertions)]
mod kept;
#[cfg(debug_assertions)]
pub mod packages;
#[cfg(debug_assertions)]
mod schemas;
#[cfg(debug_assertions)]
mod secrets;
pub mod server;
mod shelf;
#[cfg(debug_assertions)]
mod signatures;
#[cfg(debug_assertions)]
mod speed;
#[cfg(debug_assertions)]
mod stock;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use naryad::domain::{InstallationId, Key, Moment};
use naryad::plugin_host::{
    Answer, Call, CallFailure, Ceiling, Entered, Entry, EntryAnswer, Grant, HostOptions, Installation,
    Keeper, Limits, LogLevel, PackageHash, PluginHost, Terms, Transcript,
};
use serde_json::{Value, json};
use shelf::Shelf;

pub const BOMB: &[u8] = include_bytes!("../../../plugins/built/bomb.wasm");
/// `parts-stock` as it was built against `naryad:plugin@0.1.0`.
pub const OLD: &[u8] = include_bytes!("../../data/plugins/old-0.1.0.wasm");
pub const PARTS_STOCK: &[u8] = include_bytes!("../../../plugins/built/parts-stock.wasm");

/// The desk's time when a test enters a plugin.
pub const NOW_MS: i64 = 1_750_000_000_000;

/// A host and one installation, set up by the test, with what is kept for it.
pub struct Bench {
    pub host: PluginHost,
    pub installation: Installation,
    pub shelf: Arc<Shelf>,
}

/// Compiling once is enough for all tests of a run.
fn cache_dir() -> PathBuf {
    static DIR: OnceLock<tempfile::TempDir> = OnceLock::new();
    DIR.get_or_init(|| tempfile::tempdir().unwrap()).path().to_owned()
}

pub fn options() -> HostOptions {
    HostOptions {
        executable: env!("CARGO_BIN_EXE_naryad").into(),
        cache_dir: cache_dir(),
        seal_key: [7; 32],
        allowed_hosts: None,
        private_hosts: Vec::new(),
        limits: Limits::default(),
        ceiling: Ceiling::default(),
        tape: None,
    }
}

pub fn call(function: &str, input: Value) -> Call {
    Call {
        function: function.to_owned(),
        input,
        attempt: 1,
        deadline: Instant::now() + Duration::from_secs(30),
        idempotency_key: "job-7".to_owned(),
        time_zone: "Asia/Yerevan".to_owned(),
    }
}

pub fn terms() -> Terms {
    Terms {
        attempt: 1,
        deadline: Instant::now() + Duration::from_secs(30),
        idempotency_key: "job-7".to_owned(),
        time_zone: "Asia/Yerevan".to_owned(),
        now: Moment::from_ms(NOW_MS),
    }
}

/// What a function answered.
pub fn value(entered: &Entered) -> &Value {
    let EntryAnswer::Value(value) = &entered.answer else { panic!("a function answers a value") };
    value
}

impl Bench {
    pub async fn with(wasm: &[u8], options: HostOptions) -> Bench {
        let host = PluginHost::new(options);
        let package = host.install(wasm).await.unwrap();
        let installation = installation(package.hash.clone(), Grant::declared(&package.manifest, &json!({})));
        Bench { host, installation, shelf: Arc::new(Shelf::new()) }
    }

    /// The bomb with `base_url` at this URL, everything granted, its host private.
    pub async fn bomb_at(url: &str) -> Bench {
        let host = host_of(url);
        let mut options = options();
        options.private_hosts = vec![host.parse().unwrap()];
        let mut bench = Bench::with(BOMB, options).await;
        bench.installation.configuration = json!({ "base_url": url });
        bench.installation.grant.hosts = vec![host.parse().unwrap()];
        bench
    }

    /// The bomb without a server: its host is granted but nobody is there.
    pub async fn bomb() -> Bench {
        Bench::bomb_at("http://127.0.0.1:9").await
    }

    pub async fn call(&self, function: &str, input: Value) -> Result<Answer, CallFailure> {
        self.host.call(&self.installation, call(function, input)).await
    }

    pub async fn enter(&self, entry: Entry) -> Result<Entered, CallFailure> {
        let keeper: Arc<dyn Keeper> = self.shelf.clone();
        self.host.enter(&self.installation, entry, terms(), &keeper).await
    }

    pub async fn fails_to_enter(&self, entry: Entry) -> CallFailure {
        self.enter(entry).await.expect_err("this entry should fail")
    }

    /// The bomb does these steps (see `plugins/bomb/src/abilities.rs`) with the shelf at hand.
    pub async fn entered_steps(&self, steps: Value) -> Entered {
        self.enter(Entry::Function { name: "steps".to_owned(), input: steps }).await.unwrap()
    }

    /// What each of the steps answered.
    pub async fn steps(&self, steps: Value) -> Value {
        value(&self.entered_steps(steps).await).clone()
    }

    pub async fn fails(&self, function: &str, input: Value) -> CallFailure {
        self.call(function, input).await.expect_err("this call should fail")
    }

    /// The same child still answers.
    pub async fn still_answers(&self) {
        let answer = self.call("echo", json!("still here")).await.unwrap();
        assert_eq!(answer.value["input"], "still here");
    }

    pub async fn pid(&self) -> u32 {
        self.host.children().await.first().expect("a child is running").pid
    }
}

pub fn host_of(url: &str) -> String {
    url.split('/').nth(2).unwrap().to_owned()
}

pub fn log_text(transcript: &Transcript) -> String {
    transcript.log.iter().map(|line| format!("{:?} {}\n", line.level, line.message)).collect()
}

/// All that the manifest asks for, besides hosts.
fn installation(package: PackageHash, declared: Grant) -> Installation {
    Installation {
        id: InstallationId(31),
        client: Key::new("ararat-bank").unwrap(),
        package,
        configuration: json!({}),
        secrets: BTreeMap::new(),
        grant: Grant { hosts: Vec::new(), ..declared },
    }
}

#[tokio::test]
async fn a_function_answers_and_knows_its_context() {
    let bench = Bench::bomb().await;
    let answer = bench.call("echo", json!({ "слово": [1, 2.5, null] })).await.unwrap();
    assert_eq!(answer.value["input"], json!({ "слово": [1, 2.5, null] }));
    assert_eq!(answer.value["client"], "ararat-bank");
    assert_eq!(answer.value["installation"], "31");
    assert_eq!(answer.value["configuration"], json!({ "base_url": "http://127.0.0.1:9" }).to_string());
    assert_eq!(answer.value["attempt"], 1);
    assert_eq!(answer.value["idempotency_key"], "job-7");
    assert_eq!(answer.value["time_zone"], "Asia/Yerevan");
    let left = answer.value["time_left_ms"].as_u64().unwrap();
    assert!((9_000..=10_000).contains(&left), "{left}");
    assert!(answer.transcript.memory_peak_bytes >= 1 << 16);
    assert!(answer.transcript.wall_time >= answer.transcript.guest_time);
}

#[tokio::test]
async fn a_plugins_own_error_keeps_its_words_and_its_wish() {
    let failure = Bench::bomb().await.fails("fail", json!(null)).await;
    assert_eq!(failure.code(), "out_of_paper");
    assert_eq!(failure.to_string(), "The printer has no paper.");
    assert!(failure.retryable());
    assert_eq!(failure.retry_after(), Some(Duration::from_secs(90)));
}

#[tokio::test]
async fn many_calls_run_side_by_side_and_each_gets_its_own_answer() {
    let bench = Bench::bomb().await;
    let calls = (0..40).map(|number| bench.call("echo", json!(number)));
    let answers = futures_util::future::join_all(calls).await;
    for (number, answer) in answers.into_iter().enumerate() {
        assert_eq!(answer.unwrap().value["input"], number);
    }
    assert_eq!(bench.host.children().await.len(), 1, "one child per publisher");
}

#[tokio::test]
async fn what_the_manifest_does_not_know_is_refused_before_anything_runs() {
    let mut bench = Bench::bomb().await;
    for (function, input, code, words) in [
        ("explode", json!(null), "plugin_unknown_function", "it has loop, recurse, hog"),
        ("echo", json!("x".repeat(300_000)), "plugin_too_large", "262144 are allowed"),
    ] {
        let failure = bench.fails(function, input).await;
        assert_eq!(failure.code(), code);
        assert!(failure.to_string().contains(words), "{failure}");
        assert!(!failure.retryable());
    }
    bench.installation.configuration = json!({ "base": "x" });
    let failure = bench.fails("echo", json!(null)).await;
    assert_eq!(failure.code(), "plugin_wrong_installation");
    assert!(failure.to_string().contains("base should be absent"), "{failure}");
    bench.installation.configuration = json!({});
    for (name, value, words) in
        [("tokn", "long enough", "has no secret `tokn`"), ("token", "abc", "should have 4 to 8192 bytes")]
    {
        bench.installation.secrets = BTreeMap::from([(name.to_owned(), value.to_owned())]);
        let failure = bench.fails("echo", json!(null)).await;
        assert!(failure.to_string().contains(words), "{failure}");
    }
    assert!(bench.host.children().await.is_empty(), "no child was needed");
}

#[tokio::test]
async fn an_answer_that_breaks_its_promise_is_refused() {
    let failure = Bench::bomb().await.fails("wrong_answer", json!(null)).await;
    assert_eq!(failure.code(), "plugin_wrong_answer");
    assert!(failure.to_string().contains("the document should be boolean"), "{failure}");
}

#[tokio::test]
async fn a_package_that_is_not_here_is_named() {
    let mut bench = Bench::bomb().await;
    bench.installation.package = PackageHash::of(b"something else");
    let failure = bench.fails("echo", json!(null)).await;
    assert_eq!(failure.code(), "plugin_not_installed");
    assert!(!failure.retryable());
}

#[tokio::test]
async fn a_panic_says_in_the_log_what_it_was() {
    let failure = Bench::bomb().await.fails("trap", json!(null)).await;
    assert_eq!(failure.transcript.log.len(), 1);
    assert_eq!(failure.transcript.log[0].level, LogLevel::Error);
    assert!(failure.transcript.log[0].message.contains("this plugin panics on purpose"));
}
