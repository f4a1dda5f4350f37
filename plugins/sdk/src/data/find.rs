//! Reading documents.

use super::row::{Document, Row};
use crate::bindings::data::{self as raw, Found, Measure, Paging, ReadOp};
use crate::{Authority, Error, Result, Status};
use serde::Serialize;
use serde_json::{Value, json};
use std::marker::PhantomData;

/// Asks for documents of a type: all of them, until it is told less.
///
/// ```no_run
/// # use cairn_plugin::{Document, Result, data::find};
/// # use serde_json::json;
/// # #[derive(serde::Deserialize)] struct Event {}
/// # impl Document for Event { const TYPE: &'static str = "plugin::bookings.event"; }
/// # fn example() -> Result<()> {
/// let open = find::<Event>().filter(json!({ "places": { "$gt": 0 } })).sort("startsAt:asc").all(100)?;
/// # Ok(()) }
/// ```
#[must_use = "a query does nothing until it is asked for its rows"]
pub fn find<T: Document>() -> Find<T> {
    Find {
        filters: Vec::new(),
        sort: Vec::new(),
        fields: Vec::new(),
        populate: None,
        locale: None,
        status: Status::Published,
        lock: false,
        rights: Authority::Plugin,
        of: PhantomData,
    }
}

/// One document by its id; none where it is not there or may not be seen.
///
/// # Errors
/// What the host says, or a document that does not fit `T`.
pub fn get<T: Document>(id: &str) -> Result<Option<Row<T>>> {
    Ok(get_many(&[id])?.pop().flatten())
}

/// Documents by their ids, in that order, with none where one is not there or may not be seen. One call for all of them.
///
/// # Errors
/// What the host says, or a document that does not fit `T`.
pub fn get_many<T: Document>(ids: &[&str]) -> Result<Vec<Option<Row<T>>>> {
    find::<T>().by_ids(ids)
}

/// A query in the making.
#[derive(Debug, Clone)]
#[must_use = "a query does nothing until it is asked for its rows"]
pub struct Find<T> {
    filters: Vec<Value>,
    sort: Vec<String>,
    fields: Vec<String>,
    populate: Option<Value>,
    locale: Option<String>,
    status: Status,
    lock: bool,
    rights: Authority,
    of: PhantomData<T>,
}

/// Some of a query's rows.
#[derive(Debug, Clone, PartialEq)]
pub struct Page<T> {
    /// The rows, in the order asked for.
    pub rows: Vec<Row<T>>,
    /// How many there are in all, where that was asked for.
    pub total: Option<u64>,
    /// Cursor that [`Find::after`] takes to go on; none at the end.
    pub next: Option<String>,
}

impl<T: Document> Find<T> {
    /// Only what fits a filter of the REST API, e.g. `{"places": {"$gt": 0}}`. Several have to fit all.
    pub fn filter(mut self, filter: Value) -> Self {
        self.filters.push(filter);
        self
    }

    /// In this order (`startsAt:asc`); several count one after the other.
    pub fn sort(mut self, by: impl Into<String>) -> Self {
        self.sort.push(by.into());
        self
    }

    /// Only these fields, instead of all that may be read.
    pub fn fields(mut self, names: &[&str]) -> Self {
        self.fields.extend(names.iter().map(|&name| name.to_owned()));
        self
    }

    /// With related documents: the populate object of the REST API, e.g. `{"event": {"fields": ["title"]}}`.
    pub fn populate(mut self, populate: Value) -> Self {
        self.populate = Some(populate);
        self
    }

    /// In this locale, instead of the default one.
    pub fn locale(mut self, locale: impl Into<String>) -> Self {
        self.locale = Some(locale.into());
        self
    }

    /// Drafts, instead of what is published. A type without drafts has only the latter.
    pub fn drafts(mut self) -> Self {
        self.status = Status::Draft;
        self
    }

    /// Holds the rows until the transaction ends: nobody changes them meanwhile.
    pub fn lock(mut self) -> Self {
        self.lock = true;
        self
    }

    /// With no more rights than the actor of this call has.
    pub fn as_caller(mut self) -> Self {
        self.rights = Authority::Caller;
        self
    }

    /// The first rows, at most so many.
    ///
    /// # Errors
    /// What the host says, or a document that does not fit `T`.
    pub fn all(self, limit: u32) -> Result<Vec<Row<T>>> {
        Ok(self.rows(Paging::Offset((0, limit)), false)?.rows)
    }

    /// The first row.
    ///
    /// # Errors
    /// As [`all`](Find::all).
    pub fn first(self) -> Result<Option<Row<T>>> {
        Ok(self.all(1)?.pop())
    }

    /// A page, counted from 1, and how many rows there are in all.
    ///
    /// # Errors
    /// As [`all`](Find::all).
    pub fn page(self, number: u32, size: u32) -> Result<Page<T>> {
        self.rows(Paging::Page((number, size)), true)
    }

    /// The rows after those of the page that gave this cursor; none for the first. As fast at the end as at the beginning.
    ///
    /// # Errors
    /// As [`all`](Find::all).
    pub fn after(self, cursor: Option<String>, limit: u32) -> Result<Page<T>> {
        self.rows(Paging::After((cursor, limit)), false)
    }

    /// How many rows there are.
    ///
    /// # Errors
    /// What the host says.
    pub fn count(self) -> Result<u64> {
        let (query, _, rights) = self.query();
        match one(ReadOp::Count(query), rights)? {
            Found::Count(count) => Ok(count),
            Found::Rows(_) => Err(unexpected()),
        }
    }

    /// Figures of the rows in groups: objects such as `{"group":{"stage":"new"},"count":3,"sum":{"amount":12.5}}`. `group_by`: scalars,
    /// also through relations (`owner.name`); none for all rows together. Dates and instants also by `day`, `week`, `month`, `quarter` or
    /// `year`, in UTC or a zone (`due@month`, `createdAt@week@Europe/Amsterdam`): the group's value is the first day, `"2026-03-01"`.
    /// What is sorted by is groups: `stage`, `count:desc`, `sum.amount:desc`. `limit`: groups, from 1 to 1,000.
    ///
    /// ```no_run
    /// # use cairn_plugin::{Document, Result, data::{Measure, find}};
    /// # #[derive(serde::Deserialize)] struct Deal {}
    /// # impl Document for Deal { const TYPE: &'static str = "plugin::crm.deal"; }
    /// # fn example() -> Result<()> {
    /// let measures = [(Measure::Count, ""), (Measure::Sum, "amount")];
    /// let pipeline = find::<Deal>().sort("sum.amount:desc").aggregate(&["stage"], &measures, 100)?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// What the host says: a name that does not exist or is not granted, a figure that its field has not.
    pub fn aggregate(self, group_by: &[&str], measures: &[(Measure, &str)], limit: u32) -> Result<Vec<Value>> {
        let (query, _, rights) = self.query();
        let group_by = group_by.iter().map(|&name| name.to_owned()).collect();
        let measures = measures.iter().map(|&(measure, field)| (measure, field.to_owned())).collect();
        let asked = raw::Aggregate { query, group_by, measures, limit };
        Ok(serde_json::from_str(&rows(one(ReadOp::Aggregate(asked), rights)?)?.data)?)
    }

    /// Does the same as [`aggregate`](Find::aggregate), with measures as texts: `count`, or `sum`, `average`, `median`, `minimum` or `maximum`
    /// of a field. A median is the middle number, or the mean of the two middle ones, to the last digit.
    ///
    /// ```no_run
    /// # use cairn_plugin::{Document, Result, data::find};
    /// # #[derive(serde::Deserialize)] struct Deal {}
    /// # impl Document for Deal { const TYPE: &'static str = "plugin::crm.deal"; }
    /// # fn example() -> Result<()> {
    /// let pipeline = find::<Deal>().sort("median.amount:desc").measure_groups(&["stage"], &["count", "median.amount"], 100)?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// As [`aggregate`](Find::aggregate).
    pub fn measure_groups(self, group_by: &[&str], measures: &[&str], limit: u32) -> Result<Vec<Value>> {
        let (query, _, rights) = self.query();
        let texts = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
        let asked = raw::GroupMeasures { query, group_by: texts(group_by), measures: texts(measures), limit };
        let found = raw::measure_groups(&[asked], rights).pop().unwrap_or_else(|| Err(unexpected()))?;
        Ok(serde_json::from_str(&found.data)?)
    }

    /// A walk over all rows, however many, in bounded memory. Not in hooks.
    ///
    /// # Errors
    /// What the host says.
    pub fn scan(self) -> Result<super::Scan<T>> {
        let (query, _, rights) = self.query();
        super::Scan::open(&query, rights)
    }

    /// Goes on with a walk where [`Scan::position`](super::Scan::position) was.
    ///
    /// # Errors
    /// What the host says; `Invalid` where the position is of another query.
    pub fn scan_from(self, position: &str) -> Result<super::Scan<T>> {
        let (query, _, rights) = self.query();
        super::Scan::resume(&query, position, rights)
    }

    /// The documents of these ids, in their order; filters and sort do not count.
    ///
    /// # Errors
    /// As [`all`](Find::all).
    pub fn by_ids(self, ids: &[&str]) -> Result<Vec<Option<Row<T>>>> {
        let ids = ids.iter().map(|&id| id.to_owned()).collect();
        let (query, lock, rights) = self.query();
        let raw::Query { content_type, fields, populate, locale, status, .. } = query;
        let get = raw::GetMany { content_type, ids, fields, populate, locale, status, lock };
        Ok(serde_json::from_str(&rows(one(ReadOp::GetMany(get), rights)?)?.data)?)
    }

    fn rows(self, paging: Paging, with_total: bool) -> Result<Page<T>> {
        let (query, lock, rights) = self.query();
        let found = rows(one(ReadOp::Find(raw::Find { query, paging, with_total, lock }), rights)?)?;
        Ok(Page { rows: serde_json::from_str(&found.data)?, total: found.total, next: found.next })
    }

    fn query(self) -> (raw::Query, bool, Authority) {
        let query = raw::Query {
            content_type: T::TYPE.to_owned(),
            filters: all_of(self.filters),
            sort: self.sort,
            fields: self.fields,
            populate: self.populate.as_ref().map(Value::to_string),
            locale: self.locale,
            status: self.status,
        };
        (query, self.lock, self.rights)
    }
}

/// One filter that says what several say.
fn all_of(mut filters: Vec<Value>) -> Option<String> {
    match filters.len() {
        0 => None,
        1 => filters.pop().map(|filter| filter.to_string()),
        _ => Some(json!({ "$and": filters }).to_string()),
    }
}

fn one(read: ReadOp, rights: Authority) -> Result<Found> {
    raw::read(&[read], rights).pop().unwrap_or_else(|| Err(unexpected()))
}

fn rows(found: Found) -> Result<raw::Rows> {
    match found {
        Found::Rows(rows) => Ok(rows),
        Found::Count(_) => Err(unexpected()),
    }
}

fn unexpected() -> Error {
    Error::Internal("an answer of another kind than asked for".to_owned())
}

/// A value as the JSON text that crosses to the host.
///
/// # Errors
/// Where `value` is no JSON.
pub(super) fn json(value: &impl Serialize) -> Result<String> {
    Ok(serde_json::to_string(value)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_add_up() {
        assert_eq!(all_of(vec![]), None);
        assert_eq!(all_of(vec![json!({ "a": 1 })]).as_deref(), Some(r#"{"a":1}"#));
        assert_eq!(
            all_of(vec![json!({ "a": 1 }), json!({ "b": 2 })]).as_deref(),
            Some(r#"{"$and":[{"a":1},{"b":2}]}"#)
        );
    }
}
