//! A client's script tests, for who administers the client: kept beside the draft, and run.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use utoipa::ToSchema;

use super::app::App;
use super::auth::Caller;
use super::body::{At, Body};
use super::error::Answer;
use crate::commands::{DeskError, Done};
use crate::domain::command::{Command, SaveTests, check_tests};
use crate::domain::{ClientId, TicketId};
use crate::rehearsal::script_tests::{Report, run_kept};
use crate::rehearsal::written_test::{WrittenTest, write_test};
use crate::views::pack_tests::KeptTests;

pub async fn get(State(app): State<App>, caller: Caller, At(client): At<ClientId>) -> Answer<KeptTests> {
    app.show(&caller, move |views, person| views.kept_tests(person, client)).await
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TestTexts {
    /// By file name, such as `tests/visits.rhai`: at most 50 files with 512 KiB together.
    pub tests: BTreeMap<String, String>,
}

pub async fn save(
    State(app): State<App>,
    caller: Caller,
    At(client): At<ClientId>,
    body: Body<TestTexts>,
) -> Answer<Done> {
    app.carry_out(&caller, body, |given| {
        Command::SaveTests(Box::new(SaveTests { client, tests: given.tests }))
    })
    .await
}

/// What is tested: texts that need not be saved.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RunTests {
    /// `workflow.rhai`
    pub script: String,
    /// `client.toml`
    pub settings: String,
    /// In place of those that are kept.
    #[serde(default)]
    pub tests: Option<BTreeMap<String, String>>,
}

/// Tests take a core for seconds, so they have their turn among the checks.
pub async fn run(
    State(app): State<App>,
    caller: Caller,
    At(client): At<ClientId>,
    body: Body<RunTests>,
) -> Answer<Report> {
    let Json(kept) = app.show(&caller, move |views, person| views.kept_tests(person, client)).await?;
    let RunTests { script, settings, tests } = body.value;
    let tests = tests.unwrap_or(kept.tests);
    check_tests(&tests).map_err(DeskError::from)?;
    let readers = app.desk.readers().clone();
    Ok(Json(app.checks.cross(move || run_kept(&readers, client, script, settings, tests)).await??))
}

/// A test that is written from a ticket's history. It is run until it holds, so it has its turn among the checks.
pub async fn write(State(app): State<App>, caller: Caller, At(ticket): At<TicketId>) -> Answer<WrittenTest> {
    let Json(()) =
        app.show(&caller, move |views, person| views.check_administers_ticket(person, ticket)).await?;
    let readers = app.desk.readers().clone();
    Ok(Json(app.checks.cross(move || write_test(&readers, ticket)).await??))
}
