//! `settings`

use crate::bindings::host::settings::{Host, SiteInfo};
use crate::state::CallState;

impl Host for CallState {
    async fn get(&mut self) -> wasmtime::Result<String> {
        self.infallible_call()?;
        Ok(self.generation.settings.to_string())
    }

    async fn site(&mut self) -> wasmtime::Result<Option<SiteInfo>> {
        self.infallible_call()?;
        Ok(self.generation.site().map(|site| SiteInfo { name: site.name, url: site.url }))
    }
}
