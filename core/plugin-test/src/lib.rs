//! Tests of plugins: the built component, in the real engine, on a database of its own.
//!
//! [`TestHarness`] is such a place, with a clock that stands still until it is moved. [`scenario`] reads a test from a file and takes it
//! through its steps; `cairn plugin test` does that with all of a plugin's folder. [`budgets`] keeps what calls may take.
//!
//! Nothing of it leaves the machine: requests of the plugin lead to services that the test answers for, and mails are kept.
//!
//! There is trouble unless the test is calm ([`fault_injection`]): every event and every job comes again, cut off at each call of the host
//! in turn before it is let through, and events of different documents are mixed. A plugin that does the same each time does not
//! notice.

pub mod budgets;
mod error;
mod expect;
mod fake_services;
pub mod fault_injection;
mod harness;
mod plugin;
pub mod scenario;

pub use error::TestError;
pub use fake_services::{Service, ServiceAnswer, ServiceFailure};
pub use harness::{
    DeadLetter, HarnessOptions, NeighbourPlugin, PdfPage, PdfSignature, RequestCaller, StoredFile, TestCaller,
    TestHarness, TestRequest, TestResponse, TestViewRequest,
};
pub use plugin::TestPlugin;
