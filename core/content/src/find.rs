//! Reading: lists, one document, a single type's document.

#[cfg(test)]
mod tests;

use crate::plan_cache::{CompiledQuery, narrow_plan};
use crate::response::{begin_envelope, end_entry_envelope, end_list_envelope};
use crate::{Content, ContentError, ReadResponse, RequestContext, Result};
use cairn_model::ContentType;
use cairn_query::{Action, AggregateQuery, Filter};
use cairn_store::StoreError;
use cairn_store::content::PageSummary;
use serde::Deserialize;
use std::sync::Arc;

impl Content {
    /// Returns a page of entries: `{data: [...], meta: {pagination}}`.
    pub async fn find(&self, context: RequestContext<'_>) -> Result<ReadResponse> {
        let query = self.compile_query(&context, Action::Find, false)?;
        self.read_page(&query).await
    }

    /// Does the same among the entries that match a condition that no query can express.
    pub async fn find_among(&self, context: RequestContext<'_>, among: Filter) -> Result<ReadResponse> {
        let query = self.compile_query_among(&context, among)?;
        self.read_page(&query).await
    }

    /// The numeric ids of all entries of such a list, in its order.
    pub async fn find_ids_among(&self, context: RequestContext<'_>, among: Filter) -> Result<Vec<i64>> {
        #[derive(Deserialize)]
        struct EntryIdRow {
            id: i64,
        }
        let query = self.compile_ids_query(&context, among)?;
        if let Some(mistake) = &query.planned.deferred {
            return Err(mistake.clone().into());
        }
        let (list, _) = self.read_list(&query, self.change_stamp(&query), Vec::new()).await?;
        let rows: Vec<EntryIdRow> = serde_json::from_slice(&list)
            .map_err(|e| StoreError::Corrupt { place: "entry counts".into(), message: e.to_string() })?;
        Ok(rows.into_iter().map(|row| row.id).collect())
    }

    /// Returns aggregates of groups of a list's entries, as a JSON array of `{"group":{…},"count":…,"sum":{…}}`. `among`: a condition that
    /// no query can express. Runs on a thread for long reads, because every entry of the list is read.
    ///
    /// # Errors
    /// The same errors as [`Content::find`]; an error for an aggregate that a field does not support.
    pub async fn aggregate(
        &self,
        context: RequestContext<'_>,
        among: Option<Filter>,
        figures: &AggregateQuery<'_>,
    ) -> Result<Vec<u8>> {
        let request = self.query_request(&context, Action::Find);
        let (mut plan, mistake) = cairn_query::plan_aggregate(&request, context.query, figures)?;
        if let Some(mistake) = mistake {
            return Err(mistake.into());
        }
        if let Some(among) = among {
            narrow_plan(&mut plan.rows, among);
        }
        let default_locale = context.default_locale.to_owned();
        self.store
            .read_long(move |r| {
                let mut array = Vec::new();
                r.entries().aggregate(&plan, &default_locale, &mut array)?;
                Ok(array)
            })
            .await
    }

    async fn read_page(&self, query: &Arc<CompiledQuery>) -> Result<ReadResponse> {
        if let Some(mistake) = &query.planned.deferred {
            return Err(mistake.clone().into());
        }
        if query.prepared.caches_total() {
            self.store.wait_until_fresh().await?;
        }
        let stamp = self.change_stamp(query);
        let (mut body, summary) = self.read_list(query, stamp, begin_envelope()).await?;
        end_list_envelope(&mut body, query.prepared.page(), summary);
        Ok(build_response(body, query, stamp))
    }

    /// Gets one document by its id: `{data, meta}`; 404 if it does not exist or does not match.
    pub fn find_one(&self, context: RequestContext<'_>, document_id: &str) -> Result<ReadResponse> {
        let query = self.compile_query(&context, Action::FindOne, false)?;
        if let Some(mistake) = &query.planned.deferred {
            return Err(mistake.clone().into());
        }
        // The contract answers 404 to `locale=*` on one document.
        if query.planned.locale == "*" && self.registry().get(context.content_type).localized {
            return Err(ContentError::not_found());
        }
        let mut body = begin_envelope();
        let stamp = self.change_stamp(&query);
        let version =
            self.store.read(|r| r.entries().write_one_with_version(&query.prepared, document_id, &mut body))?;
        if version.is_none() {
            return Err(ContentError::not_found());
        }
        end_entry_envelope(&mut body);
        Ok(ReadResponse { version, ..build_response(body, &query, stamp) })
    }

    /// Gets the document of a single type.
    pub fn find_single(&self, context: RequestContext<'_>) -> Result<ReadResponse> {
        let query = self.compile_query(&context, Action::Find, false)?;
        if let Some(mistake) = &query.planned.deferred {
            return Err(mistake.clone().into());
        }
        let mut body = begin_envelope();
        let stamp = self.change_stamp(&query);
        let version = self.store.read(|r| r.entries().write_first(&query.prepared, &mut body))?;
        if version.is_none() {
            return Err(ContentError::not_found());
        }
        end_entry_envelope(&mut body);
        Ok(ReadResponse { version, ..build_response(body, &query, stamp) })
    }

    /// Returns a bare list (users, files): `[...]`, everything unless the query asks for a part.
    pub async fn find_bare(&self, context: RequestContext<'_>) -> Result<ReadResponse> {
        let query = self.compile_query(&context, Action::Find, true)?;
        let stamp = self.change_stamp(&query);
        let (body, _) = self.read_list(&query, stamp, Vec::with_capacity(4_096)).await?;
        Ok(build_response(body, &query, stamp))
    }

    /// Returns a bare object (a user, a file), or `None`.
    pub fn find_bare_one(&self, context: RequestContext<'_>, document_id: &str) -> Result<Option<ReadResponse>> {
        let query = self.compile_query(&context, Action::FindOne, true)?;
        let mut body = Vec::with_capacity(1_024);
        let stamp = self.change_stamp(&query);
        let exists = self.store.read(|r| r.entries().write_one(&query.prepared, document_id, &mut body))?;
        Ok(exists.then(|| build_response(body, &query, stamp)))
    }

    /// Counts the entries that match, as a bare number.
    pub async fn count(&self, context: RequestContext<'_>) -> Result<u64> {
        let query = self.compile_query(&context, Action::Find, true)?;
        let stamp = self.change_stamp(&query);
        if query.prepared.is_long(self.store.counters()) {
            return self.store.read_long(move |r| Ok(r.entries().count(&query.prepared, stamp)?)).await;
        }
        Ok(self.store.read(|r| r.entries().count(&query.prepared, stamp))?)
    }

    /// A number that changes when anything that `ready` reads has changed; must be read before the data.
    pub(crate) fn change_stamp(&self, query: &CompiledQuery) -> u64 {
        self.store.counters().stamp(&query.planned.touched)
    }

    /// Appends a page to `body`: on this thread if it is short, as most reads are.
    async fn read_list(
        &self,
        compiled_query: &Arc<CompiledQuery>,
        stamp: u64,
        mut body: Vec<u8>,
    ) -> Result<(Vec<u8>, PageSummary)> {
        if compiled_query.prepared.is_long(self.store.counters()) {
            let query = compiled_query.clone();
            return self
                .store
                .read_long(move |r| {
                    let summary = r.entries().write_list(&query.prepared, stamp, &mut body)?;
                    Ok((body, summary))
                })
                .await;
        }
        let page_summary = self.store.read(|r| r.entries().write_list(&compiled_query.prepared, stamp, &mut body))?;
        Ok((body, page_summary))
    }

    /// Finds the type of a route, for callers that know only its name.
    pub fn by_route(&self, route: &str) -> Option<&ContentType> {
        self.registry().by_route(route)
    }
}

fn build_response(body: Vec<u8>, ready: &Arc<CompiledQuery>, stamp: u64) -> ReadResponse {
    ReadResponse {
        body,
        touched: ready.planned.touched.clone(),
        stamp,
        version: None,
        per_caller: ready.planned.variables.contains("now"),
        variables: ready.planned.variables.clone(),
    }
}
