//! Whom the pack's settings name, where the script writes to `settings.x`: logins are known on a desk alone, but what is
//! neither a queue nor a role nor can be anybody's login is seen without one.

use rhai::{Expr, Position};

use super::chain::PERSON;
use super::walk::Walk;
use super::{Severity, Wrong, did_you_mean, quoted};
use crate::domain::person::is_login;
use crate::workflow::api::{Keys, Kind};

impl Walk<'_> {
    /// `settings.x` where a key or a person is wanted: each value that it can have must be one.
    pub fn setting_fits(&mut self, kind: Kind, expression: &Expr) {
        let (what, members) = match kind {
            Kind::Key(keys) => (keys.what(), self.keys.members(keys)),
            Kind::Message(_) => (Keys::Template.what(), self.keys.members(Keys::Template)),
            Kind::Person | Kind::Assignment(_) => (PERSON, self.keys.people()),
            Kind::List(of) | Kind::Array(of) if !matches!(of, Kind::List(_) | Kind::Array(_)) => {
                return self.setting_fits(*of, expression);
            }
            _ => return,
        };
        let Some(members) = members else { return };
        let members: Vec<String> = members.into_iter().map(str::to_owned).collect();
        let Some((name, position)) = self.setting_named(expression) else { return };
        for (place, value) in self.keys.values_of_setting(&name) {
            for given in texts_of(&value).into_iter().filter(|given| !members.contains(given)) {
                let near = did_you_mean(&given, members.iter().map(String::as_str));
                let (place, what, given) = (place.clone(), what.to_owned(), quoted(&given));
                self.find(position, &Wrong::SettingNames { place, what, given }, near);
            }
        }
    }

    /// The name in `settings.name`.
    fn setting_named(&mut self, expression: &Expr) -> Option<(String, Position)> {
        let Expr::Dot(link, ..) = expression else { return None };
        let Expr::Property(names, position) = &link.rhs else { return None };
        let is_settings = self.expression(&link.lhs).kind == Kind::Handle("Settings");
        is_settings.then(|| (names.2.to_string(), *position))
    }

    /// `settings.x` as a recipient: each value that it can have must be one.
    pub fn setting_names_recipient(&mut self, expression: &Expr) {
        let Some((name, position)) = self.setting_named(expression) else { return };
        let is_known = self.keys.recipients().is_some();
        let members: Vec<String> = self.keys.recipients_by_name().into_iter().map(str::to_owned).collect();
        for (place, given) in self.keys.values_of_setting(&name) {
            let toml::Value::String(given) = given else {
                let kind = given.type_str().to_owned();
                self.find(position, &Wrong::RecipientKind { place, kind }, None);
                continue;
            };
            if members.contains(&given) {
                self.somebody_hears(&given, position);
                continue;
            }
            let near = did_you_mean(&given, members.iter().map(String::as_str));
            let is_possible = is_login(&given);
            let given = quoted(&given);
            if is_known || !is_possible {
                self.find(position, &Wrong::NoRecipient { place, given }, near);
            } else if near.is_some() {
                self.report(Severity::Warning, position, &Wrong::OnlyLogin { place, given }, near);
            }
        }
    }
}

/// A text, or those of a list.
fn texts_of(value: &toml::Value) -> Vec<String> {
    match value {
        toml::Value::String(text) => vec![text.clone()],
        toml::Value::Array(items) => items.iter().flat_map(texts_of).collect(),
        _ => Vec::new(),
    }
}
