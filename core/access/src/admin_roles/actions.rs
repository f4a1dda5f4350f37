//! Everything that an admin role can permit besides content, in one list.

macro_rules! admin_actions {
    ($($variant:ident = $name:literal $doc:literal,)*) => {
        /// An action in the admin that a role may allow.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum AdminAction {
            $(#[doc = $doc] $variant,)*
        }

        /// Every action as a type, for signatures: a handler that takes `Require<SettingsWebhooks>` declares [`AdminAction::SettingsWebhooks`].
        pub mod action_types {
            $(
                #[doc = $doc]
                #[derive(Debug, Clone, Copy)]
                pub enum $variant {}

                impl super::AdminActionType for $variant {
                    const ACTION: super::AdminAction = super::AdminAction::$variant;
                }
            )*
        }

        impl AdminAction {
            /// Every action, in the order of declaration.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// The text that is stored and returned by the API.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// Describes the action for people.
            pub fn description(self) -> &'static str {
                match self { $(Self::$variant => $doc,)* }
            }
        }
    };
}

/// A type that stands for one action.
pub trait AdminActionType: Send + Sync + 'static {
    /// Action that this type stands for.
    const ACTION: AdminAction;
}

admin_actions! {
    ContentTypesRead = "content-types.read" "View the content types with all their attributes.",
    ContentTypesChange = "content-types.change" "Change content types.",
    MediaRead = "media.read" "View the files of the media library.",
    MediaCreate = "media.create" "Add files.",
    MediaUpdate = "media.update" "Change files, folders and tags.",
    MediaDelete = "media.delete" "Move files to the trash, and delete them permanently.",
    MediaRights = "media.rights" "Manage the licences and consents of files.",
    ReleasesRead = "releases.read" "View releases and schedules.",
    ReleasesManage = "releases.manage" "Create releases and add to them.",
    ReleasesPublish = "releases.publish" "Publish releases, schedule them and roll them back.",
    CalendarRead = "calendar.read" "View the calendar.",
    CalendarManage = "calendar.manage" "Plan in the calendar.",
    ReviewComment = "review.comment" "Write comments.",
    ReviewAct = "review.act" "Move entries through review, approve and assign them, as far as the workflow allows.",
    PreviewSeeAs = "preview.see-as" "Preview the site as a user of the content API sees it, now or at a date.",
    HistoryErase = "history.erase" "Erase the history of deleted entries.",
    ContentUsersRead = "content-users.read" "View the users of the content API, and whether they can sign in.",
    ContentUsersManage = "content-users.manage" "Invite, help, block and unblock users of the content API.",
    SettingsLocales = "settings.locales" "Change the locales.",
    SettingsRoles = "settings.roles" "Change the roles of admin users.",
    SettingsUsers = "settings.users" "Invite, change and remove admin users.",
    SettingsContentRoles = "settings.content-roles" "Change the roles of the content API.",
    SettingsApiTokens = "settings.api-tokens" "Create and remove API tokens and admin tokens.",
    SettingsSeals = "settings.seals" "Manage the keys and certificates that seal PDFs.",
    SettingsPersonalData = "settings.personal-data" "Export and erase all data about a person.",
    SettingsAuth = "settings.auth" "Change who can register and how sessions work.",
    SettingsTheme = "settings.theme" "Change the appearance of the admin and of mails.",
    SettingsMail = "settings.mail" "View sent mails, change mail templates and the sender.",
    SettingsWebhooks = "settings.webhooks" "Change webhooks and view their deliveries.",
    SettingsWorkflows = "settings.workflows" "Change review workflows.",
    SettingsCalendars = "settings.calendars" "Change calendars of working hours.",
    SettingsOwners = "settings.owners" "Change the owners of content.",
    SettingsTenants = "settings.tenants" "View and change tenants.",
    EventsRead = "events.read" "View events and their deliveries.",
    EventsManage = "events.manage" "Pause, replay and discard deliveries.",
    JobsRead = "jobs.read" "View background jobs.",
    JobsManage = "jobs.manage" "Retry and cancel background jobs.",
    PluginsRead = "plugins.read" "View plugins, their logs and their status.",
    PluginsManage = "plugins.manage" "Install, configure, enable, disable and remove plugins.",
    PluginsBypass = "plugins.bypass" "Change content without the checks of plugins that do not run.",
    BackupsManage = "backups.manage" "Create, check, download and restore backups.",
    AuditRead = "audit.read" "View the audit log.",
    SystemRead = "system.read" "View the state of the server.",
}

impl AdminAction {
    /// True if it gives permissions to somebody: new tokens, users, roles, the role of new users, or those of another to whoever looks. No admin
    /// token has it.
    pub fn is_for_people(self) -> bool {
        matches!(
            self,
            Self::SettingsRoles
                | Self::SettingsUsers
                | Self::SettingsContentRoles
                | Self::ContentUsersManage
                | Self::SettingsApiTokens
                | Self::SettingsAuth
                | Self::PreviewSeeAs
        )
    }

    /// Parses what [`Self::as_str`] returns.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|a| a.as_str() == text)
    }
}

/// A set of [`AdminAction`]s.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct AdminActions(u64);

impl AdminActions {
    /// The set of every action.
    pub fn all() -> Self {
        AdminAction::ALL.iter().copied().collect()
    }

    /// True if the set contains an action.
    pub fn contains(self, action: AdminAction) -> bool {
        self.0 & (1 << action as u64) != 0
    }

    /// True if the set contains all of `other`.
    pub fn covers(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// The union of both sets.
    #[must_use]
    pub fn union_with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// The actions in the order of [`AdminAction::ALL`].
    pub fn iter(self) -> impl Iterator<Item = AdminAction> {
        AdminAction::ALL.iter().copied().filter(move |a| self.contains(*a))
    }

    /// The names of the actions, in the same order.
    pub fn to_names(self) -> Vec<String> {
        self.iter().map(|a| a.as_str().to_owned()).collect()
    }
}

impl FromIterator<AdminAction> for AdminActions {
    fn from_iter<T: IntoIterator<Item = AdminAction>>(actions: T) -> Self {
        Self(actions.into_iter().fold(0, |set, a| set | 1 << a as u64))
    }
}

/// Longest name of a plugin's permission, in bytes.
const MAX_PLUGIN_PERMISSION_BYTES: usize = 200;

/// True if that can be the name of a permission that a plugin declares: `plugin::crm.deals.reassign`. The plugin need not be installed: a
/// role retains its permissions while a plugin is away.
pub fn is_plugin_permission(name: &str) -> bool {
    let kebab = |part: &str| {
        !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'_')
    };
    let parts = name.strip_prefix("plugin::").and_then(|rest| rest.split_once('.'));
    name.len() <= MAX_PLUGIN_PERMISSION_BYTES
        && parts.is_some_and(|(plugin, rest)| kebab(plugin) && rest.split('.').all(kebab))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plugin_permission_names_are_validated() {
        for good in ["plugin::crm.deals.reassign", "plugin::my-crm.read"] {
            assert!(is_plugin_permission(good), "{good}");
        }
        let long = format!("plugin::crm.{}", "a".repeat(300));
        for bad in [
            "",
            "plugin::",
            "plugin::crm",
            "plugin::crm.",
            "plugin::.x",
            "crm.x",
            "plugin::crm.A",
            "plugin::crm.a b",
            &long,
        ] {
            assert!(!is_plugin_permission(bad), "{bad}");
        }
    }

    #[test]
    fn every_admin_action_fits_the_set_and_parses_from_its_name() {
        assert!(AdminAction::ALL.len() <= 64);
        for &a in AdminAction::ALL {
            assert_eq!(AdminAction::parse(a.as_str()), Some(a));
            assert!(AdminActions::all().contains(a) && !AdminActions::default().contains(a));
            assert_eq!([a].into_iter().collect::<AdminActions>().to_names(), [a.as_str()]);
        }
    }
}
