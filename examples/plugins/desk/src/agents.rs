//! Users of the API who answer tickets: the members of a group.

use crate::model::{Account, Settings};
use cairn_plugin::prelude::*;
use cairn_plugin::{Actor, groups};

/// Group of everybody who answers.
pub(crate) const AGENTS: &str = "desk:agents";
/// Agents that the admin lists.
pub(crate) const MAX_AGENTS: u32 = 100;

/// True if the caller is an agent.
pub(crate) fn is_agent(actor: &Actor) -> bool {
    matches!(actor, Actor::User(who) if who.groups.iter().any(|group| group == AGENTS))
}

/// True if the caller answers any ticket: an agent, or a program with an API token, of which the route has required its permission.
pub(crate) fn answers_all(actor: &Actor) -> bool {
    is_agent(actor) || matches!(actor, Actor::Token(_))
}

/// Full name of a group of the settings.
pub(crate) fn group_name(name: &str) -> String {
    format!("desk:{name}")
}

/// True if tickets can be assigned to a group of that full name.
pub(crate) fn is_group(settings: &Settings, group: &str) -> bool {
    settings.groups.iter().any(|name| group_name(name) == group)
}

/// The ids of agents.
///
/// # Errors
/// What the host says.
pub(crate) fn list() -> Result<Vec<String>> {
    Ok(groups::members(AGENTS, None, MAX_AGENTS)?.users)
}

/// Makes a user an agent, of a group of the settings if one is named.
///
/// # Errors
/// `Invalid` for a user who cannot be one; what the host says.
pub(crate) fn add(call: &Call, user: &str, group: Option<&str>) -> Result<()> {
    let account = data::find::<Account>().fields(Account::FIELDS).by_ids(&[user])?.pop().flatten();
    let wrong = |field: &str, code: &str| {
        Error::field(field, code, translate(&format!("problem.agent.{code}"), &call.locale, None))
    };
    if !account.is_some_and(|account| account.is_trusted()) {
        return Err(wrong("user", "account"));
    }
    let mut names = vec![AGENTS.to_owned()];
    if let Some(group) = group.filter(|group| !group.is_empty()) {
        let name = group_name(group);
        if !is_group(&settings()?, &name) {
            return Err(wrong("group", "group"));
        }
        if name != AGENTS {
            names.push(name);
        }
    }
    groups::set(user, names)
}

/// Takes all groups from a user.
///
/// # Errors
/// What the host says.
pub(crate) fn remove(user: &str) -> Result<()> {
    groups::set(user, Vec::<String>::new())
}

#[cfg(test)]
mod tests {
    use super::*;
    use cairn_plugin::Principal;

    fn user(groups: &[&str]) -> Actor {
        let groups = groups.iter().map(|&group| group.to_owned()).collect();
        Actor::User(Principal { id: "u".into(), name: None, roles: vec!["desk:agents".into()], groups })
    }

    #[test]
    fn agents_are_those_in_the_group_and_nobody_else() {
        assert!(is_agent(&user(&["desk:agents", "desk:billing"])));
        assert!(!is_agent(&user(&["desk:billing", "other:agents"])));
        let Actor::User(who) = user(&["desk:agents"]) else { panic!("a user") };
        assert!(!is_agent(&Actor::Admin(who)), "an administrator is none by a group");
        assert!(!is_agent(&Actor::Anonymous));
    }
}
