//! Sign-in by an OpenID Connect provider: authorization code with PKCE, the provider found
//! by discovery (<https://openid.net/specs/openid-connect-core-1_0.html>, section 3.1;
//! RFC 7636).
//!
//! The provider says who somebody is; that they are an agent is said by the agents file.

#[cfg(not(feature = "oidc"))]
mod absent;
#[cfg(feature = "oidc")]
mod fetch;
#[cfg(feature = "oidc")]
mod provider;

use serde::{Deserialize, Serialize};
use wire::UnixMillis;

#[cfg(not(feature = "oidc"))]
pub(crate) use absent::Provider;
#[cfg(feature = "oidc")]
pub(crate) use provider::Provider;

/// Where the provider sends browsers back to.
pub(crate) const CALLBACK_PATH: &str = "/api/oidc/callback";

/// What has to be remembered while the agent is at the provider; kept in the browser, sealed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Pending {
    /// Comes back in the address: who brings it began here.
    pub(crate) state: String,
    /// Comes back in the ID token: it was made for this sign-in.
    pub(crate) nonce: String,
    /// Proves to the provider that who redeems the code has asked for it.
    pub(crate) verifier: String,
    /// When it began.
    pub(crate) begun: UnixMillis,
}

/// Why nobody is signed in. No variant shows a code or a token.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(not(feature = "oidc"), expect(dead_code, reason = "made by the provider only"))]
pub(crate) enum OidcError {
    /// The provider does not say how to sign in by it.
    #[error("the provider's discovery failed: {0}")]
    Discovery(String),
    /// The provider does not give a token for the code.
    #[error("the provider did not redeem the code: {0}")]
    Exchange(String),
    /// The ID token is missing, or not what it must be.
    #[error("the ID token is not valid: {0}")]
    Token(String),
    /// The ID token does not have the claim that names agents.
    #[error("the ID token has no usable {0}")]
    Claim(&'static str),
    /// Too many people come back from the provider at once.
    #[error("too many sign-ins by the provider at once")]
    Busy,
}
