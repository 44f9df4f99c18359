//! `call_plugin`: a call from the outbox goes to the client's installation, and its answer back to the ticket.

use serde::Deserialize;
use serde_json::Value;

use super::enter_plugin::{Asked, Failure, enter};
use super::installed::Ground;
use super::poll_plugin::ended;
use super::runner::{Outcome, Shared};
use super::take_items::{Brought, take};
use crate::commands::Request;
use crate::domain::command::{Command, PluginAnswer, PluginAnswered};
use crate::domain::person::Actor;
use crate::domain::{Key, TicketId};
use crate::plugin_host::{Entered, Entry, EntryAnswer};
use crate::store::job::Job;

/// The body of the job, as `Command::CallPlugin` wrote it.
#[derive(Debug, Clone, Deserialize)]
struct Body {
    plugin: Key,
    function: Key,
    input: Value,
    then: Option<Key>,
    context: Value,
}

pub(super) async fn attempt(shared: &Shared, job: &Job) -> Outcome {
    let (body, ticket) = match (serde_json::from_value::<Body>(job.body.clone()), job.ticket) {
        (Ok(body), Some(ticket)) => (body, ticket),
        (Err(error), _) => return Outcome::Dead { error: format!("the job cannot be read: {error}") },
        (_, None) => return Outcome::Dead { error: "the job names no ticket".to_owned() },
    };
    let (client, plugin) = (job.client, body.plugin.clone());
    let found =
        shared.read(move |db| client.map_or(Ok(None), |client| Ground::of_client(db, client, &plugin))).await;
    let ground = match found {
        Ok(Some(ground)) => ground,
        Ok(None) => {
            let message = format!("the plugin `{}` is not installed for this client any more", body.plugin);
            return answer(job, ticket, body, Actor::Clock, PluginAnswer::Failed { message });
        }
        Err(error) => return Outcome::Retry { error: error.to_string(), not_before: None },
    };
    if !ground.installation.is_enabled {
        let message = format!("the plugin `{}` is switched off for this client", body.plugin);
        return answer(job, ticket, body, ground.actor(), PluginAnswer::Failed { message });
    }
    let entry = Entry::Function { name: body.function.to_string(), input: body.input.clone() };
    let asked = Asked { name: Some(body.function.to_string()), ..Asked::of_job(job, entry) };
    match enter(shared, &ground, asked).await {
        Ok(entered) => answered(shared, job, ticket, body, &ground, entered).await,
        Err(Failure::Never { message }) => {
            answer(job, ticket, body, ground.actor(), PluginAnswer::Failed { message })
        }
        Err(failure) => failure.into(),
    }
}

/// What the call kept is stored with its answer.
async fn answered(
    shared: &Shared,
    job: &Job,
    ticket: TicketId,
    body: Body,
    ground: &Ground,
    entered: Entered,
) -> Outcome {
    let EntryAnswer::Value(value) = entered.answer else {
        return Outcome::Dead { error: "the plugin answered something else to a call".to_owned() };
    };
    let said = said(job, ticket, body.clone(), PluginAnswer::Ok { value });
    if entered.kv.is_empty() && entered.files.is_empty() {
        let command = Command::PluginAnswered(Box::new(said));
        return Outcome::Answer(Box::new(Request::new(ground.actor(), command)));
    }
    let brought = Brought {
        kv: entered.kv,
        files: entered.files,
        answered: Some(Box::new(said)),
        ..Brought::default()
    };
    match ended(take(shared, ground, brought).await) {
        // The script is told that nothing came of it.
        Outcome::Dropped { why: message } | Outcome::Dead { error: message } => {
            answer(job, ticket, body, ground.actor(), PluginAnswer::Failed { message })
        }
        outcome => outcome,
    }
}

/// The answer, the job's end and all that the script makes of it commit together.
fn answer(job: &Job, ticket: TicketId, body: Body, actor: Actor, answer: PluginAnswer) -> Outcome {
    let said = said(job, ticket, body, answer);
    Outcome::Answer(Box::new(Request::new(actor, Command::PluginAnswered(Box::new(said)))))
}

fn said(job: &Job, ticket: TicketId, body: Body, answer: PluginAnswer) -> PluginAnswered {
    PluginAnswered {
        ticket,
        job: Some(job.id),
        plugin: body.plugin,
        function: body.function,
        then: body.then,
        context: body.context,
        answer,
    }
}
