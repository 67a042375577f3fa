//! The real upstream, over HTTPS.

use std::time::Duration;

use bytes::BytesMut;
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue, RETRY_AFTER};
use reqwest::{Client, Method, RequestBuilder, Response, StatusCode, Url};
use serde::Serialize;
use serde::de::DeserializeOwned;
use vobiz::channel::{CHANNELS_PATH, ChannelList};
use vobiz::fault::Fault;
use vobiz::log::LogPage;
use vobiz::rest::{
    ACTION_PATH, AUTH_ID_HEADER, AUTH_TOKEN_HEADER, ActionRequest, ActionResponse, CALLS_PATH,
    InitiateRequest, InitiateResponse, LOGS_PATH,
};
use vobiz::subscription::{SubscribeRequest, Subscription, SubscriptionList, WEBHOOKS_PATH};

use super::{Answer, LogQuery, Uncertainty, Upstream, UpstreamError};
use crate::config::Credentials;

/// Longest wait for a connection, TLS included.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);

/// Longest wait for a whole request, from the first byte sent to the last received.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(15);

/// Longest body that is read, in bytes. A page of a hundred log rows with both
/// session descriptions has about 2 MB.
pub(super) const MAX_BODY: usize = 8 * 1024 * 1024;

/// Longest pause that the upstream may ask for; anything longer is cut to this.
const MAX_RETRY_AFTER: Duration = Duration::from_secs(3600);

/// Vobiz over HTTPS. Cheap to clone; clones share their connections.
#[derive(Clone)]
pub struct VobizClient {
    http: Client,
    base: String,
    credentials: Option<HeaderMap>,
}

/// Why a client can't be made.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The base address is not an absolute `http` or `https` address.
    #[error("is not an http or https address")]
    BaseUrl,
    /// The credentials hold a character that no header may hold.
    #[error("the credentials hold a character that is not allowed in a header")]
    Credentials,
    /// The TLS set-up of this machine is not usable.
    #[error("the HTTPS client can't be set up")]
    Http(#[source] reqwest::Error),
}

impl VobizClient {
    /// A client for the API at `base_url`, such as `https://api.vobiz.ai/api/v1/messaging`.
    /// Without credentials every request ends with [`UpstreamError::NotConfigured`].
    ///
    /// # Errors
    ///
    /// Says what is wrong with the address or the credentials, without showing either.
    pub fn new(base_url: &str, credentials: Option<&Credentials>) -> Result<Self, ClientError> {
        let url = Url::parse(base_url).map_err(|_| ClientError::BaseUrl)?;
        if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none() {
            return Err(ClientError::BaseUrl);
        }
        let mut http = Client::builder()
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(REQUEST_TIMEOUT)
            // A redirect would carry the credentials to an address nobody configured.
            .redirect(reqwest::redirect::Policy::none())
            // An initiate must never be sent twice, not even by the transport.
            .retry(reqwest::retry::never());
        if is_loopback(&url) {
            http = http.no_proxy();
        }
        Ok(Self {
            http: http.build().map_err(ClientError::Http)?,
            base: base_url.trim_end_matches('/').to_owned(),
            credentials: credentials.map(headers).transpose()?,
        })
    }

    fn request(&self, method: Method, path: &str) -> Result<RequestBuilder, UpstreamError> {
        let credentials = self.credentials.clone().ok_or(UpstreamError::NotConfigured)?;
        Ok(self.http.request(method, format!("{}{path}", self.base)).headers(credentials))
    }

    async fn get<T: DeserializeOwned>(
        &self,
        path: &str,
        query: &[(&str, String)],
    ) -> Result<T, UpstreamError> {
        read(send(self.request(Method::GET, path)?.query(query)).await?).await
    }

    async fn post<T: DeserializeOwned>(
        &self,
        path: &str,
        body: &(impl Serialize + Sync),
    ) -> Result<T, UpstreamError> {
        read(send(self.request(Method::POST, path)?.json(body)).await?).await
    }
}

impl Upstream for VobizClient {
    fn initiate<'a>(&'a self, request: &'a InitiateRequest) -> Answer<'a, InitiateResponse> {
        Box::pin(self.post(CALLS_PATH, request))
    }

    fn action<'a>(&'a self, request: &'a ActionRequest) -> Answer<'a, ActionResponse> {
        Box::pin(self.post(ACTION_PATH, request))
    }

    fn logs<'a>(&'a self, query: &'a LogQuery) -> Answer<'a, LogPage> {
        Box::pin(async move {
            let mut pairs = vec![("page", query.page.to_string()), ("limit", query.limit.to_string())];
            pairs.extend(query.direction.as_ref().map(|direction| ("direction", direction.to_string())));
            pairs.extend(query.status.as_ref().map(|status| ("status", status.to_string())));
            self.get(LOGS_PATH, &pairs).await
        })
    }

    fn channels(&self) -> Answer<'_, ChannelList> {
        Box::pin(self.get(CHANNELS_PATH, &[]))
    }

    fn subscribe<'a>(&'a self, request: &'a SubscribeRequest) -> Answer<'a, Subscription> {
        Box::pin(self.post(WEBHOOKS_PATH, request))
    }

    fn subscriptions(&self) -> Answer<'_, SubscriptionList> {
        Box::pin(self.get(WEBHOOKS_PATH, &[]))
    }

    fn unsubscribe<'a>(&'a self, id: &'a str) -> Answer<'a, ()> {
        Box::pin(async move {
            // Only what an identifier may hold: it becomes part of a path.
            if id.is_empty() || !id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
            {
                let fault = Fault { code: None, text: Some("that is no webhook's id".to_owned()) };
                return Err(UpstreamError::Refused { status: 404, fault, retry_after: None });
            }
            send(self.request(Method::DELETE, &format!("{WEBHOOKS_PATH}/{id}"))?).await.map(drop)
        })
    }
}

fn is_loopback(url: &Url) -> bool {
    match url.host_str() {
        Some("localhost" | "[::1]") => true,
        Some(host) => host.parse::<std::net::Ipv4Addr>().is_ok_and(|address| address.is_loopback()),
        None => false,
    }
}

fn headers(credentials: &Credentials) -> Result<HeaderMap, ClientError> {
    let secret = |text: &str| {
        let mut value = HeaderValue::from_str(text).map_err(|_| ClientError::Credentials)?;
        value.set_sensitive(true);
        Ok(value)
    };
    let name = |text: &str| HeaderName::from_bytes(text.as_bytes()).map_err(|_| ClientError::Credentials);
    let mut headers = HeaderMap::new();
    match credentials {
        Credentials::Account { id, token } => {
            headers.insert(name(AUTH_ID_HEADER)?, secret(id)?);
            headers.insert(name(AUTH_TOKEN_HEADER)?, secret(token.expose())?);
        }
        Credentials::Bearer(token) => {
            headers.insert(AUTHORIZATION, secret(&format!("Bearer {}", token.expose()))?);
        }
    }
    Ok(headers)
}

/// Sends a request and sorts its status: a success comes back unread.
async fn send(request: RequestBuilder) -> Result<Response, UpstreamError> {
    let response = request.send().await.map_err(|error| failure(&error))?;
    let status = response.status();
    if status.is_success() {
        return Ok(response);
    }
    if status == StatusCode::REQUEST_TIMEOUT {
        return Err(UpstreamError::Unknown(Uncertainty::Timeout));
    }
    let retry_after = retry_after(response.headers());
    // What can't be read of a refusal leaves it a refusal, only without words.
    let fault = body(response).await.map(|body| Fault::read(&body)).unwrap_or_default();
    // How Vobiz wraps Meta's refusals is not documented: one that comes as a 5xx but
    // names Meta's code is a refusal, any other 5xx leaves the outcome open.
    if status.is_server_error() && fault.advice().is_none() {
        return Err(UpstreamError::Unknown(Uncertainty::ServerError(status.as_u16())));
    }
    Err(UpstreamError::Refused { status: status.as_u16(), fault, retry_after })
}

async fn read<T: DeserializeOwned>(response: Response) -> Result<T, UpstreamError> {
    let body = body(response).await?;
    serde_json::from_slice(&body).map_err(|_| UpstreamError::Unknown(Uncertainty::Nonsense))
}

async fn body(mut response: Response) -> Result<BytesMut, UpstreamError> {
    let mut body = BytesMut::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| failure(&error))? {
        if body.len() + chunk.len() > MAX_BODY {
            return Err(UpstreamError::Unknown(Uncertainty::TooLarge));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// The error without its text, which names the upstream's address.
fn failure(error: &reqwest::Error) -> UpstreamError {
    if error.is_connect() || error.is_builder() {
        UpstreamError::Unreachable
    } else if error.is_timeout() {
        UpstreamError::Unknown(Uncertainty::Timeout)
    } else {
        UpstreamError::Unknown(Uncertainty::Interrupted)
    }
}

/// `Retry-After` in seconds (RFC 9110, section 10.2.3); the date form is not used by
/// this API's kind and read as absent.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let seconds: u64 = headers.get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds).min(MAX_RETRY_AFTER))
}
