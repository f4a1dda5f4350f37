//! People of the team who hear of journeys: the owner of a phase, or the team of the settings where that is nobody.

use crate::settings::is_recipient;
use cairn_plugin::people::{self, MAX_PEOPLE};
use cairn_plugin::prelude::*;
use std::collections::BTreeMap;

/// Most owners that are looked up: as many as a definition has phases.
const MAX_RECIPIENTS: usize = 100;

/// The owner of a phase if that reaches anybody, or else the team of the settings; empty where neither is there. Where it cannot be known who
/// is reached, the owner counts.
pub(crate) fn find_recipient<'a>(owner: &'a str, staff: &'a str) -> &'a str {
    if !is_recipient(owner) {
        return staff;
    }
    let reached = reach(&[owner]).unwrap_or_default();
    if reached.get(owner) == Some(&false) { staff } else { owner }
}

/// True for each recipient that reaches somebody, false for one that reaches nobody. Of those that are missing it is not known.
///
/// # Errors
/// What the host says; `Denied` where the operator did not grant to look people up.
pub(crate) fn reach<'a>(recipients: &[&'a str]) -> Result<BTreeMap<&'a str, bool>> {
    let mut reached = BTreeMap::new();
    let (mut ids, mut roles) = (Vec::new(), Vec::new());
    for recipient in recipients.iter().take(MAX_RECIPIENTS) {
        match recipient.strip_prefix("role:") {
            _ if !is_recipient(recipient) => drop(reached.insert(*recipient, false)),
            Some(role) => roles.push((*recipient, role.trim())),
            None => ids.push(*recipient),
        }
    }
    if !ids.is_empty() {
        let found = people::find_by_ids(ids.iter().copied())?;
        for id in ids {
            reached.insert(id, found.iter().any(|person| person.active && person.id == id));
        }
    }
    if !roles.is_empty() {
        let page = people::find_by_roles(roles.iter().map(|(_, role)| *role), None)?;
        for (recipient, role) in roles {
            let is_found = page.people.iter().any(|person| person.roles.iter().any(|own| own == role));
            // A full page does not show that the role has no members: users behind it may have the role.
            if is_found || page.people.len() < MAX_PEOPLE as usize {
                reached.insert(recipient, is_found);
            }
        }
    }
    Ok(reached)
}
