//! Whom the pack's settings name, where the script writes to `settings.x`: logins are known on a desk alone, but what is
//! neither a queue nor a role nor can be anybody's login is seen without one.

use rhai::Expr;

use super::walk::Walk;
use super::{Severity, Wrong, did_you_mean, quoted};
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
                let kind = given.type_str().to_owned();
                self.find(*position, &Wrong::RecipientKind { place, kind }, None);
                continue;
            };
            if members.contains(&given) {
                continue;
            }
            let near = did_you_mean(&given, members.iter().map(String::as_str));
            let is_possible = is_login(&given);
            let given = quoted(&given);
            if is_known || !is_possible {
                self.find(*position, &Wrong::NoRecipient { place, given }, near);
            } else if near.is_some() {
                self.report(Severity::Warning, *position, &Wrong::OnlyLogin { place, given }, near);
            }
        }
    }
}
