//! `workflow pull|push|diff`: a client's pack in a folder of the administrator's own, such as a git repository.
//!
//! What the desk had when the folder was last in step with it stands in `.naryad-base.toml`, so that a push on top of
//! somebody else's change is refused, and a pull overwrites no change that was made here.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail, ensure};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::Ended;
use super::args::{FolderArg, WorkflowDiff, WorkflowPull, WorkflowPush};
use super::folder::Missing;
use super::operation::Operation;
use super::session::ask;
use super::unified::unified;
use super::workflow::{
    HOLIDAYS_FOLDER, PackFiles, SCRIPT_FILE, SETTINGS_FILE, SHARED_FOLDER, TESTS_FOLDER, read, read_pack,
};
use crate::commands::Done;
use crate::commands::pack_exchange::{PackOfDesk, PackTexts};
use crate::domain::Key;
use crate::domain::command::SeenPack;
use crate::store::hex;

/// What the desk had when the folder was last in step with it.
const BASE_FILE: &str = ".naryad-base.toml";
const BASE_BYTES_MAX: usize = 256 * 1024;
const BASE_HEAD: &str =
    "# What the desk had when this folder was last pulled or pushed. Keep it with the pack.\n";

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Base {
    client: Key,
    desk: SeenPack,
    /// The SHA-256 of each file as it was in step.
    files: BTreeMap<String, String>,
}

pub async fn pull(pull: WorkflowPull) -> anyhow::Result<Ended> {
    let WorkflowPull { client, pack, draft, force, folder } = pull;
    let pack = pack.unwrap_or_else(|| PathBuf::from(client.as_str()));
    let of_desk = read_desk(&client, &folder).await?;
    let seen = of_desk.seen.clone();
    let texts = chosen(of_desk, draft, &client)?;
    let before = Base::read(&pack)?.filter(|base| base.client == client);
    let files = files_of(&texts);
    if !force {
        for (name, text) in &files {
            refuse_changed(&pack, name, text, before.as_ref())?;
        }
    }
    fs::create_dir_all(&pack).with_context(|| format!("{} cannot be made", pack.display()))?;
    for (name, text) in &files {
        write(&place(&pack, name), text)?;
    }
    let gone = gone_tests(&pack, &files, before.as_ref());
    for path in &gone {
        fs::remove_file(path).with_context(|| format!("{} cannot be removed", path.display()))?;
    }
    Base::of(&client, seen, &files).write(&pack)?;
    let what = if draft { "the draft" } else { "the published version" };
    println!("{what} of {client} is in {}.", pack.display());
    Ok(Ended::Well)
}

pub async fn push(push: WorkflowPush) -> anyhow::Result<Ended> {
    let WorkflowPush { pack, client, message, folder } = push;
    ensure!(pack.is_dir(), "there is no folder {}", pack.display());
    let texts = texts_of(&pack)?;
    let of_desk = read_desk(&client, &folder).await?;
    let seen = match Base::read(&pack)? {
        Some(base) if base.client == client => base.desk,
        Some(base) => bail!("{} was pulled for `{}`, not for `{client}`", pack.display(), base.client),
        // The first pack of a client is on top of nothing.
        None if of_desk.seen == SeenPack::default() => of_desk.seen,
        None => bail!(
            "{} was never pulled, so nobody can tell what it is on top of; pull `{client}` into a folder first",
            pack.display()
        ),
    };
    let files = files_of(&texts);
    let version = seen.version;
    let operation = Operation::PushDraft { client: client.clone(), texts, message, seen };
    ask::<Done>(&folder.dir, Missing::Refuse, operation, Vec::new()).await?;
    let now = read_desk(&client, &folder).await?.seen;
    Base::of(&client, now.clone(), &files).write(&pack)?;
    println!("{} is the draft of {client}.", pack.display());
    if now.version != version {
        let version = now.version.map_or_else(String::new, |version| format!(" as version {version}"));
        println!(
            "A holiday list that the published version counts by changed: that version was published anew{version}."
        );
    }
    Ok(Ended::Well)
}

pub async fn diff(asked: WorkflowDiff) -> anyhow::Result<Ended> {
    let WorkflowDiff { pack, client, draft, folder } = asked;
    let here = files_of(&texts_of(&pack)?);
    let there = files_of(&chosen(read_desk(&client, &folder).await?, draft, &client)?);
    let names = here.keys().chain(there.keys()).collect::<std::collections::BTreeSet<_>>();
    let mut ended = Ended::Well;
    for name in names {
        let side = |files: &BTreeMap<String, String>| files.get(name).cloned();
        if let Some(text) = unified(name, side(&there).as_deref(), side(&here).as_deref()) {
            print!("{text}");
            ended = Ended::WithFindings;
        }
    }
    Ok(ended)
}

async fn read_desk(client: &Key, folder: &FolderArg) -> anyhow::Result<PackOfDesk> {
    let operation = Operation::ReadPack { client: client.clone() };
    ask(&folder.dir, Missing::Refuse, operation, Vec::new()).await
}

fn chosen(of_desk: PackOfDesk, draft: bool, client: &Key) -> anyhow::Result<PackTexts> {
    match draft {
        true => of_desk.draft.with_context(|| format!("`{client}` has no draft")),
        false => of_desk.published.with_context(|| format!("nothing is published for `{client}`")),
    }
}

/// The pack of the folder, with the shared modules that lie beside it.
fn texts_of(pack: &Path) -> anyhow::Result<PackTexts> {
    let files = read_pack(pack)?;
    let PackFiles { script, settings, modules, holidays, tests } = files;
    Ok(PackTexts { script, settings, modules, tests, holidays })
}

/// By the names that a person reads: modules lie in `../shared`.
fn files_of(texts: &PackTexts) -> BTreeMap<String, String> {
    let PackTexts { script, settings, modules, tests, holidays } = texts;
    let modules = modules.iter().map(|(path, text)| (format!("{path}.rhai"), text.clone()));
    let holidays = holidays.iter().map(|(key, text)| (format!("{HOLIDAYS_FOLDER}/{key}.ics"), text.clone()));
    let own = [(SCRIPT_FILE.to_owned(), script.clone()), (SETTINGS_FILE.to_owned(), settings.clone())];
    own.into_iter().chain(modules).chain(tests.clone()).chain(holidays).collect()
}

/// Tests that the desk kept when the folder was in step, and keeps no more, unless they were changed here.
fn gone_tests(pack: &Path, files: &BTreeMap<String, String>, before: Option<&Base>) -> Vec<PathBuf> {
    let known = before.into_iter().flat_map(|base| &base.files);
    let tests = known.filter(|(name, _)| is_below(name, TESTS_FOLDER) && !files.contains_key(*name));
    let unchanged = tests.filter_map(|(name, sha)| {
        let path = place(pack, name);
        fs::read(&path).is_ok_and(|here| sha256(&here) == *sha).then_some(path)
    });
    unchanged.collect()
}

fn is_below(name: &str, folder: &str) -> bool {
    name.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
}

fn place(pack: &Path, name: &str) -> PathBuf {
    let is_shared = is_below(name, SHARED_FOLDER);
    // A folder without a parent in its name is one of the present folder.
    let parent = pack.parent().filter(|parent| !parent.as_os_str().is_empty());
    if is_shared { parent.unwrap_or(Path::new(".")).join(name) } else { pack.join(name) }
}

/// Refuses where the file is here with other words than the desk's, and they were not the desk's before.
fn refuse_changed(pack: &Path, name: &str, text: &str, before: Option<&Base>) -> anyhow::Result<()> {
    let path = place(pack, name);
    let Ok(here) = fs::read(&path) else { return Ok(()) };
    let was_in_step =
        before.and_then(|base| base.files.get(name)).is_some_and(|known| *known == sha256(&here));
    ensure!(
        here == text.as_bytes() || was_in_step,
        "{} was changed here; push it, or put it aside, or overwrite it with --force",
        path.display()
    );
    Ok(())
}

fn write(path: &Path, text: &str) -> anyhow::Result<()> {
    let cannot = || format!("{} cannot be written", path.display());
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent).with_context(cannot)?;
    }
    fs::write(path, text).with_context(cannot)
}

fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

impl Base {
    fn of(client: &Key, desk: SeenPack, files: &BTreeMap<String, String>) -> Self {
        let files = files.iter().map(|(name, text)| (name.clone(), sha256(text.as_bytes()))).collect();
        Self { client: client.clone(), desk, files }
    }

    fn read(pack: &Path) -> anyhow::Result<Option<Self>> {
        let path = pack.join(BASE_FILE);
        if !path.exists() {
            return Ok(None);
        }
        let text = read(&path, BASE_BYTES_MAX)?;
        let base = toml::from_str(&text).with_context(|| format!("{} cannot be read", path.display()))?;
        Ok(Some(base))
    }

    fn write(&self, pack: &Path) -> anyhow::Result<()> {
        write(&pack.join(BASE_FILE), &format!("{BASE_HEAD}{}", toml::to_string(self)?))
    }
}
