//! Full text: what differs between databases. Stems in Russian and English, trigrams for numbers.

use std::cell::{Cell, RefCell};
use std::collections::HashSet;

use rusqlite::{Connection, params};
use rust_stemmers::{Algorithm, Stemmer};
use unicode_normalization::UnicodeNormalization;

use super::{Db, Savepoint, StoreError, Tx, id};
use crate::domain::{TextId, TicketId};

/// Longest word that is indexed, in characters; longer ones are cut.
const WORD_CHARS_MAX: usize = 40;
/// Most words of a query that count.
const QUERY_WORDS_MAX: usize = 12;

const CREATE_WORDS: &str =
    "create virtual table ticket_words using fts5 (stems, content = '', contentless_delete = 1,
    tokenize = \"unicode61 remove_diacritics 0 tokenchars '_-'\", detail = none)";
const ADD_WORDS: &str = "insert into ticket_words (rowid, stems) values (?1, ?2)";
const ADD_DOCUMENT: &str = "insert into ticket_document (text, ticket) values (?1, ?2)";
const REMOVE_WORDS: &str = "delete from ticket_words where rowid = ?1";
const REMOVE_DOCUMENT: &str = "delete from ticket_document where text = ?1";
const FIND: &str =
    "select rowid from ticket_words where ticket_words match ?1 and rowid < ?2 order by rowid desc limit ?3";

/// Words of a text by which similar ones are looked for, the longest first: those are the rarest.
const ALIKE_WORDS_MAX: usize = 5;
/// Newest texts that are taken for each pair of words.
const ALIKE_TEXTS_MAX: usize = 40;
/// Shorter words are too common to look for.
const ALIKE_CHARS_MIN: usize = 3;
const FIND_AFTER: &str =
    "select rowid from ticket_words where ticket_words match ?1 and rowid > ?2 order by rowid desc limit ?3";
const TICKET_OF_TEXT: &str = "select ticket from ticket_document where text = ?1";

/// Makes the search tables that belong to a migration.
pub(super) fn create(connection: &Connection, migration: &str) -> Result<(), StoreError> {
    if migration == "0001_foundation" {
        connection.execute_batch(CREATE_WORDS)?;
        connection.execute_batch("create table ticket_document (text integer not null primary key, ticket integer not null) strict")?;
    }
    Ok(())
}

/// Lower case, ё as е, one space between words: what lists of records are searched by.
#[must_use]
pub fn fold(parts: &[&str]) -> String {
    let text: String = parts.join(" ").nfkc().flat_map(char::to_lowercase).collect();
    text.replace('ё', "е").split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The stems of a text, in order.
#[must_use]
pub fn stems(text: &str) -> Vec<String> {
    let (russian, english) = (Stemmer::create(Algorithm::Russian), Stemmer::create(Algorithm::English));
    let folded = fold(&[text]);
    folded
        .split(|c: char| !(c.is_alphanumeric() || c == '_' || c == '-'))
        .map(|word| word.trim_matches(|c| c == '-' || c == '_'))
        .filter(|word| !word.is_empty())
        .map(|word| {
            let word: String = word.chars().take(WORD_CHARS_MAX).collect();
            let is_cyrillic = word.chars().any(|c| ('а'..='я').contains(&c));
            if is_cyrillic { russian.stem(&word).into_owned() } else { english.stem(&word).into_owned() }
        })
        .collect()
}

/// Indexes one text of a ticket, with the commit. The entry is numbered by the text, so that an erased text can be
/// taken out.
pub fn add(tx: &Tx, ticket: TicketId, text: TextId, words: &str) {
    if tx.words.are_left_out.get() {
        return;
    }
    let stems = stems(words);
    if !stems.is_empty() {
        tx.words.edits.borrow_mut().push(Edit::Add { ticket, text, stems: stems.join(" ") });
    }
}

/// Takes a text out of the index, with the commit.
pub fn remove(tx: &Tx, text: TextId) {
    tx.words.edits.borrow_mut().push(Edit::Remove { text });
}

/// Edits of the index that wait for the commit: each savepoint makes FTS5 write out what it has gathered as a
/// segment of its own, so one write for a whole batch is far cheaper than one for each command.
#[derive(Debug, Default)]
pub(super) struct Pending {
    edits: RefCell<Vec<Edit>>,
    /// How many there were at each savepoint.
    marks: [Cell<usize>; 3],
    are_left_out: Cell<bool>,
}

#[derive(Debug)]
enum Edit {
    Add { ticket: TicketId, text: TextId, stems: String },
    Remove { text: TextId },
}

impl Pending {
    pub fn mark(&self, point: Savepoint) {
        self.marks[point as usize].set(self.edits.borrow().len());
    }

    pub fn undo_to(&self, point: Savepoint) {
        self.edits.borrow_mut().truncate(self.marks[point as usize].get());
    }

    pub fn leave_out(&self) {
        self.are_left_out.set(true);
    }

    pub fn clear(&self) {
        self.edits.borrow_mut().clear();
    }

    pub fn write(&self, tx: &Tx) -> Result<(), StoreError> {
        for edit in self.edits.borrow_mut().drain(..) {
            match edit {
                Edit::Add { ticket, text, stems } => {
                    tx.run(ADD_WORDS, params![text.0, stems])?;
                    tx.run(ADD_DOCUMENT, params![text.0, ticket.0])?;
                }
                Edit::Remove { text } => {
                    tx.run(REMOVE_WORDS, [text.0])?;
                    tx.run(REMOVE_DOCUMENT, [text.0])?;
                }
            }
        }
        Ok(())
    }
}

/// Tickets one of whose texts has all the words, newest text first. Whole words are looked for first: they come
/// lazily, newest first, however many there are. Only where they leave room, beginnings of words count too.
pub fn find(db: &Db, query: &str, count_max: usize) -> Result<Vec<TicketId>, StoreError> {
    let words = stems(query);
    let words = &words[..words.len().min(QUERY_WORDS_MAX)];
    if words.is_empty() {
        return Ok(Vec::new());
    }
    let mut texts = texts_with(db, words, "", count_max)?;
    if texts.len() < count_max {
        texts.extend(texts_with(db, words, "*", count_max)?);
        texts.sort_unstable_by(|a, b| b.cmp(a));
        texts.dedup();
        texts.truncate(count_max);
    }
    let mut seen = HashSet::new();
    let mut tickets = Vec::new();
    for text in texts {
        let found = db.one(TICKET_OF_TEXT, [text], |row| id(row, 0))?;
        tickets.extend(found.filter(|ticket: &TicketId| seen.insert(*ticket)));
    }
    Ok(tickets)
}

/// Tickets one of whose texts, numbered above `after`, has two of the words. Every pair is asked for by itself, so
/// that common words do not hide rare ones, and the range bounds each, however many tickets there are.
pub fn alike(db: &Db, stems: &[String], after: i64) -> Result<Vec<TicketId>, StoreError> {
    let mut words: Vec<&String> =
        stems.iter().filter(|stem| stem.chars().count() >= ALIKE_CHARS_MIN).collect();
    words.sort_by_key(|stem| std::cmp::Reverse(stem.chars().count()));
    words.dedup();
    words.truncate(ALIKE_WORDS_MAX);
    let mut pairs = Vec::new();
    for (index, one) in words.iter().enumerate() {
        pairs.extend(words[index + 1..].iter().map(|other| format!("\"{one}\" AND \"{other}\"")));
    }
    if let [only] = words[..] {
        pairs.push(format!("\"{only}\""));
    }
    let mut texts = HashSet::new();
    for pair in pairs {
        let found = db.all(FIND_AFTER, params![pair, after, ALIKE_TEXTS_MAX as i64], |row| row.get(0))?;
        texts.extend::<Vec<i64>>(found);
    }
    let mut tickets = HashSet::new();
    for text in texts {
        let found: Option<TicketId> = db.one(TICKET_OF_TEXT, [text], |row| id(row, 0))?;
        tickets.extend(found);
    }
    Ok(tickets.into_iter().collect())
}

/// Texts that have all the words, each followed by `ending`: nothing for whole words, `*` for beginnings.
fn texts_with(db: &Db, words: &[String], ending: &str, count_max: usize) -> Result<Vec<i64>, StoreError> {
    let wanted: Vec<String> = words.iter().map(|stem| format!("\"{stem}\"{ending}")).collect();
    db.all(FIND, params![wanted.join(" AND "), i64::MAX, count_max as i64], |row| row.get(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stems_meet_across_cases_and_yo() {
        assert_eq!(stems("Застряла купюра, ЁЛКА!"), stems("застрял купюры елка"));
        assert_eq!(stems("Printers printing"), stems("printer print"));
        assert_eq!(stems("ATM-1042"), ["atm-1042"]);
    }
}
