//! The program `cairn` as an operator runs it: its commands, servers that are killed, what it writes and sends. One test program, since each
//! has the whole server in it.
#![expect(clippy::unwrap_used, reason = "a test stops where its ground gives way")]

mod applications;
mod backup;
mod buckets;
mod commands;
mod first_day;
mod import_strapi;
mod killed;
mod killed_schema_change;
mod logs;
mod mail;
mod person;
#[path = "../http/pictures.rs"]
mod pictures;
mod plugin_author;
mod plugin_commands;
mod plugins;
#[allow(dead_code, reason = "core/assets uses the rest of it")]
#[path = "../../../assets/tests/s3/proxy.rs"]
mod proxy;
mod schema;
mod schema_elsewhere;
mod test_clock;
mod types;
