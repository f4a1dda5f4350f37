//! The ways in: what signers do by their link, and what people of the team do with envelopes.

use crate::Esign;
use crate::signer_routes::serve_signer;
use crate::staff_routes::serve_staff;
use cairn_plugin::prelude::*;

impl Routes for Esign {
    fn handle(call: &Call, request: &Request) -> Result<Response> {
        if request.route.starts_with("signer-") { serve_signer(call, request) } else { serve_staff(call, request) }
    }
}
