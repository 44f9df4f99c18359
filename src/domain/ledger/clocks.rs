//! The clock of every target, derived from all events at once.

use super::history::{State, history};
use super::{Entry, Policy};
use crate::domain::event::{Event, Speaker, Visibility};
use crate::domain::sla::{
    FIRST_RESPONSE, NEXT_RESPONSE, SlaClock, counts, is_answered, is_late, moves_terms,
};
use crate::domain::ticket::{Channel, Ticket};
use crate::domain::{Key, Moment, Span, TicketId};

/// From the event that starts a clock to the one that meets its target, by their numbers.
#[derive(Debug, Clone, Copy)]
struct Window {
    from: usize,
    to: Option<usize>,
}

/// What the derivation looks at, event by event.
struct Story<'s> {
    events: &'s [Entry<'s>],
    states: Vec<State>,
    tickets: Vec<Ticket>,
    policy: Policy<'s>,
}

/// The clocks of a ticket after all of its events, in the order of their targets. The row of targets that counts
/// at the end counts for all of its time.
#[must_use]
pub fn clocks(ticket: TicketId, events: &[Entry<'_>], policy: Policy<'_>) -> Vec<SlaClock> {
    let Some(story) = Story::of(ticket, events, policy) else { return Vec::new() };
    let last = story.tickets.last().expect("a story has its opening");
    if last.channel == Channel::Import {
        return Vec::new();
    }
    let limits = policy.pack.target_for(last).map(|(_, row)| row.limits()).unwrap_or_default();
    let clocks = limits.iter().filter_map(|(target, limit)| {
        let windows = match target.as_str() {
            FIRST_RESPONSE => story.first_response(),
            NEXT_RESPONSE => story.next_response(limits.contains_key(FIRST_RESPONSE))?,
            _ => story.resolutions(),
        };
        Some(story.clock(target, *limit, &windows))
    });
    clocks.collect()
}

fn is_answer(event: &Event) -> bool {
    matches!(event, Event::CommentAdded { visibility: Visibility::Public, speaker: Speaker::Desk, .. })
}

fn is_end(event: &Event) -> bool {
    matches!(event, Event::TicketResolved { .. } | Event::TicketClosed { .. })
}

impl<'s> Story<'s> {
    fn of(id: TicketId, events: &'s [Entry<'s>], policy: Policy<'s>) -> Option<Self> {
        let first = events.first()?;
        let mut ticket = Ticket::opened(id, first.event, first.at)?;
        let mut tickets = vec![ticket.clone()];
        for entry in &events[1..] {
            ticket.apply(entry.event, entry.at);
            tickets.push(ticket.clone());
        }
        Some(Self { events, states: history(id, events, policy), tickets, policy })
    }

    fn find(&self, from: usize, is_wanted: impl Fn(&Event) -> bool) -> Option<usize> {
        (from..self.events.len()).find(|index| is_wanted(self.events[*index].event))
    }

    fn first_response(&self) -> Vec<Window> {
        vec![Window { from: 0, to: self.find(0, |event| is_answer(event) || is_end(event)) }]
    }

    /// From the opening to a resolution, from each reopening to the next.
    fn resolutions(&self) -> Vec<Window> {
        let mut windows = vec![Window { from: 0, to: self.find(0, is_end) }];
        while let Some(end) = windows.last().and_then(|window| window.to) {
            let Some(from) = self.find(end, |event| matches!(event, Event::TicketReopened { .. })) else {
                break;
            };
            windows.push(Window { from, to: self.find(from, is_end) });
        }
        windows
    }

    /// The last time that a client waited for an answer after the first; `None`: never.
    fn next_response(&self, has_first: bool) -> Option<Vec<Window>> {
        let is_question = |event: &Event| {
            matches!(
                event,
                Event::CommentAdded { visibility: Visibility::Public, speaker: Speaker::Client, .. }
            )
        };
        let mut free = if has_first { self.first_response()[0].to? } else { 0 };
        let mut last = None;
        while let Some(from) = self.find(free, is_question) {
            let to = self.find(from, |event| is_answer(event) || is_end(event));
            last = Some(vec![Window { from, to }]);
            let Some(to) = to else { break };
            free = to;
        }
        last
    }

    fn clock(&self, target: &Key, limit: Span, windows: &[Window]) -> SlaClock {
        let last = windows.last().expect("every target has its first window");
        let (used, running_since) = self.used(target, windows, self.events.len());
        let met_at = last.to.map(|end| self.states[end].at);
        let is_ended = last.to.is_some_and(|end| is_end(self.events[end].event));
        let is_unneeded = is_ended && is_answered(target);
        let mut clock = SlaClock::started(target.clone(), limit, self.states[0].at);
        self.raise(&mut clock, windows);
        SlaClock { limit, used, running_since, met_at, is_unneeded, ..clock }
    }

    /// Plays the alarms over: a change of the limit takes back what is not reached any more.
    fn raise(&self, clock: &mut SlaClock, windows: &[Window]) {
        let first = if clock.target == *NEXT_RESPONSE { windows[0].from } else { 0 };
        for (index, entry) in self.events.iter().enumerate().skip(first) {
            match entry.event {
                Event::SlaReached { target, percent, overdue_minutes, .. } if *target == clock.target => {
                    clock.raised(*percent, *overdue_minutes);
                }
                event if moves_terms(event) || is_late(event, entry.at, &self.tickets[index]) => {
                    let row = self.policy.pack.target_for(&self.tickets[index]);
                    let limit = row.and_then(|(_, row)| row.limits().get(&clock.target).copied());
                    if let Some(limit) = limit {
                        let (used, since) = self.used(&clock.target, windows, index);
                        let calendar = &self.states[index.saturating_sub(1)].calendar;
                        let at = self.states[index].at;
                        let running = since.map_or(Span::ZERO, |since| calendar.open_span(since, at));
                        clock.limit_to(limit, used + running);
                    }
                }
                _ => {}
            }
        }
    }

    /// Open time of the target's windows before the event `until`, and since when it runs there.
    fn used(&self, target: &Key, windows: &[Window], until: usize) -> (Span, Option<Moment>) {
        let (mut used, mut running) = (Span::ZERO, None);
        for window in windows.iter().filter(|window| window.from < until) {
            let end = window.to.filter(|end| *end < until);
            for index in window.from..end.unwrap_or(until) {
                let state = &self.states[index];
                let counts = self.counts(target, index);
                // Another calendar counts from here on.
                let is_cut = matches!(self.events[index].event, Event::TermsChanged { .. });
                if let Some(since) = running.filter(|_| is_cut || !counts) {
                    used = used + self.states[index - 1].calendar.open_span(since, state.at);
                    running = None;
                }
                if counts && running.is_none() {
                    running = Some(state.at);
                }
            }
            if let (Some(end), Some(since)) = (end, running) {
                used = used + self.states[end - 1].calendar.open_span(since, self.states[end].at);
                running = None;
            }
        }
        (used, running)
    }

    fn counts(&self, target: &Key, index: usize) -> bool {
        counts(self.policy.pack, target, &self.tickets[index])
    }
}
