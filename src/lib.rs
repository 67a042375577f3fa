//! The page: a softphone for WhatsApp Business voice calls in the browser.
//!
//! `runtime` holds the pure phone and carries out what it asks for through `platform`;
//! `pages` and `components` show its view and tell it what the person did. Natively
//! this crate is empty: what can be tested without a browser is in the `phone` crate.

#![cfg(target_arch = "wasm32")]

mod app;
mod components;
mod pages;
pub mod platform;
pub mod runtime;
#[cfg(debug_assertions)]
mod styleguide;

pub use app::mount;

#[cfg(test)]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);
