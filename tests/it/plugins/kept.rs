//! Keys, values and files: a call reads its own writes, they come out with its answer, and every limit is said.

use naryad::plugin_host::{Entry, KvWrite};
use serde_json::{Value, json};

use super::server::Server;
use super::{Bench, host_of};

fn words(answer: &Value) -> &str {
    answer["error"].as_str().unwrap_or_else(|| panic!("{answer} should be an error"))
}

#[tokio::test]
async fn a_call_reads_its_own_writes_over_what_is_stored() {
    let bench = Bench::bomb().await;
    for (key, value) in [("a/1", "old"), ("a/2", "two"), ("a/3", "three"), ("b", "other")] {
        bench.shelf.values.lock().unwrap().insert(key.to_owned(), value.as_bytes().to_vec());
    }
    let entered = bench
        .entered_steps(json!([
            { "get": "a/1" },
            { "set": ["a/1", "new"] },
            { "get": "a/1" },
            { "delete": "a/2" },
            { "get": "a/2" },
            { "set": ["a/0", "nought"] },
            { "keys": ["a/", null, 2] },
            { "keys": ["a/", "a/1", 10] },
            { "delete": "nothing" },
            { "get": "never" },
            { "set": ["a/1", "newest"] },
        ]))
        .await;
    let expect =
        json!(["old", "done", "new", "done", null, "done", ["a/0", "a/1"], ["a/3"], "done", null, "done",]);
    assert_eq!(super::value(&entered), &expect);
    let write = |key: &str, value: Option<&str>| KvWrite {
        key: key.to_owned(),
        value: value.map(|value| value.as_bytes().to_vec()),
    };
    assert_eq!(
        entered.kv,
        [
            write("a/0", Some("nought")),
            write("a/1", Some("newest")),
            write("a/2", None),
            write("nothing", None)
        ]
    );
    assert_eq!(bench.shelf.values.lock().unwrap()["a/1"], b"old", "the host itself stores nothing");
    bench.shelf.store(&entered);
    assert_eq!(bench.steps(json!([{ "get": "a/1" }, { "get": "a/2" }])).await, json!(["newest", null]));
}

#[tokio::test]
async fn a_call_that_fails_has_written_nothing() {
    let bench = Bench::bomb().await;
    let failure = bench.fails("steps", json!([{ "set": ["a", "b"] }, { "random": 5000 }])).await;
    assert_eq!(failure.code(), "plugin_trapped");
    let failure =
        bench.fails("steps", json!([{ "create": ["a.txt", "text/plain", "b"] }, { "random": 5000 }])).await;
    assert_eq!(failure.code(), "plugin_trapped");
    assert_eq!(bench.shelf.drafts(), 0, "its file is gone too");
}

#[tokio::test]
async fn every_limit_of_keys_and_values_is_said() {
    let bench = Bench::bomb().await;
    let long = "k".repeat(257);
    let answer = bench
        .steps(json!([
            { "set": ["", "x"] },
            { "get": long },
            { "set_bytes": ["a", 65_537] },
            { "set_bytes": ["a", 65_536] },
            { "keys": ["", null, 0] },
            { "keys": ["", null, 1_001] },
            { "keys": [long, null, 1] },
        ]))
        .await;
    for (index, expect) in [
        (0, "a key has 1 to 256 bytes, not 0"),
        (1, "a key has 1 to 256 bytes, not 257"),
        (2, "the value has 65537 bytes; at most 65536 are kept"),
        (4, "`max` should be 1 to 1000, not 0"),
        (5, "`max` should be 1 to 1000, not 1001"),
        (6, "keys have at most 256 bytes"),
    ] {
        assert!(words(&answer[index]).contains(expect), "{index}: {}", answer[index]);
    }
    assert_eq!(answer[3], "done");

    // 15 values of 64 KiB fit into 1 MiB, 16 with their keys do not; what is replaced makes room.
    let mut steps: Vec<Value> =
        (0..16).map(|number| json!({ "set_bytes": [format!("f{number:02}"), 65_536] })).collect();
    steps.extend([json!({ "set_bytes": ["f00", 10] }), json!({ "set_bytes": ["f15", 65_000] })]);
    let answer = bench.steps(Value::Array(steps)).await;
    assert_eq!(answer[14], "done");
    assert!(words(&answer[15]).contains("where this installation has room for 1048576"), "{}", answer[15]);
    assert_eq!((&answer[16], &answer[17]), (&json!("done"), &json!("done")));

    let often: Vec<Value> = (0..1_001).map(|_| json!({ "set": ["a", "b"] })).collect();
    let answer = bench.steps(Value::Array(often)).await;
    assert_eq!(answer[999], "done");
    assert!(words(&answer[1_000]).contains("a call writes at most 1000 times"), "{}", answer[1_000]);
}

#[tokio::test]
async fn a_call_without_a_keeper_is_told_so() {
    let bench = Bench::bomb().await;
    let answer =
        bench.call("steps", json!([{ "get": "a" }, { "set": ["a", "b"] }, { "about": "x" }])).await.unwrap();
    assert!(words(&answer.value[0]).contains("not kept for this call"), "{}", answer.value);
    assert!(words(&answer.value[1]).contains("not kept for this call"), "{}", answer.value);
    assert!(words(&answer.value[2]).contains("this call knows no file `x`"), "{}", answer.value);
}

#[tokio::test]
async fn files_are_read_and_made_piece_by_piece() {
    let bench = Bench::bomb().await;
    bench.shelf.put_file("att-1", "акт.txt", "Всё в порядке".as_bytes());
    let entered = bench
        .entered_steps(json!([
            { "about": "att-1" },
            { "read": ["att-1", 7, 100] },
            { "read": ["att-1", 1000, 10] },
            { "create": ["note.txt", "text/plain", "first "] },
            { "append": ["new-1", 3] },
            { "about": "new-1" },
            { "read": ["new-1", 0, 100] },
            { "append": ["att-1", 3] },
            { "about": "att-2" },
            { "create": ["../etc", "text/plain", ""] },
            { "create": ["a.txt", "plain", ""] },
        ]))
        .await;
    let answer = super::value(&entered);
    assert_eq!(answer[0], json!(["акт.txt", "text/plain", 24]));
    assert_eq!((&answer[1], &answer[2]), (&json!("в порядке"), &json!("")));
    assert_eq!(answer[3], "new-1");
    assert_eq!(answer[5], json!(["note.txt", "text/plain", 9]));
    assert_eq!(answer[6], "first xxx");
    for (index, expect) in [
        (7, "this call made no file `att-1`"),
        (8, "this call knows no file `att-2`"),
        (9, "without folders"),
        (10, "should look like application/pdf"),
    ] {
        assert!(words(&answer[index]).contains(expect), "{index}: {}", answer[index]);
    }
    assert_eq!(entered.files.len(), 1);
    let file = &entered.files[0];
    assert_eq!((file.handle.as_str(), file.name.as_str(), file.bytes), ("new-1", "note.txt", 9));
    assert_eq!(std::fs::read(&*file.path).unwrap(), b"first xxx");
}

#[tokio::test]
async fn every_limit_of_files_is_said() {
    let bench = Bench::bomb().await;
    let mut steps: Vec<Value> =
        (0..21).map(|number| json!({ "create": [format!("{number}"), "a/b", ""] })).collect();
    steps.push(json!({ "append": ["new-1", 262_145] }));
    steps.extend((0..101).map(|_| json!({ "append": ["new-2", 262_144] })));
    let entered = bench.entered_steps(Value::Array(steps)).await;
    let answer = super::value(&entered);
    assert!(words(&answer[20]).contains("a call makes at most 20 files"), "{}", answer[20]);
    assert!(words(&answer[21]).contains("262145 bytes at once; at most 262144"), "{}", answer[21]);
    assert_eq!(answer[22 + 99], "done", "25 MiB");
    assert!(words(&answer[22 + 100]).contains("a file has at most 26214400 bytes"), "{}", answer[122]);
    assert_eq!(entered.files[1].bytes, 25 << 20);
}

#[tokio::test]
async fn a_file_goes_out_and_comes_in_without_entering_the_plugin() {
    let large: Vec<u8> = (0..3_000_000_u32).map(|number| (number % 251) as u8).collect();
    let body = large.clone();
    let server = Server::start(move |heard| match heard.target.as_str() {
        "/large" => (200, vec![("content-type".into(), "image/png".into())], body.clone()),
        "/huge" => (200, vec![], vec![b'x'; (25 << 20) + 1]),
        "/echo" => (200, vec![], heard.header("authorization").unwrap_or_default().as_bytes().to_vec()),
        "/none" => (404, vec![], vec![b'n'; 100_000]),
        _ => (201, vec![], heard.body.len().to_string().into_bytes()),
    });
    let mut bench = Bench::bomb_at(&server.url("")).await;
    bench.installation.secrets.insert("token".to_owned(), "very-secret-token".to_owned());
    bench.shelf.put_file("att-1", "a \"b\".bin", &large);
    let entered = bench
        .entered_steps(json!([
            { "upload": { "url": server.url("/raw"), "file": "att-1", "field": null, "by": "by_token" } },
            { "upload": { "url": server.url("/form"), "file": "att-1", "field": "doc", "by": null } },
            { "download": { "url": server.url("/large"), "name": "p.png", "by": null } },
            { "download": { "url": server.url("/none"), "name": "p.png", "by": null } },
            { "download": { "url": server.url("/huge"), "name": "p.png", "by": null } },
            { "download": { "url": server.url("/echo"), "name": "echo", "by": "by_token" } },
            { "read": ["new-2", 0, 100] },
            { "upload": { "url": server.url("/raw"), "file": "att-9", "field": null, "by": null } },
        ]))
        .await;
    let answer = super::value(&entered);
    assert_eq!(answer[0], json!([201, "3000000"]));
    assert_eq!(answer[2], json!([200, "new-1", ""]));
    assert_eq!(answer[3], json!([404, null, "n".repeat(65_536)]));
    assert!(words(&answer[4]).contains("TooLarge"), "{}", answer[4]);
    assert_eq!(answer[5], json!([200, "new-2", ""]));
    assert_eq!(answer[6], "Bearer [secret token]");
    assert!(words(&answer[7]).contains("this call knows no file `att-9`"), "{}", answer[7]);

    let heard = server.heard();
    assert_eq!(heard[0].body, large);
    assert_eq!(heard[0].header("authorization"), Some("Bearer very-secret-token"));
    let form = heard[1].header("content-type").unwrap();
    let boundary = form.strip_prefix("multipart/form-data; boundary=").unwrap();
    let before = format!(
        "--{boundary}\r\ncontent-disposition: form-data; name=\"doc\"; filename=\"a %22b%22.bin\"\r\ncontent-type: text/plain\r\n\r\n"
    );
    let body = [before.as_bytes(), &large, format!("\r\n--{boundary}--\r\n").as_bytes()].concat();
    assert_eq!(heard[1].body, body);

    let [picture, echo] = &entered.files[..] else { panic!("two files: {:?}", entered.files) };
    assert_eq!((picture.media_type.as_str(), picture.bytes), ("image/png", 3_000_000));
    assert_eq!(std::fs::read(&*picture.path).unwrap(), large);
    assert_eq!(std::fs::read(&*echo.path).unwrap(), b"Bearer [secret token]");
    assert!(entered.transcript.memory_peak_bytes < 3_000_000, "{}", entered.transcript.memory_peak_bytes);
    assert_eq!(entered.transcript.requests[2].response_bytes, 3_000_000);
}

#[tokio::test]
async fn files_need_their_own_grant_to_travel() {
    let server = Server::start(|_| (200, vec![], vec![]));
    let mut bench = Bench::bomb_at(&server.url("")).await;
    bench.installation.grant.blob = false;
    let failure = bench.fails_to_enter(Entry::Check).await;
    assert_eq!(failure.code(), "plugin_refused");
    assert!(failure.to_string().contains("refused `blob`"), "{failure}");
    assert!(server.heard().is_empty(), "{}", host_of(&server.url("")));
}
