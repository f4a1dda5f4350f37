//! Answers of a hook that no hook may give.

use cairn_plugin::{Change, Decision, FieldError};

/// The decisions of the trial, if it is one of these.
pub(crate) fn run(trial: &str, changes: &[Change]) -> Option<Vec<Decision>> {
    // Decisions are built one by one, not cloned: the large ones barely fit into memory once.
    let each = |decision: &dyn Fn() -> Decision| Some(changes.iter().map(|_| decision()).collect());
    let amend = |patch: &str| each(&|| Decision::Amend(patch.to_owned()));
    match trial {
        "malformed" => amend("{\"title\": \"half"),
        "not-json" => amend("\u{0}\u{7}"),
        "two-values" => amend("{} {}"),
        "amend-array" => amend("[1, 2, 3]"),
        "amend-null" => amend("null"),
        "amend-deep" => amend(&format!("{{\"extra\":{}1{}}}", "[".repeat(100_000), "]".repeat(100_000))),
        "amend-identity" => amend(
            r#"{"id":1,"documentId":"stolenstolenstolenstolen","createdAt":"1999-01-01T00:00:00.000Z","publishedAt":null,"locale":"xx"}"#,
        ),
        "amend-unknown" => amend(r#"{"noSuchField":1,"__proto__":{"admin":true}}"#),
        "amend-invalid" => amend(r#"{"title":42}"#),
        "amend-title" => amend(r#"{"title":"taken over"}"#),
        "amend-body" => amend(r#"{"body":"taken over"}"#),
        "amend-private" => amend(r#"{"secret":"taken over"}"#),
        "amend-both" => amend(r#"{"title":"taken over","body":"taken over"}"#),
        "amend-nobody" => amend(r#"{"cover":999999}"#),
        "amend-shown" => Some(changes.iter().map(shown).collect()),
        "amend-twice" => amend(r#"{"title":"a","title":"b"}"#),
        "amend-number" => amend(r#"{"count":1e999}"#),
        "amend-huge" => each(&|| Decision::Amend(titled(20 << 20))),
        "amend-giant" => each(&|| Decision::Amend(titled(crate::memory::largest() / 2))),
        "refuse-empty" => each(&|| Decision::Refuse(Vec::new())),
        "refuse-flood" => {
            let field = |n: u32| FieldError { path: format!("a[{n}]"), code: "no".into(), message: "no".repeat(100) };
            each(&|| Decision::Refuse((0..100_000).map(field).collect()))
        }
        "refuse-html" => each(&|| Decision::refuse_field("<b>title", "<i>", "<script>alert(1)</script>\r\n\u{202e}")),
        "no-decisions" => Some(Vec::new()),
        "too-many-decisions" => Some(vec![Decision::Allow; changes.len() + 1]),
        "decision-flood" => Some(vec![Decision::Allow; 1_000_000]),
        _ => None,
    }
}

/// Writes into the title what it was shown, and what it was told that changed.
fn shown(change: &Change) -> Decision {
    let told =
        serde_json::json!({ "after": change.after::<serde_json::Value>().ok().flatten(), "changed": change.changed });
    Decision::Amend(serde_json::json!({ "title": told.to_string() }).to_string())
}

/// A patch with a title of so many letters, made without a second copy of it.
fn titled(letters: usize) -> String {
    let mut patch = String::with_capacity(letters + 20);
    patch.push_str("{\"title\":\"");
    patch.extend(std::iter::repeat_n('x', letters));
    patch.push_str("\"}");
    patch
}
