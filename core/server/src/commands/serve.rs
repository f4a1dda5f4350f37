//! `cairn serve`.

use super::Project;
use crate::wiring::{Failure, build};
use crate::{listen, logging};
use cairn_access::SystemClock;
use std::sync::Arc;

#[derive(Debug, clap::Args)]
pub(super) struct Serve {
    #[command(flatten)]
    project: Project,
    /// Address and port to listen on; default 127.0.0.1:1337
    #[arg(long, value_name = "ADDR")]
    listen: Option<String>,
}

impl Serve {
    pub(super) async fn run(self) -> Result<(), Failure> {
        let mut config = self.project.config()?;
        logging::start(&config.log.level);
        if let Some(listen) = self.listen {
            config.server.listen = listen;
        }
        let address = config.server.listen.clone();
        // Asked for before anything is opened, so that a signal during the start is not lost.
        let stop = stop_signal().map_err(|e| Failure(format!("signals cannot be received: {e}")))?;
        let app = build(config, Arc::new(SystemClock)).await?;
        let types = app.default_tenant().content.registry().types().iter().filter(|t| t.is_api()).count();
        let tenants = app.declared_tenants();
        let running =
            listen::start(app, &address).await.map_err(|e| Failure(format!("cannot listen at {address}: {e}")))?;
        tracing::info!(address = %running.address, types, version = env!("CARGO_PKG_VERSION"), "cairn is serving");
        if tenants > 0 {
            tracing::info!(tenants, "beside the default tenant; each is opened by its first request");
        }
        stop.await;
        tracing::info!("stopping: no new connections, running requests finish");
        running.stop().await;
        tracing::info!("stopped");
        Ok(())
    }
}

fn stop_signal() -> std::io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}
