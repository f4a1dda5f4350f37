//! The rows of an archive by id: what resolving links needs of them, without their content.

use std::collections::HashMap;

/// A name as a number, since names occur often.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Symbol(u32);

/// All names that have a number.
#[derive(Debug, Default)]
pub(crate) struct Symbols {
    names: Vec<Box<str>>,
    numbers: HashMap<Box<str>, Symbol>,
}

impl Symbols {
    pub(crate) fn add(&mut self, name: &str) -> Symbol {
        if let Some(symbol) = self.numbers.get(name) {
            return *symbol;
        }
        let symbol = Symbol(u32::try_from(self.names.len()).unwrap_or(u32::MAX));
        self.names.push(name.into());
        self.numbers.insert(name.into(), symbol);
        symbol
    }

    pub(crate) fn find(&self, name: &str) -> Option<Symbol> {
        self.numbers.get(name).copied()
    }

    pub(crate) fn name(&self, symbol: Symbol) -> &str {
        self.names.get(symbol.0 as usize).map_or("", |name| name)
    }
}

/// A row: some fifty bytes, whatever its content.
#[derive(Debug)]
pub(crate) struct IndexedRow {
    uid: Symbol,
    id: i64,
    locale: Symbol,
    published: bool,
    document_id: Box<str>,
}

/// Rows of the types that are imported, by type and id.
#[derive(Debug, Default)]
pub(crate) struct RowIndex {
    rows: Vec<IndexedRow>,
}

impl RowIndex {
    pub(crate) fn add(&mut self, uid: Symbol, id: i64, locale: Symbol, published: bool, document_id: &str) {
        self.rows.push(IndexedRow { uid, id, locale, published, document_id: document_id.into() });
    }

    /// Sorts the rows, after the last one was added. Returns the type and ids of the first two that are the same version of a document, or that
    /// have the same id.
    pub(crate) fn sort(&mut self) -> Option<(Symbol, i64, i64)> {
        self.rows.sort_unstable_by(|a, b| {
            (a.uid, &a.document_id, a.locale, a.published).cmp(&(b.uid, &b.document_id, b.locale, b.published))
        });
        let same = |a: &IndexedRow, b: &IndexedRow| {
            (a.uid, a.locale, a.published, &a.document_id) == (b.uid, b.locale, b.published, &b.document_id)
        };
        let twins = self.rows.windows(2).find(|w| same(&w[0], &w[1])).map(|w| (w[0].uid, w[0].id, w[1].id));
        self.rows.sort_unstable_by_key(|row| (row.uid, row.id));
        let repeated = self.rows.windows(2).find(|w| (w[0].uid, w[0].id) == (w[1].uid, w[1].id));
        twins.or_else(|| repeated.map(|w| (w[0].uid, w[0].id, w[0].id)))
    }

    /// The document of a row.
    pub(crate) fn document_id(&self, uid: Symbol, id: i64) -> Option<&str> {
        let found = self.rows.binary_search_by_key(&(uid, id), |row| (row.uid, row.id)).ok()?;
        self.rows.get(found).map(|row| &*row.document_id)
    }

    /// The largest id of a type.
    pub(crate) fn largest_id(&self, uid: Symbol) -> Option<i64> {
        let end = self.rows.partition_point(|row| row.uid <= uid);
        self.rows[..end].last().filter(|row| row.uid == uid).map(|row| row.id)
    }
}
