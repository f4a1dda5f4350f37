//! Presence of people in documents, and their locks: advisory locks, which help people to avoid conflicts and prevent nobody from saving.

mod view;

pub use view::{LockState, PresenceState, PresentAnywhere, PresentHere, PresentTab};

use crate::history::CallerContext;
use crate::{Content, ContentError, Result};
use cairn_model::ContentType;
use cairn_query::Action;
use cairn_store::presence::{Presence, PresenceDocument, lock_holders};

/// Time in milliseconds for which a tab counts as open after its last report. It should report two or three times meanwhile.
const LEASE_MS: i64 = 60_000;
/// Longest name of a tab, and path of a field, in bytes.
const MAX_NAME_BYTES: usize = 200;
/// Largest number of tabs in a list.
const MAX_LISTED_TABS: i64 = 500;

/// A report of a tab about what it has open.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PresenceHeartbeat {
    /// Id of the document.
    pub document_id: String,
    /// Its locale; ignored if the type is not localised.
    pub locale: Option<String>,
    /// Distinguishes the tabs of one actor.
    pub tab: String,
    /// Path of the focused field; empty for none.
    pub field: String,
    /// True if it requests the lock of the field (with an empty one, of the document).
    pub lock: bool,
    /// True if it takes the lock from its holder.
    pub take_over: bool,
}

impl Content {
    /// Records that a tab is open. Returns all tabs in that document, and whether the tab has the lock that it requests.
    ///
    /// # Errors
    /// 403 without permission to read the type, 400 for names that are empty or too long.
    pub async fn report_presence(
        &self,
        caller: &CallerContext<'_>,
        ct: &ContentType,
        beat: PresenceHeartbeat,
    ) -> Result<PresenceState> {
        let place = self.check_presence_place(caller, ct, &beat)?;
        let now = self.access.now().timestamp_millis();
        let actor = caller.actor;
        let own = Presence {
            document: place.clone(),
            actor_key: actor.key(),
            tab: beat.tab,
            name: actor.name.clone().unwrap_or_default(),
            field: beat.field,
            locked_at: (beat.lock || beat.take_over).then_some(now),
            since: now,
            expires_at: now.saturating_add(LEASE_MS),
        };
        let (actor_key, tab) = (own.actor_key.clone(), own.tab.clone());
        let all = self
            .store
            .write(move |tx| {
                if beat.take_over {
                    tx.presence().take_over_lock(&own.document, &own.field, (&own.actor_key, &own.tab))?;
                }
                tx.presence().save(&own, now)?;
                Ok::<_, ContentError>(tx.reader().presence().list(&own.document, now)?)
            })
            .await?;
        let holds = lock_holders(&all);
        let own = all.iter().position(|p| p.actor_key == actor_key && p.tab == tab);
        let asks = own.filter(|&i| all[i].locked_at.is_some());
        let lock = asks.map(|i| if holds[i] { LockState::Held } else { LockState::Waiting });
        let present = PresentHere::from_presences(&all, &holds);
        Ok(PresenceState { present, lock, lease_seconds: LEASE_MS / 1_000 })
    }

    /// Records that a tab was closed. Returns the same errors as [`Self::report_presence`].
    pub async fn leave_document(
        &self,
        caller: &CallerContext<'_>,
        ct: &ContentType,
        beat: PresenceHeartbeat,
    ) -> Result<()> {
        let place = self.check_presence_place(caller, ct, &beat)?;
        let actor_key = caller.actor.key();
        self.store.write(move |tx| Ok(tx.presence().delete(&place, &actor_key, &beat.tab)?)).await
    }

    /// Lists the tabs in a document. Fails with 403 without permission to read the type.
    pub fn list_presence(
        &self,
        caller: &CallerContext<'_>,
        ct: &ContentType,
        document_id: &str,
        locale: Option<&str>,
    ) -> Result<Vec<PresentHere>> {
        self.require_document_read(caller, ct, document_id)?;
        let place = presence_place(caller, ct, document_id, locale);
        let now = self.access.now().timestamp_millis();
        let all = self.store.read(|r| r.presence().list(&place, now))?;
        Ok(PresentHere::from_presences(&all, &lock_holders(&all)))
    }

    /// Lists the tabs in all documents of the types that the caller may read; at most 500 tabs.
    pub fn list_all_presence(&self, caller: &CallerContext<'_>) -> Result<Vec<PresentAnywhere>> {
        let now = self.access.now().timestamp_millis();
        let all = self.store.read(|r| r.presence().list_all(now, MAX_LISTED_TABS))?;
        let registry = self.registry();
        let mut presences = Vec::with_capacity(all.len());
        for p in all {
            let Some(ct) = registry.by_uid(&p.document.content_type) else { continue };
            if self.can_read(caller, ct.id, &p.document.document_id)? {
                presences.push(p);
            }
        }
        Ok(presences.into_iter().map(PresentAnywhere::from).collect())
    }

    /// Deletes tabs that were closed long ago, and preview links that expired. Returns their number.
    pub async fn purge_presence(&self) -> Result<usize> {
        let now = self.access.now().timestamp_millis();
        self.store
            .write(move |tx| Ok(tx.presence().purge(now.saturating_sub(LEASE_MS))? + tx.preview_links().purge(now)?))
            .await
    }

    fn require_document_read(&self, caller: &CallerContext<'_>, ct: &ContentType, document_id: &str) -> Result<()> {
        if !caller.access.allows_action(ct.id, Action::FindOne) || !caller.access.read_drafts {
            return Err(ContentError::forbidden());
        }
        if self.can_read(caller, ct.id, document_id)? { Ok(()) } else { Err(ContentError::not_found()) }
    }

    fn check_presence_place(
        &self,
        caller: &CallerContext<'_>,
        ct: &ContentType,
        beat: &PresenceHeartbeat,
    ) -> Result<PresenceDocument> {
        self.require_document_read(caller, ct, &beat.document_id)?;
        for (name, text, may_be_empty) in
            [("documentId", &beat.document_id, false), ("tab", &beat.tab, false), ("field", &beat.field, true)]
        {
            if text.len() > MAX_NAME_BYTES || text.is_empty() && !may_be_empty || text.chars().any(char::is_control) {
                return Err(ContentError::validation(format!(
                    "{name}: must be a text of at most {MAX_NAME_BYTES} bytes without control characters"
                )));
            }
        }
        Ok(presence_place(caller, ct, &beat.document_id, beat.locale.as_deref()))
    }
}

fn presence_place(
    caller: &CallerContext<'_>,
    ct: &ContentType,
    document_id: &str,
    locale: Option<&str>,
) -> PresenceDocument {
    let locale = if ct.localized { locale.unwrap_or(caller.default_locale) } else { "" };
    PresenceDocument { content_type: ct.uid.clone(), document_id: document_id.to_owned(), locale: locale.to_owned() }
}
