//! Person who does something in the admin.

use cairn_plugin::{Actor, Call};

/// Somebody of the team.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Person {
    /// The id of the admin user.
    pub(crate) id: String,
    /// Name that people call them by.
    pub(crate) name: String,
    /// Codes of their roles.
    pub(crate) roles: Vec<String>,
}

impl Person {
    /// The person behind a call; none where it is a visitor, a program or the plugin itself.
    pub(crate) fn of(call: &Call) -> Option<Self> {
        let Actor::Admin(principal) = &call.actor else { return None };
        let name = principal.name.clone().filter(|name| !name.trim().is_empty());
        let name = name.unwrap_or_else(|| format!("#{}", principal.id));
        // The lengths are those of the fields that store the id and the name.
        Some(Self {
            id: principal.id.chars().take(40).collect(),
            name: name.chars().take(120).collect(),
            roles: principal.roles.clone(),
        })
    }

    /// True if `role:` and the code of a role, or the id of an admin user, means them.
    pub(crate) fn is_meant_by(&self, approver: &str) -> bool {
        match approver.strip_prefix("role:") {
            Some(role) => self.roles.iter().any(|own| own == role.trim()),
            None => self.id == approver,
        }
    }

    /// How the audit trail names them.
    pub(crate) fn describe(&self) -> String {
        format!("{} (#{})", self.name, self.id)
    }
}

/// How the audit trail names whoever makes a call.
pub(crate) fn describe_actor(call: &Call) -> String {
    match (&call.actor, Person::of(call)) {
        (_, Some(person)) => person.describe(),
        (Actor::Token(principal), None) => {
            format!("token {}", principal.name.as_deref().unwrap_or(principal.id.as_str()))
        }
        _ => "system".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn approvers_are_people_and_roles() {
        let roles = vec!["legal".to_owned(), "news".to_owned()];
        let lena = Person { id: "7".to_owned(), name: "Lena".to_owned(), roles };
        for approver in ["7", "role:legal", "role: legal"] {
            assert!(lena.is_meant_by(approver), "{approver}");
        }
        for approver in ["", "77", "legal", "role:", "role:leg", "role:7", "role:super-admin"] {
            assert!(!lena.is_meant_by(approver), "{approver}");
        }
    }
}
