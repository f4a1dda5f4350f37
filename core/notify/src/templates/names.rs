//! Names of the templates.

use crate::kind::Kind;

/// Mail to a content API user who has forgotten their password.
pub const PASSWORD_RESET: &str = "password-reset";
/// Mail to a content API user who has to confirm their address.
pub const EMAIL_CONFIRMATION: &str = "email-confirmation";
/// Mail to a content API user who is invited to choose their first password.
pub const INVITATION: &str = "invitation";
/// Mail to somebody who is invited to the admin.
pub const ADMIN_INVITATION: &str = "admin-invitation";
/// Mail to an admin user who has forgotten their password.
pub const ADMIN_PASSWORD_RESET: &str = "admin-password-reset";
/// The daily mail with the notifications of that day.
pub const DIGEST: &str = "digest";
/// A mail with which an admin checks whether mails arrive.
pub const TEST: &str = "test";
/// Mails that a user requested and waits for: they are sent even from a site that holds its mails.
pub(crate) const REQUESTED_TEMPLATES: [&str; 6] =
    [PASSWORD_RESET, EMAIL_CONFIRMATION, INVITATION, ADMIN_INVITATION, ADMIN_PASSWORD_RESET, TEST];
/// Mails with a link that gives whoever has it access to an account.
const ACCOUNT_TEMPLATES: [&str; 5] =
    [PASSWORD_RESET, EMAIL_CONFIRMATION, INVITATION, ADMIN_INVITATION, ADMIN_PASSWORD_RESET];

/// True if mails of a template contain a link that gives access to an account.
pub fn is_about_an_account(template: &str) -> bool {
    ACCOUNT_TEMPLATES.contains(&template)
}

/// Names of all templates, in the order in which they are shown.
pub fn template_names() -> impl Iterator<Item = &'static str> {
    ACCOUNT_TEMPLATES.into_iter().chain(Kind::ALL.iter().map(|k| k.as_str())).chain([DIGEST, TEST])
}

/// The static name, if it is a template's.
pub fn find_template_name(name: &str) -> Option<&'static str> {
    template_names().find(|n| *n == name)
}
