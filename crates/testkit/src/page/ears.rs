//! What the agent hears.

use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use serde::Deserialize;
use serde_json::json;
use thirtyfour::WebDriver;

use crate::sound::Sound;
use crate::wait::eventually;

const SCRIPT: &str = include_str!("hear.js");
const LISTEN: &str = include_str!("listen.js");

/// Length of a recording: some syllables, or many periods of a tone.
const RECORDING: Duration = Duration::from_millis(700);
/// Samples per second: twice the widest band that is looked at.
const RATE: u32 = 16_000;
/// How long it may take until sound is heard: connecting, a recording that begins
/// before it, and one that is full of it.
const HEARD: Duration = Duration::from_secs(12);
/// How far a measured frequency may be off: codec and the steps of the measurement.
const OFF_BY_HZ: f64 = 10.0;
/// Share of a tone's energy at its frequency; a codec leaves more than this.
const PURE: f64 = 0.8;
/// Most of the energy that speech has at one frequency within some syllables.
const SPREAD: f64 = 0.6;
/// Quieter than this is not heard.
const AUDIBLE_DBFS: f64 = -45.0;

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Recording {
    Samples { samples: String },
    Problem { problem: String },
}

/// Makes a page that was just loaded remember what it plays.
pub(super) async fn listen(web: &WebDriver) -> Result<()> {
    web.execute(LISTEN, vec![]).await?;
    Ok(())
}

/// Records what the page plays of the far end.
pub(super) async fn record(web: &WebDriver) -> Result<Sound> {
    let arguments = vec![json!(RECORDING.as_millis()), json!(RATE)];
    match web.execute_async(SCRIPT, arguments).await?.convert()? {
        Recording::Samples { samples } => Ok(Sound { samples: decode(&samples)?, rate: RATE }),
        Recording::Problem { problem } => bail!("{problem}"),
    }
}

/// Waits until a tone is heard.
pub(super) async fn tone(web: &WebDriver, hz: f64) -> Result<()> {
    eventually(&format!("the agent hearing {hz} Hz"), HEARD, async || {
        let sound = record(web).await?;
        let tone = sound.tone();
        let is_it = tone.is_some_and(|tone| (tone.hz - hz).abs() <= OFF_BY_HZ && tone.share >= PURE);
        ensure!(is_it && sound.level_dbfs() >= AUDIBLE_DBFS, "{}", describe(&sound));
        Ok(())
    })
    .await
}

/// Waits until speech is heard: loud, and in no single place of the spectrum.
pub(super) async fn speech(web: &WebDriver) -> Result<()> {
    eventually("the agent hearing speech", HEARD, async || {
        let sound = record(web).await?;
        let is_spread = sound.tone().is_some_and(|tone| tone.share <= SPREAD);
        ensure!(is_spread && sound.level_dbfs() >= AUDIBLE_DBFS, "{}", describe(&sound));
        Ok(())
    })
    .await
}

/// Waits until no far end is heard: nothing is played, or silence.
pub(super) async fn nobody(web: &WebDriver) -> Result<()> {
    eventually("the agent hearing nobody", HEARD, async || {
        if let Ok(sound) = record(web).await {
            ensure!(sound.level_dbfs() < AUDIBLE_DBFS, "{}", describe(&sound));
        }
        Ok(())
    })
    .await
}

fn describe(sound: &Sound) -> String {
    format!("{:.2} s at {:.0} dBFS, strongest {:?}", sound.seconds(), sound.level_dbfs(), sound.tone())
}

/// Base64 (RFC 4648, section 4) of 16-bit little-endian samples.
fn decode(text: &str) -> Result<Vec<f32>> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    for group in text.trim_end_matches('=').as_bytes().chunks(4) {
        let mut bits = 0_u32;
        for letter in group {
            bits = bits << 6 | u32::from(sextet(*letter).context("the recording is not base64")?);
        }
        let length = group.len() * 6 / 8;
        bits <<= 6 * (4 - group.len());
        bytes.extend(bits.to_be_bytes()[1..].iter().take(length));
    }
    Ok(bytes
        .chunks_exact(2)
        .map(|pair| f32::from(i16::from_le_bytes([pair[0], pair[1]])) / f32::from(i16::MAX))
        .collect())
}

fn sextet(letter: u8) -> Option<u8> {
    match letter {
        b'A'..=b'Z' => Some(letter - b'A'),
        b'a'..=b'z' => Some(letter - b'a' + 26),
        b'0'..=b'9' => Some(letter - b'0' + 52),
        b'+' => Some(62),
        b'/' => Some(63),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::decode;

    #[test]
    fn samples_are_decoded() {
        // 0x7fff, -0x7fff and 0 as little-endian bytes: ff 7f 01 80 00 00.
        let samples = decode("/38BgAAA").ok();
        assert_eq!(samples, Some(vec![1.0, -1.0, 0.0]));
        assert_eq!(decode("AAA=").ok(), Some(vec![0.0]));
        assert!(decode("A B!").is_err());
    }
}
