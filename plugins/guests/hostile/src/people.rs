//! Inviting people beyond what was granted, which is three an hour with the role of new users.

use crate::report::{refused, until_refused};
use cairn_plugin::users::invitation;

/// Runs the trial, if it is one of these.
pub(crate) fn run(trial: &str) -> Option<String> {
    let with_role = |role: &str| refused(invitation("mallory@example.com").role(role).send());
    Some(match trial {
        "invite-admin" => with_role("super-admin"),
        "invite-public" => with_role("public"),
        "invite-editor" => with_role("editor"),
        "invite-by-address" => {
            refused(invitation("mallory@example.com\r\nBcc: everybody@example.com").name("Mallory").send())
        }
        "invite-flood" => until_refused(10_000, |n| invitation(format!("customer{n}@example.com")).send()),
        _ => return None,
    })
}
