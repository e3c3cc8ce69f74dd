//! Package containers (.colpkg, .apkg): zip and zstd, without SQL.
