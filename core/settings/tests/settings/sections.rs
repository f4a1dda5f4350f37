//! The sections of the settings file that depend on content types and people: what the parser and the JSON Schema accept.

use crate::common::{SettingsFixture, registry};
use cairn_model::Registry;
use cairn_settings::{json_schema, parse_settings};
use serde_json::{Value as Json, json};
use std::path::Path;

const ADMIN_TOKEN: &str = "cairn_adt_0123456789abcdef0123456789abcdef";

/// True if the schema and the parser accept a file.
fn verdicts(registry: &Registry, schema: &jsonschema::Validator, file: &Json) -> (bool, bool) {
    (schema.is_valid(file), parse_settings(&file.to_string(), registry, &|_| None).is_ok())
}

#[test]
fn schema_and_parser_agree_on_roles_tokens_users_tenants_workflows_and_terms() {
    let registry = registry();
    let schema = jsonschema::validator_for(&json_schema(&registry)).unwrap();
    let role = |key: &str, value: Json| json!({ "roles": { "dealer": { key: value } } });
    let token = |key: &str, value: Json| json!({ "apiTokens": [{ "name": "shop", "type": "custom", key: value }] });
    let admin_role = |key: &str, value: Json| json!({ "adminRoles": { "legal": { key: value } } });
    let admin_token = |key: &str, value: Json| json!({ "adminTokens": [{ "name": "ci", key: value }] });
    let user = |key: &str, value: Json| json!({ "adminUsers": [{ "email": "a@example.com", key: value }] });
    let tenant = |key: &str, value: Json| json!({ "tenants": { "cars": { key: value } } });
    let stages = json!([{ "name": "draft", "colour": "#0B57A4", "next": ["ready"] }, { "name": "ready", "enter": ["legal"], "backTo": "draft" }]);
    let workflow = |key: &str, value: Json| {
        let mut workflow = json!({ "contentTypes": ["api::vehicle.vehicle"], "stages": stages });
        workflow[key] = value;
        json!({ "workflows": { "vehicles": workflow } })
    };
    let term = |term: Json| json!({ "glossary": { "delivery": term } });
    let limited = json!({ "api::vehicle.vehicle": { "find": { "where": { "model": "x" }, "fields": ["model"] }, "create": null } });
    for good in [
        role("name", json!("Dealer")),
        role("description", json!("")),
        role("readDrafts", Json::Null),
        role("permissions", limited.clone()),
        role(
            "permissions",
            json!({ "plugin::users-permissions.auth": ["callback", "connect"], "api::home.home": null }),
        ),
        json!({ "roles": { "dealer": null } }),
        token("token", json!("0123456789abcdef")),
        token("token", Json::Null),
        token("permissions", limited.clone()),
        token("expiresAt", json!("2030-01-01T00:00:00+01:00")),
        json!({ "apiTokens": null }),
        admin_role("description", json!("")),
        admin_role("actions", json!(["audit.read", "plugin::crm.deals.read"])),
        admin_role("permissions", limited),
        admin_role("permissions", json!({ "*": ["find", "publish"], "api::home.home": null })),
        json!({ "adminRoles": { "legal": null } }),
        admin_token("token", json!(ADMIN_TOKEN)),
        admin_token("owner", json!("A@example.com")),
        admin_token("actions", json!(["audit.read"])),
        admin_token("expiresAt", Json::Null),
        user("password", json!("long enough")),
        user("password", Json::Null),
        user("roles", json!(["editor", "legal", "legal"])),
        user("firstName", json!("A")),
        user("active", json!(false)),
        tenant("hosts", json!(["Cars.example.com", "www.cars.example.com."])),
        tenant("displayName", Json::Null),
        tenant("settings", json!({ "mail": { "held": true }, "roles": { "public": { "readDrafts": true } } })),
        json!({ "tenants": { "cars": null, "default": { "hosts": null } } }),
        workflow("approvals", json!([{ "role": "legal", "count": 2, "before": "ready" }])),
        workflow("publishIn", json!(["ready"])),
        workflow("ownChanges", json!(true)),
        json!({ "workflows": { "vehicles": null } }),
        term(json!({ "words": { "en": "delivery", "nl": "aflevering", "de": null } })),
        term(json!({ "words": { "en": "Cairn" }, "translate": false, "note": "Our product" })),
        json!({ "glossary": { "delivery": null } }),
        json!({ "glossary": null }),
    ] {
        assert_eq!(verdicts(&registry, &schema, &good), (true, true), "{good}");
    }
    for bad in [
        role("name", json!(1)),
        role("label", json!("Dealer")),
        role("readDrafts", json!("yes")),
        role("permissions", json!({ "api::no.no": [] })),
        role("permissions", json!({ "api::vehicle.vehicle": ["sell"] })),
        role("permissions", json!({ "api::vehicle.vehicle": { "find": { "when": {} } } })),
        role("permissions", json!({ "api::vehicle.vehicle": { "find": { "where": [] } } })),
        json!({ "roles": [] }),
        json!({ "apiTokens": [{ "type": "custom" }] }),
        token("type", Json::Null),
        token("type", json!("admin")),
        token("token", json!("x".repeat(1_025))),
        token("expiresAt", json!(7)),
        admin_role("name", json!("x".repeat(101))),
        admin_role("actions", json!(["audit.write"])),
        admin_role("permissions", json!({ "api::vehicle.vehicle": ["sell"] })),
        json!({ "adminRoles": { "x".repeat(61): {} } }),
        json!({ "adminTokens": [{ "token": ADMIN_TOKEN }] }),
        admin_token("token", json!("0123456789abcdef0123456789abcdef")),
        admin_token("type", json!("custom")),
        json!({ "adminUsers": [{ "roles": ["editor"] }] }),
        user("password", json!("short")),
        user("roles", json!([])),
        user("roles", Json::Null),
        user("active", Json::Null),
        user("firstName", json!("x".repeat(1_000))),
        tenant("hosts", json!(["a.example", "a.example"])),
        tenant("displayName", json!("x".repeat(201))),
        tenant("settings", Json::Null),
        tenant("settings", json!({ "tenants": {} })),
        tenant("settings", json!({ "roles": { "public": { "label": 1 } } })),
        json!({ "tenants": { "Cars": {} } }),
        json!({ "tenants": { "default": { "settings": {} } } }),
        workflow("contentTypes", json!([])),
        workflow("stages", json!([])),
        workflow("stages", json!([{ "name": "draft", "color": "#0b57a4" }])),
        workflow("stages", json!([{ "name": "draft", "colour": "red" }])),
        workflow("approvals", json!([{ "count": 1 }])),
        workflow("approvals", json!([{ "role": "legal", "count": 0 }])),
        workflow("publishIn", json!("ready")),
        json!({ "workflows": { "vehicles": { "contentTypes": ["api::vehicle.vehicle"] } } }),
        term(json!({ "note": "Without words" })),
        term(json!({ "words": {} })),
        term(json!({ "words": { "en": "" } })),
        term(json!({ "words": { "en": "x".repeat(101) } })),
        term(json!({ "words": { "en": "x" }, "translate": "no" })),
        term(json!({ "words": { "en": "x" }, "kind": "name" })),
    ] {
        assert_eq!(verdicts(&registry, &schema, &bad), (false, false), "{bad}");
    }
}

#[test]
fn schema_accepts_the_settings_of_the_sample() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let registry = cairn_model::load::load_project(&root).unwrap().registry;
    let text = std::fs::read_to_string(root.join("examples/sample/settings.json")).unwrap();
    let schema = jsonschema::validator_for(&json_schema(&registry)).unwrap();
    assert!(schema.is_valid(&serde_json::from_str(&text).unwrap()));
    parse_settings(&text, &registry, &|_| Some("0123456789abcdef".to_owned())).unwrap();
}

#[test]
fn schema_contains_no_placeholder_and_no_default_null() {
    let text = json_schema(&registry()).to_string();
    assert!(!text.contains("x-cairn") && !text.contains("\"default\":null"));
    assert_eq!(text.matches("\"default\":false").count(), 2, "drafts of roles, own changes of workflows");
}

#[test]
fn schema_has_the_keys_that_the_parser_knows() {
    let schema = json_schema(&registry());
    let keys: Vec<&str> = schema["properties"].as_object().unwrap().keys().map(String::as_str).collect();
    let problems = parse_settings(r#"{ "x": 1 }"#, &registry(), &|_| None).unwrap_err();
    assert_eq!(problems[0].message, format!("unknown key; known keys: {}", keys.join(", ")));
}

#[tokio::test(flavor = "multi_thread")]
async fn secrets_of_admins_are_never_printed() {
    let world = SettingsFixture::new().await;
    let file = json!({
        "adminTokens": [{ "name": "ci", "token": ADMIN_TOKEN, "expiresAt": "2025-06-01T00:00:00Z" }],
        "adminUsers": [{ "email": "a@example.com", "password": "canary password", "roles": ["editor"] }],
        "tenants": { "cars": { "settings": { "apiTokens": [{ "name": "shop", "token": "canary-token-0815" }] } } },
    });
    let printed = format!("{:?}", world.parse(&file).unwrap());
    assert!(printed.contains("a@example.com"), "{printed}");
    for secret in [ADMIN_TOKEN, "canary"] {
        assert!(!printed.contains(secret), "{printed}");
    }
    // A secret in a wrong place is not repeated either.
    let file = json!({
        "roles": { "public": { "readDrafts": "canary", "permissions": "canary" } },
        "apiTokens": [{ "name": ["canary"], "type": "canary", "token": "canary canary", "expiresAt": "canary" }, "canary"],
        "adminTokens": [{ "name": "ci", "token": "canary", "actions": "canary", "expiresAt": "canary" }],
        "adminUsers": [{ "email": "canary", "password": { "canary": 1 }, "roles": "canary", "active": "canary" }],
        "tenants": { "cars": { "hosts": ["canary canary"], "settings": "canary" } },
        "workflows": { "vehicles": { "contentTypes": "canary", "stages": [{ "name": ["canary"], "colour": "canary" }] } },
    });
    let problems = world.parse(&file).unwrap_err();
    let messages: Vec<&str> = problems.iter().map(|p| p.message.as_str()).collect();
    assert!(problems.len() >= 18, "{problems:#?}");
    assert!(!messages.join("\n").contains("canary"), "{problems:#?}");
}

#[test]
fn problems_of_long_lists_are_limited() {
    const COUNT: usize = 20_000;
    let hosts: Vec<String> = (0..COUNT).map(|i| format!("host-{i}.example:80")).collect();
    let tokens: Vec<Json> = (0..COUNT).map(|i| json!({ "name": "same", "type": i })).collect();
    let actions: Vec<String> = (0..COUNT).map(|i| format!("sell{i}")).collect();
    let file = json!({
        "roles": { "public": { "permissions": { "api::vehicle.vehicle": actions } } },
        "apiTokens": tokens,
        "adminUsers": vec![json!({ "email": "a@example.com", "active": 1 }); COUNT],
        "tenants": { "cars": { "hosts": hosts } },
        "workflows": { "vehicles": { "contentTypes": vec!["api::vehicle.vehicle"; COUNT], "stages": vec![1; COUNT] } },
    });
    let problems = problems_of(&file);
    assert_eq!(problems.len(), 1_001);
    assert!(problems[1_000].message.contains("more than 1000 problems"), "{:?}", problems[1_000]);
}

/// The problems of a file.
fn problems_of(file: &Json) -> Vec<cairn_settings::SettingsProblem> {
    parse_settings(&file.to_string(), &registry(), &|_| None).unwrap_err()
}

#[test]
fn hostile_permissions_have_few_problems_with_short_paths() {
    let long_key = "k".repeat(500_000);
    let permissions = json!({ "api::vehicle.vehicle": { long_key.clone(): { "fields": vec![0; 200_000] } } });
    let problems = problems_of(&json!({ "roles": { "dealer": { "permissions": permissions } } }));
    assert!(problems.len() <= 1_001, "{}", problems.len());
    assert!(problems.iter().all(|problem| problem.path.len() < 300), "{problems:?}");
    let where_list = json!({ "api::vehicle.vehicle": { "find": { "where": { long_key: vec![0; 200_000] } } } });
    let problems = problems_of(&json!({ "roles": { "dealer": { "permissions": where_list } } }));
    assert!(problems.iter().all(|problem| problem.path.len() < 300), "{problems:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn terms_are_replaced_as_a_whole_and_many_are_reported_by_their_number() {
    let world = SettingsFixture::new().await;
    let file = json!({ "glossary": {
        "delivery": { "words": { "en": "delivery", "nl": " aflevering " }, "note": "Of a vehicle" },
        "cairn": { "words": { "en": "Cairn" }, "translate": false },
    } });
    assert_eq!(world.apply(&file).await, ["glossary term cairn: added", "glossary term delivery: added"]);
    assert!(world.apply(&file).await.is_empty());
    let stored = || world.store.read(cairn_settings::glossary::load_glossary).unwrap();
    assert_eq!(stored()["delivery"].words["nl"], "aflevering");
    assert_eq!((stored()["delivery"].translate, stored()["cairn"].translate), (true, false));
    let less = json!({ "glossary": { "delivery": { "words": { "en": "delivery" } }, "cairn": null, "gone": null } });
    assert_eq!(world.apply(&less).await, ["glossary term cairn: removed", "glossary term delivery: changed"]);
    assert_eq!((stored().len(), &stored()["delivery"].note), (1, &None));
    let many = |count: usize| {
        let terms = (0..count).map(|i| (format!("term-{i}"), json!({ "words": { "en": format!("term {i}") } })));
        json!({ "glossary": terms.collect::<serde_json::Map<String, Json>>() })
    };
    assert_eq!(world.apply(&many(1_000)).await, ["glossary: 1000 terms added, 0 changed, 0 removed"]);
    let too_many = world.parse(&many(2_000)).unwrap();
    let refused = cairn_settings::apply_settings(&world.access, too_many).await.unwrap_err();
    assert!(refused.to_string().contains("glossary: there can be at most 2000 terms"), "{refused}");
    assert_eq!(stored().len(), 1_001, "nothing of a refused change is stored");
    assert_eq!(world.apply(&json!({ "glossary": null })).await, ["glossary: 0 terms added, 0 changed, 1001 removed"]);
    assert!(stored().is_empty());
}
