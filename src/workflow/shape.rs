//! The shape of a source: where statements begin, which ways each branch has, what is called on which way.

use std::collections::{BTreeMap, BTreeSet};

use rhai::{AST, ASTNode, Engine, Expr, FnCallExpr, Position, Stmt, StmtBlock};

use super::engine::parse;
use super::source::{Condition, Source};

/// One source: the script or a shared module.
#[derive(Debug)]
pub struct Shape {
    pub source: Source,
    /// Where each statement begins.
    pub statements: BTreeSet<Position>,
    /// Where a debugger sees statements that are expressions, and where each begins.
    expressions: BTreeMap<Position, Position>,
    /// In the order of the source.
    pub branches: Vec<Branch>,
    pub calls: Vec<CallSite>,
    /// `return` and `throw`, each with the ways that lead to it.
    pub exits: Vec<Exit>,
    /// Modules that it imports.
    pub imports: BTreeSet<String>,
    pub functions: Vec<Function>,
    /// First statements of `catch` blocks.
    pub catches: BTreeSet<Position>,
}

/// An `if` or a `switch`.
#[derive(Debug)]
pub struct Branch {
    pub at: Position,
    pub ways: Vec<Way>,
    /// Statements that stand within its condition.
    asking: BTreeSet<Position>,
}

/// One way that a branch can go.
#[derive(Debug)]
pub struct Way {
    pub kind: WayKind,
    /// Its first statement; nothing: the way is empty.
    pub begins: Option<Position>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WayKind {
    True,
    False,
    /// An arm of a `switch`, as its pattern is written.
    Arm(String),
    /// No arm of the `switch` fits and it has no `_`.
    NoArm,
}

/// The branch and which of its ways.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gate {
    pub branch: usize,
    pub way: usize,
}

/// A call, or a setter of a property.
#[derive(Debug)]
pub struct CallSite {
    pub at: Position,
    /// The statement that it is part of.
    pub statement: Position,
    pub name: String,
    pub is_method: bool,
    /// The first argument or the value that is set, where it is a text.
    pub target: Option<String>,
    /// The function that it stands in.
    pub function: Option<usize>,
    /// What must be so, outermost first.
    pub gates: Vec<Gate>,
}

#[derive(Debug)]
pub struct Exit {
    pub at: Position,
    pub function: Option<usize>,
    pub gates: Vec<Gate>,
}

#[derive(Debug)]
pub struct Function {
    pub name: String,
    from: Position,
    to: Position,
}

impl Branch {
    /// Whether the statement is part of its condition.
    #[must_use]
    pub fn asks_with(&self, statement: Position) -> bool {
        self.asking.contains(&statement)
    }

    /// The way that was taken when `next` came next, or nothing did. Nothing where it cannot be told: several ways
    /// are empty.
    #[must_use]
    pub fn way_to(&self, next: Option<Position>) -> Option<usize> {
        let begun = next.and_then(|next| self.ways.iter().position(|way| way.begins == Some(next)));
        begun.or_else(|| self.empty_way())
    }

    /// The one way without statements.
    #[must_use]
    pub fn empty_way(&self) -> Option<usize> {
        let mut empty = self.ways.iter().enumerate().filter(|(_, way)| way.begins.is_none());
        let (index, _) = empty.next()?;
        empty.next().is_none().then_some(index)
    }

    /// Whether it can be seen that the way was taken.
    #[must_use]
    pub fn is_seen(&self, way: usize) -> bool {
        self.ways[way].begins.is_some() || self.empty_way() == Some(way)
    }
}

impl Shape {
    /// Nothing when the text is no script.
    #[must_use]
    pub fn of(engine: &Engine, text: &str) -> Option<Shape> {
        let ast = parse(engine, text).ok()?;
        let mut shape = Shape {
            source: Source::new(engine, text),
            statements: BTreeSet::new(),
            expressions: BTreeMap::new(),
            branches: Vec::new(),
            calls: Vec::new(),
            exits: Vec::new(),
            imports: BTreeSet::new(),
            functions: functions(&ast),
            catches: BTreeSet::new(),
        };
        // First the branches, by their places, so that ways can be named while the calls are collected.
        ast.walk(&mut |path: &[ASTNode<'_>]| {
            shape.see_statement(path);
            true
        });
        shape.branches.sort_by_key(|branch| branch.at);
        shape.branches.dedup_by_key(|branch| branch.at);
        let places: BTreeMap<Position, usize> =
            shape.branches.iter().enumerate().map(|(index, branch)| (branch.at, index)).collect();
        ast.walk(&mut |path: &[ASTNode<'_>]| {
            shape.see_condition(path, &places);
            shape.see_call(path, &places);
            true
        });
        // The arms of a `switch` are walked once for each of their patterns.
        shape.calls.sort_by_key(|call| call.at);
        shape.calls.dedup_by(|one, other| one.at == other.at && one.name == other.name);
        shape.exits.sort_by_key(|exit| exit.at);
        shape.exits.dedup_by_key(|exit| exit.at);
        Some(shape)
    }

    /// Where the statement begins that a debugger sees with this node, if it is one.
    #[must_use]
    pub fn begun_by(&self, node: &ASTNode<'_>, at: Position) -> Option<Position> {
        match node {
            ASTNode::Stmt(_) => self.statements.get(&at).copied(),
            ASTNode::Expr(_) => self.expressions.get(&at).copied(),
            _ => None,
        }
    }

    /// The condition of the branch, as it is written.
    #[must_use]
    pub fn condition(&self, branch: usize) -> Option<Condition> {
        self.source.condition(self.branches[branch].at)
    }

    #[must_use]
    pub fn function_called(&self, name: &str) -> Option<usize> {
        self.functions.iter().position(|function| function.name == name)
    }

    fn see_statement(&mut self, path: &[ASTNode<'_>]) {
        let Some(ASTNode::Stmt(statement)) = path.last() else { return };
        let at = statement.position();
        if at.is_none() || !is_whole(statement) {
            return;
        }
        self.statements.insert(at);
        match statement {
            Stmt::Expr(expression) => {
                self.expressions.insert(expression.position(), at);
            }
            Stmt::If(flow, _) => {
                let ways = [(WayKind::True, &flow.body), (WayKind::False, &flow.branch)];
                let ways = ways.map(|(kind, block)| Way { kind, begins: first(block) });
                self.branches.push(Branch { at, ways: ways.into(), asking: BTreeSet::new() });
            }
            Stmt::Switch(parts, _) => {
                let ways = self.arms(at, &parts.1);
                self.branches.push(Branch { at, ways, asking: BTreeSet::new() });
            }
            Stmt::TryCatch(flow, _) => self.catches.extend(first(&flow.branch)),
            Stmt::Import(parts, _) => {
                if let Expr::StringConstant(path, _) = &parts.0 {
                    self.imports.insert(path.to_string());
                }
            }
            _ => {}
        }
    }

    fn arms(&self, at: Position, cases: &rhai::SwitchCasesCollection) -> Vec<Way> {
        let literals = self.source.switch_literals(at);
        let mut before = at;
        let mut ways = Vec::new();
        for (index, arm) in cases.expressions.iter().enumerate() {
            let here = arm.rhs.position();
            let own = literals.iter().filter(|literal| literal.position > before && literal.position < here);
            let own: Vec<String> = own.map(|literal| format!("{:?}", literal.text)).collect();
            let pattern = match (cases.def_case == Some(index), own.is_empty()) {
                (true, _) => "_".to_owned(),
                (false, true) => format!("arm {}", index + 1),
                (false, false) => own.join(" | "),
            };
            let begins = match &arm.rhs {
                Expr::Stmt(block) => first(block),
                other => Some(other.start_position()),
            };
            ways.push(Way { kind: WayKind::Arm(pattern), begins });
            before = here;
        }
        if cases.def_case.is_none() {
            ways.push(Way { kind: WayKind::NoArm, begins: None });
        }
        ways
    }

    /// A statement within a condition belongs to its branch until the condition is known.
    fn see_condition(&mut self, path: &[ASTNode<'_>], places: &BTreeMap<Position, usize>) {
        let Some(ASTNode::Stmt(statement)) = path.last() else { return };
        for pair in path.windows(2) {
            let [ASTNode::Stmt(outer), ASTNode::Expr(inner)] = pair else { continue };
            let asked = match outer {
                Stmt::If(flow, _) => &flow.expr,
                Stmt::Switch(parts, _) => &parts.0,
                _ => continue,
            };
            if std::ptr::eq(asked, *inner)
                && let Some(branch) = places.get(&outer.position())
            {
                self.branches[*branch].asking.insert(statement.position());
            }
        }
    }

    fn see_call(&mut self, path: &[ASTNode<'_>], places: &BTreeMap<Position, usize>) {
        let statement = path.iter().rev().find_map(|node| match node {
            ASTNode::Stmt(statement) if is_whole(statement) => Some(statement.position()),
            _ => None,
        });
        let statement = statement.unwrap_or(Position::NONE);
        let (at, name, is_method, target) = match path.last() {
            Some(ASTNode::Stmt(Stmt::Return(_, _, at))) => {
                let (gates, function) = (self.gates(path, places), self.function_at(*at));
                self.exits.push(Exit { at: *at, function, gates });
                return;
            }
            Some(ASTNode::Stmt(Stmt::FnCall(call, at)) | ASTNode::Expr(Expr::FnCall(call, at))) => {
                (*at, call.name.to_string(), false, target_of(call))
            }
            Some(ASTNode::Expr(Expr::MethodCall(call, at))) => {
                (*at, call.name.to_string(), true, target_of(call))
            }
            Some(ASTNode::Stmt(Stmt::Assignment(parts))) => {
                let Some(name) = property(&parts.1.lhs) else { return };
                (parts.1.lhs.position(), name, true, text(&parts.1.rhs))
            }
            _ => return,
        };
        let (gates, function) = (self.gates(path, places), self.function_at(at));
        self.calls.push(CallSite { at, statement, name, is_method, target, function, gates });
    }

    /// The ways on which the last node of the path lies.
    fn gates(&self, path: &[ASTNode<'_>], places: &BTreeMap<Position, usize>) -> Vec<Gate> {
        let mut gates = Vec::new();
        for pair in path.windows(2) {
            let ASTNode::Stmt(outer) = &pair[0] else { continue };
            let way = match (outer, &pair[1]) {
                (Stmt::If(flow, _), ASTNode::Stmt(inner)) => {
                    Some(usize::from(!flow.body.statements().iter().any(|one| std::ptr::eq(one, *inner))))
                }
                (Stmt::Switch(parts, _), ASTNode::Expr(inner)) => {
                    parts.1.expressions.iter().position(|arm| std::ptr::eq(&raw const arm.rhs, *inner))
                }
                _ => None,
            };
            if let (Some(way), Some(branch)) = (way, places.get(&outer.position())) {
                gates.push(Gate { branch: *branch, way });
            }
        }
        gates
    }

    fn function_at(&self, at: Position) -> Option<usize> {
        self.functions.iter().position(|found| found.from <= at && at <= found.to)
    }
}

/// Every text that a script writes.
#[must_use]
pub fn literals_of(text: &str) -> Vec<String> {
    let source = Source::new(&Engine::new_raw(), text);
    source.literals().filter(|literal| !literal.is_empty()).map(str::to_owned).collect()
}

fn functions(ast: &AST) -> Vec<Function> {
    let function = |def: &rhai::ScriptFuncDef| Function {
        name: def.name.to_string(),
        from: def.body.start_position(),
        to: def.body.end_position(),
    };
    // What stands in an anonymous function belongs to the one around it.
    ast.iter_fn_def().filter(|def| !def.name.starts_with("anon$")).map(|def| function(def)).collect()
}

/// The first statement that is seen when the block is entered.
fn first(block: &StmtBlock) -> Option<Position> {
    block.statements().iter().find_map(|statement| match statement {
        Stmt::Noop(..) => None,
        Stmt::Block(inner) => first(inner),
        Stmt::Expr(expression) => match &**expression {
            Expr::Stmt(inner) => first(inner),
            _ => Some(statement.position()),
        },
        other => Some(other.position()),
    })
}

/// Whether it is a statement of its own: a block is those in it.
fn is_whole(statement: &Stmt) -> bool {
    match statement {
        Stmt::Noop(..) | Stmt::Block(..) => false,
        Stmt::Expr(expression) => !matches!(&**expression, Expr::Stmt(..)),
        _ => true,
    }
}

fn target_of(call: &FnCallExpr) -> Option<String> {
    call.args.first().and_then(text)
}

fn text(expression: &Expr) -> Option<String> {
    match expression {
        Expr::StringConstant(text, _) => Some(text.to_string()),
        _ => None,
    }
}

/// The property that an assignment sets: `status` of `ticket.status = …`.
fn property(set: &Expr) -> Option<String> {
    match set {
        Expr::Dot(parts, ..) => property(&parts.rhs),
        Expr::Property(named, _) => Some(named.2.to_string()),
        _ => None,
    }
}
