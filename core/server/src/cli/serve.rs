//! `cairn serve`.

use super::test_clock::read_test_clock;
use cairn_access::{Clock, SystemClock};
use cairn_app::config::ServerConfig;
use cairn_app::{OperatorError, build_app, logging};
use cairn_commands::ProjectArgs;
use cairn_router::{start_server, start_server_with_clock};
use std::sync::Arc;

#[derive(Debug, clap::Args)]
pub(super) struct ServeArgs {
    #[command(flatten)]
    project: ProjectArgs,
    /// Address and port to listen on; default 127.0.0.1:1337
    #[arg(long, value_name = "ADDR")]
    listen: Option<String>,
}

impl ServeArgs {
    pub(super) async fn run(self) -> Result<(), OperatorError> {
        let mut config = self.project.load_config()?;
        logging::start_logging(&config.log.level);
        if let Some(listen) = self.listen {
            config.server.listen = listen;
        }
        let address = config.server.listen.clone();
        let origins = describe_origins(&config.server);
        more_files();
        cairn_app::strapi_code::warn_unsupported(&config);
        // Asked for before anything is opened, so that a signal during the start is not lost.
        let stop = stop_signal().map_err(|e| OperatorError(format!("cannot listen for signals: {e}")))?;
        let test_clock = read_test_clock()?;
        let clock: Arc<dyn Clock> = match &test_clock {
            Some(clock) => clock.clone(),
            None => Arc::new(SystemClock),
        };
        let app = build_app(config, clock).await?;
        let types = app.default_tenant().content.registry().types().iter().filter(|t| t.is_api()).count();
        let tenants = app.declared_tenants();
        let running = match test_clock {
            None => start_server(app.clone(), &address).await,
            Some(clock) => start_server_with_clock(app.clone(), &address, clock).await,
        };
        let running = running.map_err(|e| OperatorError(format!("cannot listen on {address}: {e}")))?;
        tracing::info!(address = %running.address, types, version = env!("CARGO_PKG_VERSION"), "cairn is serving");
        tracing::info!("{origins}");
        if tenants > 0 {
            // Problems are logged; requests to such a tenant get a 503.
            tokio::task::spawn_blocking(move || app.check_tenants_types());
            tracing::info!(tenants, "this project has other tenants; each is opened at its first request");
        }
        stop.await;
        tracing::info!("stopping: no new connections are accepted, running requests finish");
        running.stop().await;
        tracing::info!("stopped");
        Ok(())
    }
}

/// Describes the pages of other origins that may use the API, and how that is changed: who starts a project reads it before a
/// browser refuses a front end.
fn describe_origins(config: &ServerConfig) -> String {
    if config.allows_any_origin() {
        return "pages of any website may use the content API, without cookies; to limit that, list the origins of your sites in \
                server.cors_origins (CAIRN_CORS_ORIGINS)"
            .to_owned();
    }
    match config.cors_origins.join(", ") {
        none if none.is_empty() => {
            "pages of other websites may not use the content API; to open it, list their origins in \
                                    server.cors_origins (CAIRN_CORS_ORIGINS), or \"*\" for all"
                .to_owned()
        }
        listed => format!("pages of {listed} may use the API (server.cors_origins)"),
    }
}

/// As many open files as the system lets this process have: connections and tenants take some each, and the usual limit
/// (1024) is below what a hundred open tenants may need.
fn more_files() {
    use nix::sys::resource::{Resource, getrlimit, setrlimit};
    let raised = getrlimit(Resource::RLIMIT_NOFILE).and_then(|(soft, hard)| match soft < hard {
        true => setrlimit(Resource::RLIMIT_NOFILE, hard, hard),
        false => Ok(()),
    });
    if let Err(e) = raised {
        tracing::debug!(error = %e, "cannot raise the limit on open files");
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
