//! Messages of a client's script beyond its budget: how many it may send, and what waits for a person's word.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::person::Actor;
use super::{
    AttachmentId, ClientId, HeldMessageId, HoldId, Key, Moment, PersonId, RunId, TextId, TicketId,
    WorkOrderId,
};

/// Messages that one run may send where the pack says nothing else: as many as one command tells people at most.
pub const MESSAGES_PER_RUN: i64 = 200;
/// Messages that all runs of a client may send in an hour where the pack says nothing else.
pub const MESSAGES_PER_HOUR: i64 = 1_000;
/// One handler may use such a part of the client's hour where the pack says nothing else, so that a handler gone wild
/// leaves the others some.
const HANDLER_PART: i64 = 2;
/// The highest limit that a pack may set.
pub const LIMIT_MAX: i64 = 100_000;
/// Messages that any client's script may send in an hour whatever its pack says, unless the operator sets another.
pub const CEILING_PER_HOUR: u32 = 10_000;
/// Messages that may have joined a hold since a person read it; with more it must be read again.
pub const UNSEEN_MAX: i64 = 100;
/// The hour is counted in minutes and ends with the present one.
pub const HOUR_MINUTES: i64 = 60;

/// `[budget]`: how many messages the script sends on its own; those beyond wait for a person. 0: every one waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Budget {
    /// Of one run, 0 to 100,000; 200 without it.
    pub messages_per_run: i64,
    /// Of all runs of the client in an hour, 0 to 100,000; 1,000 without it.
    pub messages_per_hour: i64,
    /// Of one handler in an hour, 0 to 100,000; half of `messages_per_hour` without it.
    pub handler_messages_per_hour: Option<i64>,
}

impl Default for Budget {
    fn default() -> Self {
        Self {
            messages_per_run: MESSAGES_PER_RUN,
            messages_per_hour: MESSAGES_PER_HOUR,
            handler_messages_per_hour: None,
        }
    }
}

/// What was sent without a person's word so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Spent {
    /// By the run.
    pub run: i64,
    /// By the handler's runs of the last hour.
    pub handler: i64,
    /// By all runs of the client of the last hour.
    pub client: i64,
}

impl Budget {
    /// Which limit the next message would go beyond, and what it is; `ceiling` is the operator's.
    #[must_use]
    pub fn stops(&self, spent: Spent, ceiling: i64) -> Option<(HoldReason, i64)> {
        let handler = self.handler_messages_per_hour.unwrap_or(self.messages_per_hour / HANDLER_PART);
        let limits = [
            (HoldReason::Run, self.messages_per_run, spent.run),
            (HoldReason::HandlerHour, handler, spent.handler),
            (HoldReason::ClientHour, self.messages_per_hour, spent.client),
            (HoldReason::DeskHour, ceiling, spent.client),
        ];
        limits.into_iter().find(|(_, limit, spent)| spent >= limit).map(|(why, limit, _)| (why, limit))
    }
}

/// The limit that the first message of a hold would have gone beyond.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum HoldReason {
    /// `messages_per_run` of the pack.
    Run,
    /// `handler_messages_per_hour` of the pack.
    HandlerHour,
    /// `messages_per_hour` of the pack.
    ClientHour,
    /// The operator's setting `script_messages_per_hour`.
    DeskHour,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum HoldState {
    /// Waits for a person; further messages of the handler join it.
    Open,
    /// Approved: its messages go out, in turns.
    Sending,
    Sent,
    /// Its messages are discarded, in turns.
    Discarding,
    Discarded,
}

impl HoldState {
    /// Where it goes when no message is left.
    #[must_use]
    pub fn finished(self) -> HoldState {
        match self {
            HoldState::Discarding | HoldState::Discarded => HoldState::Discarded,
            HoldState::Open | HoldState::Sending | HoldState::Sent => HoldState::Sent,
        }
    }
}

/// What kind of message a script sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MessageKind {
    /// `notify`, and who is told by `ask_third_party`.
    Notice,
    /// What the client reads on the ticket: `comment`, `ask_contact`.
    Reply,
    /// To the engineer of a work order.
    OrderNote,
    /// The alarm with which a ticket is put into a queue.
    Alarm,
}

/// One message of a script: to whom and what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    pub kind: MessageKind,
    /// Nobody: the client, by a reply.
    pub person: Option<PersonId>,
    pub template: Option<Key>,
    pub text: Option<TextId>,
    pub order: Option<WorkOrderId>,
    /// Attachments of the ticket that go along.
    pub files: Vec<AttachmentId>,
}

/// A message that waits in a hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldMessage {
    pub id: HeldMessageId,
    pub hold: HoldId,
    pub client: ClientId,
    pub ticket: TicketId,
    pub message: Message,
    pub run: RunId,
    pub at: Moment,
}

/// The messages of one handler of a client that a person decides of together.
#[derive(Debug, Clone, PartialEq)]
pub struct Hold {
    pub id: HoldId,
    pub client: ClientId,
    pub handler: String,
    pub why: HoldReason,
    /// What the limit was.
    pub limit: i64,
    pub state: HoldState,
    pub opened_at: Moment,
    /// When the last message joined.
    pub last_at: Moment,
    /// All that were ever in it.
    pub held: i64,
    pub sent: i64,
    pub discarded: i64,
    pub decided_by: Option<Actor>,
    pub decided_at: Option<Moment>,
    /// Whether messages of tickets that were closed since are left out.
    pub is_without_stale: bool,
    /// Why they are discarded.
    pub reason: Option<TextId>,
    pub finished_at: Option<Moment>,
    pub version: i64,
}

impl Hold {
    /// Messages that neither went out nor were discarded yet.
    #[must_use]
    pub fn left(&self) -> i64 {
        self.held - self.sent - self.discarded
    }
}

/// Why a held message never went out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DiscardWhy {
    /// A person discarded the hold.
    Discarded,
    /// The hold was approved without those whose ticket was closed since.
    TicketClosed,
    /// Whom it was for cannot be reached any more: deactivated, or the visit is over.
    RecipientGone,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_limit_stops_the_message_behind_it_and_none_before() {
        let budget =
            Budget { messages_per_run: 3, messages_per_hour: 10, handler_messages_per_hour: Some(6) };
        let spent = |run, handler, client| Spent { run, handler, client };
        for (spent, ceiling, expected) in [
            (spent(2, 5, 9), 10, None),
            (spent(3, 5, 9), 10, Some((HoldReason::Run, 3))),
            (spent(0, 6, 9), 10, Some((HoldReason::HandlerHour, 6))),
            (spent(0, 0, 10), 20, Some((HoldReason::ClientHour, 10))),
            (spent(0, 0, 9), 9, Some((HoldReason::DeskHour, 9))),
        ] {
            assert_eq!(budget.stops(spent, ceiling), expected, "{spent:?} under {ceiling}");
        }
        let half = Budget { messages_per_hour: 10, ..Budget::default() };
        assert_eq!(half.stops(spent(0, 5, 5), 100), Some((HoldReason::HandlerHour, 5)));
        let nothing = Budget { messages_per_run: 0, ..Budget::default() };
        assert_eq!(nothing.stops(Spent::default(), 100), Some((HoldReason::Run, 0)));
    }
}
