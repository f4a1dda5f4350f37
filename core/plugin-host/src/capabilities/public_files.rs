//! `public-files`: addresses of the files in the package's `public/`.

use crate::call::state::CallState;
use crate::contract::bindings::host::public_files::Host;
use crate::contract::bindings::types::Error;
use crate::contract::host_error::HostResult;

impl Host for CallState {
    async fn url(&mut self, path: String) -> HostResult<String> {
        self.host_call()?;
        let definition = &self.definition;
        match definition.public_files.get(&path) {
            Some(file) => {
                let (id, version) = (definition.id(), &definition.manifest.plugin.version);
                Ok(format!("/plugins/{id}/{version}/{path}?v={}", file.digest))
            }
            None => {
                let known: Vec<&str> = definition.public_files.paths().take(20).collect();
                let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
                Err(Error::NotFound(format!("public/{path} is not in the package; its public files: {known}")).into())
            }
        }
    }
}
