//! The page's own build of Rust's standard library.
//!
//! The library as it is delivered is made for speed and keeps a text for each way to
//! panic. Made again for size, and without those texts, it takes a tenth off the page.

use std::{path::PathBuf, process::Command};

use crate::setup::sysroot;

/// What of the library is made again.
const PARTS: &str = "std,panic_abort";
/// The library's own switch between speed and size.
const FEATURES: &str = "optimize_for_size";
/// Panics end the page at once, without words: its texts, and the places they name, stay away.
/// What a person has to know is told by values, never by a panic.
const FLAGS: &str = "-Zunstable-options -Cpanic=immediate-abort -Zlocation-detail=none -Zfmt-debug=none";

/// Makes a build of the page make the library, too, if its source is there.
pub(crate) fn use_in(build: &mut Command, rustc: &Command) {
    if source(rustc).is_some() {
        build
            // What is unstable is only how the library is built; the page's own code is checked
            // by the ordinary builds of its tests.
            .env("RUSTC_BOOTSTRAP", "1")
            .env("CARGO_UNSTABLE_BUILD_STD", PARTS)
            .env("CARGO_UNSTABLE_BUILD_STD_FEATURES", FEATURES)
            .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS", FLAGS);
    }
}

/// The library's source, where the compiler has it.
pub(crate) fn source(rustc: &Command) -> Option<PathBuf> {
    let library = sysroot(rustc)?.join("lib/rustlib/src/rust/library");
    library.join("std/Cargo.toml").is_file().then_some(library)
}
