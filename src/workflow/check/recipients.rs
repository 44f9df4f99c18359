//! Whom the pack's settings name, where the script writes to `settings.x`: logins are known on a desk alone, but what is
//! neither a queue nor a role nor can be anybody's login is seen without one.

use rhai::Expr;

use super::walk::Walk;
use super::{Severity, did_you_mean, quoted};
use crate::domain::person::is_login;
use crate::workflow::api::Kind;

impl Walk<'_> {
    /// `settings.x` as a recipient: each value that it can have must be one.
    pub fn setting_names_recipient(&mut self, expression: &Expr) {
        let Expr::Dot(link, ..) = expression else { return };
        let Expr::Property(names, position) = &link.rhs else { return };
        if self.expression(&link.lhs).kind != Kind::Handle("Settings") {
            return;
        }
        let name: &str = &names.2;
        let is_known = self.keys.recipients().is_some();
        let members: Vec<String> = self.keys.recipients_by_name().into_iter().map(str::to_owned).collect();
        for (place, given) in self.keys.values_of_setting(name) {
            let toml::Value::String(given) = given else {
                let message = format!(
                    "{place} is a {} in client.toml: a message is for a queue, a role, `assignee` or a login",
                    given.type_str()
                );
                self.find(*position, message, None);
                continue;
            };
            if members.contains(&given) {
                continue;
            }
            let near = did_you_mean(&given, members.iter().map(String::as_str));
            let shown = quoted(&given);
            if is_known || !is_login(&given) {
                let message = format!(
                    "{place} is `{shown}` in client.toml, which is neither a queue, a role, `assignee` nor a login"
                );
                self.find(*position, message, near);
            } else if near.is_some() {
                let message = format!("{place} is `{shown}` in client.toml, which only a login can be");
                self.report(Severity::Warning, *position, message, near);
            }
        }
    }
}
