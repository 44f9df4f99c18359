//! Reports of visits over HTTP: the engineer hands in, the controller judges, nobody else learns of either.

use naryad::domain::command::{Command, RequireReport};
use naryad::domain::person::Role;
use naryad::domain::report::{ReportState, ReportWanted};
use naryad::domain::work_order::Stage;
use naryad::domain::{ClientId, Key, TicketId, WorkOrderId};
use serde_json::{Value, json};

use super::{Site, id};
use crate::helpers::{Somebody, made};

struct Visit<'s> {
    site: &'s Site,
    client: ClientId,
    ticket: TicketId,
    order: WorkOrderId,
    engineer: Somebody<'s>,
}

/// A visit that was made, and of which a photo, the act and a signature are wanted.
fn visit(site: &Site) -> Visit<'_> {
    let client = site.desk.client("acme", "");
    let engineer = site.desk.engineer("nurlan", 1, "Almaty");
    let ticket = site.desk.opens(client, "printer");
    let open =
        Command::OpenWorkOrder { ticket, engineer: engineer.id, due_at: None, planned_at: None, note: None };
    let order = WorkOrderId(made(&site.desk.does(open).unwrap()));
    engineer.moves(order, Stage::Arrived, None).unwrap();
    engineer.moves(order, Stage::Done, None).unwrap();
    let act = Key::new("act_of_acceptance").unwrap();
    let wanted = ReportWanted { photos: 1, documents: [act].into(), signatures: 1 };
    site.desk.does(Command::RequireReport(Box::new(RequireReport { order, wanted }))).unwrap();
    Visit { site, client, ticket, order, engineer }
}

impl Visit<'_> {
    fn upload(&self, token: &str, name: &str) -> Value {
        let ask = self.site.ask("POST", &format!("/api/v1/attachments?name={name}")).token(token);
        ask.header("Content-Type", "image/png").bytes(name.as_bytes()).send().ok()["id"].clone()
    }

    fn whole(&self, token: &str) -> Value {
        json!({ "papers": [
            { "attachment": self.upload(token, "front.png"), "kind": "photo", "text": "The front" },
            { "attachment": self.upload(token, "act.png"), "kind": "document", "document": "act_of_acceptance" },
            { "attachment": self.upload(token, "sign.png"), "kind": "signature" },
        ] })
    }

    fn reports(&self) -> String {
        format!("/api/v1/work-orders/{}/reports", self.order)
    }

    fn verdict(&self) -> String {
        format!("/api/v1/work-orders/{}/verdict", self.order)
    }
}

#[test]
fn a_report_is_handed_in_returned_handed_in_again_and_accepted() {
    let site = Site::new();
    let visit = visit(&site);
    let engineer = site.token(visit.engineer.id);
    let controller = site.token(site.desk.somebody("elena", Role::Controller, None).id);
    let page = |token: &str| site.get(token, &format!("/api/v1/tickets/{}", visit.ticket)).ok();
    let may = page(&engineer)["may"].clone();
    assert_eq!(
        (&may["hand_in_reports"][0], may["judge_reports"].as_array().unwrap().len()),
        (&json!(visit.order), 0)
    );

    let short = json!({ "papers": [{ "attachment": visit.upload(&engineer, "a.png"), "kind": "photo" }] });
    let refused = site.post(&engineer, &visit.reports(), &short).refused(422, "report_incomplete");
    assert_eq!(
        refused["values"],
        json!({ "photos": "1", "documents": "act_of_acceptance", "signatures": "1" })
    );
    assert_eq!(
        refused["message"],
        "the report lacks 1 photo with a description, the document `act_of_acceptance`, 1 signature"
    );

    site.post(&engineer, &visit.reports(), &visit.whole(&engineer)).ok();
    let waiting = site.get(&controller, "/api/v1/work-orders?report=handed_in").ok();
    assert_eq!(waiting["items"][0]["id"], json!(visit.order));
    assert_eq!(page(&controller)["may"]["judge_reports"][0], json!(visit.order));
    let line = &page(&controller)["work_orders"][0];
    assert_eq!(line["report"]["state"], "handed_in");
    assert_eq!(line["reports"][0]["papers"][0]["text"], "The front");
    let photo = format!("/{}", line["reports"][0]["papers"][0]["file"]["url"].as_str().unwrap());
    assert_eq!(site.ask("GET", &photo).token(&controller).send().body, b"front.png");

    let back = json!({ "number": 1, "verdict": "returned" });
    site.post(&controller, &visit.verdict(), &back).refused(422, "invalid");
    let back = json!({ "number": 1, "verdict": "returned", "defects": "It is dark" });
    site.post(&controller, &visit.verdict(), &back).ok();
    assert_eq!(site.desk.told(visit.engineer.id).last().map(String::as_str), Some("report_judged"));

    // Only the photo is brought anew; the act and the signature are those of the first report.
    let first = page(&engineer)["work_orders"][0]["reports"][0]["papers"].clone();
    let mut papers = visit.whole(&engineer);
    for (index, paper) in papers["papers"].as_array_mut().unwrap().iter_mut().enumerate().skip(1) {
        paper["attachment"] = json!(id(&first[index]["file"]["id"]));
    }
    site.post(&engineer, &visit.reports(), &papers).ok();
    let late = json!({ "number": 1, "verdict": "accepted" });
    site.post(&controller, &visit.verdict(), &late).refused(409, "report_is_older");
    site.post(&controller, &visit.verdict(), &json!({ "number": 2, "verdict": "accepted" })).ok();
    assert_eq!(site.desk.report_state(visit.order), ReportState::Accepted);
    site.post(&engineer, &visit.reports(), &papers).refused(409, "report_is_settled");
}

#[test]
fn nobody_but_the_engineer_and_the_desk_hands_in_and_nobody_but_controllers_judge() {
    let site = Site::new();
    let visit = visit(&site);
    let other = site.token(site.desk.engineer("boris", 1, "Almaty").id);
    let contact = site.token(site.desk.somebody("carl", Role::ClientContact, Some(visit.client)).id);
    let dispatcher = site.token(site.desk.somebody("davit", Role::Dispatcher, None).id);
    let engineer = site.token(visit.engineer.id);
    for token in [&other, &contact] {
        let status = site.post(token, &visit.reports(), &visit.whole(token)).status;
        assert!(matches!(status, 403 | 404), "{status}");
    }
    site.post(&dispatcher, &visit.reports(), &visit.whole(&dispatcher)).ok();
    for token in [&other, &contact, &dispatcher, &engineer] {
        let accept = json!({ "verdict": "accepted" });
        let status = site.post(token, &visit.verdict(), &accept).status;
        assert!(matches!(status, 403 | 404), "{status}");
    }
    assert_eq!(site.desk.report_state(visit.order), ReportState::HandedIn);
    let seen = site.get(&contact, &format!("/api/v1/tickets/{}", visit.ticket)).ok();
    assert_eq!((seen["work_orders"].as_array().unwrap().len(), &seen["attachments"]), (0, &json!([])));
    assert!(!seen.to_string().contains("The front"), "{seen}");
}

#[test]
fn a_ticket_does_not_close_before_its_report_is_settled() {
    let site = Site::new();
    let visit = visit(&site);
    let operator = site.token(site.desk.somebody("olga", Role::Operator, None).id);
    let supervisor = site.token(site.desk.somebody("irina", Role::Supervisor, None).id);
    let close = format!("/api/v1/tickets/{}/close", visit.ticket);
    let how = json!({ "resolution": "done" });
    let refused = site.post(&operator, &close, &how).refused(409, "report_not_accepted");
    assert_eq!(refused["values"], json!({ "order": "1", "state": "awaited" }));
    let waive = json!({ "verdict": "waived", "defects": "The engineer is in hospital" });
    site.post(&operator, &visit.verdict(), &waive).refused(403, "forbidden");
    site.post(&supervisor, &visit.verdict(), &waive).ok();
    site.post(&operator, &close, &how).ok();
    assert!(site.desk.ticket(visit.ticket).is_closed());
}

#[test]
fn what_is_no_report_is_refused_with_what_would_be_right() {
    let site = Site::new();
    let visit = visit(&site);
    let token = site.token(visit.engineer.id);
    let file = visit.upload(&token, "a.png");
    let post = |papers: Value| site.post(&token, &visit.reports(), &json!({ "papers": papers }));
    post(json!([])).refused(422, "invalid");
    let twice = json!({ "attachment": file, "kind": "photo", "text": "x" });
    post(json!([twice, twice])).refused(422, "invalid");
    let unknown = json!([{ "attachment": file, "kind": "document", "document": "act_of_aceptance" }]);
    let refused = post(unknown).refused(422, "unknown_key");
    assert_eq!(
        (&refused["field"], &refused["values"]["nearest"]),
        (&json!("papers[0].document"), &json!("act_of_acceptance"))
    );
    post(json!([{ "attachment": file, "kind": "document" }])).refused(422, "invalid");
    post(json!([{ "attachment": file, "kind": "photo", "document": "act_of_acceptance" }]))
        .refused(422, "invalid");
    let strange = site.token(site.desk.engineer("boris", 1, "Almaty").id);
    let mut foreign = visit.whole(&token);
    foreign["papers"][0]["attachment"] = visit.upload(&strange, "theirs.png");
    site.post(&token, &visit.reports(), &foreign).refused(404, "not_found");
    assert_eq!(site.desk.report_state(visit.order), ReportState::Awaited);
    let second = site.desk.opens(visit.client, "scanner");
    let open = Command::OpenWorkOrder {
        ticket: second,
        engineer: visit.engineer.id,
        due_at: None,
        planned_at: None,
        note: None,
    };
    let order = made(&site.desk.does(open).unwrap());
    let early = site.post(&token, &format!("/api/v1/work-orders/{order}/reports"), &visit.whole(&token));
    early.refused(409, "nothing_to_report");
}
