//! Acting on reports of visits: handing in, accepting, returning; and files, which are names without bytes here.

use std::collections::BTreeSet;

use rhai::{Array, Dynamic, Engine, ImmutableString, Map, NativeCallContext};

use super::acting::actor;
use super::bench::{Bench, Outcome, thrown, wrong};
use super::handles::{OrderHandle, PersonHandle, TaskHandle, words};
use super::options::Options;
use crate::domain::command::{Command, HandInReport, JudgeReport, PaperGiven};
use crate::domain::report::{PAPERS_WANTED_MAX, PaperKind, Report, ReportVerdict};
use crate::domain::{AttachmentId, PersonId};
use crate::store;

const HAND_IN: &[&str] = &["photos", "documents", "signatures", "comment", "again", "by"];
const JUDGE: &[&str] = &["by"];

pub fn register(engine: &mut Engine) {
    engine
        .register_fn("hand_in_report", |context: NativeCallContext, own: &mut OrderHandle, options: Map| {
            hand_in(&context, own, options)
        });
    fn accept(context: &NativeCallContext, own: &OrderHandle, options: Map) -> Outcome<()> {
        judge(context, own, "accept_report", ReportVerdict::Accepted, None, options)
    }
    engine.register_fn("accept_report", |context: NativeCallContext, own: &mut OrderHandle| {
        accept(&context, own, Map::new())
    });
    engine.register_fn("accept_report", |context: NativeCallContext, own: &mut OrderHandle, options: Map| {
        accept(&context, own, options)
    });
    for (verb, verdict) in
        [("return_report", ReportVerdict::Returned), ("waive_report", ReportVerdict::Waived)]
    {
        engine.register_fn(
            verb,
            move |context: NativeCallContext, own: &mut OrderHandle, why: ImmutableString| {
                judge(&context, own, verb, verdict, Some(why.to_string()), Map::new())
            },
        );
        engine.register_fn(
            verb,
            move |context: NativeCallContext, own: &mut OrderHandle, why: ImmutableString, options: Map| {
                judge(&context, own, verb, verdict, Some(why.to_string()), options)
            },
        );
    }
    register_reading(engine);
}

fn register_reading(engine: &mut Engine) {
    engine.register_get("report_state", |own: &mut OrderHandle| {
        own.look(|order| order.report.state.as_str().to_owned())
    });
    engine.register_get("defects", |own: &mut OrderHandle| -> Outcome<String> {
        let defects = last(own)?.and_then(|report| report.defects);
        words(&own.bench, defects)
    });
    engine.register_get("photos", |own: &mut OrderHandle| -> Outcome<Array> {
        let papers = last(own)?.map(|report| report.papers).unwrap_or_default();
        let photos = papers.into_iter().filter(|paper| paper.kind == PaperKind::Photo);
        photos.map(|paper| words(&own.bench, paper.text).map(Dynamic::from)).collect()
    });
    engine.register_get("files", |own: &mut TaskHandle| -> Outcome<Array> {
        let files = own.look(|task| task.files.clone())?;
        let name = |id| {
            let file = own.bench.get(|desk| store::attachment::get(desk.db(), id))?;
            Ok(Dynamic::from(file.name))
        };
        files.into_iter().map(name).collect()
    });
}

fn last(own: &OrderHandle) -> Outcome<Option<Report>> {
    let id = own.id;
    Ok(own.bench.read(|desk| store::work_report::of_order(desk.db(), id))?.pop())
}

/// Uploads of the person, by what they are called.
pub fn uploads(bench: &Bench, by: PersonId, names: &[String]) -> Outcome<Vec<AttachmentId>> {
    let upload = |name: &String| {
        let name = name.clone();
        bench.with(|state| state.desk.put_file(by, name).map_err(thrown))
    };
    names.iter().map(upload).collect()
}

fn hand_in(context: &NativeCallContext, own: &OrderHandle, options: Map) -> Outcome<()> {
    let options = Options::new("hand_in_report", options, HAND_IN)?;
    let by = match options.handle::<PersonHandle>("by", "a person")? {
        Some(person) => person.id,
        None => own.look(|order| order.engineer)?,
    };
    let mut papers = Vec::new();
    for text in options.texts("photos")? {
        papers.push(paper(own, by, PaperKind::Photo, "photo.jpg", None, Some(text))?);
    }
    for kind in options.texts("documents")? {
        let document = Some(super::options::key(&kind)?);
        papers.push(paper(own, by, PaperKind::Document, &format!("{kind}.pdf"), document, None)?);
    }
    let signatures = options.number("signatures")?.unwrap_or_default();
    if !(0..=PAPERS_WANTED_MAX).contains(&signatures) {
        return Err(wrong(format!("`signatures` is from 0 to {PAPERS_WANTED_MAX}")));
    }
    for _ in 0..signatures {
        papers.push(paper(own, by, PaperKind::Signature, "signature.png", None, None)?);
    }
    if options.flag("again")?.unwrap_or_default() {
        papers.extend(kept(own, &papers)?);
    }
    let (order, comment) = (own.id, options.text("comment")?);
    let command = Command::HandInReport(Box::new(HandInReport { order, papers, comment }));
    own.bench.act(context, by, command).map(drop)
}

/// Of the last report, what is not handed in anew: papers of other kinds, documents that are not among the new ones.
fn kept(own: &OrderHandle, fresh: &[PaperGiven]) -> Outcome<Vec<PaperGiven>> {
    let new: BTreeSet<_> = fresh.iter().map(|paper| (paper.kind, paper.document.clone())).collect();
    let before = last(own)?.map(|report| report.papers).unwrap_or_default();
    let before = before.into_iter().filter(|paper| !new.contains(&(paper.kind, paper.document.clone())));
    let given = |paper: crate::domain::report::Paper| {
        let text = words(&own.bench, paper.text)?;
        Ok(PaperGiven {
            attachment: paper.attachment,
            kind: paper.kind,
            document: paper.document,
            text: Some(text),
        })
    };
    before.map(given).collect()
}

fn paper(
    own: &OrderHandle,
    by: PersonId,
    kind: PaperKind,
    name: &str,
    document: Option<crate::domain::Key>,
    text: Option<String>,
) -> Outcome<PaperGiven> {
    let file = uploads(&own.bench, by, &[name.to_owned()])?;
    Ok(PaperGiven { attachment: file[0], kind, document, text })
}

fn judge(
    context: &NativeCallContext,
    own: &OrderHandle,
    verb: &'static str,
    verdict: ReportVerdict,
    defects: Option<String>,
    options: Map,
) -> Outcome<()> {
    let options = Options::new(verb, options, JUDGE)?;
    let by = actor(&own.bench, &options)?;
    let judge = JudgeReport { order: own.id, number: None, verdict, defects };
    own.bench.act(context, by, Command::JudgeReport(Box::new(judge))).map(drop)
}
