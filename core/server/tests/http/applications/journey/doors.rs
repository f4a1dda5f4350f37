//! Doors besides the plugin's own types: people, files and their addresses, live updates, previews and the other routes of the plugin.

/// Tests that take long: `cargo xtask test --full`.
mod full {
    use super::super::{JourneyFixture, PLURALS};
    use crate::live::EventStream;
    use crate::plugins::PLUGINS;
    use cairn_testkit::TestClient;
    use serde_json::{Value as Json, json};
    use std::collections::BTreeMap;

    const CHAPTER: &str = "api::chapter.chapter";
    const ITEM: &str = "plugin::journey.item";
    const FILE: &str = "plugin::upload.file";
    /// The customers and the positions of their phases.
    const CUSTOMERS: [(&str, usize); 3] = [("anna", 0), ("bram", 3), ("chris", 5)];

    /// A document that some customers see.
    struct MarkedDocument {
        title: String,
        id: String,
        /// Names of those who see it.
        seen_by: Vec<&'static str>,
    }

    /// A chapter with a picture of its own.
    struct Chapter {
        marked: MarkedDocument,
        file_id: String,
        /// As whoever may read everything gets it.
        address: String,
    }

    struct DoorsFixture {
        fixture: JourneyFixture,
        items: Vec<MarkedDocument>,
        chapters: Vec<Chapter>,
    }

    fn list_those_who_see(order: usize, owner: Option<&str>) -> Vec<&'static str> {
        CUSTOMERS
            .iter()
            .filter(|(name, reached)| *reached >= order && owner.is_none_or(|owner| owner == *name))
            .map(|(name, _)| *name)
            .collect()
    }

    impl DoorsFixture {
        /// For each phase an item and a chapter for everybody, and for each customer one of their phase and one of the last.
        async fn new() -> Self {
            let fixture = JourneyFixture::new().await;
            let relation = |target: &str| json!({ "type": "relation", "relation": "manyToMany", "target": target });
            let chapter = json!({
                "kind": "collectionType", "collectionName": "chapters", "options": { "draftAndPublish": true },
                "info": { "singularName": "chapter", "pluralName": "chapters", "displayName": "Chapter" },
                "pluginOptions": { "upload": { "private": true } },
                "attributes": {
                    "title": { "type": "string" }, "photo": { "type": "media", "multiple": false },
                    "phases": relation("plugin::journey.phase"), "journeys": relation("plugin::journey.journey"),
                },
            });
            let types = json!({ "contentTypes": { CHAPTER: chapter } });
            fixture.server.post("/admin/api/content-types/apply", types).await.expect_status(200);
            fixture.let_customers_read(&[CHAPTER, FILE]).await;
            let path = format!("{PLUGINS}/journey/choices");
            let body = |agreed: &Json| json!({ "choices": { "content": [CHAPTER] }, "agreed": agreed });
            let asked = fixture.server.put(&path, body(&json!([]))).await.expect_status(409);
            fixture.server.put(&path, body(&asked.details()["widened"])).await.expect_status(200);

            let mut doors = Self { fixture, items: Vec::new(), chapters: Vec::new() };
            for order in 0..super::super::PHASES.len() {
                doors.add(order, None).await;
            }
            for (name, reached) in CUSTOMERS {
                doors.add(reached, Some(name)).await;
                doors.add(6, Some(name)).await;
            }
            doors.fixture.server.run_until_idle().await;
            doors
        }

        /// Publishes an item and a chapter of a phase, for everybody or for one customer.
        async fn add(&mut self, order: usize, owner: Option<&'static str>) {
            let fixture = &self.fixture;
            let phase = super::super::PHASES[order];
            let title = format!("MARKER-{order}-{}", owner.unwrap_or("everybody"));
            let seen_by = list_those_who_see(order, owner);
            let id = fixture.publish_item(&title, phase, owner).await;
            let name = format!("{title}.txt");
            let file = fixture.server.upload_file(&name, "text/plain", title.as_bytes()).await.expect_status(201);
            let file = &file.body[0];
            let journeys: Vec<&str> = owner.iter().map(|name| fixture.journey(name)).collect();
            let data = json!({
                "title": format!("{title}-chapter"), "photo": file["id"], "phases": [fixture.phases[phase]], "journeys": journeys,
            });
            let chapter = fixture.server.create_entry("/api/chapters", data).await.document_id();
            let read =
                fixture.server.get(&format!("/api/chapters/{chapter}?populate[photo]=true")).await.expect_status(200);
            let address = read.data()["photo"]["url"].as_str().unwrap().to_owned();
            assert!(address.contains("/uploads/private/"), "{address}");
            self.chapters.push(Chapter {
                marked: MarkedDocument { title: format!("{title}-chapter"), id: chapter, seen_by: seen_by.clone() },
                file_id: file["documentId"].as_str().unwrap().to_owned(),
                address,
            });
            self.items.push(MarkedDocument { title, id, seen_by });
        }

        fn documents(&self) -> impl Iterator<Item = &MarkedDocument> {
            self.items.iter().chain(self.chapters.iter().map(|chapter| &chapter.marked))
        }

        /// No answer to a customer has the name or the id of what they do not see.
        async fn assert_hides(&self, name: &str, client: &TestClient, path: &str) {
            let answer = client.get(path).await;
            assert!([200, 400, 401, 403, 404].contains(&answer.status), "{name} {path}: {}", answer.text());
            let text = answer.text();
            for marked in
                self.documents().filter(|marked| !marked.seen_by.contains(&name) && !path.contains(&marked.id))
            {
                assert!(!text.contains(&marked.id), "{name} {path}: {} in {text}", marked.title);
                // `MARKER-1-anna` is not `MARKER-1-anna-chapter`: words are told apart by what follows them.
                let is_there = text.match_indices(&marked.title).any(|(at, title)| {
                    !text[at + title.len()..].starts_with(['-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9'])
                });
                assert!(!is_there, "{name} {path}: {} in {text}", marked.title);
            }
            for other in CUSTOMERS.iter().map(|(other, _)| *other).filter(|other| *other != name) {
                let words =
                    [format!("F22 {other}"), format!("{other}@example.com"), self.fixture.journey(other).to_owned()];
                let is_asked = |word: &String| path.contains(word.as_str());
                let leaked = words.iter().find(|word| !is_asked(word) && text.contains(word.as_str()));
                assert_eq!(leaked, None, "{name} {path}: {text}");
            }
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn people_files_and_previews_show_nothing_of_later_phases_or_other_cars() {
        let doors = DoorsFixture::new().await;
        let fixture = &doors.fixture;
        let admin = TestClient::clone(&fixture.server);
        let preview = async |uid: &str, id: &str| {
            let body = json!({ "type": uid, "documentId": id });
            admin.post("/admin/api/preview", body).await.expect_status(200).data()["token"].as_str().unwrap().to_owned()
        };
        let mut reads = 0;
        for (name, _) in CUSTOMERS {
            let client = fixture.client(name);
            let seen_item = doors.items.iter().find(|item| item.seen_by.contains(&name)).unwrap();
            let seen_token = preview(ITEM, &seen_item.id).await;
            let mut paths: Vec<String> = [
                "/api/users/me?populate=*",
                "/api/users/me?populate[role][populate]=*",
                "/api/upload/files",
                "/api/upload/files?populate=*",
                "/api/upload/files?populate[related][populate]=*",
                "/api/upload/files?sort=name&filters[name][$startsWith]=MARKER",
                "/api/chapters?populate[phases][populate]=*&populate[journeys][populate]=*&populate[photo]=true",
                "/api/chapters?populate[photo][populate]=related&sort=photo.name",
                "/api/chapters?_q=MARKER&pagination[pageSize]=100",
                "/api/chapters?filters[photo][name][$startsWith]=MARKER",
                "/api/journey/me?documents=100&documentsPage=1",
                "/api/journey/me?documents=1&documentsPage=2",
            ]
            .map(str::to_owned)
            .to_vec();
            // The preview of what a customer sees leads to nothing else.
            for populate in ["populate=*", "populate[phases][populate]=*&populate[journeys][populate]=*"] {
                paths.push(format!("/api/journey/items/{}?{populate}&previewToken={seen_token}", seen_item.id));
            }
            for plural in PLURALS {
                for query in
                    ["pagination[page]=2&pagination[pageSize]=1&pagination[withCount]=true", "_q=MARKER&populate=*"]
                {
                    paths.push(format!("/api/journey/{plural}?{query}&previewToken={seen_token}"));
                }
            }
            for path in &paths {
                doors.assert_hides(name, client, path).await;
                reads += 1;
            }
            for chapter in &doors.chapters {
                let is_seen = chapter.marked.seen_by.contains(&name);
                let expected = if is_seen { 200 } else { 404 };
                let path = format!("/api/chapters/{}?populate[photo]=true", chapter.marked.id);
                let read = client.get(&path).await.expect_status(expected);
                // A private file is found by nobody but with its document, which has a signed address.
                client.get(&format!("/api/upload/files/{}", chapter.file_id)).await.expect_status(404);
                if is_seen {
                    let address = read.data()["photo"]["url"].as_str().unwrap();
                    client.get(address).await.expect_status(200);
                }
                let by_name =
                    format!("/api/chapters?filters[photo][name]={}.txt", &chapter.marked.title.replace("-chapter", ""));
                let total = client.get(&by_name).await.expect_status(200).pagination_total();
                assert_eq!(total, u64::from(is_seen), "{name} {by_name}");
                // An address counts with its signature only.
                let unsigned = chapter.address.split('?').next().unwrap();
                for path in [unsigned.to_owned(), format!("{unsigned}?expires=99999999999&signature=x")] {
                    let status = client.get(&path).await.status;
                    assert!((400..500).contains(&status), "{name} {path}: {status}");
                }
                // The link of another document's preview opens nothing.
                let path = format!("/api/chapters/{}?previewToken={seen_token}", chapter.marked.id);
                if !is_seen {
                    let status = client.get(&path).await.status;
                    assert!([403, 404].contains(&status), "{name} {path}: {status}");
                }
                reads += 6;
            }
            // Documents that `me` lists are those that the portal can read.
            let me = client.get("/api/journey/me?documents=100").await.expect_status(200);
            let listed: Vec<&str> = me.data()[0]["documents"]
                .as_array()
                .unwrap()
                .iter()
                .map(|document| document["documentId"].as_str().unwrap())
                .collect();
            let seen: Vec<&Chapter> =
                doors.chapters.iter().filter(|chapter| chapter.marked.seen_by.contains(&name)).collect();
            assert_eq!(listed.len(), seen.len(), "{name}: {}", me.text());
            assert!(seen.iter().all(|chapter| listed.contains(&chapter.marked.id.as_str())), "{name}: {}", me.text());
            let counted = &me.body["meta"]["documents"][0];
            assert_eq!((&counted["type"], &counted["total"]), (&json!(CHAPTER), &json!(seen.len())), "{name}");
            let page = client.get("/api/journey/me?documents=1&documentsPage=2").await.expect_status(200);
            assert_eq!(page.data()[0]["documents"].as_array().unwrap().len(), usize::from(seen.len() > 1), "{name}");
        }
        assert!(reads > 300, "only {reads} reads");
        // The signature is the permission, for as long as it counts.
        fixture.server.public_client().get(&doors.chapters[0].address).await.expect_status(200);
        fixture.assert_no_call_failed().await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn routes_of_the_plugin_serve_nobody_else() {
        let doors = DoorsFixture::new().await;
        let fixture = &doors.fixture;
        for (name, _) in CUSTOMERS {
            let client = fixture.client(name);
            for (other, _) in CUSTOMERS.iter().filter(|(other, _)| *other != name) {
                let journey = fixture.journey(other);
                let me = fixture.me(other).await;
                let notice = me["notices"][0]["documentId"].as_str().unwrap();
                client.post(&format!("/api/journey/read/{notice}"), json!({})).await.expect_status(404);
                let path = format!("/api/journey/notifications/{journey}");
                client.post(&path, json!({ "mail": false })).await.expect_status(404);
                for action in ["move", "pause", "resume", "cancel", "shift"] {
                    let path = format!("/api/journey/{action}/{journey}");
                    client.post(&path, json!({ "reason": "x", "by": "P1D" })).await.expect_status(401);
                }
                client.get(&format!("/api/journey/explain/{journey}")).await.expect_status(401);
                assert_eq!(fixture.me(other).await["mail"], true);
            }
            for (path, body) in [
                ("start", json!({ "definition": "klantreis", "customer": name, "title": "Another" })),
                ("events", json!({ "id": "1", "type": "x", "subject": format!("F22 {name}") })),
                ("simulate", json!({ "definition": "klantreis", "anchor": "2026-01-15", "until": "2027-01-15" })),
            ] {
                client.post(&format!("/api/journey/{path}"), body).await.expect_status(401);
            }
        }
        fixture.assert_no_call_failed().await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn live_updates_tell_customers_of_their_own_content_only() {
        let mut doors = DoorsFixture::new().await;
        let types = ["item", "journey", "entry", "slot", "notice", "effect", "external-event"]
            .map(|name| format!("plugin::journey.{name}"))
            .join(",");
        let mut listeners = BTreeMap::new();
        for (name, _) in CUSTOMERS {
            let client = doors.fixture.client(name);
            listeners.insert(name, EventStream::subscribe(client, &format!("?types={types},{CHAPTER}"), None).await);
        }
        let known = doors.documents().count();
        doors.add(3, None).await;
        doors.add(6, Some("bram")).await;
        doors.add(5, Some("chris")).await;
        doors.fixture.move_to("bram", "testen", "Early").await.expect_status(200);
        doors.fixture.server.run_until_idle().await;
        // The last item reaches all listeners, after everything that came before it.
        let end = doors.fixture.publish_item("MARKER-end", "orderbevestiging", None).await;
        doors.fixture.server.run_until_idle().await;
        let new: Vec<&MarkedDocument> = doors.documents().collect();
        assert!(new.len() > known);
        for (name, listener) in &mut listeners {
            let heard = listener.messages_until(&end).await;
            let has_heard = |id: &str| heard.iter().any(|(_, own)| own == id);
            for marked in doors.documents() {
                if !marked.seen_by.contains(name) {
                    assert!(!has_heard(&marked.id), "{name} heard of {}: {heard:?}", marked.title);
                }
            }
            for (other, _) in CUSTOMERS.iter().filter(|(other, _)| other != name) {
                assert!(!has_heard(doors.fixture.journey(other)), "{name} heard of the journey of {other}: {heard:?}");
            }
            if *name == "bram" {
                assert!(has_heard(doors.fixture.journey("bram")), "{heard:?}");
            }
        }
        let of_assembly = doors.items.iter().rfind(|item| item.title == "MARKER-3-everybody").unwrap();
        assert!(of_assembly.seen_by.contains(&"bram"));
        doors.fixture.assert_no_call_failed().await;
    }
}
