//! A plugin that does everything a plugin must not. What it is refused it is refused in words; what it wastes is its own; and others are
//! served meanwhile.

mod amending;
mod burning;
mod deciding;
mod reaching;

use crate::routes::{json_of, request, send};
use crate::world::World;
use cairn_plugin_host::routes::RouteError;

/// How a trial ended that a route has run.
pub(crate) async fn trial(world: &World, name: &str) -> Result<String, RouteError> {
    let path = format!("hostile/any/{name}");
    let answer = send(world, &path, request("POST", &path, &[], "{}")).await?;
    Ok(json_of(&answer)["report"].as_str().unwrap_or_else(|| panic!("{name}: no report")).to_owned())
}

/// As [`trial`], of one that has to end well.
pub(crate) async fn report(world: &World, name: &str) -> String {
    trial(world, name).await.unwrap_or_else(|error| panic!("{name}: {error:?}"))
}
