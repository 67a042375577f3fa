//! What Meta refuses in a business's description.

use thiserror::Error;

/// Longest description that is read; browsers' audio-only ones are under 4 kB.
const MAX_LENGTH: usize = 16 * 1_024;

/// Hexadecimal text of 32 bytes with colons between.
const SHA_256_TEXT: usize = 32 * 3 - 1;

/// Whether a description opens a negotiation or closes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// The business calls.
    Offer,
    /// The business picks up.
    Answer,
}

/// What the handset needs to know of a description that passed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Checked {
    /// The mid of the audio line, to be mirrored.
    pub(crate) mid: String,
}

/// Why a description was refused; the words go into `error_data.details`.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub(crate) enum SdpFault {
    /// There is nothing to read.
    #[error("SDP is empty")]
    Empty,
    /// Longer than anything a browser makes.
    #[error("SDP is longer than {MAX_LENGTH} characters")]
    TooLong,
    /// Not a description at all.
    #[error("SDP does not start with v=0")]
    NotSdp,
    /// Lines without CRLF.
    #[error("SDP lines must end with CRLF")]
    LineEnds,
    /// No m-line, more than one, or not audio.
    #[error("SDP must have exactly one m-line and it must be audio; found {0}")]
    MediaLines(String),
    /// The m-line is disabled or not DTLS-SRTP.
    #[error("the audio m-line must be open and use UDP/TLS/RTP/SAVPF")]
    Transport,
    /// Opus is not offered or was not chosen.
    #[error("SDP has no opus/48000/2 payload")]
    NoOpus,
    /// There is no fingerprint.
    #[error("SDP has no fingerprint")]
    NoFingerprint,
    /// Another algorithm, or a further line with one.
    #[error("Fingerprint algo is not SHA256")]
    FingerprintAlgorithm,
    /// A fingerprint that can't be one.
    #[error("the SHA256 fingerprint is malformed")]
    Fingerprint,
    /// RTP and RTCP on different ports.
    #[error("SDP has no rtcp-mux")]
    NoRtcpMux,
    /// The wrong DTLS role for an offer or an answer.
    #[error("setup must be {expected}; found {found}")]
    Setup {
        /// What this kind of description carries.
        expected: &'static str,
        /// What it carried.
        found: String,
    },
    /// No user fragment or password for ICE.
    #[error("SDP has no {0}")]
    NoIce(&'static str),
    /// An answer that names the m-line differently than the offer did.
    #[error("mid must be {expected}; found {found}")]
    Mid {
        /// The mid of the offer.
        expected: String,
        /// What came back.
        found: String,
    },
    /// Every line passed and yet the peer could not use it.
    #[error("SDP can't be negotiated: {0}")]
    Negotiation(String),
}

/// Checks a description as strictly as Meta is documented to.
pub(crate) fn check(sdp: &str, role: Role) -> Result<Checked, SdpFault> {
    if sdp.trim().is_empty() {
        return Err(SdpFault::Empty);
    }
    if sdp.len() > MAX_LENGTH {
        return Err(SdpFault::TooLong);
    }
    if !sdp.starts_with("v=0") {
        return Err(SdpFault::NotSdp);
    }
    if sdp.matches('\n').count() != sdp.matches("\r\n").count() || !sdp.contains("\r\n") {
        return Err(SdpFault::LineEnds);
    }
    check_media(sdp)?;
    check_fingerprint(sdp)?;
    if value(sdp, "a=rtcp-mux").is_none() {
        return Err(SdpFault::NoRtcpMux);
    }
    check_setup(sdp, role)?;
    for (line, name) in [("a=ice-ufrag:", "ice-ufrag"), ("a=ice-pwd:", "ice-pwd")] {
        if value(sdp, line).is_none_or(str::is_empty) {
            return Err(SdpFault::NoIce(name));
        }
    }
    Ok(Checked { mid: value(sdp, "a=mid:").unwrap_or("0").to_owned() })
}

fn check_media(sdp: &str) -> Result<(), SdpFault> {
    let media: Vec<&str> = sdp.lines().filter_map(|line| line.strip_prefix("m=")).collect();
    let [audio] = media.as_slice() else {
        return Err(SdpFault::MediaLines(format!("{} m-lines", media.len())));
    };
    let mut words = audio.split_whitespace();
    let (kind, port, transport) = (words.next(), words.next(), words.next());
    if kind != Some("audio") {
        return Err(SdpFault::MediaLines(format!("m={}", kind.unwrap_or_default())));
    }
    if port.is_none_or(|port| port == "0") || transport != Some("UDP/TLS/RTP/SAVPF") {
        return Err(SdpFault::Transport);
    }
    let payloads: Vec<&str> = words.collect();
    let opus = sdp.lines().any(|line| {
        line.trim_end().strip_prefix("a=rtpmap:").and_then(|mapping| mapping.split_once(' ')).is_some_and(
            |(payload, codec)| codec.eq_ignore_ascii_case("opus/48000/2") && payloads.contains(&payload),
        )
    });
    if opus { Ok(()) } else { Err(SdpFault::NoOpus) }
}

fn check_fingerprint(sdp: &str) -> Result<(), SdpFault> {
    let mut found = false;
    for line in sdp.lines().filter_map(|line| line.strip_prefix("a=fingerprint:")) {
        let (algorithm, text) = line.trim_end().split_once(' ').unwrap_or((line, ""));
        if !algorithm.eq_ignore_ascii_case("sha-256") {
            return Err(SdpFault::FingerprintAlgorithm);
        }
        let whole = text.len() == SHA_256_TEXT
            && text.split(':').all(|byte| byte.len() == 2 && u8::from_str_radix(byte, 16).is_ok());
        if !whole {
            return Err(SdpFault::Fingerprint);
        }
        found = true;
    }
    if found { Ok(()) } else { Err(SdpFault::NoFingerprint) }
}

fn check_setup(sdp: &str, role: Role) -> Result<(), SdpFault> {
    let expected = match role {
        Role::Offer => "actpass",
        Role::Answer => "active",
    };
    match value(sdp, "a=setup:") {
        Some(found) if found == expected => Ok(()),
        found => Err(SdpFault::Setup { expected, found: found.unwrap_or("none").to_owned() }),
    }
}

fn value<'a>(sdp: &'a str, prefix: &str) -> Option<&'a str> {
    sdp.lines().find_map(|line| line.trim_end().strip_prefix(prefix))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;

    fn offer() -> String {
        [
            "v=0",
            "o=- 1 2 IN IP4 127.0.0.1",
            "s=-",
            "t=0 0",
            "a=group:BUNDLE 0",
            "m=audio 9 UDP/TLS/RTP/SAVPF 111 126",
            "c=IN IP4 0.0.0.0",
            "a=ice-ufrag:abcd",
            "a=ice-pwd:abcdefghijklmnopqrstuv",
            &format!("a=fingerprint:sha-256 {}", ["0F"; 32].join(":")),
            "a=setup:actpass",
            "a=mid:0",
            "a=sendrecv",
            "a=rtcp-mux",
            "a=rtpmap:111 opus/48000/2",
            "a=rtpmap:126 telephone-event/8000",
            "",
        ]
        .join("\r\n")
    }

    #[test]
    fn a_browsers_offer_passes() {
        assert_eq!(check(&offer(), Role::Offer).unwrap().mid, "0");
    }

    #[test]
    fn each_fault_is_named() {
        let cases: [(&str, String); 14] = [
            ("SDP is empty", String::new()),
            ("SDP is longer", format!("{}{}", offer(), "a=x\r\n".repeat(4_000))),
            ("does not start with v=0", "hello".into()),
            ("must end with CRLF", offer().replace("\r\n", "\n")),
            ("2 m-lines", format!("{}m=video 9 UDP/TLS/RTP/SAVPF 96\r\n", offer())),
            ("0 m-lines", offer().replace("m=audio", "x=audio")),
            ("m=video", offer().replace("m=audio", "m=video")),
            ("must be open", offer().replace("m=audio 9", "m=audio 0")),
            ("no opus", offer().replace("opus/48000/2", "PCMU/8000")),
            ("no opus", offer().replace("SAVPF 111 126", "SAVPF 126")),
            ("no fingerprint", offer().replace("a=fingerprint", "a=thumb")),
            ("no rtcp-mux", offer().replace("a=rtcp-mux\r\n", "")),
            ("setup must be actpass; found active", offer().replace("actpass", "active")),
            ("no ice-pwd", offer().replace("a=ice-pwd:", "a=ice-x:")),
        ];
        for (words, sdp) in cases {
            let fault = check(&sdp, Role::Offer).unwrap_err().to_string();
            assert!(fault.contains(words), "{words:?} is not in {fault:?}");
        }
    }

    #[test]
    fn any_further_fingerprint_algorithm_is_refused() {
        let sdp = format!("{}a=fingerprint:sha-512 AA:BB\r\n", offer());
        assert_eq!(check(&sdp, Role::Offer), Err(SdpFault::FingerprintAlgorithm));
        let sdp = offer().replace("0F:0F", "0F:XX");
        assert_eq!(check(&sdp, Role::Offer), Err(SdpFault::Fingerprint));
    }

    #[test]
    fn an_answer_must_be_active() {
        let answer = offer().replace("actpass", "active");
        assert!(check(&answer, Role::Answer).is_ok());
        assert!(check(&offer(), Role::Answer).is_err());
    }
}
