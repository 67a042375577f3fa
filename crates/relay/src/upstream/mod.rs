//! The upstream as the rest of the relay sees it: one trait, one error, one client.
//!
//! [`Upstream`] is what the desk needs of Vobiz and nothing more, so that tests can
//! stand in for it. [`VobizClient`] is the real one.

mod action;
mod client;
#[cfg(test)]
mod client_tests;
mod error;
#[cfg(test)]
pub(crate) mod fake;
mod logs;

pub use action::{ActionNames, NameMemory, Outcome, act};
pub use client::{ClientError, VobizClient};
pub use error::{Uncertainty, UpstreamError};
pub use logs::{find_by_id, find_by_meta_id, find_live_outbound, read_log};

use futures_util::future::BoxFuture;
use vobiz::channel::ChannelList;
use vobiz::log::{Direction, LogPage, Status};
use vobiz::rest::{ActionRequest, ActionResponse, InitiateRequest, InitiateResponse};
use vobiz::subscription::{SubscribeRequest, Subscription, SubscriptionList};

/// What a request of the upstream ends with, some time later.
pub type Answer<'a, T> = BoxFuture<'a, Result<T, UpstreamError>>;

/// One page of the call log, as the upstream is asked for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogQuery {
    /// Page number, from 1.
    pub page: u32,
    /// Rows per page. The upstream documents no maximum.
    pub limit: u32,
    /// Only calls of this direction.
    pub direction: Option<Direction>,
    /// Only calls that came this far.
    pub status: Option<Status>,
}

/// What the relay asks of Vobiz.
///
/// Nothing here retries: whether a request may be sent again depends on what it
/// does, and that is decided where its outcome matters.
pub trait Upstream: Send + Sync + 'static {
    /// Calls a person. **Never to be repeated** when the outcome is unknown: there is
    /// no idempotency key.
    fn initiate<'a>(&'a self, request: &'a InitiateRequest) -> Answer<'a, InitiateResponse>;

    /// Does something with a call, which goes by one of its names.
    fn action<'a>(&'a self, request: &'a ActionRequest) -> Answer<'a, ActionResponse>;

    /// One page of the call log.
    fn logs<'a>(&'a self, query: &'a LogQuery) -> Answer<'a, LogPage>;

    /// The account's business numbers.
    fn channels(&self) -> Answer<'_, ChannelList>;

    /// Registers an address for webhooks.
    fn subscribe<'a>(&'a self, request: &'a SubscribeRequest) -> Answer<'a, Subscription>;

    /// The registered addresses.
    fn subscriptions(&self) -> Answer<'_, SubscriptionList>;

    /// Removes a registered address.
    fn unsubscribe<'a>(&'a self, id: &'a str) -> Answer<'a, ()>;
}
