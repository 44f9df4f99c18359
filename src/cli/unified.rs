//! The difference of two texts, line by line, as `diff -u` writes it.

use std::fmt::Write as _;

/// Lines around a change that are shown.
const AROUND: usize = 3;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Same,
    Gone,
    New,
}

/// Nothing where both are the same; `None` of a side: there is no such file.
#[must_use]
pub fn unified(name: &str, before: Option<&str>, after: Option<&str>) -> Option<String> {
    if before == after {
        return None;
    }
    let old: Vec<&str> = before.unwrap_or_default().split_inclusive('\n').collect();
    let new: Vec<&str> = after.unwrap_or_default().split_inclusive('\n').collect();
    let side = |text: Option<&str>, prefix: &str| {
        text.map_or("/dev/null".to_owned(), |_| format!("{prefix}/{name}"))
    };
    let mut out = format!("--- {}\n+++ {}\n", side(before, "desk"), side(after, "folder"));
    let steps = steps(&old, &new);
    for (from, to) in hunks(&steps) {
        hunk(&mut out, &steps, (from, to), &old, &new);
    }
    Some(out)
}

/// How the old lines become the new ones, by the longest common subsequence (Myers' greedy walk).
fn steps(old: &[&str], new: &[&str]) -> Vec<Step> {
    let common = old.iter().zip(new).take_while(|(one, other)| one == other).count();
    let (a, b) = (&old[common..], &new[common..]);
    let mut steps = vec![Step::Same; common];
    steps.extend(walk(a, b));
    steps
}

fn walk(a: &[&str], b: &[&str]) -> Vec<Step> {
    let (n, m) = (a.len(), b.len());
    let middle = n + m;
    // The furthest line of `a` on each diagonal, for each number of changes.
    let mut furthest = vec![0_usize; 2 * middle + 2];
    let mut trail: Vec<Vec<usize>> = Vec::new();
    let at = |diagonal: isize| usize::try_from(middle as isize + diagonal).unwrap_or(0);
    for changes in 0..=middle as isize {
        trail.push(furthest.clone());
        for diagonal in (-changes..=changes).step_by(2) {
            let (mut x, mut y) = begin(&furthest, diagonal, changes, at);
            while x < n && y < m && a[x] == b[y] {
                (x, y) = (x + 1, y + 1);
            }
            furthest[at(diagonal)] = x;
            if x >= n && y >= m {
                return back(&trail, n, m, at);
            }
        }
    }
    Vec::new()
}

/// Where a diagonal is entered from its better neighbour.
fn begin(furthest: &[usize], diagonal: isize, changes: isize, at: impl Fn(isize) -> usize) -> (usize, usize) {
    let is_down = comes_down(furthest, diagonal, changes, &at);
    let x = match () {
        () if changes == 0 => 0,
        () if is_down => furthest[at(diagonal + 1)],
        () => furthest[at(diagonal - 1)] + 1,
    };
    (x, usize::try_from(x as isize - diagonal).unwrap_or(0))
}

fn comes_down(furthest: &[usize], diagonal: isize, changes: isize, at: &impl Fn(isize) -> usize) -> bool {
    diagonal == -changes || (diagonal != changes && furthest[at(diagonal - 1)] < furthest[at(diagonal + 1)])
}

fn back(trail: &[Vec<usize>], n: usize, m: usize, at: impl Fn(isize) -> usize) -> Vec<Step> {
    let mut steps = Vec::new();
    let (mut x, mut y) = (n, m);
    for (changes, furthest) in trail.iter().enumerate().rev() {
        let diagonal = x as isize - y as isize;
        let (from_x, from_y) = begin(furthest, diagonal, changes as isize, &at);
        while x > from_x && y > from_y {
            steps.push(Step::Same);
            (x, y) = (x - 1, y - 1);
        }
        if changes > 0 {
            let is_down = comes_down(furthest, diagonal, changes as isize, &at);
            steps.push(if is_down { Step::New } else { Step::Gone });
            if is_down { y -= 1 } else { x -= 1 }
        }
    }
    steps.reverse();
    steps
}

/// Ranges of steps that belong together with what is around them.
fn hunks(steps: &[Step]) -> Vec<(usize, usize)> {
    let mut hunks: Vec<(usize, usize)> = Vec::new();
    for (index, _) in steps.iter().enumerate().filter(|(_, step)| **step != Step::Same) {
        let (from, to) = (index.saturating_sub(AROUND), (index + 1 + AROUND).min(steps.len()));
        match hunks.last_mut() {
            Some((_, end)) if from <= *end => *end = to,
            _ => hunks.push((from, to)),
        }
    }
    hunks
}

fn hunk(out: &mut String, steps: &[Step], (from, to): (usize, usize), old: &[&str], new: &[&str]) {
    let count = |steps: &[Step], but: Step| steps.iter().filter(|step| **step != but).count();
    let (mut x, mut y) = (count(&steps[..from], Step::New), count(&steps[..from], Step::Gone));
    let (olds, news) = (count(&steps[from..to], Step::New), count(&steps[from..to], Step::Gone));
    // An empty side is named by the line before it.
    let first = |at: usize, count: usize| if count == 0 { at } else { at + 1 };
    let _ = writeln!(out, "@@ -{},{olds} +{},{news} @@", first(x, olds), first(y, news));
    for step in &steps[from..to] {
        let (mark, line) = match step {
            Step::Same => (' ', old[x]),
            Step::Gone => ('-', old[x]),
            Step::New => ('+', new[y]),
        };
        x += usize::from(*step != Step::New);
        y += usize::from(*step != Step::Gone);
        let _ = write!(out, "{mark}{line}");
        if !line.ends_with('\n') {
            out.push_str("\n\\ No newline at end of file\n");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_changed_line_stands_among_its_neighbours() {
        let before: String = (1..=9).map(|line| format!("{line}\n")).collect();
        let after = before.replace("5\n", "five\n5b\n");
        let shown = unified("a.txt", Some(&before), Some(&after)).unwrap();
        let wanted =
            "--- desk/a.txt\n+++ folder/a.txt\n@@ -2,7 +2,8 @@\n 2\n 3\n 4\n-5\n+five\n+5b\n 6\n 7\n 8\n";
        assert_eq!(shown, wanted);
        assert_eq!(unified("a.txt", Some(&before), Some(&before)), None);
    }

    #[test]
    fn a_file_that_is_new_and_an_end_without_a_new_line_are_said() {
        let shown = unified("m.rhai", None, Some("one\ntwo")).unwrap();
        let wanted =
            "--- /dev/null\n+++ folder/m.rhai\n@@ -0,0 +1,2 @@\n+one\n+two\n\\ No newline at end of file\n";
        assert_eq!(shown, wanted);
        let shown = unified("m.rhai", Some("a\n"), Some("a")).unwrap();
        assert!(shown.ends_with("@@ -1,1 +1,1 @@\n-a\n+a\n\\ No newline at end of file\n"), "{shown}");
    }

    /// Whatever the texts, the steps lead from the old one to the new one.
    #[test]
    fn the_steps_lead_from_one_to_the_other() {
        let mut dice = 7_u64;
        for _ in 0..300 {
            let mut lines = |count: u64| -> Vec<&str> {
                (0..count)
                    .map(|_| {
                        dice = dice
                            .wrapping_mul(6_364_136_223_846_793_005)
                            .wrapping_add(1_442_695_040_888_963_407);
                        ["a\n", "b\n", "c\n"][(dice >> 33) as usize % 3]
                    })
                    .collect()
            };
            let (old, new) = (lines(9), lines(7));
            let (mut x, mut y, mut made) = (0, 0, Vec::new());
            for step in steps(&old, &new) {
                if step == Step::Same {
                    assert_eq!(old[x], new[y]);
                }
                if step != Step::Gone {
                    made.push(new[y]);
                }
                x += usize::from(step != Step::New);
                y += usize::from(step != Step::Gone);
            }
            assert_eq!((made, x), (new.clone(), old.len()));
        }
    }
}
