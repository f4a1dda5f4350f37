//! The customer portal over HTTP: two customers, a delegate whose time is over, and a stranger, none of whom sees anything of another at any door.

mod at_once;
mod bad_input;
mod invitations;
mod privacy;
mod theme;
mod upgrade;

use super::{apply_roles, server_with_plugin};
use crate::plugins::PLUGINS;
use cairn_testkit::{TestClient, TestResponse, TestServer};
use serde_json::{Value as Json, json};
use std::time::Duration;

const CONTENT: &str = "/admin/api/content/plugin::portal.";
const PASSWORD: &str = "a password of some length";
const DAY: Duration = Duration::from_secs(86_400);
/// The plugin's types, and the same in paths.
const TYPES: [(&str, &str); 9] = [
    ("vehicle", "vehicles"),
    ("access", "accesses"),
    ("timeline-entry", "timeline-entries"),
    ("document", "documents"),
    ("payment", "payments"),
    ("choice", "choices"),
    ("service-record", "service-records"),
    ("rating", "ratings"),
    ("step-report", "step-reports"),
];

/// The plugin with its roles, a manager, and customers who may read every type: what they do not see is hidden by the policy alone.
struct PortalFixture {
    server: TestServer,
    manager: TestClient,
}

/// A vehicle with something of each kind, all of it with one mark.
struct MarkedVehicle {
    id: String,
    /// Ids of what belongs to it, by type.
    parts: Vec<(&'static str, String)>,
    choice: String,
    /// The address of its document's file.
    file: String,
}

impl PortalFixture {
    async fn new() -> Self {
        let server = server_with_plugin("portal").await;
        let user = |name: &str, role: &str| json!({ "email": format!("{name}@example.com"), "password": PASSWORD, "roles": [role] });
        let users = [user("mia", "account-manager"), user("tom", "vehicle-content"), user("ada", "administration")];
        apply_roles(&server, "portal", json!(users)).await;
        let values = json!({ "staff": "role:account-manager" });
        server.put(&format!("{PLUGINS}/portal/settings"), json!({ "values": values })).await.expect_status(200);
        let find = TYPES.map(|(name, _)| (format!("plugin::portal.{name}"), json!(["find", "findOne"])));
        let mut rights = serde_json::Map::from_iter(find);
        rights.insert("plugin::users-permissions.user".to_owned(), json!(["find", "findOne", "me"]));
        let root = server.super_admin().await;
        for role in ["public", "authenticated"] {
            let path = format!("/admin/api/content-roles/{role}");
            root.put(&path, json!({ "permissions": rights })).await.expect_status(200);
        }
        let manager = server.sign_in_admin("mia@example.com", PASSWORD).await;
        Self { server, manager }
    }

    async fn add_customer(&self, name: &str) -> TestClient {
        self.server.add_user(name, "authenticated", json!({ "confirmed": true, "emailVerified": true })).await;
        self.sign_in(name).await
    }

    async fn sign_in(&self, name: &str) -> TestClient {
        self.server.with_token(&self.server.new_tenant_session("default", name).await)
    }

    async fn create(&self, kind: &str, data: Json) -> String {
        let root = self.server.super_admin().await;
        let created = root.post(&format!("{CONTENT}{kind}"), json!({ "data": data })).await.expect_status(201);
        created.data()["documentId"].as_str().unwrap().to_owned()
    }

    async fn order(&self, number: &str, owner: &str) -> TestResponse {
        let owner = json!({ "name": format!("MARK-{owner}"), "email": format!("{owner}@example.com") });
        let order = json!({ "orderNo": number, "title": format!("MARK-{number}"), "amount": 1_000, "owner": owner });
        self.server.post("/api/portal/orders", order).await
    }

    /// Sends an order, and something of each kind for its vehicle.
    async fn add_vehicle(&self, owner: &str) -> MarkedVehicle {
        let mark = format!("MARK-{owner}");
        let id = self.order(owner, owner).await.expect_status(201).data()["vehicle"].as_str().unwrap().to_owned();
        let of = json!([id]);
        let upload = self.server.upload_file(&format!("{mark}.txt"), "text/plain", mark.as_bytes()).await;
        let file = upload.expect_status(201).body[0]["id"].clone();
        let document = json!({ "vehicle": of, "title": mark, "kind": "contract", "file": file, "number": mark });
        let entry = json!({ "vehicle": of, "title": mark, "body": mark });
        let payment = json!({ "vehicle": of, "title": mark, "amount": 100, "dueOn": "2026-02-01" });
        let choice = json!({ "vehicle": of, "title": mark, "options": ["red", mark], "option": "red", "deadline": "2027-12-31T00:00:00Z" });
        let service = json!({ "vehicle": of, "title": mark, "servicedOn": "2025-12-01", "description": mark });
        let mut parts = Vec::new();
        for (kind, data) in [
            ("timeline-entry", entry),
            ("document", document),
            ("payment", payment),
            ("choice", choice),
            ("service-record", service),
        ] {
            parts.push((kind, self.create(kind, data).await));
        }
        let find = |kind: &str| parts.iter().find(|(known, _)| *known == kind).unwrap().1.clone();
        let root = self.server.super_admin().await;
        root.post(&format!("{CONTENT}timeline-entry/{}/actions/publish", find("timeline-entry")), json!({}))
            .await
            .expect_status(200);
        for state in ["started", "done"] {
            let report = json!({ "id": state, "orderNo": owner, "step": "ontwerp", "state": state });
            self.server.post("/api/portal/steps", report).await.expect_status(202);
        }
        // A report that waits.
        let held = json!({ "id": mark, "orderNo": owner, "step": "levering", "state": "done" });
        self.server.post("/api/portal/steps", held).await.expect_status(202);
        self.server.run_until_idle().await;
        let (document, choice) = (find("document"), find("choice"));
        let read = self.server.get(&format!("/api/portal/documents/{document}?populate[file]=true")).await;
        let file = read.expect_status(200).data()["file"]["url"].as_str().unwrap().to_owned();
        assert!(file.contains("/uploads/private/"), "{file}");
        MarkedVehicle { id, parts, choice, file }
    }

    async fn rate(&self, customer: &TestClient, vehicle: &str, text: &str) -> TestResponse {
        let path = format!("/api/portal/me/vehicles/{vehicle}/ratings");
        customer.post(&path, json!({ "step": "ontwerp", "score": 8, "text": text })).await
    }

    async fn assert_no_call_failed(&self) {
        let root = self.server.super_admin().await;
        let calls = root.get(&format!("{PLUGINS}/portal/calls")).await.expect_status(200);
        assert_eq!(calls.data(), &json!([]), "a call failed");
    }
}

/// All addresses below which somebody could find a vehicle or what belongs to it.
fn list_addresses(vehicle: &MarkedVehicle) -> Vec<String> {
    let mut addresses: Vec<String> = vec!["/api/portal/me".to_owned()];
    for (_, plural) in TYPES {
        for query in ["", "?populate=*", "?filters[vehicle][title][$contains]=MARK", "?_q=MARK", "?sort=createdAt:desc"]
        {
            addresses.push(format!("/api/portal/{plural}{query}"));
        }
        let by_id = format!("?filters[vehicle][documentId]={}", vehicle.id);
        addresses.push(format!("/api/portal/{plural}{by_id}"));
    }
    addresses.push(format!("/api/portal/vehicles/{}?populate=*", vehicle.id));
    for (kind, id) in &vehicle.parts {
        let plural = TYPES.iter().find(|(known, _)| known == kind).unwrap().1;
        addresses.push(format!("/api/portal/{plural}/{id}?populate=*"));
    }
    for part in ["", "/timeline", "/documents", "/shares", "/telemetry"] {
        addresses.push(format!("/api/portal/me/vehicles/{}{part}", vehicle.id));
    }
    addresses
}

/// No answer has the mark, or one of the ids but those that were asked for; and counts say nothing of it either.
async fn assert_hides(client: &TestClient, who: &str, mark: &str, vehicle: &MarkedVehicle) {
    let mut read = 0;
    for address in list_addresses(vehicle) {
        let answer = client.get(&address).await;
        read += usize::from(answer.status == 200);
        assert!([200, 400, 403, 404, 401].contains(&answer.status), "{who} {address}: {}", answer.text());
        let headers = format!("{:?}", answer.headers);
        for text in [answer.text(), headers] {
            assert!(!text.contains(mark), "{who} {address}: {text}");
            let ids = vehicle.parts.iter().map(|(_, id)| id).chain([&vehicle.id]);
            for id in ids.filter(|id| !address.contains(id.as_str())) {
                assert!(!text.contains(id.as_str()), "{who} {address}: {id} in {text}");
            }
        }
        let total = answer.body["meta"]["pagination"]["total"].as_u64();
        if answer.status == 200 && address.contains(&vehicle.id) {
            assert_eq!(total, Some(0), "{who} {address}: {}", answer.text());
        }
    }
    // Lists are read, and not refused.
    assert!(read >= 30, "{who}: {read}");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_sees_anything_of_another() {
    let fixture = PortalFixture::new().await;
    let (anna, bram) = (fixture.add_customer("anna").await, fixture.add_customer("bram").await);
    let (dirk, sam) = (fixture.add_customer("dirk").await, fixture.add_customer("sam").await);
    let (annas, brams) = (fixture.add_vehicle("anna").await, fixture.add_vehicle("bram").await);
    let scope = json!({
        "vehicle": [annas.id], "name": "Dirk", "email": "dirk@example.com", "role": "delegate", "endsAt": "2026-01-15T12:00:00Z",
    });
    fixture.create("access", scope).await;
    fixture.rate(&anna, &annas.id, "MARK-anna says").await.expect_status(201);
    fixture.rate(&bram, &brams.id, "MARK-bram says").await.expect_status(201);
    fixture.server.run_until_idle().await;

    // Customers see their own vehicles, documents and payments.
    for (client, own, mark) in [(&anna, &annas, "MARK-anna"), (&bram, &brams, "MARK-bram")] {
        let me = client.get("/api/portal/me").await.expect_status(200);
        assert_eq!(me.header("cache-control"), "private, no-store");
        let data = me.data();
        for (list, count) in
            [("vehicles", 1), ("timeline", 1), ("documents", 1), ("payments", 1), ("choices", 1), ("service", 1)]
        {
            assert_eq!(data[list].as_array().unwrap().len(), count, "{list}: {data}");
        }
        assert_eq!((&data["messages"], &data["events"]), (&json!([]), &json!([])));
        assert_eq!(data["vehicles"][0]["steps"][0]["rating"]["text"], json!(format!("{mark} says")));
        for (kind, plural) in TYPES.into_iter().filter(|(kind, _)| *kind != "step-report") {
            let list = client.get(&format!("/api/portal/{plural}")).await.expect_status(200);
            assert_eq!(list.pagination_total(), 1, "{kind}: {}", list.text());
        }
        let reports = client.get("/api/portal/step-reports").await.expect_status(200);
        assert_eq!(reports.pagination_total(), 0);
        // Private fields of their own vehicle are not theirs either.
        let vehicle = client.get(&format!("/api/portal/vehicles/{}", own.id)).await.expect_status(200);
        for private in ["contractAmount", "source", "currency", "planComplete"] {
            assert!(vehicle.data().get(private).is_none(), "{private}: {}", vehicle.text());
        }
        let file = client.get(data["documents"][0]["file"]["url"].as_str().unwrap()).await.expect_status(200);
        assert_eq!(file.text(), mark);
    }
    let seen = dirk.get("/api/portal/me").await.expect_status(200);
    assert_eq!(seen.data()["vehicles"][0]["title"], "MARK-anna", "{}", seen.text());
    assert_hides(&anna, "anna", "MARK-bram", &brams).await;
    assert_hides(&bram, "bram", "MARK-anna", &annas).await;
    assert_hides(&dirk, "dirk", "MARK-bram", &brams).await;
    for (who, client) in [("sam", &sam), ("nobody", &fixture.server.public_client())] {
        assert_hides(client, who, "MARK-anna", &annas).await;
        assert_hides(client, who, "MARK-bram", &brams).await;
    }

    // A vehicle of another customer gets the same response as one that does not exist.
    let (vehicle, choice) = (annas.id.as_str(), annas.choice.as_str());
    let rating = json!({ "step": "ontwerp", "score": 1 });
    for client in [&bram, &sam] {
        let of_vehicle = [
            ("GET", "/api/portal/me/vehicles/ID", json!({})),
            ("GET", "/api/portal/me/vehicles/ID/timeline", json!({})),
            ("GET", "/api/portal/me/vehicles/ID/documents", json!({})),
            ("POST", "/api/portal/me/vehicles/ID/ratings", rating.clone()),
            ("GET", "/api/portal/vehicles/ID", json!({})),
        ];
        super::assert_unknown(client, vehicle, &of_vehicle).await;
        let of_choice =
            [("POST", "/api/portal/me/choices/ID/confirm", json!({})), ("GET", "/api/portal/choices/ID", json!({}))];
        super::assert_unknown(client, choice, &of_choice).await;
    }
    let root = fixture.server.super_admin().await;
    let stored = root.get(&format!("{CONTENT}choice/{choice}")).await.expect_status(200);
    assert_eq!(stored.data()["status"], "proposed");
    // The address of a file works for its customer, and not without its signature.
    let unsigned = annas.file.split('?').next().unwrap();
    for client in [&bram, &sam, &fixture.server.public_client()] {
        let answer = client.get(unsigned).await;
        assert!([401, 403, 404].contains(&answer.status) && !answer.text().contains("MARK"), "{}", answer.text());
    }

    // The time of the delegate is over: nothing is left.
    fixture.server.advance_clock(DAY * 30);
    fixture.server.run_until_idle().await;
    let dirk = fixture.sign_in("dirk").await;
    assert_hides(&dirk, "dirk", "MARK-anna", &annas).await;
    super::assert_unknown(&dirk, vehicle, &[("GET", "/api/portal/me/vehicles/ID", json!({}))]).await;
    fixture.assert_no_call_failed().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_role_of_the_team_does_its_own_work() {
    let fixture = PortalFixture::new().await;
    let vehicle = fixture.add_vehicle("anna").await;
    let manager = &fixture.manager;
    let (content, accounts) = (
        fixture.server.sign_in_admin("tom@example.com", PASSWORD).await,
        fixture.server.sign_in_admin("ada@example.com", PASSWORD).await,
    );
    let entry = json!({ "data": { "vehicle": [vehicle.id], "title": "New", "body": "Text" } });
    let payment = json!({ "data": { "vehicle": [vehicle.id], "title": "Rest", "amount": 100, "dueOn": "2026-12-01" } });
    for (client, may_write, may_bill) in [(manager, true, false), (&content, true, false), (&accounts, false, true)] {
        let written = client.post(&format!("{CONTENT}timeline-entry"), entry.clone()).await;
        assert_eq!(written.status, if may_write { 201 } else { 403 }, "{}", written.text());
        let billed = client.post(&format!("{CONTENT}payment"), payment.clone()).await;
        assert_eq!(billed.status, if may_bill { 201 } else { 403 }, "{}", billed.text());
    }
    // The amount of the contract is for the accounts; the number of the vehicle is not.
    let path = format!("{CONTENT}vehicle/{}", vehicle.id);
    accounts.put(&path, json!({ "data": { "contractAmount": 2_000 } })).await.expect_status(200);
    let refused = accounts.put(&path, json!({ "data": { "title": "Mine" } })).await.expect_status(400);
    assert_eq!(refused.details()["key"], "title", "{}", refused.text());
    let hidden = content.get(&path).await.expect_status(200);
    assert!(hidden.data().get("contractAmount").is_none_or(Json::is_null), "{}", hidden.text());
    // Pages of the plugin, and moves of vehicles, are for managers.
    for (client, status) in [(manager, 200), (&content, 403), (&accounts, 403)] {
        let board = client.post(&format!("{PLUGINS}/portal/views/board"), json!({})).await;
        assert_eq!(board.status, status, "{}", board.text());
    }
    fixture.assert_no_call_failed().await;
}
