//! Previews as somebody else, at a time to come: see `docs/decisions/0067-see-as.md`.

use crate::Tenant;
use cairn_access::auth::new_event;
use cairn_access::{AdminSession, Caller, SeeAs};
use cairn_content::ContentError;
use cairn_content::view::Time;
use cairn_editorial::DueActions;
use cairn_store::events::Actor;
use cairn_store::{StoreError, WriteTx};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;
use std::sync::Arc;

/// On whose behalf rehearsals of a tenant wait for their turn: one after the other, with other writes in between.
const OWNER: &str = "see-as";
/// Longest time from now that a preview can look ahead.
const MAX_AHEAD: TimeDelta = TimeDelta::days(10 * 366);

impl Tenant {
    fn check_see_as(&self, see_as: &SeeAs) -> Result<(), ContentError> {
        let now = self.access.now();
        if let Some(at) = see_as.at {
            if at < now.timestamp_millis() {
                return Err(ContentError::validation(
                    "at: the time is in the past, and what was cannot be previewed; choose a time from now on",
                ));
            }
            if at > (now + MAX_AHEAD).timestamp_millis() {
                return Err(ContentError::validation(
                    "at: the time is more than ten years ahead; choose an earlier one",
                ));
            }
        }
        if let Some(release) = see_as.release
            && self.content.store().read(|r| r.releases().get(release))?.is_none()
        {
            return Err(ContentError::validation("release: there is no such release; choose another"));
        }
        let caller = self.content.store().read(|r| self.access.caller_seen_as(r, see_as.person.as_deref(), now))?;
        caller.map(drop).ok_or_else(no_such_person)
    }

    /// Begins a preview, which ends with that session of the admin user: returns its token, when that expires, and the page that `page` returns for the token. This alone is recorded in the
    /// audit log; nothing of what is read with the token is.
    ///
    /// # Errors
    /// 400 for a time in the past or more than ten years ahead, for a release that does not exist, and for a user who does not exist or cannot
    /// sign in; that of `page`.
    pub async fn begin_see_as<P>(
        &self,
        see_as: &SeeAs,
        session: Option<&AdminSession>,
        actor: &Arc<Actor>,
        page: impl FnOnce(&str) -> Result<P, ContentError>,
    ) -> Result<(String, DateTime<Utc>, P), ContentError> {
        self.check_see_as(see_as)?;
        let (token, expires_at) = self.access.issue_see_as(see_as, session);
        let page = page(&token)?;
        let key = see_as.person.as_ref().map_or_else(|| "public".to_owned(), |person| format!("user {person}"));
        let data = json!({ "person": see_as.person, "at": see_as.at.map(Time), "release": see_as.release,
            "expiresAt": Time(expires_at.timestamp_millis()) });
        let event = new_event("cairn.preview.see-as", &key, data);
        let (actor, now) = (actor.clone(), self.access.now().timestamp_millis());
        self.content.store().write(move |tx| tx.events().emit(&actor, &event, now)).await?;
        Ok((token, expires_at, page))
    }

    /// Checks a token of this tenant, and returns the preview that it is for.
    ///
    /// # Errors
    /// 403 if it is not valid, has expired, or if its admin user may not preview as others any more.
    pub fn verify_see_as(&self, token: &str) -> Result<SeeAs, ContentError> {
        self.access.verify_see_as(token)?.ok_or_else(|| {
            ContentError::forbidden_because("The see-as preview is not valid or has expired; start it again")
        })
    }

    /// Runs `read` in a rehearsal: what is scheduled until the time of the preview is published, then the release of the preview, and the caller
    /// has the permissions that they have then. Everything is rolled back.
    ///
    /// # Errors
    /// The error of `read`; 400 if the user is gone meanwhile; 503 if it takes too long.
    pub async fn rehearse_as<T, E, F>(self: &Arc<Self>, see_as: SeeAs, read: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + From<ContentError> + Send + 'static,
        F: FnOnce(&mut WriteTx<'_>, Caller) -> Result<T, E> + Clone + Send + 'static,
    {
        let (tenant, now) = (self.clone(), self.access.now());
        let at: DateTime<Utc> = see_as.time(now);
        let rehearse = move |tx: &mut WriteTx<'_>| -> Result<T, E> {
            let due = DueActions { schedules: &tenant.schedules, releases: &tenant.releases };
            due.rehearse_until(tx, at.timestamp_millis())?;
            if let Some(release) = see_as.release {
                tenant.releases.rehearse_in(tx, release, at.timestamp_millis())?;
            }
            let caller = tenant.access.caller_seen_as(&tx.reader(), see_as.person.as_deref(), at)?;
            read(tx, caller.ok_or_else(no_such_person)?)
        };
        self.content.store().rehearse(OWNER, now.timestamp_millis(), rehearse).await
    }
}

fn no_such_person() -> ContentError {
    ContentError::validation("person: there is no such user, or they cannot sign in; choose another")
}
