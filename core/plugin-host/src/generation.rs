//! One version of a plugin as it runs in a tenant: code, manifest, grants and settings, which all change together. A call uses the
//! generation that it began with.

use crate::bindings::{admin, event_handler, http_handler, job_handler, lifecycle, read_policy};
use crate::engine::{PluginHost, Runtime};
use crate::error::LoadError;
use crate::hooks::HooksExport;
use crate::host_context::HostContext;
use crate::memory::MemoryBudget;
use crate::permissions;
use crate::state::CallState;
use crate::translations::Translations;
use crate::turns::PluginTurns;
use cairn_access::AccessControl;
use cairn_content::Content;
use cairn_notify::{Notifier, Site};
use cairn_plugin_package::manifest::ViewSource;
use cairn_plugin_package::package::PackageFiles;
use cairn_plugin_package::{Capability, EventSchema, Grants, Manifest, Scope, SourceLocation};
use cairn_query::Access;
use cairn_store::events::{Actor, ActorKind};
use parking_lot::Mutex;
use serde_json::Value as Json;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;
use wasmtime::component::InstancePre;

/// The parts of an installed plugin.
#[derive(Debug, Clone)]
pub struct InstalledPlugin {
    /// Parsed `plugin.toml`.
    pub manifest: Arc<Manifest>,
    /// Content of `plugin.wasm`.
    pub component: Arc<[u8]>,
    /// Files of the package: texts for people in `templates/` and `locales/`, schemas of events in `events/`.
    pub files: Arc<PackageFiles>,
    /// Grants that the administrator gave: never more than the manifest requests.
    pub grants: Grants,
    /// Effective settings, an object; without secrets.
    pub settings: Json,
    /// Number that grows with every change of any of these.
    pub number: i64,
}

/// A running version of a plugin; see the module.
pub(crate) struct Generation {
    pub(crate) manifest: Arc<Manifest>,
    /// Texts and templates of the package.
    pub(crate) translations: Translations,
    pub(crate) settings: Json,
    pub(crate) number: i64,
    pub(crate) exports: Exports,
    pub(crate) runtime: Runtime,
    /// Limits on its calls that run at a time.
    pub(crate) turns: PluginTurns,
    /// Memory that its calls have together.
    pub(crate) memory: Arc<MemoryBudget>,
    /// Access of the plugin itself to content, regardless of the caller.
    pub(crate) content_access: Arc<Access>,
    /// Actor of the plugin's own writes.
    pub(crate) actor: Arc<Actor>,
    /// Grants that it was given.
    pub(crate) grants: Grants,
    /// Schemas of the data of its events, by name and version.
    pub(crate) event_schemas: HashMap<(String, u32), EventSchema>,
    /// Response headers that were left out, and that its log mentions already.
    pub(crate) dropped_headers: Mutex<BTreeSet<String>>,
    granted: HashSet<Capability>,
    publishable: HashSet<String>,
    host_context: HostContext,
    /// Holds the compiled code, so that another generation with the same component reuses it.
    _code: Arc<InstancePre<CallState>>,
}

/// The exports that it has.
pub(crate) struct Exports {
    pub(crate) hooks: Option<HooksExport>,
    pub(crate) events: Option<event_handler::ExportingPre<CallState>>,
    pub(crate) jobs: Option<job_handler::ExportingPre<CallState>>,
    pub(crate) routes: Option<http_handler::ExportingPre<CallState>>,
    pub(crate) policies: Option<read_policy::ExportingPre<CallState>>,
    pub(crate) admin: Option<admin::ExportingPre<CallState>>,
    /// Not declared in any section of the manifest; `None` where the component lacks it.
    pub(crate) lifecycle: Option<lifecycle::ExportingPre<CallState>>,
}

/// Name of the export that belongs to no section of the manifest.
const LIFECYCLE: &str = "cairn:plugin/lifecycle@0.1.0";

impl Generation {
    /// Compiles it, or loads the compiled code. Blocks.
    pub(crate) fn load(
        host: &PluginHost,
        ground: &HostContext,
        installed: InstalledPlugin,
    ) -> Result<Arc<Self>, LoadError> {
        let InstalledPlugin { manifest, component, files, grants, settings, number } = installed;
        let runtime = host.runtime()?;
        let code = runtime.load_component(&component)?;
        let exports = Exports::from_component(&manifest, &code)?;
        let event_schemas = parse_event_schemas(&manifest, &files)?;
        let id = manifest.id();
        let scopes: Vec<Scope> = grants.list().iter().map(|granted| granted.scope.clone()).collect();
        let rights = Arc::new(permissions::plugin_access(
            ground.content.registry(),
            id,
            &scopes,
            &format!("plugin:{id}:{number}"),
        ));
        let actor = Actor { kind: ActorKind::Plugin, id: Some(id.to_owned()), ..Actor::public() };
        let sayings = Translations::from_files(&files, &manifest.plugin.default_locale)?;
        let turns = PluginTurns::new(manifest.limits.concurrency);
        let memory = runtime.plugin_memory_budget(&manifest);
        Ok(Arc::new(Self {
            translations: sayings,
            settings,
            number,
            exports,
            event_schemas,
            runtime,
            turns,
            memory: Arc::new(memory),
            content_access: rights,
            actor: Arc::new(actor),
            dropped_headers: Mutex::default(),
            granted: scopes.iter().map(Scope::capability).collect(),
            publishable: permissions::publishable_types(&scopes),
            grants,
            host_context: ground.clone(),
            _code: code,
            manifest,
        }))
    }

    pub(crate) fn id(&self) -> &str {
        self.manifest.id()
    }

    pub(crate) fn content(&self) -> &Content {
        &self.host_context.content
    }

    pub(crate) fn access(&self) -> &AccessControl {
        &self.host_context.access
    }

    pub(crate) fn host_context(&self) -> &HostContext {
        &self.host_context
    }

    /// Name and address of the tenant's site, where they are known.
    pub(crate) fn site(&self) -> Option<Site> {
        self.host_context.notifier.as_ref().map(Notifier::site)
    }

    /// Current time in milliseconds since 1970.
    pub(crate) fn now(&self) -> i64 {
        self.host_context.now()
    }

    pub(crate) fn has_grant(&self, capability: Capability) -> bool {
        self.granted.contains(&capability)
    }

    /// Adds a value that it measured.
    pub(crate) fn record_metric(&self, name: &str, value: f64, labels: &[(String, String)]) {
        self.runtime.totals().record_metric(&self.manifest, name, value, labels);
    }

    /// Whether it may publish documents of a type.
    pub(crate) fn may_publish(&self, uid: &str) -> bool {
        permissions::is_own(self.id(), uid) || self.publishable.contains(uid)
    }
}

/// The schemas of events in the package.
fn parse_event_schemas(
    manifest: &Manifest,
    files: &PackageFiles,
) -> Result<HashMap<(String, u32), EventSchema>, LoadError> {
    let mut schemas = HashMap::new();
    for event in &manifest.events {
        let Some(file) = &event.schema else { continue };
        let Some(json) = files.get(file) else { continue };
        let schema = EventSchema::parse(json).map_err(|why| {
            let SourceLocation { line, .. } = event.at;
            LoadError::Manifest { line, message: format!("[[event]] {}: {file} {why}", event.name) }
        })?;
        schemas.insert((event.name.clone(), event.version), schema);
    }
    Ok(schemas)
}

impl Exports {
    fn from_component(manifest: &Manifest, pre: &InstancePre<CallState>) -> Result<Self, LoadError> {
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
            // A frame is a page of the package: the plugin is not called for it.
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
