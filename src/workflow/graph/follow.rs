//! Follows a script from its handlers through the functions that they call, with what the conditions on the way say.

use std::collections::{BTreeMap, BTreeSet};

use rhai::{Expr, FnCallExpr, Position, Stmt, Token};

use super::knowledge::{Knowledge, meet};
use super::{place, status_of, way};
use crate::domain::pack::{Pack, Phase};
use crate::domain::state_graph::{GraphStep, KnownKeys, WayKind};
use crate::workflow::check::Own;
use crate::workflow::source::Source;

/// Statements that are looked at; a script that needs more is shown with less known.
const STATEMENTS_MAX: usize = 200_000;

/// The handler in which an answer of a department is known.
const TASK_DONE: &str = "on_task_done";

pub struct Follow<'f> {
    functions: &'f [Own],
    source: &'f Source,
    pack: &'f Pack,
    pub steps: Vec<GraphStep>,
    pub is_whole: bool,
    left: usize,
    handler: String,
    seen: BTreeSet<String>,
    /// Functions that are being followed, innermost last.
    frames: Vec<Frame>,
    /// What a function left known, by itself and by what was known when it was called.
    known: BTreeMap<Asked, Option<Knowledge>>,
}

/// The handler, the function, what its parameters are, what is known.
type Asked = (String, usize, Vec<Option<String>>, Knowledge);

struct Frame {
    function: usize,
    /// Variables that are a handler's value under another name.
    names: Vec<(String, Option<String>)>,
    /// What is known at each `return`.
    returns: Option<Knowledge>,
}

impl<'f> Follow<'f> {
    #[must_use]
    pub fn new(functions: &'f [Own], source: &'f Source, pack: &'f Pack) -> Self {
        Self {
            functions,
            source,
            pack,
            steps: Vec::new(),
            is_whole: true,
            left: STATEMENTS_MAX,
            handler: String::new(),
            seen: BTreeSet::new(),
            frames: Vec::new(),
            known: BTreeMap::new(),
        }
    }

    #[must_use]
    pub fn has_seen(&self, function: &str) -> bool {
        self.seen.contains(function)
    }

    /// Follows a function that the desk calls.
    pub fn enter(&mut self, function: &Own, params: Vec<Option<String>>, known: Knowledge) {
        let index = self.functions.iter().position(|own| std::ptr::eq(own, function));
        self.handler.clone_from(&function.name);
        if let Some(index) = index {
            self.run(index, params, known);
        }
    }

    fn run(&mut self, index: usize, params: Vec<Option<String>>, known: Knowledge) -> Option<Knowledge> {
        if self.frames.iter().any(|frame| frame.function == index) {
            // It calls itself: what it leaves behind is not known.
            return Some(Knowledge::default());
        }
        let asked = (self.handler.clone(), index, params.clone(), known.clone());
        if let Some(left) = self.known.get(&asked) {
            return left.clone();
        }
        let functions = self.functions;
        let own = &functions[index];
        self.seen.insert(own.name.clone());
        let names =
            own.params.iter().cloned().zip(params.into_iter().chain(std::iter::repeat(None))).collect();
        self.frames.push(Frame { function: index, names, returns: None });
        let end = self.block(&own.body, Some(known));
        let frame = self.frames.pop().expect("it was pushed above");
        let left = meet(end, frame.returns);
        self.known.insert(asked, left.clone());
        left
    }

    // ---- statements --------------------------------------------------------------------------------------

    fn block(&mut self, statements: &[Stmt], known: Option<Knowledge>) -> Option<Knowledge> {
        let outer = self.frames.last().map_or(0, |frame| frame.names.len());
        let mut known = known;
        for statement in statements {
            let Some(here) = known else { break };
            known = self.statement(statement, here);
        }
        if let Some(frame) = self.frames.last_mut() {
            frame.names.truncate(outer);
        }
        known
    }

    fn statement(&mut self, statement: &Stmt, known: Knowledge) -> Option<Knowledge> {
        if self.left == 0 {
            self.is_whole = false;
            return None;
        }
        self.left -= 1;
        match statement {
            Stmt::If(flow, _) => {
                let known = self.expression(&flow.expr, known)?;
                let yes = self.refined(&flow.expr, true, known.clone());
                let no = self.refined(&flow.expr, false, known);
                let yes = self.block(flow.body.statements(), yes);
                let no = self.block(flow.branch.statements(), no);
                meet(yes, no)
            }
            Stmt::While(flow, _) | Stmt::Do(flow, ..) => self.repeated(known, |follow, known| {
                let known = follow.expression(&flow.expr, known)?;
                let inside = follow.block(flow.body.statements(), Some(known.clone()));
                meet(inside, Some(known))
            }),
            Stmt::For(parts, _) => {
                let flow = &parts.2;
                let known = self.expression(&flow.expr, known)?;
                self.define(&parts.0.name, None);
                self.repeated(known, |follow, known| {
                    let inside = follow.block(flow.body.statements(), Some(known.clone()));
                    meet(inside, Some(known))
                })
            }
            Stmt::Switch(parts, at) => self.switch(&parts.0, &parts.1, *at, known),
            Stmt::Var(parts, ..) => {
                let known = self.expression(&parts.1, known)?;
                let named = self.handed(&parts.1);
                self.define(&parts.0.name, named);
                Some(known)
            }
            Stmt::Assignment(parts) => self.assignment(&parts.1.lhs, &parts.1.rhs, known),
            Stmt::FnCall(call, at) => self.call(call, *at, known),
            Stmt::Block(block) => self.block(block.statements(), Some(known)),
            Stmt::TryCatch(flow, _) => {
                let whole = self.block(flow.body.statements(), Some(known.clone()));
                // It may have failed anywhere: only what it never changed is known.
                let failed =
                    whole.as_ref().map_or_else(Knowledge::default, |whole| known.unchanged_in(whole));
                let caught = self.block(flow.branch.statements(), Some(failed));
                meet(whole, caught)
            }
            Stmt::Expr(expression) => self.expression(expression, known),
            Stmt::Return(value, ..) => {
                let known = match value {
                    Some(value) => self.expression(value, known)?,
                    None => known,
                };
                if let Some(frame) = self.frames.last_mut() {
                    frame.returns = meet(frame.returns.take(), Some(known));
                }
                None
            }
            // A loop is left or begun anew with what is known here: `repeated` keeps what no turn changes.
            Stmt::BreakLoop(Some(value), ..) => self.expression(value, known),
            _ => Some(known),
        }
    }

    /// A loop: what a turn changes is not known at the beginning of the next.
    fn repeated(
        &mut self,
        known: Knowledge,
        turn: impl Fn(&mut Self, Knowledge) -> Option<Knowledge>,
    ) -> Option<Knowledge> {
        let found = self.steps.len();
        let after = turn(self, known.clone())?;
        let steady = known.unchanged_in(&after);
        if steady == known {
            return Some(known);
        }
        self.steps.truncate(found);
        self.known.clear();
        turn(self, steady.clone());
        Some(steady)
    }

    fn switch(
        &mut self,
        subject: &Expr,
        cases: &rhai::SwitchCasesCollection,
        at: Position,
        known: Knowledge,
    ) -> Option<Knowledge> {
        let known = self.expression(subject, known)?;
        let way = self.way(subject);
        let literals = self.source.switch_literals(at);
        let (mut before, mut rest, mut after) = (at, Some(known.clone()), None);
        for (index, arm) in cases.expressions.iter().enumerate() {
            let here = arm.rhs.position();
            let own = literals.iter().filter(|literal| literal.position > before && literal.position < here);
            let own: BTreeSet<String> = own.map(|literal| literal.text.to_string()).collect();
            before = here;
            let is_rest = cases.def_case == Some(index);
            let fits = match &way {
                _ if is_rest => rest.take(),
                Some(way) if !own.is_empty() => known.clone().with(way, &KnownKeys::Only(own.clone())),
                _ => Some(known.clone()),
            };
            let is_sure = matches!(arm.lhs, Expr::BoolConstant(true, _));
            let fits = if is_sure || is_rest { fits } else { self.condition(&arm.lhs, fits) };
            if let (Some(way), true, false) = (&way, is_sure, own.is_empty()) {
                rest = rest.and_then(|rest| rest.with(way, &KnownKeys::Except(own)));
            }
            let end = fits.and_then(|fits| self.expression(&arm.rhs, fits));
            after = meet(after, end);
        }
        meet(after, rest)
    }

    fn condition(&mut self, condition: &Expr, known: Option<Knowledge>) -> Option<Knowledge> {
        let known = self.expression(condition, known?)?;
        self.refined(condition, true, known)
    }

    fn assignment(&mut self, to: &Expr, value: &Expr, known: Knowledge) -> Option<Knowledge> {
        let mut known = self.expression(value, known)?;
        if let Expr::Variable(name, ..) = to {
            let named = self.handed(value);
            self.define(&name.1, named);
            return Some(known);
        }
        let Some((on, property, at)) = set_property(to) else { return self.expression(to, known) };
        let root = on.and_then(|on| self.way(on));
        let target = text(value);
        if let Some((kind, how)) = super::way(&property, true) {
            self.step(kind, how, target.clone(), at, root.as_deref(), &known);
        }
        if let Some(root) = root {
            let set = target.map_or(KnownKeys::Any, |text| KnownKeys::only([text]));
            known.set(&format!("{root}.{property}"), set);
        }
        Some(known)
    }

    // ---- expressions -------------------------------------------------------------------------------------

    fn expression(&mut self, expression: &Expr, known: Knowledge) -> Option<Knowledge> {
        match expression {
            Expr::And(operands, _) | Expr::Or(operands, _) => {
                let is_and = matches!(expression, Expr::And(..));
                let (mut here, mut left) = (Some(known), None);
                for operand in operands.iter() {
                    let Some(known) = here else { break };
                    let known = self.expression(operand, known)?;
                    left = meet(left, Some(known.clone()));
                    here = self.refined(operand, is_and, known);
                }
                left
            }
            Expr::Coalesce(parts, _) => self.all(parts.iter(), known),
            Expr::InterpolatedString(parts, _) | Expr::Array(parts, _) => self.all(parts.iter(), known),
            Expr::Map(entries, _) => self.all(entries.0.iter().map(|(_, value)| value), known),
            Expr::Stmt(block) => self.block(block.statements(), Some(known)),
            Expr::FnCall(call, at) => self.call(call, *at, known),
            Expr::Dot(link, ..) | Expr::Index(link, ..) => {
                let known = self.expression(&link.lhs, known)?;
                let root = self.way(&link.lhs);
                let is_dot = matches!(expression, Expr::Dot(..));
                self.chain(&link.rhs, root.filter(|_| is_dot), known)
            }
            _ => Some(known),
        }
    }

    fn all<'e>(&mut self, parts: impl Iterator<Item = &'e Expr>, known: Knowledge) -> Option<Knowledge> {
        let mut known = known;
        for part in parts {
            known = self.expression(part, known)?;
        }
        Some(known)
    }

    /// What stands behind a dot; `root`: what stands before it, where that is known.
    fn chain(&mut self, behind: &Expr, root: Option<String>, known: Knowledge) -> Option<Knowledge> {
        match behind {
            Expr::Dot(link, ..) | Expr::Index(link, ..) => {
                let known = self.chain(&link.lhs, root.clone(), known)?;
                let next = match &link.lhs {
                    Expr::Property(names, _) => root.map(|root| format!("{root}.{}", names.2)),
                    _ => None,
                };
                let next = next.filter(|_| matches!(behind, Expr::Dot(..)));
                self.chain(&link.rhs, next, known)
            }
            Expr::MethodCall(call, at) => self.method(call, *at, root, known),
            Expr::Property(..) => Some(known),
            other => self.expression(other, known),
        }
    }

    fn method(
        &mut self,
        call: &FnCallExpr,
        at: Position,
        root: Option<String>,
        known: Knowledge,
    ) -> Option<Knowledge> {
        let mut known = self.all(call.args.iter(), known)?;
        if let Some((kind, how)) = way(&call.name, false) {
            let target = match kind {
                WayKind::Status => status_of(how, self.pack),
                _ => call.args.first().and_then(text),
            };
            self.step(kind, how, target.clone(), at, root.as_deref(), &known);
            if root.as_deref() == Some("ticket") && kind != WayKind::Task {
                let set = target.map_or(KnownKeys::Any, |target| KnownKeys::only([target]));
                known.set(if kind == WayKind::Queue { "ticket.queue" } else { "ticket.status" }, set);
            }
        } else if let Some(root) = root.filter(|root| root != "ticket") {
            // `order.cancel(…)`: what the order was is not what it is.
            known.forget(&root);
        }
        Some(known)
    }

    fn call(&mut self, call: &FnCallExpr, _at: Position, known: Knowledge) -> Option<Knowledge> {
        let mut known = self.all(call.args.iter(), known)?;
        if call.op_token.is_some() {
            return Some(known);
        }
        let named: Vec<Option<String>> = call.args.iter().map(|arg| self.handed(arg)).collect();
        if !call.namespace.is_empty() {
            // A function of a module may do anything to what it is given.
            named.iter().flatten().for_each(|root| known.forget(root));
            return Some(known);
        }
        let own = self.functions.iter();
        let found = own
            .enumerate()
            .find(|(_, own)| own.name == *call.name && own.params.len() == call.args.len())
            .map(|(index, _)| index);
        match found {
            Some(index) => self.run(index, named, known),
            None => Some(known),
        }
    }

    fn step(
        &mut self,
        kind: WayKind,
        how: &'static str,
        target: Option<String>,
        at: Position,
        root: Option<&str>,
        known: &Knowledge,
    ) {
        let is_own = root == Some("ticket");
        if !is_own && root.is_some_and(|root| !root.contains('.')) {
            // A method of the same name of a task or an order.
            return;
        }
        let of = |way: &str| if is_own { known.of(way) } else { KnownKeys::Any };
        let answered = |way: &str| if self.handler == TASK_DONE { of(way) } else { KnownKeys::Any };
        let (line, column) = place(at);
        let function = self.frames.last().map(|frame| self.functions[frame.function].name.clone());
        self.steps.push(GraphStep {
            kind,
            how,
            target,
            from: of(if kind == WayKind::Queue { "ticket.queue" } else { "ticket.status" }),
            department: answered("task.department"),
            outcome: answered("task.outcome"),
            handler: self.handler.clone(),
            function: function.unwrap_or_default(),
            module: None,
            line,
            column,
            is_other_ticket: !is_own,
        });
    }

    // ---- names and conditions ----------------------------------------------------------------------------

    fn define(&mut self, name: &str, is: Option<String>) {
        if let Some(frame) = self.frames.last_mut() {
            frame.names.push((name.to_owned(), is));
        }
    }

    /// The way of a value, such as `ticket.status`, from a value that the handler was given.
    fn way(&self, expression: &Expr) -> Option<String> {
        match expression {
            Expr::Variable(name, ..) if name.2.is_empty() => {
                let names = &self.frames.last()?.names;
                names.iter().rev().find(|(known, _)| *known == *name.1)?.1.clone()
            }
            Expr::Dot(link, ..) => {
                let mut way = self.way(&link.lhs)?;
                let mut behind = &link.rhs;
                loop {
                    match behind {
                        Expr::Property(names, _) => return Some(format!("{way}.{}", names.2)),
                        Expr::Dot(link, ..) => {
                            let Expr::Property(names, _) = &link.lhs else { return None };
                            way = format!("{way}.{}", names.2);
                            behind = &link.rhs;
                        }
                        _ => return None,
                    }
                }
            }
            _ => None,
        }
    }

    /// As [`Self::way`], for a value that is kept under another name: what the script itself sets would grow old there.
    fn handed(&self, expression: &Expr) -> Option<String> {
        self.way(expression).filter(|way| !way.starts_with("ticket."))
    }

    /// What is known when the condition is so.
    fn refined(&self, condition: &Expr, is_so: bool, known: Knowledge) -> Option<Knowledge> {
        match condition {
            Expr::BoolConstant(value, _) => (*value == is_so).then_some(known),
            Expr::And(operands, _) => self.joined(operands, true, is_so, known),
            Expr::Or(operands, _) => self.joined(operands, false, is_so, known),
            Expr::FnCall(call, _) => self.compared(call, is_so, known),
            Expr::Dot(..) => self.flagged(condition, is_so, known),
            _ => Some(known),
        }
    }

    /// Each operand must be `is_so`, or one of them, after those before it were not.
    fn joined(&self, operands: &[Expr], is_and: bool, is_so: bool, known: Knowledge) -> Option<Knowledge> {
        let mut here = Some(known);
        let mut found = None;
        for operand in operands {
            let known = here?;
            if is_and != is_so {
                found = meet(found, self.refined(operand, is_so, known.clone()));
            }
            here = self.refined(operand, is_and, known);
            if here.is_none() {
                break;
            }
        }
        if is_and == is_so { here } else { found }
    }

    fn compared(&self, call: &FnCallExpr, is_so: bool, known: Knowledge) -> Option<Knowledge> {
        let (on, keys) = match (&call.op_token, call.args.as_slice()) {
            (Some(Token::Bang), [of]) => return self.refined(of, !is_so, known),
            (Some(Token::EqualsTo | Token::NotEqualsTo), [one, other]) => match (text(one), text(other)) {
                (None, Some(key)) => (one, vec![key]),
                (Some(key), None) => (other, vec![key]),
                _ => return Some(known),
            },
            (_, [Expr::Array(items, _), item]) if call.name == "contains" => {
                let keys: Option<Vec<String>> = items.iter().map(text).collect();
                match keys {
                    Some(keys) => (item, keys),
                    None => return Some(known),
                }
            }
            _ => return Some(known),
        };
        let Some(way) = self.way(on) else { return Some(known) };
        let is_equal = is_so != matches!(call.op_token, Some(Token::NotEqualsTo));
        let keys = keys.into_iter().collect();
        known.with(&way, &if is_equal { KnownKeys::Only(keys) } else { KnownKeys::Except(keys) })
    }

    /// `ticket.is_closed` says of the status as much as its phase.
    fn flagged(&self, condition: &Expr, is_so: bool, known: Knowledge) -> Option<Knowledge> {
        if self.way(condition).as_deref() != Some("ticket.is_closed") {
            return Some(known);
        }
        let closed = self.pack.statuses.iter().filter(|status| status.phase == Phase::Closed);
        let closed = closed.map(|status| status.key.to_string()).collect();
        known.with("ticket.status", &if is_so { KnownKeys::Only(closed) } else { KnownKeys::Except(closed) })
    }
}

fn text(expression: &Expr) -> Option<String> {
    match expression {
        Expr::StringConstant(text, _) => Some(text.to_string()),
        _ => None,
    }
}

/// What a property is set on, its name and its place: `ticket`, `status` of `ticket.status = …`. What it is set on is
/// nothing where it stands behind more than one dot.
fn set_property(to: &Expr) -> Option<(Option<&Expr>, String, Position)> {
    let Expr::Dot(link, ..) = to else { return None };
    let mut behind = &link.rhs;
    let mut on = Some(&link.lhs);
    loop {
        match behind {
            Expr::Property(names, _) => return Some((on, names.2.to_string(), to.position())),
            Expr::Dot(inner, ..) => {
                behind = &inner.rhs;
                on = None;
            }
            _ => return None,
        }
    }
}
