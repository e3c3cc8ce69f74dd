//! The desktop program.

use clap::Parser as _;
use engram::explain::explain;
use engram::t;
use engram::ui::run::{Args, run};
use std::process::ExitCode;

#[expect(
    clippy::print_stderr,
    reason = "without a window there is no other place to say it"
)]
fn main() -> ExitCode {
    match run(Args::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let message = explain(t!("start Engram"), &error);
            eprintln!("{}. {} {}", message.what, message.cause, message.remedy);
            eprintln!("{}", message.details);
            ExitCode::FAILURE
        }
    }
}
