//! Content types and components in the shape of Strapi's content-type builder.

use cairn_model::{Attributes, Component, ContentType, ContentTypeKind, FILE_UID, ROLE_UID};
use serde_json::{Map, Value as Json, json};

/// Formats a content type: its schema, and how the builder treats it.
pub(super) fn format_content_type(ct: &ContentType) -> Json {
    let source = &ct.source.schema;
    let (plugin, name) = split_uid(&ct.uid);
    let visible = is_visible(ct);
    let mut schema = format_options(source);
    schema.insert("draftAndPublish".into(), ct.draft_publish.into());
    schema.insert("displayName".into(), ct.display_name.clone().into());
    schema.insert("singularName".into(), ct.singular.clone().into());
    schema.insert("pluralName".into(), ct.plural.clone().into());
    schema.insert("description".into(), ct.description.clone().into());
    schema.insert("pluginOptions".into(), plugin_options(source));
    let kind = match ct.kind {
        ContentTypeKind::Collection => "collectionType",
        ContentTypeKind::Single => "singleType",
    };
    schema.insert("kind".into(), kind.into());
    schema.insert("collectionName".into(), source.get("collectionName").cloned().unwrap_or(json!(ct.table)));
    schema.insert("attributes".into(), format_attributes(source, &ct.attributes));
    schema.insert("visible".into(), visible.into());
    let restricted = if visible && ct.uid != FILE_UID { Json::Null } else { json!([]) };
    schema.insert("restrictRelationsTo".into(), restricted);
    let mut content_type = Map::new();
    content_type.insert("uid".into(), ct.uid.clone().into());
    if let Some(plugin) = plugin {
        content_type.insert("plugin".into(), plugin.into());
    }
    content_type.insert("apiID".into(), name.into());
    content_type.insert("schema".into(), schema.into());
    content_type.into()
}

/// Formats a component.
pub(super) fn format_component(component: &Component) -> Json {
    let source = &component.source.schema;
    let (category, name) = component.uid.split_once('.').unwrap_or(("", &component.uid));
    let info = |key: &str| source.get("info").and_then(|info| info.get(key));
    let mut schema = Map::new();
    schema.insert("displayName".into(), component.display_name.clone().into());
    schema.insert("description".into(), info("description").cloned().unwrap_or(json!("")));
    if let Some(icon) = info("icon") {
        schema.insert("icon".into(), icon.clone());
    }
    if let Some(collection_name) = source.get("collectionName") {
        schema.insert("collectionName".into(), collection_name.clone());
    }
    schema.insert("pluginOptions".into(), plugin_options(source));
    schema.insert("attributes".into(), format_attributes(source, &component.attributes));
    json!({ "uid": component.uid, "category": category, "apiId": name, "schema": schema })
}

/// The plugin of a uid (`None` for a type of the project), and the name of the type.
fn split_uid(uid: &str) -> (Option<&str>, &str) {
    let (owner, name) = uid.split_once('.').unwrap_or(("", uid));
    (owner.strip_prefix("plugin::"), name)
}

/// True if the builder shows a type. Files and roles are hidden there in Strapi.
fn is_visible(ct: &ContentType) -> bool {
    let builder = ct.source.schema.get("pluginOptions").and_then(|options| options.get("content-type-builder"));
    match builder.and_then(|options| options.get("visible")) {
        Some(visible) => *visible == json!(true),
        None => ct.uid != FILE_UID && ct.uid != ROLE_UID,
    }
}

/// The options of a schema file but for Cairn's own: an address of previews may have a secret of the front end in it.
fn format_options(source: &Map<String, Json>) -> Map<String, Json> {
    let mut options = source.get("options").and_then(Json::as_object).cloned().unwrap_or_default();
    options.remove("cairn");
    options
}

fn plugin_options(source: &Map<String, Json>) -> Json {
    let mut options = source.get("pluginOptions").cloned().unwrap_or_else(|| json!({}));
    remove_presentation(&mut options);
    options
}

/// Removes what the admin alone reads.
fn remove_presentation(plugin_options: &mut Json) {
    if let Some(plugins) = plugin_options.as_object_mut() {
        plugins.shift_remove("cairn");
    }
}

/// The attributes that entries have, in the order of the file, without those that the builder hides.
fn format_attributes(source: &Map<String, Json>, attributes: &Attributes) -> Json {
    let all = source.get("attributes").and_then(Json::as_object).into_iter().flatten();
    let exists = |name: &str| attributes.get(name).is_some_and(|(_, attribute)| !attribute.is_unlinked());
    let shown = all.filter(|(name, attribute)| exists(name) && attribute.get("visible") != Some(&json!(false)));
    Json::Object(shown.map(|(name, attribute)| (name.clone(), format_attribute(attribute))).collect())
}

/// An attribute as the file has it, without what the admin alone reads. Media and relations say more of themselves, in Strapi's way.
fn format_attribute(attribute: &Json) -> Json {
    let mut attribute = attribute.clone();
    if let Some(options) = attribute.as_object_mut()
        && let Some(plugin_options) = options.get_mut("pluginOptions")
        && plugin_options.get("cairn").is_some()
    {
        remove_presentation(plugin_options);
        if *plugin_options == json!({}) {
            options.shift_remove("pluginOptions");
        }
    }
    let get = |key: &str| attribute.get(key).cloned();
    let mut formatted = match get("type").as_ref().and_then(Json::as_str) {
        Some("media") => {
            let is_set = |key: &str| Json::from(attribute.get(key) == Some(&json!(true)));
            let mut media = Map::new();
            media.insert("type".into(), "media".into());
            media.insert("multiple".into(), is_set("multiple"));
            media.insert("required".into(), is_set("required"));
            for key in ["configurable", "allowedTypes", "pluginOptions"] {
                media.extend(get(key).map(|value| (key.to_owned(), value)));
            }
            media
        }
        Some("relation") => {
            let mut relation = attribute.as_object().cloned().unwrap_or_default();
            let across = get("inversedBy").or_else(|| get("mappedBy")).unwrap_or(Json::Null);
            relation.insert("targetAttribute".into(), across);
            relation
        }
        _ => return attribute,
    };
    formatted.insert("private".into(), Json::from(attribute.get("private") == Some(&json!(true))));
    // The key `configurable` is only returned if it is false.
    if formatted.get("configurable") != Some(&json!(false)) {
        formatted.remove("configurable");
    }
    Json::Object(formatted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn media_and_relations_are_formatted_as_in_strapi() {
        let media = json!({"type": "media", "multiple": true, "allowedTypes": ["images"], "configurable": true});
        assert_eq!(
            format_attribute(&media),
            json!({"type": "media", "multiple": true, "required": false, "private": false, "allowedTypes": ["images"]})
        );
        let relation = json!({"type": "relation", "relation": "oneToMany", "target": "api::a.a", "mappedBy": "b"});
        assert_eq!(
            format_attribute(&relation),
            json!({
                "type": "relation", "relation": "oneToMany", "target": "api::a.a", "mappedBy": "b",
                "targetAttribute": "b", "private": false,
            })
        );
        let text = json!({"type": "string", "required": true, "pluginOptions": {"i18n": {"localized": true}}});
        assert_eq!(format_attribute(&text), text);
        let mut labelled = text.clone();
        labelled["pluginOptions"]["cairn"] = json!({"label": "Heading"});
        assert_eq!(format_attribute(&labelled), text);
    }

    #[test]
    fn uids_are_split_into_plugin_and_name() {
        assert_eq!(split_uid("api::article.article"), (None, "article"));
        assert_eq!(split_uid("plugin::upload.file"), (Some("upload"), "file"));
    }
}
