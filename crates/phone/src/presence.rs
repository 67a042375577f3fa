//! Whether the agent takes calls.

use wire::Uplink;

use crate::attention;
use crate::devices;
use crate::effect::Effect;
use crate::link::Link;
use crate::phone::{Applied, Phone};

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
    if available {
        out.push(Effect::UnlockSound);
        attention::ask(phone, out);
        devices::check(phone, out);
    }
    phone.presence = Presence::Changing { to: available };
    ask(phone, available, out);
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
