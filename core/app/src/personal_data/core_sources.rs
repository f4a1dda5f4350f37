//! Personal data that Cairn itself has, beside the account of the content API: mails, entries with the person's address, their account of
//! the admin, jobs with their address, and what the audit log says they did.

use super::records::{PAGE_SIZE, erasing_actor, format_ms, new_record, retain};
use super::source::CoreSource;
use super::{PersonalData, account, jobs, texts};
use cairn_contact_details::email::list_variants;
use cairn_content::{ContentError, ListRange, RequestContext};
use cairn_model::{ContentType, FieldKind};
use cairn_plugin_host::privacy::{DataSubject, ErasureStep, PersonalRecord, ReportPage, RetainedRecord};
use cairn_query::{Access, QueryBuilder, QueryTree};
use cairn_store::events::AuditFilter;
use cairn_store::notify::Suppression;
use cairn_store::{Reader, WriteTx};
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};
use std::sync::Arc;

/// Where the search for entries goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
struct ContentCursor {
    /// Position among the types and locales that are searched.
    search: usize,
    /// Numeric id of the last entry of that search.
    after: i64,
}

/// An entry with the address of a person.
struct FoundEntry {
    /// Name of its content type.
    kind: String,
    title: String,
    data: Json,
}

/// Entries of one type and locale.
struct ContentSearch<'a> {
    ct: &'a ContentType,
    locale: Option<String>,
}

impl PersonalData {
    /// A page of what one part of Cairn has about a person.
    pub(super) fn report_core(
        &self,
        source: CoreSource,
        person: &DataSubject,
        cursor: Option<&Json>,
        locale: &str,
    ) -> Result<ReportPage, ContentError> {
        self.access.store().read(|r| match source {
            CoreSource::Mails => report_mails(r, person, cursor, locale),
            CoreSource::Content => {
                let (found, next) = self.find_entries(r, person, cursor)?;
                let records =
                    found.into_iter().map(|FoundEntry { kind, title, data }| PersonalRecord { kind, title, data });
                Ok(ReportPage { records: records.collect(), next })
            }
            CoreSource::Account => account::report_account(self, r, person, locale),
            CoreSource::AdminAccount => account::report_admin_account(r, person, locale),
            CoreSource::Jobs => jobs::report_jobs(r, person, cursor, locale),
            CoreSource::AuditLog => report_audit_log(r, person, cursor, locale),
        })
    }

    /// A step of erasing it, in a transaction.
    pub(super) fn erase_core(
        &self,
        tx: &mut WriteTx<'_>,
        source: CoreSource,
        person: &DataSubject,
        cursor: Option<&Json>,
        locale: &str,
    ) -> Result<ErasureStep, ContentError> {
        match source {
            CoreSource::Mails => erase_mails(tx, person, locale),
            CoreSource::Content => {
                let (found, next) = self.find_entries(&tx.reader(), person, cursor)?;
                let reason = texts::ENTRY_REASON.in_language(locale);
                let retained = found.into_iter().map(|FoundEntry { kind, title, .. }| RetainedRecord {
                    kind,
                    title,
                    reason: reason.clone(),
                    until: None,
                });
                Ok(ErasureStep { erased: 0, retained: retained.collect(), next })
            }
            CoreSource::Account => account::erase_account(self, tx, person),
            CoreSource::AdminAccount => {
                let is_admin = tx.reader().admin_users().get_by_email(&person.email)?.is_some();
                let retained = is_admin
                    .then(|| retain(texts::ADMIN_ACCOUNT, person.email.clone(), texts::ADMIN_ACCOUNT_REASON, locale));
                Ok(ErasureStep { retained: retained.into_iter().collect(), ..ErasureStep::default() })
            }
            CoreSource::Jobs => jobs::erase_jobs(tx, person, cursor, locale),
            CoreSource::AuditLog => {
                let has_entries = audit_actors(person)
                    .iter()
                    .map(|actor| Ok(tx.reader().audit().list(&filter_by_actor(actor), None, 1)?.is_empty()))
                    .collect::<Result<Vec<bool>, ContentError>>()?
                    .contains(&false);
                let title = texts::AUDIT_TITLE.in_language(locale);
                let retained = has_entries.then(|| retain(texts::AUDIT_ENTRY, title, texts::AUDIT_REASON, locale));
                Ok(ErasureStep { retained: retained.into_iter().collect(), ..ErasureStep::default() })
            }
        }
    }

    /// Entries of the project's content types that have the person's address in an attribute of the kind e-mail, and where the
    /// search goes on.
    fn find_entries(
        &self,
        reader: &Reader<'_>,
        person: &DataSubject,
        cursor: Option<&Json>,
    ) -> Result<(Vec<FoundEntry>, Option<Json>), ContentError> {
        let mut at: ContentCursor =
            cursor.and_then(|cursor| serde_json::from_value(cursor.clone()).ok()).unwrap_or_default();
        let searches = self.content_searches();
        while let Some(search) = searches.get(at.search) {
            let rows = self.search_entries(reader, person, search, at.after)?;
            let last_id = rows.last().and_then(|row| row["id"].as_i64());
            let is_whole = i64::try_from(rows.len()).unwrap_or(i64::MAX) < PAGE_SIZE;
            at = match last_id {
                Some(after) if !is_whole => ContentCursor { after, ..at },
                _ => ContentCursor { search: at.search + 1, after: 0 },
            };
            if !rows.is_empty() {
                let title_of = |row: &Json| {
                    let title = search.ct.title_attribute().and_then(|a| row[&search.ct.attributes[a].name].as_str());
                    title.or(row["documentId"].as_str()).unwrap_or_default().to_owned()
                };
                let kind = || search.ct.display_name.clone();
                let found =
                    rows.into_iter().map(|row| FoundEntry { kind: kind(), title: title_of(&row), data: row }).collect();
                let next = (at.search < searches.len()).then(|| json!(at));
                return Ok((found, next));
            }
        }
        Ok((Vec::new(), None))
    }

    fn content_searches(&self) -> Vec<ContentSearch<'_>> {
        let locales = self.access.locales();
        let mut searches = Vec::new();
        for ct in self.content.registry().types() {
            if !ct.uid.starts_with("api::") || email_attributes(ct).is_empty() {
                continue;
            }
            match ct.localized {
                false => searches.push(ContentSearch { ct, locale: None }),
                true => searches.extend(
                    locales.available.iter().map(|locale| ContentSearch { ct, locale: Some(locale.code.clone()) }),
                ),
            }
        }
        searches
    }

    fn search_entries(
        &self,
        reader: &Reader<'_>,
        person: &DataSubject,
        search: &ContentSearch<'_>,
        after: i64,
    ) -> Result<Vec<Json>, ContentError> {
        let variants = list_variants(&person.email);
        let equals = |attribute: &String, variant: &String| {
            QueryTree::from([(&**attribute, QueryTree::from([("$eqi", &**variant)]))])
        };
        let attributes = email_attributes(search.ct);
        let any = attributes.iter().flat_map(|attribute| variants.iter().map(|variant| equals(attribute, variant)));
        let any: Vec<QueryTree> = any.collect();
        let mut query = QueryBuilder::new().with("filters", [("$or", any)]).with("populate", "*");
        if search.ct.draft_publish {
            query.set("status", "draft");
        }
        if let Some(locale) = &search.locale {
            query.set("locale", &**locale);
        }
        let query = query.build();
        let part = ListRange::After { number: after, limit: u32::try_from(PAGE_SIZE).unwrap_or(u32::MAX) };
        let (access, actor) = (Arc::new(Access::admin()), Arc::new(erasing_actor()));
        let default_locale = self.access.locales().default.clone();
        let context = RequestContext {
            access: &access,
            content_type: search.ct.id,
            query: &query,
            default_locale: &default_locale,
            actor: &actor,
        };
        let rows = self.content.rows_in(reader, context, part)?;
        serde_json::from_slice(&rows).map_err(|e| {
            cairn_store::StoreError::Corrupt { place: search.ct.table.clone(), message: e.to_string() }.into()
        })
    }
}

fn email_attributes(ct: &ContentType) -> Vec<String> {
    let emails = ct.attributes.iter().filter(|(_, attribute)| matches!(attribute.kind, FieldKind::Email));
    emails.map(|(_, attribute)| attribute.name.clone()).collect()
}

fn report_mails(
    r: &Reader<'_>,
    person: &DataSubject,
    cursor: Option<&Json>,
    locale: &str,
) -> Result<ReportPage, ContentError> {
    let after = cursor.and_then(Json::as_i64);
    let mails = r.mails().list_by_person(&person.email, after.unwrap_or(0), PAGE_SIZE)?;
    let next = mails.last().filter(|_| mails.len() as i64 == PAGE_SIZE).map(|mail| json!(mail.id));
    let mut records: Vec<_> = mails
        .into_iter()
        .map(|mail| {
            let title = mail.subject.clone().unwrap_or_else(|| mail.template.clone());
            let data = json!({
                "template": mail.template, "state": mail.state, "name": mail.to_name, "values": mail.data,
                "subject": mail.subject, "text": mail.text, "createdAt": format_ms(mail.created_at),
            });
            new_record(texts::MAIL, title, data, locale)
        })
        .collect();
    if after.is_none()
        && let Some(suppression) = find_suppression(r, person)?
    {
        let data = json!({
            "reason": suppression.reason.as_str(), "detail": suppression.detail, "at": format_ms(suppression.at),
        });
        records.push(new_record(texts::SUPPRESSED_ADDRESS, person.email.clone(), data, locale));
    }
    Ok(ReportPage { records, next })
}

/// Why a person gets no mail. Addresses are suppressed with their domains in ASCII.
fn find_suppression(r: &Reader<'_>, person: &DataSubject) -> Result<Option<Suppression>, ContentError> {
    for variant in list_variants(&person.email) {
        if let Some(suppression) = r.mail_suppressions().get(&variant)? {
            return Ok(Some(suppression));
        }
    }
    Ok(None)
}

fn erase_mails(tx: &mut WriteTx<'_>, person: &DataSubject, locale: &str) -> Result<ErasureStep, ContentError> {
    let erased = tx.mails().delete_by_person(&person.email, PAGE_SIZE)?;
    if erased as i64 == PAGE_SIZE {
        return Ok(ErasureStep { erased: erased as u64, retained: Vec::new(), next: Some(json!(1)) });
    }
    let is_suppressed = find_suppression(&tx.reader(), person)?.is_some();
    let retained = is_suppressed
        .then(|| retain(texts::SUPPRESSED_ADDRESS, person.email.clone(), texts::SUPPRESSION_REASON, locale));
    Ok(ErasureStep { erased: erased as u64, retained: retained.into_iter().collect(), next: None })
}

/// The person as the audit log has them.
fn audit_actors(person: &DataSubject) -> Vec<String> {
    let user = person.user.iter().map(|id| format!("user:{id}"));
    user.chain(person.admin.iter().map(|id| format!("admin:{id}"))).collect()
}

fn filter_by_actor(actor: &str) -> AuditFilter {
    AuditFilter { actor: Some(actor.to_owned()), ..AuditFilter::default() }
}

/// Where the walk over the audit log goes on.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
struct AuditCursor {
    /// Position among the accounts of the person.
    actor: usize,
    /// Number of the last entry.
    after: i64,
}

fn report_audit_log(
    r: &Reader<'_>,
    person: &DataSubject,
    cursor: Option<&Json>,
    locale: &str,
) -> Result<ReportPage, ContentError> {
    let at: AuditCursor = cursor.and_then(|cursor| serde_json::from_value(cursor.clone()).ok()).unwrap_or_default();
    let actors = audit_actors(person);
    let Some(actor) = actors.get(at.actor) else { return Ok(ReportPage::default()) };
    let entries = r.audit().list_oldest_first(&filter_by_actor(actor), at.after, PAGE_SIZE)?;
    let next = match entries.last() {
        Some(last_entry) if entries.len() as i64 == PAGE_SIZE => Some(AuditCursor { after: last_entry.entry.n, ..at }),
        _ => Some(AuditCursor { actor: at.actor + 1, after: 0 }).filter(|next| next.actor < actors.len()),
    };
    let to_record = |stored: &cairn_store::events::AuditEntry| {
        let entry = &stored.entry;
        let data = json!({
            "action": entry.action, "at": format_ms(entry.at), "contentType": entry.content_type,
            "documentId": entry.document_id, "details": entry.details, "ip": entry.actor.ip,
        });
        new_record(texts::AUDIT_ENTRY, entry.action.clone(), data, locale)
    };
    Ok(ReportPage { records: entries.iter().map(to_record).collect(), next: next.map(|next| json!(next)) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_is_known_to_the_audit_log_by_their_accounts() {
        let mut person = DataSubject { email: "ann@example.com".to_owned(), user: None, admin: Some("3".to_owned()) };
        assert_eq!(audit_actors(&person), ["admin:3"]);
        person.user = Some("abc".to_owned());
        assert_eq!(audit_actors(&person), ["user:abc", "admin:3"]);
    }
}
