//! `muster serve`.

use super::{Common, PrinterAt, Stop};
use crate::App;
use crate::app::Login;
use crate::lines::operation::{Operation, operation_current};
use clap::Args;
use muster_kernel::{Clock, IdSource};
use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;
use tokio::net::TcpListener;

/// Serve the pages and the API.
#[derive(Args)]
pub(crate) struct Serve {
    /// Address to listen on. Only loopback for now: logins are simple, and rights come with the next version.
    #[arg(long, env = "MUSTER_LISTEN", default_value = "127.0.0.1:8020")]
    listen: SocketAddr,
    #[command(flatten)]
    printer: PrinterAt,
}

impl Serve {
    pub(crate) async fn run(self, common: &Common) -> Result<ExitCode, Stop> {
        if !self.listen.ip().is_loopback() {
            return Err(Stop::Machine(
                "logins are simple in this version: listen on loopback only".to_owned(),
            ));
        }
        let db = common.open().await?;
        let operation = db
            .read("operation.current", |rx| operation_current(rx))
            .await?
            .unwrap_or_else(Operation::unnamed);
        let mut app = App::new(db, Clock::Wall, IdSource::Random, Login::Local, operation);
        app.printer = self.printer.printer();
        run(app, self.listen).await
    }
}

/// Serves an app until ctrl-C or SIGTERM.
pub(crate) async fn run(mut app: App, listen: SocketAddr) -> Result<ExitCode, Stop> {
    app.read_pdf = Arc::new(super::pdf_text::read_apart);
    let listener = TcpListener::bind(listen).await?;
    println!("Muster is open at http://{}", listener.local_addr()?);
    crate::serve::serve(app, listener, stopped()).await?;
    Ok(ExitCode::SUCCESS)
}

async fn stopped() {
    use tokio::signal::unix::{SignalKind, signal};
    let terminate = async {
        match signal(SignalKind::terminate()) {
            Ok(mut signal) => signal.recv().await,
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminate => {}
    }
}
