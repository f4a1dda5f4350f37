//! The contract as Rust: `cairn:plugin` in `plugins/wit/`.
//!
//! What plugins import is one world. What they export is one world per interface, because `bindgen!` insists on every export of a world,
//! and a plugin exports only what its manifest needs.

use cairn_store::Savepoint;
use host::data::{Authority, Query};
use parking_lot::Mutex;
use serde_json::{Map, Value as Json};
use std::sync::Arc;

/// Interfaces that the host offers.
pub(crate) mod imports {
    wasmtime::component::bindgen!({
        inline: "
            package cairn:host-imports;
            world imports {
                import cairn:plugin/types@0.1.0;
                import cairn:plugin/clock@0.1.0;
                import cairn:plugin/preview@0.1.0;
                import cairn:plugin/random@0.1.0;
                import cairn:plugin/settings@0.1.0;
                import cairn:plugin/log@0.1.0;
                import cairn:plugin/data@0.1.0;
                import cairn:plugin/kv@0.1.0;
                import cairn:plugin/events@0.1.0;
                import cairn:plugin/jobs@0.1.0;
                import cairn:plugin/files@0.1.0;
                import cairn:plugin/http-client@0.1.0;
                import cairn:plugin/secrets@0.1.0;
                import cairn:plugin/signing@0.1.0;
                import cairn:plugin/policies@0.1.0;
                import cairn:plugin/templates@0.1.0;
                import cairn:plugin/mail@0.1.0;
                import cairn:plugin/pdf@0.1.0;
                import cairn:plugin/i18n@0.1.0;
                import cairn:plugin/zones@0.1.0;
                import cairn:plugin/public-files@0.1.0;
                import cairn:plugin/calendar@0.1.0;
                import cairn:plugin/audit@0.1.0;
                import cairn:plugin/search@0.1.0;
                import cairn:plugin/groups@0.1.0;
                import cairn:plugin/people@0.1.0;
                import cairn:plugin/users@0.1.0;
            }
        ",
        path: "../../plugins/wit/v0.1",
        world: "cairn:host-imports/imports",
        imports: { default: async | trappable },
        trappable_error_type: { "cairn:plugin/types@0.1.0.error" => crate::contract::host_error::HostError },
        with: {
            "cairn:plugin/log.span": crate::contract::bindings::Span,
            "cairn:plugin/data.transaction": crate::contract::bindings::Transaction,
            "cairn:plugin/data.scan": crate::contract::bindings::Scan,
        },
    });
}

pub(crate) use imports::cairn::plugin as host;
pub(crate) use imports::cairn::plugin::types;

macro_rules! export {
    ($module:ident, $world:literal, $inline:literal) => {
        #[doc = concat!("The export `", $world, "`.")]
        pub(crate) mod $module {
            wasmtime::component::bindgen!({
                inline: $inline,
                path: "../../plugins/wit/v0.1",
                world: $world,
                exports: { default: async },
                with: { "cairn:plugin/types@0.1.0": crate::contract::bindings::imports::cairn::plugin::types },
            });
        }
    };
}

export!(
    hooks,
    "cairn:host-hooks/exporting",
    "package cairn:host-hooks; world exporting { export cairn:plugin/hooks@0.1.0; }"
);

export!(
    event_handler,
    "cairn:host-events/exporting",
    "package cairn:host-events; world exporting { export cairn:plugin/event-handler@0.1.0; }"
);
export!(
    job_handler,
    "cairn:host-jobs/exporting",
    "package cairn:host-jobs; world exporting { export cairn:plugin/job-handler@0.1.0; }"
);
export!(
    batch_job_handler,
    "cairn:host-job-batches/exporting",
    "package cairn:host-job-batches; world exporting { export cairn:plugin/batch-job-handler@0.1.0; }"
);
export!(
    http_handler,
    "cairn:host-http/exporting",
    "package cairn:host-http; world exporting { export cairn:plugin/http-handler@0.1.0; }"
);
export!(
    lifecycle,
    "cairn:host-lifecycle/exporting",
    "package cairn:host-lifecycle; world exporting { export cairn:plugin/lifecycle@0.1.0; }"
);
export!(
    read_policy,
    "cairn:host-policy/exporting",
    "package cairn:host-policy; world exporting { export cairn:plugin/read-policy@0.1.0; }"
);
export!(
    admin,
    "cairn:host-admin/exporting",
    "package cairn:host-admin; world exporting { export cairn:plugin/admin@0.1.0; }"
);
export!(
    privacy,
    "cairn:host-privacy/exporting",
    "package cairn:host-privacy; world exporting { export cairn:plugin/privacy@0.1.0; }"
);

/// A span of the log that is open.
#[expect(unreachable_pub, reason = "the bindings name it in public")]
pub struct Span {
    pub(crate) name: String,
    pub(crate) fields: Map<String, Json>,
    pub(crate) from: u64,
    pub(crate) failed: Option<String>,
}

/// A transaction that a guest has opened.
#[expect(unreachable_pub, reason = "the bindings name it in public")]
pub enum Transaction {
    /// A part of one that was open before.
    Part(Arc<Mutex<Option<Savepoint>>>),
    /// One of its own.
    Own,
}

/// A scan that is open.
#[expect(unreachable_pub, reason = "the bindings name it in public")]
pub struct Scan {
    pub(crate) query: Query,
    pub(crate) rights: Authority,
    /// The number of the last row.
    pub(crate) at: i64,
    pub(crate) ended: bool,
}
