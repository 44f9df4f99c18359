//! `workflow publish --open-tickets --preview`: what would become of each open ticket of a client.

use super::Ended;
use super::args::WorkflowPublish;
use super::folder::Missing;
use super::operation::Operation;
use super::session::ask;
use super::workflow::{PackFiles, read_pack};
use crate::commands::recount::{ClockChange, ClockFigures};
use crate::commands::version_preview::{MoveLine, MovePreview, MoveSums};
use crate::domain::TicketId;
use crate::domain::version_move::Obstacle;

pub async fn preview(publish: WorkflowPublish) -> anyhow::Result<Ended> {
    let PackFiles { script, settings, modules, .. } = read_pack(&publish.pack)?;
    let (mut sums, mut after): (MoveSums, Option<TicketId>) = (MoveSums::default(), None);
    loop {
        let (client, script, settings) = (publish.client.clone(), script.clone(), settings.clone());
        let modules = modules.clone();
        let operation = Operation::PreviewMove { client, script, settings, modules, after };
        let page: MovePreview = ask(&publish.folder.dir, Missing::Refuse, operation, Vec::new()).await?;
        page.lines.iter().filter_map(said).for_each(|line| println!("{line}"));
        sums += page.sums;
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    println!("{}", summary(&sums));
    Ok(Ended::Well)
}

/// `BANK-7: resolution due 2026-11-02T17:00:00Z -> 2026-11-02T10:00:00Z, overdue`; nothing where nothing differs.
fn said(line: &MoveLine) -> Option<String> {
    if !line.obstacles.is_empty() {
        let why: Vec<String> = line.obstacles.iter().map(Obstacle::to_string).collect();
        return Some(format!("{}: stays behind: {}", line.number, why.join("; ")));
    }
    let mut differs: Vec<String> = line.clocks.iter().map(clock).collect();
    if line.meaning_before != line.meaning_after {
        differs.push(format!("the status `{}` means something else", line.status));
    }
    if line.is_covered_before != line.is_covered_after {
        let is = if line.is_covered_after == Some(true) { "covered" } else { "not covered" };
        differs.push(format!("the contract: {is}"));
    }
    (!differs.is_empty()).then(|| format!("{}: {}", line.number, differs.join("; ")))
}

fn clock(change: &ClockChange) -> String {
    let side = |figures: Option<ClockFigures>| match figures {
        None => "no target".to_owned(),
        Some(ClockFigures { met_at: Some(at), .. }) => format!("met {at}"),
        Some(ClockFigures { due_at: Some(at), is_breached: true, .. }) => format!("{at}, overdue"),
        Some(ClockFigures { due_at: Some(at), .. }) => at.to_string(),
        Some(ClockFigures { is_breached: true, .. }) => "overdue, standing".to_owned(),
        Some(_) => "standing".to_owned(),
    };
    format!("{} due {} -> {}", change.target, side(change.before), side(change.after))
}

fn summary(sums: &MoveSums) -> String {
    let MoveSums { looked_at, moved, stayed, clocks_changed, breaches_gained, breaches_lost, .. } = sums;
    format!(
        "{looked_at} open ticket(s): {moved} would be moved, {stayed} stay behind; due times change on {clocks_changed}, \
         {breaches_gained} become overdue, {breaches_lost} are overdue no more. Nothing was published."
    )
}
