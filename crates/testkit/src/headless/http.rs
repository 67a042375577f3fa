//! The relay's HTTP interface, as the page uses it.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use reqwest::header::{COOKIE, ORIGIN, SET_COOKIE};
use reqwest::{Client, Method, RequestBuilder, Response};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::handshake::client::Request;
use vobiz::log::LogPage;
use vobiz::rest::{ActionResponse, InitiateResponse};
use wire::{
    ATTEMPT_HEADER, ActionBody, InitiateBody, LoginBody, PAGE_ACTION_PATH, PAGE_CALLS_PATH, PAGE_LOGS_PATH,
    Problem, ProblemKind, Session,
};

/// Longest wait for a reply: the relay's own bound for an accept is 60 s.
const REPLY: Duration = Duration::from_secs(65);

/// Where the relay is and who is there.
#[derive(Debug, Clone)]
pub struct Door {
    client: Client,
    address: SocketAddr,
    origin: String,
    cookie: String,
}

impl Door {
    /// Signs in.
    ///
    /// # Errors
    ///
    /// When the relay can't be reached or refuses.
    pub async fn sign_in(
        address: SocketAddr,
        origin: &str,
        username: &str,
        password: &str,
    ) -> Result<(Self, Session)> {
        let client = Client::builder().no_proxy().timeout(REPLY).build()?;
        let mut door = Self { client, address, origin: origin.to_owned(), cookie: String::new() };
        let body = LoginBody { username: username.to_owned(), password: password.to_owned() };
        let reply = door.request(Method::POST, "/api/login").json(&body).send().await?;
        ensure!(reply.status().is_success(), "sign-in is answered with {}", reply.status());
        let cookie = reply.headers().get(SET_COOKIE).context("sign-in gave no cookie")?;
        door.cookie = cookie.to_str()?.split(';').next().unwrap_or_default().to_owned();
        Ok((door, reply.json().await?))
    }

    /// Ends the session.
    ///
    /// # Errors
    ///
    /// When the relay can't be reached or refuses.
    pub async fn sign_out(&self) -> Result<()> {
        let reply = self.request(Method::POST, "/api/logout").send().await?;
        ensure!(reply.status().is_success(), "sign-out is answered with {}", reply.status());
        Ok(())
    }

    /// Calls a person; the attempt's key makes it one call, however often it is asked for.
    pub(super) async fn initiate(&self, attempt: &str, to: &str, offer: String) -> Result<(), Problem> {
        let body = InitiateBody { channel_id: None, to: to.to_owned(), sdp_offer: offer };
        let request = self.request(Method::POST, PAGE_CALLS_PATH).header(ATTEMPT_HEADER, attempt);
        answer::<InitiateResponse>(send(request, &body).await?).await.map(drop)
    }

    /// Does something with a call.
    pub(super) async fn act(&self, call: &str, action: &str, sdp: Option<String>) -> Result<(), Problem> {
        let body = ActionBody { channel_id: None, call_id: call.to_owned(), action: action.to_owned(), sdp };
        let request = self.request(Method::POST, PAGE_ACTION_PATH);
        answer::<ActionResponse>(send(request, &body).await?).await.map(drop)
    }

    /// The first page of the call log.
    ///
    /// # Errors
    ///
    /// When the relay can't be reached or refuses.
    pub async fn log(&self) -> Result<LogPage> {
        let reply = self.request(Method::GET, PAGE_LOGS_PATH).send().await?;
        if !reply.status().is_success() {
            bail!("the log is answered with {}: {}", reply.status(), reply.text().await?);
        }
        Ok(reply.json().await?)
    }

    /// The request that opens the event socket.
    pub(super) fn socket(&self, after: Option<u64>) -> Result<Request> {
        let query = after.map(|seq| format!("?after={seq}")).unwrap_or_default();
        let mut request = format!("ws://{}/api/events{query}", self.address).into_client_request()?;
        let headers = request.headers_mut();
        headers.insert("Cookie", self.cookie.parse()?);
        headers.insert("Origin", self.origin.parse()?);
        Ok(request)
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client
            .request(method, format!("http://{}{path}", self.address))
            .header(ORIGIN, &self.origin)
            .header(COOKIE, &self.cookie)
    }
}

async fn send(request: RequestBuilder, body: &impl Serialize) -> Result<Response, Problem> {
    request.json(body).send().await.map_err(|_| {
        Problem::new(ProblemKind::Offline, 0, "The relay can't be reached", "Try again in a moment.")
    })
}

async fn answer<T: DeserializeOwned>(reply: Response) -> Result<T, Problem> {
    let status = reply.status();
    let text = reply.text().await.unwrap_or_default();
    if status.is_success() {
        return serde_json::from_str(&text).map_err(|error| {
            Problem::new(ProblemKind::Unknown, status.as_u16(), "An unreadable reply", error.to_string())
        });
    }
    Err(serde_json::from_str(&text).unwrap_or_else(|_| {
        Problem::new(ProblemKind::Unknown, status.as_u16(), "A refusal that is no problem+json", text)
    }))
}
