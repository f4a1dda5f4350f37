//! Declarations of responses in the sections of routes.

use super::{only_problem, parse_with_base};
use crate::manifest::ManifestResponse;

const ROUTE: &str = "[[route]]\nname = \"r\"\nmethod = \"POST\"\npath = \"/a\"\nauth = \"none\"\n";

fn responses(sections: &str) -> Vec<ManifestResponse> {
    parse_with_base(&format!("{ROUTE}{sections}")).unwrap().routes.remove(0).responses
}

#[test]
fn responses_are_read_with_their_media_types() {
    assert_eq!(responses(""), []);
    let read = responses(
        "[[route.responses]]\nstatus = 200\nschema = \"responses/lead.json\"\n\
         [[route.responses]]\nstatus = 200\ntype = \"Text/HTML\"\ndescription = \"The lead as a page\"\n\
         [[route.responses]]\nstatus = 409\ntype = \"application/problem+json\"\nschema = \"responses/lead.json\"\n\
         [[route.responses]]\nstatus = 204\n",
    );
    let short: Vec<_> = read.iter().map(|r| (r.status, r.media_type.as_deref(), r.schema.is_some())).collect();
    assert_eq!(
        short,
        [
            (200, Some("application/json"), true),
            (200, Some("text/html"), false),
            (409, Some("application/problem+json"), true),
            (204, None, false),
        ]
    );
    assert_eq!(read[1].description.as_deref(), Some("The lead as a page"));
}

#[test]
fn invalid_responses_are_reported() {
    let response = |toml: &str| format!("{ROUTE}[[route.responses]]\n{toml}");
    for (toml, expected) in [
        ("type = \"text/html\"", "[[route.responses]] has no `status`; add status = 200"),
        ("status = 101", "write 200 to 599"),
        ("status = \"200\"", "must be a whole number, but is a text"),
        ("status = 200\ntype = \"json\"", "write a media type such as \"application/json\""),
        ("status = 200\nschema = \"lead.json\"", "such as \"responses/lead.json\""),
        ("status = 200\nschema = \"responses/../lead.json\"", "such as \"responses/lead.json\""),
        (
            "status = 200\ntype = \"text/html\"\nschema = \"responses/lead.json\"",
            "has a `schema`, which describes JSON, and the `type` \"text/html\"; remove `schema`",
        ),
        ("status = 204\ntype = \"text/html\"", "which responses with the status 204 do not have"),
        ("status = 304\nschema = \"responses/lead.json\"", "which responses with the status 304 do not have"),
        ("status = 200\ntypes = [\"text/html\"]", "did you mean `type`?"),
        ("status = 204\n[[route.responses]]\nstatus = 204", "has the status 204 with no body for the second time"),
        (
            "status = 200\nschema = \"responses/a.json\"\n[[route.responses]]\nstatus = 200\nschema = \"responses/b.json\"",
            "has the status 200 with application/json for the second time; write one response for each",
        ),
    ] {
        let found = only_problem(&response(toml));
        assert!(found.contains(expected), "{toml}\n{found}");
    }
    let found = only_problem(&format!("{ROUTE}responses = {{ status = 200 }}"));
    assert!(found.contains("write `[[route.responses]]` instead of `[route.responses]`"), "{found}");
    let many: String = (0..33).map(|n| format!("[[route.responses]]\nstatus = {}\n", 400 + n)).collect();
    assert!(only_problem(&format!("{ROUTE}{many}")).contains("a route can have at most 32 responses"));
}
