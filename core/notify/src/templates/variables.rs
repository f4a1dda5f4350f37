//! The names that templates may use, and made-up values for trying them.

use super::names::{ADMIN_INVITATION, ADMIN_PASSWORD_RESET, DIGEST, EMAIL_CONFIRMATION, INVITATION, PASSWORD_RESET};
use crate::kind::Kind;
use serde_json::{Map, Value as Json, json};

/// Names that every template may use besides its variables.
const COMMON_VARIABLES: &[&str] = &["site", "recipient", "link", "unsubscribe", "locale"];

/// The names that a template may use.
pub fn template_variables(name: &str) -> Vec<&'static str> {
    let own: &[&str] = match name {
        PASSWORD_RESET | EMAIL_CONFIRMATION => &["url", "username", "minutes"],
        INVITATION => &["url", "username", "days"],
        ADMIN_INVITATION | ADMIN_PASSWORD_RESET => &["url", "username", "minutes", "days"],
        DIGEST => &["items", "count", "more"],
        _ => Kind::parse(name).map_or(&[], Kind::variables),
    };
    own.iter().chain(COMMON_VARIABLES).copied().collect()
}

/// Made-up values for all names that a template may use.
pub fn sample_values(name: &str) -> Map<String, Json> {
    template_variables(name).into_iter().map(|v| (v.to_owned(), sample_value(v))).collect()
}

fn sample_value(variable: &str) -> Json {
    match variable {
        "site" => {
            json!({
                "name": "Example", "signature": "Example", "url": "https://cms.example.com", "accent": "#1f4b99", "onAccent": "#ffffff", "logo": null,
                "zone": "Europe/Amsterdam", "locale": "en",
            })
        }
        "recipient" => json!({ "name": "Ann", "address": "ann@example.com" }),
        "link" => json!("https://cms.example.com/admin/content/api::article.article/abc"),
        "unsubscribe" => json!("https://cms.example.com/admin/unsubscribe/token"),
        "locale" => json!("en"),
        "url" => json!("https://cms.example.com/reset-password?code=sample"),
        "username" => json!("ann"),
        "minutes" => json!(30),
        "days" => json!(7),
        "items" => json!([
            { "kind": "mention", "title": "Bart mentioned you: Spring <campaign>", "link": "https://cms.example.com/admin/a", "at": 1_767_323_045_678_i64 },
            { "kind": "due", "title": "Due: Contract", "link": null, "at": 1_767_323_045_678_i64 },
        ]),
        "count" | "entries" => json!(2),
        "more" => json!(3),
        "title" | "name" => json!("Spring <campaign> & more"),
        "actor" | "owner" | "holder" => json!("Bart"),
        "stage" => json!("Legal review"),
        "role" => json!("legal"),
        "decision" => json!("approved"),
        "action" => json!("publish"),
        "note" | "excerpt" => json!("Could you look at the second paragraph?"),
        "due" | "at" | "since" => json!("2026-03-02 09:00 Europe/Amsterdam"),
        _ => json!("The entry is not valid: title must be filled in"),
    }
}
