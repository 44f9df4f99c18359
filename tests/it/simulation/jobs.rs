//! The outside world: leased jobs that are answered, fail, are answered twice or lost in a crash.

use naryad::commands::{Request, lease_jobs};
use naryad::domain::command::{Command, JobEnd, PluginAnswer, PluginAnswered};
use naryad::domain::person::Actor;
use naryad::domain::{JobId, Span};
use naryad::store::job::Job;
use serde_json::json;

use super::world::World;

const LEASE: Span = Span::minutes(1);
const LEASED_MAX: usize = 5;

impl World {
    /// Takes the jobs that are ready and ends each in some way.
    pub fn work_on_jobs(&mut self) {
        let leased = self.engine().aside(|tx| Ok(lease_jobs(tx, LEASE, LEASED_MAX)?)).unwrap();
        for job in leased {
            match self.random.below(10) {
                0 => self.lose(),
                1 => self.end(
                    job.id,
                    JobEnd::Retry { at: self.clock.now() + Span::minutes(3), error: "away".into() },
                ),
                2 => self.end(job.id, JobEnd::Dead { error: "gone".into() }),
                3 => {
                    self.answer(&job);
                    self.answer(&job);
                }
                _ => self.answer(&job),
            }
        }
    }

    /// The worker and the desk go down with the lease; the job runs again when it is over.
    fn lose(&mut self) {
        self.count("job lost");
        self.crash();
        self.clock.pass(LEASE);
        self.clock.pass(LEASE);
    }

    fn end(&mut self, job: JobId, end: JobEnd) {
        self.send(Request::new(Actor::Clock, Command::EndJob { job, end }));
    }

    fn answer(&mut self, job: &Job) {
        let answer = if self.random.percent(80) {
            PluginAnswer::Ok { value: json!({ "in_stock": true }) }
        } else {
            PluginAnswer::Failed { message: "the stock system is away".to_owned() }
        };
        let text = |field: &str| serde_json::from_value(job.body[field].clone()).unwrap();
        let answered = PluginAnswered {
            ticket: job.ticket.expect("a call is made for a ticket"),
            job: Some(job.id),
            plugin: text("plugin"),
            function: text("function"),
            then: serde_json::from_value(job.body["then"].clone()).unwrap(),
            context: job.body["context"].clone(),
            answer,
        };
        let request = Request::new(Actor::Clock, Command::PluginAnswered(Box::new(answered)));
        if self.send(request).is_some() {
            self.count("job answered");
        }
    }

    /// A person looks after a job that stands still.
    pub fn look_after_a_job(&mut self) {
        let dead: Vec<JobId> = self.ids("select id from job where state in ('dead', 'waiting') order by id");
        let Some(job) = self.random.one_of(&dead).copied() else { return };
        let command = if self.random.percent(70) {
            Command::ReplayJob { job }
        } else {
            Command::DropJob { job, reason: Some("not needed".to_owned()) }
        };
        self.by_somebody(command);
    }
}
