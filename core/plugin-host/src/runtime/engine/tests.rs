//! Components as they come: damaged by the thousand, and with what no plugin has.

use super::*;

/// A part of a binary with its length before it, which is below 128 for all that is made here.
fn with_length_prefix(bytes: &[u8]) -> Vec<u8> {
    let length = u8::try_from(bytes.len()).ok().filter(|length| *length < 128).unwrap();
    [&[length], bytes].concat()
}

fn section(id: u8, bytes: &[u8]) -> Vec<u8> {
    [&[id][..], &with_length_prefix(bytes)].concat()
}

/// A component whose one function calls into a core module with a memory of these limits.
fn build_component(limits: &[u8]) -> Vec<u8> {
    let module = [
        b"\0asm\x01\0\0\0".to_vec(),
        // A type, a function of it, a memory, what is exported, its code, and what the memory begins with.
        section(1, b"\x01\x60\x01\x7f\x01\x7f"),
        section(3, b"\x01\x00"),
        section(5, &[b"\x01", limits].concat()),
        section(7, b"\x02\x01f\x00\x00\x01m\x02\x00"),
        section(10, b"\x01\x0a\x00\x20\x00\x28\x02\x00\x41\x01\x6a\x0b"),
        section(11, b"\x01\x00\x41\x00\x0b\x04\x01\x02\x03\x04"),
    ];
    [
        b"\0asm\x0d\0\x01\0".to_vec(),
        section(1, &module.concat()),
        // An instance of it, the type of the function, its export, the function made of that, and what the component exports.
        section(2, b"\x01\x00\x00\x00"),
        section(7, b"\x01\x40\x01\x01x\x79\x00\x79"),
        section(6, b"\x01\x00\x00\x01\x00\x01f"),
        section(8, b"\x01\x00\x00\x00\x00\x00"),
        section(11, b"\x01\x00\x01f\x01\x00\x00"),
    ]
    .concat()
}

#[test]
fn damaged_components_load_or_are_refused_with_a_reason() {
    let cache = tempfile::tempdir().unwrap();
    let runtime = PluginHost::new(cache.path().to_owned()).runtime().unwrap();
    let wasm = build_component(b"\x00\x01");
    runtime.load_component(&wasm).unwrap();
    let mut seed = 0x9e37_79b9_7f4a_7c15_u64;
    let mut random = |below: usize| {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        usize::try_from(seed >> 16).unwrap() % below
    };
    let mut refused = 0;
    for n in 0..10_000 {
        let mut damaged = wasm.clone();
        for _ in 0..=random(4) {
            let at = random(damaged.len());
            match random(5) {
                0 => damaged.truncate(at.max(1)),
                1 => damaged[at] = u8::try_from(random(256)).unwrap(),
                2 => damaged.insert(at, u8::try_from(random(256)).unwrap()),
                3 => drop(damaged.remove(at).max(u8::from(damaged.is_empty()))),
                _ => damaged[at] ^= 1 << random(8),
            }
            if damaged.is_empty() {
                break;
            }
        }
        // Damaged components are inspected as a package is, then loaded as a plugin is. A few are still valid.
        let _ = cairn_plugin_package::component::inspect_component(&damaged);
        match runtime.load_component(&damaged) {
            Ok(_) => {}
            Err(LoadError::NoComponent(why) | LoadError::Imports(why)) => {
                assert!(!why.is_empty(), "{n}");
                refused += 1;
            }
            Err(other) => panic!("{n}: {other:?}"),
        }
    }
    assert!(refused > 5_000, "only {refused} were refused");
    // Damaged components leave nothing behind that prevents a valid one from loading.
    runtime.load_component(&wasm).unwrap();
}

/// A thread beside it that counts would be a finer clock than the one it is given.
#[test]
fn shared_memories_are_refused() {
    let cache = tempfile::tempdir().unwrap();
    let runtime = PluginHost::new(cache.path().to_owned()).runtime().unwrap();
    runtime.load_component(&build_component(b"\x01\x01\x02")).unwrap();
    match runtime.load_component(&build_component(b"\x03\x01\x02")) {
        Err(LoadError::NoComponent(why)) => assert!(why.contains("thread") || why.contains("shared"), "{why}"),
        Err(other) => panic!("{other:?}"),
        Ok(_) => panic!("a memory may be shared"),
    }
}

#[test]
fn runtime_version_matches_the_lock_file() {
    let lock = include_str!("../../../../../Cargo.lock");
    let after = lock.split("name = \"wasmtime\"\nversion = \"").nth(1).unwrap();
    assert_eq!(RUNTIME_VERSION, format!("wasmtime {}", after.split('"').next().unwrap()));
}
