//! Commands about reports of visits, and about questions to people.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Recipient;
use crate::domain::report::{PaperKind, ReportVerdict, ReportWanted};
use crate::domain::{AttachmentId, Key, TicketId, WorkOrderId};

/// Says what the report of a work order must hold; the ticket closes only after one is accepted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RequireReport {
    pub order: WorkOrderId,
    pub wanted: ReportWanted,
}

/// The engineer, or a dispatcher for them, hands in what the visit left.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HandInReport {
    pub order: WorkOrderId,
    pub papers: Vec<PaperGiven>,
    #[serde(default)]
    pub comment: Option<String>,
}

/// One file of a report: an upload of the caller, or a file of an earlier report of the same work order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PaperGiven {
    pub attachment: AttachmentId,
    pub kind: PaperKind,
    /// Needed for a document: a key of the pack's `document_kinds`.
    #[serde(default)]
    pub document: Option<Key>,
    /// What it shows; a photo without it does not count.
    #[serde(default)]
    pub text: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct JudgeReport {
    pub order: WorkOrderId,
    /// The report that was looked at; without it, the last.
    #[serde(default)]
    pub number: Option<i64>,
    pub verdict: ReportVerdict,
    /// What is wrong with it; of a waived one, why the ticket goes on without it. Needed for both.
    #[serde(default)]
    pub defects: Option<String>,
}

/// Asks people about the ticket: the question stands in it as a note, and each of them is told.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AskPeople {
    pub ticket: TicketId,
    pub to: Recipient,
    pub template: Option<Key>,
    pub text: Option<String>,
    /// Whom the template's marks are about; without it, the last order of whoever is written to, or the ticket's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<WorkOrderId>,
}

impl HandInReport {
    #[must_use]
    pub fn attachments(&self) -> BTreeSet<AttachmentId> {
        self.papers.iter().map(|paper| paper.attachment).collect()
    }
}
