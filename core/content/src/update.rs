//! Changing documents: `PUT /api/<plural>/<documentId>`.

use crate::body::CastOptions;
use crate::plan_cache::CompiledQuery;
use crate::read_scope::ReadScope;
use crate::row_guard::RowGuard;
use crate::save::{CheckedSave, WriteTarget};
use crate::{Content, ContentError, RequestContext, Result, WriteOptions, WriteResponse};
use cairn_model::validate::CastMode;
use cairn_query::{Action, StatusParam};
use cairn_store::StoreError;
use serde_json::{Map, Value as Json};
use std::sync::Arc;

/// Number of attempts at a write while others create or delete the version it is about.
const MAX_UPDATE_ATTEMPTS: usize = 8;

impl Content {
    /// Changes a document: the sent attributes, in one locale (which is created if it does not exist yet). `terms`: what else the client
    /// says, above all the version token that it has.
    pub async fn update(
        &self,
        context: RequestContext<'_>,
        document_id: &str,
        body: Option<Json>,
        terms: impl Into<WriteOptions>,
    ) -> Result<WriteResponse> {
        self.update_or_create(context, Some(document_id), body, terms.into()).await
    }

    /// Does the same as [`Self::update`]; `None`: the document of a single type, created if there is none.
    pub(crate) async fn update_or_create(
        &self,
        context: RequestContext<'_>,
        document_id: Option<&str>,
        body: Option<Json>,
        terms: WriteOptions,
    ) -> Result<WriteResponse> {
        let alteration = self.check_update_request(&context, body, &terms)?;
        // A write that takes place between this read and the transaction makes another read necessary.
        for _ in 0..MAX_UPDATE_ATTEMPTS {
            let mut save =
                self.build_update(ReadScope::Snapshot(&self.store), &context, document_id, &alteration, &terms)?;
            let ct = self.registry().get(context.content_type);
            self.hash_passwords(ct, &mut save.input.values).await?;
            self.run_prepare_hooks(&context, document_id, &mut save).await?;
            match self.save_and_respond(&context, save, terms.clone(), &alteration.ready).await {
                // The conflicting write may not be committed yet, as writes share a commit: an empty one waits for it.
                Err(ContentError::Changed) => self.store.write(|_| Ok::<_, ContentError>(())).await?,
                other => return other,
            }
        }
        Err(StoreError::Unwritable("an entry kept changing while it was being saved".into()).into())
    }

    /// The validated request, as far as it can be validated without reading the document.
    pub(crate) fn check_update_request(
        &self,
        context: &RequestContext<'_>,
        body: Option<Json>,
        terms: &WriteOptions,
    ) -> Result<CheckedUpdate> {
        let query = self.compile_query(context, Action::Update, false)?;
        let data = Self::extract_data(body)?;
        self.check_body_keys(context, Action::Update, &data)?;
        if let Some(mistake) = &query.planned.deferred {
            return Err(mistake.clone().into());
        }
        let ct = self.registry().get(context.content_type);
        let locale = if ct.localized { query.planned.locale.clone() } else { String::new() };
        if locale == "*" {
            return Err(ContentError::validation("Invalid locale"));
        }
        let draft_only = ct.draft_publish && query.planned.status_given == StatusParam::Draft;
        terms.check(draft_only)?;
        Ok(CheckedUpdate {
            ready: query,
            data,
            locale,
            publish: !draft_only,
            guard: self.compile_guard(context, Action::Update)?,
        })
    }

    /// Builds the values to be written, given the present document; passwords are still unhashed.
    pub(crate) fn build_update(
        &self,
        reads: ReadScope<'_>,
        ask: &RequestContext<'_>,
        document_id: Option<&str>,
        alteration: &CheckedUpdate,
        terms: &WriteOptions,
    ) -> Result<CheckedSave> {
        let CheckedUpdate { ready, data, locale, publish, guard } = alteration;
        let ct = self.registry().get(ask.content_type);
        let found = self.resolve_related(reads, ask, data, &ready.planned.locale)?;
        let (document, has_locale) = reads.read(|r| {
            let document = match document_id {
                Some(id) => r.documents().exists(ask.content_type, id, None)?.then(|| id.to_owned()),
                None => r.documents().find_any(ask.content_type)?,
            };
            let Some(id) = document else { return Ok((None, false)) };
            let has_locale = r.documents().exists(ask.content_type, &id, Some(locale))?;
            // A hidden document gets the same response as one that does not exist, whatever is wrong with the values.
            let hidden = match guard {
                Some(guard) if has_locale => !guard.matches_version(r, &id, locale)?,
                Some(guard) => !guard.matches_any(r, &id)?,
                None => false,
            };
            if hidden { Err(ContentError::not_found()) } else { Ok((Some(id), has_locale)) }
        })?;
        let write_target = match (document, document_id) {
            (Some(id), _) => WriteTarget::Document { id, make_locale: !has_locale },
            (None, Some(_)) => return Err(ContentError::not_found()),
            (None, None) => {
                terms.precondition.check(None)?;
                WriteTarget::New
            }
        };
        let inherits = matches!(write_target, WriteTarget::Document { make_locale: true, .. });
        let mode = CastMode { rules: terms.cast_rules(ct), create: !has_locale };
        let own = if let WriteTarget::Document { id, .. } = &write_target { id.as_str() } else { "" };
        let unique = (!ct.draft_publish).then_some((own, locale.as_str()));
        let cast_input = self.cast_body_unhashed(
            reads,
            ask.content_type,
            data,
            CastOptions { mode, references: &found, unique_in: unique, inherits },
        )?;
        let (locale, link_locale) = (locale.clone(), ready.planned.locale.clone());
        Ok(CheckedSave {
            target: write_target,
            action: Action::Update,
            locale,
            link_locale,
            publish: *publish,
            input: cast_input,
            precondition: terms.precondition,
        })
    }
}

/// A validated request to change a document.
pub(crate) struct CheckedUpdate {
    pub(crate) ready: Arc<CompiledQuery>,
    data: Map<String, Json>,
    /// Empty if the type is not localised.
    locale: String,
    publish: bool,
    guard: Option<RowGuard>,
}
