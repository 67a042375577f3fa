//! A compiler for the page out of Debian's packages, where rustup can't fetch the target.
//!
//! Debian has a recent rustc with its matching library source, but no library for
//! `wasm32-unknown-unknown`. It is built once and put where that rustc looks for it.

use std::{
    fs,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use anyhow::{Context as _, Result, bail};

use super::{
    apt, log,
    wasm_target::{PageRust, TARGET, has_target, libraries, sysroot},
};
use crate::{
    process::{Step, answer, command},
    workspace::{Workspace, is_executable, on_path},
};

/// One rustc with its cargo, linter, linker front end and library source.
const PACKAGES: [&str; 5] = ["rustc-web", "cargo-web", "rust-web-clippy", "rust-web-src", "rust-web-llvm"];
/// Where Debian's packages put executables.
const DEBIAN_BIN: &str = "/usr/bin";
/// What a build of the page or its tests calls.
const LINKED: [&str; 5] = ["cargo", "rustc", "rustdoc", "cargo-clippy", "clippy-driver"];
/// The parts of the standard library that the page and its tests link.
const STD_PARTS: &str = "-Zbuild-std=core,alloc,std,proc_macro,test,panic_abort,panic_unwind";
/// Beside the libraries built here: the compiler they belong to. A newer one can't read them.
const STAMP: &str = "built-by-softphone-setup";
/// The oldest rustc that compiles this workspace, as in its `rust-version`.
const OLDEST: (u32, u32) = (1, 95);

/// What an earlier set-up made, if it still fits the installed compiler.
pub(super) fn ready(workspace: &Workspace) -> Option<PageRust> {
    let links = links(workspace);
    let rustc = command(links.join("rustc"));
    (has_target(&rustc) && is_current(&rustc)).then_some(PageRust::Debian(links))
}

/// Installs the packages and builds the library.
pub(super) fn install(workspace: &Workspace) -> Result<PageRust> {
    apt::install(workspace, &PACKAGES, "building the page (rustup could not)", Duration::from_mins(2))?;
    if let Some(linker) = linker_package() {
        apt::install(workspace, &[&linker], "linking the page", Duration::from_secs(20))?;
    }
    let links = make_links(workspace)?;
    let rustc = command(links.join("rustc"));
    check_age(&rustc)?;
    if !(has_target(&rustc) && is_current(&rustc)) {
        build_std(workspace, &links, &rustc)?;
    }
    link_toolchain(workspace, &rustc);
    Ok(PageRust::Debian(links))
}

fn links(workspace: &Workspace) -> PathBuf {
    workspace.tools().join("debian-rust")
}

/// `rust-lld` is a link to `lld-N`, which is a package of its own that nothing depends on.
fn linker_package() -> Option<String> {
    let target = fs::read_link(Path::new(DEBIAN_BIN).join("rust-lld")).ok()?;
    let name = target.file_name()?.to_str()?.to_owned();
    name.starts_with("lld-").then_some(name)
}

/// A folder of links, because the others in Debian's folder must not go before the person's own.
fn make_links(workspace: &Workspace) -> Result<PathBuf> {
    let folder = links(workspace);
    fs::create_dir_all(&folder).with_context(|| format!("can't make the folder {}", folder.display()))?;
    for name in LINKED {
        let link = folder.join(name);
        let target = Path::new(DEBIAN_BIN).join(name);
        let _ = fs::remove_file(&link);
        if is_executable(&target) {
            symlink(&target, &link).with_context(|| format!("can't link {}", link.display()))?;
        }
    }
    Ok(folder)
}

fn check_age(rustc: &Command) -> Result<()> {
    let version = identity(rustc).context("Debian's rustc does not answer")?;
    let release = version.lines().find_map(|line| line.strip_prefix("release: ")).unwrap_or_default();
    let mut numbers = release.split('.').map(|part| part.parse::<u32>().unwrap_or(0));
    let found = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0));
    if found < OLDEST {
        bail!(
            "Debian's rustc here is {release}, the page needs {}.{} or newer. Install Rust by rustup and run: rustup target add {TARGET}",
            OLDEST.0,
            OLDEST.1
        );
    }
    Ok(())
}

/// What `rustc -vV` says: libraries fit exactly the compiler that says the same.
fn identity(rustc: &Command) -> Option<String> {
    let mut ask = command(rustc.get_program());
    ask.arg("-vV");
    answer(ask)
}

/// Whether libraries that an earlier set-up placed fit this compiler.
pub(super) fn is_current(rustc: &Command) -> bool {
    let Some(sysroot) = sysroot(rustc) else { return false };
    match fs::read_to_string(libraries(&sysroot).join(STAMP)) {
        Ok(stamp) => identity(rustc).as_deref() == Some(stamp.as_str()),
        // Not ours: the distribution's own, kept current by it.
        Err(_) => true,
    }
}

/// Builds the library as a dependency of an empty crate and moves it into the sysroot.
fn build_std(workspace: &Workspace, links: &Path, rustc: &Command) -> Result<()> {
    let empty = workspace.tools().join("std");
    let source = empty.join("src");
    fs::create_dir_all(&source).with_context(|| format!("can't make the folder {}", source.display()))?;
    fs::write(source.join("lib.rs"), "")?;
    fs::write(
        empty.join("Cargo.toml"),
        "[package]\nname = \"empty\"\nedition = \"2024\"\n\n[lib]\ncrate-type = [\"cdylib\"]\n\n[workspace]\n",
    )?;
    let target = empty.join("target");
    // Left-overs of an interrupted build would be copied as well.
    let _ = fs::remove_dir_all(&target);
    let mut cargo = command(links.join("cargo"));
    cargo
        .args(["build", "--release", "--target", TARGET, STD_PARTS])
        .current_dir(&empty)
        .env("PATH", workspace.path(&[links.to_owned()])?)
        .env("CARGO_TARGET_DIR", &target)
        // The source is the packaged one, so what is unstable is only the flag.
        .env("RUSTC_BOOTSTRAP", "1")
        // Without bitcode, link-time optimisation of the page fails.
        .env("RUSTFLAGS", "-Cembed-bitcode=yes -Copt-level=3")
        .env_remove("RUSTUP_TOOLCHAIN");
    let title = format!("Rust's standard library for {TARGET}, built from source");
    Step { title: &title, usual: Duration::from_mins(1), log: log(workspace, "wasm-std") }.run(cargo)?;
    let sysroot = sysroot(rustc).context("Debian's rustc does not say where its libraries are")?;
    place(&target.join(TARGET).join("release/deps"), &libraries(&sysroot))?;
    let identity = identity(rustc).context("Debian's rustc does not answer")?;
    fs::write(libraries(&sysroot).join(STAMP), identity)?;
    let _ = fs::remove_dir_all(empty);
    Ok(())
}

fn place(built: &Path, folder: &Path) -> Result<()> {
    // Two builds of one library in a sysroot are an error.
    if folder.join(STAMP).exists() {
        fs::remove_dir_all(folder).with_context(|| format!("can't replace {}", folder.display()))?;
    }
    fs::create_dir_all(folder).with_context(|| format!("can't make the folder {}", folder.display()))?;
    for entry in fs::read_dir(built).with_context(|| format!("can't read {}", built.display()))? {
        let file = entry?.path();
        if file.extension().is_some_and(|extension| extension == "rlib")
            && let Some(name) = file.file_name()
        {
            fs::copy(&file, folder.join(name))
                .with_context(|| format!("can't write into {}", folder.display()))?;
        }
    }
    Ok(())
}

/// For a person's own `RUSTUP_TOOLCHAIN=debian trunk serve`; nothing here depends on it.
fn link_toolchain(workspace: &Workspace, rustc: &Command) {
    let Some(sysroot) = sysroot(rustc) else { return };
    if on_path("rustup").is_none() {
        return;
    }
    let mut rustup = command("rustup");
    rustup.args(["toolchain", "link", "debian"]).arg(sysroot);
    let step = Step {
        title: "rustup toolchain `debian`",
        usual: Duration::from_secs(1),
        log: log(workspace, "rustup-link"),
    };
    // A convenience: failing to have it costs the person one variable.
    let _ = step.run(rustup);
}
