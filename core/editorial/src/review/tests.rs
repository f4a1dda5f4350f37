use super::{ApprovalState, Person, Publishable, ReviewSync};
use crate::testing::{CONTRACT_UID, EditorialFixture, assert_refused, contract_workflow, expect_refusal};
use cairn_content::RefusalKind;
use cairn_store::editorial::DocumentKey;
use chrono::TimeDelta;
use serde_json::{Value as Json, json};

async fn create_contract(office: &EditorialFixture) -> DocumentKey {
    office.create_draft("ed", "contracts", json!({ "title": "Sale" })).await
}

/// A document that was moved on and has every required approval.
async fn create_approved_contract(office: &EditorialFixture) -> DocumentKey {
    let d = create_contract(office).await;
    office.move_to("ed", &d, "legal review").await.unwrap();
    office.approve_as("law", &d).await.unwrap();
    office.move_to("law", &d, "approved").await.unwrap();
    office.approve_as("mia", &d).await.unwrap();
    office.approve_as("max", &d).await.unwrap();
    d
}

#[tokio::test(flavor = "multi_thread")]
async fn publishing_requires_every_approval() {
    let office = EditorialFixture::with_workflow().await;
    let d = create_contract(&office).await;
    let missing = expect_refusal(office.check_gate(&d).await);
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
    office.move_to("ed", &d, "legal review").await.unwrap();
    assert_refused(office.move_to("ed", &d, "approved").await, "requires one of the roles legal");
    assert_refused(office.move_to("law", &d, "approved").await, "1 approval by legal missing");
    office.approve_as("law", &d).await.unwrap();
    office.move_to("law", &d, "approved").await.unwrap();
    assert_refused(office.check_gate(&d).await, "2 approvals by marketing missing (0 of 2)");
    office.approve_as("mia", &d).await.unwrap();
    // The same person twice is one approval.
    office.approve_as("mia", &d).await.unwrap();
    assert_refused(office.check_gate(&d).await, "1 approval by marketing missing (1 of 2)");
    let view = office.review_of("max", &d);
    assert!(!view.publish.allowed);
    assert_eq!(view.may_approve, ["marketing"]);
    office.approve_as("max", &d).await.unwrap();
    office.check_gate(&d).await.unwrap();
    assert_eq!(office.review_of("ed", &d).publish, Publishable { allowed: true, why: Vec::new() });
    let messages = office.event_names().await;
    assert_eq!(
        messages,
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
    let page = office.create_draft("ed", "pages", json!({ "title": "x" })).await;
    office.check_gate(&page).await.unwrap();
    assert_refused(office.move_to("ed", &page, "draft").await, "no review workflow");
}

#[tokio::test(flavor = "multi_thread")]
async fn approvals_become_void_when_the_content_changes() {
    let office = EditorialFixture::with_workflow().await;
    let d = create_approved_contract(&office).await;
    office.check_gate(&d).await.unwrap();
    office.advance_by(TimeDelta::minutes(5));
    office.edit_draft("ed", &d, json!({ "title": "Sale of all" })).await;
    let fell = expect_refusal(office.check_gate(&d).await);
    let review = &fell.details["review"];
    // The stage sends it back as well.
    assert_eq!(review["stage"], "draft");
    let legal = &review["missing"][0];
    assert_eq!((&legal["role"], &legal["have"]), (&json!("legal"), &json!(0)));
    let change = &legal["fell"][0]["change"];
    assert_eq!((&change["by"], &change["changed"]), (&json!("ed@example.com"), &json!(["title"])), "{fell:#?}");
    assert_eq!(legal["fell"][0]["by"], "law@example.com");
    assert_eq!(review["missing"][1]["fell"].as_array().unwrap().len(), 2);
    let view = office.review_of("ed", &d);
    assert_eq!((view.stage.as_deref(), view.returned), (Some("draft"), true));
    let states: Vec<ApprovalState> = view.approvals.iter().map(|a| a.state).collect();
    assert_eq!(states, [ApprovalState::Fallen; 3]);
    // People who approved are notified, once.
    office.deliver_events(ReviewSync).await;
    office.deliver_events(ReviewSync).await;
    let messages: Vec<String> =
        office.event_names().await.into_iter().filter(|n| n == "cairn.review.approval_fell").collect();
    assert_eq!(messages.len(), 1);
    // Approved anew, it may be published.
    office.move_to("ed", &d, "legal review").await.unwrap();
    for user in ["law", "mia", "max"] {
        office.approve_as(user, &d).await.unwrap();
    }
    office.move_to("law", &d, "approved").await.unwrap();
    office.check_gate(&d).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn shared_attribute_changes_void_approvals_of_every_locale() {
    let office = EditorialFixture::open().await;
    let pages = json!({ "contentTypes": ["api::page.page"], "stages": [{ "name": "work" }], "approvals": [{ "role": "legal" }] });
    office.define_workflow("pages", pages).await.unwrap();
    let en = office.create_draft("ed", "pages?locale=en", json!({ "title": "a", "number": 1 })).await;
    let nl = DocumentKey { locale: "nl".into(), ..en.clone() };
    office.edit_draft("ed", &nl, json!({ "title": "b" })).await;
    for d in [&en, &nl] {
        office.approve_as("law", d).await.unwrap();
        office.check_gate(d).await.unwrap();
    }
    // Of one locale alone.
    office.edit_draft("ed", &en, json!({ "title": "c" })).await;
    assert_refused(office.check_gate(&en).await, "legal");
    office.check_gate(&nl).await.unwrap();
    office.approve_as("law", &en).await.unwrap();
    office.edit_draft("ed", &en, json!({ "number": 2 })).await;
    assert_refused(office.check_gate(&en).await, "legal");
    assert_refused(office.check_gate(&nl).await, "legal");
}

#[tokio::test(flavor = "multi_thread")]
async fn own_changes_and_outdated_versions_cannot_be_approved() {
    let office = EditorialFixture::with_workflow().await;
    let d = office.create_draft("lee", "contracts", json!({ "title": "Sale" })).await;
    let own = expect_refusal(office.approved_as("lee", &d, json!({ "version": 1, "role": "legal" })).await);
    assert!(own.kind == RefusalKind::Forbidden && own.message.contains("somebody else must approve"), "{own:?}");
    let version = office.edit_draft("law", &d, json!({ "title": "Sale of it" })).await;
    assert_refused(office.approve_as("law", &d).await, "You have changed this entry");
    let stale = expect_refusal(office.approved_as("mia", &d, json!({ "version": version - 1 })).await);
    assert_eq!((stale.kind, &stale.details["version"]), (RefusalKind::Conflict, &json!(version)));
    assert_refused(
        office.approved_as("mia", &d, json!({ "version": version, "role": "legal" })).await,
        "Only admin users with the role",
    );
    assert_refused(
        office.approved_as("mia", &d, json!({ "version": version, "role": "design" })).await,
        "are not required",
    );
    assert_refused(office.approved_as("mia", &d, json!({})).await, "version");
    assert_refused(
        office.approve_as("ed", &d).await,
        "Only admin users with one of these roles can approve: legal, marketing",
    );
    // A super-admin is no lawyer.
    assert_refused(office.approve_as("root", &d).await, "Only admin users with one of these roles");
    let token = cairn_access::AdminCaller { id: None, ..office.admin_caller("law") };
    let input = crate::read_input(json!({ "version": version })).unwrap();
    assert_refused(
        office.desk.approve_draft(&token, &office.actor("law"), d.clone(), input).await,
        "API tokens cannot use this",
    );
    // A workflow may allow approvals of own changes.
    let mut own = contract_workflow();
    own["ownChanges"] = json!(true);
    office.define_workflow("contracts", own).await.unwrap();
    office.approve_as("law", &d).await.unwrap();
    assert_refused(office.approve_as("lee", &d).await, "Specify the role to approve as");
}

#[tokio::test(flavor = "multi_thread")]
async fn approvals_can_be_withdrawn() {
    let office = EditorialFixture::with_workflow().await;
    let d = create_approved_contract(&office).await;
    let ids: Vec<i64> = office.review_of("ed", &d).approvals.iter().map(|a| a.id).collect();
    let withdraw = async |user: &str, id: i64| {
        office.desk.withdraw_approval(&office.admin_caller(user), &office.actor(user), d.clone(), id).await
    };
    assert_refused(withdraw("ed", ids[0]).await, "Only the approver");
    assert_refused(withdraw("law", ids[1]).await, "Only the approver");
    assert_refused(withdraw("law", 999).await, "Approval not found");
    withdraw("law", ids[0]).await.unwrap();
    assert_refused(office.check_gate(&d).await, "legal");
    // Again: nothing more happens.
    withdraw("law", ids[0]).await.unwrap();
    office.approve_as("law", &d).await.unwrap();
    office.check_gate(&d).await.unwrap();
    withdraw("root", ids[1]).await.unwrap();
    assert_refused(office.check_gate(&d).await, "marketing");
    assert_eq!(office.event_names().await.iter().filter(|n| *n == "cairn.review.withdrawn").count(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_approvals_count_and_never_outlive_a_change() {
    let office = EditorialFixture::with_workflow().await;
    for _ in 0..5 {
        let d = create_contract(&office).await;
        office.move_to("ed", &d, "legal review").await.unwrap();
        let (a, b, c) =
            tokio::join!(office.approve_as("law", &d), office.approve_as("mia", &d), office.approve_as("max", &d));
        for result in [a, b, c] {
            result.unwrap();
        }
        office.move_to("law", &d, "approved").await.unwrap();
        office.check_gate(&d).await.unwrap();
    }
    // An approval of version 1 beside a change to version 2: either it came first and fell, or it is refused.
    for _ in 0..10 {
        let d = create_contract(&office).await;
        let (approved, _) = tokio::join!(
            office.approved_as("law", &d, json!({ "version": 1 })),
            office.edit_draft("ed", &d, json!({ "title": "new" }))
        );
        if let Err(e) = approved {
            assert_eq!(expect_refusal::<()>(Err(e)).kind, RefusalKind::Conflict);
        }
        assert_eq!(expect_refusal(office.check_gate(&d).await).details["review"]["missing"][0]["have"], 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn recreated_locales_have_no_earlier_approvals() {
    let office = EditorialFixture::open().await;
    let pages = json!({ "contentTypes": ["api::page.page"], "stages": [{ "name": "work" }], "approvals": [{ "role": "legal" }] });
    office.define_workflow("pages", pages).await.unwrap();
    let en = office.create_draft("ed", "pages?locale=en", json!({ "title": "a" })).await;
    let nl = DocumentKey { locale: "nl".into(), ..en.clone() };
    office.edit_draft("ed", &nl, json!({ "title": "b" })).await;
    office.approve_as("law", &nl).await.unwrap();
    office.check_gate(&nl).await.unwrap();
    office.delete(&nl).await;
    // The locale is created with the same version token as before, and before its review is deleted.
    office.edit_draft("ed", &nl, json!({ "title": "other" })).await;
    assert_refused(office.check_gate(&nl).await, "legal");
    office.delete(&nl).await;
    office.deliver_events(ReviewSync).await;
    assert_eq!(office.desk.store().read(|r| r.reviews().get(&nl)).unwrap(), None);
    assert_refused(office.move_to("ed", &nl, "work").await, "Document not found in the locale nl");
}

#[tokio::test(flavor = "multi_thread")]
async fn reviews_are_listed_by_assignee_due_date_and_stage() {
    let office = EditorialFixture::with_workflow().await;
    let d = create_contract(&office).await;
    let assign = async |users: Json| {
        let input = crate::read_input(json!({ "users": users })).unwrap();
        office.desk.assign_people(&office.admin_caller("ed"), &office.actor("ed"), d.clone(), input).await
    };
    let due = async |due: Json| {
        let input = crate::read_input(json!({ "due": due })).unwrap();
        office.desk.set_due(&office.admin_caller("ed"), &office.actor("ed"), d.clone(), input).await
    };
    let law = office.user_id("law");
    assert_eq!(
        assign(json!([law, law])).await.unwrap().assignees,
        [Person { id: law, email: Some("law@example.com".into()) }]
    );
    assert_refused(assign(json!([999])).await, "Admin user 999 not found");
    assert_refused(assign(json!((0..21).collect::<Vec<_>>())).await, "at most 20");
    let at = due(json!({ "localTime": "2026-06-02T17:00", "zone": "Europe/Amsterdam" })).await.unwrap();
    assert_eq!(
        json!(at.due),
        json!({ "at": "2026-06-02T15:00:00.000Z", "localTime": "2026-06-02T17:00", "zone": "Europe/Amsterdam", "overdue": false })
    );
    assert_refused(due(json!({ "localTime": "2026-05-01T17:00", "zone": "Europe/Amsterdam" })).await, "in the future");
    assert_refused(due(json!({ "localTime": "2027-03-28T02:30", "zone": "Europe/Amsterdam" })).await, "does not exist");
    assert_refused(due(json!({ "localTime": "2026-06-02T17:00", "zone": "Mars" })).await, "not a time zone");
    let list = async |user: &str, filter: Json| {
        let params = serde_json::from_value(filter).unwrap();
        let (rows, _) = office.desk.list_reviews(&office.admin_caller(user), &params, None, 10).await.unwrap();
        rows.into_iter().map(|r| r.document_id).collect::<Vec<_>>()
    };
    let expected = vec![d.document_id.clone()];
    assert_eq!(list("law", json!({ "assignee": "me" })).await, expected);
    assert!(list("mia", json!({ "assignee": "me" })).await.is_empty());
    assert_eq!(list("mia", json!({ "assignee": law.to_string() })).await, expected);
    assert!(list("law", json!({ "overdue": true })).await.is_empty());
    office.advance_by(TimeDelta::days(2));
    assert_eq!(list("law", json!({ "overdue": true })).await, expected);
    // The lawyer's approval is not requested yet.
    assert!(list("law", json!({ "waitingForMe": true })).await.is_empty());
    office.move_to("ed", &d, "legal review").await.unwrap();
    assert_eq!(list("law", json!({ "waitingForMe": true })).await, expected);
    // The approval of marketing names no stage: it is requested in the one before publishing.
    assert_eq!(list("mia", json!({ "waitingForMe": true })).await, expected);
    office.approve_as("law", &d).await.unwrap();
    assert!(list("law", json!({ "waitingForMe": true })).await.is_empty());
    office.move_to("law", &d, "approved").await.unwrap();
    assert_eq!(list("mia", json!({ "waitingForMe": true, "stage": "approved" })).await, expected);
    assert!(list("mia", json!({ "stage": "draft" })).await.is_empty());
    office.edit_draft("ed", &d, json!({ "title": "x" })).await;
    assert_eq!(list("mia", json!({ "stage": "draft" })).await, expected, "its change sent it back");
    assert_eq!(due(json!(null)).await.unwrap().due, None);
    // Published as it is, it is done.
    office.write_with("ed", &d, "", json!({ "title": "x" })).await.unwrap();
    office.deliver_events(ReviewSync).await;
    assert!(list("law", json!({ "assignee": "me" })).await.is_empty());
    assert_eq!(list("law", json!({ "assignee": "me", "done": true })).await, expected);
    let (moves, next) = office.desk.review_moves(&d, None, 1).unwrap();
    assert_eq!((moves[0].from.as_deref(), moves[0].to.as_str(), moves.len()), (Some("legal review"), "approved", 1));
    assert_eq!(office.desk.review_moves(&d, next, 10).unwrap().0.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn review_pages_cover_every_review() {
    let office = EditorialFixture::with_workflow().await;
    let mut all = Vec::new();
    for n in 0..45 {
        let d = create_contract(&office).await;
        office.move_to("ed", &d, "legal review").await.unwrap();
        if n % 3 == 0 {
            office.move_to("ed", &d, "draft").await.unwrap();
        } else {
            all.push(d.document_id);
        }
    }
    all.reverse();
    let params = serde_json::from_value(json!({ "stage": "legal review" })).unwrap();
    for limit in [1, 7, 20, 100] {
        let (mut found, mut before) = (Vec::new(), None);
        loop {
            let (rows, next) =
                office.desk.list_reviews(&office.admin_caller("ed"), &params, before, limit).await.unwrap();
            assert!(rows.len() as i64 <= limit);
            found.extend(rows.into_iter().map(|r| r.document_id));
            match next {
                Some(next) => before = Some(next),
                None => break,
            }
        }
        assert_eq!(found, all, "{limit}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn workflows_can_be_defined_replaced_and_deleted() {
    let office = EditorialFixture::with_workflow().await;
    let d = create_approved_contract(&office).await;
    assert_refused(office.define_workflow("contracts", json!({ "stages": [] })).await, "2 problems");
    let mut lawyers = contract_workflow();
    lawyers["approvals"][0]["role"] = json!("lawyers");
    let refusal = expect_refusal(office.define_workflow("contracts", lawyers).await);
    assert_eq!(refusal.details["errors"][0]["path"], json!(["approvals", "0", "role"]));
    assert_refused(
        office.define_workflow("others", contract_workflow()).await,
        "already has the workflow \"contracts\"",
    );
    let workflows = office.desk.list_workflows().unwrap();
    let mut defined = contract_workflow();
    defined["name"] = json!("contracts");
    // Values left out of a stage or an approval are shown where they mean something.
    defined["stages"][0]["next"] = json!(["legal review"]);
    defined["approvals"][0]["count"] = json!(1);
    assert_eq!(json!(workflows), json!([defined]));
    // A stage that is no more is the first one.
    let renamed =
        json!({ "contentTypes": [CONTRACT_UID], "stages": [{ "name": "a" }, { "name": "b" }], "publishIn": ["b"] });
    office.define_workflow("contracts", renamed).await.unwrap();
    assert_eq!(office.review_of("ed", &d).stage.as_deref(), Some("a"));
    assert_refused(office.check_gate(&d).await, "can only be published in b");
    office.move_to("ed", &d, "b").await.unwrap();
    office.check_gate(&d).await.unwrap();
    assert_refused(office.move_to("ed", &d, "c").await, "the stage \"c\" does not exist");
    let actor = office.actor("root");
    office.desk.delete_workflow(&actor, "contracts").await.unwrap();
    assert_refused(office.desk.delete_workflow(&actor, "contracts").await, "Workflow not found");
    assert_refused(office.desk.get_workflow("contracts"), "Workflow not found");
    office.check_gate(&d).await.unwrap();
    assert_eq!(office.review_of("ed", &d).workflow, None);
}
