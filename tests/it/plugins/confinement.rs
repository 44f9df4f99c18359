//! The walls around a child, its death, and what comes after.

use std::time::{Duration, Instant};

use naryad::plugin_host::{HostOptions, PluginHost, sandbox};
use serde_json::json;

use super::server::{self, Server};
use super::{Bench, call, options};

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_child_has_given_up_files_sockets_and_system_calls_on_every_thread() {
    let report = sandbox::report();
    let bench = Bench::bomb().await;
    bench.still_answers().await;
    let child = bench.host.children().await.remove(0);
    assert_eq!(child.publisher, "naryad-tests");
    assert_eq!(child.confinement.seccomp, report.seccomp);
    assert_eq!(child.confinement.landlock, report.landlock.is_some());
    assert_eq!(child.confinement.sockets_refused, report.seccomp);
    assert!(child.confinement.files_refused || report.shortcomings().len() == 2);
    // Not what the child says of itself, but what the kernel says of it.
    let mut threads = 0;
    for task in std::fs::read_dir(format!("/proc/{}/task", child.pid)).unwrap() {
        let status = std::fs::read_to_string(task.unwrap().path().join("status")).unwrap();
        let field = |name: &str| {
            status.lines().find_map(|line| line.strip_prefix(name)).map(|value| value.trim().to_owned())
        };
        assert_eq!(field("NoNewPrivs:").as_deref(), Some("1"));
        if report.seccomp {
            assert_eq!(field("Seccomp:").as_deref(), Some("2"), "{status}");
        }
        threads += 1;
    }
    assert!(threads >= 10, "{threads} threads");
    let environment = std::fs::read(format!("/proc/{}/environ", child.pid)).unwrap();
    let of_ours: String =
        sandbox::ENVIRONMENT.iter().map(|(name, value)| format!("{name}={value}\0")).collect();
    assert_eq!(String::from_utf8_lossy(&environment), of_ours, "nothing of its parent's");
    for descriptor in std::fs::read_dir(format!("/proc/{}/fd", child.pid)).unwrap() {
        let name = descriptor.unwrap().file_name().into_string().unwrap();
        assert!(["0", "1", "2"].contains(&name.as_str()), "descriptor {name} is open");
    }
}

#[test]
fn a_kernel_that_lacks_something_is_reported() {
    let none = sandbox::Report { seccomp: false, landlock: None };
    assert_eq!(none.shortcomings().len(), 2);
    let all = sandbox::Report { seccomp: true, landlock: Some(7) };
    assert!(all.shortcomings().is_empty());
}

#[cfg(unix)]
fn kill(pid: u32) {
    let status = std::process::Command::new("kill").args(["-9", &pid.to_string()]).status().unwrap();
    assert!(status.success());
}

#[cfg(unix)]
#[tokio::test]
async fn a_killed_child_fails_its_calls_as_retryable_and_the_next_call_works() {
    let server = Server::start(|_| {
        std::thread::sleep(Duration::from_secs(5));
        server::json(json!(1))
    });
    let bench = Bench::bomb_at(&server.url("")).await;
    bench.still_answers().await;
    let pid = bench.pid().await;
    let started = Instant::now();
    let (failure, ()) = tokio::join!(bench.fails("fetch", json!({ "url": server.url("/") })), async {
        while server.heard().is_empty() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        kill(pid);
    });
    assert_eq!(failure.code(), "plugin_crashed", "{failure}");
    assert!(failure.retryable());
    assert!(failure.to_string().contains("signal: 9"), "{failure}");
    assert!(started.elapsed() < Duration::from_secs(3), "it was noticed at once: {:?}", started.elapsed());
    bench.still_answers().await;
    assert_ne!(bench.pid().await, pid);
}

#[cfg(unix)]
#[tokio::test]
async fn a_child_that_keeps_dying_rests_longer_and_longer() {
    let bench = Bench::bomb().await;
    for _ in 0..2 {
        bench.still_answers().await;
        let pid = bench.pid().await;
        kill(pid);
        while !bench.host.children().await.is_empty() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
    let failure = bench.fails("echo", json!(1)).await;
    assert_eq!(failure.code(), "plugin_unavailable");
    assert!(failure.retryable());
    let after = failure.retry_after().unwrap();
    assert!(after <= Duration::from_millis(500), "{after:?}");
    tokio::time::sleep(after + Duration::from_millis(20)).await;
    bench.still_answers().await;
}

#[tokio::test]
async fn a_stopped_host_leaves_no_process_behind() {
    let bench = Bench::bomb().await;
    bench.still_answers().await;
    let pid = bench.pid().await;
    bench.host.shutdown().await;
    assert!(bench.host.children().await.is_empty());
    let gone = async {
        while std::path::Path::new(&format!("/proc/{pid}")).exists() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(5), gone).await.expect("the child ends with its host");
}

#[cfg(unix)]
#[tokio::test]
async fn a_child_that_cannot_start_or_talks_nonsense_is_named() {
    use std::os::unix::fs::PermissionsExt as _;
    let bench = Bench::bomb().await;
    let folder = tempfile::tempdir().unwrap();
    let slow = folder.path().join("slow");
    let script = "#!/bin/sh\nfor word in first then last; do printf \"$word \" >&2; /bin/sleep 0.1; done\necho >&2\nexit 1\n";
    std::fs::write(&slow, script).unwrap();
    std::fs::set_permissions(&slow, std::fs::Permissions::from_mode(0o755)).unwrap();
    // Each is handed `plugin-host` as its argument: one cannot read it, one says it.
    for (executable, words) in [
        ("/nowhere/naryad", "its process cannot be started"),
        // Its words come in pieces, the last an empty line.
        (slow.to_str().unwrap(), "exit status: 1; first then last"),
        ("/bin/cat", "exit status: 1; "),
        ("/bin/echo", "it broke the protocol"),
    ] {
        let executable = executable.into();
        let host = PluginHost::new(HostOptions { executable, ..options() });
        let failure = host.call(&bench.installation, call("echo", json!(1))).await.expect_err("no child");
        assert_eq!(failure.code(), "plugin_unavailable", "{failure}");
        assert!(failure.retryable());
        assert!(failure.to_string().contains(words), "{failure}");
    }
}
