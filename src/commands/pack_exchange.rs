//! A client's pack on its way to the administrator's own files and back: read whole, and saved as the draft unless the
//! desk's pack moved meanwhile.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::done::{DeskError, Done};
use super::holidays;
use super::once::json;
use super::pack;
use super::publication::{self, Texts};
use super::work::Work;
use crate::domain::client::Client;
use crate::domain::command::{PushDraft, SaveTests, SeenPack};
use crate::domain::{ClientId, Key, Refusal};
use crate::store::pack::Draft;
use crate::store::{self, Db, hex};

/// A client's pack as the desk has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PackOfDesk {
    pub seen: SeenPack,
    pub published: Option<PackTexts>,
    pub draft: Option<PackTexts>,
}

/// Everything that the desk keeps of a version or a draft.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PackTexts {
    pub script: String,
    pub settings: String,
    /// By the path that `import` names.
    pub modules: BTreeMap<String, String>,
    /// By file, such as `tests/visits.rhai`: those that are kept beside the draft.
    pub tests: BTreeMap<String, String>,
    /// The client's holiday lists as they were imported last: iCalendar files by key.
    pub holidays: BTreeMap<Key, String>,
}

pub fn read(db: &Db, id: ClientId) -> Result<PackOfDesk, DeskError> {
    let client = store::client::get(db, id)?.ok_or_else(|| Refusal::not_found("client", id))?;
    let (tests, holidays) = (store::pack_test::of_client(db, id)?, holiday_sources(db, id)?);
    let whole = |script, settings, modules| PackTexts {
        script,
        settings,
        modules,
        tests: tests.clone(),
        holidays: holidays.clone(),
    };
    let published = client.pack_version.map_or(Ok(None), |version| store::pack::get(db, version))?;
    let published = published.map(|own| whole(own.script, own.settings, own.modules));
    let draft = match store::pack::draft(db, id)? {
        Some(Draft { script, settings, .. }) => {
            Some(whole(script, settings, publication::draft_modules(db, &client)?))
        }
        None => None,
    };
    Ok(PackOfDesk { seen: seen_pack(db, &client)?, published, draft })
}

/// As `save_draft`, with modules, tests, holiday lists and a message, unless somebody was faster. A holiday list that
/// is not among them stays.
pub(super) fn push(work: &mut Work<'_>, push: PushDraft) -> Result<Done, DeskError> {
    let PushDraft { client: id, script, settings, modules, tests, holidays, message, seen } = push;
    let client = pack::client_for(work, id)?;
    let texts = Texts { script, settings, modules };
    texts.check_sizes()?;
    pack::check_message(&message)?;
    let stands = seen_pack(&work.tx, &client)?;
    if stands != seen {
        return Err(Refusal::PackMoved { moved: moved(&seen, &stands) }.into());
    }
    for (key, source) in holidays {
        holidays::put(work, id, key, source)?;
    }
    if store::pack_test::of_client(&work.tx, id)? != tests {
        pack::save_tests(work, &SaveTests { client: id, tests })?;
    }
    let modules = Some(texts.modules.clone());
    pack::put_draft(work, id, texts, modules, message)?;
    Ok(Done::default())
}

fn holiday_sources(db: &Db, client: ClientId) -> Result<BTreeMap<Key, String>, DeskError> {
    let lists = store::holiday_list::of_client(db, client)?;
    Ok(lists.into_iter().map(|list| (list.key, list.source)).collect())
}

/// The client's pack as it stands, for whoever comes back with a changed one.
fn seen_pack(db: &Db, client: &Client) -> Result<SeenPack, DeskError> {
    let version = client.pack_version.map_or(Ok(None), |version| store::pack::get(db, version))?;
    let draft = match store::pack::draft(db, client.id)? {
        Some(draft) => Some(fingerprint(db, client, draft)?),
        None => None,
    };
    Ok(SeenPack {
        version: version.map(|version| version.ordinal),
        draft,
        tests: fingerprint_of(&store::pack_test::of_client(db, client.id)?)?,
        holidays: fingerprint_of(&holiday_sources(db, client.id)?)?,
    })
}

fn moved(seen: &SeenPack, stands: &SeenPack) -> String {
    let version =
        |pack: &SeenPack| pack.version.map_or("nothing".to_owned(), |number| format!("version {number}"));
    if seen.version != stands.version {
        return format!("{} was published then, {} is now", version(seen), version(stands));
    }
    for (was, is, what) in
        [(&seen.tests, &stands.tests, "the tests"), (&seen.holidays, &stands.holidays, "a holiday list")]
    {
        if was != is {
            return format!("somebody changed {what}");
        }
    }
    let draft = |pack: &SeenPack| if pack.draft.is_some() { "a draft" } else { "no draft" };
    match (&seen.draft, &stands.draft) {
        (Some(_), Some(_)) => "somebody changed the draft".to_owned(),
        _ => format!("there was {} then, there is {} now", draft(seen), draft(stands)),
    }
}

fn fingerprint(db: &Db, client: &Client, draft: Draft) -> Result<String, DeskError> {
    let modules = publication::draft_modules(db, client)?;
    Ok(hex(&Sha256::digest(json(&(draft.script, draft.settings, modules))?)))
}

/// Of files by name; nothing where there are none.
fn fingerprint_of<N: Serialize>(files: &BTreeMap<N, String>) -> Result<Option<String>, DeskError> {
    if files.is_empty() {
        return Ok(None);
    }
    Ok(Some(hex(&Sha256::digest(json(files)?))))
}
