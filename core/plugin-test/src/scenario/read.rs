//! Steps that read the content API.

use super::ScenarioStep;
use super::steps::{ScenarioRun, check_count};
use crate::{TestCaller, TestError};
use serde_json::Value as Json;

impl ScenarioStep {
    /// Checks the step, where it reads the content API; returns what is wrong with it.
    pub(super) fn check_read(&self, verb: &str, word: &str) -> Result<(), String> {
        if verb != "read" {
            return Ok(());
        }
        if self.by.is_some() && self.token.is_some() {
            return Err("an account (`by`) or an API token (`token`) reads, not both".to_owned());
        }
        if self.preview.is_some() && self.token.is_some() {
            return Err("a preview shows what a user or the public gets: leave out `token`".to_owned());
        }
        let is_address = word.contains('/');
        if is_address && !word.starts_with("/api/") && !word.starts_with('{') {
            return Err(format!("an address to read must begin with /api/, not {word:?}"));
        }
        if is_address && self.query.is_some() {
            return Err("write `query` behind the ? of the address".to_owned());
        }
        if is_address && self.id.is_some() {
            return Err("write `id` at the end of the path of the address".to_owned());
        }
        Ok(())
    }
}

impl ScenarioRun<'_> {
    /// Reads the content API as somebody.
    pub(super) async fn read_content(&mut self, step: &ScenarioStep, word: &str) -> Result<(), TestError> {
        self.world.run_until_idle().await?;
        let word = self.names.fill_text(word)?;
        let address = if word.contains('/') { word } else { self.address_of_type(step, &word)? };
        let caller = match (&step.by, &step.token) {
            (Some(email), _) => TestCaller::Account(self.names.fill_text(email)?),
            (None, Some(name)) => TestCaller::Token(name.clone()),
            (None, None) => TestCaller::Public,
        };
        let response =
            self.world.read_content(&caller, &address, step.preview.as_ref().map(|preview| preview.at)).await?;
        let expected = step.status.unwrap_or(200);
        if response.status != expected {
            return Err(TestError(format!(
                "the status is {}, not {expected}, for {}: {}",
                response.status,
                self.world.describe_caller(&caller),
                response.body
            )));
        }
        check_count(step, count_entries(&response.body))?;
        self.check_answer(step, response.body)
    }

    fn address_of_type(&self, step: &ScenarioStep, name: &str) -> Result<String, TestError> {
        let id = step.id.as_deref().map(|id| self.names.fill_text(id)).transpose()?;
        let address = self.world.content_address(name, id.as_deref())?;
        Ok(match &step.query {
            Some(query) => format!("{address}?{}", self.names.fill_text(query)?),
            None => address,
        })
    }
}

/// The number of entries in a response of the content API.
fn count_entries(body: &Json) -> usize {
    match &body["data"] {
        Json::Array(entries) => entries.len(),
        Json::Null => 0,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn entries_of_lists_and_documents_are_counted() {
        for (body, count) in [
            (json!({ "data": [{}, {}] }), 2),
            (json!({ "data": { "title": "x" } }), 1),
            (json!({ "data": null, "error": {} }), 0),
            (json!({ "data": [] }), 0),
        ] {
            assert_eq!(count_entries(&body), count, "{body}");
        }
    }
}
