//! `.br` and `.gz` beside every file of the page that is text or code.

use std::{
    ffi::OsString,
    fs,
    io::{Read as _, Write as _},
    path::{Path, PathBuf},
    thread,
    time::Duration,
};

use anyhow::{Context as _, Result, anyhow};
use flate2::{Compression, write::GzEncoder};

use crate::progress;

/// What is text, or as compressible as text. Pictures and sounds are compressed already.
const COMPRESSIBLE: [&str; 9] = ["css", "html", "js", "json", "map", "svg", "txt", "wasm", "webmanifest"];
/// Brotli's best; made once, downloaded by everyone.
const BROTLI_QUALITY: i32 = 11;
/// The largest window that every browser accepts (2^22 bytes).
const BROTLI_WINDOW: i32 = 22;

/// Compresses the files of a built page, in its folders too.
pub(super) fn folder(folder: &Path) -> Result<()> {
    let shown = progress::begin("The page's compressed copies", Duration::from_secs(5));
    let mut files = Vec::new();
    collect(folder, &mut files)?;
    // The start file comes last: a relay takes its compressed copy as the sign that all is there.
    let (start, others): (Vec<_>, Vec<_>) = files.into_iter().partition(|file| file.ends_with("index.html"));
    in_parallel(&others)?;
    in_parallel(&start)?;
    shown.done();
    Ok(())
}

/// The code is nearly all of it, so one file for each thread is as good as any other split.
fn in_parallel(files: &[PathBuf]) -> Result<()> {
    thread::scope(|scope| {
        let running: Vec<_> = files.iter().map(|file| scope.spawn(|| one(file))).collect();
        running
            .into_iter()
            .try_for_each(|thread| thread.join().map_err(|_| anyhow!("a thread that compresses panicked"))?)
    })
}

/// The compressed sibling of a file: `app.js` and `br` give `app.js.br`.
pub(super) fn sibling(file: &Path, encoding: &str) -> PathBuf {
    let mut name = OsString::from(file);
    name.push(".");
    name.push(encoding);
    PathBuf::from(name)
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    for entry in
        fs::read_dir(folder).with_context(|| format!("can't read the folder {}", folder.display()))?
    {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, files)?;
        } else if is_compressible(&path) {
            files.push(path);
        }
    }
    Ok(())
}

fn is_compressible(file: &Path) -> bool {
    file.extension().and_then(|kind| kind.to_str()).is_some_and(|kind| COMPRESSIBLE.contains(&kind))
}

fn one(file: &Path) -> Result<()> {
    let plain = fs::read(file).with_context(|| format!("can't read {}", file.display()))?;
    for (encoding, packed) in [("gz", gzip(&plain)?), ("br", brotli(&plain)?)] {
        let sibling = sibling(file, encoding);
        fs::write(&sibling, packed).with_context(|| format!("can't write {}", sibling.display()))?;
    }
    Ok(())
}

fn brotli(plain: &[u8]) -> Result<Vec<u8>> {
    let parameters = brotli::enc::BrotliEncoderParams {
        quality: BROTLI_QUALITY,
        lgwin: BROTLI_WINDOW,
        size_hint: plain.len(),
        ..Default::default()
    };
    let mut packed = Vec::new();
    brotli::CompressorReader::with_params(plain, 4096, &parameters).read_to_end(&mut packed)?;
    Ok(packed)
}

fn gzip(plain: &[u8]) -> Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(plain)?;
    Ok(encoder.finish()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_encodings_give_back_what_went_in() {
        let plain = "a page is mostly repetition, ".repeat(500).into_bytes();
        let mut unpacked = Vec::new();
        let packed = brotli(&plain).unwrap();
        brotli::Decompressor::new(packed.as_slice(), 4096).read_to_end(&mut unpacked).unwrap();
        assert_eq!(unpacked, plain);
        let packed = gzip(&plain).unwrap();
        assert!(packed.len() < plain.len() / 10);
        unpacked.clear();
        flate2::read::GzDecoder::new(packed.as_slice()).read_to_end(&mut unpacked).unwrap();
        assert_eq!(unpacked, plain);
    }

    #[test]
    fn text_and_code_are_compressed_and_their_copies_are_not() {
        for (name, expected) in
            [("a.wasm", true), ("index.html", true), ("ring.ogg", false), ("a.wasm.br", false)]
        {
            assert_eq!(is_compressible(Path::new(name)), expected, "{name}");
        }
    }

    #[test]
    fn siblings_keep_the_whole_name() {
        assert_eq!(sibling(Path::new("dist/app.js"), "br"), Path::new("dist/app.js.br"));
    }
}
