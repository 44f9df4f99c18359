//! Which entries of a changed list are those of the list before.

use toml::Value as Said;

/// What becomes of the list before, from its beginning to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// The old entry becomes the new one, by their numbers.
    Keep(usize, usize),
    /// The old entry goes.
    Remove,
    /// A new entry, by its number.
    Insert(usize),
}

/// By what an entry of the list `name` is known again; nothing: only by all that it says.
fn known_by(name: &str) -> &'static [&'static str] {
    match name {
        "calendars" | "stages" | "statuses" | "queues" => &["key"],
        "sla" => &["priority", "category", "sub_client", "country", "site"],
        _ => &[],
    }
}

/// The longest run of entries that are known again is kept; between them, entries are paired in their order.
pub fn align(name: &str, before: &[Said], after: &[Said]) -> Vec<Step> {
    let members = known_by(name);
    let is_same = |old: usize, new: usize| {
        let (old, new) = (&before[old], &after[new]);
        if members.is_empty() { old == new } else { members.iter().all(|own| old.get(own) == new.get(own)) }
    };
    let (rows, columns) = (before.len(), after.len());
    let mut longest = vec![vec![0_usize; columns + 1]; rows + 1];
    for old in (0..rows).rev() {
        for new in (0..columns).rev() {
            longest[old][new] = if is_same(old, new) {
                longest[old + 1][new + 1] + 1
            } else {
                longest[old + 1][new].max(longest[old][new + 1])
            };
        }
    }
    let mut steps = Vec::new();
    let (mut old, mut new) = (0, 0);
    let (mut old_from, mut new_from) = (0, 0);
    loop {
        let is_over = old == rows || new == columns;
        if is_over || is_same(old, new) {
            let (old_to, new_to) = if is_over { (rows, columns) } else { (old, new) };
            between(&mut steps, old_from..old_to, new_from..new_to);
            if is_over {
                return steps;
            }
            steps.push(Step::Keep(old, new));
            (old, new) = (old + 1, new + 1);
            (old_from, new_from) = (old, new);
        } else if longest[old + 1][new] >= longest[old][new + 1] {
            old += 1;
        } else {
            new += 1;
        }
    }
}

fn between(steps: &mut Vec<Step>, old: std::ops::Range<usize>, new: std::ops::Range<usize>) {
    let pairs = old.len().min(new.len());
    steps.extend((0..pairs).map(|index| Step::Keep(old.start + index, new.start + index)));
    steps.extend((old.start + pairs..old.end).map(|_| Step::Remove));
    steps.extend((new.start + pairs..new.end).map(Step::Insert));
}
