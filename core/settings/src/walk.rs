//! Walking the file: keys, types and paths, with every problem recorded.

use crate::change::{SettingChange, SettingsProblem};
use serde_json::{Map, Value as Json};

/// Collects problems. Each path is reported once, with the first problem there.
#[derive(Default)]
pub(crate) struct SettingsWalk {
    problems: Vec<SettingsProblem>,
}

impl SettingsWalk {
    pub(crate) fn add_problem(&mut self, path: &str, message: impl Into<String>) {
        if !self.problems.iter().any(|p| p.path == path) {
            self.problems.push(SettingsProblem { path: path.to_owned(), message: message.into() });
        }
    }

    pub(crate) fn into_problems(self) -> Vec<SettingsProblem> {
        self.problems
    }

    /// Reads an object with no other keys than those.
    pub(crate) fn read_object<'j>(
        &mut self,
        json: &'j Json,
        path: &str,
        known: &[&str],
    ) -> Option<&'j Map<String, Json>> {
        let map = self.read_map(json, path)?;
        for key in map.keys().filter(|k| !known.contains(&k.as_str())) {
            self.add_problem(&join_key(path, key), format!("unknown key; known keys: {}", known.join(", ")));
        }
        Some(map)
    }

    /// Reads an object with any keys.
    pub(crate) fn read_map<'j>(&mut self, json: &'j Json, path: &str) -> Option<&'j Map<String, Json>> {
        let map = json.as_object();
        if map.is_none() {
            self.wrong_type(path, "an object", json);
        }
        map
    }

    pub(crate) fn read_list<'j>(&mut self, json: &'j Json, path: &str) -> Option<&'j Vec<Json>> {
        let list = json.as_array();
        if list.is_none() {
            self.wrong_type(path, "a list", json);
        }
        list
    }

    /// Reads a text that is not empty.
    pub(crate) fn read_text(&mut self, json: &Json, path: &str) -> Option<String> {
        let Some(text) = json.as_str() else {
            self.wrong_type(path, "a text", json);
            return None;
        };
        if text.is_empty() || text.contains('\0') {
            self.add_problem(path, "must not be empty or contain a NUL character");
            return None;
        }
        Some(text.to_owned())
    }

    pub(crate) fn read_bool(&mut self, json: &Json, path: &str) -> Option<bool> {
        let value = json.as_bool();
        if value.is_none() {
            self.wrong_type(path, "true or false", json);
        }
        value
    }

    /// Reads one of a few texts.
    pub(crate) fn one_of(&mut self, json: &Json, path: &str, allowed: &[&'static str]) -> Option<&'static str> {
        let found = json.as_str().and_then(|text| allowed.iter().copied().find(|a| *a == text));
        if found.is_none() {
            self.add_problem(path, format!("expected one of {}", allowed.join(", ")));
        }
        found
    }

    /// Reads what a key says: missing, `null`, or a value.
    pub(crate) fn read_change<T>(
        &mut self,
        map: &Map<String, Json>,
        path: &str,
        key: &str,
        read: impl FnOnce(&mut Self, &Json, &str) -> Option<T>,
    ) -> SettingChange<T> {
        match map.get(key) {
            None => SettingChange::Keep,
            Some(Json::Null) => SettingChange::Remove,
            Some(json) => read(self, json, &join_key(path, key)).map_or(SettingChange::Keep, SettingChange::Set),
        }
    }

    /// Reports a wrong type without the value, which may be a misplaced secret.
    fn wrong_type(&mut self, path: &str, expected: &str, json: &Json) {
        let input = match json {
            Json::Null => "null",
            Json::Bool(_) => "true or false",
            Json::Number(_) => "a number",
            Json::String(_) => "a text",
            Json::Array(_) => "a list",
            Json::Object(_) => "an object",
        };
        self.add_problem(path, format!("expected {expected}, found {input}"));
    }

    /// Expands `${NAME}` in every text.
    pub(crate) fn fill_in(&mut self, json: &Json, path: &str, env: &dyn Fn(&str) -> Option<String>) -> Json {
        match json {
            Json::String(text) => Json::String(self.fill_in_text(text, path, env)),
            Json::Array(list) => {
                list.iter().enumerate().map(|(i, j)| self.fill_in(j, &join_index(path, i), env)).collect()
            }
            Json::Object(map) => map
                .iter()
                .map(|(k, j)| (k.clone(), self.fill_in(j, &join_key(path, k), env)))
                .collect::<Map<_, _>>()
                .into(),
            other => other.clone(),
        }
    }

    fn fill_in_text(&mut self, text: &str, path: &str, env: &dyn Fn(&str) -> Option<String>) -> String {
        let mut filled = String::with_capacity(text.len());
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("${") {
            filled.push_str(before);
            let Some((name, after)) = after.split_once('}') else {
                self.add_problem(path, "${ without }");
                return filled;
            };
            match env(name) {
                Some(value) => filled.push_str(&value),
                None => self.add_problem(path, format!("the environment variable {name} is not set")),
            }
            rest = after;
        }
        filled.push_str(rest);
        filled
    }
}

/// The path of a key: `roles.public`, `permissions["api::book.book"]`.
pub(crate) fn join_key(path: &str, key: &str) -> String {
    let plain = !key.is_empty() && key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-');
    match (path.is_empty(), plain) {
        (true, true) => key.to_owned(),
        (false, true) => format!("{path}.{key}"),
        (_, false) => format!("{path}[{key:?}]"),
    }
}

/// The path of an element.
pub(crate) fn join_index(path: &str, i: usize) -> String {
    format!("{path}[{i}]")
}
