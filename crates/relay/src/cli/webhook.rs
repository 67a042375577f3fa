//! `softphone-relay webhook …`: where Vobiz sends its events.

use anyhow::{Context as _, Result, bail};
use relay::{
    config::{ProcessEnvironment, UpstreamConfig, read_webhook_secret},
    upstream::{Upstream as _, UpstreamError, VobizClient},
};
use vobiz::subscription::{SubscribeRequest, Subscription};
use wire::Problem;

/// What to do with the registered addresses.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Webhook {
    /// Register one.
    Add(String),
    /// Show all.
    List,
    /// Remove one by its identifier.
    Remove(String),
}

/// Does it.
pub(crate) async fn webhook(what: Webhook) -> Result<()> {
    let config = UpstreamConfig::read(&ProcessEnvironment)?;
    let client = VobizClient::new(&config.base_url, Some(&config.credentials)).context("VOBIZ_BASE_URL")?;
    match what {
        Webhook::Add(url) => add(&client, url).await,
        Webhook::List => list(&client).await,
        Webhook::Remove(id) => {
            client.unsubscribe(&id).await.map_err(words)?;
            super::say(&format!("Removed {id}."))
        }
    }
}

async fn add(client: &VobizClient, url: String) -> Result<()> {
    const EXAMPLE: &str = "https://phone.example.com/webhooks/vobiz";
    let parsed =
        reqwest::Url::parse(&url).with_context(|| format!("{url} is not an address. Example: {EXAMPLE}"))?;
    if !matches!(parsed.scheme(), "https" | "http") {
        bail!("{url} must begin with https://. Example: {EXAMPLE}");
    }
    let Some(secret) = read_webhook_secret(&ProcessEnvironment)? else {
        bail!(
            "VOBIZ_WEBHOOK_SECRET: is not set; it signs the events. Example: VOBIZ_WEBHOOK_SECRET=a-long-random-text"
        );
    };
    let registered = client.subscriptions().await.map_err(words)?.items;
    if let Some(known) = registered.iter().find(|known| known.url == url) {
        return super::say(&format!(
            "{url} is registered already as {id}. If its secret has changed: `softphone-relay webhook remove {id}`, then add it again.",
            id = known.id
        ));
    }
    let request = SubscribeRequest { url, secret: secret.expose().to_owned() };
    let made = client.subscribe(&request).await.map_err(words)?;
    super::say(&format!("Registered as {}: Vobiz now sends events to {}.", made.id, made.url))?;
    if parsed.path() != "/webhooks/vobiz" {
        super::say("Note: this relay takes events at /webhooks/vobiz; the address has another path.")?;
    }
    Ok(())
}

async fn list(client: &VobizClient) -> Result<()> {
    let registered = client.subscriptions().await.map_err(words)?.items;
    if registered.is_empty() {
        return super::say("Nothing is registered. `softphone-relay webhook add URL` registers an address.");
    }
    registered.iter().try_for_each(|one| super::say(&line(one)))
}

fn line(one: &Subscription) -> String {
    let status = one.status.as_deref().unwrap_or("-");
    let since = one.created_at.as_deref().unwrap_or("-");
    format!("{}  {status}  {}  since {since}", one.id, one.url)
}

fn words(error: UpstreamError) -> anyhow::Error {
    let problem = Problem::from(&error);
    anyhow::anyhow!("{}. {}", problem.title, problem.detail)
}
