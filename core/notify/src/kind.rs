//! What admin users are told of.

use crate::channel::Level;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::{PartialSchema, ToSchema};

macro_rules! kinds {
    ($($(#[$doc:meta])* $variant:ident $name:literal $mail:ident [$($variable:literal)*];)+) => {
        /// What somebody is told of. Each has a mail template of its name; [`Kind::variables`] are what `data` may hold.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum Kind {
            $($(#[$doc])* #[serde(rename = $name)] $variant),+
        }

        impl Kind {
            /// All of them, in the order they are shown.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The form that is stored and shown.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }

            /// What `data` may hold; what it lacks is null.
            pub fn variables(self) -> &'static [&'static str] {
                match self { $(Self::$variant => &[$($variable),*]),+ }
            }

            /// Whether it comes by mail where nothing else was said.
            pub fn mail_by_default(self) -> Level {
                match self { $(Self::$variant => Level::$mail),+ }
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
    /// Somebody asks for a review.
    ReviewRequested "review-requested" Now ["title" "actor" "stage" "note" "due"];
    /// A publish waits for an approval of one of their roles.
    ApprovalNeeded "approval-needed" Now ["title" "actor" "role" "stage" "note" "due"];
    /// A review of theirs was decided. `decision`: `approved`, `rejected` or what the workflow calls it.
    ReviewDecided "review-decided" Now ["title" "actor" "decision" "stage" "note"];
    /// Work was given to them.
    Assigned "assigned" Now ["title" "actor" "note" "due"];
    /// Somebody named them in a comment.
    Mention "mention" Now ["title" "actor" "excerpt"];
    /// Somebody commented on what they follow.
    Comment "comment" Digest ["title" "actor" "excerpt"];
    /// Work of theirs is due.
    Due "due" Digest ["title" "due" "stage"];
    /// A planned publish or unpublish could not be done. `action`: `publish` or `unpublish`.
    ScheduledPublishFailed "scheduled-publish-failed" Now ["title" "action" "at" "reason"];
    /// A release was done. `name`: the release's.
    ReleaseDone "release-done" Now ["name" "actor" "count" "at"];
    /// A release could not be done.
    ReleaseFailed "release-failed" Now ["name" "actor" "reason" "at"];
    /// Something waits for too long, and goes to whoever answers for it.
    Escalation "escalation" Now ["title" "reason" "since" "owner" "stage"];
    /// A licence of files they answer for ends soon. `count`: files beside the one named; `entries`: entries that use them.
    LicenceExpiring "licence-expiring" Now ["title" "holder" "at" "count" "entries"];
    /// A licence of files they answer for has ended: they are delivered no more.
    LicenceExpired "licence-expired" Now ["title" "holder" "at" "count" "entries"];
    /// A plugin that kept failing was switched off, or went back to the version before (`back`). `previous`: what somebody can go back to.
    PluginStopped "plugin-stopped" Now ["name" "version" "reason" "back" "previous"];
    /// A plugin does too much. `alarm`: `loop`, events that lead to each other were cut off after `count` in a row, or `lag`, `count` events wait
    /// for it.
    PluginAlarm "plugin-alarm" Now ["name" "alarm" "subscription" "count"];
    /// A plugin tells them something. Its words are its own.
    Plugin "plugin-notice" Off ["title" "excerpt"];
}

impl Kind {
    /// Of its form.
    pub fn read(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|k| k.as_str() == text)
    }
}

impl std::fmt::Display for Kind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}
