//! Updates: never silent; one that asks for more waits, one that is no good goes back.

use super::*;

fn version(number: &str) -> String {
    MANIFEST.replace("version = \"0.1.0\"", &format!("version = \"{number}\""))
}

/// The same connector, which wants to reach more and keep another secret.
fn greedy() -> Vec<u8> {
    let more = "[[host]]\nname = \"*.example.com\"\nwhy = { en = \"Statistics.\", ru = \"Статистика.\" }\n\n[[secret]]";
    let secret = "[[secret]]\nname = \"other_token\"\nplace = \"bearer\"\nhost = \"*.example.com\"\noptional = true\n\
                  title = { en = \"Other\", ru = \"Другой\" }\n\n[config]";
    with_manifest(
        PARTS_STOCK,
        &version("0.2.0").replacen("[[secret]]", more, 1).replacen("[config]", secret, 1),
    )
}

#[test]
fn an_update_that_asks_for_nothing_more_goes_over_and_keeps_what_was_decided() {
    let ready = ready();
    let first = ready.kept(PARTS_STOCK);
    let done = ready.installs(&ready.order(&first, &[])).ok();
    let installation = id(&done["id"]);
    let second = ready.kept(&with_manifest(PARTS_STOCK, &version("0.1.1")));
    let page = ready.page(installation);
    assert_eq!((&page["package_version"], &page["others"][0]["version"]), (&"0.1.0".into(), &"0.1.1".into()));
    let update = json!({ "version": 1, "package": second, "is_unsigned_accepted": true });
    let unflagged = json!({ "version": 1, "package": second });
    ready.post(installation, "update", &unflagged).refused(422, "package_not_trusted");
    ready.post(installation, "update", &update).ok();
    let page = ready.page(installation);
    assert_eq!((&page["package_version"], &page["update"]), (&"0.1.1".into(), &Value::Null));
    assert_eq!(page["asked"][0]["is_granted"], false, "what was denied stays denied");
    assert_eq!(
        (history(&page), &page["secret_names"]),
        (vec!["installed", "updated"], &json!(["stock_token"]))
    );
}

#[test]
fn an_update_that_asks_for_more_waits_for_a_word_and_leads_back() {
    let ready = ready();
    let first = ready.kept(PARTS_STOCK);
    let done = ready.installs(&ready.order(&first, &["setting:base_url"])).ok();
    let installation = id(&done["id"]);
    let second = ready.kept(&greedy());
    let update = json!({ "version": 1, "package": second, "is_unsigned_accepted": true });
    ready.post(installation, "update", &update).ok();
    let page = ready.page(installation);
    assert_eq!((&page["package_version"], &page["version"]), (&"0.1.0".into(), &1.into()));
    assert_eq!(page["update"]["package"]["version"], "0.2.0");
    let difference = &page["difference"];
    assert_eq!(
        (&difference["more"][0]["id"], &difference["is_harmless"]),
        (&"host:*.example.com".into(), &false.into())
    );
    assert_eq!((&difference["secrets"], &difference["less"]), (&json!(["other_token"]), &json!([])));
    assert_eq!(difference["more"][0]["why"]["en"], "Statistics.");
    assert_eq!(ready.tries(installation)["answer"]["quantity"], 2, "the old one runs on");
    // What was asked for and never approved is nothing to go back to.
    let asked = page["history"].as_array().unwrap().iter().find(|line| line["kind"] == "update_asked");
    let back = json!({ "version": 1, "to": asked.unwrap()["id"] });
    ready.post(installation, "roll-back", &back).refused(404, "not_found");

    ready.post(installation, "update/reject", &json!({})).ok();
    assert_eq!(ready.page(installation)["update"], Value::Null);
    ready.post(installation, "update/reject", &json!({})).refused(404, "not_found");
    ready.post(installation, "update", &update).ok();
    let approve = json!({
        "version": 1, "package": second, "is_unsigned_accepted": true,
        "choice": ready.choice(&["setting:base_url"], json!({ "other_token": "another-secret" })),
    });
    let mut unseen = approve.clone();
    unseen["package"] = first.clone().into();
    ready.post(installation, "update/approve", &unseen).refused(422, "invalid");
    ready.post(installation, "update/approve", &approve).ok();
    let page = ready.page(installation);
    assert_eq!((&page["package_version"], &page["update"]), (&"0.2.0".into(), &Value::Null));
    let granted: Vec<bool> =
        page["asked"].as_array().unwrap().iter().map(|one| one["is_granted"] == true).collect();
    assert_eq!(granted, [true, false], "less than asked");
    assert_eq!(ready.tries(installation)["answer"]["quantity"], 2);

    let back = json!({ "version": 2, "to": page["former"][0] });
    ready.post(installation, "roll-back", &back).ok();
    let page = ready.page(installation);
    assert_eq!(
        (&page["package_version"], &page["grants"]["hosts"]),
        (&"0.1.0".into(), &json!([host_of(&ready.server.url("/"))]))
    );
    // The newer package's secret is kept for it; the old one runs without.
    assert_eq!(ready.tries(installation)["answer"]["quantity"], 2);
    let expect =
        ["installed", "update_asked", "update_rejected", "update_asked", "update_approved", "rolled_back"];
    assert_eq!(history(&page), expect);
    // Another plugin's package is no update.
    let foreign = ready.kept(crate::plugins::BOMB);
    let update = json!({ "version": 3, "package": foreign, "is_unsigned_accepted": true });
    ready.post(installation, "update", &update).refused(422, "invalid");
}

#[test]
fn a_secret_is_given_again_where_other_settings_send_it_elsewhere() {
    let ready = ready();
    let package = ready.kept(PARTS_STOCK);
    let done = ready.installs(&ready.order(&package, &["setting:base_url"])).ok();
    let installation = id(&done["id"]);
    let change = |version: i64, base_url: &str| {
        let choice = json!({ "configuration": { "base_url": base_url }, "granted": [], "secrets": {} });
        ready.post(installation, "settings", &json!({ "version": version, "choice": choice })).ok();
        ready.page(installation)["secret_names"].clone()
    };
    assert_eq!(change(1, &ready.server.url("/other/way")), json!(["stock_token"]), "the same host");
    assert_eq!(change(2, "https://stock.example.com/api"), json!([]));
    // Nor does it come back with the former settings.
    let former = ready.page(installation)["history"].as_array().unwrap().last().unwrap()["id"].clone();
    ready.post(installation, "roll-back", &json!({ "version": 3, "to": former })).ok();
    assert_eq!(ready.page(installation)["secret_names"], json!([]));
}
