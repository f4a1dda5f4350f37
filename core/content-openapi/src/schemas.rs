//! Schemas of bodies: entries as they are read and written, components, files, errors. Each is made when something first refers to it.

use cairn_model::content_type::{Attribute, Attributes, Component, ContentType, FieldKind, NumberBound};
use cairn_model::{AttributeId, ComponentId, Registry, TypeId};
use cairn_query::{Access, Action};
use cairn_type_generator::names::{UniqueNames, type_name, type_name_candidates};
use serde_json::{Map, Value as Json, json};
use std::collections::{BTreeMap, HashMap};

/// Names of the schemas that every document may have.
const FIXED_NAMES: [&str; 12] = [
    "Error",
    "ErrorDescription",
    "Pagination",
    "LinkInput",
    "LinkTarget",
    "LinkChanges",
    "LinkedEntry",
    "LinkPosition",
    "Count",
    "SignedIn",
    "Locale",
    "AnyEntry",
];

/// Attributes of users that nobody can set.
const CODES_OF_USERS: [&str; 2] = ["resetPasswordToken", "confirmationToken"];

/// The schemas of a document, made by the permissions of its caller.
pub(crate) struct Schemas<'a> {
    registry: &'a Registry,
    pub(crate) access: &'a Access,
    type_names: HashMap<TypeId, String>,
    /// Of what is sent to create and to change an entry.
    input_names: HashMap<TypeId, [String; 2]>,
    component_names: HashMap<ComponentId, String>,
    component_input_names: HashMap<ComponentId, String>,
    /// By name; null while one is being made, so that entries may refer to each other.
    made: BTreeMap<String, Json>,
}

impl<'a> Schemas<'a> {
    pub(crate) fn new(registry: &'a Registry, access: &'a Access) -> Self {
        let mut names = UniqueNames::with_reserved(&FIXED_NAMES);
        // The project's own types come first: they have the short names.
        let mut types: Vec<&ContentType> = registry.types().iter().collect();
        types.sort_by(|a, b| (!a.uid.starts_with("api::"), &a.uid).cmp(&(!b.uid.starts_with("api::"), &b.uid)));
        let mut components: Vec<&Component> = registry.components().iter().collect();
        components.sort_by(|a, b| a.uid.cmp(&b.uid));
        let type_names: HashMap<TypeId, String> =
            types.iter().map(|one| (one.id, names.take_first_free(&type_name_candidates(one)))).collect();
        let component_names: HashMap<ComponentId, String> =
            components.iter().map(|one| (one.id, names.take_first_free(&[type_name(&one.uid)]))).collect();
        // A type may be called as the input of another one.
        let mut take = |name: &str, suffix: &str| names.take_first_free(&[format!("{name}{suffix}")]);
        let input_names = types
            .iter()
            .map(|one| (one.id, ["Input", "Update"].map(|suffix| take(&type_names[&one.id], suffix))))
            .collect();
        let component_input_names =
            components.iter().map(|one| (one.id, take(&component_names[&one.id], "Input"))).collect();
        let made = BTreeMap::new();
        Self { registry, access, type_names, input_names, component_names, component_input_names, made }
    }

    pub(crate) fn registry(&self) -> &'a Registry {
        self.registry
    }

    /// The name of a content type, as `cairn types` has it.
    pub(crate) fn type_name(&self, content_type: TypeId) -> &str {
        self.type_names.get(&content_type).map_or("Entry", String::as_str)
    }

    pub(crate) fn into_map(self) -> Map<String, Json> {
        self.made.into_iter().collect()
    }

    /// Returns a reference to a schema by its name, and makes the schema if it does not exist yet.
    fn refer(&mut self, name: &str, make: impl FnOnce(&mut Self) -> Json) -> Json {
        if !self.made.contains_key(name) {
            self.made.insert(name.to_owned(), Json::Null);
            let schema = make(self);
            self.made.insert(name.to_owned(), schema);
        }
        json!({ "$ref": format!("#/components/schemas/{name}") })
    }

    /// An entry as it is read.
    pub(crate) fn entry(&mut self, content_type: &'a ContentType) -> Json {
        let name = self.type_name(content_type.id).to_owned();
        self.refer(&name, |schemas| schemas.make_entry(content_type))
    }

    fn make_entry(&mut self, content_type: &'a ContentType) -> Json {
        let mut properties = Map::new();
        properties.insert("id".to_owned(), json!({ "type": "integer" }));
        properties.insert("documentId".to_owned(), json!({ "type": "string" }));
        let access = self.access;
        let is_shown = |id: AttributeId| {
            [Action::Find, Action::FindOne].into_iter().any(|action| access.allows_attribute(content_type, id, action))
        };
        for (_, attribute) in content_type.attributes.iter().filter(|(id, _)| is_shown(*id)) {
            if let Some(schema) = self.read_value(attribute) {
                properties.insert(attribute.name.clone(), schema);
            }
        }
        let time = |null: bool| {
            let kind = if null { json!(["string", "null"]) } else { json!("string") };
            json!({ "type": kind, "format": "date-time" })
        };
        properties.insert("createdAt".to_owned(), time(false));
        properties.insert("updatedAt".to_owned(), time(false));
        properties.insert("publishedAt".to_owned(), time(true));
        properties.insert("locale".to_owned(), json!({ "type": ["string", "null"] }));
        if content_type.id == self.registry.file_type().id {
            let about = "Whether the address works for a limited time only; in responses of upload routes.";
            properties.insert("isUrlSigned".to_owned(), json!({ "type": "boolean", "description": about }));
            let users =
                json!({ "type": "array", "items": self.any_entry(), "description": "Entries that use the file." });
            properties.insert("related".to_owned(), users);
        }
        if content_type.localized {
            let entry = self.entry(content_type);
            properties.insert("localizations".to_owned(), json!({ "type": "array", "items": entry }));
        }
        json!({
            "type": "object",
            "description": format!("{}. Without the parameter fields it has all of its own values; links are returned where populate names them.", content_type.display_name),
            "properties": properties,
            "required": ["id", "documentId"],
        })
    }

    /// The value of an attribute as it is read; `None` if the caller may not see what it links to, and for relations that no response has.
    fn read_value(&mut self, attribute: &Attribute) -> Option<Json> {
        Some(match &attribute.kind {
            FieldKind::Media { multiple, .. } => {
                let file = self.entry(self.registry.file_type());
                one_or_many(*multiple, file)
            }
            FieldKind::Relation(relation) => {
                let target = match relation.target {
                    Some(target) if self.access.allows_action(target, Action::Find) => {
                        self.entry(self.registry.get(target))
                    }
                    Some(_) => return None,
                    None => self.any_entry(),
                };
                let value = one_or_many(relation.kind.to_many(), target);
                if relation.kind.to_many() { json!({ "anyOf": [value, self.count()] }) } else { value }
            }
            FieldKind::Unlinked { many, shown: true } => one_or_many(*many, self.any_entry()),
            FieldKind::Unlinked { shown: false, .. } => return None,
            FieldKind::Component { component, repeatable } => {
                let component = self.component(*component);
                one_or_many(*repeatable, component)
            }
            FieldKind::DynamicZone { components } => {
                let items: Vec<Json> = components.iter().map(|id| self.zone_item(*id, false)).collect();
                json!({ "type": "array", "items": any_of(items) })
            }
            _ => nullable(plain_value(attribute, false)),
        })
    }

    /// A component as it is read.
    fn component(&mut self, id: ComponentId) -> Json {
        let name = self.component_name(id);
        self.refer(&name, |schemas| {
            let component = schemas.registry.component(id);
            let mut properties = Map::from_iter([("id".to_owned(), json!({ "type": "integer" }))]);
            for (_, attribute) in component.attributes.iter().filter(|(_, attribute)| !attribute.is_hidden()) {
                if let Some(schema) = schemas.read_value(attribute) {
                    properties.insert(attribute.name.clone(), schema);
                }
            }
            json!({ "type": "object", "description": component.display_name, "properties": properties, "required": ["id"] })
        })
    }

    fn component_name(&self, id: ComponentId) -> String {
        self.component_names.get(&id).cloned().unwrap_or_default()
    }

    /// An item of a dynamic zone, whose `__component` names its component.
    fn zone_item(&mut self, id: ComponentId, is_written: bool) -> Json {
        let component = if is_written { self.component_input(id) } else { self.component(id) };
        let uid = &self.registry.component(id).uid;
        let kind =
            json!({ "type": "object", "properties": { "__component": { "const": uid } }, "required": ["__component"] });
        json!({ "allOf": [kind, component] })
    }

    /// The data of a new or changed entry.
    pub(crate) fn entry_input(&mut self, content_type: &'a ContentType, action: Action) -> Json {
        let [create, update] = self.input_names.get(&content_type.id).cloned().unwrap_or_default();
        let name = if action == Action::Create { create } else { update };
        let is_user = content_type.id == self.registry.user_type().id;
        self.refer(&name, |schemas| {
            let access = schemas.access;
            let settable = |id: AttributeId| {
                let is_code = is_user && CODES_OF_USERS.contains(&content_type.attributes[id].name.as_str());
                access.allows_attribute(content_type, id, action) && !is_code
            };
            // Drafts may lack required values: they are checked when a draft is published.
            let is_complete = action == Action::Create && !content_type.draft_publish;
            let mut input = schemas.input(&content_type.attributes, settable, is_complete);
            // Unknown keys are refused.
            input["additionalProperties"] = json!(false);
            input
        })
    }

    fn component_input(&mut self, id: ComponentId) -> Json {
        let name = self.component_input_names.get(&id).cloned().unwrap_or_default();
        self.refer(&name, |schemas| {
            let attributes = &schemas.registry.component(id).attributes;
            let mut input = schemas.input(attributes, |_| true, false);
            input["properties"]["id"] = json!({ "type": "integer", "description": "Id of a component that is kept." });
            input
        })
    }

    fn input(&mut self, attributes: &Attributes, settable: impl Fn(AttributeId) -> bool, is_complete: bool) -> Json {
        let mut properties = Map::new();
        let mut required = Vec::new();
        for (_, attribute) in attributes.iter().filter(|(id, _)| settable(*id)) {
            let Some(schema) = self.written_value(attribute, is_complete) else { continue };
            properties.insert(attribute.name.clone(), schema);
            let is_required = attribute.required && attribute.default.is_none() && attribute.visible_if.is_none();
            if is_complete && is_required {
                required.push(json!(attribute.name));
            }
        }
        let mut schema = json!({ "type": "object", "properties": properties });
        if !required.is_empty() {
            schema["required"] = Json::Array(required);
        }
        schema
    }

    fn written_value(&mut self, attribute: &Attribute, is_complete: bool) -> Option<Json> {
        Some(match &attribute.kind {
            FieldKind::Media { .. } | FieldKind::Relation(_) => self.link_input(),
            FieldKind::Unlinked { .. } => return None,
            FieldKind::Component { component, repeatable } => {
                let component = self.component_input(*component);
                one_or_many(*repeatable, component)
            }
            FieldKind::DynamicZone { components } => {
                let items: Vec<Json> = components.iter().map(|id| self.zone_item(*id, true)).collect();
                json!({ "type": "array", "items": any_of(items) })
            }
            _ if is_complete && attribute.required => bounded(plain_value(attribute, true), attribute),
            _ => nullable(plain_value(attribute, true)),
        })
    }

    /// Links as they are written: one or a list, by row id or document id, or as changes. Each object has a name of its own, by which generators
    /// of clients call it.
    fn link_input(&mut self) -> Json {
        let position = self.refer("LinkPosition", |_| {
            let id = json!({ "type": ["string", "integer"] });
            let flag = json!({ "type": "boolean" });
            json!({ "type": "object", "properties": { "before": id, "after": id, "start": flag, "end": flag } })
        });
        let entry = self.refer("LinkedEntry", |_| {
            let properties = json!({
                "id": { "type": "integer" }, "documentId": { "type": "string" }, "locale": { "type": ["string", "null"] },
                "status": { "type": "string", "enum": ["draft", "published"] }, "position": position, "__type": { "type": "string" },
            });
            json!({ "type": "object", "properties": properties })
        });
        let target =
            self.refer("LinkTarget", |_| json!({ "anyOf": [{ "type": "integer" }, { "type": "string" }, entry] }));
        let list = json!({ "type": "array", "items": target });
        let changes = self.refer("LinkChanges", |_| {
            let one_or_list = json!({ "anyOf": [list, target, { "type": "null" }] });
            let changes = json!({ "connect": one_or_list, "disconnect": one_or_list, "set": one_or_list });
            json!({ "type": "object", "properties": changes })
        });
        self.refer("LinkInput", |_| json!({ "anyOf": [list, { "type": "null" }, target, changes] }))
    }

    fn any_entry(&mut self) -> Json {
        self.refer("AnyEntry", |_| {
            let properties = json!({ "__type": { "type": "string" }, "id": { "type": "integer" }, "documentId": { "type": "string" } });
            json!({ "type": "object", "description": "An entry of any type.", "properties": properties, "additionalProperties": true })
        })
    }

    /// The number of links, in place of the links.
    fn count(&mut self) -> Json {
        self.refer(
            "Count",
            |_| json!({ "type": "object", "properties": { "count": { "type": "integer" } }, "required": ["count"] }),
        )
    }

    /// The body of every error.
    pub(crate) fn error(&mut self) -> Json {
        let description = self.refer("ErrorDescription", |_| {
            json!({
                "type": "object",
                "properties": {
                    "status": { "type": "integer" }, "name": { "type": "string" }, "message": { "type": "string" }, "details": {},
                },
                "required": ["status", "name", "message"],
            })
        });
        self.refer("Error", |_| {
            let properties = json!({ "data": { "type": "null" }, "error": description });
            json!({ "type": "object", "properties": properties, "required": ["error"] })
        })
    }

    /// The page of a list that a response has.
    pub(crate) fn pagination(&mut self) -> Json {
        self.refer("Pagination", |_| {
            let numbers = ["page", "pageSize", "pageCount", "start", "limit", "total"];
            let properties: Map<String, Json> =
                numbers.iter().map(|name| ((*name).to_owned(), json!({ "type": "integer" }))).collect();
            json!({ "type": "object", "properties": properties })
        })
    }

    /// The response to a sign-in.
    pub(crate) fn signed_in(&mut self) -> Json {
        let user = self.entry(self.registry.user_type());
        self.refer("SignedIn", |_| {
            let properties = json!({ "jwt": { "type": "string" }, "refreshToken": { "type": "string" }, "user": user });
            json!({ "type": "object", "properties": properties, "required": ["user"] })
        })
    }

    /// A locale of the site.
    pub(crate) fn locale(&mut self) -> Json {
        self.refer("Locale", |_| {
            let text = json!({ "type": "string" });
            let properties = json!({
                "id": { "type": "integer" }, "documentId": text, "name": text, "code": text, "isDefault": { "type": "boolean" },
                "createdAt": text, "updatedAt": text, "publishedAt": text,
            });
            json!({ "type": "object", "properties": properties, "required": ["code", "name", "isDefault"] })
        })
    }
}

fn one_or_many(many: bool, schema: Json) -> Json {
    if many { json!({ "type": "array", "items": schema }) } else { json!({ "anyOf": [schema, { "type": "null" }] }) }
}

fn any_of(mut schemas: Vec<Json>) -> Json {
    match schemas.len() {
        // No value matches an empty union.
        0 => json!(false),
        1 => schemas.remove(0),
        _ => json!({ "anyOf": schemas }),
    }
}

/// A plain value, without null. `is_written`: as it may be sent, where more is accepted than is returned.
fn plain_value(attribute: &Attribute, is_written: bool) -> Json {
    match &attribute.kind {
        FieldKind::Integer => json!({ "type": "integer" }),
        FieldKind::Float | FieldKind::Decimal => json!({ "type": "number" }),
        FieldKind::BigInteger if is_written => json!({ "type": ["string", "integer"] }),
        FieldKind::BigInteger => json!({ "type": "string", "pattern": "^-?[0-9]+$" }),
        FieldKind::Boolean => json!({ "type": "boolean" }),
        FieldKind::Date => json!({ "type": "string", "format": "date" }),
        FieldKind::DateTime => json!({ "type": "string", "format": "date-time" }),
        FieldKind::Time => json!({ "type": "string", "pattern": r"^[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}$" }),
        FieldKind::Email => json!({ "type": "string", "format": "email" }),
        FieldKind::Json => json!({}),
        FieldKind::Blocks => {
            let kind = json!({ "type": { "type": "string" } });
            let block =
                json!({ "type": "object", "properties": kind, "required": ["type"], "additionalProperties": true });
            json!({ "type": "array", "items": block })
        }
        FieldKind::Enumeration { values } => json!({ "type": "string", "enum": values }),
        _ => json!({ "type": "string" }),
    }
}

/// Makes a schema accept null as well.
fn nullable(mut schema: Json) -> Json {
    match schema.get("type").cloned() {
        Some(Json::String(kind)) => schema["type"] = json!([kind, "null"]),
        Some(Json::Array(mut kinds)) => {
            kinds.push("null".into());
            schema["type"] = Json::Array(kinds);
        }
        _ => {}
    }
    if let Some(Json::Array(values)) = schema.get_mut("enum") {
        values.push(Json::Null);
    }
    schema
}

/// Adds the bounds of an attribute to a schema.
fn bounded(mut schema: Json, attribute: &Attribute) -> Json {
    let number =
        |bound: &Option<NumberBound>| bound.as_ref().and_then(|bound| serde_json::from_str::<Json>(&bound.text).ok());
    let is_number = matches!(attribute.kind, FieldKind::Integer | FieldKind::Float | FieldKind::Decimal);
    let bounds = [
        ("minimum", number(&attribute.min).filter(|_| is_number)),
        ("maximum", number(&attribute.max).filter(|_| is_number)),
        ("maxLength", attribute.max_length.map(Json::from)),
    ];
    for (name, bound) in bounds {
        if let Some(bound) = bound {
            schema[name] = bound;
        }
    }
    schema
}
