//! Preferences: pages of settings that are saved at once.

pub mod model;
