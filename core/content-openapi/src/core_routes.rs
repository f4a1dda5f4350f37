//! The operations that every project has: signing in, users, files, locales.

use crate::headers::add_conditional_read;
use crate::operations::{describe_responses, refer_to_parameters};
use crate::schemas::Schemas;
use cairn_access::PluginAction;
use cairn_query::Action;
use serde_json::{Map, Value as Json, json};

/// Query parameters of the lists of users and files.
const BARE_LIST: &[&str] = &["filters", "sort", "fields", "populate", "pagination"];
/// Query parameters of the routes that return one user or file.
const BARE: &[&str] = &["fields", "populate"];

/// The media type of a body.
#[derive(Clone, Copy, PartialEq, Eq)]
enum BodyForm {
    Json,
    /// A form with files: `multipart/form-data`.
    Files,
}

/// Returns a schema, and adds those that it refers to.
type SchemaMaker = fn(&mut Schemas<'_>) -> Json;

/// An operation that belongs to no content type of the project.
struct CoreRoute {
    action: PluginAction,
    method: &'static str,
    path: &'static str,
    id: &'static str,
    tag: &'static str,
    parameters: &'static [&'static str],
    body: Option<(BodyForm, SchemaMaker)>,
    status: u16,
    response: Option<SchemaMaker>,
}

/// A route of `auth` without parameters and body: the methods below add them.
const fn route(
    action: PluginAction,
    (method, path): (&'static str, &'static str),
    id: &'static str,
    (status, response): (u16, Option<SchemaMaker>),
) -> CoreRoute {
    CoreRoute { action, method, path, id, tag: "auth", parameters: &[], body: None, status, response }
}

impl CoreRoute {
    const fn with_tag(self, tag: &'static str) -> Self {
        Self { tag, ..self }
    }

    const fn with_parameters(self, parameters: &'static [&'static str]) -> Self {
        Self { parameters, ..self }
    }

    const fn with_body(self, form: BodyForm, body: SchemaMaker) -> Self {
        Self { body: Some((form, body)), ..self }
    }
}

const SIGNED_IN: (u16, Option<SchemaMaker>) = (200, Some(|schemas| schemas.signed_in()));
const DONE: (u16, Option<SchemaMaker>) = (200, Some(|_| json!({ "type": "object" })));

/// All core routes, in the order of the document.
const CORE_ROUTES: &[CoreRoute] = &[
    route(PluginAction::SignIn, ("post", "/api/auth/local"), "signIn", SIGNED_IN)
        .with_body(BodyForm::Json, |_| texts(&["identifier", "password"], &[])),
    route(PluginAction::Register, ("post", "/api/auth/local/register"), "register", SIGNED_IN)
        .with_body(BodyForm::Json, |_| texts(&["username", "email", "password"], &[])),
    route(PluginAction::ForgotPassword, ("post", "/api/auth/forgot-password"), "forgotPassword", DONE)
        .with_body(BodyForm::Json, |_| texts(&["email"], &[])),
    route(PluginAction::ResetPassword, ("post", "/api/auth/reset-password"), "resetPassword", SIGNED_IN)
        .with_body(BodyForm::Json, |_| texts(&["code", "password", "passwordConfirmation"], &[])),
    route(
        PluginAction::ResetPassword,
        ("post", "/api/auth/check-invitation"),
        "checkInvitation",
        (200, Some(|_| json!({ "type": "object", "properties": { "valid": { "type": "boolean" } }, "required": ["valid"] }))),
    )
    .with_body(BodyForm::Json, |_| texts(&["code"], &[])),
    route(PluginAction::ResetPassword, ("post", "/api/auth/accept-invitation"), "acceptInvitation", SIGNED_IN)
        .with_body(BodyForm::Json, |_| texts(&["code", "password"], &["passwordConfirmation"])),
    route(PluginAction::ForgotPassword, ("post", "/api/auth/request-invitation"), "requestInvitation", DONE)
        .with_body(BodyForm::Json, |_| texts(&["email"], &["language"])),
    route(PluginAction::ChangePassword, ("post", "/api/auth/change-password"), "changePassword", SIGNED_IN)
        .with_body(BodyForm::Json, |_| texts(&["currentPassword", "password", "passwordConfirmation"], &[])),
    route(
        PluginAction::SendEmailConfirmation,
        ("post", "/api/auth/send-email-confirmation"),
        "sendEmailConfirmation",
        DONE,
    )
    .with_body(BodyForm::Json, |_| texts(&["email"], &[])),
    route(
        PluginAction::Refresh,
        ("post", "/api/auth/refresh"),
        "refreshSession",
        (200, Some(|_| texts(&["jwt", "refreshToken"], &[]))),
    )
    .with_body(BodyForm::Json, |_| texts(&["refreshToken"], &[])),
    route(PluginAction::SignOut, ("post", "/api/auth/logout"), "signOut", DONE),
    route(PluginAction::Me, ("get", "/api/users/me"), "getOwnUser", (200, Some(user)))
        .with_tag("users")
        .with_parameters(BARE),
    route(PluginAction::FindUsers, ("get", "/api/users"), "listUsers", (200, Some(|s| list_of(&user(s)))))
        .with_tag("users")
        .with_parameters(BARE_LIST),
    route(
        PluginAction::CountUsers,
        ("get", "/api/users/count"),
        "countUsers",
        (200, Some(|_| json!({ "type": "integer" }))),
    )
    .with_tag("users"),
    route(PluginAction::CreateUser, ("post", "/api/users"), "createUser", (201, Some(user)))
        .with_tag("users")
        .with_body(BodyForm::Json, |s| s.entry_input(s.registry().user_type(), Action::Create)),
    route(PluginAction::FindUser, ("get", "/api/users/{id}"), "getUser", (200, Some(user)))
        .with_tag("users")
        .with_parameters(BARE),
    route(PluginAction::UpdateUser, ("put", "/api/users/{id}"), "updateUser", (200, Some(user)))
        .with_tag("users")
        .with_body(BodyForm::Json, |s| s.entry_input(s.registry().user_type(), Action::Update)),
    route(PluginAction::DeleteUser, ("delete", "/api/users/{id}"), "deleteUser", (200, Some(user))).with_tag("users"),
    route(PluginAction::FindFiles, ("get", "/api/upload/files"), "listFiles", (200, Some(|s| list_of(&file(s)))))
        .with_tag("files")
        .with_parameters(BARE_LIST),
    route(PluginAction::Upload, ("post", "/api/upload"), "uploadFiles", (201, Some(|s| list_of(&file(s)))))
        .with_tag("files")
        .with_body(BodyForm::Files, |_| upload_form()),
    route(PluginAction::FindFile, ("get", "/api/upload/files/{id}"), "getFile", (200, Some(file)))
        .with_tag("files")
        .with_parameters(BARE),
    route(PluginAction::DeleteFile, ("delete", "/api/upload/files/{id}"), "deleteFile", (200, Some(file)))
        .with_tag("files"),
    route(
        PluginAction::FindLocales,
        ("get", "/api/i18n/locales"),
        "listLocales",
        (200, Some(|schemas| list_of(&schemas.locale()))),
    )
    .with_tag("locales"),
];

/// True for the id of one of them.
pub(crate) fn is_core_operation(id: &str) -> bool {
    CORE_ROUTES.iter().any(|route| route.id == id)
}

/// Adds the operations of the core routes that the caller may call. Returns their tags.
pub(crate) fn add_core_routes(
    paths: &mut Map<String, Json>,
    schemas: &mut Schemas<'_>,
    allows: &dyn Fn(PluginAction) -> bool,
) -> Vec<Json> {
    let mut tags: Vec<&str> = Vec::new();
    for route in CORE_ROUTES.iter().filter(|route| allows(route.action)) {
        if !tags.contains(&route.tag) {
            tags.push(route.tag);
        }
        let operation = describe_route(schemas, route);
        let path = paths.entry(route.path).or_insert_with(|| json!({}));
        if route.path.ends_with("{id}") {
            path["parameters"] =
                json!([{ "name": "id", "in": "path", "required": true, "schema": { "type": "string" } }]);
        }
        path[route.method] = operation;
    }
    tags.iter().map(|tag| json!({ "name": tag })).collect()
}

fn describe_route(schemas: &mut Schemas<'_>, route: &CoreRoute) -> Json {
    let response = route.response.map(|make| make(schemas));
    let mut responses = vec![(route.status, response)];
    // A user who does not exist is no error, as in Strapi.
    if route.tag == "users" && route.path.ends_with("{id}") && route.method != "put" {
        responses.push((204, None));
    }
    let replaces_file = matches!(route.action, PluginAction::Upload);
    if replaces_file {
        responses.push((200, Some(file(schemas))));
    }
    let mut operation = json!({
        "operationId": route.id,
        "tags": [route.tag],
        "responses": describe_responses(&responses),
    });
    if !route.parameters.is_empty() {
        operation["parameters"] = refer_to_parameters(route.parameters);
    }
    if replaces_file {
        let about =
            "Id of a file that is changed: its texts, or its bytes if the form has a file. The response is that file.";
        operation["parameters"] =
            json!([{ "name": "id", "in": "query", "description": about, "schema": { "type": "integer" } }]);
    }
    // The locales have no ETag.
    if route.method == "get" && route.tag != "locales" {
        add_conditional_read(&mut operation);
    }
    if let Some((form, make)) = route.body {
        let media_type = match form {
            BodyForm::Json => "application/json",
            BodyForm::Files => "multipart/form-data",
        };
        let schema = make(schemas);
        operation["requestBody"] = json!({ "required": true, "content": { media_type: { "schema": schema } } });
    }
    operation
}

/// An object whose members are texts.
fn texts(required: &[&str], optional: &[&str]) -> Json {
    let names = required.iter().chain(optional);
    let properties: Map<String, Json> = names.map(|name| ((*name).to_owned(), text_schema(name))).collect();
    let mut schema = json!({ "type": "object", "properties": properties });
    if !required.is_empty() {
        schema["required"] = json!(required);
    }
    schema
}

/// The schema of a text in a body of `auth`, none of which may be empty.
fn text_schema(name: &str) -> Json {
    match name {
        "email" => json!({ "type": "string", "format": "email", "minLength": 1 }),
        _ => json!({ "type": "string", "minLength": 1 }),
    }
}

fn list_of(schema: &Json) -> Json {
    json!({ "type": "array", "items": schema })
}

fn user(schemas: &mut Schemas<'_>) -> Json {
    let user = schemas.registry().user_type();
    schemas.entry(user)
}

fn file(schemas: &mut Schemas<'_>) -> Json {
    let file = schemas.registry().file_type();
    schemas.entry(file)
}

/// The form of an upload: files, and the texts of each.
fn upload_form() -> Json {
    let text = json!({ "type": "string" });
    json!({
        "type": "object",
        "properties": {
            "files": { "type": "array", "items": { "type": "string", "format": "binary" } },
            "fileInfo": { "description": "A JSON object for each file, with name, alternativeText and caption.", "anyOf": [text, list_of(&text)] },
        },
        "required": ["files"],
    })
}
