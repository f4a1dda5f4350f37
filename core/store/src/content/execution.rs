//! Executes compiled statements: renders each level's rows to JSON, the levels below it by one batched statement each, and assembles them.

use super::components::{self, LinkedRows};
use super::file_urls as links;
use super::groups::{CountsByKey, GroupKey, GroupKeyRef, RenderedRows, RowGroups};
use super::json_writer as json;
use super::sql::{Bind, ColumnFormat, ExtraColumns, KeyFrom, Level, PopulatePart, RelationPart, Statement, UrlFormat};
use crate::connection::{Param, ToParam, Value, ValueRef};
use crate::state::StoreState;
use crate::{Reader, Result, StoreError};
use std::cell::Cell;

/// The ids that a batched statement looks for.
pub(super) enum LookupKeys<'k> {
    None,
    Ids(&'k [i64]),
    Texts(Vec<&'k str>),
}

impl LookupKeys<'_> {
    fn are_none(&self) -> bool {
        match self {
            LookupKeys::None => true,
            LookupKeys::Ids(ids) => ids.is_empty(),
            LookupKeys::Texts(texts) => texts.is_empty(),
        }
    }
}

/// One execution of a plan.
pub(super) struct PlanExecution<'a> {
    pub(super) reader: &'a Reader<'a>,
    /// The values that were taken out of the plan.
    pub(super) values: &'a [Vec<Value>],
    pub(super) document: Option<&'a str>,
    pub(super) limit: u64,
    pub(super) offset: u64,
    /// Column of the version token in the first statement's rows, and where to write it.
    pub(super) version: Option<(usize, &'a Cell<Option<i64>>)>,
}

impl<'a> PlanExecution<'a> {
    pub(super) fn new(
        reader: &'a Reader<'a>,
        values: &'a [Vec<Value>],
        document: Option<&'a str>,
        limit: u64,
        offset: u64,
    ) -> Self {
        Self { reader, values, document, limit, offset, version: None }
    }

    pub(super) fn bind_params<'s>(&'s self, binds: &'s [Bind], keys: &'s LookupKeys<'_>) -> Vec<Param<'s>> {
        let param = |bind: &'s Bind| match bind {
            Bind::Value(v) => v.param(),
            Bind::List(list) => Param::List(list),
            Bind::Slot(position) => self.values[*position].first().map_or(Param::Null, ToParam::param),
            Bind::SlotList(position) => Param::List(&self.values[*position]),
            Bind::Keys => match keys {
                LookupKeys::None => Param::Integers(&[]),
                LookupKeys::Ids(ids) => Param::Integers(ids),
                LookupKeys::Texts(texts) => Param::Texts(texts),
            },
            Bind::Document => self.document.map_or(Param::Null, Param::Text),
            Bind::Limit => Param::Integer(clamp_to_i64(self.limit)),
            Bind::Offset => Param::Integer(clamp_to_i64(self.offset)),
        };
        binds.iter().map(param).collect()
    }

    /// Runs the first level straight into the response, objects separated by commas; returns their number.
    pub(super) fn append_rows(&self, out: &mut Vec<u8>, statement: &Statement, level: &Level) -> Result<usize> {
        let rendered = self.run_level_into(std::mem::take(out), true, statement, &LookupKeys::None, level)?;
        *out = rendered.buffer;
        Ok(rendered.spans.len())
    }

    /// Runs a level's statement and those below it; returns complete objects.
    fn run_level(&self, statement: &Statement, keys: &LookupKeys<'_>, level: &Level) -> Result<RenderedRows> {
        self.run_level_into(Vec::with_capacity(2048), false, statement, keys, level)
    }

    fn run_level_into(
        &self,
        buffer: Vec<u8>,
        separated: bool,
        statement: &Statement,
        keys: &LookupKeys<'_>,
        level: &Level,
    ) -> Result<RenderedRows> {
        let params = self.bind_params(&statement.binds, keys);
        // Objects that are to be completed are written aside first.
        let is_complete = level.parts.is_empty();
        let (mut target, scratch) =
            if is_complete { (None, buffer) } else { (Some(buffer), Vec::with_capacity(16 * 1024)) };
        let mut rendered = RenderedRows { buffer: scratch, ..RenderedRows::default() };
        let ExtraColumns { id, document, locale, key, position } = level.extra;
        let columns: Vec<usize> = level
            .parts
            .iter()
            .map(|p| match p {
                PopulatePart::Related { from: KeyFrom::Column(i), .. } => *i,
                PopulatePart::Components { column, .. } => *column,
                _ => usize::MAX,
            })
            .collect();
        // Per part, per row: the text its related rows are found by, or the components to be written.
        let mut texts: Vec<Vec<Option<Box<str>>>> = vec![Vec::new(); level.parts.len()];
        self.reader.conn.query("running a query", &statement.text, &params[..], |row| {
            if is_complete && separated && !rendered.spans.is_empty() {
                rendered.buffer.push(b',');
            }
            let start = rendered.buffer.len() as u32;
            rendered.buffer.push(b'{');
            rendered.buffer.extend_from_slice(&level.head);
            for (i, column) in level.columns.iter().enumerate() {
                rendered.buffer.extend_from_slice(&column.key);
                write_column(&mut rendered.buffer, &column.out, row.value_at(i)?, self.reader.store)?;
            }
            if is_complete {
                rendered.buffer.push(b'}');
            }
            check_response_size(&rendered.buffer)?;
            rendered.spans.push((start, rendered.buffer.len() as u32));
            // Rows are separated only at the first level, which is written straight into a response.
            if separated && let Some((i, version)) = self.version {
                version.set(Some(row.get(i)?));
            }
            if let Some(i) = id {
                rendered.ids.push(row.get(i)?);
            }
            if let Some(i) = document {
                rendered.documents.push(row.text_at(i)?.unwrap_or_default());
            }
            if let Some(i) = locale {
                rendered.locales.push(row.text_at(i)?.unwrap_or_default());
            }
            if let Some(i) = position {
                rendered.positions.push(row.get(i)?);
            }
            if let Some(i) = key {
                rendered.keys.push(match row.value_at(i)? {
                    ValueRef::Integer(n) => GroupKey::Id(n),
                    ValueRef::Text(t) => GroupKey::Text(String::from_utf8_lossy(t).into()),
                    _ => GroupKey::Id(i64::MIN),
                });
            }
            for (part, &i) in columns.iter().enumerate() {
                if i != usize::MAX {
                    texts[part].push(row.text_at(i)?);
                }
            }
            Ok(())
        })?;
        match target.take() {
            None => Ok(rendered),
            Some(target) if rendered.spans.is_empty() => Ok(RenderedRows { buffer: target, ..rendered }),
            Some(target) => self.complete_rows(rendered, target, separated, level, &texts),
        }
    }

    /// Runs the statements of a level's parts and puts their rows into the objects.
    fn complete_rows(
        &self,
        mut rendered: RenderedRows,
        mut buffer: Vec<u8>,
        separated: bool,
        level: &Level,
        texts: &[Vec<Option<Box<str>>>],
    ) -> Result<RenderedRows> {
        let mut groups: Vec<Vec<RowGroups>> = Vec::with_capacity(level.parts.len());
        for (p, part) in level.parts.iter().enumerate() {
            groups.push(match part {
                PopulatePart::Related { from, source, .. } => {
                    let keys = match from {
                        KeyFrom::Id => LookupKeys::Ids(&rendered.ids),
                        KeyFrom::Document => distinct_keys(rendered.documents.iter().map(|d| Some(d.as_ref()))),
                        KeyFrom::Column(_) => distinct_keys(texts[p].iter().map(|t| t.as_deref())),
                    };
                    vec![self.gather_groups(source, &keys)?]
                }
                PopulatePart::Components { links, .. } => {
                    let keys = LookupKeys::Ids(&rendered.ids);
                    links.iter().map(|l| self.gather_groups(l, &keys)).collect::<Result<_>>()?
                }
                PopulatePart::Constant { .. } => Vec::new(),
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
                    PopulatePart::Related { key, from, many, kept: is_stored, .. } => {
                        let by = match from {
                            KeyFrom::Id => GroupKeyRef::Id(rendered.ids[i]),
                            KeyFrom::Document => GroupKeyRef::Text(&rendered.documents[i]),
                            KeyFrom::Column(_) => GroupKeyRef::Text(texts[p][i].as_deref().unwrap_or("")),
                        };
                        if !is_stored && !groups[p][0].has_rows(by) {
                            continue;
                        }
                        buffer.extend_from_slice(key);
                        groups[p][0].write_group(&mut buffer, by, locale, *many);
                    }
                    PopulatePart::Components { key, shape, .. } => {
                        buffer.extend_from_slice(key);
                        let links = LinkedRows { groups: &groups[p], locale };
                        let text = texts[p][i].as_deref().map(str::as_bytes);
                        components::write_components(&mut buffer, shape, text, Some(&links))
                            .map_err(|_| corrupt_error())?;
                    }
                    PopulatePart::Constant { key, json } => {
                        buffer.extend_from_slice(key);
                        buffer.extend_from_slice(json.as_bytes());
                    }
                }
            }
            buffer.push(b'}');
            check_response_size(&buffer)?;
            spans.push((start, buffer.len() as u32));
        }
        rendered.buffer = buffer;
        rendered.spans = spans;
        Ok(rendered)
    }

    fn gather_groups(&self, part: &RelationPart, keys: &LookupKeys<'_>) -> Result<RowGroups> {
        let none = keys.are_none();
        if part.count {
            let mut counts = CountsByKey::default();
            for source in part.sources.iter().filter(|_| !none) {
                let params = self.bind_params(&source.statement.binds, keys);
                self.reader.conn.query("running a query", &source.statement.text, &params[..], |row| {
                    let n: i64 = row.get(1)?;
                    match row.value_at(0)? {
                        ValueRef::Integer(id) => *counts.by_id.entry(id).or_default() += n,
                        ValueRef::Text(t) => *counts.by_text.entry(String::from_utf8_lossy(t).into()).or_default() += n,
                        _ => {}
                    }
                    Ok(())
                })?;
            }
            return Ok(RowGroups::from_counts(counts));
        }
        let mut sources = Vec::with_capacity(part.sources.len());
        for source in &part.sources {
            sources.push(if none {
                RenderedRows::default()
            } else {
                self.run_level(&source.statement, keys, &source.level)?
            });
        }
        Ok(RowGroups::from_sources(sources, part.sources.iter().map(|s| s.by_locale).collect()))
    }
}

/// Largest response in bytes: populated lists are not paged, and must not fill the memory.
pub const MAX_RESPONSE_BYTES: usize = 64 << 20;

pub(super) fn check_response_size(buffer: &[u8]) -> Result<()> {
    if buffer.len() > MAX_RESPONSE_BYTES { Err(StoreError::AnswerTooLarge(MAX_RESPONSE_BYTES)) } else { Ok(()) }
}

fn corrupt_error() -> StoreError {
    StoreError::Corrupt { place: "a component column".into(), message: "its JSON is malformed".into() }
}

fn distinct_keys<'a>(texts: impl Iterator<Item = Option<&'a str>>) -> LookupKeys<'a> {
    let mut all: Vec<&str> = texts.flatten().filter(|t| !t.is_empty()).collect();
    all.sort_unstable();
    all.dedup();
    LookupKeys::Texts(all)
}

fn clamp_to_i64(n: u64) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

/// Writes a value in the form of its column.
pub(super) fn write_column(
    out: &mut Vec<u8>,
    kind: &ColumnFormat,
    value: ValueRef<'_>,
    store: &StoreState,
) -> Result<()> {
    match (kind, value) {
        (ColumnFormat::Address(address), ValueRef::Text(t)) => {
            let start = out.len();
            write_column(
                out,
                if *address == UrlFormat::Text { &ColumnFormat::Text } else { &ColumnFormat::Json },
                ValueRef::Text(t),
                store,
            )?;
            links::sign_urls(out, start, *address, store.file_links.get().map(|l| &**l));
        }
        (ColumnFormat::Shape(shape), ValueRef::Text(t)) => {
            components::write_components(out, shape, Some(t), None).map_err(|_| corrupt_error())?;
        }
        (ColumnFormat::Shape(shape), _) => {
            components::write_components(out, shape, None, None).map_err(|_| corrupt_error())?
        }
        (_, ValueRef::Null) => out.extend_from_slice(b"null"),
        (ColumnFormat::Boolean, ValueRef::Integer(i)) => out.extend_from_slice(if i != 0 { b"true" } else { b"false" }),
        (ColumnFormat::IntegerText, ValueRef::Integer(i)) => {
            out.push(b'"');
            json::write_integer(out, i);
            out.push(b'"');
        }
        (_, ValueRef::Integer(i)) => json::write_integer(out, i),
        (_, ValueRef::Real(f)) => json::write_float(out, f),
        (ColumnFormat::Json | ColumnFormat::Decimal, ValueRef::Text(t)) => out.extend_from_slice(t),
        (ColumnFormat::Plain, ValueRef::Text(t)) => json::write_plain(out, t),
        // The database holds UTF-8, but a file written by other hands may not.
        (_, ValueRef::Text(t)) => match std::str::from_utf8(t) {
            Ok(_) => json::write_string(out, t),
            Err(_) => json::write_string(out, String::from_utf8_lossy(t).as_bytes()),
        },
        (_, ValueRef::Blob(_)) => out.extend_from_slice(b"null"),
        (ColumnFormat::Decimal, other) => {
            out.extend_from_slice(other.to_text().as_deref().unwrap_or("null").as_bytes())
        }
        // Dates and times, which need no escaping.
        (_, other) => match other.to_text() {
            Some(t) => json::write_plain(out, t.as_bytes()),
            None => out.extend_from_slice(b"null"),
        },
    }
    Ok(())
}
