//! `quayside simulate`: an ERP over real HTTP, played by the simulator.
use std::{net::SocketAddr, path::PathBuf};

use anyhow::Context;
use clap::Args;
use quayside_simulator::{Erp, Settings};
use tokio::net::TcpListener;

/// How to play.
#[derive(Args)]
pub(crate) struct SimulateArgs {
    /// Address and port to listen on.
    #[arg(long, default_value = "127.0.0.1:4100")]
    listen: SocketAddr,
    /// The signing secret, `whsec_…`.
    #[arg(long, env = "QUAYSIDE_TEST_ERP_SECRET")]
    secret: String,
    /// A file that keeps what was taken across restarts.
    #[arg(long)]
    journal: Option<PathBuf>,
}

/// Plays until told to stop.
#[expect(clippy::print_stdout, reason = "the address is what the caller waits for")]
pub(crate) async fn run(args: &SimulateArgs) -> anyhow::Result<()> {
    let settings = Settings { journal: args.journal.clone(), ..Settings::new(args.secret.clone()) };
    let erp = Erp::open(settings)?;
    let listener =
        TcpListener::bind(args.listen).await.with_context(|| format!("listening on {}", args.listen))?;
    println!("http://{}/erp/v1", listener.local_addr()?);
    let stop = crate::cli::stop_signal();
    tokio::select! {
        ended = quayside_simulator::serve(listener, erp) => ended.context("the simulator stopped"),
        () = stop.cancelled() => Ok(()),
    }
}
