//! Builds the registry from parsed files.

use super::attributes::{SchemaOwner, read_attributes, read_localized};
use super::collations::CollationOption;
use super::context::LoadContext;
use super::file_options::{read_file_lock, read_private_files};
use super::raw_schema::RawSchema;
use super::report::{LoadReport, SchemaSite};
use super::schema_file::{SchemaFile, SchemaFileRole};
use super::strapi_source::CustomFields;
use super::{builtin, collations, graph, indexes, names, presentation, relations, unique_keys};
use crate::content_type::{Attributes, Component, ComponentId, ContentType, ContentTypeKind, TypeId};
use crate::registry::{FILE_UID, ROLE_UID, Registry, USER_UID};
use serde_json::{Map, Value as Json};
use std::collections::{HashMap, HashSet};

/// Builds the registry; `None` (with a problem reported) if there are more types than ids. `plugins`: the ids of the project's plugins.
pub(super) fn build_registry(
    files: Vec<SchemaFile>,
    plugins: &[String],
    custom_fields: &CustomFields,
    default_collation: &CollationOption,
    report: &LoadReport,
) -> Option<Registry> {
    let (types, mut components) = sort_files(files, report);
    adopt_strapi_uids(&types, &mut components);
    let mut type_ids = assign_ids(&types, report, TypeId)?;
    // A folder may be called otherwise than its uid in Strapi.
    for (raw, id) in types.iter().zip(0..) {
        if let Some(uid) = raw.strapi_uid.as_deref() {
            type_ids.entry(uid).or_insert(TypeId(id));
        }
    }
    let component_ids = assign_ids(&components, report, ComponentId)?;
    let context = LoadContext { types: &types, type_ids, component_ids, custom_fields };
    let mut links = Vec::new();
    let mut built_types = Vec::new();
    for (raw, id) in types.iter().zip(0..) {
        built_types.push(build_content_type(&context, raw, TypeId(id), report, &mut links));
    }
    let mut built_components = Vec::new();
    for (raw, id) in components.iter().zip(0..) {
        built_components.push(build_component(&context, raw, ComponentId(id), report, &mut links));
    }
    let sides = relations::match_sides(&context, &built_types, &links, report);
    relations::apply_sides(&mut built_types, &sides);
    indexes::resolve_indexes(&mut built_types, &types, report);
    unique_keys::resolve_unique_keys(&mut built_types, &types, report);
    collations::resolve_collations(&mut built_types, &types, default_collation, report);
    graph::check_nesting(&built_components, &components, report);
    check_distinct_names(&built_types, &types, plugins, report);
    Some(Registry::new(built_types, built_components))
}

/// Names that plugins cannot have: those of Cairn's parts and routes.
const RESERVED_PLUGIN_IDS: [&str; 8] =
    ["admin", "auth", "graphql", "i18n", "roles", "upload", "users", "users-permissions"];

/// Folder of the plugins of a Strapi project.
const STRAPI_PLUGINS_FOLDER: &str = "src/plugins/";

/// Sorts the built-in types and the files into types and components. The file of the user type extends the built-in one.
fn sort_files(files: Vec<SchemaFile>, report: &LoadReport) -> (Vec<RawSchema>, Vec<RawSchema>) {
    let built_in =
        |uid: &str, schema| RawSchema { file: format!("({uid})"), uid: uid.to_owned(), strapi_uid: None, schema };
    let mut user = built_in(USER_UID, builtin::user_schema());
    let mut types = vec![built_in(FILE_UID, builtin::file_schema()), built_in(ROLE_UID, builtin::role_schema())];
    let mut components = Vec::new();
    let mut extended = false;
    for SchemaFile { file, role, schema } in files {
        let role = with_valid_names(role, &file, report);
        match role {
            SchemaFileRole::ContentType { api, name } => {
                let uid = format!("api::{api}.{name}");
                let strapi_uid = format!("api::{}.{}", names::to_kebab_case(&api), names::to_kebab_case(&name));
                let strapi_uid = (strapi_uid != uid).then_some(strapi_uid);
                types.push(RawSchema { uid, strapi_uid, file, schema });
            }
            // Strapi has plugins of its own of most of these names, and a project's own takes their place.
            SchemaFileRole::Plugin { plugin, .. }
                if RESERVED_PLUGIN_IDS.contains(&plugin.as_str()) && file.starts_with(STRAPI_PLUGINS_FOLDER) =>
            {
                report
                    .file_site(&file)
                    .report_tolerated(format!("`{plugin}` is not a valid plugin name; ignoring its types"));
            }
            SchemaFileRole::Plugin { plugin, .. } if RESERVED_PLUGIN_IDS.contains(&plugin.as_str()) => {
                report.file_site(&file).report_problem(format!("`{plugin}` is not a valid plugin name"));
            }
            SchemaFileRole::Plugin { plugin, name } => {
                types.push(RawSchema { uid: format!("plugin::{plugin}.{name}"), strapi_uid: None, file, schema });
            }
            SchemaFileRole::Component { category, name } => {
                let uid = format!("{category}.{name}");
                let strapi_uid = Some(uid.to_lowercase()).filter(|small| *small != uid);
                components.push(RawSchema { uid, strapi_uid, file, schema })
            }
            SchemaFileRole::User if extended => {
                report.file_site(&file).report_problem(format!("{} already extends the user type", user.file))
            }
            SchemaFileRole::User => {
                extended = true;
                user = extend_user(user, file, schema, report);
            }
        }
    }
    types.insert(1, user);
    (types, components)
}

/// Makes the names of a role valid parts of a uid, or reports a problem of the folder that has the name, once for all files in it. A folder
/// of a type that is not valid gets the name that Strapi gives it.
fn with_valid_names(role: SchemaFileRole, file: &str, report: &LoadReport) -> SchemaFileRole {
    let of_type = |name: String, place: &str| match names::check_uid_part(&name) {
        Ok(()) => name,
        Err(problem) => {
            let (kebab, site) = (names::to_kebab_case(&name), report.file_site(place));
            match names::check_uid_part(&kebab) {
                Ok(()) => site.report_tolerated(format!("{problem}; using `{kebab}`")),
                Err(_) => site.report_problem(problem),
            }
            kebab
        }
    };
    let type_folder = parent_folder(file, 1);
    match role {
        SchemaFileRole::ContentType { api, name } => {
            SchemaFileRole::ContentType { api: of_type(api, parent_folder(file, 3)), name: of_type(name, type_folder) }
        }
        SchemaFileRole::Plugin { plugin, name } => {
            let plugin_folder = file.split_once("/server/").map_or(parent_folder(file, 3), |(folder, _)| folder);
            SchemaFileRole::Plugin { plugin: of_type(plugin, plugin_folder), name: of_type(name, type_folder) }
        }
        SchemaFileRole::Component { category, name } => {
            for (part, place) in [(&category, type_folder), (&name, file)] {
                if let Err(problem) = names::check_component_part(part) {
                    report.file_site(place).report_problem(problem);
                }
            }
            SchemaFileRole::Component { category, name }
        }
        SchemaFileRole::User => role,
    }
}

/// The folder that many levels above a file.
fn parent_folder(file: &str, levels: usize) -> &str {
    (0..levels).fold(file, |path, _| path.rsplit_once('/').map_or("", |(folder, _)| folder))
}

/// Applies Strapi's uids of components, which are the file's name in small letters. Cairn's is the name unchanged, unless the
/// project itself uses Strapi's.
fn adopt_strapi_uids(types: &[RawSchema], components: &mut [RawSchema]) {
    if components.iter().all(|component| component.strapi_uid.is_none()) {
        return;
    }
    let mut referenced: HashSet<String> = HashSet::new();
    for raw in types.iter().chain(components.iter()) {
        for attribute in raw.attributes().into_iter().flat_map(Map::values) {
            let one = attribute.get("component").into_iter();
            let zone = attribute.get("components").and_then(Json::as_array).into_iter().flatten();
            referenced.extend(one.chain(zone).filter_map(Json::as_str).map(str::to_owned));
        }
    }
    let used_uids: HashSet<String> = components.iter().map(|component| component.uid.clone()).collect();
    for component in components {
        if let Some(small) = component.strapi_uid.take()
            && referenced.contains(&small)
            && !referenced.contains(&component.uid)
            && !used_uids.contains(&small)
        {
            component.uid = small;
        }
    }
}

/// Extends the user type: the system attributes first and as they are built in, then those of the file.
fn extend_user(built_in: RawSchema, file: String, mut schema: Map<String, Json>, report: &LoadReport) -> RawSchema {
    let own = match schema.remove("attributes") {
        Some(Json::Object(own)) => own,
        _ => {
            report.file_site(&file).at_key("attributes").report_problem("must be an object");
            Map::new()
        }
    };
    if own.contains_key(builtin::EMAIL_VERIFIED) {
        // Existing values would be trusted, although it is unknown who could set them. A rename keeps them, and Cairn's attribute begins empty.
        let message = "Cairn has an attribute of this name, which says whose address it is: give this one another name, and \
                       `\"renamedFrom\": \"emailVerified\"`, so that its values go there";
        report.file_site(&file).at_key("attributes").at_key(builtin::EMAIL_VERIFIED).report_problem(message);
    }
    let mut all = built_in.attributes().cloned().unwrap_or_default();
    for (name, attribute) in own {
        all.entry(name).or_insert(attribute);
    }
    let mut schema = built_in.schema;
    schema.insert("attributes".to_owned(), Json::Object(all));
    RawSchema { file, schema, ..built_in }
}

fn assign_ids<'a, Id>(raws: &'a [RawSchema], report: &LoadReport, id: fn(u16) -> Id) -> Option<HashMap<&'a str, Id>> {
    let mut ids: HashMap<&str, Id> = HashMap::new();
    for (i, raw) in raws.iter().enumerate() {
        let Ok(number) = u16::try_from(i) else {
            report.file_site(&raw.file).report_problem("too many schema files");
            return None;
        };
        if ids.insert(&raw.uid, id(number)).is_some() {
            let other = raws.iter().find(|other| other.uid == raw.uid).map_or("", |other| &other.file);
            report.file_site(&raw.file).report_problem(format!("`{}` is already defined in {other}", raw.uid));
        }
    }
    Some(ids)
}

fn build_content_type(
    context: &LoadContext<'_>,
    raw: &RawSchema,
    id: TypeId,
    report: &LoadReport,
    links: &mut Vec<relations::DeclaredRelation>,
) -> ContentType {
    let site = report.file_site(&raw.file);
    let schema = &raw.schema;
    let kind = match site.optional_text(schema, "kind") {
        Some("collectionType") => ContentTypeKind::Collection,
        Some("singleType") => ContentTypeKind::Single,
        Some(other) => {
            let problem = format!("`{other}` is neither `collectionType` nor `singleType`; using collectionType");
            site.at_key("kind").report_tolerated(problem);
            ContentTypeKind::Collection
        }
        None => {
            site.at_key("kind").report_tolerated("is missing; using collectionType");
            ContentTypeKind::Collection
        }
    };
    let empty = Map::new();
    let info_site = site.at_key("info");
    let info = site.object_option(schema, "info").unwrap_or_else(|| {
        report_missing(&site, schema, "info");
        &empty
    });
    let name = |key: &str| {
        let name = info_site.text_option(info, key).unwrap_or_else(|| {
            if schema.contains_key("info") {
                report_missing(&info_site, info, key);
            }
            ""
        });
        if !name.is_empty()
            && !raw.is_of_plugin()
            && let Err(problem) = names::check_route(name)
        {
            info_site.at_key(key).report_problem(format!("`{name}` {problem}"));
        }
        name.to_owned()
    };
    let (singular, plural) = (name("singularName"), name("pluralName"));
    let (key, route) =
        if kind == ContentTypeKind::Single { ("singularName", &singular) } else { ("pluralName", &plural) };
    if raw.uid.starts_with("api::") && names::is_reserved_route(route) {
        info_site.at_key(key).report_tolerated(format!(
            "`/api/{route}` is an address of Cairn itself; this type does not respond at the addresses that Cairn uses"
        ));
    }
    let table = read_table(&site, schema, &plural);
    let options = site.optional_object(schema, "options").unwrap_or(&empty);
    let localized = read_localized(&site, schema).unwrap_or(false);
    let owner = SchemaOwner::Type { id, localized };
    let attributes = read_attributes(context, raw, owner, &site, links);
    let preview_url = read_preview_url(&site.at_key("options"), options, &attributes);
    let channel = read_channel(&site.at_key("options"), options);
    let locked_files = read_file_lock(&site, schema, &attributes);
    let presentation = presentation::read_type_presentation(schema, &attributes, &site);
    ContentType {
        id,
        uid: raw.uid.clone(),
        kind,
        table,
        display_name: info_site.optional_text(info, "displayName").unwrap_or(&singular).to_owned(),
        description: info_site.optional_text(info, "description").unwrap_or_default().to_owned(),
        singular,
        plural,
        draft_publish: site.at_key("options").bool_option(options, "draftAndPublish").unwrap_or(false),
        localized,
        attributes,
        indexes: Vec::new(),
        unique_keys: Vec::new(),
        collation: None,
        preview_url,
        private_files: read_private_files(&site, schema).unwrap_or(false),
        locked_files,
        channel,
        presentation,
        renamed_from: read_former_uid(&site, raw, |former| former.starts_with("api::")),
        source: raw.source(),
    }
}

/// Reads `collectionName`, else the plural.
fn read_table(site: &SchemaSite<'_>, schema: &Map<String, Json>, plural: &str) -> String {
    let declared = site.optional_text(schema, "collectionName").filter(|name| !name.is_empty());
    let name = declared.map_or_else(|| plural.replace('-', "_"), str::to_owned);
    if name.is_empty() {
        return name;
    }
    let table = names::table_identifier(&name);
    if let Some(unusual) = table.unusual {
        site.at_key("collectionName").report_tolerated(format!("`{name}` {unusual}; its table is `{}`", table.name));
    }
    table.name
}

/// Reads `renamedFrom`: the uid that a type or component had before.
fn read_former_uid(site: &SchemaSite<'_>, raw: &RawSchema, is_uid: fn(&str) -> bool) -> Option<String> {
    let former = site.text_option(&raw.schema, "renamedFrom")?;
    let site = site.at_key("renamedFrom");
    let two_parts = former.trim_start_matches("api::").split('.').filter(|part| !part.is_empty()).count() == 2;
    if former == raw.uid {
        site.report_problem("is its own uid");
    } else if !two_parts || !is_uid(former) {
        site.report_problem(format!("`{former}` does not have the form of `{}`", raw.uid));
    }
    Some(former.to_owned())
}

fn report_missing(site: &SchemaSite<'_>, map: &Map<String, Json>, key: &str) {
    // A value of the wrong type was reported when it was read.
    if map.get(key).is_none_or(Json::is_null) {
        site.at_key(key).report_problem("is missing");
    }
}

/// Reads `options.cairn.previewUrl`: an address with names in braces.
fn read_preview_url(site: &SchemaSite<'_>, options: &Map<String, Json>, attributes: &Attributes) -> Option<String> {
    // `indexes` tells where `cairn` is no object.
    let cairn = options.get("cairn").and_then(Json::as_object)?;
    let site = site.at_key("cairn").at_key("previewUrl");
    let url = match cairn.get("previewUrl") {
        None | Some(Json::Null) => return None,
        Some(Json::String(url)) if url.starts_with("https://") || url.starts_with("http://") => url,
        Some(_) => {
            site.report_problem("must be an address that begins with https:// or http://");
            return None;
        }
    };
    let mut rest = url.as_str();
    while let Some((_, after)) = rest.split_once('{') {
        let Some((name, after)) = after.split_once('}') else {
            site.report_problem("has a { without a matching }");
            return None;
        };
        let known = matches!(name, "documentId" | "locale" | "type" | "token")
            || attributes.get(name).is_some_and(|(_, a)| a.is_scalar() && !a.is_hidden());
        if !known {
            site.report_problem(format!(
                "names `{name}`, which is neither documentId, locale, type, token nor a readable scalar attribute"
            ));
            return None;
        }
        rest = after;
    }
    Some(url.clone())
}

/// Reads `options.cairn.channel`: a name.
fn read_channel(site: &SchemaSite<'_>, options: &Map<String, Json>) -> Option<String> {
    let cairn = options.get("cairn").and_then(Json::as_object)?;
    match cairn.get("channel") {
        None | Some(Json::Null) => None,
        Some(Json::String(name))
            if !name.trim().is_empty() && name.chars().count() <= 200 && !name.chars().any(char::is_control) =>
        {
            Some(name.trim().to_owned())
        }
        Some(_) => {
            site.at_key("cairn").at_key("channel").report_problem("must be a single-line name");
            None
        }
    }
}

fn build_component(
    context: &LoadContext<'_>,
    raw: &RawSchema,
    id: ComponentId,
    report: &LoadReport,
    links: &mut Vec<relations::DeclaredRelation>,
) -> Component {
    let site = report.file_site(&raw.file);
    let empty = Map::new();
    let info = site.optional_object(&raw.schema, "info").unwrap_or(&empty);
    let name = raw.uid.rsplit('.').next().unwrap_or_default();
    Component {
        id,
        uid: raw.uid.clone(),
        display_name: site.at_key("info").optional_text(info, "displayName").unwrap_or(name).to_owned(),
        presentation: presentation::read_component_presentation(&raw.schema, &site),
        attributes: read_attributes(context, raw, SchemaOwner::Component, &site, links),
        renamed_from: read_former_uid(&site, raw, |former| !former.contains("::")),
        source: raw.source(),
    }
}

/// Reports tables and names that are used twice; case makes no difference to databases.
fn check_distinct_names(types: &[ContentType], raws: &[RawSchema], plugins: &[String], report: &LoadReport) {
    let mut tables: HashMap<String, &str> = HashMap::new();
    let mut used_names: HashMap<(Option<&str>, &str), &str> = HashMap::new();
    for (ty, raw) in types.iter().zip(raws) {
        let site = report.file_site(&raw.file);
        if !ty.table.is_empty()
            && let Some(other) = tables.insert(ty.table.to_ascii_lowercase(), &ty.uid)
        {
            site.at_key("collectionName")
                .report_problem(format!("the table `{}` already belongs to `{other}`", ty.table));
        }
        if !ty.is_api() {
            continue;
        }
        if !ty.singular.is_empty() && ty.singular == ty.plural {
            site.at_key("info.pluralName").report_problem("must differ from singularName");
            continue;
        }
        for (key, name) in [("singularName", &ty.singular), ("pluralName", &ty.plural)] {
            if !name.is_empty()
                && let Some(other) = used_names.insert((ty.plugin_id(), name), &ty.uid)
            {
                site.at_key("info")
                    .at_key(key)
                    .report_problem(format!("the name `{name}` is already used by `{other}`"));
            }
            // The routes below `/api/<name>/` would belong to the type and to the plugin.
            if ty.plugin_id().is_none() && plugins.iter().any(|plugin| plugin == name) {
                let problem = format!(
                    "the name `{name}` is already used by the plugin `{name}`: give the type another name, or \
                     remove the plugin"
                );
                site.at_key("info").at_key(key).report_problem(problem);
            }
        }
    }
    for (ty, raw) in types.iter().zip(raws) {
        // The plugin's types would have routes below those of the other type.
        if let Some(plugin) = ty.plugin_id()
            && let Some(other) = used_names.get(&(None, plugin))
        {
            let message = format!("the plugin has the same name as `{other}`: `{plugin}`");
            let site = report.file_site(&raw.file);
            // The addresses of Strapi's plugins are what their code says, which is not run.
            if raw.file.starts_with(STRAPI_PLUGINS_FOLDER) {
                site.report_tolerated(message)
            } else {
                site.report_problem(message)
            }
        }
    }
}
