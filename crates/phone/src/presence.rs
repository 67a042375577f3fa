//! Whether the agent takes calls.

use wire::{UnixMillis, Uplink};

use crate::attention;
use crate::devices;
use crate::effect::Effect;
use crate::link::Link;
use crate::phone::{Applied, Ignored, Phone};
use crate::view::{Away, Fault};

/// How long the relay may be away before the agent counts as away too, in milliseconds:
/// longer than a restart or a lift takes, shorter than a lunch.
const UNREACHABLE_MS: u64 = 300_000;

/// The presence switch.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Presence {
    /// The relay has not said yet.
    #[default]
    Unknown,
    /// As the relay says.
    Is(bool),
    /// Asked for; the relay has not confirmed it.
    Changing {
        /// What was asked for.
        to: bool,
    },
}

impl Presence {
    /// Position of the switch.
    pub(crate) fn switch(self) -> bool {
        match self {
            Self::Unknown => false,
            Self::Is(available) | Self::Changing { to: available } => available,
        }
    }
}

/// The agent moved the switch.
pub(crate) fn set(phone: &mut Phone, available: bool, out: &mut Vec<Effect>) -> Applied {
    // The click on the switch is the gesture that browsers want before they let a
    // page ring.
    phone.faults.retain(|known| !matches!(known.fault, Fault::SetAway(_)));
    if available {
        out.push(Effect::UnlockSound);
        attention::ask(phone, out);
        devices::check(phone, out);
    }
    phone.presence = Presence::Changing { to: available };
    ask(phone, available, out);
    Ok(())
}

/// Availability turns itself off where a call could not be heard, or could not come for
/// long: nobody counts on somebody who is not there.
pub(crate) fn settle(phone: &mut Phone, now: UnixMillis, out: &mut Vec<Effect>) {
    let is_lost = phone.lost_since.is_some_and(|since| now >= since + UNREACHABLE_MS);
    let why = match (devices::is_refused(phone), is_lost) {
        (true, _) => Away::Unheard,
        (false, true) => Away::Unreachable,
        (false, false) => return,
    };
    // Who talks is heard, whatever a try of the microphone said.
    if phone.presence.switch() && !phone.is_busy() {
        phone.presence = Presence::Changing { to: false };
        ask(phone, false, out);
        phone.fault(Fault::SetAway(why));
    }
}

/// The agent is done with the work after a call.
pub(crate) fn end_wrap_up(phone: &mut Phone, out: &mut Vec<Effect>) -> Applied {
    phone.wrap_up.take().ok_or(Ignored::because("there is no wrap-up"))?;
    if let Link::Up { id, .. } = phone.link {
        out.push(Effect::Send(id, Uplink::Ready));
    }
    Ok(())
}

/// The relay said so when the socket came up: what was asked for meanwhile is asked again.
pub(crate) fn known(phone: &mut Phone, available: bool, out: &mut Vec<Effect>) {
    match phone.presence {
        Presence::Changing { to } if to != available => ask(phone, to, out),
        Presence::Changing { .. } | Presence::Unknown | Presence::Is(_) => {
            phone.presence = Presence::Is(available);
        }
    }
}

fn ask(phone: &Phone, available: bool, out: &mut Vec<Effect>) {
    if let Link::Up { id, .. } = phone.link {
        out.push(Effect::Send(id, Uplink::Available { available }));
    }
}
