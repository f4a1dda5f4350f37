//! Changing documents: `PUT /api/<plural>/<documentId>`.

use crate::body::Casting;
use crate::plans::Ready;
use crate::reads::Reads;
use crate::save::{Guard, Save, Which};
use crate::{Ask, Content, ContentError, Precondition, Result, WriteAnswer, WriteTerms};
use cairn_model::validate::CastMode;
use cairn_query::{Action, StatusGiven};
use cairn_store::StoreError;
use serde_json::{Map, Value as Json};
use std::sync::Arc;

/// Number of attempts at a write while others create or delete the version it is about.
const TRIES: usize = 8;

impl Content {
    /// Changes a document: the sent attributes, in one locale (which is created if it does not exist yet). `terms`: what else the client
    /// says, above all the version token that it has.
    pub async fn update(
        &self,
        ask: Ask<'_>,
        document_id: &str,
        body: Option<Json>,
        terms: impl Into<WriteTerms>,
    ) -> Result<WriteAnswer> {
        self.change(ask, Some(document_id), body, terms.into()).await
    }

    /// Does the same as [`Self::update`]; `None`: the document of a single type, created if there is none.
    pub(crate) async fn change(
        &self,
        ask: Ask<'_>,
        document_id: Option<&str>,
        body: Option<Json>,
        terms: WriteTerms,
    ) -> Result<WriteAnswer> {
        let alteration = self.alteration(&ask, body, &terms)?;
        // Another write may come between this look and the transaction, which then asks to look again.
        for _ in 0..TRIES {
            let mut save = self.altered(Reads::Own(&self.store), &ask, document_id, &alteration, terms.precondition)?;
            let ct = self.registry().get(ask.content_type);
            self.hash_passwords(&ct.attributes, &mut save.given.values).await?;
            self.prepare(&ask, document_id, &mut save).await?;
            match self.save_as(&ask, save, terms.clone(), None).await {
                // What changed may not be committed yet: writes share a commit. This one comes after it.
                Err(ContentError::Changed) => self.store.write(|_| Ok::<_, ContentError>(())).await?,
                other => return self.written(&alteration.ready, other?),
            }
        }
        Err(StoreError::Unwritable("an entry kept changing while it was being saved".into()).into())
    }

    /// The validated request, as far as it can be validated without reading the document.
    pub(crate) fn alteration(&self, ask: &Ask<'_>, body: Option<Json>, terms: &WriteTerms) -> Result<Alteration> {
        let ready = self.ready(ask, Action::Update, false)?;
        let data = Self::data(body)?;
        self.keys(ask, Action::Update, &data)?;
        if let Some(mistake) = &ready.planned.deferred {
            return Err(mistake.clone().into());
        }
        let ct = self.registry().get(ask.content_type);
        let locale = if ct.localized { ready.planned.locale.clone() } else { String::new() };
        if locale == "*" {
            return Err(ContentError::validation("Invalid locale"));
        }
        let draft_only = ct.draft_publish && ready.planned.status_given == StatusGiven::Draft;
        if terms.autosave && !draft_only {
            return Err(ContentError::validation(
                "An autosave never publishes: send it with status=draft, to a content type with draft & publish",
            ));
        }
        Ok(Alteration { ready, data, locale, publish: !draft_only, guard: self.guard(ask, Action::Update) })
    }

    /// What is to be written, given the present document; passwords are still unhashed.
    pub(crate) fn altered(
        &self,
        reads: Reads<'_>,
        ask: &Ask<'_>,
        document_id: Option<&str>,
        alteration: &Alteration,
        precondition: Precondition,
    ) -> Result<Save> {
        let Alteration { ready, data, locale, publish, guard } = alteration;
        let ct = self.registry().get(ask.content_type);
        let found = self.related(reads, ask, data, &ready.planned.locale)?;
        let (document, here) = reads.read(|r| {
            let document = match document_id {
                Some(id) => r.exists(ask.content_type, id, None)?.then(|| id.to_owned()),
                None => r.any_document(ask.content_type)?,
            };
            let Some(id) = document else { return Ok((None, false)) };
            let here = r.exists(ask.content_type, &id, Some(locale))?;
            // What is hidden is answered like what is not there, whatever is wrong with the values.
            let hidden = match guard {
                Some(guard) if here => !guard.holds(r, &id, locale)?,
                Some(guard) => !guard.holds_any(r, &id)?,
                None => false,
            };
            if hidden { Err(ContentError::not_found()) } else { Ok((Some(id), here)) }
        })?;
        let which = match (document, document_id) {
            (Some(id), _) => Which::Document { id, make_locale: !here },
            (None, Some(_)) => return Err(ContentError::not_found()),
            (None, None) => {
                precondition.check(None)?;
                Which::New
            }
        };
        let inherits = matches!(which, Which::Document { make_locale: true, .. });
        let mode = CastMode { strict: !ct.draft_publish, create: !here };
        let own = if let Which::Document { id, .. } = &which { id.as_str() } else { "" };
        let unique = (!ct.draft_publish).then_some((own, locale.as_str()));
        let given =
            self.cast(reads, ask.content_type, data, Casting { mode, found: &found, unique_in: unique, inherits })?;
        let (locale, link_locale) = (locale.clone(), ready.planned.locale.clone());
        Ok(Save { which, action: Action::Update, locale, link_locale, publish: *publish, given, precondition })
    }
}

/// A validated request to change a document.
pub(crate) struct Alteration {
    pub(crate) ready: Arc<Ready>,
    data: Map<String, Json>,
    /// Empty if the type is not localised.
    locale: String,
    publish: bool,
    guard: Option<Guard>,
}
