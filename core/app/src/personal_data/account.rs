//! The accounts of a person: of the content API, which is erased, and of the admin, which only a colleague can remove.

use super::PersonalData;
use super::core_sources::{erasing_actor, new_record};
use super::texts;
use cairn_access::auth::user_deleted;
use cairn_content::{ContentError, ListRange, RequestContext};
use cairn_plugin_host::privacy::{DataSubject, ErasureStep, ReportPage};
use cairn_query::{Access, QueryTree};
use cairn_store::{Reader, StoreError, WriteTx};
use serde_json::{Value as Json, json};
use std::sync::Arc;

/// The account of the content API, with all its attributes; never its password.
pub(super) fn report_account(
    personal_data: &PersonalData,
    r: &Reader<'_>,
    person: &DataSubject,
    locale: &str,
) -> Result<ReportPage, ContentError> {
    let Some(user) = r.users().get_by_email(&person.email)? else { return Ok(ReportPage::default()) };
    let text = |text: &str| QueryTree::Text(text.to_owned());
    let own = QueryTree::Map(vec![("documentId".to_owned(), text(&user.document_id))]);
    let query = QueryTree::Map(vec![("filters".to_owned(), own), ("populate".to_owned(), text("*"))]);
    let (access, actor) = (Arc::new(Access::admin()), Arc::new(erasing_actor()));
    let default_locale = personal_data.access.locales().default.clone();
    let context = RequestContext {
        access: &access,
        content_type: personal_data.content.registry().user_type().id,
        query: "",
        default_locale: &default_locale,
        actor: &actor,
    };
    let rows = personal_data.content.rows_in(r, context, &query, ListRange::Window { start: 0, limit: 1 })?;
    let rows: Vec<Json> = serde_json::from_slice(&rows)
        .map_err(|e| StoreError::Corrupt { place: "users".to_owned(), message: e.to_string() })?;
    let to_record = |row| new_record(texts::ACCOUNT, user.username.clone(), row, locale);
    Ok(ReportPage { records: rows.into_iter().map(to_record).collect(), next: None })
}

/// Deletes the account of the content API: its sessions, codes and history go with it.
pub(super) fn erase_account(
    personal_data: &PersonalData,
    tx: &mut WriteTx<'_>,
    person: &DataSubject,
) -> Result<ErasureStep, ContentError> {
    let Some(user) = tx.reader().users().get_by_email(&person.email)? else { return Ok(ErasureStep::default()) };
    let (access, actor) = (Arc::new(Access::admin()), Arc::new(erasing_actor()));
    let default_locale = personal_data.access.locales().default.clone();
    let registry = tx.registry();
    let ct = registry.user_type();
    let context = RequestContext {
        access: &access,
        content_type: ct.id,
        query: "",
        default_locale: &default_locale,
        actor: &actor,
    };
    personal_data.content.delete_in(tx, context, &user.document_id, None)?;
    user_deleted(tx, &user.document_id)?;
    tx.history().delete_for_document(&ct.uid, &user.document_id)?;
    Ok(ErasureStep { erased: 1, ..ErasureStep::default() })
}

/// The account of the admin; never its password or second factor.
pub(super) fn report_admin_account(
    r: &Reader<'_>,
    person: &DataSubject,
    locale: &str,
) -> Result<ReportPage, ContentError> {
    let Some(user) = r.admin_users().get_by_email(&person.email)? else { return Ok(ReportPage::default()) };
    let data = json!({
        "email": user.email, "firstName": user.first_name, "lastName": user.last_name, "language": user.language,
        "roles": user.roles, "active": user.active, "createdAt": user.created_at, "signedInAt": user.signed_in_at,
    });
    Ok(ReportPage { records: vec![new_record(texts::ADMIN_ACCOUNT, user.email, data, locale)], next: None })
}
