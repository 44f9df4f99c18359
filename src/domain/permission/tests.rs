//! Who may take which step, and what a scope reaches.

use super::*;

const OURS: ClientId = ClientId(1);
const THEIRS: ClientId = ClientId(2);

fn access(affiliation: Affiliation, role: Role, client: Option<ClientId>) -> Access {
    Access {
        person: PersonId(9),
        affiliation,
        sub_client: None,
        is_active: true,
        grants: BTreeSet::from([Grant { role, client }]),
        memberships: BTreeSet::from([Membership { queue: Key::new("commercial").unwrap(), client: None }]),
    }
}

fn ticket(client: ClientId) -> TicketFacts {
    TicketFacts { client: Some(client), ..TicketFacts::default() }
}

#[test]
fn nobody_of_one_client_sees_anything_of_another() {
    let contact = Affiliation::Contact { client: OURS, contact: None };
    for role in Role::ALL {
        for client in [None, Some(OURS), Some(THEIRS)] {
            let access = access(contact, role, client);
            assert!(!access.may(Step::SeeTicket, &ticket(THEIRS)), "{role:?} {client:?}");
            assert!(!access.may(Step::SeeInternals, &ticket(OURS)), "{role:?} {client:?}");
            assert!(!Scope::of(&access).clients().contains(THEIRS), "{role:?} {client:?}");
        }
    }
    let operator = access(Affiliation::Staff, Role::Operator, Some(OURS));
    assert!(operator.may(Step::WorkOnTicket, &ticket(OURS)));
    assert!(!operator.may(Step::SeeTicket, &ticket(THEIRS)));
}

#[test]
fn a_person_of_a_sub_client_meets_nothing_of_another() {
    const STEPS: [Step; 3] = [Step::SeeTicket, Step::CommentPublicly, Step::ReopenTicket];
    let (own, other) = (SubClientId(5), SubClientId(6));
    let contact = Affiliation::Contact { client: OURS, contact: None };
    let whole = access(contact, Role::ClientContact, Some(OURS));
    let part = Access { sub_client: Some(own), ..whole.clone() };
    for (of, whole_may, part_may) in
        [(Some(own), true, true), (Some(other), true, false), (None, true, false)]
    {
        let about = TicketFacts { sub_client: of, ..ticket(OURS) };
        for step in STEPS {
            assert_eq!(whole.may(step, &about), whole_may, "{step:?} {of:?}");
            assert_eq!(part.may(step, &about), part_may, "{step:?} {of:?}");
        }
        assert_eq!(Scope::of(&whole).reaches(OURS, of), whole_may, "{of:?}");
        assert_eq!(Scope::of(&part).reaches(OURS, of), part_may, "{of:?}");
        assert!(!Scope::of(&part).reaches(THEIRS, of), "{of:?}");
    }
    assert!(part.may(Step::OpenTicket, &ticket(OURS)) && !part.may(Step::OpenTicket, &ticket(THEIRS)));
}

#[test]
fn engineers_departments_and_partners_see_what_was_passed_to_them() {
    let engineer = access(Affiliation::Staff, Role::Engineer, None);
    assert!(!engineer.may(Step::SeeTicket, &ticket(OURS)));
    let mut sent = ticket(OURS);
    sent.engineers.insert(PersonId(9));
    assert!(engineer.may(Step::DoWorkOrder, &sent) && !engineer.may(Step::WorkOnTicket, &sent));

    let member = access(Affiliation::Staff, Role::DepartmentMember, None);
    let mut asked = ticket(OURS);
    asked.departments.insert(Key::new("commercial").unwrap());
    assert!(member.may(Step::DoTask, &asked) && !member.may(Step::DoTask, &ticket(OURS)));

    let partner = Affiliation::Partner { partner: PartnerId(5) };
    let partner = access(partner, Role::PartnerMember, None);
    let mut passed = ticket(OURS);
    passed.partners.insert(PartnerId(5));
    assert!(partner.may(Step::DoTask, &passed) && !partner.may(Step::SeeInternals, &passed));
    assert!(!partner.may(Step::SeeTicket, &ticket(OURS)));
}

#[test]
fn a_scope_reaches_no_further_than_the_role_that_makes_it() {
    let member = Scope::of(&access(Affiliation::Staff, Role::DepartmentMember, Some(OURS)));
    let only_ours = Membership { queue: Key::new("commercial").unwrap(), client: Some(OURS) };
    assert_eq!(*member.memberships(), BTreeSet::from([only_ours]));
    assert!(member.own_orders().is_empty());
    let engineer = Scope::of(&access(Affiliation::Staff, Role::Engineer, Some(OURS)));
    assert!(engineer.memberships().is_empty());
    assert!(engineer.own_orders().contains(OURS) && !engineer.own_orders().contains(THEIRS));
    let partner = Affiliation::Partner { partner: PartnerId(5) };
    let partner = Scope::of(&access(partner, Role::PartnerMember, Some(OURS)));
    assert!(partner.passed().contains(OURS) && !partner.passed().contains(THEIRS));
}

#[test]
fn a_ticket_that_cannot_be_seen_does_not_exist() {
    let operator = access(Affiliation::Staff, Role::Operator, Some(OURS));
    let actor = Actor::Person { person: PersonId(9) };
    let refusal = check(&actor, Some(&operator), Step::WorkOnTicket, Some(TicketId(4)), &ticket(THEIRS));
    assert_eq!(refusal.unwrap_err().code(), "not_found");
    let script = Actor::Script { client: OURS };
    assert_eq!(check(&script, None, Step::WorkOnTicket, None, &ticket(THEIRS)), Err(Refusal::OtherClient));
}

#[test]
fn a_deactivated_person_may_nothing() {
    let mut administrator = access(Affiliation::Staff, Role::Administrator, None);
    administrator.is_active = false;
    assert!(!administrator.may(Step::SeeTicket, &ticket(OURS)));
    assert!(Scope::of(&administrator).clients().is_empty());
}
