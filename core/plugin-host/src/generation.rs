//! One version of a plugin as it runs in a tenant: code, manifest, grants and settings, which all change together. Calls hold the one
//! that they began with.

use crate::bindings::{admin, event_handler, http_handler, job_handler, lifecycle, read_policy};
use crate::engine::{Host, Runtime};
use crate::error::LoadError;
use crate::ground::Ground;
use crate::hooks::HooksExport;
use crate::memory::MemoryBudget;
use crate::rights;
use crate::sayings::Sayings;
use crate::state::State;
use crate::turns::PluginTurns;
use cairn_access::AccessControl;
use cairn_content::Content;
use cairn_notify::{Notifier, Site};
use cairn_plugin_package::manifest::ViewSource;
use cairn_plugin_package::package::Files;
use cairn_plugin_package::{Capability, EventSchema, Grants, Manifest, Place, Scope};
use cairn_query::Access;
use cairn_store::events::{Actor, ActorKind};
use parking_lot::Mutex;
use serde_json::Value as Json;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;
use wasmtime::component::InstancePre;

/// What a plugin is made of.
#[derive(Debug, Clone)]
pub struct Installed {
    /// What it says of itself.
    pub manifest: Arc<Manifest>,
    /// `plugin.wasm`.
    pub component: Arc<[u8]>,
    /// Of the package: what it says to people, in `templates/` and `locales/`; what its events say, in `events/`.
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
    /// Its texts and templates.
    pub(crate) sayings: Sayings,
    pub(crate) settings: Json,
    pub(crate) number: i64,
    pub(crate) exports: Exports,
    pub(crate) runtime: Runtime,
    /// How many of its calls run at a time.
    pub(crate) turns: PluginTurns,
    /// What its calls have of memory together.
    pub(crate) memory: Arc<MemoryBudget>,
    /// What it may do with content, whoever it is called for.
    pub(crate) rights: Arc<Access>,
    /// Who writes where it writes.
    pub(crate) actor: Arc<Actor>,
    /// What was granted to it.
    pub(crate) grants: Grants,
    /// What the data of its events has to be, by name and version.
    pub(crate) event_schemas: HashMap<(String, u32), EventSchema>,
    /// Headers of its answers that were left out, and that its log has been told of.
    pub(crate) dropped_headers: Mutex<BTreeSet<String>>,
    granted: HashSet<Capability>,
    publishable: HashSet<String>,
    ground: Ground,
    /// While it is held, who installs the same component takes the code of this one.
    _code: Arc<InstancePre<State>>,
}

/// What it can be called for.
pub(crate) struct Exports {
    pub(crate) hooks: Option<HooksExport>,
    pub(crate) events: Option<event_handler::ExportingPre<State>>,
    pub(crate) jobs: Option<job_handler::ExportingPre<State>>,
    pub(crate) routes: Option<http_handler::ExportingPre<State>>,
    pub(crate) policies: Option<read_policy::ExportingPre<State>>,
    pub(crate) admin: Option<admin::ExportingPre<State>>,
    /// No section says that it is there: who has none needs none.
    pub(crate) lifecycle: Option<lifecycle::ExportingPre<State>>,
}

/// The export that no section of the manifest goes with.
const LIFECYCLE: &str = "cairn:plugin/lifecycle@0.1.0";

impl Generation {
    /// Compiles it, or takes what was compiled before. Blocks.
    pub(crate) fn load(host: &Host, ground: &Ground, installed: Installed) -> Result<Arc<Self>, LoadError> {
        let Installed { manifest, component, files, grants, settings, number } = installed;
        let runtime = host.runtime()?;
        let code = runtime.load(&component)?;
        let exports = Exports::of(&manifest, &code)?;
        let event_schemas = event_schemas(&manifest, &files)?;
        let id = manifest.id();
        let scopes: Vec<Scope> = grants.list().iter().map(|granted| granted.scope.clone()).collect();
        let rights = Arc::new(rights::of(ground.content.registry(), id, &scopes, &format!("plugin:{id}:{number}")));
        let actor = Actor { kind: ActorKind::Plugin, id: Some(id.to_owned()), ..Actor::public() };
        let sayings = Sayings::read(&files, &manifest.plugin.default_locale)?;
        let turns = PluginTurns::new(manifest.limits.concurrency);
        let memory = runtime.memory_of(&manifest);
        Ok(Arc::new(Self {
            sayings,
            settings,
            number,
            exports,
            event_schemas,
            runtime,
            turns,
            memory: Arc::new(memory),
            rights,
            actor: Arc::new(actor),
            dropped_headers: Mutex::default(),
            granted: scopes.iter().map(Scope::capability).collect(),
            publishable: rights::publishable(&scopes),
            grants,
            ground: ground.clone(),
            _code: code,
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

    pub(crate) fn ground(&self) -> &Ground {
        &self.ground
    }

    /// How the tenant is called and where it is, where that is known.
    pub(crate) fn site(&self) -> Option<Site> {
        self.ground.notifier.as_ref().map(Notifier::site)
    }

    /// Now, in milliseconds.
    pub(crate) fn now(&self) -> i64 {
        self.ground.now()
    }

    pub(crate) fn may(&self, capability: Capability) -> bool {
        self.granted.contains(&capability)
    }

    /// Something that it measured.
    pub(crate) fn metric(&self, name: &str, value: f64, labels: &[(String, String)]) {
        self.runtime.totals().measured(&self.manifest, name, value, labels);
    }

    /// Whether it may publish documents of a type.
    pub(crate) fn may_publish(&self, uid: &str) -> bool {
        rights::is_own(self.id(), uid) || self.publishable.contains(uid)
    }
}

/// The schemas of events that the package has.
fn event_schemas(manifest: &Manifest, files: &Files) -> Result<HashMap<(String, u32), EventSchema>, LoadError> {
    let mut schemas = HashMap::new();
    for event in &manifest.events {
        let Some(file) = &event.schema else { continue };
        let Some(json) = files.get(file) else { continue };
        let schema = EventSchema::parse(json).map_err(|why| {
            let Place { line, .. } = event.at;
            LoadError::Manifest { line, message: format!("[[event]] {}: {file} {why}", event.name) }
        })?;
        schemas.insert((event.name.clone(), event.version), schema);
    }
    Ok(schemas)
}

impl Exports {
    fn of(manifest: &Manifest, pre: &InstancePre<State>) -> Result<Self, LoadError> {
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
            hooks: match manifest.hooks.is_empty() {
                true => None,
                false => Some(HooksExport::new(pre.clone()).map_err(|e| LoadError::Export {
                    section: "[[hook]]",
                    export: "cairn:plugin/hooks",
                    why: format!("{e:#}"),
                })?),
            },
            events: export!(
                !manifest.subscriptions.is_empty(),
                event_handler,
                "[[subscription]]",
                "cairn:plugin/event-handler"
            ),
            jobs: export!(!manifest.jobs.is_empty(), job_handler, "[[job]]", "cairn:plugin/job-handler"),
            routes: export!(!manifest.routes.is_empty(), http_handler, "[[route]]", "cairn:plugin/http-handler"),
            policies: export!(manifest.read_policy.is_some(), read_policy, "[read-policy]", "cairn:plugin/read-policy"),
            // A frame is a page of the package: the plugin is not asked for it.
            admin: export!(
                manifest.views.iter().any(|view| view.source == ViewSource::Declarative),
                admin,
                "[[admin.view]]",
                "cairn:plugin/admin"
            ),
            lifecycle: export!(
                pre.component().get_export_index(None, LIFECYCLE).is_some(),
                lifecycle,
                "no section",
                "cairn:plugin/lifecycle"
            ),
        })
    }
}
