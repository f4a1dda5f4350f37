//! Root fields that belong to no content type: accounts, users, files and locales.

use super::*;

/// The one request that a document makes of the content API, which answers with `answer`.
async fn ask_once(schema: &ApiSchema, query: &str, answer: Json) -> (ContentRequest, Json) {
    let source = Arc::new(FakeSource { answer, ..FakeSource::default() });
    let (status, answered) = run(schema, json!({ "query": query }), &source).await;
    assert_eq!((status, &answered["errors"]), (200, &Json::Null), "{query} {answered:#}");
    let mut asked = source.asked.lock().unwrap();
    assert_eq!(asked.len(), 1, "{query}");
    (asked.remove(0), answered["data"].clone())
}

async fn ask_fixed(schema: &ApiSchema, query: &str, answer: Json) -> (FixedRequest, Json) {
    match ask_once(schema, query, answer).await {
        (ContentRequest::Fixed(request), data) => (request, data),
        (other, _) => panic!("{other:?}"),
    }
}

#[test]
fn fixed_fields_are_in_the_schema_of_callers_who_may_use_them() {
    let registry = load_sample();
    let access = Access::none();
    let nothing = content_permissions(&access);
    let sdl = |permissions: SchemaPermissions<'_>| build_schema(&registry, permissions, 10).unwrap().unwrap().to_sdl();
    let names = [
        "register(",
        "forgotPassword(",
        "resetPassword(",
        "changePassword(",
        "emailConfirmation(",
        "createUsersPermissionsUser(",
        "updateUsersPermissionsUser(",
        "deleteUsersPermissionsUser(",
        "updateUploadFile(",
        "deleteUploadFile(",
    ];
    for (i, mutation) in FixedMutation::ALL.into_iter().enumerate() {
        let text = sdl(SchemaPermissions { mutations: &[mutation], ..nothing });
        let found: Vec<&str> = names.into_iter().filter(|name| text.contains(name)).collect();
        assert_eq!(found, [names[i]], "{text}");
        assert!(!text.contains("login(") && !text.contains("i18NLocale"), "{text}");
    }
    let locales = sdl(SchemaPermissions { reads_locales: true, ..nothing });
    assert!(locales.contains("i18NLocales_connection(") && !locales.contains("type Mutation"), "{locales}");
    // Codes of users are not for setting; the values that are not permitted have no name.
    let own = access_to(&registry, &[("plugin::users-permissions.user", Action::Update, Some(&["username"]))]);
    let own = SchemaPermissions { mutations: &[FixedMutation::UpdateUser], ..content_permissions(&own) };
    let text = sdl(own);
    let input = text.split("input UsersPermissionsUserInput {").nth(1).and_then(|rest| rest.split('}').next()).unwrap();
    assert_eq!(input.trim(), "username: String", "{text}");
    let whole = full_schema(&registry).to_sdl();
    let input =
        whole.split("input UsersPermissionsUserInput {").nth(1).and_then(|rest| rest.split('}').next()).unwrap();
    assert!(input.contains("role: ID") && input.contains("password: String") && !input.contains("Token"), "{input}");
}

#[tokio::test]
async fn mutations_of_accounts_send_what_the_routes_take() {
    let registry = load_sample();
    let schema = full_schema(&registry);
    let session =
        json!({"jwt": "j", "user": {"id": 7, "documentId": "u", "username": "rita", "email": "r@example.com"}});
    let signed_in = json!({"jwt": "j", "user": {"id": "7", "username": "rita", "role": null}});
    let register = "mutation { register(input: {username: \"rita\", email: \"r@example.com\", password: \"p\"}) { jwt user { id username role { name } } } }";
    let (request, data) = ask_fixed(&schema, register, session.clone()).await;
    assert_eq!(request.mutation, FixedMutation::Register);
    assert_eq!(Json::Object(request.body), json!({"username": "rita", "email": "r@example.com", "password": "p"}));
    assert_eq!(data["register"], signed_in);
    for (call, mutation, body) in [
        (
            "resetPassword(code: \"c\", password: \"p\", passwordConfirmation: \"q\")",
            FixedMutation::ResetPassword,
            json!({"code": "c", "password": "p", "passwordConfirmation": "q"}),
        ),
        (
            "changePassword(currentPassword: \"o\", password: \"p\", passwordConfirmation: \"q\")",
            FixedMutation::ChangePassword,
            json!({"currentPassword": "o", "password": "p", "passwordConfirmation": "q"}),
        ),
        ("emailConfirmation(confirmation: \"c\")", FixedMutation::ConfirmEmail, json!({"confirmation": "c"})),
    ] {
        let (request, data) =
            ask_fixed(&schema, &format!("mutation {{ done: {call} {{ user {{ username }} }} }}"), session.clone())
                .await;
        assert_eq!((request.mutation, Json::Object(request.body)), (mutation, body), "{call}");
        assert_eq!(data["done"]["user"]["username"], "rita");
    }
    let forgot = "mutation { forgotPassword(email: \"r@example.com\") { ok } }";
    let (request, data) = ask_fixed(&schema, forgot, json!({"ok": true})).await;
    assert_eq!(
        (request.mutation, Json::Object(request.body)),
        (FixedMutation::ForgotPassword, json!({"email": "r@example.com"}))
    );
    assert_eq!(data["forgotPassword"]["ok"], true);
    // Without a session there is no token.
    let (_, data) = ask_fixed(&schema, register, json!({"user": session["user"]})).await;
    assert_eq!(data["register"]["jwt"], Json::Null);
}

#[tokio::test]
async fn mutations_of_users_select_what_they_return() {
    let registry = load_sample();
    let schema = full_schema(&registry);
    let answer = json!({"data": {"documentId": "u", "username": "tom", "role": {"documentId": "r", "name": "Member"}}});
    let create = "mutation { createUsersPermissionsUser(data: {username: \"tom\", role: \"1\", blocked: null}) { ...U __typename } }
        fragment U on UsersPermissionsUserEntityResponse { data { username role { name } } }";
    let (request, data) = ask_fixed(&schema, create, answer.clone()).await;
    assert_eq!((request.mutation, request.id.as_str()), (FixedMutation::CreateUser, ""));
    assert_eq!(Json::Object(request.body), json!({"username": "tom", "role": 1, "blocked": null}));
    assert_eq!(
        request.query.parameters().unwrap().clone().into_json(),
        json!({"fields": ["username"], "populate": {"role": {"fields": ["name"]}}})
    );
    assert_eq!(
        data["createUsersPermissionsUser"],
        json!({"data": {"username": "tom", "role": {"name": "Member"}}, "__typename": "UsersPermissionsUserEntityResponse"})
    );
    let update =
        "mutation { updateUsersPermissionsUser(id: 7, data: {email: \"t@example.com\"}) { data { documentId } } }";
    let (request, _) = ask_fixed(&schema, update, answer).await;
    assert_eq!((request.mutation, request.id.as_str()), (FixedMutation::UpdateUser, "7"));
    assert_eq!(Json::Object(request.body), json!({"email": "t@example.com"}));
    let delete = "mutation { deleteUsersPermissionsUser(id: \"u\") { data { username } } }";
    let (request, data) = ask_fixed(&schema, delete, json!({"data": null})).await;
    assert_eq!((request.mutation, request.id.as_str()), (FixedMutation::DeleteUser, "u"));
    assert_eq!(data["deleteUsersPermissionsUser"], json!({"data": null}));
    // Codes cannot be set.
    let source = Arc::new(FakeSource::default());
    for name in ["resetPasswordToken", "confirmationToken", "nothing"] {
        let query = format!(
            "mutation {{ updateUsersPermissionsUser(id: 7, data: {{{name}: \"x\"}}) {{ data {{ username }} }} }}"
        );
        assert_eq!(run(&schema, json!({ "query": query }), &source).await.0, 400, "{name}");
    }
    assert!(source.asked.lock().unwrap().is_empty());
}

#[tokio::test]
async fn mutations_of_files_change_texts_and_delete() {
    let registry = load_sample();
    let schema = full_schema(&registry);
    let file = json!({"id": 3, "documentId": "f", "name": "blue.png", "caption": null});
    let update = "mutation { updateUploadFile(id: 3, info: {name: \"blue.png\"}) { documentId name caption } }";
    let (request, data) = ask_fixed(&schema, update, file.clone()).await;
    assert_eq!((request.mutation, request.id.as_str()), (FixedMutation::UpdateFile, "3"));
    assert_eq!(Json::Object(request.body), json!({"name": "blue.png"}));
    assert_eq!(data["updateUploadFile"], json!({"documentId": "f", "name": "blue.png", "caption": null}));
    let (request, _) = ask_fixed(&schema, "mutation { updateUploadFile(id: 3) { name } }", file.clone()).await;
    assert!(request.body.is_empty());
    let (request, data) = ask_fixed(&schema, "mutation { deleteUploadFile(id: \"f\") { name } }", file).await;
    assert_eq!((request.mutation, request.id.as_str()), (FixedMutation::DeleteFile, "f"));
    assert_eq!(data["deleteUploadFile"]["name"], "blue.png");
}

#[tokio::test]
async fn locales_are_queried_as_entries_are() {
    let registry = load_sample();
    let schema = full_schema(&registry);
    let list = json!({
        "data": [{"id": 2, "documentId": "d", "code": "nl", "name": "Dutch (nl)"}],
        "meta": {"pagination": {"start": 0, "limit": 1, "total": 3}},
    });
    let query = "{ i18NLocales_connection(filters: {code: {in: [\"nl\"]}}, sort: \"code:desc\", pagination: {start: 0, limit: 1}) {
        nodes { code } pageInfo { total page pageSize pageCount } } }";
    let (request, data) = ask_once(&schema, query, list.clone()).await;
    let ContentRequest::Locales { query } = request else { panic!("{request:?}") };
    let expected = json!({
        "filters": {"code": {"$in": ["nl"]}}, "sort": ["code:desc"], "pagination": {"start": "0", "limit": "1", "withCount": "true"},
        "fields": ["code"],
    });
    assert_eq!(query.parameters().unwrap().clone().into_json(), expected);
    assert_eq!(
        data["i18NLocales_connection"],
        json!({"nodes": [{"code": "nl"}], "pageInfo": {"total": 3, "page": 1, "pageSize": 1, "pageCount": 3}})
    );
    let (_, data) = ask_once(&schema, "{ i18NLocales { documentId name } }", list.clone()).await;
    assert_eq!(data["i18NLocales"], json!([{"documentId": "d", "name": "Dutch (nl)"}]));
    let one = "{ i18NLocale(documentId: \"d\") { code } }";
    let (request, data) = ask_once(&schema, one, json!({"data": list["data"][0]})).await;
    assert!(matches!(request, ContentRequest::Locale { document_id } if document_id == "d"));
    assert_eq!(data["i18NLocale"]["code"], "nl");
    let (_, data) = ask_once(&schema, one, Json::Null).await;
    assert_eq!(data["i18NLocale"], Json::Null);
}

#[tokio::test]
async fn own_roles_are_read_where_they_are_selected() {
    let registry = load_sample();
    let schema = full_schema(&registry);
    let me =
        json!({"id": 1, "documentId": "u", "username": "ann", "role": {"id": 2, "name": "Member", "type": "member"}});
    let (request, _) = ask_once(&schema, "{ me { username } }", me.clone()).await;
    assert!(matches!(request, ContentRequest::Me { with_role: false }));
    let query = "{ me { ...R } } fragment R on UsersPermissionsMe { role { id name description type } }";
    let (request, data) = ask_once(&schema, query, me).await;
    assert!(matches!(request, ContentRequest::Me { with_role: true }));
    assert_eq!(data["me"]["role"], json!({"id": "2", "name": "Member", "description": null, "type": "member"}));
}
