//! Changes to a PDF as an incremental update: the bytes that it has stay as they are, and what is changed follows them.

use crate::task_problems::TaskProblems;
use cairn_pdf_protocol::Problem;
use lopdf::xref::XrefType;
use lopdf::{Dictionary, Document, Object, ObjectId, StringFormat, Writer};
use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};

/// Largest number of an object, as PDF 1.7 (annex C) has it.
const MAX_OBJECT_NUMBER: u32 = 8_388_607;

/// Changed and new objects of a PDF.
pub(crate) struct IncrementalUpdate<'a> {
    original: &'a [u8],
    document: &'a Document,
    objects: BTreeMap<ObjectId, Object>,
    next: u32,
}

/// An object that is written as it is, with its bytes.
pub(crate) struct RawObject {
    pub(crate) id: ObjectId,
    pub(crate) bytes: Vec<u8>,
}

impl<'a> IncrementalUpdate<'a> {
    /// Of a document that was read from these bytes. Refuses one whose cross-reference table is damaged: readers would not agree about
    /// what an update changes.
    pub(crate) fn new(original: &'a [u8], document: &'a Document) -> Result<Self, TaskProblems> {
        let refused = |why: &str| Err(vec![Problem::of(format!("file {why}; save it anew first"))]);
        if !original.starts_with(b"%PDF-") {
            return refused("has other bytes before its PDF header");
        }
        if document.xref_recovery.is_some() || document.xref_start == 0 {
            return refused("has a damaged cross-reference table");
        }
        let size = document.trailer.get(b"Size").and_then(Object::as_i64).unwrap_or(0);
        let size = u32::try_from(size).unwrap_or(u32::MAX);
        let largest = document.objects.keys().next_back().map_or(0, |id| id.0);
        let highest_number =
            largest.max(document.max_id).max(document.reference_table.max_id()).max(size.saturating_sub(1));
        if highest_number >= MAX_OBJECT_NUMBER - 100_000 {
            return refused("has object numbers that are too large");
        }
        Ok(Self { original, document, objects: BTreeMap::new(), next: highest_number + 1 })
    }

    /// The number of the next new object.
    pub(crate) fn next_number(&self) -> u32 {
        self.next
    }

    /// A number for a new object.
    pub(crate) fn new_id(&mut self) -> ObjectId {
        self.next += 1;
        (self.next - 1, 0)
    }

    /// Adds a new object.
    pub(crate) fn add(&mut self, object: impl Into<Object>) -> ObjectId {
        let id = self.new_id();
        self.set(id, object);
        id
    }

    /// Changes an object, or adds one with a number of its own.
    pub(crate) fn set(&mut self, id: ObjectId, object: impl Into<Object>) {
        self.next = self.next.max(id.0.saturating_add(1));
        self.objects.insert(id, object.into());
    }

    /// An object as it will be.
    fn object(&self, id: ObjectId) -> Option<&Object> {
        self.objects.get(&id).or_else(|| self.document.get_object(id).ok())
    }

    /// A dictionary as it will be.
    pub(crate) fn dictionary(&self, id: ObjectId) -> Option<Dictionary> {
        self.object(id)?.as_dict().ok().cloned()
    }

    /// Adds to an array in an entry of a dictionary; in an object of its own, if it is one. False where the entry is not an array.
    pub(crate) fn append(&mut self, dict: &mut Dictionary, key: &str, item: ObjectId) -> bool {
        match dict.get(key.as_bytes()) {
            Err(_) | Ok(Object::Null) => dict.set(key, vec![Object::Reference(item)]),
            Ok(Object::Array(array)) => {
                let mut array = array.clone();
                array.push(item.into());
                dict.set(key, array);
            }
            Ok(Object::Reference(id)) => {
                let id = *id;
                let Some(Object::Array(array)) = self.object(id) else { return false };
                let mut array = array.clone();
                array.push(item.into());
                self.set(id, array);
            }
            Ok(_) => return false,
        }
        true
    }

    /// The whole file, and the offset of the raw object's own bytes in it.
    pub(crate) fn write(mut self, raw: RawObject) -> Result<(Vec<u8>, usize), TaskProblems> {
        let failed = |e: std::io::Error| vec![Problem::of(format!("the PDF cannot be written: {e}"))];
        let mut bytes = self.original.to_vec();
        if !bytes.ends_with(b"\n") {
            bytes.push(b'\n');
        }
        let mut offsets = BTreeMap::new();
        for (id, object) in &self.objects {
            offsets.insert(*id, bytes.len());
            bytes.extend_from_slice(format!("{} {} obj\n", id.0, id.1).as_bytes());
            Writer::write_object(&mut bytes, object).map_err(failed)?;
            bytes.extend_from_slice(b"\nendobj\n");
        }
        offsets.insert(raw.id, bytes.len());
        bytes.extend_from_slice(format!("{} {} obj\n", raw.id.0, raw.id.1).as_bytes());
        let raw_at = bytes.len();
        bytes.extend_from_slice(&raw.bytes);
        bytes.extend_from_slice(b"\nendobj\n");
        let at = bytes.len();
        let mut trailer = self.trailer(at);
        match self.document.reference_table.cross_reference_type {
            XrefType::CrossReferenceTable => {
                trailer.set("Size", i64::from(self.next));
                write_table(&mut bytes, &offsets);
                bytes.extend_from_slice(b"trailer\n");
                Writer::write_object(&mut bytes, &trailer.into()).map_err(failed)?;
            }
            XrefType::CrossReferenceStream => {
                let id = self.new_id();
                offsets.insert(id, at);
                trailer.set("Size", i64::from(self.next));
                bytes.extend_from_slice(format!("{} 0 obj\n", id.0).as_bytes());
                Writer::write_object(&mut bytes, &xref_stream(trailer, &offsets)).map_err(failed)?;
                bytes.extend_from_slice(b"\nendobj");
            }
        }
        bytes.extend_from_slice(format!("\nstartxref\n{at}\n%%EOF\n").as_bytes());
        Ok((bytes, raw_at))
    }

    fn trailer(&self, length: usize) -> Dictionary {
        let mut trailer = Dictionary::new();
        for key in ["Root", "Info"] {
            if let Ok(value) = self.document.trailer.get(key.as_bytes()) {
                trailer.set(key, value.clone());
            }
        }
        trailer.set("Prev", self.document.xref_start as i64);
        // The first half stays, the second is to be another for each version of the file.
        if let Some([first, second]) = self.file_id() {
            let half = |salt: u8| {
                let mut hasher = DefaultHasher::new();
                (salt, length, &first, &second).hash(&mut hasher);
                hasher.finish().to_be_bytes()
            };
            let changed = [half(1), half(2)].concat();
            let text = |bytes| Object::String(bytes, StringFormat::Hexadecimal);
            trailer.set("ID", vec![text(first), text(changed)]);
        }
        trailer
    }

    fn file_id(&self) -> Option<[Vec<u8>; 2]> {
        let (_, id) = self.document.dereference(self.document.trailer.get(b"ID").ok()?).ok()?;
        let id = id.as_array().ok()?;
        let half = |n: usize| Some(id.get(n)?.as_str().ok()?.to_vec());
        Some([half(0)?, half(1)?])
    }
}

/// Offsets of neighbouring object numbers, together.
fn runs(offsets: &BTreeMap<ObjectId, usize>) -> Vec<Vec<(ObjectId, usize)>> {
    let mut runs: Vec<Vec<(ObjectId, usize)>> = Vec::new();
    for (id, offset) in offsets {
        match runs.last_mut() {
            Some(run) if run.last().is_some_and(|(last_id, _)| last_id.0 + 1 == id.0) => run.push((*id, *offset)),
            _ => runs.push(vec![(*id, *offset)]),
        }
    }
    runs
}

fn write_table(bytes: &mut Vec<u8>, offsets: &BTreeMap<ObjectId, usize>) {
    bytes.extend_from_slice(b"xref\n");
    for run in runs(offsets) {
        let first = run.first().map_or(0, |(id, _)| id.0);
        bytes.extend_from_slice(format!("{first} {}\n", run.len()).as_bytes());
        for ((_, generation), offset) in run {
            bytes.extend_from_slice(format!("{offset:010} {generation:05} n\r\n").as_bytes());
        }
    }
}

fn xref_stream(mut dict: Dictionary, offsets: &BTreeMap<ObjectId, usize>) -> Object {
    let (mut index, mut content) = (Vec::new(), Vec::new());
    for run in runs(offsets) {
        index.push(Object::Integer(run.first().map_or(0, |(id, _)| i64::from(id.0))));
        index.push(Object::Integer(run.len() as i64));
        for ((_, generation), offset) in run {
            content.push(1);
            content.extend_from_slice(&u32::try_from(offset).unwrap_or(u32::MAX).to_be_bytes());
            content.extend_from_slice(&generation.to_be_bytes());
        }
    }
    dict.set("Type", Object::Name(b"XRef".to_vec()));
    dict.set("W", vec![1.into(), 4.into(), 2.into()]);
    dict.set("Index", index);
    Object::Stream(lopdf::Stream::new(dict, content))
}
