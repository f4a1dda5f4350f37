//! Answers named by steps: `{note}` is a document's id, `{note.title}` one of its fields.

use crate::TestError;
use serde_json::Value as Json;
use std::collections::BTreeMap;

/// Answers by the names that steps gave them.
#[derive(Default)]
pub(super) struct StepNames(BTreeMap<String, Json>);

impl StepNames {
    pub(super) fn insert_answer(&mut self, name: &str, answer: Json) {
        self.0.insert(name.to_owned(), answer);
    }

    /// With what was named in the place of the names, at every depth. A text that is one name alone becomes what that is.
    pub(super) fn fill_value(&self, value: &Json) -> Result<Json, TestError> {
        Ok(match value {
            Json::String(text) => match text.strip_prefix('{').and_then(|t| t.strip_suffix('}')) {
                Some(name) if is_name(name) => self.find_value(name)?,
                _ => Json::String(self.fill_text(text)?),
            },
            Json::Array(list) => Json::Array(list.iter().map(|v| self.fill_value(v)).collect::<Result<_, _>>()?),
            Json::Object(map) => Json::Object(
                map.iter().map(|(k, v)| Ok((k.clone(), self.fill_value(v)?))).collect::<Result<_, TestError>>()?,
            ),
            other => other.clone(),
        })
    }

    /// The same in a text. Braces around anything that could not be a name stay as they are.
    pub(super) fn fill_text(&self, text: &str) -> Result<String, TestError> {
        let mut filled = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(start) = rest.find('{') {
            let (before, from) = rest.split_at(start);
            filled.push_str(before);
            match from[1..].split_once('}') {
                Some((name, after)) if is_name(name) => {
                    match self.find_value(name)? {
                        Json::String(text) => filled.push_str(&text),
                        other => filled.push_str(&other.to_string()),
                    }
                    rest = after;
                }
                _ => {
                    filled.push('{');
                    rest = &from[1..];
                }
            }
        }
        filled.push_str(rest);
        Ok(filled)
    }

    fn find_value(&self, path: &str) -> Result<Json, TestError> {
        let mut parts = path.split('.');
        let name = parts.next().unwrap_or_default();
        let answer = self.0.get(name).ok_or_else(|| {
            let known: Vec<&str> = self.0.keys().map(String::as_str).collect();
            TestError(format!("no earlier step has `as = {name:?}`; available names: {}", known.join(", ")))
        })?;
        let mut at = answer;
        // An answer, or one of a list of them, stands for its id; what is within one for itself.
        let mut is_document = true;
        for part in parts {
            is_document = at.is_array();
            let next = match at {
                Json::Array(list) => part.parse::<usize>().ok().and_then(|i| list.get(i)),
                other => other.get(part),
            };
            at = next.ok_or_else(|| TestError(format!("{{{path}}}: {part:?} not found in {at}")))?;
        }
        match (is_document, at.get("documentId")) {
            (true, Some(id)) => Ok(id.clone()),
            _ => Ok(at.clone()),
        }
    }
}

/// `note`, `note.lines.0.title`.
fn is_name(text: &str) -> bool {
    let part = |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-');
    text.split('.').all(part)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn step_names_are_replaced_by_their_values() {
        let mut names = StepNames::default();
        names.insert_answer("note", json!({ "documentId": "abc", "n": 7, "tags": ["x"] }));
        let input = json!({ "id": "{note}", "n": "{note.n}", "t": ["/{note}/{note.tags.0}?{ }"], "o": "{not a name}", "u": "{" });
        let filled = json!({ "id": "abc", "n": 7, "t": ["/abc/x?{ }"], "o": "{not a name}", "u": "{" });
        assert_eq!(names.fill_value(&input), Ok(filled));
        names.insert_answer("rows", json!([{ "documentId": "d1", "of": { "documentId": "d2" } }]));
        let placeholders = json!(["{rows.0}", "{rows.0.documentId}", "{rows.0.of}", "{rows.0.of.documentId}"]);
        assert_eq!(names.fill_value(&placeholders), Ok(json!(["d1", "d1", { "documentId": "d2" }, "d2"])));
        assert!(names.fill_text("{nobody}").unwrap_err().0.contains("available names: note, rows"));
        assert!(names.fill_text("{note.gone}").unwrap_err().0.contains("gone"));
    }
}
