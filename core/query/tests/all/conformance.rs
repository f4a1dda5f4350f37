//! Conformance with a real Strapi's answers to the queries of the suite: the same errors, and none where it had none.

use crate::common::{conformance, load, request};
use cairn_query::{Access, Action, ParamErrorKind, Query};
use serde_json::Value as Json;

#[test]
fn query_errors_match_the_recordings() {
    let Some(suite) = conformance() else {
        eprintln!("left out: the shared conformance suite is not there (set CAIRN_SHARED)");
        return;
    };
    let registry = load(&suite);
    let access = Access::full();
    let (mut refused, mut accepted) = (0, 0);
    for entry in std::fs::read_dir(suite.join("golden")).expect("the recordings") {
        let path = entry.expect("an entry").path();
        if path.extension().is_none_or(|extension| extension != "json") || path.ends_with("postgres.json") {
            continue;
        }
        let area = path.file_name().expect("a name").to_owned();
        let golden: Json = read(&path);
        let cases: Json = read(&suite.join("cases").join(area));
        for case in cases.as_array().expect("a list of cases") {
            let id = case["id"].as_str().expect("an id");
            let steps = case["steps"].as_array().expect("steps");
            for (step, recorded) in steps.iter().zip(golden[id].as_array().expect("recorded steps")) {
                let auth = step["auth"].as_str().or(case["auth"].as_str()).unwrap_or("token");
                let request_line = recorded["do"].as_str().expect("a request");
                let Some(rest) = request_line.strip_prefix("GET /").filter(|_| auth == "token") else { continue };
                let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
                let (route, one) = path.split_once('/').map_or((path, false), |(route, id)| (route, !id.is_empty()));
                let Some(content_type) = registry.by_route(route) else { continue };
                let action = if one { Action::FindOne } else { Action::Find };
                let request = request(&registry, &access, action, content_type.id);
                let planned = cairn_query::plan_query(&request, &Query::from_text(query));
                let mistake = match &planned {
                    Ok(planned) => planned.deferred.as_ref(),
                    Err(error) => Some(error),
                };
                match &recorded["status"] {
                    Json::Number(status) if status.as_u64() == Some(400) => {
                        let error = &recorded["body"]["error"];
                        let mistake = mistake.unwrap_or_else(|| panic!("{request_line} should be refused: {error}"));
                        assert_eq!(mistake.message, error["message"], "{request_line}");
                        assert_eq!(mistake.details, error["details"], "{request_line}");
                        let name = match mistake.kind {
                            ParamErrorKind::Validation => "ValidationError",
                            ParamErrorKind::Pagination => "PaginationError",
                            ParamErrorKind::Forbidden
                            | ParamErrorKind::UriTooLong
                            | ParamErrorKind::UnevaluatedPolicy => {
                                panic!("{request_line}")
                            }
                        };
                        assert_eq!(name, error["name"], "{request_line}");
                        refused += 1;
                    }
                    Json::Number(status) if matches!(status.as_u64(), Some(200 | 404)) => {
                        assert_eq!(mistake, None, "{request_line}");
                        accepted += 1;
                    }
                    // Strapi fails with a 500 here, so any refusal is right.
                    _ if recorded["status"] == "refused" => {
                        assert!(mistake.is_some(), "{request_line} should be refused");
                        refused += 1;
                    }
                    _ => {}
                }
            }
        }
    }
    assert!(refused > 40 && accepted > 100, "only {refused} refused and {accepted} accepted steps were replayed");
}

fn read(path: &std::path::Path) -> Json {
    let text = std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}
