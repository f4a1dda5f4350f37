use crate::testing::{ContentFixture, expect_refusal, full_access, public_actor};
use crate::{ListRange, RefusalKind, RequestContext, Result};
use cairn_query::{Access, Action, AggregateQuery, Measure, Query};
use serde_json::{Value as Json, json};
use std::sync::Arc;

async fn project() -> ContentFixture {
    let collection = |attributes: Json| json!({ "kind": "collectionType", "attributes": attributes });
    ContentFixture::new(
        &[
            (
                "owner",
                collection(json!({ "name": { "type": "string" }, "pay": { "type": "decimal", "private": true } })),
            ),
            (
                "deal",
                json!({
                    "kind": "collectionType", "options": { "draftAndPublish": true },
                    "attributes": {
                        "stage": { "type": "string" },
                        "amount": { "type": "decimal" },
                        "pieces": { "type": "integer" },
                        "views": { "type": "biginteger" },
                        "chance": { "type": "float" },
                        "won": { "type": "boolean" },
                        "due": { "type": "date" },
                        "signed": { "type": "datetime" },
                        "extra": { "type": "json" },
                        "margin": { "type": "decimal", "private": true },
                        "owner": { "type": "relation", "relation": "manyToOne", "target": "api::owner.owner" },
                        "size": { "type": "component", "component": "shared.size" },
                    },
                }),
            ),
        ],
        &[("shared.size", json!({ "width": { "type": "integer" }, "label": { "type": "string" } }))],
    )
    .await
}

/// Five deals, four of which are published.
async fn project_with_deals() -> ContentFixture {
    let p = project().await;
    let anna = p.create("owners", json!({ "name": "Anna", "pay": "9000.5" })).await;
    let bob = p.create("owners", json!({ "name": "Bob" })).await;
    for (stage, amount, rest) in [
        ("new", json!("0.1"), json!({ "pieces": 1, "owner": anna, "due": "2026-02-01", "chance": 0.5, "won": false })),
        ("new", json!("0.2"), json!({ "pieces": 2, "owner": bob, "size": { "width": 3, "label": "b" }, "won": true })),
        (
            "won",
            json!("12345678901234567890.55"),
            json!({ "pieces": 4, "owner": anna, "views": "9223372036854775807" }),
        ),
        ("won", json!(null), json!({ "views": "9223372036854775807", "size": { "width": 4, "label": "a" } })),
        ("new", json!("1000"), json!({ "pieces": 100, "due": "2025-12-31", "status": "draft" })),
    ] {
        let mut data = rest;
        let draft = data.as_object_mut().unwrap().remove("status").is_some();
        data["stage"] = json!(stage);
        data["amount"] = amount;
        p.create(if draft { "deals?status=draft" } else { "deals" }, data).await;
    }
    p
}

fn aggregate(
    p: &ContentFixture,
    access: &Arc<Access>,
    query: &str,
    group_by: &[&str],
    measures: &[(Measure, &str)],
    order: &[&str],
) -> Result<Json> {
    let owned = |list: &[&str]| list.iter().map(|&text| text.to_owned()).collect::<Vec<_>>();
    let measures: Vec<_> = measures.iter().map(|&(measure, name)| (measure, name.to_owned())).collect();
    let figures = AggregateQuery { group_by: &owned(group_by), measures: &measures, order: &owned(order), limit: 100 };
    let context = p.request_context(access, "deals", query);
    let (array, groups) = p.content.store().read(|r| p.content.aggregate_in(r, context, &figures))?;
    let found: Json = serde_json::from_slice(&array).unwrap();
    assert_eq!(found.as_array().unwrap().len(), groups);
    Ok(found)
}

/// Stages of the deals that a program lists.
fn list_stages(p: &ContentFixture, access: &Arc<Access>, query: &str, part: ListRange) -> Vec<String> {
    let context = p.request_context(access, "deals", query);
    let array = p.content.store().read(|r| p.content.rows_in(r, context, part)).unwrap();
    let rows: Vec<Json> = serde_json::from_slice(&array).unwrap();
    assert!(rows.iter().all(|row| row["documentId"].is_string() && row["version"].is_number()), "{rows:?}");
    rows.iter().map(|row| row["stage"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_are_those_of_the_query_the_part_and_the_caller() {
    let p = project_with_deals().await;
    let window = |start, limit| ListRange::Window { start, limit };
    let won = p.access_to(&[("deals", Action::Find, Some(json!({ "stage": "won" })))]);
    // The second time what was compiled for the same query, part and caller answers.
    for _ in 0..2 {
        let list = |access: &Arc<Access>, query: &str, part| list_stages(&p, access, query, part);
        assert_eq!(list(&full_access(), "sort=stage", window(0, 10)), ["new", "new", "won", "won"]);
        assert_eq!(list(&full_access(), "sort=stage", window(1, 2)), ["new", "won"]);
        assert_eq!(list(&full_access(), "sort=stage:desc", window(1, 2)), ["won", "new"]);
        assert_eq!(list(&full_access(), "sort=stage&status=draft", window(0, 10)).len(), 5);
        assert_eq!(list(&won, "sort=stage", window(0, 10)), ["won", "won"]);
        assert_eq!(list(&full_access(), "", ListRange::After { number: 0, limit: 3 }).len(), 3);
    }
    p.create("deals", json!({ "stage": "lost" })).await;
    assert_eq!(list_stages(&p, &full_access(), "sort=stage", window(0, 1)), ["lost"], "the rows are read anew");
}

/// The stored counts change with the commit; what a transaction has written and deleted counts before.
#[tokio::test(flavor = "multi_thread")]
async fn counts_of_a_transaction_include_its_own_changes() {
    let p = project().await;
    let first = p.create("owners", json!({ "name": "Anna" })).await;
    let (content, owners) = (p.content.clone(), p.type_id("owners"));
    let counts = p.write(move |tx| {
        let access = full_access();
        let context = RequestContext {
            access: &access,
            content_type: owners,
            query: Query::empty(),
            default_locale: "en",
            actor: public_actor(),
        };
        let mut counts = vec![content.count_in(&tx.reader(), context)?];
        for name in ["Bob", "Cleo"] {
            content.create_in(tx, context, Some(json!({ "data": { "name": name } })))?;
            counts.push(content.count_in(&tx.reader(), context)?);
        }
        content.delete_in(tx, context, &first, None)?;
        counts.push(content.count_in(&tx.reader(), context)?);
        Ok(counts)
    });
    assert_eq!(counts.await, [1, 2, 3, 2]);
    let access = full_access();
    let context = p.request_context(&access, "owners", "");
    assert_eq!(p.content.store().read(|r| p.content.count_in(r, context)).unwrap(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn groups_are_counted_and_summed_exactly() {
    let p = project_with_deals().await;
    let all = [
        (Measure::Sum, "amount"),
        (Measure::Count, ""),
        (Measure::Average, "amount"),
        (Measure::Sum, "views"),
        (Measure::Sum, "pieces"),
        (Measure::Minimum, "due"),
        (Measure::Maximum, "amount"),
        (Measure::Median, "amount"),
        (Measure::Median, "pieces"),
    ];
    // The text of the answer: a JSON number would be read as a float here.
    let found = aggregate(&p, &full_access(), "", &["stage"], &all, &["count"]).unwrap().to_string();
    let reread: Vec<Json> = serde_json::from_str(&found).unwrap();
    assert_eq!(reread[0]["group"], json!({ "stage": "new" }));
    assert_eq!(reread[0]["count"], json!(2));
    assert_eq!(reread[0]["sum"], json!({ "amount": 0.3, "views": null, "pieces": 3 }));
    assert_eq!(reread[0]["average"], json!({ "amount": 0.15 }));
    assert_eq!(reread[0]["minimum"], json!({ "due": "2026-02-01" }));
    assert_eq!(reread[0]["median"], json!({ "amount": 0.15, "pieces": 1.5 }));
    assert_eq!(reread[1]["sum"]["views"], json!("18446744073709551614"));
    assert_eq!(reread[1]["sum"]["pieces"], json!(4));
    assert_eq!(reread[1]["minimum"], json!({ "due": null }));
    // A query without groups returns one group, even if no row matches.
    let none = aggregate(
        &p,
        &full_access(),
        "filters[stage]=lost",
        &[],
        &[(Measure::Count, ""), (Measure::Average, "chance")],
        &[],
    );
    assert_eq!(none.unwrap(), json!([{ "group": {}, "count": 0, "average": { "chance": null } }]));
    let drafts =
        aggregate(&p, &full_access(), "status=draft", &[], &[(Measure::Count, ""), (Measure::Sum, "pieces")], &[]);
    assert_eq!(drafts.unwrap(), json!([{ "group": {}, "count": 5, "sum": { "pieces": 107 } }]));
}

#[tokio::test(flavor = "multi_thread")]
async fn aggregated_decimals_have_every_digit_in_json() {
    let p = project_with_deals().await;
    let figures = AggregateQuery {
        group_by: &[],
        measures: &[Measure::Sum, Measure::Median, Measure::Maximum].map(|measure| (measure, "amount".to_owned())),
        order: &[],
        limit: 1,
    };
    let access = full_access();
    let context = p.request_context(&access, "deals", "filters[amount][$ne]=0.1");
    let (array, _) = p.content.store().read(|r| p.content.aggregate_in(r, context, &figures)).unwrap();
    assert_eq!(
        String::from_utf8(array).unwrap(),
        r#"[{"group":{},"sum":{"amount":12345678901234567890.75},"median":{"amount":6172839450617283945.375},"maximum":{"amount":12345678901234567890.55}}]"#
    );
}

/// On both databases the periods are those of the zone, also around the nights in which clocks change.
#[tokio::test(flavor = "multi_thread")]
async fn dates_and_instants_are_grouped_by_calendar_period() {
    let p = project().await;
    for (signed, due) in [
        ("2026-03-28T22:59:59.999Z", Some("2026-03-28")),
        ("2026-03-28T23:00:00.000Z", Some("2026-03-29")),
        ("2026-03-29T21:59:59.999Z", None),
        ("2026-03-29T22:00:00.000Z", Some("2026-03-30")),
        ("2026-03-31T22:00:00.000Z", Some("2024-02-29")),
        ("2026-10-25T22:59:59.999Z", Some("2027-01-01")),
        ("2026-10-25T23:00:00.000Z", Some("2026-12-28")),
        ("2026-12-31T23:00:00.000Z", Some("2026-12-31")),
    ] {
        p.create("deals", json!({ "signed": signed, "due": due, "pieces": 1 })).await;
    }
    let count_by = |group: &str, order: &[&str]| {
        let figures = aggregate(&p, &full_access(), "", &[group], &[(Measure::Sum, "pieces")], order).unwrap();
        let figures = figures.as_array().unwrap().iter().map(|found| {
            let start = found["group"][group].as_str().unwrap_or("none").to_owned();
            (start, found["sum"]["pieces"].as_i64().unwrap())
        });
        figures.collect::<Vec<_>>()
    };
    let expect = |group: &str, expected: &[(&str, i64)]| {
        let expected: Vec<_> = expected.iter().map(|(start, count)| ((*start).to_owned(), *count)).collect();
        assert_eq!(count_by(group, &[]), expected, "{group}");
    };
    expect(
        "signed@day@Europe/Amsterdam",
        &[
            ("2026-03-28", 1),
            ("2026-03-29", 2),
            ("2026-03-30", 1),
            ("2026-04-01", 1),
            ("2026-10-25", 1),
            ("2026-10-26", 1),
            ("2027-01-01", 1),
        ],
    );
    expect(
        "signed@week@Europe/Amsterdam",
        &[("2026-03-23", 3), ("2026-03-30", 2), ("2026-10-19", 1), ("2026-10-26", 1), ("2026-12-28", 1)],
    );
    expect(
        "signed@month@Europe/Amsterdam",
        &[("2026-03-01", 4), ("2026-04-01", 1), ("2026-10-01", 2), ("2027-01-01", 1)],
    );
    expect("signed@month", &[("2026-03-01", 5), ("2026-10-01", 2), ("2026-12-01", 1)]);
    expect(
        "signed@quarter@Europe/Amsterdam",
        &[("2026-01-01", 4), ("2026-04-01", 1), ("2026-10-01", 2), ("2027-01-01", 1)],
    );
    expect("signed@year@America/New_York", &[("2026-01-01", 8)]);
    expect("due@week", &[("none", 1), ("2024-02-26", 1), ("2026-03-23", 2), ("2026-03-30", 1), ("2026-12-28", 3)]);
    expect("due@year", &[("none", 1), ("2024-01-01", 1), ("2026-01-01", 5), ("2027-01-01", 1)]);
    assert_eq!(count_by("due@year", &["due@year:desc"])[0].0, "2027-01-01");
    // An attribute that is not granted cannot be grouped by period either.
    let refused = aggregate(&p, &full_access(), "", &["margin@month"], &[(Measure::Count, "")], &[]);
    assert!(refused.unwrap_err().to_string().contains("Invalid key margin"));
}

#[tokio::test(flavor = "multi_thread")]
async fn groups_span_relations_and_components_in_requested_order() {
    let p = project_with_deals().await;
    let count = [(Measure::Count, ""), (Measure::Maximum, "size.width"), (Measure::Average, "pieces")];
    let found = aggregate(&p, &full_access(), "", &["owner.name"], &count, &["count:desc", "owner.name:desc"]).unwrap();
    let names: Vec<_> = found.as_array().unwrap().iter().map(|g| (&g["group"]["owner.name"], &g["count"])).collect();
    assert_eq!(names, [(&json!("Anna"), &json!(2)), (&json!("Bob"), &json!(1)), (&json!(null), &json!(1))]);
    assert_eq!(found[0]["average"], json!({ "pieces": 2.5 }));
    assert_eq!(found[1]["maximum"], json!({ "size.width": 3 }));
    let labels =
        aggregate(&p, &full_access(), "", &["size.label", "won"], &[(Measure::Count, "")], &["size.label:desc"])
            .unwrap();
    let labels: Vec<_> = labels.as_array().unwrap().iter().map(|g| g["group"].clone()).collect();
    assert_eq!(
        labels,
        [
            json!({ "size.label": "b", "won": true }),
            json!({ "size.label": "a", "won": null }),
            json!({ "size.label": null, "won": null }),
            json!({ "size.label": null, "won": false }),
        ]
    );
    for order in [
        "sum.amount:desc",
        "sum.amount",
        "average.amount:desc",
        "median.amount:desc",
        "maximum.amount:desc",
        "minimum.amount",
    ] {
        let measures = Measure::ALL.map(|m| (m, "amount"));
        let found = aggregate(&p, &full_access(), "", &["stage"], &measures, &[order]).unwrap();
        let first = if order.ends_with("desc") { "won" } else { "new" };
        assert_eq!(found[0]["group"]["stage"], json!(first), "{order}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn aggregates_respect_permissions() {
    let p = project_with_deals().await;
    let own = p.access_to(&[
        ("deals", Action::Find, Some(json!({ "stage": { "$eq": "new" } }))),
        ("owners", Action::Find, Some(json!({ "name": { "$eq": "Bob" } }))),
    ]);
    let count = [(Measure::Count, ""), (Measure::Sum, "pieces")];
    assert_eq!(
        aggregate(&p, &own, "", &["owner.name"], &count, &[]).unwrap(),
        json!([
            { "group": { "owner.name": null }, "count": 1, "sum": { "pieces": 1 } },
            { "group": { "owner.name": "Bob" }, "count": 1, "sum": { "pieces": 2 } },
        ])
    );
    let validation = |expected| (RefusalKind::Validation, expected);
    for (group_by, measures, expected) in [
        (&["margin"][..], &[(Measure::Count, "")][..], "Invalid key margin"),
        (&[][..], &[(Measure::Sum, "margin")][..], "Invalid key margin"),
        (&[][..], &[(Measure::Median, "margin")][..], "Invalid key margin"),
        (&["owner.pay"][..], &[(Measure::Count, "")][..], "Invalid key pay at owner.pay"),
        (&[][..], &[(Measure::Maximum, "owner.pay")][..], "Invalid key pay at owner.pay"),
        (&["createdBy"][..], &[(Measure::Count, "")][..], "Invalid key createdBy"),
        (&["extra"][..], &[(Measure::Count, "")][..], "groupBy: extra is JSON and cannot be grouped"),
        (
            &[][..],
            &[(Measure::Minimum, "won")][..],
            "measures: won cannot be used with minimum: its type does not support it",
        ),
    ] {
        let (kind, message, _) = expect_refusal(aggregate(&p, &own, "", group_by, measures, &[]));
        assert_eq!((kind, message.as_str()), validation(expected));
    }
    let nobody = p.access_to(&[]);
    assert_eq!(expect_refusal(aggregate(&p, &nobody, "", &[], &count, &[])).0, RefusalKind::Forbidden);
    let without_owners = p.access_to(&[("deals", Action::Find, None)]);
    assert_eq!(expect_refusal(aggregate(&p, &without_owners, "", &["owner.name"], &count, &[])).1, "Invalid key owner");
}
