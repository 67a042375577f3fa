//! The provider.

use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use openidconnect::{
    AccessTokenHash, AuthorizationCode, ClientId, ClientSecret, CsrfToken, HttpRequest, IssuerUrl, Nonce,
    OAuth2TokenResponse as _, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, Scope, TokenResponse as _,
    core::{
        CoreAuthenticationFlow, CoreClient, CoreIdTokenClaims, CoreJwsSigningAlgorithm, CoreProviderMetadata,
        CoreTokenResponse,
    },
};
use reqwest::Client;
use tokio::sync::Semaphore;

use super::{CALLBACK_PATH, OidcError, Pending, fetch};
use crate::{
    clock,
    config::{OidcClaim, OidcConfig, Origin},
};

/// How long what the provider says of itself is believed without asking again.
const METADATA_FOR: Duration = Duration::from_mins(10);
/// Keys are asked for again for a token that does not fit, but not more often than this.
const KEYS_AGAIN_AFTER: Duration = Duration::from_secs(1);
/// People who come back from the provider at once.
const AT_ONCE: usize = 16;

/// Signatures that are taken: public keys only. One with the client's secret would make
/// the secret a key to every account, and `none` is no signature.
const ALGORITHMS: [CoreJwsSigningAlgorithm; 9] = [
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha384,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha512,
    CoreJwsSigningAlgorithm::RsaSsaPssSha256,
    CoreJwsSigningAlgorithm::RsaSsaPssSha384,
    CoreJwsSigningAlgorithm::RsaSsaPssSha512,
    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
    CoreJwsSigningAlgorithm::EcdsaP384Sha384,
    CoreJwsSigningAlgorithm::EdDsa,
];

/// A provider that agents may sign in by.
pub(crate) struct Provider {
    config: OidcConfig,
    redirect: String,
    http: Client,
    known: Mutex<Option<(Instant, CoreProviderMetadata)>>,
    turns: Semaphore,
}

impl Provider {
    /// Asks nothing yet: a provider that is down must not keep the relay from starting.
    pub(crate) fn new(config: OidcConfig, origin: &Origin) -> Result<Self, reqwest::Error> {
        Ok(Self {
            http: fetch::client(&config.issuer)?,
            redirect: format!("{origin}{CALLBACK_PATH}"),
            config,
            known: Mutex::default(),
            turns: Semaphore::new(AT_ONCE),
        })
    }

    /// What the page calls it.
    pub(crate) fn name(&self) -> &str {
        &self.config.name
    }

    /// Where the browser has to go, and what has to be remembered until it comes back.
    pub(crate) async fn begin(&self) -> Result<(String, Pending), OidcError> {
        let metadata = self.metadata(METADATA_FOR).await?;
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let client = CoreClient::from_provider_metadata(metadata, self.client_id(), self.client_secret())
            .set_redirect_uri(self.redirect_url()?);
        let mut request = client
            .authorize_url(
                CoreAuthenticationFlow::AuthorizationCode,
                CsrfToken::new_random,
                Nonce::new_random,
            )
            .set_pkce_challenge(challenge);
        match self.config.claim {
            OidcClaim::Email => request = request.add_scope(Scope::new("email".to_owned())),
            OidcClaim::PreferredUsername => request = request.add_scope(Scope::new("profile".to_owned())),
            OidcClaim::Subject => {}
        }
        let (url, state, nonce) = request.url();
        let pending = Pending {
            state: state.secret().clone(),
            nonce: nonce.secret().clone(),
            verifier: verifier.secret().clone(),
            begun: clock::now(),
        };
        Ok((url.to_string(), pending))
    }

    /// Redeems the code and says whom the ID token names.
    pub(crate) async fn finish(&self, pending: Pending, code: String) -> Result<String, OidcError> {
        let _turn = self.turns.try_acquire().map_err(|_| OidcError::Busy)?;
        let metadata = self.metadata(METADATA_FOR).await?;
        let tokens = self.redeem(metadata.clone(), code, pending.verifier).await?;
        let nonce = Nonce::new(pending.nonce);
        match self.checked(metadata, &tokens, &nonce) {
            Ok(name) => Ok(name),
            Err(error @ OidcError::Claim(_)) => Err(error),
            // The provider may have new keys.
            Err(_) => self.checked(self.metadata(KEYS_AGAIN_AFTER).await?, &tokens, &nonce),
        }
    }

    /// Whether what the token says is this user name.
    pub(crate) fn names(&self, told: &str, username: &str) -> bool {
        match self.config.claim {
            OidcClaim::Email => told.eq_ignore_ascii_case(username),
            OidcClaim::PreferredUsername | OidcClaim::Subject => told == username,
        }
    }

    async fn redeem(
        &self,
        metadata: CoreProviderMetadata,
        code: String,
        verifier: String,
    ) -> Result<CoreTokenResponse, OidcError> {
        let client = CoreClient::from_provider_metadata(metadata, self.client_id(), self.client_secret())
            .set_redirect_uri(self.redirect_url()?);
        let request = client
            .exchange_code(AuthorizationCode::new(code))
            .map_err(|error| OidcError::Discovery(error.to_string()))?
            .set_pkce_verifier(PkceCodeVerifier::new(verifier));
        let http = |request: HttpRequest| fetch::fetch(self.http.clone(), request);
        request.request_async(&http).await.map_err(|error| OidcError::Exchange(words(&error)))
    }

    fn checked(
        &self,
        metadata: CoreProviderMetadata,
        tokens: &CoreTokenResponse,
        nonce: &Nonce,
    ) -> Result<String, OidcError> {
        let client = CoreClient::from_provider_metadata(metadata, self.client_id(), self.client_secret());
        let verifier = client.id_token_verifier().set_allowed_algs(ALGORITHMS);
        let refuse = |words: String| OidcError::Token(words);
        let token = tokens.id_token().ok_or_else(|| refuse("there is none".to_owned()))?;
        let claims = token.claims(&verifier, nonce).map_err(|error| refuse(words(&error)))?;
        if let Some(expected) = claims.access_token_hash() {
            let algorithm = token.signing_alg().map_err(|error| refuse(error.to_string()))?;
            let key = token.signing_key(&verifier).map_err(|error| refuse(error.to_string()))?;
            let actual = AccessTokenHash::from_token(tokens.access_token(), algorithm, key)
                .map_err(|error| refuse(error.to_string()))?;
            if actual != *expected {
                return Err(refuse("it belongs to another access token".to_owned()));
            }
        }
        self.named(claims)
    }

    fn named(&self, claims: &CoreIdTokenClaims) -> Result<String, OidcError> {
        match self.config.claim {
            // An address that anybody may write into their profile proves nothing.
            OidcClaim::Email => claims
                .email()
                .filter(|_| claims.email_verified() == Some(true))
                .map(|email| email.to_string())
                .ok_or(OidcError::Claim("email that is verified")),
            OidcClaim::PreferredUsername => claims
                .preferred_username()
                .map(|name| name.to_string())
                .ok_or(OidcError::Claim("preferred_username")),
            OidcClaim::Subject => Ok(claims.subject().to_string()),
        }
    }

    /// What the provider says of itself, keys included; asked again when it is older.
    async fn metadata(&self, believed: Duration) -> Result<CoreProviderMetadata, OidcError> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some((asked, metadata)) = known
            && asked.elapsed() < believed
        {
            return Ok(metadata);
        }
        let issuer = IssuerUrl::new(self.config.issuer.clone())
            .map_err(|error| OidcError::Discovery(error.to_string()))?;
        let http = |request: HttpRequest| fetch::fetch(self.http.clone(), request);
        let metadata = CoreProviderMetadata::discover_async(issuer, &http)
            .await
            .map_err(|error| OidcError::Discovery(words(&error)))?;
        *self.known.lock().unwrap_or_else(PoisonError::into_inner) = Some((Instant::now(), metadata.clone()));
        Ok(metadata)
    }

    fn client_id(&self) -> ClientId {
        ClientId::new(self.config.client_id.clone())
    }

    fn client_secret(&self) -> Option<ClientSecret> {
        self.config.client_secret.as_ref().map(|secret| ClientSecret::new(secret.expose().to_owned()))
    }

    fn redirect_url(&self) -> Result<RedirectUrl, OidcError> {
        RedirectUrl::new(self.redirect.clone()).map_err(|error| OidcError::Discovery(error.to_string()))
    }
}

/// An error with its causes, on one line of bounded length.
fn words(error: &dyn std::error::Error) -> String {
    /// Longest text, in characters: some errors repeat whole answers.
    const LONGEST: usize = 300;
    let mut told = error.to_string();
    let mut cause = error.source();
    while let Some(deeper) = cause {
        told = format!("{told}: {deeper}");
        cause = deeper.source();
    }
    told.chars().map(|c| if c.is_control() { ' ' } else { c }).take(LONGEST).collect()
}
