//! The public origin, and which other origins may act on it.

use std::{fmt, net::IpAddr};

use reqwest::Url;

/// Scheme, host and port (RFC 6454).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    is_secure: bool,
    /// Lower case; an IPv6 address in brackets.
    host: String,
    port: u16,
}

impl Origin {
    /// The origin of a relay on this machine.
    pub fn localhost(port: u16) -> Self {
        Self { is_secure: false, host: "localhost".to_owned(), port }
    }

    /// Reads an origin such as `https://phone.example.com`.
    ///
    /// # Errors
    ///
    /// Says what is wrong, to be put after the name of the value.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let url = Url::parse(text).map_err(|_| "is not an address")?;
        let is_secure = match url.scheme() {
            "https" => true,
            "http" => false,
            _ => return Err("must begin with https:// or http://"),
        };
        if !matches!(url.path(), "" | "/") || url.query().is_some() || url.fragment().is_some() {
            return Err("must be scheme, host and port only, without a path");
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err("must not have a user name in it");
        }
        let host = url.host_str().ok_or("has no host")?.to_owned();
        let port = url.port_or_known_default().ok_or("has no port")?;
        Ok(Self { is_secure, host, port })
    }

    /// Whether the page comes over TLS.
    pub fn is_secure(&self) -> bool {
        self.is_secure
    }

    /// Whether it is this machine itself, where browsers treat plain HTTP as secure.
    pub fn is_loopback(&self) -> bool {
        is_loopback_host(&self.host)
    }

    /// Whether a page from `other` (an `Origin` header's value) may act here: this
    /// origin itself; and on a developer's machine any other loopback port, since
    /// `trunk serve` has its own.
    pub fn allows(&self, other: &str) -> bool {
        Self::parse(other).is_ok_and(|other| other == *self || (self.is_loopback() && other.is_loopback()))
    }

    /// The same origin for WebSockets, for the content security policy.
    pub fn websocket(&self) -> String {
        let scheme = if self.is_secure { "wss" } else { "ws" };
        format!("{scheme}://{}{}", self.host, self.shown_port())
    }

    fn shown_port(&self) -> String {
        match (self.is_secure, self.port) {
            (true, 443) | (false, 80) => String::new(),
            (_, port) => format!(":{port}"),
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.is_secure { "https" } else { "http" };
        write!(f, "{scheme}://{}{}", self.host, self.shown_port())
    }
}

/// Whether a host of an address names this machine: `localhost` and names below it
/// (RFC 6761, section 6.3), 127.0.0.0/8 and ::1.
pub(crate) fn is_loopback_host(host: &str) -> bool {
    if host == "localhost" || host.ends_with(".localhost") {
        return true;
    }
    let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    bare.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::Origin;

    #[test]
    fn default_ports_are_the_same_origin() {
        let origin = Origin::parse("https://Phone.Example.com:443/").unwrap();
        assert_eq!(origin.to_string(), "https://phone.example.com");
        assert_eq!(origin.websocket(), "wss://phone.example.com");
        assert!(origin.allows("https://phone.example.com"));
        for foreign in [
            "http://phone.example.com",
            "https://phone.example.com:8443",
            "https://example.com",
            "null",
            "",
            "*",
        ] {
            assert!(!origin.allows(foreign), "{foreign}");
        }
        assert!(!origin.allows("http://localhost:8080"));
    }

    #[test]
    fn loopback_ports_are_neighbours() {
        let origin = Origin::localhost(8080);
        for own in
            ["http://localhost:8080", "http://127.0.0.1:3000", "http://[::1]:8081", "http://app.localhost:1"]
        {
            assert!(origin.allows(own), "{own}");
        }
        for foreign in
            ["http://localhost.example.com:8080", "http://127.0.0.1.example.com", "https://example.com"]
        {
            assert!(!origin.allows(foreign), "{foreign}");
        }
    }

    #[test]
    fn says_what_is_wrong() {
        for (text, problem) in [
            ("phone.example.com", "is not an address"),
            ("ftp://phone.example.com", "must begin with https:// or http://"),
            ("https://a.example/app", "must be scheme, host and port only, without a path"),
            ("https://me@a.example", "must not have a user name in it"),
        ] {
            assert_eq!(Origin::parse(text), Err(problem), "{text}");
        }
    }
}
