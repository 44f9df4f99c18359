//! Whom the settings name: what no message can be for is seen before anything runs, without a desk too.

use std::collections::BTreeSet;

use naryad::domain::pack::Pack;
use naryad::workflow::{Known, check};

use crate::helpers::SETTINGS;

/// The script writes to `settings.boss`; what the checker says where the setting is this.
fn said(setting: &str, people: Option<&str>) -> Vec<String> {
    let settings = SETTINGS.replace("[settings]\n", &format!("[settings]\nboss = {setting}\n"));
    let settings =
        if settings == SETTINGS { format!("{SETTINGS}\n[settings]\nboss = {setting}\n") } else { settings };
    let pack = Pack::parse(&settings).unwrap();
    let people = people.map(|login| BTreeSet::from([login.to_owned()]));
    let known = Known { people, ..Known::default() };
    let script = "fn on_opened(ticket) {\n  ticket.notify(settings.boss, \"at_risk\");\n}";
    check(script, &pack, &known).iter().map(ToString::to_string).collect()
}

#[test]
fn a_setting_that_names_nobody_is_found_where_the_script_writes_to_it() {
    for fine in ["\"supervisors\"", "\"supervisor\"", "\"assignee\"", "\"olga\""] {
        assert_eq!(said(fine, None), [""; 0], "{fine}");
    }
    assert_eq!(said("\"olga\"", Some("olga")), [""; 0]);
    let number = said("7", None);
    assert!(
        number.len() == 1 && number[0].starts_with("2:26: settings.boss is a integer in client.toml"),
        "{number:?}"
    );
    let shape = said("\"Olga Ivanova\"", None);
    assert!(shape[0].contains("neither a queue, a role, `assignee` nor a login"), "{shape:?}");
    let unknown = said("\"olga\"", Some("nurlan"));
    assert!(unknown[0].contains("`olga` in client.toml, which is neither"), "{unknown:?}");
    let near = said("\"supervisr\"", None);
    assert!(
        near[0].contains("which only a login can be") && near[0].contains("did you mean `supervisor"),
        "{near:?}"
    );
}
