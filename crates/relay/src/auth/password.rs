//! argon2id, off the async threads and a few at a time.

use std::{sync::Arc, time::Duration};

use argon2::{
    Argon2,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use tokio::{sync::Semaphore, task, time};

use crate::config::{Agent, Agents};

/// Passwords that are checked at once. Each takes about 19 MiB and one core for
/// some tens of milliseconds.
const AT_ONCE: usize = 4;
/// Longest wait for a turn.
const WAIT: Duration = Duration::from_secs(5);

/// Too many people sign in at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("too many sign-ins at once")]
pub(crate) struct HasherBusy;

/// Checks passwords.
#[derive(Debug, Clone)]
pub(crate) struct Hasher {
    turns: Arc<Semaphore>,
}

impl Default for Hasher {
    fn default() -> Self {
        Self { turns: Arc::new(Semaphore::new(AT_ONCE)) }
    }
}

impl Hasher {
    /// The agent with this name and password, if there is one. A name that nobody has
    /// takes the same work: its password is checked against the first agent's hash,
    /// and the outcome thrown away.
    ///
    /// # Errors
    ///
    /// When no turn came up in time.
    pub(crate) async fn check<'a>(
        &self,
        agents: &'a Agents,
        username: &str,
        password: String,
    ) -> Result<Option<&'a Agent>, HasherBusy> {
        let agent = agents.find(username).filter(|agent| agent.password_hash.is_some());
        // An agent without a password is as unknown here as a name that nobody has.
        let Some(hash) = agent.into_iter().chain(agents.iter()).find_map(|agent| agent.password_hash.clone())
        else {
            return Ok(None);
        };
        let turn = time::timeout(WAIT, self.turns.clone().acquire_owned()).await;
        let turn = turn.map_err(|_| HasherBusy)?.map_err(|_| HasherBusy)?;
        let is_right = task::spawn_blocking(move || {
            // Held here, so that a request that is given up does not free its turn early.
            let _turn = turn;
            verify(&password, &hash)
        });
        // A panic in the verifier counts as a wrong password.
        let is_right = is_right.await.unwrap_or(false);
        Ok(agent.filter(|_| is_right))
    }
}

fn verify(password: &str, hash: &PasswordHash) -> bool {
    Argon2::default().verify_password(password.as_bytes(), hash).is_ok()
}

/// Makes the PHC string for the agents file, with a random salt.
///
/// # Errors
///
/// When the system gives no randomness.
pub fn hash_password(password: &str) -> Result<String, argon2::password_hash::Error> {
    Ok(Argon2::default().hash_password(password.as_bytes())?.to_string())
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use std::time::{Duration, Instant};

    use super::{Hasher, hash_password};
    use crate::config::Agents;

    fn agents() -> Agents {
        let hash = hash_password("right").unwrap();
        Agents::parse(&format!(
            "[[agent]]\nusername = \"asha\"\nname = \"Asha\"\npassword_hash = \"{hash}\"\n"
        ))
        .unwrap()
    }

    #[tokio::test]
    async fn only_the_right_password_of_the_right_name_passes() {
        let (hasher, agents) = (Hasher::default(), agents());
        for (username, password, passes) in
            [("asha", "right", true), ("asha", "wrong", false), ("ben", "right", false), ("", "", false)]
        {
            let found = hasher.check(&agents, username, password.to_owned()).await.unwrap();
            assert_eq!(found.is_some(), passes, "{username} {password}");
        }
        assert!(hasher.check(&Agents::default(), "asha", "right".to_owned()).await.unwrap().is_none());
    }

    #[tokio::test]
    async fn an_unknown_name_takes_the_same_work() {
        let (hasher, agents) = (Hasher::default(), agents());
        let mut fastest = [Duration::MAX; 2];
        for _ in 0..5 {
            for (place, username) in ["asha", "nobody"].into_iter().enumerate() {
                let begun = Instant::now();
                hasher.check(&agents, username, "wrong".to_owned()).await.unwrap();
                fastest[place] = fastest[place].min(begun.elapsed());
            }
        }
        let [known, unknown] = fastest.map(|time| time.as_secs_f64());
        // Without the work an unknown name would take a thousandth.
        assert!(unknown > known / 3.0, "{fastest:?}");
    }
}
