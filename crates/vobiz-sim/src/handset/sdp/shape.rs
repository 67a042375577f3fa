//! Writing Meta's shape, and bridging between it and str0m's.

use std::fmt::Write as _;
use std::net::SocketAddr;

use crate::settings::AnswerSetup;

/// The mid that Meta gives the only m-line of its offers.
pub(crate) const META_MID: &str = "audio";

/// Priority in Meta's IPv4 candidates.
const CANDIDATE_PRIORITY: u32 = 2_122_260_223;

/// Everything in a description that differs from call to call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Shape {
    /// Number of the session in the `o=` line.
    pub(crate) session: u64,
    /// Where the handset listens.
    pub(crate) address: SocketAddr,
    pub(crate) ufrag: String,
    pub(crate) password: String,
    /// SHA-256 of the certificate, as hexadecimal with colons.
    pub(crate) fingerprint: String,
    /// `actpass` in an offer, `active` in an answer.
    pub(crate) setup: &'static str,
    pub(crate) mid: String,
    /// Payload type of Opus.
    pub(crate) opus: u8,
    /// Payload type of telephone events, when both sides have them.
    pub(crate) telephone_event: Option<u8>,
    pub(crate) ssrc: u32,
    /// Name of the media stream (`msid`).
    pub(crate) stream: String,
}

/// Writes a description as Meta does, lines ended by CRLF.
pub(crate) fn write(shape: &Shape) -> String {
    let Shape {
        session,
        address,
        ufrag,
        password,
        fingerprint,
        setup,
        mid,
        opus,
        telephone_event,
        ssrc,
        stream,
    } = shape;
    let (ip, port) = (address.ip(), address.port());
    let family = if ip.is_ipv4() { "IP4" } else { "IP6" };
    let mut payloads = opus.to_string();
    if let Some(payload) = telephone_event {
        let _ = write!(payloads, " {payload}");
    }
    let mut lines = vec![
        "v=0".to_owned(),
        format!("o=- {session} 2 IN IP4 127.0.0.1"),
        "s=-".to_owned(),
        "t=0 0".to_owned(),
        format!("a=group:BUNDLE {mid}"),
        format!("a=msid-semantic: WMS {stream}"),
        "a=ice-lite".to_owned(),
        format!("m=audio {port} UDP/TLS/RTP/SAVPF {payloads}"),
        format!("c=IN {family} {ip}"),
        "a=rtcp:9 IN IP4 0.0.0.0".to_owned(),
        format!("a=candidate:1 1 udp {CANDIDATE_PRIORITY} {ip} {port} typ host generation 0 network-cost 50"),
        format!("a=ice-ufrag:{ufrag}"),
        format!("a=ice-pwd:{password}"),
        format!("a=fingerprint:sha-256 {fingerprint}"),
        format!("a=setup:{setup}"),
        format!("a=mid:{mid}"),
        "a=sendrecv".to_owned(),
        format!("a=msid:{stream} WhatsAppTrack1"),
        "a=rtcp-mux".to_owned(),
        format!("a=rtpmap:{opus} opus/48000/2"),
        format!("a=rtcp-fb:{opus} transport-cc"),
        format!(
            "a=fmtp:{opus} maxaveragebitrate=20000;maxplaybackrate=16000;minptime=20;\
             sprop-maxcapturerate=16000;useinbandfec=1"
        ),
    ];
    if let Some(payload) = telephone_event {
        lines.push(format!("a=rtpmap:{payload} telephone-event/8000"));
    }
    lines.extend([
        "a=maxptime:20".to_owned(),
        "a=ptime:20".to_owned(),
        format!("a=ssrc:{ssrc} cname:WhatsAppAudioStream1"),
    ]);
    let mut text = lines.join("\r\n");
    text.push_str("\r\n");
    text
}

/// The values that str0m chose, read from its own description. `None` when a
/// line is missing, which would be a change of str0m.
pub(crate) struct Negotiated {
    pub(crate) fingerprint: String,
    pub(crate) mid: String,
    pub(crate) opus: u8,
    pub(crate) telephone_event: Option<u8>,
    pub(crate) ssrc: u32,
}

/// Reads [`Negotiated`] from str0m's description.
pub(crate) fn negotiated(text: &str) -> Option<Negotiated> {
    let value = |prefix: &str| text.lines().find_map(|line| line.trim_end().strip_prefix(prefix));
    let payload = |codec: &str| {
        text.lines().find_map(|line| {
            let (payload, name) = line.trim_end().strip_prefix("a=rtpmap:")?.split_once(' ')?;
            name.to_ascii_lowercase().starts_with(codec).then(|| payload.parse().ok())?
        })
    };
    Some(Negotiated {
        fingerprint: value("a=fingerprint:sha-256 ")?.to_owned(),
        mid: value("a=mid:")?.to_owned(),
        opus: payload("opus/48000")?,
        telephone_event: payload("telephone-event/8000"),
        ssrc: value("a=ssrc:")?.split(' ').next()?.parse().ok()?,
    })
}

/// Rewrites a browser's answer for the str0m peer that called: its own mid
/// back, and without candidates (a lite peer learns the address from the
/// checks, and browsers hide theirs behind names that can't be parsed).
pub(crate) fn for_caller(answer: &str, mid: &str) -> String {
    rewrite(answer, |line| {
        if line.starts_with("a=mid:") {
            format!("a=mid:{mid}")
        } else if line.starts_with("a=group:BUNDLE") {
            format!("a=group:BUNDLE {mid}")
        } else {
            line.to_owned()
        }
    })
}

/// Rewrites a browser's offer for the str0m peer that is called: presented
/// with `setup:passive` it becomes the active side, as Meta is; with `setup:active`
/// the passive one. A business that takes `actpass` in an answer has to be passive.
pub(crate) fn for_callee(offer: &str, answer: AnswerSetup) -> String {
    let setup = match answer {
        AnswerSetup::Active | AnswerSetup::Actpass => "a=setup:passive",
        AnswerSetup::Passive => "a=setup:active",
    };
    rewrite(offer, |line| if line.starts_with("a=setup:") { setup } else { line }.to_owned())
}

fn rewrite(text: &str, change: impl Fn(&str) -> String) -> String {
    let mut out = String::with_capacity(text.len());
    for line in text.lines() {
        if line.starts_with("a=candidate:") || line.starts_with("a=end-of-candidates") {
            continue;
        }
        out.push_str(&change(line));
        out.push_str("\r\n");
    }
    out
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;

    fn shape() -> Shape {
        Shape {
            session: 1_700_000_000_000,
            address: "192.0.2.35:3484".parse().unwrap(),
            ufrag: "abcdefghijklmnop".into(),
            password: "abcdefghijklmnopqrstuv==".into(),
            fingerprint: vec!["AB"; 32].join(":"),
            setup: "actpass",
            mid: META_MID.into(),
            opus: 111,
            telephone_event: Some(126),
            ssrc: 1_234_567,
            stream: "7f0c".into(),
        }
    }

    #[test]
    fn an_offer_has_the_captured_shape() {
        insta::assert_snapshot!(write(&shape()).replace("\r\n", "\n"));
    }

    #[test]
    fn every_line_ends_with_crlf() {
        let text = write(&shape());
        assert!(text.ends_with("\r\n"));
        assert_eq!(text.matches('\n').count(), text.matches("\r\n").count());
    }

    #[test]
    fn without_telephone_events_there_is_no_trace_of_them() {
        let text = write(&Shape { telephone_event: None, opus: 109, ..shape() });
        assert!(text.contains("SAVPF 109\r\n"));
        assert!(!text.contains("telephone-event"));
    }

    #[test]
    fn an_answer_is_presented_with_the_callers_own_mid_and_no_candidates() {
        let text = for_caller(
            "a=group:BUNDLE audio\r\na=mid:audio\r\na=candidate:1 1 udp 1 x.local 1 typ host\r\n",
            "Xyz",
        );
        assert_eq!(text, "a=group:BUNDLE Xyz\r\na=mid:Xyz\r\n");
    }
}
