//! The report of conditions whose meaning changed when their negations became complements
//! (`docs/decisions/0069-negations-of-conditions.md`). Each tenant gets it once, in the log and in the audit log.

use cairn_access::AccessControl;
use cairn_access::admin_roles::AdminRole;
use cairn_query::contains_negation;
use cairn_store::events::{Actor, NewEvent};
use cairn_store::{Reader, Store, StoreError};
use serde_json::{Value as Json, json};

/// Setting that is there once the report was made.
const REPORTED: &str = "cairn.negations.reported";

/// Everything with a condition that is read differently.
#[derive(Debug, Default, PartialEq)]
struct ChangedConditions {
    /// Roles of the content API, with the conditions: `public api::note.note find`.
    roles: Vec<String>,
    /// Roles of administrators.
    admin_roles: Vec<String>,
    /// API tokens.
    tokens: Vec<String>,
    /// Admin tokens.
    admin_tokens: Vec<String>,
    /// Webhooks.
    webhooks: Vec<String>,
    /// Saved views: the shared ones by their names, those of one person by their numbers.
    views: Vec<String>,
}

impl ChangedConditions {
    /// Finds them in what is stored.
    fn find(access: &AccessControl, reader: &Reader<'_>) -> Result<Self, StoreError> {
        let mut found = Self::default();
        for role in access.content_roles() {
            found.roles.extend(list_negated(&role.code, &role.permissions));
        }
        for token in access.api_tokens() {
            found.tokens.extend(list_negated(&token.name, &token.permissions));
        }
        for role in AdminRole::from_rows(&reader.admin_roles().list()?) {
            found.admin_roles.extend(list_negated(&role.code, &role.permissions_json()));
        }
        for row in reader.admin_tokens().list()? {
            found.admin_tokens.extend(list_negated(&row.token.name, &row.token.permissions));
        }
        for webhook in reader.webhooks().list()? {
            if webhook.webhook.condition.as_ref().is_some_and(contains_negation) {
                found.webhooks.push(format!("{} ({})", webhook.webhook.name, webhook.id));
            }
        }
        for row in reader.admin_views().list_all()? {
            if has_negated_filters(&Json::Object(row.view.definition)) {
                let name = if row.view.shared { format!("{} ({})", row.view.name, row.id) } else { row.id.to_string() };
                found.views.push(name);
            }
        }
        Ok(found)
    }

    fn to_json(&self) -> Json {
        let Self { roles, admin_roles, tokens, admin_tokens, webhooks, views } = self;
        json!({
            "roles": roles, "adminRoles": admin_roles, "tokens": tokens, "adminTokens": admin_tokens, "webhooks": webhooks,
            "views": views,
        })
    }
}

/// Reports them, unless it was done before. Nothing is reported where nothing changes.
pub(crate) async fn report_negations(
    tenant: &str,
    store: &Store,
    access: &AccessControl,
    now: i64,
) -> Result<(), StoreError> {
    let (reported, found) = store
        .read(|r| Ok::<_, StoreError>((r.settings().get(REPORTED)?.is_some(), ChangedConditions::find(access, r)?)))?;
    if reported {
        return Ok(());
    }
    let changed = found != ChangedConditions::default();
    if changed {
        let ChangedConditions { roles, admin_roles, tokens, admin_tokens, webhooks, views } = &found;
        tracing::warn!(
            tenant,
            ?roles,
            ?admin_roles,
            ?tokens,
            ?admin_tokens,
            ?webhooks,
            ?views,
            "these conditions negate something, and mean the complement from this version on: entries without a related document or a \
             value match as well. Check them; this is reported once"
        );
    }
    let event = NewEvent {
        name: "cairn.settings.negations-changed".into(),
        key: "negations".into(),
        content_type: None,
        document_id: None,
        locale: None,
        status: None,
        data: found.to_json(),
    };
    store
        .write(move |tx| {
            // A node that starts at the same time may have reported it already.
            if tx.reader().settings().get(REPORTED)?.is_some() {
                return Ok(());
            }
            tx.settings().set(REPORTED, &json!(true))?;
            if changed { tx.events().emit(&Actor::system("upgrade"), &event, now) } else { Ok(()) }
        })
        .await
}

/// The permissions (uid → action → `{where?}`) of one role or token whose conditions are read differently.
fn list_negated(name: &str, permissions: &Json) -> Vec<String> {
    let mut found = Vec::new();
    for (uid, actions) in permissions.as_object().into_iter().flatten() {
        for (action, limits) in actions.as_object().into_iter().flatten() {
            if contains_negation(&limits["where"]) {
                found.push(format!("{name}: {uid} {action}"));
            }
        }
    }
    found
}

/// True if some condition of a view, `{field, operator, value}` at whatever depth, is read differently.
fn has_negated_filters(definition: &Json) -> bool {
    match definition {
        Json::Object(entries) => {
            let is_negated = match (&definition["field"], &definition["operator"]) {
                // The comparison is written as in the query language, nested for the field of a related entry.
                (Json::String(field), Json::String(operator)) => {
                    let comparison = json!({ operator.as_str(): definition["value"] });
                    contains_negation(&field.rsplit('.').fold(comparison, |inner, name| json!({ name: inner })))
                }
                _ => false,
            };
            is_negated || entries.values().any(has_negated_filters)
        }
        Json::Array(items) => items.iter().any(has_negated_filters),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn negated_permissions_and_views_are_listed_by_name() {
        let permissions = json!({
            "api::note.note": {
                "find": { "where": { "$not": { "tags": { "name": "red" } } } },
                "update": { "where": { "title": "a" } },
                "create": {},
            },
        });
        assert_eq!(list_negated("staff", &permissions), ["staff: api::note.note find"]);
        let view = |field: &str, operator: &str| {
            let filters = json!({ "and": [{ "or": [{ "field": field, "operator": operator, "value": "a" }] }] });
            json!({ "kind": "dashboard", "widgets": [{ "filters": filters }] })
        };
        for (field, operator, expected) in [
            ("title", "$ne", true),
            ("tags.name", "$notIn", true),
            ("tags.documentId", "$ne", true),
            ("documentId", "$ne", false),
            ("title", "$eq", false),
            ("title", "$notNull", false),
        ] {
            assert_eq!(has_negated_filters(&view(field, operator)), expected, "{field} {operator}");
        }
    }
}
