//! Chance, as plugins have it: the operating system's. For tests of plugins it can be made of a seed, so that a run can be had again. A server
//! never does that.

use crate::contract::plugin_export::PluginExport;
use parking_lot::Mutex;
use rand::rngs::StdRng;
use rand::{RngCore, SeedableRng};
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::sync::Arc;

/// Source of random bytes for a call.
#[derive(Default)]
pub(crate) enum Entropy {
    /// Bytes that nobody can foretell.
    #[default]
    System,
    /// The same for the same seed.
    Seeded(Box<StdRng>),
}

impl Entropy {
    /// So many bytes.
    pub(crate) fn random_bytes(&mut self, count: usize) -> Vec<u8> {
        let mut bytes = vec![0; count];
        match self {
            Self::System => rand::rng().fill_bytes(&mut bytes),
            Self::Seeded(rng) => rng.fill_bytes(&mut bytes),
        }
        bytes
    }

    /// An id of a document.
    pub(crate) fn document_id(&mut self) -> String {
        match self {
            Self::System => cairn_store::system::new_document_id(),
            Self::Seeded(rng) => cairn_store::system::document_id_by(rng),
        }
    }

    /// Seed by which standard libraries mix their hash tables; `None`: any will do.
    pub(crate) fn hash_seed(&mut self) -> Option<u128> {
        match self {
            Self::System => None,
            Self::Seeded(rng) => Some(u128::from(rng.next_u64()) << 64 | u128::from(rng.next_u64())),
        }
    }
}

/// A seed, and how often each entry of the plugin was called: the n-th call of one draws the same in every run, whatever others do
/// meanwhile. Cloning is cheap.
#[derive(Clone)]
pub(crate) struct EntropySeed {
    seed: u64,
    calls: Arc<Mutex<HashMap<(PluginExport, String), u64>>>,
}

impl EntropySeed {
    pub(crate) fn new(seed: u64) -> Self {
        Self { seed, calls: Arc::default() }
    }

    /// Returns the source of random bytes for the next call of an entry.
    pub(crate) fn entropy_for(&self, export: PluginExport, name: &str) -> Entropy {
        let number = {
            let mut calls = self.calls.lock();
            let number = calls.entry((export, name.to_owned())).or_default();
            *number += 1;
            *number
        };
        let mut hash = Sha256::new();
        for part in
            [&self.seed.to_le_bytes()[..], &number.to_le_bytes(), export.as_str().as_bytes(), b":", name.as_bytes()]
        {
            hash.update(part);
        }
        Entropy::Seeded(Box::new(StdRng::from_seed(hash.finalize().into())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nth_call_of_an_export_draws_the_same_for_one_seed() {
        let drawn = |seed: &EntropySeed, name: &str| {
            let mut chance = seed.entropy_for(PluginExport::Job, name);
            (chance.random_bytes(16), chance.document_id(), chance.hash_seed())
        };
        let (one, same, other) = (EntropySeed::new(7), EntropySeed::new(7), EntropySeed::new(8));
        let first = drawn(&one, "a");
        drawn(&same, "b");
        assert_eq!(first, drawn(&same, "a"), "whatever others have drawn");
        let second = drawn(&one, "a");
        assert_ne!(first, second);
        assert_eq!(second, drawn(&same, "a"));
        assert_ne!(first, drawn(&other, "a"));
        assert_ne!(Entropy::System.random_bytes(16), Entropy::System.random_bytes(16));
        assert!(Entropy::System.hash_seed().is_none());
    }
}
