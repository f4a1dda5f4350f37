//! The job that fulfils a signature request.

use crate::model::{Request, RequestStatus};
use cairn_plugin::jobs::job;
use cairn_plugin::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::json;

/// The job that fulfils a request; its key is the request's id.
pub(crate) const REQUEST_JOB: &str = "request";

/// Payload of the job.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct RequestTask {
    pub(crate) request: String,
}

/// Has a request fulfilled.
///
/// # Errors
/// What the host says.
pub(crate) fn start_request(id: &str) -> Result<()> {
    job(REQUEST_JOB).key(id).set(&RequestTask { request: id.to_owned() }).map(|_| ())
}

/// Has the request of an envelope fulfilled, now that it is approved. Nothing where no request made it.
///
/// # Errors
/// What the host says.
pub(crate) fn resume_request(envelope: &str) -> Result<()> {
    find_pending(envelope)?.map_or(Ok(()), |request| start_request(&request))
}

/// The id of the pending request that an envelope was made for.
///
/// # Errors
/// What the host says.
pub(crate) fn find_pending(envelope: &str) -> Result<Option<String>> {
    let of_envelope = json!({ "envelope": { "documentId": envelope }, "status": RequestStatus::Pending });
    let found = data::find::<Request>().filter(of_envelope).fields(&["title"]).first()?;
    Ok(found.map(|request| request.document_id))
}
