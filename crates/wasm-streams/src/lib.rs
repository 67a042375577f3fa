//! The part of `wasm-streams` that `server_fn` names, without what it does.
//!
//! `server_fn` comes with Leptos for functions that run on a server. The page has none
//! and streams nothing, but the real crate gives three classes of streams to
//! JavaScript, and what is given away is never left out of a build: 4 kB of the first
//! load for code that nobody calls.

use std::pin::Pin;
use std::task::{Context, Poll};

use futures_core::Stream;
use wasm_bindgen::{JsCast, JsValue};

/// A stream without an item.
#[derive(Debug)]
pub struct ReadableStream(());

impl ReadableStream {
    /// Drops the browser's stream.
    #[must_use]
    pub fn from_raw(_: web_sys::ReadableStream) -> Self {
        Self(())
    }

    /// Drops the stream.
    pub fn from_stream(_: impl Stream<Item = Result<JsValue, JsValue>> + 'static) -> Self {
        Self(())
    }

    /// `undefined`: a request that is given it has no body.
    #[must_use]
    pub fn into_raw(self) -> web_sys::ReadableStream {
        JsValue::UNDEFINED.unchecked_into()
    }

    /// Ends at once.
    #[must_use]
    pub fn into_stream(self) -> IntoStream {
        IntoStream(())
    }
}

/// A stream that ends at once.
#[derive(Debug)]
pub struct IntoStream(());

impl Stream for IntoStream {
    type Item = Result<JsValue, JsValue>;

    fn poll_next(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        Poll::Ready(None)
    }
}
