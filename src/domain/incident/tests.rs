//! What a rule attaches, as a table, and what counts as touched by a person.

use super::*;
use crate::domain::PersonId;
use crate::domain::event::{Speaker, Visibility};

fn set<T: Ord + Clone>(values: &[T]) -> BTreeSet<T> {
    values.iter().cloned().collect()
}

fn words(values: &[&str]) -> BTreeSet<String> {
    values.iter().map(|value| (*value).to_owned()).collect()
}

/// As simple as a stemmer can be: the first five letters.
fn stems(text: &str) -> Vec<String> {
    text.to_lowercase().split_whitespace().map(|word| word.chars().take(5).collect()).collect()
}

fn ticket() -> Described {
    Described {
        category: Some(Key::new("network").unwrap()),
        country: Some("KZ".to_owned()),
        city: Some("Алматы".to_owned()),
        site: Some(SiteId(7)),
        sub_client: Some(SubClientId(3)),
        model: Some("NCR 6634".to_owned()),
        stems: stems("Банкомат не видит сервера").into_iter().collect(),
        opened_at: Moment::from_ms(1_000),
    }
}

#[test]
fn a_rule_attaches_what_all_its_conditions_name() {
    let network = set(&[Key::new("network").unwrap()]);
    let none = IncidentRule::default;
    let table: Vec<(&str, IncidentRule, bool)> = vec![
        ("nothing is named", none(), false),
        ("only a moment", IncidentRule { opened_after: Some(Moment::from_ms(1)), ..none() }, false),
        ("the category", IncidentRule { categories: network.clone(), ..none() }, true),
        (
            "another category",
            IncidentRule { categories: set(&[Key::new("paper").unwrap()]), ..none() },
            false,
        ),
        ("the city in other letters", IncidentRule { cities: words(&["АЛМАТЫ "]), ..none() }, true),
        ("one of two cities", IncidentRule { cities: words(&["Астана", "Алматы"]), ..none() }, true),
        ("another city", IncidentRule { cities: words(&["Астана"]), ..none() }, false),
        ("the country", IncidentRule { countries: words(&["kz"]), ..none() }, true),
        ("the site", IncidentRule { sites: set(&[SiteId(7)]), ..none() }, true),
        ("another site", IncidentRule { sites: set(&[SiteId(8)]), ..none() }, false),
        ("the sub-client", IncidentRule { sub_clients: set(&[SubClientId(3)]), ..none() }, true),
        ("another sub-client", IncidentRule { sub_clients: set(&[SubClientId(4)]), ..none() }, false),
        ("the model", IncidentRule { models: words(&["ncr 6634"]), ..none() }, true),
        ("a word in another form", IncidentRule { words: words(&["серверу"]), ..none() }, true),
        ("a phrase, half of it", IncidentRule { words: words(&["сервер упал"]), ..none() }, false),
        ("one of two phrases", IncidentRule { words: words(&["сервер упал", "банкомат"]), ..none() }, true),
        ("a phrase of no words", IncidentRule { words: words(&[" "]), ..none() }, false),
        (
            "the category and another city",
            IncidentRule { categories: network.clone(), cities: words(&["Астана"]), ..none() },
            false,
        ),
        (
            "opened before",
            IncidentRule {
                categories: network.clone(),
                opened_after: Some(Moment::from_ms(1_001)),
                ..none()
            },
            false,
        ),
        (
            "opened at the very moment",
            IncidentRule { categories: network, opened_after: Some(Moment::from_ms(1_000)), ..none() },
            true,
        ),
    ];
    for (what, rule, is_attached) in table {
        assert_eq!(rule.matches(&ticket(), Moment::from_ms(0), stems), is_attached, "{what}");
    }
}

#[test]
fn without_a_moment_only_tickets_after_the_declaration_attach() {
    let rule = IncidentRule { sites: set(&[SiteId(7)]), ..IncidentRule::default() };
    assert!(!rule.matches(&ticket(), Moment::from_ms(1_001), stems));
    assert!(rule.matches(&ticket(), Moment::from_ms(1_000), stems));
}

#[test]
fn what_a_ticket_lacks_fits_no_condition() {
    let bare = Described { opened_at: Moment::from_ms(5), ..Described::default() };
    let cities = IncidentRule { cities: words(&["Алматы"]), ..IncidentRule::default() };
    let models = IncidentRule { models: words(&["x"]), ..IncidentRule::default() };
    assert!(!cities.matches(&bare, Moment::from_ms(0), stems));
    assert!(!models.matches(&bare, Moment::from_ms(0), stems));
}

#[test]
fn a_ticket_is_touched_when_a_person_did_something_after_it_was_attached() {
    let incident = TicketId(1);
    let attached = Event::AttachedToIncident { incident, by: AttachedBy::Rule };
    let update = Event::IncidentUpdateReached { incident, text: TextId(2) };
    let comment = Event::CommentAdded {
        text: TextId(3),
        visibility: Visibility::Public,
        attachments: Vec::new(),
        speaker: Speaker::Client,
        asks_client: false,
    };
    let person = Actor::Person { person: PersonId(9) };
    let script = Actor::Script { client: ClientId(4) };
    let table = [
        ("nothing since", vec![(&attached, &Actor::Clock), (&comment, &person)], false),
        ("an update that a person sent", vec![(&update, &person), (&attached, &Actor::Clock)], false),
        ("the script's reply", vec![(&comment, &script), (&attached, &Actor::Clock)], false),
        ("a person's comment", vec![(&comment, &person), (&attached, &Actor::Clock)], true),
        ("attached so long ago that it is not among them", vec![(&comment, &script)], true),
    ];
    for (what, latest, is_so) in table {
        assert_eq!(is_touched(latest, incident), is_so, "{what}");
    }
}
