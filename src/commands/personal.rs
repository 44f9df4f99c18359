//! What people keep for themselves: drafts of replies, saved views, uploads that no command has named yet.

use super::done::DeskError;
use super::upload::{Received, check_room};
use super::words;
use crate::domain::command::{LINE_BYTES_MAX, TEXT_BYTES_MAX};
use crate::domain::event::Visibility;
use crate::domain::person::Actor;
use crate::domain::{PersonId, Refusal, SavedViewId, TicketId};
use crate::store::attachment::Attachment;
use crate::store::saved_view::SavedView;
use crate::store::{self, Tx};

/// Longest query of a saved view, in bytes.
const QUERY_BYTES_MAX: usize = 2_000;
/// Most saved views of one person.
const VIEWS_MAX: usize = 100;
/// Longest media type that is kept, in bytes; a longer one is nonsense.
const MEDIA_TYPE_BYTES_MAX: usize = 100;
/// What a file is when nobody says.
const MEDIA_TYPE_UNKNOWN: &str = "application/octet-stream";

/// Keeps the draft of a reply; an empty one is no draft.
pub fn save_reply_draft(
    tx: &Tx,
    person: PersonId,
    ticket: TicketId,
    body: &str,
    visibility: Visibility,
) -> Result<(), DeskError> {
    if body.len() > TEXT_BYTES_MAX {
        let (bytes, bytes_max) = (body.len(), TEXT_BYTES_MAX);
        return Err(Refusal::TooLong { field: "body".to_owned(), bytes, bytes_max }.into());
    }
    if body.is_empty() {
        return remove_reply_draft(tx, person, ticket);
    }
    Ok(store::reply_draft::put(tx, person, ticket, body, visibility)?)
}

pub fn remove_reply_draft(tx: &Tx, person: PersonId, ticket: TicketId) -> Result<(), DeskError> {
    Ok(store::reply_draft::remove(tx, person, ticket)?)
}

/// A saved view as the person wants it.
#[derive(Debug, Clone)]
pub struct ViewWish {
    pub name: String,
    pub query: String,
    /// At the end when absent.
    pub position: Option<i64>,
}

/// Makes a view (no id) or changes one of the person's own.
pub fn put_view(
    tx: &Tx,
    person: PersonId,
    id: Option<SavedViewId>,
    wish: ViewWish,
) -> Result<SavedView, DeskError> {
    let name = words::line("name", &wish.name)?;
    if wish.query.len() > QUERY_BYTES_MAX {
        let (bytes, bytes_max) = (wish.query.len(), QUERY_BYTES_MAX);
        return Err(Refusal::TooLong { field: "query".to_owned(), bytes, bytes_max }.into());
    }
    let count = store::saved_view::count(tx, person)?;
    let view = SavedView {
        id: id.unwrap_or_else(|| tx.id()),
        person,
        name,
        query: wish.query,
        position: wish.position.unwrap_or(count),
    };
    match id {
        Some(id) if !store::saved_view::update(tx, &view)? => {
            return Err(Refusal::not_found("saved view", id).into());
        }
        Some(_) => {}
        None if usize::try_from(count).is_ok_and(|count| count >= VIEWS_MAX) => {
            let (count, count_max) = (VIEWS_MAX + 1, VIEWS_MAX);
            return Err(Refusal::TooMany { field: "views".to_owned(), count, count_max }.into());
        }
        None => store::saved_view::insert(tx, &view)?,
    }
    Ok(view)
}

pub fn remove_view(tx: &Tx, person: PersonId, id: SavedViewId) -> Result<(), DeskError> {
    if store::saved_view::remove(tx, person, id)? {
        Ok(())
    } else {
        Err(Refusal::not_found("saved view", id).into())
    }
}

/// What a file is called and what it is, as far as the uploader can be believed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileLabel {
    name: String,
    media_type: String,
}

impl FileLabel {
    /// Refuses a name that is none; to be made before the file is received.
    pub fn new(name: &str, media_type: &str) -> Result<Self, Refusal> {
        Ok(Self { name: file_name(name)?, media_type: clean_media_type(media_type) })
    }
}

/// Places a received file and records it; a command must name it within a day. What is refused here leaves no file:
/// it gets its name on the writer's thread, after its room was found and before its row is committed.
pub fn record_upload(
    tx: &Tx,
    person: PersonId,
    received: Received,
    label: FileLabel,
) -> Result<Attachment, DeskError> {
    record_file(tx, &Actor::Person { person }, received, label)
}

/// As `record_upload`, for a file that a plugin made too.
pub fn record_file(
    tx: &Tx,
    actor: &Actor,
    received: Received,
    label: FileLabel,
) -> Result<Attachment, DeskError> {
    check_room(tx, actor, received.stored().bytes, tx.now())?;
    let stored = received.place().map_err(DeskError::File)?;
    let attachment = Attachment {
        id: tx.id(),
        sha256: stored.sha256,
        name: label.name,
        media_type: label.media_type,
        bytes: i64::try_from(stored.bytes).unwrap_or(i64::MAX),
        uploaded_by: actor.clone(),
        uploaded_at: tx.now(),
        ticket: None,
        visibility: None,
    };
    store::attachment::insert(tx, &attachment)?;
    Ok(attachment)
}

/// The last part of a name, without what could mislead a person or a file system.
fn file_name(name: &str) -> Result<String, Refusal> {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let clean: String = last.chars().filter(|c| !c.is_control() && !is_direction_mark(*c)).collect();
    let clean = clean.trim().trim_matches('.').trim();
    if clean.len() > LINE_BYTES_MAX {
        let (bytes, bytes_max) = (clean.len(), LINE_BYTES_MAX);
        return Err(Refusal::TooLong { field: "name".to_owned(), bytes, bytes_max });
    }
    if clean.is_empty() { Err(Refusal::invalid("name", "a file needs a name")) } else { Ok(clean.to_owned()) }
}

/// Marks that turn the direction of writing make `exe.jpg` of `gpj.exe`.
fn is_direction_mark(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

fn clean_media_type(media_type: &str) -> String {
    let bare = media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let is_fine = bare.len() <= MEDIA_TYPE_BYTES_MAX
        && bare.split('/').count() == 2
        && bare.bytes().all(|b| b.is_ascii_alphanumeric() || b"/.+-_".contains(&b))
        && !bare.starts_with('/')
        && !bare.ends_with('/');
    if is_fine { bare } else { MEDIA_TYPE_UNKNOWN.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_keeps_an_honest_name_only() {
        assert_eq!(file_name("../../etc/passwd").unwrap(), "passwd");
        assert_eq!(file_name("C:\\photos\\банкомат 1.jpg").unwrap(), "банкомат 1.jpg");
        assert_eq!(file_name("a\u{202e}gpj.exe").unwrap(), "agpj.exe");
        assert!(file_name("...").is_err() && file_name("").is_err());
    }

    #[test]
    fn a_media_type_is_two_words_or_unknown() {
        assert_eq!(clean_media_type("Image/PNG; charset=x"), "image/png");
        for bad in ["", "x", "a/b/c", "text/ht\nml", "/x", "x/"] {
            assert_eq!(clean_media_type(bad), MEDIA_TYPE_UNKNOWN, "{bad}");
        }
    }
}
