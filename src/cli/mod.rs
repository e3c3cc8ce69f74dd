//! The headless program: the same library without a window, for rescue, cron and scripts. What it
//! prints and returns is a contract: extend it, do not break it.
//!
//! One file per group of commands; `output` writes, `session` opens profiles and collections.

mod alarm;
mod args;
mod backups;
mod cards;
mod checks;
mod copies;
mod encrypted;
mod find;
mod health;
mod history;
mod inside;
mod mail;
mod maintenance;
mod mirror;
mod output;
mod packages;
mod profiles;
mod recover;
mod salvage;
mod session;
mod source;
mod stats;
mod sync;
mod sync_server;
mod timeline;
mod vault;
mod watch;

use crate::base::remarks;
use args::{Arguments, Command};
use clap::Parser as _;
use output::{Answer, Failure, Output};
use session::Session;
use std::ffi::OsString;
use std::process::ExitCode;

/// Runs one command line and returns its exit status.
#[must_use]
pub fn run(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    let args: Vec<OsString> = args.into_iter().collect();
    let json_wished = args.iter().any(|a| a == "--json");
    let arguments = match Arguments::try_parse_from(&args) {
        Ok(arguments) => arguments,
        Err(error) => return output::usage(&error, json_wished),
    };
    remarks::to_standard_error(arguments.quiet);
    let output = Output {
        json: arguments.json,
    };
    let session = match Session::new(&arguments) {
        Ok(session) => session,
        Err(failure) => return output.failure(&failure),
    };
    let result = session.watched(|session| command(session, arguments.command));
    match result {
        Ok(answer) => output.answer(answer),
        Err(failure) => output.failure(&failure),
    }
}

fn command(session: &Session, command: Command) -> Result<Answer, Failure> {
    match command {
        Command::Profile(command) => profiles::run(session, command),
        Command::Info => maintenance::info(session),
        Command::Health => health::health(session),
        Command::Timeline { days } => timeline::run(session, days),
        Command::Import(import) => packages::import(session, &import),
        Command::Export(export) => packages::export(session, &export),
        Command::Mirror { folder } => mirror::run(session, &folder),
        Command::Backup(command) => backups::run(session, command),
        Command::Vault(command) => vault::run(session, command),
        Command::Mail(command) => mail::run(session, &command),
        Command::History(args) => history::run(session, &args),
        Command::Search(search) => cards::search(session, &search),
        Command::Render(render) => cards::render(session, &render),
        Command::Next(next) => cards::next(session, &next),
        Command::Answer(answer) => cards::answer(session, &answer),
        Command::Check(check) => maintenance::check(session, &check),
        Command::CheckMedia(check) => checks::check_media(session, &check),
        Command::EmptyCards(wanted) => checks::empty_cards(session, &wanted),
        Command::Salvage { file, out } => salvage::run(session, &file, &out),
        Command::Stats(wanted) => stats::stats(session, &wanted),
        Command::Sync(wanted) => sync::sync(session, &wanted),
        Command::SyncServer(wanted) => sync_server::run(session, &wanted),
    }
}
