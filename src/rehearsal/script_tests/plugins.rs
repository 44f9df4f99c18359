//! The plugins that a script names: a second desk has them installed, so that their calls go out.

use std::collections::BTreeSet;

use rhai::{AST, ASTNode, Engine, Expr};

use crate::domain::Key;
use crate::workflow::limits::{EXPRESSION_DEPTH_MAX, FUNCTION_EXPRESSION_DEPTH_MAX};

/// The method of a ticket that calls a plugin; its first argument names it.
const CALL: &str = "call_plugin";

/// Every plugin whose key stands in a `call_plugin("…")` of the sources; a source that cannot be read names none,
/// for the check says what is wrong with it.
pub fn named_in<'a>(sources: impl IntoIterator<Item = &'a str>) -> BTreeSet<Key> {
    // An engine of its own: that of the tests knows other variables and would refuse a pack's `settings`.
    let mut engine = Engine::new_raw();
    engine.set_max_expr_depths(EXPRESSION_DEPTH_MAX, FUNCTION_EXPRESSION_DEPTH_MAX);
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plugins_are_found_wherever_they_are_called() {
        let script = r#"
            fn on_opened(ticket) {
                for part in ticket.parts {
                    if settings.connected { ticket.call_plugin("stock", "ask", #{ part: part }).then("known"); }
                }
            }
            fn on_changed(ticket) { let answer = ticket.call_plugin("crm", "push", #{}); }
        "#;
        let found: Vec<_> =
            named_in([script, "fn broken("]).iter().map(|key| key.as_str().to_owned()).collect();
        assert_eq!(found, ["crm", "stock"]);
    }
}
