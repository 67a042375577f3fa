//! The upstream: reachable, credentials, channels, where it sends events.

use std::time::SystemTime;

use reqwest::header::DATE;
use vobiz::channel::{CHANNELS_PATH, Channel};
use wire::Problem;

use super::{Finding, client, clock, words};
use crate::{
    config::Config,
    upstream::{Upstream as _, UpstreamError, VobizClient},
};

/// Everything about the upstream.
pub(super) async fn check(config: &Config) -> Vec<Finding> {
    let mut findings = vec![reach(config).await];
    if findings.iter().any(|finding| finding.check == REACH) {
        return findings;
    }
    let base = &config.upstream.base_url;
    let vobiz = match VobizClient::new(base, Some(&config.upstream.credentials)) {
        Ok(vobiz) => vobiz,
        Err(error) => {
            findings.push(Finding::wrong(
                CREDENTIALS,
                error.to_string(),
                "Check VOBIZ_AUTH_ID and VOBIZ_AUTH_TOKEN.",
            ));
            return findings;
        }
    };
    match vobiz.channels().await {
        Ok(list) => {
            findings.push(Finding::fine(CREDENTIALS, "the upstream takes them"));
            findings.extend(
                config.channels.iter().map(|id| channel(list.items.iter().find(|one| one.id == *id), id)),
            );
        }
        Err(error) => {
            findings.push(refused(&error));
            return findings;
        }
    }
    findings.push(registration(config, &vobiz).await);
    findings
}

const REACH: &str = "upstream";
const CREDENTIALS: &str = "credentials";
const CHANNEL: &str = "channel";
const REGISTRATION: &str = "webhook registration";

/// Asks without credentials: any answer tells that somebody is there, and the time.
async fn reach(config: &Config) -> Finding {
    let base = &config.upstream.base_url;
    let asked = match client(base) {
        Ok(client) => client.get(format!("{base}{CHANNELS_PATH}")).send().await,
        Err(error) => Err(error),
    };
    match asked {
        Ok(answer) => {
            let date = answer.headers().get(DATE).and_then(|value| value.to_str().ok());
            clock::check(date, SystemTime::now())
        }
        Err(error) => Finding::wrong(
            REACH,
            format!("{base} can't be reached: {}", words(&error)),
            "Check VOBIZ_BASE_URL, the name service, and that this machine may connect to it over TLS.",
        ),
    }
}

fn channel(found: Option<&Channel>, id: &vobiz::Uuid) -> Finding {
    let Some(channel) = found else {
        return Finding::wrong(
            CHANNEL,
            format!("the account has no channel {id}"),
            "Copy the channel's UUID from the Vobiz console into VOBIZ_CHANNEL_ID.",
        );
    };
    let number = channel.phone_number.as_deref().unwrap_or("number not told");
    let status = channel.status.as_deref().unwrap_or("not told");
    let seen = format!("{id}: {number}, status {status}");
    if channel.phone_number_id.is_none() {
        return Finding::wrong(
            CHANNEL,
            format!("{seen}, without a phone_number_id"),
            "Webhooks name numbers by it, so no call could be placed. Ask Vobiz to finish the channel's set-up.",
        );
    }
    // The values are not documented: another one may be as good.
    if status.eq_ignore_ascii_case("active") {
        Finding::fine(CHANNEL, seen)
    } else {
        Finding::note(CHANNEL, seen, "An active channel says `active`. Look at it in the Vobiz console.")
    }
}

fn refused(error: &UpstreamError) -> Finding {
    let problem = Problem::from(error);
    let advice = match error {
        UpstreamError::Refused { status: 401 | 403, .. } => {
            "Copy the MA_… identifier and the token anew from the Vobiz console into VOBIZ_AUTH_ID and VOBIZ_AUTH_TOKEN."
        }
        UpstreamError::Refused { .. }
        | UpstreamError::Unknown(_)
        | UpstreamError::Unreachable
        | UpstreamError::NotConfigured => {
            "Check VOBIZ_BASE_URL; if it is right, try again in some minutes, then ask Vobiz."
        }
    };
    Finding::wrong(CREDENTIALS, format!("{} ({error})", problem.title), advice)
}

async fn registration(config: &Config, vobiz: &VobizClient) -> Finding {
    let wanted = format!("{}/webhooks/vobiz", config.origin);
    let registered = match vobiz.subscriptions().await {
        Ok(list) => list.items,
        Err(error) => {
            return Finding::wrong(
                REGISTRATION,
                format!("the registered addresses can't be read ({error})"),
                "Try again; if it goes on, ask Vobiz whether the account may use webhooks.",
            );
        }
    };
    let Some(found) = registered.iter().find(|one| one.url == wanted) else {
        let others: Vec<&str> = registered.iter().map(|one| one.url.as_str()).collect();
        let others = if others.is_empty() { "nothing".to_owned() } else { others.join(", ") };
        return Finding::wrong(
            REGISTRATION,
            format!("{wanted} is not registered; registered is {others}"),
            format!("Run `softphone-relay webhook add {wanted}`."),
        );
    };
    match found.status.as_deref() {
        None => Finding::fine(REGISTRATION, wanted),
        Some(status) if status.eq_ignore_ascii_case("active") => Finding::fine(REGISTRATION, wanted),
        Some(status) => Finding::note(
            REGISTRATION,
            format!("{wanted} has the status {status}"),
            format!(
                "An active one says `active`. `softphone-relay webhook remove {}`, then add it again.",
                found.id
            ),
        ),
    }
}
