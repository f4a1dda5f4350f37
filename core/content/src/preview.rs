//! Preview links: anyone with the link sees one draft, and what that populates, for a limited time.
//!
//! A token is `id.until.signature`. The signature belongs to the tenant and covers both; the id names a row, so that a link can be
//! revoked. The token gives access to one document, past any read policy: the caller who created the link may read it, and chose to
//! share it. It gives no access to other types or documents: what the document populates is shown to those who may read it, as a draft,
//! and within what read policies permit.

mod view;

pub use view::{IssuedPreviewLink, PreviewLinkView};

use crate::history::CallerContext;
use crate::response::{begin_envelope, end_entry_envelope};
use crate::view::Time;
use crate::{Content, ContentError, ReadResponse, RefusalKind, RequestContext, Result};
use cairn_model::{ContentType, ContentTypeKind, TypeId};
use cairn_query::{Access, AccessRule, Action, Locales, QueryBuilder, StatusParam};
use cairn_store::events::NewEvent;
use cairn_store::previews::PreviewLink;
use serde_json::{Map, Value as Json, json};
use std::fmt::Write as _;
use std::sync::Arc;

/// Purpose of the signatures.
const SIGNATURE_PURPOSE: &str = "preview";
/// Shortest and longest lifetime of a link, in seconds.
const LINK_LIFETIME_SECONDS: std::ops::RangeInclusive<i64> = 60..=30 * 86_400;
/// Parameters of reads of many documents: a token has no effect on such requests.
const LIST_PARAMS: [&str; 5] = ["filters", "sort", "_q", "hasPublishedVersion", "publicationFilter"];

/// A link to create.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewPreview {
    /// Id of the document.
    pub document_id: String,
    /// Its locale; ignored if the type is not localised. `None`: the default locale.
    pub locale: Option<String>,
    /// Lifetime in seconds: a minute to thirty days.
    pub seconds: i64,
    /// True if a read policy decides who sees documents of the type: the link shows this one to everybody who has it.
    pub past_read_policy: bool,
}

/// The draft that a token gives access to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PreviewTarget {
    content_type: TypeId,
    document_id: String,
    /// Empty if the type is not localised.
    locale: String,
}

impl Content {
    /// Creates a link to a document's draft. Only this response contains its token.
    ///
    /// # Errors
    /// 403 without permission to read the document's draft, 404 if it does not exist, 400 for a lifetime out of bounds.
    pub async fn create_preview(
        &self,
        context: &CallerContext<'_>,
        ct: &ContentType,
        new: NewPreview,
    ) -> Result<IssuedPreviewLink> {
        if !LINK_LIFETIME_SECONDS.contains(&new.seconds) {
            return Err(ContentError::validation(format!(
                "ttl: must be a number of seconds from {} to {}",
                LINK_LIFETIME_SECONDS.start(),
                LINK_LIFETIME_SECONDS.end()
            )));
        }
        if !ct.is_api() {
            return Err(ContentError::validation(format!("type: {} has no preview", ct.uid)));
        }
        // A link shows the whole entry: a caller who may read only some fields must not create one.
        if context.access.rules.get(&(ct.id, Action::FindOne)).is_some_and(|rule| rule.fields.is_some()) {
            return Err(ContentError::forbidden());
        }
        let locale =
            if ct.localized { new.locale.unwrap_or_else(|| context.default_locale.to_owned()) } else { String::new() };
        let draft = self.read_draft(context, ct, &new.document_id, &locale)?;
        let now = self.access.now().timestamp_millis();
        let mut link = PreviewLink {
            id: format!("{:032x}", rand::random::<u128>()),
            content_type: ct.uid.clone(),
            document_id: new.document_id,
            locale,
            created_at: now,
            expires_at: now.saturating_add(new.seconds.saturating_mul(1_000)),
            actor: (**context.actor).clone(),
        };
        // The audit log has the address and the request of the caller.
        (link.actor.ip, link.actor.request) = (None, None);
        let token = self.sign_token(&link.id, link.expires_at);
        let url = preview_address(ct, &link.document_id, &link.locale, &token, &draft);
        let past_read_policy = new.past_read_policy;
        let issued =
            IssuedPreviewLink { id: link.id.clone(), token, expires_at: Time(link.expires_at), url, past_read_policy };
        let (actor, mut event) = (context.actor.clone(), preview_event(&link, "cairn.preview.created"));
        event.data["pastReadPolicy"] = past_read_policy.into();
        self.store
            .write(move |tx| {
                tx.preview_links().create(&link)?;
                Ok::<_, ContentError>(tx.events().emit(&actor, &event, now)?)
            })
            .await?;
        Ok(issued)
    }

    /// The address of the front end that shows a document, with another token than that of a link; `None` if the type has no address.
    ///
    /// # Errors
    /// The same errors as [`Self::create_preview`].
    pub fn preview_url(
        &self,
        caller: &CallerContext<'_>,
        ct: &ContentType,
        document_id: &str,
        locale: Option<String>,
        token: &str,
    ) -> Result<Option<String>> {
        let locale =
            if ct.localized { locale.unwrap_or_else(|| caller.default_locale.to_owned()) } else { String::new() };
        let draft = self.read_draft(caller, ct, document_id, &locale)?;
        Ok(preview_address(ct, document_id, &locale, token, &draft))
    }

    /// Lists the valid links to a document, newest first, without their tokens. Fails with 403 without permission to
    /// read the type's drafts.
    pub fn list_previews(
        &self,
        caller: &CallerContext<'_>,
        ct: &ContentType,
        document_id: &str,
    ) -> Result<Vec<PreviewLinkView>> {
        require_draft_read(caller, ct)?;
        if !self.can_read(caller, ct.id, document_id)? {
            return Err(ContentError::not_found());
        }
        let now = self.access.now().timestamp_millis();
        let links = self.store.read(|r| r.preview_links().list(&ct.uid, document_id, now))?;
        Ok(links.into_iter().map(PreviewLinkView::from).collect())
    }

    /// Revokes a link: its token gives no access any more. Fails with 404 if there is none, or if the caller may not
    /// read drafts of its type.
    pub async fn withdraw_preview(&self, caller: &CallerContext<'_>, id: &str) -> Result<()> {
        let link = self.store.read(|r| r.preview_links().get(id))?.ok_or_else(ContentError::not_found)?;
        let ct = self.registry().by_uid(&link.content_type);
        if !ct.map_or(Ok(false), |ct| self.can_read(caller, ct.id, &link.document_id))? {
            return Err(ContentError::not_found());
        }
        let (id, now) = (id.to_owned(), self.access.now().timestamp_millis());
        let (actor, event) = (caller.actor.clone(), preview_event(&link, "cairn.preview.withdrawn"));
        self.store
            .write(move |tx| {
                if !tx.preview_links().delete(&id)? {
                    return Err(ContentError::not_found());
                }
                Ok(tx.events().emit(&actor, &event, now)?)
            })
            .await
    }

    /// Verifies a token. Fails with 403 for a token that is not this tenant's, has expired, or was revoked, without distinguishing these.
    pub fn verify_preview(&self, token: &str) -> Result<PreviewTarget> {
        let refused = || {
            ContentError::refuse(
                RefusalKind::Forbidden,
                "The preview link is not valid or has expired; request a new one",
                json!({}),
            )
        };
        let mut parts = token.splitn(3, '.');
        let (Some(id), Some(until), Some(_)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(refused());
        };
        let until: i64 = until.parse().map_err(|_| refused())?;
        if !constant_time_eq(self.sign_token(id, until).as_bytes(), token.as_bytes()) {
            return Err(refused());
        }
        let now = self.access.now().timestamp_millis();
        let link = self.store.read(|r| r.preview_links().get(id))?.ok_or_else(refused)?;
        let ct = self.registry().by_uid(&link.content_type).ok_or_else(refused)?;
        if until <= now || link.expires_at != until {
            return Err(refused());
        }
        Ok(PreviewTarget { content_type: ct.id, document_id: link.document_id, locale: link.locale })
    }

    /// Returns a document's draft for a token: `None` if the token is about something else, and has no effect here. `document_id`:
    /// `None` for a single type's. Returns the same errors as for reading the document.
    pub fn find_preview(
        &self,
        context: RequestContext<'_>,
        preview: &PreviewTarget,
        document_id: Option<&str>,
    ) -> Result<Option<ReadResponse>> {
        let ct = self.registry().get(context.content_type);
        let document = match document_id {
            Some(id) => id.to_owned(),
            None => self.store.read(|r| r.documents().find_any(context.content_type))?.unwrap_or_default(),
        };
        if preview.content_type != context.content_type || preview.document_id != document {
            return Ok(None);
        }
        // A query that cannot be parsed is refused by the ordinary read.
        let Ok(mut query) = context.query.to_builder() else { return Ok(None) };
        if LIST_PARAMS.iter().any(|name| query.get(name).is_some()) {
            return Ok(None);
        }
        if ct.draft_publish && query.get("status").is_none() {
            query.set("status", "draft");
        }
        if ct.localized && query.get("locale").is_none() {
            query.set("locale", &*preview.locale);
        }
        let query = query.build();
        let access = with_preview_access(context.access, ct).with_visible_document(ct.id, &document);
        let request_context = RequestContext { access: &access, query: &query, ..context };
        let action = if ct.kind == ContentTypeKind::Single { Action::Find } else { Action::FindOne };
        let compiled_query = self.compile_query(&request_context, action, false)?;
        if let Some(mistake) = &compiled_query.planned.deferred {
            return Err(mistake.clone().into());
        }
        let draft =
            !ct.draft_publish || matches!(compiled_query.planned.status_given, StatusParam::Draft | StatusParam::Empty);
        let locale = !ct.localized || compiled_query.planned.plan.locale == Locales::One(preview.locale.clone());
        if !draft || !locale {
            return Ok(None);
        }
        let mut body = begin_envelope();
        let stamp = self.change_stamp(&compiled_query);
        let version =
            self.store.read(|r| r.entries().write_one_with_version(&compiled_query.prepared, &document, &mut body))?;
        if version.is_none() {
            return Err(ContentError::not_found());
        }
        end_entry_envelope(&mut body);
        Ok(Some(ReadResponse {
            body,
            touched: compiled_query.planned.touched.clone(),
            stamp,
            version,
            per_caller: true,
            variables: compiled_query.planned.variables.clone(),
        }))
    }

    fn sign_token(&self, id: &str, until: i64) -> String {
        let message = format!("{id}.{until}");
        let mac = self.access.sign(SIGNATURE_PURPOSE, message.as_bytes());
        mac.iter().fold(format!("{message}."), |mut token, byte| {
            let _ = write!(token, "{byte:02x}");
            token
        })
    }

    /// The draft in the form that the caller sees: its scalars, for the address.
    fn read_draft(
        &self,
        caller: &CallerContext<'_>,
        ct: &ContentType,
        document_id: &str,
        locale: &str,
    ) -> Result<Map<String, Json>> {
        require_draft_read(caller, ct)?;
        let mut query = QueryBuilder::new();
        if ct.draft_publish {
            query.set("status", "draft");
        }
        if ct.localized {
            query.set("locale", locale);
        }
        let query = query.build();
        let context = caller.request_context(ct.id, &query);
        let compiled_query = self.compile_query(&context, Action::FindOne, false)?;
        let mut body = Vec::new();
        if !self.store.read(|r| r.entries().write_one(&compiled_query.prepared, document_id, &mut body))? {
            return Err(ContentError::not_found());
        }
        Ok(serde_json::from_slice(&body).unwrap_or_default())
    }
}

fn require_draft_read(caller: &CallerContext<'_>, ct: &ContentType) -> Result<()> {
    if caller.access.allows_action(ct.id, Action::FindOne) && caller.access.read_drafts {
        Ok(())
    } else {
        Err(ContentError::forbidden())
    }
}

/// The caller's access, extended by drafts and the type itself. Used only to read the one document.
fn with_preview_access(access: &Arc<Access>, ct: &ContentType) -> Arc<Access> {
    let mut lifted = (**access).clone();
    // Equal keys mean equal rights.
    lifted.key = format!("preview of {} for {}", ct.uid, access.key).into();
    lifted.read_drafts = true;
    let rules = Arc::make_mut(&mut lifted.rules);
    rules.insert((ct.id, Action::FindOne), AccessRule::default());
    if ct.kind == ContentTypeKind::Single {
        rules.insert((ct.id, Action::Find), AccessRule::default());
    }
    Arc::new(lifted)
}

fn preview_event(link: &PreviewLink, name: &str) -> NewEvent {
    NewEvent {
        name: name.to_owned(),
        key: link.document_id.clone(),
        content_type: Some(link.content_type.clone()),
        document_id: Some(link.document_id.clone()),
        locale: (!link.locale.is_empty()).then(|| link.locale.clone()),
        status: Some("draft".to_owned()),
        data: json!({ "link": link.id, "expiresAt": Time(link.expires_at) }),
    }
}

/// The address of the front end, with its placeholders filled in.
fn preview_address(
    ct: &ContentType,
    document_id: &str,
    locale: &str,
    token: &str,
    draft: &Map<String, Json>,
) -> Option<String> {
    let template = ct.preview_url.as_deref()?;
    let (mut url, mut rest) = (String::new(), template);
    while let Some((before, after)) = rest.split_once('{') {
        let (name, after) = after.split_once('}').unwrap_or((after, ""));
        url.push_str(before);
        let value = match name {
            "documentId" => document_id.to_owned(),
            "locale" => locale.to_owned(),
            "type" => ct.singular.clone(),
            "token" => token.to_owned(),
            attribute => match draft.get(attribute) {
                Some(Json::String(text)) => text.clone(),
                None | Some(Json::Null) => String::new(),
                Some(other) => other.to_string(),
            },
        };
        percent_encode(&value, &mut url);
        rest = after;
    }
    url.push_str(rest);
    Some(url)
}

/// Percent-encodes all but unreserved characters.
fn percent_encode(text: &str, out: &mut String) {
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
}

/// Compares in constant time.
fn constant_time_eq(a: &[u8], b: &[u8]) -> bool {
    a.len() == b.len() && a.iter().zip(b).fold(0, |differ, (a, b)| differ | (a ^ b)) == 0
}
