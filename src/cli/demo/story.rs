//! What a story of the demo is made of: a request, and steps at minutes after it.

use crate::domain::command::Switch;
use crate::domain::event::Visibility;
use crate::domain::ticket::{Channel, Level};
use crate::domain::work_order::Stage;

#[derive(Debug, Clone, Copy)]
pub struct Story {
    /// Minutes before the demo's present.
    pub opened_before: i64,
    pub machine: Where,
    pub category: &'static str,
    pub impact: Level,
    pub urgency: Level,
    pub channel: Channel,
    pub subject: &'static str,
    pub description: &'static str,
    /// Login of the operator who took the request.
    pub by: &'static str,
    /// Minutes after the opening, in order. What lies after the present has not happened yet.
    pub steps: &'static [(i64, Act)],
}

#[derive(Debug, Clone, Copy)]
pub enum Where {
    /// The n-th machine of a city.
    City(&'static str, usize),
    /// Nobody knows yet which machine.
    NotRecognised,
}

/// A step that somebody takes.
#[derive(Debug, Clone, Copy)]
pub enum Act {
    /// A person writes.
    Say(&'static str, Visibility, &'static str),
    /// The engineer moves the open work order along.
    Move(Stage),
    /// The engineer accepts it and means to arrive in so many hours.
    AcceptFor(i64),
    /// The engineer ends it: outcome and words.
    End(Stage, &'static str, &'static str),
    /// The engineer could not: a part of this code is needed.
    LacksPart(&'static str),
    /// A member of the department takes its open task …
    Take(&'static str),
    /// … and ends it: department, outcome, words.
    Finish(&'static str, &'static str, &'static str),
    /// The engineer hands in the report of the visit …
    HandIn,
    /// … and the controller accepts it …
    Accept,
    /// … or returns it with its defects.
    Return(&'static str),
    Assign(&'static str, &'static str),
    Status(&'static str, &'static str),
    /// A person says which machine it is: login, city, place among its machines.
    Recognise(&'static str, &'static str, usize),
    Resolve(&'static str, &'static str, &'static str),
    Close(&'static str, &'static str),
    Reopen(&'static str, &'static str),
    /// The stock connector answers what was asked.
    StockAnswers,
    /// An administrator switches the stock connector.
    Stock(Switch),
}

pub const REQUEST: Story = Story {
    opened_before: 0,
    machine: Where::NotRecognised,
    category: "unknown",
    impact: Level::Medium,
    urgency: Level::Medium,
    channel: Channel::Phone,
    subject: "",
    description: "",
    by: "operator",
    steps: &[],
};
