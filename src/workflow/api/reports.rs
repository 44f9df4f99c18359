//! Reports of visits: what is asked of one, what was handed in, what a controller said; and files.

use std::any::TypeId;
use std::collections::BTreeSet;

use rhai::Dynamic;

use super::call::{Answer, Call, Outcome};
use super::collections::{List, items_of};
use super::orders::OrderRef;
use super::people::person_or_nothing;
use super::ticket::{own, refused};
use super::values::text_of;
use super::{Example, Keys, Kind, Member, Param, Type};
use crate::domain::command::{Command, JudgeReport, RequireReport};
use crate::domain::report::{Paper, PaperKind, Report, ReportState, ReportVerdict, ReportWanted};
use crate::domain::{AttachmentId, Key, TextId, TicketId, WorkOrderId};
use crate::workflow::failure::Fault;
use crate::workflow::state::State;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReportRef {
    pub ticket: TicketId,
    pub order: WorkOrderId,
    pub number: i64,
}

#[derive(Debug, Clone)]
pub struct PaperRef(Paper);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FileRef {
    ticket: TicketId,
    file: AttachmentId,
}

const REPORT_OPTIONS: &[Param] = &[
    Param::new("photos", Kind::Number, "how many, each with a description; 0 when left out, at most 20"),
    Param::new(
        "documents",
        Kind::List(&Kind::Key(Keys::DocumentKind)),
        "which of the pack's `document_kinds`",
    ),
    Param::new("signatures", Kind::Number, "how many signed acts; 0 when left out, at most 20"),
];

pub const REQUIRE: Member = Member::method(
    "require_report",
    &[
        Param::new("order", Kind::Handle("WorkOrder"), "the visit"),
        Param::new("wanted", Kind::Options(REPORT_OPTIONS), "what the report must hold"),
    ],
    Kind::Nothing,
    "Asks for a report of the visit. The engineer hands it in, a controller accepts or returns it (`on_report`), and until one is accepted the ticket does not close: `close` fails without `incomplete`.",
    Example::on(
        "on_work_order",
        "ticket.require_report(order, #{ photos: 3, documents: [\"act_of_acceptance\"], signatures: 2 });",
    ),
    require,
);

const DEFECTS: &[Param] = &[Param::new("defects", Kind::Text, "what is wrong with it, for the engineer")];

/// What a script has done about the report of an order, and that nobody came.
pub const RETURN: Member = Member::method(
    "return_report",
    DEFECTS,
    Kind::Nothing,
    "Returns the report that waits for a verdict to the engineer; nothing happens to one that was returned, or when none waits.",
    Example::on("on_comment", "ticket.last_order.return_report(\"The act lacks its second page\");"),
    |call| {
        let defects = Some(call.words(1)?);
        judge(call, ReportVerdict::Returned, defects)
    },
);

pub const ACCEPT: Member = Member::method(
    "accept_report",
    &[],
    Kind::Nothing,
    "Accepts the report that waits for a verdict; nothing happens when none waits.",
    Example::on("on_comment", "ticket.last_order.accept_report();"),
    |call| judge(call, ReportVerdict::Accepted, None),
);

pub const STATE: Member = Member::get(
    "report_state",
    Kind::Key(Keys::ReportState),
    "How far its report is: `not_asked`, `awaited`, `handed_in`, `accepted`, `returned` or `waived`.",
    Example::on(
        "on_comment",
        "if ticket.last_order.report_state == \"handed_in\" { ticket.note(\"Being checked\"); }",
    ),
    |call| order_look(call, |state| state.as_str().into()),
);

pub const PHOTOS: Member = Member::get(
    "photos",
    Kind::List(&Kind::Handle("Paper")),
    "Photos of the report that was handed in last; empty without one. As a text: their descriptions.",
    Example::on(
        "on_comment",
        "ticket.escalate(\"commercial\", #{ reason: \"Damaged\", photos: ticket.last_order.photos });",
    ),
    |call| {
        let own = call.this::<OrderRef>()?;
        call.state().reports(own.ticket, |reports| {
            let last = reports.iter().rfind(|report| report.order == own.order);
            photos_of(last.map_or(&[], |report| report.papers.as_slice()))
        })
    },
);

pub static REPORT: Type = Type {
    name: "Report",
    doc: "A report of a visit that a controller has looked at.",
    id: TypeId::of::<ReportRef>,
    index: None,
    actions: &[],
    members: &[
        Member::get(
            "verdict",
            Kind::Key(Keys::Verdict),
            "`accepted` or `returned`.",
            Example::on(
                "on_report",
                "if report.verdict == \"returned\" { ticket.count_up(\"returned\"); } else { ticket.close(#{ resolution: report.order.resolution }); }",
            ),
            |call| {
                look(call, |report| report.verdict.map_or(Dynamic::UNIT, |verdict| verdict.as_str().into()))
            },
        ),
        Member::get(
            "order",
            Kind::Handle("WorkOrder"),
            "The visit that it is about.",
            Example::on("on_report", "ticket.note(report.order.engineer.name + \" has reported\");"),
            |call| {
                let ReportRef { ticket, order, .. } = call.this()?;
                Ok(Dynamic::from(OrderRef { ticket, order }))
            },
        ),
        Member::get(
            "defects",
            Kind::Text,
            "What is wrong with a returned one; empty otherwise.",
            Example::on("on_report", "ticket.note(\"To be mended: \" + report.defects);"),
            |call| text(call, |report| report.defects),
        ),
        Member::get(
            "comment",
            Kind::Text,
            "What was written with it; empty when nothing.",
            Example::on("on_report", "ticket.note(\"The engineer says: \" + report.comment);"),
            |call| text(call, |report| report.comment),
        ),
        Member::get(
            "number",
            Kind::Number,
            "1 for the first report of its visit.",
            Example::on("on_report", "if report.number < 3 { ticket.note(\"Still early\"); }"),
            |call| look(call, |report| report.number.into()),
        ),
        Member::get(
            "papers",
            Kind::List(&Kind::Handle("Paper")),
            "Everything that was handed in.",
            Example::on("on_report", "ticket.note(`${report.papers.len} papers`);"),
            |call| look(call, |report| List::of(report.papers.iter().cloned().map(PaperRef))),
        ),
        Member::get(
            "photos",
            Kind::List(&Kind::Handle("Paper")),
            "Its photos.",
            Example::on("on_report", "ticket.note(\"Photos: \" + report.photos.join(\", \"));"),
            |call| look(call, |report| photos_of(&report.papers)),
        ),
        Member::get(
            "handed_in_by",
            Kind::Handle("Person"),
            "Who handed it in: the engineer, or a dispatcher for them.",
            Example::on("on_report", "ticket.note(report.handed_in_by.name + \" handed it in\");"),
            |call| look(call, |report| person_or_nothing(report.handed_in_by)),
        ),
        Member::get(
            "handed_in_at",
            Kind::Moment,
            "When it was handed in.",
            Example::on("on_report", "ticket.note(`Here since ${report.handed_in_at}`);"),
            |call| look(call, |report| Dynamic::from(report.handed_in_at)),
        ),
        Member::get(
            "judged_by",
            Kind::Handle("Person"),
            "Who accepted or returned it; `()` when a script did.",
            Example::on("on_report", "if report.judged_by != () { ticket.watch(report.judged_by); }"),
            |call| look(call, |report| person_or_nothing(report.judged_by)),
        ),
    ],
};

pub static PAPER: Type = Type {
    name: "Paper",
    doc: "A file of a report. As a text: its description, or what it is.",
    id: TypeId::of::<PaperRef>,
    index: None,
    actions: &[],
    members: &[
        Member::get(
            "kind",
            Kind::Key(Keys::PaperKind),
            "`photo`, `document` or `signature`.",
            Example::on(
                "on_report",
                "for paper in report.papers { if paper.kind == \"photo\" { ticket.note(\"A photo came\"); } }",
            ),
            |call| Ok(word_of(call.this::<PaperRef>()?.0.kind).into()),
        ),
        Member::get(
            "document",
            Kind::Key(Keys::DocumentKind),
            "Which document it is; `()` for a photo and a signature.",
            Example::on(
                "on_report",
                "for paper in report.papers { if paper.document == \"act_of_acceptance\" { ticket.add_tag(\"act\"); } }",
            ),
            |call| {
                let paper = call.this::<PaperRef>()?.0;
                Ok(paper.document.map_or(Dynamic::UNIT, |key| key.to_string().into()))
            },
        ),
        Member::get(
            "description",
            Kind::Text,
            "What it shows; empty when nobody said.",
            Example::on(
                "on_report",
                "for paper in report.photos { ticket.note(\"Shown: \" + paper.description); }",
            ),
            |call| match call.this::<PaperRef>()?.0.text {
                Some(text) => call.state().text(text).map(Dynamic::from),
                None => Ok("".into()),
            },
        ),
    ],
};

pub static FILE: Type = Type {
    name: "File",
    doc: "A file of the ticket. As a text: its name.",
    id: TypeId::of::<FileRef>,
    index: None,
    actions: &[],
    members: &[Member::get(
        "name",
        Kind::Text,
        "As it was called when it was sent.",
        Example::on(
            "on_task_done",
            "for file in task.files { ticket.note(\"Came with it: \" + file.name); }",
        ),
        |call| call.this::<FileRef>()?.name(call.state()).map(Dynamic::from),
    )],
};

impl FileRef {
    pub fn name(&self, state: &State) -> Outcome<String> {
        let found = state.files(self.ticket, |files| {
            files.iter().find(|file| file.id == self.file).map(|file| file.name.clone())
        })?;
        found.ok_or_else(|| Fault::refused("there is no such file on this ticket"))
    }
}

impl PaperRef {
    /// Its description, or what it is.
    pub fn words(&self, state: &State) -> Outcome<String> {
        if let Some(text) = self.0.text {
            return state.text(text);
        }
        let pack = &state.pack;
        let kind = self.0.document.as_ref().and_then(|key| {
            pack.document_kinds.iter().find(|kind| kind.key == *key)?.label.in_language(pack.language)
        });
        Ok(kind.unwrap_or_else(|| word_of(self.0.kind)).to_owned())
    }
}

/// Files as a list for a script.
pub fn files_of(ticket: TicketId, files: &[AttachmentId]) -> Dynamic {
    List::of(files.iter().map(|file| FileRef { ticket, file: *file }))
}

/// The files that a script gives along: a list of Files, or of Papers.
pub fn attachments_of(value: Dynamic) -> Outcome<Vec<AttachmentId>> {
    if value.is_unit() {
        return Ok(Vec::new());
    }
    let one = |item: &Dynamic| {
        let file = item.read_lock::<FileRef>().map(|file| file.file);
        let file = file.or_else(|| item.read_lock::<PaperRef>().map(|paper| paper.0.attachment));
        file.ok_or_else(|| Fault::wrong_type("a File", item.type_name()))
    };
    items_of(value).iter().map(one).collect()
}

fn word_of(kind: PaperKind) -> &'static str {
    match kind {
        PaperKind::Photo => "photo",
        PaperKind::Document => "document",
        PaperKind::Signature => "signature",
    }
}

fn photos_of(papers: &[Paper]) -> Dynamic {
    List::of(papers.iter().filter(|paper| paper.kind == PaperKind::Photo).cloned().map(PaperRef))
}

fn require(call: &mut Call<'_, '_, '_>) -> Answer {
    let ticket = own(call)?.0;
    let order = call.arg(1).try_cast::<OrderRef>();
    let order = order.ok_or_else(|| Fault::wrong_type("a WorkOrder", call.arg(1).type_name()))?;
    if order.ticket != ticket {
        return Err(Fault::refused("the work order is another ticket's"));
    }
    let mut options = call.options(2)?;
    let (photos, signatures) = (options.int("photos")?, options.int("signatures")?);
    let documents = options.list("documents").into_iter().map(|item| {
        let text = text_of(call.state(), &item)?;
        let key = Key::new(&text).map_err(|error| Fault::refused(&format!("documents: {error}")))?;
        let known = call.state().pack.require_document_kind("documents", &key);
        known.map(|()| key).map_err(|refusal| refused(&refusal))
    });
    let documents = documents.collect::<Outcome<BTreeSet<Key>>>()?;
    options.done(REPORT_OPTIONS)?;
    let wanted = ReportWanted {
        photos: photos.unwrap_or_default(),
        documents,
        signatures: signatures.unwrap_or_default(),
    };
    let asked = wanted.clone();
    edit(call, order, move |report| {
        report.wanted = Some(asked);
        if report.state == ReportState::NotAsked {
            report.state = ReportState::Awaited;
        }
    })?;
    call.ask(Command::RequireReport(Box::new(RequireReport { order: order.order, wanted })))
}

fn judge(call: &Call<'_, '_, '_>, verdict: ReportVerdict, defects: Option<String>) -> Answer {
    let own = call.this::<OrderRef>()?;
    if own.look(call.state(), |order| order.report.state)? != ReportState::HandedIn {
        return Ok(Dynamic::UNIT);
    }
    edit(call, own, move |report| report.state = verdict.leads_to())?;
    let judge = JudgeReport { order: own.order, number: None, verdict, defects };
    call.ask(Command::JudgeReport(Box::new(judge)))
}

fn edit(
    call: &Call<'_, '_, '_>,
    own: OrderRef,
    change: impl FnOnce(&mut crate::domain::report::OrderReport),
) -> Outcome<()> {
    call.state().edit_orders(own.ticket, |orders| {
        if let Some(order) = orders.iter_mut().find(|order| order.id == own.order) {
            change(&mut order.report);
        }
    })
}

fn order_look(call: &Call<'_, '_, '_>, part: impl FnOnce(ReportState) -> Dynamic) -> Answer {
    call.this::<OrderRef>()?.look(call.state(), |order| part(order.report.state))
}

fn look<T>(call: &Call<'_, '_, '_>, part: impl FnOnce(&Report) -> T) -> Outcome<T> {
    let own = call.this::<ReportRef>()?;
    let found = call.state().reports(own.ticket, |reports| {
        reports.iter().find(|report| report.order == own.order && report.number == own.number).map(part)
    })?;
    found.ok_or_else(|| Fault::refused("there is no such report of this ticket"))
}

fn text(call: &Call<'_, '_, '_>, part: impl FnOnce(&Report) -> Option<TextId>) -> Answer {
    match look(call, part)? {
        Some(text) => call.state().text(text).map(Dynamic::from),
        None => Ok("".into()),
    }
}
