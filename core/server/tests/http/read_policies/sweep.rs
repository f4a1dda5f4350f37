//! Every route below `/api`.

use super::{ABSENT, CANARY, PolicyFixture};
use crate::access::routes::router_routes;
use cairn_testkit::{TestClient, TestResponse};
use serde_json::{Value as Json, json};

/// A request of the sweep.
struct SweepRequest {
    method: &'static str,
    path: String,
    body: Option<Json>,
}

fn sweep_request(method: &'static str, path: impl Into<String>, body: impl Into<Option<Json>>) -> SweepRequest {
    SweepRequest { method, path: path.into(), body: body.into() }
}

fn get_requests(paths: impl IntoIterator<Item = String>) -> Vec<SweepRequest> {
    paths.into_iter().map(|path| sweep_request("GET", path, None)).collect()
}

/// Parameters that populate all that leads from a note, and from a user.
const OF_NOTES: &str = "populate[related][populate]=*&populate[owner][populate]=*&populate[files][populate]=*&populate[cover][populate]=related\
     &populate[box][populate]=*&populate[zone][on][parts.box][populate]=*";
const OF_USERS: &str = "populate[notes][populate]=*&populate[friend][populate]=*&populate[photo]=true";

/// Everything that leads from a note, for GraphQL. `NOTE`, `FILE` and `USER` are hidden, `PLAIN` is not.
const GRAPHQL_DOCUMENTS: [&str; 14] = [
    "{ notes { title related { title owner { username } } owner { username } files { name url } cover { name caption } box { label note { title } file { name } }
        zone { ... on ComponentPartsBox { note { title } file { name } } } } }",
    "{ notes_connection(pagination: {pageSize: 1}) { nodes { title } pageInfo { total pageCount } } }",
    "{ note(documentId: \"NOTE\") { title body } plain: note(documentId: \"PLAIN\") { title related { title } owner { username } cover { name } } }",
    "{ draft: notes(status: DRAFT) { title related_connection { nodes { title } pageInfo { total } } files_connection { nodes { name } pageInfo { total } } } }",
    "{ notes(filters: {title: {contains: \"canary\"}}) { title } notes_connection(filters: {related: {title: {contains: \"canary\"}}}) { pageInfo { total } } }",
    "{ notes(sort: \"related.title\") { title } home { title note { title owner { username } } } me { username } }",
    "mutation { createNote(data: {title: \"a\", related: [\"NOTE\"]}) { title related { title } } }",
    "mutation { createNote(data: {title: \"b\", cover: \"FILE\"}) { title cover { name } } }",
    "mutation { updateNote(documentId: \"NOTE\", data: {title: \"mine\"}) { title } deleteNote(documentId: \"NOTE\") { documentId } }",
    "mutation { createUsersPermissionsUser(data: {username: \"dave\", email: \"dave@example.com\", password: \"Passw0rd!\", role: 1, friend: \"USER\"}) { data { username friend { username } } } }",
    "mutation { updateUsersPermissionsUser(id: \"USER\", data: {friend: null}) { data { username email } } }",
    "mutation { deleteUsersPermissionsUser(id: \"USER\") { data { username email } } }",
    "mutation { updateUploadFile(id: FILE, info: {caption: \"mine\"}) { name caption url } }",
    "mutation { deleteUploadFile(id: FILE) { name url } }",
];

impl PolicyFixture {
    /// How a route is looked at. Those that are no route of the router are what the fallback finds.
    fn requests(&self, route: &str) -> Option<Vec<SweepRequest>> {
        let (note, user, file, plain, plain_file) = (&self.note, &self.user, &self.file, &self.plain, &self.plain_file);
        let word = |path: &str| get_requests([path.to_owned()]);
        Some(match route {
            "GET /api/{plural}" => get_requests(
                [
                    "",
                    "?populate=*",
                    "?pagination[pageSize]=1",
                    "?_q=canary",
                    "?filters[title]=canary-note",
                    "?sort=related.title",
                ]
                .iter()
                .map(|query| format!("/api/notes{query}"))
                .chain([format!("/api/notes?{OF_NOTES}"), format!("/api/notes?status=draft&{OF_NOTES}")]),
            ),
            "GET /api/{plural}/{id}" => get_requests([
                format!("/api/notes/{}", note.1),
                format!("/api/notes/{}?status=draft", note.1),
                format!("/api/notes/{}?{OF_NOTES}", plain.1),
                format!("/api/notes/{}?status=draft&{OF_NOTES}", plain.1),
            ]),
            "GET /api/{single}" => word("/api/home?populate[note][populate]=*"),
            "POST /api/{plural}" => vec![
                sweep_request(
                    "POST",
                    "/api/notes?populate=*",
                    json!({ "data": { "title": "a", "related": [note.1] } }),
                ),
                sweep_request(
                    "POST",
                    "/api/notes?populate=*",
                    json!({ "data": { "title": "b", "owner": user.0, "cover": file.0 } }),
                ),
            ],
            "PUT /api/{plural}/{id}" => vec![
                sweep_request(
                    "PUT",
                    format!("/api/notes/{}?populate=*", note.1),
                    json!({ "data": { "title": "mine" } }),
                ),
                sweep_request("PUT", format!("/api/notes/{}?{OF_NOTES}", plain.1), json!({ "data": { "body": "x" } })),
            ],
            "DELETE /api/{plural}/{id}" => vec![sweep_request("DELETE", format!("/api/notes/{}", note.1), None)],
            "PUT /api/{single}" => {
                vec![sweep_request("PUT", "/api/home?populate=*", json!({ "data": { "title": "plain-home" } }))]
            }
            // The single type is deleted last, by the order of the routes.
            "DELETE /api/{single}" => vec![sweep_request("DELETE", "/api/home", None)],
            "GET /api/{plugin}/{plural}" => {
                get_requests(["/api/allow/notes".into(), "/api/allow/notes?_q=canary".into()])
            }
            "GET /api/{plugin}/{route}" => word("/api/allow/read-notes?rights=caller"),
            "GET /api/users" => get_requests([
                "/api/users".into(),
                format!("/api/users?{OF_USERS}"),
                "/api/users?filters[username][$contains]=canary".into(),
                "/api/users?populate=*".into(),
            ]),
            "GET /api/users/me" => get_requests(["/api/users/me".into(), format!("/api/users/me?{OF_USERS}")]),
            "GET /api/users/count" => get_requests(["/api/users/count".into()]),
            "GET /api/users/{id}" => {
                get_requests([format!("/api/users/{}", user.0), format!("/api/users/{}?populate=*", user.1)])
            }
            "POST /api/users" => {
                let new = json!({
                    "username": "carl", "email": "carl@example.com", "password": "Passw0rd!", "role": 1, "friend": user.0, "notes": [note.1]
                });
                vec![sweep_request("POST", "/api/users", new)]
            }
            "PUT /api/users/{id}" => {
                vec![sweep_request("PUT", format!("/api/users/{}", user.0), json!({ "friend": null }))]
            }
            "DELETE /api/users/{id}" => vec![sweep_request("DELETE", format!("/api/users/{}", user.0), None)],
            "GET /api/users-permissions/roles" => {
                get_requests(["/api/users-permissions/roles".into(), "/api/users-permissions/roles?populate=*".into()])
            }
            "GET /api/users-permissions/roles/{id}" => get_requests([
                "/api/users-permissions/roles/1?populate=*".into(),
                "/api/users-permissions/roles/2?populate=users".into(),
            ]),
            "GET /api/upload/files" => get_requests([
                "/api/upload/files".into(),
                "/api/upload/files?populate=*".into(),
                "/api/upload/files?populate[related][populate]=*".into(),
                "/api/upload/files?populate[related][on][api::note.note][populate][files][populate]=related".into(),
                "/api/upload/files?filters[name][$contains]=canary".into(),
                "/api/upload/files?sort=name".into(),
            ]),
            "GET /api/upload/files/{id}" => get_requests([
                format!("/api/upload/files/{}", file.0),
                format!("/api/upload/files/{}", file.1),
                format!("/api/upload/files/{}?populate=related", plain_file.0),
            ]),
            "DELETE /api/upload/files/{id}" => {
                vec![sweep_request("DELETE", format!("/api/upload/files/{}", file.0), None)]
            }
            "POST /api/upload" => vec![
                sweep_request(
                    "POST",
                    format!("/api/upload?id={}", file.0),
                    json!({ "fileInfo": { "caption": "mine" } }),
                ),
                sweep_request(
                    "POST",
                    format!("/api/upload?id={}", plain_file.0),
                    json!({ "fileInfo": { "caption": "mine" } }),
                ),
            ],
            "POST /api/auth/local" => {
                vec![sweep_request(
                    "POST",
                    "/api/auth/local?populate=*",
                    json!({ "identifier": "ann", "password": "Passw0rd!" }),
                )]
            }
            // Responses must not tell hidden users from missing ones; apart from that, these return only data of the caller.
            "POST /api/auth/forgot-password" => {
                vec![sweep_request("POST", "/api/auth/forgot-password", json!({ "email": "canary-user@example.com" }))]
            }
            "POST /api/auth/request-invitation" => {
                let body = json!({ "email": "canary-user@example.com" });
                vec![sweep_request("POST", "/api/auth/request-invitation", body)]
            }
            // Responses contain no stored data but the caller's own, or the state of their own upload.
            "POST /api/auth/local/register"
            | "POST /api/auth/reset-password"
            | "POST /api/auth/check-invitation"
            | "POST /api/auth/accept-invitation"
            | "POST /api/auth/change-password"
            | "GET /api/auth/email-confirmation"
            | "POST /api/auth/send-email-confirmation"
            | "POST /api/auth/refresh"
            | "POST /api/auth/logout"
            | "POST /api/upload/resumable"
            | "GET /api/upload/resumable/{id}"
            | "PATCH /api/upload/resumable/{id}"
            | "DELETE /api/upload/resumable/{id}" => Vec::new(),
            "GET /api/i18n/locales" => word("/api/i18n/locales"),
            "GET /api/connect/{provider}" => word("/api/connect/google"),
            // Actions and types are no content.
            "GET /api/users-permissions/permissions" => word("/api/users-permissions/permissions"),
            "GET /api/content-type-builder/content-types" => word("/api/content-type-builder/content-types"),
            "GET /api/content-type-builder/content-types/{uid}" => {
                word("/api/content-type-builder/content-types/api::note.note")
            }
            "GET /api/content-type-builder/components" => word("/api/content-type-builder/components"),
            "GET /api/content-type-builder/components/{uid}" => word("/api/content-type-builder/components/x.part"),
            "GET /api/openapi.json" => word("/api/openapi.json"),
            "GET /api/openapi.html" => word("/api/openapi.html"),
            "GET /graphql" => word("/graphql?query={notes{title related{title}}}"),
            "POST /graphql" => GRAPHQL_DOCUMENTS
                .iter()
                .map(|document| {
                    let query = document
                        .replace("NOTE", &note.1)
                        .replace("PLAIN", &plain.1)
                        .replace("FILE", &file.0.to_string())
                        .replace("USER", &user.0.to_string());
                    sweep_request("POST", "/graphql", json!({ "query": query }))
                })
                .collect(),
            // A stream: `live` listens to it.
            "GET /api/live" => Vec::new(),
            _ => return None,
        })
    }
}

/// Routes that the fallback of the router finds: content types, and routes of plugins.
const OF_THE_MODEL: [&str; 10] = [
    "GET /api/{plural}",
    "GET /api/{plural}/{id}",
    "GET /api/{single}",
    "POST /api/{plural}",
    "PUT /api/{plural}/{id}",
    "DELETE /api/{plural}/{id}",
    "PUT /api/{single}",
    "GET /api/{plugin}/{plural}",
    "GET /api/{plugin}/{route}",
    "DELETE /api/{single}",
];

/// An attribute of a bare list.
fn text_values(answer: &TestResponse, attribute: &str) -> Vec<String> {
    let list = answer.body.as_array().unwrap_or_else(|| panic!("no list: {}", answer.text()));
    list.iter().map(|entry| entry[attribute].as_str().unwrap_or_default().to_owned()).collect()
}

async fn send_sweep_request(client: &TestClient, sweep_request: &SweepRequest) -> TestResponse {
    let request = client.request(sweep_request.method, &sweep_request.path);
    client
        .send(match &sweep_request.body {
            // Of a file that is there: as a form.
            Some(body) if sweep_request.path.starts_with("/api/upload") => {
                request.multipart(reqwest::multipart::Form::new().text("fileInfo", body["fileInfo"].to_string()))
            }
            Some(body) => request.json(body),
            None => request,
        })
        .await
}

#[tokio::test(flavor = "multi_thread")]
async fn no_route_returns_data_that_a_read_policy_hides() {
    let aviary = PolicyFixture::new().await;
    let routes = router_routes().into_iter().filter(|route| route.contains(" /api/") || route.ends_with(" /graphql"));
    let routes: Vec<String> = routes.chain(OF_THE_MODEL.map(str::to_owned)).collect();
    let mut succeeded = 0;
    for route in &routes {
        let requests = aviary.requests(route);
        let requests = requests.unwrap_or_else(|| panic!("{route}: nobody looks whether it obeys read policies"));
        for sweep_request in &requests {
            for (caller, client) in aviary.callers() {
                let answer = send_sweep_request(&client, sweep_request).await;
                let place = format!("{} {} by {caller}: {}", sweep_request.method, sweep_request.path, answer.text());
                assert!(answer.status < 500, "{place}");
                succeeded += usize::from(answer.status == 200);
                // Ids that a request names come back in what it is refused with.
                let body = sweep_request.body.as_ref().map(Json::to_string).unwrap_or_default();
                let is_named =
                    |word: &&str| *word != CANARY && (sweep_request.path.contains(*word) || body.contains(*word));
                for word in aviary.hidden_words().iter().filter(|word| !is_named(word)) {
                    assert!(!answer.text().contains(*word), "{place}");
                }
            }
        }
    }
    assert!(succeeded > 60, "only {succeeded} answers were good: the sweep sees nothing");
    // Hidden documents were neither changed nor deleted.
    let admin = cairn_testkit::TestClient::clone(&aviary.server);
    super::uninstall_policy_plugin(&admin).await;
    let note = admin.get(&format!("/api/notes/{}?populate=*", aviary.note.1)).await.expect_status(200);
    assert_eq!(
        (&note.data()["title"], &note.data()["owner"]["username"]),
        (&json!("canary-note"), &json!("canary-user"))
    );
    assert_eq!(note.data()["cover"]["caption"], Json::Null);
    assert_eq!(
        admin.get(&format!("/api/users/{}?populate=*", aviary.user.0)).await.expect_status(200).body["friend"],
        Json::Null
    );
}

/// Two requests of which the one names what is hidden and the other what is not there: nobody tells the answers apart.
#[tokio::test(flavor = "multi_thread")]
async fn filters_and_totals_do_not_reveal_hidden_values() {
    let aviary = PolicyFixture::new().await;
    let of_files = "/api/upload/files?filters[name][$startsWith]=canary";
    for path in [
        "/api/users?filters[username][$startsWith]=canary",
        "/api/users?filters[friend][username][$startsWith]=canary",
        "/api/users?filters[notes][title][$startsWith]=canary",
        "/api/users?filters[notes][owner][username][$startsWith]=canary",
        "/api/users?filters[photo][name][$startsWith]=canary",
        "/api/users/count?filters[username][$startsWith]=canary",
        "/api/users/count?filters[notes][title][$startsWith]=canary",
        "/api/users/me?filters[notes][title][$startsWith]=canary",
        of_files,
        "/api/notes?filters[title][$startsWith]=canary",
        "/api/notes?filters[related][title][$startsWith]=canary",
        "/api/notes?filters[owner][username][$startsWith]=canary",
        "/api/notes?filters[files][name][$startsWith]=canary",
        "/api/notes?filters[cover][name][$startsWith]=canary",
        "/api/notes?filters[box][note][title][$startsWith]=canary",
        "/api/notes?filters[box][file][name][$startsWith]=canary",
        "/api/home?filters[note][title][$startsWith]=canary",
        "/api/notes?_q=canary",
        "/api/upload/files?populate[related][on][api::note.note][filters][title][$startsWith]=canary",
        "/api/upload/files?filters[related][title]=canary",
    ] {
        for (caller, client) in aviary.callers() {
            let (hidden, absent) = (client.get(path).await, client.get(&path.replace(CANARY, ABSENT)).await);
            assert_eq!((hidden.status, hidden.text()), (absent.status, absent.text()), "{path} by {caller}");
        }
    }
    for (caller, client) in aviary.callers() {
        assert_eq!(
            client.get("/api/notes?pagination[pageSize]=1").await.expect_status(200).pagination_total(),
            1,
            "{caller}"
        );
        let users = client.get("/api/users").await.expect_status(200);
        assert_eq!(text_values(&users, "username"), ["ann"], "{caller}");
        if caller != "read-only token" {
            assert_eq!(client.get("/api/users/count").await.expect_status(200).text(), "1", "{caller}");
        }
        assert_eq!(
            text_values(&client.get("/api/upload/files").await.expect_status(200), "name"),
            ["plain.txt"],
            "{caller}"
        );
        // A caller who may see drafts gets two versions of the visible note, others the published one.
        let counted = client.get("/api/upload/files?populate[related][count]=true").await.expect_status(200);
        let versions = counted.body[0]["related"]["count"].as_i64().unwrap();
        let answer = client.get("/api/upload/files?populate=related").await.expect_status(200);
        assert_eq!(answer.body[0]["related"].as_array().unwrap().len() as i64, versions, "{caller}");
        assert!((1..=2).contains(&versions), "{caller}: {}", counted.text());
    }
}

/// Hidden entries do not affect the order: entries that lead to them come as those that lead nowhere.
#[tokio::test(flavor = "multi_thread")]
async fn sorting_ignores_hidden_related_entries() {
    let aviary = PolicyFixture::new().await;
    let admin = cairn_testkit::TestClient::clone(&aviary.server);
    super::uninstall_policy_plugin(&admin).await;
    for (title, owner) in [("first", "canary-z"), ("second", "canary-a")] {
        let owner = admin.add_user(owner, "authenticated", json!({})).await.body["id"].clone();
        admin.create_entry("/api/notes", json!({ "title": title, "owner": owner })).await;
    }
    let order = async |client: &TestClient| {
        let answer = client
            .get("/api/notes?filters[title][$in][0]=first&filters[title][$in][1]=second&sort=owner.username")
            .await;
        answer.expect_status(200).text_column("title")
    };
    assert_eq!(order(&admin).await, ["second", "first"], "without the policy its owner orders a note");
    super::install_policy_plugin(&aviary.server).await;
    for (caller, client) in aviary.callers() {
        assert_eq!(order(&client).await, ["first", "second"], "{caller}");
    }
}

/// An administrator chose the document of a preview link, whatever a policy says of it; what it leads to they did not choose.
#[tokio::test(flavor = "multi_thread")]
async fn preview_link_shows_only_its_own_hidden_document() {
    let aviary = PolicyFixture::new().await;
    let admin = cairn_testkit::TestClient::clone(&aviary.server);
    let token = async |id: &str| {
        let body = json!({ "type": "api::note.note", "documentId": id });
        admin.post("/admin/api/preview", body).await.expect_status(200).data()["token"].as_str().unwrap().to_owned()
    };
    let (hidden, plain) = (token(&aviary.note.1).await, token(&aviary.plain.1).await);
    // The response says that a link bypasses a policy, and so does the audit log.
    let body = json!({ "type": "api::note.note", "documentId": aviary.note.1 });
    let link = admin.post("/admin/api/preview", body).await.expect_status(200);
    assert_eq!(link.data()["pastReadPolicy"], true);
    aviary.server.run_until_idle().await;
    let log = admin.get("/admin/api/audit?action=preview.created").await.expect_status(200);
    assert!(log.text().contains(r#""pastReadPolicy":true"#), "{}", log.text());
    for (caller, client) in aviary.callers() {
        let answer = client.get(&format!("/api/notes/{}?previewToken={hidden}&{}", aviary.note.1, OF_NOTES)).await;
        let test_answer = answer.expect_status(200);
        assert_eq!(test_answer.data()["title"], "canary-note", "{caller}");
        assert_eq!(
            (&test_answer.data()["owner"], &test_answer.data()["cover"]),
            (&Json::Null, &Json::Null),
            "{caller}: {}",
            test_answer.text()
        );
        let preview = client.get(&format!("/api/notes/{}?previewToken={plain}&{}", aviary.plain.1, OF_NOTES)).await;
        let text = preview.expect_status(200).text();
        assert!(aviary.hidden_words().iter().all(|word| !text.contains(word)), "{caller}: {text}");
        // The link opens its own document alone.
        let other = client.get(&format!("/api/notes/{}?previewToken={plain}", aviary.note.1)).await;
        assert!(other.status == 404 || other.status == 403, "{caller}: {}", other.text());
    }
}
