//! `kv`: the plugin's own entries, in the transaction there is.

use crate::call::quotas::PluginQuotas;
use crate::call::state::{CallState, to_guest_charge};
use crate::contract::bindings::host::kv::{Entry, Host, PutEntry};
use crate::contract::guest_errors::{conflict_error, from_content_error, invalid_field};
use crate::contract::host_error::HostResult;
use cairn_plugin_package::Capability;
use cairn_plugin_package::manifest::Quota;
use cairn_store::WriteTx;
use cairn_store::plugins::KvPut;

/// Longest key, in bytes.
const MAX_KEY_BYTES: usize = 512;
/// Most keys of one call.
const MAX_KEYS: usize = 1_000;
/// Quotas that bound what a plugin stores.
const KV_QUOTAS: [Quota; 2] = [Quota::KvKeys, Quota::KvBytes];

impl Host for CallState {
    async fn get(&mut self, keys: Vec<String>) -> HostResult<Vec<Option<Entry>>> {
        self.kv_call(&keys)?;
        to_guest_charge(self.budget.charge_reads(keys.len()))?;
        let (plugin, now) = (self.definition.id().to_owned(), CallState::now(self));
        let future = self.with_reader(move |r| {
            let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
            r.plugin_kv().get_entries(&plugin, &keys, now).map_err(|e| from_content_error(e.into()))
        });
        let entry = |e: cairn_store::plugins::KvEntry| Entry {
            key: e.key,
            value: e.value,
            revision: u64::try_from(e.revision).unwrap_or_default(),
        };
        Ok(future.await.map(|found| found.into_iter().map(|e| e.map(entry)).collect())?)
    }

    async fn put(&mut self, entries: Vec<PutEntry>) -> HostResult<()> {
        let keys: Vec<String> = entries.iter().map(|e| e.key.clone()).collect();
        self.kv_call(&keys)?;
        to_guest_charge(self.budget.charge_writes(entries.len()))?;
        let longest = entries.iter().map(|e| e.value.len()).max().unwrap_or_default();
        to_guest_charge(self.budget.check_output(longest))?;
        let (plugin, now) = (self.definition.id().to_owned(), CallState::now(self));
        let to_kv_put = |e: PutEntry| KvPut {
            key: e.key,
            value: e.value,
            expires_at: e.expires_in.map(|ms| now.saturating_add_unsigned(ms)),
            expect: e.expect_revision.map(|n| i64::try_from(n).unwrap_or(i64::MAX)),
        };
        let entries: Vec<KvPut> = entries.into_iter().map(to_kv_put).collect();
        let bounds = PluginQuotas::for_plugin(&self.definition);
        let put = move |tx: &mut WriteTx<'_>| {
            let conflict = tx.plugin_kv().put(&plugin, &entries, now).map_err(|e| from_content_error(e.into()))?;
            conflict.map_or(Ok(()), |key| {
                Err(conflict_error("version", format!("{key:?} does not have the expected revision")))
            })
        };
        Ok(self.with_transaction(move |tx| bounds.run_within(tx, &KV_QUOTAS, now, &put)).await?)
    }

    async fn delete(&mut self, keys: Vec<String>) -> HostResult<u32> {
        self.kv_call(&keys)?;
        to_guest_charge(self.budget.charge_writes(keys.len()))?;
        let (plugin, now) = (self.definition.id().to_owned(), CallState::now(self));
        let future = self.with_transaction(move |tx| {
            let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
            tx.plugin_kv().delete(&plugin, &keys, now).map_err(|e| from_content_error(e.into()))
        });
        Ok(future.await.map(|n| u32::try_from(n).unwrap_or(u32::MAX))?)
    }

    async fn increment(&mut self, key: String, by: i64, expires_in: Option<u64>) -> HostResult<i64> {
        self.kv_call(std::slice::from_ref(&key))?;
        to_guest_charge(self.budget.charge_writes(1))?;
        let (plugin, now) = (self.definition.id().to_owned(), CallState::now(self));
        let expires = expires_in.map(|ms| now.saturating_add_unsigned(ms));
        let bounds = PluginQuotas::for_plugin(&self.definition);
        let count = move |tx: &mut WriteTx<'_>| {
            let sum =
                tx.plugin_kv().increment(&plugin, &key, by, expires, now).map_err(|e| from_content_error(e.into()))?;
            sum.ok_or_else(|| {
                invalid_field("key", "counter", format!("{key:?} does not contain a number to which {by} can be added"))
            })
        };
        Ok(self.with_transaction(move |tx| bounds.run_within(tx, &KV_QUOTAS, now, &count)).await?)
    }

    async fn list_keys(&mut self, prefix: String, after: Option<String>, limit: u32) -> HostResult<Vec<String>> {
        self.kv_call(&[])?;
        let limit = limit.min(self.budget.remaining_reads()).min(MAX_KEYS as u32);
        let (plugin, now) = (self.definition.id().to_owned(), CallState::now(self));
        let keys = self
            .with_reader(move |r| {
                let keys = r.plugin_kv().list_keys(&plugin, &prefix, after.as_deref(), i64::from(limit), now);
                keys.map_err(|e| from_content_error(e.into()))
            })
            .await?;
        to_guest_charge(self.budget.charge_reads(keys.len()))?;
        Ok(keys)
    }
}

impl CallState {
    fn kv_call(&mut self, keys: &[String]) -> HostResult<()> {
        self.granted_call(Capability::Kv)?;
        if keys.len() > MAX_KEYS {
            return Err(invalid_field(
                "keys",
                "too-many",
                format!("{} keys in one call; the limit is {MAX_KEYS}", keys.len()),
            )
            .into());
        }
        match keys.iter().position(|key| key.is_empty() || key.len() > MAX_KEY_BYTES || key.contains('\0')) {
            Some(i) => Err(invalid_field(
                &format!("keys[{i}]"),
                "key",
                format!("a key must have 1 to {MAX_KEY_BYTES} bytes, and no NUL"),
            )
            .into()),
            None => Ok(()),
        }
    }
}
