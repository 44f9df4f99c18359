//! A pack on its way between a folder and a running desk, byte for byte.

use std::fs;

use super::{Place, empty_pack, token};

const SCRIPT: &str =
    "import \"shared/words\" as words;\r\nfn on_opened(ticket) {\n\tticket.add_tag(words::tag());\n}";
const MODULE: &str = "fn tag() { \"ё\" }\n";

/// A desk with a published pack of odd bytes, and where it lies.
fn published(place: &Place) -> (super::Running, String, String) {
    let token = token(place);
    let desk = place.serve();
    desk.makes_client(&token, "bank");
    let pack = empty_pack(place);
    place.write("pack/workflow.rhai", SCRIPT);
    fs::create_dir(place.path("shared")).unwrap();
    place.write("shared/words.rhai", MODULE);
    place.does(&["workflow", "publish", &pack, "--client", "bank"]);
    (desk, pack, token)
}

fn text(place: &Place, name: &str) -> String {
    fs::read_to_string(place.path(name)).unwrap()
}

#[test]
fn a_pack_is_pulled_changed_pushed_and_compared() {
    let place = Place::new();
    let (desk, _, token) = published(&place);
    let folder = place.path("git/bank");
    let folder = folder.to_str().unwrap();
    place.does(&["workflow", "pull", "bank", folder]);
    assert_eq!(text(&place, "git/bank/workflow.rhai"), SCRIPT);
    assert_eq!(text(&place, "git/bank/client.toml"), crate::helpers::SETTINGS);
    assert_eq!(text(&place, "git/shared/words.rhai"), MODULE);
    assert!(text(&place, "git/bank/.naryad-base.toml").contains("version = 1"));
    let same = place.naryad(&["workflow", "diff", folder, "bank"]);
    assert_eq!((same.code, same.out.as_str()), (0, ""));

    place.write("git/bank/workflow.rhai", SCRIPT.replace("on_opened", "on_closed"));
    place.write("git/shared/words.rhai", MODULE.replace('ё', "е"));
    let differs = place.naryad(&["workflow", "diff", folder, "bank"]);
    assert_eq!(differs.code, 1, "{}", differs.err);
    for line in [
        "+++ folder/shared/words.rhai",
        "-fn on_opened(ticket) {",
        "+fn on_closed(ticket) {",
        "\\ No newline",
    ] {
        assert!(differs.out.contains(line), "{line}: {}", differs.out);
    }
    assert!(!differs.out.contains("client.toml"), "{}", differs.out);

    place.does(&["workflow", "push", folder, "bank", "--message", "tag when closed"]);
    assert_eq!(place.naryad(&["workflow", "diff", folder, "bank", "--draft"]).code, 0);
    assert_eq!(place.naryad(&["workflow", "diff", folder, "bank"]).code, 1, "nothing was published");
    place.does(&["workflow", "push", folder, "bank"]);
    // What is published of the draft has the modules that came with it.
    let (_, clients) = desk.asks("GET", "/clients", &token, None);
    let client = clients["items"][0]["id"].as_str().unwrap().to_owned();
    let body = serde_json::json!({ "message": "from git" });
    let (status, done) =
        desk.asks("POST", &format!("/clients/{client}/workflow/publish"), &token, Some(body));
    assert_eq!(status, 200, "{done}");
    assert_eq!(place.naryad(&["workflow", "diff", folder, "bank"]).code, 0);
    assert_eq!(desk.stop(), 0);
}

#[test]
fn neither_side_overwrites_what_the_other_changed() {
    let place = Place::new();
    let (desk, pack, _) = published(&place);
    let folder = place.path("git/bank");
    let folder = folder.to_str().unwrap();
    assert!(place.fails(&["workflow", "push", &pack, "bank"]).contains("was never pulled"));
    place.does(&["workflow", "pull", "bank", folder]);
    place.write("git/bank/workflow.rhai", "// ours\n");
    let error = place.fails(&["workflow", "pull", "bank", folder]);
    assert!(error.contains("workflow.rhai was changed here"), "{error}");
    assert_eq!(text(&place, "git/bank/workflow.rhai"), "// ours\n");

    place.does(&["workflow", "publish", &pack, "--client", "bank"]);
    let error = place.fails(&["workflow", "push", folder, "bank"]);
    assert!(error.contains("version 1 was published then, version 2 is now"), "{error}");
    assert_eq!(place.naryad(&["workflow", "diff", folder, "bank", "--draft"]).code, 2, "no draft was made");
    place.does(&["workflow", "pull", "bank", folder, "--force"]);
    assert_eq!(text(&place, "git/bank/workflow.rhai"), SCRIPT);
    // An unchanged file of ours is in step, so a newer one takes its place.
    place.write("pack/workflow.rhai", "// theirs\n");
    place.does(&["workflow", "publish", &pack, "--client", "bank"]);
    place.does(&["workflow", "pull", "bank", folder]);
    assert_eq!(text(&place, "git/bank/workflow.rhai"), "// theirs\n");

    // Somebody else's draft is not overwritten either.
    let other = place.path("other/bank");
    let other = other.to_str().unwrap();
    place.does(&["workflow", "pull", "bank", other]);
    place.does(&["workflow", "push", other, "bank"]);
    let error = place.fails(&["workflow", "push", folder, "bank"]);
    assert!(error.contains("there was no draft then, there is a draft now"), "{error}");
    assert!(place.fails(&["workflow", "pull", "bnak"]).contains("there is no client `bnak`"));
    assert!(place.fails(&["workflow", "push", folder, "shop"]).contains("there is no client `shop`"));
    assert_eq!(desk.stop(), 0);
}

const TEST: &str = "fn test_it() { assert_eq(open(#{ subject: \"ё\" }).queue, \"commercial\"); }\n";
const LIST: &str = "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDTSTART;VALUE=DATE:20260101\r\nSUMMARY:New Year\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";

#[test]
fn tests_and_holiday_lists_are_part_of_the_exchange() {
    let place = Place::new();
    let (desk, pack, token) = published(&place);
    let (_, clients) = desk.asks("GET", "/clients", &token, None);
    let client = clients["items"][0]["id"].as_str().unwrap().to_owned();
    let tests = format!("/clients/{client}/workflow/tests");
    let keep = |file: &str, text: &str| {
        let body = serde_json::json!({ "tests": { file: text } });
        assert_eq!(desk.asks("POST", &tests, &token, Some(body)).0, 200);
    };
    // What the browser keeps is pulled, and a list that was imported for the client.
    keep("tests/first.rhai", TEST);
    place.write("am-2026.ics", LIST);
    place.does(&["holidays", "bank", "am-2026", place.path("am-2026.ics").to_str().unwrap()]);
    let folder = place.path("git/bank");
    let folder = folder.to_str().unwrap();
    place.does(&["workflow", "pull", "bank", folder]);
    assert_eq!(text(&place, "git/bank/tests/first.rhai"), TEST);
    assert_eq!(text(&place, "git/bank/holidays/am-2026.ics"), LIST);
    assert_eq!(place.naryad(&["workflow", "diff", folder, "bank"]).code, 0);

    // Changed, added and pushed.
    let changed = LIST.replace("20260101", "20260102");
    place.write("git/bank/holidays/am-2026.ics", &changed);
    place.write("git/bank/tests/second.rhai", TEST);
    let differs = place.naryad(&["workflow", "diff", folder, "bank"]).out;
    for line in
        ["+++ folder/tests/second.rhai", "+++ folder/holidays/am-2026.ics", "+DTSTART;VALUE=DATE:20260102"]
    {
        assert!(differs.contains(line), "{line}: {differs}");
    }
    place.does(&["workflow", "push", folder, "bank"]);
    assert_eq!(place.naryad(&["workflow", "diff", folder, "bank", "--draft"]).code, 0);
    assert_eq!(desk.asks("GET", &tests, &token, None).1["tests"]["tests/second.rhai"], TEST);

    // Neither side loses what the other changed.
    keep("tests/first.rhai", "// theirs\n");
    let error = place.fails(&["workflow", "push", folder, "bank"]);
    assert!(error.contains("somebody changed the tests"), "{error}");
    place.write("git/bank/tests/first.rhai", "// ours\n");
    let error = place.fails(&["workflow", "pull", "bank", folder]);
    assert!(error.contains("tests/first.rhai was changed here"), "{error}");
    place.write("git/bank/tests/first.rhai", TEST);
    place.write("git/bank/tests/mine.rhai", TEST);
    place.does(&["workflow", "pull", "bank", folder]);
    assert_eq!(text(&place, "git/bank/tests/first.rhai"), "// theirs\n");
    assert!(!place.path("git/bank/tests/second.rhai").exists(), "the desk keeps it no more");
    assert_eq!(text(&place, "git/bank/tests/mine.rhai"), TEST, "the desk never had it");
    place.write("other.ics", LIST.replace("20260101", "20260103"));
    place.does(&["holidays", "bank", "am-2026", place.path("other.ics").to_str().unwrap()]);
    let error = place.fails(&["workflow", "push", folder, "bank"]);
    assert!(error.contains("somebody changed a holiday list"), "{error}");

    // A folder that is published brings its tests where the desk keeps none, and takes none away.
    fs::create_dir(place.path("pack/tests")).unwrap();
    place.write("pack/tests/other.rhai", TEST);
    let told = place.does(&["workflow", "publish", &pack, "--client", "bank"]);
    assert!(told.contains("keeps other tests for bank; they stay"), "{told}");
    assert_eq!(desk.asks("POST", &tests, &token, Some(serde_json::json!({ "tests": {} }))).0, 200);
    let told = place.does(&["workflow", "publish", &pack, "--client", "bank"]);
    assert!(told.contains("Its tests are kept beside the draft"), "{told}");
    assert_eq!(desk.asks("GET", &tests, &token, None).1["tests"]["tests/other.rhai"], TEST);
    assert_eq!(desk.stop(), 0);
}

#[test]
fn publishing_for_open_tickets_too_is_shown_first_and_then_done_by_the_desk() {
    let place = Place::new();
    let (desk, pack, token) = published(&place);
    let (_, clients) = desk.asks("GET", "/clients", &token, None);
    let client = clients["items"][0]["id"].as_str().unwrap().to_owned();
    assert_eq!(desk.opens(&token, &client, "screen is dark").0, 200);
    let shorter = crate::helpers::SETTINGS.replace("resolution_minutes = 480", "resolution_minutes = 240");
    place.write("pack/client.toml", shorter);
    let words = ["workflow", "publish", &pack, "--client", "bank", "--open-tickets"];
    let shown = place.does(&[&words[..], &["--preview"]].concat());
    assert!(
        shown.contains("BANK-1: resolution due") && shown.contains("1 would be moved, 0 stay behind"),
        "{shown}"
    );
    assert_eq!(place.naryad(&["workflow", "diff", &pack, "bank"]).code, 1, "nothing was published");
    assert!(place.does(&words).contains("Its open tickets are moved to it"));
    let stand = format!("/clients/{client}/workflow/open-tickets");
    let moved = (0..100).any(|_| {
        std::thread::sleep(std::time::Duration::from_millis(50));
        desk.asks("GET", &stand, &token, None).1["last"]["moved"] == 1
    });
    assert!(moved, "the clock plays the turns of the move");
    assert!(place.naryad(&["workflow", "publish", &pack, "--client", "bank", "--preview"]).code != 0);
    assert_eq!(desk.stop(), 0);
}
