//! `softphone-relay hash-password`.

use std::io::{self, BufRead as _, IsTerminal as _, Read as _, Write as _};

use anyhow::{Context as _, Result, bail};

/// Longest password, in bytes; what the sign-in takes with room to spare.
const MAX_BYTES: u64 = 1_024;

/// Reads a password from standard input and prints its argon2id hash.
pub(crate) fn hash_password() -> Result<()> {
    if io::stdin().is_terminal() {
        write!(io::stderr(), "Password (it is shown while you type): ")
            .context("standard error can't be written")?;
    }
    let mut line = String::new();
    // One byte more than allowed tells that there is too much.
    io::stdin()
        .lock()
        .take(MAX_BYTES + 1)
        .read_line(&mut line)
        .context("the password can't be read from standard input")?;
    let password = line.trim_end_matches(['\r', '\n']);
    if password.is_empty() {
        bail!(
            "no password came on standard input. Example: echo 'the password' | softphone-relay hash-password"
        );
    }
    if password.len() as u64 > MAX_BYTES {
        bail!("the password is longer than {MAX_BYTES} bytes");
    }
    let hash =
        relay::hash_password(password).map_err(|error| anyhow::anyhow!("no hash could be made: {error}"))?;
    super::say(&hash)
}
