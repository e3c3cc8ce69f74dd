//! The collection file: the only module that names SQLite.
