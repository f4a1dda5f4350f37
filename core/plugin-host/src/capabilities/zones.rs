//! `zones`: local times of time zones. Guests carry no data of zones.

use crate::call::state::CallState;
use crate::contract::bindings::host::zones::Host;
use crate::contract::bindings::types::{Error, FieldError};
use crate::contract::guest_errors::invalid_field;
use cairn_i18n::FormatError;

/// Most entries of a list.
const MAX_ENTRIES: usize = 1_000;

impl Host for CallState {
    async fn to_local(&mut self, zone: String, at: Vec<i64>) -> wasmtime::Result<Result<Vec<String>, Error>> {
        self.convert_list("at", &at, |at| cairn_i18n::to_local(&zone, *at))
    }

    async fn to_instants(&mut self, zone: String, local: Vec<String>) -> wasmtime::Result<Result<Vec<i64>, Error>> {
        self.convert_list("local", &local, |local| cairn_i18n::to_instant(&zone, local))
    }

    async fn plus(
        &mut self,
        zone: String,
        start: i64,
        durations: Vec<String>,
    ) -> wasmtime::Result<Result<Vec<i64>, Error>> {
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
    ) -> wasmtime::Result<Result<Vec<R>, Error>> {
        if let Err(error) = self.host_call()? {
            return Ok(Err(error));
        }
        if entries.len() > MAX_ENTRIES {
            let message = format!("at most {MAX_ENTRIES} entries, not {}", entries.len());
            return Ok(Err(invalid_field(name, "size", message)));
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
        Ok(results.collect())
    }
}
