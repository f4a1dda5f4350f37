//! Collectors of the engine for what it has none: orders by several fields, any of which may be missing, and counts per value.

use crate::definition::Layout;
use std::cmp::Ordering;
use std::collections::HashMap;
use tantivy::collector::{Collector, SegmentCollector};
use tantivy::columnar::{Column, StrColumn};
use tantivy::{DocAddress, DocId, Score, SegmentOrdinal, SegmentReader};

/// A field to sort by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SortKey {
    pub(crate) field: String,
    pub(crate) descending: bool,
    /// Its values are texts.
    pub(crate) is_text: bool,
}

/// The first `keep` entries in an order. What has no value comes last, whatever the direction.
pub(crate) struct SortedCollector {
    pub(crate) keys: Vec<SortKey>,
    pub(crate) keep: usize,
}

/// One value, comparable across the parts of an index.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Sortable {
    Number(u64),
    Text(String),
}

type SortedHits = Vec<(Vec<Option<Sortable>>, DocAddress)>;

impl SortedCollector {
    fn truncate_hits(&self, all: &mut SortedHits) {
        all.sort_by(|(a, at), (b, bt)| self.compare_keys(a, b).then(at.cmp(bt)));
        all.truncate(self.keep);
    }

    fn compare_keys<T: Ord>(&self, a: &[Option<T>], b: &[Option<T>]) -> Ordering {
        compare_by_keys(&self.keys, a, b)
    }
}

fn compare_by_keys<T: Ord>(keys: &[SortKey], a: &[Option<T>], b: &[Option<T>]) -> Ordering {
    let one = |((key, a), b): ((&SortKey, &Option<T>), &Option<T>)| match (a, b) {
        (Some(a), Some(b)) if key.descending => b.cmp(a),
        (Some(a), Some(b)) => a.cmp(b),
        (None, None) => Ordering::Equal,
        (None, Some(_)) => Ordering::Greater,
        (Some(_), None) => Ordering::Less,
    };
    keys.iter().zip(a).zip(b).map(one).find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
}

impl Collector for SortedCollector {
    type Fruit = Vec<DocAddress>;
    type Child = SortedSegmentCollector;

    fn for_segment(&self, segment: SegmentOrdinal, reader: &SegmentReader) -> tantivy::Result<SortedSegmentCollector> {
        let mut columns = Vec::with_capacity(self.keys.len());
        for key in &self.keys {
            let name = Layout::column_name(&key.field);
            let column = reader.fast_fields().u64_lenient_for_type(None, &name)?.map(|(column, _)| column);
            let texts = if key.is_text { reader.fast_fields().str(&name)? } else { None };
            columns.push((column, texts));
        }
        Ok(SortedSegmentCollector { segment, columns, keys: self.keys.clone(), keep: self.keep, found: Vec::new() })
    }

    fn requires_scoring(&self) -> bool {
        false
    }

    fn merge_fruits(&self, parts: Vec<tantivy::Result<SortedHits>>) -> tantivy::Result<Vec<DocAddress>> {
        let mut all = SortedHits::new();
        for part in parts {
            all.extend(part?);
        }
        self.truncate_hits(&mut all);
        Ok(all.into_iter().map(|(_, at)| at).collect())
    }
}

/// Of one part of the index: numbers stand for texts, in their order.
pub(crate) struct SortedSegmentCollector {
    segment: SegmentOrdinal,
    columns: Vec<(Option<Column<u64>>, Option<StrColumn>)>,
    keys: Vec<SortKey>,
    keep: usize,
    found: Vec<(Vec<Option<u64>>, DocId)>,
}

impl SortedSegmentCollector {
    fn truncate_hits(&mut self) {
        let keys = &self.keys;
        self.found.sort_unstable_by(|(a, at), (b, bt)| compare_by_keys(keys, a, b).then(at.cmp(bt)));
        self.found.truncate(self.keep);
    }
}

impl SegmentCollector for SortedSegmentCollector {
    type Fruit = tantivy::Result<SortedHits>;

    fn collect(&mut self, doc: DocId, _: Score) {
        let values = self.columns.iter().map(|(column, _)| column.as_ref().and_then(|column| column.first(doc)));
        self.found.push((values.collect(), doc));
        if self.found.len() >= 2 * self.keep.max(512) {
            self.truncate_hits();
        }
    }

    fn harvest(mut self) -> Self::Fruit {
        self.truncate_hits();
        let found = std::mem::take(&mut self.found);
        let text = |texts: &Option<StrColumn>, number: u64| -> tantivy::Result<Sortable> {
            let Some(texts) = texts else { return Ok(Sortable::Number(number)) };
            let mut text = String::new();
            texts.ord_to_str(number, &mut text)?;
            Ok(Sortable::Text(text))
        };
        let one = |(values, doc): (Vec<Option<u64>>, DocId)| {
            let values = values.into_iter().zip(&self.columns);
            let values = values.map(|(number, (_, texts))| number.map(|n| text(texts, n)).transpose());
            Ok((values.collect::<tantivy::Result<Vec<_>>>()?, DocAddress::new(self.segment, doc)))
        };
        found.into_iter().map(one).collect()
    }
}

/// How many entries have which value of a field.
pub(crate) struct FacetCollector {
    pub(crate) field: String,
}

impl Collector for FacetCollector {
    type Fruit = Vec<(String, u64)>;
    type Child = FacetSegmentCollector;

    fn for_segment(&self, _: SegmentOrdinal, reader: &SegmentReader) -> tantivy::Result<FacetSegmentCollector> {
        let texts = reader.fast_fields().str(&Layout::column_name(&self.field))?;
        let counts = vec![0; texts.as_ref().map_or(0, |texts| texts.num_terms())];
        Ok(FacetSegmentCollector { texts, counts })
    }

    fn requires_scoring(&self) -> bool {
        false
    }

    /// The most frequent first; those that are as frequent by their values.
    fn merge_fruits(&self, parts: Vec<tantivy::Result<Vec<(String, u64)>>>) -> tantivy::Result<Vec<(String, u64)>> {
        let mut all: HashMap<String, u64> = HashMap::new();
        for part in parts {
            for (value, n) in part? {
                *all.entry(value).or_default() += n;
            }
        }
        let mut all: Vec<(String, u64)> = all.into_iter().collect();
        all.sort_by(|(a, n), (b, m)| m.cmp(n).then_with(|| a.cmp(b)));
        Ok(all)
    }
}

pub(crate) struct FacetSegmentCollector {
    texts: Option<StrColumn>,
    counts: Vec<u64>,
}

impl SegmentCollector for FacetSegmentCollector {
    type Fruit = tantivy::Result<Vec<(String, u64)>>;

    fn collect(&mut self, doc: DocId, _: Score) {
        let Some(texts) = &self.texts else { return };
        for ord in texts.ords().values_for_doc(doc) {
            if let Some(count) = usize::try_from(ord).ok().and_then(|ord| self.counts.get_mut(ord)) {
                *count += 1;
            }
        }
    }

    fn harvest(self) -> Self::Fruit {
        let Some(texts) = self.texts else { return Ok(Vec::new()) };
        let counted = (0..).zip(self.counts).filter(|(_, n)| *n > 0);
        let value = |(ord, n): (u64, u64)| {
            let mut value = String::new();
            texts.ord_to_str(ord, &mut value)?;
            Ok((value, n))
        };
        counted.map(value).collect()
    }
}
