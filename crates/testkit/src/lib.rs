//! The test bed: the whole system in one process, real browsers in front of it,
//! and ears on both sides of a call.
//!
//! [`TestBed`] runs the simulator and the relay on free ports. [`Session`] is a
//! browser with a known tone for a microphone, [`Agent`] the page in it, driven by
//! the roles and accessible names that people and screen readers meet. [`Control`]
//! plays the far end. [`suite`] runs cases one after the other and keeps what a
//! failed one left behind.
//!
//! Every wait has a bound and says what it last saw: [`eventually`].

mod bed;
mod browser;
mod camera;
mod control;
mod driver;
mod figures;
pub mod headless;
mod logs;
mod microphone;
mod nats;
mod page;
mod relay;
pub mod scenario;
mod sets;
mod sound;
pub mod suite;
mod wait;

pub use ::relay::config::SessionLife;
pub use bed::{BedOptions, Login, TestBed, agents_file};
pub use browser::{Browser, MICROPHONE_HZ, MicrophonePermission, Session};
pub use camera::Camera;
pub use control::{Asked, Business, CallView, Control, Media, People, Person};
pub use figures::percentile;
pub use nats::Nats;
pub use page::{Agent, Answered, Focus, LogTable, Presence, Query, Seen, Watched};
pub use relay::RelayKind;
pub use sound::Sound;
pub use thirtyfour::{Key, WindowHandle};
pub use vobiz_sim::{Access, ActionId, Delays, PayloadShape, Settings, Switches};
pub use wait::{eventually, holds, patient};
