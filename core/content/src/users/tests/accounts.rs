//! Lists of the accounts of site users.

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn accounts_are_found_by_name_address_state_and_role() {
    let project = UsersFixture::new().await;
    let ann = project.register("ann", "ann@example.com").await.unwrap();
    project.register("bob", "bob@home.example").await.unwrap();
    project.invite("carl@example.com", Some("carl")).await.unwrap();
    project.update(&full_access(), &ann, json!({ "blocked": true })).await.unwrap();
    let access = Arc::new(Access::admin());
    let list = |filter: AccountFilter, start: u64, limit: u32| {
        let context = project.request_context(&access, "");
        let (accounts, total) = project.content.list_accounts(context, &filter, start, limit).unwrap();
        let names: Vec<_> = accounts.iter().map(|account| (account.user.username.clone(), account.state)).collect();
        (names, total)
    };
    let named = |all: &[(&str, AccountState)]| all.iter().map(|(name, state)| ((*name).to_owned(), *state)).collect();
    let (blocked, active, invited) = (AccountState::Blocked, AccountState::Active, AccountState::Invited);
    let all = AccountFilter::default;
    assert_eq!(list(all(), 0, 10), (named(&[("ann", blocked), ("bob", active), ("carl", invited)]), 3));
    assert_eq!(list(all(), 1, 1), (named(&[("bob", active)]), 3));
    assert_eq!(list(all(), 9, 10), (Vec::new(), 3));
    let ordered = |order: AccountOrder| AccountFilter { order, ..all() };
    let backwards = named(&[("carl", invited), ("bob", active), ("ann", blocked)]);
    assert_eq!(list(ordered(AccountOrder::NameDescending), 0, 10).0, backwards);
    // Nobody has signed in: all are by their names.
    for order in [AccountOrder::SignIn, AccountOrder::SignInDescending] {
        assert_eq!(list(ordered(order), 1, 1), (named(&[("bob", active)]), 3));
    }
    let text = |text: &str| AccountFilter { text: text.to_owned(), ..all() };
    assert_eq!(list(text("EXAMPLE.com"), 0, 10).1, 2);
    assert_eq!(list(text("bo"), 0, 10), (named(&[("bob", active)]), 1));
    for hostile in ["%", "_", "$containsi", "' OR 1=1 --", "[$or]", "bo\u{202e}"] {
        assert_eq!(list(text(hostile), 0, 10).1, 0, "{hostile}");
    }
    assert_eq!(list(text("b\u{0}o"), 0, 10).0, named(&[("bob", active)]));
    assert_eq!(list(AccountFilter { blocked: Some(true), ..all() }, 0, 10).0, named(&[("ann", blocked)]));
    assert_eq!(list(AccountFilter { blocked: Some(false), ..all() }, 0, 10).1, 2);
    assert_eq!(list(AccountFilter { confirmed: Some(false), ..all() }, 0, 10).0, named(&[("carl", invited)]));
    assert_eq!(list(AccountFilter { role: Some("authenticated".to_owned()), ..all() }, 0, 10).1, 3);
    assert_eq!(list(AccountFilter { role: Some("editor".to_owned()), ..all() }, 0, 10).1, 0);
    assert_eq!(project.content.find_account("nobody").unwrap().map(|account| account.state), None);
}
