//! Everything that the checker can say: a stable code, the values that it speaks of, and an English sentence.

use std::collections::BTreeMap;

use rhai::ParseErrorType;

use super::live::Dead;
use super::slips::Slip;
use super::syntax::Syntax;
use super::walk::parameters;
use crate::workflow::api::{Kind, Signature};

/// What is wrong at a place.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Wrong {
    #[error("the script has {bytes} bytes; at most {bytes_max} are taken")]
    ScriptTooLong { bytes: usize, bytes_max: usize },
    #[error(
        "the check was given up after {seconds} s: the script is too tangled; make it shorter or split it"
    )]
    GivenUp { seconds: f64 },
    #[error("there is no variable `{name}`")]
    UnknownVariable { name: String },
    /// `why`: where it belongs, in the parser's words.
    #[error("`{token}` is missing {why}")]
    MissingToken { token: String, why: String },
    #[error("the script ends too early: something that was opened is not closed")]
    EndsTooEarly,
    #[error(
        "the function `{name}` is there already{}: make one of both, or give this one another name",
        in_line(*.line)
    )]
    DefinedTwice { name: String, line: Option<usize> },
    #[error("`{name}` is a word of the language; choose another name")]
    ReservedWord { name: String },
    #[error("`{name}` is there twice")]
    KeyTwice { name: String },
    #[error("`{path}` imports itself, directly or through others")]
    ImportCircle { path: String },
    #[error("there is no shared module `{path}`")]
    NoModule { path: String },
    #[error("`{name}` takes ({params}), not ({given})")]
    HandlerTakes { name: String, params: String, given: String },
    #[error("there is no handler `{name}`")]
    NoHandler { name: String },
    /// `known`: what there is, as the end of the sentence; empty where something is near.
    #[error("there is no {what} `{given}`{known}")]
    NoKey { what: String, given: String, known: String },
    #[error("a condition must be true or false, not {kind}")]
    ConditionKind { kind: String },
    #[error("`{name}` may not be used in a workflow script")]
    ForbiddenWord { name: String },
    #[error("`{name}` takes {}, not {given}", number(*.needed, *.most))]
    Takes { name: String, needed: usize, most: usize, given: usize },
    #[error("there is no function `{name}`")]
    NoFunction { name: String },
    #[error("`{name}` is called with {signature}, so it cannot have {}", parameters(*.count))]
    ContinuationTakes { name: String, signature: String, count: usize },
    #[error(
        "`{to}` is called at once and leads to `{from}` again: the ladder goes in a circle; give it time"
    )]
    LadderCircle { from: String, to: String },
    #[error("`{name}` is a method: write `{name}(…)`")]
    IsMethod { name: String },
    #[error("`{name}` is a property: write it without brackets")]
    IsProperty { name: String },
    #[error("a {owner} has no property `{name}`")]
    NoProperty { owner: String, name: String },
    #[error("a {owner} has no method `{name}`")]
    NoMethod { owner: String, name: String },
    #[error("nothing has a method `{name}`")]
    NoMethodAnywhere { name: String },
    #[error("`{name}` of {} cannot be set", one(.owner))]
    CannotBeSet { owner: String, name: String },
    #[error("`{name}` of {} cannot be set; call `{name}(…)`", one(.owner))]
    SetByMethod { owner: String, name: String },
    #[error("the plugin `{plugin}` has no function `{function}`")]
    NoPluginFunction { plugin: String, function: String },
    #[error("{wanted} is wanted here, not {found}")]
    KindWanted { wanted: String, found: String },
    #[error("{wanted} is wanted here, not {found}; write hours(…) or minutes(…)")]
    SpanWanted { wanted: String, found: String },
    #[error("there is no option `{name}`")]
    NoOption { name: String },
    #[error("`{name}` goes along as a field of the task")]
    GoesAsField { name: String },
    #[error(
        "client.toml: sub_client_settings.{sub_client} sets `{name}`, which [settings] does not have: for other \
         sub-clients it reads as ()"
    )]
    SubClientSetting { sub_client: String, name: String },
    #[error(
        "client.toml: sub_client_settings.{sub_client}.{name} is a {found}, in [settings] it is a {usual}"
    )]
    SubClientSettingType { sub_client: String, name: String, found: String, usual: String },
    #[error("client.toml: the field `{field}` is a choice without choices")]
    ChoiceWithoutChoices { field: String },
    #[error("this loop never ends: it needs a `break`, a `return`, or a condition that becomes false")]
    EndlessLoop,
    #[error("`{guard}` is a guard: it may only `refuse`, not `{what}`")]
    GuardAsks { guard: String, what: String },
    #[error("`{guard}` is a guard: it may only `refuse`, but `{called}` leads to `{what}` in line {line}")]
    GuardLeads { guard: String, called: String, what: String, line: usize },
    #[error("`refuse` is for guards ({guards}): in `{name}` there is nothing to refuse any more")]
    NothingToRefuse { name: String, guards: String },
    #[error("{place} is a {kind} in client.toml: a message is for a queue, a role, `assignee` or a login")]
    RecipientKind { place: String, kind: String },
    #[error("{place} is `{given}` in client.toml, which is neither a queue, a role, `assignee` nor a login")]
    NoRecipient { place: String, given: String },
    #[error("{place} is `{given}` in client.toml, which only a login can be")]
    OnlyLogin { place: String, given: String },
    #[error("{place} is `{given}` in client.toml, which is no {what}")]
    SettingNames { place: String, what: String, given: String },
    #[error(transparent)]
    Dead(Dead),
    #[error(transparent)]
    Slip(Slip),
    #[error(transparent)]
    Syntax(Syntax),
    /// What only other programs meet.
    #[error("{detail}")]
    Other { detail: String },
}

fn number(needed: usize, most: usize) -> String {
    if needed == most { parameters(most) } else { format!("{needed} to {}", parameters(most)) }
}

fn owned(values: Vec<(&'static str, &str)>) -> BTreeMap<String, String> {
    values.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

fn in_line(line: Option<usize>) -> String {
    line.map_or_else(String::new, |line| format!(" in line {line}"))
}

/// A type with its article, where it has one.
fn one(owner: &str) -> String {
    if owner.ends_with('s') { owner.to_owned() } else { format!("a {owner}") }
}

impl Wrong {
    #[must_use]
    pub fn of_kinds(wanted: Kind, found: Kind) -> Self {
        let is_count = matches!((wanted, found), (Kind::Due | Kind::Span, Kind::Number));
        let (wanted, found) = (wanted.to_string(), found.to_string());
        if is_count { Wrong::SpanWanted { wanted, found } } else { Wrong::KindWanted { wanted, found } }
    }

    #[must_use]
    pub fn of_continuation(name: String, signature: &Signature, count: usize) -> Self {
        Wrong::ContinuationTakes { name, signature: signature.to_string(), count }
    }

    /// Rhai's own finding, in our words.
    #[must_use]
    pub fn of_parse_error(error: &ParseErrorType) -> Self {
        let name = |name: &String| super::quoted(name);
        match error {
            ParseErrorType::VariableUndefined(own) => Wrong::UnknownVariable { name: name(own) },
            ParseErrorType::MissingToken(token, why) => {
                Wrong::MissingToken { token: token.clone(), why: why.clone() }
            }
            ParseErrorType::FnDuplicatedDefinition(own, _) => {
                Wrong::DefinedTwice { name: name(own), line: None }
            }
            ParseErrorType::Reserved(own) => Wrong::ReservedWord { name: name(own) },
            ParseErrorType::DuplicatedProperty(own) => Wrong::KeyTwice { name: name(own) },
            ParseErrorType::UnexpectedEOF => Wrong::EndsTooEarly,
            other => Wrong::Syntax(Syntax::of(other)),
        }
    }

    /// A stable word for programs.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Wrong::ScriptTooLong { .. } => "script_too_long",
            Wrong::GivenUp { .. } => "given_up",
            Wrong::UnknownVariable { .. } => "unknown_variable",
            Wrong::MissingToken { .. } => "missing_token",
            Wrong::EndsTooEarly => "ends_too_early",
            Wrong::DefinedTwice { .. } => "defined_twice",
            Wrong::ReservedWord { .. } => "reserved_word",
            Wrong::KeyTwice { .. } => "key_twice",
            Wrong::ImportCircle { .. } => "import_circle",
            Wrong::NoModule { .. } => "no_module",
            Wrong::HandlerTakes { .. } => "handler_takes",
            Wrong::NoHandler { .. } => "no_handler",
            Wrong::NoKey { .. } => "no_key",
            Wrong::ConditionKind { .. } => "condition_kind",
            Wrong::ForbiddenWord { .. } => "forbidden_word",
            Wrong::Takes { .. } => "takes",
            Wrong::NoFunction { .. } => "no_function",
            Wrong::ContinuationTakes { .. } => "continuation_takes",
            Wrong::LadderCircle { .. } => "ladder_circle",
            Wrong::IsMethod { .. } => "is_method",
            Wrong::IsProperty { .. } => "is_property",
            Wrong::NoProperty { .. } => "no_property",
            Wrong::NoMethod { .. } => "no_method",
            Wrong::NoMethodAnywhere { .. } => "no_method_anywhere",
            Wrong::CannotBeSet { .. } => "cannot_be_set",
            Wrong::SetByMethod { .. } => "set_by_method",
            Wrong::NoPluginFunction { .. } => "no_plugin_function",
            Wrong::KindWanted { .. } => "kind_wanted",
            Wrong::SpanWanted { .. } => "span_wanted",
            Wrong::NoOption { .. } => "no_option",
            Wrong::GoesAsField { .. } => "goes_as_field",
            Wrong::SubClientSetting { .. } => "sub_client_setting",
            Wrong::SubClientSettingType { .. } => "sub_client_setting_type",
            Wrong::ChoiceWithoutChoices { .. } => "choice_without_choices",
            Wrong::EndlessLoop => "endless_loop",
            Wrong::GuardAsks { .. } => "guard_asks",
            Wrong::GuardLeads { .. } => "guard_leads",
            Wrong::NothingToRefuse { .. } => "nothing_to_refuse",
            Wrong::RecipientKind { .. } => "recipient_kind",
            Wrong::NoRecipient { .. } => "no_recipient",
            Wrong::OnlyLogin { .. } => "only_login",
            Wrong::SettingNames { .. } => "setting_names",
            Wrong::Dead(dead) => dead.code(),
            Wrong::Slip(slip) => slip.code(),
            Wrong::Syntax(syntax) => syntax.code(),
            Wrong::Other { .. } => "other",
        }
    }

    /// What the sentence speaks of, by name.
    #[must_use]
    pub fn values(&self) -> BTreeMap<String, String> {
        let of = |values: &[(&str, &dyn ToString)]| -> BTreeMap<String, String> {
            values.iter().map(|(name, value)| ((*name).to_owned(), value.to_string())).collect()
        };
        match self {
            Wrong::ScriptTooLong { bytes, bytes_max } => of(&[("bytes", bytes), ("bytes_max", bytes_max)]),
            Wrong::GivenUp { seconds } => of(&[("seconds", seconds)]),
            Wrong::EndlessLoop | Wrong::EndsTooEarly => of(&[]),
            Wrong::GuardAsks { guard, what } => of(&[("guard", guard), ("what", what)]),
            Wrong::GuardLeads { guard, called, what, line } => {
                of(&[("guard", guard), ("called", called), ("what", what), ("line", line)])
            }
            Wrong::NothingToRefuse { name, guards } => of(&[("name", name), ("guards", guards)]),
            Wrong::RecipientKind { place, kind } => of(&[("place", place), ("kind", kind)]),
            Wrong::NoRecipient { place, given } | Wrong::OnlyLogin { place, given } => {
                of(&[("place", place), ("given", given)])
            }
            Wrong::Other { detail } => of(&[("detail", detail)]),
            Wrong::MissingToken { token, why } => of(&[("token", token), ("why", why)]),
            Wrong::ImportCircle { path } | Wrong::NoModule { path } => of(&[("path", path)]),
            Wrong::HandlerTakes { name, params, given } => {
                of(&[("name", name), ("params", params), ("given", given)])
            }
            Wrong::NoKey { what, given, known } => of(&[("what", what), ("given", given), ("known", known)]),
            Wrong::ConditionKind { kind } => of(&[("kind", kind)]),
            Wrong::Takes { name, needed, most, given } => {
                of(&[("name", name), ("needed", needed), ("most", most), ("given", given)])
            }
            Wrong::ContinuationTakes { name, signature, count } => {
                of(&[("name", name), ("signature", signature), ("count", count)])
            }
            Wrong::LadderCircle { from, to } => of(&[("from", from), ("to", to)]),
            Wrong::NoProperty { owner, name }
            | Wrong::NoMethod { owner, name }
            | Wrong::CannotBeSet { owner, name }
            | Wrong::SetByMethod { owner, name } => of(&[("owner", owner), ("name", name)]),
            Wrong::UnknownVariable { name }
            | Wrong::DefinedTwice { name, .. }
            | Wrong::ReservedWord { name }
            | Wrong::KeyTwice { name }
            | Wrong::NoHandler { name }
            | Wrong::ForbiddenWord { name }
            | Wrong::NoFunction { name }
            | Wrong::IsMethod { name }
            | Wrong::IsProperty { name }
            | Wrong::NoMethodAnywhere { name }
            | Wrong::NoOption { name }
            | Wrong::GoesAsField { name } => of(&[("name", name)]),
            Wrong::NoPluginFunction { plugin, function } => of(&[("plugin", plugin), ("function", function)]),
            Wrong::KindWanted { wanted, found } | Wrong::SpanWanted { wanted, found } => {
                of(&[("wanted", wanted), ("found", found)])
            }
            Wrong::SubClientSetting { sub_client, name } => of(&[("sub_client", sub_client), ("name", name)]),
            Wrong::SubClientSettingType { sub_client, name, found, usual } => {
                of(&[("sub_client", sub_client), ("name", name), ("found", found), ("usual", usual)])
            }
            Wrong::ChoiceWithoutChoices { field } => of(&[("field", field)]),
            Wrong::SettingNames { place, what, given } => {
                of(&[("place", place), ("what", what), ("given", given)])
            }
            Wrong::Dead(dead) => owned(dead.values()),
            Wrong::Slip(slip) => owned(slip.values()),
            Wrong::Syntax(syntax) => {
                syntax.values().into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
            }
        }
    }
}
