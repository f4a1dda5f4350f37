//! `${NAME}` in the texts of a file.

use crate::problems::{ProblemList, join_index, join_key};
use serde_json::{Map, Value as Json};

/// Expands `${NAME}` in every text; `env` looks the variables up.
pub(super) fn expand_variables(
    problems: &mut ProblemList,
    json: &Json,
    path: &str,
    env: &dyn Fn(&str) -> Option<String>,
) -> Json {
    match json {
        Json::String(text) => Json::String(expand_text(problems, text, path, env)),
        Json::Array(list) => {
            let elements = list.iter().enumerate();
            elements.map(|(i, json)| expand_variables(problems, json, &join_index(path, i), env)).collect()
        }
        Json::Object(map) => map
            .iter()
            .map(|(key, json)| (key.clone(), expand_variables(problems, json, &join_key(path, key), env)))
            .collect::<Map<_, _>>()
            .into(),
        other => other.clone(),
    }
}

fn expand_text(problems: &mut ProblemList, text: &str, path: &str, env: &dyn Fn(&str) -> Option<String>) -> String {
    let mut expanded = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        expanded.push_str(before);
        let Some((name, after)) = after.split_once('}') else {
            problems.add_problem(path, "${ without }");
            return expanded;
        };
        match env(name) {
            Some(value) => expanded.push_str(&value),
            None => problems.add_problem(path, format!("the environment variable {name} is not set")),
        }
        rest = after;
    }
    expanded.push_str(rest);
    expanded
}
