//! The headless program.

use std::process::ExitCode;

fn main() -> ExitCode {
    engram::base::remarks::to_standard_error();
    engram::cli::run(std::env::args_os())
}
