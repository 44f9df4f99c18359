//! The closed set of what the command line asks of a desk, carried out where the desk runs.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context, bail};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::backup;
use super::doctor;
use super::import;
use super::install::{self, Order};
use super::open_desk::OpenDesk;
use super::plugin_room::PluginRoom;
use super::recompute::{self, Recounting};
use crate::commands::pack_check::{self, Checking};
use crate::commands::pack_exchange::{self, PackTexts};
use crate::commands::version_preview::{MoveTo, preview_move};
use crate::commands::{DeskError, Done, Request, sessions};
use crate::domain::calendar::{HolidayList, HolidayLists};
use crate::domain::command::{Command, PackSource, PushDraft, PutPerson, SaveTests, SeenPack};
use crate::domain::person::{Actor, Affiliation, Grant, Role};
use crate::domain::version_move::Reach;
use crate::domain::{ClientId, Key, Language, PersonId, Refusal, TicketId};
use crate::http::plugin_desk::{PluginDesk, Trial};
use crate::plugin_host::asked::asked;
use crate::rehearsal::written_test::{WrittenTest, write_test};
use crate::store::{self, Db, Readers, StoreError};

/// One request of the command line.
#[derive(Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
pub enum Operation {
    /// A command as whoever holds the folder.
    Run {
        command: Box<Command>,
    },
    CreateAdministrator {
        login: String,
        name: String,
        language: Language,
        time_zone: String,
        password_hash: String,
    },
    CreateToken {
        login: String,
        name: String,
    },
    PublishPack {
        client: Key,
        script: String,
        settings: String,
        modules: BTreeMap<String, String>,
        message: String,
        reach: Reach,
    },
    /// Checks a pack against what a client of the desk has, and saves nothing.
    CheckPack {
        client: Key,
        script: String,
        settings: String,
        modules: BTreeMap<String, String>,
        /// `holidays/*.ics`, by key.
        holidays: BTreeMap<Key, String>,
    },
    /// A page of what publishing for open tickets too would do.
    PreviewMove {
        client: Key,
        script: String,
        settings: String,
        modules: BTreeMap<String, String>,
        after: Option<TicketId>,
    },
    /// The whole pack of a client.
    ReadPack {
        client: Key,
    },
    PushDraft {
        client: Key,
        texts: PackTexts,
        message: String,
        seen: SeenPack,
    },
    /// Keeps script tests where the desk keeps none.
    KeepFirstTests {
        client: Key,
        tests: BTreeMap<String, String>,
    },
    /// The package is the body.
    InstallPlugin {
        order: Box<Order>,
    },
    ListPlugins,
    /// A call of a client's plugin for a test.
    TryPlugin {
        client: Key,
        plugin: Key,
        trial: Trial,
    },
    /// The log is the body.
    ImportServicenow {
        client: Key,
        detail: ImportDetail,
    },
    Recompute {
        client: Key,
        mode: Recounting,
    },
    PutHolidays {
        client: Key,
        key: Key,
        source: String,
    },
    /// A script test from a ticket, by number.
    WriteTest {
        ticket: String,
    },
    Backup {
        to: PathBuf,
    },
    Examine {
        depth: doctor::Depth,
    },
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ImportDetail {
    Counts,
    Tickets,
}

/// What became of tests that came with a pack.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeptFirst {
    Kept,
    Same,
    /// The desk keeps others, and they stay.
    Others,
}

/// Carries the operation out on the desk of this process.
///
/// # Errors
/// A sentence for the operator.
pub async fn carry_out(open: &OpenDesk, operation: Operation, body: Vec<u8>) -> anyhow::Result<Value> {
    match operation {
        Operation::Run { command } => Ok(serde_json::to_value(run(open, *command).await?)?),
        Operation::CreateAdministrator { login, name, language, time_zone, password_hash } => {
            let person = administrator(login, name, language, time_zone);
            create_administrator(open, person, password_hash).await
        }
        Operation::CreateToken { login, name } => create_token(open, login, name).await,
        Operation::PublishPack { client, script, settings, modules, message, reach } => {
            let client = client_of(open, &client).await?;
            let source = PackSource::Files { script, settings, modules };
            let done = run(open, Command::PublishPack { client, source, message, reach }).await?;
            Ok(serde_json::to_value(done)?)
        }
        Operation::CheckPack { client, script, settings, modules, holidays } => {
            let client = client_of(open, &client).await?;
            let tests = BTreeMap::new();
            check_pack(open, client, PackTexts { script, settings, modules, tests, holidays }).await
        }
        Operation::PreviewMove { client, script, settings, modules, after } => {
            let source = PackSource::Files { script, settings, modules };
            preview(open, &client, source, after).await
        }
        Operation::ReadPack { client } => {
            let (client, readers) = (client_of(open, &client).await?, open.readers.clone());
            let read = move || readers.read(|db| pack_exchange::read(db, client));
            Ok(serde_json::to_value(tokio::task::spawn_blocking(read).await??)?)
        }
        Operation::PushDraft { client, texts, message, seen } => {
            let client = client_of(open, &client).await?;
            let PackTexts { script, settings, modules, tests, holidays } = texts;
            let push = PushDraft { client, script, settings, modules, tests, holidays, message, seen };
            Ok(serde_json::to_value(run(open, Command::PushDraft(Box::new(push))).await?)?)
        }
        Operation::KeepFirstTests { client, tests } => {
            let client = client_of(open, &client).await?;
            Ok(serde_json::to_value(keep_first_tests(open, client, tests).await?)?)
        }
        Operation::InstallPlugin { order } => {
            let room = PluginRoom::of(open)?;
            let installed = install::install_in(&room, &open.desk, body, *order).await?;
            Ok(serde_json::to_value(installed)?)
        }
        Operation::ListPlugins => list_plugins(open).await,
        Operation::TryPlugin { client, plugin, trial } => try_plugin(open, &client, plugin, trial).await,
        Operation::ImportServicenow { client, detail } => {
            import_servicenow(open, &client, detail, body).await
        }
        Operation::Recompute { client, mode } => {
            let client = client_of(open, &client).await?;
            recompute::carry_out(open, client, mode).await
        }
        Operation::PutHolidays { client, key, source } => {
            let client = client_of(open, &client).await?;
            Ok(serde_json::to_value(run(open, Command::PutHolidays { client, key, source }).await?)?)
        }
        Operation::WriteTest { ticket } => {
            let readers = open.readers.clone();
            let written = move || test_of(&readers, ticket);
            Ok(serde_json::to_value(tokio::task::spawn_blocking(written).await??)?)
        }
        Operation::Backup { to } => {
            let (readers, files) = (open.readers.clone(), open.outside.files.clone());
            let (keys, folder) = (open.outside.keys.fingerprint(), open.folder.path().to_owned());
            let made = move || backup::write(&readers, &files, &folder, &keys, &to);
            Ok(serde_json::to_value(tokio::task::spawn_blocking(made).await??)?)
        }
        Operation::Examine { depth } => Ok(serde_json::to_value(doctor::examine(open, depth).await?)?),
    }
}

async fn preview(
    open: &OpenDesk,
    client: &Key,
    source: PackSource,
    after: Option<TicketId>,
) -> anyhow::Result<Value> {
    let (client, desk) = (client_of(open, client).await?, open.desk.clone());
    let to = MoveTo::Texts(source);
    let page = tokio::task::spawn_blocking(move || preview_move(&desk, client, &to, after));
    Ok(serde_json::to_value(page.await??)?)
}

/// A test made from the ticket of this number.
fn test_of(readers: &Readers, ticket: String) -> Result<WrittenTest, DeskError> {
    let id = readers.read(|db| store::ticket::by_name(db, &ticket))?;
    write_test(readers, id.ok_or_else(|| Refusal::not_found("ticket", ticket))?)
}

async fn keep_first_tests(
    open: &OpenDesk,
    client: ClientId,
    tests: BTreeMap<String, String>,
) -> anyhow::Result<KeptFirst> {
    let kept = read(open, move |db| store::pack_test::of_client(db, client)).await?;
    if !kept.is_empty() {
        return Ok(if kept == tests { KeptFirst::Same } else { KeptFirst::Others });
    }
    run(open, Command::SaveTests(Box::new(SaveTests { client, tests }))).await?;
    Ok(KeptFirst::Kept)
}

pub(super) async fn run(open: &OpenDesk, command: Command) -> Result<Done, DeskError> {
    open.desk.submit(Request::new(Actor::Operator, command)).await
}

/// Reads on a thread that may wait.
pub(super) async fn read<T, F>(open: &OpenDesk, read: F) -> anyhow::Result<T>
where
    T: Send + 'static,
    F: FnOnce(&Db) -> Result<T, StoreError> + Send + 'static,
{
    let readers = open.readers.clone();
    Ok(tokio::task::spawn_blocking(move || readers.read(read)).await??)
}

async fn client_of(open: &OpenDesk, key: &Key) -> anyhow::Result<ClientId> {
    Ok(install::find_client(&open.desk, key.clone()).await?.id)
}

fn administrator(login: String, name: String, language: Language, time_zone: String) -> PutPerson {
    PutPerson {
        id: None,
        version: None,
        login,
        name,
        email: None,
        phone: None,
        language,
        time_zone,
        affiliation: Affiliation::Staff,
        engineer: None,
        certificates: None,
        languages: None,
        service_area: None,
        capacity: 0,
        is_on_duty: false,
        is_active: true,
    }
}

async fn create_administrator(open: &OpenDesk, person: PutPerson, hash: String) -> anyhow::Result<Value> {
    let login = person.login.clone();
    let known = read(open, move |db| store::person::by_login(db, &login)).await?;
    let id = match known {
        // A first try may have been cut off before the password was set.
        Some(known) if read(open, move |db| store::person::password_hash(db, known.id)).await?.is_none() => {
            known.id
        }
        _ => {
            let done = run(open, Command::PutPerson(Box::new(person))).await?;
            PersonId(done.id.context("a person has an id")?.parse()?)
        }
    };
    let grants = BTreeSet::from([Grant { role: Role::Administrator, client: None }]);
    run(open, Command::SetAccess { person: id, grants, memberships: BTreeSet::new() }).await?;
    let done = run(open, Command::SetPassword { person: id, hash }).await?;
    Ok(serde_json::to_value(done)?)
}

/// Against what the client has on the desk, and with the holiday lists that come along.
async fn check_pack(open: &OpenDesk, client: ClientId, texts: PackTexts) -> anyhow::Result<Value> {
    let desk = open.desk.clone();
    let mut lists = HolidayLists::new();
    for (key, source) in &texts.holidays {
        let list = HolidayList::from_ics(source).with_context(|| format!("holidays/{key}.ics"))?;
        lists.insert(key.clone(), Arc::new(list));
    }
    let check = move || {
        let PackTexts { script, settings, modules, .. } = &texts;
        pack_check::check_texts(&desk, client, &Checking { script, settings, modules, lists })
    };
    Ok(serde_json::to_value(tokio::task::spawn_blocking(check).await??)?)
}

async fn create_token(open: &OpenDesk, login: String, name: String) -> anyhow::Result<Value> {
    let wanted = login.clone();
    let Some(person) = read(open, move |db| store::person::by_login(db, &wanted)).await? else {
        bail!("nobody has the login `{login}`; make an administrator with `naryad admin create`");
    };
    let made = open.desk.aside(move |tx| sessions::make_token(tx, person.id, &name, None)).await?;
    Ok(json!({ "id": made.0.id, "token": made.1 }))
}

async fn list_plugins(open: &OpenDesk) -> anyhow::Result<Value> {
    read(open, |db| {
        let mut rows = Vec::new();
        for own in store::plugin::all(db)? {
            let client = store::client::get(db, own.client)?.map(|client| client.key);
            let package = store::plugin::package(db, &own.package_sha256)?;
            rows.push(json!({
                "client": client, "plugin": own.plugin, "is_enabled": own.is_enabled,
                "version": package.as_ref().map(|package| package.version.clone()),
                "publisher": package.as_ref().map(|package| package.publisher.clone()),
                "signature": package.as_ref().map(|package| package.signature_state.clone()),
                "granted": package.map_or_else(Vec::new, |package| granted(&package.manifest, &own)),
            }));
        }
        Ok(Value::Array(rows))
    })
    .await
}

fn granted(manifest: &Value, own: &store::plugin::Installation) -> Vec<String> {
    let all = asked(manifest, &own.configuration).into_iter().filter(|one| one.is_granted(&own.grants));
    all.map(|one| if one.kind.is_host() { one.value } else { one.id }).collect()
}

async fn try_plugin(open: &OpenDesk, client: &Key, plugin: Key, trial: Trial) -> anyhow::Result<Value> {
    let (id, name) = (client_of(open, client).await?, plugin.clone());
    let own = read(open, move |db| store::plugin::of_client(db, id, &name)).await?;
    let own = own.with_context(|| format!("the plugin `{plugin}` is not installed for {client}"))?;
    Ok(serde_json::to_value(PluginRoom::of(open)?.try_out(own.id, trial).await?)?)
}

async fn import_servicenow(
    open: &OpenDesk,
    client: &Key,
    detail: ImportDetail,
    log: Vec<u8>,
) -> anyhow::Result<Value> {
    let client = client_of(open, client).await?;
    let desk = open.desk.clone();
    let detail = match detail {
        ImportDetail::Counts => import::Detail::Counts,
        ImportDetail::Tickets => import::Detail::Tickets,
    };
    let imported = tokio::task::spawn_blocking(move || {
        let mut said = Vec::new();
        let mut run_all = |requests: Vec<Request>| desk.run_all(requests);
        let result = import::servicenow(&mut run_all, client, &log[..], detail, &mut said);
        (said, result.map(drop).map_err(|error| format!("{error:#}")))
    });
    let (said, result) = imported.await?;
    // What was said before it broke off is worth as much as the reason.
    Ok(json!({ "said": String::from_utf8_lossy(&said), "error": result.err() }))
}
