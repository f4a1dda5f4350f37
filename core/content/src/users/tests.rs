//! Users against a real database.

mod accounts;
mod invitations;

use super::*;
use crate::hooks::{HookAction, HookDecision};
use crate::testing::{before_hook, parse_test_query, public_actor, refuse, store_options};
use crate::{ContentError, RefusalKind};
use cairn_access::auth::{CodePurpose, MAIL_JOB, SignedIn};
use cairn_access::{AccessControl, FixedClock, Passwords, SecretKey};
use cairn_store::Store;
use cairn_store::events::{Actor, ActorKind, JobFilter};
use cairn_testkit::TestDatabase;
use chrono::DateTime;
use serde_json::{Map, Value as Json, json};
use std::net::{IpAddr, Ipv4Addr};
use tempfile::TempDir;

/// A project whose users have more than the built-in attributes.
struct UsersFixture {
    content: Content,
    access: AccessControl,
    _database: TestDatabase,
    _dir: TempDir,
}

const USER: &str = r#"{ "kind": "collectionType", "collectionName": "up_users",
  "info": { "singularName": "user", "pluralName": "users", "displayName": "User" },
  "attributes": {
    "job": { "type": "string", "required": true },
    "plan": { "type": "enumeration", "enum": ["free", "paid"], "default": "free" },
    "note": { "type": "string", "private": true },
    "team": { "type": "relation", "relation": "manyToOne", "target": "api::team.team" } } }"#;

const TEAM: &str = r#"{ "kind": "collectionType", "collectionName": "teams",
  "info": { "singularName": "team", "pluralName": "teams", "displayName": "Team" },
  "attributes": { "name": { "type": "string" } } }"#;

const CLIENT: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
const PASSWORD: &str = "Passw0rd!";

impl UsersFixture {
    async fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let types = dir.path().join("content-types");
        for (folder, schema) in [
            (types.join("extensions/users-permissions/content-types/user"), USER),
            (types.join("api/team/content-types/team"), TEAM),
        ] {
            std::fs::create_dir_all(&folder).unwrap();
            std::fs::write(folder.join("schema.json"), schema).unwrap();
        }
        let registry = Arc::new(cairn_model::load::load_project(dir.path()).unwrap().registry);
        let database = TestDatabase::new(dir.path());
        let store = Store::open(store_options(&database), registry).unwrap();
        let secret = SecretKey::load(None, dir.path()).unwrap();
        let clock = Arc::new(FixedClock::starting_at(DateTime::from_timestamp(1_735_725_600, 0).unwrap()));
        let access = AccessControl::open(store, &secret, "default", Passwords::new(4), clock).await.unwrap();
        Self { content: Content::new(access.clone()), access, _database: database, _dir: dir }
    }

    fn user_type_id(&self) -> TypeId {
        self.content.registry().user_type().id
    }

    fn role_type_id(&self) -> TypeId {
        self.content.registry().role_type().id
    }

    fn request_context<'a>(&self, access: &'a Arc<Access>, query: &str) -> RequestContext<'a> {
        let query = parse_test_query(query);
        RequestContext { access, content_type: self.user_type_id(), query, default_locale: "en", actor: public_actor() }
    }

    async fn register(&self, username: &str, email: &str) -> Result<String> {
        let body = json!({ "username": username, "email": email, "password": PASSWORD });
        match self.access.prepare_registration(&body, CLIENT).await {
            Ok(new) => self.content.register(new).await.map(|user| user.document_id),
            Err(e) => Err(ContentError::application(e.message())),
        }
    }

    async fn create(&self, access: &Arc<Access>, body: Json) -> Result<Json> {
        let response = self.content.create_user(self.request_context(access, ""), object(body)).await?;
        Ok(serde_json::from_slice(&response.body).unwrap())
    }

    async fn update(&self, access: &Arc<Access>, id: &str, body: Json) -> Result<Json> {
        let changed = self.content.update_user(self.request_context(access, ""), id, object(body)).await?;
        Ok(serde_json::from_slice(&changed.body).unwrap())
    }

    async fn verify_email(&self, id: &str) {
        let id = id.to_owned();
        self.content.store().write(move |tx| tx.users().verify_email(&id, "2025-01-01T10:00:00.000Z")).await.unwrap();
    }

    fn is_email_verified(&self, id: &str) -> bool {
        self.content.store().read(|r| r.users().get_by_document(id)).unwrap().unwrap().email_verified
    }

    async fn sign_in(&self, identifier: &str, password: &str) -> Option<SignedIn> {
        let body = json!({ "identifier": identifier, "password": password });
        self.access.sign_in(&body, CLIENT, cairn_store::events::Actor::public()).await.ok()
    }

    async fn is_signed_in(&self, signed_in: &SignedIn) -> bool {
        self.access.authenticate_caller(Some(format!("Bearer {}", signed_in.jwt).as_bytes())).await.is_ok()
    }

    fn find(&self, id: &str) -> Option<Json> {
        let full = full_access();
        let response = self.content.find_user(self.request_context(&full, "populate=role,team"), id).unwrap()?;
        Some(serde_json::from_slice(&response.body).unwrap())
    }
}

fn full_access() -> Arc<Access> {
    Arc::new(Access::full())
}

/// Access with only these permissions.
fn access_to(rights: &[(TypeId, Action, Option<Json>)]) -> Arc<Access> {
    let rule = |condition: &Option<Json>| AccessRule { condition: condition.clone().map(Arc::new), fields: None };
    let rules = rights.iter().map(|(t, action, condition)| ((*t, *action), rule(condition))).collect();
    Arc::new(Access { key: format!("{rights:?}").into(), rules: Arc::new(rules), ..Access::none() })
}

fn object(json: Json) -> Map<String, Json> {
    json.as_object().cloned().unwrap()
}

fn expect_refused<T: std::fmt::Debug>(result: Result<T>) -> (RefusalKind, String) {
    match result {
        Err(ContentError::Refused(r)) => (r.kind, r.message),
        other => panic!("{other:?}"),
    }
}

#[test]
fn numeric_targets_are_row_ids_and_others_document_ids() {
    assert_eq!(parse_target("12"), Some(TargetRef::Row(12)));
    assert_eq!(parse_target("k3j9"), Some(TargetRef::Document("k3j9".into())));
    assert_eq!(parse_target("-1"), Some(TargetRef::Document("-1".into())));
    assert_eq!(parse_target(""), None);
    assert_eq!(parse_target("99999999999999999999"), None);
}

#[test]
fn added_rules_change_the_access_key() {
    let (user, other) = (TypeId(1), TypeId(2));
    let public = access_to(&[(other, Action::Find, None)]);
    let own = with_rule(&public, user, Action::FindOne, AccessRule::default(), "own user");
    assert!(own.allows_action(user, Action::FindOne) && own.allows_action(other, Action::Find));
    assert!(!own.allows_action(user, Action::Find) && !public.allows_action(user, Action::FindOne));
    assert_ne!(own.key, public.key);
    assert_eq!(
        with_rule(&full_access(), user, Action::FindOne, AccessRule::default(), "own user").key,
        full_access().key
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn registered_users_get_default_values() {
    let project = UsersFixture::new().await;
    let id = project.register("ann", "Ann@Example.com").await.unwrap();
    let ann = project.find(&id).unwrap();
    assert_eq!(ann["email"], "ann@example.com");
    assert_eq!((&ann["provider"], &ann["confirmed"], &ann["blocked"]), (&json!("local"), &json!(true), &json!(false)));
    assert_eq!((&ann["plan"], &ann["job"], &ann["team"]), (&json!("free"), &Json::Null, &Json::Null));
    assert_eq!(ann["role"]["type"], "authenticated");
    assert_eq!(ann["createdAt"], ann["publishedAt"]);
    assert!(project.sign_in("ann", PASSWORD).await.is_some());
    // Users can be changed although values that are required of an editor are missing.
    project.update(&full_access(), &id, json!({ "plan": "paid" })).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn concurrent_registrations_create_one_user_per_address() {
    let project = Arc::new(UsersFixture::new().await);
    let tries: Vec<_> = (0..24)
        .map(|i| {
            let project = project.clone();
            tokio::spawn(async move {
                let (name, email) =
                    (format!("user{i}"), if i % 3 == 0 { "Same@example.com" } else { "same@example.com" });
                if i % 2 == 0 {
                    let body = json!({ "username": name, "email": email, "password": PASSWORD, "job": "x", "role": 1 });
                    project.create(&full_access(), body).await.map(drop)
                } else {
                    project.register(&name, email).await.map(drop)
                }
            })
        })
        .collect();
    let mut created = 0;
    for t in tries {
        match t.await.unwrap() {
            Ok(()) => created += 1,
            other => assert_eq!(expect_refused(other).0, RefusalKind::Application),
        }
    }
    assert_eq!(created, 1);
    assert_eq!(project.content.count_users(project.request_context(&full_access(), "")).await.unwrap(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn usernames_and_addresses_share_one_namespace() {
    let project = UsersFixture::new().await;
    let ann = project.register("ann", "ann@example.com").await.unwrap();
    let bob = project.register("bob@example.com", "bob@home.example").await.unwrap();
    let full = full_access();
    let refusal = |message: &str| (RefusalKind::Application, message.to_owned());
    for (body, message) in [
        (json!({ "username": "bob@example.com" }), "Username already taken"),
        (json!({ "username": "bob@home.example" }), "Username already taken"),
        (json!({ "email": "BOB@home.example" }), "Email already taken"),
        (json!({ "email": "bob@example.com" }), "Email already taken"),
        (json!({ "username": "bob@home.example", "email": "bob@home.example" }), "Email already taken"),
    ] {
        assert_eq!(expect_refused(project.update(&full, &ann, body.clone()).await), refusal(message), "{body}");
    }
    // One's own stay one's own, and case counts in names.
    let same = json!({ "username": "ann", "email": "Ann@example.com" });
    assert_eq!(project.update(&full, &ann, same).await.unwrap()["email"], "ann@example.com");
    project.update(&full, &bob, json!({ "username": "Ann" })).await.unwrap();
    let registered = project.register("new", "ann@example.com").await;
    assert_eq!(expect_refused(registered), refusal("Email or Username are already taken"));
}

#[tokio::test(flavor = "multi_thread")]
async fn changing_a_password_ends_all_sessions() {
    let project = UsersFixture::new().await;
    let id = project.register("ann", "ann@example.com").await.unwrap();
    let (first, second) =
        (project.sign_in("ann", PASSWORD).await.unwrap(), project.sign_in("ann", PASSWORD).await.unwrap());
    let full = full_access();
    project.update(&full, &id, json!({ "plan": "paid" })).await.unwrap();
    assert!(project.is_signed_in(&first).await && project.is_signed_in(&second).await);

    // A refused write changes nothing of it.
    expect_refused(project.update(&full, &id, json!({ "password": "an other", "plan": "no plan" })).await);
    assert!(project.is_signed_in(&first).await && project.sign_in("ann", PASSWORD).await.is_some());

    let view = project.update(&full, &id, json!({ "password": "an other" })).await.unwrap();
    assert!(!view.to_string().contains("password") && !view.to_string().contains("argon2"), "{view}");
    assert!(!project.is_signed_in(&first).await && !project.is_signed_in(&second).await);
    assert!(project.sign_in("ann", PASSWORD).await.is_none());
    assert!(project.sign_in("ann", "an other").await.is_some());

    for bad in [json!(null), json!(""), json!(7), json!({ "$ne": "" }), json!("short"), json!("x".repeat(73))] {
        let (kind, _) = expect_refused(project.update(&full, &id, json!({ "password": bad })).await);
        assert_eq!(kind, RefusalKind::Validation, "{bad}");
    }
    assert!(project.sign_in("ann", "an other").await.is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn changing_a_password_removes_open_reset_codes() {
    let project = UsersFixture::new().await;
    let id = project.register("ann", "ann@example.com").await.unwrap();
    project.register("bob", "bob@example.com").await.unwrap();
    let code = async |name| project.access.create_code(name, CodePurpose::ResetPassword).await.unwrap().unwrap();
    let reset = async |code: &str| {
        let body = json!({ "code": code, "password": "from a link", "passwordConfirmation": "from a link" });
        project.access.reset_password(&body, CLIENT).await.is_ok()
    };
    let (of_ann, of_bob) = (code("ann").await, code("bob").await);
    project.update(&full_access(), &id, json!({ "plan": "paid" })).await.unwrap();
    // Refused for another attribute: nothing of it happened.
    let conflicting_update = json!({ "password": "an other", "username": "bob" });
    assert_eq!(
        expect_refused(project.update(&full_access(), &id, conflicting_update).await).1,
        "Username already taken"
    );
    assert!(project.sign_in("ann", PASSWORD).await.is_some());
    assert!(reset(&of_ann).await);

    let of_ann = code("ann").await;
    project.update(&full_access(), &id, json!({ "password": "an other" })).await.unwrap();
    assert!(!reset(&of_ann).await && project.sign_in("ann", "an other").await.is_some());
    assert!(reset(&of_bob).await);

    // Of a change by themselves, too.
    let of_ann = code("ann").await;
    let session = project.sign_in("ann", "an other").await.unwrap();
    let caller = project.access.authenticate_caller(Some(format!("Bearer {}", session.jwt).as_bytes())).await.unwrap();
    let body = json!({ "currentPassword": "an other", "password": "a third", "passwordConfirmation": "a third" });
    project.access.change_password(&caller, &body, CLIENT).await.unwrap();
    assert!(!reset(&of_ann).await);
}

/// Also where the change is not made by the routes of users.
#[tokio::test(flavor = "multi_thread")]
async fn every_write_of_an_address_ends_codes() {
    let project = UsersFixture::new().await;
    let id = project.register("ann", "ann@example.com").await.unwrap();
    let code = project.access.create_code("ann", CodePurpose::ResetPassword).await.unwrap().unwrap();
    let full = full_access();
    let context = project.request_context(&full, "");
    let body = Some(json!({ "data": { "email": "new@example.com" } }));
    project.content.update(context, &id, body, crate::Precondition::None).await.unwrap();
    let body = json!({ "code": code, "password": "from a link", "passwordConfirmation": "from a link" });
    assert!(project.access.reset_password(&body, CLIENT).await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn blocked_and_deleted_users_have_invalid_credentials() {
    let project = UsersFixture::new().await;
    let id = project.register("ann", "ann@example.com").await.unwrap();
    let session = project.sign_in("ann", PASSWORD).await.unwrap();
    let auth_error = async || {
        let caller = project.access.authenticate_caller(Some(format!("Bearer {}", session.jwt).as_bytes())).await;
        caller.err().map(|e| e.message())
    };
    project.update(&full_access(), &id, json!({ "blocked": true })).await.unwrap();
    assert_eq!(auth_error().await.as_deref(), Some("Invalid credentials"));
    assert!(project.sign_in("ann", PASSWORD).await.is_none());
    project.content.delete_user(project.request_context(&full_access(), ""), &id).await.unwrap();
    assert_eq!(auth_error().await.as_deref(), Some("Invalid credentials"));
}

#[tokio::test(flavor = "multi_thread")]
async fn only_permitted_user_attributes_can_be_set() {
    let project = UsersFixture::new().await;
    let user = json!({ "username": "ann", "email": "ann@example.com", "password": PASSWORD, "job": "x" });
    let with = |key: &str, value: Json| {
        let mut body = user.clone();
        body[key] = value;
        body
    };
    let (may, role) = (access_to(&[(project.user_type_id(), Action::Create, None)]), project.role_type_id());
    for key in
        ["resetPasswordToken", "confirmationToken", "id", "documentId", "createdAt", "isAdmin", "__proto__", "data"]
    {
        let mut body = with(key, json!("1"));
        body["role"] = json!(1);
        let (kind, message) = expect_refused(project.create(&full_access(), body).await);
        assert_eq!((kind, message), (RefusalKind::Validation, format!("Invalid key {key}")));
    }
    // A caller who may not read roles cannot set one; the new user has the default one, which the response does not show.
    assert_eq!(expect_refused(project.create(&may, with("role", json!(2))).await).1, "Invalid key role");
    let created = project.create(&may, with("provider", json!("github"))).await.unwrap();
    assert_eq!((&created["provider"], created.get("role"), created.get("note")), (&json!("local"), None, None));
    let id = created["documentId"].as_str().unwrap();
    assert_eq!(project.find(id).unwrap()["role"]["type"], "authenticated");

    let may = access_to(&[(project.user_type_id(), Action::Update, None), (role, Action::Find, None)]);
    for change in [json!(2), json!({ "connect": [{ "id": 2 }] }), json!({ "set": [2], "disconnect": [1] })] {
        let changed = project.update(&may, id, json!({ "role": change })).await.unwrap();
        assert_eq!(changed["role"]["type"], "public", "{change}");
        project.update(&may, id, json!({ "role": 1 })).await.unwrap();
    }
    for change in [json!(null), json!([]), json!({ "disconnect": [1] })] {
        assert_eq!(
            expect_refused(project.update(&may, id, json!({ "role": change })).await).1,
            "Users must have a role"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn custom_user_attributes_behave_like_content() {
    let project = UsersFixture::new().await;
    let full = full_access();
    let missing = json!({ "username": "ann", "email": "ann@example.com", "password": PASSWORD, "role": 1 });
    assert_eq!(expect_refused(project.create(&full, missing).await).1, "job must be defined.");
    let team = project.content.registry().by_route("teams").unwrap().id;
    let context = RequestContext { content_type: team, ..project.request_context(&full, "") };
    let team = project.content.create(context, Some(json!({ "data": { "name": "Blue" } }))).await.unwrap().document_id;
    let body = json!({
        "username": "ann", "email": "ann@example.com", "password": PASSWORD, "job": "x", "note": "hidden", "team": team, "role": 1,
    });
    let created = project.create(&full, body).await.unwrap();
    assert_eq!((&created["job"], &created["plan"], created.get("note")), (&json!("x"), &json!("free"), None));
    let id = created["id"].to_string();
    assert_eq!(project.find(&id).unwrap()["team"]["name"], "Blue");
    assert_eq!(
        expect_refused(project.update(&full, &id, json!({ "username": "an" })).await).0,
        RefusalKind::Validation
    );
    project.update(&full, &id, json!({ "team": null })).await.unwrap();
    assert_eq!(project.find(&id).unwrap()["team"], Json::Null);
}

#[tokio::test(flavor = "multi_thread")]
async fn users_outside_the_condition_are_not_found() {
    let project = UsersFixture::new().await;
    let ann = project.register("ann", "ann@example.com").await.unwrap();
    let bob = project.register("bob", "bob@example.com").await.unwrap();
    let is_ann = Some(json!({ "username": "ann" }));
    let user = project.user_type_id();
    let actions = [Action::Find, Action::FindOne, Action::Update, Action::Delete];
    let access = access_to(&actions.map(|action| (user, action, is_ann.clone())));
    assert!(project.content.find_user(project.request_context(&access, ""), &bob).unwrap().is_none());
    assert!(project.content.find_user(project.request_context(&access, ""), &ann).unwrap().is_some());
    assert_eq!(project.content.count_users(project.request_context(&access, "")).await.unwrap(), 1);
    let not_found = (RefusalKind::NotFound, "User not found".to_owned());
    for id in [bob.as_str(), "nothing", "4711"] {
        assert_eq!(expect_refused(project.update(&access, id, json!({ "plan": "paid" })).await), not_found, "{id}");
    }
    // A user may not be moved out of sight either.
    let moved = project.update(&access, &ann, json!({ "username": "other" })).await;
    assert_eq!(expect_refused(moved).0, RefusalKind::Forbidden);
    let deleted = project.content.delete_user(project.request_context(&access, ""), &bob).await;
    assert_eq!(expect_refused(deleted.map(drop)), not_found);
    assert_eq!(project.find(&bob).unwrap()["plan"], "free");
}

#[tokio::test(flavor = "multi_thread")]
async fn deleting_a_user_returns_it_and_ends_its_sessions() {
    let project = UsersFixture::new().await;
    let id = project.register("ann", "ann@example.com").await.unwrap();
    let session = project.sign_in("ann", PASSWORD).await.unwrap();
    let (full, number) = (full_access(), project.find(&id).unwrap()["id"].to_string());
    let code = project.access.create_code("ann", CodePurpose::ConfirmEmail).await.unwrap().unwrap();
    let caller = project.access.authenticate_caller(Some(format!("Bearer {}", session.jwt).as_bytes())).await.unwrap();
    let row = || project.access.store().read(|r| r.sessions().get(&caller.user().unwrap().session)).unwrap();
    assert!(row().is_some());
    let deleted = project.content.delete_user(project.request_context(&full, ""), &number).await.unwrap().unwrap();
    assert!(row().is_none());
    assert!(project.access.confirm_email(&json!({ "confirmation": code }), CLIENT).await.is_err());
    let view: Json = serde_json::from_slice(&deleted.body).unwrap();
    assert_eq!((view["username"].as_str(), view.get("role")), (Some("ann"), None));
    assert!(!project.is_signed_in(&session).await);
    assert!(project.content.delete_user(project.request_context(&full, ""), &number).await.unwrap().is_none());
    assert!(project.find(&id).is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn hooks_can_refuse_the_deletion_of_users() {
    let project = UsersFixture::new().await;
    let ann = project.register("ann", "ann@example.com").await.unwrap();
    let bob = project.register("bob", "bob@example.com").await.unwrap();
    let hooks = Arc::new(before_hook(|_, change| {
        match change.before.as_ref().filter(|_| change.action == HookAction::Delete) {
            Some(user) if user["username"] == "ann" => Err(refuse("username", "She stays")),
            _ => Ok(HookDecision::Allow),
        }
    }));
    let content = project.content.clone().with_hooks(hooks.clone());
    let access = full_access();
    let delete = async |id: &str| content.delete_user(project.request_context(&access, ""), id).await;
    let (kind, message) = expect_refused(delete(&ann).await.map(drop));
    assert_eq!((kind, message.as_str()), (RefusalKind::Validation, "She stays"));
    assert!(project.find(&ann).is_some());
    assert!(delete(&bob).await.unwrap().is_some());
    let calls = hooks.seen.lock();
    assert_eq!(calls.iter().map(|call| call.action).collect::<Vec<_>>(), ["delete", "delete"]);
    assert_eq!((calls[1].document_id.as_deref(), &calls[1].after), (Some(bob.as_str()), &None));
}

#[tokio::test(flavor = "multi_thread")]
async fn users_can_read_themselves_and_counting_reveals_nothing() {
    let project = UsersFixture::new().await;
    let id = project.register("ann", "ann@example.com").await.unwrap();
    project.register("bob", "bob@example.com").await.unwrap();
    let nothing = Arc::new(Access::none());
    let own = project.content.own_user(project.request_context(&nothing, "populate=role,team"), &id).unwrap().unwrap();
    let own: Json = serde_json::from_slice(&own.body).unwrap();
    assert_eq!(
        (own["username"].as_str(), own.get("role"), own.get("password"), own.get("note")),
        (Some("ann"), None, None, None)
    );
    let roles = access_to(&[(project.role_type_id(), Action::Find, None)]);
    let own = project.content.own_user(project.request_context(&roles, "populate=role"), &id).unwrap().unwrap();
    assert_eq!(serde_json::from_slice::<Json>(&own.body).unwrap()["role"]["type"], "authenticated");

    assert_eq!(project.content.count_users(project.request_context(&nothing, "")).await.unwrap(), 2);
    for query in ["filters[username]=ann", "filters[password][$startsWith]=$argon2", "filters[note][$null]=true"] {
        let (kind, _) = expect_refused(project.content.count_users(project.request_context(&nothing, query)).await);
        assert_eq!(kind, RefusalKind::Validation, "{query}");
    }
    assert_eq!(
        project.content.count_users(project.request_context(&full_access(), "filters[username]=ann")).await.unwrap(),
        1
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn roles_include_their_user_count() {
    let project = UsersFixture::new().await;
    project.register("ann", "ann@example.com").await.unwrap();
    let full = full_access();
    let roles =
        project.content.list_roles(project.request_context(&full, "fields=name&filters[name]=x")).await.unwrap();
    let user_counts: Vec<_> =
        roles.iter().map(|r| (r["type"].as_str().unwrap(), r["nb_users"].as_i64().unwrap())).collect();
    assert_eq!(user_counts, [("authenticated", 1), ("public", 0)]);
    assert_eq!(roles[0].keys().next_back().unwrap(), "nb_users");
    let one = |id: &str| project.content.find_role(project.request_context(&full, ""), id).unwrap();
    let role = one("2").unwrap();
    assert_eq!(role["name"], "Public");
    assert!(one(role["documentId"].as_str().unwrap()).is_some() && one("3").is_none());
    let access = access_to(&[(project.role_type_id(), Action::Find, Some(json!({ "type": "public" })))]);
    assert_eq!(project.content.list_roles(project.request_context(&access, "")).await.unwrap().len(), 1);
}

impl UsersFixture {
    async fn invite(&self, email: &str, username: Option<&str>) -> Result<(String, InvitationOutcome)> {
        let access = full_access();
        let invitation = UserInvitation {
            email: email.to_owned(),
            username: username.map(str::to_owned),
            role: None,
            language: Some("nl".to_owned()),
        };
        self.content.invite_user(self.request_context(&access, ""), invitation).await
    }

    /// Payloads of the mails that are on their way.
    fn mail_jobs(&self) -> Vec<Json> {
        let filter = JobFilter { name: Some(MAIL_JOB.to_owned()), ..JobFilter::default() };
        let jobs = self.content.store().read(|r| r.jobs().list(&filter, 100)).unwrap();
        jobs.into_iter().map(|job| job.payload).collect()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn invited_users_have_no_password_and_a_mail_on_its_way() {
    let project = UsersFixture::new().await;
    let (id, outcome) = project.invite(" Ann@Example.com ", Some("Ann\u{200b}")).await.unwrap();
    assert_eq!(outcome, InvitationOutcome::Created);
    let ann = project.find(&id).unwrap();
    assert_eq!((&ann["username"], &ann["email"]), (&json!("Ann"), &json!("ann@example.com")));
    assert_eq!((&ann["provider"], &ann["confirmed"], &ann["blocked"]), (&json!("local"), &json!(false), &json!(false)));
    assert_eq!((&ann["plan"], &ann["job"]), (&json!("free"), &Json::Null), "defaults, and what nobody could give");
    assert_eq!(ann["role"]["type"], "authenticated");
    assert_eq!(project.mail_jobs(), [json!({ "purpose": "invitation", "user": id, "language": "nl" })]);
    for password in ["", " ", "x", PASSWORD] {
        assert!(project.sign_in("Ann", password).await.is_none(), "{password}");
    }
    // Again: the same user, and no other mail while the first is about to be sent.
    assert_eq!(project.invite("ANN@example.com", None).await.unwrap(), (id.clone(), InvitationOutcome::AlreadySent));
    assert_eq!(project.mail_jobs().len(), 1);
    assert_eq!(project.content.count_users(project.request_context(&full_access(), "")).await.unwrap(), 1);
    let blocked = json!({ "blocked": true });
    project.update(&full_access(), &id, blocked).await.unwrap();
    assert_eq!(project.invite("ann@example.com", None).await.unwrap().1, InvitationOutcome::Blocked);
    let open = json!({ "blocked": false, "password": PASSWORD });
    project.update(&full_access(), &id, open).await.unwrap();
    // A password that others gave says nothing about whose the address is.
    assert_eq!(project.invite("ann@example.com", None).await.unwrap(), (id.clone(), InvitationOutcome::AlreadySent));
    project.verify_email(&id).await;
    assert_eq!(project.invite("ann@example.com", None).await.unwrap(), (id.clone(), InvitationOutcome::HasPassword));
    // A user who was invited by address alone has it as the name.
    let (bob, _) = project.invite("bob@example.com", Some("  ")).await.unwrap();
    assert_eq!(project.find(&bob).unwrap()["username"], "bob@example.com");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_registered_with_an_address_is_invited_as_its_owner() {
    let project = UsersFixture::new().await;
    let id = project.register("mallory", "ann@example.com").await.unwrap();
    assert!(project.find(&id).unwrap()["confirmed"] == true && !project.is_email_verified(&id));
    let invited = project.invite("Ann@example.com", Some("Ann")).await.unwrap();
    assert_eq!(invited, (id.clone(), InvitationOutcome::SentAgain));
    assert_eq!(project.mail_jobs().len(), 1);
    assert_eq!(project.find(&id).unwrap()["username"], "mallory");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_verified_address_is_verified_until_it_is_another_and_visitors_do_not_say_so() {
    let project = UsersFixture::new().await;
    let full = full_access();
    let id = project.register("ann", "ann@example.com").await.unwrap();
    for value in [json!(true), json!(false), json!(null), json!("x")] {
        let (kind, message) = expect_refused(project.update(&full, &id, json!({ "emailVerified": value })).await);
        assert_eq!((kind, message.as_str()), (RefusalKind::Validation, "Invalid key emailVerified"), "{value}");
        let body = json!({ "username": "bob", "email": "bob@example.com", "password": PASSWORD, "role": 1, "emailVerified": value });
        assert_eq!(expect_refused(project.create(&full, body).await).1, "Invalid key emailVerified", "{value}");
    }
    project.verify_email(&id).await;
    assert_eq!(project.find(&id).unwrap()["emailVerified"], Json::Null, "it is returned on request");
    for change in [json!({ "username": "Ann" }), json!({ "email": "ANN@example.com" }), json!({ "password": PASSWORD })]
    {
        project.update(&full, &id, change.clone()).await.unwrap();
        assert!(project.is_email_verified(&id), "{change}");
    }
    let actor = Arc::new(Actor { kind: ActorKind::Token, ..Actor::public() });
    let by_token = |body: Json| {
        let context = RequestContext { actor: &actor, ..project.request_context(&full, "") };
        project.content.update_user(context, &id, object(body))
    };
    for (change, verified) in [
        (json!({ "email": "bob@example.com" }), false),
        (json!({ "email": "ann@example.com", "emailVerified": true }), true),
        (json!({ "emailVerified": true, "email": "cas@example.com" }), true),
        (json!({ "email": "dan@example.com", "blocked": false }), false),
        (json!({ "emailVerified": true }), true),
    ] {
        by_token(change.clone()).await.unwrap();
        assert_eq!(project.is_email_verified(&id), verified, "{change}");
    }
    project.update(&full, &id, json!({ "email": "eve@example.com" })).await.unwrap();
    assert!(!project.is_email_verified(&id));
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_invitations_are_refused_and_leave_nothing() {
    let project = UsersFixture::new().await;
    project.register("ann", "ann@example.com").await.unwrap();
    let long = "x".repeat(256);
    for (email, username, message) in [
        ("", None, "email must be a valid email"),
        ("nobody", None, "email must be a valid email"),
        ("a\u{202e}@example.com", None, "email must be a valid email"),
        ("b@example.com", Some("See www.evil.example"), "username must be a name: one line, without a web address"),
        ("b@example.com", Some("one\ntwo"), "username must be a name: one line, without a web address"),
        ("b@example.com", Some(long.as_str()), "username must be at most 255 characters"),
        ("b@example.com", Some("Bo"), "username must be at least 3 characters"),
        ("b@example.com", Some("ann"), "Username already taken"),
    ] {
        assert_eq!(expect_refused(project.invite(email, username).await).1, message, "{email} {username:?}");
    }
    let access = full_access();
    let unknown = UserInvitation {
        email: "b@example.com".to_owned(),
        username: None,
        role: Some("no-such-role".to_owned()),
        language: None,
    };
    let refused = project.content.invite_user(project.request_context(&access, ""), unknown).await;
    assert_eq!(expect_refused(refused).1, "role must be the type of a role that exists");
    assert_eq!(project.mail_jobs(), Vec::<Json>::new());
    assert_eq!(project.content.count_users(project.request_context(&access, "")).await.unwrap(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn concurrent_invitations_of_one_address_make_one_user() {
    let project = Arc::new(UsersFixture::new().await);
    let invite = |i: usize| {
        let project = project.clone();
        let email = if i.is_multiple_of(2) { "Same@example.com" } else { "same@example.com" };
        tokio::spawn(async move { project.invite(email, None).await.unwrap() })
    };
    let tries: Vec<_> = (0..12).map(invite).collect();
    let mut outcomes = Vec::new();
    for one in tries {
        outcomes.push(one.await.unwrap());
    }
    let created = outcomes.iter().filter(|(_, outcome)| *outcome == InvitationOutcome::Created).count();
    assert_eq!(created, 1, "{outcomes:?}");
    assert!(outcomes.iter().all(|(id, _)| *id == outcomes[0].0), "{outcomes:?}");
    assert_eq!(project.mail_jobs().len(), 1, "whoever asks twice before it was sent gets one");
}

/// Users whom another program made without a provider could not sign in with the password that they choose.
#[tokio::test(flavor = "multi_thread")]
async fn invited_users_sign_in_locally() {
    let project = UsersFixture::new().await;
    let full = full_access();
    let body = json!({ "data": { "username": "ann", "email": "ann@example.com", "job": "x" } });
    let context = project.request_context(&full, "");
    let id = project.content.create(context, Some(body)).await.unwrap().document_id;
    assert_eq!(project.find(&id).unwrap()["provider"], Json::Null);
    assert_eq!(project.invite("ann@example.com", None).await.unwrap(), (id.clone(), InvitationOutcome::SentAgain));
    assert_eq!(project.find(&id).unwrap()["provider"], "local");
}
