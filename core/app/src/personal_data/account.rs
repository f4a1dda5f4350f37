//! The accounts of a person: of the content API, which is erased, and of the admin, which only a colleague can remove.

use super::records::{erasing_actor, new_record};
use super::{PersonalData, texts};
use cairn_access::auth::user_deleted;
use cairn_contact_details::email::list_variants;
use cairn_content::{ContentError, ListRange, RequestContext};
use cairn_plugin_host::privacy::{DataSubject, ErasureStep, ReportPage};
use cairn_query::{Access, Query, QueryBuilder, QueryTree};
use cairn_store::system::{AdminUserRow, UserRow};
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
    let users = find_users(r, person)?;
    if users.is_empty() {
        return Ok(ReportPage::default());
    }
    let ids: Vec<QueryTree> = users.iter().map(|user| QueryTree::from(&*user.document_id)).collect();
    let own = QueryTree::from([("documentId", QueryTree::from([("$in", ids)]))]);
    let query = QueryBuilder::new().with("filters", own).with("populate", "*").build();
    let (access, actor) = (Arc::new(Access::admin()), Arc::new(erasing_actor()));
    let default_locale = personal_data.access.locales().default.clone();
    let context = RequestContext {
        access: &access,
        content_type: personal_data.content.registry().user_type().id,
        query: &query,
        default_locale: &default_locale,
        actor: &actor,
    };
    let limit = u32::try_from(users.len()).unwrap_or(u32::MAX);
    let rows = personal_data.content.rows_in(r, context, ListRange::Window { start: 0, limit })?;
    let rows: Vec<Json> = serde_json::from_slice(&rows)
        .map_err(|e| StoreError::Corrupt { place: "users".to_owned(), message: e.to_string() })?;
    let to_record = |row: Json| {
        let name = row["username"].as_str().unwrap_or_default().to_owned();
        new_record(texts::ACCOUNT, name, row, locale)
    };
    Ok(ReportPage { records: rows.into_iter().map(to_record).collect(), next: None })
}

/// Accounts with the address of a person. They are several where each has another spelling of its domain, from before those were one.
fn find_users(r: &Reader<'_>, person: &DataSubject) -> Result<Vec<UserRow>, StoreError> {
    let mut users: Vec<UserRow> = Vec::new();
    for variant in list_variants(&person.email) {
        let user = r.users().get_by_email(&variant)?;
        users.extend(user.filter(|user| users.iter().all(|known| known.id != user.id)));
    }
    Ok(users)
}

/// Accounts of the admin, in the same way.
fn find_admins(r: &Reader<'_>, person: &DataSubject) -> Result<Vec<AdminUserRow>, StoreError> {
    let mut admins: Vec<AdminUserRow> = Vec::new();
    for variant in list_variants(&person.email) {
        let admin = r.admin_users().get_by_email(&variant)?;
        admins.extend(admin.filter(|admin| admins.iter().all(|known| known.id != admin.id)));
    }
    Ok(admins)
}

/// Deletes an account of the content API: its sessions, codes and history go with it. Another step deletes the next one.
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
        query: Query::empty(),
        default_locale: &default_locale,
        actor: &actor,
    };
    personal_data.content.delete_in(tx, context, &user.document_id, None)?;
    user_deleted(tx, &user.document_id)?;
    tx.history().delete_for_document(&ct.uid, &user.document_id)?;
    let next = tx.reader().users().get_by_email(&person.email)?.map(|_| json!(1));
    Ok(ErasureStep { erased: 1, next, ..ErasureStep::default() })
}

/// The account of the admin; never its password or second factor.
pub(super) fn report_admin_account(
    r: &Reader<'_>,
    person: &DataSubject,
    locale: &str,
) -> Result<ReportPage, ContentError> {
    let to_record = |user: AdminUserRow| {
        let data = json!({
            "email": user.email, "firstName": user.first_name, "lastName": user.last_name, "language": user.language,
            "roles": user.roles, "active": user.active, "createdAt": user.created_at, "signedInAt": user.signed_in_at,
        });
        new_record(texts::ADMIN_ACCOUNT, user.email, data, locale)
    };
    Ok(ReportPage { records: find_admins(r, person)?.into_iter().map(to_record).collect(), next: None })
}
