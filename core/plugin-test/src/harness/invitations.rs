//! Invitations of users, accepted as the page of the site accepts them.

use super::TestHarness;
use crate::error::TestError;
use cairn_access::AuthError;
use cairn_content::ContentError;
use cairn_store::events::Actor;
use serde_json::json;
use std::net::{IpAddr, Ipv4Addr};

/// Password that whoever accepts an invitation chooses.
const PASSWORD: &str = "a password of the test";
const CLIENT: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

impl TestHarness {
    /// Chooses a password by the code of an invitation, and returns the user's document id; or the refusal of a code that is not valid.
    ///
    /// # Errors
    /// A failure that is not about the code.
    pub async fn accept_invitation(&self, code: &str) -> Result<Result<String, ContentError>, TestError> {
        let body = json!({ "code": code, "password": PASSWORD });
        match self.access.take_user_invitation(&body, CLIENT, Actor::public()).await {
            Ok(user) => Ok(Ok(user.document_id)),
            Err(error @ (AuthError::Refused(_) | AuthError::Fields(_))) => {
                Ok(Err(ContentError::application(error.message())))
            }
            Err(error) => Err(TestError(format!("the invitation cannot be accepted: {}", error.message()))),
        }
    }
}
