//! The one entry point to content: every interface (REST, later GraphQL, admin, import and plugins) calls these use-cases. Each file is
//! one use-case and reads as the order of its steps: permissions, parameters, keys of the body, related documents, the entry itself,
//! values, then one transaction.

mod answer;
mod body;
mod create;
mod delete;
mod error;
mod files;
mod find;
mod history;
mod hooks;
mod plans;
mod presence;
mod preview;
mod publish;
mod reads;
mod record;
mod save;
mod secrets;
mod single;
mod terms;
#[cfg(test)]
mod testing;
mod update;
mod usages;
mod users;
mod within;

pub use answer::{Answer, WriteAnswer};
pub use error::{ContentError, Refusal, RefusalKind};
pub use files::{FileInfo, LinkRequest, Swept, Upload};
pub use history::{HistoryKept, RestoreRequest, Who};
pub use hooks::{Change, CheckAmendment, CheckAmendmentIn, HookAction, Hooks, Verdict};
pub use plans::PlanCache;
pub use presence::Beat;
pub use preview::{NewPreview, Preview};
pub use publish::{
    BULK_LIMIT, DocumentOutcome, DraftState, InLocales, Linked, LocaleChange, LocaleCheck, PublishAction, PublishGate,
    Publisher,
};
pub use record::{By, Happened, Kept};
pub use terms::{Precondition, WriteTerms};
pub use users::NewUser;
pub use within::{Part, Wrote};

use cairn_access::{AccessControl, iso};
use cairn_assets::Tools;
use cairn_model::{Registry, TypeId};
use cairn_query::{Access, Limits};
use cairn_store::Store;
use cairn_store::events::Actor;
use std::sync::Arc;

/// The result of a use-case.
pub type Result<T, E = ContentError> = std::result::Result<T, E>;

/// The content of one tenant. Cloning is cheap.
#[derive(Clone)]
pub struct Content {
    store: Store,
    access: AccessControl,
    plans: Arc<PlanCache>,
    limits: Limits,
    gates: publish::Gates,
    hooks: Option<Arc<dyn Hooks>>,
    kept: Kept,
    tools: Arc<Tools>,
}

/// A request to a use-case: its caller and what it is for.
#[derive(Clone, Copy)]
pub struct Ask<'a> {
    /// Access of the caller.
    pub access: &'a Arc<Access>,
    /// Content type of the request.
    pub content_type: TypeId,
    /// The query string as sent, without `?`.
    pub query: &'a str,
    /// The locale that applies to requests without one.
    pub default_locale: &'a str,
    /// Actor that is recorded for writes.
    pub actor: &'a Arc<Actor>,
}

impl Content {
    /// Creates the content over the store of an access control.
    pub fn new(access: AccessControl) -> Self {
        Self {
            store: access.store().clone(),
            access,
            plans: Arc::new(PlanCache::new()),
            limits: Limits::default(),
            gates: publish::Gates::default(),
            hooks: None,
            kept: Kept::All,
            tools: Arc::default(),
        }
    }

    /// Sets other limits of queries.
    #[must_use]
    pub fn with_limits(self, limits: Limits) -> Self {
        Self { limits, ..self }
    }

    /// Sets programs that inspect files.
    #[must_use]
    pub fn with_tools(self, tools: Tools) -> Self {
        Self { tools: Arc::new(tools), ..self }
    }

    /// Records less than everything besides the rows.
    #[doc(hidden)]
    pub fn keeping(self, kept: Kept) -> Self {
        Self { kept, ..self }
    }

    /// The store of the content.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// The model of the content.
    pub fn registry(&self) -> &Arc<Registry> {
        self.store.registry()
    }

    fn now(&self) -> String {
        iso(self.access.now())
    }

    fn by(&self, ask: &Ask<'_>) -> By {
        let viewer = Some(self.viewer(ask));
        By { actor: ask.actor.clone(), at: self.access.now().timestamp_millis(), kept: self.kept, viewer }
    }
}
