//! Which crate may use which. The arrows are those of ARCHITECTURE.md.

use anyhow::{Context as _, Result};
use serde_json::Value;

use super::Finding;
use crate::{process::command, workspace::Workspace};

/// A crate of the workspace and the ones of the workspace it may use.
struct Allowed {
    package: &'static str,
    uses: &'static [&'static str],
    /// Further ones that only its tests may use.
    tests_use: &'static [&'static str],
}

const ALLOWED: [Allowed; 10] = [
    Allowed { package: "vobiz", uses: &[], tests_use: &[] },
    Allowed { package: "wire", uses: &["vobiz"], tests_use: &[] },
    Allowed { package: "phone", uses: &["wire", "vobiz"], tests_use: &[] },
    Allowed {
        package: "softphone",
        uses: &["phone", "wire", "vobiz"],
        tests_use: &["testkit", "relay", "vobiz-sim"],
    },
    Allowed { package: "switchboard", uses: &["vobiz", "wire"], tests_use: &[] },
    Allowed { package: "relay", uses: &["switchboard", "vobiz", "wire"], tests_use: &[] },
    Allowed { package: "vobiz-sim", uses: &["vobiz"], tests_use: &[] },
    Allowed { package: "testkit", uses: &["relay", "vobiz-sim", "vobiz", "wire"], tests_use: &[] },
    Allowed { package: "wasm-streams", uses: &[], tests_use: &[] },
    Allowed { package: "xtask", uses: &[], tests_use: &[] },
];

/// Crates without clock, randomness and I/O, which also build for the browser.
pub(super) const PURE: [&str; 4] = ["vobiz", "wire", "phone", "switchboard"];

/// What brings a clock, randomness, I/O or a runtime with it.
const IMPURE: [&str; 15] = [
    "async-nats",
    "axum",
    "chrono",
    "fastrand",
    "getrandom",
    "gloo-net",
    "gloo-timers",
    "js-sys",
    "rand",
    "reqwest",
    "rusqlite",
    "time",
    "tokio",
    "tracing",
    "web-sys",
];
/// The page, and what stands in for a part of its libraries.
const OF_THE_PAGE: [&str; 2] = ["softphone", "wasm-streams"];
/// The browser's and the page's own libraries.
const ONLY_THE_PAGE: [&str; 6] = ["leptos", "web-sys", "js-sys", "gloo-net", "gloo-timers", "wasm-bindgen"];

/// Checks every package of the workspace.
pub(super) fn check(workspace: &Workspace) -> Result<Vec<Finding>> {
    let output = command("cargo")
        .args(["metadata", "--no-deps", "--format-version", "1", "--offline"])
        .current_dir(&workspace.root)
        .output()
        .context("`cargo metadata` can't be started")?;
    if !output.status.success() {
        anyhow::bail!("`cargo metadata` failed: {}", String::from_utf8_lossy(&output.stderr).trim());
    }
    findings(&serde_json::from_slice(&output.stdout).context("`cargo metadata` printed no JSON")?)
}

fn findings(metadata: &Value) -> Result<Vec<Finding>> {
    let packages = metadata["packages"].as_array().context("`cargo metadata` lists no packages")?;
    let mut findings = Vec::new();
    for package in packages {
        let name = package["name"].as_str().context("a package has no name")?;
        let Some(allowed) = ALLOWED.iter().find(|allowed| allowed.package == name) else {
            findings.push(Finding::new(
                name,
                "this crate is not in tidy's list of who may use whom; add it there and to ARCHITECTURE.md",
            ));
            continue;
        };
        for dependency in package["dependencies"].as_array().into_iter().flatten() {
            findings.extend(wrong(allowed, dependency));
        }
    }
    Ok(findings)
}

fn wrong(allowed: &Allowed, dependency: &Value) -> Option<Finding> {
    let used = dependency["name"].as_str()?;
    let package = allowed.package;
    let for_tests = dependency["kind"] == "dev";
    if dependency["path"].is_string() {
        let is_allowed = allowed.uses.contains(&used) || (for_tests && allowed.tests_use.contains(&used));
        return (!is_allowed).then(|| {
            Finding::new(package, format!("must not use `{used}`; ARCHITECTURE.md shows who may use whom"))
        });
    }
    if for_tests {
        return None;
    }
    if PURE.contains(&package) && IMPURE.contains(&used) {
        return Some(Finding::new(
            package,
            format!("must not use `{used}`: this crate has no clock, no randomness and no I/O"),
        ));
    }
    (!OF_THE_PAGE.contains(&package) && ONLY_THE_PAGE.contains(&used)).then(|| {
        Finding::new(package, format!("must not use `{used}`: only the page (src/) knows the browser"))
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn messages(package: &str, dependency: Value) -> Vec<String> {
        let metadata = json!({"packages": [{"name": package, "dependencies": [dependency]}]});
        findings(&metadata).unwrap().into_iter().map(|finding| finding.message).collect()
    }

    #[test]
    fn the_arrows_of_the_architecture_pass() {
        assert!(messages("phone", json!({"name": "wire", "path": "crates/wire", "kind": null})).is_empty());
        assert!(
            messages("softphone", json!({"name": "testkit", "path": "crates/testkit", "kind": "dev"}))
                .is_empty()
        );
        assert!(messages("relay", json!({"name": "tokio", "kind": null})).is_empty());
    }

    #[test]
    fn an_arrow_against_the_architecture_is_found() {
        for (package, used) in
            [("wire", "phone"), ("vobiz-sim", "relay"), ("relay", "vobiz-sim"), ("phone", "switchboard")]
        {
            let found = messages(package, json!({"name": used, "path": "crates/x", "kind": null}));
            assert!(found[0].contains(used), "{package}: {found:?}");
        }
        assert_eq!(
            messages("softphone", json!({"name": "testkit", "path": "crates/testkit", "kind": null})).len(),
            1
        );
    }

    #[test]
    fn a_clock_in_a_pure_crate_and_a_browser_in_a_server_are_found() {
        assert!(messages("phone", json!({"name": "tokio", "kind": null}))[0].contains("clock"));
        assert!(messages("relay", json!({"name": "web-sys", "kind": null}))[0].contains("only the page"));
        assert!(messages("phone", json!({"name": "tokio", "kind": "dev"})).is_empty());
    }

    #[test]
    fn a_crate_nobody_has_placed_is_found() {
        let metadata = json!({"packages": [{"name": "helpers", "dependencies": []}]});
        assert!(findings(&metadata).unwrap()[0].message.contains("ARCHITECTURE"));
    }
}
