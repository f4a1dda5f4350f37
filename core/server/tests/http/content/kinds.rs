//! Every kind of scalar: what goes in, what comes out, what is refused.

use cairn_testkit::{SchemaBuilder, TestProject, TestServer};
use serde_json::{Value as Json, json};

async fn server() -> TestServer {
    let kinds = [
        "string",
        "text",
        "richtext",
        "email",
        "password",
        "uid",
        "integer",
        "biginteger",
        "float",
        "decimal",
        "boolean",
        "date",
        "time",
        "datetime",
        "json",
        "blocks",
    ];
    let mut attributes: Json = kinds.iter().map(|k| ((*k).to_owned(), json!({"type": k}))).collect();
    attributes["enumeration"] = json!({"type": "enumeration", "enum": ["a", "b"]});
    let component = attributes.clone();
    attributes["part"] = json!({"type": "component", "component": "x.part"});
    attributes["parts"] = json!({"type": "component", "component": "x.part", "repeatable": true});
    let project = TestProject::new()
        .with_type(SchemaBuilder::collection("thing", attributes))
        .with_component("x.part", component);
    TestServer::start_with(project).await
}

/// (kind, in, out); out is what every later read shows, in an entry and in a component.
fn accepted() -> Vec<(&'static str, Json, Json)> {
    let same = |kind, value: Json| (kind, value.clone(), value);
    let block = json!([{"type": "paragraph", "children": [{"type": "text", "text": "x", "bold": true}]}]);
    vec![
        same("string", json!("é \"quoted\" \\ \n\t 𝒳 \u{2028}")),
        same("string", json!("")),
        same("text", json!("<b>'--")),
        same("richtext", json!("# x\n<script>alert(1)</script>")),
        same("email", json!("a.b+c@example.com")),
        same("uid", json!("a-b_c.d~e")),
        same("integer", json!(-2_147_483_648_i64)),
        ("integer", json!("7"), json!(7)),
        ("biginteger", json!("9223372036854775807"), json!("9223372036854775807")),
        ("biginteger", json!("9007199254740993"), json!("9007199254740993")),
        ("biginteger", json!(123), json!("123")),
        ("biginteger", json!("007"), json!("7")),
        same("float", json!(-1.5)),
        ("float", json!("1e3"), json!(1000)),
        ("decimal", json!("9.990"), json!(9.99)),
        same("decimal", json!(0.1)),
        same("boolean", json!(true)),
        ("boolean", json!("true"), json!(true)),
        ("boolean", json!(0), json!(false)),
        same("date", json!("2020-02-29")),
        ("date", json!("2020-02-29T23:00:00.000Z"), json!("2020-02-29")),
        ("time", json!("09:30:00"), json!("09:30:00.000")),
        same("time", json!("23:59:59.999")),
        ("datetime", json!("2020-01-02T03:04:05+02:00"), json!("2020-01-02T01:04:05.000Z")),
        ("datetime", json!("2020-01-02"), json!("2020-01-02T00:00:00.000Z")),
        same("json", json!({"z": 1, "a": [null, true, {"b": "c"}]})),
        same("json", json!([])),
        ("json", json!("{\"a\":1}"), json!({"a": 1})),
        same("json", json!("plain")),
        same("blocks", block),
        same("enumeration", json!("b")),
        same("enumeration", Json::Null),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn stored_values_are_returned_in_the_documented_form() {
    let server = server().await;
    for (kind, input, view) in accepted() {
        let data = json!({kind: input, "part": {kind: input}, "parts": [{kind: input}, {}]});
        let test_answer = server.create_entry("/api/things?populate=*", data).await;
        for answer in
            [&test_answer, &server.get(&format!("/api/things/{}?populate=*", test_answer.document_id())).await]
        {
            let data = answer.data();
            assert_eq!(data[kind], view, "{kind} {input}");
            assert_eq!(data["part"][kind], view, "{kind} {input} in a component");
            assert_eq!(data["parts"][0][kind], view, "{kind} {input} in a list of components");
            assert_eq!(data["parts"][1][kind], Json::Null, "{kind}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn password_values_are_never_returned() {
    let server = server().await;
    let data = json!({"password": "s3cret-password", "part": {"password": "s3cret-password"}});
    let test_answer = server.create_entry("/api/things?populate=*", data).await;
    let listed = server.get("/api/things?populate=*").await;
    for answer in [test_answer, listed] {
        assert!(!answer.text().contains("password") && !answer.text().contains("s3cret"), "{}", answer.text());
    }
    let refused = server.post("/api/things", json!({"data": {"password": {"$argon2": 1}}})).await.expect_status(400);
    assert!(!refused.text().contains("argon2"), "{}", refused.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn invalid_values_are_rejected_with_their_path() {
    let server = server().await;
    let before = server.dump_content().await;
    for (kind, input) in [
        ("string", json!(7)),
        ("string", json!({})),
        ("string", json!(["a"])),
        ("text", json!(true)),
        ("email", json!("no address")),
        ("email", json!("")),
        ("uid", json!("with blank")),
        ("uid", json!("umläut")),
        ("integer", json!(1.5)),
        ("integer", json!("abc")),
        ("integer", json!({})),
        ("integer", json!(1e300)),
        ("biginteger", json!("12x")),
        ("biginteger", json!("99999999999999999999")),
        ("float", json!("NaN")),
        ("float", json!("Infinity")),
        ("decimal", json!("abc")),
        ("decimal", json!(format!("0.{}", "1".repeat(5_000)))),
        ("boolean", json!("yes")),
        ("boolean", json!(2)),
        ("enumeration", json!("c")),
        ("enumeration", json!("")),
        ("blocks", json!([{"type": "nonsense"}])),
        ("blocks", json!([{"type": "heading", "level": 9, "children": [{"type": "text", "text": "x"}]}])),
    ] {
        let refused = server.post("/api/things", json!({"data": {kind: input}})).await;
        assert_eq!(refused.status, 400, "{kind} {input}: {}", refused.text());
        refused.assert_envelope();
        let path = &refused.details()["errors"][0]["path"];
        assert_eq!(path[0], kind, "{kind} {input}: {}", refused.text());
        let inside = server.post("/api/things", json!({"data": {"parts": [{}, {kind: input}]}})).await;
        assert_eq!(inside.status, 400, "{kind} {input} in a component: {}", inside.text());
        let path = inside.details()["errors"][0]["path"].as_array().unwrap()[..3].to_vec();
        assert_eq!(path, ["parts", "1", kind], "{}", inside.text());
    }
    // Dates and times are the database's to refuse in Strapi: without details.
    for (kind, value) in [
        ("date", "2024-02-30"),
        ("date", "0000-00-00"),
        ("date", "tomorrow"),
        ("date", "2024-13-01"),
        ("time", "09:30"),
        ("time", "24:00:00"),
        ("time", "9:3:1"),
        ("datetime", "x"),
        ("datetime", "2024-02-30T00:00:00Z"),
        ("datetime", "10000000-01-01"),
    ] {
        for data in [json!({kind: value}), json!({"part": {kind: value}})] {
            let refused = server.post("/api/things", json!({"data": data})).await;
            assert_eq!(refused.status, 400, "{kind} {value}: {}", refused.text());
            refused.assert_envelope();
        }
    }
    assert_eq!(server.dump_content().await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn schema_limits_are_enforced() {
    let attributes = json!({
        "name": {"type": "string", "minLength": 2, "maxLength": 4},
        "code": {"type": "string", "regex": "^[A-Z]{2}$"},
        "stars": {"type": "integer", "min": 1, "max": 5},
        "price": {"type": "decimal", "min": 0.5, "max": 9.5},
        "parts": {"type": "component", "component": "x.part", "repeatable": true, "min": 1, "max": 2},
        "needed": {"type": "boolean", "required": true},
    });
    let project = TestProject::new()
        .with_type(SchemaBuilder::collection("thing", attributes))
        .with_component("x.part", json!({"a": {"type": "string"}}));
    let server = TestServer::start_with(project).await;
    let post = async |mut data: Json| {
        data["needed"] = true.into();
        server.post("/api/things", json!({"data": data})).await
    };
    for (data, message) in [
        (json!({"name": "x"}), "name must be at least 2 characters"),
        (json!({"name": "xxxxx"}), "name must be at most 4 characters"),
        (json!({"code": "ab"}), "code must match the following: \"/^[A-Z]{2}$/\""),
        (json!({"stars": 0}), "stars must be greater than or equal to 1"),
        (json!({"stars": 6}), "stars must be less than or equal to 5"),
        (json!({"price": 0.4}), "price must be greater than or equal to 0.5"),
        (json!({"price": "9.51"}), "price must be less than or equal to 9.5"),
        (json!({"parts": [{}, {}, {}]}), "parts field must have less than or equal to 2 items"),
    ] {
        post(data.clone()).await.expect_error(400, message);
    }
    for data in
        [json!({"name": "éé"}), json!({"code": "AB"}), json!({"stars": 5}), json!({"price": 9.5}), json!({"parts": []})]
    {
        let answer = post(data.clone()).await;
        assert_eq!(answer.status, 201, "{data}: {}", answer.text());
    }
    server.post("/api/things", json!({"data": {}})).await.expect_error(400, "needed must be defined.");
    let null = server.post("/api/things", json!({"data": {"needed": null}})).await;
    null.expect_error(400, "needed must be a `boolean` type, but the final value was: `null`.");
}
