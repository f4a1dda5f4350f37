//! Cost of reading a PDF, found out before it is read: a few kilobytes can be made that take hours, or all memory.

use crate::document::{inherited_entry, resolve_entry};
use crate::task_problems::TaskProblems;
use cairn_pdf_protocol::{Problem, ProblemCode};
use hayro_syntax::content::TypedIter;
use hayro_syntax::content::ops::TypedInstruction;
use lopdf::{Dictionary, Document, Object, ObjectId};
use std::collections::{HashMap, HashSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;

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
/// Most drawings of a page, each counted once for every depth at which it is drawn.
const MAX_PAGE_DRAWINGS: usize = 100_000;
/// Most names of drawings that are looked up: counting must not take long either.
const MAX_STEPS: usize = 10_000_000;

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
        // A dictionary counts twice: its brackets have two signs.
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

/// Refuses pages that take too much to draw, what their annotations show included.
pub(crate) fn check_drawing_cost(document: &Document, pages: &[ObjectId], what: &str) -> Result<(), TaskProblems> {
    let mut cost = DrawingCost { document, contents: HashMap::new(), known: HashMap::new(), steps: 0 };
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

/// Content that a page or a drawing draws itself.
#[derive(Default)]
struct DrawnContent {
    length: u64,
    /// How often it draws each of its resources, by their kind and name.
    drawings: HashMap<(&'static [u8], Vec<u8>), u64>,
}

/// Where the names of a content are looked up: in the resources of these drawings, and at last in those of the page.
type NameScope = Vec<ObjectId>;

/// Counts the bytes of what is drawn.
struct DrawingCost<'d> {
    document: &'d Document,
    /// By the streams that they are put together of. Pages may share theirs.
    contents: HashMap<Vec<ObjectId>, Rc<DrawnContent>>,
    /// Cost of each drawing of the page, where it is drawn. The depth is a part of it: a drawing that draws itself costs less the deeper it is,
    /// as readers stop at some depth.
    known: HashMap<(ObjectId, NameScope, usize), u64>,
    /// How many names were looked up.
    steps: usize,
}

impl DrawingCost<'_> {
    fn of_page(&mut self, page: ObjectId) -> u64 {
        self.known.clear();
        let scope = vec![page];
        // Readers take them for one: a name may be in one stream, and what draws it in the next.
        let mut cost = self.of_content(self.document.get_page_contents(page), &scope, 0);
        for id in self.list_appearances(page) {
            cost = cost.saturating_add(self.of_drawing(id, &scope, 0));
        }
        cost
    }

    /// Drawings of the annotations of a page.
    fn list_appearances(&self, page: ObjectId) -> Vec<ObjectId> {
        let document = self.document;
        let page = document.get_dictionary(page).ok();
        let listed = page.and_then(|page| resolve_entry(document, page, b"Annots")?.as_array().ok());
        let appearance = |annotation: &Object| {
            let dict = document.dereference(annotation).ok()?.1.as_dict().ok()?;
            let drawings = resolve_entry(document, dict, b"AP")?.as_dict().ok()?;
            let (mut id, mut drawing) = document.dereference(drawings.get(b"N").ok()?).ok()?;
            if let Object::Dictionary(states) = drawing {
                let state = resolve_entry(document, dict, b"AS")?.as_name().ok()?;
                (id, drawing) = document.dereference(states.get(state).ok()?).ok()?;
            }
            drawing.as_stream().ok().and(id)
        };
        listed.into_iter().flatten().filter_map(appearance).collect()
    }

    /// The cost of a content, and of all that it draws.
    fn of_content(&mut self, streams: Vec<ObjectId>, scope: &NameScope, depth: usize) -> u64 {
        let content = self.read_content(streams);
        let mut cost = content.length;
        if depth >= MAX_DRAWING_DEPTH {
            return cost;
        }
        self.steps = self.steps.saturating_add(content.drawings.len());
        if self.steps > MAX_STEPS {
            return u64::MAX;
        }
        for ((kind, name), times) in &content.drawings {
            if let Some(id) = self.find_resource(scope, kind, name) {
                cost = cost.saturating_add(self.of_drawing(id, scope, depth).saturating_mul(*times));
            }
            if cost > MAX_PAGE_COST {
                return u64::MAX;
            }
        }
        cost
    }

    /// The content of streams; none of what is not drawn because it cannot be unpacked.
    fn read_content(&mut self, streams: Vec<ObjectId>) -> Rc<DrawnContent> {
        if let Some(known) = self.contents.get(&streams) {
            return Rc::clone(known);
        }
        let content = Rc::new(match self.unpack_streams(&streams) {
            Some(content) => DrawnContent { length: content.len() as u64, drawings: count_drawings(&content) },
            None => DrawnContent { length: u64::MAX, drawings: HashMap::new() },
        });
        self.contents.insert(streams, Rc::clone(&content));
        content
    }

    /// `None` where they are longer than a page may be.
    fn unpack_streams(&self, streams: &[ObjectId]) -> Option<Vec<u8>> {
        let mut all = Vec::new();
        for id in streams {
            let Ok(stream) = self.document.get_object(*id).and_then(Object::as_stream) else { continue };
            match stream.get_plain_content_with_limit(MAX_PAGE_COST as usize) {
                Ok(content) => all.extend_from_slice(&content),
                Err(lopdf::Error::Decompress(lopdf::DecompressError::MemoryLimitExceeded { .. })) => return None,
                Err(_) => {}
            }
            all.push(b' ');
            if all.len() as u64 > MAX_PAGE_COST {
                return None;
            }
        }
        Some(all)
    }

    fn find_resource(&self, scope: &NameScope, kind: &[u8], name: &[u8]) -> Option<ObjectId> {
        scope.iter().find_map(|owner| {
            let all = resolve_entry(self.document, self.resources_of(*owner)?, kind)?.as_dict().ok()?;
            all.get(name).ok()?.as_reference().ok()
        })
    }

    fn resources_of(&self, owner: ObjectId) -> Option<&Dictionary> {
        match self.document.get_object(owner).ok()? {
            Object::Stream(stream) => resolve_entry(self.document, &stream.dict, b"Resources")?.as_dict().ok(),
            _ => inherited_entry(self.document, owner, b"Resources")?.as_dict().ok(),
        }
    }

    fn of_drawing(&mut self, id: ObjectId, scope: &NameScope, depth: usize) -> u64 {
        let Ok(stream) = self.document.get_object(id).and_then(Object::as_stream) else { return 0 };
        if stream.dict.get(b"Subtype").and_then(Object::as_name).is_ok_and(|kind| kind == b"Image") {
            return 0;
        }
        let mut inner = scope.clone();
        if stream.dict.has(b"Resources") {
            // Once is enough: from further out it adds no names.
            inner.retain(|owner| *owner != id);
            inner.insert(0, id);
        }
        let key = (id, inner, depth + 1);
        if let Some(cost) = self.known.get(&key) {
            return *cost;
        }
        if self.known.len() >= MAX_PAGE_DRAWINGS {
            return u64::MAX;
        }
        let cost = self.of_content(vec![id], &key.1, depth + 1);
        self.known.insert(key, cost);
        cost
    }
}

/// How often a content draws each of its resources: `/Name Do`, and patterns that it takes as a colour, once. Read as what draws it reads it.
fn count_drawings(content: &[u8]) -> HashMap<(&'static [u8], Vec<u8>), u64> {
    let mut counts = HashMap::new();
    let count = AssertUnwindSafe(|| {
        let mut instructions = TypedIter::new(content);
        while let Some(instruction) = instructions.next() {
            let pattern = match instruction {
                TypedInstruction::XObject(drawn) => {
                    *counts.entry((b"XObject".as_slice(), drawn.0.to_vec())).or_insert(0) += 1;
                    continue;
                }
                TypedInstruction::StrokeColorNamed(colour) => colour.1,
                TypedInstruction::NonStrokeColorNamed(colour) => colour.1,
                _ => continue,
            };
            if let Some(name) = pattern {
                counts.insert((b"Pattern".as_slice(), name.to_vec()), 1);
            }
        }
    });
    // Content that makes the parser panic is not drawn either.
    let _ = catch_unwind(count);
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
        let count = |content: &[u8], name: &[u8]| {
            count_drawings(content).get(&(b"XObject".as_slice(), name.to_vec())).copied().unwrap_or(0)
        };
        let content = b"q /A Do Q\n/B Do q/A\tDo Do";
        assert_eq!((count(content, b"A"), count(content, b"B")), (2, 1));
        assert_eq!(count(b"/X Do/X Do/X Do", b"X"), 3);
        assert_eq!(count(b"q/X Do Q%/X Do\n/X\0Do[/X]0 d/X Do", b"X"), 3);
        assert_eq!(count(b"/#58 Do", b"X"), 1);
        assert_eq!(count(b"BT (/X Do \\) /X Do) Tj ET", b"X"), 0);
        assert_eq!(count(b"BI /W 9 /H 1 /BPC 8 /CS /G ID /X Do \xff\xff EI /X Do", b"X"), 1);
        let patterns = count_drawings(b"/Pattern cs /P scn /P scn 0 0 9 9 re f");
        assert_eq!(patterns[&(b"Pattern".as_slice(), b"P".to_vec())], 1);
    }
}
