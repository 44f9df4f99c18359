//! A call through the child process and back.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

use naryad::domain::InstallationId;
use naryad::plugin_host::{Call, Ceiling, Grant, HostOptions, Installation, Limits, PluginHost};
use serde_json::json;

use super::figures::{Times, line, section};

const PLUGIN: &[u8] = include_bytes!("../../plugins/built/bomb.wasm");
const CALLS: usize = 5_000;

pub fn round_trip(folder: &Path) {
    section("Plugin call, there and back through the child process");
    std::fs::create_dir_all(folder).expect("a folder");
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    let times = runtime.block_on(call(folder));
    line("an echo of a small document", &times);
    println!("  median {:.0} us", times.median().as_secs_f64() * 1e6);
}

async fn call(folder: &Path) -> Times {
    let host = PluginHost::new(HostOptions {
        executable: env!("CARGO_BIN_EXE_naryad").into(),
        cache_dir: folder.to_owned(),
        seal_key: [7; 32],
        allowed_hosts: None,
        private_hosts: Vec::new(),
        limits: Limits::default(),
        ceiling: Ceiling::default(),
        tape: None,
    });
    let package = host.install(PLUGIN).await.expect("a committed plugin");
    let installation = Installation {
        id: InstallationId(1),
        client: super::desk::key("bench"),
        package: package.hash,
        configuration: json!({}),
        // The bomb asks for these hosts; nothing is sent there.
        grant: Grant {
            hosts: vec!["*.example.com".parse().expect("a pattern")],
            kv: true,
            blob: true,
            ..Grant::default()
        },
        secrets: BTreeMap::new(),
    };
    let one = || Call {
        function: "echo".to_owned(),
        input: json!({ "part": "printer", "city": "Moscow" }),
        attempt: 1,
        deadline: Instant::now() + Duration::from_secs(30),
        idempotency_key: "bench".to_owned(),
        time_zone: "Europe/Moscow".to_owned(),
    };
    host.call(&installation, one()).await.expect("the first call starts the child");
    let mut times = Vec::with_capacity(CALLS);
    for _ in 0..CALLS {
        let started = Instant::now();
        host.call(&installation, one()).await.expect("an echo");
        times.push(started.elapsed());
    }
    Times::new(times)
}
