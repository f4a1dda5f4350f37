//! Documents that clients send once and name by their hash from then on: Apollo's automatic persisted queries.

use crate::bounded_map::BoundedMap;
use crate::request::{ApiError, GraphqlRequest, GraphqlResponse};
use serde_json::json;
use sha2::{Digest, Sha256};

/// Bytes of the documents that are kept for callers with the same permissions.
const MAX_BYTES: usize = 512 << 10;

/// The documents of a schema, by their hash. Each schema has its own: whoever knows a hash learns nothing of what others send.
pub(crate) struct DocumentCache {
    documents: BoundedMap<String>,
}

impl Default for DocumentCache {
    fn default() -> Self {
        Self { documents: BoundedMap::with_room(MAX_BYTES) }
    }
}

impl DocumentCache {
    /// Completes a request that names its document by a hash.
    ///
    /// # Errors
    /// The response to a hash that is not known, which makes the client send the document, or that is not the document's.
    pub(crate) fn complete(&self, request: &mut GraphqlRequest) -> Result<(), GraphqlResponse> {
        let Some(hash) = &request.document_hash else { return Ok(()) };
        if !request.query.is_empty() {
            let is_right = hash_document(&request.query) == *hash;
            return if is_right { Ok(()) } else { Err(refuse_hash("provided sha does not match query")) };
        }
        request.query = self.documents.get(hash).ok_or_else(unknown_hash)?;
        Ok(())
    }

    /// Keeps a valid document under its hash.
    pub(crate) fn keep(&self, hash: &str, document: &str) {
        self.documents.insert(hash, document.to_owned(), hash.len() + document.len());
    }
}

/// SHA-256 in hexadecimal digits.
fn hash_document(document: &str) -> String {
    Sha256::digest(document.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Apollo's clients wait for this message or code, with the status 200, and send the document.
fn unknown_hash() -> GraphqlResponse {
    let error = json!({ "message": "PersistedQueryNotFound", "extensions": { "code": "PERSISTED_QUERY_NOT_FOUND" } });
    GraphqlResponse { status: 200, body: json!({ "errors": [error] }).to_string().into_bytes() }
}

fn refuse_hash(message: &str) -> GraphqlResponse {
    GraphqlResponse { status: 400, body: ApiError::invalid(message).to_body(Some("BAD_REQUEST")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(query: &str, hash: &str) -> GraphqlRequest {
        GraphqlRequest { query: query.to_owned(), document_hash: Some(hash.to_owned()), ..GraphqlRequest::default() }
    }

    #[test]
    fn documents_are_known_by_their_hash() {
        let cache = DocumentCache::default();
        let hash = hash_document("{ __typename }");
        assert_eq!(hash, "7f56e67dd21ab3f30d1ff8b7bed08893f0a0db86449836189b361dd1e56ddb4b");
        assert_eq!(cache.complete(&mut request("", &hash)).unwrap_err().status, 200);
        assert!(cache.complete(&mut request("{ __typename }", &hash)).is_ok());
        assert_eq!(cache.complete(&mut request("{ other }", &hash)).unwrap_err().status, 400);
        cache.keep(&hash, "{ __typename }");
        let mut named = request("", &hash);
        assert!(cache.complete(&mut named).is_ok());
        assert_eq!(named.query, "{ __typename }");
    }
}
