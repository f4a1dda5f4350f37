//! The use-cases inside a transaction that somebody else has opened: plugins, whose calls join the one they are made in. What they do is
//! checked, recorded and shown to hooks as anywhere else. Where one errs, what it has written so far is the caller's to undo.

#[cfg(test)]
mod tests;

use crate::publish::{InLocales, LocaleChange, PublishAction};
use crate::reads::Reads;
use crate::{Ask, Content, ContentError, Result, WriteTerms, secrets};
use cairn_query::{Action, Field, Figures, Filter, Operator, Page, Scalar, Tree};
use cairn_store::{Reader, StoreError, WriteTx};
use serde_json::Value as Json;

/// Which part of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// From that place on (0: the first), in the order of the query.
    Window {
        /// How many are left out.
        start: u64,
        /// The most there are.
        limit: u32,
    },
    /// Behind a row, in the order of their numbers, whatever order the query has: the same time for every page.
    After {
        /// Its number; 0: from the beginning.
        number: i64,
        /// The most there are.
        limit: u32,
    },
}

/// What a write left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrote {
    /// The document.
    pub document_id: String,
    /// Its version token now.
    pub version: i64,
}

impl Content {
    /// As [`Content::create`].
    ///
    /// # Errors
    /// As there; passwords are refused, which take too long to hash in a transaction.
    pub fn create_in(&self, tx: &mut WriteTx<'_>, ask: Ask<'_>, body: Option<Json>) -> Result<Wrote> {
        let (_, mut save) = self.creation(Reads::Within(tx), &ask, body)?;
        let registry = tx.registry();
        secrets::refuse_passwords(&registry, &registry.get(ask.content_type).attributes, &mut save.given.values)?;
        let saved = self.save_in(tx, &ask, save, WriteTerms::default())?;
        Ok(Wrote { document_id: saved.document_id, version: saved.version })
    }

    /// As [`Content::update`].
    ///
    /// # Errors
    /// As there, and of [`Content::create_in`]; [`StoreError::Conflict`] where another transaction has come between.
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

    /// As [`Content::delete`]; whether there was anything to delete.
    ///
    /// # Errors
    /// As there.
    pub fn delete_in(
        &self,
        tx: &mut WriteTx<'_>,
        ask: Ask<'_>,
        document_id: &str,
        expected: Option<i64>,
    ) -> Result<bool> {
        self.deletion(&ask, document_id, expected)?.run(tx)
    }

    /// As [`Content::publish`]. The caller's right to update is asked for, with its condition.
    ///
    /// # Errors
    /// As there.
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

    /// Entries of a list as a JSON array: beside what the query asks for each has its `id`, its `documentId`, and as `version` its version
    /// token. The part is what is said here; pagination in the query counts for nothing.
    ///
    /// # Errors
    /// As [`Content::find`].
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

    /// How many entries match a query that is parsed already, on a snapshot of the caller or inside their transaction.
    ///
    /// # Errors
    /// As [`Content::find`].
    pub fn count_in(&self, reader: &Reader<'_>, ask: Ask<'_>, query: &Tree) -> Result<u64> {
        let planned = cairn_query::plan_tree(&self.request(&ask, Action::Find), query)?;
        if let Some(mistake) = planned.deferred {
            return Err(mistake.into());
        }
        Ok(reader.count(&reader.compile(&planned.plan, ask.default_locale), unstamped())?)
    }

    /// Figures of the groups of a query's rows, as a JSON array of `{"group":{…},"count":…,"sum":{…}}`, and how many there are. The order
    /// is that of the figures, not of the query.
    ///
    /// # Errors
    /// As [`Content::find`]; figures that a field has not.
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

/// A change stamp that no total is remembered by: what a transaction sees is not for others.
fn unstamped() -> u64 {
    rand::random::<u64>() | 1 << 63
}

fn overtaken(error: ContentError) -> ContentError {
    match error {
        ContentError::Changed => StoreError::Conflict.into(),
        other => other,
    }
}
