//! Mutations of users and files, and the queries of locales, with the permissions of the REST routes.

use super::{ask, data};
use cairn_testkit::{SchemaBuilder, TestClient, TestProject, TestServer};
use serde_json::{Value as Json, json};

const USER: &str = "plugin::users-permissions.user";
const FILE: &str = "plugin::upload.file";

/// Asserts that a caller neither sees a mutation nor can call it.
async fn assert_absent(client: &TestClient, name: &str, call: &str) {
    let refused = ask(client, &format!("mutation {{ {call} }}")).await;
    assert_eq!(refused.status, 400, "{name}: {}", refused.text());
    let look = ask(client, "{ __schema { mutationType { fields { name } } } }").await;
    assert!(!look.text().contains(&format!("\"{name}\"")), "{}", look.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn users_are_created_changed_and_deleted() {
    let club = json!({"name": {"type": "string"}});
    let project = TestProject::new()
        .with_type(SchemaBuilder::collection("club", club))
        .with_user_attributes(json!({"club": super::relation("manyToOne", "api::club.club")}));
    let server = TestServer::start_with(project).await;
    let club = server.create_entry("/api/clubs", json!({"name": "Chess"})).await.document_id();
    let query = format!(
        "mutation {{ createUsersPermissionsUser(data: {{username: \"tom\", email: \"Tom@Example.com\", password: \"Passw0rd!\", role: \"1\", club: \"{club}\"}}) {{
            data {{ documentId username email provider blocked role {{ type }} club {{ name }} }} }} }}"
    );
    let created = data(&server, &query).await["createUsersPermissionsUser"]["data"].clone();
    assert_eq!((&created["username"], &created["email"]), (&json!("tom"), &json!("tom@example.com")), "{created:#}");
    assert_eq!((&created["provider"], &created["club"]), (&json!("local"), &json!({"name": "Chess"})));
    let id = created["documentId"].as_str().unwrap();
    let rest = server.get(&format!("/api/users/{id}?populate=*")).await.expect_status(200).body;
    assert_eq!((&rest["club"]["name"], &rest["role"]["type"]), (&json!("Chess"), &created["role"]["type"]));
    let sign_in = json!({"identifier": "tom", "password": "Passw0rd!"});
    server.public_client().post("/api/auth/local", sign_in).await.expect_status(200);
    // By the number, too.
    let update = format!(
        "mutation {{ updateUsersPermissionsUser(id: {}, data: {{username: \"thomas\", club: null}}) {{ data {{ username club {{ name }} }} }} }}",
        rest["id"]
    );
    assert_eq!(
        data(&server, &update).await["updateUsersPermissionsUser"],
        json!({"data": {"username": "thomas", "club": null}})
    );
    // What REST refuses is refused in its words.
    for (values, body) in [
        ("username: \"x\"", json!({"username": "x"})),
        ("email: \"nowhere\"", json!({"email": "nowhere"})),
        ("role: null", json!({"role": null})),
        ("password: \"\"", json!({"password": ""})),
    ] {
        let query = format!(
            "mutation {{ updateUsersPermissionsUser(id: \"{id}\", data: {{{values}}}) {{ data {{ username }} }} }}"
        );
        let (refused, rest) = (ask(&server, &query).await, server.put(&format!("/api/users/{id}"), body).await);
        assert_eq!(refused.body["errors"][0]["message"], rest.message(), "{values} {:#}", refused.body);
        assert_eq!(&refused.body["errors"][0]["extensions"]["error"]["details"], rest.details());
        assert_eq!((refused.status, &refused.body["data"]), (200, &Json::Null), "it is never null");
    }
    let missing = ask(
        &server,
        "mutation { updateUsersPermissionsUser(id: 9999, data: {username: \"eve\"}) { data { username } } }",
    )
    .await;
    assert_eq!(missing.body["errors"][0]["extensions"]["code"], "STRAPI_NOT_FOUND_ERROR", "{:#}", missing.body);
    let delete = format!("mutation {{ deleteUsersPermissionsUser(id: \"{id}\") {{ data {{ username }} }} }}");
    assert_eq!(data(&server, &delete).await, json!({"deleteUsersPermissionsUser": {"data": {"username": "thomas"}}}));
    assert_eq!(data(&server, &delete).await, json!({"deleteUsersPermissionsUser": {"data": null}}));
    assert_eq!(server.get(&format!("/api/users/{id}")).await.status, 204);
}

/// Whoever may change users must not become what they are not.
#[tokio::test(flavor = "multi_thread")]
async fn nobody_gives_themselves_another_role() {
    let own = json!({"id": {"$eq": "$user.id"}});
    let member =
        json!({USER: {"me": {}, "find": {"where": own}, "update": {"where": own, "fields": ["username", "email"]}}});
    // May change everything of users, and may not read roles.
    let keeper = json!({USER: ["me", "find", "findOne", "create", "update"]});
    let project = TestProject::new().with_role("member", false, member).with_role("keeper", false, keeper);
    let server = TestServer::start_with(project).await;
    let ann = server.create_user("ann", "member", json!({})).await;
    let kim = server.create_user("kim", "keeper", json!({})).await;
    server.create_user("bob", "member", json!({})).await;
    let id = async |name: &str| {
        let found = server.get(&format!("/api/users?filters[username]={name}")).await.body;
        found[0]["documentId"].as_str().unwrap().to_owned()
    };
    let (anns, bobs, kims) = (id("ann").await, id("bob").await, id("kim").await);
    let before = server.dump_content().await;
    let update = |id: &str, values: &str| {
        format!("mutation {{ updateUsersPermissionsUser(id: \"{id}\", data: {{{values}}}) {{ data {{ username }} }} }}")
    };
    for values in [
        "role: \"1\"",
        "confirmed: false",
        "blocked: true",
        "provider: \"x\"",
        "password: \"Passw0rd?\"",
        "emailVerified: true",
        "resetPasswordToken: \"x\"",
        "confirmationToken: \"x\"",
    ] {
        let refused = ask(&ann, &update(&anns, values)).await;
        assert_eq!(refused.status, 400, "{values}: {}", refused.text());
    }
    for values in ["role: \"1\"", "resetPasswordToken: \"x\"", "confirmationToken: \"x\""] {
        assert_eq!(ask(&kim, &update(&kims, values)).await.status, 400, "{values}");
    }
    // In a variable as well.
    let query = "mutation($id: ID!, $data: UsersPermissionsUserInput!) { updateUsersPermissionsUser(id: $id, data: $data) { data { username } } }";
    for (client, own) in [(&ann, &anns), (&kim, &kims)] {
        let variables = json!({"id": own, "data": {"role": "1"}});
        let refused = client.post("/graphql", json!({"query": query, "variables": variables})).await;
        assert!(refused.body["errors"][0]["message"].is_string(), "{:#}", refused.body);
    }
    // A visitor cannot vouch for an address.
    let vouched = ask(&kim, &update(&kims, "emailVerified: true")).await;
    assert_eq!(vouched.body["errors"][0]["message"], "Invalid key emailVerified", "{:#}", vouched.body);
    // Others are not there for a member.
    let (foreign, missing) =
        (ask(&ann, &update(&bobs, "username: \"eve\"")).await, ask(&ann, &update("none", "username: \"eve\"")).await);
    assert_eq!((foreign.status, foreign.text()), (200, missing.text()));
    assert_eq!(foreign.body["errors"][0]["extensions"]["code"], "STRAPI_NOT_FOUND_ERROR", "{:#}", foreign.body);
    assert_absent(
        &ann,
        "deleteUsersPermissionsUser",
        &format!("deleteUsersPermissionsUser(id: \"{bobs}\") {{ data {{ username }} }}"),
    )
    .await;
    assert_absent(
        &ann,
        "createUsersPermissionsUser",
        "createUsersPermissionsUser(data: {username: \"eve\", email: \"eve@example.com\"}) { data { username } }",
    )
    .await;
    for (name, call) in [
        (
            "updateUsersPermissionsUser",
            format!(
                "updateUsersPermissionsUser(id: \"{bobs}\", data: {{username: \"eve\"}}) {{ data {{ username }} }}"
            ),
        ),
        ("deleteUsersPermissionsUser", format!("deleteUsersPermissionsUser(id: \"{bobs}\") {{ data {{ username }} }}")),
    ] {
        assert_absent(&server.public_client(), name, &call).await;
    }
    assert_eq!(server.dump_content().await, before);
    assert_eq!(
        data(&ann, &update(&anns, "username: \"anna\"")).await["updateUsersPermissionsUser"]["data"]["username"],
        "anna"
    );
    // The default role is what they can give.
    let create = "mutation { createUsersPermissionsUser(data: {username: \"new\", email: \"new@example.com\", password: \"Passw0rd!\"}) { data { username } } }";
    data(&kim, create).await;
    let new = server.get("/api/users?filters[username]=new&populate=role").await.body;
    assert_eq!(new[0]["role"]["type"], "authenticated", "{new:#}");
}

/// Own roles are shown to those who may read roles, as by `/api/users/me?populate=role`.
#[tokio::test(flavor = "multi_thread")]
async fn the_role_of_the_signed_in_user_takes_a_permission() {
    let project = TestProject::new().with_role("member", false, json!({USER: ["me"]})).with_role(
        "reader",
        false,
        json!({USER: ["me"], "plugin::users-permissions.role": ["find"]}),
    );
    let server = TestServer::start_with(project).await;
    let query = "{ me { username role { name type } } }";
    let member = server.create_user("ann", "member", json!({})).await;
    assert_eq!(data(&member, query).await["me"], json!({"username": "ann", "role": null}));
    let reader = server.create_user("bob", "reader", json!({})).await;
    assert_eq!(data(&reader, query).await["me"]["role"], json!({"name": "reader", "type": "reader"}));
}

#[tokio::test(flavor = "multi_thread")]
async fn files_are_changed_and_deleted_by_whoever_may() {
    let server = TestServer::start().await;
    let file = server.upload_file("a.txt", "text/plain", b"one").await.expect_status(201).body[0].clone();
    let update = format!(
        "updateUploadFile(id: {}, info: {{name: \"b.txt\", alternativeText: \"b\"}}) {{ documentId name alternativeText caption }}",
        file["id"]
    );
    let delete = format!("deleteUploadFile(id: {}) {{ name }}", file["id"]);
    let public = server.public_client();
    for (actions, may_change, may_delete) in [
        (json!([]), false, false),
        (json!(["find", "findOne", "upload"]), false, false),
        (json!(["replace"]), true, false),
        (json!(["destroy"]), false, true),
    ] {
        server.apply_settings(json!({"roles": {"public": {"permissions": {FILE: actions}}}})).await;
        let before = server.dump_content().await;
        if !may_change {
            assert_absent(&public, "updateUploadFile", &update).await;
        }
        if !may_delete {
            assert_absent(&public, "deleteUploadFile", &delete).await;
        }
        assert_eq!(server.dump_content().await, before, "{actions}");
    }
    let changed = data(&server, &format!("mutation {{ {update} }}")).await["updateUploadFile"].clone();
    let expected = json!({"documentId": file["documentId"], "name": "b.txt", "alternativeText": "b", "caption": null});
    assert_eq!(changed, expected);
    for info in ["name: \"\"", "name: \"a\\u0000b\""] {
        let query = format!("mutation {{ updateUploadFile(id: {}, info: {{{info}}}) {{ name }} }}", file["id"]);
        let refused = ask(&server, &query).await;
        assert!(refused.body["errors"][0]["message"].is_string() && refused.body["data"].is_null(), "{info}");
    }
    // With the permission, by the document id; then it is not there.
    let by_document = format!("mutation {{ deleteUploadFile(id: {}) {{ name }} }}", file["documentId"]);
    assert_eq!(data(&public, &by_document).await["deleteUploadFile"]["name"], "b.txt");
    let gone = ask(&public, &by_document).await.expect_status(200);
    assert_eq!(gone.body["data"], json!({"deleteUploadFile": null}), "{:#}", gone.body);
    assert_eq!(gone.body["errors"][0]["extensions"]["code"], "STRAPI_NOT_FOUND_ERROR");
    assert_eq!(server.get(&format!("/api/upload/files/{}", file["id"])).await.status, 404);
    let missing = ask(&server, "mutation { updateUploadFile(id: 9999, info: {name: \"x\"}) { name } }").await;
    assert_eq!(
        (&missing.body["data"], &missing.body["errors"][0]["message"]),
        (&Json::Null, &json!("Entity not found"))
    );
}

/// Private files are for callers with full access: to others they are not there.
#[tokio::test(flavor = "multi_thread")]
async fn private_files_are_not_changed_by_others() {
    let project =
        TestProject::new().with_role("public", false, json!({FILE: ["find", "findOne", "replace", "destroy"]}));
    let server = TestServer::start_with(project).await;
    let file = server.upload_file("a.txt", "text/plain", b"one").await.expect_status(201).body[0]["id"].clone();
    let private = json!({"fileInfo": {"private": true}});
    server.post(&format!("/api/upload?id={file}"), private).await.expect_status(200);
    let before = server.dump_content().await;
    for call in [
        format!("updateUploadFile(id: {file}, info: {{caption: \"mine\"}}) {{ name }}"),
        format!("deleteUploadFile(id: {file}) {{ name }}"),
    ] {
        let refused = ask(&server.public_client(), &format!("mutation {{ {call} }}")).await.expect_status(200);
        assert_eq!(refused.body["errors"][0]["extensions"]["code"], "STRAPI_NOT_FOUND_ERROR", "{:#}", refused.body);
    }
    assert_eq!(server.dump_content().await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn locales_are_listed_filtered_sorted_and_paged() {
    let project = TestProject::new().with_role("public", false, json!({"plugin::i18n.locale": ["find"]}));
    let server = TestServer::start_with(project).await;
    let public = server.public_client();
    let rest = public.get("/api/i18n/locales").await.expect_status(200).body;
    let found = data(
        &public,
        &format!(
            "{{ i18NLocales {{ documentId code name createdAt }}
                some: i18NLocales(filters: {{code: {{in: [\"nl\", \"fr\"]}}}}, sort: \"code:desc\") {{ code name }}
                i18NLocales_connection(sort: \"id\", pagination: {{page: 2, pageSize: 2}}) {{ nodes {{ code }} pageInfo {{ total page pageSize pageCount }} }}
                i18NLocale(documentId: {}) {{ code }} none: i18NLocale(documentId: \"none\") {{ code }} }}",
            rest[1]["documentId"]
        ),
    )
    .await;
    for (locale, listed) in found["i18NLocales"].as_array().unwrap().iter().zip(rest.as_array().unwrap()) {
        for name in ["documentId", "code", "name", "createdAt"] {
            assert_eq!(locale[name], listed[name]);
        }
    }
    assert_eq!(found["some"], json!([{"code": "nl", "name": "Dutch (nl)"}, {"code": "fr", "name": "French (fr)"}]));
    let page_info = json!({"total": 3, "page": 2, "pageSize": 2, "pageCount": 2});
    assert_eq!(found["i18NLocales_connection"], json!({"nodes": [{"code": "fr"}], "pageInfo": page_info}));
    assert_eq!((&found["i18NLocale"]["code"], &found["none"]), (&rest[1]["code"], &Json::Null));
    let refused = ask(&public, "{ i18NLocales(sort: \"isDefault\") { code } }").await.expect_status(200);
    assert_eq!(refused.body["errors"][0]["message"], "Invalid key isDefault", "{:#}", refused.body);
    let both = ask(&public, "{ i18NLocales(pagination: {page: 1, start: 0}) { code } }").await;
    assert_eq!(both.body["errors"][0]["extensions"]["error"]["name"], "PaginationError");
    // A read-only token has not that permission, as by REST.
    let read_only = server.read_only();
    read_only.get("/api/i18n/locales").await.expect_status(403);
    assert_eq!(ask(&read_only, "{ i18NLocales { code } }").await.status, 400);
}

/// The audit log has the same of a mutation as of the REST route: the actions, what they changed, and whose request it was.
#[tokio::test(flavor = "multi_thread")]
async fn changes_are_audited_as_those_of_rest_are() {
    let server = TestServer::start().await;
    let logged = async |id: &Json| {
        server.run_until_idle().await;
        let path = format!("/admin/api/audit?documentId={}", id.as_str().unwrap());
        let found = server.get(&path).await.expect_status(200);
        let summarize = |entry: &Json| {
            let actor = &entry["actor"];
            let has_request = actor["request"].as_str().is_some_and(|id| !id.is_empty());
            (entry["action"].clone(), entry["details"]["changed"].clone(), actor["kind"].clone(), has_request)
        };
        found.body["data"].as_array().unwrap().iter().map(summarize).collect::<Vec<_>>()
    };
    let mut users = vec![server.add_user("ann", "authenticated", json!({})).await.body["documentId"].clone()];
    let roles = server.get("/api/users-permissions/roles").await.body;
    let role = roles["roles"].as_array().unwrap().iter().find(|role| role["type"] == "authenticated").unwrap();
    let create = format!(
        "mutation {{ createUsersPermissionsUser(data: {{username: \"bob\", email: \"bob@example.com\", password: \"Passw0rd!\", role: {}}}) {{ data {{ documentId }} }} }}",
        role["id"]
    );
    users.push(data(&server, &create).await["createUsersPermissionsUser"]["data"]["documentId"].clone());
    let mut files = Vec::new();
    for name in ["a.txt", "b.txt"] {
        files.push(server.upload_file(name, "text/plain", b"x").await.expect_status(201).body[0]["documentId"].clone());
    }
    let path = |kind: &str, id: &Json| format!("/api/{kind}/{}", id.as_str().unwrap());
    server.put(&path("users", &users[0]), json!({"username": "anna"})).await.expect_status(200);
    server.delete(&path("users", &users[0])).await.expect_status(200);
    let file = server.get(&path("upload/files", &files[0])).await.body["id"].clone();
    server.post(&format!("/api/upload?id={file}"), json!({"fileInfo": {"caption": "c"}})).await.expect_status(200);
    server.delete(&path("upload/files", &files[0])).await.expect_status(200);
    for call in [
        format!(
            "updateUsersPermissionsUser(id: {}, data: {{username: \"bobby\"}}) {{ data {{ username }} }}",
            users[1]
        ),
        format!("deleteUsersPermissionsUser(id: {}) {{ data {{ username }} }}", users[1]),
        format!("updateUploadFile(id: {}, info: {{caption: \"c\"}}) {{ name }}", files[1]),
        format!("deleteUploadFile(id: {}) {{ name }}", files[1]),
    ] {
        data(&server, &format!("mutation {{ {call} }}")).await;
    }
    for pair in [users, files] {
        let (by_rest, by_mutation) = (logged(&pair[0]).await, logged(&pair[1]).await);
        assert_eq!(by_rest, by_mutation);
        assert!(by_rest.len() >= 3 && by_rest.iter().all(|(_, _, _, has_request)| *has_request), "{by_rest:?}");
    }
}
