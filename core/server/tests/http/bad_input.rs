//! Requests that no well-meant client sends: always refused in the envelope, never a 5xx, the server alive after it
//! and the database as it was.

mod bodies;
mod bytes;
mod files;
mod queries;
