//! The settings file: what it changes, and what it refuses.

use crate::common::{SettingsFixture, registry};
use cairn_access::{AccessControl, PluginAction, SessionMode};
use cairn_query::Action;
use cairn_settings::{ApplyError, Theme, apply_settings, json_schema, mail_identity, parse_settings};
use cairn_store::events::EventFilter;
use serde_json::{Value as Json, json};
use std::path::Path;

fn public_allows(access: &AccessControl, uid: &str, action: Action) -> bool {
    let registry = access.store().registry();
    access.public_caller().permissions.before_policies().allows_action(registry.by_uid(uid).unwrap().id, action)
}

/// DESIGN.md's example, with this project's types.
fn example_settings() -> Json {
    json!({
        "locales": {"default": "nl", "available": ["en", "nl", "fr"]},
        "auth": {"registration": {"open": true, "confirmByMail": false, "defaultRole": "authenticated"}, "sessions": "refresh"},
        "roles": {
            "public": {"permissions": {"api::home.home": ["find"]}},
            "authenticated": {
                "readDrafts": true,
                "permissions": {"api::vehicle.vehicle": {"find": {
                    "where": {"owner": {"documentId": {"$eq": "$user.documentId"}}},
                    "fields": ["model", "status"],
                }}},
            },
            "dealer": {"name": "Dealer", "description": "Sells", "permissions": {"plugin::upload.file": ["find", "upload"]}},
        },
        "apiTokens": [
            {"name": "bench", "type": "full-access", "token": "bench-0123456789abcdef"},
            {"name": "shop", "type": "custom", "token": "shop-0123456789abcdef", "readDrafts": true,
             "permissions": {"api::vehicle.vehicle": ["find"]}, "expiresAt": "2030-01-01T00:00:00+01:00"},
        ],
        "adminUsers": [{"email": "Admin@example.com", "password": "a long password", "roles": ["super-admin"]}],
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn new_database_has_the_default_locale_and_roles_of_strapi() {
    let world = SettingsFixture::new().await;
    let locales = world.access.locales();
    assert_eq!(locales.default, "en");
    assert_eq!(locales.available[0].name, "English (en)");
    let roles = world.store.read(|r| r.roles().list_with_user_counts()).unwrap();
    let seen: Vec<_> =
        roles.iter().map(|(r, n)| (r.id, r.kind.as_str(), r.name.as_str(), r.description.as_deref(), *n)).collect();
    assert_eq!(
        seen,
        [
            (1, "authenticated", "Authenticated", Some("Default role given to authenticated user."), 0),
            (2, "public", "Public", Some("Default role given to unauthenticated user."), 0),
        ]
    );
    assert!(roles.iter().all(|(r, _)| r.published_at.as_deref() == Some("2025-01-01T10:00:00.000Z")));
    let control = world.open_second_process().await;
    assert_eq!(control.locales(), locales);
    assert_eq!(world.store.read(|r| r.roles().list()).unwrap().len(), 2, "opened twice, made once");
}

#[tokio::test(flavor = "multi_thread")]
async fn applying_settings_twice_changes_nothing() {
    let world = SettingsFixture::new().await;
    let changes = world.apply(&example_settings()).await;
    assert_eq!(
        changes,
        [
            "locale nl: added",
            "locale fr: added",
            "locale nl: is now the default",
            "role public: may find api::home.home",
            "role authenticated: may see drafts",
            "role authenticated: may find api::vehicle.vehicle",
            "role dealer: added",
            "role dealer: may find plugin::upload.file",
            "role dealer: may upload plugin::upload.file",
            "auth.sessions: changed",
            "API token bench: added",
            "API token shop: added",
            "admin user admin@example.com: added",
        ]
    );
    let stored = world
        .store
        .read(|r| Ok::<_, cairn_store::StoreError>((r.api_tokens().list()?, r.admin_users().list()?)))
        .unwrap();
    assert_eq!(world.apply(&example_settings()).await, Vec::<String>::new());
    let again = world
        .store
        .read(|r| Ok::<_, cairn_store::StoreError>((r.api_tokens().list()?, r.admin_users().list()?)))
        .unwrap();
    assert_eq!(stored, again);
    assert_eq!(world.access.auth_settings().sessions, SessionMode::Refresh);
    let codes: Vec<_> = world.access.locales().available.iter().map(|l| (l.code.clone(), l.is_default)).collect();
    assert_eq!(codes, [("en".into(), false), ("nl".into(), true), ("fr".into(), false)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn secrets_are_not_stored_in_clear() {
    let world = SettingsFixture::new().await;
    world.apply(&example_settings()).await;
    assert!(world.is_stored_in_clear("admin@example.com"), "the look itself works");
    for secret in ["bench-0123456789abcdef", "shop-0123456789abcdef", "a long password"] {
        assert!(!world.is_stored_in_clear(secret), "{secret}");
    }
    let parsed = format!("{:?}", world.parse(&example_settings()).unwrap());
    assert!(!parsed.contains("0123456789abcdef") && !parsed.contains("a long password"));
}

#[tokio::test(flavor = "multi_thread")]
async fn missing_keys_change_nothing_and_null_removes() {
    let world = SettingsFixture::new().await;
    world.apply(&example_settings()).await;
    assert!(world.apply(&json!({})).await.is_empty());
    assert!(
        world.apply(&json!({"roles": {"public": {}}, "auth": {"registration": {}}, "apiTokens": []})).await.is_empty()
    );
    let changes = world
        .apply(&json!({
            "auth": null,
            "roles": {"dealer": null, "authenticated": {"readDrafts": null}},
            "apiTokens": [{"name": "bench", "token": null}, {"name": "shop", "expiresAt": null}],
            "adminUsers": null,
        }))
        .await;
    assert_eq!(
        changes,
        [
            "role dealer: removed; 0 users no longer have a role",
            "role authenticated: may no longer see drafts",
            "auth.sessions: changed",
            "API token bench: removed",
            "API token shop: changed",
            "admin user admin@example.com: removed",
        ]
    );
    assert_eq!(world.store.read(|r| r.api_tokens().list()).unwrap()[0].token.expires_at, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn role_permissions_are_replaced_but_sign_in_ones_remain() {
    let world = SettingsFixture::new().await;
    let set = async |permissions: Json| world.apply(&json!({"roles": {"public": {"permissions": permissions}}})).await;
    set(json!({"api::home.home": ["find"], "api::vehicle.vehicle": ["find", "create"], "plugin::i18n.locale": ["find"]})).await;
    let changes = set(json!({"api::vehicle.vehicle": ["create", "find"]})).await;
    assert_eq!(
        changes,
        ["role public: may no longer find api::home.home", "role public: may no longer find plugin::i18n.locale"]
    );
    assert!(public_allows(&world.access, "api::vehicle.vehicle", Action::Create));
    assert!(world.access.public_caller().allows_action(PluginAction::Register), "signing in stays");
    // Naming the uid says it all; by either uid.
    set(json!({"plugin::users-permissions.auth": ["callback"]})).await;
    assert!(!world.access.public_caller().allows_action(PluginAction::Register));
    assert!(world.access.public_caller().allows_action(PluginAction::SignIn));
    set(json!({"plugin::users-permissions.user": ["register", "find"]})).await;
    let public = world.access.public_caller();
    assert!(public.allows_action(PluginAction::Register) && public.allows_action(PluginAction::FindUsers));
    assert!(!public.allows_action(PluginAction::SignIn));
    assert!(public_allows(&world.access, "plugin::users-permissions.user", Action::Find));
    // Actions of Strapi that Cairn does not have are accepted without effect.
    set(json!({"plugin::users-permissions.auth": ["callback", "connect"]})).await;
    assert!(world.access.public_caller().allows_action(PluginAction::SignIn));
    set(json!({"plugin::users-permissions.user": {"connect": null, "register": {}}})).await;
    assert!(!world.access.public_caller().allows_action(PluginAction::SignIn));
    set(Json::Null).await;
    assert!(PluginAction::ALL.iter().all(|a| !world.access.public_caller().allows_action(*a)));
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_and_admin_passwords_can_be_replaced() {
    let world = SettingsFixture::new().await;
    world.apply(&example_settings()).await;
    let changes = world
        .apply(&json!({
            "apiTokens": [{"name": "bench", "type": "read-only", "token": "another-0123456789abcdef"}],
            "adminUsers": [{"email": "admin@example.com", "password": "another password"}],
        }))
        .await;
    assert_eq!(changes, ["API token bench: has a new value", "admin user admin@example.com: has a new password"]);
    assert!(world.caller("bench-0123456789abcdef").await.is_err(), "the old text is nothing any more");
    assert!(!world.caller("another-0123456789abcdef").await.unwrap().permissions.before_policies().everything);
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_that_conflict_with_stored_data_change_nothing() {
    let world = SettingsFixture::new().await;
    let problems = async |settings: Json| {
        let settings = world.parse(&settings).unwrap();
        match apply_settings(&world.access, settings).await {
            Err(ApplyError::Problems(problems)) => problems.iter().map(ToString::to_string).collect::<Vec<_>>(),
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(
        problems(json!({
            "locales": {"default": "de"},
            "auth": {"registration": {"defaultRole": "dealer"}},
            "roles": {"editor": {}},
            "apiTokens": [{"name": "new", "type": "full-access"}],
            "adminUsers": [{"email": "admin@example.com", "roles": ["editor"]}],
        }))
        .await,
        [
            "locales.default: the default locale de is not available",
            "auth.registration.defaultRole: the role dealer, which new users would get, does not exist",
            "apiTokens[0]: a new API token requires type and token",
            "adminUsers[0]: a new admin user requires password and roles",
        ]
    );
    assert_eq!(
        problems(json!({"locales": {"available": ["nl"]}})).await,
        ["locales.available: the default locale en is not available"]
    );
    assert_eq!(world.store.read(|r| r.roles().list()).unwrap().len(), 2, "no editor");
    world.apply(&json!({"apiTokens": [{"name": "a", "type": "full-access", "token": "same-0123456789abcdef"}]})).await;
    assert_eq!(
        problems(json!({"apiTokens": [{"name": "b", "type": "full-access", "token": "same-0123456789abcdef"}]})).await,
        ["apiTokens[0].token: another API token already has this value"]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn workflows_require_roles_of_existing_admin_users() {
    let world = SettingsFixture::new().await;
    let workflow = json!({
        "contentTypes": ["api::vehicle.vehicle"], "stages": [{ "name": "draft" }, { "name": "ready", "enter": ["legal"] }],
        "approvals": [{ "role": "legal", "count": 1 }],
    });
    let refused = world.parse(&json!({ "workflows": { "vehicles": workflow } })).unwrap();
    let Err(ApplyError::Problems(problems)) = apply_settings(&world.access, refused).await else { panic!() };
    let problems: Vec<String> = problems.iter().map(ToString::to_string).collect();
    assert_eq!(
        problems,
        [
            "workflows.vehicles.stages[1].enter[0]: no admin user has the role \"legal\": assign it to someone first; existing roles are: author, editor, super-admin",
            "workflows.vehicles.approvals[0].role: no admin user has the role \"legal\": assign it to someone first; existing roles are: author, editor, super-admin",
        ]
    );
    // The file may bring them itself.
    let file = json!({
        "adminUsers": [{ "email": "law@example.com", "password": "long enough", "roles": ["legal"] }],
        "workflows": { "vehicles": workflow },
    });
    assert_eq!(world.apply(&file).await, ["admin user law@example.com: added", "workflow vehicles: added"]);
    assert!(world.apply(&file).await.is_empty());
    let stored = || world.store.read(cairn_settings::workflows::load_workflows).unwrap();
    assert_eq!(stored()[0].needed_to_publish(), [("legal", 1)]);
    assert_eq!(world.apply(&json!({ "workflows": { "vehicles": null } })).await, ["workflow vehicles: removed"]);
    assert!(stored().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn environment_variables_are_substituted() {
    let world = SettingsFixture::new().await;
    let file = r#"{"apiTokens": [{"name": "bench", "type": "full-access", "token": "x-${A}-${B}"}]}"#;
    let env = |name: &str| (name == "A").then(|| "secret".to_owned());
    let problems = parse_settings(file, world.store.registry(), &env).unwrap_err();
    assert_eq!(
        problems.iter().map(ToString::to_string).collect::<Vec<_>>(),
        ["apiTokens[0].token: the environment variable B is not set"]
    );
    let settings = parse_settings(file, world.store.registry(), &|name| Some(format!("{name}-0123456789"))).unwrap();
    apply_settings(&world.access, settings).await.unwrap();
    assert!(world.caller("x-A-0123456789-B-0123456789").await.is_ok());
}

/// `tests/settings_problems/*.txt`: a file, a line of dashes, and the problems it has.
#[test]
fn recorded_problems_are_reported_together() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/settings_problems");
    let mut cases = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        let (file, expected) = text.split_once("\n---\n").unwrap();
        let env = |name: &str| (name == "SECRET").then(|| "hunter2-hunter2".to_owned());
        let found = match parse_settings(file, &registry(), &env) {
            Ok(_) => String::new(),
            Err(problems) => problems.iter().map(|p| format!("{p}\n")).collect(),
        };
        assert_eq!(found, expected, "{}", path.display());
        cases += 1;
    }
    assert!(cases >= 6);
}

#[test]
fn json_schema_accepts_and_refuses_what_the_parser_does() {
    let schema = jsonschema::validator_for(&json_schema(&registry())).unwrap();
    let verdicts = |file: &Json| {
        let parsed = parse_settings(&file.to_string(), &registry(), &|_| None);
        (schema.is_valid(file), parsed.is_ok())
    };
    let webhook = |key: &str, value: Json| json!({ "webhooks": [{ "name": "shop", key: value }] });
    let calendar = |calendar: Json| json!({ "calendars": { "office": calendar } });
    for good in [
        example_settings(),
        json!({ "locales": { "available": ["en", "nl-BE"] }, "auth": null, "mail": null, "theme": null }),
        json!({ "auth": { "registration": null, "sessions": null, "resetPasswordUrl": "https://x.example/reset" } }),
        json!({ "auth": { "invitationUrl": "https://x.example/welcome?lang=nl", "invitationDays": 90 } }),
        json!({ "auth": { "registration": { "open": false, "confirmByMail": null, "defaultRole": "dealer" } } }),
        json!({ "mail": { "fromName": "Mr. DJ", "from": "post@mrdj.example", "replyTo": null, "held": true } }),
        json!({ "theme": { "accent": "#0B57A4", "logo": "/uploads/a.png", "favicon": null, "zone": "Europe/Amsterdam" } }),
        json!({ "roles": { "dealer": { "permissions": { "plugin::crm": ["deals.read"], "plugin::web-shop": { "buy": {} } } } } }),
        json!({ "webhooks": null }),
        webhook("url", json!("https://shop.example/hook")),
        webhook("url", Json::Null),
        webhook("events", json!(["entry.publish", "asset.purge"])),
        webhook("types", json!(["api::vehicle.vehicle"])),
        webhook("condition", json!({ "status": "x" })),
        webhook("headers", json!({ "Authorization": "Bearer x", "X-Old": true })),
        webhook("enabled", json!(false)),
        json!({ "calendars": { "old": null } }),
        calendar(json!({ "zone": "UTC", "hours": { "monday": ["09:00-12:30", "13:00-24:00"] } })),
        calendar(json!({ "zone": "UTC", "hours": { "monday": ["22:00-06:00"] }, "preset": "nl" })),
        calendar(json!({ "zone": "UTC", "hours": {}, "holidays": [
            { "date": "04-27", "moved": { "sunday": -1 } },
            { "date": "easter+39", "every": { "years": 5, "from": 2020, "until": 2040 } },
            { "date": "first monday of 09", "every": {} },
        ] })),
        calendar(
            json!({ "title": "Office", "zone": "UTC", "hours": {}, "holidays": [{ "date": "12-25", "name": "Christmas", "hours": [] }] }),
        ),
    ] {
        assert_eq!(verdicts(&good), (true, true), "{good}");
    }
    for bad in [
        json!({ "locales": { "default": null } }),
        json!({ "locales": { "available": "en" } }),
        json!({ "locales": { "more": [] } }),
        json!({ "auth": { "sessions": "cookie" } }),
        json!({ "auth": { "signInRateLimit": "no" } }),
        json!({ "auth": { "registration": { "opened": true } } }),
        json!({ "auth": { "confirmedUrl": "ftp://x.example" } }),
        json!({ "auth": { "invitationUrl": "javascript:alert(1)" } }),
        json!({ "auth": { "invitationDays": 0 } }),
        json!({ "auth": { "invitationDays": 91 } }),
        json!({ "roles": { "public": { "permissions": { "plugin::crm": ["Deals"] } } } }),
        json!({ "roles": { "public": { "permissions": { "plugin::CRM": ["deals"] } } } }),
        json!({ "mail": { "held": "yes" } }),
        json!({ "mail": { "fromName": "a".repeat(101) } }),
        json!({ "theme": { "accent": "red" } }),
        json!({ "theme": { "logo": "http://x.example/a.png" } }),
        json!({ "theme": [] }),
        json!({ "webhooks": [{ "url": "https://x.example" }] }),
        json!({ "webhooks": [{ "name": null }] }),
        json!({ "webhooks": ["shop"] }),
        webhook("events", json!([])),
        webhook("events", json!(["entry.made"])),
        webhook("types", json!(["api::no.no"])),
        webhook("condition", json!([])),
        webhook("headers", json!({ "X": 1 })),
        webhook("secret", json!("sec_1")),
        webhook("enabled", json!(1)),
        webhook("colour", json!(1)),
        calendar(json!({ "zone": "UTC" })),
        calendar(json!({ "hours": {} })),
        calendar(json!({ "zone": "UTC", "hours": { "mon": [] } })),
        calendar(json!({ "zone": "UTC", "hours": { "monday": ["9-17"] } })),
        calendar(json!({ "zone": "UTC", "hours": {}, "holidays": [{ "name": "x" }] })),
        calendar(json!({ "zone": "UTC", "hours": {}, "title": null })),
        calendar(json!({ "zone": "UTC", "hours": {}, "preset": "xx" })),
        calendar(json!({ "zone": "UTC", "hours": {}, "preset": null })),
        calendar(json!({ "zone": "UTC", "hours": {}, "holidays": [{ "date": "04-27", "moved": { "sunday": 0 } }] })),
        calendar(json!({ "zone": "UTC", "hours": {}, "holidays": [{ "date": "04-27", "moved": { "sun": 1 } }] })),
        calendar(
            json!({ "zone": "UTC", "hours": {}, "holidays": [{ "date": "04-27", "every": { "years": 101, "from": 2020 } }] }),
        ),
        calendar(json!({ "zone": "UTC", "hours": {}, "holidays": [{ "date": "04-27", "every": { "from": "2020" } }] })),
    ] {
        assert_eq!(verdicts(&bad), (false, false), "{bad}");
    }
}

#[test]
fn json_schema_lists_the_types_of_the_project() {
    let schema = json_schema(&registry());
    let permissions =
        &schema["properties"]["roles"]["additionalProperties"]["oneOf"][0]["properties"]["permissions"]["oneOf"][0];
    let of = |uid: &str| permissions["properties"][uid]["oneOf"][0]["items"]["enum"].clone();
    assert_eq!(of("api::vehicle.vehicle"), json!(["find", "findOne", "create", "update", "delete"]));
    assert_eq!(of("api::home.home"), json!(["find", "update", "delete"]));
    assert_eq!(of("plugin::upload.file"), json!(["find", "findOne", "upload", "replace", "destroy"]));
    assert_eq!(of("plugin::i18n.locale"), json!(["find"]));
    assert_eq!(permissions["additionalProperties"], json!(false));
    assert!(permissions["patternProperties"]["^plugin::[a-z0-9_-]+$"]["oneOf"].is_array(), "{permissions}");
    // A tenant has every key but the tenants.
    let tenant = &schema["properties"]["tenants"]["additionalProperties"]["oneOf"][0]["properties"];
    let keys = |object: &Json| object.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    let (all, own) = (keys(&schema["properties"]), keys(&tenant["settings"]["properties"]));
    assert_eq!(all[..all.len() - 1], own);
    assert_eq!(all.last().unwrap(), "tenants");
    assert_eq!(tenant["settings"]["properties"]["mail"], json!({"$ref": "#/properties/mail"}));
}

#[tokio::test(flavor = "multi_thread")]
async fn mail_and_theme_settings_remain_until_removed() {
    let world = SettingsFixture::new().await;
    let file = json!({"mail": {"fromName": "Mr. DJ", "from": "post@mrdj.example"}, "theme": {"accent": "#0B57A4", "logo": "/uploads/a.png"}});
    assert_eq!(world.apply(&file).await, ["mail: changed", "theme: changed"]);
    assert!(world.apply(&file).await.is_empty());
    let (mail, theme) = (mail_identity(&world.access), cairn_settings::theme(&world.access));
    assert_eq!((mail.from_name.as_deref(), mail.reply_to.as_deref()), (Some("Mr. DJ"), None));
    assert_eq!((theme.accent.as_deref(), theme.logo.as_deref()), (Some("#0b57a4"), Some("/uploads/a.png")));
    assert_eq!(cairn_settings::theme(&world.open_second_process().await), theme);
    let less = json!({"mail": {"fromName": null, "replyTo": "back@mrdj.example"}, "theme": null});
    assert_eq!(world.apply(&less).await, ["mail: changed", "theme: changed"]);
    let mail = mail_identity(&world.access);
    assert_eq!(
        (mail.from_name.as_deref(), mail.from.as_deref(), mail.reply_to.as_deref()),
        (None, Some("post@mrdj.example"), Some("back@mrdj.example"))
    );
    assert_eq!(*cairn_settings::theme(&world.access), Theme::default());
    assert!(world.apply(&json!({"theme": null})).await.is_empty());
    assert!(!mail.held);
    assert_eq!(world.apply(&json!({"mail": {"held": true}})).await, ["mail: changed"]);
    let mail = mail_identity(&world.access);
    assert_eq!((mail.held, mail.from.as_deref()), (true, Some("post@mrdj.example")));
    assert_eq!(world.apply(&json!({"mail": {"held": null}})).await, ["mail: changed"]);
    assert!(!mail_identity(&world.access).held);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_changed_calendar_is_one_event() {
    let world = SettingsFixture::new().await;
    let events = async || {
        world.run_engine().await;
        let filter = EventFilter { name: Some("cairn.settings.calendar-changed".into()), ..EventFilter::default() };
        let events = world.store.read(|r| r.events().list(&filter, None, 100)).unwrap();
        // Events of one change have no order.
        let mut events: Vec<_> = events.into_iter().map(|e| format!("{} {}", e.event.key, e.event.data)).collect();
        events.sort();
        events
    };
    let calendars = |office: &str| {
        json!({ "calendars": {
            "office": { "zone": "Europe/Amsterdam", "hours": { "monday": [office] } }, "shop": { "zone": "UTC", "hours": {}, "preset": "nl" },
        } })
    };
    let office = "calendar office {\"name\":\"office\",\"removed\":false}";
    let shop = "calendar shop {\"name\":\"shop\",\"removed\":false}";
    assert_eq!(world.apply(&calendars("09:00-17:00")).await.len(), 2);
    assert_eq!(events().await, [office, shop]);
    // The same again, in another form as well: nothing changed.
    assert!(world.apply(&calendars("09:00-17:00")).await.is_empty());
    let same =
        json!({ "hours": { "sunday": [], "monday": ["09:00-17:00"] }, "zone": "Europe/Amsterdam", "holidays": [] });
    assert!(world.apply(&json!({ "calendars": { "office": same } })).await.is_empty());
    assert_eq!(events().await, [office, shop]);
    assert_eq!(world.apply(&calendars("22:00-06:00")).await, ["calendar office: changed"]);
    assert_eq!(events().await, [office, office, shop]);
    // A problem elsewhere in the file prevents all changes and events.
    let file = json!({ "calendars": { "shop": null }, "auth": { "registration": { "defaultRole": "nobody" } } });
    assert!(apply_settings(&world.access, world.parse(&file).unwrap()).await.is_err());
    assert_eq!(events().await, [office, office, shop]);
    assert_eq!(
        world.apply(&json!({ "calendars": null })).await,
        ["calendar office: removed", "calendar shop: removed"]
    );
    let gone = |event: &str| event.replace("false", "true");
    assert_eq!(events().await, [office, office, &gone(office), shop, &gone(shop)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn tenants_are_added_disabled_and_enabled_again() {
    let world = SettingsFixture::new().await;
    let tenants = || {
        let rows = world.store.read(|r| r.tenants().list()).unwrap();
        rows.into_iter().map(|t| (t.name, t.active, t.hosts.join(" "))).collect::<Vec<_>>()
    };
    let file = json!({"tenants": {
        "mrdj": {"hosts": ["MrDJ.example.com", "www.mrdj.example.com"], "displayName": "Mr. DJ", "settings": {"locales": {"default": "nl", "available": ["nl"]}}},
        "cars": {"hosts": ["cars.example.com"]},
    }});
    let said = world.apply(&file).await;
    assert_eq!(
        said,
        [
            "tenant mrdj: added",
            "tenant mrdj: is now reached at mrdj.example.com, www.mrdj.example.com",
            "tenant mrdj: has a new display name",
            "tenant cars: added",
            "tenant cars: is now reached at cars.example.com"
        ]
    );
    assert_eq!(world.access.locales().default, "en", "a tenant's settings are not the default's");
    assert!(world.apply(&file).await.is_empty());
    // A tenant that is not named stays. A host in use is refused, unless the same file takes it away.
    let taken = json!({"tenants": {"other": {"hosts": ["cars.example.com"]}}});
    let refused = apply_settings(&world.access, world.parse(&taken).unwrap()).await.unwrap_err();
    assert!(
        refused.to_string().contains("tenants.other.hosts: cars.example.com already belongs to the tenant cars"),
        "{refused}"
    );
    assert_eq!(tenants().len(), 2);
    let swapped =
        json!({"tenants": {"mrdj": {"hosts": ["cars.example.com"]}, "cars": {"hosts": ["mrdj.example.com"]}}});
    world.apply(&swapped).await;
    assert_eq!(
        tenants(),
        [("cars".into(), true, "mrdj.example.com".into()), ("mrdj".into(), true, "cars.example.com".into())]
    );
    assert_eq!(
        world.apply(&json!({"tenants": {"cars": null, "never": null}})).await,
        ["tenant cars: disabled; its data remains until you delete it with `cairn tenant delete`"]
    );
    assert!(world.apply(&json!({"tenants": {"cars": null}})).await.is_empty());
    // The host of a disabled tenant is free.
    let freed = json!({"tenants": {"other": {"hosts": ["mrdj.example.com"]}}});
    assert_eq!(world.apply(&freed).await, ["tenant other: added", "tenant other: is now reached at mrdj.example.com"]);
    assert_eq!(tenants()[0], ("cars".into(), false, String::new()));
    assert_eq!(world.apply(&json!({"tenants": {"cars": {}}})).await, ["tenant cars: enabled again"]);
}
