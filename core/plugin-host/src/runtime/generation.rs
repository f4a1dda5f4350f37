//! One version of a plugin as it runs in a tenant: code, manifest, grants and settings, which all change together. A call uses the
//! generation that it began with.

use crate::call::memory::MemoryBudget;
use crate::call::state::CallState;
use crate::call::turns::PluginTurns;
use crate::contract::bindings::privacy;
use crate::definition::chosen_types::attributes_of;
use crate::definition::load_error::LoadError;
use crate::definition::plugin_definition::PluginDefinition;
use crate::runtime::engine::{PluginHost, Runtime};
use crate::runtime::guest_export::GuestExport;
use crate::runtime::hooks_export::HooksExport;
use crate::services::host_context::HostContext;
use cairn_model::Registry;
use cairn_plugin_package::manifest::ViewSource;
use cairn_plugin_package::package::PackageFiles;
use cairn_plugin_package::{Choices, Grants, Manifest, UnfitType};
use parking_lot::Mutex;
use serde_json::Value as Json;
use std::collections::BTreeSet;
use std::ops::Deref;
use std::sync::Arc;
use wasmtime::component::InstancePre;

/// The parts of an installed plugin.
#[derive(Debug, Clone)]
pub struct InstalledPlugin {
    /// Parsed `plugin.toml`, not resolved.
    pub manifest: Arc<Manifest>,
    /// Content of `plugin.wasm`.
    pub component: Arc<[u8]>,
    /// Files of the package: texts for people in `templates/` and `locales/`, schemas of events in `events/`, of bodies in
    /// `requests/` and `responses/`, what everybody may load in `public/`.
    pub files: Arc<PackageFiles>,
    /// Grants that the administrator gave: never more than the manifest requests.
    pub grants: Grants,
    /// Effective settings, an object; without secrets.
    pub settings: Json,
    /// Values of its choices.
    pub choices: Choices,
    /// Number that grows with every change of any of these.
    pub number: i64,
}

/// A plugin with its choices in their places, as far as they fit the project.
pub(crate) struct ResolvedPlugin {
    pub(crate) manifest: Arc<Manifest>,
    pub(crate) grants: Grants,
    pub(crate) choices: Choices,
    /// Chosen content types that do not fit: nothing rests on them.
    pub(crate) unfit: Vec<UnfitType>,
}

impl InstalledPlugin {
    /// Puts what was chosen in its places. What rests on content types that do not fit is left out.
    pub(crate) fn resolve(&self, registry: &Registry) -> ResolvedPlugin {
        if self.manifest.choices.is_empty() {
            let (manifest, grants) = (self.manifest.clone(), self.grants.clone());
            return ResolvedPlugin { manifest, grants, choices: Choices::default(), unfit: Vec::new() };
        }
        let (choices, unfit) = self.choices.split_unfit(&self.manifest, &|uid| attributes_of(registry, uid));
        let manifest = self.manifest.resolve(&choices);
        let grants = Grants::from_manifest(&manifest).intersect(&self.grants);
        ResolvedPlugin { manifest: Arc::new(manifest), grants, choices, unfit }
    }

    /// All content types that its read policy is for, those that do not fit among them.
    pub(crate) fn policy_types(&self) -> Vec<String> {
        self.manifest.resolve(&self.choices).read_policy.map_or_else(Vec::new, |policy| policy.types)
    }
}

/// A running version of a plugin; see the module.
pub(crate) struct Generation {
    pub(crate) definition: Arc<PluginDefinition>,
    pub(crate) exports: Exports,
    pub(crate) runtime: Runtime,
    /// Limits on its calls that run at a time.
    pub(crate) turns: PluginTurns,
    /// Memory that its calls have together.
    pub(crate) memory: Arc<MemoryBudget>,
    /// Response headers that were left out, and that its log mentions already.
    pub(crate) dropped_headers: Mutex<BTreeSet<String>>,
    /// Holds the compiled code, so that another generation with the same component reuses it.
    _code: Arc<InstancePre<CallState>>,
}

impl Deref for Generation {
    type Target = PluginDefinition;

    fn deref(&self) -> &PluginDefinition {
        &self.definition
    }
}

/// The exports that it has.
pub(crate) struct Exports {
    pub(crate) hooks: Option<HooksExport>,
    pub(crate) events: Option<GuestExport>,
    pub(crate) jobs: Option<GuestExport>,
    pub(crate) job_batches: Option<GuestExport>,
    pub(crate) routes: Option<GuestExport>,
    pub(crate) policies: Option<GuestExport>,
    pub(crate) admin: Option<GuestExport>,
    /// Not declared in any section of the manifest; `None` where the component lacks it.
    pub(crate) lifecycle: Option<GuestExport>,
    /// As the lifecycle: not declared in any section.
    pub(crate) privacy: Option<privacy::ExportingPre<CallState>>,
}

/// Names of the exports that belong to no section of the manifest.
const LIFECYCLE: &str = "cairn:plugin/lifecycle@0.1.0";
const PRIVACY: &str = "cairn:plugin/privacy@0.1.0";

impl Generation {
    /// Compiles it, or loads the compiled code. Blocks.
    pub(crate) fn load(
        host: &PluginHost,
        host_context: &HostContext,
        installed: InstalledPlugin,
    ) -> Result<Arc<Self>, LoadError> {
        let resolved = installed.resolve(host_context.content.registry());
        let InstalledPlugin { component, files, settings, number, .. } = installed;
        let ResolvedPlugin { manifest, grants, choices, unfit } = resolved;
        let runtime = host.runtime()?;
        let code = runtime.load_component(&component)?;
        let exports = Exports::from_component(&manifest, &code)?;
        let turns = PluginTurns::new(manifest.limits.concurrency);
        let memory = Arc::new(runtime.plugin_memory_budget(&manifest));
        let mut definition = PluginDefinition::new(host_context, manifest, &files, grants, settings, number)?;
        definition.choices = choices;
        definition.unfit = unfit;
        let definition = Arc::new(definition);
        Ok(Arc::new(Self {
            definition,
            exports,
            runtime,
            turns,
            memory,
            dropped_headers: Mutex::default(),
            _code: code,
        }))
    }
}

impl Exports {
    fn from_component(manifest: &Manifest, pre: &InstancePre<CallState>) -> Result<Self, LoadError> {
        let export = |needed: bool, section: &'static str, interface: &'static str, functions: &[&'static str]| {
            if !needed {
                return Ok(None);
            }
            let export = GuestExport::new(pre, interface, functions);
            export.map(Some).map_err(|e| load_error(section, interface, &e))
        };
        Ok(Self {
            hooks: match manifest.hooks.is_empty() {
                true => None,
                false => Some(HooksExport::new(pre).map_err(|e| load_error("[[hook]]", "hooks", &e))?),
            },
            events: export(!manifest.subscriptions.is_empty(), "[[subscription]]", "event-handler", &["handle"])?,
            jobs: export(!manifest.jobs.is_empty(), "[[job]]", "job-handler", &["run"])?,
            job_batches: export(
                manifest.jobs.iter().any(|job| job.batch.is_some()),
                "[[job]] with `batch`",
                "batch-job-handler",
                &["run-many"],
            )?,
            routes: export(!manifest.routes.is_empty(), "[[route]]", "http-handler", &["handle"])?,
            policies: export(manifest.read_policy.is_some(), "[read-policy]", "read-policy", &["evaluate"])?,
            // A frame is a page of the package: the plugin is not called for it.
            admin: export(
                manifest.views.iter().any(|view| view.source == ViewSource::Declarative),
                "[[admin.view]]",
                "admin",
                &["view", "act"],
            )?,
            lifecycle: export(
                pre.component().get_export_index(None, LIFECYCLE).is_some(),
                "no section",
                "lifecycle",
                &["install", "migrate", "enable", "disable", "uninstall", "check-settings", "health"],
            )?,
            privacy: match pre.component().get_export_index(None, PRIVACY) {
                Some(_) => {
                    let export = privacy::ExportingPre::new(pre.clone());
                    Some(export.map_err(|e| load_error("no section", "privacy", &e))?)
                }
                None => None,
            },
        })
    }
}

fn load_error(section: &'static str, interface: &str, error: &wasmtime::Error) -> LoadError {
    LoadError::Export { section, export: format!("cairn:plugin/{interface}"), why: format!("{error:#}") }
}
