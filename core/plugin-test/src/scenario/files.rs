//! Steps that read files which the plugin has stored.

use super::ScenarioStep;
use super::steps::ScenarioRun;
use crate::TestError;
use crate::error::to_test_error;
use crate::expect::find_difference;
use serde_json::Value as Json;

impl ScenarioStep {
    /// Checks the step, where it reads a file; returns what is wrong with it.
    pub(super) fn check_file(&self) -> Result<(), String> {
        match self.text.as_ref().is_none_or(is_text_expectation) {
            true => Ok(()),
            false => Err("text must be a text, { contains = \"…\" }, or a list of these".to_owned()),
        }
    }
}

/// True for a text, a part of one, or several of these.
fn is_text_expectation(expected: &Json) -> bool {
    match expected {
        Json::String(_) => true,
        Json::Object(map) => map.len() == 1 && map.get("contains").is_some_and(Json::is_string),
        Json::Array(all) => all.iter().all(|one| !one.is_array() && is_text_expectation(one)),
        _ => false,
    }
}

impl ScenarioRun<'_> {
    /// Reads a file.
    pub(super) async fn read_file(&mut self, step: &ScenarioStep, word: &str) -> Result<(), TestError> {
        self.world.run_until_idle().await?;
        let value = self.names.fill_value(&Json::from(word))?;
        let id = value.as_str().or_else(|| value["documentId"].as_str());
        let id = id.ok_or_else(|| TestError(format!("{word} is no id of a file, but {value}")))?;
        let file = self.world.read_file(id).await?;
        if let Some(expected) = &step.r#type
            && file.r#type != *expected
        {
            return Err(TestError(format!("the type is {:?}, not {expected:?}", file.r#type)));
        }
        if let Some(expected) = step.bytes
            && file.bytes != expected
        {
            return Err(TestError(format!("the file has {} bytes, not {expected}", file.bytes)));
        }
        if let Some(expected) = step.pages {
            match file.pages.as_ref().map(Vec::len) {
                Some(pages) if pages == expected => {}
                Some(pages) => return Err(TestError(format!("the PDF has {pages} pages, not {expected}"))),
                None => return Err(TestError(format!("only PDFs have pages; the type is {:?}", file.r#type))),
            }
        }
        if let Some(expected) = &step.text {
            let text = file.text.as_deref();
            let text = text.ok_or_else(|| TestError(format!("a file of the type {:?} has no text", file.r#type)))?;
            // Line breaks in a PDF depend on fonts.
            let text = Json::from(text.split_whitespace().collect::<Vec<_>>().join(" "));
            let expected = self.names.fill_value(expected)?;
            let all = expected.as_array().map_or(std::slice::from_ref(&expected), Vec::as_slice);
            if let Some(difference) = all.iter().find_map(|one| find_difference(one, &text)) {
                return Err(TestError(format!("the text: {difference}")));
            }
        }
        self.check_answer(step, serde_json::to_value(file).map_err(to_test_error)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn texts_and_parts_of_texts_are_expectations() {
        for good in [json!("x"), json!({ "contains": "x" }), json!(["x", { "contains": "y" }])] {
            assert!(is_text_expectation(&good), "{good}");
        }
        for bad in [json!(7), json!({ "contains": 7 }), json!({ "has": "x" }), json!({}), json!([["x"]]), json!(null)] {
            assert!(!is_text_expectation(&bad), "{bad}");
        }
    }
}
