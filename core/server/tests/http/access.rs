//! Access to content: permissions, row conditions, drafts, signing in, and the attacks that other systems fell to.

mod account_codes;
mod drafts;
mod matrix;
mod negations;
mod passwords;
pub(crate) mod routes;
mod rows;
mod sign_in;
mod spelled_addresses;
mod tokens;
mod vulnerabilities;
mod writes;
