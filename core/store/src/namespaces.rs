//! Methods of a transaction, by subject: `tx.webhooks().update(…)`, `reader.webhooks().list()`.
//!
//! A namespace is the transaction itself under another type: it costs nothing, and is made for each call. Its methods are in the file of its
//! subject (`impl namespaces::Webhooks<…>` in `events/webhooks.rs`): those that read are those of `Webhooks<Reader>`, those that write are
//! those of `Webhooks<&mut WriteTx>`, which reads what it has written through [`WriteTx::reader`].

use crate::{Reader, WriteTx};

macro_rules! namespaces {
    ($($(#[$doc:meta])* $accessor:ident: $name:ident for $($side:ident)+;)*) => { $(
        $(#[$doc])*
        pub struct $name<T> {
            pub(crate) tx: T,
        }
        $(namespaces!(@$side $accessor $name);)+
    )* };
    (@Reader $accessor:ident $name:ident) => {
        impl<'a> Reader<'a> {
            #[doc = concat!("Reads by subject: [`", stringify!($name), "`].")]
            pub fn $accessor(&self) -> $name<Reader<'a>> {
                $name { tx: *self }
            }
        }
    };
    (@WriteTx $accessor:ident $name:ident) => {
        impl WriteTx<'_> {
            #[doc = concat!("Writes by subject: [`", stringify!($name), "`].")]
            pub fn $accessor(&mut self) -> $name<&mut Self> {
                $name { tx: self }
            }
        }
    };
}

namespaces! {
    /// One-time codes, recovery codes and second factors of admin users.
    admin_codes: AdminCodes for Reader WriteTx;
    /// Passkeys of admin users.
    admin_passkeys: AdminPasskeys for Reader WriteTx;
    /// Preferences that admin users have set for themselves in the admin.
    admin_preferences: AdminPreferences for Reader WriteTx;
    /// Roles of admin users.
    admin_roles: AdminRoles for Reader WriteTx;
    /// Sessions of admin users.
    admin_sessions: AdminSessions for Reader WriteTx;
    /// Tokens that act with permissions of the admin.
    admin_tokens: AdminTokens for Reader WriteTx;
    /// Admin users: the people who sign in to the admin.
    admin_users: AdminUsers for Reader WriteTx;
    /// Views of lists that admin users have saved.
    admin_views: AdminViews for Reader WriteTx;
    /// Tokens of the public API.
    api_tokens: ApiTokens for Reader WriteTx;
    /// Files of the media library: where they are, their texts and versions, the trash.
    assets: Assets for Reader WriteTx;
    /// The audit log.
    audit: Audit for Reader WriteTx;
    /// Batches: events that belong to one action of a person.
    batches: Batches for Reader WriteTx;
    /// The objects that hold the bytes of assets and renditions, and the claims on them.
    blobs: Blobs for Reader WriteTx;
    /// The editorial calendar: slots, and the rules that repeat them.
    calendar: Calendar for Reader WriteTx;
    /// Comments on documents, in threads.
    comments: Comments for Reader WriteTx;
    /// Consents of the people in assets.
    consents: Consents for Reader WriteTx;
    /// Consumers of events, their positions and leases.
    consumers: Consumers for Reader WriteTx;
    /// Owners, who are responsible for content, and the escalations to them.
    content_owners: ContentOwners for Reader WriteTx;
    /// Deliveries that wait, are retried or were given up.
    deliveries: Deliveries for Reader WriteTx;
    /// Notifications that wait for a digest mail.
    digests: Digests for Reader WriteTx;
    /// The rows of documents: one for each locale, draft and published.
    documents: Documents for Reader WriteTx;
    /// Entries as the API returns them: compiled plans, written as JSON bytes.
    entries: Entries for Reader;
    /// Erasures of one person's data.
    erasures: Erasures for Reader WriteTx;
    /// The outbox: events that are committed with what they report.
    events: Events for Reader WriteTx;
    /// Folders of the media library.
    folders: Folders for Reader WriteTx;
    /// The history of documents: an entry for each version that was saved, and the deletions.
    history: History for Reader WriteTx;
    /// The queue of jobs.
    jobs: Jobs for Reader WriteTx;
    /// Licences of assets.
    licences: Licences for Reader WriteTx;
    /// Licensing of a file: its records, its settings, the tenant's policy, reports.
    licensing: Licensing for Reader WriteTx;
    /// Links between documents, from either side.
    links: Links for Reader WriteTx;
    /// Locales of content.
    locales: Locales for Reader WriteTx;
    /// Addresses to which no mail is sent.
    mail_suppressions: MailSuppressions for Reader WriteTx;
    /// The tenant's own mail templates.
    mail_templates: MailTemplates for Reader WriteTx;
    /// Mails that wait, were sent or failed.
    mails: Mails for Reader WriteTx;
    /// How admin users are notified.
    notification_preferences: NotificationPreferences for Reader WriteTx;
    /// Notifications in the inboxes of admin users.
    notifications: Notifications for Reader WriteTx;
    /// One-time codes of users.
    one_time_codes: OneTimeCodes for Reader WriteTx;
    /// Permissions of roles.
    permissions: Permissions for Reader WriteTx;
    /// Failed calls of plugins, stored to be examined and run again.
    plugin_calls: PluginCalls for Reader WriteTx;
    /// Keys and values that plugins store.
    plugin_kv: PluginKv for Reader WriteTx;
    /// Lines that plugins have logged.
    plugin_logs: PluginLogs for Reader WriteTx;
    /// Encrypted secrets of plugins.
    plugin_secrets: PluginSecrets for Reader WriteTx;
    /// Private keys that plugins sign with, encrypted, and the public halves of earlier ones.
    plugin_signing_keys: PluginSigningKeys for Reader WriteTx;
    /// How much plugins store and publish, for their quotas.
    plugin_usage: PluginUsage for Reader WriteTx;
    /// Installed plugins.
    plugins: Plugins for Reader WriteTx;
    /// Presence of people in the documents that they have open in the admin, and their locks.
    presence: Presence for Reader WriteTx;
    /// Links that show a draft without signing in.
    preview_links: PreviewLinks for Reader WriteTx;
    /// Jobs that are enqueued again and again, by a time expression.
    recurring_jobs: RecurringJobs for Reader WriteTx;
    /// Releases and their items.
    releases: Releases for Reader WriteTx;
    /// Uploads that arrive in parts.
    resumable_uploads: ResumableUploads for Reader WriteTx;
    /// Reviews of documents: stages, assignees, approvals.
    reviews: Reviews for Reader WriteTx;
    /// Roles of users.
    roles: Roles for Reader WriteTx;
    /// When single documents are published and unpublished.
    schedules: Schedules for Reader WriteTx;
    /// Profiles that seal PDFs.
    seal_profiles: SealProfiles for Reader WriteTx;
    /// Full-text indexes of plugins: changes that each node applies to its index files.
    search_indexes: SearchIndexes for Reader WriteTx;
    /// Sessions of users.
    sessions: Sessions for Reader WriteTx;
    /// Settings by key.
    settings: Settings for Reader WriteTx;
    /// Tags of assets.
    tags: Tags for Reader WriteTx;
    /// Tenants and their hosts.
    tenants: Tenants for Reader WriteTx;
    /// Dumps and their loading, exports.
    transfer: Transfer for Reader WriteTx;
    /// The last reported answer to whether a file may be used.
    usage_statuses: UsageStatuses for Reader WriteTx;
    /// Groups that plugins give to users of the public API.
    user_groups: UserGroups for Reader WriteTx;
    /// Users of the public API.
    users: Users for Reader WriteTx;
    /// Webhooks and their attempts.
    webhooks: Webhooks for Reader WriteTx;
}
