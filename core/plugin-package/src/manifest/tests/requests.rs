//! Declarations of request bodies in the sections of routes.

use super::{only_problem, parse_with_base};

fn route(method: &str, body: &str) -> String {
    format!("[[route]]\nname = \"r\"\nmethod = \"{method}\"\npath = \"/a\"\nauth = \"none\"\nbody = {{ {body} }}\n")
}

#[test]
fn schemas_describe_bodies_that_are_json() {
    let types =
        "types = [\"application/json\", \"application/x-www-form-urlencoded\", \"application/merge-patch+json\"]";
    let body =
        |schema: &str| parse_with_base(&route("POST", &format!("{types}{schema}"))).unwrap().routes.remove(0).body;
    let read = body(", schema = \"requests/lead.json\"");
    assert_eq!(read.schema.as_deref(), Some("requests/lead.json"));
    let described: Vec<&String> = read.types.iter().filter(|media_type| read.is_described(media_type)).collect();
    assert_eq!(described, ["application/json", "application/merge-patch+json"]);
    let silent = body("");
    assert!(silent.schema.is_none() && !silent.is_described("application/json"));
}

#[test]
fn invalid_schemas_of_bodies_are_reported() {
    let json = "types = [\"application/json\"]";
    let named = "schema = \"requests/lead.json\"";
    for (method, body, expected) in [
        (
            "POST",
            named.to_owned(),
            "has a `schema`, which describes JSON, and no JSON among its `types`; write types =",
        ),
        ("POST", format!("types = [\"text/csv\"], {named}"), "and no JSON among its `types`"),
        ("GET", format!("{json}, {named}"), "has a `schema`, although requests with GET have no body; remove `schema`"),
        ("DELETE", format!("{json}, {named}"), "although requests with DELETE have no body"),
        ("PUT", format!("{json}, schema = \"lead.json\""), "such as \"requests/lead.json\""),
        ("PUT", format!("{json}, schema = \"requests/../lead.json\""), "such as \"requests/lead.json\""),
        ("PUT", format!("{json}, schema = \"responses/lead.json\""), "such as \"requests/lead.json\""),
        ("PUT", format!("{json}, schema = 7"), "such as \"requests/lead.json\""),
        ("PUT", format!("{json}, shema = \"requests/lead.json\""), "did you mean `schema`?"),
    ] {
        let found = only_problem(&route(method, &body));
        assert!(found.contains(expected), "{method} {body}\n{found}");
    }
}
