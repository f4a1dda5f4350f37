//! Names of people: of whoever does something in the admin, and of the customer.

use crate::journeys::LoadedJourney;
use cairn_plugin::Actor;
use cairn_plugin::prelude::*;

/// The name of whoever moves a journey: a person of the team, or one of their programs; empty for the plugin itself.
pub(crate) fn name_of(call: &Call) -> String {
    let (Actor::Admin(principal) | Actor::Token(principal)) = &call.actor else { return String::new() };
    let name = principal.name.clone().filter(|name| !name.trim().is_empty());
    // The length is that of the field that stores the name.
    name.unwrap_or_else(|| format!("#{}", principal.id)).chars().take(160).collect()
}

/// The name of a customer in mails and texts: the one that was given with the journey, or else that of the account if it looks like a
/// name of a person. Empty otherwise: nobody is called `kees_1972`.
pub(crate) fn name_of_customer(journey: &LoadedJourney) -> String {
    let given = journey.row.person_name.trim();
    let account = journey.customer().map_or("", |customer| customer.username.trim());
    choose_name(given, account).to_owned()
}

/// The customer's name in texts: that name, or as "customer" in the language of the text where it is not known.
pub(crate) fn call_customer(journey: &LoadedJourney, language: &str) -> String {
    let name = name_of_customer(journey);
    if name.is_empty() { name_nobody(language) } else { name }
}

/// The customer's name in texts for the team: the name that is noted with the journey, which may be that of the account.
pub(crate) fn call_customer_to_team(journey: &LoadedJourney, language: &str) -> String {
    let name = name_of_customer(journey);
    let noted = journey.row.customer_name.trim();
    match (name.is_empty(), noted.is_empty()) {
        (false, _) => name,
        (true, false) => noted.to_owned(),
        (true, true) => name_nobody(language),
    }
}

/// The word for a customer whose name is not known.
pub(crate) fn name_nobody(language: &str) -> String {
    translate("customer.unnamed", language, None)
}

fn choose_name<'a>(given: &'a str, account: &'a str) -> &'a str {
    let is_of_person = |c: char| c.is_alphabetic() || matches!(c, ' ' | '-' | '\'' | '’');
    if given.is_empty() && account.chars().all(is_of_person) { account } else { given }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn customers_are_called_by_their_names() {
        assert_eq!(choose_name("Anna de Vries", "anna_82"), "Anna de Vries");
        for name in ["anna", "Zoë O’Neill", "Jean-Luc"] {
            assert_eq!(choose_name("", name), name);
        }
        for account in ["kees_1972", "anna@example.com", "a.bakker", ""] {
            assert_eq!(choose_name("", account), "", "{account}");
        }
    }
}
