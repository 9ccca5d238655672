//! stub until merge
use clap::Args;
/// stub
#[derive(Args)]
pub struct EdiLintArgs {}
/// stub
pub fn run(_: &EdiLintArgs) -> anyhow::Result<i32> {
    Ok(0)
}
