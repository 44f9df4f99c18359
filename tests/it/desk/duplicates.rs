//! Possible duplicates as scripts see them: across channels, within the pack's window, never another client's.

use naryad::domain::command::{Command, PutContact};
use naryad::domain::ticket::Channel;
use naryad::domain::{ClientId, ContactId, Span, TicketId};

use crate::helpers::{SETTINGS, TestDesk, made};

/// Notes the keys of the possible duplicates on each new ticket.
const SCRIPT: &str = r#"
    fn on_opened(ticket) {
        for other in ticket.possible_duplicates { ticket.note(other.key); }
    }
"#;

fn contact(desk: &TestDesk, client: ClientId, name: &str, phone: &str) -> ContactId {
    let put = PutContact {
        id: None,
        version: None,
        client,
        sub_client: None,
        name: name.to_owned(),
        email: None,
        phone: Some(phone.to_owned()),
    };
    ContactId(made(&desk.does(Command::PutContact(Box::new(put))).unwrap()))
}

fn suggested(desk: &TestDesk, ticket: TicketId) -> Vec<String> {
    let texts = desk.events(ticket).into_iter().filter_map(|recorded| match recorded.event {
        naryad::domain::event::Event::CommentAdded { text, .. } => Some(text),
        _ => None,
    });
    texts.map(|text| desk.words(Some(text))).collect()
}

#[test]
fn the_same_fault_by_another_channel_is_suggested_the_likeliest_first() {
    let desk = TestDesk::new();
    let client = desk.client("bank", SCRIPT);
    let other = desk.client("shop", SCRIPT);
    let place = desk.site(client, "Almaty", "KZ", "Asia/Almaty");
    let machine = desk.machine(client, place, "ATM-1");
    let mut call = TestDesk::request(client, "Cash machine keeps the card");
    (call.channel, call.asset) = (Some(Channel::Phone), Some(machine));
    desk.opens_with(call);
    desk.opens(client, "The card is kept by the cash machine");
    desk.opens(client, "Printer out of toner");
    desk.opens(other, "Cash machine keeps the card");
    let mut mail = TestDesk::request(client, "Card kept by a cash machine");
    (mail.channel, mail.asset) = (Some(Channel::Email), Some(machine));
    let mail = desk.opens_with(mail);
    assert_eq!(suggested(&desk, mail), ["BANK-1", "BANK-2"]);
}

#[test]
fn one_person_with_two_contacts_is_known_by_the_phone() {
    let desk = TestDesk::new();
    let client = desk.client("bank", SCRIPT);
    let mut first = TestDesk::request(client, "Mail does not work");
    first.contact = Some(contact(&desk, client, "A. Lee", "+7 700 1"));
    desk.opens_with(first);
    let mut second = TestDesk::request(client, "Outlook shows an error");
    second.contact = Some(contact(&desk, client, "Anna Lee", "+7 700 1"));
    assert_eq!(suggested(&desk, desk.opens_with(second)), ["BANK-1"]);
    let mut third = TestDesk::request(client, "Monitor is dark");
    third.contact = Some(contact(&desk, client, "B. Kim", "+7 700 2"));
    assert_eq!(suggested(&desk, desk.opens_with(third)), [""; 0]);
}

#[test]
fn the_window_and_the_switch_are_the_packs() {
    let desk = TestDesk::new();
    let with = |rule: &str| SETTINGS.replacen("[[statuses]]", &format!("{rule}\n\n[[statuses]]"), 1);
    let client = desk.client_with("bank", SCRIPT, &with("[duplicates]\nwindow_hours = 2"));
    desk.opens(client, "Cash machine keeps the card");
    desk.pass(Span::hours(1));
    assert_eq!(suggested(&desk, desk.opens(client, "Cash machine keeps the card")), ["BANK-1"]);
    desk.pass(Span::hours(3));
    assert_eq!(suggested(&desk, desk.opens(client, "Cash machine keeps the card")), [""; 0]);
    let off = desk.client_with("shop", SCRIPT, &with("[duplicates]\nis_on = false"));
    desk.opens(off, "Cash machine keeps the card");
    assert_eq!(suggested(&desk, desk.opens(off, "Cash machine keeps the card")), [""; 0]);
}
