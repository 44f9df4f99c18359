//! The state graph of a client's workflow: what the script says, beside what happened in the last 30 days.

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::app::App;
use super::auth::Caller;
use super::body::{Asked, At};
use super::error::Answer;
use crate::commands::state_graph::{Drawn, GraphOf, draw};
use crate::domain::pack::{Queue, Status};
use crate::domain::state_graph::{StateGraph, Way, WayKind, by_way};
use crate::domain::{ClientId, Moment, Refusal};
use crate::views::list::{Limit, List};
use crate::views::traffic::{Counted, MovedTicket};

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GraphQuery {
    /// Which texts: `draft` (where there is none, what is published) or `published`.
    #[serde(default)]
    pub of: GraphOf,
}

/// Statuses, queues and departments, and the ways between them.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct GraphPage {
    pub of: GraphOf,
    /// From when on tickets are counted.
    pub since: Moment,
    /// In the order of the settings.
    pub statuses: Vec<Status>,
    pub queues: Vec<Queue>,
    #[serde(flatten)]
    pub graph: StateGraph,
}

pub async fn page(
    State(app): State<App>,
    caller: Caller,
    At(client): At<ClientId>,
    Asked(query): Asked<GraphQuery>,
) -> Answer<GraphPage> {
    let Json(Counted { since, ways }) =
        app.show(&caller, move |views, person| views.traffic(person, client)).await?;
    let desk = app.desk.clone();
    let of = query.of;
    let Drawn { statuses, queues, steps } = app.checks.cross(move || draw(&desk, client, of)).await??;
    Ok(Json(GraphPage { of, since, statuses, queues, graph: StateGraph::new(steps, &by_way(ways)) }))
}

/// Which way, as an edge of the graph says it.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct MovedQuery {
    /// Must be named.
    pub kind: Option<WayKind>,
    /// A key of a status, a queue or, for an answer, a department; empty: from no queue.
    pub from: String,
    /// A key of a status, a queue, a department or, for an answer, an outcome.
    pub to: String,
    /// Rows of the page, 1 to 200; else 50.
    pub limit: Option<usize>,
    /// `next` of the page before.
    pub cursor: Option<String>,
}

pub async fn tickets(
    State(app): State<App>,
    caller: Caller,
    At(client): At<ClientId>,
    Asked(query): Asked<MovedQuery>,
) -> Answer<List<MovedTicket>> {
    let Json(()) = app.show(&caller, move |views, person| views.check_administers(person, client)).await?;
    let limit = Limit::new(query.limit)?;
    let kind =
        query.kind.ok_or_else(|| Refusal::invalid("kind", "say `status`, `queue`, `task` or `answer`"))?;
    let way = Way { kind, origin: query.from, target: query.to };
    app.show(&caller, move |views, person| {
        views.moved_tickets(person, client, &way, query.cursor.as_deref(), limit)
    })
    .await
}
