//! How the provider is asked: bounded in time and size, and never anywhere else than asked.

use std::time::Duration;

use openidconnect::{
    HttpRequest, HttpResponse,
    http::{self, Response},
};
use reqwest::{Client, Url, redirect::Policy};

/// Longest wait for one answer; an agent waits for it.
const ANSWER_WITHIN: Duration = Duration::from_secs(10);
/// Longest answer, in bytes: a key set has some kilobytes.
const MAX_BODY: usize = 512 * 1024;

/// Why the provider could not be asked.
#[derive(Debug, thiserror::Error)]
pub(super) enum FetchError {
    /// No answer.
    #[error("no answer: {0}")]
    Http(#[from] reqwest::Error),
    /// A request or an answer that is no HTTP.
    #[error("no HTTP: {0}")]
    Message(#[from] http::Error),
    /// An answer beyond the bound.
    #[error("the answer is too large")]
    TooLarge,
}

/// A client for this provider.
pub(super) fn client(issuer: &str) -> Result<Client, reqwest::Error> {
    let mut builder = Client::builder().timeout(ANSWER_WITHIN).redirect(Policy::none());
    let host = Url::parse(issuer).ok().and_then(|url| url.host_str().map(str::to_owned));
    if host.is_some_and(|host| crate::config::is_loopback_host(&host)) {
        builder = builder.no_proxy();
    }
    builder.build()
}

/// Asks once.
pub(super) async fn fetch(client: Client, request: HttpRequest) -> Result<HttpResponse, FetchError> {
    let mut answer = client.execute(request.try_into()?).await?;
    let mut builder = Response::builder().status(answer.status());
    for (name, value) in answer.headers() {
        builder = builder.header(name, value);
    }
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await? {
        if body.len() + chunk.len() > MAX_BODY {
            return Err(FetchError::TooLarge);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(builder.body(body)?)
}
