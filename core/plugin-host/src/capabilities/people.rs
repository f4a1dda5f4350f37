//! `people`: who works in the admin, by ids, names or roles. Colleagues are known by their names and roles; addresses stay with the host.

use crate::call::state::{CallState, to_guest_charge};
use crate::contract::bindings::host::people::{Filter, Host, Page, Person};
use crate::contract::bindings::types::Error;
use crate::contract::guest_errors::{from_content_error, invalid_field};
use crate::contract::host_error::HostResult;
use cairn_model::case_fold::fold_case;
use cairn_plugin_package::Capability;
use cairn_store::system::AdminUserRow;

/// Most people of one page.
const MAX_PEOPLE: u32 = 100;
/// Most ids, texts or roles of a filter.
const MAX_ENTRIES: usize = 100;
/// Longest of them, in characters: every word of a text is compared with every name.
const MAX_ENTRY_CHARS: usize = 200;

impl Host for CallState {
    async fn find(&mut self, by: Filter, after: Option<String>, limit: u32) -> HostResult<Page> {
        self.granted_call(Capability::People)?;
        let limit = check_limit(limit)?.min(self.budget.remaining_reads().max(1));
        let (condition, after) = (PersonCondition::new(by)?, parse_cursor(after.as_deref())?);
        // Names are found by the beginnings of their words, for which there is no index: so all are read, as for mentions in comments.
        let page = self
            .with_reader(move |r| {
                let users = r.admin_users().list().map_err(|e| from_content_error(e.into()))?;
                Ok(select_page(&users, &condition, after, limit))
            })
            .await?;
        to_guest_charge(self.budget.charge_reads(page.people.len()))?;
        Ok(page)
    }
}

/// A checked filter.
#[derive(Debug, PartialEq, Eq)]
enum PersonCondition {
    Ids(Vec<i64>),
    /// The words of each text.
    Names(Vec<Vec<String>>),
    Roles(Vec<String>),
}

impl PersonCondition {
    fn new(filter: Filter) -> Result<Self, Error> {
        let (name, entries) = match &filter {
            Filter::Ids(ids) => ("ids", ids),
            Filter::Names(names) => ("names", names),
            Filter::Roles(roles) => ("roles", roles),
        };
        if entries.len() > MAX_ENTRIES {
            let message = format!("{} entries; a filter can have at most {MAX_ENTRIES}", entries.len());
            return Err(invalid_field(&format!("by.{name}"), "too-many", message));
        }
        if let Some(i) = entries.iter().position(|entry| entry.chars().count() > MAX_ENTRY_CHARS) {
            let message = format!("must have at most {MAX_ENTRY_CHARS} characters");
            return Err(invalid_field(&format!("by.{name}[{i}]"), "too-long", message));
        }
        Ok(match filter {
            Filter::Ids(ids) => Self::Ids(ids.iter().filter_map(|id| id.parse().ok()).collect()),
            Filter::Names(names) => Self::Names(names.iter().map(|name| split_words(name)).collect()),
            Filter::Roles(roles) => Self::Roles(roles),
        })
    }

    fn fits(&self, user: &AdminUserRow) -> bool {
        match self {
            Self::Ids(ids) => ids.contains(&user.id),
            Self::Names(texts) => {
                let of_name = split_words(&user.full_name());
                let begins_one = |word: &String| of_name.iter().any(|known| known.starts_with(word.as_str()));
                user.active && texts.iter().any(|words| words.iter().all(begins_one))
            }
            Self::Roles(roles) => user.active && user.roles.iter().any(|role| roles.contains(role)),
        }
    }
}

/// The words of a name, without case: what is between them does not matter.
fn split_words(text: &str) -> Vec<String> {
    let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.map(fold_case).collect()
}

fn check_limit(limit: u32) -> Result<u32, Error> {
    match limit {
        1..=MAX_PEOPLE => Ok(limit),
        _ => Err(invalid_field("limit", "limit", format!("must be from 1 to {MAX_PEOPLE}, not {limit}"))),
    }
}

/// The id behind which a page begins.
fn parse_cursor(after: Option<&str>) -> Result<Option<i64>, Error> {
    let wrong = |_| invalid_field("after", "cursor", "must be the `next` of the page before");
    after.map(str::parse).transpose().map_err(wrong)
}

/// A page of the users who fit, who are in the order of their ids.
fn select_page(users: &[AdminUserRow], condition: &PersonCondition, after: Option<i64>, limit: u32) -> Page {
    let fitting = users.iter().filter(|user| after.is_none_or(|after| user.id > after) && condition.fits(user));
    // A page takes one more person than it returns, to know whether there is another page.
    let mut people: Vec<Person> = fitting.take(limit as usize + 1).map(to_person).collect();
    let has_more = people.len() > limit as usize;
    people.truncate(limit as usize);
    let next = people.last().filter(|_| has_more).map(|person| person.id.clone());
    Page { people, next }
}

fn to_person(user: &AdminUserRow) -> Person {
    let name = Some(user.full_name().trim().to_owned()).filter(|name| !name.is_empty());
    Person { id: user.id.to_string(), name, roles: user.roles.clone(), active: user.active }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user(id: i64, names: (&str, &str), roles: &[&str]) -> AdminUserRow {
        let name = |name: &str| Some(name.to_owned()).filter(|name| !name.is_empty());
        AdminUserRow {
            id,
            email: format!("user{id}@example.com"),
            first_name: name(names.0),
            last_name: name(names.1),
            roles: roles.iter().map(|role| (*role).to_owned()).collect(),
            active: true,
            ..AdminUserRow::default()
        }
    }

    fn team() -> Vec<AdminUserRow> {
        let left = AdminUserRow { active: false, ..user(4, ("Bart", "Smit"), &["sales"]) };
        vec![
            user(1, ("Bart", "de Vries"), &["sales"]),
            user(2, ("Anne-Marie", "O'Brien"), &["sales", "editor"]),
            user(3, ("", ""), &["editor"]),
            left,
            user(5, ("ÉLISE", "Vroom"), &[]),
            user(6, ("ΝΙΚΟΣ", "Иванов"), &[]),
        ]
    }

    fn texts(texts: &[&str]) -> Vec<String> {
        texts.iter().map(|text| (*text).to_owned()).collect()
    }

    fn found(filter: Filter) -> Vec<String> {
        let condition = PersonCondition::new(filter).unwrap();
        select_page(&team(), &condition, None, MAX_PEOPLE).people.into_iter().map(|person| person.id).collect()
    }

    #[test]
    fn names_are_found_by_the_beginnings_of_their_words() {
        for (text, expected) in [
            ("bart", &["1"][..]),
            ("B", &["1", "2"]),
            ("VRIES bart", &["1"]),
            ("bart.de.vr", &["1"]),
            ("vr", &["1", "5"]),
            ("anne-marie", &["2"]),
            ("o'brien", &["2"]),
            ("élise", &["5"]),
            ("art", &[]),
            ("bart smit", &[]),
            ("user1@example.com", &[]),
            ("νικος ИВ", &["6"]),
            ("νικοσ", &["6"]),
            ("", &["1", "2", "3", "5", "6"]),
            (" - ", &["1", "2", "3", "5", "6"]),
        ] {
            assert_eq!(found(Filter::Names(texts(&[text]))), expected, "{text}");
        }
        assert_eq!(found(Filter::Names(texts(&["bart", "élise", "nobody"]))), ["1", "5"]);
        assert!(found(Filter::Names(Vec::new())).is_empty());
    }

    #[test]
    fn ids_find_also_who_left_and_roles_only_who_is_there() {
        assert_eq!(found(Filter::Ids(texts(&["4", "1", "99", "role:sales", "", "-1", "1"]))), ["1", "4"]);
        assert_eq!(found(Filter::Roles(texts(&["sales"]))), ["1", "2"]);
        assert_eq!(found(Filter::Roles(texts(&["sales", "editor"]))), ["1", "2", "3"]);
        assert!(found(Filter::Roles(texts(&["Sales", ""]))).is_empty());
    }

    #[test]
    fn people_have_no_address_and_maybe_no_name() {
        let condition = PersonCondition::new(Filter::Ids(texts(&["3", "4"]))).unwrap();
        let page = select_page(&team(), &condition, None, 10);
        let known = |person: &Person| (person.name.clone(), person.roles.clone(), person.active);
        let people: Vec<_> = page.people.iter().map(known).collect();
        assert_eq!(
            people,
            [(None, texts(&["editor"]), true), (Some("Bart Smit".to_owned()), texts(&["sales"]), false)]
        );
    }

    #[test]
    fn pages_follow_one_another() {
        let condition = PersonCondition::new(Filter::Names(texts(&[""]))).unwrap();
        let (mut after, mut pages) = (None, Vec::new());
        loop {
            let page = select_page(&team(), &condition, parse_cursor(after.as_deref()).unwrap(), 2);
            pages.push(page.people.into_iter().map(|person| person.id).collect::<Vec<_>>());
            match page.next {
                Some(next) => after = Some(next),
                None => break,
            }
        }
        assert_eq!(pages, [vec!["1", "2"], vec!["3", "5"], vec!["6"]]);
    }

    #[test]
    fn what_does_not_fit_is_named() {
        let problem = |result: Result<PersonCondition, Error>| match result {
            Err(Error::Invalid(fields)) => (fields[0].path.clone(), fields[0].code.clone()),
            other => panic!("{other:?}"),
        };
        let named = |path: &str, code: &str| (path.to_owned(), code.to_owned());
        let many = vec!["1".to_owned(); MAX_ENTRIES + 1];
        assert_eq!(problem(PersonCondition::new(Filter::Ids(many.clone()))), named("by.ids", "too-many"));
        assert_eq!(problem(PersonCondition::new(Filter::Roles(many))), named("by.roles", "too-many"));
        let long = texts(&["bart", &"é".repeat(MAX_ENTRY_CHARS + 1)]);
        assert_eq!(problem(PersonCondition::new(Filter::Names(long))), named("by.names[1]", "too-long"));
        for limit in [0, MAX_PEOPLE + 1, u32::MAX] {
            assert!(matches!(check_limit(limit), Err(Error::Invalid(_))), "{limit}");
        }
        for cursor in ["", "x", "1.5"] {
            assert!(matches!(parse_cursor(Some(cursor)), Err(Error::Invalid(_))), "{cursor}");
        }
    }
}
