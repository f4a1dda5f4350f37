//! What came back.

use serde_json::Value as Json;
use std::collections::HashMap;

/// An HTTP answer, read whole.
#[derive(Debug, Clone)]
pub struct TestAnswer {
    /// Status code.
    pub status: u16,
    /// Headers by lower-case name (the last of a name).
    pub headers: HashMap<String, String>,
    /// The body's bytes.
    pub bytes: Vec<u8>,
    /// The body as JSON; null where it is none.
    pub body: Json,
}

impl TestAnswer {
    /// `error.message` of an error.
    pub fn message(&self) -> &str {
        self.body["error"]["message"].as_str().unwrap_or_default()
    }

    /// `data` of an answer; panics where the status is an error.
    #[track_caller]
    pub fn data(&self) -> &Json {
        assert!(self.status < 300, "{} {}", self.status, self.body);
        &self.body["data"]
    }

    /// `data.documentId`.
    #[track_caller]
    pub fn document_id(&self) -> String {
        self.data()["documentId"].as_str().unwrap_or_else(|| panic!("no documentId in {}", self.body)).to_owned()
    }

    /// One attribute of every entry of a list.
    #[track_caller]
    pub fn column(&self, name: &str) -> Vec<Json> {
        let list = self.data().as_array().unwrap_or_else(|| panic!("no list in {}", self.body));
        list.iter().map(|e| e[name].clone()).collect()
    }
}
