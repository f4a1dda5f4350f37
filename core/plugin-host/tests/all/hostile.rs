//! A plugin that does everything a plugin must not. What it is refused it is refused in words; what it wastes is its own; and others are
//! served meanwhile.

mod amendments;
mod invalid_output;
mod resource_limits;
mod ungranted_access;

use crate::routes::{response_json, route_request, send_request};
use crate::test_project::TestProject;
use cairn_plugin_host::routes::RouteError;

/// How a trial ended that a route has run.
pub(crate) async fn run_trial(project: &TestProject, name: &str) -> Result<String, RouteError> {
    let path = format!("hostile/any/{name}");
    let answer = send_request(project, &path, route_request("POST", &path, &[], "{}")).await?;
    Ok(response_json(&answer)["report"].as_str().unwrap_or_else(|| panic!("{name}: no report")).to_owned())
}

/// As [`run_trial`], of one that has to end well.
pub(crate) async fn trial_report(project: &TestProject, name: &str) -> String {
    run_trial(project, name).await.unwrap_or_else(|error| panic!("{name}: {error:?}"))
}
