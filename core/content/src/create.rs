//! Creating documents: `POST /api/<plural>`.

use crate::body::Casting;
use crate::plans::Ready;
use crate::reads::Reads;
use crate::save::{Save, Which};
use crate::{Ask, Content, ContentError, Precondition, Result, WriteAnswer};
use cairn_model::validate::CastMode;
use cairn_query::{Action, StatusGiven};
use serde_json::Value as Json;
use std::sync::Arc;

impl Content {
    /// Creates a document. `body` is the request's JSON, `None` if it had none.
    pub async fn create(&self, ask: Ask<'_>, body: Option<Json>) -> Result<WriteAnswer> {
        let (ready, mut save) = self.creation(Reads::Own(&self.store), &ask, body)?;
        let ct = self.registry().get(ask.content_type);
        self.hash_passwords(&ct.attributes, &mut save.given.values).await?;
        self.prepare(&ask, None, &mut save).await?;
        let saved = self.save(&ask, save, None).await?;
        self.written(&ready, saved)
    }

    /// The validated request, with passwords still unhashed.
    pub(crate) fn creation(&self, reads: Reads<'_>, ask: &Ask<'_>, body: Option<Json>) -> Result<(Arc<Ready>, Save)> {
        let ready = self.ready(ask, Action::Create, false)?;
        let data = Self::data(body)?;
        self.keys(ask, Action::Create, &data)?;
        if let Some(mistake) = &ready.planned.deferred {
            return Err(mistake.clone().into());
        }
        let ct = self.registry().get(ask.content_type);
        let locale = if ct.localized { ready.planned.locale.clone() } else { String::new() };
        if locale == "*" {
            return Err(ContentError::validation("Invalid locale"));
        }
        let found = self.related(reads, ask, &data, &ready.planned.locale)?;
        let draft_only = ct.draft_publish && ready.planned.status_given == StatusGiven::Draft;
        let mode = CastMode { strict: !ct.draft_publish, create: true };
        let unique = (!ct.draft_publish).then_some(("", locale.as_str()));
        let casting = Casting { mode, found: &found, unique_in: unique, inherits: false };
        let given = self.cast(reads, ask.content_type, &data, casting)?;
        let link_locale = ready.planned.locale.clone();
        let save = Save {
            which: Which::New,
            action: Action::Create,
            locale,
            link_locale,
            publish: !draft_only,
            given,
            precondition: Precondition::None,
        };
        Ok((ready, save))
    }
}
