//! One version of a plugin as it runs in a tenant: code, manifest, grants and settings, which all change together. Calls hold the one
//! that they began with.

use crate::bindings::{event_handler, hooks, http_handler, job_handler};
use crate::engine::{Host, Runtime};
use crate::error::LoadError;
use crate::ground::Ground;
use crate::metrics::Metrics;
use crate::rights;
use crate::state::State;
use cairn_access::AccessControl;
use cairn_content::Content;
use cairn_plugin_package::package::Files;
use cairn_plugin_package::{Capability, Grants, Manifest, Scope};
use cairn_query::Access;
use cairn_store::events::{Actor, ActorKind};
use serde_json::Value as Json;
use std::collections::HashSet;
use std::sync::Arc;
use wasmtime::component::InstancePre;

/// What a plugin is made of.
#[derive(Debug, Clone)]
pub struct Installed {
    /// What it says of itself.
    pub manifest: Arc<Manifest>,
    /// `plugin.wasm`.
    pub component: Arc<[u8]>,
    /// What it says to people: `templates/` and `locales/` of the package.
    pub files: Arc<Files>,
    /// What the administrator has granted: never more than the manifest asks for.
    pub grants: Grants,
    /// The effective settings; an object. Secrets are not in it.
    pub settings: Json,
    /// Grows with every change of any of these.
    pub number: i64,
}

/// See the module.
pub(crate) struct Generation {
    pub(crate) manifest: Arc<Manifest>,
    #[expect(dead_code, reason = "the capabilities that read it, templates and texts, come next")]
    pub(crate) files: Arc<Files>,
    pub(crate) settings: Json,
    pub(crate) number: i64,
    pub(crate) exports: Exports,
    pub(crate) runtime: Runtime,
    /// What it may do with content, whoever it is called for.
    pub(crate) rights: Arc<Access>,
    /// Who writes where it writes.
    pub(crate) actor: Arc<Actor>,
    granted: HashSet<Capability>,
    publishable: HashSet<String>,
    ground: Ground,
    metrics: Metrics,
}

/// What it can be called for.
pub(crate) struct Exports {
    pub(crate) hooks: Option<hooks::ExportingPre<State>>,
    pub(crate) events: Option<event_handler::ExportingPre<State>>,
    pub(crate) jobs: Option<job_handler::ExportingPre<State>>,
    pub(crate) routes: Option<http_handler::ExportingPre<State>>,
}

impl Generation {
    /// Compiles it, or takes what was compiled before. Blocks.
    pub(crate) fn load(host: &Host, ground: &Ground, installed: Installed) -> Result<Arc<Self>, LoadError> {
        let Installed { manifest, component, files, grants, settings, number } = installed;
        let runtime = host.runtime()?;
        let exports = Exports::of(&manifest, runtime.load(&component)?)?;
        for (section, there) in [
            ("[[schedule]]", !manifest.schedules.is_empty()),
            ("[read-policy]", manifest.read_policy.is_some()),
            ("[[admin.view]]", !manifest.views.is_empty()),
        ] {
            if there {
                tracing::warn!(
                    plugin = manifest.id(),
                    section,
                    "this version of Cairn does not act on that section yet"
                );
            }
        }
        let id = manifest.id();
        let grants: Vec<Scope> = grants.list().iter().map(|granted| granted.scope.clone()).collect();
        let rights = Arc::new(rights::of(ground.content.registry(), id, &grants, &format!("plugin:{id}:{number}")));
        let actor = Actor { kind: ActorKind::Plugin, id: Some(id.to_owned()), ..Actor::public() };
        Ok(Arc::new(Self {
            files,
            settings,
            number,
            exports,
            runtime,
            rights,
            actor: Arc::new(actor),
            granted: grants.iter().map(Scope::capability).collect(),
            publishable: rights::publishable(&grants),
            ground: ground.clone(),
            metrics: Metrics::default(),
            manifest,
        }))
    }

    pub(crate) fn id(&self) -> &str {
        self.manifest.id()
    }

    pub(crate) fn content(&self) -> &Content {
        &self.ground.content
    }

    pub(crate) fn access(&self) -> &AccessControl {
        &self.ground.access
    }

    /// Now, in milliseconds.
    pub(crate) fn now(&self) -> i64 {
        self.ground.access.now().timestamp_millis()
    }

    pub(crate) fn may(&self, capability: Capability) -> bool {
        self.granted.contains(&capability)
    }

    /// Something that it measured.
    pub(crate) fn metric(&self, name: &str, value: f64, labels: &[(String, String)]) {
        self.metrics.add(&self.manifest, name, value, labels);
    }

    /// Whether it may publish documents of a type.
    pub(crate) fn may_publish(&self, uid: &str) -> bool {
        rights::is_own(self.id(), uid) || self.publishable.contains(uid)
    }
}

impl Exports {
    fn of(manifest: &Manifest, pre: InstancePre<State>) -> Result<Self, LoadError> {
        macro_rules! export {
            ($needed:expr, $module:ident, $section:literal, $export:literal) => {
                match $needed {
                    false => None,
                    true => Some($module::ExportingPre::new(pre.clone()).map_err(|e| LoadError::Export {
                        section: $section,
                        export: $export,
                        why: format!("{e:#}"),
                    })?),
                }
            };
        }
        Ok(Self {
            hooks: export!(!manifest.hooks.is_empty(), hooks, "[[hook]]", "cairn:plugin/hooks"),
            events: export!(
                !manifest.subscriptions.is_empty(),
                event_handler,
                "[[subscription]]",
                "cairn:plugin/event-handler"
            ),
            jobs: export!(!manifest.jobs.is_empty(), job_handler, "[[job]]", "cairn:plugin/job-handler"),
            routes: export!(!manifest.routes.is_empty(), http_handler, "[[route]]", "cairn:plugin/http-handler"),
        })
    }
}
