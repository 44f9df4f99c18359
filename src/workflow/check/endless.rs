//! Loops that nothing can end: `loop` and `while true` without a way out.

use rhai::{AST, ASTFlags, ASTNode, Expr, Position, Stmt};

use super::Wrong;
use super::walk::Own;

/// Where each such loop begins, with what is wrong.
pub fn loops(ast: &AST, functions: &[Own]) -> Vec<(Position, Wrong)> {
    let mut seen = Seen::default();
    for statement in ast.statements().iter().chain(functions.iter().flat_map(|function| &function.body)) {
        statement.walk(&mut Vec::new(), &mut |path: &[ASTNode<'_>]| {
            seen.note(path);
            true
        });
    }
    seen.endless.retain(|place| !seen.ended.contains(place));
    seen.endless.into_iter().map(|place| (place, Wrong::EndlessLoop)).collect()
}

#[derive(Default)]
struct Seen {
    endless: Vec<Position>,
    /// Loops of any kind that something leaves.
    ended: Vec<Position>,
}

impl Seen {
    fn note(&mut self, path: &[ASTNode<'_>]) {
        let Some((ASTNode::Stmt(statement), around)) = path.split_last() else { return };
        match statement {
            Stmt::While(flow, place) if matches!(flow.expr, Expr::Unit(_) | Expr::BoolConstant(true, _)) => {
                self.endless.push(*place);
            }
            Stmt::BreakLoop(_, flags, _) if flags.contains(ASTFlags::BREAK) => {
                self.ended.extend(loops_around(around).last());
            }
            Stmt::Return(..) => self.ended.extend(loops_around(around)),
            _ => {}
        }
    }
}

fn loops_around(path: &[ASTNode<'_>]) -> impl Iterator<Item = Position> {
    path.iter().filter_map(|node| match node {
        ASTNode::Stmt(Stmt::While(_, place) | Stmt::Do(_, _, place) | Stmt::For(_, place)) => Some(*place),
        _ => None,
    })
}
