//! The files about the site that templates of PDFs can read: its values, and its logo.

use crate::call::state::CallState;
use crate::contract::bindings::types::Error;
use crate::contract::guest_errors::{from_content_error, internal_error};
use bytes::Bytes;
use cairn_notify::site_values;
use serde_json::json;

/// Path of the values.
const SITE_PATH: &str = "/site.json";
/// Largest logo, in bytes.
const MAX_LOGO_BYTES: u64 = 4 << 20;

impl CallState {
    /// The files about the site. `logo` of the values is the path of the logo, and null without one that can be drawn.
    pub(super) async fn site_files(&mut self) -> Result<Vec<(String, Bytes)>, Error> {
        let logo = self.load_logo().await?;
        let mut values = site_values(self.definition.access(), self.definition.site().as_ref());
        values["logo"] = json!(logo.as_ref().map(|(path, _)| path));
        Ok([(SITE_PATH.to_owned(), Bytes::from(values.to_string()))].into_iter().chain(logo).collect())
    }

    /// The site's logo with its path, if it is a public picture of the media library.
    async fn load_logo(&mut self) -> Result<Option<(String, Bytes)>, Error> {
        let theme = cairn_settings::theme(self.definition.access());
        let name = theme.logo.as_deref().and_then(|logo| logo.strip_prefix("/uploads/"));
        let (Some(name), Some(files)) = (name.map(str::to_owned), self.definition.host_context().files()) else {
            return Ok(None);
        };
        let read_object = files.object_reader();
        let served = self
            .with_reader(move |r| r.blobs().get_served(&name).map_err(|error| from_content_error(error.into())))
            .await?;
        let Some(blob) = served.filter(|blob| !blob.private && blob.length <= MAX_LOGO_BYTES) else { return Ok(None) };
        let Some(path) = logo_path(&blob.mime) else { return Ok(None) };
        let reading = tokio::task::spawn_blocking(move || read_object(&blob.blob));
        let bytes = reading.await.map_err(internal_error)?.map_err(internal_error)?;
        Ok(bytes.map(|bytes| (path.to_owned(), Bytes::from(bytes))))
    }
}

/// The path of a logo; `None` for a type that templates cannot draw.
fn logo_path(media_type: &str) -> Option<&'static str> {
    Some(match media_type {
        "image/png" => "/site-logo.png",
        "image/jpeg" => "/site-logo.jpg",
        "image/gif" => "/site-logo.gif",
        "image/webp" => "/site-logo.webp",
        "image/svg+xml" => "/site-logo.svg",
        _ => return None,
    })
}
