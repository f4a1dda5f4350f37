//! Filters and searches that ignore case, in every script: each on every database there is, with the same answers.

use cairn_testkit::{SchemaBuilder, TestProject, TestServer};
use serde_json::{Value as Json, json};

const TITLES: [&str; 13] = [
    "Иван Грозный",
    "ÄRGER mit Öl",
    "Żółć i Łódź",
    "STRAẞE",
    "Straße",
    "STRASSE",
    "ΟΔΟΣ",
    "Οδός",
    "İstanbul",
    "ISPARTA",
    "ılık",
    // The accent is a character of its own behind the letter.
    "Cafe\u{301}",
    "100% Иван_\\",
];

/// A server on every database, with an entry for each title in that order.
async fn start_servers() -> Vec<TestServer> {
    let mut servers = Vec::new();
    for project in TestProject::on_every_database() {
        let attributes = json!({
            "title": { "type": "string" },
            "notes": { "type": "component", "component": "x.note", "repeatable": true },
            "next": { "type": "relation", "relation": "oneToOne", "target": "api::book.book" },
            "extra": { "type": "json" },
            "kind": { "type": "enumeration", "enum": ["Роман", "рассказ"] },
        });
        let project = project
            .with_component("x.note", json!({ "text": { "type": "text" } }))
            .with_type(SchemaBuilder::collection("book", attributes));
        let server = TestServer::start_with(project).await;
        let mut next = Json::Null;
        for title in TITLES {
            let mut data = json!({ "title": title, "notes": [{ "text": format!("» {title} «") }], "next": next });
            if title == TITLES[0] {
                data["extra"] = json!({ "author": "Толстой" });
                data["kind"] = json!("Роман");
            }
            next = json!(server.create_entry("/api/books", data).await.document_id());
        }
        servers.push(server);
    }
    servers
}

/// The titles at these positions.
fn titles_at(positions: &[usize]) -> Vec<&'static str> {
    positions.iter().map(|&at| TITLES[at]).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn filters_ignore_case_in_every_script() {
    for server in start_servers().await {
        for (query, expected) in [
            ("filters[title][$containsi]=иван", &[0, 12][..]),
            ("filters[title][$containsi]=ГРОЗН", &[0]),
            ("filters[title][$containsi]=ärger", &[1]),
            ("filters[title][$containsi]=MIT ÖL", &[1]),
            ("filters[title][$containsi]=żółć", &[2]),
            ("filters[title][$containsi]=łÓDŹ", &[2]),
            // `$contains` ignores case, too, as in Strapi on SQLite.
            ("filters[title][$contains]=иван", &[0, 12]),
            ("filters[title][$eqi]=иван грозный", &[0]),
            ("filters[title][$eqi]=ИВАН ГРОЗНЫЙ", &[0]),
            ("filters[title][$eqi]=иван", &[]),
            ("filters[title][$eqi]=ärger MIT öl", &[1]),
            ("filters[title][$eqi]=ŻÓŁĆ I ŁÓDŹ", &[2]),
            ("filters[title][$eq]=иван грозный", &[]),
            ("filters[title][$startsWithi]=иВАН", &[0]),
            ("filters[title][$startsWith]=żÓŁ", &[2]),
            ("filters[title][$endsWithi]=ГРОЗНЫЙ", &[0]),
            ("filters[title][$endsWithi]=öL", &[1]),
            ("filters[title][$endsWith]=łódź", &[2]),
            ("_q=иван", &[0, 12]),
            ("_q=ŻÓŁĆ", &[2]),
            ("_q=роман", &[0]),
            // Wildcards of SQL stand for themselves.
            ("filters[title][$containsi]=%25 ИВАН_%5C", &[12]),
            ("filters[title][$containsi]=и_ан", &[]),
            // ẞ is the capital of ß; SS is another spelling.
            ("filters[title][$eqi]=straße", &[3, 4]),
            ("filters[title][$eqi]=strasse", &[5]),
            ("filters[title][$containsi]=SS", &[5]),
            ("filters[title][$containsi]=ẞ", &[3, 4]),
            // Σ has two small letters; an accent is no case.
            ("filters[title][$eqi]=οδος", &[6]),
            ("filters[title][$eqi]=οδοσ", &[6]),
            ("filters[title][$eqi]=ΟΔΌΣ", &[7]),
            ("filters[title][$endsWithi]=Σ", &[6, 7]),
            // I is the capital of i; the Turkish İ and ı are letters without another case.
            ("filters[title][$startsWithi]=i", &[9]),
            ("filters[title][$startsWithi]=İSTAN", &[8]),
            ("filters[title][$startsWithi]=ıLıK", &[10]),
            // ſ is an s, and the Kelvin sign a k.
            ("filters[title][$eqi]=ſtraße", &[3, 4]),
            ("filters[title][$endsWithi]=\u{212a}", &[10]),
            // Accents behind a letter are letters of their own, as in $eq.
            ("filters[title][$eqi]=CAFE\u{301}", &[11]),
            ("filters[title][$eqi]=café", &[]),
            ("filters[notes][text][$containsi]=» żółć", &[2]),
            ("filters[next][title][$eqi]=ИВАН ГРОЗНЫЙ", &[1]),
            ("filters[extra][$containsi]=толстой", &[0]),
            ("filters[kind][$eqi]=РОМАН", &[0]),
        ] {
            let found = server.get(&format!("/api/books?{query}&sort=id")).await.expect_status(200);
            assert_eq!(found.text_column("title"), titles_at(expected), "{query}");
            assert_eq!(found.pagination_total() as usize, expected.len(), "{query}");
        }
        for (query, hidden) in [
            ("filters[title][$notContainsi]=ИВАН", &[0, 12][..]),
            ("filters[title][$notContains]=łódź", &[2]),
            ("filters[title][$nei]=иван грозный", &[0]),
            ("filters[title][$nei]=STRASSE", &[5]),
            ("filters[title][$not][$startsWithi]=ÄRG", &[1]),
            ("filters[$not][title][$containsi]=σ", &[6, 7]),
        ] {
            let shown: Vec<usize> = (0..TITLES.len()).filter(|at| !hidden.contains(at)).collect();
            let found = server.get(&format!("/api/books?{query}&sort=id")).await.expect_status(200);
            assert_eq!(found.text_column("title"), titles_at(&shown), "{query}");
        }
        // The order is that of code points still, as for equality.
        let mut sorted = TITLES;
        sorted.sort_unstable();
        assert_eq!(server.get("/api/books?sort=title").await.text_column("title"), sorted);
        let found = server.get("/admin/api/search?q=ИВАН г").await.expect_status(200);
        assert_eq!(found.text_column("title"), titles_at(&[0]));
        let list = server.get("/admin/api/content/api::book.book?_q=ÖL").await.expect_status(200);
        assert_eq!(list.text_column("title"), titles_at(&[1]));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn users_are_found_by_name_whatever_its_case() {
    for project in TestProject::on_every_database() {
        let server = TestServer::start_with(project).await;
        for (name, email) in
            [("Иван", "ivan@example.com"), ("ŻANETA", "zaneta@example.com"), ("bob", "JÖRG@example.com")]
        {
            server.add_user(name, "authenticated", json!({ "email": email })).await;
        }
        for (query, expected) in [
            ("filters[username][$containsi]=ИВА", vec!["Иван"]),
            ("filters[username][$eqi]=иван", vec!["Иван"]),
            ("filters[username][$startsWithi]=żan", vec!["ŻANETA"]),
            ("filters[username][$notContainsi]=иван", vec!["ŻANETA", "bob"]),
            ("filters[email][$eqi]=jÖrg@EXAMPLE.com", vec!["bob"]),
            ("_q=żaneta", vec!["ŻANETA"]),
        ] {
            let found = server.get(&format!("/api/users?{query}&sort=id")).await.expect_status(200).body;
            let names: Vec<&str> = found.as_array().unwrap().iter().map(|u| u["username"].as_str().unwrap()).collect();
            assert_eq!(names, expected, "{query}");
        }
        // Uniqueness of user names is independent of these filters.
        server.add_user("иван", "authenticated", json!({ "email": "other@example.com" })).await;
        let found = server.get("/api/users?filters[username][$eqi]=ИВАН").await.expect_status(200).body;
        assert_eq!(found.as_array().unwrap().len(), 2);
    }
}
