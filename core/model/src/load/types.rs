//! Builds the registry from parsed files.

use super::attributes::{Owner, attributes};
use super::files::{Role, SchemaFile};
use super::report::{Report, Site};
use super::{builtin, graph, names, relations, unique_keys};
use crate::content_type::{Attributes, Component, ComponentId, ContentType, Kind, Source, TypeId};
use crate::registry::{FILE_UID, ROLE_UID, Registry, USER_UID};
use serde_json::{Map, Value as Json};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// A content type or component before its attributes are read.
pub(super) struct Raw {
    pub(super) file: String,
    pub(super) uid: String,
    /// The uid that Strapi gives it, if that is another.
    strapi_uid: Option<String>,
    pub(super) schema: Map<String, Json>,
}

impl Raw {
    /// Its attributes as in the file; their order is that of attribute ids.
    pub(super) fn attributes(&self) -> Option<&Map<String, Json>> {
        self.schema.get("attributes")?.as_object()
    }

    fn source(&self) -> Source {
        Source { file: self.file.as_str().into(), schema: Arc::new(self.schema.clone()) }
    }

    /// Whether it is a built-in type, which a project does not define itself.
    pub(super) fn is_builtin(&self) -> bool {
        self.uid.starts_with("plugin::")
    }
}

/// The things that attributes refer to.
pub(super) struct Context<'a> {
    pub(super) types: &'a [Raw],
    pub(super) type_ids: HashMap<&'a str, TypeId>,
    pub(super) component_ids: HashMap<&'a str, ComponentId>,
}

/// Builds the registry; `None` (with a problem reported) if there are more types than ids. `plugins`: the ids of the project's plugins.
pub(super) fn build(files: Vec<SchemaFile>, plugins: &[String], report: &Report) -> Option<Registry> {
    let (types, mut components) = sort(files, report);
    small_letters(&types, &mut components);
    let mut type_ids = ids(&types, report, TypeId)?;
    // A folder may be called otherwise than its uid in Strapi.
    for (raw, id) in types.iter().zip(0..) {
        if let Some(uid) = raw.strapi_uid.as_deref() {
            type_ids.entry(uid).or_insert(TypeId(id));
        }
    }
    let context = Context { types: &types, type_ids, component_ids: ids(&components, report, ComponentId)? };
    let mut links = Vec::new();
    let mut built_types = Vec::new();
    for (raw, id) in types.iter().zip(0..) {
        built_types.push(content_type(&context, raw, TypeId(id), report, &mut links));
    }
    let mut built_components = Vec::new();
    for (raw, id) in components.iter().zip(0..) {
        built_components.push(component(&context, raw, ComponentId(id), report, &mut links));
    }
    let sides = relations::sides(&context, &built_types, &links, report);
    relations::settle(&mut built_types, &sides);
    unique_keys::settle(&mut built_types, &types, report);
    graph::check(&built_components, &components, report);
    distinct_names(&built_types, &types, plugins, report);
    Some(Registry::new(built_types, built_components))
}

/// Names that plugins cannot have: those of Cairn's parts and routes.
const RESERVED: [&str; 8] = ["admin", "auth", "graphql", "i18n", "roles", "upload", "users", "users-permissions"];

/// Folder of the plugins of a Strapi project.
const OF_STRAPI: &str = "src/plugins/";

/// Sorts the built-in types and the files into types and components. The file of the user type extends the built-in one.
fn sort(files: Vec<SchemaFile>, report: &Report) -> (Vec<Raw>, Vec<Raw>) {
    let built_in = |uid: &str, schema| Raw { file: format!("({uid})"), uid: uid.to_owned(), strapi_uid: None, schema };
    let mut user = built_in(USER_UID, builtin::user());
    let mut types = vec![built_in(FILE_UID, builtin::file()), built_in(ROLE_UID, builtin::role())];
    let mut components = Vec::new();
    let mut extended = false;
    for SchemaFile { file, role, schema } in files {
        let role = named(role, &report.file(&file));
        match role {
            Role::ContentType { api, name } => {
                let uid = format!("api::{api}.{name}");
                let strapi_uid = format!("api::{}.{}", names::kebab(&api), names::kebab(&name));
                let strapi_uid = (strapi_uid != uid).then_some(strapi_uid);
                types.push(Raw { uid, strapi_uid, file, schema });
            }
            // Strapi has plugins of its own of most of these names, and a project's own takes their place.
            Role::Plugin { plugin, .. } if RESERVED.contains(&plugin.as_str()) && file.starts_with(OF_STRAPI) => {
                report.file(&file).tolerate(format!("`{plugin}` is not a valid plugin name; ignoring its types"));
            }
            Role::Plugin { plugin, .. } if RESERVED.contains(&plugin.as_str()) => {
                report.file(&file).problem(format!("`{plugin}` is not a valid plugin name"));
            }
            Role::Plugin { plugin, name } => {
                types.push(Raw { uid: format!("plugin::{plugin}.{name}"), strapi_uid: None, file, schema });
            }
            Role::Component { category, name } => {
                let uid = format!("{category}.{name}");
                let strapi_uid = Some(uid.to_lowercase()).filter(|small| *small != uid);
                components.push(Raw { uid, strapi_uid, file, schema })
            }
            Role::User if extended => {
                report.file(&file).problem(format!("{} already extends the user type", user.file))
            }
            Role::User => {
                extended = true;
                user = extend_user(user, file, schema, report);
            }
        }
    }
    types.insert(1, user);
    (types, components)
}

/// Makes the names of a role valid parts of a uid, or reports a problem. A folder of a type that is not valid gets the
/// name that Strapi gives it.
fn named(role: Role, site: &Site<'_>) -> Role {
    let of_type = |name: String| match names::uid_part(&name) {
        Ok(()) => name,
        Err(problem) => {
            let kebab = names::kebab(&name);
            match names::uid_part(&kebab) {
                Ok(()) => site.tolerate(format!("{problem}; using `{kebab}`")),
                Err(_) => site.problem(problem),
            }
            kebab
        }
    };
    match role {
        Role::ContentType { api, name } => Role::ContentType { api: of_type(api), name: of_type(name) },
        Role::Plugin { plugin, name } => Role::Plugin { plugin: of_type(plugin), name: of_type(name) },
        Role::Component { category, name } => {
            for problem in [&category, &name].into_iter().filter_map(|part| names::component_part(part).err()) {
                site.problem(problem);
            }
            Role::Component { category, name }
        }
        Role::User => role,
    }
}

/// Applies Strapi's uids of components, which are the file's name in small letters. Cairn's is the name unchanged, unless the
/// project itself uses Strapi's.
fn small_letters(types: &[Raw], components: &mut [Raw]) {
    if components.iter().all(|component| component.strapi_uid.is_none()) {
        return;
    }
    let mut named: HashSet<String> = HashSet::new();
    for raw in types.iter().chain(components.iter()) {
        for attribute in raw.attributes().into_iter().flat_map(Map::values) {
            let one = attribute.get("component").into_iter();
            let zone = attribute.get("components").and_then(Json::as_array).into_iter().flatten();
            named.extend(one.chain(zone).filter_map(Json::as_str).map(str::to_owned));
        }
    }
    let taken: HashSet<String> = components.iter().map(|component| component.uid.clone()).collect();
    for component in components {
        if let Some(small) = component.strapi_uid.take()
            && named.contains(&small)
            && !named.contains(&component.uid)
            && !taken.contains(&small)
        {
            component.uid = small;
        }
    }
}

/// Extends the user type: the system attributes first and as they are built in, then those of the file.
fn extend_user(built_in: Raw, file: String, mut schema: Map<String, Json>, report: &Report) -> Raw {
    let own = match schema.remove("attributes") {
        Some(Json::Object(own)) => own,
        _ => {
            report.file(&file).at("attributes").problem("must be an object");
            Map::new()
        }
    };
    let mut all = built_in.attributes().cloned().unwrap_or_default();
    for (name, attribute) in own {
        all.entry(name).or_insert(attribute);
    }
    let mut schema = built_in.schema;
    schema.insert("attributes".to_owned(), Json::Object(all));
    Raw { file, schema, ..built_in }
}

fn ids<'a, Id>(raws: &'a [Raw], report: &Report, id: fn(u16) -> Id) -> Option<HashMap<&'a str, Id>> {
    let mut ids: HashMap<&str, Id> = HashMap::new();
    for (i, raw) in raws.iter().enumerate() {
        let Ok(number) = u16::try_from(i) else {
            report.file(&raw.file).problem("too many schema files");
            return None;
        };
        if ids.insert(&raw.uid, id(number)).is_some() {
            let other = raws.iter().find(|other| other.uid == raw.uid).map_or("", |other| &other.file);
            report.file(&raw.file).problem(format!("`{}` is already defined in {other}", raw.uid));
        }
    }
    Some(ids)
}

fn content_type(
    context: &Context<'_>,
    raw: &Raw,
    id: TypeId,
    report: &Report,
    links: &mut Vec<relations::Found>,
) -> ContentType {
    let site = report.file(&raw.file);
    let schema = &raw.schema;
    let kind = match site.optional_text(schema, "kind") {
        Some("collectionType") => Kind::Collection,
        Some("singleType") => Kind::Single,
        Some(other) => {
            let problem = format!("`{other}` is neither `collectionType` nor `singleType`; using collectionType");
            site.at("kind").tolerate(problem);
            Kind::Collection
        }
        None => {
            site.at("kind").tolerate("is missing; using collectionType");
            Kind::Collection
        }
    };
    let empty = Map::new();
    let info_site = site.at("info");
    let info = site.object(schema, "info").unwrap_or_else(|| {
        missing(&site, schema, "info");
        &empty
    });
    let name = |key: &str| {
        let name = info_site.text(info, key).unwrap_or_else(|| {
            if schema.contains_key("info") {
                missing(&info_site, info, key);
            }
            ""
        });
        if !name.is_empty()
            && !raw.is_builtin()
            && let Err(problem) = names::route(name)
        {
            info_site.at(key).problem(format!("`{name}` {problem}"));
        }
        name.to_owned()
    };
    let (singular, plural) = (name("singularName"), name("pluralName"));
    let (key, route) = if kind == Kind::Single { ("singularName", &singular) } else { ("pluralName", &plural) };
    if raw.uid.starts_with("api::") && names::is_reserved_route(route) {
        info_site.at(key).tolerate(format!(
            "`/api/{route}` is an address of Cairn itself; this type does not respond at the addresses that Cairn uses"
        ));
    }
    let table = table(&site, schema, &plural);
    let options = site.optional_object(schema, "options").unwrap_or(&empty);
    let localized = localized(&site, schema).unwrap_or(false);
    let owner = Owner::Type { id, localized };
    let attributes = attributes(context, raw, owner, &site, links);
    let indexes = indexes(&site.at("options"), options, &attributes);
    let preview_url = preview_url(&site.at("options"), options, &attributes);
    let channel = channel(&site.at("options"), options);
    ContentType {
        id,
        uid: raw.uid.clone(),
        kind,
        table,
        display_name: info_site.optional_text(info, "displayName").unwrap_or(&singular).to_owned(),
        description: info_site.optional_text(info, "description").unwrap_or_default().to_owned(),
        singular,
        plural,
        draft_publish: site.at("options").bool(options, "draftAndPublish").unwrap_or(false),
        localized,
        attributes,
        indexes,
        unique_keys: Vec::new(),
        preview_url,
        private_files: private_files(&site, schema).unwrap_or(false),
        channel,
        renamed_from: former(&site, raw, |former| former.starts_with("api::")),
        source: raw.source(),
    }
}

/// Reads `collectionName`, else the plural.
fn table(site: &Site<'_>, schema: &Map<String, Json>, plural: &str) -> String {
    let given = site.optional_text(schema, "collectionName").filter(|name| !name.is_empty());
    let name = given.map_or_else(|| plural.replace('-', "_"), str::to_owned);
    if name.is_empty() {
        return name;
    }
    let table = names::table(&name);
    if let Some(unusual) = table.unusual {
        site.at("collectionName").tolerate(format!("`{name}` {unusual}; its table is `{}`", table.name));
    }
    table.name
}

/// Reads `renamedFrom`: the uid that a type or component had before.
fn former(site: &Site<'_>, raw: &Raw, is_uid: fn(&str) -> bool) -> Option<String> {
    let former = site.text(&raw.schema, "renamedFrom")?;
    let site = site.at("renamedFrom");
    let two_parts = former.trim_start_matches("api::").split('.').filter(|part| !part.is_empty()).count() == 2;
    if former == raw.uid {
        site.problem("is its own uid");
    } else if !two_parts || !is_uid(former) {
        site.problem(format!("`{former}` does not have the form of `{}`", raw.uid));
    }
    Some(former.to_owned())
}

fn missing(site: &Site<'_>, map: &Map<String, Json>, key: &str) {
    // A value of the wrong type was reported when it was read.
    if map.get(key).is_none_or(Json::is_null) {
        site.at(key).problem("is missing");
    }
}

/// Reads `pluginOptions.i18n.localized`.
pub(super) fn localized(site: &Site<'_>, schema: &Map<String, Json>) -> Option<bool> {
    let plugins = site.optional_object(schema, "pluginOptions")?;
    let site = site.at("pluginOptions");
    site.at("i18n").strict_bool(site.optional_object(plugins, "i18n")?, "localized")
}

/// Reads `pluginOptions.upload.private`.
fn private_files(site: &Site<'_>, schema: &Map<String, Json>) -> Option<bool> {
    let plugins = site.object(schema, "pluginOptions")?;
    let site = site.at("pluginOptions");
    site.at("upload").bool(site.object(plugins, "upload")?, "private")
}

/// Reads `options.cairn.previewUrl`: an address with names in braces.
fn preview_url(site: &Site<'_>, options: &Map<String, Json>, attributes: &Attributes) -> Option<String> {
    // `indexes` tells where `cairn` is no object.
    let cairn = options.get("cairn").and_then(Json::as_object)?;
    let site = site.at("cairn").at("previewUrl");
    let url = match cairn.get("previewUrl") {
        None | Some(Json::Null) => return None,
        Some(Json::String(url)) if url.starts_with("https://") || url.starts_with("http://") => url,
        Some(_) => {
            site.problem("must be an address that begins with https:// or http://");
            return None;
        }
    };
    let mut rest = url.as_str();
    while let Some((_, after)) = rest.split_once('{') {
        let Some((name, after)) = after.split_once('}') else {
            site.problem("has a { without a matching }");
            return None;
        };
        let known = matches!(name, "documentId" | "locale" | "type" | "token")
            || attributes.get(name).is_some_and(|(_, a)| a.is_scalar() && !a.hidden());
        if !known {
            site.problem(format!(
                "names `{name}`, which is neither documentId, locale, type, token nor a readable scalar attribute"
            ));
            return None;
        }
        rest = after;
    }
    Some(url.clone())
}

/// Reads `options.cairn.channel`: a name.
fn channel(site: &Site<'_>, options: &Map<String, Json>) -> Option<String> {
    let cairn = options.get("cairn").and_then(Json::as_object)?;
    match cairn.get("channel") {
        None | Some(Json::Null) => None,
        Some(Json::String(name))
            if !name.trim().is_empty() && name.chars().count() <= 200 && !name.chars().any(char::is_control) =>
        {
            Some(name.trim().to_owned())
        }
        Some(_) => {
            site.at("cairn").at("channel").problem("must be a single-line name");
            None
        }
    }
}

/// Reads `options.cairn.indexes`: lists of scalar attributes.
fn indexes(site: &Site<'_>, options: &Map<String, Json>, attributes: &Attributes) -> Vec<Vec<usize>> {
    let Some(cairn) = site.object(options, "cairn") else { return Vec::new() };
    let site = site.at("cairn").at("indexes");
    let lists = match cairn.get("indexes") {
        None | Some(Json::Null) => return Vec::new(),
        Some(Json::Array(lists)) => lists,
        Some(_) => {
            site.problem("must be a list of lists of attribute names");
            return Vec::new();
        }
    };
    let mut indexes = Vec::new();
    for (i, list) in lists.iter().enumerate() {
        let site = site.at(&i.to_string());
        let names: Option<Vec<&str>> = list.as_array().and_then(|l| l.iter().map(Json::as_str).collect());
        let Some(names) = names.filter(|names| !names.is_empty()) else {
            site.problem("must be a list of attribute names");
            continue;
        };
        let mut index = Vec::new();
        for name in names {
            match attributes.get(name) {
                Some((id, attribute)) if attribute.is_scalar() && !index.contains(&id) => index.push(id),
                Some((_, attribute)) if attribute.is_scalar() => site.problem(format!("names `{name}` twice")),
                Some(_) => site.problem(format!("`{name}` has no column of its own and cannot be indexed")),
                None => site.problem(format!("attribute `{name}` not found")),
            }
        }
        indexes.push(index);
    }
    indexes
}

fn component(
    context: &Context<'_>,
    raw: &Raw,
    id: ComponentId,
    report: &Report,
    links: &mut Vec<relations::Found>,
) -> Component {
    let site = report.file(&raw.file);
    let empty = Map::new();
    let info = site.optional_object(&raw.schema, "info").unwrap_or(&empty);
    let name = raw.uid.rsplit('.').next().unwrap_or_default();
    Component {
        id,
        uid: raw.uid.clone(),
        display_name: site.at("info").optional_text(info, "displayName").unwrap_or(name).to_owned(),
        attributes: attributes(context, raw, Owner::Component, &site, links),
        renamed_from: former(&site, raw, |former| !former.contains("::")),
        source: raw.source(),
    }
}

/// Reports tables and names that are used twice; case makes no difference to databases.
fn distinct_names(types: &[ContentType], raws: &[Raw], plugins: &[String], report: &Report) {
    let mut tables: HashMap<String, &str> = HashMap::new();
    let mut taken: HashMap<(Option<&str>, &str), &str> = HashMap::new();
    for (ty, raw) in types.iter().zip(raws) {
        let site = report.file(&raw.file);
        if !ty.table.is_empty()
            && let Some(other) = tables.insert(ty.table.to_ascii_lowercase(), &ty.uid)
        {
            site.at("collectionName").problem(format!("the table `{}` already belongs to `{other}`", ty.table));
        }
        if !ty.is_api() {
            continue;
        }
        if !ty.singular.is_empty() && ty.singular == ty.plural {
            site.at("info.pluralName").problem("must differ from singularName");
            continue;
        }
        for (key, name) in [("singularName", &ty.singular), ("pluralName", &ty.plural)] {
            if !name.is_empty()
                && let Some(other) = taken.insert((ty.plugin(), name), &ty.uid)
            {
                site.at("info").at(key).problem(format!("the name `{name}` is already used by `{other}`"));
            }
            // What is below `/api/<name>/` would be the one's and the other's.
            if ty.plugin().is_none() && plugins.iter().any(|plugin| plugin == name) {
                let problem = format!(
                    "the name `{name}` is already used by the plugin `{name}`: give the type another name, or \
                     remove the plugin"
                );
                site.at("info").at(key).problem(problem);
            }
        }
    }
    for (ty, raw) in types.iter().zip(raws) {
        // Its types would be where those of the plugin are.
        if let Some(plugin) = ty.plugin()
            && let Some(other) = taken.get(&(None, plugin))
        {
            let told = format!("the plugin has the same name as `{other}`: `{plugin}`");
            let site = report.file(&raw.file);
            // The addresses of Strapi's plugins are what their code says, which is not run.
            if raw.file.starts_with(OF_STRAPI) { site.tolerate(told) } else { site.problem(told) }
        }
    }
}
