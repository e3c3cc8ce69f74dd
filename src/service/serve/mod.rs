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
mod timeline;
mod training;
mod vault_holds;
mod vault_password;
mod vault_restore;
mod vault_sheet;
mod vault_thinning;
mod vault_trial;
pub(super) mod vaults;

use crate::base::error::Result;
use crate::collection::OpOutput;
use crate::domain::op::Op;
use crate::service::danger;
use crate::service::event::{Event, Undone};
use crate::service::fsrs::FsrsRequest;
use crate::service::request::{
    CardRequest, DeckRequest, PackageRequest, ProfileRequest, Request, SettingsRequest,
    StatsRequest, StudyRequest,
};
use crate::service::worker::Worker;
use crate::t;

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
        self.mirror.follow(output.changes);
        self.explain_changes(danger::explains(op, undone));
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
            ProfileRequest::List => t!("list the profiles"),
            ProfileRequest::Open { .. } => t!("open the profile"),
            ProfileRequest::Close => t!("close the profile"),
            ProfileRequest::Create { .. } => t!("create the profile"),
            ProfileRequest::Rename { .. } => t!("rename the profile"),
            ProfileRequest::Delete { .. } => t!("delete the profile"),
            ProfileRequest::ImportAnki { .. } => t!("bring the Anki profile over"),
        },
        Request::Deck(r) => match r {
            DeckRequest::LoadTree => t!("load the decks"),
            DeckRequest::Select(_) | DeckRequest::LoadOverview => t!("open the deck"),
            DeckRequest::Create { .. } => t!("create the deck"),
            DeckRequest::Rename { .. } => t!("rename the deck"),
            DeckRequest::Delete { .. } => t!("delete the deck"),
            DeckRequest::SetCollapsed { .. } => t!("fold the deck"),
            DeckRequest::Reparent { .. } => t!("move the deck"),
            DeckRequest::SetDescription { .. } => t!("save the description"),
            DeckRequest::UnburyDeck { .. } => t!("unbury the cards"),
            DeckRequest::EmptyFiltered { .. } => t!("empty the deck"),
            DeckRequest::RebuildFiltered { .. } => t!("rebuild the deck"),
            DeckRequest::LoadOptions(_) => t!("load the deck’s options"),
            DeckRequest::PreviewOptions(_) => t!("look at what would move"),
            DeckRequest::SaveOptions(_) => t!("save the deck’s options"),
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
            StudyRequest::Next => t!("show the next card"),
            StudyRequest::Look => t!("look for due cards"),
            StudyRequest::ShowAnswer { .. } => t!("show the answer"),
            StudyRequest::Answer { .. } => t!("save the answer"),
        },
        Request::Card(r) => match r {
            CardRequest::SetFlag { .. } => t!("set the flag"),
            CardRequest::Bury { .. } | CardRequest::BuryNotes { .. } => t!("bury the card"),
            CardRequest::Suspend { .. } | CardRequest::SuspendNotes { .. } => {
                t!("suspend the card")
            }
            CardRequest::ToggleMark { .. } => t!("mark the note"),
            CardRequest::SetDueDate { .. } => t!("set the due date"),
            CardRequest::Reset { .. } => t!("reset the card"),
            CardRequest::LoadAnswers(_) => t!("look up the last answers"),
            CardRequest::GradeNow { .. } => t!("grade the card"),
            CardRequest::LoadReposition | CardRequest::Reposition { .. } => {
                t!("reposition the card")
            }
            CardRequest::DeleteNotes { .. } => t!("delete the note"),
        },
        Request::Note(r) => r.doing(),
        Request::Backup(r) => r.doing(),
        Request::Package(r) => doing_with_package(r),
        Request::Settings(r) => match r {
            SettingsRequest::SaveProfile(_)
            | SettingsRequest::SaveCollection(_)
            | SettingsRequest::SaveLanguage(_) => t!("save the preferences"),
        },
        Request::Stats(r) => match r {
            StatsRequest::Graphs { .. } | StatsRequest::Stop => t!("gather the statistics"),
            StatsRequest::SavePreferences(_) => t!("keep what was chosen"),
            StatsRequest::CardInfo(_) => t!("look the card up"),
            StatsRequest::SaveTable { .. } => t!("save the table"),
            StatsRequest::SavePicture { .. } => t!("save the picture"),
            StatsRequest::SavePdf { .. } => t!("save the statistics"),
        },
        Request::Fsrs(FsrsRequest::Optimise(_)) => t!("optimize the FSRS parameters"),
        Request::Fsrs(FsrsRequest::Evaluate(..)) => t!("evaluate the FSRS parameters"),
        Request::Fsrs(FsrsRequest::Simulate(..) | FsrsRequest::Workload(..)) => {
            t!("simulate study")
        }
        Request::Fsrs(FsrsRequest::RetentionCosts(..)) => t!("estimate the workload"),
        Request::Undo => t!("undo"),
        Request::Redo => t!("redo"),
        Request::CheckDatabase => t!("check the database"),
        Request::Shutdown => t!("close the program"),
    }
}

fn doing_with_package(request: &PackageRequest) -> &'static str {
    match request {
        PackageRequest::ExportCollection { .. } => t!("export the collection"),
        PackageRequest::Unlock { .. } | PackageRequest::SavePlain { .. } => {
            t!("decrypt the file")
        }
        PackageRequest::AskRemembered => t!("ask the keychain"),
        PackageRequest::ForgetRemembered => t!("forget the passwords"),
        PackageRequest::ExportPlain { .. } => t!("export the notes"),
        PackageRequest::ImportCollection { .. } => t!("import the collection"),
        PackageRequest::PlanImport { .. } => t!("open the package"),
        PackageRequest::ImportPackage { .. } => t!("import the package"),
        PackageRequest::LookAtText { .. } => t!("read the file"),
        PackageRequest::PlanText { .. } => t!("read the file"),
        PackageRequest::ImportText { .. } => t!("import the file"),
        PackageRequest::ExportText { .. } => t!("export the text file"),
        PackageRequest::ExportPackage { .. } => t!("export the package"),
    }
}
