//! The relay at its public origin, as a browser, a stranger and the upstream meet it.

use reqwest::{
    Client, Method, StatusCode,
    header::{CONNECTION, HeaderValue, ORIGIN, SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_VERSION, UPGRADE},
};
use serde_json::{Value, json};
use vobiz::{
    Uuid,
    signature::{SIGNATURE_HEADER, sign},
};

use super::{Finding, client, words};
use crate::{Secret, config::Config};

/// Another site, by a name that nobody can have (RFC 2606, section 2).
const STRANGER: &str = "https://doctor.invalid";

/// Everything about the relay.
pub(super) async fn check(config: &Config) -> Vec<Finding> {
    let visit = match client(&config.origin.to_string()) {
        Ok(http) => Visit { http, origin: config.origin.to_string() },
        Err(error) => return vec![Finding::wrong(RELAY, words(&error), "Check this machine's TLS set-up.")],
    };
    let mut findings = Vec::new();
    if config.origin.is_loopback() {
        findings.push(Finding::note(
            "origin",
            format!("{} can be reached from this machine only", visit.origin),
            "For agents elsewhere, and for webhooks, set RELAY_ORIGIN to the public https address.",
        ));
    }
    let met = visit.meet().await;
    let is_there = met.verdict == super::Verdict::Fine;
    findings.push(met);
    if !is_there {
        return findings;
    }
    findings.push(visit.readiness().await);
    findings.push(visit.origins().await);
    findings.push(visit.sockets().await);
    findings.push(visit.signatures(config.webhook_secret.as_ref()).await);
    findings
}

const RELAY: &str = "relay";
const READY: &str = "readiness";
const ORIGINS: &str = "origin";
const SOCKETS: &str = "WebSockets";
const SIGNATURE: &str = "webhook signature";

struct Visit {
    http: Client,
    origin: String,
}

impl Visit {
    async fn meet(&self) -> Finding {
        let advice =
            "Start the relay, and see that the reverse proxy passes RELAY_ORIGIN on to RELAY_LISTEN.";
        match self.http.get(format!("{}/healthz", self.origin)).send().await {
            Ok(answer) if answer.status() == StatusCode::OK => {
                let is_ours = answer.text().await.is_ok_and(|text| text == "ok\n");
                if is_ours {
                    Finding::fine(RELAY, format!("answers at {}", self.origin))
                } else {
                    Finding::wrong(RELAY, format!("something else answers at {}", self.origin), advice)
                }
            }
            Ok(answer) => {
                Finding::wrong(RELAY, format!("{}/healthz answers {}", self.origin, answer.status()), advice)
            }
            Err(error) => {
                Finding::wrong(RELAY, format!("{} can't be reached: {}", self.origin, words(&error)), advice)
            }
        }
    }

    async fn readiness(&self) -> Finding {
        const ADVICE: &str = "Mend what it names; the relay's log says more.";
        let answer = match self.http.get(format!("{}/readyz", self.origin)).send().await {
            Ok(answer) => answer,
            Err(error) => return Finding::wrong(READY, words(&error), ADVICE),
        };
        let status = answer.status();
        let told: Value = answer.json().await.unwrap_or_default();
        if status == StatusCode::OK {
            return Finding::fine(READY, "journal and upstream are well");
        }
        let part = |name: &str| told[name].as_str().unwrap_or("not told").to_owned();
        Finding::wrong(READY, format!("journal: {}; upstream: {}", part("journal"), part("upstream")), ADVICE)
    }

    /// Signing out changes nothing for somebody who is not signed in, but its door is
    /// guarded as all are.
    async fn origins(&self) -> Finding {
        let knock = async |origin: &str| {
            let request = self.http.post(format!("{}/api/logout", self.origin)).header(ORIGIN, origin);
            request.send().await.map(|answer| answer.status())
        };
        match (knock(&self.origin).await, knock(STRANGER).await) {
            (Ok(StatusCode::NO_CONTENT), Ok(StatusCode::FORBIDDEN)) => {
                Finding::fine(ORIGINS, "own pages are let in, other sites are not")
            }
            (Ok(StatusCode::FORBIDDEN), _) => Finding::wrong(
                ORIGINS,
                format!("the relay refuses pages of {}", self.origin),
                "The running relay has another RELAY_ORIGIN, or the proxy changes the Origin header: start it with this one, and let the proxy pass the header on.",
            ),
            (own, other) => Finding::wrong(
                ORIGINS,
                format!("own pages get {}, other sites get {}", status(&own), status(&other)),
                "Expected are 204 and 403. See what the reverse proxy does with POST /api/logout.",
            ),
        }
    }

    /// A stranger's socket is refused as such only if the relay sees that it is one: a
    /// proxy that takes the upgrade away makes an ordinary request of it, which is refused
    /// for want of a session.
    async fn sockets(&self) -> Finding {
        const ADVICE: &str = "Let the reverse proxy pass `Upgrade` and `Connection` on, over HTTP/1.1.";
        let request = self
            .http
            .request(Method::GET, format!("{}/api/events", self.origin))
            .header(ORIGIN, STRANGER)
            .header(CONNECTION, HeaderValue::from_static("Upgrade"))
            .header(UPGRADE, HeaderValue::from_static("websocket"))
            .header(SEC_WEBSOCKET_VERSION, HeaderValue::from_static("13"))
            .header(SEC_WEBSOCKET_KEY, HeaderValue::from_static("c29mdHBob25lIGRvY3Rvcg=="));
        match request.send().await.map(|answer| answer.status()) {
            Ok(StatusCode::FORBIDDEN) => Finding::fine(SOCKETS, "reach the relay"),
            Ok(StatusCode::UNAUTHORIZED) => {
                Finding::wrong(SOCKETS, "something before the relay takes the upgrade away", ADVICE)
            }
            other => Finding::wrong(SOCKETS, format!("expected 403, got {}", status(&other)), ADVICE),
        }
    }

    /// An event that is not about a call: signed rightly it is taken and does nothing.
    async fn signatures(&self, secret: Option<&Secret>) -> Finding {
        let Some(secret) = secret else {
            return Finding::wrong(SIGNATURE, "no secret is configured", "Set VOBIZ_WEBHOOK_SECRET.");
        };
        let event = json!({
            "event_id": format!("doctor-{}", Uuid::new_v4()), "event_type": "doctor.check",
            "account_id": "doctor", "payload": {},
        })
        .to_string();
        let knock = async |signature: String| {
            let request = self.http.post(format!("{}/webhooks/vobiz", self.origin));
            let request =
                request.header(SIGNATURE_HEADER, signature).header("content-type", "application/json");
            request.body(event.clone()).send().await.map(|answer| answer.status())
        };
        let right = knock(sign(secret.expose().as_bytes(), event.as_bytes())).await;
        let wrong = knock(sign(b"not the secret", event.as_bytes())).await;
        match (right, wrong) {
            (Ok(StatusCode::OK), Ok(StatusCode::UNAUTHORIZED)) => {
                Finding::fine(SIGNATURE, "a signed event is taken, a forged one is not")
            }
            (Ok(StatusCode::UNAUTHORIZED), _) => Finding::wrong(
                SIGNATURE,
                "the relay does not take an event that is signed with this secret",
                "The running relay has another VOBIZ_WEBHOOK_SECRET, or the proxy changes bodies. Give both the same, and register the webhook again with it.",
            ),
            (right, wrong) => Finding::wrong(
                SIGNATURE,
                format!("a signed event gets {}, a forged one {}", status(&right), status(&wrong)),
                "Expected are 200 and 401. See what the reverse proxy does with POST /webhooks/vobiz.",
            ),
        }
    }
}

fn status(answer: &Result<StatusCode, reqwest::Error>) -> String {
    match answer {
        Ok(status) => status.to_string(),
        Err(error) => words(error),
    }
}
