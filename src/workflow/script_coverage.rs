//! Line and branch coverage of a script: what of it the runs that were watched have touched.

use std::collections::BTreeMap;
use std::fmt;

use rhai::Position;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::footprint::{Footprint, Trodden};
use super::shape::WayKind;

const SCRIPT_FILE: &str = "workflow.rhai";

/// Of the script and the shared modules that it imports. A line counts when a statement begins on it; a branch is
/// an `if` or a `switch`, and each of its ways counts. `&&`, `||` and loops are not branches here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ScriptCoverage {
    pub lines: Share,
    pub branches: Share,
    pub files: Vec<FileCoverage>,
}

/// So many of so many.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Share {
    pub covered: usize,
    pub total: usize,
    /// Rounded down, so that 100 means all; 100 where there is nothing to cover.
    pub percent: usize,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FileCoverage {
    /// `workflow.rhai`, or the path of a shared module.
    pub file: String,
    pub lines: Share,
    pub branches: Share,
    /// The lines on which statements begin, in order.
    pub each_line: Vec<LineCoverage>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LineCoverage {
    /// From 1.
    pub line: usize,
    pub state: LineState,
    /// How often the statement ran that ran most often.
    pub times: u64,
    /// The ways of the branches that begin here.
    pub ways: Vec<WayCoverage>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum LineState {
    Ran,
    /// A statement on the line did not run, or a branch of it never went one of its ways.
    Partly,
    NotRun,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct WayCoverage {
    /// Of the `if` or the `switch`, from 1.
    pub column: usize,
    /// `true`, `false`, an arm's pattern such as `"vandalism"` or `_`, or `no arm`.
    pub way: String,
    pub times: u64,
}

impl Share {
    fn add(&mut self, is_covered: bool) {
        self.covered += usize::from(is_covered);
        self.total += 1;
        self.percent = self.covered * 100 / self.total;
    }

    fn of(parts: impl Iterator<Item = Share>) -> Share {
        let (covered, total) = parts.fold((0, 0), |sum, part| (sum.0 + part.covered, sum.1 + part.total));
        Share { covered, total, percent: (covered * 100).checked_div(total).unwrap_or(100) }
    }
}

impl ScriptCoverage {
    #[must_use]
    pub fn of(footprint: &Footprint) -> Self {
        let files: Vec<FileCoverage> =
            footprint.sources().map(|(name, source)| of_file(name, source)).collect();
        ScriptCoverage {
            lines: Share::of(files.iter().map(|file| file.lines)),
            branches: Share::of(files.iter().map(|file| file.branches)),
            files,
        }
    }
}

fn of_file(name: &str, source: &Trodden) -> FileCoverage {
    let mut lines: BTreeMap<usize, Vec<u64>> = BTreeMap::new();
    for statement in &source.shape.statements {
        lines.entry(line(*statement)).or_default().push(source.times(*statement));
    }
    let mut ways: BTreeMap<usize, Vec<WayCoverage>> = BTreeMap::new();
    let (mut line_share, mut branch_share) = (Share::of(std::iter::empty()), Share::of(std::iter::empty()));
    for (index, branch) in source.shape.branches.iter().enumerate() {
        for (number, way) in branch.ways.iter().enumerate().filter(|(number, _)| branch.is_seen(*number)) {
            let times = source.times_way(index, number);
            branch_share.add(times > 0);
            let column = branch.at.position().unwrap_or(0);
            ways.entry(line(branch.at)).or_default().push(WayCoverage {
                column,
                way: way.kind.to_string(),
                times,
            });
        }
    }
    let mut each_line = Vec::new();
    for (line, counts) in lines {
        let ways = ways.remove(&line).unwrap_or_default();
        let times = counts.iter().copied().max().unwrap_or(0);
        let is_whole = counts.iter().all(|count| *count > 0) && ways.iter().all(|way| way.times > 0);
        let state = match (times > 0, is_whole) {
            (false, _) => LineState::NotRun,
            (true, true) => LineState::Ran,
            (true, false) => LineState::Partly,
        };
        line_share.add(times > 0);
        each_line.push(LineCoverage { line, state, times, ways });
    }
    let file = if name.is_empty() { SCRIPT_FILE } else { name }.to_owned();
    FileCoverage { file, lines: line_share, branches: branch_share, each_line }
}

fn line(at: Position) -> usize {
    at.line().unwrap_or(0)
}

impl fmt::Display for WayKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            WayKind::True => f.write_str("true"),
            WayKind::False => f.write_str("false"),
            WayKind::Arm(pattern) => f.write_str(pattern),
            WayKind::NoArm => f.write_str("no arm"),
        }
    }
}

impl fmt::Display for ScriptCoverage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "Coverage: {} of lines, {} of branches", self.lines, self.branches)?;
        for file in &self.files {
            writeln!(f, "  {}: {} of lines, {} of branches", file.file, file.lines, file.branches)?;
            let missed = file.each_line.iter().filter(|line| line.state == LineState::NotRun);
            let missed = stretches(&missed.map(|line| line.line).collect::<Vec<_>>(), &file.each_line);
            if !missed.is_empty() {
                writeln!(f, "    lines not run: {missed}")?;
            }
            for line in file.each_line.iter().filter(|line| line.state == LineState::Partly) {
                let missed: Vec<&str> =
                    line.ways.iter().filter(|way| way.times == 0).map(|way| way.way.as_str()).collect();
                match missed.is_empty() {
                    true => writeln!(f, "    line {}: part of it did not run", line.line)?,
                    false => writeln!(f, "    line {}: never {}", line.line, missed.join(", "))?,
                }
            }
        }
        Ok(())
    }
}

impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} % ({} of {})", self.percent, self.covered, self.total)
    }
}

/// `12-14, 30`: lines that follow one another, as far as statements begin on them, are written together.
fn stretches(missed: &[usize], all: &[LineCoverage]) -> String {
    let mut written: Vec<(usize, usize)> = Vec::new();
    for line in missed {
        let before = all.iter().rev().map(|one| one.line).find(|one| one < line);
        match written.last_mut() {
            Some(last) if Some(last.1) == before => last.1 = *line,
            _ => written.push((*line, *line)),
        }
    }
    let words =
        written.iter().map(|(from, to)| if from == to { from.to_string() } else { format!("{from}-{to}") });
    words.collect::<Vec<_>>().join(", ")
}
