//! Asking, narrowing and widening of grants.

use super::*;
use serde_json::{Value as Json, json};

fn grants(list: Json) -> Grants {
    let list = list.as_array().unwrap().iter().map(|scope| json!({ "scope": scope }));
    serde_json::from_value(Json::Array(list.collect())).unwrap()
}

fn read_scope(types: &[&str], fields: Option<&[&str]>) -> Json {
    json!({ "use": "data.read", "types": types, "fields": fields })
}

fn write_scope(uid: &str, fields: Option<&[&str]>, actions: &[&str]) -> Json {
    json!({ "use": "data.write", "types": [uid], "fields": fields, "actions": actions })
}

fn http_scope(to: &[&str], methods: &[&str], secrets: &[&str]) -> Json {
    json!({ "use": "http", "to": to, "methods": methods, "secrets": secrets })
}

fn url(text: &str) -> Url {
    Url::parse(text).unwrap()
}

fn list_widenings(before: Json, now: Json) -> Vec<String> {
    grants(now).widened_from(&grants(before)).iter().map(ToString::to_string).collect()
}

#[test]
fn grants_of_one_type_add_up() {
    let g = grants(json!([
        read_scope(&["api::a.a"], Some(&["x"])),
        read_scope(&["api::a.a", "api::b.b"], Some(&["y"])),
        write_scope("api::a.a", Some(&["x"]), &["update"]),
        write_scope("api::a.a", None, &["create"]),
        { "use": "mail", "max-per-hour": 5 },
    ]));
    let fields = g.may_read("api::a.a").unwrap();
    assert!(fields.has("x") && fields.has("y") && !fields.has("z"));
    assert!(!g.may_read("api::b.b").unwrap().has("x"));
    assert_eq!(g.may_read("api::c.c"), None);
    assert!(!g.may_write("api::a.a", WriteAction::Update).unwrap().has("y"));
    assert!(g.may_write("api::a.a", WriteAction::Create).unwrap().has("y"));
    assert_eq!(g.may_write("api::a.a", WriteAction::Delete), None);
    assert_eq!(g.may_write("api::b.b", WriteAction::Create), None);
    assert_eq!((g.mail_per_hour(), g.notices_per_hour()), (5, 0));
    assert!(g.has(Capability::Mail) && !g.has(Capability::Kv) && !Grants::default().has(Capability::DataRead));
}

#[test]
fn secrets_are_sent_only_where_their_own_grant_permits() {
    let g = grants(json!([
        http_scope(&["https://a.example/*"], &["GET"], &["key-a"]),
        http_scope(&["https://b.example/*"], &["POST"], &["key-b"]),
    ]));
    assert!(g.may_send("GET", &url("https://a.example/x")));
    assert!(!g.may_send("POST", &url("https://a.example/x")));
    assert!(!g.may_send("get", &url("https://a.example/x")));
    assert!(g.may_send_secret("GET", &url("https://a.example/x"), "key-a"));
    assert!(!g.may_send_secret("GET", &url("https://a.example/x"), "key-b"));
    assert!(!g.may_send_secret("POST", &url("https://b.example/x"), "key-a"));
    assert!(!g.may_use_secret("key-a"), "sending is not signing");
}

#[test]
fn requests_to_secret_addresses_need_their_grant() {
    let g = grants(json!([
        http_scope(&["secret:hook"], &["POST"], &[]),
        http_scope(&["https://a.example/*"], &["GET"], &["key"]),
    ]));
    assert!(g.may_send_to_secret("POST", "hook"));
    for (method, secret) in [("GET", "hook"), ("post", "hook"), ("POST", "key"), ("POST", "other"), ("POST", "")] {
        assert!(!g.may_send_to_secret(method, secret), "{method} {secret}");
    }
    // A grant for a secret address permits requests neither to the address itself nor to `secret:hook` as a URL.
    assert!(!g.may_send("POST", &url("https://hooks.example/x")) && !g.may_send("POST", &url("secret:hook")));
    assert!(!g.may_use_secret("hook"), "an address is not signed with");
    let names = |secret: &str| g.list().iter().any(|granted| granted.scope.names_secret(secret));
    assert!(names("hook") && names("key") && !names("other"));
    let other = grants(json!([http_scope(&["secret:other"], &["POST"], &[])]));
    assert_eq!(g.intersect(&other), Grants::default());
    assert_eq!(g.intersect(&g), g);
    assert_eq!(other.widened_from(&g).len(), 1);
}

#[test]
fn keys_sign_only_where_they_are_granted() {
    let g = grants(json!([{ "use": "signing", "keys": ["one", "two"] }, { "use": "secrets", "secrets": ["three"] }]));
    assert!(g.may_sign("one") && g.may_sign("two") && !g.may_sign("three") && !g.may_use_secret("one"));
    let narrowed = g.intersect(&grants(json!([{ "use": "signing", "keys": ["two", "four"] }])));
    assert_eq!(narrowed, grants(json!([{ "use": "signing", "keys": ["two"] }])));
    assert_eq!(g.sentences()[0].english, "Signs with the private keys one and two, without seeing them");
    assert_eq!(g.sentences()[0].dutch, "Ondertekent met de privésleutels one en two, zonder ze te zien");
}

#[test]
fn invitations_reach_only_the_roles_that_are_granted() {
    let invite = |roles: Json, most: u32| json!({ "use": "users.invite", "roles": roles, "max-per-hour": most });
    let of_new_users = grants(json!([{ "use": "users.invite", "max-per-hour": 10 }]));
    assert_eq!(of_new_users, grants(json!([invite(json!(null), 10)])));
    assert!(of_new_users.may_invite_with_default_role() && of_new_users.invited_roles().is_empty());
    let named = grants(json!([invite(json!(["customer", "dealer"]), 100)]));
    assert!(!named.may_invite_with_default_role() && named.invited_roles().contains("dealer"));
    assert_eq!((named.invitations_per_hour(), Grants::default().invitations_per_hour()), (100, 0));

    let fewer = grants(json!([invite(json!(["dealer", "editor"]), 5)]));
    assert_eq!(named.intersect(&fewer), grants(json!([invite(json!(["dealer"]), 5)])));
    assert_eq!(named.narrow_to(&fewer).unwrap_err().len(), 1, "the role editor was not requested");
    // The role of new users can change, so it is neither part of a list of roles nor equal to one.
    for (a, b) in [(&named, &of_new_users), (&of_new_users, &named)] {
        assert_eq!(a.intersect(b), Grants::default());
        assert!(a.narrow_to(b).is_err());
    }
    assert_eq!(of_new_users.intersect(&of_new_users), of_new_users);

    let before = || json!([invite(json!(["customer"]), 10)]);
    for (now, expected) in [
        (invite(json!(["customer"]), 10), &[][..]),
        (invite(json!(["customer"]), 5), &[]),
        (invite(json!(["customer", "dealer"]), 10), &["inviting people with the role dealer"]),
        (invite(json!(null), 10), &["inviting people with the role of new users"]),
        (invite(json!(["customer"]), 11), &["users.invite: 11 an hour instead of 10"]),
    ] {
        assert_eq!(list_widenings(before(), json!([now])), expected);
    }
    assert_eq!(list_widenings(json!([]), before()), ["users.invite"]);
    assert_eq!(
        named.sentences()[0].english,
        "Invites up to 100 people an hour to an account on the site, with the role customer or dealer, and learns whether an address has an account"
    );
    assert_eq!(named.sentences()[0].code, "users.invite.roles");
    assert_eq!(
        of_new_users.sentences()[0].dutch,
        "Nodigt tot 10 mensen per uur uit voor een account op de site, met de rol van nieuwe gebruikers, en komt te weten of een adres al een account heeft"
    );
}

#[test]
fn grants_round_trip_through_json() {
    let g = grants(
        json!([http_scope(&["https://*.a.example:8443/v2/*"], &["GET"], &[]), { "use": "kv" }, read_scope(&["api::a.a"], None)]),
    );
    let text = serde_json::to_string(&g).unwrap();
    assert!(text.starts_with(r#"[{"scope":{"use":"http","to":["https://*.a.example:8443/v2/*"],"methods":["GET"],"secrets":[]},"optional":false}"#), "{text}");
    assert_eq!(serde_json::from_str::<Grants>(&text).unwrap(), g);
    for bad in [
        json!([{ "scope": { "use": "root" } }]),
        json!([{ "scope": { "use": "http", "to": ["*"], "methods": [], "secrets": [] } }]),
        json!([{ "scope": { "use": "mail", "max-per-hour": -1 } }]),
        json!([{ "scope": { "use": "kv" }, "extra": 1 }]),
        json!([{ "scope": { "use": "data.write", "types": [], "fields": null, "actions": ["drop"] } }]),
    ] {
        assert!(serde_json::from_value::<Grants>(bad.clone()).is_err(), "{bad}");
    }
}

#[test]
fn only_scopes_missing_from_the_old_grants_are_widenings() {
    let before = || {
        json!([
            read_scope(&["api::a.a"], Some(&["x", "y"])),
            write_scope("api::a.a", Some(&["x"]), &["update"]),
            http_scope(&["https://a.example/v2/*"], &["GET"], &["key"]),
            { "use": "mail", "max-per-hour": 10 },
            { "use": "secrets", "secrets": ["key"] },
            { "use": "pdf.seal", "profiles": ["one"] },
            { "use": "signing", "keys": ["one"] },
        ])
    };
    assert_eq!(list_widenings(before(), before()), [""; 0]);
    assert_eq!(list_widenings(before(), json!([])), [""; 0]);
    for (now, expected) in [
        (json!({ "use": "kv" }), "kv"),
        (read_scope(&["api::b.b"], None), "data.read of api::b.b"),
        (read_scope(&["api::a.a"], None), "data.read of every field of api::a.a"),
        (read_scope(&["api::a.a"], Some(&["x", "z"])), "data.read of the field z of api::a.a"),
        (write_scope("api::b.b", None, &["update"]), "data.write of api::b.b"),
        (write_scope("api::a.a", Some(&["x"]), &["update", "delete"]), "delete of api::a.a"),
        (write_scope("api::a.a", Some(&["y"]), &["update"]), "data.write of the field y of api::a.a"),
        (http_scope(&["https://a.example/*"], &["GET"], &[]), "requests to https://a.example/*"),
        (http_scope(&["https://a.example/v2/x"], &["POST"], &[]), "POST requests to https://a.example/v2/x"),
        (
            http_scope(&["https://a.example/v2/*"], &["GET"], &["other"]),
            "the secret other sent to https://a.example/v2/*",
        ),
        (json!({ "use": "mail", "max-per-hour": 11 }), "mail: 11 an hour instead of 10"),
        (json!({ "use": "secrets", "secrets": ["key", "other"] }), "signing with the secret other"),
        (json!({ "use": "pdf.seal", "profiles": ["two"] }), "sealing with the profile two"),
        (json!({ "use": "signing", "keys": ["one", "two"] }), "signing with the key two"),
    ] {
        assert_eq!(list_widenings(before(), json!([now])), [expected]);
    }
    for narrower in [
        read_scope(&["api::a.a"], Some(&["x"])),
        http_scope(&["https://a.example/v2/x"], &["GET"], &[]),
        json!({ "use": "mail", "max-per-hour": 1 }),
    ] {
        assert_eq!(list_widenings(before(), json!([narrower])), [""; 0]);
    }
}

#[test]
fn http_grants_do_not_combine() {
    let before = json!([
        http_scope(&["https://a.example/*"], &["GET"], &["key"]),
        http_scope(&["https://a.example/*"], &["POST"], &[]),
    ]);
    let now = json!([http_scope(&["https://a.example/*"], &["GET", "POST"], &["key"])]);
    assert_eq!(list_widenings(before, now), ["the secret key sent to https://a.example/*"]);
}

#[test]
fn operators_narrow_grants_but_never_widen_them() {
    let mut requested = grants(json!([
        read_scope(&["api::a.a", "api::b.b"], None),
        http_scope(&["https://*.a.example/*"], &["GET", "POST"], &["key"]),
        { "use": "mail", "max-per-hour": 100 },
    ]));
    let chosen = grants(json!([
        read_scope(&["api::a.a"], Some(&["x"])),
        http_scope(&["https://eu.a.example/v2/*"], &["GET"], &[]),
        { "use": "mail", "max-per-hour": 5 },
    ]));
    let narrowed = requested.narrow_to(&chosen).unwrap();
    assert_eq!(narrowed, chosen);
    assert_eq!(narrowed.widened_from(&requested), []);

    let wider_grants =
        grants(json!([read_scope(&["api::c.c"], None), { "use": "mail", "max-per-hour": 5 }, { "use": "kv" }]));
    let excess: Vec<String> = requested.narrow_to(&wider_grants).unwrap_err().iter().map(ToString::to_string).collect();
    assert_eq!(excess.len(), 4, "{excess:?}");
    assert_eq!(excess[0], "the plugin did not request kv");

    let left_out = grants(json!([read_scope(&["api::a.a"], None), { "use": "mail", "max-per-hour": 5 }]));
    assert_eq!(requested.narrow_to(&left_out), Err(vec![NarrowError::Needed(Capability::Http)]));
    requested.list[1].optional = true;
    let narrowed = requested.narrow_to(&left_out).unwrap();
    assert!(!narrowed.has(Capability::Http));
}

#[test]
fn intersection_has_only_scopes_of_both_lists() {
    let a = grants(json!([read_scope(&["api::a.a"], Some(&["x"])), read_scope(&["api::b.b"], None), { "use": "kv" }]));
    let b = grants(
        json!([read_scope(&["api::a.a"], Some(&["y"])), read_scope(&["api::b.b"], Some(&["z"])), { "use": "jobs" }]),
    );
    assert_eq!(a.intersect(&b), grants(json!([read_scope(&["api::b.b"], Some(&["z"]))])));
    assert_eq!(a.intersect(&a), a);
    assert_eq!(a.intersect(&Grants::default()), Grants::default());
}

#[test]
fn sentences_have_codes_and_parameters() {
    let g = grants(json!([
        read_scope(&["api::a.a"], Some(&["x", "y"])),
        http_scope(&["http://a.example/*"], &["GET"], &["key"]),
        write_scope("api::a.a", None, &["create", "update"]),
        { "use": "jobs" },
    ]));
    let s = g.sentences();
    let codes: Vec<&str> = s.iter().map(|s| s.code.as_str()).collect();
    assert_eq!(codes, ["data.read.fields", "http.plain", "data.write", "jobs"]);
    assert_eq!(s[0].english, "Reads the fields x and y of api::a.a");
    assert_eq!(s[0].parameters["fields"], ["x", "y"]);
    assert_eq!(s[1].english, "Sends GET requests to http://a.example/* with the secrets key, unencrypted");
    assert_eq!(s[2].english, "May create and update documents of api::a.a (every field that is not private)");
    let hidden = grants(json!([http_scope(&["secret:team-chat"], &["POST"], &[])])).sentences();
    assert_eq!(
        hidden[0].english,
        "Sends POST requests to the address in the secret \u{201c}team-chat\u{201d} (hidden from the plugin)"
    );
    assert_eq!(
        hidden[0].dutch,
        "Verstuurt verzoeken (POST) naar het adres in het geheim \u{201c}team-chat\u{201d} (onzichtbaar voor de plug-in)"
    );
}
