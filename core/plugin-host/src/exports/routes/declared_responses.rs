//! Responses that manifests declare: for the description of the content API, and to compare what a plugin answers with them.

use super::message::{RouteResponse, find_media_type};
use crate::definition::plugin_definition::PluginDefinition;
use crate::runtime::generation::Generation;
use crate::tenant::plugins::Plugins;
use cairn_plugin_package::BodySchema;
use cairn_plugin_package::manifest::{ManifestResponse, ManifestRoute};
use serde_json::Value as Json;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// A route of a running plugin, with the schemas of its bodies.
#[derive(Debug, Clone)]
pub struct DescribedRoute {
    /// Id of the plugin.
    pub plugin: String,
    /// Declaration of the route in its manifest.
    pub route: ManifestRoute,
    /// JSON Schema of the bodies that it takes.
    pub request_schema: Option<Arc<Json>>,
    /// JSON Schemas of the bodies of its responses, by their files.
    pub response_schemas: BTreeMap<String, Arc<Json>>,
}

impl Plugins {
    /// All routes of the plugins that run, in the order of the manifests.
    pub fn list_routes(&self) -> Vec<DescribedRoute> {
        let running = self.running();
        let of_plugin = |generation: &Arc<Generation>| {
            generation.manifest.routes.iter().map(|route| describe_route(generation, route)).collect::<Vec<_>>()
        };
        running.generations.iter().flat_map(of_plugin).collect()
    }

    /// Compares a response with those that the manifest declares for its route. The error says what is wrong, for the author of the plugin. A route that
    /// declares no response may answer anything; each may answer with errors of the content API.
    pub fn check_declared_response(
        &self,
        plugin: &str,
        route: &ManifestRoute,
        response: &RouteResponse,
    ) -> Result<(), String> {
        match self.find_generation(plugin) {
            Some(generation) => check_response(&generation.response_schemas, route, response),
            None => Ok(()),
        }
    }
}

fn describe_route(definition: &PluginDefinition, route: &ManifestRoute) -> DescribedRoute {
    let files = route.responses.iter().filter_map(|response| response.schema.as_ref());
    let schemas = files.filter_map(|file| Some((file.clone(), definition.response_schemas.get(file)?.json().clone())));
    let request_schema = route.body.schema.as_ref().and_then(|file| definition.request_schemas.get(file));
    DescribedRoute {
        plugin: definition.id().to_owned(),
        route: route.clone(),
        request_schema: request_schema.map(|schema| schema.json().clone()),
        response_schemas: schemas.collect(),
    }
}

fn check_response(
    schemas: &HashMap<String, BodySchema>,
    route: &ManifestRoute,
    response: &RouteResponse,
) -> Result<(), String> {
    let status = response.status;
    if route.responses.is_empty() || (status >= 400 && is_error(response)) {
        return Ok(());
    }
    let place = format!("[[route]] \"{}\" answered {status}", route.name);
    let declared: Vec<&ManifestResponse> =
        route.responses.iter().filter(|declared| declared.status == status).collect();
    if declared.is_empty() {
        let advice = if status >= 400 { ", and the body is not an error of the content API" } else { "" };
        return Err(format!(
            "{place}, which it does not declare{advice}; add {{ status = {status} }} to its `responses`"
        ));
    }
    if response.file.is_some() {
        // The type of such a response is the file's, which its uploader chose.
        let has_type = declared.iter().any(|one| one.media_type.is_some() && one.schema.is_none());
        return if has_type { Ok(()) } else { Err(format!("{place} with a file, but declares no `type` of one")) };
    }
    let media_type = response_media_type(response);
    let Some(found) = declared.iter().find(|one| one.media_type == media_type) else {
        let media_type = media_type.as_deref().unwrap_or("no body");
        return Err(format!("{place} with {media_type}, which is not among the responses that it declares"));
    };
    let Some(schema) = found.schema.as_ref().and_then(|file| schemas.get(file)) else {
        return Ok(());
    };
    let body: Json =
        serde_json::from_slice(&response.body).map_err(|error| format!("{place}, but the body is no JSON: {error}"))?;
    match schema.describe_problems(&body) {
        None => Ok(()),
        Some(problems) => Err(format!(
            "{place}, but the body does not fit {}: {problems}\n{body:#}",
            found.schema.as_deref().unwrap_or_default()
        )),
    }
}

/// The media type of a body; `None` if there is no body.
fn response_media_type(response: &RouteResponse) -> Option<String> {
    let has_body = !response.body.is_empty();
    has_body.then(|| find_media_type(&response.headers).unwrap_or_else(|| "application/octet-stream".to_owned()))
}

/// True for an error as the content API has it, and for one without a body, which the host writes.
fn is_error(response: &RouteResponse) -> bool {
    if response.body.is_empty() {
        return response.file.is_none();
    }
    let Ok(body) = serde_json::from_slice::<Json>(&response.body) else { return false };
    let error = &body["error"];
    body["data"].is_null() && error["status"].is_u64() && error["name"].is_string() && error["message"].is_string()
}

#[cfg(test)]
mod tests {
    use super::super::message::ResponseFile;
    use super::*;
    use cairn_plugin_package::Manifest;

    const MANIFEST: &str = r#"
[plugin]
id = "crm"
version = "1.0.0"
api = "0.1"
name = "CRM"
license = "MIT"
[[route]]
name = "lead"
method = "GET"
path = "/lead"
auth = "none"
[[route.responses]]
status = 200
schema = "responses/lead.json"
[[route.responses]]
status = 200
type = "text/html"
[[route.responses]]
status = 204
[[route.responses]]
status = 410
schema = "responses/lead.json"
[[route]]
name = "other"
method = "GET"
path = "/other"
auth = "none"
"#;

    fn fault(route: usize, status: u16, media_type: &str, body: &str) -> Option<String> {
        let manifest = Manifest::parse(MANIFEST).expect("a manifest");
        let lead =
            BodySchema::parse_response(br#"{ "properties": { "id": { "type": "string" } }, "required": ["id"] }"#);
        let schemas = HashMap::from([("responses/lead.json".to_owned(), lead.expect("a schema"))]);
        let headers = vec![("content-type".to_owned(), media_type.to_owned())];
        let response = RouteResponse { status, headers, body: body.as_bytes().to_vec(), file: None };
        check_response(&schemas, &manifest.routes[route], &response).err()
    }

    #[test]
    fn responses_are_compared_with_those_that_are_declared() {
        let error = r#"{"data":null,"error":{"status":404,"name":"NotFoundError","message":"Not Found","details":{}}}"#;
        for (status, media_type, body) in [
            (200, "application/json", r#"{"id":"a"}"#),
            (200, "text/html; charset=utf-8", "<p>"),
            (204, "", ""),
            (404, "application/json", error),
            // The host writes the body of an error that has none.
            (429, "", ""),
            (410, "application/json", r#"{"id":"a"}"#),
            (410, "application/json", error),
        ] {
            assert_eq!(fault(0, status, media_type, body), None, "{status} {body}");
        }
        for (status, media_type, body, expected) in [
            (
                201,
                "application/json",
                "{}",
                "answered 201, which it does not declare; add { status = 201 } to its `responses`",
            ),
            (404, "text/html", "<p>", "answered 404, which it does not declare, and the body is not an error"),
            (200, "text/plain", "a", "answered 200 with text/plain, which is not among the responses"),
            (200, "", "", "answered 200 with no body, which is not among the responses"),
            (200, "application/json", "<p>", "answered 200, but the body is no JSON"),
            (200, "application/json", "{}", "does not fit responses/lead.json: id: is required"),
            (410, "application/json", r#"{"id":"a","more":1}"#, "does not fit responses/lead.json"),
        ] {
            let found = fault(0, status, media_type, body).unwrap_or_default();
            assert!(found.contains(expected), "{status} {body}\n{found}");
        }
        // A route that declares none may answer anything.
        assert_eq!(fault(1, 418, "text/plain", "a"), None);
    }

    #[test]
    fn files_need_a_type_without_a_schema() {
        let manifest = Manifest::parse(MANIFEST).expect("a manifest");
        let file = Some(ResponseFile { id: "f".to_owned(), name: "f.pdf".to_owned() });
        let answer = |status| RouteResponse { status, headers: Vec::new(), body: Vec::new(), file: file.clone() };
        assert_eq!(check_response(&HashMap::new(), &manifest.routes[0], &answer(200)), Ok(()));
        let refused = check_response(&HashMap::new(), &manifest.routes[0], &answer(410)).unwrap_err();
        assert!(refused.contains("declares no `type` of one"), "{refused}");
    }
}
