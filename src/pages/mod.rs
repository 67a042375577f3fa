//! One file for each place of the page.

pub(crate) mod home;
pub(crate) mod log;
pub(crate) mod settings;
pub(crate) mod sign_in;
pub(crate) mod team;
