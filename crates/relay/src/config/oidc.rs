//! `RELAY_OIDC_…`: an OpenID Connect provider that agents may sign in by.

use reqwest::Url;

use super::{
    ConfigError, missing,
    origin::is_loopback_host,
    source::{Source, find},
};
use crate::secret::Secret;

/// A provider, and what is known of this relay there.
#[derive(Debug, Clone)]
pub struct OidcConfig {
    /// `RELAY_OIDC_ISSUER`: `/.well-known/openid-configuration` is looked for below it.
    pub issuer: String,
    /// `RELAY_OIDC_CLIENT_ID`.
    pub client_id: String,
    /// `RELAY_OIDC_CLIENT_SECRET`; none for a public client.
    pub client_secret: Option<Secret>,
    /// `RELAY_OIDC_CLAIM`.
    pub claim: OidcClaim,
    /// `RELAY_OIDC_NAME`: what the page calls the provider.
    pub name: String,
}

/// Which claim of the ID token is an agent's user name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OidcClaim {
    /// `email`, if the provider says that it is verified; capitals don't matter.
    Email,
    /// `preferred_username`.
    PreferredUsername,
    /// `sub`.
    Subject,
}

const ISSUER: &str = "RELAY_OIDC_ISSUER";
const ISSUER_EXAMPLE: &str = "https://login.example.com";
const CLIENT_EXAMPLE: &str = "softphone";
const SECRET_EXAMPLE: &str = "the-client-secret-that-the-provider-gave";
const CLAIM_EXAMPLE: &str = "email";
const NAME_EXAMPLE: &str = "Example login";
/// Longest name of a provider, in characters: it stands on a button.
const MAX_NAME: usize = 40;

/// Reads the provider; none when no variable names one.
pub(super) fn read(source: &dyn Source) -> Result<Option<OidcConfig>, ConfigError> {
    let issuer = find(source, ISSUER, ISSUER_EXAMPLE)?;
    let client_id = find(source, "RELAY_OIDC_CLIENT_ID", CLIENT_EXAMPLE)?;
    let client_secret = find(source, "RELAY_OIDC_CLIENT_SECRET", SECRET_EXAMPLE)?;
    let claim = find(source, "RELAY_OIDC_CLAIM", CLAIM_EXAMPLE)?;
    let name = find(source, "RELAY_OIDC_NAME", NAME_EXAMPLE)?;
    let Some(issuer) = issuer else {
        return match [client_id, client_secret, claim, name].into_iter().flatten().next() {
            None => Ok(None),
            Some(_) => Err(missing(ISSUER, ISSUER_EXAMPLE)),
        };
    };
    if !cfg!(feature = "oidc") {
        return Err(issuer.refuse(
            "can't be used: this executable was built without sign-in by a provider (feature `oidc`)",
            ISSUER_EXAMPLE,
        ));
    }
    let url = Url::parse(&issuer.text).map_err(|_| issuer.refuse("is not an address", ISSUER_EXAMPLE))?;
    let is_loopback = url.host_str().is_some_and(is_loopback_host);
    if url.scheme() != "https" && !(url.scheme() == "http" && is_loopback) {
        return Err(issuer.refuse("must begin with https://", ISSUER_EXAMPLE));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(issuer.refuse("must not have a query", ISSUER_EXAMPLE));
    }
    let Some(client_id) = client_id else {
        return Err(missing("RELAY_OIDC_CLIENT_ID", CLIENT_EXAMPLE));
    };
    let claim = match claim {
        None => OidcClaim::Email,
        Some(found) => match found.text.as_str() {
            "email" => OidcClaim::Email,
            "preferred_username" => OidcClaim::PreferredUsername,
            "sub" => OidcClaim::Subject,
            _ => return Err(found.refuse("is none of email, preferred_username, sub", CLAIM_EXAMPLE)),
        },
    };
    let name = match name {
        None => "Single sign-on".to_owned(),
        Some(found) if found.text.chars().count() > MAX_NAME => {
            return Err(found.refuse(format!("is longer than {MAX_NAME} characters"), NAME_EXAMPLE));
        }
        Some(found) => found.text,
    };
    Ok(Some(OidcConfig {
        issuer: issuer.text,
        client_id: client_id.text,
        client_secret: client_secret.map(|found| Secret::new(found.text)),
        claim,
        name,
    }))
}
