//! Request bodies that manifests declare, to compare what a plugin accepts with them.

use super::message::find_media_type;
use crate::tenant::plugins::Plugins;
use cairn_plugin_package::BodySchema;
use cairn_plugin_package::manifest::ManifestRoute;
use serde_json::Value as Json;

impl Plugins {
    /// Compares the body of a request that was answered with `status` with the schema that the manifest declares for its route. The error says what is
    /// wrong, for the author of the plugin. Bodies that the plugin refused may have any form, and so may those of a route without a schema.
    pub fn check_declared_request(
        &self,
        plugin: &str,
        route: &ManifestRoute,
        headers: &[(String, String)],
        body: &[u8],
        status: u16,
    ) -> Result<(), String> {
        let Some(generation) = self.find_generation(plugin) else { return Ok(()) };
        let schema = route.body.schema.as_ref().and_then(|file| generation.request_schemas.get(file));
        schema.map_or(Ok(()), |schema| check_request(schema, route, headers, body, status))
    }
}

fn check_request(
    schema: &BodySchema,
    route: &ManifestRoute,
    headers: &[(String, String)],
    body: &[u8],
    status: u16,
) -> Result<(), String> {
    let media_type = find_media_type(headers).unwrap_or_else(|| "application/json".to_owned());
    if status >= 300 || !route.body.is_described(&media_type) {
        return Ok(());
    }
    // A request without a body says nothing: only a schema without required members lets it through.
    let sent: Json = match body {
        [] => Json::Object(serde_json::Map::new()),
        body => serde_json::from_slice(body)
            .map_err(|error| format!("[[route]] \"{}\" accepted a body that is no JSON: {error}", route.name))?,
    };
    let Some(problems) = schema.describe_problems(&sent) else { return Ok(()) };
    let file = route.body.schema.as_deref().unwrap_or_default();
    let name = &route.name;
    Err(format!(
        "[[route]] \"{name}\" answered {status}, but the body that it accepted does not fit {file}: {problems}\n{sent:#}"
    ))
}

#[cfg(test)]
mod tests {
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
method = "POST"
path = "/lead"
auth = "none"
body = { types = ["application/json", "text/csv"], schema = "requests/lead.json" }
"#;

    fn fault(status: u16, media_type: Option<&str>, body: &str) -> Option<String> {
        let manifest = Manifest::parse(MANIFEST).expect("a manifest");
        let lead = br#"{ "properties": { "email": { "type": "string" } }, "required": ["email"] }"#;
        let schema = BodySchema::parse_request(lead).expect("a schema");
        let headers: Vec<_> =
            media_type.into_iter().map(|value| ("content-type".to_owned(), value.to_owned())).collect();
        check_request(&schema, &manifest.routes[0], &headers, body.as_bytes(), status).err()
    }

    #[test]
    fn accepted_bodies_are_compared_with_the_schema() {
        let json = Some("application/json; charset=utf-8");
        for (status, media_type, body) in [
            (201, json, r#"{"email":"a@example.com","more":1}"#),
            // The plugin refused them.
            (400, json, "{}"),
            (303, json, "{}"),
            (400, json, "<"),
            (201, Some("text/csv"), "a;b"),
        ] {
            assert_eq!(fault(status, media_type, body), None, "{status} {body}");
        }
        for (media_type, body, expected) in [
            (
                json,
                "{}",
                "\"lead\" answered 201, but the body that it accepted does not fit requests/lead.json: email: is required",
            ),
            (None, "{}", "email: is required"),
            (json, "", "email: is required"),
            (json, r#"{"email":7}"#, "does not fit requests/lead.json: email"),
            (json, "<p>", "accepted a body that is no JSON"),
        ] {
            let found = fault(201, media_type, body).unwrap_or_default();
            assert!(found.contains(expected), "{body}\n{found}");
        }
    }
}
