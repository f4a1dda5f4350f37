//! Row conditions: a customer sees their own things, whatever way they ask.

use cairn_testkit::{SchemaBuilder, TestClient, TestProject, TestServer};
use serde_json::{Value as Json, json};

/// Vehicles of customers, with notes on vehicles and a localized manual. A user belongs to a customer; a customer's role
/// sees what is its customer's.
struct Garage {
    server: TestServer,
    ann: TestClient,
    bob: TestClient,
    /// documentId, by name: `ann`, `bob` (customers), `ann1`, `ann2`, `bob1` (vehicles), `note-…`.
    ids: std::collections::HashMap<String, String>,
}

fn relation(kind: &str, target: &str, word: &str, across: &str) -> Json {
    let mut relation = json!({"type": "relation", "relation": kind, "target": target});
    if !word.is_empty() {
        relation[word] = across.into();
    }
    relation
}

impl Garage {
    async fn new() -> Self {
        Self::with(json!({})).await
    }

    /// `extra_permissions`: changes of the role's permissions.
    async fn with(extra_permissions: Json) -> Self {
        let customer = "api::customer.customer";
        let vehicle = "api::vehicle.vehicle";
        let own_vehicles = json!({"customer": {"documentId": {"$eq": "$user.customer.documentId"}}});
        let through = json!({"vehicle": own_vehicles});
        let own = json!({"documentId": {"$eq": "$user.customer.documentId"}});
        let mut permissions = json!({
            "api::vehicle.vehicle": {
                "find": {"where": own_vehicles}, "findOne": {"where": own_vehicles}, "create": {"where": own_vehicles},
                "update": {"where": own_vehicles}, "delete": {"where": own_vehicles},
            },
            "api::customer.customer": {"find": {"where": own}, "findOne": {"where": own}},
            "api::note.note": {
                "find": {"where": through}, "findOne": {"where": through}, "create": {"where": through},
                "update": {"where": through}, "delete": {"where": through},
            },
            "api::garage.garage": ["find", "findOne"],
        });
        permissions.as_object_mut().unwrap().extend(extra_permissions.as_object().unwrap().clone());
        let project = TestProject::new()
            .with_type(SchemaBuilder::collection(
                "customer",
                json!({
                    "name": {"type": "string"},
                    "vehicles": relation("oneToMany", vehicle, "mappedBy", "customer"),
                }),
            ))
            .with_type(
                SchemaBuilder::collection(
                    "vehicle",
                    json!({
                        "plate": {"type": "string"},
                        "price": {"type": "integer"},
                        "customer": relation("manyToOne", customer, "inversedBy", "vehicles"),
                        "notes": relation("oneToMany", "api::note.note", "mappedBy", "vehicle"),
                        "twin": relation("oneToOne", vehicle, "", ""),
                    }),
                )
                .with_drafts(),
            )
            .with_type(SchemaBuilder::collection(
                "note",
                json!({
                    "text": {"type": "string"},
                    "vehicle": relation("manyToOne", vehicle, "inversedBy", "notes"),
                }),
            ))
            // Seen by all, it points at vehicles of everybody.
            .with_type(SchemaBuilder::collection(
                "garage",
                json!({
                    "name": {"type": "string"},
                    "vehicles": relation("manyToMany", vehicle, "", ""),
                    "best": relation("manyToOne", vehicle, "", ""),
                    "parts": {"type": "component", "component": "x.place", "repeatable": true},
                    "about": {"type": "relation", "relation": "morphToOne"},
                }),
            ))
            .with_component(
                "x.place",
                json!({"label": {"type": "string"}, "car": relation("oneToOne", vehicle, "", "")}),
            )
            .with_user_attributes(json!({"customer": relation("manyToOne", customer, "", "")}))
            .with_role("customer", false, permissions);
        let server = TestServer::start_with(project).await;
        let mut ids = std::collections::HashMap::new();
        for name in ["ann", "bob"] {
            let answer = server.create_entry("/api/customers", json!({"name": name})).await;
            ids.insert(name.to_owned(), answer.document_id());
        }
        for (plate, owner, price) in [("ann1", "ann", 1), ("ann2", "ann", 3), ("bob1", "bob", 2)] {
            let vehicle = json!({"plate": plate, "price": price, "customer": ids[owner]});
            let document_id = server.create_entry("/api/vehicles", vehicle).await.document_id();
            let note = json!({"text": format!("note-{plate}"), "vehicle": document_id});
            let note = server.create_entry("/api/notes", note).await.document_id();
            ids.insert(plate.to_owned(), document_id);
            ids.insert(format!("note-{plate}"), note);
        }
        let garage = json!({
            "name": "all", "vehicles": [ids["ann1"], ids["bob1"], ids["ann2"]], "best": ids["bob1"],
            "parts": [{"label": "left", "car": ids["bob1"]}, {"label": "right", "car": ids["ann1"]}],
            "about": {"__type": vehicle, "documentId": ids["bob1"]},
        });
        server.create_entry("/api/garages", garage).await;
        server.update_entry(&format!("/api/vehicles/{}", ids["ann1"]), json!({"twin": ids["bob1"]})).await;
        let ann = server.create_user("ann", "customer", json!({"customer": ids["ann"]})).await;
        let bob = server.create_user("bob", "customer", json!({"customer": ids["bob"]})).await;
        Self { server, ann, bob, ids }
    }

    fn path(&self, route: &str, name: &str) -> String {
        format!("/api/{route}/{}", self.ids[name])
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_and_totals_include_only_own_rows() {
    let garage = Garage::new().await;
    let list = garage.ann.get("/api/vehicles?sort=plate").await;
    assert_eq!((list.text_column("plate"), list.pagination_total()), (vec!["ann1".into(), "ann2".into()], 2));
    let list = garage.bob.get("/api/vehicles").await;
    assert_eq!((list.text_column("plate"), list.pagination_total()), (vec!["bob1".into()], 1));
    assert_eq!(garage.ann.get("/api/notes?sort=text").await.text_column("text"), ["note-ann1", "note-ann2"]);
    assert_eq!(garage.ann.get("/api/customers").await.text_column("name"), ["ann"]);
    assert_eq!(garage.ann.get("/api/vehicles?pagination[start]=1&pagination[limit]=1").await.pagination_total(), 2);
    for query in [
        "filters[plate]=bob1",
        "filters[plate][$startsWith]=bob",
        "_q=bob1",
        "filters[price]=2",
        "filters[$or][0][plate]=bob1&filters[$or][1][price]=2",
        "filters[$not][plate][$contains]=ann",
    ] {
        assert_eq!(garage.ann.get(&format!("/api/vehicles?{query}")).await.pagination_total(), 0, "{query}");
    }
    let id = &garage.ids["bob1"];
    assert_eq!(garage.ann.get(&format!("/api/vehicles?filters[documentId]={id}")).await.pagination_total(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_of_other_customers_are_not_found() {
    let garage = Garage::new().await;
    for (route, name) in [("vehicles", "bob1"), ("notes", "note-bob1"), ("customers", "bob")] {
        garage.ann.get(&garage.path(route, name)).await.expect_error(404, "Not Found");
        garage.bob.get(&garage.path(route, name)).await.expect_status(200);
    }
    let before = garage.server.dump_content().await;
    for (route, name) in [("vehicles", "bob1"), ("notes", "note-bob1")] {
        let path = garage.path(route, name);
        garage.ann.put(&path, json!({"data": {}})).await.expect_error(404, "Not Found");
        garage.ann.delete(&path).await.expect_error(404, "Not Found");
        // The response for a document that there never was is the same, or responses would tell which ids exist.
        let hidden = garage.ann.delete(&path).await;
        let missing =
            garage.ann.delete(&path.replace(path.rsplit('/').next().unwrap(), "aaaaaaaaaaaaaaaaaaaaaaaa")).await;
        assert_eq!((hidden.status, hidden.text()), (missing.status, missing.text()));
    }
    assert_eq!(garage.server.dump_content().await, before);
    garage.ann.delete(&garage.path("notes", "note-ann1")).await.expect_status(204);
    garage.ann.update_entry(&garage.path("vehicles", "ann1"), json!({"plate": "ann1b"})).await;
}

/// The same words for what is hidden and what is not there: nobody learns which ids exist.
#[tokio::test(flavor = "multi_thread")]
async fn hidden_and_missing_documents_return_the_same_response() {
    let garage = Garage::new().await;
    let missing = "/api/vehicles/zzzzzzzzzzzzzzzzzzzzzzzz";
    let hidden = garage.path("vehicles", "bob1");
    for body in [
        json!({"data": {}}),
        json!({"data": {"price": "x"}}),
        json!({"data": {"plate": 7}}),
        json!({"data": {"nothing": 1}}),
    ] {
        let (a, b) = (garage.ann.put(missing, body.clone()).await, garage.ann.put(&hidden, body.clone()).await);
        assert_eq!((a.status, a.text()), (b.status, b.text()), "{body}");
    }
    for query in ["?populate=customer", "?filters[plate]=bob1", "?fields=nothing"] {
        let a = garage.ann.get(&format!("{missing}{query}")).await;
        let b = garage.ann.get(&format!("{hidden}{query}")).await;
        assert_eq!((a.status, a.text()), (b.status, b.text()), "{query}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn populate_returns_only_own_rows_at_every_level() {
    let garage = Garage::new().await;
    let answer = garage.ann.get("/api/garages?populate=*").await;
    let entry = &answer.data()[0];
    let plates: Vec<_> = entry["vehicles"].as_array().unwrap().iter().map(|v| v["plate"].clone()).collect();
    assert_eq!(plates, ["ann1", "ann2"]);
    assert_eq!((&entry["best"], &entry["about"]), (&Json::Null, &Json::Null));
    for query in [
        "populate[vehicles][populate]=*",
        "populate[vehicles][populate][customer][populate]=*&populate[vehicles][populate][notes]=true",
        "populate[best][populate]=*",
        "populate[parts][populate]=*",
        "populate[parts][populate][car][populate]=*",
        "populate[about][populate]=*",
        "populate[about][on][api::vehicle.vehicle][populate]=*",
        "populate[vehicles][filters][plate]=bob1",
        "populate[vehicles][filters][$or][0][plate]=bob1",
        "populate[vehicles][sort]=price:desc",
        "populate[vehicles][populate][twin]=true",
    ] {
        let test_answer = garage.ann.get(&format!("/api/garages?{query}")).await.expect_status(200);
        assert!(!test_answer.text().contains("bob"), "{query}: {}", test_answer.text());
    }
    let counted = garage.ann.get("/api/garages?populate[vehicles][count]=true").await;
    assert_eq!(counted.data()[0]["vehicles"]["count"], 2);
    let counted = garage.ann.get("/api/garages?populate[parts][populate][car][count]=true").await.expect_status(200);
    assert!(!counted.text().contains("bob"), "{}", counted.text());
    let own = garage.ann.get("/api/users/me?populate[customer][populate]=*").await;
    assert_eq!(own.body["customer"]["name"], "ann");
}

#[tokio::test(flavor = "multi_thread")]
async fn filters_and_sorts_ignore_hidden_related_rows() {
    let garage = Garage::new().await;
    let total = async |query: &str| {
        garage.ann.get(&format!("/api/garages?{query}")).await.expect_status(200).pagination_total()
    };
    for hidden in [
        "filters[vehicles][plate]=bob1",
        "filters[vehicles][price]=2",
        "filters[best][plate]=bob1",
        "filters[best][id][$notNull]=true",
        "filters[best][price][$gt]=0",
        "filters[vehicles][customer][name]=bob",
        "filters[vehicles][notes][text]=note-bob1",
        "filters[vehicles][twin][plate]=bob1",
        "filters[parts][car][plate]=bob1",
        "filters[$not][vehicles][plate][$startsWith]=ann",
    ] {
        assert_eq!(total(hidden).await, 0, "{hidden}");
    }
    for visible in ["filters[vehicles][plate]=ann2", "filters[best][id][$null]=true", "filters[parts][car][plate]=ann1"]
    {
        assert_eq!(total(visible).await, 1, "{visible}");
    }
    let row = garage.server.get(&garage.path("vehicles", "bob1")).await.id();
    let document = garage.ids["bob1"].clone();
    for value in [row.to_string(), document] {
        for filter in [format!("filters[best]={value}"), format!("filters[vehicles][$in][]={value}")] {
            assert_eq!(total(&filter).await, 0, "{filter}");
        }
    }
    // Two garages whose order would tell what their hidden vehicles cost.
    let cheap = json!({"name": "cheap", "best": garage.ids["ann1"]});
    garage.server.create_entry("/api/garages", cheap).await;
    let order = async |sort: &str| garage.ann.get(&format!("/api/garages?sort={sort}")).await.text_column("name");
    assert_eq!(order("best.price:desc").await, ["cheap", "all"], "the hidden one counts as null");
    assert_eq!(order("best.price:asc").await, ["all", "cheap"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn writes_outside_the_row_condition_are_rejected() {
    let garage = Garage::new().await;
    let before = garage.server.dump_content().await;
    let (ann, bob) = (garage.ids["ann"].clone(), garage.ids["bob"].clone());
    // Made for somebody else, or for nobody: bob is not even there for ann.
    let foreign = garage.ann.post("/api/vehicles", json!({"data": {"plate": "x", "customer": bob}})).await;
    foreign.expect_error(400, &format!("Document with id \"{bob}\", locale \"null\" not found"));
    garage.ann.post("/api/vehicles", json!({"data": {"plate": "x"}})).await.expect_error(403, "Forbidden");
    // Given away, thrown out, and taken.
    let own = garage.path("vehicles", "ann1");
    garage.ann.put(&own, json!({"data": {"customer": bob}})).await.expect_status(400);
    garage.ann.put(&own, json!({"data": {"customer": null}})).await.expect_error(403, "Forbidden");
    garage.ann.put(&own, json!({"data": {"customer": {"disconnect": [ann]}}})).await.expect_error(403, "Forbidden");
    garage
        .ann
        .put(&garage.path("vehicles", "bob1"), json!({"data": {"customer": ann}}))
        .await
        .expect_error(404, "Not Found");
    // A note on a vehicle of somebody else; a relation to one.
    let vehicle = garage.ids["bob1"].clone();
    garage.ann.post("/api/notes", json!({"data": {"text": "x", "vehicle": vehicle}})).await.expect_status(400);
    garage.ann.put(&own, json!({"data": {"twin": vehicle}})).await.expect_status(400);
    let number = garage.server.get(&garage.path("vehicles", "bob1")).await.id();
    garage.ann.put(&own, json!({"data": {"twin": number}})).await.expect_status(400);
    garage.ann.put(&own, json!({"data": {"notes": {"connect": [garage.ids["note-bob1"]]}}})).await.expect_status(400);
    assert_eq!(garage.server.dump_content().await, before);
    garage.ann.create_entry("/api/vehicles", json!({"plate": "ann3", "customer": ann})).await;
}

/// A document that is hidden is answered as one that is not there, in whatever words it is asked for: by the number of a row its id is
/// not told, and what is to be taken away that is not seen is not there to be taken away.
#[tokio::test(flavor = "multi_thread")]
async fn writes_do_not_distinguish_hidden_from_missing_documents() {
    let garage = Garage::new().await;
    let own = garage.path("vehicles", "ann1");
    let hidden = (garage.server.get(&garage.path("vehicles", "bob1")).await.id(), garage.ids["bob1"].clone());
    let none = (99_999_999, "abcdefghijklmnopqrstuvwx".to_owned());
    let bodies = |(number, document): &(i64, String)| {
        [
            json!({"twin": number}),
            json!({"twin": {"id": number}}),
            json!({"twin": document}),
            json!({"twin": {"set": [{"documentId": document}]}}),
            json!({"twin": {"connect": [number, document]}}),
            json!({"twin": {"disconnect": [number]}}),
            json!({"twin": {"disconnect": [{"documentId": document}]}}),
            json!({"twin": {"connect": [{"documentId": garage.ids["ann2"], "position": {"before": {"id": number}}}]}}),
        ]
    };
    for (of_hidden, of_none) in bodies(&hidden).into_iter().zip(bodies(&none)) {
        let send = async |data: &Json| garage.ann.put(&own, json!({"data": data})).await;
        let (of_hidden, of_none) = (send(&of_hidden).await, send(&of_none).await);
        assert_eq!(of_hidden.status, of_none.status, "{}", of_hidden.text());
        if of_none.status != 200 {
            let text = of_none.text().replace(&none.0.to_string(), &hidden.0.to_string());
            assert_eq!(of_hidden.text(), text.replace(&none.1, &hidden.1));
        }
    }
    let by_number = garage.ann.put(&own, json!({"data": {"twin": hidden.0}})).await;
    let missing = "1 relation(s) of type api::vehicle.vehicle associated with this entity do not exist";
    assert!(!by_number.text().contains(&hidden.1), "{}", by_number.text());
    by_number.expect_error(400, missing);
}

/// The inverse side of a relation writes rows of the other type: what may not be updated there stays as it is, even where
/// it may be read.
#[tokio::test(flavor = "multi_thread")]
async fn writes_through_the_inverse_side_respect_row_conditions() {
    let own = json!({"documentId": {"$eq": "$user.customer.documentId"}});
    let own_vehicles = json!({"customer": {"documentId": {"$eq": "$user.customer.documentId"}}});
    let garage = Garage::with(json!({
        "api::customer.customer": {"find": {}, "update": {"where": own}},
        // Everybody's vehicles may be read, one's own changed.
        "api::vehicle.vehicle": {"find": {}, "findOne": {}, "update": {"where": own_vehicles}},
    }))
    .await;
    let before = garage.server.dump_content().await;
    let ann = garage.path("customers", "ann");
    for change in [json!({"connect": [garage.ids["bob1"]]}), json!([garage.ids["bob1"]])] {
        let answer = garage.ann.put(&ann, json!({"data": {"vehicles": change}})).await;
        assert!(matches!(answer.status, 400 | 403), "{}", answer.text());
        assert_eq!(garage.server.dump_content().await, before, "{change}");
    }
    // A caller may not disconnect their own document either, where that puts it out of their reach.
    let answer = garage.ann.put(&ann, json!({"data": {"vehicles": {"disconnect": [garage.ids["ann1"]]}}})).await;
    assert!(matches!(answer.status, 400 | 403), "{}", answer.text());
    assert_eq!(garage.server.dump_content().await, before);
}

/// The mask of the other type's update holds for its side of the relation, too.
#[tokio::test(flavor = "multi_thread")]
async fn writes_through_the_inverse_side_respect_field_masks() {
    let garage = Garage::with(json!({
        "api::customer.customer": ["find", "update"],
        "api::vehicle.vehicle": {"find": {}, "update": {"fields": ["plate"]}},
    }))
    .await;
    let before = garage.server.dump_content().await;
    garage
        .ann
        .put(&garage.path("vehicles", "bob1"), json!({"data": {"customer": garage.ids["ann"]}}))
        .await
        .expect_status(400);
    let inverse = json!({"data": {"vehicles": {"connect": [garage.ids["bob1"]]}}});
    let answer = garage.ann.put(&garage.path("customers", "ann"), inverse).await;
    assert!(matches!(answer.status, 400 | 403), "{}", answer.text());
    assert_eq!(garage.server.dump_content().await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn user_without_a_customer_sees_nothing() {
    let garage = Garage::new().await;
    // Nobody's vehicle and a user of nobody: null is not null.
    garage.server.create_entry("/api/vehicles", json!({"plate": "stray"})).await;
    let eve = garage.server.create_user("eve", "customer", json!({})).await;
    for route in ["vehicles", "notes", "customers"] {
        assert_eq!(eve.get(&format!("/api/{route}")).await.pagination_total(), 0, "{route}");
    }
    eve.post("/api/vehicles", json!({"data": {"plate": "x"}})).await.expect_error(403, "Forbidden");
    // A customer that is deleted takes the sight of its things along.
    garage.server.delete(&garage.path("customers", "bob")).await.expect_status(204);
    assert_eq!(garage.bob.get("/api/vehicles").await.pagination_total(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn plans_and_totals_are_not_shared_between_callers() {
    let garage = Garage::new().await;
    for _ in 0..3 {
        let query = "/api/vehicles?filters[price][$gt]=0&sort=plate";
        assert_eq!(garage.ann.get(query).await.pagination_total(), 2);
        assert_eq!(garage.bob.get(query).await.pagination_total(), 1);
        assert_eq!(garage.server.get(query).await.pagination_total(), 3);
        garage.server.public_client().get(query).await.expect_error(403, "Forbidden");
    }
    // A user who moves to another customer sees theirs at the next request.
    let ann = garage.ann.get("/api/users/me").await.body["id"].clone();
    garage.server.put(&format!("/api/users/{ann}"), json!({"customer": garage.ids["bob"]})).await.expect_status(200);
    assert_eq!(garage.ann.get("/api/vehicles").await.text_column("plate"), ["bob1"]);
}

/// Localized pages with an owner each; `ann` and `bob` may do everything with their own.
async fn pages() -> (TestServer, TestClient, TestClient) {
    let own_pages = json!({"owner": {"$eq": "$user.username"}});
    let actions = ["find", "findOne", "create", "update", "delete"];
    let all: serde_json::Map<_, _> = actions.iter().map(|a| ((*a).to_owned(), json!({"where": own_pages}))).collect();
    let attributes = json!({
        "title": {"type": "string"},
        "owner": {"type": "string"},
        "rank": {"type": "integer", "localized": false},
    });
    let page = SchemaBuilder::collection("page", attributes).with_drafts().with_locales();
    let project = TestProject::new().with_type(page).with_role("writer", true, json!({"api::page.page": all}));
    let server = TestServer::start_with(project).await;
    let (ann, bob) =
        (server.create_user("ann", "writer", json!({})).await, server.create_user("bob", "writer", json!({})).await);
    (server, ann, bob)
}

#[tokio::test(flavor = "multi_thread")]
async fn row_conditions_apply_to_drafts() {
    let (server, ann, bob) = pages().await;
    let document_id =
        ann.create_entry("/api/pages?status=draft", json!({"title": "a", "owner": "ann"})).await.document_id();
    let path = format!("/api/pages/{document_id}");
    bob.get(&format!("{path}?status=draft")).await.expect_error(404, "Not Found");
    assert_eq!(bob.get("/api/pages?status=draft").await.pagination_total(), 0);
    let before = server.dump_content().await;
    bob.put(&format!("{path}?status=draft"), json!({"data": {"owner": "bob"}})).await.expect_error(404, "Not Found");
    bob.delete(&path).await.expect_error(404, "Not Found");
    assert_eq!(server.dump_content().await, before);
    ann.update_entry(&path, json!({})).await;
    assert_eq!(bob.get("/api/pages").await.pagination_total(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn writing_another_locale_requires_access_to_the_document() {
    let (server, ann, bob) = pages().await;
    let document_id =
        ann.create_entry("/api/pages", json!({"title": "a", "owner": "ann", "rank": 1})).await.document_id();
    let before = server.dump_content().await;
    let body = json!({"data": {"title": "b", "owner": "bob", "rank": 2}});
    for query in ["locale=nl", "locale=nl&status=draft", "locale=fr"] {
        let other = bob.put(&format!("/api/pages/{document_id}?{query}"), body.clone()).await;
        assert!(matches!(other.status, 403 | 404), "{}", other.text());
        assert_eq!(server.dump_content().await, before, "{query}");
    }
}

/// A document with a locale of each: deleting all of it needs all of it, and so does what all locales share.
#[tokio::test(flavor = "multi_thread")]
async fn permission_for_one_locale_does_not_cover_the_others() {
    let (server, ann, bob) = pages().await;
    let document_id =
        ann.create_entry("/api/pages", json!({"title": "a", "owner": "ann", "rank": 1})).await.document_id();
    let path = format!("/api/pages/{document_id}");
    server.update_entry(&format!("{path}?locale=fr"), json!({"title": "b", "owner": "bob"})).await;
    let before = server.dump_content().await;
    bob.delete(&path).await.expect_error(404, "Not Found");
    let deleted = bob.delete(&format!("{path}?locale=*")).await;
    assert!(matches!(deleted.status, 403 | 404), "{} {}", deleted.status, deleted.text());
    assert_eq!(server.dump_content().await, before);
    bob.delete(&format!("{path}?locale=fr")).await.expect_status(204);
    assert_eq!(ann.get("/api/pages?status=draft&locale=*").await.pagination_total(), 1);
}
