//! Expected state of a database: documents in memory, the writes that change them, and the effects that a write must have.

use super::kinds::Kind;
use super::shape::{FILE, QUOTE, REFERENCE, Scalars, Shape};
use crate::oracle::{Row, Scalar};
use rand::Rng;
use rand::rngs::StdRng;
use rand::seq::{IndexedRandom, IteratorRandom, SliceRandom};
use serde_json::{Map, Value as Json, json};

/// Others there may be at a time.
const OTHERS: usize = 6;
/// Files, which never change.
pub(crate) const FILES: usize = 3;

/// An instance of `x.part`, or of `x.quote`.
#[derive(Debug, Clone)]
struct Part {
    quote: bool,
    scalars: Vec<(String, Scalar)>,
    refers: Vec<usize>,
}

/// A version of a thing.
#[derive(Debug, Clone)]
struct Entry {
    thing: usize,
    locale: &'static str,
    published: bool,
    /// Rows come in the order they were made.
    made: u64,
    content: Content,
}

#[derive(Debug, Clone, Default)]
struct Content {
    scalars: Vec<(String, Scalar)>,
    part: Vec<Part>,
    zone: Vec<Part>,
    links: Vec<usize>,
    files: Vec<usize>,
}

#[derive(Debug, Clone)]
struct Other {
    scalars: Vec<(String, Scalar)>,
    /// Where it is the owning side: things, and when each was linked.
    back: Vec<(usize, u64)>,
}

/// Everything that is there.
#[derive(Default)]
pub(crate) struct Data {
    entries: Vec<Entry>,
    others: Vec<Option<Other>>,
    things: usize,
    clock: u64,
}

/// A write: what is sent, and what it is to do.
#[derive(Debug, Clone)]
pub(crate) enum Write {
    /// Makes or changes a thing, or with an empty body only publishes it.
    Thing { thing: usize, locale: &'static str, body: Map<String, Json>, publish: bool, after: Box<Change> },
    /// Deletes a thing's versions in a locale, or all.
    DeleteThing { thing: usize, locale: Option<&'static str> },
    /// Makes or changes another.
    Other { other: usize, body: Map<String, Json>, after: Box<Change> },
    /// Deletes another, with all links to it.
    DeleteOther { other: usize },
}

/// Changes in a body; everything that is not in it stays.
#[derive(Debug, Clone, Default)]
pub(crate) struct Change {
    scalars: Vec<(String, Scalar)>,
    part: Option<Vec<Part>>,
    zone: Option<Vec<Part>>,
    links: Option<Vec<usize>>,
    files: Option<Vec<usize>>,
}

/// A unique value is another's.
#[derive(Debug, PartialEq)]
pub(crate) struct UniqueValueTaken;

/// The document id of the n-th of a kind.
pub(crate) fn document(kind: char, n: usize) -> String {
    format!("{kind}{n:023}")
}

/// The name of a file.
pub(crate) fn file_name(n: usize) -> &'static str {
    ["a", "É", "b%"][n]
}

impl Data {
    /// A random write that makes sense.
    pub(crate) fn random_write(&self, rng: &mut StdRng, shape: &Shape) -> Write {
        let thing = rng.random_range(0..self.things.max(1));
        let other = rng.random_range(0..OTHERS.min(self.others.len() + 1));
        match rng.random_range(0..100) {
            0..20 => self.write_other(rng, shape, other),
            20..26 => match self.existing_others().choose(rng) {
                Some(other) => Write::DeleteOther { other },
                None => self.write_other(rng, shape, other),
            },
            26..33 if self.things > 0 => {
                let locale = rng.random::<bool>().then(|| *shape.locales.choose(rng).unwrap());
                Write::DeleteThing { thing, locale }
            }
            33..60 if self.things > 0 => self.write_thing(rng, shape, thing),
            60..70 if shape.drafts && !self.entries.is_empty() => {
                let Entry { thing, locale, .. } = *self.entries.choose(rng).unwrap();
                Write::Thing { thing, locale, body: Map::new(), publish: true, after: Box::default() }
            }
            _ => self.write_thing(rng, shape, self.things),
        }
    }

    fn write_thing(&self, rng: &mut StdRng, shape: &Shape, thing: usize) -> Write {
        let locale = *shape.locales.choose(rng).unwrap();
        let fresh = !self.entries.iter().any(|e| e.thing == thing && e.locale == locale);
        let mut body = Map::new();
        let mut after = Change::default();
        let include_field = |rng: &mut StdRng| fresh || rng.random_bool(0.5);
        if include_field(rng) {
            random_values(rng, &shape.things, &mut body, &mut after.scalars);
        }
        if include_field(rng) {
            let n = rng.random_range(0..if shape.repeatable { 4 } else { 2 });
            let parts: Vec<Part> = (0..n).map(|_| self.part(rng, shape, false)).collect();
            let list: Vec<Json> = parts.iter().map(|p| p.body(shape, false)).collect();
            let one = list.first().cloned().unwrap_or_default();
            body.insert("part".into(), if shape.repeatable { list.into() } else { one });
            after.part = Some(parts);
        }
        if include_field(rng) {
            let zone: Vec<Part> = (0..rng.random_range(0..4))
                .map(|_| {
                    let quote = rng.random();
                    self.part(rng, shape, quote)
                })
                .collect();
            body.insert("zone".into(), zone.iter().map(|p| p.body(shape, true)).collect());
            after.zone = Some(zone);
        }
        if !shape.relation.inverse && include_field(rng) {
            let is_linked = |other: &usize| {
                let elsewhere = |e: &&Entry| e.thing != thing || e.locale != locale;
                shape.relation.kind.starts_with("one")
                    && self.entries.iter().filter(elsewhere).any(|e| e.content.links.contains(other))
            };
            let free = self.existing_others().filter(|other| !is_linked(other)).collect();
            let links = choose_some(rng, free, shape.relation.many);
            body.insert("link".into(), set_links('o', &links));
            after.links = Some(links);
        }
        if include_field(rng) {
            let files = choose_some(rng, (0..FILES).collect(), shape.files);
            body.insert("file".into(), set_links('f', &files));
            after.files = Some(files);
        }
        Write::Thing { thing, locale, body, publish: rng.random_bool(0.6), after: Box::new(after) }
    }

    fn write_other(&self, rng: &mut StdRng, shape: &Shape, other: usize) -> Write {
        let fresh = self.others.get(other).is_none_or(Option::is_none);
        let mut body = Map::new();
        let mut after = Change::default();
        if fresh || rng.random() {
            random_values(rng, &shape.others, &mut body, &mut after.scalars);
        }
        if shape.relation.inverse && (fresh || rng.random()) {
            let things: Vec<usize> = (0..self.things).filter(|&t| self.entries.iter().any(|e| e.thing == t)).collect();
            let links = choose_some(rng, things, shape.relation.kind == "manyToMany");
            body.insert("back".into(), set_links('t', &links));
            after.links = Some(links);
        }
        Write::Other { other, body, after: Box::new(after) }
    }

    fn part(&self, rng: &mut StdRng, shape: &Shape, quote: bool) -> Part {
        let mut part = Part { quote, scalars: Vec::new(), refers: Vec::new() };
        let quoted = QUOTE.to_vec();
        let kinds = if quote { &quoted } else { &shape.part };
        random_values(rng, kinds, &mut Map::new(), &mut part.scalars);
        if !quote {
            part.refers = choose_some(rng, self.existing_others().collect(), shape.refers_to_many);
        }
        part
    }

    fn existing_others(&self) -> impl Iterator<Item = usize> {
        self.others.iter().enumerate().filter(|(_, other)| other.is_some()).map(|(i, _)| i)
    }

    /// Does a write, or nothing of it.
    pub(crate) fn apply(&mut self, shape: &Shape, write: &Write) -> Result<(), UniqueValueTaken> {
        match write {
            Write::Thing { thing, locale, publish, after, .. } => {
                self.apply_thing(shape, *thing, locale, *publish, after)
            }
            Write::Other { other, after, .. } => self.apply_other(shape, *other, after),
            Write::DeleteThing { thing, locale } => {
                self.entries.retain(|e| e.thing != *thing || locale.is_some_and(|l| l != e.locale));
                if !self.entries.iter().any(|e| e.thing == *thing) {
                    for other in self.others.iter_mut().flatten() {
                        other.back.retain(|(t, _)| t != thing);
                    }
                }
                Ok(())
            }
            Write::DeleteOther { other } => {
                self.others[*other] = None;
                for Entry { content, .. } in &mut self.entries {
                    content.links.retain(|o| o != other);
                    content.part.iter_mut().chain(&mut content.zone).for_each(|p| p.refers.retain(|o| o != other));
                }
                Ok(())
            }
        }
    }

    fn apply_thing(
        &mut self,
        shape: &Shape,
        thing: usize,
        locale: &'static str,
        publish: bool,
        change: &Change,
    ) -> Result<(), UniqueValueTaken> {
        let is = |e: &Entry, published: bool| e.thing == thing && e.locale == locale && e.published == published;
        let at = self.entries.iter().position(|e| is(e, !shape.drafts));
        let mut content = at.map(|at| self.entries[at].content.clone()).unwrap_or_default();
        merge(&mut content.scalars, &change.scalars);
        let Change { part, zone, links, files, .. } = change.clone();
        content.part = part.unwrap_or(content.part);
        content.zone = zone.unwrap_or(content.zone);
        content.links = links.unwrap_or(content.links);
        content.files = files.unwrap_or(content.files);
        if !shape.drafts || publish {
            let others = self.entries.iter().filter(|e| e.published && e.thing != thing && e.locale == locale);
            let other_values: Vec<&Vec<_>> = others.map(|e| &e.content.scalars).collect();
            check_unique(&shape.things, &content.scalars, &other_values)?;
        }
        self.things = self.things.max(thing + 1);
        let mut add = |entries: &mut Vec<Entry>, published: bool, content: Content| {
            self.clock += 1;
            entries.push(Entry { thing, locale, published, made: self.clock, content });
        };
        match at {
            Some(at) => self.entries[at].content = content.clone(),
            None => add(&mut self.entries, !shape.drafts, content.clone()),
        }
        if shape.drafts && publish {
            self.entries.retain(|e| !is(e, true));
            add(&mut self.entries, true, content);
        }
        Ok(())
    }

    fn apply_other(&mut self, shape: &Shape, other: usize, change: &Change) -> Result<(), UniqueValueTaken> {
        let mut row = self.others.get(other).cloned().flatten().unwrap_or(Other { scalars: vec![], back: vec![] });
        merge(&mut row.scalars, &change.scalars);
        let others = self.others.iter().enumerate().filter(|(i, _)| *i != other).filter_map(|(_, o)| o.as_ref());
        let other_values: Vec<&Vec<_>> = others.map(|o| &o.scalars).collect();
        check_unique(&shape.others, &row.scalars, &other_values)?;
        if let Some(links) = &change.links {
            row.back.retain(|(thing, _)| links.contains(thing));
            for thing in links {
                self.clock += 1;
                if !row.back.iter().any(|(t, _)| t == thing) {
                    row.back.push((*thing, self.clock));
                }
            }
        }
        if self.others.len() <= other {
            self.others.resize(other + 1, None);
        }
        self.others[other] = Some(row);
        Ok(())
    }

    /// The things that a list shows, without filters, in the order they were made.
    pub(crate) fn rows(&self, shape: &Shape, published: bool, locale: Option<&str>) -> Vec<Row> {
        let is_selected = |e: &&Entry| e.published == published && locale.is_none_or(|l| l == e.locale);
        let mut entries: Vec<&Entry> = self.entries.iter().filter(is_selected).collect();
        entries.sort_by_key(|e| e.made);
        entries.into_iter().map(|e| self.row(shape, e)).collect()
    }

    fn row(&self, shape: &Shape, entry: &Entry) -> Row {
        let Entry { thing, locale, content, .. } = entry;
        let mut linked: Vec<(u64, usize)> = Vec::new();
        for (i, other) in self.others.iter().enumerate() {
            let back = other.iter().flat_map(|o| &o.back).filter(|(t, _)| t == thing);
            linked.extend(back.map(|(_, when)| (*when, i)));
        }
        linked.sort_unstable();
        let links = match shape.relation.inverse {
            true => linked.into_iter().map(|(_, other)| other).collect(),
            false => content.links.clone(),
        };
        let others = |list: &[usize]| list.iter().map(|&i| self.other(i)).collect::<Vec<_>>();
        let parts = |list: &[Part], zone: bool| {
            let part = |p: &Part| {
                let mut row = Row { scalars: p.scalars.clone(), rows: Vec::new() };
                if zone {
                    row.scalars.push(("__component".into(), Scalar::Text(p.uid().into())));
                }
                if !p.quote {
                    row.rows.push((REFERENCE.into(), others(&p.refers)));
                }
                row
            };
            list.iter().map(part).collect::<Vec<_>>()
        };
        let mut scalars = content.scalars.clone();
        scalars.push(("documentId".into(), Scalar::Text(document('t', *thing))));
        if shape.localized() {
            scalars.push(("locale".into(), Scalar::Text((*locale).into())));
        }
        let files =
            content.files.iter().map(|&i| row_of('f', i, vec![(FILE[0].0.into(), Scalar::Text(file_name(i).into()))]));
        let rows = vec![
            ("part".into(), parts(&content.part, false)),
            ("zone".into(), parts(&content.zone, true)),
            ("link".into(), others(&links)),
            ("file".into(), files.collect()),
        ];
        Row { scalars, rows }
    }

    fn other(&self, i: usize) -> Row {
        row_of('o', i, self.others[i].as_ref().map(|o| o.scalars.clone()).unwrap_or_default())
    }
}

fn row_of(kind: char, n: usize, mut scalars: Vec<(String, Scalar)>) -> Row {
    scalars.push(("documentId".into(), Scalar::Text(document(kind, n))));
    Row { scalars, rows: Vec::new() }
}

impl Part {
    fn uid(&self) -> &'static str {
        if self.quote { "x.quote" } else { "x.part" }
    }

    fn body(&self, shape: &Shape, zone: bool) -> Json {
        let quoted = QUOTE.to_vec();
        let kinds: &Scalars = if self.quote { &quoted } else { &shape.part };
        let kind = |name: &str| kinds.iter().find(|(n, _)| *n == name).unwrap().1;
        let mut body: Map<String, Json> =
            self.scalars.iter().map(|(name, scalar)| (name.clone(), kind(name).client_value(scalar))).collect();
        if !self.quote {
            body.insert(REFERENCE.into(), set_links('o', &self.refers));
        }
        if zone {
            body.insert("__component".into(), json!(self.uid()));
        }
        Json::Object(body)
    }
}

/// Random values of all attributes; now and then null.
fn random_values(rng: &mut StdRng, scalars: &Scalars, body: &mut Map<String, Json>, after: &mut Vec<(String, Scalar)>) {
    for (name, kind) in scalars {
        let (input, scalar) = if rng.random_bool(0.3) { (Json::Null, Scalar::Null) } else { kind.value(rng) };
        body.insert((*name).to_owned(), input);
        after.push(((*name).to_owned(), scalar));
    }
}

/// A few in any order, or at most one.
fn choose_some(rng: &mut StdRng, mut candidates: Vec<usize>, many: bool) -> Vec<usize> {
    candidates.shuffle(rng);
    candidates.truncate(rng.random_range(0..if many { 4 } else { 2 }));
    candidates
}

fn set_links(kind: char, documents: &[usize]) -> Json {
    json!({ "set": documents.iter().map(|&n| document(kind, n)).collect::<Vec<_>>() })
}

fn merge(values: &mut Vec<(String, Scalar)>, changes: &[(String, Scalar)]) {
    values.retain(|(name, _)| changes.iter().all(|(n, _)| n != name));
    values.extend(changes.iter().cloned());
}

fn check_unique(
    scalars: &Scalars,
    values: &[(String, Scalar)],
    other_values: &[&Vec<(String, Scalar)>],
) -> Result<(), UniqueValueTaken> {
    let is_unique = |name: &str| scalars.iter().any(|(n, kind): &(&str, Kind)| *n == name && kind.is_unique());
    let is_filled = |value: &Scalar| *value != Scalar::Null && *value != Scalar::Text(String::new());
    let filter = values.iter().filter(|(name, value)| is_filled(value) && is_unique(name));
    if filter.into_iter().any(|value| other_values.iter().any(|row| row.contains(value))) {
        Err(UniqueValueTaken)
    } else {
        Ok(())
    }
}
