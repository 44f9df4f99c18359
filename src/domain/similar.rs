//! How alike two requests are: the same asset, the same person, words in common. Ranks possible duplicates.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{AssetId, ContactId, SiteId};

/// Points of which fewer suggest nothing: the same contact alone is enough, a few common words are not.
pub const SCORE_MIN: i64 = 25;
/// Words in common, in percent, from which texts count as similar.
const TEXT_PERCENT_MIN: i64 = 40;
/// Shorter stems (prepositions, particles) say nothing of the matter.
const STEM_CHARS_MIN: usize = 3;

const POINTS_ASSET: i64 = 50;
const POINTS_CONTACT: i64 = 25;
const POINTS_SITE: i64 = 10;
/// For texts that have all words in common; fewer count in proportion.
const POINTS_TEXT: i64 = 50;

/// What is compared of a request.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Traits {
    pub asset: Option<AssetId>,
    /// Who asks; a ticket of any of them counts as the same person's.
    pub contacts: BTreeSet<ContactId>,
    pub site: Option<SiteId>,
    /// Stems of the subject.
    pub stems: BTreeSet<String>,
}

/// Why a ticket may be a duplicate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "why", rename_all = "snake_case")]
pub enum Likeness {
    SameAsset,
    /// The same contact, or one with the same phone or e-mail.
    SameContact,
    SameSite,
    SimilarText {
        /// Words in common, of those that both have.
        percent: i64,
    },
}

/// The points and the reasons; nothing when there are too few points.
#[must_use]
pub fn likeness(of: &Traits, other: &Traits) -> Option<(i64, Vec<Likeness>)> {
    let mut reasons = Vec::new();
    let mut score = 0;
    if of.asset.is_some() && of.asset == other.asset {
        reasons.push(Likeness::SameAsset);
        score += POINTS_ASSET;
    }
    if !of.contacts.is_disjoint(&other.contacts) {
        reasons.push(Likeness::SameContact);
        score += POINTS_CONTACT;
    }
    let percent = common_percent(&of.stems, &other.stems);
    if percent >= TEXT_PERCENT_MIN {
        reasons.push(Likeness::SimilarText { percent });
        score += POINTS_TEXT * percent / 100;
    }
    // A place alone says little: a hundred people may sit there.
    if !reasons.is_empty() && of.site.is_some() && of.site == other.site {
        reasons.push(Likeness::SameSite);
        score += POINTS_SITE;
    }
    (score >= SCORE_MIN).then_some((score, reasons))
}

/// Twice the common words of all words of both, in percent.
fn common_percent(one: &BTreeSet<String>, other: &BTreeSet<String>) -> i64 {
    let telling = |stems: &BTreeSet<String>| -> BTreeSet<String> {
        stems.iter().filter(|stem| stem.chars().count() >= STEM_CHARS_MIN).cloned().collect()
    };
    let (one, other) = (telling(one), telling(other));
    let common = one.intersection(&other).count();
    let all = one.len() + other.len();
    if common == 0 { 0 } else { i64::try_from(common * 200 / all).unwrap_or(0) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn traits(asset: i64, contact: i64, site: i64, words: &str) -> Traits {
        let some = |id: i64| (id != 0).then_some(id);
        Traits {
            asset: some(asset).map(AssetId),
            contacts: some(contact).map(ContactId).into_iter().collect(),
            site: some(site).map(SiteId),
            stems: words.split_whitespace().map(str::to_owned).collect(),
        }
    }

    #[test]
    fn requests_are_ranked_by_what_they_share() {
        let of = traits(1, 2, 3, "printer jam paper tray");
        let table = [
            ("nothing", traits(9, 9, 9, "mail server down"), None),
            ("the place alone", traits(9, 9, 3, "mail server down"), None),
            ("one word of four", traits(0, 0, 0, "printer ink red dry"), None),
            ("the contact", traits(9, 2, 9, "mail server"), Some(25)),
            ("the asset", traits(1, 9, 9, "mail server"), Some(50)),
            ("the asset and its place", traits(1, 9, 3, "mail server"), Some(60)),
            ("all words", traits(0, 0, 0, "paper jam printer tray"), Some(50)),
            ("half of the words of both", traits(0, 0, 3, "printer jam red dry"), Some(35)),
            ("everything", of.clone(), Some(135)),
        ];
        for (what, other, score) in table {
            assert_eq!(likeness(&of, &other).map(|(score, _)| score), score, "{what}");
        }
    }

    #[test]
    fn short_words_make_nothing_similar() {
        assert_eq!(likeness(&traits(0, 0, 0, "на и не у"), &traits(0, 0, 0, "на и не у")), None);
    }
}
