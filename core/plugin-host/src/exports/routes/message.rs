//! Request that a route is called with, and the response that it returns.

use crate::call::caller_access::CallerAccess;
use crate::call::request_file::RequestFile;
use cairn_content::Refusal;
use cairn_store::events::Actor;
use std::sync::Arc;
use std::time::Duration;

/// A request, after the server has checked it.
#[derive(Debug)]
pub struct RouteRequest {
    /// HTTP method, such as `POST`.
    pub method: String,
    /// Path as sent, below `/api/`.
    pub path: String,
    /// Parameters of the query, decoded.
    pub query: Vec<(String, String)>,
    /// Header names are in small letters. Credentials are left out.
    pub headers: Vec<(String, String)>,
    /// Body as received, maybe empty.
    pub body: Vec<u8>,
    /// The body where it is a file; `body` is empty then.
    pub file: Option<RequestFile>,
    /// Address of the client.
    pub client: Option<String>,
    /// Actor of the request, as the plugin sees it.
    pub actor: Arc<Actor>,
    /// Access of the caller.
    pub access: CallerAccess,
    /// Locale of the response.
    pub locale: String,
}

/// The response of a plugin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RouteResponse {
    /// Status, 200 to 599.
    pub status: u16,
    /// Headers that a plugin may set; names are in small letters.
    pub headers: Vec<(String, String)>,
    /// Body as the plugin returned it; empty if it is a file.
    pub body: Vec<u8>,
    /// The file that is the body. What the plugin says of its type does not count.
    pub file: Option<ResponseFile>,
}

/// A file as the body of a response. The plugin may see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResponseFile {
    /// Id of the file.
    pub id: String,
    /// Its name below `/uploads/`.
    pub name: String,
}

/// Why there is no response.
#[derive(Debug, Clone, PartialEq)]
pub enum RouteError {
    /// It failed too often and is paused for that time.
    Paused(Duration),
    /// There were too many requests; try again after that time.
    TooMany(Duration),
    /// It failed, which is answered as 502. Its failed calls have the details.
    Failed,
    /// There was no room for the call beside others; try again after that time.
    Busy(Duration),
    /// It returned an error of the contract, or the host refused in its place.
    Refused(Refusal),
    /// It is no longer running.
    Gone,
}

/// The media type that headers name, in small letters and without parameters.
pub(super) fn find_media_type(headers: &[(String, String)]) -> Option<String> {
    let (_, value) = headers.iter().find(|(name, _)| name == "content-type")?;
    Some(value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase())
}
