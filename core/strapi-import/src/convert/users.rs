//! Site users, of whom not everything that a row has is believed.

use super::Converter;
use serde_json::{Map, Value as Json};

/// Attributes that only Cairn itself sets: codes of links that were mailed, and whose address it is.
const NOT_IMPORTED: [&str; 3] = ["resetPasswordToken", "confirmationToken", "emailVerified"];
/// Length of a bcrypt hash.
const BCRYPT_BYTES: usize = 60;

impl Converter<'_> {
    /// Leaves out what only Cairn sets, and a password that Strapi has not hashed: whatever else is stored as one would be taken for a hash, with
    /// the cost that it says.
    pub(super) fn leave_out_secrets(&mut self, place: &str, data: &mut Map<String, Json>) {
        data.retain(|name, _| !NOT_IMPORTED.contains(&name.as_str()));
        let password = data.get("password").filter(|password| !password.is_null());
        if password.is_some_and(|password| !password.as_str().is_some_and(is_bcrypt_hash)) {
            data.remove("password");
            let message = "its password is left out: it is no hash of Strapi. They choose another one by mail";
            self.report.add_difference(place, message);
        }
    }
}

fn is_bcrypt_hash(text: &str) -> bool {
    text.len() == BCRYPT_BYTES && ["$2a$", "$2b$", "$2y$"].iter().any(|prefix| text.starts_with(prefix))
}
