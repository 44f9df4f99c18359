//! The walk over a script's syntax tree: statements and plain expressions.

use std::collections::{BTreeMap, BTreeSet};

use rhai::{AST, ASTFlags, ASTNode, Expr, FnCallExpr, Position, Stmt, Token};

use super::circle::circles;
use super::guards::Doings;
use super::keys::KeySets;
use super::patience::Patience;
use super::probe::{MARKER, Probe, Wanted, is_marked};
use super::value::{Value, item_of, join, sum};
use super::{Finding, Severity, Wrong, endless};
use crate::workflow::api::{self, HANDLERS, Keys, Kind, Signature};
use crate::workflow::engine::FORBIDDEN_WORDS;
use crate::workflow::source::{Literal, Source};

/// A function of the script itself.
pub struct Own {
    pub name: String,
    pub params: Vec<String>,
    pub body: Vec<Stmt>,
    pub position: Position,
    /// What its parameters are, as far as its callers say.
    pub kinds: Vec<Option<Kind>>,
}

pub struct Walk<'w> {
    pub keys: KeySets<'w>,
    pub source: &'w Source,
    pub module: Option<String>,
    pub functions: Vec<Own>,
    /// Functions of imported modules, by `alias::name`: how many parameters each takes.
    pub imported: BTreeMap<String, Vec<usize>>,
    pub findings: Vec<Finding>,
    /// Whether what is found counts: not while kinds are still being gathered.
    pub is_final: bool,
    pub doings: Doings,
    /// What was said of dead names already.
    pub told: BTreeSet<String>,
    /// The function whose body is walked; empty outside of functions.
    pub function: String,
    /// What was found at the made-up name, where a text has one.
    pub probe: Probe,
    patience: &'w Patience,
    /// What has a name where the walk is, the innermost last.
    pub scopes: Vec<Vec<(String, Value)>>,
}

/// Kinds flow from callers to functions; a longer chain of calls is cut.
const PASSES_MAX: usize = 6;
/// Findings of one text; who has mended so many checks again.
const FINDINGS_MAX: usize = 1_000;
/// Words of the language that look like functions.
const LANGUAGE_WORDS: &[&str] = &["type_of", "to_string", "contains"];

impl<'w> Walk<'w> {
    #[must_use]
    pub fn new(
        keys: KeySets<'w>,
        source: &'w Source,
        module: Option<String>,
        ast: &AST,
        patience: &'w Patience,
    ) -> Self {
        let mut functions: Vec<Own> = ast.iter_fn_def().map(|def| own(ast, source, def)).collect();
        functions.sort_by_key(|function| (function.position, function.name.clone()));
        Self {
            keys,
            source,
            module,
            functions,
            imported: BTreeMap::new(),
            findings: Vec::new(),
            is_final: false,
            doings: Doings::default(),
            told: BTreeSet::new(),
            function: String::new(),
            probe: Probe::default(),
            patience,
            scopes: Vec::new(),
        }
    }

    /// Everything that is wrong with the script.
    pub fn run(&mut self, ast: &AST) {
        self.follow(ast);
        let never_end = endless::loops(ast, &self.functions);
        for (position, wrong) in never_end.into_iter().chain(self.doings.findings()) {
            self.find(position, &wrong, None);
        }
        for (position, wrong) in circles(&self.functions) {
            self.report(Severity::Warning, position, &wrong, None);
        }
        self.findings.sort_by(|a, b| (a.line, a.column, &a.message).cmp(&(b.line, b.column, &b.message)));
        self.findings.dedup();
    }

    /// Follows kinds from callers to functions until nothing new is learnt, then walks once more for what counts.
    pub fn follow(&mut self, ast: &AST) {
        self.settle(ast);
        self.is_final = true;
        self.pass(ast);
    }

    /// Goes over the text until the kinds of all parameters are known, and finds nothing wrong: enough for who asks about a
    /// place.
    pub fn settle(&mut self, ast: &AST) {
        self.give_handlers_their_kinds();
        for _ in 0..PASSES_MAX {
            let before: Vec<_> = self.functions.iter().map(|function| function.kinds.clone()).collect();
            self.pass(ast);
            let after: Vec<_> = self.functions.iter().map(|function| function.kinds.clone()).collect();
            if before == after {
                break;
            }
        }
    }

    fn give_handlers_their_kinds(&mut self) {
        for function in &mut self.functions {
            if let Some(handler) = HANDLERS.iter().find(|handler| handler.name == function.name)
                && handler.params.len() == function.params.len()
            {
                function.kinds = handler.params.iter().map(|param| Some(param.kind)).collect();
            }
        }
    }

    fn pass(&mut self, ast: &AST) {
        self.scopes = vec![vec![("settings".to_owned(), Value::of(Kind::Handle("Settings")))]];
        self.function.clear();
        self.block(ast.statements());
        for index in 0..self.functions.len() {
            let function = &self.functions[index];
            let params = function.params.iter().zip(&function.kinds).map(|(name, kind)| {
                // A function that nobody calls says by its parameter's name what it is for.
                let by_name = (name == "ticket").then_some(Kind::Handle("Ticket"));
                let kind = kind.or(by_name);
                let value = Value::of(kind.unwrap_or(Kind::Any));
                (name.clone(), Value { is_pending: kind.is_none(), ..value })
            });
            let mut scope = vec![("settings".to_owned(), Value::of(Kind::Handle("Settings")))];
            scope.extend(params);
            let body = function.body.clone();
            self.function.clone_from(&function.name);
            self.scopes = vec![scope];
            self.block(&body);
        }
    }

    // ---- findings ----------------------------------------------------------------------------------------

    pub fn find(&mut self, position: Position, wrong: &Wrong, nearest: Option<String>) {
        self.report(Severity::Error, position, wrong, nearest);
    }

    pub fn report(&mut self, severity: Severity, position: Position, wrong: &Wrong, nearest: Option<String>) {
        if self.is_final && self.findings.len() < FINDINGS_MAX {
            let module = self.module.clone();
            self.findings.push(Finding { severity, module, nearest, ..Finding::at(position, wrong) });
        }
    }

    /// Every literal that the value can be must be one of the keys.
    pub fn literals_are(&mut self, value: &Value, keys: Keys) {
        self.marked(value, || Wanted::Key(keys));
        if self.is_final
            && let Some(members) = self.keys.members(keys)
        {
            let members: Vec<String> = members.into_iter().map(str::to_owned).collect();
            let literals = self.without_labels(&value.literals, keys);
            self.literals_among(&literals, keys.what(), &members);
        }
    }

    pub fn literals_among(&mut self, literals: &[Literal], what: &str, members: &[String]) {
        if literals.iter().any(is_marked) {
            self.probe.wanted.get_or_insert_with(|| Wanted::Among(members.to_vec()));
        }
        for literal in literals.iter().take_while(|_| !self.patience.is_over()) {
            if self.is_final && !members.iter().any(|member| **member == *literal.text) {
                let nearest = super::did_you_mean(&literal.text, members.iter().map(String::as_str));
                let given = super::quoted(&literal.text);
                let known = if nearest.is_none() { super::known(members) } else { String::new() };
                let wrong = Wrong::NoKey { what: what.to_owned(), given, known };
                self.find(literal.position, &wrong, nearest);
            }
        }
    }

    // ---- statements --------------------------------------------------------------------------------------

    /// The value of the last statement.
    pub fn block(&mut self, statements: &[Stmt]) -> Value {
        self.scopes.push(Vec::new());
        self.are_reached(statements);
        let mut last = Value::of(Kind::Nothing);
        for statement in statements {
            last = self.statement(statement);
        }
        self.scopes.pop();
        last
    }

    fn statement(&mut self, statement: &Stmt) -> Value {
        if self.patience.is_over() {
            return Value::ANY;
        }
        match statement {
            Stmt::If(flow, _) => {
                self.condition(&flow.expr);
                let body = self.block(flow.body.statements());
                body.or(self.block(flow.branch.statements()))
            }
            Stmt::While(flow, _) | Stmt::Do(flow, ..) => {
                self.condition(&flow.expr);
                self.block(flow.body.statements());
                Value::ANY
            }
            Stmt::For(parts, _) => {
                let (name, counter, flow) = &**parts;
                let items = self.expression(&flow.expr);
                self.scopes.push(vec![(name.name.to_string(), Value::of(item_of(items.kind)))]);
                if let Some(counter) = counter {
                    self.define(&counter.name, Value::of(Kind::Number));
                }
                self.block(flow.body.statements());
                self.scopes.pop();
                Value::ANY
            }
            Stmt::Switch(parts, position) => self.switch(&parts.0, &parts.1, *position),
            Stmt::Var(parts, ..) => {
                let value = self.expression(&parts.1);
                self.define(&parts.0.name, value);
                Value::of(Kind::Nothing)
            }
            Stmt::Assignment(parts) => {
                self.assignment(&parts.1.lhs, &parts.1.rhs);
                Value::of(Kind::Nothing)
            }
            Stmt::FnCall(call, position) => self.call(call, *position),
            Stmt::Block(block) => self.block(block.statements()),
            Stmt::TryCatch(flow, _) => {
                self.block(flow.body.statements());
                self.scopes.push(Vec::new());
                if let Expr::Variable(name, ..) = &flow.expr {
                    self.define(&name.1, Value::ANY);
                }
                self.block(flow.branch.statements());
                self.scopes.pop();
                Value::ANY
            }
            Stmt::Expr(expression) => self.expression(expression),
            Stmt::Return(Some(expression), ..) | Stmt::BreakLoop(Some(expression), ..) => {
                self.expression(expression);
                Value::of(Kind::Nothing)
            }
            _ => Value::of(Kind::Nothing),
        }
    }

    fn condition(&mut self, expression: &Expr) {
        let value = self.expression(expression);
        if matches!(value.kind, Kind::Text | Kind::Number | Kind::Key(_) | Kind::Handle(_) | Kind::Moment) {
            let wrong = Wrong::ConditionKind { kind: value.kind.to_string() };
            self.find(expression.position(), &wrong, None);
        }
    }

    fn switch(&mut self, subject: &Expr, cases: &rhai::SwitchCasesCollection, position: Position) -> Value {
        let subject = self.expression(subject);
        if let Kind::Key(keys) = subject.kind {
            let literals = self.source.switch_literals(position);
            self.literals_are(&Value { literals, ..Value::of(Kind::Text) }, keys);
        }
        let mut result: Option<Value> = None;
        for case in &cases.expressions {
            self.expression(&case.lhs);
            let value = self.expression(&case.rhs);
            result = Some(match result {
                Some(before) => before.or(value),
                None => value,
            });
        }
        result.unwrap_or(Value::ANY)
    }

    fn assignment(&mut self, target: &Expr, value: &Expr) {
        let assigned = self.expression(value);
        match target {
            Expr::Variable(name, ..) => {
                let name = name.1.to_string();
                for scope in self.scopes.iter_mut().rev() {
                    if let Some(known) = scope.iter_mut().rev().find(|(known, _)| *known == name) {
                        known.1 = known.1.clone().or(assigned);
                        return;
                    }
                }
            }
            Expr::Dot(..) | Expr::Index(..) => {
                self.chain(target, Some((value, &assigned)));
            }
            _ => {
                self.expression(target);
            }
        }
    }

    fn define(&mut self, name: &str, value: Value) {
        if let Some(scope) = self.scopes.last_mut() {
            scope.push((name.to_owned(), value));
        }
    }

    // ---- expressions -------------------------------------------------------------------------------------

    pub fn expression(&mut self, expression: &Expr) -> Value {
        if self.patience.is_over() {
            return Value::ANY;
        }
        match expression {
            Expr::BoolConstant(..) | Expr::And(..) | Expr::Or(..) => {
                if let Expr::And(operands, _) | Expr::Or(operands, _) = expression {
                    operands.iter().for_each(|operand| self.condition(operand));
                }
                Value::of(Kind::Flag)
            }
            Expr::IntegerConstant(..) | Expr::FloatConstant(..) => Value::of(Kind::Number),
            Expr::StringConstant(text, position) => Value {
                literals: vec![Literal { text: text.as_str().into(), position: *position }],
                ..Value::of(Kind::Text)
            },
            Expr::CharConstant(..) => Value::of(Kind::Text),
            Expr::InterpolatedString(parts, _) => {
                parts.iter().for_each(|part| drop(self.expression(part)));
                Value::of(Kind::Text)
            }
            Expr::Unit(..) => Value::of(Kind::Nothing),
            Expr::Array(items, _) => {
                let mut kind = None;
                for item in items {
                    let item = self.expression(item).kind;
                    kind = Some(kind.map_or(item, |kind| join(kind, item)));
                }
                Value::of(Kind::Array(static_kind(kind.unwrap_or(Kind::Any))))
            }
            Expr::Map(entries, _) => {
                entries.0.iter().for_each(|(_, value)| drop(self.expression(value)));
                Value::of(Kind::Map)
            }
            Expr::Variable(name, _, position) => self.variable(&name.1, &name.2, *position),
            Expr::Stmt(block) => self.block(block.statements()),
            Expr::FnCall(call, position) => self.call(call, *position),
            Expr::Dot(..) | Expr::Index(..) => self.chain(expression, None),
            Expr::Coalesce(operands, _) => {
                let mut value = Value::of(Kind::Nothing);
                for operand in operands.iter() {
                    value = value.or(self.expression(operand));
                }
                value
            }
            _ => Value::ANY,
        }
    }

    fn variable(&mut self, name: &str, namespace: &rhai::Namespace, position: Position) -> Value {
        if name == MARKER {
            return self.marked_name(&namespace.to_string(), position);
        }
        if !namespace.is_empty() {
            return Value::ANY;
        }
        let found = self.scopes.iter().rev().find_map(|scope| {
            scope.iter().rev().find(|(known, _)| known == name).map(|(_, value)| value.clone())
        });
        found.unwrap_or(Value::ANY)
    }

    // ---- functions ---------------------------------------------------------------------------------------

    fn call(&mut self, call: &FnCallExpr, position: Position) -> Value {
        if call.name == MARKER {
            call.args.iter().for_each(|arg| drop(self.expression(arg)));
            return self.marked_name(&call.namespace.to_string(), position);
        }
        if call.name == "contains" && call.args.len() == 2 {
            return self.contains(&call.args);
        }
        if let Some(operator) = &call.op_token {
            return self.operator(operator, call);
        }
        if !call.namespace.is_empty() {
            call.args.iter().for_each(|arg| drop(self.expression(arg)));
            self.imported_call(call, position);
            return Value::ANY;
        }
        let name = call.name.as_str();
        if self.is_final {
            self.doings.calls(&self.function, name, position);
        }
        if FORBIDDEN_WORDS.contains(&name) {
            self.find(position, &Wrong::ForbiddenWord { name: name.to_owned() }, None);
            return Value::ANY;
        }
        if let Some(function) = api::functions().find(|function| function.name == name)
            && !self.functions.iter().any(|own| own.name == name)
        {
            self.arguments(name, function.params, function.params.len(), &call.args, position);
            return Value::of(function.returns);
        }
        let values: Vec<Value> = call.args.iter().map(|arg| self.expression(arg)).collect();
        self.own_call(name, &values, position)
    }

    /// A call of a function of the script; its parameters learn their kinds.
    pub fn own_call(&mut self, name: &str, values: &[Value], position: Position) -> Value {
        let counts: Vec<usize> =
            self.functions.iter().filter(|own| own.name == name).map(|own| own.params.len()).collect();
        if counts.contains(&values.len()) {
            self.learn(name, values);
        } else if let Some(count) = counts.first() {
            let (needed, most, given) = (*count, *count, values.len());
            self.find(position, &Wrong::Takes { name: name.to_owned(), needed, most, given }, None);
        } else if !self.is_method_called_plainly(name, values) && !LANGUAGE_WORDS.contains(&name) {
            let own = self.functions.iter().map(|own| own.name.clone()).collect::<Vec<_>>();
            let known = own.iter().map(String::as_str).chain(api::functions().map(|function| function.name));
            let nearest = super::did_you_mean(name, known);
            self.find(position, &Wrong::NoFunction { name: name.to_owned() }, nearest);
        }
        Value::ANY
    }

    /// `f(x, y)` where `x.f(y)` exists.
    fn is_method_called_plainly(&self, name: &str, values: &[Value]) -> bool {
        let methods = api::types().iter().flat_map(|entry| entry.all());
        methods.filter(|member| member.name == name).any(|member| match &member.shape {
            api::Shape::Method { params, needed, .. } => {
                (*needed..=params.len()).contains(&values.len().saturating_sub(1)) && !values.is_empty()
            }
            api::Shape::Property { .. } => false,
        })
    }

    pub fn learn(&mut self, name: &str, values: &[Value]) {
        if HANDLERS.iter().any(|handler| handler.name == name) {
            return;
        }
        for own in &mut self.functions {
            if own.name == name && own.params.len() == values.len() {
                for (kind, value) in own.kinds.iter_mut().zip(values).filter(|(_, value)| !value.is_pending) {
                    *kind = Some(kind.map_or(value.kind, |kind| join(kind, value.kind)));
                }
            }
        }
    }

    /// A function whose name was given as the one that takes an answer.
    pub fn continuation(&mut self, name: &Literal, signature: &'static Signature) {
        if is_marked(name) {
            self.probe.wanted.get_or_insert(Wanted::Function(signature));
        }
        let count = self.functions.iter().find(|own| *own.name == *name.text).map(|own| own.params.len());
        match count {
            Some(count) if (signature.needed..=signature.params.len()).contains(&count) => {
                let given = signature.params.iter().take(count);
                let kinds: Vec<Value> = given.map(|param| Value::of(param.kind)).collect();
                self.learn(&name.text, &kinds);
            }
            Some(count) => {
                let wrong = Wrong::of_continuation(name.text.to_string(), signature, count);
                self.find(name.position, &wrong, None);
            }
            None => {
                let own: Vec<String> = self.functions.iter().map(|own| own.name.clone()).collect();
                let nearest = super::did_you_mean(&name.text, own.iter().map(String::as_str));
                let wrong = Wrong::NoFunction { name: super::quoted(&name.text) };
                self.find(name.position, &wrong, nearest);
            }
        }
    }

    fn imported_call(&mut self, call: &FnCallExpr, position: Position) {
        let name = format!("{}::{}", call.namespace, call.name);
        match self.imported.get(&name) {
            Some(counts) if counts.contains(&call.args.len()) => {}
            Some(counts) => {
                let needed = counts.first().copied().unwrap_or(0);
                let given = call.args.len();
                self.find(position, &Wrong::Takes { name, needed, most: needed, given }, None);
            }
            None => {
                let known: Vec<String> = self.imported.keys().cloned().collect();
                let nearest = super::did_you_mean(&name, known.iter().map(String::as_str));
                self.find(position, &Wrong::NoFunction { name }, nearest);
            }
        }
    }

    fn operator(&mut self, operator: &Token, call: &FnCallExpr) -> Value {
        let values: Vec<Value> = call.args.iter().map(|arg| self.expression(arg)).collect();
        match (operator, values.as_slice()) {
            (Token::EqualsTo | Token::NotEqualsTo, [one, other]) => {
                self.compared((one, &call.args[0]), other);
                self.compared((other, &call.args[1]), one);
                Value::of(Kind::Flag)
            }
            (
                Token::LessThan | Token::LessThanEqualsTo | Token::GreaterThan | Token::GreaterThanEqualsTo,
                _,
            )
            | (Token::Bang, _) => Value::of(Kind::Flag),
            (_, [one, other]) => Value::of(sum(one.kind, other.kind)),
            (_, [one]) => Value::of(one.kind),
            _ => Value::ANY,
        }
    }

    /// `item in container`, which Rhai writes as `contains(container, item)`.
    fn contains(&mut self, args: &[Expr]) -> Value {
        let values: Vec<Value> = args.iter().map(|arg| self.expression(arg)).collect();
        let (Some(container), Some(item)) = (values.first(), values.get(1)) else { return Value::ANY };
        if let (Kind::Key(keys), Some(Expr::Array(items, _))) = (item.kind, args.first()) {
            for one in items {
                let value = self.expression(one);
                self.literals_are(&value, keys);
            }
        }
        if let Kind::List(Kind::Key(keys)) = container.kind {
            self.literals_are(item, *keys);
        }
        Value::of(Kind::Flag)
    }

    fn compared(&mut self, (one, at): (&Value, &Expr), other: &Value) {
        match one.kind {
            Kind::Key(keys) => self.literals_are(other, keys),
            _ => self.can_be_equal((one, at), other),
        }
    }
}

/// Kinds of items are few: texts, numbers and the table's own. What is rarer is not followed.
#[must_use]
pub fn static_kind(kind: Kind) -> &'static Kind {
    match kind {
        Kind::Text => &Kind::Text,
        Kind::Number => &Kind::Number,
        Kind::Flag => &Kind::Flag,
        Kind::Map => &Kind::Map,
        Kind::Handle("Person") => &Kind::Handle("Person"),
        _ => &Kind::Any,
    }
}

/// `1 parameter`, `2 parameters`.
#[must_use]
pub fn parameters(count: usize) -> String {
    if count == 1 { "1 parameter".to_owned() } else { format!("{count} parameters") }
}

pub fn own(ast: &AST, source: &Source, def: &rhai::ScriptFuncDef) -> Own {
    // Rhai keeps the type of a body to itself; the statements of an AST with this function alone are its body.
    let mut alone = ast.clone();
    alone.clear_statements();
    alone.retain_functions(|_, _, name, count| *name == *def.name && count == def.params.len());
    let mut body = Vec::new();
    alone.walk(&mut |path: &[ASTNode<'_>]| {
        if let [ASTNode::Stmt(statement)] = path {
            body.push((*statement).clone());
        }
        true
    });
    let start = def.body.start_position();
    Own {
        name: def.name.to_string(),
        params: def.params.iter().map(ToString::to_string).collect(),
        position: source.function_name(&def.name, start),
        kinds: vec![None; def.params.len()],
        body,
    }
}

/// Whether a chain ends here.
#[must_use]
pub fn ends(flags: ASTFlags) -> bool {
    flags.contains(ASTFlags::BREAK)
}
