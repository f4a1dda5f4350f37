//! The use-cases inside a transaction of the caller: plugins, whose calls join the transaction they are made in. They are validated,
//! recorded and passed to hooks as anywhere else. After an error the caller has to roll back what was written so far.

#[cfg(test)]
mod tests;

use crate::publish::{LocaleChange, LocaleSelection, PublishAction};
use crate::read_scope::ReadScope;
use crate::response::{begin_envelope, end_entry_envelope, end_list_envelope};
use crate::save::{CheckedSave, WriteTarget, lock_new_id};
use crate::{Content, ContentError, ListRange, ReadResponse, RequestContext, Result, WriteOptions, secrets};
use cairn_query::{Action, AggregateQuery, QueryRequest};
use cairn_store::content::CompiledPlan;
use cairn_store::{Reader, StoreError, WriteTx};
use serde_json::Value as Json;

/// The result of a write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WriteOutcome {
    /// Id of the document.
    pub document_id: String,
    /// Its version token after the write.
    pub version: i64,
}

/// Documents that a route of the content API reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RouteRead {
    /// A page of a list: [`Content::find`].
    List,
    /// One document by its id: [`Content::find_one`].
    One(String),
    /// The document of a single type: [`Content::find_single`].
    Single,
}

impl RouteRead {
    /// The action that requires a permission.
    pub fn action(&self) -> Action {
        match self {
            Self::One(_) => Action::FindOne,
            Self::List | Self::Single => Action::Find,
        }
    }
}

impl Content {
    /// The query of a bare list or object, ready to run inside a transaction.
    pub(crate) fn compile_bare_read(
        &self,
        reader: &Reader<'_>,
        context: &RequestContext<'_>,
        action: Action,
    ) -> Result<CompiledPlan> {
        let request = QueryRequest { lenient: true, ..self.query_request(context, action) };
        let planned = cairn_query::plan_query(&request, context.query)?;
        match planned.deferred {
            Some(mistake) => Err(mistake.into()),
            None => Ok(reader.entries().compile_plan(&planned.plan, context.default_locale)),
        }
    }

    /// A bare list inside a transaction, or with `document` a bare object; `None` if there is none that the caller may read.
    pub(crate) fn read_bare_in(
        &self,
        reader: &Reader<'_>,
        context: &RequestContext<'_>,
        action: Action,
        document: Option<&str>,
    ) -> Result<Option<Vec<u8>>> {
        let (compiled, mut body) = (self.compile_bare_read(reader, context, action)?, Vec::new());
        let exists = match document {
            Some(document) => reader.entries().write_one(&compiled, document, &mut body)?,
            None => {
                reader.entries().write_list(&compiled, unshared_stamp(), &mut body)?;
                true
            }
        };
        Ok(exists.then_some(body))
    }

    /// The response of a route inside a transaction, what that has written included. Nothing of it is cached.
    ///
    /// # Errors
    /// The same errors as those of the functions that [`RouteRead`] names.
    pub fn read_in(&self, reader: &Reader<'_>, context: RequestContext<'_>, read: &RouteRead) -> Result<ReadResponse> {
        let planned = cairn_query::plan_query(&self.query_request(&context, read.action()), context.query)?;
        if let Some(mistake) = planned.deferred {
            return Err(mistake.into());
        }
        let compiled = reader.entries().compile_plan(&planned.plan, context.default_locale);
        let mut body = begin_envelope();
        let version = match read {
            RouteRead::List => {
                let summary = reader.entries().write_list(&compiled, unshared_stamp(), &mut body)?;
                end_list_envelope(&mut body, compiled.page(), summary);
                None
            }
            RouteRead::One(_) if planned.locale == "*" && self.registry().get(context.content_type).localized => {
                return Err(ContentError::not_found());
            }
            RouteRead::One(id) => reader.entries().write_one_with_version(&compiled, id, &mut body)?,
            RouteRead::Single => reader.entries().write_first(&compiled, &mut body)?,
        };
        if *read != RouteRead::List {
            if version.is_none() {
                return Err(ContentError::not_found());
            }
            end_entry_envelope(&mut body);
        }
        let (touched, variables) = (planned.touched, planned.variables);
        Ok(ReadResponse { body, touched, stamp: unshared_stamp(), version, per_caller: true, variables })
    }

    /// Does the same as [`Content::create`].
    ///
    /// # Errors
    /// The same errors; passwords are refused, which take too long to hash in a transaction.
    pub fn create_in(&self, tx: &mut WriteTx<'_>, ask: RequestContext<'_>, body: Option<Json>) -> Result<WriteOutcome> {
        let (_, save) = self.check_create_request(ReadScope::Transaction(tx), &ask, body, &WriteOptions::default())?;
        self.create_checked_in(tx, &ask, save)
    }

    /// Does the same as [`Content::create_in`], with the id that the document is to have. Returns `None` if a document of the type has that
    /// id, or had it before it was deleted: what is recorded about that one would be taken for the new one's.
    ///
    /// # Errors
    /// The same errors as [`Content::create_in`].
    pub fn create_with_id_in(
        &self,
        tx: &mut WriteTx<'_>,
        ask: RequestContext<'_>,
        document_id: &str,
        body: Option<Json>,
    ) -> Result<Option<WriteOutcome>> {
        let (_, mut save) =
            self.check_create_request(ReadScope::Transaction(tx), &ask, body, &WriteOptions::default())?;
        let ct = self.registry().get(ask.content_type);
        lock_new_id(tx, document_id)?;
        if tx.reader().documents().exists(ct.id, document_id, None)?
            || !tx.history().find_documents_with_entries(&ct.uid, &[document_id])?.is_empty()
        {
            return Ok(None);
        }
        save.target = WriteTarget::Identified(document_id.to_owned());
        self.create_checked_in(tx, &ask, save).map(Some)
    }

    fn create_checked_in(
        &self,
        tx: &mut WriteTx<'_>,
        ask: &RequestContext<'_>,
        mut save: CheckedSave,
    ) -> Result<WriteOutcome> {
        let registry = tx.registry();
        secrets::refuse_passwords(&registry, &registry.get(ask.content_type).attributes, &mut save.input.values)?;
        let saved = self.save_in_transaction(tx, ask, save, WriteOptions::default())?;
        Ok(WriteOutcome { document_id: saved.document_id, version: saved.version })
    }

    /// Does the same as [`Content::update`].
    ///
    /// # Errors
    /// The same errors, and those of [`Content::create_in`]; [`StoreError::Conflict`] if another transaction has come between.
    pub fn update_in(
        &self,
        tx: &mut WriteTx<'_>,
        ask: RequestContext<'_>,
        document_id: &str,
        body: Option<Json>,
        terms: impl Into<WriteOptions>,
    ) -> Result<WriteOutcome> {
        let terms = terms.into();
        let alteration = self.check_update_request(&ask, body, &terms)?;
        let mut save = self.build_update(ReadScope::Transaction(tx), &ask, Some(document_id), &alteration, &terms)?;
        let registry = tx.registry();
        secrets::refuse_passwords(&registry, &registry.get(ask.content_type).attributes, &mut save.input.values)?;
        let saved = self.save_in_transaction(tx, &ask, save, terms).map_err(conflict_if_changed)?;
        Ok(WriteOutcome { document_id: saved.document_id, version: saved.version })
    }

    /// Does the same as [`Content::delete`]; returns whether there was anything to delete. Returns the same errors as [`Content::delete`].
    pub fn delete_in(
        &self,
        tx: &mut WriteTx<'_>,
        ask: RequestContext<'_>,
        document_id: &str,
        expected: Option<i64>,
    ) -> Result<bool> {
        self.check_delete_request(&ask, document_id, expected)?.run(tx)
    }

    /// Does the same as [`Content::publish`]. Requires the caller's permission to update, with its condition. Returns the same errors as
    /// [`Content::publish`].
    pub fn publish_in(
        &self,
        tx: &mut WriteTx<'_>,
        ask: RequestContext<'_>,
        action: PublishAction,
        document_id: &str,
        locales: &LocaleSelection,
    ) -> Result<Vec<LocaleChange>> {
        if !ask.access.allows_action(ask.content_type, Action::Update) {
            return Err(ContentError::forbidden());
        }
        if let Some(guard) = self.compile_guard(&ask, Action::Update)?
            && !guard.matches_any(&tx.reader(), document_id)?
        {
            return Err(ContentError::not_found());
        }
        self.publisher(ask.actor).apply_in(tx, action, ask.content_type, document_id, locales)
    }

    /// Returns entries of a list as a JSON array: besides what the query selects each has its `id`, its `documentId`, and its version token
    /// as `version`. `part` determines the page; pagination in the query is ignored. Returns the same errors as [`Content::find`].
    pub fn rows_in(&self, reader: &Reader<'_>, ask: RequestContext<'_>, part: ListRange) -> Result<Vec<u8>> {
        let compiled = self.compile_rows(&ask, part)?;
        let mut array = Vec::with_capacity(1_024);
        reader.entries().write_list(&compiled, unshared_stamp(), &mut array)?;
        Ok(array)
    }

    /// Counts the entries that match a query, on a snapshot of the caller or inside their transaction. Returns the same errors
    /// as [`Content::find`].
    pub fn count_in(&self, reader: &Reader<'_>, ask: RequestContext<'_>) -> Result<u64> {
        let planned = cairn_query::plan_query(&self.query_request(&ask, Action::Find), ask.query)?;
        if let Some(mistake) = planned.deferred {
            return Err(mistake.into());
        }
        Ok(reader
            .entries()
            .count(&reader.entries().compile_plan(&planned.plan, ask.default_locale), unshared_stamp())?)
    }

    /// Returns aggregates of groups of a query's rows, as a JSON array of `{"group":{…},"count":…,"sum":{…}}`, and the number of groups.
    /// The order is that of the aggregates, not of the query.
    ///
    /// # Errors
    /// The same errors as [`Content::find`]; an error for an aggregate that a field does not support.
    pub fn aggregate_in(
        &self,
        reader: &Reader<'_>,
        ask: RequestContext<'_>,
        figures: &AggregateQuery<'_>,
    ) -> Result<(Vec<u8>, usize)> {
        let request = self.query_request(&ask, Action::Find);
        let (plan, mistake) = cairn_query::plan_aggregate(&request, ask.query, figures)?;
        if let Some(mistake) = mistake {
            return Err(mistake.into());
        }
        let mut out = Vec::new();
        let groups = reader.entries().aggregate(&plan, ask.default_locale, &mut out)?;
        Ok((out, groups))
    }
}

/// A change stamp under which no total is cached: what a transaction sees is not for others.
pub(crate) fn unshared_stamp() -> u64 {
    rand::random::<u64>() | 1 << 63
}

fn conflict_if_changed(error: ContentError) -> ContentError {
    match error {
        ContentError::Changed => StoreError::Conflict.into(),
        other => other,
    }
}
