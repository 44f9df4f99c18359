//! Which texts an event names.

use super::Event;
use crate::domain::TextId;
use crate::domain::ticket::FieldValue;

impl Event {
    /// The texts of custom fields with which a ticket was opened. A contact does not see these.
    #[must_use]
    pub fn opening_field_texts(&self) -> Vec<TextId> {
        let Event::TicketOpened(opened) = self else { return Vec::new() };
        opened.fields.values().filter_map(FieldValue::text).collect()
    }

    /// Every other text that the event names, so that a page can read them all at once.
    #[must_use]
    pub fn texts(&self) -> Vec<TextId> {
        match self {
            Event::TicketOpened(opened) => {
                [Some(opened.subject), opened.description].into_iter().flatten().collect()
            }
            Event::SubjectChanged { to: text }
            | Event::CommentAdded { text, .. }
            | Event::WorkOrderNoteSent { text, .. }
            | Event::IncidentUpdateSent { text }
            | Event::IncidentUpdateReached { text, .. } => vec![*text],
            Event::TicketAssigned { reason, collected, .. }
            | Event::TicketQueued { reason, collected, .. } => {
                reason.iter().copied().chain(collected.texts()).collect()
            }
            Event::TicketUnassigned { reason, .. }
            | Event::TaskCancelled { reason, .. }
            | Event::TicketResolved { reason, .. }
            | Event::TicketClosed { reason, .. }
            | Event::TicketReopened { reason }
            | Event::ReportJudged { defects: reason, .. }
            | Event::PriorityRaised { reason, .. }
            | Event::PersonNotified { text: reason, .. }
            | Event::MessageHeld { text: reason, .. }
            | Event::MessageDiscarded { reason, .. } => reason.iter().copied().collect(),
            Event::IncidentDeclared { texts, .. } | Event::IncidentChanged { texts: Some(texts), .. } => {
                texts.values().copied().collect()
            }
            Event::TaskOpened(opened) => vec![opened.title],
            Event::TicketRated(rated) => rated.answer.comment.into_iter().collect(),
            Event::TaskDone { comment, .. } | Event::WorkOrderAdvanced { comment, .. } => {
                comment.iter().copied().collect()
            }
            Event::WorkOrderOpened(opened) => opened.note.iter().copied().collect(),
            Event::ReportHandedIn(handed) => handed.texts(),
            Event::TimeRecorded { spent, .. } | Event::TimeTakenBack { spent, .. } => {
                spent.note.iter().copied().collect()
            }
            Event::HandedOver { summary, note, .. } => std::iter::once(*summary).chain(*note).collect(),
            Event::TimeChanged { from, to, .. } => from.note.into_iter().chain(to.note).collect(),
            Event::FieldChanged { to: Some(FieldValue::Text(text)), .. } => vec![*text],
            _ => Vec::new(),
        }
    }
}
