//! `upsert`: a foreign ticket is opened here once, and what changes there changes here. A value that changed on both
//! sides since they last agreed is a conflict: one of them stands, and both are on record.

use serde_json::{Value, json};

use super::done::DeskError;
use super::passwords::sha256;
use super::plugin_item::{carry_out, external, tie};
use super::plugin_items::Answer;
use super::work::Work;
use crate::domain::command::{Command, OpenTicket, PutContact, TicketChanges};
use crate::domain::pack::{FieldKind, Pack};
use crate::domain::permission::Step;
use crate::domain::plugin::{ForeignContact, PluginItem, Prefer, Upsert};
use crate::domain::ticket::{Channel, FieldValue, Ticket};
use crate::domain::{AssetId, ClientId, ContactId, Key, Moment, Refusal, SiteId, TicketId};
use crate::store;
use crate::store::plugin_conflict::{Conflict, ConflictWhy};

/// A part of the ticket of which the other side has a word to say.
struct Part {
    /// `subject`, `category`, …, `fields.` and a key.
    name: String,
    ours: Value,
    theirs: Value,
}

/// What a foreign ticket's places are here.
#[derive(Default)]
struct Places {
    site: Option<SiteId>,
    asset: Option<AssetId>,
    contact: Option<ContactId>,
}

/// Opens the ticket, ties the foreign id to it and remembers what was brought.
pub(super) fn open(
    work: &mut Work<'_>,
    answer: &Answer<'_>,
    item: &PluginItem,
    upsert: &Upsert,
) -> Result<TicketId, DeskError> {
    let external = external(item)?.to_owned();
    let client = answer.ground.installation.client;
    let places = places(work, client, upsert)?;
    let open = OpenTicket {
        client,
        subject: upsert.subject.clone(),
        description: upsert.description.clone().unwrap_or_default(),
        sub_client: None,
        site: places.site,
        asset: places.asset,
        contact: places.contact,
        category: upsert.category.clone(),
        impact: upsert.impact.unwrap_or_default(),
        urgency: upsert.urgency.unwrap_or_default(),
        channel: Some(Channel::Plugin),
        fields: upsert.fields.clone(),
        tags: upsert.tags.clone(),
        attachments: Vec::new(),
    };
    let done = carry_out(work, Command::OpenTicket(Box::new(open)))?;
    let id = done.ticket.expect("the ticket was opened");
    tie(work, answer, &external, id)?;
    let (pack, ticket) = (work.pack_of(id)?, work.ticket(id)?);
    for part in parts(work, &pack, &ticket, upsert, &places)? {
        remember(work, answer, id, &part)?;
    }
    let changes = TicketChanges {
        status: upsert.status.clone(),
        priority: upsert.priority.filter(|priority| *priority != ticket.priority),
        ..TicketChanges::default()
    };
    if changes != TicketChanges::default() {
        carry_out(work, change(id, changes))?;
    }
    Ok(id)
}

fn change(ticket: TicketId, changes: TicketChanges) -> Command {
    Command::ChangeTicket { ticket, version: None, changes: Box::new(changes) }
}

/// Brings what changed on the other side to the ticket that is here.
pub(super) fn merge(
    work: &mut Work<'_>,
    answer: &Answer<'_>,
    id: TicketId,
    upsert: &Upsert,
) -> Result<(), DeskError> {
    let ticket = work.ticket_for(id, Step::WorkOnTicket, None)?;
    let pack = work.pack_of(id)?;
    let places = places(work, ticket.client, upsert)?;
    let mut changes = TicketChanges::default();
    for part in parts(work, &pack, &ticket, upsert, &places)? {
        if is_theirs(work, answer, id, &part, upsert.prefer.unwrap_or(Prefer::Foreign))? {
            take_over(&mut changes, &part.name, upsert, &places);
        }
    }
    if changes != TicketChanges::default() {
        carry_out(work, change(id, changes))?;
    }
    let add: std::collections::BTreeSet<String> = upsert.tags.difference(&ticket.tags).cloned().collect();
    if !add.is_empty() {
        carry_out(work, Command::ChangeTags { ticket: id, add, remove: Default::default() })?;
    }
    Ok(())
}

/// Whether the other side's value is to be set here. What it brought last tells which side has moved since.
fn is_theirs(
    work: &Work<'_>,
    answer: &Answer<'_>,
    id: TicketId,
    part: &Part,
    prefer: Prefer,
) -> Result<bool, DeskError> {
    let last = store::plugin_state::value(&work.tx, answer.ground.installation.id, id, &part.name)?;
    let (ours, theirs) = (hash(&part.ours), hash(&part.theirs));
    if last.as_ref() == Some(&theirs) {
        // Nothing new from there; what was changed here stands, and goes out as an event of its own.
        return Ok(false);
    }
    remember(work, answer, id, part)?;
    if ours == theirs {
        return Ok(false);
    }
    let why = match last {
        Some(last) if last == ours => return Ok(true),
        Some(_) => ConflictWhy::BothChanged,
        None => ConflictWhy::FirstWord,
    };
    let conflict = Conflict {
        id: work.tx.id(),
        installation: answer.ground.installation.id,
        client: answer.ground.installation.client,
        ticket: id,
        field: part.name.clone(),
        ours: part.ours.clone(),
        theirs: part.theirs.clone(),
        won: prefer,
        why,
        at: work.tx.now(),
    };
    store::plugin_conflict::insert(&work.tx, &conflict)?;
    Ok(prefer == Prefer::Foreign)
}

fn remember(work: &Work<'_>, answer: &Answer<'_>, id: TicketId, part: &Part) -> Result<(), DeskError> {
    let (installation, theirs) = (answer.ground.installation.id, hash(&part.theirs));
    Ok(store::plugin_state::put_value(&work.tx, installation, id, &part.name, &theirs)?)
}

fn hash(value: &Value) -> String {
    sha256(value.to_string().as_bytes())
}

fn take_over(changes: &mut TicketChanges, name: &str, upsert: &Upsert, places: &Places) {
    match name {
        "subject" => changes.subject = Some(upsert.subject.clone()),
        "category" => changes.category.clone_from(&upsert.category),
        "impact" => changes.impact = upsert.impact,
        "urgency" => changes.urgency = upsert.urgency,
        "priority" => changes.priority = upsert.priority,
        "status" => changes.status.clone_from(&upsert.status),
        "site" => changes.site = Some(places.site),
        "asset" => changes.asset = Some(places.asset),
        "contact" => changes.contact = Some(places.contact),
        field => {
            let key = field.strip_prefix("fields.").and_then(|key| Key::new(key).ok());
            if let Some((key, value)) = key.and_then(|key| upsert.fields.get_key_value(&key)) {
                changes.fields.insert(key.clone(), value.clone());
            }
        }
    }
}

/// Every part that the upsert speaks of, as it is here and there, written alike.
fn parts(
    work: &Work<'_>,
    pack: &Pack,
    ticket: &Ticket,
    upsert: &Upsert,
    places: &Places,
) -> Result<Vec<Part>, DeskError> {
    let subject = store::text::get(&work.tx, ticket.subject)?;
    let mut found = vec![part("subject", json!(subject), json!(upsert.subject.trim()))];
    let mut add = |name: &str, ours: Value, theirs: Option<Value>| {
        found.extend(theirs.map(|theirs| part(name, ours, theirs)));
    };
    add("category", json!(ticket.category), upsert.category.as_ref().map(|to| json!(to)));
    add("impact", json!(ticket.impact), upsert.impact.map(|to| json!(to)));
    add("urgency", json!(ticket.urgency), upsert.urgency.map(|to| json!(to)));
    add("priority", json!(ticket.priority), upsert.priority.map(|to| json!(to)));
    add("status", json!(ticket.status), upsert.status.as_ref().map(|to| json!(to)));
    add("site", json!(ticket.site), places.site.map(|to| json!(to)));
    add("asset", json!(ticket.asset), places.asset.map(|to| json!(to)));
    add("contact", json!(ticket.contact), places.contact.map(|to| json!(to)));
    for (key, theirs) in &upsert.fields {
        let ours = match ticket.fields.get(key) {
            Some(value) => written(work, value)?,
            None => Value::Null,
        };
        let kind = pack.require_field("fields", key)?.kind;
        found.push(part(&format!("fields.{key}"), ours, alike(kind, theirs)));
    }
    Ok(found)
}

fn part(name: &str, ours: Value, theirs: Value) -> Part {
    Part { name: name.to_owned(), ours, theirs }
}

/// A field of ours as JSON.
fn written(work: &Work<'_>, value: &FieldValue) -> Result<Value, DeskError> {
    Ok(match value {
        FieldValue::Flag(flag) => json!(flag),
        FieldValue::Number(number) => json!(number),
        FieldValue::Choice(key) => json!(key),
        FieldValue::Moment(at) => json!(at),
        FieldValue::Text(text) => json!(store::text::get(&work.tx, *text)?),
    })
}

/// A value of theirs as ours would be written.
fn alike(kind: FieldKind, value: &Value) -> Value {
    match (kind, value) {
        (FieldKind::Number, Value::Number(number)) => json!(number.as_f64()),
        (FieldKind::Moment, Value::String(text)) => {
            text.parse::<Moment>().map_or_else(|_| value.clone(), |at| json!(at))
        }
        (FieldKind::Text, Value::String(text)) if text.trim().is_empty() => Value::Null,
        _ => value.clone(),
    }
}

fn places(work: &mut Work<'_>, client: ClientId, upsert: &Upsert) -> Result<Places, DeskError> {
    let site = match &upsert.site {
        Some(name) => Some(site(work, client, name)?),
        None => None,
    };
    let asset = match &upsert.asset {
        Some(tag) => {
            let found = store::place::asset_by_tag(&work.tx, client, tag)?;
            Some(found.ok_or_else(|| unknown("asset", "asset with the tag", tag))?.id)
        }
        None => None,
    };
    let contact = match &upsert.contact {
        Some(given) => contact(work, client, given)?,
        None => None,
    };
    Ok(Places { site, asset, contact })
}

fn site(work: &Work<'_>, client: ClientId, name: &str) -> Result<SiteId, DeskError> {
    let found = store::place_names::sites_named(&work.tx, client, name)?;
    match found[..] {
        [one] => Ok(one),
        [] => Err(unknown("site", "site called", name).into()),
        _ => {
            let message = format!("the client has several sites called `{name}`; give the asset instead");
            Err(Refusal::invalid("site", message).into())
        }
    }
}

fn unknown(field: &str, what: &str, given: &str) -> Refusal {
    let given: String = given.chars().take(80).collect();
    Refusal::invalid(field, format!("the client has no {what} `{given}`"))
}

/// The contact with the e-mail address, else with the phone number; a new one is added when it can be found again.
fn contact(
    work: &mut Work<'_>,
    client: ClientId,
    given: &ForeignContact,
) -> Result<Option<ContactId>, DeskError> {
    let trimmed = |text: &Option<String>| {
        text.as_deref().map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned)
    };
    let (email, phone) = (trimmed(&given.email), trimmed(&given.phone));
    for (column, value) in [("email", &email), ("phone", &phone)] {
        if let Some(value) = value
            && let Some(found) = store::place_names::contact_with(&work.tx, client, column, value)?
        {
            return Ok(Some(found));
        }
    }
    let (Some(name), true) = (trimmed(&given.name), email.is_some() || phone.is_some()) else {
        return Ok(None);
    };
    let put = PutContact { id: None, version: None, client, sub_client: None, name, email, phone };
    let done = carry_out(work, Command::PutContact(Box::new(put)))?;
    Ok(done.id.and_then(|id| id.parse().ok()))
}
