//! `settings`

use crate::call::state::CallState;
use crate::contract::bindings::host::settings::{Host, SiteInfo, SiteLook};

impl Host for CallState {
    async fn get(&mut self) -> wasmtime::Result<String> {
        self.infallible_call()?;
        Ok(self.definition.settings.to_string())
    }

    async fn chosen(&mut self, choice: String) -> wasmtime::Result<Vec<String>> {
        self.infallible_call()?;
        Ok(self.definition.choices.values(&choice).map(str::to_owned).collect())
    }

    async fn site(&mut self) -> wasmtime::Result<Option<SiteInfo>> {
        self.infallible_call()?;
        Ok(self.definition.site().map(|site| SiteInfo { name: site.name, url: site.url }))
    }

    async fn look(&mut self) -> wasmtime::Result<SiteLook> {
        self.infallible_call()?;
        let look = cairn_notify::SiteLook::load(self.definition.access(), self.definition.site().as_ref());
        let cairn_notify::SiteLook { accent, on_accent, logo, zone, locale } = look;
        Ok(SiteLook { accent, on_accent: on_accent.to_owned(), logo, zone, locale })
    }
}
