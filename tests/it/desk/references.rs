//! What a workflow names and the desk no longer has: refused or told when it is checked, when it is published or rolled back,
//! and when somebody takes it away.

use std::collections::{BTreeMap, BTreeSet};

use naryad::commands::pack_check::{PackFinding, check_pack, check_published};
use naryad::commands::{DeskError, Done, Warning};
use naryad::domain::command::{Command, InstallPlugin, InstallWay, PutPerson, Switch};
use naryad::domain::person::{Grant, Membership, Role};
use naryad::domain::version_move::Reach;
use naryad::domain::{ClientId, InstallationId, Key, Label};
use naryad::store;
use naryad::workflow::Severity;
use serde_json::json;

use crate::helpers::{SETTINGS, Somebody, TestDesk, made};

fn key(text: &str) -> Key {
    Key::new(text).unwrap()
}

fn handler(body: &str) -> String {
    format!("fn on_opened(ticket) {{\n  {body}\n}}")
}

/// `warning: workflow.rhai:2:17: no_key olga`, each finding a line.
fn lines(findings: &[PackFinding]) -> Vec<String> {
    let line = |one: &PackFinding| {
        let severity = if one.severity == Severity::Error { "error" } else { "warning" };
        format!("{severity}: {}:{}:{}: {} {}", one.file, one.line, one.column, one.code, one.message)
    };
    findings.iter().map(line).collect()
}

fn found(desk: &TestDesk, client: ClientId, body: &str, settings: &str) -> Vec<String> {
    lines(&check_pack(&desk.desk, client, &handler(body), settings).unwrap())
}

/// Somebody in every queue and in every role, so that nothing else is said.
fn staffed<'d>(desk: &'d TestDesk, login: &str) -> Somebody<'d> {
    let person = desk.engineer(login, 2, "Almaty");
    let roles = [Role::Supervisor, Role::Operator, Role::Engineer, Role::Dispatcher];
    let grants: Vec<Grant> = roles.iter().map(|role| Grant { role: *role, client: None }).collect();
    let queues = ["support", "supervisors", "dispatchers", "commercial"];
    let memberships: Vec<Membership> =
        queues.iter().map(|queue| Membership { queue: key(queue), client: None }).collect();
    person.gets(&grants, &memberships);
    person
}

/// What an administrator does when somebody leaves.
fn leaves(person: &Somebody<'_>) -> Done {
    let desk = person.desk;
    let own = desk.read(|db| store::person::get(db, person.id)).unwrap();
    let put = PutPerson {
        id: Some(own.id),
        version: Some(own.version),
        login: own.login,
        name: own.name,
        email: own.email,
        phone: own.phone,
        language: own.language,
        time_zone: own.time_zone,
        affiliation: own.affiliation,
        engineer: own.engineer,
        certificates: None,
        languages: None,
        service_area: None,
        capacity: own.capacity,
        is_on_duty: own.is_on_duty,
        is_active: false,
    };
    desk.does(Command::PutPerson(Box::new(put))).unwrap()
}

/// Names that workflows use and the change took away, with their places.
fn named(done: &Done) -> Vec<String> {
    let line = |warning: &Warning| match warning {
        Warning::WorkflowNames { client_name, name, file, line, column, .. } => {
            format!("{client_name}: {name} at {file}:{line}:{column}")
        }
        other => panic!("{other:?}"),
    };
    done.warnings.iter().map(line).collect()
}

fn refused(answer: Result<Done, DeskError>) -> String {
    answer.unwrap_err().to_string()
}

#[test]
fn a_desk_says_of_each_name_whether_anybody_is_behind_it() {
    let desk = TestDesk::new();
    staffed(&desk, "anna");
    let client = desk.client("bank", "");
    for (body, expected) in [
        ("ticket.notify(\"supervisor\", \"at_risk\");", None),
        ("ticket.queue(\"support\");", None),
        ("ticket.dispatch(#{ city: \"almaty\", grade: 2 });", None),
        (
            "ticket.notify(\"controller\", \"at_risk\");",
            Some(
                "workflow.rhai:2:17: role_of_nobody nobody has the role `controller` for this client: nobody hears of it",
            ),
        ),
        (
            "ticket.dispatch(#{ city: \"Astana\" });",
            Some(
                "workflow.rhai:2:28: nobody_suits nobody who serves this client has the city `Astana`: nobody would suit",
            ),
        ),
        (
            "ticket.dispatch(#{ certificates: [\"ncr\"] });",
            Some(
                "workflow.rhai:2:37: nobody_suits nobody who serves this client has the certificate `ncr`: nobody would suit",
            ),
        ),
        (
            "ticket.dispatch(#{ grade: 9 });",
            Some(
                "workflow.rhai:2:29: nobody_suits nobody who serves this client has the grade `9`: nobody would suit",
            ),
        ),
        (
            "ticket.call_plugin(\"stock\", \"in_stock\");",
            Some(
                "workflow.rhai:2:22: plugin_missing the plugin `stock` is not installed for this client: the call would fail",
            ),
        ),
    ] {
        let expected: Vec<String> = expected.iter().map(|line| format!("warning: {line}")).collect();
        assert_eq!(found(&desk, client, body, SETTINGS), expected, "{body}");
    }
}

#[test]
fn settings_that_name_nobody_are_found_with_their_line() {
    let desk = TestDesk::new();
    staffed(&desk, "anna");
    let client = desk.client("bank", "");
    let settings = format!(
        "{SETTINGS}\n[settings]\nhours = 4\n[sub_client_settings.north]\nhours = 2\n[assignment]\n\
         required_certificates = [\"ncr\"]\n"
    )
    .replace(
        "key = \"commercial\"\nkind = \"department\"",
        "key = \"commercial\"\nkind = \"department\"\npartner = \"far\"",
    )
    .replace("priority = 3\n", "priority = 3\nsite = \"77\"\n");
    let text: Vec<&str> = settings.lines().collect();
    let at = |needle: &str| text.iter().position(|line| line.contains(needle)).unwrap() + 1;
    let (partner, certificates) = (at("partner = \"far\""), at("required_certificates"));
    let (north, site) = (at("[sub_client_settings.north]"), at("site = "));
    assert_eq!(
        found(&desk, client, "", &settings),
        [
            format!(
                "warning: client.toml:{partner}:1: not_there queues.3.partner names the partner organisation `far`, which is not there"
            ),
            format!(
                "warning: client.toml:{certificates}:26: nobody_suits nobody who serves this client has the certificate `ncr`: nobody would suit"
            ),
            format!(
                "warning: client.toml:{north}:22: not_there sub_client_settings.north names the sub-client `north`, which is not there"
            ),
            format!(
                "warning: client.toml:{site}:1: not_there sla.0.site names the site `77`, which is not there"
            ),
        ]
    );
    desk.sub_client(client, "nord");
    let findings = check_pack(&desk.desk, client, "", &settings).unwrap();
    assert_eq!(findings[2].hint.as_deref(), Some("nord"));
}

#[test]
fn before_anybody_is_in_a_queue_one_warning_says_so() {
    let desk = TestDesk::new();
    let client = desk.client("bank", "");
    let body = "ticket.queue(\"support\"); ticket.escalate(\"commercial\", #{ reason: \"x\" });";
    let said = found(&desk, client, body, SETTINGS);
    assert_eq!(said.iter().filter(|line| line.contains("queues_of_nobody")).count(), 1, "{said:?}");
    assert!(said.iter().all(|line| !line.contains(" queue_of_nobody")), "{said:?}");
}

#[test]
fn a_version_whose_references_have_died_is_not_rolled_back_to() {
    let desk = TestDesk::new();
    let olga = staffed(&desk, "olga");
    staffed(&desk, "anna");
    let client = desk.client("bank", &handler("ticket.assign(\"olga\");"));
    let old = desk.read(|db| store::client::get(db, client)).unwrap().pack_version.unwrap();
    desk.publishes(client, &handler("ticket.assign(\"anna\");"), SETTINGS).unwrap();

    assert_eq!(leaves(&olga).warnings, [], "the published version does not name her");
    let roll_back =
        Command::RollBackPack { client, to: old, message: "back".to_owned(), reach: Reach::NewTickets };
    let said = refused(desk.does(roll_back));
    assert!(
        said.contains("workflow.rhai:2:17: `olga` has left: nobody is active under this login"),
        "{said}"
    );
    let said = refused(desk.publishes(client, &handler("ticket.watch(\"olga\");"), SETTINGS));
    assert!(said.contains("`olga` has left"), "{said}");
}

#[test]
fn who_takes_away_what_a_published_script_names_is_told_where() {
    let desk = TestDesk::new();
    let olga = staffed(&desk, "olga");
    let settings = format!("{SETTINGS}\n[settings]\nboss = \"olga\"\n");
    let script = handler(
        "ticket.notify(\"olga\", \"at_risk\"); ticket.queue(\"dispatchers\");\n  ticket.notify(\"supervisor\", \"at_risk\");",
    );
    desk.client_with("bank", &script, &settings);
    desk.client("shop", "fn on_opened(ticket) { }");

    let boss = settings.lines().count();
    let done = leaves(&olga);
    assert_eq!(
        named(&done),
        [
            "bank: dispatchers at workflow.rhai:2:50".to_owned(),
            "bank: olga at workflow.rhai:2:17".to_owned(),
            format!("bank: olga at client.toml:{boss}:8"),
            "bank: supervisor at workflow.rhai:3:17".to_owned(),
        ]
    );

    // The mark on the workflow's page says the same until somebody mends it.
    let bank = desk.read(|db| store::client::by_key(db, "bank")).unwrap().id;
    let codes: Vec<String> =
        check_published(&desk.desk, bank).unwrap().into_iter().map(|one| one.code).collect();
    assert!(
        codes.contains(&"person_left".to_owned()) && codes.contains(&"role_of_nobody".to_owned()),
        "{codes:?}"
    );
    let shop = desk.read(|db| store::client::by_key(db, "shop")).unwrap().id;
    let codes: BTreeSet<String> =
        check_published(&desk.desk, shop).unwrap().into_iter().map(|one| one.code).collect();
    assert_eq!(codes, BTreeSet::from(["queues_of_nobody".to_owned()]));
}

#[test]
fn the_last_member_of_a_queue_is_missed_and_the_one_before_not() {
    let desk = TestDesk::new();
    let (anna, boris) = (staffed(&desk, "anna"), staffed(&desk, "boris"));
    let client = desk.client("bank", &handler("ticket.escalate(\"commercial\", #{ reason: \"x\" });"));
    let only_operator = |person: &Somebody<'_>| {
        let grants = BTreeSet::from([Grant { role: Role::Operator, client: None }]);
        let set = Command::SetAccess { person: person.id, grants, memberships: BTreeSet::new() };
        desk.does(set).unwrap()
    };
    assert_eq!(named(&only_operator(&anna)), [""; 0]);
    assert_eq!(named(&only_operator(&boris)), ["bank: commercial at workflow.rhai:2:19"]);
    // Once more takes nothing away.
    assert_eq!(named(&only_operator(&boris)), [""; 0]);
    let said = lines(&check_published(&desk.desk, client).unwrap());
    assert!(said.iter().any(|line| line.contains("queues_of_nobody")), "{said:?}");
}

fn installs(desk: &TestDesk, client: ClientId, version: &str, functions: &[&str]) -> Done {
    let sha256 = format!("{:0>64}", version.replace('.', ""));
    let declared: Vec<_> = functions.iter().map(|name| json!({ "name": name })).collect();
    let title: Label = serde_json::from_value(json!({ "en": "Stock" })).unwrap();
    let package = store::plugin::Package {
        sha256: sha256.clone(),
        plugin: key("stock"),
        version: version.to_owned(),
        publisher: "Sample".to_owned(),
        title: title.clone(),
        manifest: json!({ "function": declared }),
        signature_state: "unsigned".to_owned(),
        bytes: 1,
        stored_at: desk.now(),
        signed: None,
    };
    desk.desk.aside_now(move |tx| Ok(store::plugin::put_package(tx, &package)?)).unwrap();
    let install = InstallPlugin {
        client,
        plugin: key("stock"),
        version: version.to_owned(),
        package_sha256: sha256,
        publisher: "Sample".to_owned(),
        title,
        configuration: json!({}),
        grant: json!({}),
        secrets: BTreeMap::new(),
        seen: None,
        way: InstallWay::Forward,
        is_unsigned_accepted: true,
    };
    desk.does(Command::InstallPlugin(Box::new(install))).unwrap()
}

#[test]
fn a_plugin_that_loses_a_function_or_is_switched_off_is_missed() {
    let desk = TestDesk::new();
    staffed(&desk, "anna");
    let client = desk.client("bank", "");
    let first = installs(&desk, client, "1.0.0", &["in_stock", "reserve"]);
    let body = "ticket.call_plugin(\"stock\", \"reserve\");";
    desk.publishes(client, &handler(body), SETTINGS).unwrap();

    assert_eq!(named(&installs(&desk, client, "1.1.0", &["in_stock", "reserve", "order"])), [""; 0]);
    assert_eq!(
        named(&installs(&desk, client, "2.0.0", &["in_stock"])),
        ["bank: reserve at workflow.rhai:2:31"]
    );
    let said = refused(desk.publishes(client, &handler(body), SETTINGS));
    assert!(said.contains("2:31: there is no function of the plugin `reserve`"), "{said}");

    let installation = InstallationId(made(&first));
    let switch = |state| desk.does(Command::SetPluginEnabled { installation, state }).unwrap();
    assert_eq!(named(&switch(Switch::Off)), ["bank: stock at workflow.rhai:2:22"]);
    let body = "ticket.call_plugin(\"stock\", \"in_stock\");";
    let done = desk.publishes(client, &handler(body), SETTINGS).unwrap();
    let codes: Vec<&str> = done
        .warnings
        .iter()
        .map(|warning| match warning {
            Warning::Finding { finding } => finding.code.as_str(),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(codes, ["plugin_off"], "it is published, and told");
    assert_eq!(named(&switch(Switch::On)), [""; 0]);
}

#[test]
fn another_clients_people_stay_unknown() {
    let desk = TestDesk::new();
    let (ours, theirs) = (desk.client("bank", ""), desk.client("shop", ""));
    let carlotta = desk.somebody("carlotta", Role::Operator, Some(theirs));
    leaves(&carlotta);
    let said = found(&desk, ours, "ticket.assign(\"carlotta\");", SETTINGS);
    assert!(
        said.iter().any(|line| line.contains("there is no person with the login `carlotta`")),
        "{said:?}"
    );
    let said = found(&desk, theirs, "ticket.assign(\"carlotta\");", SETTINGS);
    assert!(said.iter().any(|line| line.contains("`carlotta` has left")), "{said:?}");
}
