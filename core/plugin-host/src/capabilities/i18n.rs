//! `i18n`: texts of the plugin, and times and money as people write them. Guests carry no data of languages.

use crate::call::state::CallState;
use crate::contract::bindings::host::i18n::{Host, Locale};
use crate::contract::bindings::types::Error;
use crate::contract::guest_errors::invalid_field;
use crate::contract::host_error::HostResult;
use cairn_i18n::FormatError;
use serde_json::{Map, Value as Json};

impl Host for CallState {
    async fn locales(&mut self) -> wasmtime::Result<Vec<Locale>> {
        self.infallible_call()?;
        let locales = self.definition.access().locales();
        let one = |l: &cairn_store::system::LocaleRow| Locale {
            code: l.code.clone(),
            name: l.name.clone(),
            is_default: l.code == locales.default,
        };
        Ok(locales.available.iter().map(one).collect())
    }

    async fn translate(&mut self, key: String, locale: String, arguments: Option<String>) -> wasmtime::Result<String> {
        self.infallible_call()?;
        let tenant = self.definition.access().locales();
        let Some((code, text)) = self.definition.translations.find_text(&key, &locale, &tenant.default) else {
            return Ok(key);
        };
        let arguments: Map<String, Json> =
            arguments.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default();
        let filled = cairn_i18n::format_message(text, code, &arguments);
        Ok(filled.unwrap_or_else(|problem| {
            // A text with its places unfilled says more than none.
            tracing::debug!(plugin = self.definition.id(), locale = code, key, %problem, "cannot fill in the placeholders of a text");
            text.to_owned()
        }))
    }

    async fn format_instant(&mut self, at: i64, locale: String, zone: String, style: String) -> HostResult<String> {
        self.host_call()?;
        Ok(cairn_i18n::format_instant(at, &locale, &zone, &style).map_err(format_error)?)
    }

    async fn format_money(&mut self, amount: String, currency: String, locale: String) -> HostResult<String> {
        self.host_call()?;
        Ok(cairn_i18n::format_money(&amount, &currency, &locale).map_err(format_error)?)
    }
}

fn format_error(error: FormatError) -> Error {
    invalid_field(error.field, error.field, error.problem)
}
