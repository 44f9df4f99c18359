//! The report of a visit: what is asked of it, the papers that an engineer hands in, what a controller says of it.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{AttachmentId, Key, Moment, PersonId, ReportId, TextId, TicketId, WorkOrderId};

/// Most photos, and most signatures, that a report can be asked for.
pub const PAPERS_WANTED_MAX: i64 = 20;
/// Most reports of one work order: each but the last was returned.
pub const REPORTS_MAX: i64 = 50;
/// What a report is called where stages of a work order are named.
pub const REPORT: &str = "report";

/// What a report must hold before it is taken.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ReportWanted {
    /// How many photos, each with a description.
    pub photos: i64,
    /// Kinds of documents, keys of the pack's `document_kinds`.
    pub documents: BTreeSet<Key>,
    /// How many signed acts.
    pub signatures: i64,
}

/// How far the report of a work order is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReportState {
    /// Nobody asked for one.
    #[default]
    NotAsked,
    /// Asked for and not handed in.
    Awaited,
    /// Handed in; it waits for a controller.
    HandedIn,
    Accepted,
    /// Sent back to the engineer with its defects.
    Returned,
    /// A supervisor let the ticket go on without it.
    Waived,
}

impl ReportState {
    pub const ALL: [ReportState; 6] = [
        ReportState::NotAsked,
        ReportState::Awaited,
        ReportState::HandedIn,
        ReportState::Accepted,
        ReportState::Returned,
        ReportState::Waived,
    ];

    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            ReportState::NotAsked => "not_asked",
            ReportState::Awaited => "awaited",
            ReportState::HandedIn => "handed_in",
            ReportState::Accepted => "accepted",
            ReportState::Returned => "returned",
            ReportState::Waived => "waived",
        }
    }

    /// Whether the engineer has done their part for now.
    #[must_use]
    pub fn is_handed_in(self) -> bool {
        matches!(self, ReportState::HandedIn | ReportState::Accepted | ReportState::Waived)
    }
}

/// What a work order says of its report.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OrderReport {
    /// `null`: nothing is asked for.
    pub wanted: Option<ReportWanted>,
    pub state: ReportState,
}

impl OrderReport {
    /// Whether the ticket must wait for it.
    #[must_use]
    pub fn holds_back(&self) -> bool {
        self.wanted.is_some() && !matches!(self.state, ReportState::Accepted | ReportState::Waived)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PaperKind {
    Photo,
    Document,
    /// A signed act.
    Signature,
}

/// One file of a report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Paper {
    pub attachment: AttachmentId,
    pub kind: PaperKind,
    /// Of a document: a key of the pack's `document_kinds`.
    pub document: Option<Key>,
    /// What it shows.
    pub text: Option<TextId>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReportVerdict {
    Accepted,
    Returned,
    /// The ticket goes on without it.
    Waived,
}

impl ReportVerdict {
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.leads_to().as_str()
    }

    #[must_use]
    pub fn leads_to(self) -> ReportState {
        match self {
            ReportVerdict::Accepted => ReportState::Accepted,
            ReportVerdict::Returned => ReportState::Returned,
            ReportVerdict::Waived => ReportState::Waived,
        }
    }
}

/// What was handed in at once, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    pub id: ReportId,
    pub ticket: TicketId,
    pub order: WorkOrderId,
    /// The n-th report of its order, from 1.
    pub number: i64,
    /// Nothing where it was no person.
    pub handed_in_by: Option<PersonId>,
    pub handed_in_at: Moment,
    pub comment: Option<TextId>,
    pub papers: Vec<Paper>,
    /// Nothing while it waits, and where a later one took its place before anybody looked.
    pub verdict: Option<ReportVerdict>,
    pub defects: Option<TextId>,
    pub judged_by: Option<PersonId>,
    pub judged_at: Option<Moment>,
}

/// What a report lacks of what is wanted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Lacking {
    /// How many photos with a description.
    pub photos: i64,
    pub documents: BTreeSet<Key>,
    pub signatures: i64,
}

impl Lacking {
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        *self == Lacking::default()
    }

    /// `2 photos with a description, the document act_of_acceptance, 1 signature`.
    #[must_use]
    pub fn sentence(&self) -> String {
        let many = |count: i64, one: &str, more: &str| match count {
            0 => None,
            1 => Some(format!("1 {one}")),
            count => Some(format!("{count} {more}")),
        };
        let photos = many(self.photos, "photo with a description", "photos with a description each");
        let documents = self.documents.iter().map(|key| format!("the document `{key}`"));
        let signatures = many(self.signatures, "signature", "signatures");
        photos.into_iter().chain(documents).chain(signatures).collect::<Vec<_>>().join(", ")
    }
}

impl ReportWanted {
    /// What the papers lack. A photo without a description counts for nothing.
    #[must_use]
    pub fn lacking(&self, papers: &[Paper]) -> Lacking {
        let count = |kind: PaperKind| {
            let counts = papers
                .iter()
                .filter(|paper| paper.kind == kind && (kind != PaperKind::Photo || paper.text.is_some()));
            i64::try_from(counts.count()).unwrap_or(i64::MAX)
        };
        let has = |key: &Key| papers.iter().any(|paper| paper.document.as_ref() == Some(key));
        Lacking {
            photos: (self.photos - count(PaperKind::Photo)).max(0),
            documents: self.documents.iter().filter(|key| !has(key)).cloned().collect(),
            signatures: (self.signatures - count(PaperKind::Signature)).max(0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paper(kind: PaperKind, document: Option<&str>, text: Option<i64>) -> Paper {
        let document = document.map(|key| Key::new(key).unwrap());
        Paper { attachment: AttachmentId(1), kind, document, text: text.map(TextId) }
    }

    #[test]
    fn what_is_missing_is_said_with_its_number() {
        use PaperKind::{Document, Photo, Signature};
        let act = Key::new("act_of_acceptance").unwrap();
        let wanted = ReportWanted { photos: 3, documents: BTreeSet::from([act]), signatures: 2 };
        assert_eq!(
            wanted.lacking(&[]).sentence(),
            "3 photos with a description each, the document `act_of_acceptance`, 2 signatures"
        );
        let mut papers = vec![
            paper(Photo, None, Some(1)),
            paper(Photo, None, Some(2)),
            paper(Photo, None, None),
            paper(Document, Some("act_of_acceptance"), None),
            paper(Signature, None, None),
        ];
        assert_eq!(wanted.lacking(&papers).sentence(), "1 photo with a description, 1 signature");
        papers.extend([paper(Photo, None, Some(3)), paper(Signature, None, None)]);
        assert!(wanted.lacking(&papers).is_nothing());
        assert!(ReportWanted::default().lacking(&[]).is_nothing());
    }

    #[test]
    fn a_ticket_waits_for_a_report_that_was_asked_for_and_not_settled() {
        for state in ReportState::ALL {
            let is_settled = matches!(state, ReportState::Accepted | ReportState::Waived);
            let asked = OrderReport { wanted: Some(ReportWanted::default()), state };
            assert_eq!(asked.holds_back(), !is_settled, "{state:?}");
            assert!(!OrderReport { wanted: None, state }.holds_back(), "{state:?}");
        }
    }
}
