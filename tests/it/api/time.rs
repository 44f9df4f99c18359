//! The ledger, its recount, the time report and holiday lists over HTTP.

use naryad::domain::Span;
use naryad::domain::person::Role;
use serde_json::{Value, json};

use super::Site;

fn sum(items: &Value) -> i64 {
    items.as_array().unwrap().iter().map(|item| item["minutes"].as_i64().unwrap()).sum()
}

#[test]
fn a_ledger_adds_up_and_the_report_agrees_with_it() {
    let site = Site::new();
    let desk = &site.desk;
    let (bank, shop) = (desk.client("bank", ""), desk.client("shop", ""));
    let boss = desk.somebody("boris", Role::Supervisor, None);
    let operator = desk.somebody("olga", Role::Operator, Some(bank));
    let token = site.token(boss.id);
    let mut minutes = 0;
    let begun = desk.now();
    let tickets = [(bank, 7_391), (bank, 61_000), (shop, 3_600_000)].map(|(client, ms)| {
        desk.pass(Span::from_ms(ms));
        let ticket = desk.opens(client, "screen is dark");
        desk.pass(Span::from_ms(2 * ms + 977));
        ticket
    });
    boss.assigns(tickets[0], &operator).unwrap();
    desk.pass(Span::minutes(90));
    for ticket in tickets {
        let page = site.get(&token, &format!("/api/v1/tickets/{ticket}/ledger"));
        assert_eq!(page.status, 200, "{page:?}");
        let page = page.json();
        let totals = &page["totals"];
        let total = totals["minutes"].as_i64().unwrap();
        assert_eq!(sum(&page["pieces"]), total);
        for by in ["by_kind", "by_queue", "by_person", "by_partner"] {
            assert_eq!(sum(&totals[by]), total, "{by}");
        }
        for piece in page["pieces"].as_array().unwrap() {
            let named =
                page["events"].as_array().unwrap().iter().any(|event| event["id"] == piece["opened_by"]);
            assert!(named, "{piece}");
        }
        assert_eq!(page["clocks"][0]["criteria"], "priority 3");
        minutes += total;
    }
    let first = site.get(&token, &format!("/api/v1/tickets/{}/ledger", tickets[0])).json();
    assert_eq!(first["totals"]["by_person"][1]["person"]["name"], "olga");
    assert_eq!(first["totals"]["by_person"][1]["minutes"], 90);
    let period = format!("from={begun}&to={}", desk.now());
    let report = site.get(&token, &format!("/api/v1/reports/time?{period}")).json();
    assert_eq!((report["minutes"].as_i64(), report["tickets"].as_i64()), (Some(minutes), Some(3)));
    assert_eq!(sum(&report["rows"]), minutes);
    // Two halves are the whole.
    let middle = begun + Span::minutes(61);
    let halves = [format!("from={begun}&to={middle}"), format!("from={middle}&to={}", desk.now())];
    let halves = halves.map(|half| site.get(&token, &format!("/api/v1/reports/time?{half}")).json());
    assert_eq!(halves.iter().map(|half| half["minutes"].as_i64().unwrap()).sum::<i64>(), minutes);
    let csv = site.get(&token, &format!("/api/v1/reports/time?{period}&format=csv&client={bank}"));
    assert_eq!(csv.header("content-type"), Some("text/csv; charset=utf-8"));
    let text = String::from_utf8(csv.body.clone()).unwrap();
    assert!(
        text.starts_with("client,kind,queue,person,partner,tickets,minutes\nbank,working,support,"),
        "{text}"
    );
    assert!(!text.contains("shop"), "{text}");
    // An operator supervises nothing, so the report is empty, and one client's is refused.
    let own = site.token(operator.id);
    assert_eq!(site.get(&own, &format!("/api/v1/reports/time?{period}")).json()["rows"], json!([]));
    assert_eq!(site.get(&own, &format!("/api/v1/reports/time?{period}&client={bank}")).status, 403);
    let backwards = format!("/api/v1/reports/time?from={}&to={begun}", desk.now());
    assert_eq!(site.get(&token, &backwards).json()["error"]["field"], "to");
}

#[test]
fn a_client_sees_no_ledger_and_recounting_is_a_supervisors() {
    let site = Site::new();
    let desk = &site.desk;
    let bank = desk.client("bank", "");
    let contact = site.token(desk.somebody("anna", Role::ClientContact, Some(bank)).id);
    let operator = site.token(desk.somebody("olga", Role::Operator, None).id);
    let boss = site.token(desk.somebody("boris", Role::Supervisor, None).id);
    let ticket = desk.opens(bank, "screen is dark");
    desk.publishes(
        bank,
        "",
        &crate::helpers::SETTINGS.replace("resolution_minutes = 480", "resolution_minutes = 60"),
    )
    .unwrap();
    let ledger = format!("/api/v1/tickets/{ticket}/ledger");
    assert_eq!(site.get(&contact, &ledger).status, 403);
    let recompute = format!("/api/v1/tickets/{ticket}/recompute");
    assert_eq!(site.get(&operator, &recompute).status, 403);
    assert_eq!(site.post(&operator, &recompute, &json!({})).status, 403);
    let found = site.get(&boss, &recompute).json();
    assert_eq!(found["is_changed"], true);
    let limits = |found: &Value| {
        let clocks = found["clocks"].as_array().unwrap().clone();
        let one = clocks.into_iter().find(|clock| clock["target"] == "resolution").unwrap();
        (one["before"]["limit"].as_i64().unwrap(), one["after"]["limit"].as_i64().unwrap())
    };
    assert_eq!(limits(&found), (480 * 60_000, 60 * 60_000));
    assert_eq!(site.post(&boss, &recompute, &json!({})).status, 200);
    let found = site.get(&boss, &recompute).json();
    assert_eq!((found["is_changed"].as_bool(), limits(&found)), (Some(false), (60 * 60_000, 60 * 60_000)));
}

#[test]
fn holiday_lists_are_imported_and_listed() {
    let site = Site::new();
    let bank = site.desk.client("bank", "");
    let administrator = site.token(site.desk.somebody("ada", Role::Administrator, None).id);
    let operator = site.token(site.desk.somebody("olga", Role::Operator, None).id);
    let path = format!("/api/v1/clients/{bank}/holidays");
    let source = "BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART;VALUE=DATE:20260321\nDTEND;VALUE=DATE:20260324\n\
        RRULE:FREQ=YEARLY\nSUMMARY:Nauryz\nEND:VEVENT\nEND:VCALENDAR\n";
    let list = json!({ "key": "kz", "source": source });
    assert_eq!(site.post(&operator, &path, &list).status, 403);
    assert_eq!(site.post(&administrator, &path, &list).status, 200);
    let broken = json!({ "key": "kz", "source": source.replace("FREQ=YEARLY", "FREQ=DAILY") });
    let refused = site.post(&administrator, &path, &broken).json();
    assert_eq!(refused["error"]["field"], "source");
    assert!(refused["error"]["message"].as_str().unwrap().contains("line 5"), "{refused}");
    let listed = site.get(&operator, &path).json();
    let expected =
        json!([{ "name": "Nauryz", "first": "2026-03-21", "days": 3, "comes": "yearly", "last": null }]);
    assert_eq!((&listed["items"][0]["key"], &listed["items"][0]["holidays"]), (&json!("kz"), &expected));
}
