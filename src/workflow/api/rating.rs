//! How a ticket was dealt with: asking its contact, and what was answered.

use std::any::TypeId;

use rhai::Dynamic;

use super::call::{Call, Outcome};
use super::people::PersonRef;
use super::ticket::own;
use super::{Example, Kind, Member, Param, Type};
use crate::domain::command::Command;
use crate::domain::rating::Answer;

#[derive(Debug, Clone, Copy)]
struct RatingRef(Answer);

/// A rating as a handler is given it.
pub fn rating_of(answer: Answer) -> Dynamic {
    Dynamic::from(RatingRef(answer))
}

const ASK_OPTIONS: &[Param] =
    &[Param::new("after", Kind::Due, "when; at once when left out, at most 30 days ahead")];

pub const ASK_RATING: Member = Member::method_with(
    "ask_rating",
    &[Param::new("options", Kind::Options(ASK_OPTIONS), "when")],
    0,
    Kind::Nothing,
    "Asks the ticket's contact for a rating from 1 to 5: a message that leads to the ticket, where one tap gives it. A ticket that is open again by then, or has no contact, is not asked about. The answer comes to `on_rating`.",
    Example::on("on_resolved", "ticket.ask_rating(#{ after: minutes(5) });"),
    |call| {
        let mut options = call.options(1)?;
        let after = options.due("after")?;
        options.done(ASK_OPTIONS)?;
        let ask_at = after.map_or_else(|| call.state().now(), Ok)?;
        call.ask(Command::AskRating { ticket: own(call)?.0, ask_at })
    },
);

pub const OF_TICKET: Member = Member::get(
    "rating",
    Kind::Handle("Rating"),
    "What the client's person said last of how it was dealt with; `()` before that.",
    Example::on(
        "on_rating",
        "if ticket.rating.score == 5 { ticket.add_tag(\"praised\"); } else { ticket.add_tag(\"rated\"); }",
    ),
    |call| {
        let answer = call.state().rating(own(call)?.0)?;
        Ok(answer.map_or(Dynamic::UNIT, rating_of))
    },
);

pub static RATING: Type = Type {
    name: "Rating",
    doc: "How a client's person rated a ticket.",
    id: TypeId::of::<RatingRef>,
    index: None,
    actions: &[],
    members: &[
        Member::get(
            "score",
            Kind::Number,
            "1 (very bad) to 5 (very good).",
            Example::on("on_rating", "if rating.score <= 2 { ticket.notify(\"supervisor\", \"at_risk\"); }"),
            |call| Ok(this(call)?.score.into()),
        ),
        Member::get(
            "comment",
            Kind::Text,
            "Why; empty when nothing was written.",
            Example::on("on_rating", "ticket.note(\"The client says: \" + rating.comment);"),
            |call| match this(call)?.comment {
                Some(text) => call.state().text(text).map(Dynamic::from),
                None => Ok("".into()),
            },
        ),
        Member::get(
            "by",
            Kind::Handle("Person"),
            "Who rated it.",
            Example::on("on_rating", "ticket.note(rating.by.name + \" has rated it\");"),
            |call| Ok(Dynamic::from(PersonRef(this(call)?.by))),
        ),
        Member::get(
            "at",
            Kind::Moment,
            "When.",
            Example::on("on_rating", "ticket.note(`Rated ${rating.at}`);"),
            |call| Ok(Dynamic::from(this(call)?.at)),
        ),
    ],
};

fn this(call: &Call<'_, '_, '_>) -> Outcome<Answer> {
    Ok(call.this::<RatingRef>()?.0)
}
