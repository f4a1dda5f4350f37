//! Parts of requests and responses about files: their info, their references, their addresses.

use super::*;

#[test]
fn invalid_file_info_is_reported_with_its_path() {
    for (input, part) in [
        (json!([]), "fileInfo"),
        (json!({ "name": 5 }), "fileInfo.name"),
        (json!({ "folder": "x" }), "fileInfo.folder"),
        (json!({ "private": 1 }), "fileInfo.private"),
        (json!({ "caption": {} }), "fileInfo.caption"),
        (json!({ "focalPoint": { "x": 1 } }), "fileInfo.focalPoint"),
        (json!({ "focalPoint": { "x": 1, "y": "2" } }), "fileInfo.focalPoint"),
    ] {
        let (kind, message) = expect_refused(FileInfo::parse(&input).unwrap_err());
        assert!(kind == RefusalKind::Validation && message.starts_with(part), "{message}");
    }
}

#[test]
fn adding_the_signature_flag_changes_nothing_else() {
    let sign = |text: &str| String::from_utf8(with_signature(text.as_bytes()).unwrap()).unwrap();
    assert_eq!(sign("{}"), r#"{"isUrlSigned":false}"#);
    assert_eq!(sign(r#"{"size":1.10,"n":"}"}"#), r#"{"size":1.10,"n":"}","isUrlSigned":false}"#);
    let each = |text: &str| with_signature_each(text.as_bytes()).map(|b| String::from_utf8(b).unwrap());
    assert_eq!(each("[]").unwrap(), "[]");
    assert_eq!(
        each(r#"[{"a":[{}]},{"b":1}]"#).unwrap(),
        r#"[{"a":[{}],"isUrlSigned":false},{"b":1,"isUrlSigned":false}]"#
    );
    assert!(each("[1]").is_err() && each("[").is_err());
}

#[test]
fn numeric_file_refs_are_row_ids() {
    assert_eq!(parse_file_ref("12"), TargetRef::Row(12));
    for id in ["abc", "-1", "+1", "", "99999999999999999999"] {
        assert_eq!(parse_file_ref(id), TargetRef::Document(id.into()));
    }
}
