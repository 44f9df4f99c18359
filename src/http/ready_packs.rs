//! Packs that a client's workflow can start from: what there is, and a draft made of one.

use std::collections::BTreeSet;

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::app::App;
use super::auth::Caller;
use super::body::{At, Body};
use super::error::{Answer, ApiError};
use crate::commands::Done;
use crate::domain::command::{Command, StartFromPack};
use crate::domain::key::Label;
use crate::domain::pack::{Needs, ReadyPack};
use crate::domain::{ClientId, Language, Moment, Refusal};

/// A pack to start from.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct PackLine {
    /// Such as `atm-service`.
    pub name: String,
    pub title: Label,
    /// For whom it is.
    pub about: Label,
    /// The language of the texts that it sends.
    pub language: Language,
    /// Plugins that its script calls.
    pub plugins: BTreeSet<String>,
    /// Keys of organisations whose people get tasks of it.
    pub partners: BTreeSet<String>,
    /// Certificates without which nobody takes a ticket.
    pub certificates: BTreeSet<String>,
    /// Keys of the holiday lists that come along.
    pub holidays: Vec<String>,
    /// Files of script tests, which come along.
    pub tests: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct ReadyPacks {
    pub packs: Vec<PackLine>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StartWorkflow {
    /// The name of the pack.
    pub pack: String,
    /// The draft's `saved_at`, where there is a draft: it is replaced.
    #[serde(default)]
    pub replaces: Option<Moment>,
    /// When the kept tests were saved last, where there are some: they are replaced too.
    #[serde(default)]
    pub replaces_tests: Option<Moment>,
}

pub async fn list(State(app): State<App>, caller: Caller, At(client): At<ClientId>) -> Answer<ReadyPacks> {
    let Json(()) = app.show(&caller, move |views, person| views.check_administers(person, client)).await?;
    let lines = app.settings.packs.iter().map(line).collect::<Result<_, _>>()?;
    Ok(Json(ReadyPacks { packs: lines }))
}

pub async fn start(
    State(app): State<App>,
    caller: Caller,
    At(client): At<ClientId>,
    body: Body<StartWorkflow>,
) -> Answer<Done> {
    let Json(()) = app.show(&caller, move |views, person| views.check_administers(person, client)).await?;
    let wanted = &body.value.pack;
    let names = app.settings.packs.iter().map(|pack| pack.name.as_str());
    let found = app.settings.packs.iter().find(|pack| pack.name == *wanted).cloned();
    let ReadyPack { script, settings, holidays, tests, .. } =
        found.ok_or_else(|| Refusal::unknown_key("pack", "pack", wanted, names))?;
    app.carry_out(&caller, body, |StartWorkflow { replaces, replaces_tests, .. }| {
        let start = StartFromPack { client, script, settings, holidays, tests, replaces, replaces_tests };
        Command::StartFromPack(Box::new(start))
    })
    .await
}

fn line(ready: &ReadyPack) -> Result<PackLine, ApiError> {
    let pack = ready.pack().map_err(|error| {
        tracing::error!(pack = ready.name, %error, "an embedded pack cannot be read");
        ApiError::internal()
    })?;
    let Needs { plugins, partners, certificates } = ready.needs(&pack);
    Ok(PackLine {
        name: ready.name.clone(),
        title: pack.title,
        about: pack.about,
        language: pack.language,
        plugins,
        partners,
        certificates,
        holidays: ready.holidays.keys().map(ToString::to_string).collect(),
        tests: ready.tests.keys().cloned().collect(),
    })
}
