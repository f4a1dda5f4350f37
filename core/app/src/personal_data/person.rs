//! Identity of a person: an e-mail address in the form in which it is compared, and the accounts with it.

use super::{PersonalData, PersonalDataError};
use cairn_contact_details::email::normalise_email;
use cairn_model::fields::is_email;
use cairn_plugin_host::privacy::DataSubject;
use cairn_store::StoreError;
use sha2::{Digest, Sha256};

/// The form in which addresses are compared: lower case, without spaces around it and without characters that nobody sees, its domain in its own
/// letters. `None`: it is no address.
fn normalise_address(text: &str) -> Option<String> {
    let address = normalise_email(text);
    is_email(&address).then_some(address)
}

/// By what an erasure is found again once it no longer has the address.
pub(super) fn hash_subject(address: &str) -> String {
    Sha256::digest(address.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

impl PersonalData {
    /// The person with an address, and their accounts. Somebody without accounts is a person as well.
    ///
    /// # Errors
    /// [`PersonalDataError::InvalidAddress`] if it is no address; an error if the database fails.
    pub fn find_person(&self, address: &str) -> Result<DataSubject, PersonalDataError> {
        let Some(email) = normalise_address(address) else {
            return Err(PersonalDataError::InvalidAddress(address.chars().take(100).collect()));
        };
        let (user, admin) = self
            .access
            .store()
            .read(|r| Ok::<_, StoreError>((r.users().get_by_email(&email)?, r.admin_users().get_by_email(&email)?)))?;
        let (user, admin) = (user.map(|user| user.document_id), admin.map(|admin| admin.id.to_string()));
        Ok(DataSubject { email, user, admin })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_compared_in_one_form() {
        for same in ["ann@example.com", " Ann@Example.COM\n", "ANN@EXAMPLE.com"] {
            assert_eq!(normalise_address(same).as_deref(), Some("ann@example.com"));
        }
        for same in ["info@bücher.example", "Info@xn--bcher-kva.example", "\u{202a}info@BÜCHER.example\u{202c}"] {
            assert_eq!(normalise_address(same).as_deref(), Some("info@bücher.example"));
        }
        let long = format!("{}@example.com", "a".repeat(300));
        for wrong in [
            "",
            "ann",
            "ann@",
            "@example.com",
            "a b@example.com",
            "ann@example.com, bob@example.com",
            "\u{200b}",
            &long,
        ] {
            assert_eq!(normalise_address(wrong), None, "{wrong}");
        }
        assert_eq!(hash_subject("a").len(), 64);
        assert_ne!(hash_subject("a"), hash_subject("b"));
    }
}
