//! Holiday lists and recounting from the command line, on a running desk.

use crate::helpers::SETTINGS;

use super::{Place, empty_pack, token};

const LIST: &str = "BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART;VALUE=DATE:20260321\nRRULE:FREQ=YEARLY\nEND:VEVENT\nEND:VCALENDAR\n";

#[test]
fn a_ticket_is_counted_anew_after_a_look_at_the_difference() {
    let place = Place::new();
    let token = token(&place);
    let desk = place.serve();
    let client = desk.makes_client(&token, "bank");
    let pack = empty_pack(&place);
    place.does(&["workflow", "publish", &pack, "--client", "bank"]);
    assert_eq!(desk.opens(&token, &client, "screen is dark").0, 200);
    assert_eq!(
        place.does(&["recompute", "bank"]).trim(),
        "0 ticket(s) would be counted anew; --apply does it."
    );
    let shorter = SETTINGS.replace("resolution_minutes = 480", "resolution_minutes = 240");
    place.write("pack/client.toml", shorter);
    place.does(&["workflow", "publish", &pack, "--client", "bank"]);
    let shown = place.does(&["recompute", "bank"]);
    assert!(
        shown.starts_with("BANK-1: resolution 0 of 480 -> 0 of 240 minutes\n1 ticket(s) would"),
        "{shown}"
    );
    assert!(place.does(&["recompute", "bank", "--apply"]).contains("1 ticket(s) are counted anew."));
    assert!(place.does(&["recompute", "bank"]).starts_with("0 ticket(s)"));
    assert!(place.fails(&["recompute", "bnak"]).contains("there is no client `bnak`"));
    assert_eq!(desk.stop(), 0);
}

#[test]
fn a_pack_brings_its_holiday_lists_along() {
    let place = Place::new();
    let token = token(&place);
    let desk = place.serve();
    desk.makes_client(&token, "bank");
    let pack = empty_pack(&place);
    let named = SETTINGS.replace("\"Europe/Moscow\" }", "\"Europe/Moscow\", holidays = [\"own\"] }");
    place.write("pack/client.toml", named);
    let error = place.fails(&["workflow", "publish", &pack, "--client", "bank"]);
    assert!(error.contains("client.toml:4:") && error.contains("no holiday list `own`"), "{error}");
    std::fs::create_dir(place.path("pack/holidays")).unwrap();
    place.write("pack/holidays/own.ics", LIST.replace("YEARLY", "WEEKLY"));
    let said = place.naryad(&["workflow", "check", &pack]);
    assert!(said.code == 1 && said.out.starts_with("holidays/own.ics:4: `FREQ=WEEKLY`"), "{}", said.out);
    place.write("pack/holidays/own.ics", LIST);
    place.does(&["workflow", "check", &pack]);
    place.does(&["workflow", "publish", &pack, "--client", "bank"]);
    let list = place.write("own.ics", LIST.replace("0321", "0322"));
    assert!(place.does(&["holidays", "bank", "own", &list]).contains("is import 2 of `own`."));
    assert!(
        place.does(&["holidays", "bank", "own", &list]).contains("is import 2 of `own`."),
        "the same again"
    );
    let broken = place.write("broken.ics", "BEGIN:VEVENT");
    let error = place.fails(&["holidays", "bank", "own", &broken]);
    assert!(error.contains(&format!("{broken}: line 1: an iCalendar file begins")), "{error}");
    assert!(!error.contains("source:"), "{error}");
    assert_eq!(desk.stop(), 0);
}
