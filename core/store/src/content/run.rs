//! Executes compiled statements: renders each level's rows to JSON, the levels below it by one batched statement each, and assembles them.

use super::components::{self, LinkedRows};
use super::groups::{Counts, Groups, Key, KeyRef, Rendered};
use super::json_writer as json;
use super::private as links;
use super::sql::{Address, Bind, ExtraColumns, KeyFrom, Level, Out, Part, RefPart, Statement};
use crate::connection::{Param, ToParam, ValueRef};
use crate::database::{Inner, Reader};
use crate::{Result, StoreError};
use std::cell::Cell;

/// The ids that a batched statement looks for.
pub(super) enum Keys<'k> {
    None,
    Ids(&'k [i64]),
    Texts(Vec<&'k str>),
}

impl Keys<'_> {
    fn are_none(&self) -> bool {
        match self {
            Keys::None => true,
            Keys::Ids(ids) => ids.is_empty(),
            Keys::Texts(texts) => texts.is_empty(),
        }
    }
}

/// One execution of a plan.
pub(super) struct Run<'a> {
    pub(super) reader: &'a Reader<'a>,
    pub(super) document: Option<&'a str>,
    pub(super) limit: u64,
    pub(super) offset: u64,
    /// Column of the version token in the first statement's rows, and where to write it.
    pub(super) version: Option<(usize, &'a Cell<Option<i64>>)>,
}

impl<'a> Run<'a> {
    pub(super) fn of(reader: &'a Reader<'a>, document: Option<&'a str>, limit: u64, offset: u64) -> Self {
        Self { reader, document, limit, offset, version: None }
    }

    pub(super) fn params<'s>(&'s self, binds: &'s [Bind], keys: &'s Keys<'_>) -> Vec<Param<'s>> {
        let param = |bind: &'s Bind| match bind {
            Bind::Value(v) => v.param(),
            Bind::List(list) => Param::List(list),
            Bind::Keys => match keys {
                Keys::None => Param::Integers(&[]),
                Keys::Ids(ids) => Param::Integers(ids),
                Keys::Texts(texts) => Param::Texts(texts),
            },
            Bind::Document => self.document.map_or(Param::Null, Param::Text),
            Bind::Limit => Param::Integer(clamp(self.limit)),
            Bind::Offset => Param::Integer(clamp(self.offset)),
        };
        binds.iter().map(param).collect()
    }

    /// Runs the first level straight into the response, objects separated by commas; returns their number.
    pub(super) fn append(&self, out: &mut Vec<u8>, statement: &Statement, level: &Level) -> Result<usize> {
        let rendered = self.level_into(std::mem::take(out), true, statement, &Keys::None, level)?;
        *out = rendered.buffer;
        Ok(rendered.spans.len())
    }

    /// Runs a level's statement and those below it; returns complete objects.
    fn level(&self, statement: &Statement, keys: &Keys<'_>, level: &Level) -> Result<Rendered> {
        self.level_into(Vec::with_capacity(2048), false, statement, keys, level)
    }

    fn level_into(
        &self,
        buffer: Vec<u8>,
        separated: bool,
        statement: &Statement,
        keys: &Keys<'_>,
        level: &Level,
    ) -> Result<Rendered> {
        let params = self.params(&statement.binds, keys);
        // Objects that are to be completed are written aside first.
        let whole = level.parts.is_empty();
        let (mut target, scratch) = if whole { (None, buffer) } else { (Some(buffer), Vec::with_capacity(16 * 1024)) };
        let mut rendered = Rendered { buffer: scratch, ..Rendered::default() };
        let ExtraColumns { id, document, locale, key, position } = level.extra;
        let columns: Vec<usize> = level
            .parts
            .iter()
            .map(|p| match p {
                Part::Related { from: KeyFrom::Column(i), .. } => *i,
                Part::Components { column, .. } => *column,
                _ => usize::MAX,
            })
            .collect();
        // Per part, per row: the text its related rows are found by, or the components to be written.
        let mut texts: Vec<Vec<Option<Box<str>>>> = vec![Vec::new(); level.parts.len()];
        self.reader.conn.query("running a query", &statement.text, &params[..], |row| {
            if whole && separated && !rendered.spans.is_empty() {
                rendered.buffer.push(b',');
            }
            let start = rendered.buffer.len() as u32;
            rendered.buffer.push(b'{');
            rendered.buffer.extend_from_slice(&level.head);
            for (i, column) in level.columns.iter().enumerate() {
                rendered.buffer.extend_from_slice(&column.key);
                write_column(&mut rendered.buffer, &column.out, row.value(i)?, self.reader.store)?;
            }
            if whole {
                rendered.buffer.push(b'}');
            }
            bounded(&rendered.buffer)?;
            rendered.spans.push((start, rendered.buffer.len() as u32));
            // Only the first level is written straight into an answer.
            if separated && let Some((i, version)) = self.version {
                version.set(Some(row.get(i)?));
            }
            if let Some(i) = id {
                rendered.ids.push(row.get(i)?);
            }
            if let Some(i) = document {
                rendered.documents.push(row.text(i)?.unwrap_or_default());
            }
            if let Some(i) = locale {
                rendered.locales.push(row.text(i)?.unwrap_or_default());
            }
            if let Some(i) = position {
                rendered.positions.push(row.get(i)?);
            }
            if let Some(i) = key {
                rendered.keys.push(match row.value(i)? {
                    ValueRef::Integer(n) => Key::Id(n),
                    ValueRef::Text(t) => Key::Text(String::from_utf8_lossy(t).into()),
                    _ => Key::Id(i64::MIN),
                });
            }
            for (part, &i) in columns.iter().enumerate() {
                if i != usize::MAX {
                    texts[part].push(row.text(i)?);
                }
            }
            Ok(())
        })?;
        match target.take() {
            None => Ok(rendered),
            Some(target) if rendered.spans.is_empty() => Ok(Rendered { buffer: target, ..rendered }),
            Some(target) => self.complete(rendered, target, separated, level, &texts),
        }
    }

    /// Runs the statements of a level's parts and puts their rows into the objects.
    fn complete(
        &self,
        mut rendered: Rendered,
        mut buffer: Vec<u8>,
        separated: bool,
        level: &Level,
        texts: &[Vec<Option<Box<str>>>],
    ) -> Result<Rendered> {
        let mut groups: Vec<Vec<Groups>> = Vec::with_capacity(level.parts.len());
        for (p, part) in level.parts.iter().enumerate() {
            groups.push(match part {
                Part::Related { from, source, .. } => {
                    let keys = match from {
                        KeyFrom::Id => Keys::Ids(&rendered.ids),
                        KeyFrom::Document => distinct(rendered.documents.iter().map(|d| Some(d.as_ref()))),
                        KeyFrom::Column(_) => distinct(texts[p].iter().map(|t| t.as_deref())),
                    };
                    vec![self.gather(source, &keys)?]
                }
                Part::Components { links, .. } => {
                    let keys = Keys::Ids(&rendered.ids);
                    links.iter().map(|l| self.gather(l, &keys)).collect::<Result<_>>()?
                }
                Part::Constant { .. } => Vec::new(),
                Part::Localizations { statement, level, .. } => {
                    let keys = distinct(rendered.documents.iter().map(|d| Some(d.as_ref())));
                    vec![Groups::of(vec![self.level(statement, &keys, level)?], vec![false])]
                }
            });
        }
        let mut spans = Vec::with_capacity(rendered.spans.len());
        let rows = rendered.spans.len();
        #[expect(clippy::needless_range_loop, reason = "one row of several parallel lists")]
        for i in 0..rows {
            if separated && i > 0 {
                buffer.push(b',');
            }
            let start = buffer.len() as u32;
            buffer.extend_from_slice(rendered.get(i));
            let locale = rendered.locales.get(i).map_or("", |l| l);
            for (p, part) in level.parts.iter().enumerate() {
                match part {
                    Part::Related { key, from, many, kept, .. } => {
                        let by = match from {
                            KeyFrom::Id => KeyRef::Id(rendered.ids[i]),
                            KeyFrom::Document => KeyRef::Text(&rendered.documents[i]),
                            KeyFrom::Column(_) => KeyRef::Text(texts[p][i].as_deref().unwrap_or("")),
                        };
                        if !kept && !groups[p][0].any(by) {
                            continue;
                        }
                        buffer.extend_from_slice(key);
                        groups[p][0].write(&mut buffer, by, locale, *many);
                    }
                    Part::Components { key, shape, .. } => {
                        buffer.extend_from_slice(key);
                        let links = LinkedRows { groups: &groups[p], locale };
                        let text = texts[p][i].as_deref().map(str::as_bytes);
                        components::write(&mut buffer, shape, text, Some(&links)).map_err(|_| corrupt())?;
                    }
                    Part::Constant { key, json } => {
                        buffer.extend_from_slice(key);
                        buffer.extend_from_slice(json.as_bytes());
                    }
                    Part::Localizations { key, .. } => {
                        buffer.extend_from_slice(key);
                        groups[p][0].write_others(&mut buffer, &rendered.documents[i], rendered.ids[i]);
                    }
                }
            }
            buffer.push(b'}');
            bounded(&buffer)?;
            spans.push((start, buffer.len() as u32));
        }
        rendered.buffer = buffer;
        rendered.spans = spans;
        Ok(rendered)
    }

    fn gather(&self, part: &RefPart, keys: &Keys<'_>) -> Result<Groups> {
        let none = keys.are_none();
        if part.count {
            let mut counts = Counts::default();
            for source in part.sources.iter().filter(|_| !none) {
                let params = self.params(&source.statement.binds, keys);
                self.reader.conn.query("running a query", &source.statement.text, &params[..], |row| {
                    let n: i64 = row.get(1)?;
                    match row.value(0)? {
                        ValueRef::Integer(id) => *counts.by_id.entry(id).or_default() += n,
                        ValueRef::Text(t) => *counts.by_text.entry(String::from_utf8_lossy(t).into()).or_default() += n,
                        _ => {}
                    }
                    Ok(())
                })?;
            }
            return Ok(Groups::counted(counts));
        }
        let mut sources = Vec::with_capacity(part.sources.len());
        for source in &part.sources {
            sources.push(if none { Rendered::default() } else { self.level(&source.statement, keys, &source.level)? });
        }
        Ok(Groups::of(sources, part.sources.iter().map(|s| s.by_locale).collect()))
    }
}

/// Largest response in bytes: populated lists are not paged, and must not fill the memory.
pub const LARGEST_ANSWER: usize = 64 << 20;

pub(super) fn bounded(buffer: &[u8]) -> Result<()> {
    if buffer.len() > LARGEST_ANSWER { Err(StoreError::AnswerTooLarge(LARGEST_ANSWER)) } else { Ok(()) }
}

fn corrupt() -> StoreError {
    StoreError::Corrupt { place: "a component column".into(), message: "its JSON is malformed".into() }
}

fn distinct<'a>(texts: impl Iterator<Item = Option<&'a str>>) -> Keys<'a> {
    let mut all: Vec<&str> = texts.flatten().filter(|t| !t.is_empty()).collect();
    all.sort_unstable();
    all.dedup();
    Keys::Texts(all)
}

fn clamp(n: u64) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

/// Writes a value in the form of its column.
pub(super) fn write_column(out: &mut Vec<u8>, kind: &Out, value: ValueRef<'_>, store: &Inner) -> Result<()> {
    match (kind, value) {
        (Out::Address(address), ValueRef::Text(t)) => {
            let begun = out.len();
            write_column(
                out,
                if *address == Address::Text { &Out::Text } else { &Out::Json },
                ValueRef::Text(t),
                store,
            )?;
            links::sign(out, begun, *address, store.file_links.get().map(|l| &**l));
        }
        (Out::Shape(shape), ValueRef::Text(t)) => {
            components::write(out, shape, Some(t), None).map_err(|_| corrupt())?;
        }
        (Out::Shape(shape), _) => components::write(out, shape, None, None).map_err(|_| corrupt())?,
        (_, ValueRef::Null) => out.extend_from_slice(b"null"),
        (Out::Boolean, ValueRef::Integer(i)) => out.extend_from_slice(if i != 0 { b"true" } else { b"false" }),
        (Out::IntegerText, ValueRef::Integer(i)) => {
            out.push(b'"');
            json::integer(out, i);
            out.push(b'"');
        }
        (_, ValueRef::Integer(i)) => json::integer(out, i),
        (_, ValueRef::Real(f)) => json::float(out, f),
        (Out::Json | Out::Decimal, ValueRef::Text(t)) => out.extend_from_slice(t),
        (Out::Plain, ValueRef::Text(t)) => json::plain(out, t),
        // The database holds UTF-8, but a file written by other hands may not.
        (_, ValueRef::Text(t)) => match std::str::from_utf8(t) {
            Ok(_) => json::string(out, t),
            Err(_) => json::string(out, String::from_utf8_lossy(t).as_bytes()),
        },
        (_, ValueRef::Blob(_)) => out.extend_from_slice(b"null"),
        (Out::Decimal, other) => out.extend_from_slice(other.text().as_deref().unwrap_or("null").as_bytes()),
        // Dates and times, which need no escaping.
        (_, other) => match other.text() {
            Some(t) => json::plain(out, t.as_bytes()),
            None => out.extend_from_slice(b"null"),
        },
    }
    Ok(())
}
