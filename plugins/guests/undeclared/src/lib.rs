//! A plugin that reaches for what no plugin may have: a key-value store of WASI, and where the compiler has them the file system and
//! sockets (`wasi:filesystem`, `wasi:sockets`: by rustup's `wasm32-wasip2` only). The host refuses to install it.

use cairn_plugin::{Call, Change, Decision, Hooks, Result};
use std::io::Read;

mod raw {
    #![allow(missing_docs, clippy::all, reason = "generated")]
    // A stub stands in for the real interface, which needs many others: a host that checks names refuses it before it checks functions.
    wit_bindgen::generate!({
        inline: "
            package cairn:undeclared;
            world undeclared { import wasi:keyvalue/store@0.2.0; }
            package wasi:keyvalue@0.2.0 { interface store { open: func(name: string) -> string; } }
        ",
        generate_all,
    });
}

struct Undeclared;
cairn_plugin::export!(Undeclared: hooks);

impl Hooks for Undeclared {
    fn before(_call: &Call, _hook: &str, changes: &[Change]) -> Result<Vec<Decision>> {
        let mut text = raw::wasi::keyvalue::store::open("all");
        text.push_str(&std::fs::read_to_string("/etc/hostname").unwrap_or_default());
        if let Ok(mut stream) = std::net::TcpStream::connect(("example.org", 80)) {
            // The text that arrives before the connection breaks is as good as all of it.
            let _ = stream.read_to_string(&mut text);
        }
        Ok(vec![Decision::refuse_field("title", "read", text); changes.len()])
    }
}
