//! A body lent to a handler. What the handler leaves unread is drained after its response, within limits: closing a connection on a client
//! that is still sending would lose the response.

use bytes::Bytes;
use http_body_util::BodyExt;
use hyper::body::{Body, Frame, Incoming, SizeHint};
use parking_lot::Mutex;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

/// Largest number of bytes that are drained.
const MAX_DRAIN_BYTES: usize = 16 << 20;
/// Longest time that draining may take.
const MAX_DRAIN_TIME: Duration = Duration::from_secs(5);

/// A handle on a request's body.
#[derive(Clone)]
pub struct DrainableBody(Arc<Mutex<Incoming>>);

impl DrainableBody {
    /// A handle on a body.
    pub fn new(body: Incoming) -> Self {
        Self(Arc::new(Mutex::new(body)))
    }

    /// Reads and drops the rest of the body, within [`MAX_DRAIN_BYTES`] and [`MAX_DRAIN_TIME`].
    pub async fn drain(mut self) {
        let read = async {
            let mut drained = 0;
            while let Some(Ok(frame)) = self.frame().await {
                drained += frame.data_ref().map_or(0, Bytes::len);
                if drained > MAX_DRAIN_BYTES {
                    break;
                }
            }
        };
        // Slower than that: the connection is closed.
        let _ = tokio::time::timeout(MAX_DRAIN_TIME, read).await;
    }
}

impl Body for DrainableBody {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        Pin::new(&mut *self.0.lock()).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.0.lock().is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.0.lock().size_hint()
    }
}
