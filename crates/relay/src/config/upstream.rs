//! Where the upstream is, and how the relay proves who it is.

use reqwest::Url;

use super::{
    ConfigError, missing,
    origin::is_loopback_host,
    source::{Found, Source, find},
};
use crate::secret::Secret;

/// The upstream's address and the account's credentials.
#[derive(Debug, Clone)]
pub struct UpstreamConfig {
    /// `VOBIZ_BASE_URL`, without a slash at its end.
    pub base_url: String,
    /// How requests are authorised.
    pub credentials: Credentials,
}

/// How requests are authorised.
#[derive(Debug, Clone)]
pub enum Credentials {
    /// `VOBIZ_AUTH_ID` and `VOBIZ_AUTH_TOKEN`, as `X-Auth-ID` and `X-Auth-Token`.
    Account {
        /// `MA_…`.
        id: String,
        /// Secret.
        token: Secret,
    },
    /// `VOBIZ_BEARER_TOKEN`, as `Authorization: Bearer`.
    Bearer(Secret),
}

const DEFAULT_BASE_URL: &str = "https://api.vobiz.ai/api/v1/messaging";
const ID_EXAMPLE: &str = "MA_XXXXXXXX";
const TOKEN_EXAMPLE: &str = "the-token-of-the-account";

impl UpstreamConfig {
    /// Reads only this part, for the commands that need nothing else.
    ///
    /// # Errors
    ///
    /// The first value that is missing or malformed.
    pub fn read(source: &dyn Source) -> Result<Self, ConfigError> {
        Ok(Self { base_url: read_base_url(source)?, credentials: read_credentials(source)? })
    }
}

fn read_base_url(source: &dyn Source) -> Result<String, ConfigError> {
    let Some(found) = find(source, "VOBIZ_BASE_URL", DEFAULT_BASE_URL)? else {
        return Ok(DEFAULT_BASE_URL.to_owned());
    };
    let refuse = |problem: &str| found.refuse(problem, DEFAULT_BASE_URL);
    let url = Url::parse(&found.text).map_err(|_| refuse("is not an address"))?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(found.refuse_secret("must not have credentials in it", DEFAULT_BASE_URL));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(refuse("must not have a query"));
    }
    match url.scheme() {
        "https" => {}
        "http" if url.host_str().is_some_and(is_loopback_host) => {}
        "http" => {
            return Err(refuse("would send the token unencrypted; http is only for this machine itself"));
        }
        _ => return Err(refuse("must begin with https://")),
    }
    Ok(url.as_str().trim_end_matches('/').to_owned())
}

fn read_credentials(source: &dyn Source) -> Result<Credentials, ConfigError> {
    let bearer = find(source, "VOBIZ_BEARER_TOKEN", TOKEN_EXAMPLE)?;
    let id = find(source, "VOBIZ_AUTH_ID", ID_EXAMPLE)?;
    let token = find(source, "VOBIZ_AUTH_TOKEN", TOKEN_EXAMPLE)?;
    match (bearer, id, token) {
        (Some(bearer), None, None) => Ok(Credentials::Bearer(Secret::new(header_text(bearer)?))),
        (None, Some(id), Some(token)) => {
            Ok(Credentials::Account { id: header_text(id)?, token: Secret::new(header_text(token)?) })
        }
        (Some(bearer), _, _) => Err(bearer.refuse_secret(
            "is set beside VOBIZ_AUTH_ID or VOBIZ_AUTH_TOKEN; use one or the other",
            TOKEN_EXAMPLE,
        )),
        (None, Some(_), None) => Err(missing("VOBIZ_AUTH_TOKEN", TOKEN_EXAMPLE)),
        (None, None, _) => Err(missing("VOBIZ_AUTH_ID", ID_EXAMPLE)),
    }
}

/// Visible ASCII, the part of RFC 9110 section 5.5 that no credential goes beyond.
fn header_text(found: Found) -> Result<String, ConfigError> {
    if found.text.bytes().all(|byte| byte.is_ascii_graphic()) {
        Ok(found.text)
    } else {
        Err(found.refuse_secret("has characters that can't stand in an HTTP header", TOKEN_EXAMPLE))
    }
}
