//! The one query that a root field becomes.

use super::*;

#[tokio::test]
async fn selections_become_fields_and_populate() {
    let registry = load_sample();
    let schema = full_schema(&registry);
    let query = "query($sort: [String] = [\"title:desc\"]) { articles(sort: $sort, status: DRAFT, locale: \"nl\", pagination: {page: 2}) {
        title t: title cover { url } author { name articles(filters: {title: {contains: \"x\"}}, sort: \"slug\") { slug } }
        similar_connection { pageInfo { total } }
        ... on Article { cover { name } seo { image { url } } }
        sections { ...A ... on ComponentSharedQuote { of { name } } }
    } }
    fragment A on ComponentSharedSeo { metaTitle }";
    let expected = json!({
        "status": "draft", "locale": "nl", "sort": ["title:desc"],
        "pagination": {"page": "2", "pageSize": "10", "withCount": "false"},
        "fields": ["title"],
        "populate": {
            "cover": {"fields": ["url", "name"]},
            "author": {"fields": ["name"], "populate": {
                "articles": {"fields": ["slug"], "filters": {"title": {"$contains": "x"}}, "sort": ["slug"]},
            }},
            "similar": {"fields": ["id"]},
            "seo": {"fields": ["id"], "populate": {"image": {"fields": ["url"]}}},
            "sections": {"on": {
                "shared.seo": {"fields": ["metaTitle"]},
                "shared.quote": {"fields": ["id"], "populate": {"of": {"fields": ["name"]}}},
            }},
        },
    });
    assert_eq!(parameters(&schema, json!({ "query": query })).await, expected);
    let one = json!({"query": "{ article(documentId: \"x\", publicationFilter: MODIFIED, hasPublishedVersion: true) { __typename } }"});
    let expected = json!({"hasPublishedVersion": "true", "publicationFilter": "modified", "fields": ["documentId"]});
    assert_eq!(parameters(&schema, one).await, expected);
}

#[tokio::test]
async fn filters_become_those_of_rest() {
    let registry = load_sample();
    let schema = full_schema(&registry);
    let query = "query($f: ArticleFiltersInput, $missing: String) {
        articles(filters: $f) { title } }";
    let filters = json!({
        "title": {"eqi": "x", "not": {"in": ["a", "b"]}}, "slug": {"eq": null, "ne": null, "gt": null}, "day": {"between": ["2026-01-01", "2026-02-01"]},
        "views": {"gte": 9_007_199_254_740_993_i64}, "visible": {"eq": true}, "extra": {"eq": {"a": 1}},
        "author": {"name": {"startsWith": "A"}, "articles": {"documentId": {"eq": "d"}}},
        "seo": {"metaTitle": {"null": false}}, "or": [{"title": {"eq": "1"}}, {}], "and": {"state": {"eq": "it's"}},
        "not": {"locale": {"eq": "nl"}}, "similar": null, "hour": {}, "localizations": {"title": {"eq": "y"}},
    });
    let expected = json!({
        "title": {"$eqi": "x", "$not": {"$in": ["a", "b"]}}, "slug": {"$null": "true", "$notNull": "true"},
        "day": {"$between": ["2026-01-01", "2026-02-01"]}, "views": {"$gte": "9007199254740993"}, "visible": {"$eq": "true"},
        "extra": {"$eq": "{\"a\":1}"}, "author": {"name": {"$startsWith": "A"}, "articles": {"documentId": {"$eq": "d"}}},
        "seo": {"metaTitle": {"$null": "false"}}, "$or": [{"title": {"$eq": "1"}}, {}], "$and": [{"state": {"$eq": "it's"}}],
        "$not": {"locale": {"$eq": "nl"}}, "localizations": {"title": {"$eq": "y"}},
    });
    let planned =
        parameters(&schema, json!({"query": query.replace(", $missing: String", ""), "variables": {"f": filters}}))
            .await;
    assert_eq!(planned["filters"], expected);
    // A variable without a value is no condition.
    let query = "query($missing: String) { articles(filters: {title: {eq: $missing}}) { title } }";
    assert_eq!(parameters(&schema, json!({ "query": query })).await.get("filters"), None);
    let query = "query($missing: String) { articles(filters: {title: {eq: $missing}}) { title } }";
    let planned = parameters(&schema, json!({"query": query, "variables": {"missing": "x"}})).await;
    assert_eq!(planned["filters"], json!({"title": {"$eq": "x"}}));
}

#[tokio::test]
async fn pages_have_sizes() {
    let registry = load_sample();
    let schema = full_schema(&registry);
    for (arguments, expected) in [
        ("", json!({"pageSize": "10", "withCount": "true"})),
        ("(pagination: {limit: 3})", json!({"limit": "3", "withCount": "true"})),
        ("(pagination: {start: 3})", json!({"start": "3", "limit": "10", "withCount": "true"})),
        ("(pagination: {limit: -1})", json!({"limit": "100", "withCount": "true"})),
        (
            "(pagination: {page: 2, pageSize: 5, start: null})",
            json!({"page": "2", "pageSize": "5", "withCount": "true"}),
        ),
        ("(pagination: {page: 2, start: 5})", json!({"page": "2", "start": "5", "limit": "10", "withCount": "true"})),
    ] {
        let query = format!("{{ articles_connection{arguments} {{ pageInfo {{ total }} }} }}");
        assert_eq!(parameters(&schema, json!({ "query": query })).await["pagination"], expected, "{arguments}");
    }
}

#[tokio::test]
async fn one_relation_has_one_filter() {
    let registry = load_sample();
    let schema = full_schema(&registry);
    let source = Arc::new(FakeSource::default());
    let query = "{ articles { a: similar(filters: {title: {eq: \"a\"}}) { title } b: similar { title } } }";
    let (status, answer) = run(&schema, json!({ "query": query }), &source).await;
    assert_eq!((status, &answer["errors"][0]["extensions"]["code"]), (200, &json!("BAD_USER_INPUT")), "{answer:#}");
    assert!(source.asked.lock().unwrap().is_empty());
    let query = "{ articles { a: similar(sort: [\"title\"]) { title } b: similar_connection(sort: \"title\") { nodes { slug } } } }";
    let planned = parameters(&schema, json!({ "query": query })).await;
    assert_eq!(planned["populate"], json!({"similar": {"fields": ["title", "slug"], "sort": ["title"]}}));
}

#[tokio::test]
async fn mutations_send_values_as_rest_takes_them() {
    let registry = load_sample();
    let schema = full_schema(&registry);
    let answer = json!({"data": {"documentId": "new", "title": "T"}});
    let source = Arc::new(FakeSource { answer, ..FakeSource::default() });
    let query = "mutation($data: ArticleInput!) {
        createArticle(data: $data, status: DRAFT, locale: \"nl\") { documentId title }
        updateHomePage(data: {title: \"h\"}) { title }
        deleteArticle(documentId: \"old\", locale: \"en\") { documentId } }";
    let data = json!({
        "title": "T", "state": "it_s", "views": 12, "cover": "5", "gallery": [6, "7"], "author": "abc", "similar": ["x"], "code": "pw",
        "seo": {"id": "3", "metaTitle": null}, "quotes": [{"tone": "wry"}],
        "sections": [{"__component": "shared.quote", "text": "q"}, {"__typename": "ComponentSharedSeo", "metaTitle": "m"}],
    });
    let (status, answer) = run(&schema, json!({"query": query, "variables": {"data": data}}), &source).await;
    assert_eq!(status, 200, "{answer:#}");
    assert_eq!(answer["data"]["createArticle"], json!({"documentId": "new", "title": "T"}), "{answer:#}");
    assert_eq!(answer["data"]["deleteArticle"], json!({"documentId": "old"}));
    let asked = source.asked.lock().unwrap();
    let [
        ContentRequest::Create { data, query, .. },
        ContentRequest::Update { document_id: None, .. },
        ContentRequest::Delete { document_id, query: deletion, .. },
    ] = asked.as_slice()
    else {
        panic!("{asked:?}");
    };
    assert_eq!(
        *data,
        json!({"data": {
            "title": "T", "state": "it's", "views": 12, "cover": 5, "gallery": [6, 7], "author": "abc", "similar": ["x"], "code": "pw",
            "seo": {"id": 3, "metaTitle": null}, "quotes": [{"tone": "wry"}],
            "sections": [{"text": "q", "__component": "shared.quote"}, {"metaTitle": "m", "__component": "shared.seo"}],
        }})
    );
    assert_eq!(
        query.parameters().unwrap().clone().into_json(),
        json!({"status": "draft", "locale": "nl", "fields": ["documentId", "title"]})
    );
    assert_eq!(
        (document_id.as_str(), deletion.parameters().unwrap().clone().into_json()),
        ("old", json!({"locale": "en"}))
    );
}

#[tokio::test]
async fn private_files_are_for_full_access_alone() {
    const FILE: &str = "plugin::upload.file";
    let registry = load_sample();
    let list = json!({"query": "{ uploadFiles(filters: {name: {eq: \"a\"}}) { name } }"});
    let all = json!({"query": "{ uploadFiles_connection { pageInfo { total } } }"});
    let one = json!({"query": "{ uploadFile(documentId: \"x\") { name } }"});
    let full = full_schema(&registry);
    assert_eq!(parameters(&full, list.clone()).await["filters"], json!({"name": {"$eq": "a"}}));
    assert_eq!(parameters(&full, one.clone()).await.get("filters"), None);
    let access = access_to(&registry, &[(FILE, Action::Find, None), (FILE, Action::FindOne, None)]);
    let schema = schema_for(&registry, &access).unwrap();
    let public = json!({"url": {"$notContains": "/uploads/private/"}});
    assert_eq!(parameters(&schema, list).await["filters"], json!({"$and": [{"name": {"$eq": "a"}}, public]}));
    assert_eq!(parameters(&schema, all).await["filters"], public);
    assert_eq!(parameters(&schema, one).await["filters"], public);
    // Whoever may not see addresses cannot be told apart from private files.
    assert!(schema_for(&registry, &access_to(&registry, &[(FILE, Action::Find, Some(&["name"]))])).is_none());
}

#[tokio::test]
async fn users_are_read_without_their_secrets() {
    let registry = load_sample();
    let text = full_schema(&registry).to_sdl();
    assert!(
        text.contains("\tusersPermissionsUsers(") && text.contains("\tusersPermissionsRole(documentId: ID!"),
        "{text}"
    );
    for name in ["UsersPermissionsUser", "UsersPermissionsUserFiltersInput"] {
        let start = text.find(&format!(" {name} {{")).unwrap();
        let block = text[start..].split('}').next().unwrap();
        assert!(block.contains("username"), "{block}");
        for secret in ["password", "resetPasswordToken", "confirmationToken"] {
            assert!(!block.contains(secret), "{block}");
        }
    }
    assert!(!text.contains("resetPasswordToken") && !text.contains("confirmationToken"), "nobody may set them either");
}

#[tokio::test]
async fn items_of_zones_are_objects_even_if_nothing_of_them_is_selected() {
    let registry = load_sample();
    let schema = full_schema(&registry);
    let items = json!([{"__component": "shared.seo", "metaTitle": "m"}, {"__component": "shared.quote", "text": "q"}]);
    let answer = json!({"data": [{"title": null, "extra": [null], "sections": items, "author": {"articles": [{"sections": items}]}}]});
    let source = Arc::new(FakeSource { answer, ..FakeSource::default() });
    let query = "{ found: articles { title extra parts: sections { ...Q } author { articles { sections { ... on Error { code } } } } } }
        fragment Q on ComponentSharedQuote { text }";
    let (status, answer) = run(&schema, json!({ "query": query }), &source).await;
    assert_eq!(status, 200, "{answer:#}");
    let expected = json!([{
        "title": null, "extra": [null], "parts": [{}, {"text": "q"}], "author": {"articles": [{"sections": [{}, {}]}]},
    }]);
    assert_eq!(answer["data"]["found"], expected);
}

#[tokio::test]
async fn documents_are_named_by_their_hash_once_they_are_known() {
    let registry = load_sample();
    let schema = full_schema(&registry);
    let source = Arc::new(FakeSource::default());
    let hash = "7f56e67dd21ab3f30d1ff8b7bed08893f0a0db86449836189b361dd1e56ddb4b";
    let extensions = json!({"persistedQuery": {"version": 1, "sha256Hash": hash}});
    let named = json!({ "extensions": extensions });
    let (status, answer) = run(&schema, named.clone(), &source).await;
    assert_eq!((status, &answer["errors"][0]["extensions"]["code"]), (200, &json!("PERSISTED_QUERY_NOT_FOUND")));
    let (_, answer) = run(&schema, json!({"query": "{ __typename }", "extensions": extensions}), &source).await;
    assert_eq!(answer, json!({"data": {"__typename": "Query"}}));
    assert_eq!(run(&schema, named, &source).await.1, json!({"data": {"__typename": "Query"}}));
    let wrong = json!({"query": "{ __schema { queryType { name } } }", "extensions": extensions});
    assert_eq!(run(&schema, wrong, &source).await.0, 400);
}
