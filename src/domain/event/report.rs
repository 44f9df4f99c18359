//! That a report was handed in, with its papers.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::report::Paper;
use crate::domain::{ReportId, TextId, WorkOrderId};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ReportHandedIn {
    pub report: ReportId,
    pub order: WorkOrderId,
    /// The n-th report of its work order, from 1.
    pub number: i64,
    pub comment: Option<TextId>,
    pub papers: Vec<Paper>,
}

impl ReportHandedIn {
    #[must_use]
    pub fn texts(&self) -> Vec<TextId> {
        self.comment.into_iter().chain(self.papers.iter().filter_map(|paper| paper.text)).collect()
    }
}
