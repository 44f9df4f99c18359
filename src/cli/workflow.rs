//! `workflow check|test|publish`: a pack on disk, with the shared modules beside it.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, ensure};

use super::Ended;
use super::args::{WorkflowPublish, WorkflowTest};
use super::folder::Missing;
use super::operation::{KeptFirst, Operation};
use super::packs;
use super::session::ask;
use crate::commands::pack_check::PackFinding;
use crate::commands::{Done, Warning};
use crate::domain::Key;
use crate::domain::calendar::{HolidayList, HolidayLists, ICS_BYTES_MAX};
use crate::domain::pack::{Pack, SCRIPT_BYTES_MAX, SETTINGS_BYTES_MAX};
use crate::domain::version_move::Reach;
use crate::rehearsal::script_tests::{self, Counting, PackSource, RunOptions};
use crate::rehearsal::written_test::WrittenTest;
use crate::workflow::{self, Known, Severity};

pub(super) const SCRIPT_FILE: &str = "workflow.rhai";
pub(super) const SETTINGS_FILE: &str = "client.toml";
pub(super) const TESTS_FOLDER: &str = "tests";
/// Holiday lists that the calendars name: `kz-2026.ics` is `kz-2026`.
pub(super) const HOLIDAYS_FOLDER: &str = "holidays";
/// Beside the packs: modules that scripts `import` by their path below it.
pub(super) const SHARED_FOLDER: &str = "shared";
const FILES_MAX: usize = 500;

/// A pack as it lies on disk.
pub(super) struct PackFiles {
    pub script: String,
    pub settings: String,
    /// By the path that `import` names, without `.rhai`.
    pub modules: BTreeMap<String, String>,
    /// `holidays/*.ics`, by key.
    pub holidays: BTreeMap<Key, String>,
    /// By file, such as `tests/visits.rhai`.
    pub tests: BTreeMap<String, String>,
}

pub fn check(folder: &Path) -> anyhow::Result<Ended> {
    let files = read_pack(folder)?;
    let pack = match parse(&files) {
        Ok(pack) => pack,
        Err(finding) => {
            println!("{finding}");
            return Ok(Ended::WithFindings);
        }
    };
    let known = Known { shared: shared(&files.modules), ..Known::default() };
    let findings = workflow::check(&files.script, &pack, &known);
    for finding in &findings {
        println!("{SCRIPT_FILE}:{finding}");
    }
    let errors = findings.iter().filter(|finding| finding.is_error()).count();
    if errors > 0 {
        eprintln!("{errors} error(s)");
        return Ok(Ended::WithFindings);
    }
    println!("{} can be published.", folder.display());
    Ok(Ended::Well)
}

/// As `check`, with what a client of the desk has at hand.
pub async fn check_on_desk(pack: &Path, client: Key, folder: &Path) -> anyhow::Result<Ended> {
    let PackFiles { script, settings, modules, holidays, .. } = read_pack(pack)?;
    let shown = client.clone();
    let operation = Operation::CheckPack { client, script, settings, modules, holidays };
    let findings: Vec<PackFinding> = ask(folder, Missing::Refuse, operation, Vec::new()).await?;
    findings.iter().for_each(|finding| println!("{finding}"));
    let errors = findings.iter().filter(|finding| finding.severity == Severity::Error).count();
    if errors > 0 {
        eprintln!("{errors} error(s)");
        return Ok(Ended::WithFindings);
    }
    println!("{} can be published for {shown}.", pack.display());
    Ok(Ended::Well)
}

/// Prints the definition file.
pub fn definitions() -> anyhow::Result<Ended> {
    std::io::stdout().write_all(workflow::api_definitions().as_bytes())?;
    Ok(Ended::Well)
}

/// The settings, with the holiday lists that lie beside them; lists that only a desk has are not looked for.
fn parse(files: &PackFiles) -> Result<Pack, String> {
    let mut lists = HolidayLists::new();
    for (key, text) in &files.holidays {
        let list = HolidayList::from_ics(text);
        let list =
            list.map_err(|error| format!("{HOLIDAYS_FOLDER}/{key}.ics:{}: {}", error.line, error.message))?;
        lists.insert(key.clone(), Arc::new(list));
    }
    let pack = Pack::parse(&files.settings).map_err(|error| error.to_string())?;
    if pack.holiday_keys().iter().all(|key| lists.contains_key(key)) {
        return Ok(pack);
    }
    if lists.is_empty() {
        println!("{SETTINGS_FILE}: holiday lists of the desk are not checked here");
        return Ok(pack);
    }
    Pack::parse_with(&files.settings, &lists).map(|(pack, _)| pack).map_err(|error| error.to_string())
}

pub fn test(asked: &WorkflowTest) -> anyhow::Result<Ended> {
    let folder = asked.pack.as_path();
    let PackFiles { script, settings, modules, holidays, tests } = read_pack(folder)?;
    ensure!(!tests.is_empty(), "{} has no tests: they lie in {TESTS_FOLDER}/*.rhai", folder.display());
    let pack = PackSource { script, settings, tests, shared: shared(&modules), holidays };
    let counting = if asked.coverage { Counting::On } else { Counting::Off };
    let report = script_tests::run_with(&pack, RunOptions { counting, ..RunOptions::default() });
    if asked.json {
        println!("{}", serde_json::to_string_pretty(&report)?);
    } else {
        println!("{report}");
    }
    Ok(if report.all_passed() { Ended::Well } else { Ended::WithFindings })
}

/// Prints the test; what could not be reproduced goes to the other stream.
pub async fn test_from(ticket: String, folder: &Path) -> anyhow::Result<Ended> {
    let operation = Operation::WriteTest { ticket };
    let written: WrittenTest = ask(folder, Missing::Refuse, operation, Vec::new()).await?;
    print!("{}", written.text);
    for note in &written.not_reproduced {
        eprintln!("not reproduced: {note}");
    }
    let (file, assertions) = (&written.file, written.assertions);
    if written.is_proven {
        eprintln!("{file}: it passes, with {assertions} assertion(s)");
        return Ok(Ended::Well);
    }
    eprintln!("{file}: it does not pass with the version that the ticket is on");
    Ok(Ended::WithFindings)
}

pub async fn publish(publish: WorkflowPublish) -> anyhow::Result<Ended> {
    let PackFiles { script, settings, modules, holidays, tests } = read_pack(&publish.pack)?;
    for (key, source) in holidays {
        let operation = Operation::PutHolidays { client: publish.client.clone(), key, source };
        ask::<Done>(&publish.folder.dir, Missing::Refuse, operation, Vec::new()).await?;
    }
    let (client, message) = (publish.client.clone(), publish.message);
    let reach = if publish.open_tickets { Reach::OpenTicketsToo } else { Reach::NewTickets };
    let operation = Operation::PublishPack { client, script, settings, modules, message, reach };
    let done: Done = ask(&publish.folder.dir, Missing::Refuse, operation, Vec::new()).await?;
    keep_tests(&publish.client, tests, &publish.folder.dir).await?;
    let version = done.version.map_or_else(String::new, |version| format!(" as version {version}"));
    println!("{} is published for {}{version}.", publish.pack.display(), publish.client);
    for warning in &done.warnings {
        if let Warning::Finding { finding } = warning {
            eprintln!("{finding}");
        }
    }
    if publish.open_tickets {
        println!(
            "Its open tickets are moved to it while the desk runs; the page of its workflow shows how far."
        );
    }
    Ok(Ended::Well)
}

/// Keeps the tests beside the client's draft, where the desk keeps none, so that they can be run in the browser.
async fn keep_tests(client: &Key, tests: BTreeMap<String, String>, folder: &Path) -> anyhow::Result<()> {
    if tests.is_empty() {
        return Ok(());
    }
    let operation = Operation::KeepFirstTests { client: client.clone(), tests };
    let kept: KeptFirst = ask(folder, Missing::Refuse, operation, Vec::new()).await?;
    match kept {
        KeptFirst::Kept => println!("Its tests are kept beside the draft."),
        KeptFirst::Same => {}
        KeptFirst::Others => {
            println!(
                "The desk keeps other tests for {client}; they stay. `naryad workflow push` saves these."
            );
        }
    }
    Ok(())
}

/// A folder with a pack, or the name of one that comes with the binary.
pub(super) fn read_pack(folder: &Path) -> anyhow::Result<PackFiles> {
    if !folder.exists() {
        return embedded(folder);
    }
    let script = read(&folder.join(SCRIPT_FILE), SCRIPT_BYTES_MAX)?;
    let settings = read(&folder.join(SETTINGS_FILE), SETTINGS_BYTES_MAX)?;
    let folder = folder.canonicalize()?;
    let mut modules = BTreeMap::new();
    if let Some(shared) = folder.parent().map(|packs| packs.join(SHARED_FOLDER)) {
        // Scripts import them with the folder's name: `import "shared/visits" as visits;`
        for (name, text) in scripts_below(&shared)? {
            modules.insert(format!("{SHARED_FOLDER}/{name}"), text);
        }
    }
    let tests = scripts_below(&folder.join(TESTS_FOLDER))?.into_iter();
    let tests = tests.map(|(path, text)| (format!("{TESTS_FOLDER}/{path}.rhai"), text)).collect();
    Ok(PackFiles { script, settings, modules, holidays: holidays(&folder)?, tests })
}

fn embedded(name: &Path) -> anyhow::Result<PackFiles> {
    let known = packs::names();
    let found = known.iter().find(|known| Path::new(known) == name);
    let found = found.with_context(|| {
        let (name, known) = (name.display(), known.join(", "));
        format!("there is no folder {name}, and no pack of this name comes with the binary; it has {known}")
    })?;
    let packs::PackTexts { script, settings, modules } = packs::texts(found)?;
    let (holidays, tests) = (packs::keyed_holidays(found)?, packs::kept_tests(found)?);
    Ok(PackFiles { script, settings, modules, holidays, tests })
}

/// The holiday lists of the pack; a folder that is not there has none.
fn holidays(folder: &Path) -> anyhow::Result<BTreeMap<Key, String>> {
    let mut lists = BTreeMap::new();
    let Ok(entries) = fs::read_dir(folder.join(HOLIDAYS_FOLDER)) else { return Ok(lists) };
    for entry in entries {
        let path = entry?.path();
        if path.extension().is_some_and(|kind| kind == "ics") {
            let name = path.file_stem().and_then(|name| name.to_str()).unwrap_or_default();
            let key = Key::new(name).with_context(|| format!("{} is not named by a key", path.display()))?;
            lists.insert(key, read(&path, ICS_BYTES_MAX)?);
        }
        ensure!(lists.len() <= FILES_MAX, "{HOLIDAYS_FOLDER} has more than {FILES_MAX} lists");
    }
    Ok(lists)
}

fn shared(modules: &BTreeMap<String, String>) -> workflow::SharedSources {
    modules.iter().map(|(path, text)| (path.clone(), Arc::from(text.as_str()))).collect()
}

/// Scripts of a folder and those below it, by path without `.rhai`; a folder that is not there has none.
pub(super) fn scripts_below(folder: &Path) -> anyhow::Result<Vec<(String, String)>> {
    let mut scripts = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(at) = folders.pop() {
        let Ok(entries) = fs::read_dir(&at) else { continue };
        for entry in entries {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|kind| kind == "rhai") {
                let name = path.strip_prefix(folder)?.with_extension("");
                let name = name.to_str().context("the name of a script is not UTF-8")?.replace('\\', "/");
                scripts.push((name, read(&path, SCRIPT_BYTES_MAX)?));
            }
            ensure!(scripts.len() <= FILES_MAX, "{} has more than {FILES_MAX} scripts", folder.display());
        }
    }
    scripts.sort();
    Ok(scripts)
}

pub(super) fn read(path: &Path, bytes_max: usize) -> anyhow::Result<String> {
    let cannot = || format!("{} cannot be read", path.display());
    let bytes = fs::read(path).with_context(cannot)?;
    let count = bytes.len();
    ensure!(count <= bytes_max, "{} has {count} bytes; at most {bytes_max} are taken", path.display());
    String::from_utf8(bytes).with_context(|| format!("{} is not UTF-8", path.display()))
}
