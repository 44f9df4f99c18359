//! The ledger against a slow oracle that looks at every minute by itself.

mod oracle;
mod world;

use std::time::Instant;

use super::*;
use crate::domain::sla::{Followed, Turn, follow};
use crate::domain::ticket::Ticket;
use oracle::Oracle;
use world::{Dice, TICKET, World, entries};

const TICKETS: usize = 10_000;
const SEED_DEFAULT: u64 = 20_240_229;

/// `TEST_SEED` repeats a run.
fn seed() -> u64 {
    std::env::var("TEST_SEED").ok().and_then(|text| text.parse().ok()).unwrap_or(SEED_DEFAULT)
}

#[test]
fn ten_thousand_tickets_agree_with_the_oracle_minute_by_minute() {
    let seed = seed();
    println!("seed {seed}");
    let begun = Instant::now();
    let mut dice = Dice(seed);
    let world = World::new();
    let oracle = Oracle::new(&world);
    let (mut minutes, mut pieces) = (0, 0);
    for number in 0..TICKETS {
        let story = world.story(&mut dice);
        let policy = world.policy(&story);
        let entries = entries(&story);
        let found = ledger(TICKET, &entries, policy, story.until);
        let about = || format!("seed {seed}, ticket {number}: {story:#?}");
        let counted =
            oracle.compare(&story, &found).unwrap_or_else(|why| panic!("{why}\n{found:#?}\n{}", about()));
        assert_eq!(found.iter().map(Piece::minutes).sum::<i64>(), counted, "{}", about());
        minutes += counted;
        pieces += found.len();
        oracle
            .compare_clocks(&story, &clocks(TICKET, &entries, policy), policy)
            .unwrap_or_else(|why| panic!("{why}\n{}", about()));
        assert_eq!(step_by_step(&entries, policy), clocks(TICKET, &entries, policy), "{}", about());
        // Written down and read again, it is the same story.
        let again: world::Story = story.again();
        assert_eq!(ledger(TICKET, &world::entries(&again), policy, story.until), found, "{}", about());
    }
    println!("{minutes} minutes in {pieces} pieces, {:.1?}", begun.elapsed());
}

/// The clocks as the desk keeps them: each event turns those that stood before it.
fn step_by_step(events: &[Entry<'_>], policy: Policy<'_>) -> Vec<crate::domain::sla::SlaClock> {
    let mut ticket = Ticket::opened(TICKET, events[0].event, events[0].at).unwrap();
    let mut clocks = Vec::new();
    for (index, entry) in events.iter().enumerate() {
        let before = policy.calendars.of(&ticket.terms);
        if index > 0 {
            ticket.apply(entry.event, entry.at);
        }
        let turn =
            Turn { event: entry.event, at: entry.at, ticket: &ticket, pack: policy.pack, before: &before };
        clocks = match follow(&clocks, turn) {
            Followed::Clocks(clocks) => clocks,
            Followed::Derive => super::clocks(TICKET, &events[..=index], policy),
        };
    }
    clocks
}

/// Moments that are no whole minutes: no gap, nothing twice, and minutes that add up.
#[test]
fn pieces_follow_one_another_without_a_gap_and_their_minutes_add_up() {
    let mut dice = Dice(seed());
    let world = World::new();
    for _ in 0..500 {
        let mut story = world.story(&mut dice);
        story.blur(&mut dice);
        let found = ledger(TICKET, &entries(&story), world.policy(&story), story.until);
        assert!(found.windows(2).all(|pair| pair[0].to == pair[1].from), "{found:#?}");
        assert!(found.iter().all(|piece| piece.from < piece.to), "{found:#?}");
        let Some((first, last)) = found.first().zip(found.last()) else { continue };
        assert_eq!(first.from, story.events[0].1);
        assert_eq!(found.iter().map(Piece::minutes).sum::<i64>(), minutes_between(first.from, last.to));
    }
}
