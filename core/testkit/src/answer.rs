//! What came back.

use serde_json::Value as Json;
use std::collections::HashMap;

/// An HTTP answer, read whole.
#[derive(Debug, Clone)]
pub struct TestAnswer {
    /// Status code.
    pub status: u16,
    /// Headers by lower-case name (the last of a name; of `vary` all, of `set-cookie` all with a line each).
    pub headers: HashMap<String, String>,
    /// The body's bytes.
    pub bytes: Vec<u8>,
    /// The body as JSON; null where it is none.
    pub body: Json,
}

impl TestAnswer {
    /// `error.message` of an error; empty where there is none.
    pub fn message(&self) -> &str {
        self.body["error"]["message"].as_str().unwrap_or_default()
    }

    /// `error.name` of an error; empty where there is none.
    pub fn name(&self) -> &str {
        self.body["error"]["name"].as_str().unwrap_or_default()
    }

    /// `error.details` of an error.
    pub fn details(&self) -> &Json {
        &self.body["error"]["details"]
    }

    /// A header's value; empty where it is missing.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    /// This answer, which has that status.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.text());
        self
    }

    /// This answer, which is an error of that status and message in the contract's envelope.
    #[track_caller]
    pub fn refused(self, status: u16, message: &str) -> Self {
        assert_eq!((self.status, self.message()), (status, message), "{}", self.text());
        self.assert_envelope();
        self
    }

    /// Panics where an error is not in the contract's envelope (405 is the plain text the contract asks for).
    #[track_caller]
    pub fn assert_envelope(&self) {
        if self.status == 405 {
            assert_eq!(self.text(), "Method Not Allowed");
            return;
        }
        let error = &self.body["error"];
        let whole = self.body["data"].is_null()
            && error["status"] == self.status
            && error["name"].as_str().is_some_and(|n| n.ends_with("Error"))
            && error["message"].as_str().is_some_and(|m| !m.is_empty())
            && (error["details"].is_object() || self.status >= 500);
        assert!(whole && self.body.get("data").is_some(), "{} is not in the envelope: {}", self.status, self.text());
        assert_eq!(self.header("content-type"), "application/json; charset=utf-8");
    }

    /// `data` of an answer; panics where the status is an error.
    #[track_caller]
    pub fn data(&self) -> &Json {
        assert!(self.status < 300, "{} {}", self.status, self.text());
        &self.body["data"]
    }

    /// `data.documentId`.
    #[track_caller]
    pub fn document_id(&self) -> String {
        self.data()["documentId"].as_str().unwrap_or_else(|| panic!("no documentId in {}", self.body)).to_owned()
    }

    /// `data.id`.
    #[track_caller]
    pub fn id(&self) -> i64 {
        self.data()["id"].as_i64().unwrap_or_else(|| panic!("no id in {}", self.body))
    }

    /// One attribute of every entry of a list.
    #[track_caller]
    pub fn column(&self, name: &str) -> Vec<Json> {
        let list = self.data().as_array().unwrap_or_else(|| panic!("no list in {}", self.body));
        list.iter().map(|e| e[name].clone()).collect()
    }

    /// One text attribute of every entry of a list; null is empty.
    #[track_caller]
    pub fn texts(&self, name: &str) -> Vec<String> {
        self.column(name).iter().map(|v| v.as_str().unwrap_or_default().to_owned()).collect()
    }

    /// `meta.pagination.total`.
    #[track_caller]
    pub fn total(&self) -> u64 {
        self.body["meta"]["pagination"]["total"].as_u64().unwrap_or_else(|| panic!("no total in {}", self.text()))
    }
}
