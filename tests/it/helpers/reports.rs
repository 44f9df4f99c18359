//! Reports of visits on a test desk: handed in by engineers, judged by controllers.

use naryad::commands::{DeskError, Done};
use naryad::domain::command::{Command, HandInReport, JudgeReport, PaperGiven};
use naryad::domain::person::Actor;
use naryad::domain::report::{PaperKind, ReportState, ReportVerdict};
use naryad::domain::{AttachmentId, Key, WorkOrderId};
use naryad::store;
use naryad::store::attachment::Attachment;

use super::{Somebody, TestDesk};

impl TestDesk {
    #[track_caller]
    pub fn report_state(&self, order: WorkOrderId) -> ReportState {
        self.read(|db| store::work_order::get(db, order)).expect("the order is there").report.state
    }
}

impl Somebody<'_> {
    /// An upload that no command has named yet; its bytes do not matter.
    pub fn uploads(&self, name: &str) -> AttachmentId {
        let (person, name) = (self.id, name.to_owned());
        let insert = move |tx: &store::Tx| -> Result<AttachmentId, DeskError> {
            let id: AttachmentId = tx.id();
            let row = Attachment {
                id,
                sha256: "0".repeat(64),
                name,
                media_type: "image/png".to_owned(),
                bytes: 1,
                uploaded_by: Actor::Person { person },
                uploaded_at: tx.now(),
                ticket: None,
                visibility: None,
            };
            store::attachment::insert(tx, &row)?;
            Ok(id)
        };
        self.desk.desk.aside_now(insert).unwrap()
    }

    /// Photos by what they show, documents by their kind, and signatures.
    pub fn papers(&self, photos: &[&str], documents: &[&str], signatures: usize) -> Vec<PaperGiven> {
        let paper = |kind: PaperKind, document: Option<&str>, text: Option<&str>| PaperGiven {
            attachment: self.uploads("paper"),
            kind,
            document: document.map(|key| Key::new(key).unwrap()),
            text: text.map(str::to_owned),
        };
        let photos = photos.iter().map(|text| paper(PaperKind::Photo, None, Some(text)));
        let documents = documents.iter().map(|key| paper(PaperKind::Document, Some(key), None));
        let signatures = (0..signatures).map(|_| paper(PaperKind::Signature, None, None));
        photos.chain(documents).chain(signatures).collect()
    }

    pub fn hands_in(&self, order: WorkOrderId, papers: Vec<PaperGiven>) -> Result<Done, DeskError> {
        self.does(Command::HandInReport(Box::new(HandInReport { order, papers, comment: None })))
    }

    pub fn judges(
        &self,
        order: WorkOrderId,
        verdict: ReportVerdict,
        defects: Option<&str>,
    ) -> Result<Done, DeskError> {
        let judge = JudgeReport { order, number: None, verdict, defects: defects.map(str::to_owned) };
        self.does(Command::JudgeReport(Box::new(judge)))
    }
}
