//! What crosses between the desk and a plugin: documents with a version, their limits, and how they are read.

mod abilities;
mod event_document;
mod hook;
mod item_command;
mod items;
mod refusal_document;
mod schemas;
mod ticket_document;

pub use abilities::{Abilities, EventKind, POLL_EVERY_MAX, POLL_EVERY_MIN, TicketPart};
pub use event_document::{ActorDocument, EventDocument, Origin};
pub use hook::{HOOK_BODY_BYTES_MAX, HOOK_QUERY_BYTES_MAX, HookAnswer, HookReceiver, HookRequest};
pub use item_command::{
    AUTHOR_BYTES_MAX, Attach, Close, CommandName, Comment, ForeignContact, ItemCommand, Link,
    NOTICE_BYTES_MAX, Notice, Prefer, Priority, QueueTo, RatedAs, Reopen, Resolve, SetFields, Spoken,
    StatusTo, Tags, Unlink, Upsert,
};
pub use items::{
    COMMANDS_MAX, CURSOR_BYTES_MAX, DocumentError, EXTERNAL_BYTES_MAX, ITEM_BYTES_MAX, ITEMS_MAX,
    ItemsDocument, KEY_BYTES_MAX, PluginItem, PollDocument, Polled, read_items, read_poll,
};
pub use refusal_document::{ItemRefusal, RefusalDocument};
pub use schemas::schemas;
pub use ticket_document::{
    AssetDocument, CommentDocument, ContactDocument, ExternalDocument, FileDocument, PersonDocument,
    SiteDocument, TicketDocument,
};

/// The version of the documents that this desk writes and reads. Fields are added without a new one.
pub const SCHEMA: u32 = 1;
