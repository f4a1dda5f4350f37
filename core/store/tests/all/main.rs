//! The store as its callers see it, over real database files.

mod differential;
mod injection;
mod newsroom;
mod oracle;
mod world;
