//! `GET /api/events`: what happens to an agent's calls, pushed as it happens.

mod ahead;
mod frames;
mod seats;
mod socket;

pub(crate) use ahead::Ahead;
pub(crate) use seats::{Closing, Sockets};
pub(crate) use socket::open;
