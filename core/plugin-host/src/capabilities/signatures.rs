//! `signing`: signatures with private keys of the operator, which the plugin can name and not read.

use crate::call::state::{AmbientTransaction, CallState};
use crate::contract::bindings::host::signing::{Algorithm, Host, Signature};
use crate::contract::guest_errors::{denied_error, invalid_field};
use crate::contract::host_error::HostResult;
use crate::services::signing_keys;
use cairn_plugin_package::Capability;
use cairn_plugin_package::manifest::{ManifestSigningKey, SigningAlgorithm};

/// Most bytes that are signed at once.
const MAX_SIGNED_BYTES: usize = 1 << 20;

impl Host for CallState {
    async fn sign(&mut self, key: String, data: Vec<u8>) -> HostResult<Signature> {
        let declared = self.signing_call(&key)?;
        // The signature would be out even if the transaction is undone; and RSA takes milliseconds, in which nobody else writes.
        if !matches!(self.ambient, AmbientTransaction::None) {
            return Err(denied_error(
                "signing is not allowed while a transaction is open, as in hooks: sign in a route or a job",
            )
            .into());
        }
        if data.len() > MAX_SIGNED_BYTES {
            let message = format!("{} bytes exceed the limit of {MAX_SIGNED_BYTES}", data.len());
            return Err(invalid_field("data", "too-long", message).into());
        }
        let algorithm = match declared.algorithm {
            SigningAlgorithm::Es256 => Algorithm::Es256,
            SigningAlgorithm::Rs256 => Algorithm::Rs256,
        };
        let definition = self.definition.clone();
        let signed = self
            .with_reader(move |r| signing_keys::sign(r, definition.access(), definition.id(), &declared, &data))
            .await?;
        Ok(Signature { algorithm, kid: signed.kid, bytes: signed.bytes })
    }

    async fn public_jwk(&mut self, key: String) -> HostResult<String> {
        self.signing_call(&key)?;
        let definition = self.definition.clone();
        Ok(self.with_reader(move |r| signing_keys::public_jwk(r, definition.id(), &key)).await?)
    }

    async fn public_jwk_set(&mut self, key: String) -> HostResult<String> {
        self.signing_call(&key)?;
        let definition = self.definition.clone();
        Ok(self.with_reader(move |r| signing_keys::public_jwk_set(r, definition.id(), &key)).await?)
    }
}

impl CallState {
    /// Begins a call about a signing key: the section of the manifest that declares it.
    fn signing_call(&mut self, key: &str) -> HostResult<ManifestSigningKey> {
        self.granted_call(Capability::Signing)?;
        let granted = self.definition.grants.may_sign(key);
        let declared = self.definition.manifest.signing_key(key).filter(|_| granted).cloned();
        Ok(declared.ok_or_else(|| denied_error(format!("signing with the key {key:?} is not granted")))?)
    }
}
