//! The plugins that a script names: a second desk has them installed, so that their calls go out.

use std::collections::BTreeSet;

use rhai::{AST, ASTNode, Engine, Expr};

use crate::domain::Key;

/// The method of a ticket that calls a plugin; its first argument names it.
const CALL: &str = "call_plugin";

/// Every plugin whose key stands in a `call_plugin("…")` of the sources; a source that cannot be read names none,
/// for the check says what is wrong with it.
pub fn named_in<'a>(engine: &Engine, sources: impl IntoIterator<Item = &'a str>) -> BTreeSet<Key> {
    let mut found = BTreeSet::new();
    for source in sources {
        if let Ok(ast) = engine.compile(source) {
            walk(&ast, &mut found);
        }
    }
    found
}

fn walk(ast: &AST, found: &mut BTreeSet<Key>) {
    ast.walk(&mut |path: &[ASTNode<'_>]| {
        if let Some(ASTNode::Expr(Expr::MethodCall(call, ..) | Expr::FnCall(call, ..))) = path.last()
            && call.name == CALL
            && let Some(Expr::StringConstant(name, ..)) = call.args.first()
            && let Ok(key) = Key::new(name)
        {
            found.insert(key);
        }
        true
    });
}
