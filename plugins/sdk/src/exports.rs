//! Exports that a plugin can be called for. Each interface of the contract is a trait here; [`export!`](crate::export) lists those a plugin
//! implements, and only these become exports of its component: the host refuses a plugin whose exports and manifest do not agree.

mod batch_jobs;
mod events;
mod hooks;
mod jobs;
mod lifecycle;
mod policies;
mod privacy;
mod routes;
mod views;

pub use batch_jobs::BatchJobs;
pub use events::{Ack, Event, Events};
pub use hooks::{Action, Change, Decision, Hooks};
pub use jobs::{Jobs, Outcome, Task};
pub use lifecycle::{HealthReport, Lifecycle, Migration, Progress, Removal};
pub use policies::{Policies, Policy};
pub use privacy::{ErasureStep, Person, PersonalRecord, Privacy, ReportPage, RetainedRecord};
pub use routes::{Body, Request, Response, Routes};
pub use views::{ActionRequest, ActionResult, ViewRequest, Views};

/// An adapter of a type that implements the adapter's trait.
#[doc(hidden)]
pub trait Exportable {}

impl<T: Hooks> Exportable for hooks::Adapter<T> {}
impl<T: Events> Exportable for events::Adapter<T> {}
impl<T: Jobs> Exportable for jobs::Adapter<T> {}
impl<T: BatchJobs> Exportable for batch_jobs::Adapter<T> {}
impl<T: Routes> Exportable for routes::Adapter<T> {}
impl<T: Policies> Exportable for policies::Adapter<T> {}
impl<T: Views> Exportable for views::Adapter<T> {}
impl<T: Lifecycle> Exportable for lifecycle::Adapter<T> {}
impl<T: Privacy> Exportable for privacy::Adapter<T> {}

/// Expansion of [`export!`](crate::export); not for use by name.
#[doc(hidden)]
pub mod raw {
    use std::marker::PhantomData;

    /// Native form of an exported type: named, and nothing else.
    #[derive(Debug)]
    pub struct Native<T>(PhantomData<T>);

    impl<T: super::Exportable> Native<T> {
        /// Checks that `T` can be exported.
        #[allow(clippy::new_without_default, reason = "a check, not a value")]
        #[must_use]
        pub const fn new() -> Self {
            Self(PhantomData)
        }
    }

    pub use super::batch_jobs::{Adapter as BatchJobsAdapter, raw as batch_jobs};
    pub use super::events::{Adapter as EventsAdapter, raw as events};
    pub use super::hooks::{Adapter as HooksAdapter, raw as hooks};
    pub use super::jobs::{Adapter as JobsAdapter, raw as jobs};
    pub use super::lifecycle::{Adapter as LifecycleAdapter, raw as lifecycle};
    pub use super::policies::{Adapter as PoliciesAdapter, raw as policies};
    pub use super::privacy::{Adapter as PrivacyAdapter, raw as privacy};
    pub use super::routes::{Adapter as RoutesAdapter, raw as routes};
    pub use super::views::{Adapter as ViewsAdapter, raw as views};
}

/// Makes the plugin's type answer the calls listed, and nothing else: `hooks`, `events`, `jobs`, `batch_jobs`, `routes`,
/// `policies`, `views`, `lifecycle`, `privacy`. The type implements the trait of each ([`Hooks`], [`Events`] and so on).
///
/// ```
/// # use cairn_plugin::prelude::*;
/// struct Bookings;
/// cairn_plugin::export!(Bookings: hooks, events);
///
/// impl Hooks for Bookings {}
/// impl Events for Bookings {}
/// ```
///
/// A type that does not implement what it exports does not compile:
///
/// ```compile_fail
/// struct Bookings;
/// cairn_plugin::export!(Bookings: hooks);
/// ```
///
/// ```compile_fail
/// struct Bookings;
/// cairn_plugin::export!(Bookings: nothing);
/// ```
#[macro_export]
macro_rules! export {
    ($plugin:ty: $($interface:ident),+ $(,)?) => {
        $($crate::__export_one!($plugin, $interface);)+
    };
}

/// One interface of [`export!`](crate::export).
#[doc(hidden)]
#[macro_export]
macro_rules! __export_one {
    ($plugin:ty, hooks) => {
        $crate::__export_as!($plugin, HooksAdapter, hooks);
    };
    ($plugin:ty, events) => {
        $crate::__export_as!($plugin, EventsAdapter, events);
    };
    ($plugin:ty, jobs) => {
        $crate::__export_as!($plugin, JobsAdapter, jobs);
    };
    ($plugin:ty, batch_jobs) => {
        $crate::__export_as!($plugin, BatchJobsAdapter, batch_jobs);
    };
    ($plugin:ty, routes) => {
        $crate::__export_as!($plugin, RoutesAdapter, routes);
    };
    ($plugin:ty, policies) => {
        $crate::__export_as!($plugin, PoliciesAdapter, policies);
    };
    ($plugin:ty, views) => {
        $crate::__export_as!($plugin, ViewsAdapter, views);
    };
    ($plugin:ty, lifecycle) => {
        $crate::__export_as!($plugin, LifecycleAdapter, lifecycle);
    };
    ($plugin:ty, privacy) => {
        $crate::__export_as!($plugin, PrivacyAdapter, privacy);
    };
    ($plugin:ty, $other:ident) => {
        compile_error!(concat!(
            "`",
            stringify!($other),
            "` is nothing a plugin exports; it is one of hooks, events, jobs, batch_jobs, routes, policies, views, lifecycle, privacy"
        ));
    };
}

/// The generated macro wants a plain name for the type. Natively nothing is exported (the names are none a linker takes), but the
/// type has to implement the trait all the same.
#[doc(hidden)]
#[macro_export]
macro_rules! __export_as {
    ($plugin:ty, $adapter:ident, $interface:ident) => {
        const _: () = {
            type Exported = $crate::exports::raw::$adapter<$plugin>;
            #[cfg(target_arch = "wasm32")]
    $crate::exports::raw::$interface::export!(Exported with_types_in $crate::exports::raw::$interface);
            #[cfg(not(target_arch = "wasm32"))]
            const _: $crate::exports::raw::Native<Exported> = $crate::exports::raw::Native::new();
        };
    };
}
