//! Callers who read files: which private ones they see.

use crate::Result;
use crate::row_guard::RowGuard;
use cairn_model::{Attributes, ComponentId, FieldKind, Registry, TypeId};
use cairn_query::{Access, Action, QueryLimits, QueryRequest};
use cairn_store::Reader;
use cairn_store::assets::Asset;
use cairn_store::content::Usage;
use cairn_store::events::{Actor, ActorKind};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// Number of usages of a file that are checked for each attribute of the model.
const MAX_USAGES_PER_ATTRIBUTE: i64 = 1_000;
/// Number of entries in one statement: each is a bound value.
const MAX_DOCUMENTS_PER_STATEMENT: usize = 1_000;

/// A caller who reads files.
#[derive(Debug, Clone)]
pub(crate) struct FileViewer {
    pub(super) access: Arc<Access>,
    pub(super) default_locale: String,
    pub(super) limits: QueryLimits,
}

impl FileViewer {
    /// Permissions of the caller.
    pub(crate) fn access(&self) -> &Arc<Access> {
        &self.access
    }

    /// Those of these files that the caller sees in some entry. Runs no statement for no files; else one for each attribute of the model
    /// that may hold a file, and one for each locale and status of a type whose rows they may not all read, whatever the number of entries.
    pub(crate) fn visible_files(&self, reader: &Reader<'_>, files: &[&str]) -> Result<HashSet<String>> {
        let registry = reader.registry();
        let mut by_version: HashMap<(TypeId, String, bool), Vec<Usage>> = HashMap::new();
        for usage in reader.documents().find_usages(registry.file_type().id, files, MAX_USAGES_PER_ATTRIBUTE)? {
            // Anyone who knows a file's address can put it into a text, so a mention grants nothing.
            if !usage.mentioned && self.can_read_usage(registry, &usage) {
                let version = (usage.content_type, usage.locale.clone(), usage.published);
                by_version.entry(version).or_default().push(usage);
            }
        }
        let (mut visible, mut guards) = (HashSet::new(), HashMap::new());
        for ((content_type, locale, published), usages) in by_version {
            let guard = guards.entry(content_type).or_insert_with(|| self.compile_guard(registry, content_type));
            let guard = match guard {
                Ok(Some(guard)) => guard,
                Ok(None) => {
                    visible.extend(usages.into_iter().map(|usage| usage.target));
                    continue;
                }
                // Read policies that were not evaluated may hide every entry of the type.
                Err(_) => continue,
            };
            for usages in usages.chunks(MAX_DOCUMENTS_PER_STATEMENT) {
                let documents: Vec<&str> = usages.iter().map(|usage| usage.document_id.as_str()).collect();
                let matching = guard.matching_versions(reader, &documents, &locale, published)?;
                let filter = usages.iter().filter(|usage| matching.contains(&usage.document_id));
                visible.extend(filter.map(|usage| usage.target.clone()));
            }
        }
        Ok(visible)
    }

    /// Those of these files that the caller may not use in an entry: private ones that they do not see elsewhere and have not added, since
    /// they would see them there. Admins have their permissions in the media library.
    pub(crate) fn withheld_files(&self, reader: &Reader<'_>, actor: &Actor, files: &[&str]) -> Result<HashSet<String>> {
        let free = match actor.kind {
            ActorKind::Admin | ActorKind::System => true,
            ActorKind::Plugin => false,
            ActorKind::Public | ActorKind::User | ActorKind::Token => self.access.everything,
        };
        if free {
            return Ok(HashSet::new());
        }
        let is_own =
            |asset: &Asset| asset.added_by.kind == actor.kind && actor.id.is_some() && asset.added_by.id == actor.id;
        let mut foreign = reader.assets().get_many(files)?;
        foreign.retain(|asset| asset.private && !is_own(asset));
        let requested: Vec<&str> = foreign.iter().map(|asset| asset.document_id.as_str()).collect();
        let visible = self.visible_files(reader, &requested)?;
        let withheld = foreign.into_iter().map(|asset| asset.document_id).filter(|file| !visible.contains(file));
        Ok(withheld.collect())
    }

    /// True if they may read the attribute that contains a file, in any entry.
    fn can_read_usage(&self, registry: &Registry, usage: &Usage) -> bool {
        let ct = registry.get(usage.content_type);
        let mut names = usage.path.split('.').filter(|name| name.parse::<usize>().is_err());
        let Some((attribute, a)) = names.next().and_then(|name| ct.attributes.get(name)) else { return false };
        let shows_private = self.access.private_of.contains(&ct.id);
        (usage.published || self.access.read_drafts)
            && self.access.allows_attribute(ct, attribute, self.read_action(ct.id))
            && (shows_private || is_path_visible(registry, &self.access, &a.kind, names))
    }

    /// The action by which they may read a type.
    fn read_action(&self, content_type: TypeId) -> Action {
        if self.access.allows_action(content_type, Action::Find) { Action::Find } else { Action::FindOne }
    }

    fn compile_guard(&self, registry: &Registry, content_type: TypeId) -> Result<Option<RowGuard>> {
        let Self { access, default_locale, limits } = self;
        let action = self.read_action(content_type);
        RowGuard::for_request(&QueryRequest {
            registry,
            access,
            content_type,
            action,
            default_locale,
            limits: *limits,
            lenient: false,
        })
    }
}

/// True if no attribute on a path into a component is hidden. The path into a zone does not say which component it is: then no component
/// of the zone may hide it.
fn is_path_visible<'n>(
    registry: &Registry,
    access: &Access,
    kind: &FieldKind,
    names: impl Iterator<Item = &'n str>,
) -> bool {
    let inside = |kind: &FieldKind| -> Vec<ComponentId> {
        match kind {
            FieldKind::Component { component, .. } => vec![*component],
            FieldKind::DynamicZone { components } => components.clone(),
            _ => Vec::new(),
        }
    };
    let mut within = inside(kind);
    for name in names {
        let attributes = |id: &ComponentId| -> &Attributes { &registry.component(*id).attributes };
        let found: Vec<_> = within.iter().filter_map(|id| attributes(id).get(name)).map(|(_, a)| a).collect();
        if found.is_empty() || found.iter().any(|a| access.hides_attribute(a)) {
            return false;
        }
        within = found.iter().flat_map(|a| inside(&a.kind)).collect();
    }
    true
}
