//! stub
#[derive(clap::Args)]
pub(crate) struct DemoArgs {}
pub(crate) async fn run(_: DemoArgs, _: Option<&std::path::Path>) -> anyhow::Result<()> {
    Ok(())
}
