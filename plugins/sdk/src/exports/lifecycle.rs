//! Being installed, upgraded, switched on and off, and removed.

use crate::{Call, Result, panic};
use serde::Serialize;
use serde::de::DeserializeOwned;

#[doc(hidden)]
pub mod raw {
    #![allow(missing_docs, clippy::all, reason = "generated")]
    wit_bindgen::generate!({
        inline: "package cairn:sdk; world lifecycle { export cairn:plugin/lifecycle@0.1.0; }",
        path: "../wit/v0.1",
        with: { "cairn:plugin/types@0.1.0": crate::bindings::types },
        generate_all,
        pub_export_macro: true,
        additional_derives: [PartialEq, Clone],
    });
}

pub use raw::exports::cairn::plugin::lifecycle::{HealthReport, Migration, Progress, Removal};

/// The steps of a plugin's life, each in one transaction. Every one may be left out.
pub trait Lifecycle {
    /// Once, when the content types are there.
    ///
    /// # Errors
    /// The installation is then undone.
    fn install(_call: &Call) -> Result<()> {
        Ok(())
    }

    /// A slice of the move from an older version's data.
    ///
    /// # Errors
    /// The slice is then rolled back and tried again.
    fn migrate(_call: &Call, _migration: &Migration) -> Result<Progress> {
        Ok(Progress::Finished)
    }

    /// Each time it is switched on.
    ///
    /// # Errors
    /// It then stays off.
    fn enable(_call: &Call) -> Result<()> {
        Ok(())
    }

    /// Each time it is switched off.
    ///
    /// # Errors
    /// Noted; it is switched off all the same.
    fn disable(_call: &Call) -> Result<()> {
        Ok(())
    }

    /// Before it goes.
    ///
    /// # Errors
    /// Noted; it goes all the same.
    fn uninstall(_call: &Call, _removal: Removal) -> Result<()> {
        Ok(())
    }

    /// Checks proposed settings by rules that their schema cannot express.
    ///
    /// # Errors
    /// [`Error::Invalid`](crate::Error::Invalid) with the fields that are wrong: the settings are not taken.
    fn check_settings(_call: &Call, _proposed: &serde_json::Value) -> Result<()> {
        Ok(())
    }

    /// Reports whether the plugin can do its work, with a word for the operator.
    fn health(_call: &Call) -> HealthReport {
        HealthReport { ok: true, detail: String::new() }
    }
}

impl Migration {
    /// Parses the checkpoint that the slice before left with [`Progress::more`]; none on the first.
    ///
    /// # Errors
    /// When it does not fit `T`.
    pub fn checkpoint<T: DeserializeOwned>(&self) -> Result<Option<T>> {
        Ok(self.checkpoint.as_deref().map(serde_json::from_str).transpose()?)
    }
}

impl Progress {
    /// Part done: the next call gets `checkpoint`.
    ///
    /// # Errors
    /// Where `checkpoint` is no JSON.
    pub fn more(checkpoint: &impl Serialize) -> Result<Self> {
        Ok(Self::More(serde_json::to_string(checkpoint)?))
    }
}

/// Joins the plugin's trait to the generated one.
#[doc(hidden)]
#[derive(Debug)]
pub struct Adapter<T>(std::marker::PhantomData<T>);

impl<T: Lifecycle> raw::exports::cairn::plugin::lifecycle::Guest for Adapter<T> {
    fn install(call: Call) -> Result<()> {
        panic::report();
        T::install(&call)
    }

    fn migrate(call: Call, migration: Migration) -> Result<Progress> {
        panic::report();
        T::migrate(&call, &migration)
    }

    fn enable(call: Call) -> Result<()> {
        panic::report();
        T::enable(&call)
    }

    fn disable(call: Call) -> Result<()> {
        panic::report();
        T::disable(&call)
    }

    fn uninstall(call: Call, removal: Removal) -> Result<()> {
        panic::report();
        T::uninstall(&call, removal)
    }

    fn check_settings(call: Call, proposed: String) -> Result<()> {
        panic::report();
        T::check_settings(&call, &serde_json::from_str(&proposed)?)
    }

    fn health(call: Call) -> HealthReport {
        panic::report();
        T::health(&call)
    }
}
