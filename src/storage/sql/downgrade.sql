ALTER TABLE graves RENAME TO graves_18;
CREATE TABLE graves (
  usn integer NOT NULL,
  oid integer NOT NULL,
  type integer NOT NULL
);
INSERT INTO graves (usn, oid, type)
SELECT usn, oid, type
FROM graves_18;
DROP TABLE graves_18;
DROP TABLE tags;
DROP TABLE fields;
DROP TABLE templates;
DROP TABLE notetypes;
DROP TABLE decks;
DROP TABLE deck_config;
DROP TABLE config;
DROP INDEX idx_notes_mid;
DROP INDEX idx_cards_odid;
