//! File > Export and File > Import of whole collections (.colpkg): the dialogs and their words.
//! Packages are read and written by the worker.

pub mod model;
