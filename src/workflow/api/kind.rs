//! The words in which the table says what goes in and what comes out.

use std::fmt;

/// What a value is, as far as the checker follows it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Kind {
    /// Nobody said; the checker keeps quiet about it.
    Any,
    Nothing,
    Flag,
    Number,
    Text,
    /// A text out of a known set.
    Key(Keys),
    Moment,
    Span,
    /// A moment, a span from now, or a span of working time.
    Due,
    /// A type of the table.
    Handle(&'static str),
    /// A read-only list.
    List(&'static Kind),
    /// An array that the script makes.
    Array(&'static Kind),
    Map,
    /// A map literal whose keys are known.
    Options(&'static [Param]),
    /// The same, whose other keys are taken as fields.
    OptionsAndFields(&'static [Param]),
    /// A function of one argument.
    Function(&'static Kind),
    /// The name of a function of the script that is called with these.
    Continuation(&'static Signature),
    /// A person, a contact, a queue's key, a role or `assignee`.
    Recipient,
    /// A person, or a person's login.
    Person,
    /// A person, a person's login, or options that say how to choose.
    Assignment(&'static [Param]),
    /// A template's key, or options that hold one or the text itself.
    Message(&'static [Param]),
}

/// The sets that keys come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keys {
    Status,
    Category,
    Queue,
    Department,
    Line,
    Resolution,
    OrderOutcome,
    DocumentKind,
    ReportState,
    Verdict,
    PaperKind,
    /// How a message is sent.
    MessageChannel,
    TaskOutcome,
    Template,
    Timer,
    Schedule,
    Phase,
    Field,
    Stage,
    Level,
    SlaTarget,
    /// What a ticket's time is spent on.
    TimeState,
    /// What can be expected of a ticket, an order, a task.
    TicketExpected,
    OrderExpected,
    TaskExpected,
    Service,
    Package,
    NotCovered,
    Strategy,
    LinkKind,
    Report,
    ChangedWhat,
    AttemptKind,
    Channel,
    Setting,
    Plugin,
    PluginFunction,
    /// Any key: a counter's name.
    Free,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Param {
    pub name: &'static str,
    pub kind: Kind,
    pub doc: &'static str,
}

/// What a function of the script is called with.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Signature {
    pub params: &'static [Param],
    /// The others may be left out.
    pub needed: usize,
}

impl fmt::Display for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(")?;
        for (index, param) in self.params.iter().enumerate() {
            let (before, after) =
                (if index == 0 { "" } else { ", " }, if index < self.needed { "" } else { "?" });
            write!(f, "{before}{}{after}", param.name)?;
        }
        f.write_str(")")
    }
}

impl Param {
    #[must_use]
    pub const fn new(name: &'static str, kind: Kind, doc: &'static str) -> Self {
        Self { name, kind, doc }
    }
}

impl Keys {
    /// What the keys are called in a finding.
    #[must_use]
    pub fn what(self) -> &'static str {
        match self {
            Keys::Status => "status",
            Keys::Category => "category",
            Keys::Queue => "queue",
            Keys::Department => "department",
            Keys::Line => "support line",
            Keys::Resolution => "resolution",
            Keys::OrderOutcome => "work order outcome",
            Keys::DocumentKind => "kind of document",
            Keys::ReportState => "state of a report",
            Keys::Verdict => "verdict",
            Keys::PaperKind => "kind of paper",
            Keys::MessageChannel => "message channel",
            Keys::TaskOutcome => "task outcome",
            Keys::Template => "template",
            Keys::Timer => "timer",
            Keys::Schedule => "schedule",
            Keys::Phase => "phase",
            Keys::Field => "field",
            Keys::Stage => "work order stage",
            Keys::Level => "level",
            Keys::SlaTarget => "SLA target",
            Keys::TimeState => "state of time",
            Keys::TicketExpected => "status or milestone",
            Keys::OrderExpected => "expectable stage",
            Keys::TaskExpected => "stage of a task",
            Keys::Service => "service",
            Keys::Package => "package",
            Keys::NotCovered => "reason",
            Keys::Strategy => "strategy",
            Keys::LinkKind => "kind of link",
            Keys::Report => "report",
            Keys::ChangedWhat => "changeable thing",
            Keys::AttemptKind => "attempt",
            Keys::Channel => "channel",
            Keys::Setting => "setting",
            Keys::Plugin => "plugin",
            Keys::PluginFunction => "function of the plugin",
            Keys::Free => "key",
        }
    }
}

/// For the words of this file; an abbreviation is spoken by its letters.
fn article(word: &str) -> &'static str {
    let is_spoken_open = word.starts_with("SLA") || word.starts_with(['a', 'e', 'i', 'o']);
    if is_spoken_open { "an" } else { "a" }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Kind::Any => f.write_str("any"),
            Kind::Nothing => f.write_str("()"),
            Kind::Flag => f.write_str("true or false"),
            Kind::Number => f.write_str("number"),
            Kind::Text => f.write_str("text"),
            Kind::Key(Keys::Free) => f.write_str("key of your own"),
            Kind::Key(keys) => {
                let what = keys.what();
                write!(f, "key of {} {what}", article(what))
            }
            Kind::Moment => f.write_str("Moment"),
            Kind::Span => f.write_str("Span"),
            Kind::Due => f.write_str("Moment, Span or WorkingSpan"),
            Kind::Handle(name) => f.write_str(name),
            Kind::List(of) => write!(f, "list of {of}"),
            Kind::Array(of) => write!(f, "array of {of}"),
            Kind::Map => f.write_str("map"),
            Kind::Options(_) => f.write_str("options"),
            Kind::OptionsAndFields(_) => f.write_str("options and fields"),
            Kind::Function(of) => write!(f, "function of a {of}"),
            Kind::Continuation(signature) => write!(f, "name of a function {signature}"),
            Kind::Recipient => f.write_str(
                "Person, Contact, login, key of a queue, role such as `supervisor`, or \"assignee\"",
            ),
            Kind::Assignment(_) => f.write_str("Person, login or options"),
            Kind::Message(_) => f.write_str("key of a template, or options"),
            Kind::Person => f.write_str("Person or login"),
        }
    }
}
