//! Sessions live in the browser, sealed: an encrypted cookie that only a relay with
//! the same secrets can open. Restarts and further relays need no shared memory.

use std::{net::IpAddr, sync::Arc, time::Duration};

use axum::http::{HeaderMap, header};
use axum_extra::extract::cookie::{Cookie, Key, PrivateCookieJar, SameSite};
use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha512;
use vobiz::{Uuid, signature};
use wire::{AgentName, UnixMillis};

use super::{
    book::Book,
    oidc::Pending,
    store::{Known, SessionStore, StoreError},
};
use crate::config::{Agent, Config, Credentials, SessionLife};

/// What the cookie holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Claims {
    /// Name of this session, made at sign-in.
    pub(crate) id: Uuid,
    /// Who.
    pub(crate) username: String,
    /// When they signed in.
    pub(crate) since: UnixMillis,
    /// When the cookie was last renewed.
    pub(crate) renewed: UnixMillis,
    /// Mark of the password that was used: a new password ends old sessions.
    mark: String,
}

/// How a session stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    /// Valid, and fresh.
    Fresh,
    /// Valid; the reply should renew it.
    Renewable,
    /// Over.
    Over,
}

/// Seals and opens sessions.
pub(crate) struct SessionKeeper {
    key: Key,
    cookie_name: &'static str,
    is_secure: bool,
    life: SessionLife,
    book: Book,
}

/// `__Host-`: only over TLS, only from this host, for all of it (RFC 6265bis, 4.1.3.2).
const SECURE_COOKIE: &str = "__Host-softphone";
/// Browsers take `__Host-` only with `Secure`, which plain loopback HTTP can't set everywhere.
const LOOPBACK_COOKIE: &str = "softphone";
/// The same for a sign-in that goes on at the provider.
const SECURE_PENDING: &str = "__Host-softphone-oidc";
/// See [`LOOPBACK_COOKIE`].
const LOOPBACK_PENDING: &str = "softphone-oidc";
/// Longest stay at the provider: time for a second factor.
const PENDING_FOR: Duration = Duration::from_mins(10);
/// Longest name of a browser that is kept, in characters: what people recognise one by
/// comes first.
const MAX_DEVICE: usize = 200;

/// What a session began from, for the agent to recognise it by.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Device {
    name: Option<String>,
    address: Option<String>,
}

impl Device {
    /// The sender of a request.
    pub(crate) fn of(headers: &HeaderMap, address: IpAddr) -> Self {
        let name = headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok());
        let name = name.map(|name| name.chars().take(MAX_DEVICE).collect());
        Self { name, address: Some(address.to_string()) }
    }
}

impl SessionKeeper {
    /// Derives the cookie's key from `RELAY_SESSION_KEY`, or from the other configured
    /// secrets, so that every relay with the same configuration, and this one after a
    /// restart, opens the same cookies. A changed secret signs everybody out.
    ///
    /// # Errors
    ///
    /// When it can't be read which sessions were ended.
    pub(crate) async fn open(
        config: &Config,
        store: Arc<dyn SessionStore>,
        now: UnixMillis,
    ) -> Result<Self, StoreError> {
        let is_secure = config.origin.is_secure();
        Ok(Self {
            key: cookie_key(config),
            cookie_name: if is_secure { SECURE_COOKIE } else { LOOPBACK_COOKIE },
            is_secure,
            life: config.sessions,
            book: Book::open(store, now).await?,
        })
    }

    /// Takes in which sessions began and ended at other relays.
    ///
    /// # Errors
    ///
    /// When it can't be read.
    pub(crate) async fn refresh(&self, now: UnixMillis) -> Result<(), StoreError> {
        self.book.refresh(now).await
    }

    /// A new session for an agent who has just proven who they are.
    pub(crate) async fn begin(&self, agent: &Agent, id: Uuid, device: Device, now: UnixMillis) -> Claims {
        let claims = Claims {
            id,
            username: agent.username.as_str().to_owned(),
            since: now,
            renewed: now,
            mark: self.mark(agent),
        };
        let known = Known {
            id,
            agent: agent.username.clone(),
            since: now,
            seen: now,
            until: self.ends(&claims),
            device: device.name,
            address: device.address,
            is_over: false,
        };
        if let Err(error) = self.book.keep(known, now).await {
            // Nobody is kept from work by it; the session only is not in the list.
            tracing::warn!(%error, agent = agent.username.as_str(), "a session could not be noted");
        }
        claims
    }

    /// Renews a session.
    pub(crate) async fn renew(&self, claims: &mut Claims, agent: &AgentName, now: UnixMillis) {
        claims.renewed = now;
        let known = self.book.of(agent, now).into_iter().find(|known| known.id == claims.id);
        if let Some(known) = known
            && let Err(error) = self.book.keep(Known { seen: now, ..known }, now).await
        {
            tracing::warn!(%error, agent = agent.as_str(), "a session's renewal could not be noted");
        }
    }

    /// The session of a request, if its cookie can be opened. Says nothing of whether
    /// it is still valid.
    pub(crate) fn unseal(&self, headers: &HeaderMap) -> Option<Claims> {
        let jar = PrivateCookieJar::from_headers(headers, self.key.clone());
        serde_json::from_str(jar.get(self.cookie_name)?.value()).ok()
    }

    /// Whether a session still counts. `is_watched`: one of its pages has a live socket,
    /// which is activity too.
    pub(crate) fn standing(
        &self,
        claims: &Claims,
        agent: &Agent,
        now: UnixMillis,
        is_watched: bool,
    ) -> Standing {
        let age = now.saturating_sub(claims.renewed);
        let is_over = now >= self.ends(claims)
            || (self.has_idled_out(claims.renewed, now) && !is_watched)
            || claims.mark != self.mark(agent)
            || self.book.is_over(&agent.username, claims.id, claims.since);
        if is_over {
            Standing::Over
        } else if age >= millis(self.life.renew_after) {
            Standing::Renewable
        } else {
            Standing::Fresh
        }
    }

    /// Whether a session that was renewed then has been left alone for too long.
    pub(crate) fn has_idled_out(&self, renewed: UnixMillis, now: UnixMillis) -> bool {
        now.saturating_sub(renewed) >= millis(self.life.idle)
    }

    /// When the session ends whatever happens.
    pub(crate) fn ends(&self, claims: &Claims) -> UnixMillis {
        claims.since.saturating_add(millis(self.life.longest))
    }

    /// When it ends if nothing happens.
    pub(crate) fn expires(&self, claims: &Claims) -> UnixMillis {
        claims.renewed.saturating_add(millis(self.life.idle)).min(self.ends(claims))
    }

    /// Ends the session that somebody has proven to have. It is over here at once, even
    /// if that can't be kept.
    ///
    /// # Errors
    ///
    /// When it can't be kept: it would come back with a restart.
    pub(crate) async fn sign_out(&self, claims: &Claims, now: UnixMillis) -> Result<(), StoreError> {
        let agent = AgentName(claims.username.clone());
        if self.book.end(&agent, claims.id, now).await? {
            return Ok(());
        }
        // Not in the book, as after a loss of it: the seal vouches for the session.
        let known = Known {
            id: claims.id,
            agent,
            since: claims.since,
            seen: now,
            until: self.ends(claims),
            device: None,
            address: None,
            is_over: true,
        };
        self.book.keep(known, now).await
    }

    /// Ends one of an agent's sessions. Whether there is such a one.
    ///
    /// # Errors
    ///
    /// As [`SessionKeeper::sign_out`].
    pub(crate) async fn sign_out_one(
        &self,
        agent: &AgentName,
        id: Uuid,
        now: UnixMillis,
    ) -> Result<bool, StoreError> {
        self.book.end(agent, id, now).await
    }

    /// Ends all sessions of an agent, also those of which this relay knows nothing.
    ///
    /// # Errors
    ///
    /// When it can't be kept: they would come back with a restart.
    pub(crate) async fn sign_out_everywhere(
        &self,
        agent: &AgentName,
        now: UnixMillis,
    ) -> Result<(), StoreError> {
        let until = now.saturating_add(millis(self.life.longest));
        self.book.end_all(agent, until, now).await
    }

    /// Whether a session was ended before its time.
    pub(crate) fn was_ended(&self, agent: &AgentName, id: Uuid, since: UnixMillis) -> bool {
        self.book.is_over(agent, id, since)
    }

    /// The sessions of an agent, the newest first.
    pub(crate) fn of(&self, agent: &AgentName, now: UnixMillis) -> Vec<Known> {
        self.book.of(agent, now)
    }

    /// Puts a session into a reply.
    pub(crate) fn seal(&self, claims: &Claims, now: UnixMillis) -> Option<PrivateCookieJar> {
        let left = Duration::from_millis(self.ends(claims).saturating_sub(now));
        let value = serde_json::to_string(claims).ok()?;
        Some(PrivateCookieJar::new(self.key.clone()).add(self.cookie(value, left)))
    }

    /// Takes the session out of the browser.
    pub(crate) fn clear(&self) -> PrivateCookieJar {
        PrivateCookieJar::new(self.key.clone()).add(self.cookie(String::new(), Duration::ZERO))
    }

    /// Puts a sign-in that goes on at the provider into a reply.
    pub(crate) fn seal_pending(&self, pending: &Pending) -> Option<PrivateCookieJar> {
        let value = serde_json::to_string(pending).ok()?;
        Some(PrivateCookieJar::new(self.key.clone()).add(self.pending_cookie(value, PENDING_FOR)))
    }

    /// The sign-in that was begun in this browser not too long ago.
    pub(crate) fn unseal_pending(&self, headers: &HeaderMap, now: UnixMillis) -> Option<Pending> {
        let jar = PrivateCookieJar::from_headers(headers, self.key.clone());
        let pending: Pending = serde_json::from_str(jar.get(self.pending_name())?.value()).ok()?;
        (now.saturating_sub(pending.begun) < millis(PENDING_FOR)).then_some(pending)
    }

    /// Takes it out of the browser.
    pub(crate) fn clear_pending(&self) -> PrivateCookieJar {
        let cookie = self.pending_cookie(String::new(), Duration::ZERO);
        PrivateCookieJar::new(self.key.clone()).add(cookie)
    }

    fn pending_name(&self) -> &'static str {
        if self.is_secure { SECURE_PENDING } else { LOOPBACK_PENDING }
    }

    /// Lax: it has to come along when the provider sends the browser back.
    fn pending_cookie(&self, value: String, left: Duration) -> Cookie<'static> {
        let mut cookie = self.cookie(value, left);
        cookie.set_name(self.pending_name());
        cookie.set_same_site(SameSite::Lax);
        cookie
    }

    fn cookie(&self, value: String, left: Duration) -> Cookie<'static> {
        Cookie::build((self.cookie_name, value))
            .path("/")
            .http_only(true)
            .secure(self.is_secure)
            .same_site(SameSite::Strict)
            .max_age(left.try_into().unwrap_or_default())
            .build()
    }

    fn mark(&self, agent: &Agent) -> String {
        /// Hex digits: 64 bits, since nobody can try marks without the key.
        const DIGITS: usize = 16;
        let secret = agent.password_hash.as_ref().map(ToString::to_string).unwrap_or_default();
        let mut mark = signature::sign(self.key.encryption(), secret.as_bytes());
        mark.truncate(DIGITS);
        mark
    }
}

/// HKDF-Extract (RFC 5869, section 2.2) with a fixed salt over the session key, or over
/// the other configured secrets; its 64 bytes are just what the cookie's two keys need.
fn cookie_key(config: &Config) -> Key {
    const SALT: &[u8] = b"softphone-relay session cookie, version 1";
    /// Block of SHA-512 in bytes (FIPS 180-4, section 1); HMAC pads its key to it.
    const BLOCK: usize = 128;
    let mut block = [0; BLOCK];
    block[..SALT.len()].copy_from_slice(SALT);
    let mut mac = Hmac::<Sha512>::new(&block.into());
    let session_key = config.session_key.as_ref().map(|key| key.expose());
    let webhook_secret = config.webhook_secret.as_ref().map_or("", |secret| secret.expose());
    let token = match &config.upstream.credentials {
        Credentials::Account { token, .. } | Credentials::Bearer(token) => token.expose(),
    };
    for secret in session_key.map_or_else(|| vec![token, webhook_secret], |key| vec![key]) {
        // The length keeps two secrets from being read as others with the border moved.
        mac.update(&(secret.len() as u64).to_be_bytes());
        mac.update(secret.as_bytes());
    }
    let bytes: [u8; 64] = mac.finalize().into_bytes().into();
    Key::from(&bytes)
}

fn millis(duration: Duration) -> UnixMillis {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
