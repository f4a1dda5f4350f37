//! `zones`: local times of time zones. Guests carry no data of zones.

use crate::call::state::CallState;
use crate::contract::bindings::host::zones::Host;
use crate::contract::bindings::types::{Error, FieldError};
use crate::contract::guest_errors::invalid_field;
use crate::contract::host_error::HostResult;
use cairn_i18n::FormatError;

/// Most entries of a list.
const MAX_ENTRIES: usize = 1_000;

impl Host for CallState {
    async fn to_local(&mut self, zone: String, at: Vec<i64>) -> HostResult<Vec<String>> {
        self.convert_list("at", &at, |at| cairn_i18n::to_local(&zone, *at))
    }

    async fn to_instants(&mut self, zone: String, local: Vec<String>) -> HostResult<Vec<i64>> {
        self.convert_list("local", &local, |local| cairn_i18n::to_instant(&zone, local))
    }

    async fn plus(&mut self, zone: String, start: i64, durations: Vec<String>) -> HostResult<Vec<i64>> {
        self.convert_list("durations", &durations, |duration| cairn_i18n::add_duration(&zone, start, duration))
    }
}

impl CallState {
    /// Converts each entry of the argument `name`. The error of an entry has its position as path, that of another argument has its name.
    fn convert_list<T, R>(
        &mut self,
        name: &str,
        entries: &[T],
        convert: impl Fn(&T) -> Result<R, FormatError>,
    ) -> HostResult<Vec<R>> {
        self.host_call()?;
        if entries.len() > MAX_ENTRIES {
            let message = format!("at most {MAX_ENTRIES} entries, not {}", entries.len());
            return Err(invalid_field(name, "size", message).into());
        }
        let results = entries.iter().enumerate().map(|(index, entry)| {
            convert(entry).map_err(|error| {
                let path = match error.field {
                    "zone" | "start" => error.field.to_owned(),
                    _ => format!("{name}[{index}]"),
                };
                Error::Invalid(vec![FieldError { path, code: error.field.to_owned(), message: error.problem }])
            })
        });
        Ok(results.collect::<Result<Vec<R>, Error>>()?)
    }
}
