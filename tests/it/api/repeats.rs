//! Every POST may be sent twice: with its key it is done once, or sending it twice does no harm.

use naryad::commands::passwords;
use naryad::domain::command::Command;
use naryad::domain::person::Role;
use naryad::http::router;
use serde_json::{Value, json};

use super::{Answer, Ask, Site, id};

const PASSWORD: &str = "correct horse battery";
const OTHER_PASSWORD: &str = "a new good one";

/// POSTs that are no command. A new one belongs here, with its test below.
const NO_COMMANDS: [&str; 23] = [
    "/setup",
    "/session",
    "/sessions/{id}/revoke",
    "/password",
    "/reset",
    "/tokens",
    "/tokens/{id}/revoke",
    "/attachments",
    "/people/{id}/reset-link",
    "/clients/{id}/workflow/backtest",
    "/clients/{id}/workflow/backtest/cancel",
    "/clients/{id}/workflow/check",
    "/clients/{id}/workflow/complete",
    "/clients/{id}/workflow/signature",
    "/clients/{id}/workflow/definition",
    "/clients/{id}/workflow/format",
    "/clients/{id}/workflow/tests/run",
    "/clients/{id}/workflow/time/preview",
    "/clients/{id}/workflow/time/month",
    "/clients/{id}/workflow/open-tickets/preview",
    "/plugin-installations/{id}/hook-token",
    "/views",
    "/plugin-installations/{id}/try",
];
const HARMLESS: [&str; 19] = [
    "/setup",
    "/session",
    "/password",
    "/reset",
    "/clients/{id}/workflow/backtest",
    "/clients/{id}/workflow/backtest/cancel",
    "/clients/{id}/workflow/check",
    "/clients/{id}/workflow/complete",
    "/clients/{id}/workflow/signature",
    "/clients/{id}/workflow/definition",
    "/clients/{id}/workflow/format",
    "/clients/{id}/workflow/tests/run",
    "/clients/{id}/workflow/time/preview",
    "/clients/{id}/workflow/time/month",
    "/clients/{id}/workflow/open-tickets/preview",
    "/plugin-installations",
    "/plugin-installations/{id}/settings",
    "/plugin-installations/{id}/update/approve",
    "/plugin-installations/{id}/try",
];

/// A desk with an administrator who is logged in, with a password and a token too.
struct Office {
    site: Site,
    token: String,
    cookie: String,
    person: String,
}

impl Office {
    fn new() -> Office {
        let site = Site::new();
        let person = site.desk.somebody("anna", Role::Administrator, None).id;
        site.desk.does(Command::SetPassword { person, hash: passwords::hash(PASSWORD) }).unwrap();
        let token = site.token(person);
        let mut office = Office { site, token, cookie: String::new(), person: person.to_string() };
        office.cookie = office.log_in(PASSWORD).cookie().unwrap();
        office
    }

    fn log_in(&self, password: &str) -> Answer {
        self.post("/session", "l").json(&json!({ "login": "anna", "password": password })).send()
    }

    /// A POST with a key, by nobody.
    fn post(&self, path: &str, key: &str) -> Ask {
        self.site.ask("POST", &format!("/api/v1{path}")).header("Idempotency-Key", key)
    }

    fn twice(&self, path: &str, body: &Value) -> [Answer; 2] {
        [(); 2].map(|()| self.post(path, "twice").cookie(&self.cookie).json(body).send())
    }

    fn rows(&self, table: &str) -> i64 {
        let sql = format!("select count(*) from {table}");
        self.site.desk.read(|db| Ok(db.connection().query_row(&sql, [], |row| row.get(0))?))
    }

    /// Everything that is kept for repeats.
    fn kept(&self) -> String {
        self.site.desk.read(|db| {
            let mut statement =
                db.connection().prepare("select actor, key, request_sha256, answer from idempotency")?;
            let texts = statement.query_map([], |row| {
                let columns: Vec<String> = (0..4).map(|column| row.get(column)).collect::<Result<_, _>>()?;
                Ok(columns.join(" "))
            })?;
            Ok(texts.map(Result::unwrap).collect::<Vec<_>>().join("\n"))
        })
    }
}

#[test]
fn the_document_says_of_every_post_what_a_repeat_does() {
    let document = router::openapi();
    let mut no_commands = Vec::new();
    for (_, path) in router::operations().into_iter().filter(|(method, _)| *method == "post") {
        let operation = &document["paths"][format!("/api/v1{path}")]["post"];
        let answer = &operation["responses"]["200"]["content"]["application/json"]["schema"]["$ref"];
        if answer != "#/components/schemas/Done" {
            no_commands.push(path);
        }
        let parameters = operation["parameters"].as_array().unwrap();
        let key = parameters.iter().find(|parameter| parameter["name"] == "Idempotency-Key");
        let description = operation["description"].as_str();
        match HARMLESS.contains(&path) {
            true => {
                assert!(key.is_none() && description.unwrap().starts_with("No Idempotency-Key"), "{path}")
            }
            false => assert!(key.is_some() && description.is_none(), "{path}"),
        }
    }
    no_commands.sort_unstable();
    let mut known: Vec<&str> = NO_COMMANDS.to_vec();
    known.sort_unstable();
    assert_eq!(no_commands, known, "these are tried one by one here");
}

#[test]
fn a_view_is_saved_once() {
    let office = Office::new();
    let [first, again] = office.twice("/views", &json!({ "name": "mine", "query": "assignee=me" }));
    assert_eq!(first.ok(), again.ok());
    assert_eq!(office.rows("saved_view"), 1);
    let other = office.post("/views", "twice").cookie(&office.cookie);
    other.json(&json!({ "name": "other", "query": "" })).send().refused(409, "idempotency_key_reused");
    let elsewhere = office.post("/notifications/read", "twice").cookie(&office.cookie);
    elsewhere.json(&json!({})).send().refused(409, "idempotency_key_reused");
    let boris = office.site.token(office.site.desk.somebody("boris", Role::Operator, None).id);
    let his = office.post("/views", "twice").token(&boris);
    his.json(&json!({ "name": "mine", "query": "assignee=me" })).send().ok();
    assert_eq!(office.rows("saved_view"), 2, "keys are each person's own");
    let bad = office.post("/views", "with a space").cookie(&office.cookie);
    bad.json(&json!({ "name": "x", "query": "" })).send().refused(400, "bad_idempotency_key");
}

#[test]
fn a_file_is_taken_once_for_the_same_bytes_name_and_type() {
    let office = Office::new();
    let upload = |name: &str, media_type: &str, bytes: &[u8]| {
        let ask = office.post(&format!("/attachments?name={name}"), "k").token(&office.token);
        ask.header("Content-Type", media_type).bytes(bytes).send()
    };
    let first = upload("act.txt", "text/plain", b"signed").ok();
    assert_eq!(upload("act.txt", "text/plain", b"signed").ok(), first);
    upload("act.txt", "text/plain", b"not signed").refused(409, "idempotency_key_reused");
    upload("other.txt", "text/plain", b"signed").refused(409, "idempotency_key_reused");
    upload("act.txt", "image/png", b"signed").refused(409, "idempotency_key_reused");
    assert_eq!(office.rows("attachment"), 1);
    let files = naryad::store::files::Files::open(office.site.desk.folder.path()).unwrap();
    assert_eq!(files.hashes().unwrap().len(), 1, "what is refused leaves no file");
}

#[test]
fn a_secret_is_made_once_and_kept_nowhere() {
    let office = Office::new();
    let [first, again] = office.twice("/tokens", &json!({ "name": "export" }));
    let made = first.ok();
    let refused = again.refused(409, "secret_shown_once");
    assert!(refused["message"].as_str().unwrap().contains(id(&made["id"])), "{refused}");
    assert_eq!(office.rows("api_token"), 2, "the office's own, and one more");
    assert_eq!(office.site.get(made["token"].as_str().unwrap(), "/api/v1/session").status, 200);
    let path = format!("/people/{}/reset-link", office.person);
    let link = office.post(&path, "link").cookie(&office.cookie).json(&json!({})).send().ok();
    let again = office.post(&path, "link").cookie(&office.cookie).json(&json!({})).send();
    again.refused(409, "secret_shown_once");
    let works = format!("/api/v1/reset/{}", link["token"].as_str().unwrap());
    assert_eq!(office.site.ask("GET", &works).send().status, 200, "the repeat did not take its place");
    let kept = office.kept();
    assert_eq!(kept.lines().count(), 2);
    for secret in [&made["token"], &link["token"]] {
        assert!(!kept.contains(secret.as_str().unwrap()), "{kept}");
    }
}

#[test]
fn what_is_revoked_is_revoked_once_and_answered_twice() {
    let office = Office::new();
    let other = office.log_in(PASSWORD).cookie().unwrap();
    let sessions = office.site.ask("GET", "/api/v1/sessions").cookie(&office.cookie).send().ok();
    let session =
        sessions["items"].as_array().unwrap().iter().find(|one| one["is_current"] == false).unwrap();
    let token =
        office.post("/tokens", "t").cookie(&office.cookie).json(&json!({ "name": "export" })).send().ok();
    for path in
        [format!("/sessions/{}/revoke", id(&session["id"])), format!("/tokens/{}/revoke", id(&token["id"]))]
    {
        let [first, again] =
            [(); 2].map(|()| office.post(&path, &path[1..9]).cookie(&office.cookie).send().status);
        assert_eq!((first, again), (204, 204), "{path}");
        let fresh = office.post(&path, "fresh").cookie(&office.cookie).send();
        fresh.refused(404, "not_found");
    }
    office.site.ask("GET", "/api/v1/session").cookie(&other).send().refused(401, "not_logged_in");
}

#[test]
fn what_holds_a_password_does_no_harm_when_it_is_sent_twice() {
    let fresh = Site::new();
    let link = fresh.setup_token().unwrap();
    let set_up =
        json!({ "token": link, "login": "eva", "name": "Eva", "password": PASSWORD, "time_zone": "UTC" });
    let sets_up = || fresh.ask("POST", "/api/v1/setup").header("Idempotency-Key", "s").json(&set_up).send();
    sets_up().ok();
    sets_up().refused(404, "not_found");

    let office = Office::new();
    let before = office.rows("session");
    let [first, again] = [(); 2].map(|()| office.log_in(PASSWORD).ok());
    assert_eq!((&first["person"], office.rows("session")), (&again["person"], before + 2));

    let change = json!({ "current": PASSWORD, "new": OTHER_PASSWORD });
    let [first, again] = office.twice("/password", &change);
    assert_eq!(first.status, 204);
    again.refused(422, "wrong_password");
    office.log_in(OTHER_PASSWORD).ok();

    let path = format!("/people/{}/reset-link", office.person);
    let link = office.post(&path, "r").cookie(&office.cookie).json(&json!({})).send().ok();
    let reset = json!({ "token": link["token"], "password": PASSWORD });
    let resets = || office.post("/reset", "reset").json(&reset).send();
    resets().ok();
    resets().refused(404, "not_found");
    office.log_in(PASSWORD).ok();
    assert_eq!(office.kept().lines().count(), 1, "of the reset link only: {}", office.kept());
}

#[test]
fn a_check_saves_nothing_however_often_it_is_asked_for() {
    let office = Office::new();
    let client = office.site.desk.client("acme", "");
    let texts = json!({ "script": "fn on_opend(ticket) {}", "settings": crate::helpers::SETTINGS });
    let [first, again] = office.twice(&format!("/clients/{client}/workflow/check"), &texts);
    assert_eq!(first.ok(), again.ok());
    assert_eq!(
        (office.rows("pack_version"), office.rows("pack_draft"), office.rows("idempotency")),
        (1, 0, 0)
    );
    let spot = json!({ "file": "workflow.rhai", "line": 1, "column": 31 });
    let typed = json!({ "script": "fn on_opened(ticket) { ticket. }", "settings": crate::helpers::SETTINGS, "at": spot });
    for question in ["complete", "signature", "definition"] {
        let [first, again] = office.twice(&format!("/clients/{client}/workflow/{question}"), &typed);
        assert_eq!(first.ok(), again.ok(), "{question}");
    }
    let [first, again] =
        office.twice(&format!("/clients/{client}/workflow/format"), &json!({ "script": "fn  a(){}" }));
    assert_eq!(first.ok()["text"], "fn a() {}\n");
    again.ok();
    let ask = json!({ "opened_at": "2027-01-29T17:55", "priority": 3 });
    let [first, again] = office.twice(&format!("/clients/{client}/workflow/time/preview"), &ask);
    assert_eq!(first.ok(), again.ok());
    let month = json!({ "year": 2027, "month": 1 });
    let [first, again] = office.twice(&format!("/clients/{client}/workflow/time/month"), &month);
    assert_eq!(first.ok(), again.ok());
    let texts = json!({ "script": "", "settings": crate::helpers::SETTINGS });
    let [first, again] = office.twice(&format!("/clients/{client}/workflow/open-tickets/preview"), &texts);
    assert_eq!(first.ok(), again.ok());
    assert_eq!((office.rows("version_move"), office.rows("idempotency")), (0, 0));
}
