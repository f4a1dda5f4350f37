use super::Upkeep;
use crate::testing::{CONTRACT, Office, contracts, refusal, refused};
use cairn_content::RefusalKind;
use cairn_store::editorial::DocumentKey;
use chrono::TimeDelta;
use serde_json::{Value as Json, json};

async fn contract(office: &Office) -> DocumentKey {
    office.draft("ed", "contracts", json!({ "title": "Sale" })).await
}

/// A document that was moved on and has every required approval.
async fn approved(office: &Office) -> DocumentKey {
    let d = contract(office).await;
    office.moved("ed", &d, "legal review").await.unwrap();
    office.approved("law", &d).await.unwrap();
    office.moved("law", &d, "approved").await.unwrap();
    office.approved("mia", &d).await.unwrap();
    office.approved("max", &d).await.unwrap();
    d
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_published_without_its_approvals() {
    let office = Office::with_workflow().await;
    let d = contract(&office).await;
    let missing = refusal(office.gate(&d).await);
    assert_eq!(missing.kind, RefusalKind::Application);
    let review = &missing.details["review"];
    assert_eq!(review["stage"], "draft");
    assert_eq!(review["publishIn"], json!(["approved"]));
    assert_eq!(
        review["missing"],
        json!([{ "role": "legal", "needed": 1, "have": 0, "fell": [] }, { "role": "marketing", "needed": 2, "have": 0, "fell": [] }])
    );
    assert!(missing.message.contains("1 approval by legal missing (0 of 1)"), "{}", missing.message);
    // Step by step.
    office.moved("ed", &d, "legal review").await.unwrap();
    refused(office.moved("ed", &d, "approved").await, "left to legal");
    refused(office.moved("law", &d, "approved").await, "1 approval by legal missing");
    office.approved("law", &d).await.unwrap();
    office.moved("law", &d, "approved").await.unwrap();
    refused(office.gate(&d).await, "2 approvals by marketing missing (0 of 2)");
    office.approved("mia", &d).await.unwrap();
    // The same person twice is one approval.
    office.approved("mia", &d).await.unwrap();
    refused(office.gate(&d).await, "1 approval by marketing missing (1 of 2)");
    let seen = office.seen("max", &d);
    assert_eq!((&seen["publish"]["allowed"], &seen["mayApprove"]), (&json!(false), &json!(["marketing"])));
    office.approved("max", &d).await.unwrap();
    office.gate(&d).await.unwrap();
    assert_eq!(office.seen("ed", &d)["publish"], json!({ "allowed": true, "why": [] }));
    let told = office.told().await;
    assert_eq!(
        told,
        [
            "cairn.workflow.changed",
            "cairn.review.moved",
            "cairn.review.requested",
            "cairn.review.approved",
            "cairn.review.moved",
            "cairn.review.requested",
            "cairn.review.approved",
            "cairn.review.approved",
        ]
    );
    // Types without a workflow are not asked.
    let page = office.draft("ed", "pages", json!({ "title": "x" })).await;
    office.gate(&page).await.unwrap();
    refused(office.moved("ed", &page, "draft").await, "no review workflow");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_approval_falls_when_the_content_changes_afterwards() {
    let office = Office::with_workflow().await;
    let d = approved(&office).await;
    office.gate(&d).await.unwrap();
    office.after(TimeDelta::minutes(5));
    office.edit("ed", &d, json!({ "title": "Sale of all" })).await;
    let fell = refusal(office.gate(&d).await);
    let review = &fell.details["review"];
    // The stage sends it back as well.
    assert_eq!(review["stage"], "draft");
    let legal = &review["missing"][0];
    assert_eq!((&legal["role"], &legal["have"]), (&json!("legal"), &json!(0)));
    let change = &legal["fell"][0]["change"];
    assert_eq!((&change["by"], &change["changed"]), (&json!("ed@example.com"), &json!(["title"])), "{fell:#?}");
    assert_eq!(legal["fell"][0]["by"], "law@example.com");
    assert_eq!(review["missing"][1]["fell"].as_array().unwrap().len(), 2);
    let seen = office.seen("ed", &d);
    assert_eq!((&seen["stage"], &seen["returned"]), (&json!("draft"), &json!(true)));
    let states: Vec<&Json> = seen["approvals"].as_array().unwrap().iter().map(|a| &a["state"]).collect();
    assert_eq!(states, ["fallen", "fallen", "fallen"]);
    // Those who approved are told, once.
    office.hear(Upkeep).await;
    office.hear(Upkeep).await;
    let told: Vec<String> = office.told().await.into_iter().filter(|n| n == "cairn.review.approval_fell").collect();
    assert_eq!(told.len(), 1);
    // Approved anew, it may be published.
    office.moved("ed", &d, "legal review").await.unwrap();
    for who in ["law", "mia", "max"] {
        office.approved(who, &d).await.unwrap();
    }
    office.moved("law", &d, "approved").await.unwrap();
    office.gate(&d).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_all_locales_share_makes_approvals_of_every_locale_fall() {
    let office = Office::open().await;
    let pages = json!({ "contentTypes": ["api::page.page"], "stages": [{ "name": "work" }], "approvals": [{ "role": "legal" }] });
    office.define("pages", pages).await.unwrap();
    let en = office.draft("ed", "pages?locale=en", json!({ "title": "a", "number": 1 })).await;
    let nl = DocumentKey { locale: "nl".into(), ..en.clone() };
    office.edit("ed", &nl, json!({ "title": "b" })).await;
    for d in [&en, &nl] {
        office.approved("law", d).await.unwrap();
        office.gate(d).await.unwrap();
    }
    // Of one locale alone.
    office.edit("ed", &en, json!({ "title": "c" })).await;
    refused(office.gate(&en).await, "legal");
    office.gate(&nl).await.unwrap();
    office.approved("law", &en).await.unwrap();
    office.edit("ed", &en, json!({ "number": 2 })).await;
    refused(office.gate(&en).await, "legal");
    refused(office.gate(&nl).await, "legal");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_approves_their_own_change_nor_what_they_have_not_seen() {
    let office = Office::with_workflow().await;
    let d = office.draft("lee", "contracts", json!({ "title": "Sale" })).await;
    let own = refusal(office.approved_as("lee", &d, json!({ "version": 1, "role": "legal" })).await);
    assert!(own.kind == RefusalKind::Forbidden && own.message.contains("somebody else must approve"), "{own:?}");
    let version = office.edit("law", &d, json!({ "title": "Sale of it" })).await;
    refused(office.approved("law", &d).await, "You have changed this entry");
    let stale = refusal(office.approved_as("mia", &d, json!({ "version": version - 1 })).await);
    assert_eq!((stale.kind, &stale.details["version"]), (RefusalKind::Conflict, &json!(version)));
    refused(
        office.approved_as("mia", &d, json!({ "version": version, "role": "legal" })).await,
        "Only admin users with the role",
    );
    refused(office.approved_as("mia", &d, json!({ "version": version, "role": "design" })).await, "are not required");
    refused(office.approved_as("mia", &d, json!({})).await, "version");
    refused(office.approved("ed", &d).await, "Only admin users with one of these roles can approve: legal, marketing");
    // A super-admin is no lawyer.
    refused(office.approved("root", &d).await, "Only admin users with one of these roles");
    let token = cairn_access::AdminCaller { id: None, ..office.who("law") };
    let input = crate::read(json!({ "version": version })).unwrap();
    refused(office.desk.approve(&token, &office.actor("law"), d.clone(), input).await, "API tokens cannot use this");
    // Where the workflow says so, they may.
    let mut own = contracts();
    own["ownChanges"] = json!(true);
    office.define("contracts", own).await.unwrap();
    office.approved("law", &d).await.unwrap();
    refused(office.approved("lee", &d).await, "Specify the role to approve as");
}

#[tokio::test(flavor = "multi_thread")]
async fn approvals_can_be_taken_back() {
    let office = Office::with_workflow().await;
    let d = approved(&office).await;
    let ids: Vec<i64> =
        office.seen("ed", &d)["approvals"].as_array().unwrap().iter().map(|a| a["id"].as_i64().unwrap()).collect();
    let withdraw =
        async |who: &str, id: i64| office.desk.withdraw(&office.who(who), &office.actor(who), d.clone(), id).await;
    refused(withdraw("ed", ids[0]).await, "Only the approver");
    refused(withdraw("law", ids[1]).await, "Only the approver");
    refused(withdraw("law", 999).await, "Approval not found");
    withdraw("law", ids[0]).await.unwrap();
    refused(office.gate(&d).await, "legal");
    // Again: nothing more happens.
    withdraw("law", ids[0]).await.unwrap();
    office.approved("law", &d).await.unwrap();
    office.gate(&d).await.unwrap();
    withdraw("root", ids[1]).await.unwrap();
    refused(office.gate(&d).await, "marketing");
    assert_eq!(office.told().await.iter().filter(|n| *n == "cairn.review.withdrawn").count(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn approvals_at_the_same_time_all_count_and_none_slips_past_a_change() {
    let office = Office::with_workflow().await;
    for _ in 0..5 {
        let d = contract(&office).await;
        office.moved("ed", &d, "legal review").await.unwrap();
        let (a, b, c) =
            tokio::join!(office.approved("law", &d), office.approved("mia", &d), office.approved("max", &d));
        for result in [a, b, c] {
            result.unwrap();
        }
        office.moved("law", &d, "approved").await.unwrap();
        office.gate(&d).await.unwrap();
    }
    // An approval of version 1 beside a change to version 2: either it came first and fell, or it is refused.
    for _ in 0..10 {
        let d = contract(&office).await;
        let (approved, _) = tokio::join!(
            office.approved_as("law", &d, json!({ "version": 1 })),
            office.edit("ed", &d, json!({ "title": "new" }))
        );
        if let Err(e) = approved {
            assert_eq!(refusal::<()>(Err(e)).kind, RefusalKind::Conflict);
        }
        assert_eq!(refusal(office.gate(&d).await).details["review"]["missing"][0]["have"], 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_document_that_is_made_anew_has_no_approvals_of_before() {
    let office = Office::open().await;
    let pages = json!({ "contentTypes": ["api::page.page"], "stages": [{ "name": "work" }], "approvals": [{ "role": "legal" }] });
    office.define("pages", pages).await.unwrap();
    let en = office.draft("ed", "pages?locale=en", json!({ "title": "a" })).await;
    let nl = DocumentKey { locale: "nl".into(), ..en.clone() };
    office.edit("ed", &nl, json!({ "title": "b" })).await;
    office.approved("law", &nl).await.unwrap();
    office.gate(&nl).await.unwrap();
    office.delete(&nl).await;
    // With the version token of before, and before anybody has cleaned up.
    office.edit("ed", &nl, json!({ "title": "other" })).await;
    refused(office.gate(&nl).await, "legal");
    office.delete(&nl).await;
    office.hear(Upkeep).await;
    assert_eq!(office.desk.store().read(|r| r.review(&nl)).unwrap(), None);
    refused(office.moved("ed", &nl, "work").await, "Document not found in the locale nl");
}

#[tokio::test(flavor = "multi_thread")]
async fn assignees_due_dates_and_the_inbox() {
    let office = Office::with_workflow().await;
    let d = contract(&office).await;
    let assign = async |users: Json| {
        let input = crate::read(json!({ "users": users })).unwrap();
        office.desk.assign(&office.who("ed"), &office.actor("ed"), d.clone(), input).await
    };
    let due = async |due: Json| {
        let input = crate::read(json!({ "due": due })).unwrap();
        office.desk.set_due(&office.who("ed"), &office.actor("ed"), d.clone(), input).await
    };
    let law = office.id("law");
    assert_eq!(
        assign(json!([law, law])).await.unwrap()["assignees"],
        json!([{ "id": law, "email": "law@example.com" }])
    );
    refused(assign(json!([999])).await, "Admin user 999 not found");
    refused(assign(json!((0..21).collect::<Vec<_>>())).await, "at most 20");
    let at = due(json!({ "localTime": "2026-06-02T17:00", "zone": "Europe/Amsterdam" })).await.unwrap();
    assert_eq!(
        at["due"],
        json!({ "at": "2026-06-02T15:00:00.000Z", "localTime": "2026-06-02T17:00", "zone": "Europe/Amsterdam", "overdue": false })
    );
    refused(due(json!({ "localTime": "2026-05-01T17:00", "zone": "Europe/Amsterdam" })).await, "in the future");
    refused(due(json!({ "localTime": "2027-03-28T02:30", "zone": "Europe/Amsterdam" })).await, "does not exist");
    refused(due(json!({ "localTime": "2026-06-02T17:00", "zone": "Mars" })).await, "not a time zone");
    let list = async |who: &str, asked: Json| {
        let asked = serde_json::from_value(asked).unwrap();
        let (rows, _) = office.desk.reviews(&office.who(who), &asked, None, 10).await.unwrap();
        rows.iter().map(|r| r["documentId"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let mine = vec![d.document_id.clone()];
    assert_eq!(list("law", json!({ "assignee": "me" })).await, mine);
    assert!(list("mia", json!({ "assignee": "me" })).await.is_empty());
    assert_eq!(list("mia", json!({ "assignee": law.to_string() })).await, mine);
    assert!(list("law", json!({ "overdue": true })).await.is_empty());
    office.after(TimeDelta::days(2));
    assert_eq!(list("law", json!({ "overdue": true })).await, mine);
    // Nothing of theirs is asked for yet.
    assert!(list("law", json!({ "waitingForMe": true })).await.is_empty());
    office.moved("ed", &d, "legal review").await.unwrap();
    assert_eq!(list("law", json!({ "waitingForMe": true })).await, mine);
    assert!(list("mia", json!({ "waitingForMe": true })).await.is_empty());
    office.approved("law", &d).await.unwrap();
    assert!(list("law", json!({ "waitingForMe": true })).await.is_empty());
    office.moved("law", &d, "approved").await.unwrap();
    assert_eq!(list("mia", json!({ "waitingForMe": true, "stage": "approved" })).await, mine);
    assert!(list("mia", json!({ "stage": "draft" })).await.is_empty());
    office.edit("ed", &d, json!({ "title": "x" })).await;
    assert_eq!(list("mia", json!({ "stage": "draft" })).await, mine, "its change sent it back");
    assert!(due(json!(null)).await.unwrap()["due"].is_null());
    // Published as it is, it is done.
    office.write("ed", &d, "", json!({ "title": "x" })).await.unwrap();
    office.hear(Upkeep).await;
    assert!(list("law", json!({ "assignee": "me" })).await.is_empty());
    assert_eq!(list("law", json!({ "assignee": "me", "done": true })).await, mine);
    let (moves, next) = office.desk.review_moves(&d, None, 1).unwrap();
    assert_eq!((&moves[0]["from"], &moves[0]["to"], moves.len()), (&json!("legal review"), &json!("approved"), 1));
    assert_eq!(office.desk.review_moves(&d, next, 10).unwrap().0.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_of_the_inbox_come_to_all_of_it() {
    let office = Office::with_workflow().await;
    let mut all = Vec::new();
    for n in 0..45 {
        let d = contract(&office).await;
        office.moved("ed", &d, "legal review").await.unwrap();
        if n % 3 == 0 {
            office.moved("ed", &d, "draft").await.unwrap();
        } else {
            all.push(d.document_id);
        }
    }
    all.reverse();
    let asked = serde_json::from_value(json!({ "stage": "legal review" })).unwrap();
    for limit in [1, 7, 20, 100] {
        let (mut found, mut before) = (Vec::new(), None);
        loop {
            let (rows, next) = office.desk.reviews(&office.who("ed"), &asked, before, limit).await.unwrap();
            assert!(rows.len() as i64 <= limit);
            found.extend(rows.iter().map(|r| r["documentId"].as_str().unwrap().to_owned()));
            match next {
                Some(next) => before = Some(next),
                None => break,
            }
        }
        assert_eq!(found, all, "{limit}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn workflows_come_and_go() {
    let office = Office::with_workflow().await;
    let d = approved(&office).await;
    refused(office.define("contracts", json!({ "stages": [] })).await, "2 problems");
    let mut lawyers = contracts();
    lawyers["approvals"][0]["role"] = json!("lawyers");
    let wrong = refusal(office.define("contracts", lawyers).await);
    assert_eq!(wrong.details["errors"][0]["path"], json!(["approvals", "0", "role"]));
    refused(office.define("others", contracts()).await, "already has the workflow \"contracts\"");
    assert_eq!(office.desk.workflows().unwrap()[0]["name"], "contracts");
    // A stage that is no more is the first one.
    let renamed =
        json!({ "contentTypes": [CONTRACT], "stages": [{ "name": "a" }, { "name": "b" }], "publishIn": ["b"] });
    office.define("contracts", renamed).await.unwrap();
    assert_eq!(office.seen("ed", &d)["stage"], "a");
    refused(office.gate(&d).await, "can only be published in b");
    office.moved("ed", &d, "b").await.unwrap();
    office.gate(&d).await.unwrap();
    refused(office.moved("ed", &d, "c").await, "the stage \"c\" does not exist");
    let actor = office.actor("root");
    office.desk.delete_workflow(&actor, "contracts").await.unwrap();
    refused(office.desk.delete_workflow(&actor, "contracts").await, "Workflow not found");
    refused(office.desk.workflow("contracts"), "Workflow not found");
    office.gate(&d).await.unwrap();
    assert!(office.seen("ed", &d)["workflow"].is_null());
}
