//! People: staff, engineers, contacts, whoever wrote a comment; and whom a message is for.

use std::any::TypeId;

use rhai::{Dynamic, ImmutableString};

use super::call::{Answer, Call, Outcome};
use super::collections::List;
use super::contacts::ContactRef;
use super::ticket::refused;
use super::{Example, Function, Keys, Kind, Member, Param, SINCE_FIRST, Type};
use crate::domain::command::Recipient;
use crate::domain::person::{Actor, Affiliation, Person, Role};
use crate::domain::{Key, PersonId};
use crate::workflow::failure::Fault;
use crate::workflow::state::State;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PersonRef(pub PersonId);
/// Who wrote something: a person or a machine.
#[derive(Debug, Clone)]
pub struct AuthorRef(pub Actor);

pub static PERSON: Type = Type {
    name: "Person",
    doc: "Somebody who can log in: staff, an engineer, a partner's or a client's person.",
    id: TypeId::of::<PersonRef>,
    index: None,
    actions: &[],
    members: &[
        Member::get(
            "name",
            Kind::Text,
            "As people call them.",
            Example::on("on_comment", "ticket.note(ticket.assignee.name + \" has it\");"),
            |call| look(call, |who| who.name.clone().into()),
        ),
        Member::get(
            "login",
            Kind::Text,
            "As scripts name them.",
            Example::on(
                "on_comment",
                "if ticket.assignee.login == \"olga\" { ticket.note(\"Olga has it\"); }",
            ),
            |call| look(call, |who| who.login.clone().into()),
        ),
        Member::get(
            "email",
            Kind::Text,
            "`()` when unknown.",
            Example::on(
                "on_comment",
                "if ticket.assignee.email == () { ticket.note(\"No e-mail address is known\"); }",
            ),
            |call| look(call, |who| optional(&who.email)),
        ),
        Member::get(
            "phone",
            Kind::Text,
            "`()` when unknown.",
            Example::on(
                "on_comment",
                "if ticket.assignee.phone == () { ticket.note(\"No phone number is known\"); }",
            ),
            |call| look(call, |who| optional(&who.phone)),
        ),
        Member::get(
            "on_duty",
            Kind::Flag,
            "Takes new work now.",
            Example::on(
                "on_comment",
                "if ticket.assignee.on_duty { ticket.notify(ticket.assignee, \"at_risk\"); }",
            ),
            |call| look(call, |who| who.is_on_duty.into()),
        ),
        Member::get(
            "on_shift",
            Kind::Flag,
            "Is there for this client now: on duty, not absent, and on a shift where the person has a roster.",
            Example::on(
                "on_comment",
                "if ticket.assignee.on_shift { ticket.notify(ticket.assignee, \"at_risk\"); }",
            ),
            |call| call.state().is_on_shift(call.this::<PersonRef>()?.0).map(Dynamic::from),
        ),
        Member::get(
            "is_staff",
            Kind::Flag,
            "One of ours.",
            Example::on("on_comment", "if ticket.assignee.is_staff { ticket.note(\"One of ours has it\"); }"),
            |call| look(call, |who| is_staff(who).into()),
        ),
        Member::get(
            "is_engineer",
            Kind::Flag,
            "Goes to sites.",
            Example::on(
                "on_comment",
                "if !ticket.assignee.is_engineer { ticket.note(\"Somebody at a desk has it\"); }",
            ),
            |call| look(call, |who| who.engineer.is_some().into()),
        ),
        Member::get(
            "is_contact",
            Kind::Flag,
            "The client's person.",
            Example::on(
                "on_comment",
                "if !ticket.assignee.is_contact { ticket.note(\"One of ours has it\"); }",
            ),
            |call| look(call, |who| is_contact(who).into()),
        ),
        Member::get(
            "grade",
            Kind::Number,
            "An engineer's grade; `()` for others.",
            Example::on(
                "on_work_order",
                "if order.engineer.grade < 3 { ticket.notify(order.engineer.lead, \"at_risk\"); }",
            ),
            |call| {
                look(call, |who| {
                    who.engineer.as_ref().map_or(Dynamic::UNIT, |engineer| engineer.grade.into())
                })
            },
        ),
        Member::get(
            "city",
            Kind::Text,
            "An engineer's city; `()` for others.",
            Example::on(
                "on_work_order",
                "if order.engineer.city == ticket.site.city { ticket.note(\"An engineer of the city\"); }",
            ),
            |call| {
                look(call, |who| who.engineer.as_ref().map_or(Dynamic::UNIT, |own| own.city.clone().into()))
            },
        ),
        Member::get(
            "certificates",
            Kind::List(&Kind::Text),
            "What an engineer holds.",
            Example::on(
                "on_work_order",
                "if \"ncr\" in order.engineer.certificates { ticket.note(\"May open it\"); }",
            ),
            |call| look(call, |who| List::of(who.engineer.iter().flat_map(|own| own.certificates.clone()))),
        ),
        Member::get(
            "languages",
            Kind::List(&Kind::Text),
            "ISO 639-1.",
            Example::on(
                "on_work_order",
                "if ticket.site.country.language in order.engineer.languages { ticket.note(\"Speaks the language\"); }",
            ),
            |call| look(call, |who| List::of(who.engineer.iter().flat_map(|own| own.languages.clone()))),
        ),
        Member::get(
            "lead",
            Kind::Handle("Person"),
            "An engineer's technical lead; `()` without one.",
            Example::on(
                "on_work_order",
                "if order.engineer.lead != () { ticket.watch(order.engineer.lead); }",
            ),
            |call| {
                look(call, |who| person_or_nothing(who.engineer.as_ref().and_then(|engineer| engineer.lead)))
            },
        ),
    ],
};

pub static FUNCTIONS: &[Function] = &[Function {
    name: "people_on_shift",
    doc: "Members of a queue who are there now: on duty, not absent, and on a shift where they have a roster.",
    example: Example::opened(
        "if people_on_shift(\"first_line\").is_empty() { ticket.queue(\"shift_supervisor\"); } else { ticket.queue(\"first_line\"); }",
    ),
    since: SINCE_FIRST,
    params: &[Param::new("queue", Kind::Key(Keys::Queue), "a support line or department")],
    returns: Kind::List(&Kind::Handle("Person")),
    run: |call| {
        let queue = call.key(0)?;
        call.state().pack.require_queue("queue", &queue).map_err(|refusal| refused(&refusal))?;
        Ok(List::of(call.state().people_on_shift(&queue)?.into_iter().map(PersonRef)))
    },
}];

pub static AUTHOR: Type = Type {
    name: "Author",
    doc: "Who wrote a comment.",
    id: TypeId::of::<AuthorRef>,
    index: None,
    actions: &[],
    members: &[
        Member::get(
            "name",
            Kind::Text,
            "As people call them.",
            Example::on("on_comment", "ticket.note(comment.author.name + \" has written\");"),
            |call| call.this::<AuthorRef>()?.name(call.state()).map(Dynamic::from),
        ),
        Member::get(
            "is_staff",
            Kind::Flag,
            "One of ours.",
            Example::on("on_comment", "if !comment.author.is_staff { ticket.status = \"in_work\"; }"),
            |call| author_is(call, is_staff),
        ),
        Member::get(
            "is_engineer",
            Kind::Flag,
            "Goes to sites.",
            Example::on(
                "on_comment",
                "if !comment.author.is_engineer { ticket.note(\"Not from the site\"); }",
            ),
            |call| author_is(call, |person| person.engineer.is_some()),
        ),
        Member::get(
            "is_contact",
            Kind::Flag,
            "The client's person.",
            Example::on("on_comment", "if comment.author.is_contact { ticket.cancel_timer(\"remind\"); }"),
            |call| author_is(call, is_contact),
        ),
        Member::get(
            "is_plugin",
            Kind::Flag,
            "A connector.",
            Example::on("on_comment", "if !comment.author.is_plugin { ticket.count_up(\"replies\"); }"),
            |call| Ok(matches!(call.this::<AuthorRef>()?.0, Actor::Plugin { .. }).into()),
        ),
        Member::get(
            "person",
            Kind::Handle("Person"),
            "The person; `()` when a machine wrote it.",
            Example::on(
                "on_comment",
                "if comment.author.person != () { ticket.watch(comment.author.person); }",
            ),
            |call| Ok(person_or_nothing(call.this::<AuthorRef>()?.person())),
        ),
    ],
};

impl AuthorRef {
    fn person(&self) -> Option<PersonId> {
        if let Actor::Person { person } = self.0 { Some(person) } else { None }
    }

    pub fn name(&self, state: &State) -> Outcome<String> {
        let machine = match &self.0 {
            Actor::Person { person } => return state.person(*person, |person| person.name.clone()),
            Actor::Clock => "clock",
            Actor::Script { .. } => "script",
            Actor::Plugin { .. } => "plugin",
            Actor::Import { .. } => "import",
            Actor::Operator => "operator",
        };
        Ok(machine.to_owned())
    }
}

fn is_staff(person: &Person) -> bool {
    matches!(person.affiliation, Affiliation::Staff)
}

fn is_contact(person: &Person) -> bool {
    matches!(person.affiliation, Affiliation::Contact { .. })
}

fn look(call: &Call<'_, '_, '_>, part: impl FnOnce(&Person) -> Dynamic) -> Answer {
    call.state().person(call.this::<PersonRef>()?.0, part)
}

fn author_is(call: &Call<'_, '_, '_>, what: impl FnOnce(&Person) -> bool) -> Answer {
    match call.this::<AuthorRef>()?.person() {
        Some(person) => call.state().person(person, what).map(Dynamic::from),
        None => Ok(false.into()),
    }
}

/// `()` where there is none.
pub fn optional(text: &Option<String>) -> Dynamic {
    text.as_ref().map_or(Dynamic::UNIT, |text| text.clone().into())
}

pub fn person_or_nothing(person: Option<PersonId>) -> Dynamic {
    person.map_or(Dynamic::UNIT, |person| Dynamic::from(PersonRef(person)))
}

/// A person as a handle or by login.
pub fn person_of(state: &State, value: &Dynamic) -> Outcome<PersonId> {
    if let Some(person) = value.read_lock::<PersonRef>() {
        return Ok(person.0);
    }
    if let Some(author) = value.read_lock::<AuthorRef>()
        && let Some(person) = author.person()
    {
        return Ok(person);
    }
    if let Some(login) = value.read_lock::<ImmutableString>() {
        let found = state.person_by_login(&login)?;
        return found.ok_or_else(|| Fault::refused(&format!("there is nobody with the login `{}`", *login)));
    }
    Err(Fault::wrong_type("person or a login", value.type_name()))
}

/// What the word for a ticket's own assignee is.
pub const ASSIGNEE: &str = "assignee";

/// The role called `name`.
fn role_of(name: &str) -> Option<Role> {
    Role::ALL.into_iter().find(|role| role.as_str() == name)
}

/// Whom a message is for: a person, a contact, a queue of the pack, a role, `assignee` or a login.
pub fn recipient_of(state: &State, value: &Dynamic) -> Outcome<Recipient> {
    if let Some(contact) = value.read_lock::<ContactRef>() {
        return Ok(Recipient::Contact { contact: contact.0 });
    }
    if let Some(name) = value.read_lock::<ImmutableString>() {
        if *name == ASSIGNEE {
            return Ok(Recipient::Assignee);
        }
        if state.pack.queue(&name).is_some() {
            let queue = Key::new(&name).map_err(|error| Fault::refused(&error.to_string()))?;
            return Ok(Recipient::Queue { queue });
        }
        if let Some(role) = role_of(&name) {
            return Ok(Recipient::Role { role });
        }
        let found = state.person_by_login(&name)?;
        return found.map(|person| Recipient::Person { person }).ok_or_else(|| {
            Fault::refused(&format!("`{}` is neither a queue, a role, `assignee` nor anybody's login", *name))
        });
    }
    person_of(state, value).map(|person| Recipient::Person { person })
}
