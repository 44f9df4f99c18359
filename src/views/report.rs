//! Reports of visits as the ticket's page shows them.

use serde::Serialize;
use utoipa::ToSchema;

use super::ViewError;
use super::attachment::AttachmentLine;
use super::reading::Reading;
use super::ticket_row::Ref;
use crate::domain::report::{OrderReport, PaperKind, Report, ReportState, ReportVerdict};
use crate::domain::work_order::WorkOrder;
use crate::domain::{Key, Moment, ReportId};
use crate::store;

#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct ReportLine {
    pub id: ReportId,
    /// The n-th report of its work order, from 1.
    pub number: i64,
    pub handed_in_by: Option<Ref>,
    pub handed_in_at: Moment,
    pub comment: Option<String>,
    pub papers: Vec<PaperLine>,
    /// `null` while it waits, and where a later one took its place.
    pub verdict: Option<ReportVerdict>,
    pub defects: Option<String>,
    /// `null`: a script.
    pub judged_by: Option<Ref>,
    pub judged_at: Option<Moment>,
}

#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct PaperLine {
    pub kind: PaperKind,
    /// Of a document: a key of the pack's `document_kinds`.
    pub document: Option<Key>,
    /// What it shows.
    pub text: Option<String>,
    /// `null`: the file is not kept any more.
    pub file: Option<AttachmentLine>,
}

impl Reading<'_> {
    /// What was handed in about a visit, the first one first; for staff.
    pub(super) fn reports(&self, order: &WorkOrder) -> Result<Vec<ReportLine>, ViewError> {
        let OrderReport { state, .. } = &order.report;
        if matches!(state, ReportState::NotAsked | ReportState::Awaited) {
            return Ok(Vec::new());
        }
        let reports = store::work_report::of_order(self.db, order.id)?;
        reports.into_iter().map(|report| self.report(report)).collect()
    }

    fn report(&self, report: Report) -> Result<ReportLine, ViewError> {
        let mut papers = Vec::with_capacity(report.papers.len());
        for paper in report.papers {
            let file = self.files(&[paper.attachment])?.pop();
            let text = self.names.maybe_text(paper.text)?;
            papers.push(PaperLine { kind: paper.kind, document: paper.document, text, file });
        }
        Ok(ReportLine {
            id: report.id,
            number: report.number,
            handed_in_by: report.handed_in_by.map(|id| self.names.person_ref(id)).transpose()?,
            handed_in_at: report.handed_in_at,
            comment: self.names.maybe_text(report.comment)?,
            papers,
            verdict: report.verdict,
            defects: self.names.maybe_text(report.defects)?,
            judged_by: report.judged_by.map(|id| self.names.person_ref(id)).transpose()?,
            judged_at: report.judged_at,
        })
    }
}
