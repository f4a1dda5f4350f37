//! Results of signing in to the admin: a session, or that a second factor is required.

use super::AdminCaller;
use std::fmt;

/// The result of checking a password.
#[derive(Debug, Clone)]
pub enum AdminSignIn {
    /// The user is signed in.
    In(Box<AdminSignedIn>),
    /// A second factor is required.
    Second(SecondFactor),
}

/// The result of signing in.
#[derive(Clone)]
pub struct AdminSignedIn {
    /// The token of the session, for the cookie or a header.
    pub token: String,
    /// Caller of requests in the new session.
    pub who: AdminCaller,
}

impl fmt::Debug for AdminSignedIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AdminSignedIn").field("who", &self.who).finish_non_exhaustive()
    }
}

/// The state after a correct password of a user with a second factor.
#[derive(Clone)]
pub struct SecondFactor {
    /// Token for the request that sends the second factor.
    pub pending: String,
    /// Methods that the user can choose from.
    pub methods: Vec<&'static str>,
}

impl fmt::Debug for SecondFactor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SecondFactor").field("methods", &self.methods).finish_non_exhaustive()
    }
}
