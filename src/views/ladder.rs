//! What is expected of a ticket, and the ladders that are climbed.

use serde::Serialize;
use utoipa::ToSchema;

use super::ViewError;
use super::reading::Reading;
use crate::domain::ladder::{About, Rung, Until};
use crate::domain::{Key, Moment, TicketId};
use crate::store;

/// An expectation, or a ladder.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct LadderLine {
    pub name: Key,
    pub about: LadderAbout,
    /// What is expected; `null`: only a signal of the script ends it.
    pub stage: Option<Key>,
    /// The functions that are still to be called, each at its moment; the first is next.
    pub rungs: Vec<Rung>,
    /// How many there were at the start.
    pub rung_count: usize,
    pub started_at: Moment,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum LadderAbout {
    Ticket,
    Order {
        /// 1 for the ticket's first order.
        number: i64,
    },
    Task {
        department: Key,
    },
}

impl Reading<'_> {
    /// Those whose next rung is nearest first.
    pub(super) fn ladders(&self, id: TicketId) -> Result<Vec<LadderLine>, ViewError> {
        let mut lines = Vec::new();
        for standing in store::ladder::of_ticket(self.db, id)? {
            let ladder = standing.ladder;
            let climbed = usize::try_from(standing.next_rung - 1).unwrap_or(0);
            lines.push(LadderLine {
                about: self.about(ladder.about)?,
                stage: match ladder.until {
                    Until::Stage { stage } => Some(stage),
                    Until::Signal { .. } => None,
                },
                rung_count: ladder.rungs.len(),
                rungs: ladder.rungs.into_iter().skip(climbed).collect(),
                name: ladder.name,
                started_at: standing.started_at,
            });
        }
        lines.sort_by_key(|line| line.rungs.first().map(|rung| rung.at));
        Ok(lines)
    }

    fn about(&self, about: About) -> Result<LadderAbout, ViewError> {
        let found = match about {
            About::Ticket => None,
            About::Order { order } => {
                let order = store::work_order::get(self.db, order)?;
                order.map(|order| LadderAbout::Order { number: order.ordinal })
            }
            About::Task { task } => {
                let task = store::task::get(self.db, task)?;
                task.map(|task| LadderAbout::Task { department: task.department })
            }
        };
        Ok(found.unwrap_or(LadderAbout::Ticket))
    }
}
