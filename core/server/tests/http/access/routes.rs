//! Every route asks for its right: with no permission at all nothing but what is meant for everybody is answered.

use crate::golden::assert_golden;
use cairn_testkit::{TestProject, TestServer};
use serde_json::json;
use std::collections::BTreeSet;

/// Method, route as `router.rs` has it, an address of it.
const ROUTES: [(&str, &str, &str); 45] = [
    ("POST", "/api/upload", "/api/upload"),
    ("POST", "/api/upload", "/api/upload?id=1"),
    ("POST", "/api/upload/resumable", "/api/upload/resumable"),
    ("GET", "/api/upload/resumable/{id}", "/api/upload/resumable/x"),
    ("PATCH", "/api/upload/resumable/{id}", "/api/upload/resumable/x"),
    ("DELETE", "/api/upload/resumable/{id}", "/api/upload/resumable/x"),
    ("GET", "/api/upload/files", "/api/upload/files"),
    ("GET", "/api/upload/files/{id}", "/api/upload/files/1"),
    ("DELETE", "/api/upload/files/{id}", "/api/upload/files/1"),
    ("POST", "/api/auth/local", "/api/auth/local"),
    ("POST", "/api/auth/local/register", "/api/auth/local/register"),
    ("POST", "/api/auth/forgot-password", "/api/auth/forgot-password"),
    ("POST", "/api/auth/reset-password", "/api/auth/reset-password"),
    ("POST", "/api/auth/check-invitation", "/api/auth/check-invitation"),
    ("POST", "/api/auth/accept-invitation", "/api/auth/accept-invitation"),
    ("POST", "/api/auth/request-invitation", "/api/auth/request-invitation"),
    ("POST", "/api/auth/change-password", "/api/auth/change-password"),
    ("GET", "/api/auth/email-confirmation", "/api/auth/email-confirmation?confirmation=x"),
    ("POST", "/api/auth/send-email-confirmation", "/api/auth/send-email-confirmation"),
    ("POST", "/api/auth/refresh", "/api/auth/refresh"),
    ("POST", "/api/auth/logout", "/api/auth/logout"),
    ("GET", "/api/users", "/api/users"),
    ("POST", "/api/users", "/api/users"),
    ("GET", "/api/users/me", "/api/users/me"),
    ("GET", "/api/users/count", "/api/users/count"),
    ("GET", "/api/users/{id}", "/api/users/1"),
    ("PUT", "/api/users/{id}", "/api/users/1"),
    ("DELETE", "/api/users/{id}", "/api/users/1"),
    ("GET", "/api/users-permissions/roles", "/api/users-permissions/roles"),
    ("GET", "/api/users-permissions/roles/{id}", "/api/users-permissions/roles/1"),
    ("GET", "/api/users-permissions/permissions", "/api/users-permissions/permissions"),
    ("GET", "/api/content-type-builder/content-types", "/api/content-type-builder/content-types"),
    (
        "GET",
        "/api/content-type-builder/content-types/{uid}",
        "/api/content-type-builder/content-types/api::article.article",
    ),
    ("GET", "/api/content-type-builder/components", "/api/content-type-builder/components"),
    ("GET", "/api/content-type-builder/components/{uid}", "/api/content-type-builder/components/shared.seo"),
    ("GET", "/api/i18n/locales", "/api/i18n/locales"),
    ("GET", "/graphql", "/graphql?query={articles{title}}"),
    ("POST", "/graphql", "/graphql"),
    ("GET", "/api/live", "/api/live"),
    // The fallback serves these.
    ("GET", "", "/api/articles"),
    ("POST", "", "/api/articles"),
    ("GET", "", "/api/articles/x"),
    ("PUT", "", "/api/articles/x"),
    ("DELETE", "", "/api/articles/x"),
    ("PUT", "", "/api/site"),
];

/// Content and sign-in uids, all without a right.
fn no_permissions() -> serde_json::Value {
    let uids = [
        "api::article.article",
        "api::site.site",
        "plugin::users-permissions.user",
        "plugin::users-permissions.auth",
        "plugin::users-permissions.role",
        "plugin::users-permissions.permissions",
        "plugin::upload.file",
        "plugin::i18n.locale",
        "plugin::content-type-builder.content-types",
        "plugin::content-type-builder.components",
    ];
    uids.iter().map(|uid| ((*uid).to_owned(), json!([]))).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn callers_without_permissions_are_forbidden_on_every_route() {
    let project = TestProject::newsroom().with_role("public", true, no_permissions()).with_role("none", true, no_permissions()).with_token(
        json!({"name": "none", "type": "custom", "token": "token-for-nothing-0123456789", "permissions": {}, "readDrafts": true}),
    );
    let server = TestServer::start_with(project).await;
    server.upload_file("a.txt", "text/plain", b"x").await.expect_status(201);
    let user = server.create_user("nobody", "none", json!({})).await;
    let before = server.dump_content().await;
    for (method, _, path) in ROUTES {
        for client in [&server.public_client(), &user, &server.with_token("token-for-nothing-0123456789")] {
            // Rights come before the body: what is sent does not matter.
            for body in ["", "{", r#"{"data":{"title":"x"}}"#] {
                let request = client.request(method, path).header("content-type", "application/json").body(body);
                let answer = client.send(request).await;
                assert_eq!((answer.status, answer.message()), (403, "Forbidden"), "{method} {path}: {}", answer.text());
            }
        }
        let invalid_client = server.with_token("nonsense");
        let answer = invalid_client.send(invalid_client.request(method, path)).await;
        assert_eq!(answer.status, 401, "{method} {path} with a wrong token: {}", answer.text());
    }
    assert_eq!(server.dump_content().await, before);
}

/// Every route of the router, as `GET /api/users/{id}`.
pub(crate) fn router_routes() -> BTreeSet<String> {
    let router =
        [include_str!("../../../../content-api/src/routes.rs"), include_str!("../../../../router/src/router.rs")]
            .concat();
    let mut routes = BTreeSet::new();
    for line in router.split(".route(").skip(1) {
        let path = line.split('"').nth(1).unwrap();
        let handlers = line.split_once(',').unwrap().1;
        for (word, method) in [
            ("get(", "GET"),
            ("post(", "POST"),
            ("put(", "PUT"),
            ("delete(", "DELETE"),
            ("patch(", "PATCH"),
            ("any(", "ANY"),
        ] {
            let is_call =
                handlers.split(word).next().unwrap().chars().last().is_some_and(|c| !c.is_alphanumeric() && c != '_');
            if handlers.contains(word) && is_call && !handlers.split(word).next().unwrap().contains(".route") {
                routes.insert(format!("{method} {path}"));
            }
        }
    }
    assert!(routes.len() >= 25, "the router is not read right: {routes:?}");
    routes
}

/// Each route of the router is in the table above, or in the file with the reason why not.
#[test]
fn every_route_has_an_access_test() {
    let routes = router_routes();
    let covered: BTreeSet<String> = ROUTES.iter().map(|(method, route, _)| format!("{method} {route}")).collect();
    let unknown: Vec<_> = covered.iter().filter(|r| !r.ends_with(' ') && !routes.contains(*r)).collect();
    assert!(unknown.is_empty(), "no such routes: {unknown:?}");
    // Meant for everybody, and tested where their own tests are.
    let open = [
        ("GET /", "a page for people who open the address in a browser"),
        ("GET /favicon.ico", "an icon that every browser asks for; tenants::isolation looks at it"),
        ("GET /cairn/preview.js", "a script for sites, the same for everybody; source_maps looks at it"),
        ("GET /cairn/typeface/{file}", "files of the admin UI, the same for everybody; admin_ui looks at them"),
        ("GET /_health", "for probes"),
        ("GET /invitation", "a page for people; content_users looks at it, also without the permission"),
        ("POST /invitation", "the form of that page"),
        ("GET /api/connect/{provider}", "refuses everybody; content_type_builder asks it"),
        ("GET /api/openapi.html", "a page for people, the same for everybody; admin_ui looks at it"),
        ("GET /api/openapi.json", "describes what the caller may call; content_openapi looks at it"),
        ("GET /uploads/{file}", "files are public; bad_input::files looks at the paths"),
        ("GET /uploads/private/{file}", "needs a signature; delivery looks at it"),
    ];
    // Admin routes are covered by `admin`, without a session and as many callers; a route for every method with each method.
    let of_admin = crate::admin::routes();
    let is_asked_there = |route: &&String| {
        let (method, path) = route.split_once(' ').unwrap();
        let path = path.replace("{*", "{");
        path.starts_with("/admin/api/") && of_admin.iter().any(|(m, p)| *p == path && (m == method || method == "ANY"))
    };
    let uncovered: String = routes
        .difference(&covered)
        .filter(|route| !is_asked_there(route))
        .map(|route| match open.iter().find(|(r, _)| r == route) {
            Some((_, reason)) => format!("{route}: {reason}\n"),
            None => format!("{route}: NO ACCESS TEST\n"),
        })
        .collect();
    assert_golden("routes_without_access_test.txt", &uncovered);
}
