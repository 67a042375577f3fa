//! The phone as its page meets it: events in, orders and a view out.

#![expect(clippy::expect_used, reason = "a test ends where its premise is wrong")]
#![expect(clippy::wildcard_enum_match_arm, reason = "the model of the world follows only some orders")]

mod ahead;
mod attention;
mod desk;
mod devices;
mod inbound;
mod line;
mod numbers;
mod outbound;
mod places;
mod presence;
mod properties;
mod relay;
mod reload;
mod several;
mod tabs;
