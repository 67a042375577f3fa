//! Sessions live in the browser, sealed: an encrypted cookie that only a relay with
//! the same secrets can open. Restarts and further relays need no shared memory.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use axum::http::HeaderMap;
use axum_extra::extract::cookie::{Cookie, Key, PrivateCookieJar, SameSite};
use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha512;
use vobiz::{Uuid, signature};
use wire::UnixMillis;

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
    /// Sessions signed out before their time, until they would have ended anyway.
    /// Only this relay's memory: a stolen cookie is what it guards against, and
    /// `SessionLife::idle` bounds that elsewhere.
    signed_out: Mutex<HashMap<Uuid, UnixMillis>>,
}

/// `__Host-`: only over TLS, only from this host, for all of it (RFC 6265bis, 4.1.3.2).
const SECURE_COOKIE: &str = "__Host-softphone";
/// Browsers take `__Host-` only with `Secure`, which plain loopback HTTP can't set everywhere.
const LOOPBACK_COOKIE: &str = "softphone";
/// Signed-out sessions that are remembered.
const MAX_SIGNED_OUT: usize = 10_000;

impl SessionKeeper {
    /// Derives the cookie's key from the configured secrets, so that every relay with
    /// the same configuration, and this one after a restart, opens the same cookies.
    /// A changed token signs everybody out.
    pub(crate) fn new(config: &Config) -> Self {
        let is_secure = config.origin.is_secure();
        Self {
            key: cookie_key(config),
            cookie_name: if is_secure { SECURE_COOKIE } else { LOOPBACK_COOKIE },
            is_secure,
            life: config.sessions,
            signed_out: Mutex::default(),
        }
    }

    /// A new session for an agent who has just proven who they are.
    pub(crate) fn begin(&self, agent: &Agent, id: Uuid, now: UnixMillis) -> Claims {
        Claims {
            id,
            username: agent.username.as_str().to_owned(),
            since: now,
            renewed: now,
            mark: self.mark(agent),
        }
    }

    /// The session of a request, if its cookie can be opened. Says nothing of whether
    /// it is still valid.
    pub(crate) fn open(&self, headers: &HeaderMap) -> Option<Claims> {
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
            || (age >= millis(self.life.idle) && !is_watched)
            || claims.mark != self.mark(agent)
            || self.is_signed_out(claims.id);
        if is_over {
            Standing::Over
        } else if age >= millis(self.life.renew_after) {
            Standing::Renewable
        } else {
            Standing::Fresh
        }
    }

    /// When the session ends whatever happens.
    pub(crate) fn ends(&self, claims: &Claims) -> UnixMillis {
        claims.since.saturating_add(millis(self.life.longest))
    }

    /// When it ends if nothing happens.
    pub(crate) fn expires(&self, claims: &Claims) -> UnixMillis {
        claims.renewed.saturating_add(millis(self.life.idle)).min(self.ends(claims))
    }

    /// Ends a session before its time.
    pub(crate) fn sign_out(&self, claims: &Claims, now: UnixMillis) {
        let mut signed_out = self.signed_out.lock().unwrap_or_else(PoisonError::into_inner);
        if signed_out.len() >= MAX_SIGNED_OUT {
            signed_out.retain(|_, until| *until > now);
        }
        if signed_out.len() >= MAX_SIGNED_OUT
            && let Some(soonest) = signed_out.iter().min_by_key(|(_, until)| **until).map(|(id, _)| *id)
        {
            signed_out.remove(&soonest);
        }
        signed_out.insert(claims.id, self.ends(claims));
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

    fn cookie(&self, value: String, left: Duration) -> Cookie<'static> {
        Cookie::build((self.cookie_name, value))
            .path("/")
            .http_only(true)
            .secure(self.is_secure)
            .same_site(SameSite::Strict)
            .max_age(left.try_into().unwrap_or_default())
            .build()
    }

    fn is_signed_out(&self, id: Uuid) -> bool {
        self.signed_out.lock().unwrap_or_else(PoisonError::into_inner).contains_key(&id)
    }

    fn mark(&self, agent: &Agent) -> String {
        /// Hex digits: 64 bits, since nobody can try marks without the key.
        const DIGITS: usize = 16;
        let mut mark = signature::sign(self.key.encryption(), agent.password_hash.to_string().as_bytes());
        mark.truncate(DIGITS);
        mark
    }
}

/// HKDF-Extract (RFC 5869, section 2.2) with a fixed salt over the configured secrets;
/// its 64 bytes are just what the cookie's two keys need.
fn cookie_key(config: &Config) -> Key {
    const SALT: &[u8] = b"softphone-relay session cookie, version 1";
    /// Block of SHA-512 in bytes (FIPS 180-4, section 1); HMAC pads its key to it.
    const BLOCK: usize = 128;
    let mut block = [0; BLOCK];
    block[..SALT.len()].copy_from_slice(SALT);
    let mut mac = Hmac::<Sha512>::new(&block.into());
    let webhook_secret = config.webhook_secret.as_ref().map_or("", |secret| secret.expose());
    let token = match &config.upstream.credentials {
        Credentials::Account { token, .. } | Credentials::Bearer(token) => token.expose(),
    };
    for secret in [token, webhook_secret] {
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
