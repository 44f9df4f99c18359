//! Set-up, log in and out, rotation, guessing, passwords, links, tokens.

use naryad::commands::{Request, passwords, sessions};
use naryad::domain::command::Command;
use naryad::domain::person::{Actor, Role};
use naryad::domain::{PersonId, Span};
use naryad::http::{HASHES_PER_ADDRESS_MAX, Settings};
use naryad::store;
use serde_json::{Value, json};

use super::{Answer, Site, id};
use crate::helpers::refusal;

const PASSWORD: &str = "correct horse battery";

fn with_password(site: &Site, login: &str, role: Role) -> PersonId {
    let person = site.desk.somebody(login, role, None).id;
    let hash = passwords::hash(PASSWORD);
    site.desk.does(Command::SetPassword { person, hash }).unwrap();
    person
}

fn log_in(site: &Site, login: &str, password: &str) -> Answer {
    site.ask("POST", "/api/v1/session").json(&json!({ "login": login, "password": password })).send()
}

fn me(site: &Site, cookie: &str) -> Answer {
    site.ask("GET", "/api/v1/session").cookie(cookie).send()
}

#[test]
fn the_first_administrator_is_made_once_with_the_printed_token() {
    let site = Site::new();
    let body = |token: &str, password: &str| json!({ "token": token, "login": "Anna", "name": "Anna", "password": password, "language": "ru", "time_zone": "Europe/Moscow" });
    let set_up = |body: &Value| site.ask("POST", "/api/v1/setup").json(body).send();
    assert_eq!(site.ask("GET", "/api/v1/setup").send().ok(), json!({ "needed": true }));
    let token = site.setup_token().unwrap();
    set_up(&body("guessed", PASSWORD)).refused(404, "not_found");
    assert_eq!(set_up(&body(&token, "short")).refused(422, "invalid")["field"], "password");
    let mut wrong_zone = body(&token, PASSWORD);
    wrong_zone["time_zone"] = "Mars/Base".into();
    assert_eq!(set_up(&wrong_zone).refused(422, "invalid")["field"], "time_zone");
    let relayed = site.ask("POST", "/api/v1/setup").header("X-Forwarded-For", "203.0.113.9");
    relayed.json(&body(&token, PASSWORD)).send().refused(403, "setup_is_local");

    let made = set_up(&body(&token, PASSWORD));
    assert_eq!(made.ok()["may"]["administer_all"], true);
    assert_eq!(me(&site, &made.cookie().unwrap()).ok()["person"]["login"], "anna");
    assert_eq!(site.ask("GET", "/api/v1/setup").send().ok(), json!({ "needed": false }));
    set_up(&body(&token, PASSWORD)).refused(404, "not_found");
    assert_eq!(site.setup_token(), None);
    log_in(&site, "ANNA", PASSWORD).ok();
}

#[test]
fn a_session_starts_with_the_right_password_and_ends_with_the_log_out() {
    let site = Site::new();
    with_password(&site, "olga", Role::Operator);
    log_in(&site, "olga", "wrong horse battery").refused(401, "wrong_login");
    log_in(&site, "nobody", PASSWORD).refused(401, "wrong_login");
    let answer = log_in(&site, "olga", PASSWORD);
    let line = answer.header("set-cookie").unwrap();
    assert!(line.contains("HttpOnly; SameSite=Lax") && !line.contains("Secure"), "{line}");
    let cookie = answer.cookie().unwrap();
    assert_eq!(me(&site, &cookie).ok()["person"]["name"], "olga");
    let out = site.ask("DELETE", "/api/v1/session").cookie(&cookie).send();
    assert_eq!((out.status, out.header("set-cookie").unwrap().contains("Max-Age=0")), (204, true));
    me(&site, &cookie).refused(401, "not_logged_in");
}

#[test]
fn a_token_is_replaced_after_an_hour_and_the_old_one_lives_a_moment() {
    let site = Site::new();
    with_password(&site, "olga", Role::Operator);
    let first = log_in(&site, "olga", PASSWORD).cookie().unwrap();
    assert_eq!(me(&site, &first).cookie(), None);
    site.desk.clock.pass(Span::minutes(61));
    site.app.known.forget();
    let second = me(&site, &first).cookie().expect("the token is replaced");
    assert_ne!(first, second);
    assert_eq!(me(&site, &second).status, 200);
    assert_eq!(me(&site, &first).cookie(), None, "parallel requests with the old one are still taken");
    assert_eq!(me(&site, &first).status, 200);
    site.desk.clock.pass(Span::seconds(61));
    site.app.known.forget();
    me(&site, &first).refused(401, "not_logged_in");
    assert_eq!(me(&site, &second).status, 200);
    site.desk.clock.pass(Span::days(15));
    site.app.known.forget();
    me(&site, &second).refused(401, "not_logged_in");
}

#[test]
fn guessing_is_slowed_down_for_the_login_and_forgiven_later() {
    let site = Site::new();
    with_password(&site, "olga", Role::Operator);
    with_password(&site, "boris", Role::Operator);
    for _ in 0..10 {
        log_in(&site, "olga", "wrong horse battery").refused(401, "wrong_login");
    }
    let shut = log_in(&site, "olga", PASSWORD);
    shut.refused(429, "too_many_attempts");
    assert!(shut.header("retry-after").unwrap().parse::<u64>().unwrap() > 0);
    assert_eq!(log_in(&site, "boris", PASSWORD).status, 200, "others of the same address go on");
    site.desk.clock.pass(Span::minutes(16));
    assert_eq!(log_in(&site, "olga", PASSWORD).status, 200);
}

#[test]
fn nobody_is_locked_out_by_guesses_from_elsewhere() {
    let settings = Settings { trusted_proxies: vec!["127.0.0.1".parse().unwrap()], ..Settings::default() };
    let site = Site::with(settings, None);
    with_password(&site, "olga", Role::Operator);
    let log_in_from = |address: &str, password: &str| {
        let ask = site.ask("POST", "/api/v1/session").header("X-Forwarded-For", address);
        ask.json(&json!({ "login": "olga", "password": password })).send()
    };
    log_in_from("192.0.2.1", PASSWORD).ok();
    for number in 0..30 {
        log_in_from(&format!("203.0.113.{number}"), "wrong horse battery").refused(401, "wrong_login");
    }
    log_in_from("203.0.113.99", PASSWORD).refused(429, "too_many_attempts");
    log_in_from("192.0.2.1", PASSWORD).ok();
    site.desk.clock.pass(Span::seconds(2));
    log_in_from("203.0.113.99", PASSWORD).ok();
}

#[test]
fn guesses_at_once_do_not_pass_the_limit() {
    let site = Site::new();
    with_password(&site, "olga", Role::Operator);
    let statuses: Vec<u16> = std::thread::scope(|scope| {
        let guess = || log_in(&site, "olga", "wrong horse battery").status;
        let guesses: Vec<_> = (0..30).map(|_| scope.spawn(guess)).collect();
        guesses.into_iter().map(|guess| guess.join().unwrap()).collect()
    });
    let looked_at = statuses.iter().filter(|status| **status == 401).count();
    assert!((1..=10).contains(&looked_at), "{statuses:?}");
    assert!(statuses.contains(&429), "{statuses:?}");
}

#[test]
fn a_login_that_nobody_can_have_is_wrong_and_not_remembered() {
    let site = Site::new();
    let long = "x".repeat(101);
    for _ in 0..60 {
        log_in(&site, &long, PASSWORD).refused(401, "wrong_login");
    }
    log_in(&site, &long[1..], PASSWORD).refused(401, "wrong_login");
}

#[test]
fn a_page_of_another_site_cannot_use_the_cookie() {
    let site = Site::new();
    with_password(&site, "olga", Role::Operator);
    let cookie = log_in(&site, "olga", PASSWORD).cookie().unwrap();
    let read = |ask: super::Ask| ask.json(&json!({})).send();
    let ask = || site.ask("POST", "/api/v1/notifications/read").header("Cookie", &cookie);
    read(ask().header("Origin", "https://evil.example")).refused(403, "foreign_origin");
    read(ask().header("Origin", "null")).refused(403, "foreign_origin");
    read(ask()).refused(403, "foreign_origin");
    assert_eq!(read(ask().header("Sec-Fetch-Site", "same-origin")).status, 200);
    assert_eq!(read(ask().header("Origin", &format!("http://{}", site.address))).status, 200);
    let other_scheme = read(ask().header("Origin", &format!("https://{}", site.address)));
    assert!(other_scheme.refused(403, "foreign_origin")["message"].as_str().unwrap().contains("base_url"));
    let foreign = site.ask("POST", "/api/v1/session").header("Origin", "https://evil.example");
    foreign.json(&json!({ "login": "olga", "password": PASSWORD })).send().refused(403, "foreign_origin");
    let token = site.token(site.desk.somebody("api", Role::Operator, None).id);
    let program =
        site.ask("POST", "/api/v1/notifications/read").token(&token).header("Origin", "https://any.example");
    assert_eq!(read(program).status, 200, "a token is not sent by a browser on its own");
}

#[test]
fn a_new_password_ends_the_other_sessions() {
    let site = Site::new();
    with_password(&site, "olga", Role::Operator);
    let (here, there) = (
        log_in(&site, "olga", PASSWORD).cookie().unwrap(),
        log_in(&site, "olga", PASSWORD).cookie().unwrap(),
    );
    let listed = site.ask("GET", "/api/v1/sessions").cookie(&here).send().ok();
    let current: Vec<bool> =
        listed["items"].as_array().unwrap().iter().map(|one| one["is_current"] == true).collect();
    assert_eq!(current, [false, true]);
    let change = |current: &str, new: &str| {
        site.ask("POST", "/api/v1/password")
            .cookie(&here)
            .json(&json!({ "current": current, "new": new }))
            .send()
    };
    assert_eq!(
        change("wrong horse battery", "a new good one").refused(422, "wrong_password")["field"],
        "current"
    );
    assert_eq!(change(PASSWORD, "short").refused(422, "invalid")["field"], "new");
    assert_eq!(change(PASSWORD, "a new good one").status, 204);
    me(&site, &there).refused(401, "not_logged_in");
    assert_eq!(me(&site, &here).status, 200);
    log_in(&site, "olga", PASSWORD).refused(401, "wrong_login");
    assert_eq!(log_in(&site, "olga", "a new good one").status, 200);
}

#[test]
fn a_reset_link_works_once_for_its_person_and_is_made_by_administrators_only() {
    let settings =
        Settings { base_url: Some("https://desk.example/naryad".to_owned()), ..Settings::default() };
    let site = Site::with(settings, None);
    let olga = with_password(&site, "olga", Role::Operator);
    let operator = site.token(olga);
    let administrator = site.token(site.desk.somebody("anna", Role::Administrator, None).id);
    let path = format!("/api/v1/people/{olga}/reset-link");
    site.post(&operator, &path, &json!({})).refused(403, "forbidden");
    let first = site.post(&administrator, &path, &json!({})).ok();
    let made = site.post(&administrator, &path, &json!({})).ok();
    let token = made["token"].as_str().unwrap();
    assert_eq!(made["link"], format!("https://desk.example/naryad/reset#{token}"));
    let whom = |token: &str| site.ask("GET", &format!("/api/v1/reset/{token}")).send();
    assert_eq!(whom(token).ok(), json!({ "login": "olga", "name": "olga" }));
    whom(first["token"].as_str().unwrap()).refused(404, "not_found");
    let before = log_in(&site, "olga", PASSWORD).cookie().unwrap();
    let reset = |token: &str| {
        site.ask("POST", "/api/v1/reset")
            .json(&json!({ "token": token, "password": "a new good one" }))
            .send()
    };
    let cookie = reset(token).cookie().unwrap();
    assert_eq!(me(&site, &cookie).ok()["person"]["login"], "olga");
    me(&site, &before).refused(401, "not_logged_in");
    site.get(&operator, "/api/v1/session").refused(401, "bad_token");
    assert_eq!(site.get(&administrator, "/api/v1/session").status, 200, "others keep theirs");
    reset(token).refused(404, "not_found");
    let late = site.post(&administrator, &path, &json!({})).ok();
    site.desk.clock.pass(Span::hours(25));
    reset(late["token"].as_str().unwrap()).refused(404, "not_found");
}

#[test]
fn an_api_token_is_shown_once_and_dies_at_once_when_revoked() {
    let site = Site::new();
    with_password(&site, "olga", Role::Operator);
    let cookie = log_in(&site, "olga", PASSWORD).cookie().unwrap();
    let ask = |method: &str, path: &str| site.ask(method, path).cookie(&cookie);
    let made = ask("POST", "/api/v1/tokens").json(&json!({ "name": "monitoring" })).send().ok();
    let token = made["token"].as_str().unwrap().to_owned();
    assert_eq!(site.get(&token, "/api/v1/session").ok()["person"]["login"], "olga");
    let from_token = site.post(&token, "/api/v1/tokens", &json!({ "name": "another" }));
    assert!(from_token.refused(403, "forbidden")["message"].as_str().unwrap().contains("log in"));
    let listed = ask("GET", "/api/v1/tokens").send();
    assert_eq!(listed.ok()["items"].as_array().unwrap().len(), 1);
    assert!(!listed.text().contains(&token));
    assert_eq!(listed.ok()["items"][0]["name"], "monitoring");
    let revoke = format!("/api/v1/tokens/{}/revoke", id(&made["id"]));
    assert_eq!(ask("POST", &revoke).json(&json!({})).send().status, 204);
    site.get(&token, "/api/v1/session").refused(401, "bad_token");
    ask("POST", &revoke).json(&json!({})).send().refused(404, "not_found");
    let past = json!({ "name": "x", "expires_at": "2020-01-01T00:00:00Z" });
    assert_eq!(
        ask("POST", "/api/v1/tokens").json(&past).send().refused(422, "invalid")["field"],
        "expires_at"
    );
}

#[test]
fn a_person_who_was_made_inactive_is_out() {
    let site = Site::new();
    let olga = with_password(&site, "olga", Role::Operator);
    let administrator = site.token(site.desk.somebody("anna", Role::Administrator, None).id);
    let (cookie, token) = (log_in(&site, "olga", PASSWORD).cookie().unwrap(), site.token(olga));
    let link = site.post(&administrator, &format!("/api/v1/people/{olga}/reset-link"), &json!({})).ok();
    let make = |is_active: bool| {
        let mut person = site.get(&administrator, &format!("/api/v1/people/{olga}")).ok();
        person["is_active"] = is_active.into();
        person.as_object_mut().unwrap().remove("id");
        site.post(&administrator, &format!("/api/v1/people/{olga}"), &person).ok();
    };
    let is_out = || {
        me(&site, &cookie).refused(401, "not_logged_in");
        site.get(&token, "/api/v1/tickets").refused(401, "bad_token");
        let reset = json!({ "token": link["token"], "password": "a new good one" });
        site.ask("POST", "/api/v1/reset").json(&reset).send().refused(404, "not_found");
    };
    make(false);
    is_out();
    log_in(&site, "olga", PASSWORD).refused(401, "wrong_login");
    make(true);
    is_out();
    assert_eq!(log_in(&site, "olga", PASSWORD).status, 200, "and comes back with the password only");
}

#[test]
fn a_password_is_changed_in_a_session_only_and_guesses_at_it_are_failed_logins() {
    let site = Site::new();
    let olga = with_password(&site, "olga", Role::Operator);
    let cookie = log_in(&site, "olga", PASSWORD).cookie().unwrap();
    let body = |current: &str| json!({ "current": current, "new": "a new good one" });
    let by_token = site.post(&site.token(olga), "/api/v1/password", &body(PASSWORD));
    assert!(by_token.refused(403, "forbidden")["message"].as_str().unwrap().contains("log in"));
    let change =
        |current: &str| site.ask("POST", "/api/v1/password").cookie(&cookie).json(&body(current)).send();
    for _ in 0..5 {
        change("wrong horse battery").refused(422, "wrong_password");
        log_in(&site, "olga", "wrong horse battery").refused(401, "wrong_login");
    }
    let shut = change(PASSWORD);
    shut.refused(429, "too_many_attempts");
    assert!(shut.header("retry-after").unwrap().parse::<u64>().unwrap() > 0);
    log_in(&site, "olga", PASSWORD).refused(429, "too_many_attempts");
    site.desk.clock.pass(Span::minutes(16));
    assert_eq!(change(PASSWORD).status, 204);
}

#[test]
fn of_too_many_sessions_the_oldest_ends() {
    let site = Site::new();
    let olga = with_password(&site, "olga", Role::Operator);
    let boris = with_password(&site, "boris", Role::Operator);
    let other = log_in(&site, "boris", PASSWORD).cookie().unwrap();
    let first = log_in(&site, "olga", PASSWORD).cookie().unwrap();
    let start = |count: usize| {
        let starts = move |tx: &_| {
            (0..count).try_for_each(|_| sessions::start(tx, olga, &Default::default()).map(drop))
        };
        site.desk.desk.aside_now(starts).unwrap();
        site.app.known.forget();
    };
    start(sessions::SESSIONS_MAX - 1);
    assert_eq!(me(&site, &first).status, 200);
    start(1);
    me(&site, &first).refused(401, "not_logged_in");
    assert_eq!(me(&site, &other).status, 200, "others keep theirs");
    let left =
        |person| site.desk.read(|db| store::session::of_person(db, person, site.desk.now(), 200)).len();
    assert_eq!((left(olga), left(boris)), (sessions::SESSIONS_MAX, 1));
}

/// Fills the places that this machine's address has for password hashes until the sender goes away.
fn hashes_are_busy(site: &Site) -> std::sync::mpsc::Sender<()> {
    let (open, gate) = std::sync::mpsc::channel::<()>();
    let gate = std::sync::Arc::new(std::sync::Mutex::new(gate));
    let runtime = site.runtime.as_ref().unwrap();
    let here = site.address.ip();
    for _ in 0..HASHES_PER_ADDRESS_MAX {
        let (app, gate) = (site.app.clone(), gate.clone());
        runtime.spawn(async move {
            app.hashes.cross(here, None, move || gate.lock().is_ok_and(|gate| gate.recv().is_ok())).await
        });
    }
    while site.app.hashes.held_by(here) < HASHES_PER_ADDRESS_MAX {
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    open
}

fn hashes_are_free(site: &Site) {
    while site.app.hashes.held_by(site.address.ip()) > 0 {
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
}

#[test]
fn a_link_is_not_used_up_when_the_desk_is_busy_or_refuses() {
    let site = Site::new();
    let link = site.setup_token().unwrap();
    let set_up =
        json!({ "token": link, "login": "anna", "name": "Anna", "password": PASSWORD, "time_zone": "UTC" });
    let sets_up = || site.ask("POST", "/api/v1/setup").json(&set_up).send();
    let busy = hashes_are_busy(&site);
    sets_up().refused(503, "busy");
    drop(busy);
    hashes_are_free(&site);
    sets_up().ok();
    sets_up().refused(404, "not_found");

    let olga = with_password(&site, "olga", Role::Operator);
    let administrator = log_in(&site, "anna", PASSWORD).cookie().unwrap();
    let path = format!("/api/v1/people/{olga}/reset-link");
    let made = site.ask("POST", &path).cookie(&administrator).json(&json!({})).send().ok();
    let before = log_in(&site, "olga", PASSWORD).cookie().unwrap();
    let reset = json!({ "token": made["token"], "password": "a new good one" });
    let resets = || site.ask("POST", "/api/v1/reset").json(&reset).send();
    let busy = hashes_are_busy(&site);
    resets().refused(503, "busy");
    drop(busy);
    hashes_are_free(&site);
    // What the desk refuses leaves the link too, and everything that it would have ended.
    let sha256 = passwords::sha256(made["token"].as_str().unwrap().as_bytes());
    let set = Command::SetPassword { person: olga, hash: "no hash".to_owned() };
    let request = Request::new(Actor::Person { person: olga }, set).by_link(sha256.clone());
    assert_eq!(refusal(site.desk.desk.run(request)), "invalid");
    let boris = with_password(&site, "boris", Role::Operator);
    let set = Command::SetPassword { person: boris, hash: passwords::hash(PASSWORD) };
    let request = Request::new(Actor::Person { person: boris }, set).by_link(sha256);
    assert_eq!(refusal(site.desk.desk.run(request)), "not_found", "it is hers");
    assert_eq!(me(&site, &before).status, 200);
    resets().ok();
    me(&site, &before).refused(401, "not_logged_in");
    resets().refused(404, "not_found");
}
