//! Runs compiled plans: columns straight to JSON bytes, one statement per populated attribute, target type and level.

use super::components::{self, LinkedRows};
use super::json_writer as json;
use super::sql::{Bind, ExtraColumns, KeyFrom, Level, Out, Part, RefPart, Scope, Statement, conditions, status_number};
use crate::database::Reader;
use crate::{Result, StoreError};
use cairn_model::{Registry, TypeId};
use cairn_query::{Locales, Page, Plan, Scalar};
use parking_lot::Mutex;
use rusqlite::types::{ToSql, ToSqlOutput, Value as SqlValue, ValueRef};
use std::collections::HashMap;
use std::rc::Rc;

pub(crate) use super::sql::Context;

/// A plan compiled to statements. Kept by `content` per request shape.
pub struct Prepared {
    content_type: TypeId,
    page: Page,
    list: Statement,
    one: Statement,
    count: Count,
    level: Level,
    /// The total that was last computed, and the change stamp it belongs to.
    total: Mutex<Option<(u64, u64)>>,
    /// A scan or sort without a known index: may be long on a large table.
    pub may_scan: bool,
}

enum Count {
    /// From the kept counters: (status, locale or all).
    Kept(u8, Option<String>),
    /// By a statement.
    Statement(Statement),
}

/// A page that was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Found {
    /// Entries on the page.
    pub entries: usize,
    /// All entries; `None` where not wanted.
    pub total: Option<u64>,
}

impl Prepared {
    /// Compiles a plan. `default_locale` is what localised targets are shown in where the request names several
    /// locales and the row that points at them has none.
    pub fn compile(registry: &Registry, plan: &Plan, default_locale: &str) -> Self {
        let ct = registry.get(plan.content_type);
        let (request_locale, many_locales) = match &plan.locale {
            Locales::One(l) => (l.as_str(), false),
            _ => (default_locale, true),
        };
        let context = Context { registry, status: plan.status, request_locale, many_locales };
        let scope = Scope::Row { alias: "b".into(), ct };
        let table = crate::ident::Ident::table(ct);

        let mut sql = context.sql();
        let (level, select) = context.level(&mut sql, &plan.node, "b");
        let on = conditions(&mut sql, plan, "b");
        let order = sql.order(&plan.sort, &scope);
        let (limit, offset) = (sql.bind(Bind::Limit), sql.bind(Bind::Offset));
        let select = select.join(", ");
        let list = sql.finish(format!("SELECT {select} FROM {table} b WHERE {on} ORDER BY {order} LIMIT {limit} OFFSET {offset}"));

        let mut sql = context.sql();
        let (_, select) = context.level(&mut sql, &plan.node, "b");
        let document = sql.bind(Bind::Document);
        let on = conditions(&mut sql, plan, "b");
        let one = sql.finish(format!("SELECT {} FROM {table} b WHERE b.document_id = {document} AND {on} LIMIT 1", select.join(", ")));

        let kept = match (&plan.filter, plan.has_published, &plan.locale) {
            (None, None, _) if !ct.localized => Some(Some(String::new())),
            (None, None, Locales::One(l)) => Some(Some(l.clone())),
            (None, None, Locales::All) => Some(None),
            _ => None,
        };
        let count = match kept {
            Some(locale) => Count::Kept(status_number(ct, plan.status), locale),
            None => {
                let mut sql = context.sql();
                let on = conditions(&mut sql, plan, "b");
                Count::Statement(sql.finish(format!("SELECT count(*) FROM {table} b WHERE {on}")))
            }
        };
        let may_scan = plan.filter.is_some() || !plan.sort.is_empty() || plan.page.window().0 > 1_000;
        Self { content_type: plan.content_type, page: plan.page, list, one, count, level, total: Mutex::new(None), may_scan }
    }

    /// The type it reads.
    pub fn content_type(&self) -> TypeId {
        self.content_type
    }

    /// The page it reads.
    pub fn page(&self) -> Page {
        self.page
    }

    /// How many statements a list takes at most, by what they are for; committed as a snapshot by a test.
    pub fn statements(&self) -> Vec<String> {
        let mut all = vec![self.list.text.clone()];
        if let Count::Statement(s) = &self.count {
            all.push(s.text.clone());
        }
        collect_statements(&self.level, &mut all);
        all
    }
}

fn collect_statements(level: &Level, all: &mut Vec<String>) {
    let sources = |part: &RefPart, all: &mut Vec<String>| {
        for s in &part.sources {
            all.push(s.statement.text.clone());
            if !part.count {
                collect_statements(&s.level, all);
            }
        }
    };
    for part in &level.parts {
        match part {
            Part::Related { source, .. } => sources(source, all),
            Part::Components { links, .. } => links.iter().for_each(|l| sources(l, all)),
            Part::Localizations { statement, level, .. } => {
                all.push(statement.text.clone());
                collect_statements(level, all);
            }
        }
    }
}

impl Reader<'_> {
    /// Appends a JSON array of the plan's page to `out`. `stamp` is the change stamp of the types it touches, read
    /// before this snapshot began: the total is computed once per stamp.
    pub fn list(&self, prepared: &Prepared, stamp: u64, out: &mut Vec<u8>) -> Result<Found> {
        let (offset, limit) = prepared.page.window();
        let run = Run { reader: self, document: None, limit, offset };
        out.push(b'[');
        let entries = run.append(out, &prepared.list, &prepared.level)?;
        out.push(b']');
        let total = if prepared.page.with_count() { Some(self.total(prepared, stamp, &run)?) } else { None };
        Ok(Found { entries, total })
    }

    /// Appends the JSON object of one document; false where there is none that matches.
    pub fn one(&self, prepared: &Prepared, document_id: &str, out: &mut Vec<u8>) -> Result<bool> {
        let run = Run { reader: self, document: Some(document_id), limit: 1, offset: 0 };
        Ok(run.append(out, &prepared.one, &prepared.level)? > 0)
    }

    /// Appends the JSON object of the first entry of the plan's page; false where there is none.
    pub fn first(&self, prepared: &Prepared, out: &mut Vec<u8>) -> Result<bool> {
        let run = Run { reader: self, document: None, limit: 1, offset: 0 };
        Ok(run.append(out, &prepared.list, &prepared.level)? > 0)
    }

    /// How many entries match, whatever the page.
    pub fn count(&self, prepared: &Prepared, stamp: u64) -> Result<u64> {
        self.total(prepared, stamp, &Run { reader: self, document: None, limit: 0, offset: 0 })
    }

    fn total(&self, prepared: &Prepared, stamp: u64, run: &Run<'_>) -> Result<u64> {
        if let Some((at, n)) = *prepared.total.lock()
            && at == stamp
        {
            return Ok(n);
        }
        let at = StoreError::at;
        let n: i64 = match &prepared.count {
            Count::Kept(status, locale) => {
                let uid = &self.registry().get(prepared.content_type).uid;
                let (text, locale) = match locale {
                    Some(l) => ("SELECT coalesce(sum(n), 0) FROM cairn_counts WHERE type = ?1 AND status = ?2 AND locale = ?3", l.as_str()),
                    None => ("SELECT coalesce(sum(n), 0) FROM cairn_counts WHERE type = ?1 AND status = ?2 AND ?3 = ''", ""),
                };
                self.conn
                    .prepare_cached(text)
                    .and_then(|mut s| s.query_row((uid, *status, locale), |r| r.get(0)))
                    .map_err(at("counting entries"))?
            }
            Count::Statement(s) => {
                let mut statement = self.conn.prepare_cached(&s.text).map_err(at("counting entries"))?;
                run.bind(&mut statement, &s.binds, &Keys::None)?;
                let mut rows = statement.raw_query();
                let row = rows.next().map_err(at("counting entries"))?;
                row.map_or(Ok(0), |r| r.get(0)).map_err(at("counting entries"))?
            }
        };
        let n = n.max(0) as u64;
        *prepared.total.lock() = Some((stamp, n));
        Ok(n)
    }
}

/// The ids a batched statement looks for.
enum Keys {
    None,
    List(Rc<Vec<SqlValue>>),
}

/// A key of a row, for grouping.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Key {
    Id(i64),
    Text(Box<str>),
}

/// A borrowed [`Key`].
#[derive(Debug, Clone, Copy)]
pub(super) enum KeyRef<'a> {
    Id(i64),
    Text(&'a str),
}

/// Entries that were written, and what they are found by.
#[derive(Default)]
struct Rendered {
    buffer: Vec<u8>,
    spans: Vec<(u32, u32)>,
    ids: Vec<i64>,
    documents: Vec<Box<str>>,
    locales: Vec<Box<str>>,
    keys: Vec<Key>,
    positions: Vec<i64>,
}

impl Rendered {
    fn get(&self, i: usize) -> &[u8] {
        let (start, end) = self.spans[i];
        &self.buffer[start as usize..end as usize]
    }
}

/// The rows of one relation, by the key of the row they belong to.
pub(super) struct Groups {
    sources: Vec<Rendered>,
    /// (source, row) in order.
    by_id: HashMap<i64, Vec<(u32, u32)>>,
    by_text: HashMap<Box<str>, Vec<(u32, u32)>>,
    counts: Option<(HashMap<i64, i64>, HashMap<Box<str>, i64>)>,
    by_locale: Vec<bool>,
}

impl Groups {
    fn of(sources: Vec<Rendered>, by_locale: Vec<bool>) -> Self {
        let mut groups = Self { sources: Vec::new(), by_id: HashMap::new(), by_text: HashMap::new(), counts: None, by_locale };
        for (s, rendered) in sources.iter().enumerate() {
            for (i, key) in rendered.keys.iter().enumerate() {
                let list = match key {
                    Key::Id(id) => groups.by_id.entry(*id).or_default(),
                    Key::Text(t) => match groups.by_text.get_mut(t) {
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

    /// Writes what belongs to a row: a list, one or null, or a count.
    pub(super) fn write(&self, out: &mut Vec<u8>, key: KeyRef<'_>, locale: &str, many: bool) {
        if let Some((by_id, by_text)) = &self.counts {
            let n = match key {
                KeyRef::Id(id) => by_id.get(&id),
                KeyRef::Text(t) => by_text.get(t),
            };
            out.extend_from_slice(b"{\"count\":");
            json::integer(out, n.copied().unwrap_or(0));
            out.push(b'}');
            return;
        }
        let list = match key {
            KeyRef::Id(id) => self.by_id.get(&id),
            KeyRef::Text(t) => self.by_text.get(t),
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

/// One execution of a plan.
struct Run<'a> {
    reader: &'a Reader<'a>,
    document: Option<&'a str>,
    limit: u64,
    offset: u64,
}

impl Run<'_> {
    fn bind(&self, statement: &mut rusqlite::Statement<'_>, binds: &[Bind], keys: &Keys) -> Result<()> {
        for (i, bind) in binds.iter().enumerate() {
            let i = i + 1;
            match bind {
                Bind::Value(v) => statement.raw_bind_parameter(i, Bound(v)),
                Bind::List(list) => {
                    let values: Rc<Vec<SqlValue>> = Rc::new(list.iter().map(owned).collect());
                    statement.raw_bind_parameter(i, values)
                }
                Bind::Keys => match keys {
                    Keys::None => statement.raw_bind_parameter(i, Rc::new(Vec::<SqlValue>::new())),
                    Keys::List(list) => statement.raw_bind_parameter(i, list.clone()),
                },
                Bind::Document => statement.raw_bind_parameter(i, self.document),
                Bind::Limit => statement.raw_bind_parameter(i, clamp(self.limit)),
                Bind::Offset => statement.raw_bind_parameter(i, clamp(self.offset)),
            }
            .map_err(StoreError::at("binding a query"))?;
        }
        Ok(())
    }

    /// Runs the first level straight into an answer, objects separated by commas; answers how many.
    fn append(&self, out: &mut Vec<u8>, statement: &Statement, level: &Level) -> Result<usize> {
        let rendered = self.level_into(std::mem::take(out), true, statement, &Keys::None, level)?;
        *out = rendered.buffer;
        Ok(rendered.spans.len())
    }

    /// Runs a level's statement and those below it; answers complete objects.
    fn level(&self, statement: &Statement, keys: &Keys, level: &Level) -> Result<Rendered> {
        self.level_into(Vec::with_capacity(2048), false, statement, keys, level)
    }

    fn level_into(&self, buffer: Vec<u8>, separated: bool, statement: &Statement, keys: &Keys, level: &Level) -> Result<Rendered> {
        let at = StoreError::at;
        let mut prepared = self.reader.conn.prepare_cached(&statement.text).map_err(at("preparing a query"))?;
        self.bind(&mut prepared, &statement.binds, keys)?;
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
        let mut rows = prepared.raw_query();
        while let Some(row) = rows.next().map_err(at("running a query"))? {
            if whole && separated && !rendered.spans.is_empty() {
                rendered.buffer.push(b',');
            }
            let start = rendered.buffer.len() as u32;
            rendered.buffer.push(b'{');
            rendered.buffer.extend_from_slice(&level.head);
            for (i, column) in level.columns.iter().enumerate() {
                rendered.buffer.extend_from_slice(&column.key);
                let value = row.get_ref(i).map_err(at("reading a row"))?;
                write_column(&mut rendered.buffer, &column.out, value)?;
            }
            if whole {
                rendered.buffer.push(b'}');
            }
            rendered.spans.push((start, rendered.buffer.len() as u32));
            let text = |i: usize| -> Result<Option<Box<str>>> {
                match row.get_ref(i).map_err(at("reading a row"))? {
                    ValueRef::Text(t) => Ok(Some(String::from_utf8_lossy(t).into())),
                    _ => Ok(None),
                }
            };
            if let Some(i) = id {
                rendered.ids.push(row.get(i).map_err(at("reading a row"))?);
            }
            if let Some(i) = document {
                rendered.documents.push(text(i)?.unwrap_or_default());
            }
            if let Some(i) = locale {
                rendered.locales.push(text(i)?.unwrap_or_default());
            }
            if let Some(i) = position {
                rendered.positions.push(row.get(i).map_err(at("reading a row"))?);
            }
            if let Some(i) = key {
                rendered.keys.push(match row.get_ref(i).map_err(at("reading a row"))? {
                    ValueRef::Integer(n) => Key::Id(n),
                    ValueRef::Text(t) => Key::Text(String::from_utf8_lossy(t).into()),
                    _ => Key::Id(i64::MIN),
                });
            }
            for (part, &i) in columns.iter().enumerate() {
                if i != usize::MAX {
                    texts[part].push(text(i)?);
                }
            }
        }
        drop(rows);
        drop(prepared);
        match target.take() {
            None => Ok(rendered),
            Some(target) if rendered.spans.is_empty() => Ok(Rendered { buffer: target, ..rendered }),
            Some(target) => self.complete(rendered, target, separated, level, &texts),
        }
    }

    /// Runs the statements of a level's parts and puts their rows into the objects.
    fn complete(&self, mut rendered: Rendered, mut buffer: Vec<u8>, separated: bool, level: &Level, texts: &[Vec<Option<Box<str>>>]) -> Result<Rendered> {
        let mut groups: Vec<Vec<Groups>> = Vec::with_capacity(level.parts.len());
        for (p, part) in level.parts.iter().enumerate() {
            groups.push(match part {
                Part::Related { from, source, .. } => {
                    let keys = match from {
                        KeyFrom::Id => ids(&rendered.ids),
                        KeyFrom::Document => distinct(rendered.documents.iter().map(|d| Some(d.as_ref()))),
                        KeyFrom::Column(_) => distinct(texts[p].iter().map(|t| t.as_deref())),
                    };
                    vec![self.gather(source, &keys)?]
                }
                Part::Components { links, .. } => {
                    let keys = ids(&rendered.ids);
                    links.iter().map(|l| self.gather(l, &keys)).collect::<Result<_>>()?
                }
                Part::Localizations { statement, level, .. } => {
                    let keys = distinct(rendered.documents.iter().map(|d| Some(d.as_ref())));
                    vec![Groups::of(vec![self.level(statement, &keys, level)?], vec![false])]
                }
            });
        }
        let mut spans = Vec::with_capacity(rendered.spans.len());
        for i in 0..rendered.spans.len() {
            if separated && i > 0 {
                buffer.push(b',');
            }
            let start = buffer.len() as u32;
            buffer.extend_from_slice(rendered.get(i));
            let locale = rendered.locales.get(i).map_or("", |l| l);
            for (p, part) in level.parts.iter().enumerate() {
                match part {
                    Part::Related { key, from, many, .. } => {
                        buffer.extend_from_slice(key);
                        let by = match from {
                            KeyFrom::Id => KeyRef::Id(rendered.ids[i]),
                            KeyFrom::Document => KeyRef::Text(&rendered.documents[i]),
                            KeyFrom::Column(_) => KeyRef::Text(texts[p][i].as_deref().unwrap_or("")),
                        };
                        groups[p][0].write(&mut buffer, by, locale, *many);
                    }
                    Part::Components { key, shape, .. } => {
                        buffer.extend_from_slice(key);
                        let links = LinkedRows { groups: &groups[p], locale };
                        let text = texts[p][i].as_deref().map(str::as_bytes);
                        components::write(&mut buffer, shape, text, Some(&links)).map_err(|_| corrupt())?;
                    }
                    Part::Localizations { key, .. } => {
                        buffer.extend_from_slice(key);
                        let others = &groups[p][0];
                        let own = rendered.ids[i];
                        buffer.push(b'[');
                        let mut first = true;
                        for (s, r) in others.by_text.get(&rendered.documents[i]).into_iter().flatten() {
                            let source = &others.sources[*s as usize];
                            if source.ids.get(*r as usize) == Some(&own) {
                                continue;
                            }
                            if !first {
                                buffer.push(b',');
                            }
                            first = false;
                            buffer.extend_from_slice(source.get(*r as usize));
                        }
                        buffer.push(b']');
                    }
                }
            }
            buffer.push(b'}');
            spans.push((start, buffer.len() as u32));
        }
        rendered.buffer = buffer;
        rendered.spans = spans;
        Ok(rendered)
    }

    fn gather(&self, part: &RefPart, keys: &Keys) -> Result<Groups> {
        let none = match keys {
            Keys::None => true,
            Keys::List(list) => list.is_empty(),
        };
        if part.count {
            let (mut by_id, mut by_text) = (HashMap::new(), HashMap::new());
            for source in part.sources.iter().filter(|_| !none) {
                let at = StoreError::at;
                let mut s = self.reader.conn.prepare_cached(&source.statement.text).map_err(at("preparing a query"))?;
                self.bind(&mut s, &source.statement.binds, keys)?;
                let mut rows = s.raw_query();
                while let Some(row) = rows.next().map_err(at("running a query"))? {
                    let n: i64 = row.get(1).map_err(at("reading a row"))?;
                    match row.get_ref(0).map_err(at("reading a row"))? {
                        ValueRef::Integer(id) => *by_id.entry(id).or_default() += n,
                        ValueRef::Text(t) => *by_text.entry(String::from_utf8_lossy(t).into()).or_default() += n,
                        _ => {}
                    }
                }
            }
            let counts = Some((by_id, by_text));
            return Ok(Groups { sources: vec![], by_id: HashMap::new(), by_text: HashMap::new(), counts, by_locale: vec![] });
        }
        let mut sources = Vec::with_capacity(part.sources.len());
        for source in &part.sources {
            sources.push(if none { Rendered::default() } else { self.level(&source.statement, keys, &source.level)? });
        }
        Ok(Groups::of(sources, part.sources.iter().map(|s| s.by_locale).collect()))
    }
}

fn corrupt() -> StoreError {
    StoreError::Corrupt { place: "a component column".into(), message: "its JSON is malformed".into() }
}

fn ids(ids: &[i64]) -> Keys {
    Keys::List(Rc::new(ids.iter().map(|&i| SqlValue::Integer(i)).collect()))
}

fn distinct<'a>(texts: impl Iterator<Item = Option<&'a str>>) -> Keys {
    let mut all: Vec<&str> = texts.flatten().filter(|t| !t.is_empty()).collect();
    all.sort_unstable();
    all.dedup();
    Keys::List(Rc::new(all.into_iter().map(|t| SqlValue::Text(t.to_owned())).collect()))
}

fn clamp(n: u64) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

fn write_column(out: &mut Vec<u8>, kind: &Out, value: ValueRef<'_>) -> Result<()> {
    match (kind, value) {
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
    }
    Ok(())
}

/// A scalar bound without copying its text.
pub(crate) struct Bound<'a>(pub(crate) &'a Scalar);

impl ToSql for Bound<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(match self.0 {
            Scalar::Null => ToSqlOutput::Owned(SqlValue::Null),
            Scalar::Bool(b) => ToSqlOutput::Owned(SqlValue::Integer(i64::from(*b))),
            Scalar::Int(i) => ToSqlOutput::Owned(SqlValue::Integer(*i)),
            Scalar::Float(f) => ToSqlOutput::Owned(SqlValue::Real(*f)),
            Scalar::Text(t) => ToSqlOutput::Borrowed(ValueRef::Text(t.as_bytes())),
        })
    }
}

fn owned(v: &Scalar) -> SqlValue {
    match v {
        Scalar::Null => SqlValue::Null,
        Scalar::Bool(b) => SqlValue::Integer(i64::from(*b)),
        Scalar::Int(i) => SqlValue::Integer(*i),
        Scalar::Float(f) => SqlValue::Real(*f),
        Scalar::Text(t) => SqlValue::Text(t.clone()),
    }
}
