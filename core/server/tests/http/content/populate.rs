//! `populate`.

use crate::news::News;
use serde_json::{Value as Json, json};

fn keys(value: &Json) -> Vec<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn equivalent_populate_spellings_return_the_same_entry() {
    let news = News::new().await;
    let path = format!("/api/articles/{}", news.ids["dune"]);
    let get = async |query: &str| news.server.get(&format!("{path}?{query}")).await.expect_status(200).body;
    let both = get("populate[category]=true&populate[authors]=true").await;
    for query in [
        "populate=category,authors",
        "populate[0]=category&populate[1]=authors",
        "populate[]=category&populate[]=authors",
        "populate[category][fields]=*&populate[authors]=1",
    ] {
        assert_eq!(get(query).await, both, "{query}");
    }
    assert_eq!(both["data"]["category"]["name"], "scifi");
    let deep = get("populate[authors][populate][mentor]=true").await;
    for query in
        ["populate=authors.mentor", "populate[authors][populate]=mentor", "populate[authors][populate][0]=mentor"]
    {
        assert_eq!(get(query).await, deep, "{query}");
    }
    for query in ["populate=", "populate[category]=false", "populate[category]=0"] {
        assert_eq!(get(query).await, get("").await, "{query}");
    }
    let all = get("populate=*").await;
    for name in ["category", "authors", "sequel", "subject", "cover", "gallery", "seo", "links", "sections"] {
        assert!(all["data"].get(name).is_some(), "{name}");
    }
    assert!(all["data"].get("secretAuthor").is_none() && all["data"].get("localizations").is_none());
    assert_eq!(keys(&all["data"]["sections"][1]), ["__component", "id", "text"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_populate_level_can_be_shaped() {
    let news = News::new().await;
    let query = "populate[articles][fields][0]=title&populate[articles][filters][views][$gt]=150\
        &populate[articles][populate][category][populate][parent][fields][0]=name\
        &populate[articles][populate][authors][sort]=name:desc&populate[articles][populate][authors][populate][articles][count]=true\
        &populate[mentor][populate][pupils][populate][articles][populate][sequel]=true";
    let ann = news.server.get(&format!("/api/authors/{}?{query}", news.ids["ann"])).await.expect_status(200);
    let article = &ann.data()["articles"][0];
    assert_eq!(keys(article), ["id", "documentId", "title", "category", "authors"], "{}", ann.text());
    assert_eq!(article["category"]["parent"]["name"], "fiction");
    assert_eq!(keys(&article["category"]["parent"]), ["id", "documentId", "name"]);
    let names: Vec<_> = article["authors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|a| (a["name"].clone(), a["articles"]["count"].clone()))
        .collect();
    assert_eq!(names, [(json!("bob"), json!(1)), (json!("ann"), json!(1))]);
    assert_eq!(ann.data()["mentor"], Json::Null);
    let bob = news.server.get(&format!("/api/authors/{}?{query}", news.ids["bob"])).await;
    assert_eq!(bob.data()["mentor"]["pupils"][0]["articles"][0]["sequel"], Json::Null);
}

#[tokio::test(flavor = "multi_thread")]
async fn missing_and_filtered_relations_are_null_or_empty() {
    let news = News::new().await;
    let get = async |name: &str, query: &str| {
        news.server.get(&format!("/api/articles/{}?{query}", news.ids[name])).await.expect_status(200).body["data"]
            .clone()
    };
    let solo = get("solo", "populate=*").await;
    for (name, empty) in [
        ("category", json!(null)),
        ("authors", json!([])),
        ("sequel", json!(null)),
        ("subject", json!(null)),
        ("cover", json!(null)),
        ("gallery", json!([])),
        ("seo", json!(null)),
        ("links", json!([])),
        ("sections", json!([])),
    ] {
        assert_eq!(solo[name], empty, "{name}");
    }
    let dune = get(
        "dune",
        "populate[category][filters][name]=x&populate[authors][filters][name]=x&populate[authors][sort]=name",
    )
    .await;
    assert_eq!((&dune["category"], &dune["authors"]), (&Json::Null, &json!([])));
    let counted =
        get("solo", "populate[authors][count]=true&populate[links][count]=true&populate[sections][count]=true").await;
    for name in ["authors", "links", "sections"] {
        assert_eq!(counted[name], json!({"count": 0}), "{name}");
    }
    let counted =
        get("dune", "populate[authors][count]=true&populate[links][count]=true&populate[sections][count]=true").await;
    for name in ["authors", "links", "sections"] {
        assert_eq!(counted[name], json!({"count": 2}), "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn fragments_select_and_shape_zone_components() {
    let news = News::new().await;
    let path = format!("/api/articles/{}", news.ids["dune"]);
    let zone = async |query: &str| {
        news.server.get(&format!("{path}?{query}")).await.expect_status(200).body["data"]["sections"].clone()
    };
    let plain = zone("populate=sections").await;
    assert_eq!(keys(&plain[0]), ["__component", "id", "heading"]);
    let open = zone("populate[sections][populate]=*").await;
    assert_eq!((&open[0]["cta"]["label"], &open[1]["author"]["name"]), (&json!("go"), &json!("ann")));
    let quotes = zone("populate[sections][on][block.quote][populate][author][fields][0]=name").await;
    assert_eq!(quotes.as_array().unwrap().len(), 1);
    assert_eq!(keys(&quotes[0]["author"]), ["id", "documentId", "name"]);
    let both =
        zone("populate[sections][on][block.hero]=true&populate[sections][on][block.quote][fields][0]=text").await;
    assert_eq!(both.as_array().unwrap().len(), 2);
    assert_eq!(zone("populate=sections.author").await[1]["author"]["name"], "ann");
    let get = async |query: &str| news.server.get(&format!("{path}?{query}")).await;
    get("populate[sections][populate][author]=true").await.expect_error(400, "Invalid key populate at sections");
    get("populate[sections][on][block.nope]=true")
        .await
        .expect_error(400, "Invalid key block.nope at sections.on.block.nope");
    assert_eq!(get("populate[sections]=*").await.status, 400);
}

/// Instances of a component can be filtered and sorted, too.
#[tokio::test(flavor = "multi_thread")]
async fn component_lists_are_filtered_and_sorted_by_populate() {
    let news = News::new().await;
    let path = format!("/api/articles/{}", news.ids["dune"]);
    let labels = async |query: &str| {
        let answer = news.server.get(&format!("{path}?{query}")).await.expect_status(200);
        answer.data()["links"]
            .as_array()
            .unwrap()
            .iter()
            .map(|l| l["label"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(labels("populate=links").await, ["home", "shop"]);
    assert_eq!(labels("populate[links][sort]=label:desc").await, ["shop", "home"]);
    assert_eq!(labels("populate[links][filters][kind]=nav").await, ["home"]);
    assert_eq!(labels("populate[links][filters][$not][kind]=nav&populate[links][fields][0]=label").await, ["shop"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn invalid_populate_names_report_their_path() {
    let news = News::new().await;
    let get = async |query: &str| news.server.get(&format!("/api/articles?{query}")).await;
    for (query, message, path) in [
        ("populate=nothing", "Invalid key nothing", json!("nothing")),
        ("populate[nothing]=true", "Invalid key nothing", Json::Null),
        ("populate=title", "Invalid key title", json!("title")),
        ("populate[authors][populate]=nothing", "Invalid key nothing", json!("nothing")),
        ("populate[authors][limit]=1", "Invalid key limit at authors", json!("authors")),
        ("populate[authors][pagination][limit]=1", "Invalid key pagination at authors", json!("authors")),
        ("populate[authors][status]=draft", "Invalid key status at authors", json!("authors")),
        ("populate[authors][filters][nothing]=1", "Invalid key nothing", Json::Null),
        ("populate[authors][fields][0]=nothing", "Invalid key nothing", Json::Null),
        ("populate[authors][fields][0]=mentor", "Invalid key mentor", json!("mentor")),
        ("populate[authors][sort]=nothing", "Invalid key nothing", Json::Null),
    ] {
        let refused = get(query).await.expect_status(400);
        assert_eq!((refused.message(), &refused.details()["path"]), (message, &path), "{query}: {}", refused.text());
        assert_eq!(refused.details()["param"], "populate", "{query}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn writes_return_the_requested_fields_and_relations() {
    let news = News::new().await;
    let query = "fields[0]=title&populate[category][fields][0]=name";
    let answer = news
        .server
        .create_entry(&format!("/api/articles?{query}"), json!({"title": "New", "category": news.ids["essay"]}))
        .await;
    assert_eq!(keys(answer.data()), ["id", "documentId", "title", "category"]);
    let path = format!("/api/articles/{}?{query}", answer.document_id());
    let changed = news.server.update_entry(&path, json!({"category": news.ids["scifi"]})).await;
    assert_eq!(changed.data()["category"]["name"], "scifi");
}

/// Circles end where the query ends.
#[tokio::test(flavor = "multi_thread")]
async fn circular_populate_is_as_deep_as_requested() {
    let news = News::new().await;
    let mut query = "populate[authors]".to_owned();
    // The depth is the limit of the server.
    let steps: Vec<&str> = ["authors", "articles"].into_iter().cycle().take(20).collect();
    for step in &steps[1..] {
        query.push_str(&format!("[populate][{step}]"));
    }
    let deep = news.server.get(&format!("/api/articles?{query}=true&filters[title]=Dune")).await.expect_status(200);
    let mut at = &deep.data()[0];
    for step in steps {
        at = &at[step][0];
        assert!(at["documentId"].is_string(), "{step}");
    }
    let refused = news.server.get(&format!("/api/articles?{query}[populate][authors]=true")).await.expect_status(400);
    assert!(refused.message().starts_with("Parameters are nested too deeply"), "{}", refused.text());
}
