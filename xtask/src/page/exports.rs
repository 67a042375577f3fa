//! Functions that the code gives away and nobody calls.
//!
//! `server_fn`, which comes with Leptos, gives three classes of streams to JavaScript.
//! The page streams nothing, but what is given away is never left out by itself: here
//! it is taken back, before the code is made smaller.

use anyhow::{Context as _, Result, bail};

/// What all of them begin with, in the code.
const UNUSED: &str = "intounderlying";
/// Section of the exports,
/// <https://webassembly.github.io/spec/core/binary/modules.html#export-section>.
const EXPORTS: u8 = 7;
/// The magic number and the version before the first section.
const HEADER: usize = 8;

/// The code without the unused exports.
pub(super) fn without_unused(code: &[u8]) -> Result<Vec<u8>> {
    let (header, sections) = code.split_at_checked(HEADER).context("the code is cut off")?;
    let mut out = header.to_vec();
    let mut rest = Reader(sections);
    while let Some(kind) = rest.byte() {
        let body = rest.bytes().context("a section of the code is cut off")?;
        let body = if kind == EXPORTS { kept(body)? } else { body.to_vec() };
        out.push(kind);
        put_number(&mut out, body.len());
        out.extend(body);
    }
    Ok(out)
}

/// The exports' section with those that are used.
fn kept(section: &[u8]) -> Result<Vec<u8>> {
    let mut rest = Reader(section);
    let count = rest.number().context("the code's exports have no count")?;
    let mut used = Vec::new();
    for _ in 0..count {
        let before = rest.0;
        let name = rest.bytes().context("an export has no name")?;
        let is_unused = name.starts_with(UNUSED.as_bytes());
        if rest.byte().and_then(|_| rest.number()).is_none() {
            bail!("an export of the code is cut off");
        }
        if !is_unused {
            let entry = before.get(..before.len() - rest.0.len()).context("an export is cut off")?;
            used.push(entry);
        }
    }
    let mut out = Vec::new();
    put_number(&mut out, used.len());
    out.extend(used.concat());
    Ok(out)
}

/// Reads the binary format from the front.
struct Reader<'code>(&'code [u8]);

impl<'code> Reader<'code> {
    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    /// Seven bits in each byte, the lowest first; the eighth says that more follow (LEB128).
    fn number(&mut self) -> Option<usize> {
        let mut number = 0;
        for shift in (0..usize::BITS).step_by(7) {
            let byte = self.byte()?;
            number |= usize::from(byte & 0x7f).checked_shl(shift)?;
            if byte & 0x80 == 0 {
                return Some(number);
            }
        }
        None
    }

    /// A count and as many bytes.
    fn bytes(&mut self) -> Option<&'code [u8]> {
        let length = self.number()?;
        let (bytes, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(bytes)
    }
}

fn put_number(out: &mut Vec<u8>, mut number: usize) {
    while number > 0x7f {
        out.push((number & 0x7f) as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

/// The glue without the classes around those exports.
pub(super) fn without_classes(glue: &str) -> String {
    let mut kept = String::with_capacity(glue.len());
    let mut in_class = false;
    for line in glue.lines() {
        in_class |= line.starts_with("export class IntoUnderlying");
        if !in_class && !line.starts_with("if (Symbol.dispose) IntoUnderlying") {
            kept.push_str(line);
            kept.push('\n');
        }
        in_class &= line != "}";
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A module with a custom section `a` and exports of memory 0 under the two names.
    fn module(names: &[&str]) -> Vec<u8> {
        let mut exports = Vec::new();
        put_number(&mut exports, names.len());
        for name in names {
            put_number(&mut exports, name.len());
            exports.extend(name.as_bytes());
            exports.extend([2, 0]);
        }
        let mut code = b"\0asm\x01\0\0\0\0\x02\x01a\x07".to_vec();
        put_number(&mut code, exports.len());
        code.extend(exports);
        code
    }

    #[test]
    fn only_the_unused_exports_go() {
        let long = "x".repeat(200);
        assert_eq!(
            without_unused(&module(&["main", "intounderlyingsink_write", &long])).unwrap(),
            module(&["main", &long])
        );
        assert_eq!(without_unused(&module(&["main"])).unwrap(), module(&["main"]));
    }

    #[test]
    fn what_is_cut_off_is_refused() {
        let code = module(&["main"]);
        assert!(without_unused(&code[..code.len() - 1]).is_err());
        assert!(without_unused(b"\0asm").is_err());
    }

    #[test]
    fn their_classes_go_and_others_stay() {
        let glue = "export class IntoUnderlyingSink {\n    free() {\n    }\n}\nif (Symbol.dispose) IntoUnderlyingSink.x = 1;\nexport class Own {\n}\n";
        assert_eq!(without_classes(glue), "export class Own {\n}\n");
    }
}
