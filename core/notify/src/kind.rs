//! Kinds of notifications for admin users.

use crate::channel::NotificationLevel;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::{PartialSchema, ToSchema};

macro_rules! kinds {
    ($($(#[$doc:meta])* $variant:ident $name:literal $mail:ident [$($variable:literal)*];)+) => {
        /// The kind of a notification. Each has a mail template with its name; [`Kind::variables`] lists what `data` may contain.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum Kind {
            $($(#[$doc])* #[serde(rename = $name)] $variant),+
        }

        impl Kind {
            /// All kinds, in the order in which they are shown.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The text that is stored and returned by the API.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }

            /// The keys that `data` may contain; missing ones are null.
            pub fn variables(self) -> &'static [&'static str] {
                match self { $(Self::$variant => &[$($variable),*]),+ }
            }

            /// The level on the mail channel for users who have not chosen one.
            pub fn mail_by_default(self) -> NotificationLevel {
                match self { $(Self::$variant => NotificationLevel::$mail),+ }
            }
        }
    };
}

impl PartialSchema for Kind {
    fn schema() -> RefOr<Schema> {
        let names = Self::ALL.iter().map(|kind| kind.as_str());
        ObjectBuilder::new().schema_type(Type::String).enum_values(Some(names)).into()
    }
}

impl ToSchema for Kind {
    fn name() -> Cow<'static, str> {
        "NotificationKind".into()
    }
}

kinds! {
    /// Somebody requests a review.
    ReviewRequested "review-requested" Now ["title" "actor" "stage" "note" "due"];
    /// A publish waits for an approval of one of their roles.
    ApprovalNeeded "approval-needed" Now ["title" "actor" "role" "stage" "note" "due"];
    /// A review of theirs was decided. `decision`: `approved`, `rejected` or the workflow's word.
    ReviewDecided "review-decided" Now ["title" "actor" "decision" "stage" "note"];
    /// Work was assigned to them.
    Assigned "assigned" Now ["title" "actor" "note" "due"];
    /// Somebody mentioned them in a comment.
    Mention "mention" Now ["title" "actor" "excerpt"];
    /// Somebody commented on what they follow.
    Comment "comment" Digest ["title" "actor" "excerpt"];
    /// Work of theirs is due.
    Due "due" Digest ["title" "due" "stage"];
    /// A scheduled publication could not be published or unpublished. `action`: `publish` or `unpublish`.
    ScheduledPublishFailed "scheduled-publish-failed" Now ["title" "action" "at" "reason"];
    /// A release was published. `name`: the release's.
    ReleaseDone "release-done" Now ["name" "actor" "count" "at"];
    /// A release could not be published.
    ReleaseFailed "release-failed" Now ["name" "actor" "reason" "at"];
    /// Something is overdue, and is escalated to those responsible.
    Escalation "escalation" Now ["title" "reason" "since" "owner" "stage"];
    /// A licence of files they are responsible for ends soon. `count`: files besides the named one; `entries`: entries that use them.
    LicenceExpiring "licence-expiring" Now ["title" "holder" "at" "count" "entries"];
    /// A licence of files they are responsible for has ended: these are not delivered any more.
    LicenceExpired "licence-expired" Now ["title" "holder" "at" "count" "entries"];
    /// A plugin that kept failing was disabled, or rolled back to the version before (`back`). `previous`: the version that
    /// somebody can roll back to.
    PluginStopped "plugin-stopped" Now ["name" "version" "reason" "back" "previous"];
    /// A plugin is overactive. `alarm`: `loop`, events that cause each other were stopped after `count` in a row, or `lag`,
    /// `count` events wait for it.
    PluginAlarm "plugin-alarm" Now ["name" "alarm" "subscription" "count"];
    /// A plugin notifies them, in its words.
    Plugin "plugin-notice" Off ["title" "excerpt"];
}

impl Kind {
    /// Parses what [`Self::as_str`] returns.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|k| k.as_str() == text)
    }
}

impl std::fmt::Display for Kind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}
