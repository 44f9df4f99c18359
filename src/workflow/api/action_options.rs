//! The options that actions take.

use super::{Keys, Kind, Param};

/// A robot must never lose a ticket, so a script can pass where a person is refused.
pub const INCOMPLETE: Param = Param::new(
    "incomplete",
    Kind::Flag,
    "go on even if a hand-over form or the classification gate misses something: the event says what; otherwise the run fails",
);
pub const QUEUE_OPTIONS: &[Param] = &[
    Param::new("reason", Kind::Text, "what was collected, for whoever takes it"),
    Param::new("alarm", Kind::Flag, "notify the queue's members at once"),
    INCOMPLETE,
];
/// What the strategies are, for both lists of options.
macro_rules! strategies {
    ($unless:literal) => {
        concat!(
            "how those who suit are compared, one or several in turn; ",
            $unless,
            ": `least_loaded` (the smallest part of the capacity in use; always the last), `round_robin` (given work longest ago), `same_person_as_asset` (had this asset last), `nearest_grade` (the grade that exceeds the one asked for the least), `client_specialist`, `product_specialist` (of the asset's model or the category), `technical_manager` (of the sub-client, then of the client), `city` (an engineer of the site's city), `territory` (serves the site's district, city, country), `distance` (the nearest to the site; whose coordinates are not known comes last)"
        )
    };
}
pub const ASSIGN_STRATEGY: &str = strategies!("the queue's own when left out");
pub const DISPATCH_STRATEGY: &str =
    strategies!("the pack's `visit_strategy` when left out, or `nearest_grade` and `least_loaded`");
pub const ASSIGN_OPTIONS: &[Param] = &[
    Param::new("strategy", Kind::List(&Kind::Key(Keys::Strategy)), ASSIGN_STRATEGY),
    Param::new("line", Kind::Key(Keys::Queue), "among whom; the ticket's queue when left out"),
    Param::new(
        "on_shift",
        Kind::Flag,
        "only who is on a shift; otherwise also who has no roster and is on duty",
    ),
    Param::new("grade", Kind::Number, "an engineer's lowest grade that will do"),
    Param::new("certificates", Kind::List(&Kind::Text), "what the person must hold"),
    Param::new("languages", Kind::List(&Kind::Text), "ISO 639-1; one of them must be spoken"),
    Param::new("exclude", Kind::List(&Kind::Person), "who must not be chosen"),
    Param::new("reason", Kind::Text, "shown on the ticket"),
    INCOMPLETE,
];
pub const DISPATCH_OPTIONS: &[Param] = &[
    Param::new("city", Kind::Text, "where the engineer must live"),
    Param::new("grade", Kind::Number, "the grade that suits; a higher one serves when none of it is free"),
    Param::new("certificates", Kind::List(&Kind::Text), "what the engineer must hold"),
    Param::new("languages", Kind::List(&Kind::Text), "ISO 639-1; one of them must be spoken"),
    Param::new("strategy", Kind::List(&Kind::Key(Keys::Strategy)), DISPATCH_STRATEGY),
    Param::new("due", Kind::Due, "until when"),
    Param::new("exclude", Kind::List(&Kind::Person), "who must not be chosen, such as `ticket.no_shows`"),
    Param::new("note", Kind::Text, "what the engineer is told"),
];
pub const TASK_OPTIONS: &[Param] = &[
    Param::new(
        "reason",
        Kind::Text,
        "what is asked; becomes the title, which is the ticket's subject when left out",
    ),
    Param::new("title", Kind::Text, "the same as `reason`"),
    Param::new("due", Kind::Due, "until when"),
    Param::new(
        "outcomes",
        Kind::List(&Kind::Key(Keys::Free)),
        "what it may end with; the department's own when left out",
    ),
];
pub const END_OPTIONS: &[Param] = &[
    Param::new("resolution", Kind::Key(Keys::Resolution), "how it ended; the pack's first when left out"),
    Param::new("reason", Kind::Text, "shown on the ticket"),
    INCOMPLETE,
];
pub const NOTIFY_OPTIONS: &[Param] = &[
    Param::new("template", Kind::Key(Keys::Template), "a text of the pack"),
    Param::new("text", Kind::Text, "the text itself"),
];
/// By which a message can reach somebody: the bell in the desk.
pub const MESSAGE_CHANNELS: [&str; 1] = ["desk"];
pub const SENDING_OPTIONS: &[Param] = &[
    Param::new("channel", Kind::Key(Keys::MessageChannel), "`desk`, the bell; there is no other yet"),
    Param::new(
        "order",
        Kind::Handle("WorkOrder"),
        "whom `order.engineer` and `order.number` of the template are about; when left out, the last one of whoever is written to, or the ticket's last",
    ),
];
pub const REASON: &[Param] = &[Param::new("reason", Kind::Text, "shown on the ticket")];
pub const TAG: &[Param] = &[Param::new("tag", Kind::Text, "")];
