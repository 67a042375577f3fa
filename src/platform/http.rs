//! Requests to the relay: <https://fetch.spec.whatwg.org/>.

use gloo_net::http::{Request, Response};
use phone::text;
use wasm_bindgen::JsValue;
use web_sys::{AbortSignal, Headers, RequestCredentials, RequestInit};
use wire::{Problem, ProblemKind, Read};

use super::json;

/// Longest time for a request and its reply, in milliseconds: the relay gives its
/// upstream 15 s, and needs a moment itself.
const LONGEST_MS: u32 = 20_000;

/// What to ask the relay.
#[derive(Debug, Clone)]
pub struct Ask {
    /// `GET`, `POST` or `DELETE`.
    pub method: &'static str,
    /// Path and query.
    pub path: String,
    /// JSON.
    pub body: Option<String>,
    /// A header beside the usual ones.
    pub header: Option<(&'static str, String)>,
    /// Goes on when the page goes away.
    pub keepalive: bool,
}

impl Ask {
    /// Reads.
    pub fn get(path: impl Into<String>) -> Self {
        Self { method: "GET", path: path.into(), body: None, header: None, keepalive: false }
    }

    /// Writes.
    pub fn post(path: impl Into<String>, body: Option<String>) -> Self {
        Self { method: "POST", path: path.into(), body, header: None, keepalive: false }
    }

    /// Takes away.
    pub fn delete(path: impl Into<String>) -> Self {
        Self { method: "DELETE", ..Self::get(path) }
    }

    /// Asks, and gives the reply's body.
    ///
    /// # Errors
    ///
    /// The relay's own problem, or one made here when it can't be reached or has no
    /// words of its own.
    pub async fn text(self) -> Result<String, Problem> {
        let request = self.request().map_err(|_| text::offline())?;
        let response: Response = request.send().await.map_err(|_| text::offline())?;
        let body = response.text().await.map_err(|_| text::offline())?;
        if response.ok() { Ok(body) } else { Err(problem(response.status(), &body)) }
    }

    /// By hand as far as gloo-net's builder knows no `keepalive`.
    fn request(self) -> Result<Request, JsValue> {
        let headers = Headers::new()?;
        headers.set("Accept", "application/json")?;
        let init = RequestInit::new();
        init.set_method(self.method);
        init.set_credentials(RequestCredentials::SameOrigin);
        if let Some(body) = &self.body {
            headers.set("Content-Type", "application/json")?;
            init.set_body(&JsValue::from_str(body));
        }
        if let Some((name, value)) = &self.header {
            headers.set(name, value)?;
        }
        init.set_headers(&headers);
        if self.keepalive {
            js_sys::Reflect::set(&init, &"keepalive".into(), &JsValue::TRUE)?;
        } else {
            init.set_signal(Some(&AbortSignal::timeout_with_u32(LONGEST_MS)));
        }
        Ok(web_sys::Request::new_with_str_and_init(&self.path, &init)?.into())
    }
}

/// The problem that a refusal carries; a proxy in between may have its own words.
fn problem(status: u16, body: &str) -> Problem {
    /// RFC 9110, section 15.5.2.
    const UNAUTHORIZED: u16 = 401;
    let told = json::parse(body).and_then(|json| Problem::read(&json));
    let mut problem = told.unwrap_or_else(|| text::refused(status));
    if status == UNAUTHORIZED && problem.kind == ProblemKind::Unknown {
        problem.kind = ProblemKind::SignedOut;
    }
    problem
}
