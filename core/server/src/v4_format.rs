//! Responses of the content API in the format of Strapi 4, for clients that send `Strapi-Response-Format: v4`, as Strapi 5 allows:
//! attributes below `attributes`, related entries and files below `data`.
//!
//! The rules are those of Strapi 5's `core-api/controller/transform.ts`. A response is made as usual and its parts are moved: no value is
//! parsed, so none can change. Without the header none of this runs.

use crate::error::WireError;
use axum::http::header::{HeaderMap, HeaderName, HeaderValue};
use cairn_model::{Attributes, ContentType, FieldKind, Registry};
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use std::fmt;

/// Name of the header, in requests and in `Vary`.
pub(crate) const NAME: HeaderName = HeaderName::from_static("strapi-response-format");
/// Value of `Vary` for every response that the header can change.
pub(crate) const VARY_BY: HeaderValue = HeaderValue::from_static("Strapi-Response-Format");

/// Whether a request asks for the format of Strapi 4.
pub(crate) fn is_asked_for(headers: &HeaderMap) -> bool {
    headers.get(NAME).is_some_and(|format| format == "v4")
}

/// The body in the format that the request asks for: `{data, meta}` of entries of that type.
///
/// # Errors
/// A body that is not of this form, which is a fault of ours.
pub(crate) fn shaped(
    registry: &Registry,
    ct: &ContentType,
    headers: &HeaderMap,
    body: Vec<u8>,
) -> Result<Vec<u8>, WireError> {
    if !is_asked_for(headers) {
        return Ok(body);
    }
    let mut shape = Shape { registry, out: Vec::with_capacity(body.len() + body.len() / 4) };
    shape.answer(ct, &body).map_err(WireError::internal)?;
    Ok(shape.out)
}

/// The owner of attributes.
#[derive(Clone, Copy)]
enum Of<'a> {
    Type(&'a ContentType),
    Component(&'a Attributes),
    /// A value that has no type here.
    Nothing,
}

impl<'a> Of<'a> {
    fn attributes(self) -> Option<&'a Attributes> {
        match self {
            Self::Type(ct) => Some(&ct.attributes),
            Self::Component(attributes) => Some(attributes),
            Self::Nothing => None,
        }
    }
}

struct Shape<'a> {
    registry: &'a Registry,
    out: Vec<u8>,
}

impl<'a> Shape<'a> {
    fn answer(&mut self, ct: &'a ContentType, body: &[u8]) -> serde_json::Result<()> {
        let Members(members) = serde_json::from_slice(body)?;
        self.out.push(b'{');
        for (i, (key, value)) in members.iter().enumerate() {
            self.key(key, i == 0);
            match key.as_str() {
                "data" => self.each(value, |shape, one| shape.entry(Of::Type(ct), one))?,
                _ => self.text(value.get()),
            }
        }
        self.out.push(b'}');
        Ok(())
    }

    /// Converts one object or a list of them; other values stay.
    fn each(
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
                        self.text(one.get());
                    }
                }
                self.out.push(b']');
                Ok(())
            }
            _ => {
                self.text(value.get());
                Ok(())
            }
        }
    }

    /// Writes `{id, documentId, attributes}`.
    fn entry(&mut self, of: Of<'a>, entry: &RawValue) -> serde_json::Result<()> {
        let Members(members) = serde_json::from_str(entry.get())?;
        self.out.push(b'{');
        let mut first = true;
        for (key, value) in members.iter().filter(|(key, _)| is_identity(key)) {
            self.key(key, first);
            self.text(value.get());
            first = false;
        }
        self.key("attributes", first);
        self.out.push(b'{');
        let mut first = true;
        for (key, value) in members.iter().filter(|(key, _)| !is_identity(key)) {
            self.key(key, first);
            self.attribute(of, key, value)?;
            first = false;
        }
        self.out.extend_from_slice(b"}}");
        Ok(())
    }

    /// Writes `{id, …}`: a component stays flat.
    fn component(&mut self, attributes: &'a Attributes, instance: &RawValue) -> serde_json::Result<()> {
        let Members(members) = serde_json::from_str(instance.get())?;
        self.out.push(b'{');
        let (id, others): (Vec<_>, Vec<_>) = members.iter().partition(|(key, _)| key == "id");
        for (i, (key, value)) in id.into_iter().chain(others).enumerate() {
            self.key(key, i == 0);
            self.attribute(Of::Component(attributes), key, value)?;
        }
        self.out.push(b'}');
        Ok(())
    }

    fn attribute(&mut self, of: Of<'a>, name: &str, value: &RawValue) -> serde_json::Result<()> {
        let registry = self.registry;
        let kind = of.attributes().and_then(|all| all.get(name)).map(|(_, attribute)| &attribute.kind);
        match kind {
            Some(FieldKind::Relation(relation)) => match relation.target {
                Some(target) => self.related(Of::Type(registry.get(target)), value),
                // A relation to any type stays as it is, in Strapi too.
                None => {
                    self.text(value.get());
                    Ok(())
                }
            },
            Some(FieldKind::Media { .. }) => self.related(Of::Type(registry.file()), value),
            Some(FieldKind::Unlinked { .. }) => self.related(Of::Nothing, value),
            Some(FieldKind::Component { component, .. }) => {
                let attributes = &registry.component(*component).attributes;
                self.each(value, |shape, one| shape.component(attributes, one))
            }
            Some(FieldKind::DynamicZone { .. }) if value.get().starts_with('[') => {
                self.each(value, |shape, one| shape.block(one))
            }
            None if name == "localizations" && matches!(of, Of::Type(ct) if ct.localized) => self.related(of, value),
            _ => {
                self.text(value.get());
                Ok(())
            }
        }
    }

    /// Writes `{data}` with one entry, a list or null.
    fn related(&mut self, of: Of<'a>, value: &RawValue) -> serde_json::Result<()> {
        self.out.extend_from_slice(b"{\"data\":");
        self.each(value, |shape, one| shape.entry(of, one))?;
        self.out.push(b'}');
        Ok(())
    }

    /// Writes a component in a dynamic zone, which names its type.
    fn block(&mut self, instance: &RawValue) -> serde_json::Result<()> {
        #[derive(serde::Deserialize)]
        struct Named {
            #[serde(rename = "__component")]
            component: Option<String>,
        }
        let named: Named = serde_json::from_str(instance.get())?;
        let registry = self.registry;
        match named.component.and_then(|uid| registry.component_by_uid(&uid)) {
            Some(component) => self.component(&component.attributes, instance),
            None => {
                self.text(instance.get());
                Ok(())
            }
        }
    }

    fn key(&mut self, key: &str, first: bool) {
        if !first {
            self.out.push(b',');
        }
        self.text(&serde_json::Value::from(key).to_string());
        self.out.push(b':');
    }

    fn text(&mut self, text: &str) {
        self.out.extend_from_slice(text.as_bytes());
    }
}

fn is_identity(key: &str) -> bool {
    matches!(key, "id" | "documentId")
}

/// The members of an object in their order, with their values as written.
struct Members<'a>(Vec<(String, &'a RawValue)>);

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object;
        impl<'de> Visitor<'de> for Object {
            type Value = Members<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry::<String, &'de RawValue>()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(Object)
    }
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
        let registry = cairn_model::load::load(dir.path()).unwrap().registry;
        let page = registry.by_uid("api::page.page").unwrap();
        let headers = HeaderMap::from_iter([(NAME, HeaderValue::from_static("v4"))]);
        assert_eq!(shaped(&registry, page, &HeaderMap::new(), body.into()).ok().unwrap(), body.as_bytes());
        String::from_utf8(shaped(&registry, page, &headers, body.into()).ok().unwrap()).unwrap()
    }

    /// Values stay as they are written, to the byte.
    #[test]
    fn parts_are_put_where_strapi_4_has_them() {
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
