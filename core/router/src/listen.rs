//! The listener: HTTP/1.1 with keep-alive, a limit on slow headers, and a graceful stop.

use crate::{request_entry, router, test_clock};
use axum::Router;
use cairn_access::MovableClock;
use cairn_app::{App, tenants};
use cairn_http::request_id::{RandomRequestId, remove_malformed_id};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tower::ServiceBuilder;
use tower_http::request_id::{PropagateRequestIdLayer, SetRequestIdLayer};

/// How long a client may take to send its headers.
const HEADER_READ_TIMEOUT: Duration = Duration::from_secs(10);
/// How long running requests may take to finish when the server stops.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(30);

/// A server that accepts connections.
pub struct RunningServer {
    /// Address it listens on, with the port that the system chose where port 0 was asked for.
    pub address: SocketAddr,
    stop: watch::Sender<bool>,
    ended: tokio::task::JoinHandle<()>,
}

impl RunningServer {
    /// Accepts no more connections and waits for running requests to finish.
    pub async fn stop(self) {
        let _ = self.stop.send(true);
        let _ = self.ended.await;
    }
}

/// Listens on `address` (port 0: a free one) and serves until stopped.
pub async fn start_server(app: Arc<App>, address: &str) -> std::io::Result<RunningServer> {
    let router = router::build_router(app.admin_ui.clone());
    serve_router(app, address, router).await
}

/// Like [`start_server`], for a program under test: whoever reaches the server may move its clock.
pub async fn start_server_with_clock(
    app: Arc<App>,
    address: &str,
    clock: Arc<MovableClock>,
) -> std::io::Result<RunningServer> {
    let router = router::build_router(app.admin_ui.clone()).merge(test_clock::routes(clock));
    serve_router(app, address, router).await
}

async fn serve_router(app: Arc<App>, address: &str, router: Router) -> std::io::Result<RunningServer> {
    let listener = TcpListener::bind(address).await?;
    let address = listener.local_addr()?;
    let (stop, stopped) = watch::channel(false);
    tokio::spawn(tenants::follow_changes(app.tenants.clone(), stopped.clone()));
    app.tenants.start_background(stopped.clone());
    let tenants = app.tenants.clone();
    let handle = tokio::spawn(async move {
        accept_connections(app, listener, router, stopped).await;
        tenants.wait_for_background().await;
    });
    Ok(RunningServer { address, stop, ended: handle })
}

async fn accept_connections(app: Arc<App>, listener: TcpListener, router: Router, mut stopped: watch::Receiver<bool>) {
    let graceful = GracefulShutdown::new();
    loop {
        let (stream, peer) = tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok(connection) => connection,
                Err(e) => {
                    // Out of file descriptors, or the peer is gone again: neither is a reason to stop.
                    tracing::warn!(error = %e, "cannot accept a connection");
                    tokio::time::sleep(Duration::from_millis(50)).await;
                    continue;
                }
            },
            _ = stopped.changed() => break,
        };
        let _ = stream.set_nodelay(true);
        let service = ServiceBuilder::new()
            .map_request(remove_malformed_id)
            .layer(SetRequestIdLayer::x_request_id(RandomRequestId))
            .layer(PropagateRequestIdLayer::x_request_id())
            .service(request_entry::ConnectionService::new(app.clone(), router.clone(), peer.ip()));
        let connection = hyper::server::conn::http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEADER_READ_TIMEOUT)
            .serve_connection(TokioIo::new(stream), TowerToHyperService::new(service));
        let connection = graceful.watch(connection);
        tokio::spawn(async move {
            if let Err(e) = connection.await {
                tracing::debug!(error = %e, "a connection ended");
            }
        });
    }
    drop(listener);
    if tokio::time::timeout(DRAIN_TIMEOUT, graceful.shutdown()).await.is_err() {
        tracing::warn!("some requests did not finish in time");
    }
}
