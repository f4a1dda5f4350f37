//! The public's ways in.

use crate::{Newsletter, desk};
use cairn_plugin::prelude::*;
use serde::Deserialize;
use serde_json::json;

#[derive(Deserialize)]
struct Wish {
    email: String,
    language: Option<String>,
}

impl Routes for Newsletter {
    fn handle(call: &Call, request: &Request) -> Result<Response> {
        match request.route.as_str() {
            "subscribe" => {
                let wish: Wish = request.json()?;
                desk::ask(call, &wish.email, wish.language.as_deref().unwrap_or("en"))?;
                Response::json(202, &json!({ "state": "asked" }))
            }
            _ => {
                desk::confirm(request.parameter("token"))?;
                Response::json(200, &json!({ "state": "confirmed" }))
            }
        }
    }
}
