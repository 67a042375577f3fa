//! The relay between the page and the upstream: keeps the credentials, takes webhooks,
//! decides through `switchboard` who owns a call, pushes events, serves the page.
//!
//! A request comes in at `http`, which checks everything about it: origin, session,
//! size, every field. What is left is a call to the [`desk`], which journals and
//! decides. Audio never passes through here.

mod app;
mod auth;
mod channels;
mod clock;
pub mod config;
pub mod desk;
pub mod doctor;
mod events;
mod http;
pub mod journal;
mod logging;
mod metrics;
mod secret;
mod serve;
mod stop;
pub mod upstream;

pub use auth::{StoreError, hash_password};
pub use config::{Config, ConfigError};
pub use logging::filter as log_filter;
pub use secret::Secret;
pub use serve::{ServeError, serve};
