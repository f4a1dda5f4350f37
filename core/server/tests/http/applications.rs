//! The plugins of this repository that are products of their own, each with its story. `cargo xtask test <id>` runs one of them.

mod crm;
