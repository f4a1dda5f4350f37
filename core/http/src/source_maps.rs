//! Responses of the content API whose texts say where they are from, for pages on which an editor clicks a text to open its field: what Strapi
//! writes for `Strapi-Encode-Source-Maps: true`.
//!
//! The rules are those of Strapi 5's `content-source-maps` service, except where they would break a page
//! (`docs/decisions/0076-live-preview.md`). A response is made as usual and marks are added to its texts: no other value is parsed, so none can
//! change. Without the header none of this runs.

use crate::error::WireError;
use crate::object_members::ObjectMembers;
use crate::stega::push_hidden;
use axum::http::header::{HeaderMap, HeaderName};
use cairn_model::{Attribute, Attributes, ContentType, ContentTypeKind, FieldKind, Registry, SchemaSource};
use serde_json::value::RawValue;
use serde_json::{Value as Json, json};
use url::form_urlencoded;

/// Name of the header.
pub const SOURCE_MAPS_HEADER: HeaderName = HeaderName::from_static("strapi-encode-source-maps");
/// Attributes of a file that are marked: what a page shows of it as text.
const FILE_TEXTS: [&str; 2] = ["alternativeText", "caption"];
/// Beginnings of texts that are addresses. One with a mark leads nowhere.
const ADDRESSES: [&str; 4] = ["/", "#", "mailto:", "tel:"];

/// True if a request asks for source maps.
pub fn are_source_maps_requested(headers: &HeaderMap) -> bool {
    headers.get(SOURCE_MAPS_HEADER).is_some_and(|value| value == "true")
}

/// The body with the sources of its texts: `{data, meta}` of entries of that type, not yet in another format. Fails for a body that is not of
/// this form, which is a fault of ours.
pub fn mark_sources(registry: &Registry, ct: &ContentType, body: &[u8]) -> Result<Vec<u8>, WireError> {
    let mut marks = MarkWriter { registry, out: String::with_capacity(body.len() * 4) };
    marks.write_answer(ct, body).map_err(WireError::internal)?;
    Ok(marks.out.into_bytes())
}

/// The entry that a text belongs to.
struct SourceEntry<'a> {
    content_type: &'a ContentType,
    document_id: String,
    /// `None`: the type is not localised, or the query did not ask for it.
    locale: Option<String>,
}

/// Attributes of a type or component, with the schema that they were read from.
#[derive(Clone, Copy)]
struct SourceAttributes<'a> {
    attributes: &'a Attributes,
    source: &'a SchemaSource,
}

impl<'a> SourceAttributes<'a> {
    fn get(self, name: &str) -> Option<&'a Attribute> {
        self.attributes.get(name).map(|(_, attribute)| attribute)
    }

    /// True for a field of a plugin, such as a colour: only the plugin knows whether its value is shown as it is.
    fn is_custom_field(self, name: &str) -> bool {
        let attribute = self.source.schema.get("attributes").and_then(|all| all.get(name));
        attribute.is_some_and(|attribute| attribute.get("customField").is_some())
    }
}

struct MarkWriter<'a> {
    registry: &'a Registry,
    out: String,
}

impl<'a> MarkWriter<'a> {
    fn write_answer(&mut self, ct: &'a ContentType, body: &[u8]) -> serde_json::Result<()> {
        let members: ObjectMembers<'_> = serde_json::from_slice(body)?;
        self.write_object(&members, |marks, key, value| match key {
            "data" => marks.write_each(value, "", |marks, one, _| marks.write_entry(ct, one)),
            _ => marks.write_value(value),
        })
    }

    fn write_entry(&mut self, ct: &'a ContentType, value: &RawValue) -> serde_json::Result<()> {
        let members: ObjectMembers<'_> = serde_json::from_str(value.get())?;
        let text_of = |name: &str| {
            let (_, value) = members.0.iter().find(|(key, _)| key == name)?;
            serde_json::from_str::<Option<String>>(value.get()).ok()?
        };
        // A count, or what is no entry that somebody edits, such as a user.
        let (true, Some(document_id)) = (ct.is_api(), text_of("documentId")) else { return self.write_value(value) };
        let locale = if ct.localized { text_of("locale") } else { None };
        let entry = SourceEntry { content_type: ct, document_id, locale };
        let attributes = SourceAttributes { attributes: &ct.attributes, source: &ct.source };
        self.write_members(&entry, attributes, "", &members)
    }

    fn write_members(
        &mut self,
        entry: &SourceEntry<'a>,
        attributes: SourceAttributes<'a>,
        path: &str,
        members: &ObjectMembers<'_>,
    ) -> serde_json::Result<()> {
        self.write_object(members, |marks, name, value| {
            let at = if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
            marks.write_attribute(entry, attributes, name, &at, value)
        })
    }

    fn write_attribute(
        &mut self,
        entry: &SourceEntry<'a>,
        attributes: SourceAttributes<'a>,
        name: &str,
        path: &str,
        value: &RawValue,
    ) -> serde_json::Result<()> {
        let registry = self.registry;
        let Some(attribute) = attributes.get(name) else {
            let is_localization = path == "localizations" && entry.content_type.localized;
            return match is_localization {
                true => self.write_each(value, "", |marks, one, _| marks.write_entry(entry.content_type, one)),
                false => self.write_value(value),
            };
        };
        match &attribute.kind {
            FieldKind::String | FieldKind::Text | FieldKind::RichText if !attributes.is_custom_field(name) => {
                self.write_text(entry, &attribute.kind, path, value)
            }
            FieldKind::Blocks if value.get().starts_with('[') => {
                self.write_each(value, path, |marks, block, _| marks.write_block(entry, path, block))
            }
            FieldKind::Component { component, .. } => {
                let component = registry.component(*component);
                let attributes = SourceAttributes { attributes: &component.attributes, source: &component.source };
                self.write_each(value, path, |marks, one, path| marks.write_component(entry, attributes, path, one))
            }
            FieldKind::DynamicZone { .. } if value.get().starts_with('[') => {
                self.write_each(value, path, |marks, one, path| marks.write_zone_item(entry, path, one))
            }
            FieldKind::Relation(relation) => {
                let target = relation.target.map(|target| registry.get(target));
                self.write_each(value, path, |marks, one, _| match target.or_else(|| marks.named_type(one)) {
                    Some(ct) => marks.write_entry(ct, one),
                    None => marks.write_value(one),
                })
            }
            // Files of a list all lead to its field, as in Strapi.
            FieldKind::Media { .. } => self.write_each(value, path, |marks, one, _| marks.write_file(entry, path, one)),
            _ => self.write_value(value),
        }
    }

    fn write_component(
        &mut self,
        entry: &SourceEntry<'a>,
        attributes: SourceAttributes<'a>,
        path: &str,
        value: &RawValue,
    ) -> serde_json::Result<()> {
        let members: ObjectMembers<'_> = serde_json::from_str(value.get())?;
        self.write_members(entry, attributes, path, &members)
    }

    /// Writes a component in a dynamic zone, which names its type.
    fn write_zone_item(&mut self, entry: &SourceEntry<'a>, path: &str, value: &RawValue) -> serde_json::Result<()> {
        #[derive(serde::Deserialize)]
        struct ZoneItem {
            #[serde(rename = "__component")]
            component: Option<String>,
        }
        let item: ZoneItem = serde_json::from_str(value.get())?;
        let registry = self.registry;
        match item.component.and_then(|uid| registry.component_by_uid(&uid)) {
            Some(component) => {
                let attributes = SourceAttributes { attributes: &component.attributes, source: &component.source };
                self.write_component(entry, attributes, path, value)
            }
            None => self.write_value(value),
        }
    }

    /// The type that an entry below a relation to any type names.
    fn named_type(&self, value: &RawValue) -> Option<&'a ContentType> {
        #[derive(serde::Deserialize)]
        struct TypedEntry {
            #[serde(rename = "__type")]
            uid: Option<String>,
        }
        let typed: TypedEntry = serde_json::from_str(value.get()).ok()?;
        self.registry.by_uid(&typed.uid?)
    }

    /// Writes a file of an entry: its texts lead to the field that shows it.
    fn write_file(&mut self, entry: &SourceEntry<'a>, path: &str, value: &RawValue) -> serde_json::Result<()> {
        let members: ObjectMembers<'_> = serde_json::from_str(value.get())?;
        let file = self.registry.file_type();
        self.write_object(&members, |marks, name, value| match file.attributes.get(name) {
            Some((_, attribute)) if FILE_TEXTS.contains(&name) => {
                marks.write_text(entry, &attribute.kind, &format!("{path}.{name}"), value)
            }
            _ => marks.write_value(value),
        })
    }

    fn write_block(&mut self, entry: &SourceEntry<'a>, path: &str, block: &RawValue) -> serde_json::Result<()> {
        let members: ObjectMembers<'_> = serde_json::from_str(block.get())?;
        match node_type(&members).as_deref() {
            // Marks would be part of the code.
            Some("code") => self.write_value(block),
            Some("image") => self.write_object(&members, |marks, name, value| {
                if name != "image" || !value.get().starts_with('{') {
                    return marks.write_value(value);
                }
                let image: ObjectMembers<'_> = serde_json::from_str(value.get())?;
                marks.write_object(&image, |marks, name, value| match name {
                    "alternativeText" => marks.write_text(entry, &FieldKind::Blocks, path, value),
                    _ => marks.write_value(value),
                })
            }),
            // List items are blocks to readers.
            Some("list") => self.write_object(&members, |marks, name, value| match name {
                "children" => marks.write_each(value, path, |marks, child, _| marks.write_block(entry, path, child)),
                _ => marks.write_value(value),
            }),
            _ => self.write_first_text(entry, path, block).map(|_| ()),
        }
    }

    /// Writes a node of a block, and marks the first text in it that is not empty; false if there is none.
    fn write_first_text(&mut self, entry: &SourceEntry<'a>, path: &str, node: &RawValue) -> serde_json::Result<bool> {
        let members: ObjectMembers<'_> = serde_json::from_str(node.get())?;
        let is_text = node_type(&members).as_deref() == Some("text");
        let mut is_marked = false;
        self.write_object(&members, |marks, name, value| match name {
            "text" if is_text => {
                is_marked = value.get() != "\"\"";
                marks.write_text(entry, &FieldKind::Blocks, path, value)
            }
            "children" => marks.write_each(value, path, |marks, child, _| {
                if is_marked {
                    return marks.write_value(child);
                }
                is_marked = marks.write_first_text(entry, path, child)?;
                Ok(())
            }),
            _ => marks.write_value(value),
        })?;
        Ok(is_marked)
    }

    /// Writes a text with its mark, if it can have one.
    fn write_text(
        &mut self,
        entry: &SourceEntry<'a>,
        kind: &FieldKind,
        path: &str,
        value: &RawValue,
    ) -> serde_json::Result<()> {
        let text = value.get();
        // Texts end with a quotation mark, null does not.
        let Some(unclosed) = text.strip_suffix('"') else { return self.write_value(value) };
        let is_markable = match kind {
            FieldKind::RichText => ends_with_words(&serde_json::from_str::<String>(text)?),
            FieldKind::Blocks => text != "\"\"",
            _ => text != "\"\"" && !is_address(&text[1..text.len() - 1]),
        };
        if !is_markable {
            return self.write_value(value);
        }
        self.out.push_str(unclosed);
        let source = json!({ "strapiSource": describe_source(entry, kind, path) });
        push_hidden(&mut self.out, &source.to_string());
        self.out.push('"');
        Ok(())
    }

    fn write_object(
        &mut self,
        members: &ObjectMembers<'_>,
        mut write: impl FnMut(&mut Self, &str, &RawValue) -> serde_json::Result<()>,
    ) -> serde_json::Result<()> {
        self.out.push('{');
        for (i, (key, value)) in members.0.iter().enumerate() {
            if i > 0 {
                self.out.push(',');
            }
            self.out.push_str(&Json::from(key.as_str()).to_string());
            self.out.push(':');
            write(self, key, value)?;
        }
        self.out.push('}');
        Ok(())
    }

    /// Writes one object, or a list of them, each with its path; other values stay.
    fn write_each(
        &mut self,
        value: &RawValue,
        path: &str,
        mut write: impl FnMut(&mut Self, &RawValue, &str) -> serde_json::Result<()>,
    ) -> serde_json::Result<()> {
        match value.get().as_bytes().first() {
            Some(b'{') => write(self, value, path),
            Some(b'[') => {
                let list: Vec<&RawValue> = serde_json::from_str(value.get())?;
                self.out.push('[');
                for (i, one) in list.into_iter().enumerate() {
                    if i > 0 {
                        self.out.push(',');
                    }
                    match one.get().starts_with('{') {
                        true => write(self, one, &format!("{path}.{i}"))?,
                        false => self.write_value(one)?,
                    }
                }
                self.out.push(']');
                Ok(())
            }
            _ => self.write_value(value),
        }
    }

    fn write_value(&mut self, value: &RawValue) -> serde_json::Result<()> {
        self.out.push_str(value.get());
        Ok(())
    }
}

/// The source of a text in Strapi's words, and in its order.
fn describe_source(entry: &SourceEntry<'_>, kind: &FieldKind, path: &str) -> String {
    let mut source = form_urlencoded::Serializer::new(String::new());
    source.append_pair("documentId", &entry.document_id);
    source.append_pair("type", kind.type_name());
    source.append_pair("path", path);
    source.append_pair("model", &entry.content_type.uid);
    source.append_pair(
        "kind",
        match entry.content_type.kind {
            ContentTypeKind::Collection => "collectionType",
            ContentTypeKind::Single => "singleType",
        },
    );
    if let Some(locale) = &entry.locale {
        source.append_pair("locale", locale);
    }
    if matches!(kind, FieldKind::Blocks) {
        source.append_pair("fieldPath", path);
    }
    source.finish()
}

/// The type of a node of blocks.
fn node_type(members: &ObjectMembers<'_>) -> Option<String> {
    let (_, value) = members.0.iter().find(|(key, _)| key == "type")?;
    serde_json::from_str(value.get()).ok()
}

/// True for a text that is an address as a whole.
fn is_address(text: &str) -> bool {
    let has_no_space = !text.contains(char::is_whitespace);
    has_no_space && (text.contains("://") || ADDRESSES.iter().any(|beginning| text.starts_with(beginning)))
}

/// True if the last line of a Markdown text has a letter or digit. After the end of a code block or a rule, marks would make it something else.
fn ends_with_words(text: &str) -> bool {
    let last_line = text.trim_end().lines().next_back().unwrap_or_default();
    !last_line.trim_start().starts_with("```")
        && !last_line.trim_start().starts_with("~~~")
        && last_line.contains(char::is_alphanumeric)
}

#[cfg(test)]
mod tests;
