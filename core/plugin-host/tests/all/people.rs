//! People of the admin, by the guest `teller`: found by ids, names and roles, without their addresses, and by its grant only.

use crate::test_project::{TestProject, installed_guest};
use cairn_plugin_host::InstalledPlugin;
use cairn_plugin_host::routes::{RouteError, RouteRequest};
use cairn_plugin_package::{Grants, Scope};
use cairn_query::Access;
use cairn_store::events::Actor;
use cairn_store::system::AdminProfile;
use serde_json::{Value as Json, json};
use std::sync::Arc;

const NOW: &str = "2025-01-01T00:00:00.000Z";

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

/// An admin user; without a name where `first` is empty. Their id.
async fn add_person(project: &TestProject, email: &str, (first_name, last_name): (&str, &str), role: &str) -> String {
    let name = |name: &str| Some(name.to_owned()).filter(|name| !name.is_empty());
    let profile = AdminProfile { first_name: name(first_name), last_name: name(last_name), language: None };
    let (email, roles) = (email.to_owned(), vec![role.to_owned()]);
    let add = move |tx: &mut cairn_store::WriteTx<'_>| {
        let id = tx.admin_users().create(&email, "", &roles, NOW)?;
        tx.admin_users().set_profile(id, &profile, NOW)?;
        Ok::<_, cairn_store::StoreError>(id)
    };
    project.content.store().write(add).await.unwrap().to_string()
}

fn find_request(by: &str, entries: &[&str], limit: u32) -> Json {
    json!({ "do": "people", "by": by, "entries": entries, "limit": limit })
}

async fn found_ids(project: &TestProject, request: Json) -> Vec<String> {
    let found = call_teller(project, request).await.unwrap();
    found["people"].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn people_are_found_without_their_addresses() {
    let project = TestProject::with_guests(&["teller"]).await;
    let bart = add_person(&project, "bart@example.com", ("Bart", "de Vries"), "sales").await;
    let eva = add_person(&project, "eva@example.com", ("Eva", "Smit"), "editor").await;
    let nameless = add_person(&project, "desk@example.com", ("", ""), "sales").await;
    let left = add_person(&project, "left@example.com", ("Bart", "Jansen"), "sales").await;
    let who: i64 = left.parse().unwrap();
    project.content.store().write(move |tx| tx.admin_users().set_active(who, false, NOW)).await.unwrap();

    let found = call_teller(&project, find_request("names", &["BART"], 100)).await.unwrap();
    let person = json!({ "id": bart, "name": "Bart de Vries", "roles": ["sales"], "active": true });
    assert_eq!(found, json!({ "people": [person], "next": null }));
    assert_eq!(found_ids(&project, find_request("names", &["vries b", "eva"], 100)).await, [&*bart, &*eva]);
    assert!(found_ids(&project, find_request("names", &["bart@example.com", "example"], 100)).await.is_empty());
    assert_eq!(found_ids(&project, find_request("roles", &["sales"], 100)).await, [&*bart, &*nameless]);
    let by_ids =
        call_teller(&project, find_request("ids", &[&left, &nameless, "999", "role:sales"], 100)).await.unwrap();
    let known = |n: usize| [&by_ids["people"][n]["id"], &by_ids["people"][n]["name"], &by_ids["people"][n]["active"]];
    assert_eq!(known(0), [&json!(nameless), &json!(null), &json!(true)]);
    assert_eq!(known(1), [&json!(left), &json!("Bart Jansen"), &json!(false)]);
    assert!(!by_ids.to_string().contains('@'), "{by_ids}");

    // A page at a time.
    let page = async |after: Option<&str>| {
        let mut request = find_request("names", &[""], 2);
        request["after"] = json!(after);
        call_teller(&project, request).await.unwrap()
    };
    let first = page(None).await;
    assert_eq!((first["people"].as_array().unwrap().len(), &first["next"]), (2, &json!(eva)));
    let second = page(Some(&eva)).await;
    assert_eq!((&second["people"][0]["id"], &second["next"]), (&json!(nameless), &json!(null)));
}

#[tokio::test(flavor = "multi_thread")]
async fn people_need_valid_arguments_and_the_grant() {
    let project = TestProject::with_guests(&["teller"]).await;
    let many = vec!["1"; 101];
    let long = "x".repeat(201);
    let mut cursor = find_request("names", &["bart"], 10);
    cursor["after"] = json!("bart");
    for (body, expected) in [
        (find_request("ids", &many, 10), r#""path":["by","ids"]"#),
        (find_request("names", &[&long], 10), r#""path":["by","names","#),
        (find_request("roles", &["sales"], 0), "from 1 to 100"),
        (find_request("roles", &["sales"], 101), "from 1 to 100"),
        (cursor, r#""path":["after"]"#),
    ] {
        let (status, message) = call_teller(&project, body).await.unwrap_err();
        assert!(status == 400 && message.contains(expected), "{status} {message}");
    }
    let installed = installed_guest("teller");
    let others = installed.grants.list().iter().filter(|granted| granted.scope != Scope::People).cloned();
    let grants = Grants::from(others.collect::<Vec<_>>());
    let without = InstalledPlugin { grants, number: 2, ..installed };
    for answer in project.plugins.replace_running(vec![without]) {
        answer.unwrap();
    }
    assert_eq!(call_teller(&project, find_request("names", &["bart"], 10)).await.unwrap_err().0, 403);
}
