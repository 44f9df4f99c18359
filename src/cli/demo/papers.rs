//! The papers of a visit: what the demo's engineers hand in, made up once and stored as any upload is.

use std::path::Path;

use super::maker::{Maker, key};
use crate::commands::DeskError;
use crate::domain::command::{Command, HandInReport, PaperGiven};
use crate::domain::person::Actor;
use crate::domain::report::PaperKind;
use crate::domain::work_order::WorkOrder;
use crate::domain::{AttachmentId, PersonId};
use crate::store;
use crate::store::attachment::Attachment;
use crate::store::files::{Files, Stored};

const PHOTO: &[u8] = include_bytes!("papers/photo.png");
const SIGNATURE: &[u8] = include_bytes!("papers/signature.png");
const ACT: &[u8] = include_bytes!("papers/act.pdf");
/// What the photos show.
const SHOWN: [&str; 3] = ["Банкомат спереди", "Узел после ремонта", "Экран после теста"];
/// Who signs the act.
const SIGNED_BY: [&str; 2] = ["engineer", "bank"];

/// The files on the disk, the same for every visit.
pub struct Papers {
    photo: Stored,
    signature: Stored,
    act: Stored,
}

impl Papers {
    pub fn put(folder: &Path) -> anyhow::Result<Self> {
        let files = Files::open(folder)?;
        Ok(Self { photo: files.put(PHOTO)?, signature: files.put(SIGNATURE)?, act: files.put(ACT)? })
    }

    /// The engineer hands in a whole report.
    pub fn hand_in(&self, maker: &mut Maker, order: &WorkOrder) -> anyhow::Result<()> {
        let by = order.engineer;
        let mut papers = Vec::new();
        for (index, text) in SHOWN.iter().enumerate() {
            let name = format!("photo-{}.png", index + 1);
            let attachment = upload(maker, by, name, "image/png", &self.photo)?;
            let text = Some((*text).to_owned());
            papers.push(PaperGiven { attachment, kind: PaperKind::Photo, document: None, text });
        }
        let attachment = upload(maker, by, "act.pdf".to_owned(), "application/pdf", &self.act)?;
        let document = Some(key("act_of_acceptance"));
        papers.push(PaperGiven { attachment, kind: PaperKind::Document, document, text: None });
        for who in SIGNED_BY {
            let attachment = upload(maker, by, format!("{who}.png"), "image/png", &self.signature)?;
            papers.push(PaperGiven { attachment, kind: PaperKind::Signature, document: None, text: None });
        }
        let report = HandInReport { order: order.id, papers, comment: None };
        maker.run_as(Actor::Person { person: by }, Command::HandInReport(Box::new(report))).map(drop)
    }
}

fn upload(
    maker: &mut Maker,
    by: PersonId,
    name: String,
    media_type: &str,
    stored: &Stored,
) -> anyhow::Result<AttachmentId> {
    let (sha256, bytes, media_type) = (stored.sha256.clone(), stored.bytes, media_type.to_owned());
    let bytes = i64::try_from(bytes)?;
    let made = maker.engine.aside(move |tx| {
        let id: AttachmentId = tx.id();
        let uploaded_by = Actor::Person { person: by };
        let (uploaded_at, ticket, visibility) = (tx.now(), None, None);
        let row =
            Attachment { id, sha256, name, media_type, bytes, uploaded_by, uploaded_at, ticket, visibility };
        store::attachment::insert(tx, &row).map_err(DeskError::from)?;
        Ok(id)
    });
    Ok(made?)
}
