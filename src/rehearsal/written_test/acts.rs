//! Outside commands as the lines of a test that do the same.

use super::cast::Cast;
use super::history::{History, Stop};
use super::words::{Words, list, map, quoted, span};
use crate::domain::command::{
    AdvanceWorkOrder, AssignTo, Command, HandInReport, Information, OpenTicket, PluginAnswer, TicketChanges,
};
use crate::domain::event::Visibility;
use crate::domain::pack::FieldKind;
use crate::domain::person::Actor;
use crate::domain::report::{PaperKind, ReportVerdict};
use crate::domain::ticket::{Channel, Level};
use crate::domain::work_order::Stage;
use crate::domain::{Key, Moment, PersonId, TaskId, WorkOrderId};

/// How a step becomes lines.
pub(super) struct Acts<'a> {
    pub history: &'a History,
    pub cast: &'a Cast,
    pub words: &'a Words,
}

/// Lines, or why there are none.
type Written = Result<String, String>;
type Options = Vec<(String, String)>;

impl Acts<'_> {
    /// The line that does it.
    pub fn line(&self, stop: &Stop) -> Written {
        let Some(command) = &stop.command else {
            return Err(
                "what was done is not kept any more, or it was done through another ticket".to_owned()
            );
        };
        let by = self.by(&stop.actor)?;
        match command {
            Command::OpenTicket(open) => Ok(self.open(open, by)),
            Command::AddComment { text, asks_client: true, .. } => {
                let words = quoted(&self.words.made_up("A question", text));
                Ok(match by {
                    Some(by) => format!("{by}.asks(ticket, {words});"),
                    None => format!("ticket.ask({words});"),
                })
            }
            Command::RateTicket(given) => {
                let by = by.ok_or("whoever rated it is not there any more")?;
                let comment = given.comment.as_ref().map(|text| self.words.made_up("A comment", text));
                let comment = comment.map(|text| format!(", {}", quoted(&text))).unwrap_or_default();
                Ok(format!("{by}.rate(ticket, {}{comment});", given.score))
            }
            Command::AddComment { text, visibility, .. } => {
                let verb = if *visibility == Visibility::Public { "comment" } else { "note" };
                let by = by.map(|by| format!(", {by}")).unwrap_or_default();
                Ok(format!("ticket.{verb}({}{by});", quoted(&self.words.made_up("A comment", text))))
            }
            Command::ChangeTicket { changes, .. } => {
                let mut options = self.changes(changes)?;
                options.extend(named("by", by));
                Ok(format!("ticket.change({});", map(options.into_iter())))
            }
            Command::ChangeTags { add, remove, .. } => {
                Ok(format!("{}{}", self.tags(add, "add_tag"), self.tags(remove, "remove_tag")))
            }
            Command::AssignTicket { to: AssignTo::Person { person }, reason, information, .. } => {
                let whom = self.whom(*person)?;
                let options = self.step(reason.as_ref(), information, by)?;
                Ok(format!("ticket.assign({whom}, {});", map(options.into_iter())))
            }
            Command::UnassignTicket { .. } => Ok("ticket.unassign();".to_owned()),
            Command::AcceptTicket { .. } => {
                let by = by.ok_or("the desk's administrator accepted it; nobody else can in a test")?;
                Ok(format!("{by}.accepts(ticket);"))
            }
            Command::QueueTicket { queue, reason, information, .. } => {
                let options = self.step(reason.as_ref(), information, by)?;
                Ok(format!("ticket.hand_over({}, {});", quoted(queue), map(options.into_iter())))
            }
            Command::ResolveTicket { resolution, reason, information, .. } => {
                self.end("resolve", resolution, reason.as_ref(), information, by)
            }
            Command::CloseTicket { resolution, reason, information, .. } => {
                self.end("close", resolution, reason.as_ref(), information, by)
            }
            Command::ReopenTicket { reason, .. } => {
                let reason = self.words.made_up("A reason", reason.as_deref().unwrap_or("-"));
                let by = by.map(|by| format!(", {by}")).unwrap_or_default();
                Ok(format!("ticket.reopen({}{by});", quoted(&reason)))
            }
            Command::ClearMark { .. } => Ok("ticket.clear_mark();".to_owned()),
            other => self.work(stop, other, by),
        }
    }

    /// Steps on work orders and tasks, recorded time, answers of plugins.
    fn work(&self, stop: &Stop, command: &Command, by: Option<String>) -> Written {
        match command {
            Command::OpenWorkOrder { engineer, due_at, planned_at, note, .. } => {
                let mut options = Options::new();
                options.extend(due_at.map(|at| ("due".to_owned(), from_now(stop.at, at))));
                options.extend(planned_at.map(|at| ("planned_at".to_owned(), from_now(stop.at, at))));
                options.extend(note.as_ref().map(|note| self.text("note", "A note", note)));
                options.extend(named("by", by));
                Ok(format!("ticket.send_out({}, {});", self.whom(*engineer)?, map(options.into_iter())))
            }
            Command::AdvanceWorkOrder(advance) => self.advance(stop, advance, by),
            Command::HandInReport(given) => {
                let order = self.order(given.order)?;
                let options = self.report(given, by);
                Ok(format!("{order}.hand_in_report({});", map(options.into_iter())))
            }
            Command::JudgeReport(given) => {
                let order = self.order(given.order)?;
                let by = map(named("by", by).into_iter());
                Ok(match given.verdict {
                    ReportVerdict::Accepted => format!("{order}.accept_report({by});"),
                    ReportVerdict::Returned => format!("{order}.return_report(\"Defects\", {by});"),
                    ReportVerdict::Waived => format!("{order}.waive_report(\"A reason\", {by});"),
                })
            }
            Command::TakeTask { task } => {
                let by = by.ok_or("the desk's administrator took the task; nobody else can in a test")?;
                Ok(format!("{}.take({by});", self.task(*task)?))
            }
            Command::FinishTask { task, outcome, comment, fields, attachments } => {
                let mut options = Options::new();
                options.extend(comment.as_ref().map(|comment| self.text("comment", "A comment", comment)));
                if !fields.is_empty() {
                    let fields = fields.iter().map(|(key, value)| (quoted(key), self.words.value(value)));
                    options.push(("fields".to_owned(), map(fields)));
                }
                if !attachments.is_empty() {
                    let files = (1..=attachments.len()).map(|number| format!("file-{number}"));
                    let files: Vec<String> = files.collect();
                    options.push(("files".to_owned(), list(files.iter().map(String::as_str))));
                }
                options.extend(named("by", by));
                Ok(format!(
                    "{}.finish({}, {});",
                    self.task(*task)?,
                    quoted(outcome),
                    map(options.into_iter())
                ))
            }
            Command::CancelTask { task, .. } => Ok(format!("{}.cancel(\"A reason\");", self.task(*task)?)),
            Command::RecordTime(record) if record.person.is_none() => {
                let mut options = Options::new();
                options.extend(record.spent.kind.as_ref().map(|kind| ("kind".to_owned(), quoted(kind))));
                options.extend(named("by", by));
                Ok(format!("ticket.record_time({}, {});", record.spent.minutes, map(options.into_iter())))
            }
            Command::PluginAnswered(answered) => {
                let call = format!("{}, {}", quoted(&answered.plugin), quoted(&answered.function));
                Ok(match &answered.answer {
                    PluginAnswer::Ok { value } => format!("on_call({call}, {});", self.words.value(value)),
                    PluginAnswer::Failed { .. } => format!("on_call_fail({call}, \"It failed\");"),
                })
            }
            other => Err(format!("a test has no such step: {}", name_of(other))),
        }
    }

    fn by(&self, actor: &Actor) -> Result<Option<String>, String> {
        match actor {
            Actor::Person { person } => Ok(self.cast.person_variable(*person).map(str::to_owned)),
            _ => Ok(None),
        }
    }

    fn whom(&self, person: PersonId) -> Written {
        self.cast
            .person_variable(person)
            .map(str::to_owned)
            .ok_or_else(|| "whom it names is not there".to_owned())
    }

    fn text(&self, name: &str, label: &str, text: &str) -> (String, String) {
        (name.to_owned(), quoted(&self.words.made_up(label, text)))
    }

    fn open(&self, open: &OpenTicket, by: Option<String>) -> String {
        let mut options = vec![self.text("subject", "A subject", &open.subject)];
        if !open.description.is_empty() {
            options.push(self.text("description", "A description", &open.description));
        }
        options.extend(open.category.as_ref().map(|key| ("category".to_owned(), quoted(key))));
        for (name, level) in [("impact", open.impact), ("urgency", open.urgency)] {
            if level != Level::default() {
                options.push((name.to_owned(), word(level)));
            }
        }
        options.extend(named("sub_client", open.sub_client.and_then(|id| self.cast.sub_client(id))));
        options.extend(named("site", open.site.and_then(|id| self.cast.site(id))));
        options.extend(named("asset", open.asset.and_then(|id| self.cast.asset(id))));
        options.extend(named("contact", open.contact.and_then(|id| self.cast.contact(id))));
        options.extend(
            open.channel
                .filter(|channel| *channel != Channel::Desk)
                .map(|one| ("channel".to_owned(), word(one))),
        );
        if !open.fields.is_empty() {
            let fields = open.fields.iter().map(|(key, value)| (key.to_string(), self.field(key, value)));
            options.push(("fields".to_owned(), map(fields)));
        }
        let tags: Vec<String> = open.tags.iter().map(|tag| self.tag(tag)).collect();
        if !tags.is_empty() {
            options.push(("tags".to_owned(), list(tags.iter().map(String::as_str))));
        }
        options.extend(named("by", by));
        format!("let ticket = open({});", map(options.into_iter()))
    }

    fn field(&self, key: &Key, value: &serde_json::Value) -> String {
        let kind = self.history.pack.fields.iter().find(|field| field.key == *key).map(|field| field.kind);
        match (kind, value) {
            (Some(FieldKind::Choice | FieldKind::Moment), serde_json::Value::String(text)) => quoted(text),
            (_, value) => self.words.value(value),
        }
    }

    /// Tags are people's words, unless the script names them.
    fn tag(&self, tag: &str) -> String {
        if self.words.is_literal(tag) { tag.to_owned() } else { format!("tag{}", tag.chars().count()) }
    }

    fn tags<'t>(&self, tags: impl IntoIterator<Item = &'t String>, verb: &str) -> String {
        tags.into_iter().map(|tag| format!("ticket.{verb}({});", quoted(&self.tag(tag)))).collect()
    }

    fn changes(&self, changes: &TicketChanges) -> Result<Options, String> {
        let mut options = Options::new();
        options.extend(changes.subject.as_ref().map(|text| self.text("subject", "Another subject", text)));
        options.extend(changes.status.as_ref().map(|key| ("status".to_owned(), quoted(key))));
        options.extend(changes.category.as_ref().map(|key| ("category".to_owned(), quoted(key))));
        options.extend(changes.impact.map(|level| ("impact".to_owned(), word(level))));
        options.extend(changes.urgency.map(|level| ("urgency".to_owned(), word(level))));
        options.extend(changes.priority.map(|priority| ("priority".to_owned(), priority.to_string())));
        options.extend(changes.is_urgent.map(|flag| ("urgent".to_owned(), flag.to_string())));
        let cast = self.cast;
        for (name, to) in [
            ("sub_client", changes.sub_client.map(|to| to.map(|id| cast.sub_client(id)))),
            ("site", changes.site.map(|to| to.map(|id| cast.site(id)))),
            ("asset", changes.asset.map(|to| to.map(|id| cast.asset(id)))),
            ("contact", changes.contact.map(|to| to.map(|id| cast.contact(id)))),
        ] {
            let Some(to) = to else { continue };
            let value = match to {
                None => "()",
                Some(found) => found.ok_or_else(|| format!("its {name} is not there any more"))?,
            };
            options.push((name.to_owned(), value.to_owned()));
        }
        if !changes.fields.is_empty() {
            let fields = changes.fields.iter().map(|(key, value)| (key.to_string(), self.field(key, value)));
            options.push(("fields".to_owned(), map(fields)));
        }
        Ok(options)
    }

    fn step(
        &self,
        reason: Option<&String>,
        information: &Information,
        by: Option<String>,
    ) -> Result<Options, String> {
        let mut options = Options::new();
        options.extend(reason.map(|reason| self.text("reason", "A reason", reason)));
        let changes = self.changes(&information.changes)?;
        if !changes.is_empty() {
            options.push(("changes".to_owned(), map(changes.into_iter())));
        }
        options.extend(named("by", by));
        Ok(options)
    }

    fn end(
        &self,
        verb: &str,
        resolution: &Key,
        reason: Option<&String>,
        information: &Information,
        by: Option<String>,
    ) -> Written {
        let mut options = vec![("resolution".to_owned(), quoted(resolution))];
        options.extend(self.step(reason, information, by)?);
        Ok(format!("ticket.{verb}({});", map(options.into_iter())))
    }

    fn order(&self, order: WorkOrderId) -> Written {
        let found = self.history.orders.iter().position(|one| one.id == order);
        found
            .map(|index| format!("ticket.orders[{index}]"))
            .ok_or_else(|| "its work order is another ticket's".to_owned())
    }

    fn task(&self, task: TaskId) -> Written {
        let found = self.history.tasks.iter().position(|one| one.id == task);
        found
            .map(|index| format!("ticket.tasks[{index}]"))
            .ok_or_else(|| "its task is another ticket's".to_owned())
    }

    fn report(&self, given: &HandInReport, by: Option<String>) -> Options {
        let of = |kind: PaperKind| given.papers.iter().filter(move |paper| paper.kind == kind);
        let mut options = Options::new();
        let photos: Vec<String> = of(PaperKind::Photo)
            .enumerate()
            .map(|(index, paper)| {
                paper.text.as_ref().map_or(String::new(), |_| format!("Photo {}", index + 1))
            })
            .collect();
        if !photos.is_empty() {
            options.push(("photos".to_owned(), list(photos.iter().map(String::as_str))));
        }
        let documents: Vec<&str> =
            of(PaperKind::Document).filter_map(|paper| paper.document.as_deref()).collect();
        if !documents.is_empty() {
            options.push(("documents".to_owned(), list(documents)));
        }
        let signatures = of(PaperKind::Signature).count();
        if signatures > 0 {
            options.push(("signatures".to_owned(), signatures.to_string()));
        }
        options.extend(given.comment.as_ref().map(|comment| self.text("comment", "A comment", comment)));
        options.extend(named("by", by));
        options
    }

    fn advance(&self, stop: &Stop, advance: &AdvanceWorkOrder, by: Option<String>) -> Written {
        let order = self.order(advance.order)?;
        let mut options = Options::new();
        options.extend(advance.comment.as_ref().map(|comment| self.text("comment", "A comment", comment)));
        let outcome = advance.outcome.as_ref().map(|key| quoted(key)).unwrap_or_else(|| "\"\"".to_owned());
        Ok(match advance.stage {
            Stage::Accepted => {
                let planned = advance.planned_at.map(|at| from_now(stop.at, at)).unwrap_or_default();
                format!("{order}.accept({planned});")
            }
            Stage::OnTheWay => format!("{order}.on_the_way();"),
            Stage::Arrived => format!("{order}.arrive();"),
            Stage::Done => {
                options.extend(advance.outcome.as_ref().map(|key| ("outcome".to_owned(), quoted(key))));
                options.extend(named("by", by));
                format!("{order}.done({});", map(options.into_iter()))
            }
            Stage::CouldNot => {
                let parts = advance.parts_needed.iter().enumerate();
                let parts: Vec<String> = parts
                    .map(|(index, part)| {
                        format!("#{{ code: \"P-{}\", quantity: {} }}", index + 1, part.quantity)
                    })
                    .collect();
                if !parts.is_empty() {
                    options.push(("parts".to_owned(), format!("[{}]", parts.join(", "))));
                }
                options.extend(named("by", by));
                format!("{order}.could_not({outcome}, {});", map(options.into_iter()))
            }
            Stage::Refused => format!("{order}.refuse({outcome}, \"A comment\");"),
            Stage::Cancelled => format!("{order}.cancel(\"A reason\");"),
            Stage::NoShow => format!("{order}.no_show();"),
            Stage::Offered => return Err("a work order is not offered once more in a test".to_owned()),
        })
    }
}

fn named(name: &str, value: Option<impl Into<String>>) -> Option<(String, String)> {
    value.map(|value| (name.to_owned(), value.into()))
}

/// A word of the API, such as a level.
fn word(value: impl serde::Serialize) -> String {
    serde_json::to_value(value).map(|value| value.to_string()).unwrap_or_default()
}

fn from_now(now: Moment, at: Moment) -> String {
    match (span(now, at), span(at, now)) {
        (Some(later), _) => format!("now() + {later}"),
        (None, Some(earlier)) => format!("now() - ({earlier})"),
        (None, None) => "now()".to_owned(),
    }
}

fn name_of(command: &Command) -> String {
    let value = serde_json::to_value(command).unwrap_or_default();
    value["type"].as_str().unwrap_or("a command").to_owned()
}
