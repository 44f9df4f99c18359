//! Conditions of a list, composed from fixed pieces with numbered places, so that every list stays portable SQL.

use rusqlite::types::Value;

use crate::domain::permission::{Reach, Scope};
use crate::domain::person::Membership;
use crate::domain::{PartnerId, PersonId};

/// What a row must satisfy; the values stand beside the text, never in it.
#[derive(Debug, Clone, Default)]
pub struct Conditions {
    texts: Vec<String>,
    values: Vec<Value>,
}

/// A way in which single tickets reach somebody who does not see their whole client.
#[derive(Debug, Clone, Copy)]
pub enum Passed<'a> {
    Orders { person: PersonId, reach: &'a Reach },
    Partner { partner: PartnerId, reach: &'a Reach },
    Department(&'a Membership),
}

impl<'a> Passed<'a> {
    /// All ways that are open to the reader.
    pub fn all(scope: &'a Scope) -> Vec<Passed<'a>> {
        let mut ways = Vec::new();
        if let Some(person) = scope.person()
            && !scope.own_orders().is_empty()
        {
            ways.push(Passed::Orders { person, reach: scope.own_orders() });
        }
        if let Some(partner) = scope.partner() {
            ways.push(Passed::Partner { partner, reach: scope.passed() });
        }
        ways.extend(scope.memberships().iter().map(Passed::Department));
        ways
    }
}

impl Conditions {
    /// A condition without a value.
    pub fn fixed(&mut self, text: &str) {
        self.texts.push(text.to_owned());
    }

    /// A condition in which `?` stands for `value`.
    pub fn one(&mut self, text: &str, value: impl Into<Value>) {
        let place = self.place(value);
        self.texts.push(text.replace('?', &place));
    }

    /// A condition in which each `?` stands for the next of `values`.
    pub fn several(&mut self, text: &str, values: Vec<Value>) {
        let text = self.fill(text, values);
        self.texts.push(text);
    }

    /// `column in (…)`; without values there is no condition.
    pub fn among(&mut self, column: &str, values: Vec<Value>) {
        if !values.is_empty() {
            let text = self.list(column, values);
            self.texts.push(text);
        }
    }

    /// One of `texts` must hold; each was composed by this same object.
    pub fn any(&mut self, texts: &[String]) {
        if texts.is_empty() {
            self.fixed("1 = 0");
        } else {
            self.texts.push(format!("({})", texts.join(" or ")));
        }
    }

    /// `column in (…)` as a text for `any`.
    pub fn list(&mut self, column: &str, values: Vec<Value>) -> String {
        let places: Vec<String> = values.into_iter().map(|value| self.place(value)).collect();
        format!("{column} in ({})", places.join(", "))
    }

    /// The text with its places numbered, for `any`.
    pub fn fill(&mut self, text: &str, values: Vec<Value>) -> String {
        let mut filled = String::with_capacity(text.len() + 16);
        let mut values = values.into_iter();
        for piece in text.split_inclusive('?') {
            match piece.strip_suffix('?') {
                Some(before) => {
                    let value = values.next().expect("each place has its value");
                    filled.push_str(before);
                    filled.push_str(&self.place(value));
                }
                None => filled.push_str(piece),
            }
        }
        filled
    }

    /// The next place that a value may take, such as `?3`.
    pub fn place(&mut self, value: impl Into<Value>) -> String {
        self.values.push(value.into());
        format!("?{}", self.values.len())
    }

    /// `where …`, or nothing.
    #[must_use]
    pub fn sql(&self) -> String {
        if self.texts.is_empty() { String::new() } else { format!(" where {}", self.texts.join(" and ")) }
    }

    #[must_use]
    pub fn values(&self) -> &[Value] {
        &self.values
    }

    /// Rows of tickets that the reader may see; `ticket` and `client` name the columns.
    pub fn visible(&mut self, scope: &Scope, ticket: &str, client: &str) {
        if *scope.clients() == Reach::All {
            return;
        }
        let mut ways = Vec::new();
        if let Reach::Only(clients) = scope.clients()
            && !clients.is_empty()
        {
            ways.push(self.list(client, clients.iter().map(|id| id.0.into()).collect()));
        }
        for passed in Passed::all(scope) {
            ways.push(self.passed(&passed, ticket));
        }
        self.any(&ways);
    }

    /// Rows of tickets that were passed to the reader in one way.
    pub fn passed(&mut self, passed: &Passed<'_>, ticket: &str) -> String {
        match passed {
            Passed::Orders { person, reach } => {
                let of_clients = self.of_clients(reach);
                let place = self.place(person.0);
                format!(
                    "{ticket} in (select o.ticket from work_order o where o.engineer = {place}{of_clients})"
                )
            }
            Passed::Partner { partner, reach } => {
                let of_clients = self.of_clients(reach);
                let place = self.place(partner.0);
                format!("{ticket} in (select o.ticket from task o where o.partner = {place}{of_clients})")
            }
            Passed::Department(own) => {
                let department = self.place(own.queue.to_string());
                let of_client = own.client.map(|client| format!(" and o.client = {}", self.place(client.0)));
                let of_client = of_client.unwrap_or_default();
                format!(
                    "{ticket} in (select o.ticket from task o where o.department = {department}{of_client})"
                )
            }
        }
    }

    /// Adds a text that this same object composed.
    pub fn composed(&mut self, text: String) {
        self.texts.push(text);
    }

    fn of_clients(&mut self, reach: &Reach) -> String {
        match reach {
            Reach::All => String::new(),
            Reach::Only(clients) => {
                format!(" and {}", self.list("o.client", clients.iter().map(|id| id.0.into()).collect()))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_numbered_across_pieces() {
        let mut conditions = Conditions::default();
        conditions.one("client = ?", 7);
        conditions.among("status", vec![Value::from("a".to_owned()), Value::from("b".to_owned())]);
        conditions.among("queue", Vec::new());
        conditions.several("(updated_at, id) < (?, ?)", vec![1.into(), 2.into()]);
        assert_eq!(
            conditions.sql(),
            " where client = ?1 and status in (?2, ?3) and (updated_at, id) < (?4, ?5)"
        );
        assert_eq!(conditions.values().len(), 5);
    }

    #[test]
    fn nobody_sees_nothing() {
        let mut conditions = Conditions::default();
        conditions.any(&[]);
        assert_eq!(conditions.sql(), " where 1 = 0");
    }
}
