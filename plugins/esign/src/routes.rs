//! The ways in: what signers do by their link or from their account, and what people of the team do with envelopes.

use crate::Esign;
use crate::account_links::serve_account;
use crate::signer_routes::serve_signer;
use crate::staff_routes::serve_staff;
use cairn_plugin::prelude::*;

impl Routes for Esign {
    fn handle(call: &Call, request: &Request) -> Result<Response> {
        match request.route.as_str() {
            "own-link" => serve_account(call, request),
            route if route.starts_with("signer-") => serve_signer(call, request),
            _ => serve_staff(call, request),
        }
    }
}
