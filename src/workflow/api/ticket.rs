//! The ticket: what scripts read of it and the properties that they set.

use std::any::TypeId;

use rhai::{Dynamic, ImmutableString};

use super::call::{Answer, Call, Outcome};
use super::collections::List;
use super::contract::{ContractRef, coverage_of_ticket};
use super::orders::OrderRef;
use super::people::{ContactRef, PersonRef, person_or_nothing};
use super::places::{AssetRef, ClientRef, SiteRef};
use super::tasks::TaskRef;
use super::values::json_of;
use super::{Index, Keys, Kind, Member, Param, Type, actions, ladders, lines};
use crate::domain::command::TicketChanges;
use crate::domain::pack::FieldKind;
use crate::domain::sla::RESOLUTION;
use crate::domain::ticket::{FieldValue, Level, Ticket};
use crate::domain::work_order::Stage;
use crate::domain::{Key, Refusal, TicketId};
use crate::workflow::failure::Fault;
use crate::workflow::state::{State, TicketDraft};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TicketRef(pub TicketId);

impl TicketRef {
    /// `BANK-1042`.
    pub fn key(&self, state: &State) -> Outcome<String> {
        let (client, number) = state.ticket(self.0, |ticket| (ticket.client, ticket.number))?;
        state.client(client, |client| format!("{}-{number}", client.prefix))
    }
}

#[derive(Debug, Clone)]
pub struct SlaRef {
    ticket: TicketId,
    target: Key,
}

#[derive(Debug, Clone, Copy)]
pub struct FieldsRef(TicketId);

pub static TICKET: Type = Type {
    name: "Ticket",
    doc: "A ticket. What a line sets, later lines read; it is carried out when the handler has ended.",
    id: TypeId::of::<TicketRef>,
    index: None,
    actions: actions::ACTIONS,
    members: &[
        Member::get("key", Kind::Text, "What people call it: `BANK-1042`.", |call| {
            own(call)?.key(call.state()).map(Dynamic::from)
        }),
        Member::get("number", Kind::Number, "Its number with the client.", |call| {
            look(call, |ticket| ticket.number.into())
        }),
        Member::get_set("subject", Kind::Text, "One line that says what it is about.", subject, set_subject),
        Member::get_set("title", Kind::Text, "The same as `subject`.", subject, set_subject),
        Member::get("description", Kind::Text, "What it was opened with.", |call| {
            call.state().description(own(call)?.0).map(Dynamic::from)
        }),
        Member::get_set(
            "status",
            Kind::Key(Keys::Status),
            "A status of the pack.",
            |call| look(call, |ticket| ticket.status.to_string().into()),
            set_status,
        ),
        Member::get_set(
            "category",
            Kind::Key(Keys::Category),
            "A category of the pack; `()` before anybody chose one.",
            |call| look(call, |ticket| key_or_nothing(ticket.category.as_ref())),
            set_category,
        ),
        Member::get_set(
            "priority",
            Kind::Number,
            "1 (most pressing) to 5. Setting it overrules impact and urgency.",
            |call| look(call, |ticket| ticket.priority.into()),
            set_priority,
        ),
        Member::get_set(
            "impact",
            Kind::Key(Keys::Level),
            "`high`, `medium` or `low`; with the urgency it makes the priority.",
            |call| look(call, |ticket| level_text(ticket.impact)),
            |call| {
                set_level(call, |ticket, level| ticket.impact = level, |to, level| to.impact = Some(level))
            },
        ),
        Member::get_set(
            "urgency",
            Kind::Key(Keys::Level),
            "`high`, `medium` or `low`; with the impact it makes the priority.",
            |call| look(call, |ticket| level_text(ticket.urgency)),
            |call| {
                set_level(call, |ticket, level| ticket.urgency = level, |to, level| to.urgency = Some(level))
            },
        ),
        Member::get_set(
            "urgent",
            Kind::Flag,
            "Whether each stage of it is followed.",
            |call| look(call, |ticket| ticket.is_urgent.into()),
            set_urgent,
        ),
        Member::get("queue", Kind::Key(Keys::Queue), "The queue it stands in; `()` in none.", |call| {
            look(call, |ticket| key_or_nothing(ticket.queue.as_ref()))
        }),
        Member::get("channel", Kind::Key(Keys::Channel), "Where it came from.", |call| {
            look(call, |ticket| json_word(ticket.channel))
        }),
        Member::get(
            "resolution",
            Kind::Key(Keys::Resolution),
            "How it ended; `()` while it goes on.",
            |call| look(call, |ticket| key_or_nothing(ticket.resolution.as_ref())),
        ),
        Member::get("assignee", Kind::Handle("Person"), "Who works on it; `()` when nobody.", |call| {
            look(call, |ticket| person_or_nothing(ticket.assignee))
        }),
        Member::get("contact", Kind::Handle("Contact"), "Who asked; `()` when unknown.", |call| {
            look(call, |ticket| ticket.contact.map_or(Dynamic::UNIT, |id| Dynamic::from(ContactRef(id))))
        }),
        Member::get("asset", Kind::Handle("Asset"), "The machine; `()` when not recognised.", |call| {
            look(call, |ticket| ticket.asset.map_or(Dynamic::UNIT, |id| Dynamic::from(AssetRef(id))))
        }),
        Member::get(
            "site",
            Kind::Handle("Site"),
            "Where it is, or where its asset stands; `()` when unknown.",
            site,
        ),
        Member::get("client", Kind::Handle("Client"), "Whose it is.", |call| {
            Ok(Dynamic::from(ClientRef(own(call)?.0)))
        }),
        ladders::IS_ON,
        Member::get("contract", Kind::Handle("Contract"), "What the client pays for.", |_| {
            Ok(Dynamic::from(ContractRef))
        }),
        Member::get(
            "fields",
            Kind::Handle("Fields"),
            "The pack's own fields: `ticket.fields.part`.",
            |call| Ok(Dynamic::from(FieldsRef(own(call)?.0))),
        ),
        Member::get("tags", Kind::List(&Kind::Text), "Its tags, in order.", |call| {
            look(call, |ticket| List::of(ticket.tags.iter().cloned()))
        }),
        Member::get("watchers", Kind::List(&Kind::Handle("Person")), "Who follows it.", |call| {
            look(call, |ticket| List::of(ticket.watchers.iter().map(|person| PersonRef(*person))))
        }),
        Member::get("tasks", Kind::List(&Kind::Handle("Task")), "Its tasks, oldest first.", |call| {
            let ticket = own(call)?.0;
            call.state()
                .tasks(ticket, |tasks| List::of(tasks.iter().map(|task| TaskRef { ticket, task: task.id })))
        }),
        Member::get(
            "orders",
            Kind::List(&Kind::Handle("WorkOrder")),
            "Its work orders, oldest first.",
            |call| {
                let ticket = own(call)?.0;
                call.state().orders(ticket, |orders| {
                    List::of(orders.iter().map(|order| OrderRef { ticket, order: order.id }))
                })
            },
        ),
        Member::get(
            "last_order",
            Kind::Handle("WorkOrder"),
            "Its latest work order; `()` without one.",
            |call| {
                let ticket = own(call)?.0;
                call.state().orders(ticket, |orders| {
                    orders
                        .last()
                        .map_or(Dynamic::UNIT, |order| Dynamic::from(OrderRef { ticket, order: order.id }))
                })
            },
        ),
        Member::get(
            "minutes_spent",
            Kind::Number,
            "Minutes that people recorded on it, all entries together.",
            super::time_entries::minutes_spent,
        ),
        Member::get(
            "time_entries",
            Kind::List(&Kind::Handle("TimeEntry")),
            "Work that people recorded on it, by its beginning.",
            super::time_entries::of_ticket,
        ),
        Member::get("no_shows", Kind::List(&Kind::Handle("Person")), NO_SHOWS, no_shows),
        Member::get(
            "major_incident",
            Kind::Handle("Incident"),
            "The major incident that it is attached to, or is itself; `()` otherwise.",
            super::incidents::of_ticket,
        ),
        Member::get("is_attached", Kind::Flag, "Whether it is attached to a major incident.", |call| {
            look(call, |ticket| ticket.incident.is_some().into())
        }),
        Member::get("possible_duplicates", Kind::List(&Kind::Handle("Ticket")), DUPLICATES, |call| {
            let found = call.state().possible_duplicates(own(call)?.0)?;
            Ok(List::of(found.into_iter().map(TicketRef)))
        }),
        Member::get("opened_at", Kind::Moment, "When it was opened.", |call| {
            look(call, |ticket| Dynamic::from(ticket.opened_at))
        }),
        Member::get("resolved_at", Kind::Moment, "When it was resolved; `()` while it is not.", |call| {
            look(call, |ticket| ticket.resolved_at.map_or(Dynamic::UNIT, Dynamic::from))
        }),
        Member::get("closed_at", Kind::Moment, "When it was closed; `()` while it is not.", |call| {
            look(call, |ticket| ticket.closed_at.map_or(Dynamic::UNIT, Dynamic::from))
        }),
        Member::get("is_closed", Kind::Flag, "Whether it was closed.", |call| {
            look(call, |ticket| ticket.is_closed().into())
        }),
        Member::get("reopen_count", Kind::Number, "How often it came back.", |call| {
            look(call, |ticket| ticket.reopen_count.into())
        }),
        Member::get("handover_count", Kind::Number, "How often its queue changed.", |call| {
            look(call, |ticket| ticket.handover_count.into())
        }),
        Member::get(
            "calendar",
            Kind::Handle("Calendar"),
            "The calendar by which its clocks run: its site's, else its contract's.",
            super::calendar::of_ticket,
        ),
        Member::method(
            "sla",
            &[Param::new(
                "target",
                Kind::Key(Keys::SlaTarget),
                "`first_response`, `next_response`, `resolution`, or a stage of the pack",
            )],
            Kind::Handle("Sla"),
            "The clock of a target.",
            |call| Ok(Dynamic::from(SlaRef { ticket: own(call)?.0, target: call.key(1)? })),
        ),
        Member::method(
            "coverage",
            &[],
            Kind::Handle("Coverage"),
            "What the contract says of it, as the ticket and the month stand now.",
            coverage_of_ticket,
        ),
        Member::method(
            "due_within",
            &[Param::new("span", Kind::Due, "from now")],
            Kind::Flag,
            "Whether its resolution falls due within the span, or is overdue.",
            due_within,
        ),
        Member::method(
            "is_default",
            &[Param::new("what", Kind::Text, "`category`, or a field's key")],
            Kind::Flag,
            "Whether nobody has chosen it yet: the default category, an empty field.",
            is_default,
        ),
        Member::method(
            "missing_for",
            &[Param::new("line", Kind::Key(Keys::Queue), "the queue to hand it to")],
            Kind::List(&Kind::Text),
            "Keys of what the hand-over forms require for that queue and the ticket lacks.",
            lines::missing_for,
        ),
        Member::get(
            "is_unclassified",
            Kind::Flag,
            "Whether it has the default category, or lacks what `classification.requires` names.",
            lines::is_unclassified,
        ),
        Member::get(
            "accept_until",
            Kind::Moment,
            "Until when its assignee must accept it; `()` when nobody must.",
            lines::accept_until,
        ),
        Member::get(
            "return_count",
            Kind::Number,
            "Assignments in a row that nobody accepted.",
            lines::return_count,
        ),
        Member::method(
            "count",
            &[Param::new("name", Kind::Key(Keys::Free), "a counter's name")],
            Kind::Number,
            "What `count_up` has counted; 0 at first.",
            |call| {
                let name = call.key(1)?;
                look(call, |ticket| ticket.counters.get(&name).copied().unwrap_or(0).into())
            },
        ),
    ],
};

const DUPLICATES: &str = "Open tickets of the client that may be about the same, the likeliest first, at most 10: the same asset, contact, phone or e-mail, words in common, within the pack's `[duplicates]` window.";
const NO_SHOWS: &str = "Engineers who refused an order of this ticket, or whose order was cancelled before they came: for `exclude`.";

pub static SLA: Type = Type {
    name: "Sla",
    doc: "The clock of one target of a ticket.",
    id: TypeId::of::<SlaRef>,
    index: None,
    actions: &[],
    members: &[
        Member::get(
            "due",
            Kind::Moment,
            "When it runs out; `()` while it stands still or without a target.",
            |call| {
                let clock = call.this::<SlaRef>()?;
                let state = call.state();
                let calendar = state.calendar_of(clock.ticket)?;
                let due = state.sla(clock.ticket, |clocks| {
                    clocks.iter().find(|one| one.target == clock.target).and_then(|one| one.due_at(&calendar))
                })?;
                Ok(due.map_or(Dynamic::UNIT, Dynamic::from))
            },
        ),
        Member::get(
            "percent_used",
            Kind::Number,
            "How much of its time is gone; 0 without a target.",
            |call| {
                let clock = call.this::<SlaRef>()?;
                let (state, now) = (call.state(), call.state().now()?);
                let calendar = state.calendar_of(clock.ticket)?;
                let used = state.sla(clock.ticket, |clocks| {
                    let own = clocks.iter().find(|one| one.target == clock.target)?;
                    Some(own.used_at(&calendar, now).ms().saturating_mul(100) / own.limit.ms().max(1))
                })?;
                Ok(used.unwrap_or(0).into())
            },
        ),
    ],
};

pub static FIELDS: Type = Type {
    name: "Fields",
    doc: "The fields that the pack defines.",
    id: TypeId::of::<FieldsRef>,
    members: &[],
    actions: &[],
    index: Some(Index {
        doc: "A field by its key; `()` while it is empty. Setting `()` empties it.",
        keys: Keys::Field,
        get: read_field,
        set: Some(set_field),
    }),
};

pub fn own(call: &Call<'_, '_, '_>) -> Outcome<TicketRef> {
    call.this::<TicketRef>()
}

fn look(call: &Call<'_, '_, '_>, part: impl FnOnce(&Ticket) -> Dynamic) -> Answer {
    call.state().ticket(own(call)?.0, part)
}

/// A domain refusal in a script's words.
pub fn refused(refusal: &Refusal) -> Box<rhai::EvalAltResult> {
    Fault::refused(&refusal.to_string())
}

fn key_or_nothing(key: Option<&Key>) -> Dynamic {
    key.map_or(Dynamic::UNIT, |key| key.to_string().into())
}

fn json_word(value: impl serde::Serialize) -> Dynamic {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word.into(),
        _ => Dynamic::UNIT,
    }
}

fn level_text(level: Level) -> Dynamic {
    json_word(level)
}

fn site(call: &mut Call<'_, '_, '_>) -> Answer {
    let (site, asset) = call.state().ticket(own(call)?.0, |ticket| (ticket.site, ticket.asset))?;
    let site = match (site, asset) {
        (Some(site), _) => Some(site),
        (None, Some(asset)) => call.state().asset(asset, |asset| asset.site)?,
        (None, None) => None,
    };
    Ok(site.map_or(Dynamic::UNIT, |site| Dynamic::from(SiteRef(site))))
}

fn no_shows(call: &mut Call<'_, '_, '_>) -> Answer {
    call.state().orders(own(call)?.0, |orders| {
        let mut people: Vec<_> = orders
            .iter()
            .filter(|order| match order.stage {
                Stage::Refused => true,
                Stage::Cancelled => order.arrived_at.is_none(),
                _ => false,
            })
            .map(|order| order.engineer)
            .collect();
        people.sort_unstable();
        people.dedup();
        List::of(people.into_iter().map(PersonRef))
    })
}

fn due_within(call: &mut Call<'_, '_, '_>) -> Answer {
    let until = call.due(1)?;
    let state = call.state();
    let calendar = state.calendar_of(own(call)?.0)?;
    let due = state.sla(own(call)?.0, |clocks| {
        clocks.iter().find(|clock| clock.target == *RESOLUTION).and_then(|clock| clock.due_at(&calendar))
    })?;
    Ok(due.is_some_and(|due| due <= until).into())
}

fn is_default(call: &mut Call<'_, '_, '_>) -> Answer {
    let (what, ticket) = (call.text(1)?, own(call)?.0);
    let pack = call.state().pack.clone();
    if what == "category" {
        let default = pack.default_category().map(|category| &category.key);
        return call.state().ticket(ticket, |ticket| {
            (ticket.category.is_none() || ticket.category.as_ref() == default).into()
        });
    }
    let key = call.key(1)?;
    pack.require_field("what", &key).map_err(|refusal| refused(&refusal))?;
    field_value(call.state(), ticket, &key).map(|value| value.is_unit().into())
}

// ---- setters ---------------------------------------------------------------------------------------------

/// Sets something: as later lines see it, and as the command says it.
fn set(
    call: &Call<'_, '_, '_>,
    draft: impl FnOnce(&mut TicketDraft),
    changes: impl FnOnce(&mut TicketChanges),
) -> Answer {
    let ticket = own(call)?.0;
    call.state().edit(ticket, draft)?;
    call.state().change(&call.place(), ticket, changes)?;
    Ok(Dynamic::UNIT)
}

fn subject(call: &mut Call<'_, '_, '_>) -> Answer {
    subject_of(call.state(), own(call)?.0).map(Dynamic::from)
}

/// The subject as this run has left it so far.
pub fn subject_of(state: &State, ticket: TicketId) -> Outcome<String> {
    if let Some(subject) = state.draft(ticket, |draft| draft.and_then(|draft| draft.subject.clone())) {
        return Ok(subject);
    }
    let text = state.ticket(ticket, |ticket| ticket.subject)?;
    state.text(text)
}

fn set_subject(call: &mut Call<'_, '_, '_>) -> Answer {
    let subject = call.words(1)?;
    set(call, |draft| draft.subject = Some(subject.clone()), |to| to.subject = Some(subject.clone()))
}

fn set_status(call: &mut Call<'_, '_, '_>) -> Answer {
    let key = call.key(1)?;
    call.state().pack.require_status("status", &key).map_err(|refusal| refused(&refusal))?;
    set(call, |draft| draft.ticket.status = key.clone(), |to| to.status = Some(key.clone()))
}

fn set_category(call: &mut Call<'_, '_, '_>) -> Answer {
    let key = call.key(1)?;
    call.state().pack.require_category("category", &key).map_err(|refusal| refused(&refusal))?;
    set(call, |draft| draft.ticket.category = Some(key.clone()), |to| to.category = Some(key.clone()))
}

fn set_priority(call: &mut Call<'_, '_, '_>) -> Answer {
    let priority = call.int(1)?;
    if !(1..=5).contains(&priority) {
        return Err(Fault::refused(&format!("a priority is from 1 to 5, not {priority}")));
    }
    set(call, |draft| draft.ticket.priority = priority, |to| to.priority = Some(priority))
}

fn set_urgent(call: &mut Call<'_, '_, '_>) -> Answer {
    let urgent = call.flag(1)?;
    set(call, |draft| draft.ticket.is_urgent = urgent, |to| to.is_urgent = Some(urgent))
}

fn set_level(
    call: &Call<'_, '_, '_>,
    draft: impl FnOnce(&mut Ticket, Level),
    changes: impl FnOnce(&mut TicketChanges, Level),
) -> Answer {
    let text = call.text(1)?;
    let level = serde_json::from_value::<Level>(serde_json::Value::String(text.to_string()));
    let level =
        level.map_err(|_| Fault::refused(&format!("a level is `high`, `medium` or `low`, not `{text}`")))?;
    let matrix = call.state().pack.priorities;
    let draft = |to: &mut TicketDraft| {
        draft(&mut to.ticket, level);
        to.ticket.priority = matrix.priority(to.ticket.impact, to.ticket.urgency);
    };
    set(call, draft, |to| changes(to, level))
}

// ---- fields ----------------------------------------------------------------------------------------------

fn known_field(call: &Call<'_, '_, '_>) -> Outcome<(Key, FieldKind)> {
    let key = call.key(1)?;
    let pack = &call.state().pack;
    let field = pack.require_field("fields", &key).map_err(|refusal| refused(&refusal))?;
    Ok((key, field.kind))
}

fn read_field(call: &mut Call<'_, '_, '_>) -> Answer {
    let (key, _) = known_field(call)?;
    field_value(call.state(), call.this::<FieldsRef>()?.0, &key)
}

pub fn field_value(state: &State, ticket: TicketId, key: &Key) -> Answer {
    if let Some(value) = state.draft(ticket, |draft| draft.and_then(|draft| draft.fields.get(key).cloned())) {
        return Ok(value);
    }
    let value = state.ticket(ticket, |ticket| ticket.fields.get(key).cloned())?;
    value.map_or(Ok(Dynamic::UNIT), |value| dynamic_of_field(state, &value))
}

/// A stored field as a script sees it.
pub fn dynamic_of_field(state: &State, value: &FieldValue) -> Answer {
    Ok(match value {
        FieldValue::Flag(flag) => (*flag).into(),
        FieldValue::Number(number) => number_of(*number),
        FieldValue::Choice(key) => key.to_string().into(),
        FieldValue::Moment(moment) => Dynamic::from(*moment),
        FieldValue::Text(text) => state.text(*text)?.into(),
    })
}

/// A whole number where it is one.
fn number_of(number: f64) -> Dynamic {
    const WHOLE_MAX: f64 = 9_007_199_254_740_992.0;
    if number.fract() == 0.0 && number.abs() <= WHOLE_MAX {
        #[expect(clippy::cast_possible_truncation, reason = "the number is whole and small enough")]
        let whole = number as i64;
        return whole.into();
    }
    number.into()
}

fn set_field(call: &mut Call<'_, '_, '_>) -> Answer {
    let (key, kind) = known_field(call)?;
    let value = typed_field(call, &key, kind, &call.arg(2))?;
    let json = json_of(call.state(), &value)?;
    let ticket = call.this::<FieldsRef>()?.0;
    call.state().edit(ticket, |draft| {
        draft.fields.insert(key.clone(), value);
    })?;
    call.state().change(&call.place(), ticket, |changes| {
        changes.fields.insert(key.clone(), json);
    })?;
    Ok(Dynamic::UNIT)
}

fn typed_field(call: &Call<'_, '_, '_>, key: &Key, kind: FieldKind, value: &Dynamic) -> Answer {
    if value.is_unit() {
        return Ok(Dynamic::UNIT);
    }
    let wrong = |wanted: &str| Fault::refused(&format!("the field `{key}` takes {wanted}"));
    match kind {
        FieldKind::Text => call.words(2).map(Dynamic::from),
        FieldKind::Number if value.is_int() || value.is_float() => Ok(value.clone()),
        FieldKind::Number => Err(wrong("a number")),
        FieldKind::Flag if value.is_bool() => Ok(value.clone()),
        FieldKind::Flag => Err(wrong("true or false")),
        FieldKind::Moment => call.due(2).map(Dynamic::from).map_err(|_| wrong("a moment")),
        FieldKind::Choice => {
            let choice =
                value.read_lock::<ImmutableString>().map(|text| text.to_string()).unwrap_or_default();
            let field =
                call.state().pack.require_field("fields", key).map_err(|refusal| refused(&refusal))?;
            let known: Vec<&str> = field.choices.iter().map(|choice| choice.key.as_str()).collect();
            if known.contains(&choice.as_str()) {
                return Ok(choice.into());
            }
            Err(wrong(&format!("one of {}", known.join(", "))))
        }
    }
}
