//! The links of an archive by their owner, a row or a component, and its attribute.

use crate::row_index::Symbol;

/// Distance between two positions, so that links fit between them.
const POSITION_GAP: f64 = 1024.0;

/// A link, seen from what stores it in Cairn: the owner of a relation, or what uses a file.
#[derive(Debug, Clone, Copy)]
pub(crate) struct IndexedLink {
    pub(crate) owner: Symbol,
    pub(crate) owner_id: i64,
    pub(crate) attribute: Symbol,
    pub(crate) target: Symbol,
    pub(crate) target_id: i64,
    position: f64,
    inverse: f64,
}

impl IndexedLink {
    /// The link's position in the order of the other side.
    pub(crate) fn inverse_position(&self) -> i64 {
        (self.inverse * POSITION_GAP) as i64
    }
}

/// The position of the link at an index in the order of its owner.
pub(crate) fn position_at(index: usize) -> i64 {
    (index as i64 + 1) * POSITION_GAP as i64
}

/// Every link between what is imported; some sixty bytes each.
#[derive(Debug, Default)]
pub(crate) struct LinkIndex {
    links: Vec<IndexedLink>,
}

impl LinkIndex {
    /// Adds a link: from owner, id and attribute to target and id, with its position on both sides.
    pub(crate) fn add(
        &mut self,
        (owner, owner_id, attribute): (Symbol, i64, Symbol),
        (target, target_id): (Symbol, i64),
        (position, inverse): (Option<f64>, Option<f64>),
    ) {
        let (position, inverse) = (position.unwrap_or(0.0), inverse.unwrap_or(0.0));
        self.links.push(IndexedLink { owner, owner_id, attribute, target, target_id, position, inverse });
    }

    /// Sorts the links, after the last one was added. Those without positions stay in the order of the archive.
    pub(crate) fn sort(&mut self) {
        self.links.sort_by(|a, b| {
            let keys = (a.owner, a.owner_id, a.attribute).cmp(&(b.owner, b.owner_id, b.attribute));
            keys.then(a.position.total_cmp(&b.position))
        });
    }

    pub(crate) fn len(&self) -> usize {
        self.links.len()
    }

    pub(crate) fn get(&self, index: usize) -> Option<&IndexedLink> {
        self.links.get(index)
    }

    /// The range of the links of an attribute, in order.
    pub(crate) fn range(&self, owner: Symbol, owner_id: i64, attribute: Symbol) -> std::ops::Range<usize> {
        let key = (owner, owner_id, attribute);
        let start = self.links.partition_point(|l| (l.owner, l.owner_id, l.attribute) < key);
        let length = self.links[start..].partition_point(|l| (l.owner, l.owner_id, l.attribute) == key);
        start..start + length
    }
}
