//! Two banks under one client: the people of one meet nothing of the other.

use naryad::domain::command::{Command, PutContact, PutSite};
use naryad::domain::person::{Affiliation, Grant, Role};
use naryad::domain::{AssetId, ClientId, ContactId, SiteId, Span, SubClientId, TicketId};
use serde_json::{Value, json};

use super::{Site, id};
use crate::helpers::{TestDesk, made};

/// One bank with a record of each kind, a ticket, and somebody who logs in as its contact.
pub(super) struct Bank {
    sub_client: SubClientId,
    pub site: SiteId,
    asset: AssetId,
    contact: ContactId,
    pub ticket: TicketId,
    pub token: String,
}

pub(super) fn bank(site: &Site, client: ClientId, key: &str) -> Bank {
    let desk = &site.desk;
    let sub_client = desk.sub_client(client, key);
    let put = PutSite {
        id: None,
        version: None,
        client,
        sub_client: Some(sub_client),
        name: format!("{key} tower"),
        address: "Main street 1".to_owned(),
        city: "Almaty".to_owned(),
        country: "KZ".to_owned(),
        time_zone: "Asia/Almaty".to_owned(),
        calendar: None,
        district: None,
        location: None,
    };
    let place = SiteId(made(&desk.does(Command::PutSite(Box::new(put))).unwrap()));
    let asset = desk.machine(client, place, &format!("{key}-1"));
    let put = PutContact {
        id: None,
        version: None,
        client,
        sub_client: Some(sub_client),
        name: format!("{key} contact"),
        email: None,
        phone: None,
    };
    let contact = ContactId(made(&desk.does(Command::PutContact(Box::new(put))).unwrap()));
    let person = desk.person(key, Affiliation::Contact { client, contact: Some(contact) }, None);
    person.gets(&[Grant { role: Role::ClientContact, client: Some(client) }], &[]);
    let mut open = TestDesk::request(client, &format!("subject of {key}"));
    open.asset = Some(asset);
    let ticket = desk.opens_with(open);
    Bank { sub_client, site: place, asset, contact, ticket, token: site.token(person.id) }
}

impl Bank {
    fn pages(&self) -> [String; 5] {
        [
            format!("tickets/{}", self.ticket),
            format!("sub-clients/{}", self.sub_client),
            format!("sites/{}", self.site),
            format!("assets/{}", self.asset),
            format!("contacts/{}", self.contact),
        ]
    }
}

#[test]
fn a_bank_meets_its_own_records_and_nothing_of_another_bank() {
    let site = Site::new();
    let client = site.desk.client("service", "");
    let (ours, theirs) = (bank(&site, client, "halyk"), bank(&site, client, "kaspi"));
    let of_nobody = site.desk.opens(client, "subject of nobody");
    let get = |path: &str| site.get(&ours.token, &format!("/api/v1/{path}"));
    for (own, other) in ours.pages().iter().zip(theirs.pages()) {
        let (kind, own_id) = own.split_once('/').unwrap();
        get(own).ok();
        get(&other).refused(404, "not_found");
        let rows = get(kind).ok()["items"].as_array().unwrap().clone();
        assert_eq!(rows.iter().map(|row| id(&row["id"])).collect::<Vec<_>>(), [own_id], "{kind}");
    }
    get(&format!("tickets/{of_nobody}")).refused(404, "not_found");
    for (query, found) in [
        ("q=subject", 1),
        ("q=kaspi", 0),
        ("q=kaspi-1", 0),
        ("q=SERVICE-2", 0),
        ("q=SERVICE-1", 1),
        ("sort=updated", 1),
        ("sort=priority", 1),
    ] {
        assert_eq!(
            get(&format!("tickets?{query}")).ok()["items"].as_array().unwrap().len(),
            found,
            "{query}"
        );
    }
    assert_eq!(get(&format!("tickets?sub_client={}", theirs.sub_client)).ok()["items"], json!([]));
    assert_eq!(get("counts").ok()["inbox"]["all"], 1);
    assert!(!get("vocabularies").text().contains("kaspi"));
    let comment = json!({ "text": "x", "visibility": "public" });
    let comments = |ticket: TicketId| format!("/api/v1/tickets/{ticket}/comments");
    site.post(&ours.token, &comments(theirs.ticket), &comment).refused(404, "not_found");
    site.post(&ours.token, &comments(ours.ticket), &comment).ok();
}

#[test]
fn files_and_the_whole_client_s_people_follow_the_same_border() {
    let site = Site::new();
    let client = site.desk.client("service", "");
    let (ours, theirs) = (bank(&site, client, "halyk"), bank(&site, client, "kaspi"));
    let operator = site.token(site.desk.somebody("olga", Role::Operator, None).id);
    let head = site.token(site.desk.somebody("carl", Role::ClientContact, Some(client)).id);
    let upload = site.ask("POST", "/api/v1/attachments?name=a.txt").token(&operator);
    let file = upload.header("Content-Type", "text/plain").bytes(b"theirs").send().ok();
    let comment = json!({ "text": "see", "visibility": "public", "attachments": [id(&file["id"])] });
    site.post(&operator, &format!("/api/v1/tickets/{}/comments", theirs.ticket), &comment).ok();
    let path = format!("/{}", file["url"].as_str().unwrap());
    site.get(&ours.token, &path).refused(404, "not_found");
    assert_eq!(site.get(&theirs.token, &path).body, b"theirs");
    assert_eq!(site.get(&head, &path).body, b"theirs");
    for list in ["tickets", "sub-clients", "sites", "assets", "contacts"] {
        let rows = site.get(&head, &format!("/api/v1/{list}")).ok();
        assert_eq!(rows["items"].as_array().unwrap().len(), 2, "{list}");
    }
}

#[test]
fn a_bank_opens_tickets_for_itself_only() {
    let site = Site::new();
    let client = site.desk.client("service", "");
    let (ours, theirs) = (bank(&site, client, "halyk"), bank(&site, client, "kaspi"));
    let open = |with: &[(&str, Value)]| {
        let mut body = json!({ "client": client.to_string(), "subject": "x",
            "sub_client": theirs.sub_client.to_string(), "contact": theirs.contact.to_string() });
        for (field, value) in with {
            body[*field] = value.clone();
        }
        site.post(&ours.token, "/api/v1/tickets", &body)
    };
    for (field, value) in [
        ("site", json!(theirs.site.to_string())),
        ("asset", json!(theirs.asset.to_string())),
        ("tags", json!(["vip"])),
        ("fields", json!({ "access_code": "1" })),
        ("channel", json!("monitoring")),
        ("channel", json!("desk")),
    ] {
        assert_eq!(open(&[(field, value)]).refused(422, "invalid")["field"], field);
    }
    let opened = open(&[("asset", json!(ours.asset.to_string()))]).ok();
    let ticket = site.desk.ticket(id(&opened["ticket"]).parse().unwrap());
    assert_eq!((ticket.sub_client, ticket.contact), (Some(ours.sub_client), Some(ours.contact)));
    assert_eq!(ticket.channel, naryad::domain::ticket::Channel::Portal);
    open(&[("channel", json!("portal"))]).ok();
    assert_eq!(site.get(&theirs.token, "/api/v1/counts").ok()["inbox"]["all"], 1);
}

#[test]
fn a_bank_s_contact_is_named_on_no_ticket_of_another_bank() {
    let site = Site::new();
    let client = site.desk.client("service", "");
    let (ours, theirs) = (bank(&site, client, "halyk"), bank(&site, client, "kaspi"));
    let operator = site.token(site.desk.somebody("olga", Role::Operator, None).id);
    let open = |asset: AssetId, contact: ContactId| {
        let body = json!({ "client": client.to_string(), "subject": "x", "asset": asset.to_string(),
            "contact": contact.to_string() });
        site.post(&operator, "/api/v1/tickets", &body)
    };
    assert_eq!(open(ours.asset, theirs.contact).refused(422, "invalid")["field"], "contact");
    let opened = open(ours.asset, ours.contact).ok();
    let change = |changes: Value| {
        let path = format!("/api/v1/tickets/{}/changes", id(&opened["ticket"]));
        site.post(&operator, &path, &json!({ "changes": changes }))
    };
    let (own, other) = (ours.sub_client.to_string(), theirs.sub_client.to_string());
    assert_eq!(
        change(json!({ "contact": theirs.contact.to_string() })).refused(422, "invalid")["field"],
        "contact"
    );
    assert_eq!(change(json!({ "sub_client": other })).refused(422, "invalid")["field"], "contact");
    change(json!({ "sub_client": other, "contact": theirs.contact.to_string() })).ok();
    change(json!({ "sub_client": own, "contact": null })).ok();
    assert!(!site.get(&ours.token, "/api/v1/tickets").text().contains("kaspi contact"));
}

#[test]
fn a_contact_leaves_for_another_bank_only_when_no_open_ticket_names_it() {
    let site = Site::new();
    let client = site.desk.client("service", "");
    let other = site.desk.client("other", "");
    let (ours, theirs) = (bank(&site, client, "halyk"), bank(&site, client, "kaspi"));
    let operator = site.token(site.desk.somebody("olga", Role::Operator, None).id);
    let open = |asset: Option<AssetId>| {
        let mut open = TestDesk::request(client, "x");
        (open.asset, open.contact) = (asset, Some(ours.contact));
        site.desk.opens_with(open)
    };
    let (named, free) = (open(Some(ours.asset)), open(None));
    let put = |client: ClientId, sub_client: Option<SubClientId>, version: i64| {
        let body = json!({ "client": client.to_string(), "version": version, "name": "Zoya",
            "sub_client": sub_client.map(|id| id.to_string()) });
        site.post(&operator, &format!("/api/v1/contacts/{}", ours.contact), &body)
    };
    put(other, None, 1).refused(404, "not_found");
    let refused = put(client, Some(theirs.sub_client), 1).refused(409, "contact_on_tickets");
    let number = |ticket: TicketId| format!("SERVICE-{}", site.desk.ticket(ticket).number);
    let said = refused["message"].as_str().unwrap();
    assert!(said.contains(&number(named)) && !said.contains(&number(free)), "{refused}");
    assert_eq!(refused["field"], "sub_client");
    // What fits every ticket leaves nothing behind, and what is closed is the past.
    put(client, None, 1).ok();
    put(client, Some(theirs.sub_client), 2).refused(409, "contact_on_tickets");
    put(client, Some(ours.sub_client), 2).ok();
    let close = json!({ "resolution": "done" });
    site.post(&operator, &format!("/api/v1/tickets/{named}/close"), &close).ok();
    put(client, Some(theirs.sub_client), 3).ok();
}

#[test]
fn notes_move_no_time_and_no_order_that_a_bank_sees() {
    let site = Site::new();
    let client = site.desk.client("service", "");
    let ours = bank(&site, client, "halyk");
    let olga = site.desk.somebody("olga", Role::Operator, None);
    let staff = site.token(olga.id);
    let mut open = TestDesk::request(client, "the later one");
    open.asset = Some(ours.asset);
    site.desk.clock.set(site.desk.now() + Span::minutes(1));
    let later = site.desk.opens_with(open);
    let order = |token: &str| {
        let rows = site.get(token, "/api/v1/tickets?sort=updated").ok()["items"].as_array().unwrap().clone();
        rows.iter().map(|row| (id(&row["id"]).to_owned(), row["updated_at"].clone())).collect::<Vec<_>>()
    };
    let before = order(&ours.token);
    assert_eq!(before[0].0, later.to_string());
    site.desk.clock.set(site.desk.now() + Span::minutes(1));
    olga.notes(ours.ticket, "between us").unwrap();
    assert_eq!(order(&ours.token), before, "a note shows in nothing");
    let mut page = site.get(&ours.token, &format!("/api/v1/tickets/{}", ours.ticket)).ok();
    // The time of the answer itself.
    page.as_object_mut().unwrap().remove("now");
    assert!(!page.to_string().contains(&site.desk.now().to_string()), "{page}");
    assert_eq!(order(&staff)[0].0, ours.ticket.to_string());
    let first = site.get(&ours.token, "/api/v1/tickets?sort=updated&limit=1").ok();
    let next = format!("/api/v1/tickets?sort=updated&limit=1&cursor={}", first["next"].as_str().unwrap());
    assert_eq!(site.get(&ours.token, &next).ok()["items"][0]["id"], ours.ticket.to_string());
    olga.replies(ours.ticket, "to everybody").unwrap();
    assert_eq!(order(&ours.token)[0].0, ours.ticket.to_string());
}
