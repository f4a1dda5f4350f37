//! Creating documents: `POST /api/<plural>`.

use crate::body::CastOptions;
use crate::plan_cache::CompiledQuery;
use crate::read_scope::ReadScope;
use crate::save::{CheckedSave, WriteTarget};
use crate::{Content, ContentError, Precondition, RequestContext, Result, WriteOptions, WriteResponse};
use cairn_model::validate::CastMode;
use cairn_query::{Action, StatusParam};
use serde_json::Value as Json;
use std::sync::Arc;

impl Content {
    /// Creates a document. `body` is the request's JSON, `None` if it had none.
    pub async fn create(&self, context: RequestContext<'_>, body: Option<Json>) -> Result<WriteResponse> {
        self.create_with(context, body, WriteOptions::default()).await
    }

    /// Does the same as [`Self::create`], on other terms; there is no version to expect.
    pub async fn create_with(
        &self,
        context: RequestContext<'_>,
        body: Option<Json>,
        terms: WriteOptions,
    ) -> Result<WriteResponse> {
        let (ready, mut save) = self.check_create_request(ReadScope::Snapshot(&self.store), &context, body, &terms)?;
        let ct = self.registry().get(context.content_type);
        self.hash_passwords(ct, &mut save.input.values).await?;
        self.run_prepare_hooks(&context, None, &mut save).await?;
        self.save_and_respond(&context, save, terms, &ready).await
    }

    /// The validated request, with passwords still unhashed.
    pub(crate) fn check_create_request(
        &self,
        reads: ReadScope<'_>,
        ask: &RequestContext<'_>,
        body: Option<Json>,
        terms: &WriteOptions,
    ) -> Result<(Arc<CompiledQuery>, CheckedSave)> {
        let query = self.compile_query(ask, Action::Create, false)?;
        let data = Self::extract_data(body)?;
        self.check_body_keys(ask, Action::Create, &data)?;
        if let Some(mistake) = &query.planned.deferred {
            return Err(mistake.clone().into());
        }
        let ct = self.registry().get(ask.content_type);
        let locale = if ct.localized { query.planned.locale.clone() } else { String::new() };
        if locale == "*" {
            return Err(ContentError::validation("Invalid locale"));
        }
        let draft_only = ct.draft_publish && query.planned.status_given == StatusParam::Draft;
        terms.check(draft_only)?;
        let found = self.resolve_related(reads, ask, &data, &query.planned.locale)?;
        let mode = CastMode { rules: terms.cast_rules(ct), create: true };
        let unique = (!ct.draft_publish).then_some(("", locale.as_str()));
        let casting = CastOptions { mode, references: &found, unique_in: unique, inherits: false };
        let cast_input = self.cast_body_unhashed(reads, ask.content_type, &data, casting)?;
        let link_locale = query.planned.locale.clone();
        let save = CheckedSave {
            target: WriteTarget::New,
            action: Action::Create,
            locale,
            link_locale,
            publish: !draft_only,
            input: cast_input,
            precondition: Precondition::None,
        };
        Ok((query, save))
    }
}
