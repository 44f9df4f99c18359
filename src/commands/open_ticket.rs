//! `OpenTicket`: a ticket begins in the first status of its client's pack.

use super::apply::about;
use super::coverage;
use super::done::{DeskError, Done};
use super::incident_rule;
use super::record::record_opening;
use super::terms::terms;
use super::words;
use super::work::Work;
use crate::domain::command::OpenTicket;
use crate::domain::event::{Event, Speaker, TicketOpened, Visibility};
use crate::domain::pack::{Pack, Phase};
use crate::domain::permission::Step;
use crate::domain::person::Affiliation;
use crate::domain::ticket::{Channel, Level};
use crate::domain::{
    AssetId, ClientId, ContactId, Key, PackVersionId, Refusal, SiteId, SubClientId, TicketId,
};
use crate::store;

pub(super) fn open(work: &mut Work<'_>, open: OpenTicket) -> Result<Done, DeskError> {
    let client = store::client::get(&work.tx, open.client)?
        .ok_or_else(|| Refusal::not_found("client", open.client))?;
    // Whoever may not open tickets of the client is not told that it exists.
    work.require_for(Step::OpenTicket, Some(client.id)).map_err(|error| match error {
        DeskError::Refused(Refusal::Forbidden { .. }) => Refusal::not_found("client", open.client).into(),
        other => other,
    })?;
    if !client.is_active {
        return Err(Refusal::ClientIsInactive.into());
    }
    let open = as_client_may(work, open)?;
    work.programs.know_prefix(client.id, &client.prefix);
    let version = client.pack_version.ok_or(Refusal::NothingPublished)?;
    let loaded = work.programs.pack(&work.tx, version)?.ok_or(Refusal::NothingPublished)?;
    let id: TicketId = work.tx.id();
    let opened = first_state(work, &loaded.pack, version, &open)?;
    let subject = opened.subject;
    let description = opened.description;
    let attachments = opened.attachments.clone();
    record_opening(work, id, Event::TicketOpened(Box::new(opened)))?;
    coverage::recheck(work, id)?;
    words::bind_attachments(work, id, &attachments, Visibility::Public)?;
    let document = format!("{} {}", open.subject, open.description);
    store::search::add(&work.tx, id, description.unwrap_or(subject), &document);
    incident_rule::attach_by_rule(work, id)?;
    Ok(about(id, Some(id.0)))
}

/// A client's person opens for itself: as its own contact, in its own sub-client, through the portal, and without
/// the tags and fields that scripts trust.
fn as_client_may(work: &mut Work<'_>, mut open: OpenTicket) -> Result<OpenTicket, DeskError> {
    let Some(access) = work.access()? else { return Ok(open) };
    let Affiliation::Contact { contact, .. } = access.affiliation else { return Ok(open) };
    for (field, is_empty) in [("tags", open.tags.is_empty()), ("fields", open.fields.is_empty())] {
        if !is_empty {
            return Err(Refusal::invalid(field, "only the desk sets these; leave them out").into());
        }
    }
    if open.channel.is_some_and(|given| given != Channel::Portal) {
        let message = "a client's person comes by `portal`; leave it out";
        return Err(Refusal::invalid("channel", message).into());
    }
    open.channel = Some(Channel::Portal);
    open.contact = contact.or(open.contact);
    if let Some(sub_client) = access.sub_client {
        open.sub_client = Some(sub_client);
        check_sub_client(work, &open, sub_client)?;
    }
    Ok(open)
}

/// The site and the asset must be of the sub-client; others are answered as if they were not.
fn check_sub_client(work: &Work<'_>, open: &OpenTicket, own: SubClientId) -> Result<(), DeskError> {
    let owner_of = |site: Option<SiteId>| -> Result<Option<SubClientId>, DeskError> {
        let site = site.map_or(Ok(None), |site| store::place::site(&work.tx, site))?;
        Ok(site.and_then(|site| site.sub_client))
    };
    if let Some(id) = open.site
        && owner_of(Some(id))? != Some(own)
    {
        return Err(not_owned("site", "site", id).into());
    }
    if let Some(id) = open.asset {
        let asset = store::place::asset(&work.tx, id)?;
        if owner_of(asset.and_then(|asset| asset.site))? != Some(own) {
            return Err(not_owned("asset", "asset", id).into());
        }
    }
    Ok(())
}

fn first_state(
    work: &mut Work<'_>,
    pack: &Pack,
    version: PackVersionId,
    open: &OpenTicket,
) -> Result<TicketOpened, DeskError> {
    let subject = words::line("subject", &open.subject)?;
    words::text("description", &open.description)?;
    words::tags("tags", &open.tags)?;
    if let Some(category) = &open.category {
        pack.require_category("category", category)?;
    }
    check_places(work, open)?;
    let fields = words::fields(work, pack, &open.fields)?;
    let asset = match open.asset {
        Some(asset) => store::place::asset(&work.tx, asset)?,
        None => None,
    };
    let site = open.site.or(asset.and_then(|asset| asset.site));
    let sub_client = match (open.sub_client, site) {
        (None, Some(site)) => store::place::site(&work.tx, site)?.and_then(|site| site.sub_client),
        (given, _) => given,
    };
    contact_fits(work, open.contact, sub_client)?;
    check_priority(work, pack, open, sub_client)?;
    Ok(TicketOpened {
        client: open.client,
        number: store::client::next_number(&work.tx, open.client)?
            .ok_or_else(|| Refusal::not_found("client", open.client))?,
        sub_client,
        site,
        asset: open.asset,
        contact: open.contact,
        subject: store::text::put(&work.tx, &subject)?,
        description: work.text(Some(&open.description))?,
        status: pack.status_of_phase(Phase::New).key.clone(),
        category: open.category.clone().or_else(|| default_category(pack)),
        impact: open.impact,
        urgency: open.urgency,
        priority: pack.priorities.priority(open.impact, open.urgency),
        queue: pack.default_queue().map(|queue| queue.key.clone()),
        channel: open.channel.unwrap_or_default(),
        fields: fields.into_iter().filter_map(|(key, value)| Some((key, value?))).collect(),
        tags: open.tags.clone(),
        attachments: open.attachments.clone(),
        pack_version: Some(version),
        terms: terms(work, site, sub_client)?,
    })
}

/// Where the contract sells a raised priority, a client's person does not take one for nothing.
fn check_priority(
    work: &mut Work<'_>,
    pack: &Pack,
    open: &OpenTicket,
    sub_client: Option<SubClientId>,
) -> Result<(), DeskError> {
    if work.speaker()? != Speaker::Client {
        return Ok(());
    }
    let usual = pack.priorities.priority(Level::default(), Level::default());
    if pack.priorities.priority(open.impact, open.urgency) >= usual {
        return Ok(());
    }
    let sub_client = sub_client.map_or(Ok(None), |id| store::client::get_sub(&work.tx, id))?;
    let package = pack.package_of(sub_client.as_ref().map(|sub| &sub.key));
    let is_sold = package
        .and_then(|package| package.priority_raise.as_ref())
        .is_some_and(|terms| terms.charge.is_paid());
    if is_sold {
        let message =
            "your contract sells a higher priority: leave impact and urgency out, then have it raised";
        return Err(Refusal::invalid("impact", message).into());
    }
    Ok(())
}

fn default_category(pack: &Pack) -> Option<Key> {
    pack.default_category().map(|category| category.key.clone())
}

fn check_places(work: &Work<'_>, open: &OpenTicket) -> Result<(), DeskError> {
    let client = open.client;
    own_sub_client(work, "sub_client", open.sub_client, client)?;
    own_site(work, open.site, client)?;
    own_asset(work, open.asset, client)?;
    own_contact(work, open.contact, client)
}

/// Where a sub-client is named, it is one of the client.
pub(super) fn own_sub_client(
    work: &Work<'_>,
    field: &str,
    named: Option<SubClientId>,
    client: ClientId,
) -> Result<(), DeskError> {
    let Some(id) = named else { return Ok(()) };
    let owner = store::client::get_sub(&work.tx, id)?.map(|sub| sub.client);
    Ok(own(field, "sub-client", id, client, owner)?)
}

pub(super) fn own_site(work: &Work<'_>, named: Option<SiteId>, client: ClientId) -> Result<(), DeskError> {
    let Some(id) = named else { return Ok(()) };
    let owner = store::place::site(&work.tx, id)?.map(|site| site.client);
    Ok(own("site", "site", id, client, owner)?)
}

pub(super) fn own_asset(work: &Work<'_>, named: Option<AssetId>, client: ClientId) -> Result<(), DeskError> {
    let Some(id) = named else { return Ok(()) };
    let owner = store::place::asset(&work.tx, id)?.map(|asset| asset.client);
    Ok(own("asset", "asset", id, client, owner)?)
}

pub(super) fn own_contact(
    work: &Work<'_>,
    named: Option<ContactId>,
    client: ClientId,
) -> Result<(), DeskError> {
    let Some(id) = named else { return Ok(()) };
    let owner = store::place::contact(&work.tx, id)?.map(|contact| contact.client);
    Ok(own("contact", "contact", id, client, owner)?)
}

/// A sub-client's contact is named on no ticket of another, whose people would read the name. One of no sub-client
/// fits every ticket, and a ticket of none takes every contact.
pub(super) fn contact_fits(
    work: &Work<'_>,
    contact: Option<ContactId>,
    sub_client: Option<SubClientId>,
) -> Result<(), DeskError> {
    let (Some(contact), Some(own)) = (contact, sub_client) else { return Ok(()) };
    match store::place::contact(&work.tx, contact)?.and_then(|contact| contact.sub_client) {
        Some(other) if other != own => {
            let message =
                "the contact is of another sub-client than the ticket; name one of its own, or one of none";
            Err(Refusal::invalid("contact", message).into())
        }
        _ => Ok(()),
    }
}

/// What is named must be there and be of the client; one of another client is answered as if it were not.
pub(super) fn own(
    field: &str,
    what: &'static str,
    id: impl std::fmt::Display,
    client: ClientId,
    owner: Option<ClientId>,
) -> Result<(), Refusal> {
    if owner == Some(client) { Ok(()) } else { Err(not_owned(field, what, id)) }
}

fn not_owned(field: &str, what: &'static str, id: impl std::fmt::Display) -> Refusal {
    Refusal::invalid(field, format!("the client has no {what} `{id}`"))
}
