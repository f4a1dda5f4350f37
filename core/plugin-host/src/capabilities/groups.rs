//! `groups`: the plugin's own groups of users, in the transaction there is.

use crate::call::state::{CallState, to_guest_charge};
use crate::contract::bindings::host::groups::{Host, Members};
use crate::contract::bindings::types::{Error, FieldError};
use crate::contract::guest_errors::{from_content_error, invalid_field};
use crate::contract::host_error::HostResult;
use cairn_plugin_package::Capability;
use std::collections::BTreeSet;

/// Most groups of a plugin that a user has.
const MAX_GROUPS: usize = 100;
/// Longest name of a group, in characters, the plugin's id included.
const MAX_NAME_CHARS: usize = 100;
/// Most members of one page.
const MAX_MEMBERS: u32 = 1_000;
/// Largest number of problems that are reported.
const MAX_PROBLEMS: usize = 20;
/// Most characters of a wrong name in its message.
const MAX_QUOTED_CHARS: usize = 60;

impl Host for CallState {
    async fn set_groups(&mut self, user: String, groups: Vec<String>) -> HostResult<()> {
        self.granted_call(Capability::Groups)?;
        let names = check_groups(self.definition.id(), &groups)?;
        // Removing groups costs writes too.
        to_guest_charge(self.budget.charge_writes(names.len().max(1)))?;
        let plugin = self.definition.id().to_owned();
        let set = self.with_transaction(move |tx| {
            let known = tx.reader().users().get_by_document(&user).map_err(|e| from_content_error(e.into()))?;
            if known.is_none() {
                return Err(Error::NotFound(user.chars().take(MAX_QUOTED_CHARS).collect()));
            }
            tx.user_groups().set(&user, &plugin, &names).map_err(|e| from_content_error(e.into()))
        });
        Ok(set.await?)
    }

    async fn list_groups(&mut self, user: String) -> HostResult<Vec<String>> {
        self.granted_call(Capability::Groups)?;
        let plugin = self.definition.id().to_owned();
        let groups = self
            .with_reader(move |r| {
                let names =
                    r.user_groups().list_from_plugin(&user, &plugin).map_err(|e| from_content_error(e.into()))?;
                Ok(names.into_iter().map(|name| format!("{plugin}:{name}")).collect::<Vec<_>>())
            })
            .await?;
        to_guest_charge(self.budget.charge_reads(groups.len()))?;
        Ok(groups)
    }

    async fn list_members(&mut self, group: String, after: Option<String>, limit: u32) -> HostResult<Members> {
        self.granted_call(Capability::Groups)?;
        let plugin = self.definition.id().to_owned();
        let name = match check_name(&plugin, &group) {
            Ok(name) => name.to_owned(),
            Err((code, message)) => return Err(invalid_field("group", code, message).into()),
        };
        if limit == 0 || limit > MAX_MEMBERS {
            return Err(invalid_field("limit", "limit", format!("must be from 1 to {MAX_MEMBERS}, not {limit}")).into());
        }
        let limit = limit.min(self.budget.remaining_reads().max(1));
        let members = self
            .with_reader(move |r| {
                // The query reads one more user than the page has, to know whether there is another page.
                let users = r.user_groups().list_members(&plugin, &name, after.as_deref(), i64::from(limit) + 1);
                users.map_err(|e| from_content_error(e.into()))
            })
            .await;
        let mut users = members?;
        let has_more = users.len() > limit as usize;
        users.truncate(limit as usize);
        to_guest_charge(self.budget.charge_reads(users.len()))?;
        let next = users.last().filter(|_| has_more).cloned();
        Ok(Members { users, next })
    }
}

/// The names of a plugin's groups without its id, each once, where all of them are valid.
fn check_groups(plugin: &str, groups: &[String]) -> Result<BTreeSet<String>, Error> {
    if groups.len() > MAX_GROUPS {
        let message = format!("{} groups; a user can have at most {MAX_GROUPS} of a plugin", groups.len());
        return Err(invalid_field("groups", "too-many", message));
    }
    let (mut names, mut problems) = (BTreeSet::new(), Vec::new());
    for (i, group) in groups.iter().enumerate() {
        match check_name(plugin, group) {
            Ok(name) => {
                names.insert(name.to_owned());
            }
            Err((code, message)) => {
                problems.push(FieldError { path: format!("groups[{i}]"), code: code.to_owned(), message });
            }
        }
    }
    problems.truncate(MAX_PROBLEMS);
    if problems.is_empty() { Ok(names) } else { Err(Error::Invalid(problems)) }
}

/// The part of a group's name behind the plugin's id; the error has a code and a message.
fn check_name<'a>(plugin: &str, group: &'a str) -> Result<&'a str, (&'static str, String)> {
    let quoted = || group.chars().take(MAX_QUOTED_CHARS).collect::<String>();
    if group.chars().count() > MAX_NAME_CHARS {
        let message = format!("the name that begins with {:?} is longer than {MAX_NAME_CHARS} characters", quoted());
        return Err(("too-long", message));
    }
    match group.split_once(':') {
        Some((owner, _)) if owner != plugin => Err((
            "foreign",
            format!("{:?} is not a group of this plugin: its names begin with \"{plugin}:\"", quoted()),
        )),
        Some((_, name)) if is_valid_name(name) => Ok(name),
        _ => Err((
            "name",
            format!(
                "{:?} is not the name of a group: expected \"{plugin}:\" followed by small letters, digits, \"-\", \"_\" and \".\", \
                 beginning with a letter or digit",
                quoted()
            ),
        )),
    }
}

fn is_valid_name(name: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    name.starts_with(is_plain) && name.chars().all(|c| is_plain(c) || matches!(c, '-' | '_' | '.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(groups: &[&str]) -> Vec<(String, String)> {
        let groups: Vec<String> = groups.iter().map(|group| (*group).to_owned()).collect();
        match check_groups("journey", &groups) {
            Err(Error::Invalid(fields)) => fields.into_iter().map(|f| (f.path, f.code)).collect(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn valid_names_lose_the_id_of_the_plugin_and_count_once() {
        let groups = ["journey:b", "journey:a_1.x-y", "journey:b"].map(str::to_owned);
        let names: Vec<String> = check_groups("journey", &groups).unwrap().into_iter().collect();
        assert_eq!(names, ["a_1.x-y", "b"]);
        assert!(check_groups("journey", &[]).unwrap().is_empty());
    }

    #[test]
    fn every_wrong_name_is_reported_with_its_position() {
        let long = format!("journey:{}", "a".repeat(100));
        let wrong = [
            "journey:ok",
            "kb:a",
            "assembly",
            "journey:",
            "journey:A",
            "journey:a b",
            "journey:a,b",
            "journey:-",
            "",
            &long,
        ];
        let codes = ["foreign", "name", "name", "name", "name", "name", "name", "name", "too-long"];
        let expected: Vec<(String, String)> =
            codes.iter().enumerate().map(|(i, code)| (format!("groups[{}]", i + 1), (*code).to_owned())).collect();
        assert_eq!(problems(&wrong), expected);
        // The id of another plugin with the same beginning, and a second colon, are refused.
        assert_eq!(
            problems(&["journeys:a", "journey:a:b"]),
            [("groups[0]".to_owned(), "foreign".to_owned()), ("groups[1]".to_owned(), "name".to_owned()),]
        );
    }

    #[test]
    fn thousands_of_groups_are_one_problem() {
        let many: Vec<String> = (0..5_000).map(|n| format!("journey:{n}")).collect();
        let Err(Error::Invalid(fields)) = check_groups("journey", &many) else { panic!("too many") };
        assert_eq!((fields.len(), fields[0].path.as_str(), fields[0].code.as_str()), (1, "groups", "too-many"));
    }
}
