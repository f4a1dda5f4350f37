//! Checks the admin API and the content API against their OpenAPI documents. Every response of every test is checked.
//!
//! Stricter than JSON Schema: a member that the document does not name is a fault, since no reader of the document knows of it.

use cairn_content_api::describe_plugin_route;
use cairn_content_openapi::{ApiPermissions, PluginRoute, describe_content_api};
use cairn_model::Registry;
use cairn_query::Access;
use cairn_server::App;
use serde_json::{Map, Value as Json};
use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, LazyLock, Mutex, Weak};

/// The document of the admin API in the repository, which a test of the server compares with the one that the handlers generate: parsing it is less work
/// than generating it, in every process of every test.
static ADMIN_DOCUMENT: LazyLock<Json> =
    LazyLock::new(|| serde_json::from_str(include_str!("../../server/tests/golden/openapi.json")).unwrap());

/// Status of a response that is as the client has it already; it has no body.
const NOT_MODIFIED: u16 = 304;

/// Prefix of the routes of plugins for people in the admin, which are described as those of the content API are.
const ADMIN_ROUTES: &str = "/admin/api/plugin-routes/";

/// The content API of a server, described for callers who may call all of it, from the content types and the plugins that it has at the time.
#[derive(Clone)]
pub(crate) struct ContentApi {
    process: Weak<App>,
    described: Arc<Mutex<Option<DescribedTypes>>>,
}

/// The document that describes some content types and routes of plugins.
struct DescribedTypes {
    registry: Arc<Registry>,
    plugin_routes: Vec<PluginRoute>,
    document: Arc<Json>,
}

impl fmt::Debug for ContentApi {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ContentApi").finish_non_exhaustive()
    }
}

impl ContentApi {
    pub(crate) fn of(process: &Arc<App>) -> Self {
        Self { process: Arc::downgrade(process), described: Arc::default() }
    }

    /// The document of the default tenant; `None` once its server has ended.
    fn describe(&self) -> Option<Arc<Json>> {
        let tenant = self.process.upgrade()?.default_tenant();
        let registry = tenant.content.registry();
        // A route that declares no responses may answer anything.
        let routes = tenant.plugins.plugins().list_routes().into_iter();
        let declaring = routes.filter(|described| !described.route.responses.is_empty());
        let plugin_routes: Vec<PluginRoute> = declaring.map(describe_plugin_route).collect();
        let mut described = self.described.lock().unwrap();
        let is_same =
            |known: &&DescribedTypes| Arc::ptr_eq(&known.registry, registry) && known.plugin_routes == plugin_routes;
        if let Some(known) = described.as_ref().filter(is_same) {
            return Some(known.document.clone());
        }
        let access = Access::full();
        let permissions = ApiPermissions { access: &access, allows_action: &|_| true, plugin_routes: &plugin_routes };
        let document = Arc::new(describe_content_api(registry, permissions));
        *described = Some(DescribedTypes { registry: registry.clone(), plugin_routes, document: document.clone() });
        Some(document)
    }

    /// Panics where an exchange of the content API does not fit its document. What is not in the document is not checked.
    #[track_caller]
    pub(crate) fn check_exchange(
        &self,
        method: &str,
        path: &str,
        request_body: Option<&[u8]>,
        status: u16,
        headers: &HashMap<String, String>,
        body: &[u8],
    ) {
        // HEAD, and another method than the path has, are not in the document.
        if method == "HEAD" || status == 405 {
            return;
        }
        let path = match path.strip_prefix(ADMIN_ROUTES) {
            Some(route) => format!("/api/{route}"),
            None if path.starts_with("/api/") => path.to_owned(),
            None => return,
        };
        let Some(document) = self.describe() else { return };
        check_headers(&document, method, &path, status, headers, body);
        if status != NOT_MODIFIED {
            let media_type = headers.get("content-type").map_or("", String::as_str);
            check_exchange(&document, method, &path, None, status, media_type, body);
            check_media_type(&document, method, &path, status, media_type, body);
            check_accepted_body(&document, method, &path, status, request_body);
        }
    }
}

/// Panics where an accepted request of the admin API, or its response, does not fit its document.
#[track_caller]
pub(crate) fn check_admin_exchange(
    method: &str,
    path: &str,
    request_body: Option<&[u8]>,
    status: u16,
    media_type: &str,
    body: &[u8],
) {
    check_exchange(&ADMIN_DOCUMENT, method, path, request_body, status, media_type, body);
}

/// The operation of a request, and its path in the document: the one with the fewest variable parts.
fn find_operation<'d>(document: &'d Json, method: &str, path: &str) -> Option<(&'d str, &'d Json)> {
    let parts: Vec<&str> = path.split('/').collect();
    let fits = |known: &str| {
        let known: Vec<&str> = known.split('/').collect();
        let fits = known.len() == parts.len()
            && known
                .iter()
                .zip(&parts)
                .all(|(known, part)| (known.starts_with('{') && !part.is_empty()) || known == part);
        fits.then(|| known.iter().filter(|part| part.starts_with('{')).count())
    };
    let paths = document["paths"].as_object().unwrap();
    let map = paths.iter().filter_map(|(known, item)| Some((fits(known)?, known, item)));
    let (_, known, item) = map.min_by_key(|(variable, _, _)| *variable)?;
    Some((known.as_str(), item.get(method.to_ascii_lowercase())?))
}

/// Panics where an accepted request, or its response, does not fit the document. What is not in the document is not checked.
#[track_caller]
fn check_exchange(
    document: &Json,
    method: &str,
    path: &str,
    request_body: Option<&[u8]>,
    status: u16,
    media_type: &str,
    body: &[u8],
) {
    let Some((known, operation)) = find_operation(document, method, path) else { return };
    let check = |unnamed| Checker { document, unnamed };
    let place = format!("{method} {known} answered {status}");
    let responses = &operation["responses"];
    let known = responses.get(status.to_string()).or_else(|| responses.get(format!("{}XX", status / 100)));
    let described = match (known, status >= 400) {
        (Some(response), _) => response,
        (None, true) => &responses["default"],
        (None, false) => panic!("{place}: this response is not in the document"),
    };
    let content = &resolve_reference(document, described)["content"];
    let media_type = media_type.split(';').next().unwrap_or_default();
    let is_json = media_type == "application/json" || content.get(media_type).is_none();
    match (&content["application/json"]["schema"], serde_json::from_slice::<Json>(body)) {
        // A file that the document names.
        _ if !is_json => {}
        (Json::Null, _) => {}
        (schema, Ok(body)) => {
            if let Err(fault) = check(UnnamedMembers::Faults).check_value(schema, &body, "") {
                panic!("{place}, but the body does not match the document: {fault}\n{body:#}");
            }
        }
        (_, Err(_)) => panic!("{place}: the body is not JSON"),
    }
    let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
    let request_json = request_body.and_then(|bytes| serde_json::from_slice::<Json>(bytes).ok());
    if let (true, Some(request_json)) = (status < 300, request_json) {
        if schema.is_null() {
            let nothing = request_json.is_null() || request_json.as_object().is_some_and(Map::is_empty);
            assert!(nothing, "{place}: the document describes no body, but {request_json} was sent");
        } else if let Err(fault) = check(UnnamedMembers::Ignored).check_value(schema, &request_json, "") {
            panic!("{place}, although the body does not match the document: {fault}\n{request_json:#}");
        }
    }
}

/// Panics where a response of the content API itself says something about versions that the document does not, or the other way round: its name
/// (`ETag`), the version token of the entry, that nothing has changed since (304), or that something has (409). Routes of plugins choose
/// their headers themselves.
#[track_caller]
fn check_headers(
    document: &Json,
    method: &str,
    path: &str,
    status: u16,
    headers: &HashMap<String, String>,
    body: &[u8],
) {
    let Some((known, operation)) = find_operation(document, method, path) else { return };
    if is_plugin_route(operation) {
        return;
    }
    let place = format!("{method} {known} answered {status}");
    let takes = |header: &str| {
        let parameters = operation["parameters"].as_array().into_iter().flatten();
        parameters.map(|parameter| resolve_reference(document, parameter)).any(|p| p["name"] == header)
    };
    let described = &operation["responses"][status.to_string()];
    if status == NOT_MODIFIED {
        assert!(described.is_object() && takes("If-None-Match"), "{place}, which is not in the document");
    }
    let error = serde_json::from_slice::<Json>(body).unwrap_or_default();
    if status == 409 && error["error"]["details"].get("yourVersion").is_some() {
        assert!(described.is_object() && takes("If-Match"), "{place}, which is not in the document");
    }
    for name in ["ETag", "Cairn-Version"] {
        let is_sent = headers.contains_key(&name.to_ascii_lowercase());
        let is_named = described["headers"].get(name).is_some();
        assert!(!is_sent || is_named, "{place} with {name}, which is not in the document");
        // Previews are stored nowhere, so nobody asks whether they have changed.
        let is_preview = headers.get("cache-control").is_some_and(|value| value.contains("no-store"));
        assert!(is_sent || !is_named || is_preview, "{place} without {name}, which is in the document");
    }
}

/// Panics where a plugin accepted a JSON body that does not fit the schema that its route declares.
#[track_caller]
fn check_accepted_body(document: &Json, method: &str, path: &str, status: u16, request_body: Option<&[u8]>) {
    let Some((known, operation)) = find_operation(document, method, path) else { return };
    let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
    if status >= 300 || !is_plugin_route(operation) || schema.is_null() {
        return;
    }
    let Some(body) = request_body.and_then(|bytes| serde_json::from_slice::<Json>(bytes).ok()) else { return };
    if let Err(fault) = (Checker { document, unnamed: UnnamedMembers::Ignored }).check_value(schema, &body, "") {
        panic!("{method} {known} answered {status}, although the body does not fit its schema: {fault}\n{body:#}");
    }
}

/// True for an operation of a plugin.
fn is_plugin_route(operation: &Json) -> bool {
    operation["tags"][0].as_str().is_some_and(|tag| tag.starts_with("plugin "))
}

/// Panics where a response has a body of a type that the document does not name.
#[track_caller]
fn check_media_type(document: &Json, method: &str, path: &str, status: u16, media_type: &str, body: &[u8]) {
    let Some((known, operation)) = find_operation(document, method, path) else { return };
    let Some(described) = operation["responses"].get(status.to_string()) else { return };
    let content = &resolve_reference(document, described)["content"];
    let media_type = media_type.split(';').next().unwrap_or_default().trim();
    let is_named = body.is_empty() || content.get(media_type).is_some();
    assert!(is_named, "{method} {known} answered {status} with {media_type:?}, which is not in the document");
}

fn resolve_reference<'d>(document: &'d Json, mut schema: &'d Json) -> &'d Json {
    while let Some(name) = schema["$ref"].as_str() {
        schema = document.pointer(name.trim_start_matches('#')).unwrap_or_else(|| panic!("{name} not found"));
    }
    schema
}

/// How members are treated that the document does not name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum UnnamedMembers {
    /// In a response: they are faults, since no reader of the document knows of them.
    Faults,
    /// In a body: the server ignores them, unless its type forbids others.
    Ignored,
}

/// Checks values against schemas of a document.
#[derive(Clone, Copy)]
struct Checker<'d> {
    document: &'d Json,
    unnamed: UnnamedMembers,
}

impl<'d> Checker<'d> {
    /// Checks a value against a schema; the error has a path.
    fn check_value(self, schema: &Json, value: &Json, at: &str) -> Result<(), String> {
        let schema = resolve_reference(self.document, schema);
        if let Some(kinds) = schema.get("oneOf").or_else(|| schema.get("anyOf")).and_then(Json::as_array) {
            let faults: Vec<String> = kinds.iter().filter_map(|kind| self.check_value(kind, value, at).err()).collect();
            return if faults.len() < kinds.len() { Ok(()) } else { Err(faults.join("; or ")) };
        }
        let closed = schema["additionalProperties"] == false;
        let (mut members, mut required, mut others) = (Map::new(), Vec::new(), None);
        if self.collect_members(schema, &mut members, &mut required, &mut others) {
            let Some(object) = value.as_object() else {
                return match (value, schema["type"].as_array()) {
                    (Json::Null, Some(types)) if types.iter().any(|t| t == "null") => Ok(()),
                    _ => Err(format!("{at}: expected an object, found {value}")),
                };
            };
            if let Some(missing) = required.iter().find(|name| !object.contains_key(**name)) {
                return Err(format!("{at}/{missing} is missing"));
            }
            return object.iter().try_for_each(|(name, value)| match (members.get(name), &others) {
                (Some(schema), _) | (None, Some(schema)) => self.check_value(schema, value, &format!("{at}/{name}")),
                (None, None) if self.unnamed == UnnamedMembers::Ignored && !closed => Ok(()),
                (None, None) => Err(format!("{at}/{name} is not described")),
            });
        }
        if let Some(values) = schema["enum"].as_array() {
            let known = values.contains(value);
            return if known { Ok(()) } else { Err(format!("{at}: {value} is not one of {}", schema["enum"])) };
        }
        let types: Vec<&str> = match &schema["type"] {
            Json::Array(types) => types.iter().filter_map(Json::as_str).collect(),
            Json::String(one) => vec![one],
            _ => return Ok(()),
        };
        let is = |kind: &&str| match *kind {
            "null" => value.is_null(),
            "boolean" => value.is_boolean(),
            "integer" => value.is_i64() || value.is_u64(),
            "number" => value.is_number(),
            "string" => value.as_str().is_some_and(|text| {
                schema["format"] != "date-time" || chrono::DateTime::parse_from_rfc3339(text).is_ok()
            }),
            "array" => value.is_array(),
            "object" => value.is_object(),
            other => panic!("{at}: unknown type {other:?}"),
        };
        if !types.iter().any(is) {
            return Err(format!("{at}: expected {}, found {value}", types.join(" or ")));
        }
        let items = schema.get("items").into_iter();
        items
            .flat_map(|schema| value.as_array().into_iter().flatten().enumerate().map(move |item| (schema, item)))
            .try_for_each(|(schema, (i, item))| self.check_value(schema, item, &format!("{at}/{i}")))
    }

    /// Collects the members of an object and of what it is composed of. False where it is not an object with members.
    fn collect_members<'s>(
        self,
        schema: &'s Json,
        members: &mut Map<String, Json>,
        required: &mut Vec<&'s str>,
        others: &mut Option<Json>,
    ) -> bool
    where
        'd: 's,
    {
        let mut object = false;
        for part in schema["allOf"].as_array().into_iter().flatten() {
            object |= self.collect_members(resolve_reference(self.document, part), members, required, others);
        }
        if let Some(own) = schema["properties"].as_object() {
            members.extend(own.clone());
            object = true;
        }
        match &schema["additionalProperties"] {
            Json::Bool(false) | Json::Null => {}
            schema => {
                *others = Some(schema.clone());
                object = true;
            }
        }
        required.extend(schema["required"].as_array().into_iter().flatten().filter_map(Json::as_str));
        object
    }
}
