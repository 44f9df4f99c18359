//! Why a script did what it did: recorded runs are played again over what they had read.

use std::sync::Arc;

use naryad::domain::TicketId;
use naryad::domain::pack::Pack;
use naryad::store;
use naryad::store::run::Run;
use naryad::workflow::{self, Sources, Trace, on_script_stack};

use super::TestDesk;

impl TestDesk {
    /// Every run of the ticket's script with its trace, which asks for exactly what the run asked for.
    #[track_caller]
    pub fn traces(&self, ticket: TicketId) -> Vec<(Run, Trace)> {
        let runs = self.runs(ticket);
        let traces: Vec<Trace> = on_script_stack(|| runs.iter().map(|run| self.trace(run)).collect());
        for (run, trace) in runs.iter().zip(&traces) {
            let again: Vec<_> =
                trace.asked.iter().map(|one| serde_json::to_value(&one.command).unwrap()).collect();
            let commands: serde_json::Value = serde_json::from_str(&run.commands).unwrap();
            let asked: Vec<_> =
                commands.as_array().unwrap().iter().map(|one| one["command"].clone()).collect();
            assert_eq!(again, asked, "{} asks for something else when it is explained", run.handler);
        }
        runs.into_iter().zip(traces).collect()
    }

    fn trace(&self, run: &Run) -> Trace {
        let version = self.read(|db| store::pack::get(db, run.pack_version)).unwrap();
        let pack = Arc::new(Pack::parse(&version.settings).unwrap());
        let program = workflow::compile(Sources::alone(&version.script), pack, super::SCRIPT_WALL_MAX);
        let program = program.unwrap_or_else(|findings| panic!("{findings:?}"));
        let occasion = serde_json::from_str(&run.occasion).unwrap();
        let facts = serde_json::from_str(&run.facts).unwrap();
        workflow::explain(&program, run.ticket.unwrap_or(workflow::NO_TICKET), &occasion, facts)
    }
}
