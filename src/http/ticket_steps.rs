//! Steps on a ticket: each route is one command.

use std::collections::{BTreeMap, BTreeSet};

use axum::extract::State;
use serde::Deserialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::app::App;
use super::auth::Caller;
use super::body::{At, Body};
use super::error::Answer;
use crate::commands::Done;
use crate::domain::assignment::Requirements;
use crate::domain::command::{
    Alarm, AssignTo, Command, Gaps, Information, OpenTask, RateTicket, Recipient, TicketChanges,
};
use crate::domain::event::Visibility;
use crate::domain::ticket::LinkKind;
use crate::domain::{AttachmentId, Key, Moment, PersonId, TicketId};

/// A body type and the handler that makes its command.
macro_rules! steps {
    ($(
        $(#[$doc:meta])*
        $handler:ident: $body:ident { $($(#[$field_doc:meta])* $field:ident: $kind:ty,)* }
        => |$ticket:ident, $given:ident| $command:expr;
    )*) => {$(
        $(#[$doc])*
        #[derive(Debug, Deserialize, ToSchema)]
        #[serde(deny_unknown_fields)]
        pub struct $body { $($(#[$field_doc])* pub $field: $kind,)* }

        pub async fn $handler(
            State(app): State<App>,
            caller: Caller,
            At($ticket): At<TicketId>,
            body: Body<$body>,
        ) -> Answer<Done> {
            app.carry_out(&caller, body, |$given| $command).await
        }
    )*};
}

steps! {
    change: ChangeTicket {
        /// The version that was seen; another one is refused.
        #[serde(default)]
        version: Option<i64>,
        changes: TicketChanges,
    } => |ticket, given| Command::ChangeTicket {
        ticket,
        version: given.version,
        changes: Box::new(given.changes),
    };

    comment: AddComment {
        text: String,
        visibility: Visibility,
        #[serde(default)]
        attachments: Vec<AttachmentId>,
        /// Of a public reply: its author waits for the client's answer, so the ticket gets a status that waits for the
        /// client, and the clocks stand.
        #[serde(default)]
        asks_client: bool,
    } => |ticket, given| Command::AddComment {
        ticket,
        text: given.text,
        visibility: given.visibility,
        attachments: given.attachments,
        asks_client: given.asks_client,
    };

    rate: RateTicketHere {
        /// 1 (very bad) to 5 (very good).
        score: i64,
        /// Why; left out, what was written before stays.
        #[serde(default)]
        comment: Option<String>,
    } => |ticket, given| Command::RateTicket(Box::new(RateTicket {
        ticket,
        score: given.score,
        comment: given.comment,
    }));

    attach: AddAttachments {
        attachments: Vec<AttachmentId>,
        visibility: Visibility,
    } => |ticket, given| Command::AddAttachments {
        ticket,
        attachments: given.attachments,
        visibility: given.visibility,
    };

    assign: AssignTicket {
        #[serde(default)]
        version: Option<i64>,
        to: AssignTo,
        #[serde(default)]
        reason: Option<String>,
        /// Changes that are made first, such as what a hand-over form or the gate asks for.
        #[serde(default)]
        changes: TicketChanges,
    } => |ticket, given| Command::AssignTicket {
        ticket,
        version: given.version,
        to: given.to,
        reason: given.reason,
        information: brought(given.changes),
    };

    accept: AcceptTicket {
        #[serde(default)]
        version: Option<i64>,
    } => |ticket, given| Command::AcceptTicket { ticket, version: given.version };

    unassign: UnassignTicket {
        #[serde(default)]
        version: Option<i64>,
        #[serde(default)]
        reason: Option<String>,
    } => |ticket, given| Command::UnassignTicket { ticket, version: given.version, reason: given.reason };

    queue: QueueTicket {
        #[serde(default)]
        version: Option<i64>,
        queue: Key,
        /// What was collected so far, for those who take over.
        #[serde(default)]
        reason: Option<String>,
        #[serde(default)]
        alarm: Alarm,
        /// Changes that are made first, such as what a hand-over form or the gate asks for.
        #[serde(default)]
        changes: TicketChanges,
    } => |ticket, given| Command::QueueTicket {
        ticket,
        version: given.version,
        queue: given.queue,
        reason: given.reason,
        alarm: given.alarm,
        information: brought(given.changes),
    };

    resolve: ResolveTicket {
        #[serde(default)]
        version: Option<i64>,
        resolution: Key,
        #[serde(default)]
        reason: Option<String>,
        /// Changes that are made first, such as what a hand-over form or the gate asks for.
        #[serde(default)]
        changes: TicketChanges,
    } => |ticket, given| Command::ResolveTicket {
        ticket,
        version: given.version,
        resolution: given.resolution,
        reason: given.reason,
        information: brought(given.changes),
    };

    close: CloseTicket {
        #[serde(default)]
        version: Option<i64>,
        resolution: Key,
        #[serde(default)]
        reason: Option<String>,
        /// Changes that are made first, such as what a hand-over form or the gate asks for.
        #[serde(default)]
        changes: TicketChanges,
    } => |ticket, given| Command::CloseTicket {
        ticket,
        version: given.version,
        resolution: given.resolution,
        reason: given.reason,
        information: brought(given.changes),
    };

    reopen: ReopenTicket {
        #[serde(default)]
        version: Option<i64>,
        #[serde(default)]
        reason: Option<String>,
    } => |ticket, given| Command::ReopenTicket { ticket, version: given.version, reason: given.reason };

    change_tags: ChangeTags {
        #[serde(default)]
        add: BTreeSet<String>,
        #[serde(default)]
        remove: BTreeSet<String>,
    } => |ticket, given| Command::ChangeTags { ticket, add: given.add, remove: given.remove };

    link: LinkTickets {
        other: TicketId,
        kind: LinkKind,
    } => |ticket, given| Command::LinkTickets { ticket, other: given.other, kind: given.kind };

    unlink: UnlinkTickets {
        other: TicketId,
        kind: LinkKind,
    } => |ticket, given| Command::UnlinkTickets { ticket, other: given.other, kind: given.kind };

    mark_duplicate: MarkDuplicate {
        of: TicketId,
    } => |ticket, given| Command::MarkDuplicate { ticket, of: given.of };

    add_watcher: AddWatcher {
        who: Recipient,
    } => |ticket, given| Command::AddWatcher { ticket, who: given.who };

    remove_watcher: RemoveWatcher {
        person: PersonId,
    } => |ticket, given| Command::RemoveWatcher { ticket, person: given.person };

    clear_mark: ClearMark {
    } => |ticket, _given| Command::ClearMark { ticket };

    open_task: OpenTaskHere {
        /// A department of the client.
        department: Key,
        title: String,
        #[serde(default)]
        due_at: Option<Moment>,
        /// Empty: the department's outcomes, or `done`.
        #[serde(default)]
        outcomes: Vec<Key>,
        #[serde(default)]
        #[schema(value_type = Object)]
        fields: BTreeMap<Key, Value>,
    } => |ticket, given| Command::OpenTask(Box::new(OpenTask {
        ticket,
        department: given.department,
        title: given.title,
        due_at: given.due_at,
        outcomes: given.outcomes,
        fields: given.fields,
    }));

    dispatch: Dispatch {
        #[serde(default)]
        requirements: Requirements,
        #[serde(default)]
        due_at: Option<Moment>,
        #[serde(default)]
        note: Option<String>,
    } => |ticket, given| Command::Dispatch {
        ticket,
        requirements: given.requirements,
        due_at: given.due_at,
        note: given.note,
    };

    open_work_order: OpenWorkOrder {
        engineer: PersonId,
        #[serde(default)]
        due_at: Option<Moment>,
        #[serde(default)]
        planned_at: Option<Moment>,
        #[serde(default)]
        note: Option<String>,
    } => |ticket, given| Command::OpenWorkOrder {
        ticket,
        engineer: given.engineer,
        due_at: given.due_at,
        planned_at: given.planned_at,
        note: given.note,
    };

    start_timer: StartTimer {
        name: Key,
        run_at: Moment,
    } => |ticket, given| Command::StartTimer { ticket, name: given.name, run_at: given.run_at };

    notify: Notify {
        to: Recipient,
        #[serde(default)]
        template: Option<Key>,
        #[serde(default)]
        text: Option<String>,
    } => |ticket, given| Command::Notify {
        ticket,
        to: given.to,
        template: given.template,
        text: given.text,
        order: None,
    };
}

fn brought(changes: TicketChanges) -> Box<Information> {
    Box::new(Information { changes, gaps: Gaps::Refuse })
}

/// Nothing more needs to be said.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Nothing {}

pub async fn cancel_timer(
    State(app): State<App>,
    caller: Caller,
    At((ticket, name)): At<(TicketId, Key)>,
    body: Body<Nothing>,
) -> Answer<Done> {
    app.carry_out(&caller, body, |_| Command::CancelTimer { ticket, name }).await
}
