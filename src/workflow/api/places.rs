//! Where and for whom: client, sub-client, site, country, asset, model.

use std::any::TypeId;

use rhai::Dynamic;

use super::call::{Answer, Call, Outcome};
use super::collections::List;
use super::ticket::TicketRef;
use super::time::local;
use super::{Example, Keys, Kind, Member, Param, Type};
use crate::domain::client::{Asset, Site};
use crate::domain::{AssetId, SiteId, SubClientId, TicketId};
use crate::workflow::state::State;

/// The ticket's client, with the ticket's own sub-client.
#[derive(Debug, Clone, Copy)]
pub struct ClientRef(pub TicketId);
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SubClientRef(pub SubClientId);
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SiteRef(pub SiteId);
/// ISO 3166-1 alpha-2.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CountryRef(pub String);
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AssetRef(pub AssetId);
/// The model of an asset.
#[derive(Debug, Clone, Copy)]
pub struct ModelRef(pub AssetId);

impl ClientRef {
    pub fn name(&self, state: &State) -> Outcome<String> {
        let client = state.ticket(self.0, |ticket| ticket.client)?;
        state.client(client, |client| client.name.clone())
    }
}

pub static CLIENT: Type = Type {
    name: "Client",
    doc: "The firm whose ticket it is.",
    id: TypeId::of::<ClientRef>,
    index: None,
    actions: &[],
    members: &[
        Member::get(
            "open_incidents",
            Kind::List(&Kind::Handle("Incident")),
            "Its major incidents that go on, the oldest first.",
            Example::on(
                "on_comment",
                "for incident in ticket.client.open_incidents { ticket.attach_to_incident(incident); }",
            ),
            |call| super::incidents::open_of_client(call.state()),
        ),
        Member::get(
            "key",
            Kind::Text,
            "Its key, such as `it-desk`.",
            Example::opened("ticket.add_tag(ticket.client.key);"),
            |call| {
                let client = call.state().ticket(call.this::<ClientRef>()?.0, |ticket| ticket.client)?;
                call.state().client(client, |client| client.key.to_string()).map(Dynamic::from)
            },
        ),
        Member::get(
            "name",
            Kind::Text,
            "Its name.",
            Example::opened("ticket.note(\"Asked by \" + ticket.client.name);"),
            |call| call.this::<ClientRef>()?.name(call.state()).map(Dynamic::from),
        ),
        Member::get(
            "language",
            Kind::Text,
            "`ru` or `en`: in which its people are written to.",
            Example::opened(
                "if ticket.client.language == \"ru\" { ticket.comment(\"Приняли.\"); } else { ticket.comment(\"We have it.\"); }",
            ),
            |call| {
                let client = call.state().ticket(call.this::<ClientRef>()?.0, |ticket| ticket.client)?;
                call.state().client(client, |client| client.language.as_str().into())
            },
        ),
        Member::get(
            "calendar",
            Kind::Handle("Calendar"),
            "The client's default calendar.",
            Example::opened("if ticket.client.calendar.is_open(now()) { ticket.queue(\"first_line\"); }"),
            super::calendar::of_client,
        ),
        Member::get(
            "sub",
            Kind::Handle("SubClient"),
            "The ticket's sub-client; `()` without one.",
            Example::opened("if ticket.client.sub != () { ticket.note(\"For \" + ticket.client.sub.name); }"),
            sub_client,
        ),
    ],
};

/// The ticket's sub-client.
pub fn sub_client(call: &mut Call<'_, '_, '_>) -> Answer {
    let sub = call.state().ticket(call.this::<ClientRef>()?.0, |ticket| ticket.sub_client)?;
    Ok(sub.map_or(Dynamic::UNIT, |sub| Dynamic::from(SubClientRef(sub))))
}

pub static SUB_CLIENT: Type = Type {
    name: "SubClient",
    doc: "A firm served through the client: one of a service company's banks.",
    id: TypeId::of::<SubClientRef>,
    index: None,
    actions: &[],
    members: &[
        Member::get(
            "key",
            Kind::Text,
            "Its key.",
            Example::opened("ticket.add_tag(ticket.client.sub.key);"),
            |call| {
                call.state()
                    .sub_client(call.this::<SubClientRef>()?.0, |sub| sub.key.to_string())
                    .map(Dynamic::from)
            },
        ),
        Member::get(
            "name",
            Kind::Text,
            "Its name.",
            Example::opened("ticket.note(\"For \" + ticket.client.sub.name);"),
            |call| {
                call.state()
                    .sub_client(call.this::<SubClientRef>()?.0, |sub| sub.name.clone())
                    .map(Dynamic::from)
            },
        ),
        Member::get(
            "support",
            Kind::Text,
            "Where questions about its own systems go; `()` when unknown.",
            Example::opened(
                "ticket.escalate(\"bank_support\", #{ to: ticket.client.sub.support, due: hours(2) });",
            ),
            |call| {
                let support =
                    call.state().sub_client(call.this::<SubClientRef>()?.0, |sub| sub.support.clone())?;
                Ok(support.map_or(Dynamic::UNIT, Dynamic::from))
            },
        ),
    ],
};

pub static SITE: Type = Type {
    name: "Site",
    doc: "Where the asset stands.",
    id: TypeId::of::<SiteRef>,
    index: None,
    actions: &[],
    members: &[
        Member::get(
            "name",
            Kind::Text,
            "What it is called.",
            Example::opened("ticket.note(\"Go to \" + ticket.site.name);"),
            |call| site_text(call, |site| &site.name),
        ),
        Member::get(
            "address",
            Kind::Text,
            "Where to go.",
            Example::opened("ticket.note(\"Go to \" + ticket.site.address);"),
            |call| site_text(call, |site| &site.address),
        ),
        Member::get(
            "city",
            Kind::Text,
            "As engineers' cities are written.",
            Example::opened("ticket.dispatch(#{ city: ticket.site.city });"),
            |call| site_text(call, |site| &site.city),
        ),
        Member::get(
            "country",
            Kind::Handle("Country"),
            "Its country.",
            Example::opened(
                "if ticket.site.country.code == \"KZ\" { ticket.dispatch(#{ languages: [\"kk\", \"ru\"] }); }",
            ),
            |call| {
                let code = call.state().site(call.this::<SiteRef>()?.0, |site| site.country.clone())?;
                Ok(Dynamic::from(CountryRef(code)))
            },
        ),
        Member::get(
            "open_tickets",
            Kind::List(&Kind::Handle("Ticket")),
            "The other open tickets of this site, the oldest first, at most 100.",
            Example::opened("ticket.note(`${ticket.site.open_tickets.len} others are open there`);"),
            super::search::open_of_site,
        ),
        Member::get(
            "time",
            Kind::Handle("LocalTime"),
            "What the clock there shows now.",
            Example::opened(
                "if ticket.site.time.hour < 18 { ticket.dispatch(#{ city: ticket.site.city }); }",
            ),
            |call| {
                let zone = call.state().site(call.this::<SiteRef>()?.0, |site| site.time_zone.clone())?;
                local(call.state().now()?, &zone)
            },
        ),
    ],
};

fn site_text(call: &Call<'_, '_, '_>, part: impl Fn(&Site) -> &String) -> Answer {
    call.state().site(call.this::<SiteRef>()?.0, |site| part(site).clone()).map(Dynamic::from)
}

pub static COUNTRY: Type = Type {
    name: "Country",
    doc: "The country of a site.",
    id: TypeId::of::<CountryRef>,
    index: None,
    actions: &[],
    members: &[
        Member::get(
            "code",
            Kind::Text,
            "ISO 3166-1 alpha-2, such as `KZ`.",
            Example::opened("if ticket.site.country.code == \"KZ\" { ticket.add_tag(\"kazakhstan\"); }"),
            |call| Ok(call.this::<CountryRef>()?.0.into()),
        ),
        Member::get(
            "language",
            Kind::Text,
            "ISO 639-1 of its main language; `()` when we do not know it.",
            Example::opened("ticket.dispatch(#{ languages: [ticket.site.country.language] });"),
            |call| {
                let country = call.this::<CountryRef>()?;
                Ok(language_of(&country.0).map_or(Dynamic::UNIT, Dynamic::from))
            },
        ),
    ],
};

/// The state language that most people of the country speak (CLDR supplemental data, territory information).
fn language_of(country: &str) -> Option<&'static str> {
    Some(match country {
        "AM" => "hy",
        "AT" | "CH" | "DE" => "de",
        "AZ" => "az",
        "BG" => "bg",
        "BY" | "RU" => "ru",
        "CN" => "zh",
        "CZ" => "cs",
        "ES" | "MX" => "es",
        "FR" => "fr",
        "GB" | "IE" | "US" => "en",
        "GE" => "ka",
        "IT" => "it",
        "KG" => "ky",
        "KZ" => "kk",
        "LT" => "lt",
        "LV" => "lv",
        "EE" => "et",
        "MD" | "RO" => "ro",
        "MN" => "mn",
        "PL" => "pl",
        "RS" => "sr",
        "TJ" => "tg",
        "TM" => "tk",
        "TR" => "tr",
        "UA" => "uk",
        "UZ" => "uz",
        _ => return None,
    })
}

pub static ASSET: Type = Type {
    name: "Asset",
    doc: "The machine that the ticket is about.",
    id: TypeId::of::<AssetRef>,
    index: None,
    actions: &[],
    members: &[
        Member::get(
            "tag",
            Kind::Text,
            "What is painted on it.",
            Example::opened("ticket.subject = ticket.asset.tag + \": \" + ticket.subject;"),
            |call| asset_text(call, |asset| &asset.tag),
        ),
        Member::get(
            "serial",
            Kind::Text,
            "Its serial number.",
            Example::opened(
                "ticket.call_plugin(\"parts-stock\", \"in_stock\", #{ serial: ticket.asset.serial });",
            ),
            |call| asset_text(call, |asset| &asset.serial),
        ),
        Member::get(
            "model",
            Kind::Handle("Model"),
            "Its model.",
            Example::opened("ticket.note(\"Model \" + ticket.asset.model.name);"),
            |call| Ok(Dynamic::from(ModelRef(call.this::<AssetRef>()?.0))),
        ),
        Member::get(
            "site",
            Kind::Handle("Site"),
            "Where it stands; `()` when unknown.",
            Example::opened("ticket.dispatch(#{ city: ticket.asset.site.city });"),
            |call| {
                let site = call.state().asset(call.this::<AssetRef>()?.0, |asset| asset.site)?;
                Ok(site.map_or(Dynamic::UNIT, |site| Dynamic::from(SiteRef(site))))
            },
        ),
        Member::get(
            "open_tickets",
            Kind::List(&Kind::Handle("Ticket")),
            "The other open tickets of this asset, the oldest first, at most 100.",
            Example::opened("for other in ticket.asset.open_tickets { ticket.link(other); }"),
            |call| {
                let (asset, own) = (call.this::<AssetRef>()?.0, call.state().ticket);
                call.state().open_tickets_of(asset, |tickets| {
                    List::of(tickets.iter().map(|one| one.id).filter(|id| *id != own).map(TicketRef))
                })
            },
        ),
        super::repairs::LAST_REPAIRS,
        Member::method_with(
            "open_ticket",
            &[Param::new("where", Kind::Options(OPEN_TICKET), "which one")],
            0,
            Kind::Handle("Ticket"),
            "The oldest other open ticket of this asset; `()` when there is none.",
            Example::opened(
                "ticket.note(`Another is open: ${ticket.asset.open_ticket(#{ status: \"new\" })}`);",
            ),
            open_ticket,
        ),
    ],
};

const OPEN_TICKET: &[Param] = &[
    Param::new("category", Kind::Key(Keys::Category), "only of this category"),
    Param::new("status", Kind::Key(Keys::Status), "only in this status"),
];

fn asset_text(call: &Call<'_, '_, '_>, part: impl Fn(&Asset) -> &String) -> Answer {
    call.state().asset(call.this::<AssetRef>()?.0, |asset| part(asset).clone()).map(Dynamic::from)
}

fn open_ticket(call: &mut Call<'_, '_, '_>) -> Answer {
    let asset = call.this::<AssetRef>()?.0;
    let mut options = call.options(1)?;
    let (category, status) = (options.key("category")?, options.key("status")?);
    options.done(OPEN_TICKET)?;
    let own = call.state().ticket;
    let found = call.state().open_tickets_of(asset, |tickets| {
        let suits = tickets.iter().find(|ticket| {
            ticket.id != own
                && category.as_ref().is_none_or(|category| ticket.category.as_ref() == Some(category))
                && status.as_ref().is_none_or(|status| ticket.status == *status)
        });
        suits.map(|ticket| ticket.id)
    })?;
    Ok(found.map_or(Dynamic::UNIT, |id| Dynamic::from(TicketRef(id))))
}

pub static MODEL: Type = Type {
    name: "Model",
    doc: "What kind of machine an asset is.",
    id: TypeId::of::<ModelRef>,
    index: None,
    actions: &[],
    members: &[
        Member::get(
            "name",
            Kind::Text,
            "What it is called.",
            Example::opened("if ticket.asset.model.name == \"NCR 6627\" { ticket.add_tag(\"ncr\"); }"),
            |call| {
                call.state().asset(call.this::<ModelRef>()?.0, |asset| asset.model.clone()).map(Dynamic::from)
            },
        ),
        Member::get(
            "certificates",
            Kind::List(&Kind::Text),
            "What an engineer must hold to open it.",
            Example::opened("ticket.dispatch(#{ certificates: ticket.asset.model.certificates });"),
            |call| {
                let names =
                    call.state().asset(call.this::<ModelRef>()?.0, |asset| asset.certificates.clone())?;
                Ok(List::of(names))
            },
        ),
    ],
};
