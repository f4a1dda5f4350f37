//! Library with which Cairn plugins are written.
//!
//! A plugin is a library that builds to one WebAssembly component, and a `plugin.toml` beside it. A type of the plugin
//! implements a trait for each thing it can be called for ([`Hooks`], [`Events`], [`Jobs`], [`BatchJobs`], [`Routes`],
//! [`Policies`], [`Views`], [`Lifecycle`], [`Privacy`]), and [`export!`] lists them. What it asks of the host is in the modules of this crate; each
//! becomes an import of the component only where it is used, and then needs a grant in the manifest.
//!
//! ```
//! use cairn_plugin::prelude::*;
//!
//! struct Shop;
//! cairn_plugin::export!(Shop: hooks);
//!
//! impl Hooks for Shop {
//!     fn prepare(_call: &Call, _hook: &str, changes: &[Change]) -> Result<Vec<Decision>> {
//!         changes
//!             .iter()
//!             .map(|change| {
//!                 let order: Option<serde_json::Value> = change.after()?;
//!                 let pieces = order.map_or(0, |order| order["pieces"].as_i64().unwrap_or(0));
//!                 Ok(if pieces > 0 { Decision::Allow } else { Decision::refuse_field("pieces", "none", "At least one.") })
//!             })
//!             .collect()
//!     }
//! }
//! ```
//!
//! A panic ends the call; its message goes to the plugin's log. Calls to the host natively, in unit tests, panic: keep what is
//! worth testing in functions that need no host, and test the rest with the component in a real one.
//!
//! To add what the contract has and this crate has not: a module beside [`kv`], over [`bindings`].

pub mod audit;
pub mod bindings;
pub mod calendar;
pub mod data;
mod error;
pub mod events;
pub mod exports;
pub mod files;
pub mod groups;
pub mod http;
pub mod jobs;
mod kinds;
pub mod kv;
pub mod log;
pub mod mail;
mod once;
mod panic;
pub mod pdf;
pub mod people;
pub mod preview;
pub mod public_files;
pub mod search;
pub mod secrets;
mod settings;
pub mod signing;
pub mod time;
pub mod users;
pub mod views;
pub mod zones;

pub use bindings::types::{
    Actor, Authority, Call, Conflict, ContentType, DocumentId, DocumentRef, Error, FieldError, FileId, Instant,
    Principal, Status,
};
pub use data::{Document, Row, run_transaction, transaction};
pub use error::Result;
pub use exports::{
    Ack, Action, ActionRequest, ActionResult, BatchJobs, Body, Change, Decision, ErasureStep, Event, Events,
    HealthReport, Hooks, Jobs, Lifecycle, Migration, Outcome, Person, PersonalRecord, Policies, Policy, Privacy,
    Progress, Removal, ReportPage, Request, Response, RetainedRecord, Routes, Task, ViewRequest, Views,
};
pub use kinds::{KindCursor, KindReport};
pub use once::once;
pub use settings::{chosen, format_instant, format_money, look, settings, site, translate};

/// Imports with which most files of a plugin begin.
pub mod prelude {
    pub use crate::{
        Ack, Action, BatchJobs, Call, Change, Decision, Document, Error, Event, Events, Hooks, Instant, Jobs,
        Lifecycle, Outcome, Policies, Request, Response, Result, Routes, Row, Task, Views, data, jobs, kv, mail, once,
        settings, time, transaction, translate,
    };
}
