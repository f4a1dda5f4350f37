//! Names outside of content: in reference tables, counts, permissions.

use super::layout;
use super::run::ChangeRun;
use super::type_migration::rename_values;
use crate::Result;
use cairn_model::change::permissions::{Permission, PermissionRewriter};
use serde_json::{Value as Json, json};

/// Renames types in reference tables; links to dropped types stay, unseen, in case the type is restored.
pub(super) fn rename_links(run: &ChangeRun<'_>) -> Result<()> {
    let types = run.before.types.iter().filter_map(|t| Some((t.uid.as_str(), run.trace.new_owner(&t.uid)?.to_owned())));
    let renamed: Vec<(&str, String)> = types.filter(|(old, new)| old != new).collect();
    for t in run.after.types.iter().filter(|t| layout::has_references(run.after, t)) {
        if run.type_pairs().iter().any(|p| p.new.uid == t.uid && layout::has_references(run.before, p.old)) {
            rename_values(run.tx, &layout::reference_table(t), "target_type", "", &renamed)?;
        }
    }
    Ok(())
}

/// Counts the rows of types whose rows or names have changed.
pub(super) fn recount_rows(run: &ChangeRun<'_>) -> Result<()> {
    let doing = "counting rows";
    let (obsolete_types, counted) = run.types_to_recount();
    for uid in obsolete_types.union(&counted) {
        run.tx.execute(doing, "DELETE FROM cairn_counts WHERE type = ?1", [*uid])?;
        if !run.tx.is_sqlite() {
            run.tx.execute(doing, "DELETE FROM cairn_changes WHERE type = ?1", [*uid])?;
        }
    }
    for uid in counted {
        if let Some(t) = run.after.content_type(uid) {
            count_rows(run.tx, t)?;
        }
    }
    Ok(())
}

/// Counts the rows of a type that has no counts yet.
pub(super) fn count_rows(tx: super::tx::ChangeTx<'_>, t: &cairn_model::change::TypeShape) -> Result<()> {
    let (slot, zero) = if tx.is_sqlite() { ("", "") } else { (", slot", ", 0") };
    let sql = format!(
        "INSERT INTO cairn_counts (type, status, locale{slot}, n)
         SELECT CAST(?1 AS text), _status, locale{zero}, count(*) FROM {} GROUP BY _status, locale",
        layout::table_name(t)
    );
    tx.execute("counting rows", &sql, [&t.uid]).map(drop)
}

/// Rewrites the permissions of roles, API tokens and admin tokens. Returns, as sentences, what they no longer allow.
pub(super) fn rewrite_permissions(run: &ChangeRun<'_>) -> Result<Vec<String>> {
    let rights = PermissionRewriter::new(run.before, &run.plan.steps);
    let mut notes = rewrite_roles(run, &rights)?;
    notes.extend(rewrite_tokens(run, &rights)?);
    notes.extend(rewrite_admin_roles(run, &rights)?);
    notes.extend(rewrite_admin_tokens(run, &rights)?);
    Ok(notes)
}

fn rewrite_roles(run: &ChangeRun<'_>, rights: &PermissionRewriter<'_>) -> Result<Vec<String>> {
    type RolePermissionRow = (String, String, String, Option<String>, Option<String>);
    let (tx, doing) = (run.tx, "rewriting permissions");
    let sql = "SELECT role, subject, action, condition, fields FROM cairn_permissions ORDER BY role, subject, action";
    let all: Vec<RolePermissionRow> =
        tx.query_all(doing, sql, (), |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?, r.get(3)?, r.get(4)?)))?;
    let (mut notes, mut new_permissions) = (Vec::new(), Vec::new());
    for (role, subject, action, condition, fields) in all {
        let parsed = |text: &Option<String>| text.as_deref().and_then(|t| serde_json::from_str::<Json>(t).ok());
        let names = parsed(&fields).and_then(|json| {
            json.as_array().map(|list| list.iter().filter_map(|n| n.as_str().map(str::to_owned)).collect())
        });
        let old = Permission { subject, action, condition: parsed(&condition), fields: names };
        let rewritten = rights.rewrite(&old);
        notes.extend(rewritten.notes.iter().map(|note| format!("role `{role}`: {note}")));
        if rewritten.permission.as_ref() == Some(&old) {
            continue;
        }
        let sql = "DELETE FROM cairn_permissions WHERE role = ?1 AND subject = ?2 AND action = ?3";
        tx.execute(doing, sql, (&role, &old.subject, &old.action))?;
        new_permissions.extend(rewritten.permission.map(|p| (role, p)));
    }
    for (role, p) in new_permissions {
        let fields = p.fields.as_ref().map(|f| Json::from(f.as_slice()).to_string());
        let sql = "INSERT INTO cairn_permissions (role, subject, action, condition, fields) VALUES (?1, ?2, ?3, ?4, ?5)
                   ON CONFLICT DO NOTHING";
        let condition = p.condition.as_ref().map(Json::to_string);
        tx.execute(doing, sql, (&role, &p.subject, &p.action, condition, fields))?;
    }
    Ok(notes)
}

/// Rewrites the permissions of custom API tokens.
fn rewrite_tokens(run: &ChangeRun<'_>, rights: &PermissionRewriter<'_>) -> Result<Vec<String>> {
    let (tx, doing) = (run.tx, "rewriting permissions");
    let sql = "SELECT id, name, permissions FROM cairn_api_tokens WHERE permissions IS NOT NULL ORDER BY id";
    let all: Vec<(i64, String, String)> = tx.query_all(doing, sql, (), |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?)))?;
    let mut notes = Vec::new();
    for (id, name, text) in all {
        if let Some(now) = rewrite_list(rights, &format!("API token `{name}`"), &text, &mut notes) {
            tx.execute(doing, "UPDATE cairn_api_tokens SET permissions = ?1 WHERE id = ?2", (now, id))?;
        }
    }
    Ok(notes)
}

/// Rewrites the permissions of roles of admin users.
fn rewrite_admin_roles(run: &ChangeRun<'_>, rights: &PermissionRewriter<'_>) -> Result<Vec<String>> {
    let (tx, doing) = (run.tx, "rewriting permissions");
    let sql = "SELECT code, permissions FROM cairn_admin_roles ORDER BY code";
    let all: Vec<(String, String)> = tx.query_all(doing, sql, (), |r| Ok((r.get(0)?, r.get(1)?)))?;
    let mut notes = Vec::new();
    for (code, text) in all {
        if let Some(now) = rewrite_list(rights, &format!("admin role `{code}`"), &text, &mut notes) {
            tx.execute(doing, "UPDATE cairn_admin_roles SET permissions = ?1 WHERE code = ?2", (now, code))?;
        }
    }
    Ok(notes)
}

/// Rewrites the permissions of admin tokens.
fn rewrite_admin_tokens(run: &ChangeRun<'_>, rights: &PermissionRewriter<'_>) -> Result<Vec<String>> {
    let (tx, doing) = (run.tx, "rewriting permissions");
    let sql = "SELECT id, name, permissions FROM cairn_admin_tokens ORDER BY id";
    let all: Vec<(i64, String, String)> = tx.query_all(doing, sql, (), |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?)))?;
    let mut notes = Vec::new();
    for (id, name, text) in all {
        if let Some(now) = rewrite_list(rights, &format!("admin token `{name}`"), &text, &mut notes) {
            tx.execute(doing, "UPDATE cairn_admin_tokens SET permissions = ?1 WHERE id = ?2", (now, id))?;
        }
    }
    Ok(notes)
}

/// Rewrites a list of `{subject, action, condition, fields}` to the new names; `None` if nothing changes.
fn rewrite_list(rights: &PermissionRewriter<'_>, whose: &str, text: &str, notes: &mut Vec<String>) -> Option<String> {
    let Ok(Json::Array(grants)) = serde_json::from_str::<Json>(text) else { return None };
    let mut now: Vec<Json> = Vec::new();
    for grant in &grants {
        let word = |key: &str| grant.get(key).and_then(Json::as_str).unwrap_or_default().to_owned();
        let fields = grant.get("fields").and_then(Json::as_array);
        let old = Permission {
            subject: word("subject"),
            action: word("action"),
            condition: grant.get("condition").filter(|c| !c.is_null()).cloned(),
            fields: fields.map(|list| list.iter().filter_map(|n| n.as_str().map(str::to_owned)).collect()),
        };
        let rewritten = rights.rewrite(&old);
        notes.extend(rewritten.notes.iter().map(|note| format!("{whose}: {note}")));
        match rewritten.permission {
            Some(p) if p == old => now.push(grant.clone()),
            Some(p) => {
                let mut grant = json!({ "subject": p.subject, "action": p.action });
                if let Some(condition) = p.condition {
                    grant["condition"] = condition;
                }
                if let Some(fields) = p.fields {
                    grant["fields"] = fields.into();
                }
                now.push(grant);
            }
            None => {}
        }
    }
    (now != grants).then(|| Json::from(now).to_string())
}
