//! Responses of the content API in the format of Strapi 4, for clients that send `Strapi-Response-Format: v4`, as Strapi 5 allows:
//! attributes below `attributes`, related entries and files below `data`.
//!
//! The rules are those of Strapi 5's `core-api/controller/transform.ts`. A response is made as usual and its parts are moved: no value is
//! parsed, so none can change. Without the header none of this runs.

use crate::error::WireError;
use crate::object_members::ObjectMembers;
use axum::http::header::{HeaderMap, HeaderName, HeaderValue};
use cairn_model::{Attributes, ContentType, FieldKind, Registry};
use serde_json::value::RawValue;

/// Name of the header, in requests and in `Vary`.
pub const V4_FORMAT_HEADER: HeaderName = HeaderName::from_static("strapi-response-format");
/// Value of `Vary` for every response that the header can change.
pub const VARY_BY_V4_FORMAT: HeaderValue = HeaderValue::from_static("Strapi-Response-Format");

/// True if a request asks for the format of Strapi 4.
pub fn is_v4_requested(headers: &HeaderMap) -> bool {
    headers.get(V4_FORMAT_HEADER).is_some_and(|format| format == "v4")
}

/// The body in the format that the request asks for: `{data, meta}` of entries of that type. Fails for a body that is not of this form,
/// which is a fault of ours.
pub fn shape_body(
    registry: &Registry,
    ct: &ContentType,
    headers: &HeaderMap,
    body: Vec<u8>,
) -> Result<Vec<u8>, WireError> {
    if !is_v4_requested(headers) {
        return Ok(body);
    }
    let mut shape = V4Writer { registry, out: Vec::with_capacity(body.len() + body.len() / 4) };
    shape.write_answer(ct, &body).map_err(WireError::internal)?;
    Ok(shape.out)
}

/// The owner of attributes.
#[derive(Clone, Copy)]
enum AttributeOwner<'a> {
    Type(&'a ContentType),
    Component(&'a Attributes),
    /// A value that has no type here.
    Nothing,
}

impl<'a> AttributeOwner<'a> {
    fn attributes(self) -> Option<&'a Attributes> {
        match self {
            Self::Type(ct) => Some(&ct.attributes),
            Self::Component(attributes) => Some(attributes),
            Self::Nothing => None,
        }
    }
}

struct V4Writer<'a> {
    registry: &'a Registry,
    out: Vec<u8>,
}

impl<'a> V4Writer<'a> {
    fn write_answer(&mut self, ct: &'a ContentType, body: &[u8]) -> serde_json::Result<()> {
        let ObjectMembers(members) = serde_json::from_slice(body)?;
        self.out.push(b'{');
        for (i, (key, value)) in members.iter().enumerate() {
            self.write_key(key, i == 0);
            match key.as_str() {
                "data" => self.write_each(value, |shape, one| shape.write_entry(AttributeOwner::Type(ct), one))?,
                _ => self.write_text(value.get()),
            }
        }
        self.out.push(b'}');
        Ok(())
    }

    /// Converts one object or a list of them; other values stay.
    fn write_each(
        &mut self,
        value: &RawValue,
        write: impl Fn(&mut Self, &RawValue) -> serde_json::Result<()>,
    ) -> serde_json::Result<()> {
        match value.get().as_bytes().first() {
            Some(b'{') => write(self, value),
            Some(b'[') => {
                let list: Vec<&RawValue> = serde_json::from_str(value.get())?;
                self.out.push(b'[');
                for (i, one) in list.into_iter().enumerate() {
                    if i > 0 {
                        self.out.push(b',');
                    }
                    if one.get().starts_with('{') {
                        write(self, one)?;
                    } else {
                        self.write_text(one.get());
                    }
                }
                self.out.push(b']');
                Ok(())
            }
            _ => {
                self.write_text(value.get());
                Ok(())
            }
        }
    }

    /// Writes `{id, documentId, attributes}`.
    fn write_entry(&mut self, owner: AttributeOwner<'a>, entry: &RawValue) -> serde_json::Result<()> {
        let ObjectMembers(members) = serde_json::from_str(entry.get())?;
        self.out.push(b'{');
        let mut first = true;
        for (key, value) in members.iter().filter(|(key, _)| is_identity(key)) {
            self.write_key(key, first);
            self.write_text(value.get());
            first = false;
        }
        self.write_key("attributes", first);
        self.out.push(b'{');
        let mut first = true;
        for (key, value) in members.iter().filter(|(key, _)| !is_identity(key)) {
            self.write_key(key, first);
            self.write_attribute(owner, key, value)?;
            first = false;
        }
        self.out.extend_from_slice(b"}}");
        Ok(())
    }

    /// Writes `{id, …}`: a component stays flat.
    fn write_component(&mut self, attributes: &'a Attributes, instance: &RawValue) -> serde_json::Result<()> {
        let ObjectMembers(members) = serde_json::from_str(instance.get())?;
        self.out.push(b'{');
        let (id, others): (Vec<_>, Vec<_>) = members.iter().partition(|(key, _)| key == "id");
        for (i, (key, value)) in id.into_iter().chain(others).enumerate() {
            self.write_key(key, i == 0);
            self.write_attribute(AttributeOwner::Component(attributes), key, value)?;
        }
        self.out.push(b'}');
        Ok(())
    }

    fn write_attribute(&mut self, owner: AttributeOwner<'a>, name: &str, value: &RawValue) -> serde_json::Result<()> {
        let registry = self.registry;
        let kind = owner.attributes().and_then(|all| all.get(name)).map(|(_, attribute)| &attribute.kind);
        match kind {
            Some(FieldKind::Relation(relation)) => match relation.target {
                Some(target) => self.write_related(AttributeOwner::Type(registry.get(target)), value),
                // A relation to any type stays as it is, in Strapi too.
                None => {
                    self.write_text(value.get());
                    Ok(())
                }
            },
            Some(FieldKind::Media { .. }) => self.write_related(AttributeOwner::Type(registry.file_type()), value),
            Some(FieldKind::Unlinked { .. }) => self.write_related(AttributeOwner::Nothing, value),
            Some(FieldKind::Component { component, .. }) => {
                let attributes = &registry.component(*component).attributes;
                self.write_each(value, |shape, one| shape.write_component(attributes, one))
            }
            Some(FieldKind::DynamicZone { .. }) if value.get().starts_with('[') => {
                self.write_each(value, |shape, one| shape.write_block(one))
            }
            None if name == "localizations" && matches!(owner, AttributeOwner::Type(ct) if ct.localized) => {
                self.write_related(owner, value)
            }
            _ => {
                self.write_text(value.get());
                Ok(())
            }
        }
    }

    /// Writes `{data}` with one entry, a list or null.
    fn write_related(&mut self, owner: AttributeOwner<'a>, value: &RawValue) -> serde_json::Result<()> {
        self.out.extend_from_slice(b"{\"data\":");
        self.write_each(value, |shape, one| shape.write_entry(owner, one))?;
        self.out.push(b'}');
        Ok(())
    }

    /// Writes a component in a dynamic zone, which names its type.
    fn write_block(&mut self, instance: &RawValue) -> serde_json::Result<()> {
        #[derive(serde::Deserialize)]
        struct ComponentName {
            #[serde(rename = "__component")]
            component: Option<String>,
        }
        let component_name: ComponentName = serde_json::from_str(instance.get())?;
        let registry = self.registry;
        match component_name.component.and_then(|uid| registry.component_by_uid(&uid)) {
            Some(component) => self.write_component(&component.attributes, instance),
            None => {
                self.write_text(instance.get());
                Ok(())
            }
        }
    }

    fn write_key(&mut self, key: &str, first: bool) {
        if !first {
            self.out.push(b',');
        }
        self.write_text(&serde_json::Value::from(key).to_string());
        self.out.push(b':');
    }

    fn write_text(&mut self, text: &str) {
        self.out.extend_from_slice(text.as_bytes());
    }
}

fn is_identity(key: &str) -> bool {
    matches!(key, "id" | "documentId")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn shaped_body(body: &str) -> String {
        let dir = tempfile::tempdir().unwrap();
        let write = |path: &str, json: Value| {
            let file = dir.path().join(path);
            std::fs::create_dir_all(file.parent().unwrap()).unwrap();
            std::fs::write(file, json.to_string()).unwrap();
        };
        let relation = |kind: &str, target: &str| json!({ "type": "relation", "relation": kind, "target": target });
        let attributes = json!({
            "title": { "type": "string" },
            "tag": relation("oneToOne", "api::page.page"),
            "tags": relation("manyToMany", "api::page.page"),
            "any": { "type": "relation", "relation": "morphToMany" },
            "author": relation("oneToOne", "admin::user"),
            "cover": { "type": "media" },
            "seo": { "type": "component", "component": "a.seo" },
            "list": { "type": "component", "component": "a.seo", "repeatable": true },
            "zone": { "type": "dynamiczone", "components": ["a.seo"] },
            "extra": { "type": "json" },
        });
        let info = json!({ "singularName": "page", "pluralName": "pages", "displayName": "Page" });
        let localized = json!({ "i18n": { "localized": true } });
        let page = json!({ "kind": "collectionType", "collectionName": "pages", "info": info, "pluginOptions": localized, "attributes": attributes });
        write("src/api/page/content-types/page/schema.json", page);
        let seo = json!({ "name": { "type": "string" }, "tag": relation("oneToOne", "api::page.page") });
        write("src/components/a/seo.json", json!({ "info": {}, "attributes": seo }));
        let registry = cairn_model::load::load_project(dir.path()).unwrap().registry;
        let page = registry.by_uid("api::page.page").unwrap();
        let headers = HeaderMap::from_iter([(V4_FORMAT_HEADER, HeaderValue::from_static("v4"))]);
        assert_eq!(shape_body(&registry, page, &HeaderMap::new(), body.into()).ok().unwrap(), body.as_bytes());
        String::from_utf8(shape_body(&registry, page, &headers, body.into()).ok().unwrap()).unwrap()
    }

    /// Values stay as they are written, to the byte.
    #[test]
    fn bodies_are_converted_to_the_strapi_4_format() {
        for (flat, expected) in [
            (r#"{"data":[],"meta":{"pagination":{"total":0}}}"#, r#"{"data":[],"meta":{"pagination":{"total":0}}}"#),
            (
                r#"{"data":{"id":1,"documentId":"a","title":"x","extra":{"id":1,"x":1.50}},"meta":{}}"#,
                r#"{"data":{"id":1,"documentId":"a","attributes":{"title":"x","extra":{"id":1,"x":1.50}}},"meta":{}}"#,
            ),
            (
                r#"{"data":[{"id":1,"tag":null,"author":null,"tags":[{"id":2,"documentId":"b","title":"y"}],"any":[{"id":1,"__type":"x"}]}]}"#,
                r#"{"data":[{"id":1,"attributes":{"tag":{"data":null},"author":{"data":null},"tags":{"data":[{"id":2,"documentId":"b","attributes":{"title":"y"}}]},"any":[{"id":1,"__type":"x"}]}}]}"#,
            ),
            (
                r#"{"data":{"id":1,"cover":{"id":5,"formats":{"id":3}},"tags":{"count":2},"localizations":[{"id":7}]}}"#,
                r#"{"data":{"id":1,"attributes":{"cover":{"data":{"id":5,"attributes":{"formats":{"id":3}}}},"tags":{"data":{"attributes":{"count":2}}},"localizations":{"data":[{"id":7,"attributes":{}}]}}}}"#,
            ),
            (
                r#"{"data":{"id":1,"seo":{"id":1,"name":"n","tag":{"id":2}},"list":[{"id":1,"name":"m"}],"zone":[{"__component":"a.seo","id":9,"tag":null},{"__component":"gone","id":1}]}}"#,
                r#"{"data":{"id":1,"attributes":{"seo":{"id":1,"name":"n","tag":{"data":{"id":2,"attributes":{}}}},"list":[{"id":1,"name":"m"}],"zone":[{"id":9,"__component":"a.seo","tag":{"data":null}},{"__component":"gone","id":1}]}}}"#,
            ),
            (
                r#"{"data":{"id":2,"seo":null,"list":[],"zone":{"count":1}}}"#,
                r#"{"data":{"id":2,"attributes":{"seo":null,"list":[],"zone":{"count":1}}}}"#,
            ),
        ] {
            assert_eq!(shaped_body(flat), expected);
        }
    }
}
