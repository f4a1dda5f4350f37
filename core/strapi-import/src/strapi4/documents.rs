//! Rows that are localizations of one another, and the ids of their documents.

use super::inventory::{FormerRow, Inventory};
use crate::row_index::Symbol;
use crate::survey::LOCALIZATIONS;
use sha2::{Digest, Sha256};
use std::collections::{BTreeSet, HashMap, HashSet};

/// Length of a document id, which is that of Strapi's.
const ID_CHARS: usize = 24;
const ID_ALPHABET: &[u8; 36] = b"abcdefghijklmnopqrstuvwxyz0123456789";
/// Number of letters, with which ids begin.
const LETTERS: u8 = 26;

/// Findings that the report has, with their places.
type Notes = Vec<(String, String)>;

/// The first row of every document, for rows that are not the first of theirs: by type and id.
#[derive(Debug, Default)]
pub(super) struct FirstRows(HashMap<String, HashMap<i64, i64>>);

impl FirstRows {
    /// The document id of a row.
    pub(super) fn document_id(&self, uid: &str, id: i64) -> String {
        let first = self.0.get(uid).and_then(|rows| rows.get(&id)).copied().unwrap_or(id);
        derive_document_id(uid, first)
    }
}

/// Groups the rows of all types. What is not as Strapi leaves it is added to `notes`.
pub(super) fn group_all_rows(inventory: &Inventory, notes: &mut Notes) -> FirstRows {
    let mut all = HashMap::new();
    for (uid, rows) in &inventory.rows {
        let links = inventory.localizations.get(uid).map(Vec::as_slice).unwrap_or_default();
        if links.is_empty() && !inventory.is_single(uid) {
            continue;
        }
        let found = group_rows(uid, rows, links, inventory.is_single(uid), inventory.default_locale, notes);
        all.insert(uid.clone(), found);
    }
    FirstRows(all)
}

/// Groups the rows of a type, which are sorted by id. Returns the first row of each row that is not the first of its document.
fn group_rows(
    uid: &str,
    rows: &[FormerRow],
    links: &[(i64, i64)],
    is_single: bool,
    default_locale: Option<Symbol>,
    notes: &mut Notes,
) -> HashMap<i64, i64> {
    let mut groups = Groups::new(rows.len());
    let position = |id: i64| rows.binary_search_by_key(&id, |row| row.id).ok();
    let mut missing = BTreeSet::new();
    for (from, to) in links {
        match (position(*from), position(*to)) {
            (Some(one), Some(other)) => groups.unite(one, other),
            (Some(_), None) => _ = missing.insert((*from, *to)),
            (None, Some(_)) => _ = missing.insert((*to, *from)),
            (None, None) => _ = missing.insert((*from.min(to), *from.max(to))),
        }
    }
    for (id, other) in missing {
        let message = format!("a link is left out: its localization, row {other}, is not there");
        notes.push((format!("{uid} {id}, {LOCALIZATIONS}"), message));
    }
    if is_single {
        // Strapi has one entry of these types, whether its locales are linked or not.
        (1..rows.len()).for_each(|index| groups.unite(0, index));
    }
    let (mut taken, mut firsts) = (HashSet::new(), HashMap::new());
    for (index, row) in rows.iter().enumerate() {
        let first = groups.first_of(index);
        if !taken.insert((first, row.locale.or(default_locale))) {
            let message = format!(
                "it becomes an entry of its own: row {} or one of its localizations is in the same locale",
                rows[first].id
            );
            notes.push((format!("{uid} {}", row.id), message));
        } else if first != index {
            firsts.insert(row.id, rows[first].id);
        }
    }
    firsts
}

/// Disjoint sets of positions, each known by its lowest.
struct Groups(Vec<usize>);

impl Groups {
    fn new(count: usize) -> Self {
        Self((0..count).collect())
    }

    fn first_of(&mut self, mut index: usize) -> usize {
        while self.0[index] != index {
            self.0[index] = self.0[self.0[index]];
            index = self.0[index];
        }
        index
    }

    fn unite(&mut self, one: usize, other: usize) {
        let (one, other) = (self.first_of(one), self.first_of(other));
        self.0[one.max(other)] = one.min(other);
    }
}

/// An id in the form of Strapi's that follows from a type and a row id.
fn derive_document_id(uid: &str, id: i64) -> String {
    let hash = Sha256::digest(format!("strapi 4\0{uid}\0{id}"));
    let first = hash.first().map(|byte| byte % LETTERS);
    let rest = hash.iter().skip(1).map(|byte| byte % ID_ALPHABET.len() as u8);
    let digits = first.into_iter().chain(rest).take(ID_CHARS);
    digits.filter_map(|digit| ID_ALPHABET.get(usize::from(digit))).map(|c| char::from(*c)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::row_index::Symbols;

    const UID: &str = "api::a.a";

    fn group(rows: &[(i64, &str)], links: &[(i64, i64)], is_single: bool) -> (Vec<(i64, i64)>, Vec<String>) {
        let mut symbols = Symbols::default();
        let default_locale = Some(symbols.add("en"));
        let rows: Vec<FormerRow> = rows
            .iter()
            .map(|(id, locale)| {
                let locale = Some(*locale).filter(|locale| !locale.is_empty()).map(|locale| symbols.add(locale));
                FormerRow { id: *id, locale, has_draft_beside: false }
            })
            .collect();
        let mut notes = Notes::new();
        let mut found: Vec<(i64, i64)> =
            group_rows(UID, &rows, links, is_single, default_locale, &mut notes).into_iter().collect();
        found.sort_unstable();
        (found, notes.into_iter().map(|(place, message)| format!("{place}: {message}")).collect())
    }

    #[test]
    fn rows_are_grouped_however_they_are_linked() {
        let rows = [(2, "nl"), (3, "en"), (5, "de"), (7, "en")];
        for links in [&[(2, 3), (3, 2), (2, 5), (5, 2), (3, 5), (5, 3)][..], &[(5, 3), (3, 2)], &[(2, 3), (2, 5)]] {
            assert_eq!(group(&rows, links, false), (vec![(3, 2), (5, 2)], vec![]), "{links:?}");
        }
        assert_eq!(group(&rows[..3], &[], true).0, [(3, 2), (5, 2)]);
        assert_eq!(group(&[], &[], true), (vec![], vec![]));
    }

    #[test]
    fn localizations_that_are_missing_are_named_once() {
        let (found, notes) = group(&[(2, "nl"), (3, "en")], &[(2, 99), (99, 2), (2, 3), (98, 3)], false);
        assert_eq!(found, [(3, 2)]);
        assert_eq!(notes.len(), 2, "{notes:?}");
        assert!(notes[0].starts_with("api::a.a 2, localizations: ") && notes[0].contains("row 99"), "{notes:?}");
    }

    #[test]
    fn rows_in_the_same_locale_are_entries_of_their_own() {
        let (found, notes) = group(&[(1, ""), (2, "en"), (3, "nl")], &[(1, 2), (2, 3)], false);
        assert_eq!(found, [(3, 1)]);
        assert!(notes.len() == 1 && notes[0].starts_with("api::a.a 2: it becomes an entry of its own"), "{notes:?}");
    }

    #[test]
    fn document_ids_have_the_form_of_strapis_and_stay() {
        let id = derive_document_id("api::article.article", 1);
        assert_eq!(id, derive_document_id("api::article.article", 1));
        assert!(id.len() == ID_CHARS && id.starts_with(|c: char| c.is_ascii_lowercase()), "{id}");
        assert!(id.bytes().all(|byte| ID_ALPHABET.contains(&byte)), "{id}");
        let others = [derive_document_id("api::article.article", 11), derive_document_id("api::tag.tag", 1)];
        assert!(!others.contains(&id));
    }
}
