//! Swaps of shifts that two people agree on.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::SeenShift;
use crate::domain::roster::SwapAnswer;
use crate::domain::{PersonId, SwapOfferId};

/// Offers one's own shift, which has not begun, to a colleague. It is refused at once where the colleague could not
/// take it. An offer lapses when one of its shifts changes or begins.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OfferSwap {
    pub shift: SeenShift,
    pub to: PersonId,
    /// A shift of the colleague's that is wanted for it; without one, the shift is given away.
    #[serde(default)]
    pub in_return: Option<SeenShift>,
    /// What the colleague should know; at most 500 bytes.
    #[serde(default)]
    pub note: Option<String>,
}

/// Says something to an offer. Where every client whose work the shifts count for lets people agree by themselves,
/// `accept` changes the roster; else `approve` does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AnswerSwap {
    pub offer: SwapOfferId,
    /// The version of the offer that was seen.
    pub version: i64,
    pub answer: SwapAnswer,
}
