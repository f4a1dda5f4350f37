//! Names, phone numbers and e-mail addresses of people: what is one, what of it is stored, and when two are the same.
//!
//! It does no I/O and knows no host, so that the server and plugins compare in one way.

pub mod email;
pub mod invisible;
pub mod person_name;
pub mod phone;
