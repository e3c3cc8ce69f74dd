//! The desktop program.

use clap::Parser as _;
use engram::base::job::Progress;
use engram::base::remarks;
use engram::explain::explain;
use engram::server::run_from_environment;
use engram::t;
use engram::ui::run::{Args, run};
use std::process::ExitCode;

fn main() -> ExitCode {
    let args = Args::parse();
    remarks::to_standard_error(false);
    let (doing, done) = if args.syncserver {
        // The terminal may be gone before the server is, which is no reason to end.
        let served = run_from_environment(&Progress::new(), remarks::say);
        ("run the sync server", served)
    } else {
        (t!("start Engram"), run(args))
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let message = explain(doing, &error);
            remarks::say(&format!(
                "{}. {} {}\n{}",
                message.what, message.cause, message.remedy, message.details
            ));
            ExitCode::FAILURE
        }
    }
}
