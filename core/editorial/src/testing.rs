//! A project with a desk, for tests: contracts and pages with drafts, a clock that stands still, users with roles. On the kind of database
//! that the environment names.

pub(crate) mod nodes;

use crate::EditorialService;
use crate::review::{ReviewGate, ReviewView, WorkflowView};
use cairn_access::{
    AccessControl, AdminCaller, AdminCredential, AdminSession, Clock, FixedClock, Passwords, SecretKey,
};
use cairn_content::{Content, ContentError, PublishGate, Refusal, RequestContext, Result};
use cairn_query::{Access, Query};
use cairn_settings::{apply_settings, parse_settings};
use cairn_store::editorial::DocumentKey;
use cairn_store::events::{Actor, Event, EventPlacement};
use cairn_store::{Database, Store, StoreOptions};
use cairn_testkit::TestDatabase;
use chrono::{DateTime, TimeDelta};
use serde_json::{Value as Json, json};
use std::fs;
use std::sync::Arc;
use tempfile::TempDir;

/// 2026-06-01T10:00:00Z, a Monday.
pub(crate) const START_SECONDS: i64 = 1_780_308_000;
pub(crate) const CONTRACT_UID: &str = "api::contract.contract";

pub(crate) struct EditorialFixture {
    pub(crate) desk: EditorialService,
    pub(crate) clock: Arc<FixedClock>,
    pub(crate) content: Content,
    access: AccessControl,
    _database: TestDatabase,
    _dir: TempDir,
}

fn with_localized(mut attribute: Json, localized: bool) -> Json {
    attribute["pluginOptions"] = json!({ "i18n": { "localized": localized } });
    attribute
}

/// A workflow for contracts: a legal and two marketing approvals, published in one stage only.
pub(crate) fn contract_workflow() -> Json {
    json!({
        "contentTypes": [CONTRACT_UID],
        "stages": [
            { "name": "draft" },
            { "name": "legal review", "next": ["draft", "approved"] },
            { "name": "approved", "enter": ["legal"], "next": ["draft"], "backTo": "draft" },
        ],
        "approvals": [{ "role": "legal", "before": "approved" }, { "role": "marketing", "count": 2 }],
        "publishIn": ["approved"],
    })
}

impl EditorialFixture {
    /// Opens the project with a new database and these users.
    pub(crate) async fn open() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().join("content-types");
        let types = [
            (
                "contract",
                true,
                json!({ "title": { "type": "string", "required": true }, "phase": { "type": "string" }, "secret": { "type": "string", "private": true }, "parts": { "type": "dynamiczone", "components": ["a.part"] }, "seo": { "type": "component", "component": "a.part" }, "of": { "type": "relation", "relation": "manyToOne", "target": "api::step.step" } }),
            ),
            (
                "page",
                true,
                json!({ "title": with_localized(json!({ "type": "string" }), true), "number": with_localized(json!({ "type": "integer" }), false) }),
            ),
            (
                "step",
                false,
                json!({ "slug": { "type": "string" }, "many": { "type": "relation", "relation": "oneToMany", "target": "api::step.step" } }),
            ),
        ];
        for (name, drafts, attributes) in types {
            let folder = root.join(format!("api/{name}/content-types/{name}"));
            fs::create_dir_all(&folder).unwrap();
            let schema = json!({
                "kind": "collectionType", "collectionName": format!("{name}s"), "options": { "draftAndPublish": drafts },
                "info": { "singularName": name, "pluralName": format!("{name}s"), "displayName": name },
                "pluginOptions": { "i18n": { "localized": name == "page" } }, "attributes": attributes,
            });
            fs::write(folder.join("schema.json"), schema.to_string()).unwrap();
        }
        let part = json!({ "info": { "displayName": "part" }, "attributes": { "text": { "type": "string" } } });
        fs::create_dir_all(root.join("components/a")).unwrap();
        fs::write(root.join("components/a/part.json"), part.to_string()).unwrap();
        let registry = cairn_model::load::load_project(dir.path()).unwrap_or_else(|p| panic!("{p:#?}")).registry;
        let database = TestDatabase::new(dir.path());
        let options = StoreOptions { database: Database::parse(database.url(), std::path::Path::new("")).unwrap() };
        let store = Store::open(options, Arc::new(registry)).unwrap();
        let secret = SecretKey::load(None, dir.path()).unwrap();
        let clock = Arc::new(FixedClock::starting_at(DateTime::from_timestamp(START_SECONDS, 0).unwrap()));
        let access = AccessControl::open(store, &secret, "default", Passwords::new(2), clock.clone() as Arc<dyn Clock>)
            .await
            .unwrap();
        let content = Content::new(access.clone());
        let desk = EditorialService::new(content.clone(), access.clone());
        let office = Self { desk, clock, content, access: access.clone(), _database: database, _dir: dir };
        let people = json!([
            { "email": "root@example.com", "roles": ["super-admin"] }, { "email": "ed@example.com", "roles": ["editor"] },
            { "email": "law@example.com", "roles": ["legal"] }, { "email": "mia@example.com", "roles": ["marketing"] },
            { "email": "max@example.com", "roles": ["marketing"] }, { "email": "lee@example.com", "roles": ["legal", "marketing"] },
        ]);
        // Hashing a password for each would take longer than the tests.
        let now = cairn_access::format_iso(office.clock.now());
        let people: Vec<(String, Vec<String>)> = serde_json::from_value::<Vec<Json>>(people)
            .unwrap()
            .into_iter()
            .map(|p| (p["email"].as_str().unwrap().to_owned(), serde_json::from_value(p["roles"].clone()).unwrap()))
            .collect();
        office
            .desk
            .store()
            .write(move |tx| {
                people.iter().try_for_each(|(email, roles)| tx.admin_users().save(email, "x", roles, &now))
            })
            .await
            .unwrap();
        let locales = parse_settings(
            &json!({ "locales": { "default": "en", "available": ["en", "nl"] } }).to_string(),
            office.desk.registry(),
            &|_| None,
        )
        .unwrap();
        apply_settings(&access, locales).await.unwrap();
        office
    }

    /// Adds the workflow of contracts.
    pub(crate) async fn with_workflow() -> Self {
        let office = Self::open().await;
        office.define_workflow("contracts", contract_workflow()).await.unwrap();
        office
    }

    pub(crate) async fn define_workflow(&self, name: &str, workflow: Json) -> Result<WorkflowView> {
        self.desk.define_workflow(&self.admin_caller("root").actor.into(), name, &workflow).await
    }

    /// One of the users, by the name in their address.
    pub(crate) fn admin_caller(&self, name: &str) -> AdminCaller {
        let all = self.desk.store().read(|r| r.admin_users().list()).unwrap();
        let row = all.into_iter().find(|u| u.email == format!("{name}@example.com")).unwrap();
        let rights = self.access.admin_rights(&row.roles, Some(row.id), &row.email);
        AdminCaller {
            id: Some(row.id),
            actor: Actor::admin(row.id, &row.email),
            name: row.email,
            roles: row.roles,
            language: row.language,
            credential: AdminCredential::Session(AdminSession { hash: Vec::new(), shown_at: 0 }),
            permissions: rights,
        }
    }

    pub(crate) fn user_id(&self, name: &str) -> i64 {
        self.admin_caller(name).id.unwrap()
    }

    pub(crate) fn actor(&self, name: &str) -> Arc<Actor> {
        Arc::new(self.admin_caller(name).actor)
    }

    pub(crate) fn advance_by(&self, time: TimeDelta) {
        self.clock.advance(time);
    }

    /// Creates a draft as one of the users; returns its key.
    pub(crate) async fn create_draft(&self, by: &str, route: &str, data: Json) -> DocumentKey {
        let (route, query) = route.split_once('?').unwrap_or((route, ""));
        let ct = self.content.by_route(route).unwrap();
        let (access, actor) = (Arc::new(Access::full()), self.actor(by));
        let query = if query.is_empty() { "status=draft".to_owned() } else { format!("status=draft&{query}") };
        let query = Query::from_text(query);
        let context =
            RequestContext { access: &access, content_type: ct.id, query: &query, default_locale: "en", actor: &actor };
        let response = self.content.create(context, Some(json!({ "data": data }))).await.unwrap();
        self.desk.document_key(&ct.uid, &response.document_id, query.cache_key().split("locale=").nth(1)).unwrap()
    }

    /// Changes a draft as one of the users; returns its version token.
    pub(crate) async fn edit_draft(&self, by: &str, d: &DocumentKey, data: Json) -> i64 {
        self.write_with(by, d, "status=draft", data).await.unwrap()
    }

    pub(crate) async fn write_with(&self, by: &str, d: &DocumentKey, query: &str, data: Json) -> Result<i64> {
        let ct = self.desk.content_type(&d.content_type).unwrap();
        let (access, actor) = (Arc::new(Access::full()), self.actor(by));
        let query = if d.locale.is_empty() { query.to_owned() } else { format!("{query}&locale={}", d.locale) };
        let query = Query::from_text(query);
        let context =
            RequestContext { access: &access, content_type: ct.id, query: &query, default_locale: "en", actor: &actor };
        Ok(self.content.update(context, &d.document_id, Some(json!({ "data": data })), None).await?.version)
    }

    pub(crate) async fn delete(&self, d: &DocumentKey) {
        let ct = self.desk.content_type(&d.content_type).unwrap();
        let (access, actor) = (Arc::new(Access::full()), self.actor("ed"));
        let query = if d.locale.is_empty() { String::new() } else { format!("locale={}", d.locale) };
        let query = Query::from_text(query);
        let context =
            RequestContext { access: &access, content_type: ct.id, query: &query, default_locale: "en", actor: &actor };
        self.content.delete(context, &d.document_id, None).await.unwrap();
    }

    pub(crate) fn version(&self, d: &DocumentKey) -> i64 {
        self.review_of("root", d).version
    }

    /// The review state for one of the users.
    pub(crate) fn review_of(&self, by: &str, d: &DocumentKey) -> ReviewView {
        self.desk.get_review(&self.admin_caller(by), &d.content_type, &d.document_id, Some(&d.locale)).unwrap()
    }

    pub(crate) async fn move_to(&self, by: &str, d: &DocumentKey, to: &str) -> Result<ReviewView> {
        let input = crate::read_input(json!({ "to": to })).unwrap();
        self.desk.move_review(&self.admin_caller(by), &self.actor(by), d.clone(), input).await
    }

    pub(crate) async fn approve_as(&self, by: &str, d: &DocumentKey) -> Result<ReviewView> {
        let version = self.version(d);
        self.approved_as(by, d, json!({ "version": version })).await
    }

    pub(crate) async fn approved_as(&self, by: &str, d: &DocumentKey, input: Json) -> Result<ReviewView> {
        let input = crate::read_input(input)?;
        self.desk.approve_draft(&self.admin_caller(by), &self.actor(by), d.clone(), input).await
    }

    /// Checks the gate.
    pub(crate) async fn check_gate(&self, d: &DocumentKey) -> Result<()> {
        let (d, ct) = (d.clone(), self.desk.content_type(&d.content_type).unwrap().id);
        let run_gate = move |tx: &mut cairn_store::WriteTx<'_>| {
            ReviewGate.check(tx, ct, &d.document_id, &d.locale, &Actor::public())
        };
        self.desk.store().write(run_gate).await
    }

    /// Runs a consumer over every event, in order.
    pub(crate) async fn deliver_events(&self, consumer: impl cairn_events::TransactionalConsumer + Clone) {
        self.place_events().await;
        let events = self.events();
        self.desk.store().write(move |tx| consumer.apply_events(tx, &events)).await.unwrap();
    }

    async fn place_events(&self) {
        while self.desk.store().place_events().await.unwrap() != EventPlacement::All {}
    }

    pub(crate) fn events(&self) -> Vec<Event> {
        self.desk.store().read(|r| r.events().list_after(0, 10_000)).unwrap()
    }

    /// Names of the events of the desk, in order.
    pub(crate) async fn event_names(&self) -> Vec<String> {
        self.place_events().await;
        let others = ["cairn.document.", "cairn.schema.", "cairn.settings."];
        let all = self.events().into_iter().map(|e| e.event.name);
        all.filter(|n| !others.iter().any(|o| n.starts_with(o))).collect()
    }
}

/// The refusal of a result.
#[track_caller]
pub(crate) fn expect_refusal<T: std::fmt::Debug>(result: Result<T>) -> Refusal {
    match result {
        Err(ContentError::Refused(refusal)) => refusal,
        other => panic!("{other:?}"),
    }
}

/// Asserts that a result is refused with a message that contains `part`.
#[track_caller]
pub(crate) fn assert_refused<T: std::fmt::Debug>(result: Result<T>, part: &str) {
    let refusal = expect_refusal(result);
    assert!(refusal.message.contains(part), "{part}: {refusal:?}");
}
