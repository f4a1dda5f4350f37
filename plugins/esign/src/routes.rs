//! The ways in: what signers do by their link or from their account, and what people of the team do with envelopes.

use crate::Esign;
use crate::account_links::serve_account;
use crate::signer_routes::{find_origin, serve_signer};
use crate::staff_routes::serve_staff;
use cairn_plugin::prelude::*;

impl Routes for Esign {
    fn handle(call: &Call, request: &Request) -> Result<Response> {
        match request.route.as_str() {
            route if route.starts_with("own-") => serve_account(call, request, &find_origin(request)),
            route if route.starts_with("signer-") => serve_signer(call, request),
            _ => serve_staff(call, request),
        }
    }
}
