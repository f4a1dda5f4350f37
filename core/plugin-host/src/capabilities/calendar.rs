//! `calendar`: working time by the calendars in the settings.

use crate::call::state::CallState;
use crate::contract::bindings::host::calendar::Host;
use crate::contract::bindings::types::Error;
use crate::contract::guest_errors::invalid_field;
use crate::contract::host_error::HostResult;
use cairn_plugin_package::Capability;
use cairn_settings::calendars::{Calendar, WorkingTimeError, current_calendars};
use std::sync::Arc;

impl Host for CallState {
    async fn add_working_time(&mut self, calendar: String, start: i64, amount: u64) -> HostResult<i64> {
        Ok(self.granted_calendar(&calendar)?.add_working_time(start, amount).map_err(calendar_error)?)
    }

    async fn working_time_between(&mut self, calendar: String, start: i64, end: i64) -> HostResult<u64> {
        Ok(self.granted_calendar(&calendar)?.working_time_between(start, end).map_err(calendar_error)?)
    }

    async fn is_open(&mut self, calendar: String, at: i64) -> HostResult<bool> {
        Ok(self.granted_calendar(&calendar)?.is_open(at).map_err(calendar_error)?)
    }
}

impl CallState {
    fn granted_calendar(&mut self, name: &str) -> HostResult<Arc<Calendar>> {
        self.granted_call(Capability::Calendar)?;
        let calendars = current_calendars(self.definition.access());
        Ok(calendars.get(name).cloned().ok_or_else(|| {
            let known: Vec<&str> = calendars.keys().map(String::as_str).collect();
            let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
            Error::NotFound(format!("calendar {name:?} not found; existing calendars: {known}"))
        })?)
    }
}

fn calendar_error(error: WorkingTimeError) -> Error {
    invalid_field(error.argument_name(), "range", error.to_string())
}
