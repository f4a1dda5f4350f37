//! The operations that every project has: signing in, users, files, locales.

use crate::operations::{describe_responses, refer_to_parameters};
use crate::schemas::Schemas;
use cairn_access::PluginAction;
use cairn_query::Action;
use serde_json::{Map, Value as Json, json};

/// Parameters of the lists of users and files, and of what shows one of them.
const BARE_LIST: &[&str] = &["filters", "sort", "fields", "populate", "pagination"];
const BARE: &[&str] = &["fields", "populate"];

/// The form of a body.
#[derive(Clone, Copy, PartialEq, Eq)]
enum BodyForm {
    Json,
    Files,
}

/// Makes a schema, when a route needs it.
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
    answer: Option<SchemaMaker>,
}

const fn route(
    action: PluginAction,
    (method, path): (&'static str, &'static str),
    id: &'static str,
    (status, answer): (u16, Option<SchemaMaker>),
) -> CoreRoute {
    CoreRoute { action, method, path, id, tag: "auth", parameters: &[], body: None, status, answer }
}

impl CoreRoute {
    const fn tagged(self, tag: &'static str) -> Self {
        Self { tag, ..self }
    }

    const fn reading(self, parameters: &'static [&'static str]) -> Self {
        Self { parameters, ..self }
    }

    const fn taking(self, form: BodyForm, body: SchemaMaker) -> Self {
        Self { body: Some((form, body)), ..self }
    }
}

const SIGNED_IN: (u16, Option<SchemaMaker>) = (200, Some(|schemas| schemas.signed_in()));
const DONE: (u16, Option<SchemaMaker>) = (200, Some(|_| json!({ "type": "object" })));

/// All of them, in the order of the document.
const CORE_ROUTES: &[CoreRoute] = &[
    route(PluginAction::SignIn, ("post", "/api/auth/local"), "signIn", SIGNED_IN)
        .taking(BodyForm::Json, |_| texts(&["identifier", "password"], &[])),
    route(PluginAction::Register, ("post", "/api/auth/local/register"), "register", SIGNED_IN)
        .taking(BodyForm::Json, |_| texts(&["username", "email", "password"], &[])),
    route(PluginAction::ForgotPassword, ("post", "/api/auth/forgot-password"), "forgotPassword", DONE)
        .taking(BodyForm::Json, |_| texts(&["email"], &[])),
    route(PluginAction::ResetPassword, ("post", "/api/auth/reset-password"), "resetPassword", SIGNED_IN)
        .taking(BodyForm::Json, |_| texts(&["code", "password", "passwordConfirmation"], &[])),
    route(PluginAction::ResetPassword, ("post", "/api/auth/accept-invitation"), "acceptInvitation", SIGNED_IN)
        .taking(BodyForm::Json, |_| texts(&["code", "password"], &["passwordConfirmation"])),
    route(PluginAction::ForgotPassword, ("post", "/api/auth/request-invitation"), "requestInvitation", DONE)
        .taking(BodyForm::Json, |_| texts(&["email"], &["language"])),
    route(PluginAction::ChangePassword, ("post", "/api/auth/change-password"), "changePassword", SIGNED_IN)
        .taking(BodyForm::Json, |_| texts(&["currentPassword", "password", "passwordConfirmation"], &[])),
    route(
        PluginAction::SendEmailConfirmation,
        ("post", "/api/auth/send-email-confirmation"),
        "sendEmailConfirmation",
        DONE,
    )
    .taking(BodyForm::Json, |_| texts(&["email"], &[])),
    route(
        PluginAction::Refresh,
        ("post", "/api/auth/refresh"),
        "refreshSession",
        (200, Some(|_| texts(&["jwt", "refreshToken"], &[]))),
    )
    .taking(BodyForm::Json, |_| texts(&["refreshToken"], &[])),
    route(PluginAction::SignOut, ("post", "/api/auth/logout"), "signOut", DONE),
    route(PluginAction::Me, ("get", "/api/users/me"), "getOwnUser", (200, Some(user))).tagged("users").reading(BARE),
    route(PluginAction::FindUsers, ("get", "/api/users"), "listUsers", (200, Some(|s| list_of(&user(s)))))
        .tagged("users")
        .reading(BARE_LIST),
    route(
        PluginAction::CountUsers,
        ("get", "/api/users/count"),
        "countUsers",
        (200, Some(|_| json!({ "type": "integer" }))),
    )
    .tagged("users"),
    route(PluginAction::CreateUser, ("post", "/api/users"), "createUser", (201, Some(user)))
        .tagged("users")
        .taking(BodyForm::Json, |s| s.entry_input(s.registry().user_type(), Action::Create)),
    route(PluginAction::FindUser, ("get", "/api/users/{id}"), "getUser", (200, Some(user)))
        .tagged("users")
        .reading(BARE),
    route(PluginAction::UpdateUser, ("put", "/api/users/{id}"), "updateUser", (200, Some(user)))
        .tagged("users")
        .taking(BodyForm::Json, |s| s.entry_input(s.registry().user_type(), Action::Update)),
    route(PluginAction::DeleteUser, ("delete", "/api/users/{id}"), "deleteUser", (200, Some(user))).tagged("users"),
    route(PluginAction::FindFiles, ("get", "/api/upload/files"), "listFiles", (200, Some(|s| list_of(&file(s)))))
        .tagged("files")
        .reading(BARE_LIST),
    route(PluginAction::Upload, ("post", "/api/upload"), "uploadFiles", (201, Some(|s| list_of(&file(s)))))
        .tagged("files")
        .taking(BodyForm::Files, |_| upload_form()),
    route(PluginAction::FindFile, ("get", "/api/upload/files/{id}"), "getFile", (200, Some(file)))
        .tagged("files")
        .reading(BARE),
    route(PluginAction::DeleteFile, ("delete", "/api/upload/files/{id}"), "deleteFile", (200, Some(file)))
        .tagged("files"),
    route(
        PluginAction::FindLocales,
        ("get", "/api/i18n/locales"),
        "listLocales",
        (200, Some(|schemas| list_of(&schemas.locale()))),
    )
    .tagged("locales"),
];

/// True for the id of one of them.
pub(crate) fn is_core_operation(id: &str) -> bool {
    CORE_ROUTES.iter().any(|route| route.id == id)
}

/// Adds those that the caller may do. Returns their tags.
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
    let answer = route.answer.map(|make| make(schemas));
    let mut answers = vec![(route.status, answer)];
    // Of users and files that are not there.
    if route.tag == "users" && route.path.ends_with("{id}") && route.method != "put" {
        answers.push((204, None));
    }
    let mut operation = json!({
        "operationId": route.id,
        "tags": [route.tag],
        "responses": describe_responses(&answers),
    });
    if !route.parameters.is_empty() {
        operation["parameters"] = refer_to_parameters(route.parameters);
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

/// An object of texts.
fn texts(required: &[&str], optional: &[&str]) -> Json {
    let names = required.iter().chain(optional);
    let properties: Map<String, Json> = names.map(|name| ((*name).to_owned(), json!({ "type": "string" }))).collect();
    let mut schema = json!({ "type": "object", "properties": properties });
    if !required.is_empty() {
        schema["required"] = json!(required);
    }
    schema
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

/// The form of an upload: files, and for each what is said about it.
fn upload_form() -> Json {
    let text = json!({ "type": "string" });
    json!({
        "type": "object",
        "properties": {
            "files": { "type": "array", "items": { "type": "string", "format": "binary" } },
            "fileInfo": { "description": "For each file a JSON object, with name, alternativeText, caption.", "anyOf": [text, list_of(&text)] },
        },
        "required": ["files"],
    })
}
