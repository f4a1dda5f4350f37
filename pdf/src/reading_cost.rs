//! Cost of reading a PDF, found out before it is read: a few kilobytes can be made that take hours, or all memory.

use crate::TaskProblems;
use crate::document::{inherited_entry, resolve_entry};
use cairn_pdf_protocol::{Problem, ProblemCode};
use lopdf::{Dictionary, Document, Object, ObjectId};
use std::collections::{HashMap, HashSet};

/// Word at the end of a stream.
const STREAM_END: &[u8] = b"endstream";
/// How deep arrays and dictionaries may be inside each other.
const MAX_NESTING: usize = 500;
/// How many nodes of the tree of pages may be above each other.
const MAX_TREE_DEPTH: usize = 64;
/// Most nodes of the tree of pages.
const MAX_TREE_NODES: usize = 100_000;
/// Most bytes of drawing that a page may have, what it draws repeatedly counted each time.
const MAX_PAGE_COST: u64 = 128 << 20;
/// Most bytes of all pages together.
const MAX_TOTAL_COST: u64 = 1 << 30;
/// How deep drawings may be inside each other.
const MAX_DRAWING_DEPTH: usize = 50;

/// The problem of a file that takes too much to read.
pub(crate) fn too_complex(what: &str, why: &str) -> TaskProblems {
    vec![Problem::of_pdf(ProblemCode::TooComplex, format!("{what} is too complex to be read: {why}"))]
}

/// Refuses bytes in which arrays and dictionaries are nested as no program writes them.
pub(crate) fn check_nesting(bytes: &[u8], what: &str) -> Result<(), TaskProblems> {
    let (mut depth, mut at) = (0_usize, 0);
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'[' | b'<' => depth += 1,
            b']' | b'>' => depth = depth.saturating_sub(1),
            // The content of a stream is something else, and so is the next object.
            b's' if bytes[at..].starts_with(b"stream") => {
                let end = find_bytes(&bytes[at..], STREAM_END).map_or(bytes.len() - at, |end| end + STREAM_END.len());
                (depth, at) = (0, at + end);
                continue;
            }
            b'e' if bytes[at..].starts_with(b"endobj") => depth = 0,
            _ => {}
        }
        // Both signs of a dictionary are counted.
        if depth > 2 * MAX_NESTING {
            return Err(too_complex(what, "its objects are nested too deeply"));
        }
        at += 1;
    }
    Ok(())
}

fn find_bytes(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    let mut from = 0;
    while let Some(next) = bytes[from..].iter().position(|byte| *byte == wanted[0]) {
        if bytes[from + next..].starts_with(wanted) {
            return Some(from + next);
        }
        from += next + 1;
    }
    None
}

/// Refuses a tree of pages that is too deep, or in which a node is in two places: readers would go round in it.
pub(crate) fn check_page_tree(document: &Document, what: &str) -> Result<(), TaskProblems> {
    let root = document.catalog().ok().and_then(|catalog| catalog.get(b"Pages").ok()?.as_reference().ok());
    let (mut queue, mut seen) = (root.map(|root| (root, 0)).into_iter().collect::<Vec<_>>(), HashSet::new());
    while let Some((node, depth)) = queue.pop() {
        let kids = document.get_dictionary(node).ok().and_then(|dict| resolve_entry(document, dict, b"Kids"));
        // A page, which may be listed twice.
        let Some(kids) = kids.and_then(|kids| kids.as_array().ok()) else { continue };
        if !seen.insert(node) {
            return Err(too_complex(what, "its tree of pages has a node in two places"));
        }
        if depth >= MAX_TREE_DEPTH || seen.len() > MAX_TREE_NODES || queue.len() > MAX_TREE_NODES {
            return Err(too_complex(what, "its tree of pages is too deep or too large"));
        }
        queue.extend(kids.iter().filter_map(|kid| Some((kid.as_reference().ok()?, depth + 1))));
    }
    Ok(())
}

/// Refuses pages that take too much to draw.
pub(crate) fn check_drawing_cost(document: &Document, pages: &[ObjectId], what: &str) -> Result<(), TaskProblems> {
    let mut cost = DrawingCost { document, contents: HashMap::new(), known: HashMap::new() };
    let mut total = 0_u64;
    for page in pages {
        let page_cost = cost.of_page(*page);
        total = total.saturating_add(page_cost);
        if page_cost > MAX_PAGE_COST || total > MAX_TOTAL_COST {
            return Err(too_complex(what, "drawing its pages takes too long"));
        }
    }
    Ok(())
}

/// Content that a stream draws itself.
#[derive(Clone)]
struct DrawnContent {
    length: u64,
    /// How often it draws each of its resources.
    drawings: HashMap<Vec<u8>, u64>,
}

/// Counts the bytes of what is drawn.
struct DrawingCost<'d> {
    document: &'d Document,
    /// Pages may share theirs.
    contents: HashMap<ObjectId, DrawnContent>,
    /// Cost of each drawing; of one that is being counted, nothing.
    known: HashMap<ObjectId, u64>,
}

impl DrawingCost<'_> {
    fn of_page(&mut self, page: ObjectId) -> u64 {
        let resources = inherited_entry(self.document, page, b"Resources").and_then(|r| r.as_dict().ok()).cloned();
        let resources = resources.unwrap_or_default();
        let mut cost = 0_u64;
        for id in self.document.get_page_contents(page) {
            cost = cost.saturating_add(self.of_stream(id, &resources, 0));
        }
        cost
    }

    /// The cost of a stream of drawing, and of all that it draws.
    fn of_stream(&mut self, id: ObjectId, resources: &Dictionary, depth: usize) -> u64 {
        let Some(DrawnContent { length, drawings }) = self.read_content(id) else { return 0 };
        let mut cost = length;
        if depth >= MAX_DRAWING_DEPTH {
            return cost;
        }
        for (name, times) in drawings {
            cost = cost.saturating_add(self.of_resource(resources, b"XObject", &name, depth).saturating_mul(times));
        }
        let patterns = resolve_entry(self.document, resources, b"Pattern").and_then(|patterns| patterns.as_dict().ok());
        let names: Vec<Vec<u8>> =
            patterns.into_iter().flat_map(|all| all.iter().map(|(name, _)| name.clone())).collect();
        for name in names {
            cost = cost.saturating_add(self.of_resource(resources, b"Pattern", &name, depth));
        }
        cost
    }

    /// The content of a stream; none of what is not drawn because it cannot be unpacked.
    fn read_content(&mut self, id: ObjectId) -> Option<DrawnContent> {
        if let Some(known) = self.contents.get(&id) {
            return Some(known.clone());
        }
        let stream = self.document.get_object(id).and_then(Object::as_stream).ok()?;
        let content = match stream.get_plain_content_with_limit(MAX_PAGE_COST as usize) {
            Ok(content) => DrawnContent { length: content.len() as u64, drawings: count_drawings(&content) },
            Err(lopdf::Error::Decompress(lopdf::DecompressError::MemoryLimitExceeded { .. })) => {
                DrawnContent { length: u64::MAX, drawings: HashMap::new() }
            }
            Err(_) => return None,
        };
        self.contents.insert(id, content.clone());
        Some(content)
    }

    fn of_resource(&mut self, resources: &Dictionary, kind: &[u8], name: &[u8], depth: usize) -> u64 {
        let all = resolve_entry(self.document, resources, kind).and_then(|all| all.as_dict().ok());
        let Some(id) = all.and_then(|all| all.get(name).ok()?.as_reference().ok()) else { return 0 };
        if let Some(cost) = self.known.get(&id) {
            return *cost;
        }
        let Ok(stream) = self.document.get_object(id).and_then(Object::as_stream) else { return 0 };
        if stream.dict.get(b"Subtype").and_then(Object::as_name).is_ok_and(|kind| kind == b"Image") {
            return 0;
        }
        self.known.insert(id, 0);
        let own = resolve_entry(self.document, &stream.dict, b"Resources").and_then(|own| own.as_dict().ok()).cloned();
        let cost = self.of_stream(id, own.as_ref().unwrap_or(resources), depth + 1);
        self.known.insert(id, cost);
        cost
    }
}

/// How often a content draws each of its resources: `/Name Do`.
fn count_drawings(content: &[u8]) -> HashMap<Vec<u8>, u64> {
    let mut counts = HashMap::new();
    let mut last: &[u8] = b"";
    for word in content.split(|byte| byte.is_ascii_whitespace()).filter(|word| !word.is_empty()) {
        if word == b"Do"
            && let Some(name) = last.rsplit(|byte| *byte == b'/').next()
        {
            *counts.entry(name.to_vec()).or_insert(0) += 1;
        }
        last = word;
    }
    counts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nesting_is_counted_outside_of_streams() {
        let nested = |depth: usize| [b"1 0 obj ".to_vec(), b"[".repeat(depth), b"]".repeat(depth)].concat();
        assert!(check_nesting(&nested(400), "file").is_ok());
        assert!(check_nesting(&nested(2_000), "file").is_err());
        assert!(check_nesting(&b"<</A".repeat(2_000), "file").is_err());
        let stream = [b"<< >> stream ".to_vec(), b"[".repeat(5_000), b" endstream endobj".to_vec()].concat();
        assert!(check_nesting(&stream, "file").is_ok());
        let after = [b"stream endstream ".to_vec(), nested(2_000)].concat();
        assert!(check_nesting(&after, "file").is_err());
        assert!(check_nesting(b"s", "file").is_ok() && check_nesting(b"stream", "file").is_ok());
    }

    #[test]
    fn drawings_are_counted_by_name() {
        let counts = count_drawings(b"q /A Do Q\n/B Do q/A\tDo Do");
        assert_eq!((counts[b"A".as_slice()], counts[b"B".as_slice()]), (2, 1));
        assert!(count_drawings(b"Do").contains_key(b"".as_slice()));
    }
}
