//! A webhook as JSON. One type is read, described to text editors (JSON Schema) and to clients of the admin API (OpenAPI).

use crate::change::{SettingChange, SettingsProblem};
use crate::input::{read_elements, read_input, read_valid, recover};
use crate::problems::{ProblemList, join_index, join_key};
use crate::schema_parts::SchemaPart;
use crate::text::{check_line, checked_text};
use cairn_events::names::{CORE_PREFIXES, EVENT_NAMES, MAX_EVENT_NAME_BYTES, is_plugin_event};
use cairn_events::webhooks::{MAX_HEADERS, check_header_name, check_header_value, check_secret, check_url};
use cairn_model::Registry;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, Visitor};
use serde_json::{Map, Value as Json, json};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use utoipa::ToSchema;

/// Longest name, in characters.
const MAX_NAME_CHARS: usize = 100;

/// Changes of a webhook: what is not named stays, null makes it the default. A new one needs `name`, `url` and `events`.
#[derive(Debug, Clone, PartialEq, Default, Deserialize, JsonSchema, ToSchema)]
#[schemars(deny_unknown_fields, description = "A receiver of events", extend("required" = ["name"]))]
#[schema(as = WebhookInput)]
pub struct WebhookChanges {
    /// Path in the file.
    #[serde(skip)]
    pub(crate) path: String,
    #[serde(default, deserialize_with = "read_valid")]
    #[schemars(with = "WebhookName")]
    #[schema(value_type = Option<String>, nullable = false)]
    pub(crate) name: Option<WebhookName>,
    #[serde(default)]
    #[schemars(description = "null removes the webhook")]
    #[schema(value_type = Option<String>)]
    pub(crate) url: SettingChange<WebhookUrl>,
    /// `entry.create`, `entry.publish`, `media.create`, …; events of plugins, such as `crm.deal.won`.
    #[serde(default)]
    #[schemars(description = "The events of entries and media by default")]
    #[schema(value_type = Option<Vec<String>>)]
    pub(crate) events: SettingChange<EventNames>,
    /// Uids of content types; null: all.
    #[serde(default)]
    #[schemars(description = "All content types by default")]
    #[schema(value_type = Option<Vec<String>>)]
    pub(crate) types: SettingChange<ContentTypeUids>,
    /// A filter on the entry, as in `filters`.
    #[serde(default)]
    #[schemars(description = "Filters: only send events of entries that match")]
    #[schema(value_type = Option<Object>)]
    pub(crate) condition: SettingChange<Map<String, Json>>,
    /// By name; true keeps the value that is stored.
    #[serde(default)]
    #[schemars(description = "Additional headers; true keeps the value that is stored")]
    #[schema(value_type = Option<BTreeMap<String, HeaderValue>>)]
    pub(crate) headers: SettingChange<HeaderValues>,
    /// Secret that deliveries are signed with; one is made where it is left out.
    #[serde(default)]
    #[schemars(description = "The signing secret; generated if none is given")]
    #[schema(value_type = Option<String>)]
    pub(crate) secret: SettingChange<SigningSecret>,
    #[serde(default)]
    #[schemars(description = "true by default")]
    #[schema(value_type = Option<bool>)]
    pub(crate) enabled: SettingChange<bool>,
}

checked_text!(
    /// The name of a webhook: one line.
    WebhookName,
    |text| check_line(text, MAX_NAME_CHARS),
    { "type": "string", "maxLength": MAX_NAME_CHARS }
);
checked_text!(
    /// The address of a receiver, in its normal form.
    WebhookUrl,
    |text| check_url(&text).map(String::from),
    { "type": "string", "format": "uri" }
);
checked_text!(
    /// A signing secret.
    SigningSecret,
    |text| check_secret(&text).map(|()| text),
    { "type": "string", "pattern": "^whsec_" }
);

/// Names of events, sorted and without duplicates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct EventNames(pub(crate) Vec<String>);

impl<'de> Deserialize<'de> for EventNames {
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        let mut names: Vec<String> =
            read_elements::<EventName, D>(reader)?.into_iter().map(|(_, EventName(name))| name).collect();
        names.sort();
        names.dedup();
        if names.is_empty() {
            return Err(D::Error::custom("must name at least one event"));
        }
        Ok(Self(names))
    }
}

impl JsonSchema for EventNames {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "EventNames".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let of_core = format!(r"^({})\.", CORE_PREFIXES.join("|"));
        let of_plugins = r"^[a-z][a-z0-9-]*(\.[a-z][a-z0-9-]*)+$";
        let any_of = json!([{ "enum": EVENT_NAMES }, { "type": "string", "maxLength": MAX_EVENT_NAME_BYTES, "pattern": of_plugins, "not": { "pattern": of_core } }]);
        json_schema!({ "type": "array", "items": { "anyOf": any_of }, "minItems": 1 })
    }
}

/// The name of an event of the core, or one that a plugin can have: which plugins there are is not known here.
struct EventName(String);

impl<'de> Deserialize<'de> for EventName {
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        let json = Json::deserialize(reader)?;
        let known = json.as_str().filter(|text| EVENT_NAMES.contains(text) || is_plugin_event(text));
        known.map(|name| Self(name.to_owned())).ok_or_else(|| {
            D::Error::custom(format!(
                "expected one of {}, or an event of a plugin such as crm.deal.won",
                EVENT_NAMES.join(", ")
            ))
        })
    }
}

/// Uids, with their positions in the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ContentTypeUids(Vec<(usize, String)>);

impl ContentTypeUids {
    /// The uids, sorted and without duplicates.
    pub(crate) fn into_sorted(self) -> Vec<String> {
        let mut uids: Vec<String> = self.0.into_iter().map(|(_, uid)| uid).collect();
        uids.sort();
        uids.dedup();
        uids
    }

    /// Reports uids that are not those of a content type of the project.
    fn check(&self, problems: &mut ProblemList, registry: &Registry, path: &str) {
        let is_known = |uid: &str| registry.by_uid(uid).is_some_and(|ct| ct.is_api());
        for (i, uid) in self.0.iter().filter(|(_, uid)| !is_known(uid)) {
            problems.add_problem(&join_index(path, *i), format!("{uid} is not a content type of this project"));
        }
        if !self.0.iter().any(|(_, uid)| is_known(uid)) {
            problems.add_problem(path, "must name at least one content type; leave it out for all");
        }
    }
}

impl<'de> Deserialize<'de> for ContentTypeUids {
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        read_elements(reader).map(Self)
    }
}

impl JsonSchema for ContentTypeUids {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "ContentTypeUids".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "array", "items": SchemaPart::ContentType.to_placeholder(), "minItems": 1 })
    }
}

/// A text, or true for the one that is stored.
#[derive(Clone, PartialEq, Eq, JsonSchema, ToSchema)]
#[serde(untagged)]
pub(crate) enum HeaderValue {
    Text(String),
    Stored(bool),
}

impl fmt::Debug for HeaderValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Text(_) => "Text(…)",
            Self::Stored(_) => "Stored",
        })
    }
}

/// Headers in the order of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct HeaderValues(pub(crate) Vec<(String, HeaderValue)>);

impl<'de> Deserialize<'de> for HeaderValues {
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        struct HeadersVisitor;
        impl<'de> Visitor<'de> for HeadersVisitor {
            type Value = HeaderValues;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<HeaderValues, A::Error> {
                let (mut count, mut headers) = (0, Vec::new());
                while let Some(name) = map.next_key::<String>()? {
                    count += 1;
                    let value = recover(map.next_value_seed(HeaderSeed { name: &name, earlier: &headers }))?;
                    headers.extend(value.map(|value| (name, value)));
                }
                if count > MAX_HEADERS {
                    return Err(A::Error::custom(format!("must have at most {MAX_HEADERS} headers")));
                }
                Ok(HeaderValues(headers))
            }
        }
        reader.deserialize_map(HeadersVisitor)
    }
}

impl JsonSchema for HeaderValues {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "HeaderValues".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        BTreeMap::<String, HeaderValue>::json_schema(generator)
    }
}

/// Reads the value of one header, and checks its name with it.
struct HeaderSeed<'a> {
    name: &'a str,
    earlier: &'a [(String, HeaderValue)],
}

impl<'de> DeserializeSeed<'de> for HeaderSeed<'_> {
    type Value = HeaderValue;

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<HeaderValue, D::Error> {
        check_header_name(self.name).map_err(D::Error::custom)?;
        if self.earlier.iter().any(|(other, _)| other.eq_ignore_ascii_case(self.name)) {
            return Err(D::Error::custom("occurs twice"));
        }
        match Json::deserialize(reader)? {
            Json::Bool(true) => Ok(HeaderValue::Stored(true)),
            Json::String(text) => {
                check_header_value(&text).map_err(D::Error::custom)?;
                Ok(HeaderValue::Text(text))
            }
            _ => Err(D::Error::custom("expected a text, or true to keep the value that is stored")),
        }
    }
}

/// Checks one webhook (a body of the admin API). The error lists every problem with its path.
pub fn parse_webhook(registry: &Registry, json: &Json) -> Result<WebhookChanges, Vec<SettingsProblem>> {
    let mut problems = ProblemList::default();
    let changes = parse_changes(&mut problems, registry, json, "");
    match (problems.into_problems(), changes) {
        (problems, Some(changes)) if problems.is_empty() => Ok(changes),
        (problems, _) => Err(problems),
    }
}

/// Parses one webhook at a path of a file.
pub(crate) fn parse_changes(
    problems: &mut ProblemList,
    registry: &Registry,
    json: &Json,
    path: &str,
) -> Option<WebhookChanges> {
    let mut changes: WebhookChanges = read_input(problems, json, path)?;
    path.clone_into(&mut changes.path);
    if let SettingChange::Set(types) = &changes.types {
        types.check(problems, registry, &join_key(path, "types"));
    }
    Some(changes)
}
