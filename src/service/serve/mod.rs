//! One handler file for each kind of request; this one only finds it.

pub(super) mod backups;
mod browse;
mod bulk;
mod cards;
mod checks;
mod deck_packages;
mod decks;
mod encrypted;
pub(super) mod explorer;
mod explorer_away;
mod explorer_media;
mod filtered;
pub(super) mod health;
pub(super) mod history;
pub(super) mod mail;
mod notes;
mod notetypes;
mod packages;
mod passwords;
mod pasted_pictures;
mod plain_texts;
mod profiles;
pub(super) mod rot;
mod salvage;
pub(super) mod settings;
mod simulation;
pub(super) mod stats;
pub(super) mod study;
pub(super) mod sync;
mod sync_job;
mod text_files;
mod training;
mod vault_holds;
mod vault_restore;
mod vault_sheet;
mod vault_thinning;
mod vault_trial;
pub(super) mod vaults;

use crate::base::error::Result;
use crate::collection::OpOutput;
use crate::domain::op::Op;
use crate::service::event::{Event, Undone};
use crate::service::fsrs::FsrsRequest;
use crate::service::request::{
    CardRequest, DeckRequest, PackageRequest, ProfileRequest, Request, SettingsRequest,
    StatsRequest, StudyRequest,
};
use crate::service::worker::Worker;

pub(super) fn serve(worker: &mut Worker, request: &Request) -> Result<()> {
    match request {
        Request::Profile(r) => profiles::serve(worker, r),
        Request::Deck(r) => decks::serve(worker, r),
        Request::Filtered(r) => filtered::serve(worker, r),
        Request::Bulk(r) => bulk::serve(worker, r),
        Request::Explorer(r) => explorer::serve(worker, r),
        Request::Browse(r) => browse::serve(worker, r),
        Request::Notetype(r) => notetypes::serve(worker, r),
        Request::Check(r) => checks::serve(worker, r),
        Request::History(r) => history::serve(worker, r),
        Request::Study(r) => study::serve(worker, r),
        Request::Card(r) => cards::serve(worker, r),
        Request::Note(r) => notes::serve(worker, r),
        Request::Backup(r) => backups::serve(worker, r),
        Request::Vault(r) => vaults::serve(worker, r),
        Request::Mail(r) => mail::serve(worker, r),
        Request::Sync(r) => sync::serve(worker, r),
        Request::Package(r) => packages::serve(worker, r),
        Request::Settings(r) => settings::serve(worker, r),
        Request::Stats(r) => stats::serve(worker, r),
        Request::Fsrs(r) => training::serve(worker, r),
        Request::Undo => undo(worker, Undone::Undo),
        Request::Redo => undo(worker, Undone::Redo),
        Request::CheckDatabase => backups::check_database(worker),
        // The loop itself shuts down.
        Request::Shutdown => Ok(()),
    }
}

fn undo(worker: &mut Worker, undone: Undone) -> Result<()> {
    let collection = worker.collection()?;
    let output = match undone {
        Undone::Redo => collection.redo()?,
        Undone::Undo | Undone::No => collection.undo()?,
    };
    let op = output.value;
    worker.report(op, undone, &output, 1)?;
    study::show_again(worker)
}

impl Worker {
    /// Tells faces what is on disk now.
    pub(super) fn report<T>(
        &mut self,
        op: Op,
        undone: Undone,
        output: &OpOutput<T>,
        affected: usize,
    ) -> Result<()> {
        let status = self.collection()?.undo_status();
        if output.changes.any() {
            self.gather_again();
        }
        self.emit(Event::Done {
            op,
            undone,
            changes: output.changes,
            affected,
            status,
        });
        if matches!(op, Op::UpdatePreferences | Op::RenameFlag | Op::Sync) {
            self.rules_changed();
            self.send_settings();
        }
        self.send_backup_status();
        self.warn_of_history();
        Ok(())
    }
}

/// Completes "Could not …".
pub(super) fn doing(request: &Request) -> &'static str {
    match request {
        Request::Profile(r) => match r {
            ProfileRequest::List => "list the profiles",
            ProfileRequest::Open { .. } => "open the profile",
            ProfileRequest::Close => "close the profile",
            ProfileRequest::Create { .. } => "create the profile",
            ProfileRequest::Rename { .. } => "rename the profile",
            ProfileRequest::Delete { .. } => "delete the profile",
            ProfileRequest::ImportAnki { .. } => "bring the Anki profile over",
        },
        Request::Deck(r) => match r {
            DeckRequest::LoadTree => "load the decks",
            DeckRequest::Select(_) | DeckRequest::LoadOverview => "open the deck",
            DeckRequest::Create { .. } => "create the deck",
            DeckRequest::Rename { .. } => "rename the deck",
            DeckRequest::Delete { .. } => "delete the deck",
            DeckRequest::SetCollapsed { .. } => "fold the deck",
            DeckRequest::Reparent { .. } => "move the deck",
            DeckRequest::SetDescription { .. } => "save the description",
            DeckRequest::UnburyDeck { .. } => "unbury the cards",
            DeckRequest::EmptyFiltered { .. } => "empty the deck",
            DeckRequest::RebuildFiltered { .. } => "rebuild the deck",
            DeckRequest::LoadOptions(_) => "load the deck’s options",
            DeckRequest::PreviewOptions(_) => "look at what would move",
            DeckRequest::SaveOptions(_) => "save the deck’s options",
        },
        Request::Filtered(r) => r.doing(),
        Request::Bulk(r) => r.doing(),
        Request::Explorer(r) => r.doing(),
        Request::Vault(r) => r.doing(),
        Request::Mail(r) => r.doing(),
        Request::Sync(r) => r.doing(),
        Request::Browse(r) => r.doing(),
        Request::Notetype(r) => r.doing(),
        Request::Check(r) => r.doing(),
        Request::History(r) => r.doing(),
        Request::Study(r) => match r {
            StudyRequest::Next => "show the next card",
            StudyRequest::Look => "look for due cards",
            StudyRequest::ShowAnswer { .. } => "show the answer",
            StudyRequest::Answer { .. } => "save the answer",
        },
        Request::Card(r) => match r {
            CardRequest::SetFlag { .. } => "set the flag",
            CardRequest::Bury { .. } | CardRequest::BuryNotes { .. } => "bury the card",
            CardRequest::Suspend { .. } | CardRequest::SuspendNotes { .. } => "suspend the card",
            CardRequest::ToggleMark { .. } => "mark the note",
            CardRequest::SetDueDate { .. } => "set the due date",
            CardRequest::Reset { .. } => "reset the card",
            CardRequest::LoadAnswers(_) => "look up the last answers",
            CardRequest::GradeNow { .. } => "grade the card",
            CardRequest::LoadReposition | CardRequest::Reposition { .. } => "reposition the card",
            CardRequest::DeleteNotes { .. } => "delete the note",
        },
        Request::Note(r) => r.doing(),
        Request::Backup(r) => r.doing(),
        Request::Package(r) => match r {
            PackageRequest::ExportCollection { .. } => "export the collection",
            PackageRequest::Unlock { .. } | PackageRequest::SavePlain { .. } => "decrypt the file",
            PackageRequest::AskRemembered => "ask the keychain",
            PackageRequest::ForgetRemembered => "forget the passwords",
            PackageRequest::ExportPlain { .. } => "export the notes",
            PackageRequest::ImportCollection { .. } => "import the collection",
            PackageRequest::PlanImport { .. } => "open the package",
            PackageRequest::ImportPackage { .. } => "import the package",
            PackageRequest::LookAtText { .. } => "read the file",
            PackageRequest::PlanText { .. } => "read the file",
            PackageRequest::ImportText { .. } => "import the file",
            PackageRequest::ExportText { .. } => "export the text file",
            PackageRequest::ExportPackage { .. } => "export the package",
        },
        Request::Settings(r) => match r {
            SettingsRequest::SaveProfile(_) | SettingsRequest::SaveCollection(_) => {
                "save the preferences"
            }
        },
        Request::Stats(r) => match r {
            StatsRequest::Graphs { .. } | StatsRequest::Stop => "gather the statistics",
            StatsRequest::SavePreferences(_) => "keep what was chosen",
            StatsRequest::CardInfo(_) => "look the card up",
            StatsRequest::SaveTable { .. } => "save the table",
            StatsRequest::SavePicture { .. } => "save the picture",
        },
        Request::Fsrs(FsrsRequest::Optimise(_)) => "optimize the FSRS parameters",
        Request::Fsrs(FsrsRequest::Evaluate(..)) => "evaluate the FSRS parameters",
        Request::Fsrs(FsrsRequest::Simulate(..) | FsrsRequest::Workload(..)) => "simulate study",
        Request::Fsrs(FsrsRequest::RetentionCosts(..)) => "estimate the workload",
        Request::Undo => "undo",
        Request::Redo => "redo",
        Request::CheckDatabase => "check the database",
        Request::Shutdown => "close the program",
    }
}
