//! What a client's person says of how a ticket was dealt with: a score from 1 to 5, and perhaps why; pure.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{ClientId, ContactId, Moment, PersonId, Span, TextId, TicketId};

/// The worst and the best score.
pub const SCORE_MIN: i64 = 1;
pub const SCORE_MAX: i64 = 5;
/// From here on a score counts as satisfied: CSAT is the share of these.
pub const SATISFIED_FROM: i64 = 4;
/// For so long after the first tap a rating can be changed and explained; then it stands and the script hears of it.
pub const RATING_CHANGEABLE: Span = Span::minutes(10);
/// For so long after the question it can be answered.
pub const RATING_ANSWERABLE: Span = Span::days(30);
/// A rating is asked for at most this far ahead.
pub const RATING_AHEAD_MAX: Span = Span::days(30);

/// One question, and what was answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rating {
    pub ticket: TicketId,
    /// From 1, among the questions of the ticket.
    pub ordinal: i64,
    pub client: ClientId,
    /// Who was asked.
    pub contact: Option<ContactId>,
    /// Who had the ticket then: whose work it is about.
    pub person: Option<PersonId>,
    /// When it is to be asked, until it was.
    pub ask_at: Moment,
    pub asked_at: Option<Moment>,
    pub score: Option<i64>,
    pub comment: Option<TextId>,
    pub rated_by: Option<PersonId>,
    /// The first answer.
    pub rated_at: Option<Moment>,
    /// Since when the answer stands.
    pub settled_at: Option<Moment>,
}

impl Rating {
    /// A question that is still to be put.
    #[must_use]
    pub fn planned(ticket: TicketId, ordinal: i64, client: ClientId, ask_at: Moment) -> Rating {
        Rating {
            ticket,
            ordinal,
            client,
            contact: None,
            person: None,
            ask_at,
            asked_at: None,
            score: None,
            comment: None,
            rated_by: None,
            rated_at: None,
            settled_at: None,
        }
    }

    /// Until when the answer can be changed; nothing before there is one.
    #[must_use]
    pub fn changeable_until(&self) -> Option<Moment> {
        self.rated_at.map(|at| at + RATING_CHANGEABLE)
    }

    /// Until when it can be answered; nothing before it was asked.
    #[must_use]
    pub fn answerable_until(&self) -> Option<Moment> {
        self.asked_at.map(|at| at + RATING_ANSWERABLE)
    }

    /// Whether an answer is taken now.
    pub fn check_takes_answer(&self, now: Moment) -> Result<(), NoRating> {
        match (self.changeable_until(), self.answerable_until()) {
            (Some(until), _) if self.settled_at.is_some() || now >= until => Err(NoRating::Stands(until)),
            (Some(_), _) => Ok(()),
            (None, None) => Err(NoRating::NotAsked),
            (None, Some(until)) if now >= until => Err(NoRating::Lapsed(until)),
            (None, Some(_)) => Ok(()),
        }
    }
}

/// Why an answer is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoRating {
    #[error("nobody was asked to rate this ticket yet")]
    NotAsked,
    #[error("the ticket was opened again; it can be rated once it is solved")]
    OpenAgain,
    #[error("the question lapsed at {0}; write a comment instead")]
    Lapsed(Moment),
    #[error("the rating stands since {0} and cannot be changed any more; write a comment instead")]
    Stands(Moment),
}

impl NoRating {
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            NoRating::NotAsked => "rating_not_asked",
            NoRating::OpenAgain => "rating_open_again",
            NoRating::Lapsed(_) => "rating_lapsed",
            NoRating::Stands(_) => "rating_stands",
        }
    }
}

/// An answer: what a handler is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Answer {
    /// 1 to 5.
    pub score: i64,
    pub comment: Option<TextId>,
    /// Who answered.
    pub by: PersonId,
    pub at: Moment,
}

impl Answer {
    /// Of a question that was answered.
    #[must_use]
    pub fn of(rating: &Rating) -> Option<Answer> {
        Some(Answer {
            score: rating.score?,
            comment: rating.comment,
            by: rating.rated_by?,
            at: rating.rated_at?,
        })
    }
}

/// The share of satisfied answers in whole percent, rounded; nothing without answers.
#[must_use]
pub fn csat_percent(satisfied: i64, rated: i64) -> Option<i64> {
    (rated > 0).then(|| (satisfied * 200 + rated) / (rated * 2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn csat_is_the_share_of_fours_and_fives() {
        assert_eq!(csat_percent(0, 0), None);
        assert_eq!(csat_percent(97, 100), Some(97));
        assert_eq!(csat_percent(2, 3), Some(67));
        assert_eq!(csat_percent(1, 3), Some(33));
        assert_eq!(csat_percent(1, 1), Some(100));
    }

    fn takes(rating: &Rating, now: Moment) -> bool {
        rating.check_takes_answer(now).is_ok()
    }

    #[test]
    fn a_question_takes_answers_for_a_while_and_an_answer_changes_for_a_while() {
        let asked = Moment::from_ms(0);
        let mut rating = Rating::planned(TicketId(1), 1, ClientId(1), asked);
        assert!(!takes(&rating, asked), "it was not asked yet");
        rating.asked_at = Some(asked);
        assert!(takes(&rating, asked + Span::days(29)));
        assert!(!takes(&rating, asked + Span::days(30)));
        rating.rated_at = Some(asked + Span::days(29));
        assert!(takes(&rating, asked + Span::days(29) + Span::minutes(9)));
        assert!(!takes(&rating, asked + Span::days(29) + Span::minutes(10)));
        rating.settled_at = Some(asked + Span::days(29));
        assert!(!takes(&rating, asked + Span::days(29)));
    }
}
