//! The code and its glue agree on names that are made for people and carry a number
//! each: about two hundred of them, which no compression shortens. Here they agree on
//! shorter ones, and the glue loses what was written for its readers.

use std::{collections::HashMap, fs, path::Path, time::Duration};

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

use crate::{process::answer_within, setup::Tools, workspace::Workspace};

/// Shortens the names in a built page's code and in its glue.
pub(super) fn shorten(workspace: &Workspace, tools: &Tools, page: &Path) -> Result<()> {
    let code = super::only_file(page, "_bg.wasm")?;
    let glue = super::only_file(page, ".js")?;
    let long = page.join("long.wasm");
    fs::rename(&code, &long).context("can't put the code aside")?;
    let mut wasm_opt = tools.page_rust()?.command(workspace, "wasm-opt")?;
    wasm_opt.args(FEATURES).args(["-Oz", "--minify-imports-and-exports-and-modules"]);
    wasm_opt.arg(&long).arg("-o").arg(&code);
    let told = answer_within(wasm_opt, PATIENCE).context("wasm-opt did not say which names it shortened")?;
    fs::remove_file(&long).context("can't remove the code with long names")?;
    let names = Names::parse(&told)?;
    let text = fs::read_to_string(&glue).with_context(|| format!("can't read {}", glue.display()))?;
    fs::write(&glue, names.put_into(&names.without_unused(&text)))
        .with_context(|| format!("can't write {}", glue.display()))?;
    let mut esbuild = tools.page_rust()?.command(workspace, "esbuild")?;
    esbuild.arg(&glue).args(["--minify", "--allow-overwrite", "--log-level=warning"]);
    esbuild.arg(format!("--outfile={}", glue.display()));
    answer_within(esbuild, PATIENCE).context("esbuild could not shorten the glue")?;
    Ok(())
}

/// How long either tool may take; some seconds on a machine that has nothing else to do.
const PATIENCE: Duration = Duration::from_mins(5);

/// What the compiler uses and every browser of the last years has; nothing newer.
const FEATURES: [&str; 6] = [
    "--enable-bulk-memory",
    "--enable-multivalue",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-sign-ext",
];

/// Which name became which.
#[derive(Debug, Default)]
struct Names {
    modules: HashMap<String, String>,
    /// What the glue gives to the code: members of one object.
    imports: HashMap<String, String>,
    /// What the code gives to the glue: members of `wasm`.
    exports: HashMap<String, String>,
}

impl Names {
    /// Reads what wasm-opt prints: `{"imports": [[module, name, short], …], "exports": [[name, short], …]}`.
    fn parse(told: &str) -> Result<Self> {
        let told: Value = serde_json::from_str(told).context("wasm-opt's list of names is no JSON")?;
        let mut names = Self::default();
        for import in list(&told, "imports")? {
            let [_, name, short] = texts(import)?;
            names.imports.insert(name, short);
        }
        for export in list(&told, "exports")? {
            let [name, short] = texts(export)?;
            names.exports.insert(name, short);
        }
        // wasm-opt has the one short module name that it gives in no list.
        if let Some(module) = list(&told, "imports")?.first() {
            let [module, _, _] = texts(module)?;
            names.modules.insert(module, SHORT_MODULE.to_owned());
        }
        Ok(names)
    }

    /// The glue without the functions that the code does not take.
    fn without_unused(&self, glue: &str) -> String {
        let mut kept = String::with_capacity(glue.len());
        let mut skips = false;
        for line in glue.lines() {
            // Each is a member of one object, indented by two steps.
            let member = line.strip_prefix(MEMBER).filter(|rest| rest.starts_with("__wb"));
            if let Some((name, function)) = member.and_then(|member| member.split_once(": "))
                && function.starts_with("function(")
            {
                skips = !self.imports.contains_key(name);
            }
            if !skips {
                kept.push_str(line);
                kept.push('\n');
            }
            if line.starts_with(&format!("{MEMBER}}}")) {
                skips = false;
            }
        }
        kept
    }

    fn put_into(&self, glue: &str) -> String {
        let mut short = String::with_capacity(glue.len());
        let mut rest = glue;
        while let Some(start) = rest.find(is_word) {
            let (before, from) = rest.split_at(start);
            short.push_str(before);
            let end = from.find(|letter| !is_word(letter)).unwrap_or(from.len());
            let (word, after) = from.split_at(end);
            let known =
                if short.ends_with("wasm.") { self.exports.get(word) } else { self.imports.get(word) };
            short.push_str(known.map_or(word, String::as_str));
            rest = after;
        }
        short.push_str(rest);
        for (module, name) in &self.modules {
            short = short.replace(&format!("\"{module}\""), &format!("\"{name}\""));
        }
        short
    }
}

/// The indentation of a member of the object that the glue gives to the code.
const MEMBER: &str = "        ";

/// The module's name after wasm-opt's pass that shortens modules.
const SHORT_MODULE: &str = "a";

fn is_word(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || letter == '_' || letter == '$'
}

fn list<'told>(told: &'told Value, name: &str) -> Result<&'told Vec<Value>> {
    told.get(name).and_then(Value::as_array).with_context(|| format!("wasm-opt told no {name}"))
}

fn texts<const COUNT: usize>(row: &Value) -> Result<[String; COUNT]> {
    let texts: Option<Vec<String>> =
        row.as_array().and_then(|row| row.iter().map(|text| text.as_str().map(str::to_owned)).collect());
    match texts.map(<[String; COUNT]>::try_from) {
        Some(Ok(texts)) => Ok(texts),
        Some(Err(_)) | None => bail!("wasm-opt's list of names has a row of another shape: {row}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOLD: &str = r#"{"imports": [["./page_bg.js", "__wbg_gain_41", "$a"], ["./page_bg.js", "__wbg_get_7", "b"]],
        "exports": [["memory", "c"], ["main", "d"]]}"#;

    #[test]
    fn the_glue_gets_the_codes_names_where_it_means_the_code() {
        let glue = "/**\n * Starts.\n */\nexport function main() {\n    wasm.main(wasm.memory.buffer);\n}\n// once\nconst import0 = {\n    __wbg_gain_41: function() { return 'memory'; },\n    \"./page_bg.js\": __wbg_gain_412,\n};\n";
        assert_eq!(
            Names::parse(TOLD).unwrap().put_into(glue),
            "/**\n * Starts.\n */\nexport function main() {\n    wasm.d(wasm.c.buffer);\n}\n// once\nconst import0 = {\n    $a: function() { return 'memory'; },\n    \"a\": __wbg_gain_412,\n};\n"
        );
    }

    #[test]
    fn functions_that_the_code_does_not_take_go() {
        let glue = "const import0 = {\n        __wbg_gain_41: function(arg0) {\n            return 1;\n        },\n        __wbg_old_3: function() { return handleError(function (arg0) {\n            return 2;\n        }, arguments); },\n        __wbg_get_7: other,\n}\n";
        let kept = Names::parse(TOLD).unwrap().without_unused(glue);
        assert_eq!(
            kept,
            "const import0 = {\n        __wbg_gain_41: function(arg0) {\n            return 1;\n        },\n        __wbg_get_7: other,\n}\n"
        );
    }

    #[test]
    fn another_shape_of_list_is_refused() {
        assert!(Names::parse("done").is_err());
        assert!(Names::parse(r#"{"imports": [["one"]], "exports": []}"#).is_err());
    }
}
