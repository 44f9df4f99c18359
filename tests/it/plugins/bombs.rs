//! Every way to misbehave ends in a clear failure; the child answers the next call.

use std::time::{Duration, Instant};

use naryad::plugin_host::FailureReason;
use serde_json::{Value, json};

use super::server::{self, Server};
use super::{Bench, options};

async fn goes_off(bench: &Bench, function: &str, input: Value, code: &str, words: &str) {
    let failure = bench.fails(function, input).await;
    assert_eq!(failure.code(), code, "{function}: {failure}");
    assert!(failure.to_string().contains(words), "{function}: {failure}");
}

#[tokio::test]
async fn every_bomb_is_survived_by_the_child() {
    let bench = Bench::bomb().await;
    bench.still_answers().await;
    let pid = bench.pid().await;
    for (function, input, code, words) in [
        ("loop", json!(null), "plugin_timed_out", "used up its 500 ms of processor time"),
        ("recurse", json!(null), "plugin_trapped", "its stack overflowed"),
        ("hog", json!(null), "plugin_out_of_memory", "more than its 67108864 bytes"),
        ("trap", json!(null), "plugin_trapped", "it stopped itself"),
        (
            "huge_answer",
            json!(2_000_000),
            "plugin_too_large",
            "the answer is too large: 2000002 bytes where 1048576",
        ),
        ("huge_answer", json!(8_000_000), "plugin_too_large", "8000002 bytes"),
    ] {
        goes_off(&bench, function, input, code, words).await;
        bench.still_answers().await;
    }
    assert_eq!(bench.pid().await, pid, "no bomb ended the child");
}

#[tokio::test]
async fn a_loop_is_stopped_soon_after_its_time() {
    let mut options = options();
    options.limits.guest_ms = 100;
    let mut bench = Bench::with(super::BOMB, options).await;
    bench.installation.grant.hosts = vec!["a.example.com".parse().unwrap()];
    bench.still_answers().await;
    let failure = bench.fails("loop", json!(null)).await;
    assert!(matches!(failure.reason, FailureReason::TimedOut { .. }), "{failure}");
    let guest = failure.transcript.guest_time;
    assert!((Duration::from_millis(100)..Duration::from_millis(200)).contains(&guest), "{guest:?}");
    assert!(failure.retryable());
}

#[tokio::test]
async fn bombs_beside_each_other_leave_the_others_alone() {
    let bench = Bench::bomb().await;
    let bombs =
        ["loop", "hog", "recurse", "trap", "loop", "hog"].map(|function| bench.fails(function, json!(null)));
    let calls = (0..20).map(|number| bench.call("echo", json!(number)));
    let (failures, answers) =
        tokio::join!(futures_util::future::join_all(bombs), futures_util::future::join_all(calls));
    assert_eq!(failures.len(), 6);
    for (number, answer) in answers.into_iter().enumerate() {
        assert_eq!(answer.unwrap().value["input"], number);
    }
}

#[tokio::test]
async fn a_flood_of_log_is_kept_to_its_limit() {
    let answer = Bench::bomb().await.call("log_flood", json!(5_000)).await.unwrap();
    assert_eq!(answer.transcript.log.len(), 200);
    assert!(answer.transcript.log_is_cut);
    assert!(answer.transcript.log.iter().all(|line| line.message.len() <= 2_048));
}

#[tokio::test]
async fn waiting_does_not_count_as_own_time_but_ends_with_the_wall() {
    let server = Server::start(|_| {
        std::thread::sleep(Duration::from_millis(400));
        server::json(json!(1))
    });
    let bench = Bench::bomb_at(&server.url("")).await;
    let fetch = |times: u32| json!({ "url": server.url("/"), "times": times });
    let answer = bench.call("busy_then_wait", fetch(3)).await.unwrap();
    assert!(answer.transcript.wall_time > Duration::from_millis(1_200));
    assert!(answer.transcript.guest_time < Duration::from_millis(300), "{:?}", answer.transcript.guest_time);
    let mut hurried = super::call("busy_then_wait", fetch(9));
    hurried.deadline = Instant::now() + Duration::from_millis(900);
    let failure = bench.host.call(&bench.installation, hurried).await.expect_err("it is too slow");
    assert_eq!(failure.code(), "plugin_timed_out");
    assert!(
        failure.transcript.wall_time < Duration::from_millis(2_500),
        "{:?}",
        failure.transcript.wall_time
    );
    assert!(!failure.transcript.requests.is_empty());
    bench.still_answers().await;
}

#[tokio::test]
async fn a_huge_response_is_cut_off() {
    let server = Server::start(|_| (200, vec![], vec![b'x'; 5 << 20]));
    let bench = Bench::bomb_at(&server.url("")).await;
    let failure = bench.fails("fetch", json!({ "url": server.url("/") })).await;
    assert_eq!(failure.code(), "too_large");
    assert_eq!(failure.transcript.requests[0].outcome, "the response is too large");
    let failure = bench.fails("fetch", json!({ "url": server.url("/"), "body_bytes": 2 << 20 })).await;
    assert_eq!(failure.code(), "invalid_request");
    assert!(failure.to_string().contains("the body has 2097152 bytes"), "{failure}");
}

#[tokio::test]
async fn too_many_requests_are_refused() {
    let server = Server::start(|_| server::json(json!(1)));
    let bench = Bench::bomb_at(&server.url("")).await;
    let failure = bench.fails("fetch", json!({ "url": server.url("/"), "times": 33 })).await;
    assert!(failure.to_string().contains("at most 32 requests"), "{failure}");
    assert_eq!(server.heard().len(), 32);
}

/// The most memory that the child's process had, in bytes.
#[cfg(target_os = "linux")]
fn memory_peak(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() << 10
}

/// What a child may have for its data; the same as the limit in `plugin_host::child`.
const CHILD_BYTES_MAX: u64 = 1 << 30;

#[tokio::test]
async fn each_bomb_of_a_partner_is_stopped_by_a_named_limit_while_others_go_on() {
    let mut options = options();
    options.limits.wall_ms = 6_000;
    let server = Server::start(|heard| match heard.target.as_str() {
        "/slow" => {
            // As long as anybody would listen; the test's end ends it.
            std::thread::sleep(Duration::from_secs(3_600));
            (200, vec![], vec![])
        }
        "/away" => {
            (302, vec![("location".into(), "http://169.254.169.254/latest/meta-data/".into())], vec![])
        }
        "/large" => (200, vec![], vec![b'x'; 100_000_000]),
        _ => server::json(json!(1)),
    });
    options.private_hosts = vec![super::host_of(&server.url("")).parse().unwrap()];
    let mut bench = Bench::with(super::BOMB, options).await;
    bench.installation.configuration = json!({ "base_url": server.url("") });
    bench.installation.grant.hosts =
        vec![super::host_of(&server.url("")).parse().unwrap(), "*.example.com".parse().unwrap()];
    bench.installation.secrets.insert("token".to_owned(), "very-secret".to_owned());
    bench.still_answers().await;
    let pid = bench.pid().await;
    let often = |ability: &str| json!({ "ability": ability, "times": 10_000_000 });
    let elsewhere = json!({ "url": "https://a.example.com/", "authentication": "bearer" });
    for (function, input, code, words) in [
        ("ask_often", often("context"), "plugin_timed_out", "used up its 500 ms of processor time"),
        ("ask_often", often("log"), "plugin_timed_out", "used up its 500 ms of processor time"),
        ("ask_often", often("random"), "plugin_timed_out", "used up its 500 ms of processor time"),
        ("ask_often", often("kv_write"), "plugin_timed_out", "used up its 500 ms of processor time"),
        ("huge_answer", json!(100_000_000), "plugin_out_of_memory", "more than its 67108864 bytes"),
        ("fetch", json!({ "url": server.url("/slow") }), "plugin_timed_out", "did not end within 6000 ms"),
        ("fetch", json!({ "url": server.url("/large") }), "too_large", "larger than 4 MiB"),
        ("follow", json!(server.url("/away")), "plugin_refused", "`169.254.169.254` is not among the hosts"),
        ("fetch", elsewhere, "plugin_refused", "the secret `token` may not be sent to `a.example.com`"),
    ] {
        let (failure, beside) =
            tokio::join!(bench.fails(function, input.clone()), bench.call("echo", json!("beside")));
        assert_eq!(failure.code(), code, "{function} {input}: {failure}");
        assert!(failure.to_string().contains(words), "{function} {input}: {failure}");
        assert_eq!(beside.unwrap().value["input"], "beside", "{function} {input}");
    }
    assert_eq!(bench.pid().await, pid, "no bomb ended the child");
    #[cfg(target_os = "linux")]
    {
        let peak = memory_peak(pid);
        println!("the child's process had {} MiB at most", peak >> 20);
        assert!(peak < CHILD_BYTES_MAX, "{peak}");
    }
}

#[tokio::test]
async fn ten_million_questions_to_the_parent_end_at_their_limit() {
    let mut options = options();
    options.limits.wall_ms = 60_000;
    options.limits.guest_ms = 30_000;
    let bench =
        Bench { installation: Bench::bomb().await.installation, ..Bench::with(super::BOMB, options).await };
    for ability in ["kv", "civil"] {
        let asked = json!({ "ability": ability, "times": 10_000_000 });
        let (failure, beside) = tokio::join!(bench.fails("ask_often", asked), bench.call("echo", json!(1)));
        assert_eq!(failure.code(), "plugin_too_often", "{ability}: {failure}");
        assert!(failure.to_string().contains("more than 20000 things in one call"), "{failure}");
        assert_eq!(beside.unwrap().value["input"], 1);
    }
}

#[tokio::test]
async fn a_gigabyte_gets_neither_into_kv_nor_into_the_log() {
    let bench = Bench::bomb().await;
    let flood = |values: u32| naryad::plugin_host::Entry::Function {
        name: "kv_flood".to_owned(),
        input: json!(values),
    };
    // A little more than a call may write: the limits of `kv` speak.
    let entered = bench.enter(flood(1_100)).await.unwrap();
    let answer = super::value(&entered);
    assert_eq!(answer["taken"], 15, "what fits into its MiB");
    assert!(answer["last"].as_str().unwrap().contains("at most 1000 times"), "{answer}");
    let bytes: usize =
        entered.kv.iter().map(|write| write.key.len() + write.value.as_ref().map_or(0, Vec::len)).sum();
    assert!(bytes <= 1 << 20, "{bytes}");

    // All of it: what the parent hears of it ends at the same limit, however fast the machine carries the rest across.
    let (flooded, beside) = tokio::join!(bench.enter(flood(16_384)), bench.call("echo", json!(1)));
    let transcript = match flooded {
        Ok(entered) => entered.transcript,
        Err(failure) => {
            assert!(failure.to_string().contains("used up its 500 ms of processor time"), "{failure}");
            failure.transcript
        }
    };
    assert_eq!(transcript.wishes, 1_000);
    assert_eq!(beside.unwrap().value["input"], 1);

    let (logged, beside) =
        tokio::join!(bench.call("log_flood", json!(200_000)), bench.call("echo", json!(2)));
    let transcript = match logged {
        Ok(answer) => answer.transcript,
        Err(failure) => {
            assert!(failure.to_string().contains("used up its 500 ms of processor time"), "{failure}");
            failure.transcript
        }
    };
    assert!(transcript.log_is_cut);
    let bytes: usize = transcript.log.iter().map(|line| line.message.len()).sum();
    assert_eq!((transcript.log.len(), bytes), (200, 200 << 11));
    assert_eq!(beside.unwrap().value["input"], 2);
}
