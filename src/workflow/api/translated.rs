//! The table's descriptions in Russian: `russian.txt` has each English line, the Russian one below it, and an empty line.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use crate::domain::Language;

static RUSSIAN: LazyLock<BTreeMap<&'static str, &'static str>> = LazyLock::new(|| {
    let pairs = include_str!("russian.txt").split("\n\n").filter_map(|pair| pair.trim().split_once('\n'));
    pairs.collect()
});

/// A description of the table in a language; what is not translated stays English, which a test does not let happen.
#[must_use]
pub fn in_language(doc: &'static str, language: Language) -> &'static str {
    match language {
        Language::En => doc,
        Language::Ru => RUSSIAN.get(doc).copied().unwrap_or(doc),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::super::reference::{FunctionEntry, ParamEntry, Reference, api_reference};
    use super::*;

    fn of_params(params: &[ParamEntry], docs: &mut BTreeSet<&'static str>) {
        for param in params {
            docs.insert(param.doc);
            of_params(&param.options, docs);
        }
    }

    fn docs(reference: &Reference) -> BTreeSet<&'static str> {
        let mut docs = BTreeSet::new();
        let of_function = |function: &FunctionEntry, docs: &mut BTreeSet<&'static str>| {
            docs.insert(function.doc);
            of_params(&function.params, docs);
        };
        reference.handlers.iter().chain(&reference.functions).for_each(|one| of_function(one, &mut docs));
        for entry in &reference.types {
            docs.insert(entry.doc);
            docs.extend(entry.properties.iter().map(|property| property.doc));
            docs.extend(entry.index.iter().map(|index| index.doc));
            entry.methods.iter().for_each(|one| of_function(one, &mut docs));
        }
        docs.remove("");
        docs
    }

    #[test]
    fn every_description_is_there_in_russian_and_none_is_left_over() {
        let docs = docs(&api_reference(Language::En));
        let missing: Vec<_> = docs.iter().filter(|doc| !RUSSIAN.contains_key(*doc)).collect();
        assert!(missing.is_empty(), "write these into src/workflow/api/russian.txt: {missing:#?}");
        let left_over: Vec<_> = RUSSIAN.keys().filter(|doc| !docs.contains(*doc)).collect();
        assert!(
            left_over.is_empty(),
            "these stand in src/workflow/api/russian.txt for nothing: {left_over:#?}"
        );
    }

    #[test]
    fn code_in_back_ticks_stays_as_it_is() {
        for (english, russian) in RUSSIAN.iter() {
            let code = |text: &'static str| text.split('`').skip(1).step_by(2).collect::<BTreeSet<_>>();
            assert_eq!(code(english), code(russian), "{english}");
        }
    }

    #[test]
    fn the_reference_is_in_the_language_that_is_asked_for() {
        let russian = docs(&api_reference(Language::Ru));
        let is_cyrillic =
            |letter: char| ('а'..='я').contains(&letter.to_lowercase().next().unwrap_or(letter));
        // A set of words or a format has nothing to translate.
        let latin: Vec<_> =
            russian.iter().filter(|doc| !doc.contains(is_cyrillic) && !doc.contains('`')).collect();
        assert_eq!(latin, [&"ISO 639-1."]);
    }
}
