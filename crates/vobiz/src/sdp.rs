//! What the upstream asks of a session description, and how to show one in a log.
//!
//! Not a parser of all of RFC 8866: only the rules whose breach makes WhatsApp
//! refuse a call, so that it is said before anything goes upstream.

/// Longest session description that is accepted, in bytes. Browsers' audio offers
/// have 2 to 6 kB with candidates; this leaves room for ten times that.
pub const MAX_BYTES: usize = 64 * 1024;

/// Which part a description plays (RFC 3264).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// It asks.
    Offer,
    /// It answers.
    Answer,
}

/// Why a session description can't go upstream.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SdpError {
    /// Nothing in it.
    #[error("is empty")]
    Empty,
    /// Longer than [`MAX_BYTES`].
    #[error("is longer than 64 kB")]
    TooLong,
    /// Does not begin with `v=0` (RFC 8866, section 5.1).
    #[error("is not a session description: it must begin with v=0")]
    NotSdp,
    /// A line that is not `x=…`.
    #[error("has a line that is not of the form x=…: line {0}")]
    BadLine(usize),
    /// Not exactly one m-line, or not audio.
    #[error("must have exactly one m-line, for audio; it has {0}")]
    NotOneAudio(String),
    /// The m-line's port is 0: the audio is refused (RFC 3264, section 6).
    #[error("refuses its audio: the m-line's port is 0")]
    AudioRefused,
    /// Not DTLS-SRTP (RFC 8842).
    #[error("must use DTLS-SRTP, a profile such as UDP/TLS/RTP/SAVPF")]
    NotDtls,
    /// Opus is missing (RFC 7587, section 7).
    #[error("must offer Opus: a=rtpmap with opus/48000/2")]
    NoOpus,
    /// No fingerprint (RFC 8122).
    #[error("must have a sha-256 fingerprint")]
    NoFingerprint,
    /// WhatsApp refuses any other hash.
    #[error("may have only sha-256 fingerprints, not {0}")]
    OtherFingerprint(String),
    /// RTP and RTCP have to share one port (RFC 5761).
    #[error("must have a=rtcp-mux")]
    NoRtcpMux,
    /// ICE credentials are missing (RFC 8839, section 5.4).
    #[error("must have a=ice-ufrag and a=ice-pwd")]
    NoIceCredentials,
    /// A DTLS role that does not fit (RFC 8842, section 5).
    #[error("has the DTLS role {found:?}; it must be {wanted}")]
    Setup {
        /// The role that stands there, empty when none does.
        found: String,
        /// The roles that would fit.
        wanted: &'static str,
    },
}

/// Checks a description that is about to go upstream.
///
/// # Errors
///
/// The first rule that is broken.
pub fn check(sdp: &str, part: Part) -> Result<(), SdpError> {
    if sdp.trim().is_empty() {
        return Err(SdpError::Empty);
    }
    if sdp.len() > MAX_BYTES {
        return Err(SdpError::TooLong);
    }
    let lines: Vec<&str> = sdp.lines().map(str::trim_end).filter(|line| !line.is_empty()).collect();
    if lines.first() != Some(&"v=0") {
        return Err(SdpError::NotSdp);
    }
    if let Some(at) = lines.iter().position(|line| !is_line(line)) {
        return Err(SdpError::BadLine(at + 1));
    }
    check_media_line(&lines)?;
    check_codec(&lines)?;
    check_transport(&lines)?;
    check_setup(&lines, part)
}

fn is_line(line: &str) -> bool {
    let bytes = line.as_bytes();
    bytes.len() >= 2 && bytes[0].is_ascii_lowercase() && bytes[1] == b'='
}

fn check_media_line(lines: &[&str]) -> Result<(), SdpError> {
    let media: Vec<&str> = lines.iter().filter_map(|line| line.strip_prefix("m=")).collect();
    let [audio] = media[..] else {
        return Err(SdpError::NotOneAudio(media.len().to_string()));
    };
    let mut words = audio.split_ascii_whitespace();
    let kind = words.next().unwrap_or_default();
    if kind != "audio" {
        return Err(SdpError::NotOneAudio(format!("one for {kind}")));
    }
    if words.next() == Some("0") {
        return Err(SdpError::AudioRefused);
    }
    if !words.next().unwrap_or_default().contains("TLS/RTP/SAVP") {
        return Err(SdpError::NotDtls);
    }
    Ok(())
}

fn check_codec(lines: &[&str]) -> Result<(), SdpError> {
    let opus = attributes(lines, "rtpmap").any(|value| {
        value.split_once(' ').is_some_and(|(_, codec)| codec.trim().eq_ignore_ascii_case("opus/48000/2"))
    });
    if opus { Ok(()) } else { Err(SdpError::NoOpus) }
}

fn check_transport(lines: &[&str]) -> Result<(), SdpError> {
    let mut fingerprints = 0;
    for fingerprint in attributes(lines, "fingerprint") {
        let hash = fingerprint.split_ascii_whitespace().next().unwrap_or_default();
        if !hash.eq_ignore_ascii_case("sha-256") {
            return Err(SdpError::OtherFingerprint(hash.chars().take(16).collect()));
        }
        fingerprints += 1;
    }
    if fingerprints == 0 {
        return Err(SdpError::NoFingerprint);
    }
    if !lines.contains(&"a=rtcp-mux") {
        return Err(SdpError::NoRtcpMux);
    }
    if attributes(lines, "ice-ufrag").next().is_none() || attributes(lines, "ice-pwd").next().is_none() {
        return Err(SdpError::NoIceCredentials);
    }
    Ok(())
}

fn check_setup(lines: &[&str], part: Part) -> Result<(), SdpError> {
    let found = attributes(lines, "setup").next().unwrap_or_default();
    let (fits, wanted) = match part {
        Part::Offer => (matches!(found, "actpass" | "active" | "passive"), "actpass"),
        Part::Answer => (matches!(found, "active" | "passive"), "active"),
    };
    if fits { Ok(()) } else { Err(SdpError::Setup { found: found.chars().take(16).collect(), wanted }) }
}

fn attributes<'a>(lines: &'a [&'a str], name: &'a str) -> impl Iterator<Item = &'a str> {
    lines
        .iter()
        .filter_map(|line| line.strip_prefix("a="))
        .filter_map(move |attribute| attribute.strip_prefix(name)?.strip_prefix(':'))
}

/// A description made safe for a log: its shape stays, and nothing that names an
/// address, a key or a secret.
pub fn redact(sdp: &str) -> String {
    // A carriage return alone ends a line too: nothing may hide behind it.
    let unified = sdp.replace("\r\n", "\n").replace('\r', "\n");
    unified.lines().map(redact_line).collect::<Vec<_>>().join("\r\n")
}

/// Attributes that a log may show. A list of what is harmless, not of what is
/// secret: an attribute that nobody thought of is left out.
const SHOWN_ATTRIBUTES: [&str; 20] = [
    "extmap",
    "extmap-allow-mixed",
    "fmtp",
    "group",
    "ice-lite",
    "ice-options",
    "inactive",
    "maxptime",
    "mid",
    "ptime",
    "recvonly",
    "rtcp-fb",
    "rtcp-mux",
    "rtcp-rsize",
    "rtpmap",
    "sendonly",
    "sendrecv",
    "setup",
    "end-of-candidates",
    "bundle-only",
];

fn redact_line(line: &str) -> String {
    match line.split_once('=') {
        Some(("v" | "m" | "t" | "b", _)) => line.to_owned(),
        Some(("a", attribute)) => {
            let name = attribute.split(':').next().unwrap_or_default();
            if SHOWN_ATTRIBUTES.contains(&name) {
                line.to_owned()
            } else if name.len() < attribute.len()
                && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            {
                format!("a={name}:(redacted)")
            } else {
                "a=(redacted)".to_owned()
            }
        }
        Some((kind, _)) if kind.len() == 1 => format!("{kind}=(redacted)"),
        Some(_) | None => "(redacted)".to_owned(),
    }
}
