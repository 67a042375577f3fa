//! A provider that others wrote: npm's `oidc-provider`, with its own sign-in and consent
//! pages. `cargo xtask setup` installs it; where it is not, this is skipped and says so.

use std::{
    io::{BufRead as _, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use super::{CLIENT, CLIENT_SECRET, browser, get, here, relay_by, set_cookie};
use crate::support::{Reply, free_address};

/// The provider: any name is signed in, and is its own verified e-mail address.
const SCRIPT: &str = r#"
const [entry, port, redirect] = process.argv.slice(1);
import(entry).then(({ Provider, default: Default }) => {
  const issuer = `http://127.0.0.1:${port}`;
  const provider = new (Provider ?? Default)(issuer, {
    clients: [{ client_id: 'softphone', client_secret: 'the-clients-secret-f00d', redirect_uris: [redirect] }],
    claims: { openid: ['sub'], email: ['email', 'email_verified'] },
    conformIdTokenClaims: false,
    pkce: { required: () => true },
    findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, email: id, email_verified: true }) }),
  });
  provider.listen(Number(port), '127.0.0.1', () => console.log('listening'));
});
"#;

/// Ends with the test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

fn package() -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent()?.parent()?;
    let entry = root.join(".tools/oidc/node_modules/oidc-provider/lib/index.js");
    let node = Command::new("node").arg("--version").output();
    (entry.exists() && node.is_ok_and(|answer| answer.status.success())).then_some(entry)
}

/// A browser's cookies of one site.
#[derive(Default)]
struct Jar(std::collections::BTreeMap<String, String>);

impl Jar {
    fn take(&mut self, reply: &Reply) {
        for cookie in reply.headers.get_all("set-cookie") {
            let pair = cookie.to_str().unwrap().split(';').next().unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            self.0.insert(name.to_owned(), value.to_owned());
        }
    }

    fn header(&self) -> String {
        self.0.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ")
    }
}

#[expect(clippy::print_stderr, reason = "a test that is skipped says so")]
#[tokio::test]
async fn a_real_provider_signs_an_agent_in() {
    let Some(entry) = package() else {
        eprintln!("skipped: oidc-provider is not installed; `cargo xtask setup` does that");
        return;
    };
    let address = free_address();
    let mut node = Command::new("node");
    node.args(["-e", SCRIPT, "--"]).arg(&entry).arg(address.port().to_string());
    node.arg("http://localhost:8080/api/oidc/callback");
    let mut running = Running(node.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap());
    let mut said = String::new();
    // Kept open: it says more later, and would end if that could not be written.
    let mut output = BufReader::new(running.0.stdout.take().unwrap());
    output.read_line(&mut said).unwrap();
    assert_eq!(said.trim(), "listening");

    let issuer = format!("http://{address}");
    let relay = relay_by(&issuer).await;
    let start = get(&format!("{}/api/oidc/start", relay.origin()), "").await;
    let pending = start.cookie();
    let mut jar = Jar::default();
    let mut url = start.header("location").to_owned();
    // Sign-in, consent, and the redirects between them.
    for _ in 0..12 {
        if url.starts_with("http://localhost:8080") {
            break;
        }
        let page = get(&url, &jar.header()).await;
        jar.take(&page);
        let next = if page.status == 200 {
            let form = if page.text().contains("name=\"login\"") {
                "prompt=login&login=asha%40example.com&password=any"
            } else {
                "prompt=consent"
            };
            let answered = browser()
                .post(&url)
                .header("Cookie", jar.header())
                .header("Content-Type", "application/x-www-form-urlencoded")
                .body(form);
            let answered = Reply::read(answered.send().await.unwrap()).await;
            jar.take(&answered);
            answered
        } else {
            page
        };
        assert_eq!(next.status, 303, "{url} {next}");
        let location = next.header("location");
        url = if location.starts_with('/') { format!("{issuer}{location}") } else { location.to_owned() };
    }
    let back = get(&here(&relay, &url), &pending).await;
    assert_eq!(back.header("location"), "/", "{back}");
    let cookie = set_cookie(&back, "softphone").unwrap();
    assert_eq!(relay.get_as(&cookie, "/api/session").await.json()["username"], "asha@example.com");
    assert_eq!((CLIENT, CLIENT_SECRET), ("softphone", "the-clients-secret-f00d"), "as in the script");
}
