//! The content of a tenant, over which all use-cases are methods, and what they have in common.

use crate::document_event::{RecordingLevel, WriteAuthor};
use crate::hooks::Hooks;
use crate::plan_cache::PlanCache;
use crate::publish::{PublishGate, PublishGates};
use crate::request_context::RequestContext;
use cairn_access::{AccessControl, format_iso};
use cairn_assets::MediaTools;
use cairn_model::Registry;
use cairn_query::QueryLimits;
use cairn_store::Store;
use std::sync::Arc;

/// The content of one tenant. Cloning is cheap.
#[derive(Clone)]
pub struct Content {
    pub(crate) store: Store,
    pub(crate) access: AccessControl,
    pub(crate) plans: Arc<PlanCache>,
    pub(crate) limits: QueryLimits,
    pub(crate) gates: PublishGates,
    pub(crate) hooks: Option<Arc<dyn Hooks>>,
    pub(crate) recording: RecordingLevel,
    pub(crate) tools: Arc<MediaTools>,
}

impl Content {
    /// Creates the content over the store of an access control.
    pub fn new(access: AccessControl) -> Self {
        Self {
            store: access.store().clone(),
            access,
            plans: Arc::new(PlanCache::new()),
            limits: QueryLimits::default(),
            gates: PublishGates::default(),
            hooks: None,
            recording: RecordingLevel::All,
            tools: Arc::default(),
        }
    }

    /// Sets other limits of queries.
    #[must_use]
    pub fn with_limits(self, limits: QueryLimits) -> Self {
        Self { limits, ..self }
    }

    /// Adds hooks that every change has to pass.
    #[must_use]
    pub fn with_hooks(self, hooks: Arc<dyn Hooks>) -> Self {
        Self { hooks: Some(hooks), ..self }
    }

    /// Adds gates that everything has to pass before it is published.
    #[must_use]
    pub fn with_gates(self, gates: Vec<Arc<dyn PublishGate>>) -> Self {
        Self { gates: PublishGates::new(gates), ..self }
    }

    /// Sets programs that inspect files.
    #[must_use]
    pub fn with_tools(self, tools: MediaTools) -> Self {
        Self { tools: Arc::new(tools), ..self }
    }

    /// Records less than everything besides the rows.
    #[doc(hidden)]
    pub fn with_recording(self, level: RecordingLevel) -> Self {
        Self { recording: level, ..self }
    }

    /// The store of the content.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// The model of the content.
    pub fn registry(&self) -> &Arc<Registry> {
        self.store.registry()
    }

    pub(crate) fn now_iso(&self) -> String {
        format_iso(self.access.now())
    }

    pub(crate) fn write_author(&self, context: &RequestContext<'_>) -> WriteAuthor {
        let viewer = Some(self.file_viewer(context));
        WriteAuthor {
            actor: context.actor.clone(),
            at: self.access.now().timestamp_millis(),
            recording: self.recording,
            viewer,
        }
    }
}
