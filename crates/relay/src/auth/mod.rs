//! Who may do what: passwords, the login's throttle, sealed sessions.

mod book;
mod nats;
mod oidc;
mod password;
mod session;
mod store;
mod throttle;

pub(crate) use nats::NatsSessions;
pub(crate) use oidc::{CALLBACK_PATH, Pending, Provider};
pub use password::hash_password;
pub(crate) use password::{Hasher, HasherBusy};
pub(crate) use session::{Claims, Device, SessionKeeper, Standing};
pub use store::StoreError;
pub(crate) use store::{SessionStore, SqliteSessions};
pub(crate) use throttle::Throttle;
