//! The costly part of publishing. Texts are checked beside the writer, so that one client's script keeps nobody else
//! waiting; the writer takes the answer for exactly what was checked, and for nothing else.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use sha2::{Digest, Sha256};

use super::batch::Request;
use super::done::{DeskError, Done, Warning};
use super::once::{json, remembered};
use super::pack_check::{PackFinding, findings};
use super::{pack, programs, references};
use crate::domain::calendar::HolidayLists;
use crate::domain::client::Client;
use crate::domain::command::{Command, PackSource};
use crate::domain::pack::{Pack, SCRIPT_BYTES_MAX};
use crate::domain::permission::{self, Step, TicketFacts};
use crate::domain::person::Actor;
use crate::domain::{ClientId, HolidayListId, Key, PackVersionId, Refusal};
use crate::store::holiday_list::StoredList;
use crate::store::{self, Db, Readers, StoreError, hex};
use crate::workflow::limits::MODULES_MAX;
use crate::workflow::{Finding, Known};

/// Findings that a refusal names; the check shows all.
const FINDINGS_NAMED_MAX: usize = 10;

/// What a version is made of.
#[derive(Debug, Clone)]
pub(super) struct Texts {
    pub script: String,
    pub settings: String,
    pub modules: BTreeMap<String, String>,
}

/// The live things that texts may name.
#[derive(Debug, Default)]
pub(super) struct Around {
    known: Known,
    holidays: Vec<StoredList>,
}

/// The answer of a check, and of what.
#[derive(Debug, Clone)]
pub(super) struct Checked {
    sha256: String,
    /// The settings, or what is wrong.
    verdict: Result<Arc<Pack>, Vec<String>>,
    /// What may be published nevertheless.
    warnings: Vec<PackFinding>,
}

/// The client whose workflow the command publishes, or tries as a shadow, so that it is better prepared beside the
/// writer.
pub(super) fn client_of(command: &Command) -> Option<ClientId> {
    match command {
        Command::PublishPack { client, .. } | Command::RollBackPack { client, .. } => Some(*client),
        Command::StartShadow(start) => Some(start.client),
        _ => None,
    }
}

/// Asked before anybody waits for a turn: the answer if the same request was carried out before, the refusal if the
/// actor may not publish.
pub(super) fn admit(readers: &Readers, request: &Request) -> Result<Option<Done>, DeskError> {
    readers.read(|db| {
        if let Some(idempotency) = &request.idempotency
            && let Some(done) = remembered::<Done>(db, &request.actor, idempotency)?
        {
            return Ok(Some(Done { is_repeat: true, ..done }));
        }
        let client = client_of(&request.command);
        check_right(db, &request.actor, client).map(|()| None)
    })
}

fn check_right(db: &Db, actor: &Actor, client: Option<ClientId>) -> Result<(), DeskError> {
    let access = match actor {
        Actor::Person { person } => store::person::access(db, *person)?,
        _ => None,
    };
    let facts = TicketFacts { client, ..TicketFacts::default() };
    Ok(permission::check(actor, access.as_ref(), Step::Administer, None, &facts)?)
}

/// Checks beside the writer what the request wants to publish. Whether it may be published is the writer's to say:
/// what cannot be prepared goes to it as it is, with a check of nothing.
pub(super) fn prepare(readers: &Readers, request: &Request) -> Checked {
    let nothing = Checked { sha256: String::new(), verdict: Err(Vec::new()), warnings: Vec::new() };
    match readers.read(|db| gather(db, request)) {
        Ok((texts, around)) => Checked::of(&texts, &around),
        Err(_) => nothing,
    }
}

fn gather(db: &Db, request: &Request) -> Result<(Texts, Around), DeskError> {
    let client = client_of(&request.command);
    // The right may have gone while the request waited.
    check_right(db, &request.actor, client)?;
    let client = client.ok_or_else(|| Refusal::invalid("command", "publishes nothing"))?;
    let client = store::client::get(db, client)?.ok_or_else(|| Refusal::not_found("client", client))?;
    let texts = match &request.command {
        Command::PublishPack { source, .. } => of_source(db, &client, source.clone())?,
        Command::RollBackPack { to, .. } => of_version(db, client.id, *to)?,
        Command::StartShadow(_) => of_source(db, &client, PackSource::Draft)?,
        _ => return Err(Refusal::invalid("command", "publishes nothing").into()),
    };
    texts.check_sizes()?;
    let mut around = Around::of(db, client.id, &texts)?;
    // Only for what is told: what is refused hangs on what the writer compares.
    let live = references::live(db, client.id, &texts.script, texts.modules.values(), &texts.settings)?;
    around.known.live = Some(live);
    Ok((texts, around))
}

/// The texts that are sent along, or the client's draft with the modules that are published now.
pub(super) fn of_source(db: &Db, client: &Client, source: PackSource) -> Result<Texts, DeskError> {
    match source {
        PackSource::Files { script, settings, modules } => Ok(Texts { script, settings, modules }),
        PackSource::Draft => {
            let draft = store::pack::draft(db, client.id)?;
            let draft = draft.ok_or_else(|| Refusal::invalid("source", "there is no saved draft"))?;
            let modules = draft_modules(db, client)?;
            Ok(Texts { script: draft.script, settings: draft.settings, modules })
        }
    }
}

pub(super) fn of_version(db: &Db, client: ClientId, version: PackVersionId) -> Result<Texts, DeskError> {
    let found = store::pack::get(db, version)?.filter(|found| found.client == client);
    let found = found.ok_or_else(|| Refusal::not_found("version", version))?;
    Ok(Texts { script: found.script, settings: found.settings, modules: found.modules })
}

/// The modules that the client's draft imports: its own, else those of the version that is published now.
pub(super) fn draft_modules(db: &Db, client: &Client) -> Result<BTreeMap<String, String>, DeskError> {
    match store::pack::draft(db, client.id)?.and_then(|draft| draft.modules) {
        Some(modules) => Ok(modules),
        None => published_modules(db, client),
    }
}

pub(super) fn published_modules(db: &Db, client: &Client) -> Result<BTreeMap<String, String>, DeskError> {
    let Some(version) = client.pack_version else { return Ok(BTreeMap::new()) };
    Ok(store::pack::get(db, version)?.map(|version| version.modules).unwrap_or_default())
}

/// The live things that a script's literals may name. Findings offer what is near, so nothing of another client is
/// among them.
pub(super) fn known(
    db: &Db,
    client: ClientId,
    script: &str,
    modules: &BTreeMap<String, String>,
) -> Result<Known, DeskError> {
    let mut plugins: BTreeMap<Key, BTreeSet<Key>> = BTreeMap::new();
    for installation in store::plugin::all(db)?.into_iter().filter(|own| own.client == client) {
        let package = store::plugin::package(db, &installation.package_sha256)?;
        let functions = package.map(|package| package.functions()).unwrap_or_default();
        plugins.insert(installation.plugin, functions);
    }
    let shared = programs::sources(script, modules).shared;
    // A pack may come before its connectors: a client without any is not told that they are missing.
    let plugins = Some(plugins).filter(|installed| !installed.is_empty());
    let people = Some(store::person::logins_serving(db, client)?);
    Ok(Known { plugins, people, live: None, shared })
}

impl Texts {
    pub fn check_sizes(&self) -> Result<(), Refusal> {
        pack::check_sizes(&self.script, &self.settings)?;
        let field = || "modules".to_owned();
        if self.modules.len() > MODULES_MAX {
            let (count, count_max) = (self.modules.len(), MODULES_MAX);
            return Err(Refusal::TooMany { field: field(), count, count_max });
        }
        // Together the modules of a version may be as long as a script.
        let bytes: usize = self.modules.iter().map(|(path, source)| path.len() + source.len()).sum();
        if bytes > SCRIPT_BYTES_MAX {
            return Err(Refusal::TooLong { field: field(), bytes, bytes_max: SCRIPT_BYTES_MAX });
        }
        Ok(())
    }
}

/// The holiday lists that a new version may name.
pub(super) fn lists(stored: &[StoredList]) -> Result<HolidayLists, StoreError> {
    stored.iter().map(|list| Ok((list.key.clone(), Arc::new(list.list()?)))).collect()
}

impl Around {
    pub fn of(db: &Db, client: ClientId, texts: &Texts) -> Result<Self, DeskError> {
        let known = known(db, client, &texts.script, &texts.modules)?;
        Ok(Self { known, holidays: store::holiday_list::of_client(db, client)? })
    }

    /// Reads the settings, whose calendars may name the holiday lists; answers what is wrong in words.
    pub fn pack(&self, texts: &Texts) -> Result<Pack, String> {
        let lists = lists(&self.holidays).map_err(|error| error.to_string())?;
        Pack::parse_with(&texts.settings, &lists).map(|(pack, _)| pack).map_err(|error| error.to_string())
    }

    /// The lists that the calendars of the pack name.
    pub fn named_by(&self, pack: &Pack) -> BTreeMap<Key, HolidayListId> {
        let named = pack.holiday_keys();
        let lists = self.holidays.iter().filter(|list| named.contains(&list.key));
        lists.map(|list| (list.key.clone(), list.id)).collect()
    }
}

impl Checked {
    /// Checks, on a thread of its own with room for any script.
    pub fn of(texts: &Texts, around: &Around) -> Checked {
        let mut warnings = Vec::new();
        let verdict = around.pack(texts).map_err(|error| vec![error]).and_then(|pack| {
            let all = findings(&texts.script, &texts.settings, &pack, &around.known);
            let (errors, others): (Vec<Finding>, Vec<Finding>) = all.into_iter().partition(Finding::is_error);
            warnings = others.into_iter().take(FINDINGS_NAMED_MAX).map(PackFinding::from).collect();
            let errors: Vec<String> = errors
                .into_iter()
                .take(FINDINGS_NAMED_MAX)
                .map(|finding| format!("workflow.rhai:{finding}"))
                .collect();
            if errors.is_empty() { Ok(Arc::new(pack)) } else { Err(errors) }
        });
        Checked { sha256: digest(texts, around).unwrap_or_default(), verdict, warnings }
    }

    /// What may be published nevertheless, for who publishes it.
    pub fn warnings(&self) -> Vec<Warning> {
        self.warnings.iter().map(|finding| Warning::Finding { finding: finding.clone() }).collect()
    }

    /// Refuses what was found wrong.
    pub fn found_well(self) -> Result<(), DeskError> {
        self.verdict.map(drop).map_err(|findings| Refusal::WorkflowHasErrors { findings }.into())
    }

    /// The settings; refuses what was found wrong, and anything but what was checked.
    pub fn verdict(self, texts: &Texts, around: &Around) -> Result<Arc<Pack>, DeskError> {
        if self.sha256 != digest(texts, around)? {
            return Err(Refusal::ChangedMeanwhile.into());
        }
        self.verdict.map_err(|findings| Refusal::WorkflowHasErrors { findings }.into())
    }
}

/// Of all that a check depends on.
fn digest(texts: &Texts, around: &Around) -> Result<String, DeskError> {
    let holidays: Vec<HolidayListId> = around.holidays.iter().map(|list| list.id).collect();
    let names = json(&(&texts.modules, &around.known.plugins, &around.known.people, holidays))?;
    let mut hash = Sha256::new();
    for part in [&texts.script, &texts.settings, &names] {
        hash.update(part.len().to_le_bytes());
        hash.update(part);
    }
    Ok(hex(&hash.finalize()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SETTINGS: &str = include_str!("../../tests/it/helpers/client.toml");

    fn texts(script: &str) -> Texts {
        Texts { script: script.to_owned(), settings: SETTINGS.to_owned(), modules: BTreeMap::new() }
    }

    fn around(logins: &[&str]) -> Around {
        let people = logins.iter().map(|login| (*login).to_owned()).collect();
        Around { known: Known { people: Some(people), ..Known::default() }, holidays: Vec::new() }
    }

    fn with_holidays() -> Around {
        let list = StoredList {
            id: HolidayListId(1),
            client: ClientId(1),
            key: Key::new("kz").unwrap(),
            ordinal: 1,
            source: "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//sample//EN\r\nEND:VCALENDAR\r\n".to_owned(),
            author: Actor::Clock,
            imported_at: crate::domain::Moment::from_ms(0),
        };
        Around { holidays: vec![list], ..around(&["anna"]) }
    }

    #[test]
    fn an_answer_counts_for_exactly_what_was_checked() {
        let script = "fn on_opened(ticket) { ticket.add_tag(\"x\"); }";
        let with_module =
            Texts { modules: BTreeMap::from([("shared/x".to_owned(), String::new())]), ..texts(script) };
        for (texts_now, around_now, code) in [
            (texts(script), around(&["anna"]), None),
            (texts("fn on_opend(ticket) {}"), around(&["anna"]), Some("changed_meanwhile")),
            (texts(script), around(&["anna", "boris"]), Some("changed_meanwhile")),
            (with_module, around(&["anna"]), Some("changed_meanwhile")),
            (texts(script), with_holidays(), Some("changed_meanwhile")),
            (
                Texts { settings: format!("{SETTINGS}\n"), ..texts(script) },
                around(&["anna"]),
                Some("changed_meanwhile"),
            ),
        ] {
            let checked = Checked::of(&texts(script), &around(&["anna"]));
            let code_now = match checked.verdict(&texts_now, &around_now) {
                Ok(_) => None,
                Err(DeskError::Refused(refusal)) => Some(refusal.code()),
                Err(other) => panic!("{other}"),
            };
            assert_eq!(code_now, code, "{texts_now:?}");
        }
    }

    #[test]
    fn what_is_wrong_is_refused() {
        for (texts, says) in [
            (texts("fn on_opend(ticket) {}"), "on_opened"),
            (Texts { settings: "nonsense".to_owned(), ..texts("") }, "client.toml:1"),
        ] {
            let checked = Checked::of(&texts, &around(&[]));
            let error = checked.verdict(&texts, &around(&[])).unwrap_err().to_string();
            assert!(error.contains(says), "{error}");
        }
    }
}
