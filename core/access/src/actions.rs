//! Everything that a permission can name: the content actions of the project's types, and the actions on what is not (only) content: users,
//! signing in, roles, files, locales.
//!
//! Uids and names are Strapi's. Signing in has the uid `plugin::users-permissions.auth`; since people look for it in
//! `plugin::users-permissions.user`, its actions are accepted there too.

use crate::admin_roles::is_plugin_permission;
use cairn_model::{ContentType, ContentTypeKind, FILE_UID, LOCALE_UID, ROLE_UID, Registry, TypeId, USER_UID};
use cairn_query::Action;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Uid of signing in, `plugin::users-permissions.auth`.
pub const AUTH_UID: &str = "plugin::users-permissions.auth";
/// Uid of the list of permissions: `plugin::users-permissions.permissions`.
pub const PERMISSIONS_UID: &str = "plugin::users-permissions.permissions";
/// Uid of what content types look like: `plugin::content-type-builder.content-types`.
pub const CONTENT_TYPES_UID: &str = "plugin::content-type-builder.content-types";
/// Uid of what components look like: `plugin::content-type-builder.components`.
pub const COMPONENTS_UID: &str = "plugin::content-type-builder.components";

macro_rules! plugin_actions {
    ($($variant:ident = $uid:ident $name:literal $doc:literal,)*) => {
        /// An action on what is not the project's own content.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum PluginAction {
            $(#[doc = $doc] $variant,)*
        }

        impl PluginAction {
            /// Every action, in the order of declaration.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// The uid under which settings name it.
            pub fn uid(self) -> &'static str {
                match self { $(Self::$variant => $uid,)* }
            }

            /// Its name in settings, under its uid.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }
        }
    };
}

plugin_actions! {
    SignIn = AUTH_UID "callback" "`POST /api/auth/local`.",
    Register = AUTH_UID "register" "`POST /api/auth/local/register`.",
    ForgotPassword = AUTH_UID "forgotPassword" "`POST /api/auth/forgot-password`.",
    ResetPassword = AUTH_UID "resetPassword" "`POST /api/auth/reset-password`.",
    ChangePassword = AUTH_UID "changePassword" "`POST /api/auth/change-password`.",
    EmailConfirmation = AUTH_UID "emailConfirmation" "`GET /api/auth/email-confirmation`.",
    SendEmailConfirmation = AUTH_UID "sendEmailConfirmation" "`POST /api/auth/send-email-confirmation`.",
    Refresh = AUTH_UID "refresh" "`POST /api/auth/refresh`.",
    SignOut = AUTH_UID "logout" "`POST /api/auth/logout`.",
    Me = USER_UID "me" "`GET /api/users/me`.",
    FindUsers = USER_UID "find" "`GET /api/users`; and seeing users through relations.",
    FindUser = USER_UID "findOne" "`GET /api/users/<id>`.",
    CountUsers = USER_UID "count" "`GET /api/users/count`.",
    CreateUser = USER_UID "create" "`POST /api/users`.",
    UpdateUser = USER_UID "update" "`PUT /api/users/<id>`.",
    DeleteUser = USER_UID "destroy" "`DELETE /api/users/<id>`.",
    FindRoles = ROLE_UID "find" "`GET /api/users-permissions/roles`; and seeing roles through relations.",
    FindRole = ROLE_UID "findOne" "`GET /api/users-permissions/roles/<id>`.",
    FindPermissions = PERMISSIONS_UID "getPermissions" "`GET /api/users-permissions/permissions`.",
    FindFiles = FILE_UID "find" "`GET /api/upload/files`.",
    FindFile = FILE_UID "findOne" "`GET /api/upload/files/<id>`.",
    Upload = FILE_UID "upload" "`POST /api/upload`: new files.",
    ReplaceFile = FILE_UID "replace" "`POST /api/upload?id=<id>`: other bytes, names and texts of files that are there.",
    DeleteFile = FILE_UID "destroy" "`DELETE /api/upload/files/<id>`.",
    FindLocales = LOCALE_UID "find" "`GET /api/i18n/locales`.",
    FindContentTypes = CONTENT_TYPES_UID "getContentTypes" "`GET /api/content-type-builder/content-types`.",
    FindContentType = CONTENT_TYPES_UID "getContentType" "`GET /api/content-type-builder/content-types/<uid>`.",
    FindComponents = COMPONENTS_UID "getComponents" "`GET /api/content-type-builder/components`.",
    FindComponent = COMPONENTS_UID "getComponent" "`GET /api/content-type-builder/components/<uid>`.",
}

/// True if it is an action that Strapi has and Cairn lacks: signing in through another provider. Settings may name it, and stored
/// permissions with it are read; nobody can do anything with it.
pub fn is_strapi_only(uid: &str, name: &str) -> bool {
    matches!(uid, AUTH_UID | USER_UID) && name == "connect"
}

impl PluginAction {
    /// Finds an action by uid and name.
    pub fn parse(uid: &str, name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|a| a.uid() == uid && a.name() == name)
    }

    /// The content actions that it means on the built-in type with that uid: the planner requires them when such rows are listed,
    /// populated or filtered through.
    pub fn content_actions(self) -> &'static [Action] {
        match self {
            Self::FindUsers | Self::FindRoles | Self::FindFiles => &[Action::Find],
            Self::FindUser | Self::FindRole | Self::FindFile => &[Action::FindOne],
            Self::CreateUser => &[Action::Create],
            Self::UpdateUser => &[Action::Update],
            Self::DeleteUser | Self::DeleteFile => &[Action::Delete],
            Self::Upload => &[Action::Create],
            Self::ReplaceFile => &[Action::Update],
            _ => &[],
        }
    }
}

/// A set of [`PluginAction`]s.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PluginActions(u32);

impl PluginActions {
    /// Every action, for full-access tokens.
    pub fn all() -> Self {
        PluginAction::ALL.iter().copied().collect()
    }

    /// The actions of a read-only token: those called `find` or `findOne`, except on locales (as recorded from Strapi).
    pub fn read_only() -> Self {
        let reads = |a: &PluginAction| matches!(a.name(), "find" | "findOne") && *a != PluginAction::FindLocales;
        PluginAction::ALL.iter().copied().filter(reads).collect()
    }

    /// True if the set contains an action.
    pub fn contains(self, action: PluginAction) -> bool {
        self.0 & (1 << action as u32) != 0
    }
}

impl FromIterator<PluginAction> for PluginActions {
    fn from_iter<T: IntoIterator<Item = PluginAction>>(actions: T) -> Self {
        Self(actions.into_iter().fold(0, |set, a| set | 1 << a as u32))
    }
}

/// The permissions that plugins declare, as far as somebody has them.
#[derive(Debug, Clone, Default)]
pub(crate) struct DeclaredPermissions {
    everything: bool,
    /// `plugin::crm.deals.reassign`
    names: Arc<BTreeSet<String>>,
}

impl DeclaredPermissions {
    /// Every permission of every plugin, for full-access tokens.
    pub(crate) fn all() -> Self {
        Self { everything: true, names: Arc::default() }
    }

    /// True if they include a plugin's permission: `deals.reassign` of `crm`.
    pub(crate) fn contains(&self, plugin: &str, permission: &str) -> bool {
        self.everything || self.names.contains(&format!("plugin::{plugin}.{permission}"))
    }
}

impl FromIterator<String> for DeclaredPermissions {
    fn from_iter<T: IntoIterator<Item = String>>(names: T) -> Self {
        Self { everything: false, names: Arc::new(names.into_iter().collect()) }
    }
}

/// True if that can be the subject of the permissions that a plugin declares: `plugin::crm`. The plugin need not be installed: a role
/// retains its permissions while a plugin is away.
pub fn is_plugin_subject(uid: &str) -> bool {
    let is_core = |action: &PluginAction| action.uid().strip_prefix(uid).is_some_and(|rest| rest.starts_with('.'));
    !uid.contains('.') && is_plugin_permission(&format!("{uid}.x")) && !PluginAction::ALL.iter().any(is_core)
}

/// Meaning of an action on a subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ResolvedAction {
    /// The plugin action, if the subject is not (only) content, nor the permissions of a plugin.
    pub plugin: Option<PluginAction>,
    /// The type, if the subject is content. Only then can conditions and fields be given.
    pub content_type: Option<TypeId>,
    /// The content actions that it permits.
    pub actions: &'static [Action],
}

/// Resolves a subject and an action of a permission; `None` if there is no such thing.
pub fn resolve_action(registry: &Registry, uid: &str, name: &str) -> Option<ResolvedAction> {
    if let Some(plugin) = PluginAction::parse(uid, name) {
        let actions = plugin.content_actions();
        let content_type = registry.by_uid(uid).map(|ct| ct.id).filter(|_| !actions.is_empty());
        return Some(ResolvedAction { plugin: Some(plugin), content_type, actions });
    }
    if is_plugin_subject(uid) {
        let known = is_plugin_permission(&format!("{uid}.{name}"));
        return known.then_some(ResolvedAction { plugin: None, content_type: None, actions: &[] });
    }
    let ct = registry.by_uid(uid).filter(|ct| ct.is_api())?;
    let actions = content_actions(ct).iter().find(|(n, _)| *n == name).map(|(_, actions)| *actions)?;
    Some(ResolvedAction { plugin: None, content_type: Some(ct.id), actions })
}

/// The names of the actions that a subject has; empty for an unknown one, and for the permissions of a plugin, which only it knows.
pub fn action_names(registry: &Registry, uid: &str) -> Vec<&'static str> {
    match registry.by_uid(uid).filter(|ct| ct.is_api()) {
        Some(ct) => content_actions(ct).iter().map(|(n, _)| *n).collect(),
        None => PluginAction::ALL.iter().filter(|a| a.uid() == uid).map(|a| a.name()).collect(),
    }
}

/// All subjects: the project's types, then those that are not content; without those of [`is_plugin_subject`].
pub fn list_subjects(registry: &Registry) -> Vec<&str> {
    let types = registry.types().iter().filter(|ct| ct.is_api()).map(|ct| ct.uid.as_str());
    let others =
        [AUTH_UID, USER_UID, ROLE_UID, PERMISSIONS_UID, FILE_UID, LOCALE_UID, CONTENT_TYPES_UID, COMPONENTS_UID];
    types.chain(others).collect()
}

/// The actions of a content type. A single type has one document: finding is finding that one, and updating creates
/// it if it does not exist.
fn content_actions(ct: &ContentType) -> &'static [(&'static str, &'static [Action])] {
    match ct.kind {
        ContentTypeKind::Collection => &[
            ("find", &[Action::Find]),
            ("findOne", &[Action::FindOne]),
            ("create", &[Action::Create]),
            ("update", &[Action::Update]),
            ("delete", &[Action::Delete]),
        ],
        ContentTypeKind::Single => &[
            ("find", &[Action::Find, Action::FindOne]),
            ("update", &[Action::Create, Action::Update]),
            ("delete", &[Action::Delete]),
        ],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_plugin_action_fits_the_set_and_parses_from_its_name() {
        assert!(PluginAction::ALL.len() <= 32);
        for &a in PluginAction::ALL {
            assert_eq!(PluginAction::parse(a.uid(), a.name()), Some(a));
            assert!(PluginActions::all().contains(a));
            assert!(!PluginActions::default().contains(a));
        }
    }

    #[test]
    fn subjects_of_plugins_are_told_from_content_and_core() {
        assert!(is_plugin_subject("plugin::crm") && is_plugin_subject("plugin::my-crm"));
        for other in
            ["", "crm", "plugin::", "plugin::Crm", "plugin::crm.deal", "plugin::upload", "plugin::users-permissions"]
        {
            assert!(!is_plugin_subject(other), "{other}");
        }
        let declared: DeclaredPermissions = ["plugin::crm.deals.read".to_owned()].into_iter().collect();
        assert!(declared.contains("crm", "deals.read"));
        assert!(!declared.contains("crm", "deals") && !declared.contains("other", "deals.read"));
        assert!(DeclaredPermissions::all().contains("crm", "deals.read"));
        assert!(!DeclaredPermissions::default().contains("crm", "deals.read"));
    }

    #[test]
    fn read_only_set_contains_find_and_find_one_actions() {
        let may: Vec<_> = PluginAction::ALL.iter().filter(|a| PluginActions::read_only().contains(**a)).collect();
        use PluginAction::*;
        assert_eq!(may, [&FindUsers, &FindUser, &FindRoles, &FindRole, &FindFiles, &FindFile]);
    }
}
