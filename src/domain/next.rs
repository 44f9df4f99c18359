//! "Next best ticket": which of the waiting tickets somebody should take now, and why.
//!
//! **Order.** Tickets whose target is overdue or falls due within [`PRESSING_MINUTES`] come first: waiting longer costs
//! money there. Among them, and then among all others, an urgent ticket goes before one that is not, a smaller number
//! of priority before a larger, the nearest due time before a later one (no running target: last), and at the end the
//! ticket that was opened first. The order is total, so that two people who ask one after another walk the same list.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{ClientId, Key, Language, Moment, PackVersionId, Span, TicketId};

/// Due within so many minutes is as good as due.
pub const PRESSING_MINUTES: i64 = 60;

/// A ticket that waits in a queue and is nobody's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WaitingTicket {
    pub ticket: TicketId,
    pub client: ClientId,
    /// By whose attestations it is taken.
    pub pack_version: Option<PackVersionId>,
    pub queue: Key,
    /// 1 is the most pressing.
    pub priority: i64,
    pub is_urgent: bool,
    pub opened_at: Moment,
    /// When the nearest unmet target is due; nothing while the clocks stand still.
    pub due_at: Option<Moment>,
}

/// Why a ticket is the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum NextReason {
    /// Its target is missed already.
    Overdue { minutes: i64 },
    /// Its target will be missed soon.
    AtRisk { minutes: i64 },
    /// Nothing is pressing; it is urgent.
    Urgent,
    /// Nothing is pressing; none has a higher priority, and of those it is due or was opened first.
    Priority { priority: i64 },
}

impl WaitingTicket {
    fn is_pressing(&self, now: Moment) -> bool {
        self.due_at.is_some_and(|due| due <= now + Span::minutes(PRESSING_MINUTES))
    }

    /// What tickets are sorted by, smallest first.
    #[must_use]
    pub fn rank(&self, now: Moment) -> impl Ord + use<> {
        let due = self.due_at.map_or(i64::MAX, Moment::ms);
        (!self.is_pressing(now), !self.is_urgent, self.priority, due, self.opened_at, self.ticket)
    }

    #[must_use]
    pub fn reason(&self, now: Moment) -> NextReason {
        let minutes = |span: Span| span.ms() / Span::minutes(1).ms();
        match self.due_at {
            Some(due) if due <= now => NextReason::Overdue { minutes: minutes(now - due) },
            Some(due) if self.is_pressing(now) => NextReason::AtRisk { minutes: minutes(due - now) },
            _ if self.is_urgent => NextReason::Urgent,
            _ => NextReason::Priority { priority: self.priority },
        }
    }
}

/// The one to take.
#[must_use]
pub fn best(tickets: Vec<WaitingTicket>, now: Moment) -> Option<WaitingTicket> {
    tickets.into_iter().min_by_key(|ticket| ticket.rank(now))
}

impl NextReason {
    /// One sentence, for the ticket's story.
    #[must_use]
    pub fn sentence(self, language: Language) -> String {
        match (language, self) {
            (Language::En, NextReason::Overdue { minutes }) => format!("Next best: overdue by {minutes} min"),
            (Language::En, NextReason::AtRisk { minutes }) => format!("Next best: due in {minutes} min"),
            (Language::En, NextReason::Urgent) => "Next best: urgent".to_owned(),
            (Language::En, NextReason::Priority { priority }) => {
                format!("Next best: the oldest of priority {priority}, nothing is more pressing")
            }
            (Language::Ru, NextReason::Overdue { minutes }) => {
                format!("Следующая: просрочена на {minutes} мин")
            }
            (Language::Ru, NextReason::AtRisk { minutes }) => format!("Следующая: срок через {minutes} мин"),
            (Language::Ru, NextReason::Urgent) => "Следующая: срочная".to_owned(),
            (Language::Ru, NextReason::Priority { priority }) => {
                format!("Следующая: старейшая с приоритетом {priority}, важнее ничего нет")
            }
        }
    }
}

/// The best first.
#[must_use]
pub fn ranked(mut tickets: Vec<WaitingTicket>, now: Moment) -> Vec<WaitingTicket> {
    tickets.sort_by_key(|ticket| ticket.rank(now));
    tickets
}

/// Why there is none to take.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct NothingToTake {
    /// Queues that the person is a member of and may serve.
    pub queues: usize,
    /// Tickets of clients for which a certificate is missing.
    pub not_attested: usize,
}

impl NothingToTake {
    /// A stable word for programs.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self { queues: 0, .. } => "no_queues",
            Self { not_attested: 0, .. } => "nothing_to_take",
            Self { .. } => "not_attested",
        }
    }

    /// What would be right.
    #[must_use]
    pub fn sentence(self) -> String {
        match self {
            Self { queues: 0, .. } => {
                "you are a member of no queue whose tickets you may take; a supervisor adds you to one"
                    .to_owned()
            }
            Self { not_attested: 0, .. } => "nothing waits in your queues".to_owned(),
            Self { not_attested, .. } => {
                format!("{not_attested} tickets wait, but you lack the certificate for their clients")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Moment = Moment::from_ms(1_800_000_000_000);

    fn waiting(ticket: i64, priority: i64, due_in: Option<i64>) -> WaitingTicket {
        WaitingTicket {
            ticket: TicketId(ticket),
            client: ClientId(1),
            pack_version: None,
            queue: Key::new("support").unwrap(),
            priority,
            is_urgent: false,
            opened_at: NOW - Span::hours(10) + Span::minutes(ticket),
            due_at: due_in.map(|minutes| NOW + Span::minutes(minutes)),
        }
    }

    #[test]
    fn what_is_pressing_goes_first_then_priority_then_due_then_age() {
        let mut tickets = vec![
            waiting(1, 3, None),
            waiting(2, 3, None),
            waiting(3, 2, Some(500)),
            waiting(4, 2, Some(400)),
            waiting(5, 5, Some(59)),
            waiting(6, 3, Some(-10)),
            waiting(7, 1, Some(61)),
            WaitingTicket { is_urgent: true, ..waiting(8, 4, None) },
            waiting(9, 3, Some(30)),
        ];
        tickets.sort_by_key(|ticket| ticket.rank(NOW));
        let order: Vec<i64> = tickets.iter().map(|ticket| ticket.ticket.0).collect();
        assert_eq!(order, [6, 9, 5, 8, 7, 4, 3, 1, 2]);
        let reason = |ticket: &WaitingTicket| ticket.reason(NOW);
        assert_eq!(reason(&tickets[0]), NextReason::Overdue { minutes: 10 });
        assert_eq!(reason(&tickets[1]), NextReason::AtRisk { minutes: 30 });
        assert_eq!(reason(&tickets[3]), NextReason::Urgent);
        assert_eq!(reason(&tickets[4]), NextReason::Priority { priority: 1 });
        assert_eq!(best(tickets, NOW).unwrap().ticket, TicketId(6));
        assert_eq!(best(Vec::new(), NOW), None);
    }

    #[test]
    fn nothing_to_take_says_what_would_be_right() {
        let none = NothingToTake::default();
        assert!(none.sentence().contains("member of no queue"));
        assert!(NothingToTake { queues: 1, ..none }.sentence().contains("nothing waits"));
        assert!(NothingToTake { queues: 1, not_attested: 3 }.sentence().contains("3 tickets"));
    }
}
