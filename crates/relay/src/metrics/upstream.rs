//! The upstream with a watch beside it: how long it takes, and what it says.

use std::{future::Future, sync::Arc, time::Instant};

use prometheus::HistogramVec;
use vobiz::{
    channel::ChannelList,
    log::LogPage,
    rest::{ActionRequest, ActionResponse, InitiateRequest, InitiateResponse},
    subscription::{SubscribeRequest, Subscription, SubscriptionList},
};

use super::{Error, Maker, Metrics};
use crate::upstream::{Answer, LogQuery, Upstream, UpstreamError};

/// Borders of a request, in seconds, up to the client's own bound of 15.
const REQUESTS: [f64; 9] = [0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 15.0];

pub(super) fn histogram(made: &Maker<'_>) -> Result<HistogramVec, Error> {
    made.times(
        "relay_upstream_seconds",
        "Requests of the upstream: how long they took, by what was asked and what came of it.",
        &["operation", "result"],
        &REQUESTS,
    )
}

/// An upstream that is watched.
pub(crate) struct MeteredUpstream {
    inner: Arc<dyn Upstream>,
    metrics: Arc<Metrics>,
}

impl MeteredUpstream {
    /// Watches an upstream.
    pub(crate) fn new(inner: Arc<dyn Upstream>, metrics: Arc<Metrics>) -> Self {
        Self { inner, metrics }
    }

    async fn timed<T>(
        &self,
        operation: &'static str,
        asked: impl Future<Output = Result<T, UpstreamError>>,
    ) -> Result<T, UpstreamError> {
        let begun = Instant::now();
        let answer = asked.await;
        let result = match &answer {
            Ok(_) => "ok",
            Err(UpstreamError::Refused { .. }) => "refused",
            Err(UpstreamError::Unknown(_)) => "unknown",
            Err(UpstreamError::Unreachable) => "unreachable",
            Err(UpstreamError::NotConfigured) => "not_configured",
        };
        let labels = [operation, result];
        self.metrics.upstream.with_label_values(&labels).observe(begun.elapsed().as_secs_f64());
        answer
    }
}

/// The actions of which each has its own numbers.
fn action_label(request: &ActionRequest) -> &'static str {
    use vobiz::rest::Action;
    [
        (Action::PreAccept, "pre_accept"),
        (Action::Accept, "accept"),
        (Action::Reject, "reject"),
        (Action::Terminate, "terminate"),
    ]
    .into_iter()
    .find_map(|(action, label)| (action == request.action).then_some(label))
    .unwrap_or("action")
}

impl Upstream for MeteredUpstream {
    fn initiate<'a>(&'a self, request: &'a InitiateRequest) -> Answer<'a, InitiateResponse> {
        Box::pin(self.timed("initiate", self.inner.initiate(request)))
    }

    fn action<'a>(&'a self, request: &'a ActionRequest) -> Answer<'a, ActionResponse> {
        Box::pin(self.timed(action_label(request), self.inner.action(request)))
    }

    fn logs<'a>(&'a self, query: &'a LogQuery) -> Answer<'a, LogPage> {
        Box::pin(self.timed("logs", self.inner.logs(query)))
    }

    fn channels(&self) -> Answer<'_, ChannelList> {
        Box::pin(self.timed("channels", self.inner.channels()))
    }

    fn subscribe<'a>(&'a self, request: &'a SubscribeRequest) -> Answer<'a, Subscription> {
        Box::pin(self.timed("subscribe", self.inner.subscribe(request)))
    }

    fn subscriptions(&self) -> Answer<'_, SubscriptionList> {
        Box::pin(self.timed("subscriptions", self.inner.subscriptions()))
    }

    fn unsubscribe<'a>(&'a self, id: &'a str) -> Answer<'a, ()> {
        Box::pin(self.timed("unsubscribe", self.inner.unsubscribe(id)))
    }
}
