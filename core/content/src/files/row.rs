//! A file in the database: the values of its row, and its asset.

use super::FileInfo;
use cairn_assets::{POSTER_VARIANT, PendingObject, PreparedFile, StoredFile};
use cairn_model::{ContentType, FieldKind, Value};
use cairn_store::assets::{Asset, AssetBlob, ImageAppearance};
use cairn_store::content::{DocumentRow, NewDocumentRow};
use cairn_store::events::Actor;
use cairn_store::system::new_document_id;
use serde_json::{Map, Value as Json, json};
use std::collections::HashMap;

/// Prefix of the addresses of public files, and of private ones.
const PUBLIC_PREFIX: &str = "/uploads/";
const PRIVATE_PREFIX: &str = "/uploads/private/";

/// The attributes that belong to the bytes of a file: a version of it consists of them.
const CONTENT_ATTRIBUTES: [&str; 10] =
    ["width", "height", "formats", "mime", "size", "url", "previewUrl", "placeholder", "colour", "srcset"];

/// A file that is ready to be written, without its objects.
#[derive(Debug, Clone)]
pub(super) struct NewFile {
    pub(super) stored: StoredFile,
    pub(super) blobs: Vec<AssetBlob>,
    pub(super) info: FileInfo,
}

impl NewFile {
    /// Creates it from a prepared upload; returns its blobs too.
    pub(super) fn from_prepared(prepared: PreparedFile, info: FileInfo) -> (Self, Vec<PendingObject>) {
        let PreparedFile { file: stored, objects } = prepared;
        let blob = |o: &PendingObject| AssetBlob {
            variant: o.variant.clone(),
            name: o.name.clone(),
            blob: o.key.to_string(),
            mime: o.mime.clone(),
            length: o.length,
        };
        (Self { stored, blobs: objects.iter().map(blob).collect(), info }, objects)
    }

    /// The row of a new file.
    pub(super) fn to_row(&self, file: &ContentType, private: bool, now: &str) -> NewDocumentRow {
        let mut values: Vec<Value> = file.attributes.iter().map(|_| Value::Null).collect();
        for (name, value) in self.attribute_values() {
            set_value(file, &mut values, name, value);
        }
        set_value(file, &mut values, "provider", Value::Text("local".into()));
        FileInfo { name: Some(self.stored.name.clone()), ..self.info.clone() }.apply_to(file, &mut values);
        set_addresses(file, &mut values, private);
        DocumentRow {
            id: 0,
            document_id: new_document_id(),
            locale: String::new(),
            published: true,
            created_at: now.to_owned(),
            updated_at: now.to_owned(),
            published_at: Some(now.to_owned()),
            version: 0,
            values,
            to_one: HashMap::new(),
        }
    }

    /// The values that come from the file itself, by attribute.
    pub(super) fn attribute_values(&self) -> Vec<(&'static str, Value)> {
        let StoredFile { width, height, formats, hash, ext, mime, size_kb, url, .. } = &self.stored;
        let text = |t: &str| Value::Text(t.to_owned());
        let pixels = |n: Option<u32>| n.map_or(Value::Null, |n| Value::Int(n.into()));
        let looks = |t: &Option<String>| t.as_deref().map_or(Value::Null, text);
        let poster = self.blobs.iter().find(|b| b.variant == POSTER_VARIANT);
        vec![
            ("width", pixels(*width)),
            ("height", pixels(*height)),
            ("formats", formats.clone().map_or(Value::Null, Value::Json)),
            ("hash", text(hash)),
            ("ext", text(ext)),
            ("mime", text(mime)),
            // Plain digits: `Display` of a float has no exponent and no needless zeros.
            ("size", Value::Text(size_kb.to_string())),
            ("url", text(url)),
            ("placeholder", looks(&self.stored.placeholder)),
            ("colour", looks(&self.stored.colour)),
            ("srcset", self.build_srcset().map_or(Value::Null, Value::Json)),
            ("previewUrl", poster.map_or(Value::Null, |b| text(&format!("{PUBLIC_PREFIX}{}", b.name)))),
        ]
    }

    /// The widths that a browser may choose from, in the best format that it supports and that moves if the picture does.
    fn build_srcset(&self) -> Option<Json> {
        let width = self.stored.width?;
        let url = &self.stored.url;
        let to_source = |width: u32| json!({ "width": width, "url": format!("{url}?w={width}") });
        // The file itself is the largest.
        let listed = self.stored.widths.iter().copied().map(to_source);
        Some(listed.chain([json!({ "width": width, "url": url })]).collect())
    }

    /// The asset that belongs to the row.
    pub(super) fn to_asset(&self, document_id: &str, place: &FileLocation, at: i64, by: &Actor) -> Asset {
        let s = &self.stored;
        Asset {
            document_id: document_id.to_owned(),
            number: 1,
            sha256: s.sha256.clone(),
            bytes: s.bytes,
            kind: s.kind.to_owned(),
            folder: place.folder,
            private: place.private,
            derived_from: None,
            appearance: ImageAppearance {
                placeholder: s.placeholder.clone(),
                colour: s.colour.clone(),
                animated: s.animated,
                alpha: s.alpha,
            },
            facts: s.facts.clone(),
            added_at: at,
            added_by: by.clone(),
            deleted_at: None,
            deleted_by: None,
        }
    }
}

/// The place of a file in the library.
#[derive(Debug, Clone, Copy)]
pub(super) struct FileLocation {
    pub(super) folder: i64,
    pub(super) private: bool,
}

/// Sets an attribute of a file.
pub(super) fn set_value(file: &ContentType, values: &mut [Value], name: &str, value: Value) {
    if let Some(slot) = file.attributes.get(name).and_then(|(a, _)| values.get_mut(a)) {
        *slot = value;
    }
}

/// The value of a text attribute.
pub(super) fn text_value<'v>(file: &ContentType, values: &'v [Value], name: &str) -> Option<&'v str> {
    match file.attributes.get(name).and_then(|(a, _)| values.get(a)) {
        Some(Value::Text(text)) => Some(text),
        _ => None,
    }
}

/// Sets the addresses of a public or a private file. Those that lead elsewhere stay.
pub(super) fn set_addresses(file: &ContentType, values: &mut [Value], private: bool) {
    for name in ["url", "previewUrl"] {
        if let Some(url) = text_value(file, values, name).and_then(|url| address_with_privacy(url, private)) {
            set_value(file, values, name, Value::Text(url));
        }
    }
    for name in ["formats", "srcset"] {
        let Some(Value::Json(json)) = file.attributes.get(name).and_then(|(a, _)| values.get_mut(a)) else { continue };
        let each: Vec<&mut Json> = match json {
            Json::Object(formats) => formats.values_mut().collect(),
            Json::Array(widths) => widths.iter_mut().collect(),
            _ => continue,
        };
        for format in each {
            if let Some(url) = format["url"].as_str().and_then(|url| address_with_privacy(url, private)) {
                format["url"] = url.into();
            }
        }
    }
}

fn address_with_privacy(url: &str, private: bool) -> Option<String> {
    let name = url.strip_prefix(PRIVATE_PREFIX).or_else(|| url.strip_prefix(PUBLIC_PREFIX))?;
    Some(format!("{}{name}", if private { PRIVATE_PREFIX } else { PUBLIC_PREFIX }))
}

/// The values of a file by name: those that belong to its bytes, or all.
pub(super) fn values_to_json(file: &ContentType, values: &[Value], all: bool) -> Json {
    let mut object = Map::new();
    for (i, attribute) in file.attributes.iter() {
        if !all && !CONTENT_ATTRIBUTES.contains(&attribute.name.as_str()) {
            continue;
        }
        let json = match values.get(i) {
            Some(Value::Text(text)) => text.clone().into(),
            Some(Value::Int(n)) => (*n).into(),
            Some(Value::Bool(b)) => (*b).into(),
            Some(Value::Json(json)) => json.clone(),
            _ => Json::Null,
        };
        object.insert(attribute.name.clone(), json);
    }
    Json::Object(object)
}

/// Restores values from [`values_to_json`]. Attributes that are not in it stay unchanged.
pub(super) fn set_values_from_json(file: &ContentType, values: &mut [Value], stored: &Json) {
    for (i, attribute) in file.attributes.iter() {
        let (Some(json), Some(slot)) = (stored.get(&attribute.name), values.get_mut(i)) else { continue };
        *slot = match (json, &attribute.kind) {
            (Json::Null, _) => Value::Null,
            (json, FieldKind::Json) => Value::Json(json.clone()),
            (Json::String(text), _) => Value::Text(text.clone()),
            (Json::Bool(b), _) => Value::Bool(*b),
            (Json::Number(n), _) => n.as_i64().map_or(Value::Null, Value::Int),
            (other, _) => Value::Json(other.clone()),
        };
    }
}
