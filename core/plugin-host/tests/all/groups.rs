//! Groups of users, by the guest `teller`: what it gives it lists, in its transactions and by its grant only.

use crate::test_project::{TestProject, installed_guest};
use cairn_plugin_host::InstalledPlugin;
use cairn_plugin_host::routes::{RouteError, RouteRequest};
use cairn_plugin_package::{Grants, Scope};
use cairn_query::Access;
use cairn_store::events::Actor;
use cairn_store::system::NewUser;
use serde_json::{Value as Json, json};
use std::sync::Arc;

async fn call_teller(project: &TestProject, body: Json) -> Result<Json, (u16, String)> {
    let request = RouteRequest {
        method: "POST".into(),
        path: "/api/teller/ask".into(),
        query: Vec::new(),
        headers: vec![("content-type".into(), "application/json".into())],
        body: body.to_string().into(),
        file: None,
        client: None,
        actor: Arc::new(Actor::public()),
        access: Arc::new(Access::none()).into(),
        locale: "en".into(),
    };
    let route_match = project.plugins.find_route("POST", &["teller", "ask"]).unwrap();
    match project.plugins.handle_request(route_match, request).await {
        Ok(answer) => Ok(serde_json::from_slice(&answer.body).unwrap()),
        Err(RouteError::Refused(no)) => Err((no.kind.status(), format!("{} {}", no.message, no.details))),
        Err(other) => panic!("{body}: {other:?}"),
    }
}

async fn add_user(project: &TestProject, name: &'static str) -> String {
    let user = move |tx: &mut cairn_store::WriteTx<'_>| {
        let email = format!("{name}@example.com");
        let user = NewUser { username: name, email: &email, password_hash: "!", confirmed: true, role: None };
        tx.users().create(&user, "2025-01-01T10:00:00.000Z")
    };
    project.content.store().write(user).await.unwrap()
}

fn set_request(user: &str, groups: &[&str]) -> Json {
    json!({ "do": "set-groups", "user": user, "groups": groups })
}

#[tokio::test(flavor = "multi_thread")]
async fn groups_are_given_listed_and_paged() {
    let project = TestProject::with_guests(&["teller"]).await;
    let mut users = [add_user(&project, "ann").await, add_user(&project, "bob").await];
    users.sort();
    for user in &users {
        call_teller(&project, set_request(user, &["teller:b", "teller:a", "teller:b"])).await.unwrap();
    }
    let list = async |user: &str| call_teller(&project, json!({ "do": "list-groups", "user": user })).await.unwrap();
    assert_eq!(list(&users[0]).await, json!(["teller:a", "teller:b"]));
    assert_eq!(list("nobody").await, json!([]));
    let page = async |after: Option<&str>| {
        let body = json!({ "do": "members", "group": "teller:a", "after": after, "limit": 1 });
        call_teller(&project, body).await.unwrap()
    };
    assert_eq!(page(None).await, json!({ "users": [users[0]], "next": users[0] }));
    assert_eq!(page(Some(&users[0])).await, json!({ "users": [users[1]], "next": null }));
    assert_eq!(page(Some(&users[1])).await, json!({ "users": [], "next": null }));
    let mut undone = set_request(&users[0], &[]);
    undone["undone"] = json!(true);
    call_teller(&project, undone).await.unwrap();
    assert_eq!(list(&users[0]).await, json!(["teller:a", "teller:b"]));
    // Groups of another plugin are out of reach.
    let other = users[0].clone();
    let given =
        project.content.store().write(move |tx| tx.user_groups().set(&other, "journey", &["x".to_owned()].into()));
    given.await.unwrap();
    call_teller(&project, set_request(&users[0], &[])).await.unwrap();
    assert_eq!(list(&users[0]).await, json!([]));
    let all = project.content.store().read(|r| r.user_groups().list(&users[0])).unwrap();
    assert_eq!(all, ["journey:x"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn groups_need_valid_arguments_and_the_grant() {
    let project = TestProject::with_guests(&["teller"]).await;
    let user = add_user(&project, "ann").await;
    let long = format!("teller:{}", "x".repeat(100));
    for (body, expected) in [
        (set_request(&user, &["journey:a"]), "its names begin with"),
        (set_request(&user, &["teller:A"]), "is not the name of a group"),
        (set_request(&user, &[&long]), "longer than 100 characters"),
        (json!({ "do": "members", "group": "journey:a", "limit": 10 }), "its names begin with"),
        (json!({ "do": "members", "group": "teller:a", "limit": 0 }), "from 1 to 1000"),
        (json!({ "do": "members", "group": "teller:a", "limit": 1_001 }), "from 1 to 1000"),
    ] {
        let (status, message) = call_teller(&project, body).await.unwrap_err();
        assert!(status == 400 && message.contains(expected), "{status} {message}");
    }
    assert_eq!(call_teller(&project, set_request("nobody", &["teller:a"])).await.unwrap_err().0, 404);
    let installed = installed_guest("teller");
    let others = installed.grants.list().iter().filter(|granted| granted.scope != Scope::Groups).cloned();
    let grants = Grants::from(others.collect::<Vec<_>>());
    let without = InstalledPlugin { grants, number: 2, ..installed };
    for answer in project.plugins.replace_running(vec![without]) {
        answer.unwrap();
    }
    for body in [
        set_request(&user, &["teller:a"]),
        json!({ "do": "list-groups", "user": user }),
        json!({ "do": "members", "group": "teller:a", "limit": 10 }),
    ] {
        assert_eq!(call_teller(&project, body).await.unwrap_err().0, 403);
    }
}
