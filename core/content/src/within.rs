//! The use-cases inside a transaction of the caller: plugins, whose calls join the transaction they are made in. They are validated,
//! recorded and passed to hooks as anywhere else. After an error the caller has to roll back what was written so far.

#[cfg(test)]
mod tests;

use crate::publish::{InLocales, LocaleChange, PublishAction};
use crate::reads::Reads;
use crate::{Ask, Content, ContentError, Result, WriteTerms, secrets};
use cairn_query::{Action, Field, Figures, Filter, Operator, Page, Scalar, Tree};
use cairn_store::{Reader, StoreError, WriteTx};
use serde_json::Value as Json;

/// A part of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// From a position on (0: the first), in the order of the query.
    Window {
        /// Number of entries to skip.
        start: u64,
        /// Largest number of entries.
        limit: u32,
    },
    /// Behind a row, in the order of numeric ids, whatever order the query has: every page takes the same time.
    After {
        /// Numeric id of that row; 0: from the beginning.
        number: i64,
        /// Largest number of entries.
        limit: u32,
    },
}

/// The result of a write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrote {
    /// Id of the document.
    pub document_id: String,
    /// Its version token after the write.
    pub version: i64,
}

impl Content {
    /// Does the same as [`Content::create`].
    ///
    /// # Errors
    /// The same errors; passwords are refused, which take too long to hash in a transaction.
    pub fn create_in(&self, tx: &mut WriteTx<'_>, ask: Ask<'_>, body: Option<Json>) -> Result<Wrote> {
        let (_, mut save) = self.creation(Reads::Within(tx), &ask, body)?;
        let registry = tx.registry();
        secrets::refuse_passwords(&registry, &registry.get(ask.content_type).attributes, &mut save.given.values)?;
        let saved = self.save_in(tx, &ask, save, WriteTerms::default())?;
        Ok(Wrote { document_id: saved.document_id, version: saved.version })
    }

    /// Does the same as [`Content::update`].
    ///
    /// # Errors
    /// The same errors, and those of [`Content::create_in`]; [`StoreError::Conflict`] if another transaction has come between.
    pub fn update_in(
        &self,
        tx: &mut WriteTx<'_>,
        ask: Ask<'_>,
        document_id: &str,
        body: Option<Json>,
        terms: impl Into<WriteTerms>,
    ) -> Result<Wrote> {
        let terms = terms.into();
        let alteration = self.alteration(&ask, body, &terms)?;
        let mut save = self.altered(Reads::Within(tx), &ask, Some(document_id), &alteration, terms.precondition)?;
        let registry = tx.registry();
        secrets::refuse_passwords(&registry, &registry.get(ask.content_type).attributes, &mut save.given.values)?;
        let saved = self.save_in(tx, &ask, save, terms).map_err(overtaken)?;
        Ok(Wrote { document_id: saved.document_id, version: saved.version })
    }

    /// Does the same as [`Content::delete`]; returns whether there was anything to delete.
    ///
    /// # Errors
    /// The same errors as [`Content::delete`].
    pub fn delete_in(
        &self,
        tx: &mut WriteTx<'_>,
        ask: Ask<'_>,
        document_id: &str,
        expected: Option<i64>,
    ) -> Result<bool> {
        self.deletion(&ask, document_id, expected)?.run(tx)
    }

    /// Does the same as [`Content::publish`]. Requires the caller's permission to update, with its condition.
    ///
    /// # Errors
    /// The same errors as [`Content::publish`].
    pub fn publish_in(
        &self,
        tx: &mut WriteTx<'_>,
        ask: Ask<'_>,
        action: PublishAction,
        document_id: &str,
        locales: &InLocales,
    ) -> Result<Vec<LocaleChange>> {
        if !ask.access.may(ask.content_type, Action::Update) {
            return Err(ContentError::forbidden());
        }
        if let Some(guard) = self.guard(&ask, Action::Update)
            && !guard.holds_any(&tx.reader(), document_id)?
        {
            return Err(ContentError::not_found());
        }
        self.publisher(ask.actor).apply_in(tx, action, ask.content_type, document_id, locales)
    }

    /// Returns entries of a list as a JSON array: besides what the query selects each has its `id`, its `documentId`, and its version token
    /// as `version`. `part` determines the page; pagination in the query is ignored.
    ///
    /// # Errors
    /// The same errors as [`Content::find`].
    pub fn rows_in(&self, reader: &Reader<'_>, ask: Ask<'_>, query: &Tree, part: Part) -> Result<Vec<u8>> {
        let mut planned = cairn_query::plan_tree(&self.request(&ask, Action::Find), query)?;
        if let Some(mistake) = planned.deferred {
            return Err(mistake.into());
        }
        let plan = &mut planned.plan;
        let (start, limit) = match part {
            Part::Window { start, limit } => (start, limit),
            Part::After { number, limit } => {
                let behind = Filter::Leaf { field: Field::Id, op: Operator::Gt, values: vec![Scalar::Int(number)] };
                plan.filter = Some(Filter::And(plan.filter.take().into_iter().chain([behind]).collect()));
                plan.sort.clear();
                (0, limit)
            }
        };
        plan.page = Page::Offset { start, limit: u64::from(limit), with_count: false };
        for field in [Field::Id, Field::DocumentId, Field::Version] {
            if !plan.node.fields.contains(&field) {
                plan.node.fields.push(field);
            }
        }
        let mut array = Vec::with_capacity(1_024);
        reader.list(&reader.compile(plan, ask.default_locale), unstamped(), &mut array)?;
        Ok(array)
    }

    /// Counts the entries that match a parsed query, on a snapshot of the caller or inside their transaction.
    ///
    /// # Errors
    /// The same errors as [`Content::find`].
    pub fn count_in(&self, reader: &Reader<'_>, ask: Ask<'_>, query: &Tree) -> Result<u64> {
        let planned = cairn_query::plan_tree(&self.request(&ask, Action::Find), query)?;
        if let Some(mistake) = planned.deferred {
            return Err(mistake.into());
        }
        Ok(reader.count(&reader.compile(&planned.plan, ask.default_locale), unstamped())?)
    }

    /// Returns aggregates of groups of a query's rows, as a JSON array of `{"group":{…},"count":…,"sum":{…}}`, and the number of groups.
    /// The order is that of the aggregates, not of the query.
    ///
    /// # Errors
    /// The same errors as [`Content::find`]; an error for an aggregate that a field does not support.
    pub fn aggregate_in(
        &self,
        reader: &Reader<'_>,
        ask: Ask<'_>,
        query: &Tree,
        figures: &Figures<'_>,
    ) -> Result<(Vec<u8>, usize)> {
        let (asked, mistake) = cairn_query::plan_aggregate(&self.request(&ask, Action::Find), query, figures)?;
        if let Some(mistake) = mistake {
            return Err(mistake.into());
        }
        let mut out = Vec::new();
        let groups = reader.aggregate(&asked, ask.default_locale, &mut out)?;
        Ok((out, groups))
    }
}

/// A change stamp under which no total is cached: what a transaction sees is not for others.
fn unstamped() -> u64 {
    rand::random::<u64>() | 1 << 63
}

fn overtaken(error: ContentError) -> ContentError {
    match error {
        ContentError::Changed => StoreError::Conflict.into(),
        other => other,
    }
}
