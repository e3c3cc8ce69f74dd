//! The headless program: the library on a command line.
