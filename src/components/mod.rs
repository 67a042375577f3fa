//! The parts of the page. Each sees the view and tells the phone what the person did.
//!
//! They are plain functions that give an [`leptos::prelude::Part`], put together from
//! the elements of [`el`]: one type everywhere keeps the page's code small.

pub(crate) mod announcer;
pub(crate) mod board;
pub(crate) mod boot;
pub(crate) mod calls;
pub(crate) mod devices;
pub(crate) mod dialler;
pub(crate) mod el;
pub(crate) mod ended;
pub(crate) mod focus;
pub(crate) mod header;
pub(crate) mod held;
pub(crate) mod icon;
pub(crate) mod idle;
pub(crate) mod incoming;
pub(crate) mod keypad;
pub(crate) mod keys;
pub(crate) mod line;
pub(crate) mod nav;
pub(crate) mod notices;
pub(crate) mod other_tab;
pub(crate) mod panel;
pub(crate) mod part;
pub(crate) mod person;
pub(crate) mod place;
pub(crate) mod presence;
pub(crate) mod ready;
mod sent;
pub(crate) mod sessions;
pub(crate) mod show;
pub(crate) mod trouble;
