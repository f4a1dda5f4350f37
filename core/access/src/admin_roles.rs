//! Roles of admin users: which actions of the admin they permit, and what they permit with content, in the vocabulary of the content
//! API's roles plus `publish`.
//!
//! A code without a role is a label: workflows name it, and it gives no permissions. `super-admin` may do everything and is not a stored
//! role; `editor` and `author` exist from the start and can be changed.

pub(crate) mod actions;
mod current_roles;
pub(crate) mod permissions;

pub use actions::{AdminAction, AdminActionType, AdminActions, action_types, is_plugin_permission};
pub use permissions::{AdminPermissions, check_admin_condition};

use crate::permissions::PermissionGrant;
use cairn_model::{ContentType, ContentTypeKind, Registry, USER_UID};
use cairn_query::Action;
use cairn_store::system::AdminRoleRow;
use serde_json::Value as Json;
use std::collections::BTreeSet;

/// The role that may do everything.
pub const SUPER_ADMIN_ROLE: &str = "super-admin";
/// Longest name of a role of admin users, in characters.
pub const MAX_ADMIN_ROLE_CHARS: usize = 60;
/// Subject that means every content type of the project.
pub const EVERY_TYPE: &str = "*";
/// Action of publishing and unpublishing.
pub const PUBLISH_ACTION: &str = "publish";

/// A role of admin users.
#[derive(Debug, Clone, PartialEq)]
pub struct AdminRole {
    /// Code that users and workflows refer to.
    pub code: String,
    /// Display name of the role.
    pub name: String,
    /// Description for people.
    pub description: String,
    /// True if the role is part of Cairn.
    pub built_in: bool,
    /// The actions that it permits besides content.
    pub actions: AdminActions,
    /// Permissions of plugins that it grants: `plugin::crm.deals.reassign`.
    pub of_plugins: BTreeSet<String>,
    /// The grants on content.
    pub grants: Vec<PermissionGrant>,
}

impl AdminRole {
    /// The built-in roles, for those that no stored role replaces.
    fn built_in() -> [Self; 3] {
        use AdminAction::*;
        let grants =
            |names: &[&str]| names.iter().map(|name| PermissionGrant::without_limits(EVERY_TYPE, name)).collect();
        let role = |code: &str, name: &str, description: &str, actions: &[AdminAction], grants| Self {
            code: code.to_owned(),
            name: name.to_owned(),
            description: description.to_owned(),
            built_in: true,
            actions: actions.iter().copied().collect(),
            of_plugins: BTreeSet::new(),
            grants,
        };
        let all: Vec<PermissionGrant> = grants(&["find", "findOne", "create", "update", "delete", PUBLISH_ACTION]);
        [
            role(SUPER_ADMIN_ROLE, "Super admin", "Can do everything", AdminAction::ALL, all.clone()),
            role(
                "editor",
                "Editor",
                "Writes, publishes and removes all content, and manages its files",
                &[
                    ContentTypesRead,
                    MediaRead,
                    MediaCreate,
                    MediaUpdate,
                    MediaDelete,
                    ReleasesRead,
                    ReleasesManage,
                    ReleasesPublish,
                    CalendarRead,
                    CalendarManage,
                    ReviewComment,
                    ReviewAct,
                ],
                all,
            ),
            role(
                "author",
                "Author",
                "Writes drafts; others publish them",
                &[ContentTypesRead, MediaRead, MediaCreate, ReleasesRead, CalendarRead, ReviewComment, ReviewAct],
                grants(&["find", "findOne", "create", "update"]),
            ),
        ]
    }

    fn from_row(row: &AdminRoleRow) -> Self {
        let known = |name: &String| {
            let action = AdminAction::parse(name);
            if action.is_none() && !is_plugin_permission(name) {
                tracing::warn!(role = row.code, action = name, "an admin role names an unknown action; ignoring it");
            }
            action
        };
        let grants = serde_json::from_value(row.permissions.clone()).unwrap_or_else(|_| {
            tracing::error!(role = row.code, "cannot read the permissions of an admin role; it has none");
            Vec::new()
        });
        Self {
            code: row.code.clone(),
            name: row.name.clone(),
            description: row.description.clone(),
            built_in: false,
            actions: row.actions.iter().filter_map(known).collect(),
            of_plugins: row.actions.iter().filter(|name| is_plugin_permission(name)).cloned().collect(),
            grants,
        }
    }

    /// All roles: the built-in ones, with stored changes, then the others by their codes.
    pub fn from_rows(rows: &[AdminRoleRow]) -> Vec<Self> {
        let mut all: Vec<Self> = Self::built_in().into();
        for row in rows.iter().filter(|row| row.code != SUPER_ADMIN_ROLE) {
            let stored = Self::from_row(row);
            match all.iter_mut().find(|role| role.code == row.code) {
                Some(role) => *role = Self { built_in: true, ..stored },
                None => all.push(stored),
            }
        }
        all
    }

    /// The names of everything that it permits besides content.
    pub fn action_names(&self) -> Vec<String> {
        self.actions.to_names().into_iter().chain(self.of_plugins.iter().cloned()).collect()
    }

    /// The row to store.
    pub fn to_row(&self, now: &str) -> AdminRoleRow {
        AdminRoleRow {
            code: self.code.clone(),
            name: self.name.clone(),
            description: self.description.clone(),
            actions: self.action_names(),
            permissions: serde_json::to_value(&self.grants).unwrap_or_else(|_| Json::Array(Vec::new())),
            created_at: now.to_owned(),
            updated_at: now.to_owned(),
        }
    }

    /// The grants on content in the form of settings: uid → action → `{where?, fields?}`.
    pub fn permissions_json(&self) -> Json {
        crate::permissions::grants_json(&self.grants)
    }
}

/// The names of permissions on a content type, with the content actions that each means; publishing is none of these.
pub(crate) fn content_actions(ct: &ContentType) -> Vec<(&'static str, &'static [Action])> {
    let mut all: Vec<(&'static str, &'static [Action])> = match ct.kind {
        ContentTypeKind::Collection => vec![
            ("find", &[Action::Find]),
            ("findOne", &[Action::FindOne]),
            ("create", &[Action::Create]),
            ("update", &[Action::Update]),
            ("delete", &[Action::Delete]),
        ],
        // The first update of a single type creates its entry: permission to update includes permission to create.
        ContentTypeKind::Single => vec![
            ("find", &[Action::Find, Action::FindOne]),
            ("update", &[Action::Create, Action::Update]),
            ("delete", &[Action::Delete]),
        ],
    };
    if ct.is_api() {
        all.push((PUBLISH_ACTION, &[]));
    }
    all
}

/// The types that a permission can name: the project's own, and the users of the content API.
pub fn find_subject<'r>(registry: &'r Registry, uid: &str) -> Option<&'r ContentType> {
    registry.by_uid(uid).filter(|ct| ct.is_api() || uid == USER_UID)
}

/// The names of the actions that a subject has; empty for an unknown one.
pub fn content_action_names(registry: &Registry, uid: &str) -> Vec<&'static str> {
    if uid == EVERY_TYPE {
        return vec!["find", "findOne", "create", "update", "delete", PUBLISH_ACTION];
    }
    find_subject(registry, uid)
        .map(|ct| content_actions(ct).into_iter().map(|(name, _)| name).collect())
        .unwrap_or_default()
}

/// All subjects: uids of types that a permission can name.
pub fn content_subjects(registry: &Registry) -> Vec<&str> {
    let types = registry.types().iter().filter(|ct| ct.is_api()).map(|ct| ct.uid.as_str());
    types.chain([USER_UID, EVERY_TYPE]).collect()
}

/// The content actions on files that a media action means: permissions on files are set by the media actions.
pub(crate) fn file_actions(action: AdminAction) -> &'static [Action] {
    match action {
        AdminAction::MediaRead => &[Action::Find, Action::FindOne],
        AdminAction::MediaCreate => &[Action::Create],
        AdminAction::MediaUpdate => &[Action::Update],
        AdminAction::MediaDelete => &[Action::Delete],
        _ => &[],
    }
}

/// True if a text can be the code of a role.
pub fn is_code(code: &str) -> bool {
    (1..=MAX_ADMIN_ROLE_CHARS).contains(&code.chars().count())
        && code.trim() == code
        && !code.chars().any(char::is_control)
}
