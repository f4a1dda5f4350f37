//! A plugin without its code: manifest, texts, grants and settings of one version.

use crate::definition::load_error::LoadError;
use crate::definition::permissions;
use crate::definition::public_files::PublicFiles;
use crate::definition::translations::Translations;
use crate::services::host_context::HostContext;
use cairn_access::AccessControl;
use cairn_content::Content;
use cairn_notify::{Notifier, Site};
use cairn_plugin_package::manifest::ManifestRoute;
use cairn_plugin_package::package::PackageFiles;
use cairn_plugin_package::{
    BodySchema, Capability, Choices, EventSchema, Grants, Manifest, Scope, SourceLocation, UnfitType,
};
use cairn_query::Access;
use cairn_store::events::{Actor, ActorKind};
use serde_json::Value as Json;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// Definition of a plugin, as the capabilities of a call use it.
pub(crate) struct PluginDefinition {
    pub(crate) manifest: Arc<Manifest>,
    /// Texts and templates of the package.
    pub(crate) translations: Translations,
    /// Files that everybody may load.
    pub(crate) public_files: PublicFiles,
    pub(crate) settings: Json,
    /// Values of its choices, as far as they fit the project.
    pub(crate) choices: Choices,
    /// Chosen content types that do not fit.
    pub(crate) unfit: Vec<UnfitType>,
    pub(crate) number: i64,
    /// Access of the plugin itself to content, regardless of the caller.
    pub(crate) content_access: Arc<Access>,
    /// Actor of the plugin's own writes.
    pub(crate) actor: Arc<Actor>,
    /// Grants that it was given.
    pub(crate) grants: Grants,
    /// Schemas of the data of its events, by name and version.
    pub(crate) event_schemas: HashMap<(String, u32), EventSchema>,
    /// Schemas of the bodies of its requests, by their files.
    pub(crate) request_schemas: HashMap<String, BodySchema>,
    /// Schemas of the bodies of its responses, by their files.
    pub(crate) response_schemas: HashMap<String, BodySchema>,
    granted: HashSet<Capability>,
    publishable: HashSet<String>,
    host_context: HostContext,
}

impl PluginDefinition {
    /// Reads the texts of the package. Returns an error if one is invalid.
    pub(crate) fn new(
        host_context: &HostContext,
        manifest: Arc<Manifest>,
        files: &PackageFiles,
        grants: Grants,
        settings: Json,
        number: i64,
    ) -> Result<Self, LoadError> {
        let event_schemas = parse_event_schemas(&manifest, files)?;
        let request_schemas = parse_request_schemas(&manifest, files)?;
        let response_schemas = parse_response_schemas(&manifest, files)?;
        let id = manifest.id();
        let scopes: Vec<Scope> = grants.list().iter().map(|granted| granted.scope.clone()).collect();
        let content_access = Arc::new(permissions::plugin_access(
            host_context.content.registry(),
            id,
            &scopes,
            &format!("plugin:{id}:{number}"),
        ));
        let actor = Actor { kind: ActorKind::Plugin, id: Some(id.to_owned()), ..Actor::public() };
        Ok(Self {
            translations: Translations::from_files(files, &manifest.plugin.default_locale)?,
            public_files: PublicFiles::from_files(files),
            settings,
            choices: Choices::default(),
            unfit: Vec::new(),
            number,
            content_access,
            actor: Arc::new(actor),
            event_schemas,
            request_schemas,
            response_schemas,
            granted: scopes.iter().map(Scope::capability).collect(),
            publishable: permissions::publishable_types(&scopes),
            grants,
            host_context: host_context.clone(),
            manifest,
        })
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

    /// True if it may publish documents of a type.
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

/// The schemas of request bodies in the package.
fn parse_request_schemas(manifest: &Manifest, files: &PackageFiles) -> Result<HashMap<String, BodySchema>, LoadError> {
    let named = manifest.routes.iter().filter_map(|route| Some((route, route.at, route.body.schema.as_ref()?)));
    parse_body_schemas(named, files, BodySchema::parse_request)
}

/// The schemas of responses in the package.
fn parse_response_schemas(manifest: &Manifest, files: &PackageFiles) -> Result<HashMap<String, BodySchema>, LoadError> {
    let responses = manifest.routes.iter().flat_map(|route| route.responses.iter().map(move |r| (route, r)));
    let named = responses.filter_map(|(route, response)| Some((route, response.at, response.schema.as_ref()?)));
    parse_body_schemas(named, files, BodySchema::parse_response)
}

/// Parses the files that routes name for their bodies, each once.
fn parse_body_schemas<'m>(
    named: impl Iterator<Item = (&'m ManifestRoute, SourceLocation, &'m String)>,
    files: &PackageFiles,
    parse: fn(&[u8]) -> Result<BodySchema, String>,
) -> Result<HashMap<String, BodySchema>, LoadError> {
    let mut schemas = HashMap::new();
    for (route, SourceLocation { line, .. }, file) in named {
        let Some(json) = files.get(file).filter(|_| !schemas.contains_key(file)) else { continue };
        let schema = parse(json)
            .map_err(|why| LoadError::Manifest { line, message: format!("[[route]] {}: {file} {why}", route.name) })?;
        schemas.insert(file.clone(), schema);
    }
    Ok(schemas)
}

/// Name of a plugin's job, lane, subscription or schedule among those of all plugins.
pub(crate) fn qualified_name(plugin: &str, name: &str) -> String {
    format!("plugin:{plugin}:{name}")
}
