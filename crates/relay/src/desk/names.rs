//! The agents' display names.

use std::fmt;
use std::sync::Arc;

use wire::AgentName;

/// Finds an agent's display name; the user name where there is none.
#[derive(Clone)]
pub struct Names(Arc<Find>);

type Find = dyn Fn(&AgentName) -> Option<String> + Send + Sync;

impl Names {
    /// Names by this function.
    pub fn new(find: impl Fn(&AgentName) -> Option<String> + Send + Sync + 'static) -> Self {
        Self(Arc::new(find))
    }

    /// The name to show for an agent.
    pub fn of(&self, agent: &AgentName) -> String {
        (self.0)(agent).unwrap_or_else(|| agent.0.clone())
    }
}

impl fmt::Debug for Names {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Names(…)")
    }
}
