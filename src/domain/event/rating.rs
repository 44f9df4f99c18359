//! What events say of ratings.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Event;
use crate::domain::rating::Answer;
use crate::domain::{ContactId, Moment, PersonId};

/// The question was put to the ticket's contact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RatingAsked {
    /// From 1, among the questions of the ticket; the same once more reminds of it.
    pub ordinal: i64,
    pub contact: ContactId,
    /// Who had the ticket: whose work it is about.
    pub person: Option<PersonId>,
}

/// An answer, first or changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TicketRated {
    pub ordinal: i64,
    #[serde(flatten)]
    pub answer: Answer,
    /// When the answer stands and can be changed no more.
    pub settles_at: Moment,
}

/// What lists, filters and live messages call an event of a rating; every other one is named where it is defined.
pub(super) fn name(event: &Event) -> &'static str {
    match event {
        Event::RatingPlanned { .. } => "rating_planned",
        Event::RatingAsked(_) => "rating_asked",
        Event::TicketRated(_) => "ticket_rated",
        Event::RatingSettled { .. } => "rating_settled",
        other => unreachable!("`{other:?}` is no event of a rating"),
    }
}
