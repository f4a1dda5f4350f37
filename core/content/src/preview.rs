//! Preview links: whoever has one sees one draft, and what that populates, for a limited time.
//!
//! A token is `id.until.signature`. The signature belongs to the tenant and covers both; the id names a row, so that a link can be
//! revoked. The token gives access to one document, past any read policy: whoever created the link may read the document, and chose to
//! share it. It gives no access to other types or documents: what the document populates is shown to those who may read it, as a draft,
//! and within what read policies permit.

use crate::answer::{begin, end_one};
use crate::history::{Who, time};
use crate::{Answer, Ask, Content, ContentError, RefusalKind, Result};
use cairn_model::{ContentType, Kind, TypeId};
use cairn_query::{Access, Action, Locales, Rule, StatusGiven};
use cairn_store::events::NewEvent;
use cairn_store::previews::PreviewLink;
use serde_json::{Value as Json, json};
use std::fmt::Write as _;
use std::sync::Arc;

/// Purpose of the signatures.
const PURPOSE: &str = "preview";
/// Shortest and longest lifetime of a link, in seconds.
const LIFE: std::ops::RangeInclusive<i64> = 60..=30 * 86_400;
/// Parameters of reads of many documents: a token has no effect on such requests.
const OF_LISTS: [&str; 5] = ["filters", "sort", "_q", "hasPublishedVersion", "publicationFilter"];

/// A link to create.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewPreview {
    /// Id of the document.
    pub document_id: String,
    /// Its locale; ignored if the type is not localised. `None`: the default locale.
    pub locale: Option<String>,
    /// Lifetime in seconds: a minute to thirty days.
    pub seconds: i64,
}

/// The draft that a token gives access to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preview {
    content_type: TypeId,
    document_id: String,
    /// Empty if the type is not localised.
    locale: String,
}

impl Content {
    /// Creates a link: `{token, url, id, expiresAt}`; `url` is null if the type names none.
    ///
    /// # Errors
    /// 403 without permission to read the document's draft, 404 if it does not exist, 400 for a lifetime out of bounds.
    pub async fn make_preview(&self, who: &Who<'_>, ct: &ContentType, new: NewPreview) -> Result<Json> {
        if !LIFE.contains(&new.seconds) {
            return Err(ContentError::validation(format!(
                "ttl: must be a number of seconds from {} to {}",
                LIFE.start(),
                LIFE.end()
            )));
        }
        if !ct.is_api() {
            return Err(ContentError::validation(format!("type: {} has no preview", ct.uid)));
        }
        // Whoever has the link sees all of the entry: nobody makes one to see more than they may.
        if who.access.rules.get(&(ct.id, Action::FindOne)).is_some_and(|rule| rule.fields.is_some()) {
            return Err(ContentError::forbidden());
        }
        let locale =
            if ct.localized { new.locale.unwrap_or_else(|| who.default_locale.to_owned()) } else { String::new() };
        let seen = self.seen(who, ct, &new.document_id, &locale)?;
        let now = self.access.now().timestamp_millis();
        let mut link = PreviewLink {
            id: format!("{:032x}", rand::random::<u128>()),
            content_type: ct.uid.clone(),
            document_id: new.document_id,
            locale,
            created_at: now,
            expires_at: now.saturating_add(new.seconds.saturating_mul(1_000)),
            actor: (**who.actor).clone(),
        };
        // What asked is in the audit log.
        (link.actor.ip, link.actor.request) = (None, None);
        let token = self.token(&link.id, link.expires_at);
        let shown = json!({
            "id": link.id, "token": token, "expiresAt": time(link.expires_at), "url": address(ct, &link, &token, &seen),
        });
        let (actor, event) = (who.actor.clone(), event(&link, "cairn.preview.created"));
        self.store
            .write(move |tx| {
                tx.add_preview_link(&link)?;
                Ok::<_, ContentError>(tx.emit(&actor, &event, now)?)
            })
            .await?;
        Ok(shown)
    }

    /// Lists the valid links to a document, newest first, without their tokens.
    ///
    /// # Errors
    /// 403 without permission to read the type's drafts.
    pub fn previews(&self, who: &Who<'_>, ct: &ContentType, document_id: &str) -> Result<Vec<Json>> {
        may(who, ct)?;
        if !self.may_read(who, ct.id, document_id)? {
            return Err(ContentError::not_found());
        }
        let now = self.access.now().timestamp_millis();
        let links = self.store.read(|r| r.preview_links(&ct.uid, document_id, now))?;
        let shown = |l: &PreviewLink| {
            json!({
                "id": l.id, "documentId": l.document_id, "locale": (!l.locale.is_empty()).then_some(&l.locale),
                "createdAt": time(l.created_at), "expiresAt": time(l.expires_at),
                "by": { "kind": l.actor.kind, "id": l.actor.id, "name": l.actor.name },
            })
        };
        Ok(links.iter().map(shown).collect())
    }

    /// Revokes a link: its token gives no access any more.
    ///
    /// # Errors
    /// 404 if there is none, or if the caller may not read drafts of its type.
    pub async fn withdraw_preview(&self, who: &Who<'_>, id: &str) -> Result<()> {
        let link = self.store.read(|r| r.preview_link(id))?.ok_or_else(ContentError::not_found)?;
        let ct = self.registry().by_uid(&link.content_type);
        if !ct.map_or(Ok(false), |ct| self.may_read(who, ct.id, &link.document_id))? {
            return Err(ContentError::not_found());
        }
        let (id, now) = (id.to_owned(), self.access.now().timestamp_millis());
        let (actor, event) = (who.actor.clone(), event(&link, "cairn.preview.withdrawn"));
        self.store
            .write(move |tx| {
                if !tx.remove_preview_link(&id)? {
                    return Err(ContentError::not_found());
                }
                Ok(tx.emit(&actor, &event, now)?)
            })
            .await
    }

    /// Verifies a token.
    ///
    /// # Errors
    /// 403 for a token that is not this tenant's, has expired, or was revoked, without distinguishing these.
    pub fn preview(&self, token: &str) -> Result<Preview> {
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
        if !same(self.token(id, until).as_bytes(), token.as_bytes()) {
            return Err(refused());
        }
        let now = self.access.now().timestamp_millis();
        let link = self.store.read(|r| r.preview_link(id))?.ok_or_else(refused)?;
        let ct = self.registry().by_uid(&link.content_type).ok_or_else(refused)?;
        if until <= now || link.expires_at != until {
            return Err(refused());
        }
        Ok(Preview { content_type: ct.id, document_id: link.document_id, locale: link.locale })
    }

    /// Returns a document's draft for a token: `None` if the token is about something else, and has no effect here. `document_id`:
    /// `None` for a single type's.
    ///
    /// # Errors
    /// The same errors as for reading the document.
    pub fn find_preview(&self, ask: Ask<'_>, preview: &Preview, document_id: Option<&str>) -> Result<Option<Answer>> {
        let ct = self.registry().get(ask.content_type);
        let document = match document_id {
            Some(id) => id.to_owned(),
            None => self.store.read(|r| r.any_document(ask.content_type))?.unwrap_or_default(),
        };
        if preview.content_type != ask.content_type || preview.document_id != document {
            return Ok(None);
        }
        // What cannot be read is refused by the ordinary way.
        let Ok(given) = cairn_query::parse_form(ask.query.as_bytes()) else { return Ok(None) };
        if OF_LISTS.iter().any(|key| given.get(key).is_some()) {
            return Ok(None);
        }
        let mut query = ask.query.to_owned();
        let mut add = |key: &str, value: &str| {
            if given.get(key).is_none() {
                let _ = write!(query, "{}{key}=", if query.is_empty() { "" } else { "&" });
                encode(value, &mut query);
            }
        };
        if ct.draft_publish {
            add("status", "draft");
        }
        if ct.localized {
            add("locale", &preview.locale);
        }
        let access = lifted(ask.access, ct).seeing(ct.id, &document);
        let ask = Ask { access: &access, query: &query, ..ask };
        let action = if ct.kind == Kind::Single { Action::Find } else { Action::FindOne };
        let ready = self.ready(&ask, action, false)?;
        if let Some(mistake) = &ready.planned.deferred {
            return Err(mistake.clone().into());
        }
        let draft = !ct.draft_publish || matches!(ready.planned.status_given, StatusGiven::Draft | StatusGiven::Empty);
        let locale = !ct.localized || ready.planned.plan.locale == Locales::One(preview.locale.clone());
        if !draft || !locale {
            return Ok(None);
        }
        let mut body = begin();
        let stamp = self.stamp(&ready);
        let version = self.store.read(|r| r.one_version(&ready.prepared, &document, &mut body))?;
        if version.is_none() {
            return Err(ContentError::not_found());
        }
        end_one(&mut body);
        Ok(Some(Answer { body, touched: ready.planned.touched.clone(), stamp, version, per_caller: true }))
    }

    fn token(&self, id: &str, until: i64) -> String {
        let message = format!("{id}.{until}");
        let mac = self.access.sign(PURPOSE, message.as_bytes());
        mac.iter().fold(format!("{message}."), |mut token, byte| {
            let _ = write!(token, "{byte:02x}");
            token
        })
    }

    /// The draft in the form that the caller sees: its scalars, for the address.
    fn seen(&self, who: &Who<'_>, ct: &ContentType, document_id: &str, locale: &str) -> Result<Json> {
        may(who, ct)?;
        let status = if ct.draft_publish { "status=draft" } else { "" };
        let mut query = status.to_owned();
        if ct.localized {
            query.push_str("&locale=");
            encode(locale, &mut query);
        }
        let ask = who.ask(ct.id, &query);
        let ready = self.ready(&ask, Action::FindOne, false)?;
        let mut body = Vec::new();
        if !self.store.read(|r| r.one(&ready.prepared, document_id, &mut body))? {
            return Err(ContentError::not_found());
        }
        Ok(serde_json::from_slice(&body).unwrap_or_default())
    }
}

fn may(who: &Who<'_>, ct: &ContentType) -> Result<()> {
    if who.access.may(ct.id, Action::FindOne) && who.access.read_drafts {
        Ok(())
    } else {
        Err(ContentError::forbidden())
    }
}

/// The caller's access, extended by drafts and the type itself. Used only to read the one document.
fn lifted(access: &Arc<Access>, ct: &ContentType) -> Arc<Access> {
    let mut lifted = (**access).clone();
    // Equal keys mean equal rights.
    lifted.key = format!("preview of {} for {}", ct.uid, access.key).into();
    lifted.read_drafts = true;
    lifted.rules.insert((ct.id, Action::FindOne), Rule::default());
    if ct.kind == Kind::Single {
        lifted.rules.insert((ct.id, Action::Find), Rule::default());
    }
    Arc::new(lifted)
}

fn event(link: &PreviewLink, name: &str) -> NewEvent {
    NewEvent {
        name: name.to_owned(),
        key: link.document_id.clone(),
        content_type: Some(link.content_type.clone()),
        document_id: Some(link.document_id.clone()),
        locale: (!link.locale.is_empty()).then(|| link.locale.clone()),
        status: Some("draft".to_owned()),
        data: json!({ "link": link.id, "expiresAt": time(link.expires_at) }),
    }
}

/// The address of the front end, with its placeholders filled in.
fn address(ct: &ContentType, link: &PreviewLink, token: &str, seen: &Json) -> Json {
    let Some(template) = &ct.preview_url else { return Json::Null };
    let (mut url, mut rest) = (String::new(), template.as_str());
    while let Some((before, after)) = rest.split_once('{') {
        let (name, after) = after.split_once('}').unwrap_or((after, ""));
        url.push_str(before);
        let value = match name {
            "documentId" => link.document_id.clone(),
            "locale" => link.locale.clone(),
            "type" => ct.singular.clone(),
            "token" => token.to_owned(),
            attribute => match &seen[attribute] {
                Json::String(text) => text.clone(),
                Json::Null => String::new(),
                other => other.to_string(),
            },
        };
        encode(&value, &mut url);
        rest = after;
    }
    url.push_str(rest);
    url.into()
}

/// Percent-encodes all but unreserved characters.
pub(crate) fn encode(text: &str, out: &mut String) {
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
}

/// Compares in constant time.
fn same(a: &[u8], b: &[u8]) -> bool {
    a.len() == b.len() && a.iter().zip(b).fold(0, |differ, (a, b)| differ | (a ^ b)) == 0
}
