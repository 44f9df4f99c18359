//! The queue board: a column for each queue, with its most pressing tickets as cards.

use serde::Serialize;
use utoipa::ToSchema;

use super::reading::Reading;
use super::ticket_list::COUNTED_MAX;
use super::ticket_row::TicketRow;
use super::{ViewError, Views};
use crate::domain::pack::{Phase, QueueKind};
use crate::domain::{ClientId, Key, PersonId};
use crate::store;
use crate::store::ticket_list::{After, Listed, TicketFilter};

/// Cards of one column; the list has the others.
pub const CARDS_MAX: usize = 30;
/// Columns of a board.
const COLUMNS_MAX: usize = 60;

#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Board {
    /// Support lines by level, then departments.
    pub columns: Vec<BoardColumn>,
}

#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct BoardColumn {
    pub queue: Key,
    pub kind: QueueKind,
    /// Of a support line.
    pub level: Option<i64>,
    /// Clients that have such a queue: a card can be moved here from another column when its own client is one.
    pub clients: Vec<ClientId>,
    /// New and open tickets; 1,000 means "1,000 or more".
    pub count: i64,
    /// The nearest due first, then those whose clocks stand still, newest first; at most 30.
    pub cards: Vec<TicketRow>,
}

impl Views {
    /// Of one client, or of all whose tickets the person reads whole.
    pub fn board(&self, person: PersonId, client: Option<ClientId>) -> Result<Board, ViewError> {
        self.read(person, |reading| {
            let clients = reading.watched_clients(client)?;
            let mut columns: Vec<BoardColumn> = Vec::new();
            for client in clients {
                let Some(pack) = reading.pack(client.pack_version)? else { continue };
                for queue in &pack.queues {
                    match columns.iter_mut().find(|column| column.queue == queue.key) {
                        Some(column) => column.clients.push(client.id),
                        None => columns.push(BoardColumn {
                            queue: queue.key.clone(),
                            kind: queue.kind,
                            level: queue.level,
                            clients: vec![client.id],
                            count: 0,
                            cards: Vec::new(),
                        }),
                    }
                }
            }
            let rank =
                |column: &BoardColumn| (column.kind == QueueKind::Department, column.level.unwrap_or(99));
            columns.sort_by_key(rank);
            columns.truncate(COLUMNS_MAX);
            for column in &mut columns {
                reading.fill(column)?;
            }
            Ok(Board { columns })
        })
    }
}

impl Reading<'_> {
    fn fill(&self, column: &mut BoardColumn) -> Result<(), ViewError> {
        let filter = TicketFilter {
            clients: column.clients.clone(),
            queues: vec![column.queue.clone()],
            phases: vec![Phase::New, Phase::Open],
            ..TicketFilter::default()
        };
        column.count = store::ticket_list::count(self.db, self.scope, &filter, COUNTED_MAX)?;
        let page = |after, wanted| store::ticket_list::page(self.db, self.scope, &filter, after, wanted);
        let mut rows: Vec<Listed> = page(After::Due(None), CARDS_MAX)?;
        if rows.len() < CARDS_MAX {
            rows.extend(page(After::NotDue(None), CARDS_MAX - rows.len())?);
        }
        column.cards = rows.iter().map(|row| self.row(row)).collect::<Result<_, _>>()?;
        Ok(())
    }
}
