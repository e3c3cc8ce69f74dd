//! The headless program.

use std::process::ExitCode;

fn main() -> ExitCode {
    engram::cli::run(std::env::args_os())
}
