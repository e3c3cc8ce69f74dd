//! The v3 scheduler as pure functions: time, seeds and options are arguments.
