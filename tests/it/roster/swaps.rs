//! Swaps that two people agree on: offered, accepted, declined, lapsed, and where a supervisor has the last word.

use naryad::domain::person::{Grant, Membership, Role};
use naryad::domain::{ClientId, Key, Span};
use serde_json::{Value, json};

use super::{hours, listed, with};
use crate::api::Site;
use crate::helpers::SETTINGS;

struct Team {
    site: Site,
    client: ClientId,
    boss: String,
    /// Ids and tokens of olga, ivan and eva.
    people: [(String, String); 3],
}

fn team(roster: &str) -> Team {
    let site = Site::new();
    let client = site.desk.client_with("bank", "", &format!("{SETTINGS}\n{roster}"));
    let boss = site.token(site.desk.somebody("anna", Role::Supervisor, None).id);
    let people = ["olga", "ivan", "eva"].map(|login| {
        let person = site.desk.somebody(login, Role::Operator, None);
        let membership = Membership { queue: Key::new("support").unwrap(), client: None };
        person.gets(&[Grant { role: Role::Operator, client: None }], &[membership]);
        (person.id.to_string(), site.token(person.id))
    });
    Team { site, client, boss, people }
}

impl Team {
    fn id(&self, who: usize) -> &str {
        &self.people[who].0
    }

    fn token(&self, who: usize) -> &str {
        &self.people[who].1
    }

    /// A shift as an offer names it.
    fn works(&self, who: usize, from: i64, to: i64) -> Value {
        self.put(&hours(self.id(who), from, to))
    }

    fn put(&self, shift: &Value) -> Value {
        let id = self.site.post(&self.boss, "/api/v1/shifts", shift).ok()["id"].clone();
        json!({ "id": id, "version": 1 })
    }

    fn offers(&self, who: usize, shift: &Value, to: usize, in_return: Option<&Value>) -> crate::api::Answer {
        let offer = json!({ "shift": shift, "to": self.id(to), "in_return": in_return });
        self.site.post(self.token(who), "/api/v1/swaps", &offer)
    }

    fn says(&self, token: &str, offer: &Value, version: i64, answer: &str) -> crate::api::Answer {
        let path = format!("/api/v1/swaps/{}/answer", offer["id"].as_str().unwrap());
        self.site.post(token, &path, &json!({ "version": version, "answer": answer }))
    }

    /// The state of each offer that somebody sees, newest first, and what they can say to it.
    fn sees(&self, token: &str) -> Vec<(String, Vec<String>)> {
        let list = self.site.get(token, "/api/v1/swaps").ok();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let line = |one: &Value| {
            (text(&one["state"]), one["answers"].as_array().unwrap().iter().map(text).collect())
        };
        list["items"].as_array().unwrap().iter().map(line).collect()
    }

    fn told(&self, who: usize) -> Vec<String> {
        let list = self.site.get(self.token(who), "/api/v1/notifications").ok();
        let words = |one: &Value| one["template"].as_str().unwrap_or_default().to_owned();
        list["items"].as_array().unwrap().iter().map(words).collect()
    }

    fn roster(&self) -> Vec<(String, String)> {
        let name = |id: &String| self.people.iter().position(|(own, _)| own == id).unwrap().to_string();
        listed(&self.site, &self.boss).iter().map(|(id, from)| (name(id), from[8..13].to_owned())).collect()
    }
}

fn line(state: &str, answers: &[&str]) -> (String, Vec<String>) {
    (state.to_owned(), answers.iter().map(|answer| (*answer).to_owned()).collect())
}

fn rows(rows: &[(&str, &str)]) -> Vec<(String, String)> {
    rows.iter().map(|(who, from)| ((*who).to_owned(), (*from).to_owned())).collect()
}

fn told(what: &[&str]) -> Vec<String> {
    what.iter().map(|one| (*one).to_owned()).collect()
}

#[test]
fn two_people_swap_once_both_agree() {
    let team = team("");
    let morning = team.works(0, 29, 37);
    let evening = team.works(1, 38, 46);
    let offer = team.offers(0, &morning, 1, Some(&evening)).ok();
    assert_eq!(team.sees(team.token(0)), [line("offered", &["withdraw"])]);
    assert_eq!(team.sees(team.token(1)), [line("offered", &["accept", "decline"])]);
    assert_eq!(team.sees(team.token(2)), [], "it is nobody else's affair");
    assert_eq!(team.sees(&team.boss), [], "nor a supervisor's, before the two agree");
    assert_eq!(team.told(1), ["swap_offered"]);
    team.says(team.token(0), &offer, 1, "accept").refused(403, "forbidden");
    team.says(team.token(2), &offer, 1, "accept").refused(404, "not_found");
    team.says(team.token(1), &offer, 2, "accept").refused(409, "stale_version");
    team.says(&team.boss, &offer, 1, "approve").refused(403, "forbidden");
    assert_eq!(team.roster(), rows(&[("0", "04T05"), ("1", "04T14")]));
    team.says(team.token(1), &offer, 1, "accept").ok();
    assert_eq!(team.roster(), rows(&[("1", "04T05"), ("0", "04T14")]));
    assert_eq!(team.sees(team.token(1)), [line("made", &[])]);
    assert_eq!(
        (team.told(0), team.told(1)),
        (vec!["swap_made".into()], vec!["swap_made".into(), "swap_offered".into()])
    );
    let again = team.says(team.token(1), &offer, 2, "accept").refused(409, "swap_is_over");
    assert_eq!(again["values"]["state"], "made");
}

#[test]
fn a_shift_may_be_given_away_declined_and_withdrawn() {
    let team = team("");
    let shift = team.works(0, 29, 37);
    let declined = team.offers(0, &shift, 1, None).ok();
    team.says(team.token(1), &declined, 1, "decline").ok();
    assert_eq!(team.told(0), ["swap_declined"]);
    // What is over does not lapse once more when the shift begins.
    let withdrawn = team.offers(0, &shift, 1, None).ok();
    team.offers(0, &shift, 1, None).refused(422, "invalid");
    team.says(team.token(0), &withdrawn, 1, "withdraw").ok();
    team.says(team.token(1), &withdrawn, 2, "accept").refused(409, "swap_is_over");
    assert_eq!(team.roster(), rows(&[("0", "04T05")]));
    let given = team.offers(0, &shift, 1, None).ok();
    team.says(team.token(1), &given, 1, "accept").ok();
    assert_eq!(team.roster(), rows(&[("1", "04T05")]));
    let before = (team.told(0), team.told(1));
    team.site.desk.pass(Span::days(3));
    assert_eq!((team.told(0), team.told(1)), before);
}

#[test]
fn of_two_offers_of_one_shift_the_first_yes_counts() {
    let team = team("");
    let shift = team.works(0, 29, 37);
    let [to_ivan, to_eva] = [1, 2].map(|who| team.offers(0, &shift, who, None).ok());
    team.says(team.token(2), &to_eva, 1, "accept").ok();
    assert_eq!(team.sees(team.token(1)), [line("lapsed", &[])]);
    let late = team.says(team.token(1), &to_ivan, 1, "accept").refused(409, "swap_is_over");
    assert_eq!(late["values"]["state"], "lapsed");
    assert_eq!(team.roster(), rows(&[("2", "04T05")]));
}

#[test]
fn an_offer_lapses_when_a_shift_changes_goes_or_begins() {
    let team = team("");
    let [mine, theirs] = [team.works(0, 29, 37), team.works(1, 38, 46)];
    let path = |shift: &Value| format!("/api/v1/shifts/{}", shift["id"].as_str().unwrap());
    let changed = team.offers(0, &mine, 1, Some(&theirs)).ok();
    // The one that is wanted in return is what changed.
    let longer = with(hours(team.id(1), 38, 47), "version", 1);
    team.site.post(&team.boss, &path(&theirs), &longer).ok();
    assert_eq!(
        (team.told(0), team.told(1)),
        (told(&["swap_lapsed"]), told(&["swap_lapsed", "swap_offered"]))
    );
    team.says(team.token(1), &changed, 1, "accept").refused(409, "swap_is_over");
    team.offers(0, &mine, 1, Some(&theirs)).refused(409, "stale_version");
    let removed = team.offers(0, &mine, 2, None).ok();
    team.site.post(&team.boss, &format!("{}/remove", path(&mine)), &json!({ "version": 1 })).ok();
    assert_eq!((team.told(0)[0].as_str(), team.told(2)[0].as_str()), ("swap_lapsed", "swap_lapsed"));
    team.says(team.token(2), &removed, 1, "accept").refused(409, "swap_is_over");
    let soon = team.works(0, 29, 37);
    let begun = team.offers(0, &soon, 2, None).ok();
    let start: naryad::domain::Moment = "2026-11-04T05:00:00Z".parse().unwrap();
    team.site.desk.pass(start - Span::seconds(1) - team.site.desk.now());
    assert_eq!((team.told(0).len(), team.told(2).len()), (2, 3), "not yet");
    team.site.desk.pass(Span::seconds(1));
    assert_eq!(
        (team.told(0), team.told(2)),
        (told(&["swap_lapsed"; 3]), told(&["swap_lapsed", "swap_offered", "swap_lapsed", "swap_offered"]))
    );
    assert_eq!(team.sees(team.token(2))[0], line("lapsed", &[]));
    team.says(team.token(2), &begun, 1, "accept").refused(409, "swap_is_over");
    team.offers(0, &soon, 2, None).refused(422, "invalid");
    team.site.desk.pass(Span::days(8));
    assert_eq!(
        [team.sees(team.token(0)), team.sees(team.token(2))],
        [[], []],
        "what lapsed is not shown for ever"
    );
}

#[test]
fn who_could_not_have_the_shift_can_neither_be_offered_it_nor_accept_it() {
    let team = team("[assignment]\nrequired_certificates = [\"cash\"]");
    let shift = team.works(0, 29, 37);
    let overlapping = team.works(1, 30, 31);
    team.offers(0, &shift, 1, None).refused(409, "shift_overlaps");
    team.site
        .post(
            &team.boss,
            &format!("/api/v1/shifts/{}/remove", overlapping["id"].as_str().unwrap()),
            &json!({ "version": 1 }),
        )
        .ok();
    let offer = team.offers(0, &shift, 1, None).ok();
    team.site.post(&team.boss, "/api/v1/absences", &with(hours(team.id(1), 24, 30), "kind", "sick")).ok();
    let refused = team.says(team.token(1), &offer, 1, "accept").refused(409, "person_is_away");
    assert!(refused["message"].as_str().unwrap().contains("ivan"), "{refused}");
    assert_eq!(team.roster(), rows(&[("0", "04T05")]), "the offer stands, the roster is as it was");
    // Of a client that wants a certificate.
    let for_client = team.put(&with(hours(team.id(0), 50, 55), "client", team.client.to_string()));
    team.offers(0, &for_client, 2, None).refused(409, "certificate_missing");
    team.offers(0, &shift, 0, None).refused(422, "invalid");
    team.offers(1, &shift, 2, None).refused(422, "invalid");
    let carl = team.site.desk.somebody("carl", Role::ClientContact, Some(team.client)).id;
    let offer = json!({ "shift": shift, "to": carl.to_string() });
    team.site.post(team.token(0), "/api/v1/swaps", &offer).refused(422, "invalid");
    team.site.post(&team.site.token(carl), "/api/v1/swaps", &offer).refused(403, "forbidden");
}

#[test]
fn a_client_may_want_the_supervisors_word() {
    let team = team("[roster]\nswaps = \"approved\"");
    let shift = team.works(0, 29, 37);
    let offer = team.offers(0, &shift, 1, None).ok();
    team.says(team.token(1), &offer, 1, "accept").ok();
    assert_eq!(team.roster(), rows(&[("0", "04T05")]), "not yet");
    assert_eq!(team.sees(team.token(0)), [line("accepted", &["withdraw"])]);
    assert_eq!(team.sees(&team.boss), [line("accepted", &["approve", "refuse"])]);
    team.says(team.token(1), &offer, 2, "approve").refused(403, "forbidden");
    team.says(&team.boss, &offer, 2, "refuse").ok();
    assert_eq!((team.told(0)[0].as_str(), team.told(1)[0].as_str()), ("swap_refused", "swap_refused"));
    let offer = team.offers(0, &shift, 1, None).ok();
    team.says(team.token(1), &offer, 1, "accept").ok();
    // A supervisor of another client keeps no roster of the desk.
    let other = team.site.desk.client("other", "");
    let stranger = team.site.token(team.site.desk.somebody("boris", Role::Supervisor, Some(other)).id);
    assert_eq!(team.sees(&stranger), []);
    team.says(&stranger, &offer, 2, "approve").refused(404, "not_found");
    team.says(&team.boss, &offer, 2, "approve").ok();
    assert_eq!(team.roster(), rows(&[("1", "04T05")]));
    assert_eq!((team.told(0)[0].as_str(), team.told(1)[0].as_str()), ("swap_made", "swap_made"));
}

#[test]
fn a_supervisor_gives_no_word_on_a_swap_of_their_own() {
    let team = team("[roster]\nswaps = \"approved\"");
    let vera = team.site.desk.somebody("vera", Role::Supervisor, None).id;
    let vera_token = team.site.token(vera);
    let shift = team.works(0, 29, 37);
    let offer = json!({ "shift": shift, "to": vera.to_string() });
    let offer = team.site.post(team.token(0), "/api/v1/swaps", &offer).ok();
    team.says(&vera_token, &offer, 1, "accept").ok();
    team.says(&vera_token, &offer, 2, "approve").refused(403, "forbidden");
    assert_eq!(team.sees(&vera_token), [line("accepted", &[])]);
    team.says(&team.boss, &offer, 2, "approve").ok();
}

#[test]
fn what_is_accepted_lapses_too_when_the_shift_changes_before_the_supervisors_word() {
    let team = team("[roster]\nswaps = \"approved\"");
    let shift = team.works(0, 29, 37);
    let offer = team.offers(0, &shift, 1, None).ok();
    team.says(team.token(1), &offer, 1, "accept").ok();
    let path = format!("/api/v1/shifts/{}", shift["id"].as_str().unwrap());
    team.site.post(&team.boss, &path, &with(hours(team.id(0), 29, 38), "version", 1)).ok();
    team.says(&team.boss, &offer, 2, "approve").refused(409, "swap_is_over");
    assert_eq!(team.sees(&team.boss), []);
    team.site.desk.pass(Span::hours(1));
    assert_eq!(team.roster(), rows(&[("0", "04T05")]));
}
