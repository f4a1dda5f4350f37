//! Hidden content is in no answer: not by a field, a filter, a sort, a fragment, a relation or a total.

use super::{ask, data, relation};
use cairn_testkit::{SchemaBuilder, TestClient, TestProject, TestServer};
use serde_json::{Value as Json, json};

/// Vehicles of customers: a customer sees their own. Notes are for nobody.
struct Garage {
    server: TestServer,
    ann: TestClient,
    public: TestClient,
    bobs: String,
}

async fn garage() -> Garage {
    let own = json!({"customer": {"documentId": {"$eq": "$user.customer.documentId"}}});
    let permissions = json!({
        "api::vehicle.vehicle": {"find": {"where": own}, "findOne": {"where": own}, "update": {"where": own}, "delete": {"where": own}},
        "api::garage.garage": ["find", "findOne"],
        "api::customer.customer": {"find": {"fields": ["name"]}},
    });
    let vehicle = json!({
        "plate": {"type": "string"}, "price": {"type": "integer"}, "hidden": {"type": "string", "private": true}, "pin": {"type": "password"},
        "customer": relation("manyToOne", "api::customer.customer"), "note": relation("oneToOne", "api::note.note"),
    });
    let garage = json!({
        "name": {"type": "string"}, "vehicles": relation("manyToMany", "api::vehicle.vehicle"),
        "best": relation("manyToOne", "api::vehicle.vehicle"),
        "parts": {"type": "component", "component": "x.place", "repeatable": true},
    });
    let customer = json!({"name": {"type": "string"}, "phone": {"type": "string"}});
    let project = TestProject::new()
        .with_type(SchemaBuilder::collection("vehicle", vehicle).with_drafts())
        .with_type(SchemaBuilder::collection("customer", customer))
        .with_type(SchemaBuilder::collection("note", json!({"text": {"type": "string"}})))
        .with_type(SchemaBuilder::collection("garage", garage))
        .with_component("x.place", json!({"label": {"type": "string"}, "hidden": {"type": "string", "private": true}, "car": relation("oneToOne", "api::vehicle.vehicle")}))
        .with_user_attributes(json!({"customer": relation("manyToOne", "api::customer.customer")}))
        .with_role("customer", false, permissions)
        .with_role("public", false, json!({"api::garage.garage": ["find"]}));
    let server = TestServer::start_with(project).await;
    let mut customers = Vec::new();
    for name in ["ann", "bob"] {
        let customer = json!({"name": name, "phone": format!("phone-of-{name}")});
        customers.push(server.create_entry("/api/customers", customer).await.document_id());
    }
    let note = server.create_entry("/api/notes", json!({"text": "canary-note"})).await.document_id();
    let mut vehicles = Vec::new();
    for (plate, owner, price) in [("ann1", 0, 1), ("ann2", 0, 3), ("bob1", 1, 2)] {
        let vehicle = json!({"plate": plate, "price": price, "customer": customers[owner], "hidden": format!("canary-{plate}"), "pin": "Passw0rd!", "note": note});
        vehicles.push(server.create_entry("/api/vehicles", vehicle).await.document_id());
    }
    let draft = json!({"plate": "ann3-draft", "price": 9, "customer": customers[0]});
    server.create_entry("/api/vehicles?status=draft", draft).await;
    let garage = json!({
        "name": "all", "vehicles": vehicles, "best": vehicles[2],
        "parts": [{"label": "left", "hidden": "canary-part", "car": vehicles[2]}, {"label": "right", "car": vehicles[0]}],
    });
    server.create_entry("/api/garages", garage).await;
    let ann = server.create_user("ann", "customer", json!({"customer": customers[0]})).await;
    let public = server.public_client();
    Garage { ann, public, bobs: vehicles[2].clone(), server }
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_of_others_are_nowhere() {
    let Garage { ann, bobs, server: _server, .. } = garage().await;
    let found = data(
        &ann,
        &format!(
            "{{ vehicles(sort: \"plate\") {{ plate }}
                vehicles_connection(pagination: {{pageSize: 1}}, sort: \"price:desc\") {{ nodes {{ ...P }} pageInfo {{ total pageCount }} }}
                by_plate: vehicles_connection(filters: {{plate: {{startsWith: \"bob\"}}}}) {{ pageInfo {{ total }} }}
                inverted: vehicles(filters: {{not: {{plate: {{startsWith: \"ann\"}}}}}}) {{ plate }}
                vehicle(documentId: \"{bobs}\") {{ ...P }}
                garages {{ best {{ plate }} vehicles(sort: \"plate\") {{ plate }}
                    vehicles_connection(sort: \"plate\") {{ nodes {{ plate }} pageInfo {{ total }} }} parts {{ label car {{ plate }} }} }}
                through: garages(filters: {{best: {{plate: {{eq: \"bob1\"}}}}}}) {{ name }}
                part: garages(filters: {{parts: {{car: {{plate: {{eq: \"bob1\"}}}}}}}}) {{ name }} }}
            fragment P on Vehicle {{ plate price }}"
        ),
    )
    .await;
    let text = found.to_string();
    assert!(!text.contains("bob1") && !text.contains(&bobs) && !text.contains("draft"), "{found:#}");
    assert_eq!(found["vehicles"], json!([{"plate": "ann1"}, {"plate": "ann2"}]));
    assert_eq!(
        found["vehicles_connection"],
        json!({"nodes": [{"plate": "ann2", "price": 3}], "pageInfo": {"total": 2, "pageCount": 2}})
    );
    assert_eq!(
        (&found["by_plate"]["pageInfo"]["total"], &found["inverted"], &found["vehicle"]),
        (&json!(0), &json!([]), &Json::Null)
    );
    let garage = &found["garages"][0];
    assert_eq!((&garage["best"], &garage["vehicles_connection"]["pageInfo"]["total"]), (&Json::Null, &json!(2)));
    assert_eq!(garage["parts"], json!([{"label": "left", "car": null}, {"label": "right", "car": {"plate": "ann1"}}]));
    assert_eq!((&found["through"], &found["part"]), (&json!([]), &json!([])));
}

#[tokio::test(flavor = "multi_thread")]
async fn attributes_and_types_that_are_hidden_have_no_name() {
    let Garage { ann, public, server, bobs } = garage().await;
    for query in [
        "{ vehicles { hidden } }",
        "{ vehicles { pin } }",
        "{ vehicles { ...F } } fragment F on Vehicle { hidden }",
        "{ vehicles(filters: {hidden: {startsWith: \"canary\"}}) { plate } }",
        "{ vehicles(filters: {pin: {notNull: true}}) { plate } }",
        "{ vehicles(filters: {note: {text: {eq: \"canary-note\"}}}) { plate } }",
        "{ vehicles { note { text } } }",
        "{ notes { text } }",
        "{ notes_connection { pageInfo { total } } }",
        "{ garages { parts { hidden } } }",
        "{ garages(filters: {parts: {hidden: {eq: \"canary-part\"}}}) { name } }",
        "{ garages { vehicles(filters: {hidden: {eq: \"canary-bob1\"}}) { plate } } }",
        "{ vehicles { customer { phone } } }",
        "{ vehicles(filters: {customer: {phone: {eq: \"phone-of-ann\"}}}) { plate } }",
        "{ customers { phone } }",
        "mutation { createVehicle(data: {plate: \"x\"}) { plate } }",
        "mutation { createNote(data: {text: \"x\"}) { text } }",
    ] {
        let answer = ask(&ann, query).await;
        assert!(answer.status == 400 && !answer.text().contains("canary-note\":"), "{query} {}", answer.text());
    }
    // Texts are not in the schema: the content API says no.
    for query in [
        "{ vehicles(sort: \"hidden\") { plate } }",
        "{ vehicles(sort: \"note.text\") { plate } }",
        "{ garages { vehicles(sort: \"hidden\") { plate } } }",
        "{ vehicles(sort: \"customer.phone\") { plate } }",
        "{ vehicles(status: DRAFT) { plate } }",
        "{ vehicles(publicationFilter: NEVER_PUBLISHED, status: DRAFT) { plate } }",
    ] {
        let answer = ask(&ann, query).await;
        let rest_like = answer.status == 200 && answer.body["errors"][0]["extensions"]["error"]["name"].is_string();
        assert!(rest_like && !answer.text().contains("draft\""), "{query} {}", answer.text());
    }
    let look = "{ __schema { types { name fields { name } inputFields { name } } } }";
    let schema = ask(&ann, look).await.expect_status(200).text();
    for hidden in ["\"Note\"", "\"phone\"", "NoteFiltersInput", "createVehicle"] {
        assert!(!schema.contains(hidden), "{hidden}");
    }
    // The public sees that there are garages, and nothing of what is in them.
    assert_eq!(data(&public, "{ garages { name parts { label } } }").await["garages"][0]["name"], "all");
    let schema = ask(&public, look).await.expect_status(200).text();
    assert!(!schema.contains("Vehicle") && !schema.contains("createGarage"), "{schema}");
    assert_eq!(ask(&public, "{ garages { best { plate } } }").await.status, 400);
    assert_eq!(ask(&public, "{ vehicles { plate } }").await.status, 400);
    // Nobody changes what they do not see.
    for query in [
        format!("mutation {{ updateVehicle(documentId: \"{bobs}\", data: {{plate: \"mine\"}}) {{ plate }} }}"),
        format!("mutation {{ deleteVehicle(documentId: \"{bobs}\") {{ documentId }} }}"),
    ] {
        let answer = ask(&ann, &query).await.expect_status(200);
        assert_eq!(answer.body["errors"][0]["extensions"]["code"], "STRAPI_NOT_FOUND_ERROR", "{:#}", answer.body);
    }
    assert_eq!(server.get(&format!("/api/vehicles/{bobs}")).await.data()["plate"], "bob1");
}

/// Values of variables are checked as the document is: a name that it cannot have, they cannot have either.
#[tokio::test(flavor = "multi_thread")]
async fn hidden_names_in_variables_are_refused() {
    let Garage { ann, bobs, server, .. } = garage().await;
    let before = server.dump_content().await;
    let counted =
        "query($f: VehicleFiltersInput) { vehicles_connection(filters: $f) { pageInfo { total } nodes { plate } } }";
    let sorted = "query($s: [String]) { vehicles_connection(sort: $s) { pageInfo { total } nodes { plate } } }";
    let changed = "mutation($id: ID!, $d: VehicleInput!) { updateVehicle(documentId: $id, data: $d) { plate } }";
    let own = server.get("/api/vehicles?filters[plate]=ann1").await.data()[0]["documentId"].clone();
    let note = server.get("/api/notes").await.data()[0]["documentId"].clone();
    for (query, variables) in [
        (counted, json!({"f": {"hidden": {"startsWith": "canary"}}})),
        (counted, json!({"f": {"not": {"hidden": {"startsWith": "canary"}}}})),
        (counted, json!({"f": {"or": [{"plate": {"eq": "x"}}, {"pin": {"notNull": true}}]}})),
        (counted, json!({"f": {"and": [{"note": {"text": {"eq": "canary-note"}}}]}})),
        (counted, json!({"f": {"customer": {"phone": {"eq": "phone-of-ann"}}}})),
        (counted, json!({"f": {"plate": {"$where": "1"}}})),
        (sorted, json!({"s": ["hidden"]})),
        (sorted, json!({"s": ["plate", "note.text:desc"]})),
        (sorted, json!({"s": ["customer.phone"]})),
        (changed, json!({"id": own, "d": {"note": note}})),
        (changed, json!({"id": bobs, "d": {"plate": "mine"}})),
    ] {
        let answer = ann.post("/graphql", json!({"query": query, "variables": variables})).await;
        assert!(matches!(answer.status, 200 | 400), "{variables} {}", answer.text());
        assert!(answer.body["errors"][0]["message"].is_string(), "{variables} {:#}", answer.body);
        let is_empty = answer.body["data"].as_object().is_none_or(|data| data.values().all(Json::is_null));
        assert!(is_empty, "{variables} {:#}", answer.body);
    }
    assert_eq!(server.dump_content().await, before);
}

/// Whatever asks for drafts, or for which entries have one, is answered or refused as by REST.
#[tokio::test(flavor = "multi_thread")]
async fn drafts_are_hidden_as_by_rest() {
    let Garage { ann, server, .. } = garage().await;
    let mut refusals = 0;
    for (arguments, query) in [
        ("status: DRAFT", "status=draft"),
        ("status: PUBLISHED", "status=published"),
        ("hasPublishedVersion: false", "hasPublishedVersion=false"),
        ("hasPublishedVersion: false, status: DRAFT", "hasPublishedVersion=false&status=draft"),
        ("publicationFilter: MODIFIED", "publicationFilter=modified"),
        ("publicationFilter: NEVER_PUBLISHED", "publicationFilter=never-published"),
        ("publicationFilter: HAS_PUBLISHED_VERSION", "publicationFilter=has-published-version"),
        ("publicationFilter: PUBLISHED_WITHOUT_DRAFT", "publicationFilter=published-without-draft"),
        ("filters: {publishedAt: {null: true}}", "filters[publishedAt][$null]=true"),
        ("filters: {plate: {contains: \"draft\"}}", "filters[plate][$contains]=draft"),
    ] {
        let document = format!("{{ vehicles_connection({arguments}) {{ nodes {{ plate }} pageInfo {{ total }} }} }}");
        for client in [&ann, &*server] {
            let rest = client.get(&format!("/api/vehicles?{query}")).await;
            let answer = ask(client, &document).await.expect_status(200);
            if rest.status == 200 {
                let total = &answer.body["data"]["vehicles_connection"]["pageInfo"]["total"];
                assert_eq!(total, &json!(rest.pagination_total()), "{arguments} {:#}", answer.body);
            } else {
                assert_eq!(answer.body["errors"][0]["message"], rest.message(), "{arguments} {:#}", answer.body);
                refusals += 1;
            }
        }
        assert!(!ask(&ann, &document).await.text().contains("ann3-draft"), "{arguments}");
    }
    assert!(refusals > 0);
}

/// Callers who differ do not get each other's cached answers.
#[tokio::test(flavor = "multi_thread")]
async fn answers_are_not_shared_by_callers_who_see_different_things() {
    let Garage { ann, public, server, .. } = garage().await;
    let query = "{ garages { name } }";
    for _ in 0..2 {
        assert_eq!(data(&public, query).await, data(&ann, query).await);
    }
    let bob = server.get("/api/customers?filters[name]=bob").await.data()[0]["documentId"].clone();
    let bob = server.create_user("bob", "customer", json!({ "customer": bob })).await;
    let own = "{ vehicles(sort: \"plate\") { plate } }";
    for _ in 0..2 {
        assert_eq!(data(&ann, own).await["vehicles"], json!([{"plate": "ann1"}, {"plate": "ann2"}]));
        assert_eq!(data(&bob, own).await["vehicles"], json!([{"plate": "bob1"}]));
        assert_eq!(data(&server, own).await["vehicles"].as_array().unwrap().len(), 3);
    }
}
