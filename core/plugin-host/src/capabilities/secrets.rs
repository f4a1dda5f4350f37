//! `secrets`: signing and checking with what the plugin can name and not read.

use crate::call::state::{CallState, to_guest_charge};
use crate::contract::bindings::host::secrets::{Host, Mac};
use crate::contract::bindings::types::Error;
use crate::contract::guest_errors::{denied_error, secret_not_set};
use crate::contract::host_error::HostResult;
use crate::contract::plugin_export::PluginExport;
use crate::services::secrets::{declared_secrets, secret_value};
use cairn_plugin_package::Capability;
use ring::hmac;

impl Host for CallState {
    async fn is_set(&mut self, secret: String) -> wasmtime::Result<bool> {
        self.infallible_call()?;
        if !self.names_secret(&secret) {
            return Ok(false);
        }
        match self.load_secret(secret).await {
            Ok(value) => Ok(value.is_some()),
            // The returned `bool` cannot express an error, and `false` might be wrong.
            Err(error) => Err(wasmtime::Error::msg(format!("cannot read whether a secret is set: {error:?}"))),
        }
    }

    async fn sign(&mut self, secret: String, algorithm: Mac, message: Vec<u8>) -> HostResult<Vec<u8>> {
        self.secrets_call(&secret, message.len())?;
        // A signature outlives the rollback, and may say that something is valid until long after the time of the preview. Other calls return
        // nothing to who looks.
        if self.context.export == PluginExport::Route {
            self.refuse_in_preview("sign with a secret")?;
        }
        let key = self.mac_key(secret, algorithm).await?;
        Ok(hmac::sign(&key, &message).as_ref().to_vec())
    }

    async fn verify(&mut self, secret: String, algorithm: Mac, message: Vec<u8>, tag: Vec<u8>) -> HostResult<bool> {
        self.secrets_call(&secret, message.len())?;
        let key = self.mac_key(secret, algorithm).await?;
        // Compares all of both, whatever differs first.
        Ok(hmac::verify(&key, &message, &tag).is_ok())
    }
}

impl CallState {
    /// True if the plugin has a secret of that name, for whatever use.
    fn names_secret(&self, secret: &str) -> bool {
        let definition = &self.definition;
        let granted = definition.grants.list().iter().any(|granted| granted.scope.names_secret(secret));
        granted && declared_secrets(&definition.manifest).iter().any(|known| known == secret)
    }

    fn secrets_call(&mut self, secret: &str, bytes: usize) -> HostResult<()> {
        self.granted_call(Capability::Secrets)?;
        if !self.definition.grants.may_use_secret(secret) || !self.names_secret(secret) {
            return Err(denied_error(format!("signing with the secret {secret:?} is not granted")).into());
        }
        to_guest_charge(self.budget.check_output(bytes))
    }

    async fn load_secret(&mut self, name: String) -> Result<Option<String>, Error> {
        let definition = self.definition.clone();
        self.with_reader(move |r| secret_value(r, definition.access(), definition.id(), &name)).await
    }

    async fn mac_key(&mut self, secret: String, algorithm: Mac) -> Result<hmac::Key, Error> {
        let value = self.load_secret(secret.clone()).await?.ok_or_else(|| secret_not_set(&secret))?;
        let algorithm = match algorithm {
            Mac::HmacSha1 => hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY,
            Mac::HmacSha256 => hmac::HMAC_SHA256,
            Mac::HmacSha512 => hmac::HMAC_SHA512,
        };
        Ok(hmac::Key::new(algorithm, value.as_bytes()))
    }
}
