//! What a plugin asks the desk to do: items with commands, put together step by step.
//!
//! ```ignore
//! let item = Item::external("IM10023")
//!     .key("IM10023/7")
//!     .then(Upsert::new("No paper").category("printer").field("model", "K-7"))
//!     .then(Comment::public("It is out of paper again.").author("Anna"));
//! Ok(Items::of([item]))
//! ```

use serde::Serialize;
use serde_json::{Map, Value};

use crate::event::Visibility;

/// What a plugin answers to an event or a request: at most 200 items, each taken or refused on its own.
#[derive(Clone, Debug, Serialize)]
pub struct Items {
    schema: u32,
    items: Vec<Item>,
}

/// What a plugin answers to a poll; items, cursor and writes of `kv` are stored together or not at all.
#[derive(Clone, Debug, Serialize)]
pub struct Poll {
    schema: u32,
    items: Vec<Item>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cursor: Option<String>,
    more: bool,
}

/// One thing that happened on the other side.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Item {
    #[serde(skip_serializing_if = "Option::is_none")]
    external: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ticket: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    at: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<String>,
    commands: Vec<Command>,
}

const SCHEMA: u32 = 1;

impl Items {
    /// Nothing to say.
    pub fn none() -> Items {
        Items::of([])
    }

    /// These, taken in their order.
    pub fn of(items: impl IntoIterator<Item = Item>) -> Items {
        Items { schema: SCHEMA, items: items.into_iter().collect() }
    }
}

impl Poll {
    /// These items; the cursor stays as it was.
    pub fn of(items: impl IntoIterator<Item = Item>) -> Poll {
        Poll { schema: SCHEMA, items: items.into_iter().collect(), cursor: None, more: false }
    }

    /// What the next poll is given, at most 4 KiB.
    pub fn cursor(mut self, cursor: impl Into<String>) -> Poll {
        self.cursor = Some(cursor.into());
        self
    }

    /// Whether the next page should be asked for at once.
    pub fn more(mut self, more: bool) -> Poll {
        self.more = more;
        self
    }
}

impl Item {
    /// About what the other side calls so, 1 to 200 bytes.
    pub fn external(external: impl Into<String>) -> Item {
        Item { external: Some(external.into()), ..Item::default() }
    }

    /// About the desk's ticket of this number, such as `BANK-1042`.
    pub fn ticket(number: impl Into<String>) -> Item {
        Item { ticket: Some(number.into()), ..Item::default() }
    }

    /// About the ticket of the event that this answers.
    pub fn of_event() -> Item {
        Item::default()
    }

    /// Also what the other side calls it: for `Command::link`.
    pub fn called(mut self, external: impl Into<String>) -> Item {
        self.external = Some(external.into());
        self
    }

    /// When it happened there, in milliseconds since 1970.
    pub fn at(mut self, at_ms: i64) -> Item {
        self.at = Some(at_ms);
        self
    }

    /// Names this very change: an item whose key was taken before is skipped. 1 to 200 bytes.
    pub fn key(mut self, key: impl Into<String>) -> Item {
        self.key = Some(key.into());
        self
    }

    /// One more command, at most 20; all are taken or none.
    pub fn then(mut self, command: impl Into<Command>) -> Item {
        self.commands.push(command.into());
        self
    }
}

/// What the desk is to do with the ticket; the rest of the words are those of the client's pack.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum Command {
    Upsert(Upsert),
    Comment(Comment),
    Status {
        to: String,
    },
    Resolve(Ending),
    Close(Ending),
    Reopen {
        #[serde(skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
    },
    Fields {
        fields: Map<String, Value>,
    },
    Priority {
        impact: String,
        urgency: String,
    },
    Tags {
        add: Vec<String>,
        remove: Vec<String>,
    },
    Queue {
        queue: String,
    },
    Link {
        #[serde(skip_serializing_if = "Option::is_none")]
        number: Option<String>,
    },
    Unlink {},
    Attach {
        file: String,
        visibility: Visibility,
    },
    Notice {
        name: String,
        value: Value,
    },
    Rate {
        value: i64,
        #[serde(skip_serializing_if = "Option::is_none")]
        comment: Option<String>,
    },
}

/// How something ended.
#[derive(Clone, Debug, Serialize)]
pub struct Ending {
    resolution: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

impl Command {
    /// Another status, one that neither resolves nor closes.
    pub fn status(to: impl Into<String>) -> Command {
        Command::Status { to: to.into() }
    }

    /// Resolved there, with a resolution of the pack.
    pub fn resolve(resolution: impl Into<String>, reason: Option<String>) -> Command {
        Command::Resolve(Ending { resolution: resolution.into(), reason })
    }

    /// Closed there, with a resolution of the pack.
    pub fn close(resolution: impl Into<String>, reason: Option<String>) -> Command {
        Command::Close(Ending { resolution: resolution.into(), reason })
    }

    /// Came back there.
    pub fn reopen(reason: Option<String>) -> Command {
        Command::Reopen { reason }
    }

    /// One custom field, whatever was changed here meanwhile.
    pub fn field(key: impl Into<String>, value: impl Into<Value>) -> Command {
        Command::Fields { fields: Map::from_iter([(key.into(), value.into())]) }
    }

    /// Impact and urgency; the pack gives the priority.
    pub fn priority(impact: impl Into<String>, urgency: impl Into<String>) -> Command {
        Command::Priority { impact: impact.into(), urgency: urgency.into() }
    }

    /// Tags to add and to take away.
    pub fn tags(add: impl IntoIterator<Item = String>, remove: impl IntoIterator<Item = String>) -> Command {
        Command::Tags { add: add.into_iter().collect(), remove: remove.into_iter().collect() }
    }

    /// Into the queue of a support line or a department.
    pub fn queue(queue: impl Into<String>) -> Command {
        Command::Queue { queue: queue.into() }
    }

    /// The item's ticket is what the other side calls `external`.
    pub fn link() -> Command {
        Command::Link { number: None }
    }

    /// The ticket of this number is what the other side calls `external`.
    pub fn link_to(number: impl Into<String>) -> Command {
        Command::Link { number: Some(number.into()) }
    }

    /// It is that no more.
    pub fn unlink() -> Command {
        Command::Unlink {}
    }

    /// A file that this call made becomes an attachment, see `blob` and `http`.
    pub fn attach(file: impl Into<String>, visibility: Visibility) -> Command {
        Command::Attach { file: file.into(), visibility }
    }

    /// Wakes the client's script: `on_notice(ticket, notice)`.
    pub fn notice(name: impl Into<String>, value: impl Into<Value>) -> Command {
        Command::Notice { name: name.into(), value: value.into() }
    }

    /// The client's person said how it went, 1 (very bad) to 5 (very good).
    pub fn rate(value: i64, comment: Option<String>) -> Command {
        Command::Rate { value, comment }
    }
}

/// Opens a ticket for `external`, or changes the one that it is.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Upsert(Map<String, Value>);

macro_rules! values {
    ($($(#[$doc:meta])* $name:ident;)*) => {
        impl Upsert {
            $($(#[$doc])*
            pub fn $name(self, value: impl Into<String>) -> Upsert {
                self.value(stringify!($name), value.into())
            })*
        }
    };
}

values! {
    /// Used when the ticket is opened.
    description;
    /// A category of the pack.
    category;
    /// `low`, `medium` or `high`.
    impact;
    /// `low`, `medium` or `high`.
    urgency;
    /// A status of the pack that neither resolves nor closes.
    status;
    /// A site of the client by its name.
    site;
    /// An asset of the client by its tag.
    asset;
}

impl Upsert {
    /// `subject` is one line, at most 500 bytes.
    pub fn new(subject: impl Into<String>) -> Upsert {
        Upsert::default().value("subject", subject.into())
    }

    /// 1 (most pressing) to 5, whatever impact and urgency say.
    pub fn priority(self, priority: i64) -> Upsert {
        self.value("priority", priority)
    }

    /// A person at the client, found by e-mail address, else by phone number.
    pub fn contact(self, name: Option<&str>, email: Option<&str>, phone: Option<&str>) -> Upsert {
        let known = [("name", name), ("email", email), ("phone", phone)];
        let known = known.into_iter().filter_map(|(key, value)| Some((key.to_owned(), Value::from(value?))));
        self.value("contact", Value::Object(known.collect()))
    }

    /// A custom field of the pack; `Value::Null` empties it.
    pub fn field(mut self, key: impl Into<String>, value: impl Into<Value>) -> Upsert {
        let fields = self.0.entry("fields").or_insert_with(|| Value::Object(Map::new()));
        if let Value::Object(fields) = fields {
            fields.insert(key.into(), value.into());
        }
        self
    }

    /// A tag that it should have.
    pub fn tag(mut self, tag: impl Into<String>) -> Upsert {
        let tags = self.0.entry("tags").or_insert_with(|| Value::Array(Vec::new()));
        if let Value::Array(tags) = tags {
            tags.push(Value::from(tag.into()));
        }
        self
    }

    /// Where both sides changed a value, this desk's stands; without it the other side's does.
    pub fn prefer_desk(self) -> Upsert {
        self.value("prefer", "desk")
    }

    fn value(mut self, key: &str, value: impl Into<Value>) -> Upsert {
        self.0.insert(key.to_owned(), value.into());
        self
    }
}

/// A reply or a note on the ticket.
#[derive(Clone, Debug, Serialize)]
pub struct Comment {
    text: String,
    visibility: Visibility,
    #[serde(skip_serializing_if = "Option::is_none")]
    author: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    spoken_by: Option<&'static str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    files: Vec<String>,
}

impl Comment {
    /// The client's people read it too. At most 64 KiB.
    pub fn public(text: impl Into<String>) -> Comment {
        Comment::new(text, Visibility::Public)
    }

    /// Only staff reads it.
    pub fn internal(text: impl Into<String>) -> Comment {
        Comment::new(text, Visibility::Internal)
    }

    fn new(text: impl Into<String>, visibility: Visibility) -> Comment {
        Comment { text: text.into(), visibility, author: None, spoken_by: None, files: Vec::new() }
    }

    /// Who wrote it there, at most 200 bytes. The clocks of targets take it for a person of the client.
    pub fn author(mut self, author: impl Into<String>) -> Comment {
        self.author = Some(author.into());
        self
    }

    /// The author is a partner, such as a desk further up the chain.
    pub fn by_partner(mut self) -> Comment {
        self.spoken_by = Some("partner");
        self
    }

    /// A file that this call made comes with it.
    pub fn file(mut self, file: impl Into<String>) -> Comment {
        self.files.push(file.into());
        self
    }
}

impl From<Upsert> for Command {
    fn from(upsert: Upsert) -> Command {
        Command::Upsert(upsert)
    }
}

impl From<Comment> for Command {
    fn from(comment: Comment) -> Command {
        Command::Comment(comment)
    }
}
