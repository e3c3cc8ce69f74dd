//! Stills of films: one frame, taken by the program `ffmpeg` where it is installed, on a thread of
//! their own, one film after the other. Kept in memory; nothing is written.

use crate::base::program::{self, Failure, Limits};
use std::collections::{HashMap, VecDeque};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

const LIMIT: Duration = Duration::from_secs(20);
/// A still of 1280 points is a tenth of this.
const MAX_BYTES: u64 = 8 << 20;
/// Kept at once; beyond it all begin anew.
const KEPT: usize = 64;
/// The first second of many films is black.
const SKIP: &str = "1";
/// What else names further files by itself (play lists, lists of pictures) stays unread.
const FORMATS: &str = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,ogg,flv,mpeg,mpegts,mpegvideo,asf";
/// Square pixels, and at most this much of them.
const SIZE: &str = "scale=w='min(4096,ceil(iw*sar))':h=ih,\
     scale=w='min(1280,iw)':h='min(1280,ih)':force_original_aspect_ratio=decrease,setsar=1";

/// What there is to see of a film.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Still {
    /// Its bytes, in a format that cards know.
    Picture(Arc<[u8]>),
    /// It is being taken; the one who asked is told when it is there.
    Waiting,
    /// With the reason.
    None(NoStill),
}

/// Why there is no still.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoStill {
    /// These pages show none.
    NotHere,
    NoFile,
    NoProgram,
    /// It has no picture, or is damaged.
    NoPicture,
    Failed(Failure),
}

/// Takes stills and keeps them.
pub(super) struct Stills(Arc<Shared>);

struct Shared {
    /// Where `ffmpeg` is looked for.
    folders: Vec<PathBuf>,
    stop: AtomicBool,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    stills: HashMap<Film, Still>,
    queue: VecDeque<Film>,
    /// The thread is there.
    running: bool,
    wakers: Vec<Waker>,
}

type Waker = Arc<dyn Fn() + Send + Sync>;

/// A file in one state.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Film {
    path: PathBuf,
    size: u64,
    changed: Option<Duration>,
}

impl Stills {
    pub fn new(folders: &[PathBuf]) -> Self {
        Self(Arc::new(Shared {
            folders: folders.to_vec(),
            stop: AtomicBool::new(false),
            state: Mutex::default(),
        }))
    }

    /// `waker` is called whenever a still that was waited for is there, or that there is none.
    pub fn tell(&self, waker: Waker) {
        self.0.lock().wakers.push(waker);
    }

    /// The still of a file, whose time of change is `changed`; never waits.
    pub fn of(&self, path: PathBuf, changed: Option<Duration>) -> Still {
        let Ok(meta) = std::fs::metadata(&path) else {
            return Still::None(NoStill::NoFile);
        };
        let film = Film {
            path,
            size: meta.len(),
            changed,
        };
        let mut state = self.0.lock();
        if let Some(still) = state.stills.get(&film) {
            return still.clone();
        }
        if program::find(&self.0.folders, &["ffmpeg"]).is_none() {
            return Still::None(NoStill::NoProgram);
        }
        if state.stills.len() >= KEPT {
            state.stills.retain(|_, still| *still == Still::Waiting);
        }
        if !state.running {
            let shared = self.0.clone();
            let thread = std::thread::Builder::new().name("film-still".to_owned());
            if let Err(error) = thread.spawn(move || shared.work()) {
                return Still::None(NoStill::Failed(Failure::NotStarted(error.to_string())));
            }
            state.running = true;
        }
        state.stills.insert(film.clone(), Still::Waiting);
        state.queue.push_back(film);
        Still::Waiting
    }
}

impl Drop for Stills {
    fn drop(&mut self) {
        self.0.stop.store(true, Ordering::Relaxed);
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn work(&self) {
        loop {
            let mut state = self.lock();
            let next = state.queue.pop_front();
            let Some(film) = next.filter(|_| !self.stop.load(Ordering::Relaxed)) else {
                state.running = false;
                return;
            };
            drop(state);
            let still = match self.take(&film.path) {
                Ok(picture) => Still::Picture(picture.into()),
                Err(reason) => Still::None(reason),
            };
            let mut state = self.lock();
            state.stills.insert(film, still);
            let wakers = state.wakers.clone();
            drop(state);
            wakers.iter().for_each(|wake| wake());
        }
    }

    fn take(&self, film: &Path) -> Result<Vec<u8>, NoStill> {
        let program = program::find(&self.folders, &["ffmpeg"]).ok_or(NoStill::NoProgram)?;
        // A short film has nothing so far in: then its first picture.
        let mut last = NoStill::NoPicture;
        for skip in [Some(SKIP), None] {
            let limits = Limits {
                time: LIMIT,
                bytes: MAX_BYTES,
                stop: &self.stop,
            };
            match program::run(&mut command(&program, film, skip), "", limits) {
                Ok(bytes) if bytes.is_empty() => last = NoStill::NoPicture,
                Ok(bytes) => return Ok(bytes),
                Err(Failure::Reported) => last = NoStill::NoPicture,
                Err(failure) => return Err(NoStill::Failed(failure)),
            }
        }
        Err(last)
    }
}

fn command(program: &Path, film: &Path, skip: Option<&str>) -> Command {
    // With its scheme a name is never an option, a pattern or another address.
    let mut source = OsString::from("file:");
    source.push(film);
    let mut command = Command::new(program);
    command
        .args([
            "-nostdin",
            "-hide_banner",
            "-loglevel",
            "error",
            "-threads",
            "1",
        ])
        .args(["-protocol_whitelist", "file", "-format_whitelist", FORMATS])
        .args([
            "-max_pixels",
            &crate::base::limits::MAX_IMAGE_PIXELS.to_string(),
        ]);
    if let Some(skip) = skip {
        command.args(["-ss", skip]);
    }
    command
        .arg("-i")
        .arg(source)
        .args(["-map", "0:v:0", "-frames:v", "1", "-vf", SIZE])
        .args(["-c:v", "mjpeg", "-pix_fmt", "yuvj420p", "-q:v", "4"])
        .args(["-threads", "1", "-f", "image2pipe", "pipe:1"]);
    command
}
