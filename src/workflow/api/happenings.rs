//! What handlers are told besides the ticket: a comment, a change, an attempt, an alarm, an answer.

use std::any::TypeId;
use std::rc::Rc;

use rhai::Dynamic;

use super::call::{Answer, Call};
use super::collections::List;
use super::people::{AuthorRef, PersonRef};
use super::values::dynamic_of;
use super::{Example, Keys, Kind, Member, Type};
use crate::domain::assignment::Rejection;
use crate::domain::command::PluginAnswer;
use crate::domain::event::{AttemptKind, Visibility};
use crate::domain::person::Actor;
use crate::domain::{Key, Language, Moment, PersonId, TextId};
use crate::workflow::occasion::Change;

#[derive(Debug, Clone)]
struct CommentRef(Rc<Comment>);
#[derive(Debug)]
struct Comment {
    text: TextId,
    visibility: Visibility,
    attachments: usize,
    author: Actor,
    asks_client: bool,
}
#[derive(Debug, Clone)]
struct ChangeRef(Rc<Change>);
#[derive(Debug, Clone)]
struct AttemptRef(Rc<(AttemptKind, Vec<Rejection>)>);
#[derive(Debug, Clone)]
struct RejectionRef(Rejection);
#[derive(Debug, Clone)]
struct SlaAlarmRef {
    target: Key,
    percent: i64,
    overdue_minutes: i64,
    due_at: Moment,
}
#[derive(Debug, Clone)]
struct AnswerRef(Rc<(Key, Key, PluginAnswer)>);

pub fn comment_of(
    text: TextId,
    visibility: Visibility,
    attachments: usize,
    author: &Actor,
    asks_client: bool,
) -> Dynamic {
    let author = author.clone();
    Dynamic::from(CommentRef(Rc::new(Comment { text, visibility, attachments, author, asks_client })))
}

pub fn change_of(change: &Change) -> Dynamic {
    Dynamic::from(ChangeRef(Rc::new(change.clone())))
}

pub fn attempt_of(kind: AttemptKind, rejections: &[Rejection]) -> Dynamic {
    Dynamic::from(AttemptRef(Rc::new((kind, rejections.to_vec()))))
}

/// A person as a handler is given them.
pub fn person_of(person: PersonId) -> Dynamic {
    Dynamic::from(PersonRef(person))
}

pub fn sla_alarm_of(target: &Key, percent: i64, overdue_minutes: i64, due_at: Moment) -> Dynamic {
    Dynamic::from(SlaAlarmRef { target: target.clone(), percent, overdue_minutes, due_at })
}

pub fn answer_of(plugin: &Key, function: &Key, answer: &PluginAnswer) -> Dynamic {
    Dynamic::from(AnswerRef(Rc::new((plugin.clone(), function.clone(), answer.clone()))))
}

pub static COMMENT: Type = Type {
    name: "Comment",
    doc: "A reply or a note that was just written.",
    id: TypeId::of::<CommentRef>,
    index: None,
    actions: &[],
    members: &[
        Member::get(
            "text",
            Kind::Text,
            "What it says.",
            Example::on(
                "on_comment",
                "if comment.text.to_lower().contains(\"urgent\") { ticket.urgent = true; }",
            ),
            |call| call.state().text(call.this::<CommentRef>()?.0.text).map(Dynamic::from),
        ),
        Member::get(
            "is_public",
            Kind::Flag,
            "Whether the client sees it.",
            Example::on("on_comment", "if comment.is_public { ticket.count_up(\"replies\"); }"),
            |call| Ok((call.this::<CommentRef>()?.0.visibility == Visibility::Public).into()),
        ),
        Member::get(
            "asks_client",
            Kind::Flag,
            "Whether its author waits for the client's answer: ticked beside the reply, or written by `ask_contact`. The ticket has got a status that waits for the client by then.",
            Example::on(
                "on_comment",
                "if comment.asks_client { ticket.timer(\"remind\", working(hours(24))); } else { ticket.cancel_timer(\"remind\"); }",
            ),
            |call| Ok(call.this::<CommentRef>()?.0.asks_client.into()),
        ),
        Member::get(
            "attachment_count",
            Kind::Number,
            "How many files came with it.",
            Example::on(
                "on_comment",
                "if comment.attachment_count == 0 { ticket.note(\"No photo came with it\"); }",
            ),
            |call| Ok(i64::try_from(call.this::<CommentRef>()?.0.attachments).unwrap_or(i64::MAX).into()),
        ),
        Member::get(
            "author",
            Kind::Handle("Author"),
            "Who wrote it.",
            Example::on("on_comment", "ticket.note(\"Written by \" + comment.author.name);"),
            |call| Ok(Dynamic::from(AuthorRef(call.this::<CommentRef>()?.0.author.clone()))),
        ),
    ],
};

pub static CHANGE: Type = Type {
    name: "Change",
    doc: "What of the ticket was just changed.",
    id: TypeId::of::<ChangeRef>,
    index: None,
    actions: &[],
    members: &[
        Member::get(
            "what",
            Kind::Key(Keys::ChangedWhat),
            "`status`, `category`, `field` and so on.",
            Example::on(
                "on_changed",
                "if change.what == \"category\" { ticket.notify(\"shift_supervisor\", \"at_risk\"); }",
            ),
            |call| Ok(call.this::<ChangeRef>()?.0.what.as_str().into()),
        ),
        Member::get(
            "field",
            Kind::Key(Keys::Field),
            "The field's key when it is one; `()` otherwise.",
            Example::on(
                "on_changed",
                "if change.field == () { ticket.note(\"No field of the pack, the category\"); }",
            ),
            |call| {
                let change = call.this::<ChangeRef>()?.0;
                Ok(change.field.as_ref().map_or(Dynamic::UNIT, |key| key.to_string().into()))
            },
        ),
        Member::get(
            "from",
            Kind::Text,
            "The key or number before; `()` where there was none.",
            Example::on("on_changed", "ticket.note(`It was ${change.from}`);"),
            |call| Ok(call.this::<ChangeRef>()?.0.from.clone().map_or(Dynamic::UNIT, Dynamic::from)),
        ),
        Member::get(
            "to",
            Kind::Text,
            "The key or number after; `()` where there is none.",
            Example::on(
                "on_changed",
                "if change.to == \"vandalism\" { ticket.status = \"awaiting_approval\"; }",
            ),
            |call| Ok(call.this::<ChangeRef>()?.0.to.clone().map_or(Dynamic::UNIT, Dynamic::from)),
        ),
    ],
};

pub static ATTEMPT: Type = Type {
    name: "Attempt",
    doc: "A dispatch or an assignment for which nobody suited.",
    id: TypeId::of::<AttemptRef>,
    index: None,
    actions: &[],
    members: &[
        Member::get(
            "kind",
            Kind::Key(Keys::AttemptKind),
            "`dispatch` or `assignment`.",
            Example::on(
                "on_unassigned",
                "if attempt.kind == \"dispatch\" { ticket.queue(\"dispatchers\"); }",
            ),
            |call| {
                Ok(match call.this::<AttemptRef>()?.0.0 {
                    AttemptKind::Dispatch => "dispatch".into(),
                    AttemptKind::Assignment => "assignment".into(),
                })
            },
        ),
        Member::get(
            "rejections",
            Kind::List(&Kind::Handle("Rejection")),
            "Who was looked at.",
            Example::on(
                "on_unassigned",
                "if attempt.rejections.is_empty() { ticket.note(\"There is nobody in that city\"); }\nelse { ticket.note(`${attempt.rejections.len} were looked at`); }",
            ),
            |call| Ok(List::of(call.this::<AttemptRef>()?.0.1.iter().cloned().map(RejectionRef))),
        ),
        Member::get(
            "rejections_text",
            Kind::Text,
            "Why each was not chosen, in one line and in the language of the pack.",
            Example::on(
                "on_unassigned",
                "ticket.queue(\"dispatchers\", #{ reason: attempt.rejections_text });",
            ),
            rejections_text,
        ),
    ],
};

pub static REJECTION: Type = Type {
    name: "Rejection",
    doc: "Somebody who was not chosen.",
    id: TypeId::of::<RejectionRef>,
    index: None,
    actions: &[],
    members: &[
        Member::get(
            "person",
            Kind::Handle("Person"),
            "Who.",
            Example::on(
                "on_unassigned",
                "for rejection in attempt.rejections { ticket.notify(rejection.person, #{ text: \"You are needed\" }); }",
            ),
            |call| Ok(Dynamic::from(PersonRef(call.this::<RejectionRef>()?.0.person))),
        ),
        Member::get(
            "reason",
            Kind::Text,
            "Why not, in the language of the pack.",
            Example::on(
                "on_unassigned",
                "for rejection in attempt.rejections { ticket.note(rejection.reason); }",
            ),
            |call| {
                let language = call.state().pack.language;
                Ok(call.this::<RejectionRef>()?.0.reason.words(language).into())
            },
        ),
    ],
};

/// Names that are written out; a city can have hundreds of engineers.
const REJECTIONS_WRITTEN_MAX: usize = 20;

fn rejections_text(call: &mut Call<'_, '_, '_>) -> Answer {
    let attempt = call.this::<AttemptRef>()?.0;
    let rejections = &attempt.1;
    let language = call.state().pack.language;
    if rejections.is_empty() {
        let nobody = match language {
            Language::En => "nobody to choose from",
            Language::Ru => "выбирать не из кого",
        };
        return Ok(nobody.into());
    }
    let mut words = Vec::new();
    for rejection in rejections.iter().take(REJECTIONS_WRITTEN_MAX) {
        let name = call.state().person(rejection.person, |person| person.name.clone())?;
        words.push(format!("{name}: {}", rejection.reason.words(language)));
    }
    if rejections.len() > REJECTIONS_WRITTEN_MAX {
        let more = rejections.len() - REJECTIONS_WRITTEN_MAX;
        words.push(match language {
            Language::En => format!("and {more} more"),
            Language::Ru => format!("и ещё {more}"),
        });
    }
    Ok(words.join("; ").into())
}

pub static SLA_ALARM: Type = Type {
    name: "SlaAlarm",
    doc: "A warning level of a target that was reached; from 100 percent on the target is missed.",
    id: TypeId::of::<SlaAlarmRef>,
    index: None,
    actions: &[],
    members: &[
        Member::get(
            "target",
            Kind::Key(Keys::SlaTarget),
            "`first_response`, `next_response`, `resolution`, or the key of a stage.",
            Example::on("on_sla", "if alarm.target == \"resolution\" { ticket.urgent = true; }"),
            |call| Ok(call.this::<SlaAlarmRef>()?.target.to_string().into()),
        ),
        Member::get(
            "percent",
            Kind::Number,
            "How much of the time is gone.",
            Example::on(
                "on_sla",
                "if alarm.percent >= 80 { ticket.notify(\"shift_supervisor\", \"at_risk\"); }",
            ),
            |call| Ok(call.this::<SlaAlarmRef>()?.percent.into()),
        ),
        Member::get(
            "overdue_minutes",
            Kind::Number,
            "For an alarm that comes again and again (`overdue_every_minutes`): open minutes over the target; 0 for a warning level.",
            Example::on("on_sla", "if alarm.overdue_minutes == 0 { ticket.note(\"Not overdue yet\"); }"),
            |call| Ok(call.this::<SlaAlarmRef>()?.overdue_minutes.into()),
        ),
        Member::get(
            "due",
            Kind::Moment,
            "When the time runs out.",
            Example::on("on_sla", "ticket.note(`Due ${alarm.due}`);"),
            |call| Ok(Dynamic::from(call.this::<SlaAlarmRef>()?.due_at)),
        ),
    ],
};

pub static PLUGIN_ANSWER: Type = Type {
    name: "PluginAnswer",
    doc: "What a connector answered, or why there is no answer.",
    id: TypeId::of::<AnswerRef>,
    index: None,
    actions: &[],
    members: &[
        Member::get(
            "ok",
            Kind::Flag,
            "Whether there is an answer.",
            Example::on("on_plugin", "if answer.ok { ticket.note(\"The stock has answered\"); }"),
            |call| Ok(matches!(call.this::<AnswerRef>()?.0.2, PluginAnswer::Ok { .. }).into()),
        ),
        Member::get(
            "value",
            Kind::Any,
            "The answer, as the function's schema says; `()` without one.",
            Example::on(
                "on_plugin",
                "if answer.value.local { ticket.escalate(\"local_service\", #{ part: ticket.fields.part }); }",
            ),
            |call| {
                Ok(match &call.this::<AnswerRef>()?.0.2 {
                    PluginAnswer::Ok { value } => dynamic_of(value),
                    PluginAnswer::Failed { .. } => Dynamic::UNIT,
                })
            },
        ),
        Member::get(
            "message",
            Kind::Text,
            "Why there is no answer; empty when there is one.",
            Example::on("on_plugin", "if answer.message == \"\" { ticket.note(\"No complaint\"); }"),
            |call| {
                Ok(match &call.this::<AnswerRef>()?.0.2 {
                    PluginAnswer::Ok { .. } => "".into(),
                    PluginAnswer::Failed { message } => message.clone().into(),
                })
            },
        ),
        Member::get(
            "plugin",
            Kind::Key(Keys::Plugin),
            "Which connector.",
            Example::on(
                "on_plugin",
                "if answer.plugin == \"parts-stock\" { ticket.add_tag(\"stock_asked\"); }",
            ),
            |call| Ok(call.this::<AnswerRef>()?.0.0.to_string().into()),
        ),
        Member::get(
            "function",
            Kind::Key(Keys::PluginFunction),
            "Which of its functions.",
            Example::on("on_plugin", "ticket.note(\"Answer of \" + answer.function);"),
            |call| Ok(call.this::<AnswerRef>()?.0.1.to_string().into()),
        ),
    ],
};
