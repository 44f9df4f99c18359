//! A full disk: a clear answer, nothing half done, nothing acknowledged that is not stored.

use std::process::Command;

use super::{Place, Running, empty_pack};

/// A desk on a small disk of its own, in a mount namespace that goes with it. The first administrator's token
/// lies beside it.
fn serve_on_a_small_disk(place: &Place) -> Running {
    std::fs::create_dir_all(place.dir()).unwrap();
    let script = "mount -t tmpfs -o size=6m,mode=0700 naryad \"$1\" && cd \"$1\" && \
        head -c 1500000 /dev/zero > ballast && \
        \"$0\" admin create --login anna --name Anna --dir \"$1\" && \
        \"$0\" token create --login anna --dir \"$1\" > \"$2\" && \
        exec \"$0\" serve --listen 127.0.0.1:0 --dir \"$1\"";
    // SAFETY: the call only asks for a number.
    let is_root = unsafe { libc::geteuid() } == 0;
    let namespace = if is_root { "-m" } else { "-Urm" };
    let mut command = Command::new("unshare");
    command.args([namespace, "sh", "-c", script, env!("CARGO_BIN_EXE_naryad")]);
    command.arg(place.dir()).arg(place.path("token"));
    Running::start(command)
}

#[test]
fn a_full_disk_refuses_clearly_and_keeps_what_it_acknowledged() {
    let place = Place::new();
    let desk = serve_on_a_small_disk(&place);
    let token = std::fs::read_to_string(place.path("token")).unwrap().trim().to_owned();
    let client = desk.makes_client(&token, "bank");
    let pack = empty_pack(&place);
    let read = |name: &str| std::fs::read_to_string(format!("{pack}/{name}")).unwrap();
    let publish = serde_json::json!({
        "message": "first", "script": read("workflow.rhai"), "settings": read("client.toml"),
    });
    let path = format!("/clients/{client}/workflow/publish");
    assert_eq!(desk.asks("POST", &path, &token, Some(publish)).0, 200);
    let subject = "a long story ".repeat(30);
    let (mut acknowledged, mut refusal) = (Vec::new(), None);
    while refusal.is_none() {
        assert!(acknowledged.len() < 20_000, "the disk should be full by now");
        match desk.opens(&token, &client, &subject) {
            (200, done) => acknowledged.push(done["ticket"].as_str().unwrap().to_owned()),
            other => refusal = Some(other),
        }
    }
    let (status, error) = refusal.unwrap();
    assert_eq!((status, error["error"]["code"].as_str()), (507, Some("storage_full")), "{error}");
    assert!(acknowledged.len() > 10);
    let ballast = format!("/proc/{}/root{}/ballast", desk.child.id(), place.dir().display());
    for ticket in [&acknowledged[0], acknowledged.last().unwrap()] {
        assert_eq!(desk.asks("GET", &format!("/tickets/{ticket}"), &token, None).0, 200);
    }
    std::fs::remove_file(ballast).unwrap();
    let (status, done) = desk.opens(&token, &client, "there is room again");
    assert_eq!(status, 200, "{done}");
    let number: usize = done["number"].as_str().unwrap().strip_prefix("BANK-").unwrap().parse().unwrap();
    assert_eq!(number, acknowledged.len() + 1, "every number is a ticket that was acknowledged");
}
