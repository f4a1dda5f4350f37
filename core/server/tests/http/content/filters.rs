//! `filters` and `_q`, as far as HTTP is concerned: spelling, paths of mistakes, relations, versions. What each operator
//! means is compared with an oracle in `cairn-store`'s tests.

use crate::news::News;
use serde_json::{Value as Json, json};

#[tokio::test(flavor = "multi_thread")]
async fn filters_accept_all_documented_spellings() {
    let news = News::new().await;
    for (query, expected) in [
        ("filters[title]=Dune", vec!["Dune"]),
        ("filters[title][$eq]=Dune", vec!["Dune"]),
        ("filters%5Btitle%5D%5B%24eq%5D=Dune", vec!["Dune"]),
        ("filters[title][$in]=Dune", vec!["Dune"]),
        ("filters[title][$in]=Dune,Emma", vec![]),
        ("filters[title]=Dune&filters[title]=Emma", vec!["Dune", "Emma"]),
        ("filters[title][$in][]=Dune&filters[title][$in][]=Solo", vec!["Dune", "Solo"]),
        ("filters[title][]=Dune&filters[title][]=Solo", vec!["Dune", "Solo"]),
        ("filters[$or][0][title]=Dune&filters[$or][1][views]=100", vec!["Dune", "Emma"]),
        ("filters[$and][0][views][$gt]=50&filters[$and][1][views][$lt]=200", vec!["Emma"]),
        ("filters[views][$gt]=50&filters[views][$lt]=200", vec!["Emma"]),
        ("filters[views][$between][0]=100&filters[views][$between][1]=300", vec!["Dune", "Emma"]),
        ("filters[0][title]=Dune", vec!["Dune"]),
        ("filters[title]_eq=Dune", vec!["Dune"]),
        ("filters[title][$in][150]=Dune", vec!["Dune"]),
        ("filters[title][$notIn][150]=Dune", vec!["Emma", "Solo"]),
        ("filters[views][$in][0]=300&filters[views][$in][100]=7", vec!["Dune"]),
        ("filters[150][title]=Dune", vec!["Dune"]),
        ("filters[title][$in][01]=Dune", vec!["?"]),
        ("filters[title][$notIn][a]=Dune", vec!["?"]),
        ("filters[$not][title]=Dune", vec!["Emma", "Solo"]),
        ("filters[title][$not][$eq]=Dune", vec!["Emma", "Solo"]),
        ("filters[$not][0][title]=Dune&filters[$not][1][views]=300", vec!["Emma", "Solo"]),
        ("filters[price]=9.990", vec!["Dune"]),
        ("filters[price][$gt]=9.99", vec!["Emma"]),
        ("filters[featured]=true", vec!["Dune"]),
        ("filters[featured]=maybe", vec!["Dune"]),
        ("filters[featured]=f", vec!["Emma"]),
        ("filters[views][$null]=true", vec!["Solo"]),
        ("filters[views][$notNull]=true", vec!["Dune", "Emma"]),
        ("filters[title][$containsi]=UN", vec!["Dune"]),
        ("filters[title][$contains]=%25", vec![]),
        ("filters[title][$contains]=_", vec![]),
        ("filters={}", vec!["?"]),
        ("filters=", vec!["?"]),
        ("_q=dun", vec!["Dune"]),
        ("_q=d&filters[views][$lt]=200", vec![]),
        ("_q=", vec!["Dune", "Emma", "Solo"]),
    ] {
        let answer = news.server.get(&format!("/api/articles?{query}&sort=id")).await;
        if expected == ["?"] {
            assert_eq!(answer.status, 400, "{query}");
            continue;
        }
        assert_eq!(answer.expect_status(200).text_column("title"), expected, "{query}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn conditions_on_a_relation_apply_to_one_related_row() {
    let news = News::new().await;
    for (query, expected) in [
        ("filters[category][name]=scifi", vec!["Dune"]),
        ("filters[category][parent][name]=fiction", vec!["Dune"]),
        ("filters[authors][mentor][name]=ann", vec!["Dune"]),
        ("filters[authors][address][city]=Ede", vec!["Dune", "Emma"]),
        // The two conditions must hold for a single author: bob has another city.
        ("filters[authors][name]=bob&filters[authors][address][city]=Ede", vec![]),
        ("filters[$and][0][authors][name]=bob&filters[$and][1][authors][address][city]=Ede", vec!["Dune"]),
        ("filters[authors][name][$in][0]=ann&filters[authors][name][$in][1]=bob", vec!["Dune"]),
        ("filters[category][$null]=true", vec!["Solo"]),
        ("filters[category][$notNull]=true", vec!["Dune", "Emma"]),
        ("filters[category][id][$notNull]=true", vec!["Dune", "Emma"]),
        ("filters[authors][id][$null]=true", vec!["Solo"]),
        // A relation without rows counts as one row of nulls; `$not` above it speaks of the related row.
        ("filters[authors][born][$null]=true", vec!["Emma", "Solo"]),
        ("filters[$not][authors][name]=ann", vec!["Dune", "Emma"]),
        ("filters[$not][authors][born][$null]=true", vec!["Dune"]),
        ("filters[category][parent][$null]=true", vec!["Emma", "Solo"]),
        ("filters[seo][metaTitle]=Sand", vec!["Dune"]),
        ("filters[seo][metaTitle][$null]=true", vec!["Emma", "Solo"]),
        ("filters[links][label]=home&filters[links][kind]=social", vec!["Emma"]),
        ("filters[links][kind]=social", vec!["Dune", "Emma"]),
        ("filters[links][label][$null]=true", vec!["Solo"]),
    ] {
        let answer = news.server.get(&format!("/api/articles?{query}&sort=id")).await.expect_status(200);
        assert_eq!(answer.text_column("title"), expected, "{query}");
        assert_eq!(answer.pagination_total() as usize, expected.len(), "{query}");
    }
    let scifi = news.server.get(&format!("/api/categories/{}", news.ids["scifi"])).await;
    for value in [scifi.id().to_string(), scifi.document_id()] {
        assert_eq!(news.titles(&format!("filters[category]={value}")).await, ["Dune"]);
        assert_eq!(news.titles(&format!("filters[category][$ne]={value}")).await, ["Emma"]);
        assert_eq!(
            news.titles(&format!("filters[category][$in][0]={value}&filters[category][$in][1]=zz")).await,
            ["Dune"]
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn filters_apply_to_the_requested_version() {
    let news = News::new().await;
    let names = async |query: &str| news.server.get(&format!("/api/categories?{query}")).await.text_column("name");
    // From a type without drafts a filter looks at drafts too, though populate does not show them (as recorded).
    assert_eq!(names("filters[articles][title]=Idea").await, ["scifi"]);
    assert_eq!(names("filters[articles][title]=Idea&status=draft").await, ["scifi"]);
    let answer = news.server.get("/api/categories?filters[name]=scifi&populate=articles").await;
    assert_eq!(answer.data()[0]["articles"].as_array().unwrap().len(), 1);
    assert_eq!(news.titles("filters[sequel][title]=Dune").await, [""; 0]);
    assert_eq!(news.titles("filters[sequel][title]=Dune&status=draft").await, ["Idea"]);
    let changed = json!({"title": "Dune 2"});
    news.server.update_entry(&format!("/api/articles/{}?status=draft", news.ids["dune"]), changed).await;
    assert_eq!(news.titles("filters[sequel][title]=Dune&status=draft").await, [""; 0]);
    assert_eq!(news.titles("filters[sequel][title]=Dune 2&status=draft").await, ["Idea"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn invalid_filters_report_key_and_path() {
    let news = News::new().await;
    for (query, message, key, path) in [
        ("filters[nothing]=1", "Invalid key nothing", "nothing", Json::Null),
        ("filters[category][nothing][$eq]=1", "Invalid key nothing at category", "nothing", json!("category")),
        ("filters[authors][mentor][x]=1", "Invalid key x at authors.mentor", "x", json!("authors.mentor")),
        ("filters[$or][0][category][nothing]=1", "Invalid key nothing at category", "nothing", json!("category")),
        ("filters[title][$nope]=1", "Invalid key $nope at title", "$nope", json!("title")),
        ("filters[title][$StartsWith]=1", "Invalid key $StartsWith at title", "$StartsWith", json!("title")),
        ("filters[sections][text]=1", "Invalid key sections", "sections", json!("sections")),
        ("filters[subject][name]=1", "Invalid key subject", "subject", json!("subject")),
        (
            "filters[authors][address][zip]=1",
            "Invalid key zip at authors.address.zip",
            "zip",
            json!("authors.address.zip"),
        ),
    ] {
        let refused = news.server.get(&format!("/api/articles?{query}")).await.expect_error(400, message);
        let expected = json!({"key": key, "path": path, "source": "query", "param": "filters"});
        assert_eq!(refused.details(), &expected, "{query}");
    }
    for (query, message) in [
        ("filters=text", "The filters parameter must be an object or an array"),
        ("filters[issuedOn]=soon", "Invalid format, expected yyyy-MM-dd"),
        ("filters[createdAt]=soon", "Invalid format, expected a timestamp or an ISO date"),
    ] {
        let refused = news.server.get(&format!("/api/articles?{query}")).await.expect_error(400, message);
        assert_eq!(refused.details(), &json!({}));
    }
    // Strapi responds with 500 to these.
    for query in [
        "filters[views]=abc",
        "filters[$or]=1",
        "filters[views][$between]=100",
        "filters[title][$and][0]=1",
        "filters[$not]=1",
        "filters[views][$between][0]=1",
        "filters[views][$in][a]=1",
        "filters[id]=abc",
        "filters[title][title]=a",
    ] {
        let refused = news.server.get(&format!("/api/articles?{query}")).await;
        assert_eq!(refused.status, 400, "{query}: {}", refused.text());
        refused.assert_envelope();
    }
}

/// Strapi's parser makes an object of a list this long, and returns everything.
#[tokio::test(flavor = "multi_thread")]
async fn lists_of_any_length_filter() {
    let news = News::new().await;
    let ids: String = (0..120).map(|index| format!("filters[documentId][$in][{index}]=none{index}&")).collect();
    let found = news.server.get(&format!("/api/articles?{ids}")).await.expect_status(200);
    assert_eq!(found.pagination_total(), 0);
    let with_dune = format!("/api/articles?{ids}filters[documentId][$in][120]={}", news.ids["dune"]);
    assert_eq!(news.server.get(&with_dune).await.expect_status(200).text_column("title"), ["Dune"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn filters_on_writes_are_refused() {
    let news = News::new().await;
    let before = news.server.dump_content().await;
    let path = format!("/api/articles/{}", news.ids["dune"]);
    let message = "Invalid parameter filters: a write changes the document of its path, whatever it contains";
    news.server.delete(&format!("{path}?filters[title]=Emma")).await.expect_error(400, message);
    let body = json!({"data": {"title": "New"}});
    news.server.put(&format!("{path}?filters[title]=Emma"), body.clone()).await.expect_error(400, message);
    news.server.post("/api/articles?_q=x", body).await.expect_status(400);
    assert_eq!(news.server.dump_content().await, before);
}
