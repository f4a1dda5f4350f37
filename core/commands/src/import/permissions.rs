//! Permissions of Strapi's roles as permissions of Cairn's.

use cairn_access::actions::resolve_action;
use cairn_model::{FILE_UID, LOCALE_UID, Registry};
use cairn_store::system::PermissionRow;
use cairn_strapi_import::{ImportReport, RegistrationRules, SiteRole, Survey};

/// The type of Strapi's permissions.
pub(super) const PERMISSION_UID: &str = "plugin::users-permissions.permission";
/// Subjects of Strapi's permissions that have another name in Cairn.
const RENAMED_SUBJECTS: [(&str, &str); 2] =
    [("plugin::upload.content-api", FILE_UID), ("plugin::i18n.locales", LOCALE_UID)];

/// Maps a role's permissions to Cairn's. Returns them, and Strapi's names of those that Cairn does not have.
pub(super) fn map_permissions(role: &SiteRole, registry: &Registry) -> (Vec<PermissionRow>, Vec<String>) {
    let (mut known, mut unknown) = (Vec::new(), Vec::new());
    for permission in &role.actions {
        let (subject, action) = permission.rsplit_once('.').unwrap_or((permission, ""));
        let renamed = RENAMED_SUBJECTS.iter().find(|(from, _)| *from == subject).map(|(_, to)| *to);
        let subject = renamed.unwrap_or(subject);
        let action = if subject == LOCALE_UID && action == "listLocales" { "find" } else { action };
        if resolve_action(registry, subject, action).is_some() {
            known.push(PermissionRow {
                role: role.kind.clone(),
                subject: subject.to_owned(),
                action: action.to_owned(),
                condition: None,
                fields: None,
            });
        } else {
            unknown.push(permission.clone());
        }
    }
    (known, unknown)
}

fn describe_registration(rules: &RegistrationRules) -> String {
    let confirmation = if rules.confirm_by_mail { "new users confirm their address" } else { "without confirmation" };
    let role = &rules.default_role;
    let open = if rules.open { "open" } else { "closed" };
    format!("{open}, {confirmation}, role {role}")
}

/// Adds the roles' permissions to the report, and what is left for people to do.
pub(super) fn report_permissions(survey: &Survey, registry: &Registry, report: &mut ImportReport) {
    for role in &survey.roles {
        let (known, unknown) = map_permissions(role, registry);
        if let Some(count) = report.types.get_mut(PERMISSION_UID) {
            count.imported += known.len() as u64;
        }
        report.permissions.extend(known.into_iter().map(|p| format!("{}: {} {}", role.kind, p.subject, p.action)));
        report.left_to_do.extend(unknown.into_iter().map(|permission| {
            format!("role {}: Cairn has no permission {permission}; see whether the role needs another", role.kind)
        }));
    }
    if let Some(rules) = &survey.registration {
        report.registration = describe_registration(rules);
    }
    report.left_to_do.push(
        "permissions apply to all entries and attributes of a type: what Strapi's code restricts them by (policies, middlewares, controllers of the project, `privateAttributes` in config/api) is not imported. Add conditions or fields to them, and `private` to attributes"
            .into(),
    );
    report.left_to_do.push(
        "administrators, their roles and API tokens are not imported: create administrators with `cairn user create-admin`, and tokens in the admin or with `cairn apply`"
            .into(),
    );
    let webhooks = survey.webhooks();
    if webhooks > 0 {
        report.left_to_do.push(format!(
            "webhooks ({webhooks}): add them in the admin; they are not imported, nor are their secrets"
        ));
    }
}
