//! Rights of files: licences, releases, consents and embargoes, and what follows from them for whether a file may be delivered.
