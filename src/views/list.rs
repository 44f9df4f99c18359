//! A page of a list and the cursor that leads to the next one.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::domain::Refusal;

/// Rows of a page when nobody says how many.
pub const PAGE_ROWS: usize = 50;
/// Most rows of a page.
pub const PAGE_ROWS_MAX: usize = 200;
/// Longest cursor, in bytes.
const CURSOR_BYTES_MAX: usize = 4_096;

/// One page of a list.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct List<T> {
    pub items: Vec<T>,
    /// Goes into `cursor` to get the next page; `null` at the end.
    pub next: Option<String>,
}

/// How many rows somebody wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit(usize);

impl Limit {
    pub fn new(wanted: Option<usize>) -> Result<Limit, Refusal> {
        match wanted {
            None => Ok(Limit(PAGE_ROWS)),
            Some(count) if (1..=PAGE_ROWS_MAX).contains(&count) => Ok(Limit(count)),
            Some(_) => Err(Refusal::invalid("limit", format!("take 1 to {PAGE_ROWS_MAX}"))),
        }
    }

    #[must_use]
    pub fn count(self) -> usize {
        self.0
    }

    /// One more than the page holds, to know whether another page follows.
    #[must_use]
    pub fn and_one(self) -> usize {
        self.0 + 1
    }
}

impl<T> List<T> {
    /// Cuts `rows`, read with `Limit::and_one`, to the page; `cursor` tells where a row stands.
    pub fn cut<C: Serialize>(mut rows: Vec<T>, limit: Limit, cursor: impl Fn(&T) -> C) -> List<T> {
        let has_more = rows.len() > limit.0;
        rows.truncate(limit.0);
        let next = rows.last().filter(|_| has_more).map(|last| encode(&cursor(last)));
        List { items: rows, next }
    }

    pub fn map<U>(self, row: impl FnMut(T) -> U) -> List<U> {
        List { items: self.items.into_iter().map(row).collect(), next: self.next }
    }

    pub fn try_map<U, E>(self, row: impl FnMut(T) -> Result<U, E>) -> Result<List<U>, E> {
        Ok(List { items: self.items.into_iter().map(row).collect::<Result<_, E>>()?, next: self.next })
    }
}

/// The cursor of a place in a list.
pub fn encode<C: Serialize>(place: &C) -> String {
    let json = serde_json::to_vec(place).expect("a cursor is made of numbers and texts");
    URL_SAFE_NO_PAD.encode(json)
}

/// The place that a cursor names.
pub fn decode<C: DeserializeOwned>(cursor: Option<&str>) -> Result<Option<C>, Refusal> {
    let Some(cursor) = cursor else { return Ok(None) };
    let wrong =
        || Refusal::invalid("cursor", "this is no cursor of this list; take `next` of the page before");
    if cursor.len() > CURSOR_BYTES_MAX {
        return Err(wrong());
    }
    let json = URL_SAFE_NO_PAD.decode(cursor).map_err(|_| wrong())?;
    serde_json::from_slice(&json).map(Some).map_err(|_| wrong())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_says_where_the_next_one_starts() {
        let page = List::cut(vec![1, 2, 3], Limit::new(Some(2)).unwrap(), |row| *row);
        assert_eq!(page.items, [1, 2]);
        assert_eq!(decode::<i32>(page.next.as_deref()).unwrap(), Some(2));
        assert_eq!(List::cut(vec![1, 2], Limit::new(Some(2)).unwrap(), |row| *row).next, None);
    }

    #[test]
    fn a_cursor_of_somebody_elses_making_is_refused() {
        for bad in ["", "x", "????", &"A".repeat(5_000)] {
            assert!(decode::<(i64, i64)>(Some(bad)).is_err(), "{bad}");
        }
        assert!(Limit::new(Some(0)).is_err() && Limit::new(Some(201)).is_err());
    }
}
