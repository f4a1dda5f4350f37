//! Responses in tests.

use serde_json::Value as Json;
use std::collections::HashMap;

/// An HTTP response, with its whole body.
#[derive(Debug, Clone)]
pub struct TestResponse {
    /// HTTP status code.
    pub status: u16,
    /// Headers by lower-case name (the last of a name; all of `vary`, and all of `set-cookie`, one on each line).
    pub headers: HashMap<String, String>,
    /// Content of the body.
    pub bytes: Vec<u8>,
    /// Body as JSON; null where it is not JSON.
    pub body: Json,
}

impl TestResponse {
    /// The `error.message` of an error; empty where there is none.
    pub fn message(&self) -> &str {
        self.body["error"]["message"].as_str().unwrap_or_default()
    }

    /// The `error.name` of an error; empty where there is none.
    pub fn name(&self) -> &str {
        self.body["error"]["name"].as_str().unwrap_or_default()
    }

    /// The `error.details` of an error.
    pub fn details(&self) -> &Json {
        &self.body["error"]["details"]
    }

    /// The value of a header; empty where it is missing.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    /// Asserts the status, and returns this response.
    #[track_caller]
    pub fn expect_status(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.text());
        self
    }

    /// Asserts an error with that status and message in the contract's envelope, and returns this response.
    #[track_caller]
    pub fn expect_error(self, status: u16, message: &str) -> Self {
        assert_eq!((self.status, self.message()), (status, message), "{}", self.text());
        self.assert_envelope();
        self
    }

    /// Panics where an error is not in the contract's envelope (405 is the plain text that the contract wants).
    #[track_caller]
    pub fn assert_envelope(&self) {
        if self.status == 405 {
            assert_eq!(self.text(), "Method Not Allowed");
            return;
        }
        let error = &self.body["error"];
        let is_complete = self.body["data"].is_null()
            && error["status"] == self.status
            && error["name"].as_str().is_some_and(|n| n.ends_with("Error"))
            && error["message"].as_str().is_some_and(|m| !m.is_empty())
            && (error["details"].is_object() || self.status >= 500);
        assert!(
            is_complete && self.body.get("data").is_some(),
            "{} is not in the envelope: {}",
            self.status,
            self.text()
        );
        assert_eq!(self.header("content-type"), "application/json; charset=utf-8");
    }

    /// The member `data` of the body; panics where the status is an error.
    #[track_caller]
    pub fn data(&self) -> &Json {
        assert!(self.status < 300, "{} {}", self.status, self.text());
        &self.body["data"]
    }

    /// The member `data.documentId`.
    #[track_caller]
    pub fn document_id(&self) -> String {
        self.data()["documentId"].as_str().unwrap_or_else(|| panic!("no documentId in {}", self.body)).to_owned()
    }

    /// The member `data.id`; panics where it is missing.
    #[track_caller]
    pub fn id(&self) -> i64 {
        self.data()["id"].as_i64().unwrap_or_else(|| panic!("no id in {}", self.body))
    }

    /// One attribute of every entry of a list.
    #[track_caller]
    pub fn data_column(&self, name: &str) -> Vec<Json> {
        let list = self.data().as_array().unwrap_or_else(|| panic!("no list in {}", self.body));
        list.iter().map(|e| e[name].clone()).collect()
    }

    /// One text attribute of every entry of a list; null is empty.
    #[track_caller]
    pub fn text_column(&self, name: &str) -> Vec<String> {
        self.data_column(name).iter().map(|v| v.as_str().unwrap_or_default().to_owned()).collect()
    }

    /// The member `meta.pagination.total`.
    #[track_caller]
    pub fn pagination_total(&self) -> u64 {
        self.body["meta"]["pagination"]["total"].as_u64().unwrap_or_else(|| panic!("no total in {}", self.text()))
    }
}
