//! A client's pack on its way to the administrator's own files and back: read whole, and saved as the draft unless the
//! desk's pack moved meanwhile.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::done::{DeskError, Done};
use super::once::json;
use super::pack;
use super::publication::{self, Texts};
use super::work::Work;
use crate::domain::client::Client;
use crate::domain::command::{PushDraft, SeenPack};
use crate::domain::{ClientId, Refusal};
use crate::store::pack::Draft;
use crate::store::{self, Db, hex};

/// A client's pack as the desk has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PackOfDesk {
    pub seen: SeenPack,
    pub published: Option<PackTexts>,
    pub draft: Option<PackTexts>,
}

/// Everything that the desk keeps of a version or a draft; tests of a pack lie in its folder alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PackTexts {
    pub script: String,
    pub settings: String,
    /// By the path that `import` names.
    pub modules: BTreeMap<String, String>,
}

pub fn read(db: &Db, id: ClientId) -> Result<PackOfDesk, DeskError> {
    let client = store::client::get(db, id)?.ok_or_else(|| Refusal::not_found("client", id))?;
    let published = client.pack_version.map_or(Ok(None), |version| store::pack::get(db, version))?;
    let published =
        published.map(|own| PackTexts { script: own.script, settings: own.settings, modules: own.modules });
    let draft = match store::pack::draft(db, id)? {
        Some(Draft { script, settings, .. }) => {
            Some(PackTexts { script, settings, modules: publication::draft_modules(db, &client)? })
        }
        None => None,
    };
    Ok(PackOfDesk { seen: seen_pack(db, &client)?, published, draft })
}

/// As `save_draft`, with modules and a message, unless somebody was faster.
pub(super) fn push(work: &mut Work<'_>, push: PushDraft) -> Result<Done, DeskError> {
    let PushDraft { client: id, script, settings, modules, message, seen } = push;
    let client = pack::client_for(work, id)?;
    let texts = Texts { script, settings, modules };
    texts.check_sizes()?;
    pack::check_message(&message)?;
    let stands = seen_pack(&work.tx, &client)?;
    if stands != seen {
        return Err(Refusal::PackMoved { moved: moved(&seen, &stands) }.into());
    }
    let modules = Some(texts.modules.clone());
    pack::put_draft(work, id, texts, modules, message)?;
    Ok(Done::default())
}

/// The client's pack as it stands, for whoever comes back with a changed one.
fn seen_pack(db: &Db, client: &Client) -> Result<SeenPack, DeskError> {
    let version = client.pack_version.map_or(Ok(None), |version| store::pack::get(db, version))?;
    let draft = match store::pack::draft(db, client.id)? {
        Some(draft) => Some(fingerprint(db, client, draft)?),
        None => None,
    };
    Ok(SeenPack { version: version.map(|version| version.ordinal), draft })
}

fn moved(seen: &SeenPack, stands: &SeenPack) -> String {
    let version =
        |pack: &SeenPack| pack.version.map_or("nothing".to_owned(), |number| format!("version {number}"));
    if seen.version != stands.version {
        return format!("{} was published then, {} is now", version(seen), version(stands));
    }
    let draft = |pack: &SeenPack| if pack.draft.is_some() { "a draft" } else { "no draft" };
    match (&seen.draft, &stands.draft) {
        (Some(_), Some(_)) => "somebody changed the draft".to_owned(),
        _ => format!("there was {} then, there is {} now", draft(seen), draft(stands)),
    }
}

fn fingerprint(db: &Db, client: &Client, draft: Draft) -> Result<String, DeskError> {
    let modules = publication::draft_modules(db, client)?;
    let text = json(&(draft.script, draft.settings, modules))?;
    Ok(hex(&Sha256::digest(text)))
}
