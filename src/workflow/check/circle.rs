//! Ladders that begin themselves anew without any time between.

use std::collections::{BTreeMap, BTreeSet};

use rhai::{ASTNode, Expr, FnCallExpr, Position, Stmt};

use super::Wrong;
use super::walk::Own;

/// Functions that make a span of so many.
const SPANS: [&str; 3] = ["minutes", "hours", "days"];

/// Which function leads to which, and where that is said.
#[derive(Default)]
struct Ways {
    /// Called at once.
    calls: BTreeMap<String, BTreeSet<String>>,
    /// Begun as a rung that is due at once.
    rungs: Vec<(String, String, Position)>,
}

/// Each rung that is due at once and leads to the function that begins it, with the place where it is named.
pub fn circles(functions: &[Own]) -> Vec<(Position, Wrong)> {
    let mut ways = Ways::default();
    for function in functions {
        let mut path = Vec::new();
        for statement in &function.body {
            statement.walk(&mut path, &mut |nodes: &[ASTNode<'_>]| {
                if let Some(node) = nodes.last() {
                    ways.note(&function.name, node);
                }
                true
            });
        }
    }
    let is_circle = |(from, to, _): &&(String, String, Position)| ways.leads(to, from);
    let wrong = |(from, to, position): &(String, String, Position)| {
        (*position, Wrong::LadderCircle { from: from.clone(), to: to.clone() })
    };
    ways.rungs.iter().filter(is_circle).map(wrong).collect()
}

impl Ways {
    fn note(&mut self, from: &str, node: &ASTNode<'_>) {
        match node {
            ASTNode::Expr(Expr::FnCall(call, _)) | ASTNode::Stmt(Stmt::FnCall(call, _)) => {
                self.calls.entry(from.to_owned()).or_default().insert(call.name.to_string());
            }
            ASTNode::Expr(chain @ Expr::Dot(..)) => {
                let mut links = Vec::new();
                methods(chain, &mut links);
                self.note_chain(from, &links);
            }
            _ => {}
        }
    }

    fn note_chain(&mut self, from: &str, links: &[&FnCallExpr]) {
        let mut is_expected_at_once = false;
        for link in links {
            match (link.name.as_str(), link.args.as_slice()) {
                ("expect", [_, within]) => is_expected_at_once = is_zero(within),
                ("otherwise", [Expr::StringConstant(to, position)]) if is_expected_at_once => {
                    self.rungs.push((from.to_owned(), to.to_string(), *position));
                }
                ("rung", [Expr::StringConstant(to, position), at]) if is_zero(at) => {
                    self.rungs.push((from.to_owned(), to.to_string(), *position));
                }
                _ => {}
            }
        }
    }

    /// Whether `from` comes to `to` with no time between.
    fn leads(&self, from: &str, to: &str) -> bool {
        let (mut seen, mut waiting) = (BTreeSet::new(), vec![from]);
        while let Some(at) = waiting.pop() {
            if at == to {
                return true;
            }
            if seen.insert(at) {
                waiting.extend(self.calls.get(at).into_iter().flatten().map(String::as_str));
                let begun = self.rungs.iter().filter(|(begins, ..)| begins == at);
                waiting.extend(begun.map(|(_, begun, _)| begun.as_str()));
            }
        }
        false
    }
}

/// The method calls of a chain, in their order; those in arguments are chains of their own.
fn methods<'e>(chain: &'e Expr, links: &mut Vec<&'e FnCallExpr>) {
    match chain {
        Expr::Dot(link, ..) | Expr::Index(link, ..) => {
            methods(&link.lhs, links);
            methods(&link.rhs, links);
        }
        Expr::MethodCall(call, _) => links.push(call),
        _ => {}
    }
}

fn is_zero(expression: &Expr) -> bool {
    matches!(expression, Expr::FnCall(call, _)
        if SPANS.contains(&call.name.as_str()) && matches!(call.args.as_slice(), [Expr::IntegerConstant(0, _)]))
}
