//! People as the writer knows them: read once, and forgotten whenever a record of the desk may have changed.

use std::cell::RefCell;
use std::collections::HashMap;
use std::hash::Hash;
use std::rc::Rc;

use crate::domain::PersonId;
use crate::domain::permission::Access;
use crate::domain::person::Person;
use crate::store::{self, StoreError, Tx};

/// People that are kept; beyond it all are read again when needed.
const PEOPLE_KEPT_MAX: usize = 10_000;

#[derive(Debug, Default)]
pub(super) struct People {
    persons: RefCell<HashMap<PersonId, Option<Rc<Person>>>>,
    access: RefCell<HashMap<PersonId, Option<Rc<Access>>>>,
}

impl People {
    pub fn person(&self, tx: &Tx, id: PersonId) -> Result<Option<Rc<Person>>, StoreError> {
        kept(&self.persons, id, || Ok(store::person::get(tx, id)?.map(Rc::new)))
    }

    /// What a person may do, as things stand.
    pub fn access(&self, tx: &Tx, id: PersonId) -> Result<Option<Rc<Access>>, StoreError> {
        kept(&self.access, id, || Ok(store::person::access(tx, id)?.map(Rc::new)))
    }

    /// Somebody, or what somebody's rights follow from, may have changed.
    pub fn forget(&self) {
        self.persons.borrow_mut().clear();
        self.access.borrow_mut().clear();
    }
}

fn kept<K: Hash + Eq, V: Clone>(
    shelf: &RefCell<HashMap<K, V>>,
    key: K,
    read: impl FnOnce() -> Result<V, StoreError>,
) -> Result<V, StoreError> {
    if let Some(value) = shelf.borrow().get(&key) {
        return Ok(value.clone());
    }
    let value = read()?;
    let mut shelf = shelf.borrow_mut();
    if shelf.len() >= PEOPLE_KEPT_MAX {
        shelf.clear();
    }
    shelf.insert(key, value.clone());
    Ok(value)
}
