//! Everything that screens draw from: projections of what the worker said, no truth of its own.
//! Changed by `apply_event` alone (and a few flags by `handle_action`).

use crate::backup::entry::Entry;
use crate::base::ids::DeckId;
use crate::base::lang;
use crate::domain::deck_tree::DeckTreeNode;
use crate::domain::study::{Congrats, StudiedToday};
use crate::explain::UserMessage;
use crate::service::event::{
    AnkiProfile, BackupStatus, CopiesState, DeckOverview, MirrorStatus, ProfileSummary, UndoStatus,
};
use crate::service::jobs::JobView;
use crate::service::request::CollectionSettings;
use crate::service::settings::ProfileSettings;
use crate::service::sync::SyncStatus;
use crate::ui::app::StartWith;
use crate::ui::browse::BrowseState;
use crate::ui::review::model::StudyModel;
use crate::ui::stats::model::StatsModel;
use crate::ui::sync::Closing;
use std::path::PathBuf;

/// Something that comes later.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Loadable<T> {
    #[default]
    Unasked,
    Loading,
    Ready(T),
}

impl<T> Loadable<T> {
    #[must_use]
    pub fn ready(&self) -> Option<&T> {
        match self {
            Self::Ready(t) => Some(t),
            Self::Unasked | Self::Loading => None,
        }
    }
}

/// What the program is about.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Phase {
    /// Until the profiles are listed.
    #[default]
    Starting,
    /// No profile is open.
    Profiles,
    /// A profile was asked for and is not there yet.
    Opening {
        name: String,
    },
    Open(OpenProfile),
    /// It was asked to close: the backup on close may be running, and nothing is done in it.
    Closing(OpenProfile),
    /// The collection cannot be opened; its backups can.
    Broken {
        name: String,
        message: UserMessage,
    },
    /// Shutdown was asked for: the backup on close may be running.
    Stopping,
    /// The worker has ended; the window may go.
    Stopped,
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct OpenProfile {
    pub name: String,
    /// Restored and not restarted since: automatic work is off.
    pub restored: bool,
    pub can_undo_restore: bool,
    /// The backup that it was restored from, when that happened in this run.
    pub restored_from: Option<PathBuf>,
}

/// The profiles window's list.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ProfileList {
    pub profiles: Vec<ProfileSummary>,
    /// Found in Anki's own data folder.
    pub anki: Vec<AnkiProfile>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct DeckList {
    pub root: DeckTreeNode,
    pub current: DeckId,
    pub today: StudiedToday,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Finished {
    /// `A::B`.
    pub deck: String,
    pub congrats: Congrats,
}

/// See the module header.
#[derive(Debug, Default)]
pub struct AppModel {
    pub phase: Phase,
    /// The worker has ended by a fault: all that is left is to quit.
    pub is_over: bool,
    pub profiles: Loadable<ProfileList>,
    pub decks: Loadable<DeckList>,
    pub overview: Option<DeckOverview>,
    pub study: StudyModel,
    pub finished: Option<Finished>,
    pub stats: StatsModel,
    /// Of the last frame, for menus and keys.
    pub browse: BrowseState,
    pub undo: UndoStatus,
    pub backup: BackupStatus,
    /// The second folder of backups; None without one.
    pub copies: Option<CopiesState>,
    pub sync: SyncStatus,
    /// What waits for the sync before the profile is closed.
    pub closing: Option<Closing>,
    /// The folder that mirrors the notes.
    pub mirror: MirrorStatus,
    /// Rows of the backup list, for the profile named.
    pub backups: Loadable<(String, Vec<Entry>)>,
    pub settings: ProfileSettings,
    pub collection_settings: Option<CollectionSettings>,
    /// Code of the language that was chosen for the next start; None: as the system.
    pub language: Option<String>,
    /// Running jobs as of this frame.
    pub jobs: Vec<JobView>,
    pub banner_dismissed: bool,
    /// What the command line asked for, until it is done.
    pub start_with: StartWith,
    /// Where the profiles are, for people.
    pub data_folder: String,
    /// A package that waits until a profile is open.
    pub waiting_file: Option<PathBuf>,
    /// The profile was made for that package: no question.
    pub waiting_file_is_first: bool,
}

impl AppModel {
    /// A backup was restored: backups and syncing by themselves are off.
    #[must_use]
    pub fn is_suspended(&self) -> bool {
        self.profile().is_some_and(|profile| profile.restored)
    }

    /// Cards have buttons that play their sounds.
    #[must_use]
    pub fn shows_play_buttons(&self) -> bool {
        let settings = self.collection_settings.as_ref();
        settings.is_none_or(|s| s.show_play_buttons)
    }

    /// What the user calls flag 1 to 7; None for the usual name.
    #[must_use]
    pub fn flag_name(&self, flag: u8) -> Option<&str> {
        let names = &self.collection_settings.as_ref()?.flag_names;
        names.get(usize::from(flag).checked_sub(1)?)?.as_deref()
    }

    /// The open profile's name.
    #[must_use]
    pub fn profile(&self) -> Option<&OpenProfile> {
        match &self.phase {
            Phase::Open(p) => Some(p),
            _ => None,
        }
    }

    #[must_use]
    pub fn is_open(&self) -> bool {
        self.profile().is_some()
    }

    /// Nothing can be shown yet but that something will be.
    #[must_use]
    pub fn is_starting(&self) -> bool {
        match self.phase {
            Phase::Starting | Phase::Opening { .. } => true,
            Phase::Open(_) => self.decks.ready().is_none(),
            _ => false,
        }
    }

    /// Name of the profile that is open, opening, closing or broken.
    #[must_use]
    pub fn profile_name(&self) -> Option<&str> {
        match &self.phase {
            Phase::Open(p) | Phase::Closing(p) => Some(&p.name),
            Phase::Opening { name } | Phase::Broken { name, .. } => Some(name),
            _ => None,
        }
    }

    /// The running job of that title, which is marked for translation.
    #[must_use]
    pub fn job_called(&self, title: &'static str) -> Option<&JobView> {
        let title = lang::say(title);
        self.jobs.iter().find(|job| job.title == title)
    }

    /// The job that the collection is lent to.
    #[must_use]
    pub fn exclusive_job(&self) -> Option<&JobView> {
        self.jobs.iter().find(|j| j.exclusive)
    }

    /// The deck marked in the list.
    #[must_use]
    pub fn current_deck(&self) -> Option<DeckId> {
        self.decks.ready().map(|d| d.current)
    }

    /// A deck was chosen: pages and keys are about it from now on, and no longer about the one before,
    /// though the worker has not told anything of it yet.
    pub fn choose_deck(&mut self, id: DeckId) {
        if let Loadable::Ready(decks) = &mut self.decks {
            decks.current = id;
        }
        self.overview.take_if(|shown| shown.id != id);
    }

    /// Whether the current deck is a filtered one; false while it is not known.
    #[must_use]
    pub fn current_deck_is_filtered(&self) -> bool {
        let Some(decks) = self.decks.ready() else {
            return false;
        };
        match &self.overview {
            Some(overview) if overview.id == decks.current => overview.filtered,
            _ => (decks.root.find(decks.current)).is_some_and(|node| node.filtered),
        }
    }

    /// Forgets all that belongs to a collection.
    pub fn forget_collection(&mut self) {
        self.decks = Loadable::Unasked;
        self.overview = None;
        self.study = StudyModel::default();
        self.finished = None;
        self.stats = StatsModel::default();
        self.browse = BrowseState::default();
        self.undo = UndoStatus::default();
        self.backup = BackupStatus::default();
        self.copies = None;
        self.sync = SyncStatus::default();
        self.closing = None;
        self.mirror = MirrorStatus::default();
        self.collection_settings = None;
        self.banner_dismissed = false;
    }
}
