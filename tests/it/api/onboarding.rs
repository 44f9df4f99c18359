//! A new client's first steps over HTTP: its words are written into the draft, and what it still needs is counted.

use naryad::cli::packs;
use naryad::domain::person::Role;
use naryad::http::Settings;
use serde_json::{Value, json};

use super::Site;

fn site() -> Site {
    Site::with(Settings { packs: packs::ready().unwrap().into(), ..Settings::default() }, None)
}

/// A client that has begun with a pack.
fn begun(site: &Site, token: &str, pack: &str) -> String {
    let client = json!({ "key": "fresh", "name": "Fresh", "prefix": "FRE", "colour": "#2f6f4f", "language": "en",
        "is_active": true });
    let client = site.post(token, "/api/v1/clients", &client).ok()["id"].as_str().unwrap().to_owned();
    site.post(token, &way(&client, "/start"), &json!({ "pack": pack })).ok();
    client
}

fn way(client: &str, rest: &str) -> String {
    format!("/api/v1/clients/{client}/workflow{rest}")
}

#[test]
fn words_are_written_into_the_draft_and_nothing_else_changes() {
    let site = site();
    let admin = site.token(site.desk.somebody("anna", Role::Administrator, None).id);
    let client = begun(&site, &admin, "atm-service");
    let before = site.get(&admin, &way(&client, "")).ok()["draft"]["settings"].as_str().unwrap().to_owned();
    let page = site.get(&admin, &way(&client, "/words")).ok();
    let mut words = page["words"].clone();
    assert_eq!(words["statuses"][0], json!({ "key": "new", "label": { "en": "New", "ru": "Новая" } }));
    // As they are: not a letter of the text is another.
    let done =
        site.post(&admin, &way(&client, "/words"), &json!({ "base": page["base"], "words": words })).ok();
    assert_eq!(done["is_repeat"], true);

    words["statuses"][1]["label"] = json!({ "en": "Being mended", "ru": "Чиним" });
    words["time_zone"] = json!("Asia/Almaty");
    let unused: Vec<Value> = words["statuses"].as_array().unwrap().clone();
    let kept = page["kept"].as_array().unwrap();
    assert!(kept.contains(&json!("in_work")) && kept.contains(&json!("new")), "{kept:?}");
    let free: Vec<&Value> = unused.iter().filter(|own| !kept.contains(&own["key"])).collect();
    let queue_free =
        words["queues"].as_array().unwrap().iter().filter(|own| !kept.contains(&own["key"])).count();
    site.post(&admin, &way(&client, "/words"), &json!({ "base": page["base"], "words": words })).ok();
    let after = site.get(&admin, &way(&client, "")).ok()["draft"]["settings"].as_str().unwrap().to_owned();
    let changed: Vec<(&str, &str)> =
        before.lines().zip(after.lines()).filter(|(one, other)| one != other).collect();
    assert_eq!(before.lines().count(), after.lines().count());
    assert_eq!(
        changed,
        [
            ("time_zone = \"Europe/Moscow\"", "time_zone = \"Asia/Almaty\""),
            (
                "label = { en = \"In work\", ru = \"В работе\" }",
                "label = { en = \"Being mended\", ru = \"Чиним\" }"
            ),
        ],
        "free statuses {free:?}, free queues {queue_free}"
    );
    site.post(&admin, &way(&client, "/words"), &json!({ "base": page["base"], "words": words }))
        .refused(409, "draft_changed");
}

#[test]
fn what_nothing_needs_can_be_left_out_and_what_is_needed_cannot() {
    let site = site();
    let admin = site.token(site.desk.somebody("anna", Role::Administrator, None).id);
    let client = begun(&site, &admin, "it-desk");
    let page = site.get(&admin, &way(&client, "/words")).ok();
    let kept = page["kept"].as_array().unwrap();
    let mut words = page["words"].clone();
    for list in ["statuses", "queues"] {
        words[list].as_array_mut().unwrap().retain(|own| kept.contains(&own["key"]));
    }
    site.post(&admin, &way(&client, "/words"), &json!({ "words": words })).ok();
    let draft = site.get(&admin, &way(&client, "")).ok()["draft"].clone();
    let texts = json!({ "script": draft["script"], "settings": draft["settings"] });
    let found = site.post(&admin, &way(&client, "/check"), &texts).ok();
    // That nobody works for the client yet is told and no hindrance.
    let findings = found["findings"].as_array().unwrap();
    assert!(findings.iter().all(|one| one["severity"] == "warning"), "{findings:?} in {}", draft["settings"]);

    words["statuses"].as_array_mut().unwrap().clear();
    let fault =
        site.post(&admin, &way(&client, "/words"), &json!({ "words": words })).refused(422, "invalid");
    assert_eq!(fault["field"], "words");
    let mut words = site.get(&admin, &way(&client, "/words")).ok()["words"].clone();
    let fresh = json!({ "key": "parked", "label": { "en": "Parked" } });
    words["statuses"].as_array_mut().unwrap().push(fresh);
    let fault =
        site.post(&admin, &way(&client, "/words"), &json!({ "words": words })).refused(422, "invalid");
    assert!(fault["message"].as_str().unwrap().contains("parked"), "{fault}");
}

#[test]
fn prerequisites_are_counted_from_what_is_there() {
    let site = site();
    let anna = site.desk.somebody("anna", Role::Administrator, None);
    let admin = site.token(anna.id);
    let client = begun(&site, &admin, "atm-service");
    let counts = |kind: &str, name: &str| {
        let page = site.get(&admin, &way(&client, "/prerequisites")).ok();
        let items = page["items"].as_array().unwrap();
        let found = items.iter().find(|own| own["kind"] == kind && own["name"] == name);
        found.unwrap_or_else(|| panic!("{kind} {name} in {page}"))["count"].as_i64().unwrap()
    };
    assert_eq!(counts("department_people", "commercial"), 0);
    site.desk.member("kim", "commercial");
    assert_eq!(counts("department_people", "commercial"), 1);
    assert_eq!((counts("engineers", ""), counts("sites", ""), counts("assets", "")), (0, 0, 0));
    site.desk.engineer("nurlan", 2, "Almaty");
    let place = json!({ "client": client, "name": "Mall", "address": "1 A St", "city": "Almaty", "country": "KZ",
        "time_zone": "Asia/Almaty" });
    site.post(&admin, "/api/v1/sites", &place).ok();
    assert_eq!((counts("engineers", ""), counts("sites", ""), counts("assets", "")), (1, 1, 0));
    assert_eq!((counts("plugin", "parts-stock"), counts("partner", "local-service")), (0, 0));
    site.post(&admin, "/api/v1/partners", &json!({ "key": "local-service", "name": "Local" })).ok();
    assert_eq!((counts("partner", "local-service"), counts("partner_people", "local-service")), (1, 0));

    let olga = site.token(site.desk.somebody("olga", Role::Operator, None).id);
    for rest in ["/words", "/prerequisites"] {
        assert_eq!(site.get(&olga, &way(&client, rest)).status, 403);
    }
    let words = site.get(&admin, &way(&client, "/words")).ok()["words"].clone();
    assert_eq!(site.post(&olga, &way(&client, "/words"), &json!({ "words": words })).status, 403);
}
