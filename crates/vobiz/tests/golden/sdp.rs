//! Session descriptions: what goes upstream, what is refused, what a log may show.

use proptest::prelude::*;
use vobiz::sdp::{MAX_BYTES, Part, SdpError, check, redact};

/// As Chromium writes it for one audio transceiver; addresses and keys replaced.
const CHROMIUM_OFFER: &str = "v=0\r
o=- 4611731400430051336 2 IN IP4 127.0.0.1\r
s=-\r
t=0 0\r
a=group:BUNDLE 0\r
a=extmap-allow-mixed\r
a=msid-semantic: WMS\r
m=audio 9 UDP/TLS/RTP/SAVPF 111 63 9 0 8 13 110 126\r
c=IN IP4 0.0.0.0\r
a=rtcp:9 IN IP4 0.0.0.0\r
a=candidate:1 1 udp 2122260223 192.0.2.77 51234 typ host generation 0 network-id 1\r
a=ice-ufrag:Hc3K\r
a=ice-pwd:Wq8sJpGm0vFh4dY2nR6tBx1z\r
a=ice-options:trickle\r
a=fingerprint:sha-256 9C:10:D3:4A:52:6F:81:07:BB:EE:33:20:99:5A:01:77:C4:6B:DA:0F:12:85:F0:3E:2D:48:6C:A9:1B:57:E2:64\r
a=setup:actpass\r
a=mid:0\r
a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level\r
a=sendrecv\r
a=msid:- 1b1c8a4e-2b0e-4f0d-9a52-000000000000\r
a=rtcp-mux\r
a=rtcp-rsize\r
a=rtpmap:111 opus/48000/2\r
a=rtcp-fb:111 transport-cc\r
a=fmtp:111 minptime=10;useinbandfec=1\r
a=rtpmap:63 red/48000/2\r
a=fmtp:63 111/111\r
a=rtpmap:126 telephone-event/8000\r
a=ssrc:2231627014 cname:4TOk42mSjXCkVIa6\r
";

/// As Firefox writes it: fingerprint and DTLS details at session level.
const FIREFOX_OFFER: &str = "v=0\r
o=mozilla...THIS_IS_SDPARTA-99.0 5216432541214211101 0 IN IP4 0.0.0.0\r
s=-\r
t=0 0\r
a=fingerprint:sha-256 9C:10:D3:4A:52:6F:81:07:BB:EE:33:20:99:5A:01:77:C4:6B:DA:0F:12:85:F0:3E:2D:48:6C:A9:1B:57:E2:64\r
a=group:BUNDLE 0\r
a=ice-options:trickle\r
a=msid-semantic:WMS *\r
m=audio 9 UDP/TLS/RTP/SAVPF 109 9 0 8 101\r
c=IN IP4 0.0.0.0\r
a=sendrecv\r
a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level\r
a=fmtp:109 maxplaybackrate=48000;stereo=1;useinbandfec=1\r
a=fmtp:101 0-15\r
a=ice-pwd:8a1d2c3b4e5f60718293a4b5c6d7e8f9\r
a=ice-ufrag:0a1b2c3d\r
a=mid:0\r
a=rtcp-mux\r
a=rtpmap:109 opus/48000/2\r
a=rtpmap:9 G722/8000/1\r
a=rtpmap:101 telephone-event/8000/1\r
a=setup:actpass\r
a=ssrc:512356789 cname:{5c2f0d0c-0000-4d51-8a4a-000000000000}\r
";

/// Shape of an inbound offer as it was captured; values replaced.
const META_OFFER: &str = "v=0\r
o=- 1700000000000 2 IN IP4 127.0.0.1\r
s=-\r
t=0 0\r
a=group:BUNDLE audio\r
a=msid-semantic: WMS 7f0c\r
a=ice-lite\r
m=audio 3484 UDP/TLS/RTP/SAVPF 111 126\r
c=IN IP4 192.0.2.35\r
a=rtcp:9 IN IP4 0.0.0.0\r
a=candidate:1 1 udp 2122260223 192.0.2.35 3484 typ host generation 0 network-cost 50\r
a=candidate:2 1 udp 2122262783 2001:db8::1 3484 typ host generation 0 network-cost 50\r
a=ice-ufrag:Zm9vYmFyYmF6cXV4\r
a=ice-pwd:c2VjcmV0c2VjcmV0c2VjcA==\r
a=fingerprint:sha-256 9C:10:D3:4A:52:6F:81:07:BB:EE:33:20:99:5A:01:77:C4:6B:DA:0F:12:85:F0:3E:2D:48:6C:A9:1B:57:E2:64\r
a=setup:actpass\r
a=mid:audio\r
a=sendrecv\r
a=msid:7f0c WhatsAppTrack1\r
a=rtcp-mux\r
a=rtpmap:111 opus/48000/2\r
a=rtcp-fb:111 transport-cc\r
a=fmtp:111 maxaveragebitrate=20000;maxplaybackrate=16000;minptime=20;sprop-maxcapturerate=16000;useinbandfec=1\r
a=rtpmap:126 telephone-event/8000\r
a=maxptime:20\r
a=ptime:20\r
a=ssrc:1234567 cname:WhatsAppAudioStream1\r
";

const OFFERS: [&str; 3] = [CHROMIUM_OFFER, FIREFOX_OFFER, META_OFFER];

#[test]
fn browsers_and_metas_offers_pass() {
    for offer in OFFERS {
        assert_eq!(check(offer, Part::Offer), Ok(()), "{offer}");
        // Bare line feeds and blank lines at the end are common on the way.
        assert_eq!(check(&format!("{}\n\n", offer.replace('\r', "")), Part::Offer), Ok(()));
    }
}

#[test]
fn an_answer_says_which_dtls_role_it_takes() {
    for offer in OFFERS {
        for role in ["active", "passive"] {
            let answer = offer.replace("a=setup:actpass", &format!("a=setup:{role}"));
            assert_eq!(check(&answer, Part::Answer), Ok(()));
        }
        assert_eq!(
            check(offer, Part::Answer),
            Err(SdpError::Setup { found: "actpass".into(), wanted: "active" })
        );
    }
}

#[test]
fn a_browsers_offer_without_candidates_passes() {
    let bare: String =
        CHROMIUM_OFFER.split_inclusive('\n').filter(|line| !line.starts_with("a=candidate")).collect();
    assert_eq!(check(&bare, Part::Offer), Ok(()));
}

#[test]
fn each_breach_is_refused_by_its_name() {
    let without = |line: &str| -> String {
        CHROMIUM_OFFER.split_inclusive('\n').filter(|found| !found.starts_with(line)).collect()
    };
    let with = |from: &str, to: &str| {
        assert!(CHROMIUM_OFFER.contains(from), "{from}");
        CHROMIUM_OFFER.replace(from, to)
    };
    let cases = [
        (String::new(), SdpError::Empty),
        (" \r\n".into(), SdpError::Empty),
        ("v=0\r\n".repeat(MAX_BYTES), SdpError::TooLong),
        ("hello".into(), SdpError::NotSdp),
        (without("v=0"), SdpError::NotSdp),
        (with("s=-", "-"), SdpError::BadLine(3)),
        (with("s=-", "S=-"), SdpError::BadLine(3)),
        (with("s=-", "ß=-"), SdpError::BadLine(3)),
        (without("m=audio"), SdpError::NotOneAudio("0".into())),
        (format!("{CHROMIUM_OFFER}m=video 9 UDP/TLS/RTP/SAVPF 96\r\n"), SdpError::NotOneAudio("2".into())),
        (with("m=audio", "m=video"), SdpError::NotOneAudio("one for video".into())),
        (with("m=audio 9 ", "m=audio 0 "), SdpError::AudioRefused),
        (with("UDP/TLS/RTP/SAVPF", "RTP/AVP"), SdpError::NotDtls),
        (with("m=audio 9 UDP/TLS/RTP/SAVPF 111 63 9 0 8 13 110 126", "m=audio"), SdpError::NotDtls),
        (with("opus/48000/2", "PCMU/8000"), SdpError::NoOpus),
        (without("a=rtpmap"), SdpError::NoOpus),
        (without("a=fingerprint"), SdpError::NoFingerprint),
        (with("sha-256", "sha-512"), SdpError::OtherFingerprint("sha-512".into())),
        (
            format!("{CHROMIUM_OFFER}a=fingerprint:sha-384 AA\r\n"),
            SdpError::OtherFingerprint("sha-384".into()),
        ),
        (without("a=rtcp-mux"), SdpError::NoRtcpMux),
        (without("a=ice-ufrag"), SdpError::NoIceCredentials),
        (without("a=ice-pwd"), SdpError::NoIceCredentials),
        (without("a=setup"), SdpError::Setup { found: String::new(), wanted: "actpass" }),
        (with("actpass", "holdconn"), SdpError::Setup { found: "holdconn".into(), wanted: "actpass" }),
    ];
    for (sdp, error) in cases {
        assert_eq!(check(&sdp, Part::Offer), Err(error), "{}", &sdp[..sdp.len().min(400)]);
    }
}

#[test]
fn every_refusal_reads_as_the_end_of_a_sentence() {
    for error in
        [SdpError::Empty, SdpError::NoOpus, SdpError::BadLine(3), SdpError::OtherFingerprint("md5".into())]
    {
        let text = error.to_string();
        assert!(text.starts_with(char::is_lowercase) && !text.ends_with('.'), "{text}");
    }
}

#[test]
fn a_log_shows_the_shape_and_no_secret() {
    for offer in OFFERS {
        let shown = redact(offer);
        for secret in [
            "192.0.2.",
            "2001:db8",
            "127.0.0.1",
            "0.0.0.0",
            "51234 typ",
            "9C:10",
            "Wq8sJ",
            "Hc3K",
            "8a1d2c3b",
            "0a1b2c3d",
            "Zm9v",
            "c2VjcmV0",
        ] {
            assert!(!shown.contains(secret), "{secret} in {shown}");
        }
        for kept in ["m=audio", "opus/48000/2", "a=setup:actpass", "a=rtcp-mux"] {
            assert!(shown.contains(kept), "{kept} not in {shown}");
        }
        assert_eq!(shown.lines().count(), offer.lines().count());
    }
}

/// Where a description may hide what a log must not show.
const HIDING_PLACES: [&str; 14] = [
    "a=ice-pwd:",
    "a=ice-ufrag:",
    "a=fingerprint:sha-256 ",
    "a=candidate:1 1 udp 1 ",
    "a=remote-candidates:1 ",
    "a=rtcp:9 IN IP4 ",
    "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:",
    "a=ICE-PWD:",
    " a=ice-pwd:",
    "k=base64:",
    "c=IN IP4 ",
    "o=- 1 1 IN IP4 ",
    "candidate:",
    "a=mid:0\ra=ice-pwd:",
];

proptest! {
    #[test]
    fn no_hiding_place_leaks(
        place in prop::sample::select(&HIDING_PLACES),
        secret in "[A-Za-z0-9+/]{12,40}={0,2}",
        at in 0_usize..24,
        ending in prop::sample::select(&["\r\n", "\n", "\r"]),
    ) {
        let mut lines: Vec<String> = META_OFFER.lines().map(str::to_owned).collect();
        lines.insert(at, format!("{place}{secret}"));
        let shown = redact(&lines.join(ending));
        prop_assert!(!shown.contains(&secret), "{shown}");
    }

    #[test]
    fn any_text_is_checked_and_redacted_without_a_panic(text in "\\PC*", part in prop::bool::ANY) {
        let part = if part { Part::Offer } else { Part::Answer };
        let _ = check(&text, part);
        let _ = redact(&text);
    }

    #[test]
    fn a_damaged_offer_is_checked_without_a_panic(
        from in 0_usize..META_OFFER.len(), length in 0_usize..200, junk in "\\PC{0,20}",
    ) {
        let to = (from + length).min(META_OFFER.len());
        let damaged = format!("{}{junk}{}", &META_OFFER[..from], &META_OFFER[to..]);
        let _ = check(&damaged, Part::Offer);
        let _ = redact(&damaged);
    }
}
