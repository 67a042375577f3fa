//! Who may do what: passwords, the login's throttle, sealed sessions.

mod password;
mod session;
mod throttle;

pub use password::hash_password;
pub(crate) use password::{Hasher, HasherBusy};
pub(crate) use session::{Claims, SessionKeeper, Standing};
pub(crate) use throttle::Throttle;
