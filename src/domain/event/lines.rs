//! What events say of lines: what a next line was told, why an assignment came back.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::ticket::FieldValue;
use crate::domain::{Key, TextId};

/// What a next line was told at the hand-over.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct Collected {
    /// The fields of the forms, as they were then.
    pub fields: BTreeMap<Key, FieldValue>,
    /// What a script passed without.
    pub missing: BTreeSet<Key>,
}

impl Collected {
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.fields.is_empty() && self.missing.is_empty()
    }

    pub(super) fn texts(&self) -> impl Iterator<Item = TextId> {
        self.fields.values().filter_map(FieldValue::text)
    }
}

/// Why an assignment came back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReturnReason {
    NotAccepted,
    /// Nor will it be: the person is not at work any more.
    OffShift,
}
