//! `settings`

use crate::call::state::CallState;
use crate::contract::bindings::host::settings::{Host, SiteInfo};

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
}
