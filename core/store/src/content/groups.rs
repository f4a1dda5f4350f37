//! The rendered rows of a relation, and which row of the level above each belongs to.

use super::json_writer as json;
use std::collections::HashMap;

/// The key of a row, by which rows are grouped.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum GroupKey {
    Id(i64),
    Text(Box<str>),
}

/// A borrowed [`GroupKey`].
#[derive(Debug, Clone, Copy)]
pub(super) enum GroupKeyRef<'a> {
    Id(i64),
    Text(&'a str),
}

/// Rendered entries, and the keys that they are found by.
#[derive(Default)]
pub(super) struct RenderedRows {
    pub(super) buffer: Vec<u8>,
    pub(super) spans: Vec<(u32, u32)>,
    pub(super) ids: Vec<i64>,
    pub(super) documents: Vec<Box<str>>,
    pub(super) locales: Vec<Box<str>>,
    pub(super) keys: Vec<GroupKey>,
    pub(super) positions: Vec<i64>,
}

impl RenderedRows {
    pub(super) fn get(&self, i: usize) -> &[u8] {
        let (start, end) = self.spans[i];
        &self.buffer[start as usize..end as usize]
    }
}

/// Number of rows that belong to each key.
#[derive(Default)]
pub(super) struct CountsByKey {
    pub(super) by_id: HashMap<i64, i64>,
    pub(super) by_text: HashMap<Box<str>, i64>,
}

/// The rows of one relation, by the key of the row they belong to.
pub(super) struct RowGroups {
    sources: Vec<RenderedRows>,
    /// (Source, row) in order.
    by_id: HashMap<i64, Vec<(u32, u32)>>,
    by_text: HashMap<Box<str>, Vec<(u32, u32)>>,
    counts: Option<CountsByKey>,
    by_locale: Vec<bool>,
}

impl RowGroups {
    pub(super) fn from_sources(sources: Vec<RenderedRows>, by_locale: Vec<bool>) -> Self {
        let mut groups =
            Self { sources: Vec::new(), by_id: HashMap::new(), by_text: HashMap::new(), counts: None, by_locale };
        for (s, rendered) in sources.iter().enumerate() {
            for (i, key) in rendered.keys.iter().enumerate() {
                let list = match key {
                    GroupKey::Id(id) => groups.by_id.entry(*id).or_default(),
                    GroupKey::Text(t) => match groups.by_text.get_mut(t) {
                        Some(list) => list,
                        None => groups.by_text.entry(t.clone()).or_default(),
                    },
                };
                list.push((s as u32, i as u32));
            }
        }
        if sources.len() > 1 {
            let position = |(s, i): &(u32, u32)| sources[*s as usize].positions.get(*i as usize).copied().unwrap_or(0);
            for list in groups.by_id.values_mut().chain(groups.by_text.values_mut()) {
                list.sort_by_key(position);
            }
        }
        groups.sources = sources;
        groups
    }

    /// Groups that hold counts only.
    pub(super) fn from_counts(counts: CountsByKey) -> Self {
        let none = Self::from_sources(Vec::new(), Vec::new());
        Self { counts: Some(counts), ..none }
    }

    /// True if anything belongs to a row, in any locale.
    pub(super) fn has_rows(&self, key: GroupKeyRef<'_>) -> bool {
        match key {
            GroupKeyRef::Id(id) => self.by_id.contains_key(&id),
            GroupKeyRef::Text(t) => self.by_text.contains_key(t),
        }
    }

    /// Writes what belongs to a row: a list, one entry or null, or a count.
    pub(super) fn write_group(&self, out: &mut Vec<u8>, key: GroupKeyRef<'_>, locale: &str, many: bool) {
        if let Some(counts) = &self.counts {
            let n = match key {
                GroupKeyRef::Id(id) => counts.by_id.get(&id),
                GroupKeyRef::Text(t) => counts.by_text.get(t),
            };
            out.extend_from_slice(b"{\"count\":");
            json::write_integer(out, n.copied().unwrap_or(0));
            out.push(b'}');
            return;
        }
        let list = match key {
            GroupKeyRef::Id(id) => self.by_id.get(&id),
            GroupKeyRef::Text(t) => self.by_text.get(t),
        };
        let own = |(s, i): &&(u32, u32)| {
            let (s, i) = (*s as usize, *i as usize);
            !self.by_locale[s] || self.sources[s].locales.get(i).is_none_or(|l| &**l == locale)
        };
        let mut rows = list.into_iter().flatten().filter(own);
        if !many {
            match rows.next() {
                Some((s, i)) => out.extend_from_slice(self.sources[*s as usize].get(*i as usize)),
                None => out.extend_from_slice(b"null"),
            }
            return;
        }
        out.push(b'[');
        for (n, (s, i)) in rows.enumerate() {
            if n > 0 {
                out.push(b',');
            }
            out.extend_from_slice(self.sources[*s as usize].get(*i as usize));
        }
        out.push(b']');
    }
}
