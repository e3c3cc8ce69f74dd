//! Notes: loading and saving for editors, adding, drafts, files for the media folder.

use super::{pasted_pictures, stats, study};
use crate::base::error::{AtPath as _, Error, Result};
use crate::base::files;
use crate::base::ids::{CardId, NoteId, NotetypeId};
use crate::collection::Collection;
use crate::domain::html::html_to_text_line;
use crate::domain::note::Note;
use crate::domain::note_edit::{AddingDefaults, NewNote, NoteEdit, NoteView};
use crate::domain::notetype::Notetype;
use crate::domain::op::Op;
use crate::media::add::{Content, add};
use crate::media::names;
use crate::media::picture::{self, PictureFormat};
use crate::render::{FormulaPicture, draw_formula, draw_svg};
use crate::service::draft;
use crate::service::event::{Event, Undone};
use crate::service::notes::{
    Adding, Draft, MediaContent, MediaToAdd, NoteEvent, NoteRequest, PictureData,
};
use crate::service::worker::{Job, Worker};
use crate::{mark, t};
use std::fs::File;
use std::path::Path;
use std::sync::Arc;

pub(super) fn serve(worker: &mut Worker, request: &NoteRequest) -> Result<()> {
    match request {
        NoteRequest::Load(id) => load(worker, *id),
        NoteRequest::Update(edit) => update(worker, edit),
        NoteRequest::Check(note) => check(worker, note),
        NoteRequest::StartAdding { studied, copy_of } => start(worker, *studied, *copy_of),
        NoteRequest::ChooseNotetype(id) => choose_notetype(worker, *id),
        NoteRequest::Add(new) => add_note(worker, new),
        NoteRequest::KeepDraft(draft) => {
            let folder = worker.open_profile_mut()?.paths.folder.clone();
            draft::keep(&folder, draft.as_deref())?;
            worker.say(NoteEvent::DraftKept);
            Ok(())
        }
        NoteRequest::LoadTags => {
            let tags = worker.collection()?.storage().tags()?;
            worker.say(NoteEvent::Tags(tags.into()));
            Ok(())
        }
        NoteRequest::SetSticky { notetype, sticky } => set_sticky(worker, *notetype, sticky),
        NoteRequest::AddMedia(media) => add_media(worker, media.clone()),
        NoteRequest::FetchPictures { ticket, urls } => {
            pasted_pictures::fetch_all(worker, *ticket, urls.clone())
        }
        NoteRequest::LoadPicture(name) => load_picture(worker, name.clone(), false),
        NoteRequest::CopyPicture(name) => load_picture(worker, name.clone(), true),
        NoteRequest::SavePicture { name, path } => save_picture(worker, name, path),
        NoteRequest::LoadFormula(formula) => load_formula(worker, formula.clone()),
    }
}

impl Worker {
    fn say(&self, event: NoteEvent) {
        self.emit(Event::Note(event));
    }
}

fn load(worker: &mut Worker, id: NoteId) -> Result<()> {
    let event = match worker.collection()?.note_view(id)? {
        Some(view) => NoteEvent::Loaded(Box::new(view)),
        None => NoteEvent::Gone(id),
    };
    worker.say(event);
    Ok(())
}

fn update(worker: &mut Worker, edit: &NoteEdit) -> Result<()> {
    let collection = worker.collection()?;
    let output = collection.update_notes(std::slice::from_ref(edit))?;
    let view = view_of(collection, edit.id)?;
    worker.say(NoteEvent::Saved {
        edit: edit.clone(),
        view: Box::new(view),
    });
    if output.changes.any() {
        worker.report(Op::UpdateNote, Undone::No, &output, output.value)?;
        study::show_again(worker)?;
    }
    Ok(())
}

fn view_of(collection: &Collection, id: NoteId) -> Result<NoteView> {
    collection
        .note_view(id)?
        .ok_or_else(|| Error::not_found(mark!("the note was deleted")))
}

fn check(worker: &mut Worker, note: &Note) -> Result<()> {
    let state = worker.collection()?.check_fields(note)?;
    worker.say(NoteEvent::Checked {
        note: note.id,
        state,
    });
    Ok(())
}

fn start(worker: &mut Worker, studied: Option<CardId>, copy_of: Option<CardId>) -> Result<()> {
    let folder = worker.open_profile_mut()?.paths.folder.clone();
    let collection = worker.collection()?;
    let notetypes = collection.storage().notetype_names()?;
    let draft = draft::find(&folder)?.filter(|draft| !draft.is_empty());
    let adding = match (copy_of, draft) {
        (Some(card), None) => copy_to_add(collection, card, notetypes)?,
        // What an earlier start left is seen before a copy takes its place.
        (asked, draft) => Adding {
            instead_of_copy: asked,
            ..new_to_add(collection, studied, notetypes, draft)?
        },
    };
    worker.say(NoteEvent::Adding(Box::new(adding)));
    Ok(())
}

fn copy_to_add(
    collection: &Collection,
    card: CardId,
    notetypes: Vec<(NotetypeId, String)>,
) -> Result<Adding> {
    let copy = collection.copy_of(card)?;
    Ok(Adding {
        notetype: notetype_of(collection, copy.notetype_id)?,
        deck_id: copy.deck_id,
        notetypes,
        fields: copy.fields,
        tags: copy.tags,
        from_draft: false,
        instead_of_copy: None,
    })
}

fn new_to_add(
    collection: &Collection,
    studied: Option<CardId>,
    notetypes: Vec<(NotetypeId, String)>,
    draft: Option<Draft>,
) -> Result<Adding> {
    let mut defaults = collection.adding_defaults(studied)?;
    let draft = draft.unwrap_or_default();
    let storage = collection.storage();
    if !draft.is_empty() {
        if storage.notetype(draft.notetype)?.is_some() {
            defaults.notetype_id = draft.notetype;
        }
        if storage
            .deck(draft.deck)?
            .is_some_and(|deck| !deck.is_filtered())
        {
            defaults.deck_id = draft.deck;
        }
    }
    let AddingDefaults {
        notetype_id,
        deck_id,
    } = defaults;
    let notetype = notetype_of(collection, notetype_id)?;
    let names: Vec<&str> = notetype.fields.iter().map(|f| f.name.as_str()).collect();
    let from_draft = !draft.is_empty();
    let fields = if from_draft {
        draft.fields_for(&names)
    } else {
        vec![]
    };
    Ok(Adding {
        deck_id,
        notetypes,
        fields,
        tags: draft.tags,
        from_draft,
        instead_of_copy: None,
        notetype,
    })
}

fn notetype_of(collection: &Collection, id: NotetypeId) -> Result<Arc<Notetype>> {
    collection
        .storage()
        .notetype(id)?
        .ok_or_else(|| Error::not_found(mark!("the note type does not exist any more")))
}

fn choose_notetype(worker: &mut Worker, id: NotetypeId) -> Result<()> {
    let collection = worker.collection()?;
    let notetype = notetype_of(collection, id)?;
    let notetypes = collection.storage().notetype_names()?;
    let deck = collection.deck_for_notetype(id)?;
    worker.say(NoteEvent::NotetypeChosen {
        notetype,
        notetypes,
        deck,
    });
    Ok(())
}

fn add_note(worker: &mut Worker, new: &NewNote) -> Result<()> {
    let folder = worker.open_profile_mut()?.paths.folder.clone();
    let output = worker.collection()?.add_note(new.clone())?;
    // The note is on disk: its draft is of no use any more, and must not come back.
    let draft_gone = draft::keep(&folder, None);
    let lines = new
        .fields
        .iter()
        .map(|field| html_to_text_line(field, true));
    let summary: Vec<String> = lines.filter(|line| !line.is_empty()).collect();
    worker.say(NoteEvent::Added {
        id: output.value,
        summary: summary.join(", "),
    });
    worker.report(Op::AddNote, Undone::No, &output, 1)?;
    if let Err(error) = draft_gone {
        // No failure of adding: who is told that it failed adds the note a second time.
        worker.notice(t!("remove the draft of the note, which was added"), &error);
    }
    study::show_again(worker)
}

fn set_sticky(worker: &mut Worker, id: NotetypeId, sticky: &[bool]) -> Result<()> {
    let collection = worker.collection()?;
    let output = collection.set_sticky(id, sticky)?;
    let notetype = notetype_of(collection, id)?;
    worker.say(NoteEvent::Sticky(notetype));
    if output.changes.any() {
        worker.report(Op::UpdateNotetype, Undone::No, &output, 1)?;
    }
    Ok(())
}

/// Beside everything else: files may be large and disks slow.
fn add_media(worker: &mut Worker, media: MediaToAdd) -> Result<()> {
    let folder = worker.open_profile_mut()?.paths.media();
    let as_png = worker
        .collection()?
        .storage()
        .config_or("pasteImagesAsPng", false)?;
    let format = if as_png {
        PictureFormat::Png
    } else {
        PictureFormat::Jpeg
    };
    let MediaToAdd { ticket, content } = media;
    let job = Job::quiet("media", mark!("add the file to the media folder"));
    worker.background(
        job,
        move |_progress| store(&folder, &content, format),
        move |worker, result| match result {
            Ok(name) => worker.say(NoteEvent::MediaAdded { ticket, name }),
            Err(message) => {
                worker.say(NoteEvent::MediaFailed { ticket });
                worker.emit(Event::Notice(message.in_short()));
            }
        },
    )?;
    Ok(())
}

fn load_picture(worker: &mut Worker, name: String, to_copy: bool) -> Result<()> {
    let folder = worker.open_profile_mut()?.paths.media();
    let wanted = name.clone();
    worker.background(
        Job::quiet("picture", mark!("load the picture")),
        move |_progress| {
            let decoded = match to_copy {
                true => picture::decode_whole(&folder, &wanted),
                false => picture::decode(&folder, &wanted),
            };
            match decoded {
                Err(_) if wanted.to_ascii_lowercase().ends_with(".svg") => {
                    draw_svg(&folder, &wanted)
                }
                decoded => decoded,
            }
        },
        move |worker, result| {
            // A missing picture is shown as missing, where it stands.
            let picture = result.ok().map(|(width, height, rgba)| PictureData {
                width,
                height,
                rgba: rgba.into(),
            });
            worker.say(match to_copy {
                true => NoteEvent::PictureToCopy { name, picture },
                false => NoteEvent::Picture { name, picture },
            });
        },
    )?;
    Ok(())
}

fn save_picture(worker: &mut Worker, name: &str, path: &Path) -> Result<()> {
    if !names::is_one_component(name) {
        return Err(Error::invalid(mark!("not a file of the media folder")));
    }
    let from = worker.open_profile_mut()?.paths.media().join(name);
    let job = Job::shown(
        "save picture",
        mark!("Saving the picture"),
        mark!("save the picture"),
    );
    stats::save_drawn(worker, job, path, move |out| {
        files::write_for_user(out, |file| {
            let mut picture = File::open(&from).at(&from)?;
            std::io::copy(&mut picture, file).at(out)?;
            Ok(())
        })
    })
}

fn load_formula(worker: &mut Worker, formula: FormulaPicture) -> Result<()> {
    let name = formula.name();
    worker.background(
        Job::quiet("formula", mark!("draw the formula")),
        move |_progress| draw_formula(&formula),
        move |worker, result| {
            // One that cannot be drawn is shown as its source.
            let picture = result.ok().map(|(width, height, rgba)| PictureData {
                width,
                height,
                rgba: rgba.into(),
            });
            worker.say(NoteEvent::Picture { name, picture });
        },
    )?;
    Ok(())
}

fn store(folder: &Path, content: &MediaContent, format: PictureFormat) -> Result<String> {
    match content {
        MediaContent::File(path) => {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            add(folder, &name, Content::File(path))
        }
        MediaContent::Bytes { name, data } => add(folder, name, Content::Bytes(data)),
        MediaContent::Picture {
            width,
            height,
            rgba,
        } => {
            let (name, bytes) = picture::encode(*width, *height, rgba, format)?;
            add(folder, &name, Content::Bytes(&bytes))
        }
    }
}
