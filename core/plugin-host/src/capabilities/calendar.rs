//! `calendar`: working time by the calendars that an operator keeps.

use crate::bindings::host::calendar::Host;
use crate::bindings::types::Error;
use crate::faults::invalid;
use crate::state::State;
use cairn_access::calendars::{Calendar, Unanswerable};
use cairn_plugin_package::Capability;
use std::sync::Arc;

impl Host for State {
    async fn add_working_time(
        &mut self,
        calendar: String,
        start: i64,
        amount: u64,
    ) -> wasmtime::Result<Result<i64, Error>> {
        Ok(match self.calendar(&calendar)? {
            Ok(calendar) => calendar.add_working_time(start, amount).map_err(told),
            Err(error) => Err(error),
        })
    }

    async fn working_time_between(
        &mut self,
        calendar: String,
        start: i64,
        end: i64,
    ) -> wasmtime::Result<Result<u64, Error>> {
        Ok(match self.calendar(&calendar)? {
            Ok(calendar) => calendar.working_time_between(start, end).map_err(told),
            Err(error) => Err(error),
        })
    }

    async fn is_open(&mut self, calendar: String, at: i64) -> wasmtime::Result<Result<bool, Error>> {
        Ok(match self.calendar(&calendar)? {
            Ok(calendar) => calendar.is_open(at).map_err(told),
            Err(error) => Err(error),
        })
    }
}

impl State {
    fn calendar(&mut self, name: &str) -> wasmtime::Result<Result<Arc<Calendar>, Error>> {
        if let Err(error) = self.granted_call(Capability::Calendar)? {
            return Ok(Err(error));
        }
        let calendars = self.generation.access().calendars();
        Ok(calendars.get(name).cloned().ok_or_else(|| {
            let known: Vec<&str> = calendars.keys().map(String::as_str).collect();
            let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
            Error::NotFound(format!("calendar {name:?} not found; existing calendars: {known}"))
        }))
    }
}

fn told(error: Unanswerable) -> Error {
    invalid(error.field(), "range", error.to_string())
}
