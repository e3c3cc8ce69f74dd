//! Wire formats: protobuf blobs and Anki's JSON, to and from domain values. Nothing else knows them.
