//! Media: what can be known of UDP from here.
//!
//! The sound goes from the agents' browsers to media servers that WhatsApp names only in
//! the offer of each call. Neither their addresses nor the browsers' networks are known
//! here, so only the configured STUN and TURN servers are asked.

use std::{net::SocketAddr, time::Duration};

use tokio::{
    net::{TcpStream, UdpSocket, lookup_host},
    time::timeout,
};
use vobiz::Uuid;
use wire::IceServer;

use super::Finding;

const CHECK: &str = "media";
/// Ports of WhatsApp's media servers, as seen in offers.
const PORTS: &str = "3478, 3480, 3482, 3484 and 40012";
/// Requests that are sent before a server is given up (UDP loses some).
const TRIES: usize = 3;
/// Longest wait for each.
const ANSWER_WITHIN: Duration = Duration::from_secs(1);
/// A STUN header (RFC 8489, section 5).
const HEADER: usize = 20;
const BINDING_REQUEST: [u8; 2] = [0x00, 0x01];
const BINDING_SUCCESS: [u8; 2] = [0x01, 0x01];
const MAGIC_COOKIE: [u8; 4] = [0x21, 0x12, 0xa4, 0x42];

/// Asks every configured server.
pub(super) async fn check(servers: &[IceServer]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for url in servers.iter().flat_map(|server| &server.urls) {
        findings.push(match ask(url).await {
            Ok(seen) => Finding::fine(CHECK, format!("{url} {seen}")),
            Err(problem) => Finding::wrong(
                CHECK,
                format!("{url} {problem}"),
                "Check RELAY_ICE_SERVERS, that the server runs, and that firewalls let it be reached.",
            ),
        });
    }
    findings.push(Finding::note(
        CHECK,
        "whether the agents' networks let UDP through to WhatsApp can't be known from here",
        format!(
            "Each agent's network must let UDP out to ports {PORTS}. If a call stays at Connecting…, open them, or put a TURN server into RELAY_ICE_SERVERS."
        ),
    ));
    findings
}

/// Asks one server, `stun:HOST[:PORT]` or `turn[s]:HOST[:PORT][?transport=tcp]` (RFC 7064,
/// RFC 7065).
async fn ask(url: &str) -> Result<&'static str, String> {
    let (scheme, rest) = url.split_once(':').ok_or("is no address")?;
    let (host, query) = rest.split_once('?').unwrap_or((rest, ""));
    let is_secure = scheme.ends_with('s') && scheme != "s";
    let default_port = if is_secure { 5349 } else { 3478 };
    let place = if has_port(host) { host.to_owned() } else { format!("{host}:{default_port}") };
    let found = timeout(ANSWER_WITHIN * 3, lookup_host(place))
        .await
        .map_err(|_| "has a name that is not answered")?;
    let address = found.ok().and_then(|mut found| found.next()).ok_or("has a name that nobody knows")?;
    if is_secure || query == "transport=tcp" {
        return match timeout(ANSWER_WITHIN * 3, TcpStream::connect(address)).await {
            Ok(Ok(_)) => Ok("takes connections over TCP"),
            Ok(Err(error)) => Err(format!("refuses connections: {error}")),
            Err(_) => Err("does not answer over TCP".to_owned()),
        };
    }
    bind(address).await
}

fn has_port(host: &str) -> bool {
    let after_address = host.rsplit_once(']').map_or(host, |(_, rest)| rest);
    after_address.contains(':')
}

/// A STUN binding, which TURN servers answer, too.
async fn bind(address: SocketAddr) -> Result<&'static str, String> {
    let local = if address.is_ipv4() { "0.0.0.0:0" } else { "[::]:0" };
    let socket = UdpSocket::bind(local).await.map_err(|error| format!("can't be asked: {error}"))?;
    let transaction = Uuid::new_v4();
    let mut request = Vec::with_capacity(HEADER);
    request.extend(BINDING_REQUEST);
    request.extend([0, 0]);
    request.extend(MAGIC_COOKIE);
    request.extend(&transaction.as_bytes()[..12]);
    let mut answer = [0; 1_500];
    for _ in 0..TRIES {
        socket.send_to(&request, address).await.map_err(|error| format!("can't be reached: {error}"))?;
        if let Ok(Ok((length, _))) = timeout(ANSWER_WITHIN, socket.recv_from(&mut answer)).await
            && length >= HEADER
            && answer[..2] == BINDING_SUCCESS
            && answer[4..HEADER] == request[4..]
        {
            return Ok("answers over UDP");
        }
    }
    Err("does not answer over UDP".to_owned())
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use tokio::net::UdpSocket;

    use super::{ask, has_port};

    #[tokio::test]
    async fn a_server_that_answers_is_told_from_one_that_does_not() {
        let server = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let address = server.local_addr().unwrap();
        let serving = tokio::spawn(async move {
            let mut request = [0; 100];
            let (length, from) = server.recv_from(&mut request).await.unwrap();
            request[..2].copy_from_slice(&[0x01, 0x01]);
            server.send_to(&request[..length], from).await.unwrap();
            server
        });
        assert_eq!(ask(&format!("stun:{address}")).await, Ok("answers over UDP"));
        let _server = serving.await.unwrap();
        // The same one, silent now.
        assert_eq!(ask(&format!("turn:{address}")).await, Err("does not answer over UDP".to_owned()));
        let tcp = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = tcp.local_addr().unwrap();
        assert_eq!(ask(&format!("turn:{address}?transport=tcp")).await, Ok("takes connections over TCP"));
        assert_eq!(ask(&format!("turns:{address}")).await, Ok("takes connections over TCP"));
        drop(tcp);
        assert!(ask(&format!("turns:{address}")).await.is_err());
        assert!(ask("stun:name.invalid").await.is_err());
    }

    #[test]
    fn ports_are_seen_behind_any_address() {
        for (host, expected) in [
            ("a.example", false),
            ("a.example:1", true),
            ("[::1]", false),
            ("[::1]:1", true),
            ("192.0.2.1:1", true),
        ] {
            assert_eq!(has_port(host), expected, "{host}");
        }
    }
}
