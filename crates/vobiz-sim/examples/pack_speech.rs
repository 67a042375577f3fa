//! Packs raw speech (16 kHz mono, signed 16-bit, little-endian) from the
//! standard input into the packet files of `assets/` on the standard output.

use std::io::{Read, Write};

use anyhow::Context;
use ropus::{Application, Bitrate, Channels, Encoder};

const RATE: u32 = 16_000;
const FRAME: usize = 320;
const BITS_PER_SECOND: u32 = 16_000;

fn main() -> anyhow::Result<()> {
    let mut raw = Vec::new();
    std::io::stdin().read_to_end(&mut raw)?;
    let samples: Vec<i16> = raw.chunks_exact(2).map(|pair| i16::from_le_bytes([pair[0], pair[1]])).collect();
    let mut encoder = Encoder::builder(RATE, Channels::Mono, Application::Voip)
        .bitrate(Bitrate::Bits(BITS_PER_SECOND))
        .build()
        .context("the encoder can't be made")?;
    let mut out = std::io::stdout().lock();
    for frame in samples.chunks_exact(FRAME) {
        let mut packet = [0; 1_275];
        let length = encoder.encode(frame, &mut packet)?;
        out.write_all(&u16::try_from(length)?.to_le_bytes())?;
        out.write_all(&packet[..length])?;
    }
    Ok(())
}
