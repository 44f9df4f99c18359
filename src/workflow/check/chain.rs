//! Chains of `.` and `[]`: properties, methods and their arguments against the table.

use rhai::{ASTFlags, Expr, FnCallExpr, Position};

use super::probe::{MARKER, Wanted};
use super::value::Value;
use super::value::item_of;
use super::walk::{Walk, ends};
use super::{Severity, Wrong, did_you_mean};
use crate::workflow::api::{self, Keys, Kind, Member, Param, Shape, Type};

/// What a login is looked for as.
pub const PERSON: &str = "person with the login";

/// What is assigned at the end of a chain.
type Assigned<'e> = Option<(&'e Expr, &'e Value)>;

impl Walk<'_> {
    /// A whole chain from its first link.
    pub fn chain(&mut self, expression: &Expr, assigned: Assigned<'_>) -> Value {
        match expression {
            Expr::Dot(link, flags, _) => {
                let on = self.expression(&link.lhs);
                self.dot(&on, &link.rhs, *flags, assigned)
            }
            Expr::Index(link, flags, _) => {
                let on = self.expression(&link.lhs);
                self.index(&on, &link.rhs, *flags, assigned)
            }
            other => self.expression(other),
        }
    }

    fn dot(&mut self, on: &Value, right: &Expr, flags: ASTFlags, assigned: Assigned<'_>) -> Value {
        match right {
            Expr::Dot(link, inner, _) if !ends(flags) => {
                let on = self.dot(on, &link.lhs, ASTFlags::BREAK, None);
                self.dot(&on, &link.rhs, *inner, assigned)
            }
            Expr::Index(link, inner, _) if !ends(flags) => {
                let on = self.dot(on, &link.lhs, ASTFlags::BREAK, None);
                self.index(&on, &link.rhs, *inner, assigned)
            }
            Expr::Property(names, position) => self.property(on, &names.2, *position, assigned),
            Expr::MethodCall(call, position) => self.method(on, call, *position),
            other => self.expression(other),
        }
    }

    fn index(&mut self, on: &Value, right: &Expr, flags: ASTFlags, assigned: Assigned<'_>) -> Value {
        match right {
            Expr::Dot(link, inner, _) if !ends(flags) => {
                self.expression(&link.lhs);
                self.dot(&Value::of(item_of(on.kind)), &link.rhs, *inner, assigned)
            }
            Expr::Index(link, inner, _) if !ends(flags) => {
                self.expression(&link.lhs);
                self.index(&Value::of(item_of(on.kind)), &link.rhs, *inner, assigned)
            }
            other => {
                self.expression(other);
                Value::of(item_of(on.kind))
            }
        }
    }

    fn property(&mut self, on: &Value, name: &str, position: Position, assigned: Assigned<'_>) -> Value {
        if name == MARKER {
            return self.marked_member(on.kind, position);
        }
        if on.kind == Kind::Map {
            return Value::ANY;
        }
        let types = types_of(on.kind);
        let Some(first) = types.first() else { return Value::ANY };
        let members = || types.iter().flat_map(|entry| entry.all()).filter(|member| member.name == name);
        let found = members().find_map(|member| match &member.shape {
            Shape::Property { kind, set, .. } => Some((*kind, set.is_some())),
            Shape::Method { .. } => None,
        });
        if let Some((kind, can_be_set)) = found {
            if let Some((expression, value)) = assigned {
                self.set(first, name, position, (kind, can_be_set), (expression, value));
            }
            return Value::of(first_or_last(on.kind, name).unwrap_or(kind));
        }
        if members().next().is_some() {
            self.find(position, &Wrong::IsMethod { name: name.to_owned() }, None);
            return Value::ANY;
        }
        if let Some(index) = &first.index {
            return self.indexed(first, index, name, position, assigned);
        }
        let nearest =
            did_you_mean(name, types.iter().flat_map(|entry| entry.all()).map(|member| member.name));
        let (owner, name) = (first.name.to_owned(), name.to_owned());
        self.find(position, &Wrong::NoProperty { owner, name }, nearest);
        Value::ANY
    }

    fn indexed(
        &mut self,
        owner: &'static Type,
        index: &'static api::Index,
        name: &str,
        position: Position,
        assigned: Assigned<'_>,
    ) -> Value {
        let kind = if owner.name == "Settings" { self.keys.kind_of_setting(name) } else { Kind::Any };
        if let Some(members) = self.keys.members(index.keys)
            && !members.contains(&name)
        {
            let nearest = did_you_mean(name, members);
            let (what, given) = (index.keys.what().to_owned(), name.to_owned());
            self.find(position, &Wrong::NoKey { what, given, known: String::new() }, nearest);
        }
        if assigned.is_some() && index.set.is_none() {
            let (owner, name) = (owner.name.to_owned(), name.to_owned());
            self.find(position, &Wrong::CannotBeSet { owner, name }, None);
        } else if assigned.is_some() {
            self.asks(&format!("{name} ="), position);
        }
        Value::of(kind)
    }

    fn set(
        &mut self,
        owner: &Type,
        name: &str,
        position: Position,
        (kind, can_be_set): (Kind, bool),
        (expression, value): (&Expr, &Value),
    ) {
        if can_be_set {
            self.asks(&format!("{name} ="), position);
            self.fits(kind, expression, value);
            return;
        }
        let has_method =
            owner.all().any(|member| member.name == name && matches!(member.shape, Shape::Method { .. }));
        let (owner, name) = (owner.name.to_owned(), name.to_owned());
        let wrong =
            if has_method { Wrong::SetByMethod { owner, name } } else { Wrong::CannotBeSet { owner, name } };
        self.find(position, &wrong, None);
    }

    fn method(&mut self, on: &Value, call: &FnCallExpr, position: Position) -> Value {
        let name = call.name.as_str();
        if name == MARKER {
            call.args.iter().for_each(|arg| drop(self.expression(arg)));
            return self.marked_member(on.kind, position);
        }
        if crate::workflow::engine::FORBIDDEN_WORDS.contains(&name) {
            self.find(position, &Wrong::ForbiddenWord { name: name.to_owned() }, None);
            return Value::ANY;
        }
        let types = types_of(on.kind);
        let Some(first) = types.first() else { return self.method_of_anything(call, position) };
        let all = || types.iter().flat_map(|entry| entry.all());
        let found = all().find_map(|member| match &member.shape {
            Shape::Method { params, needed, returns, .. } if member.name == name => {
                Some((*params, *needed, *returns))
            }
            _ => None,
        });
        if let Some((params, needed, returns)) = found {
            if matches!(on.kind, Kind::Handle(_)) && first.actions.iter().any(|action| action.name == name) {
                self.asks(name, position);
            }
            self.give_item(on.kind, params, &call.args);
            self.arguments(name, params, needed, &call.args, position);
            self.plugin_function(name, &call.args);
            return Value::of(first_or_last(on.kind, name).unwrap_or(returns));
        }
        let values: Vec<Value> = call.args.iter().map(|arg| self.expression(arg)).collect();
        if self.functions.iter().any(|own| own.name == name && own.params.len() == values.len()) {
            if self.is_final {
                self.doings.calls(&self.function, name, position);
            }
            return self.own_call(name, &values, position);
        }
        let has_property = all().any(|member: &Member| member.name == name);
        if has_property {
            self.find(position, &Wrong::IsProperty { name: name.to_owned() }, None);
        } else {
            let nearest = did_you_mean(name, all().map(|member| member.name));
            let (owner, name) = (first.name.to_owned(), name.to_owned());
            self.find(position, &Wrong::NoMethod { owner, name }, nearest);
        }
        Value::ANY
    }

    /// What the function asks the desk for.
    fn asks(&mut self, what: &str, position: Position) {
        if self.is_final {
            self.doings.asks(&self.function, what, position);
        }
    }

    /// A method of something unknown: no type of the table may have it.
    fn method_of_anything(&mut self, call: &FnCallExpr, position: Position) -> Value {
        let name = call.name.as_str();
        call.args.iter().for_each(|arg| drop(self.expression(arg)));
        let known =
            || api::types().iter().flat_map(|entry| entry.all()).filter(is_method).map(|one| one.name);
        let is_own = self.functions.iter().any(|own| own.name == name);
        if !is_own && !known().any(|known| known == name) && !["type_of", "to_string"].contains(&name) {
            let nearest = did_you_mean(name, known());
            self.find(position, &Wrong::NoMethodAnywhere { name: name.to_owned() }, nearest);
        }
        Value::ANY
    }

    /// An anonymous function that is called with each item learns what an item is.
    fn give_item(&mut self, on: Kind, params: &[Param], args: &[Expr]) {
        for (param, arg) in params.iter().zip(args) {
            if let (Kind::Function(_), Expr::DynamicConstant(value, _)) = (param.kind, arg)
                && let Some(function) = value.read_lock::<rhai::FnPtr>()
            {
                self.learn(function.fn_name(), &[Value::of(item_of(on))]);
            }
        }
    }

    /// The function of a plugin that is named beside it.
    fn plugin_function(&mut self, method: &str, args: &[Expr]) {
        if method != "call_plugin" {
            return;
        }
        if let Some(Expr::StringConstant(plugin, position)) = args.first() {
            self.plugin_is_there(plugin, *position);
        }
        let [Expr::StringConstant(plugin, _), Expr::StringConstant(function, position), ..] = args else {
            return;
        };
        if function.as_str() == MARKER {
            self.probe.wanted = Some(Wanted::PluginFunction(plugin.to_string()));
        }
        // A function that no plugin has was found already, as an argument.
        let is_known =
            self.keys.members(Keys::PluginFunction).is_some_and(|all| all.contains(&function.as_str()));
        if let Some(known) = self.keys.functions_of(plugin)
            && is_known
            && !known.contains(&function.as_str())
        {
            let nearest = did_you_mean(function, known);
            let (plugin, function) = (plugin.to_string(), function.to_string());
            self.find(*position, &Wrong::NoPluginFunction { plugin, function }, nearest);
        }
    }

    // ---- arguments ---------------------------------------------------------------------------------------

    /// Their number and each against its parameter.
    pub fn arguments(
        &mut self,
        name: &str,
        params: &'static [Param],
        needed: usize,
        args: &[Expr],
        position: Position,
    ) {
        if !(needed..=params.len()).contains(&args.len()) {
            let (most, given) = (params.len(), args.len());
            self.find(position, &Wrong::Takes { name: name.to_owned(), needed, most, given }, None);
        }
        for (index, arg) in args.iter().enumerate() {
            let value = match (params.get(index).map(|param| param.kind), arg) {
                // The options of a map literal are looked at one by one.
                (Some(kind), Expr::Map(..)) if has_options(kind) => Value::of(Kind::Map),
                _ => self.expression(arg),
            };
            if let Some(param) = params.get(index) {
                self.fits(param.kind, arg, &value);
            }
        }
    }

    /// Whether a value can stand where `kind` is wanted.
    fn fits(&mut self, kind: Kind, expression: &Expr, value: &Value) {
        self.setting_fits(kind, expression);
        match kind {
            Kind::Key(keys) => {
                self.literals_are(value, keys);
                if matches!(keys, Keys::Queue | Keys::Department | Keys::Line) {
                    self.queues_have_people(&value.literals);
                }
                self.is_not(kind, expression, value, |kind| {
                    matches!(
                        kind,
                        Kind::Number | Kind::Flag | Kind::Span | Kind::Moment | Kind::Handle(_) | Kind::Map
                    )
                });
            }
            Kind::Options(options) => self.options(options, expression, Others::Unknown),
            Kind::Assignment(options) => {
                if matches!(expression, Expr::Map(..)) {
                    self.options(options, expression, Others::Unknown);
                } else {
                    self.fits(Kind::Person, expression, value);
                }
            }
            Kind::OptionsAndFields(options) => self.options(options, expression, Others::Fields),
            Kind::Message(options) => {
                if matches!(expression, Expr::Map(..)) {
                    self.options(options, expression, Others::Unknown);
                } else {
                    self.literals_are(value, Keys::Template);
                }
            }
            Kind::List(of) | Kind::Array(of) => {
                if let Expr::Array(items, _) = expression {
                    for item in items {
                        let value = self.expression(item);
                        self.fits(*of, item, &value);
                    }
                } else if matches!(value.kind, Kind::Flag | Kind::Number) && *of != Kind::Any {
                    self.is_not(kind, expression, value, |found| *of != found);
                } else if matches!(value.kind, Kind::Text | Kind::Key(_)) {
                    // One thing alone serves as a list of one.
                    self.fits(*of, expression, value);
                }
            }
            Kind::Continuation(signature) => {
                for literal in &value.literals {
                    self.continuation(literal, signature);
                }
            }
            Kind::Recipient => {
                self.setting_names_recipient(expression);
                value.literals.iter().for_each(|one| self.somebody_hears(&one.text, one.position));
                if let Some(known) = self.keys.recipients() {
                    let known: Vec<String> = known.into_iter().map(str::to_owned).collect();
                    self.people_are_there(&value.literals, super::RECIPIENT, &known);
                }
            }
            Kind::Person => {
                if let Some(known) = self.keys.people() {
                    let known: Vec<String> = known.into_iter().map(str::to_owned).collect();
                    self.people_are_there(&value.literals, PERSON, &known);
                }
            }
            _ => self.is_not(kind, expression, value, |found| !can_be(kind, found)),
        }
    }

    fn is_not(&mut self, kind: Kind, expression: &Expr, value: &Value, is_wrong: impl Fn(Kind) -> bool) {
        if is_wrong(value.kind) && !self.number_in_quotes(kind, value) {
            self.find(expression.position(), &Wrong::of_kinds(kind, value.kind), None);
        }
    }

    fn options(&mut self, options: &'static [Param], expression: &Expr, others: Others) {
        let Expr::Map(entries, _) = expression else { return };
        let asks_for_skills = options.iter().any(|option| option.name == "certificates");
        for (name, given) in &entries.0 {
            if name.name == MARKER {
                let given = entries.0.iter().map(|(name, _)| name.name.to_string());
                self.probe.wanted = Some(Wanted::Option { options, given: given.collect() });
                continue;
            }
            let value = self.expression(given);
            if let Some(option) = options.iter().find(|option| option.name == name.name.as_str()) {
                self.fits(option.kind, given, &value);
                match option.name {
                    "outcomes" => self.own_outcomes(given),
                    name if asks_for_skills => self.somebody_suits(name, given),
                    _ => {}
                }
                continue;
            }
            let nearest = did_you_mean(&name.name, options.iter().map(|option| option.name));
            match (others, nearest) {
                (Others::Unknown, nearest) => {
                    let wrong = Wrong::NoOption { name: name.name.to_string() };
                    self.find(name.pos, &wrong, nearest);
                }
                (Others::Fields, nearest @ Some(_)) => {
                    let wrong = Wrong::GoesAsField { name: name.name.to_string() };
                    self.report(Severity::Warning, name.pos, &wrong, nearest);
                }
                (Others::Fields, None) => {}
            }
        }
    }

    /// The outcomes that a task of the script's own may have.
    fn own_outcomes(&mut self, expression: &Expr) {
        if let Expr::Array(items, _) = expression {
            for item in items {
                if let Expr::StringConstant(text, _) = item {
                    self.keys.outcomes.insert(text.to_string());
                }
            }
        }
    }
}

fn has_options(kind: Kind) -> bool {
    matches!(kind, Kind::Options(_) | Kind::OptionsAndFields(_) | Kind::Message(_) | Kind::Assignment(_))
}

/// What the keys of a map mean that are not among its options.
#[derive(Clone, Copy)]
enum Others {
    Unknown,
    Fields,
}

fn is_method(member: &&'static Member) -> bool {
    matches!(member.shape, Shape::Method { .. })
}

/// The types of the table that a value of the kind can be.
#[must_use]
pub fn types_of(kind: Kind) -> Vec<&'static Type> {
    let names: &[&str] = match kind {
        Kind::Handle(name) => &[name],
        Kind::Text | Kind::Key(_) => &["Text"],
        Kind::Number => &["Integer", "Float"],
        Kind::Moment => &["Moment"],
        Kind::Span => &["Span"],
        Kind::List(_) => &["List"],
        Kind::Array(_) => &["Array"],
        Kind::Map => &["Map"],
        _ => &[],
    };
    names.iter().filter_map(|name| api::find_type(name)).collect()
}

/// What some members of lists answer depends on what the list holds.
fn first_or_last(on: Kind, name: &str) -> Option<Kind> {
    match (on, name) {
        (Kind::List(of) | Kind::Array(of), "first" | "last" | "find") => Some(*of),
        (Kind::List(_) | Kind::Array(_), "filter") => Some(on),
        _ => None,
    }
}

/// Whether something of the kind `found` can serve where `wanted` is; in doubt it can.
fn can_be(wanted: Kind, found: Kind) -> bool {
    let is_plain = matches!(found, Kind::Text | Kind::Key(_) | Kind::Number | Kind::Flag);
    match wanted {
        Kind::Handle(wanted) => match found {
            Kind::Handle(found) => wanted == found,
            _ => !is_plain && !matches!(found, Kind::Moment | Kind::Span | Kind::Map),
        },
        Kind::Number => !matches!(
            found,
            Kind::Text | Kind::Key(_) | Kind::Flag | Kind::Handle(_) | Kind::Moment | Kind::Span
        ),
        Kind::Flag => !matches!(found, Kind::Text | Kind::Key(_) | Kind::Number | Kind::Handle(_)),
        Kind::Due => !is_plain && !matches!(found, Kind::Handle(name) if name != "WorkingSpan"),
        Kind::Span => !is_plain && !matches!(found, Kind::Handle(_) | Kind::Moment),
        Kind::Map => !is_plain,
        _ => true,
    }
}
