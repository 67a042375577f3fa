//! The agents file.

use argon2::password_hash::phc::PasswordHash;
use serde::Deserialize;
use wire::{AgentName, Role};

/// Somebody who can sign in.
#[derive(Clone)]
pub struct Agent {
    /// Name to sign in with.
    pub username: AgentName,
    /// Name that people see.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// argon2id. None for who signs in by a provider only.
    pub password_hash: Option<PasswordHash>,
}

impl std::fmt::Debug for Agent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Agent")
            .field("username", &self.username)
            .field("name", &self.name)
            .field("role", &self.role)
            .finish_non_exhaustive()
    }
}

/// Everybody who can sign in, in the file's order.
#[derive(Debug, Clone, Default)]
pub struct Agents(Vec<Agent>);

/// Longest user name, in characters: generous for an e-mail address, and it bounds
/// what the login's throttle and the journal keep of it.
pub(crate) const MAX_USERNAME: usize = 64;
/// Longest display name, in characters.
const MAX_NAME: usize = 80;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    agent: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    username: String,
    name: String,
    #[serde(default)]
    password_hash: Option<String>,
    #[serde(default)]
    role: Role,
}

impl Agents {
    /// Reads the TOML text.
    ///
    /// # Errors
    ///
    /// Says in one line which agent is wrong and how.
    pub fn parse(text: &str) -> Result<Self, String> {
        let file: File = toml::from_str(text).map_err(|error| one_line(text, &error))?;
        if file.agent.is_empty() {
            return Err("holds no [[agent]]".to_owned());
        }
        let mut agents = Self::default();
        for (index, entry) in file.agent.into_iter().enumerate() {
            let shown = format!("agent {} ({})", index + 1, super::clip(&entry.username));
            let agent = entry.check().map_err(|problem| format!("{shown}: {problem}"))?;
            if agents.find(agent.username.as_str()).is_some() {
                return Err(format!("{shown}: this username is there twice"));
            }
            agents.0.push(agent);
        }
        Ok(agents)
    }

    /// The agent with this user name.
    pub fn find(&self, username: &str) -> Option<&Agent> {
        self.0.iter().find(|agent| agent.username.as_str() == username)
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &Agent> {
        self.0.iter()
    }

    /// Whether nobody can sign in.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Entry {
    fn check(self) -> Result<Agent, &'static str> {
        let letters = self.username.chars().count();
        if letters == 0
            || letters > MAX_USERNAME
            || self.username.chars().any(|c| c.is_whitespace() || c.is_control())
        {
            return Err("username must have 1 to 64 characters and no spaces");
        }
        let name = self.name.trim();
        if name.is_empty() || name.chars().count() > MAX_NAME || name.chars().any(char::is_control) {
            return Err("name must have 1 to 80 characters on one line");
        }
        let password_hash = self.password_hash.as_deref().map(hash).transpose()?;
        Ok(Agent {
            username: AgentName(self.username),
            name: name.to_owned(),
            role: self.role,
            password_hash,
        })
    }
}

fn hash(text: &str) -> Result<PasswordHash, &'static str> {
    const NO_HASH: &str =
        "password_hash is not an argon2id PHC string; `softphone-relay hash-password` makes one";
    let hash = PasswordHash::new(text.trim()).map_err(|_| NO_HASH)?;
    let is_complete = hash.salt.is_some() && hash.hash.is_some();
    if hash.algorithm.as_str() != "argon2id" || !is_complete {
        return Err(NO_HASH);
    }
    if argon2::Params::try_from(&hash).is_err() {
        return Err("password_hash has argon2id parameters that can't be used");
    }
    Ok(hash)
}

/// TOML's own message spans lines and quotes the file, hashes included.
fn one_line(text: &str, error: &toml::de::Error) -> String {
    let line =
        error.span().map_or(0, |span| text.bytes().take(span.start).filter(|byte| *byte == b'\n').count())
            + 1;
    let message: Vec<&str> = error.message().split_whitespace().collect();
    format!("line {line}: {}", message.join(" "))
}
