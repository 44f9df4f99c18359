//! Sending a report from a script.

use super::people::recipient_of;
use super::{Example, Function, Keys, Kind, Param, SINCE_FIRST};
use crate::domain::command::{Command, SendReport};
use crate::domain::monthly_report::ReportKind;
use crate::workflow::failure::Fault;

const OPTIONS: &[Param] = &[
    Param::new("month", Kind::Number, "0 the present one, -1 the last one (when left out), down to -24"),
    Param::new("to", Kind::Recipient, "whom; only staff get it"),
];

pub static FUNCTIONS: &[Function] = &[Function {
    name: "send_report",
    doc: "Sends staff a message that leads to a report of the client about a month, with its headline numbers: `unclassified` (closed tickets left at the defaults), `ratings` (CSAT). Whoever opens it must supervise the client. Each counts as a message; beyond the limit the run fails, for a report waits for nobody.",
    example: Example::on(
        "on_schedule",
        "if name == \"morning\" { send_report(\"unclassified\", #{ month: -1, to: \"shift_supervisor\" }); }",
    ),
    since: SINCE_FIRST,
    params: &[
        Param::new("report", Kind::Key(Keys::Report), "`unclassified` or `ratings`"),
        Param::new("options", Kind::Options(OPTIONS), "which month, and to whom"),
    ],
    returns: Kind::Nothing,
    run: |call| {
        let name = call.text(0)?;
        let report = ReportKind::ALL.into_iter().find(|kind| kind.as_str() == name.as_str());
        let report = report.ok_or_else(|| {
            let known = ReportKind::ALL.map(ReportKind::as_str).join(", ");
            Fault::refused(&format!("there is no report `{name}`; known: {known}"))
        })?;
        let mut options = call.options(1)?;
        let month = options.int("month")?.unwrap_or(-1);
        let to = options.any("to").ok_or_else(|| Fault::refused("to: say who gets the report"))?;
        let to = recipient_of(call.state(), &to)?;
        options.done(OPTIONS)?;
        let months_back = month.saturating_neg();
        call.ask(Command::SendReport(Box::new(SendReport { client: None, report, months_back, to })))
    },
}];
