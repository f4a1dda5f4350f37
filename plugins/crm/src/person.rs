//! Person who does something in the admin.

use cairn_plugin::{Actor, Call};

/// Somebody of the team.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Person {
    /// The id of the admin user.
    pub(crate) id: String,
    /// Name that people call them by.
    pub(crate) name: String,
}

impl Person {
    /// The person behind a call; none where it is a visitor, a program or the plugin itself.
    pub(crate) fn of(call: &Call) -> Option<Self> {
        let Actor::Admin(principal) = &call.actor else { return None };
        let name = principal.name.clone().filter(|name| !name.trim().is_empty());
        let name = name.unwrap_or_else(|| format!("#{}", principal.id));
        let name = hide_address(&name);
        // The lengths are those of the fields that store the id and the name.
        Some(Self { id: principal.id.chars().take(40).collect(), name: name.chars().take(120).collect() })
    }
}

/// The name of somebody as others read it. Of those who have entered none, the host knows the address: what stands before the sign.
pub(crate) fn hide_address(name: &str) -> String {
    let before = name.split('@').next().unwrap_or_default().trim();
    if before.is_empty() { name.replace('@', " ").trim().to_owned() } else { before.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_reads_addresses_in_place_of_names() {
        for (name, read) in
            [("Bart de Vries", "Bart de Vries"), ("bart@example.com", "bart"), ("@x", "x"), ("@", ""), ("", "")]
        {
            assert_eq!(hide_address(name), read, "{name}");
        }
    }
}
