//! Actions of rules: a short list of them, checked when a rule is saved. It needs no host.

use crate::conditions::{find_value, is_whole_field};
use crate::local_texts::LocalText;
use serde::Deserialize;
use serde_json::{Value, json};

/// Most actions of one rule.
const MAX_ACTIONS: usize = 10;
/// Longest subject and text, in characters.
const MAX_SUBJECT: usize = 150;
const MAX_TEXT: usize = 2_000;
/// Longest name of a variable, in bytes, and text of one, in characters.
const MAX_NAME: usize = 40;
const MAX_VALUE: usize = 200;

/// One thing that a rule does.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(tag = "do", rename_all = "kebab-case", rename_all_fields = "camelCase", deny_unknown_fields)]
pub(crate) enum Action {
    /// Tells the customer: a notice in the portal, and a mail if wanted.
    NotifyCustomer {
        subject: LocalText,
        text: LocalText,
        #[serde(default)]
        mail: bool,
    },
    /// Notifies whoever looks after the phase, or else the team of the settings.
    NotifyTeam { text: LocalText },
    /// Moves the journey to a phase, by its key.
    Move { phase: String },
    /// Sets a variable of the journey: to a value, or to a text with placeholders; `null` removes it.
    SetVariable { name: String, value: Value },
    /// Publishes an item, by its id.
    PublishItem { item: String },
}

/// Problem of a list of actions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ActionProblem {
    /// Where it is, from the root of the list: `[1].phase`.
    pub(crate) path: String,
    pub(crate) code: &'static str,
}

fn problem(path: impl Into<String>, code: &'static str) -> ActionProblem {
    ActionProblem { path: path.into(), code }
}

/// Reads a list of actions and checks what needs no definition.
///
/// # Errors
/// The first thing that is wrong, with its path.
pub(crate) fn parse_actions(list: &Value) -> Result<Vec<Action>, ActionProblem> {
    let list = list.as_array().filter(|list| !list.is_empty()).ok_or_else(|| problem("", "actions-list"))?;
    if list.len() > MAX_ACTIONS {
        return Err(problem("", "actions-many"));
    }
    let mut actions = Vec::with_capacity(list.len());
    for (n, value) in list.iter().enumerate() {
        // A list would be read as an action as well, by position.
        let action: Option<Action> =
            Some(value).filter(|value| value.is_object()).and_then(|value| serde_json::from_value(value.clone()).ok());
        let action = action.ok_or_else(|| problem(format!("[{n}]"), "actions-unknown"))?;
        if let Some((field, code)) = action.find_problem() {
            return Err(problem(format!("[{n}].{field}"), code));
        }
        // An action after a move would be about another phase than that of the rule.
        if matches!(action, Action::Move { .. }) && n + 1 < list.len() {
            return Err(problem(format!("[{n}]"), "actions-move-last"));
        }
        actions.push(action);
    }
    Ok(actions)
}

impl Action {
    fn find_problem(&self) -> Option<(&'static str, &'static str)> {
        let check_text = |text: &str, most: usize| {
            if text.trim().is_empty() || text.chars().count() > most {
                Some("actions-text")
            } else if find_unknown_placeholder(text).is_some() {
                Some("actions-placeholder")
            } else {
                None
            }
        };
        let check_texts = |text: &LocalText, most: usize| {
            let wrong = text.texts().into_iter().find_map(|text| check_text(text, most));
            if text.has_known_languages() { wrong } else { Some("actions-languages") }
        };
        match self {
            Self::NotifyCustomer { subject, text, .. } => check_texts(subject, MAX_SUBJECT)
                .map(|code| ("subject", code))
                .or_else(|| check_texts(text, MAX_TEXT).map(|code| ("text", code))),
            Self::NotifyTeam { text } => check_texts(text, MAX_TEXT).map(|code| ("text", code)),
            Self::Move { phase } => phase.is_empty().then_some(("phase", "unknown-phase")),
            Self::SetVariable { name, value } => {
                let is_name = !name.is_empty()
                    && name.len() <= MAX_NAME
                    && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
                if !is_name {
                    return Some(("name", "actions-name"));
                }
                match value {
                    Value::String(text) if text.is_empty() => None,
                    Value::String(text) => check_text(text, MAX_VALUE).map(|code| ("value", code)),
                    Value::Null | Value::Bool(_) | Value::Number(_) => None,
                    Value::Array(_) | Value::Object(_) => Some(("value", "actions-value")),
                }
            }
            Self::PublishItem { item } => item.is_empty().then_some(("item", "actions-item")),
        }
    }

    /// Its texts with placeholders in all languages, by their fields.
    pub(crate) fn texts(&self) -> Vec<(&'static str, &str)> {
        match self {
            Self::NotifyCustomer { subject, text, .. } => {
                [list_texts("subject", subject), list_texts("text", text)].concat()
            }
            Self::NotifyTeam { text } => list_texts("text", text),
            Self::SetVariable { value: Value::String(text), .. } => vec![("value", text)],
            Self::SetVariable { .. } | Self::Move { .. } | Self::PublishItem { .. } => Vec::new(),
        }
    }

    /// Its name in traces and texts.
    pub(crate) const fn kind(&self) -> &'static str {
        match self {
            Self::NotifyCustomer { .. } => "notify-customer",
            Self::NotifyTeam { .. } => "notify-team",
            Self::Move { .. } => "move",
            Self::SetVariable { .. } => "set-variable",
            Self::PublishItem { .. } => "publish-item",
        }
    }
}

fn list_texts<'a>(field: &'static str, text: &'a LocalText) -> Vec<(&'static str, &'a str)> {
    text.texts().into_iter().map(|text| (field, text)).collect()
}

/// The parts of a text: what is between placeholders, and the names of these (`{title}`, `{event.part}`).
fn split_text(text: &str) -> Vec<(&str, Option<&str>)> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        match after.split_once('}') {
            Some((name, after)) => {
                parts.push((before, Some(name.trim())));
                rest = after;
            }
            None => break,
        }
    }
    parts.push((rest, None));
    parts
}

/// True for a text with a placeholder for the data of an event.
pub(crate) fn names_event(text: &str) -> bool {
    split_text(text).into_iter().filter_map(|(_, name)| name).any(|name| name.starts_with("event."))
}

fn find_unknown_placeholder(text: &str) -> Option<&str> {
    let mut names = split_text(text).into_iter().filter_map(|(_, name)| name);
    names.find(|name| !is_whole_field(name) && !matches!(*name, "phaseTitle" | "customer"))
}

/// A text with the values of a snapshot in place of its placeholders. What is missing leaves nothing.
pub(crate) fn fill_text(text: &str, snapshot: &Value, most: usize) -> String {
    let mut filled = String::new();
    for (before, name) in split_text(text) {
        filled.push_str(before);
        match name.and_then(|name| find_value(snapshot, name)) {
            Some(Value::String(text)) => filled.push_str(text),
            Some(Value::Object(_) | Value::Array(_)) | None => {}
            Some(value) => filled.push_str(&value.to_string()),
        }
    }
    filled.chars().take(most).collect()
}

/// The value that a variable is set to: that of a placeholder alone with its type, otherwise a text.
pub(crate) fn fill_value(value: &Value, snapshot: &Value) -> Value {
    let Value::String(text) = value else { return value.clone() };
    match split_text(text).as_slice() {
        [("", Some(name)), ("", None)] => match find_value(snapshot, name) {
            Some(found @ (Value::Bool(_) | Value::Number(_))) => found.clone(),
            Some(Value::String(text)) => json!(text.chars().take(MAX_VALUE).collect::<String>()),
            _ => Value::Null,
        },
        _ => json!(fill_text(text, snapshot, MAX_VALUE)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn actions_are_checked_with_their_path() {
        let good = json!([
            { "do": "notify-customer", "subject": "{title}", "text": "{event.part.name} for {customer}", "mail": true },
            { "do": "notify-team", "text": { "nl": "Te laat", "en": "Late" } },
            { "do": "set-variable", "name": "colour", "value": "{event.colour}" },
            { "do": "publish-item", "item": "abc" },
            { "do": "move", "phase": "testen" },
        ]);
        assert_eq!(parse_actions(&good).unwrap().len(), 5);
        for (list, path, code) in [
            (json!(null), "", "actions-list"),
            (json!([]), "", "actions-list"),
            (json!(vec![json!({ "do": "notify-team", "text": "x" }); 11]), "", "actions-many"),
            (json!([{ "do": "call" }]), "[0]", "actions-unknown"),
            (json!([["notify-team", "x"]]), "[0]", "actions-unknown"),
            (json!([{ "do": "move", "phase": "a", "to": "b" }]), "[0]", "actions-unknown"),
            (json!([{ "do": "move", "phase": "a" }, { "do": "notify-team", "text": "x" }]), "[0]", "actions-move-last"),
            (json!([{ "do": "notify-team", "text": " " }]), "[0].text", "actions-text"),
            (json!([{ "do": "notify-team", "text": {} }]), "[0].text", "actions-languages"),
            (json!([{ "do": "notify-team", "text": { "xx": "?" } }]), "[0].text", "actions-languages"),
            (
                json!([{ "do": "notify-team", "text": { "nl": "Goed", "en": "{x}" } }]),
                "[0].text",
                "actions-placeholder",
            ),
            (json!([{ "do": "notify-team", "text": { "nl": 1 } }]), "[0]", "actions-unknown"),
            (json!([{ "do": "notify-team", "text": "{vehicle}" }]), "[0].text", "actions-placeholder"),
            (json!([{ "do": "set-variable", "name": "a b", "value": 1 }]), "[0].name", "actions-name"),
            (json!([{ "do": "set-variable", "name": "a", "value": [] }]), "[0].value", "actions-value"),
        ] {
            assert_eq!(parse_actions(&list), Err(problem(path, code)), "{list}");
        }
    }

    #[test]
    fn placeholders_take_values_of_the_snapshot() {
        let snapshot =
            json!({ "title": "F22", "variables": { "extras": 2 }, "event": { "part": { "name": "wheel" } } });
        let text = "{title}: {variables.extras} × {event.part.name}{event.none} {event.part}{";
        assert_eq!(fill_text(text, &snapshot, 99), "F22: 2 × wheel {");
        assert_eq!(fill_text("{ title }", &snapshot, 1), "F");
        assert_eq!(fill_value(&json!("{variables.extras}"), &snapshot), json!(2));
        assert_eq!(fill_value(&json!("n{variables.extras}"), &snapshot), json!("n2"));
        assert_eq!(fill_value(&json!("{event.none}"), &snapshot), Value::Null);
        assert_eq!(fill_value(&json!(true), &snapshot), json!(true));
    }
}
