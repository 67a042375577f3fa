//! The one microphone, shared by whatever call needs it.

use wire::UnixMillis;

use crate::call::State;
use crate::call::end::{Parting, end};
use crate::devices::Order;
use crate::effect::Effect;
use crate::event::{Media, MicrophoneFault, MicrophoneId};
use crate::phone::{Applied, Ignored, Phone};
use crate::view::{EndedWhy, Fault};

/// The microphone.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Microphone {
    /// Not wanted; its light is off.
    #[default]
    Closed,
    /// Asked for.
    Opening(MicrophoneId),
    /// Open.
    Open(MicrophoneId),
    /// It went away in mid-call and no other could be opened. Nothing is tried until
    /// the next call.
    Lost,
}

/// The microphone or the speaker did something.
pub(crate) fn on_media(phone: &mut Phone, now: UnixMillis, what: Media, out: &mut Vec<Effect>) -> Applied {
    match what {
        Media::MicrophoneReady(id) => match phone.microphone {
            Microphone::Opening(asked) if asked == id => {
                phone.microphone = Microphone::Open(id);
                phone.faults.retain(|known| !is_about_the_microphone(&known.fault));
                // Browsers name the devices from the first permission on.
                out.push(Effect::Devices(Order::List));
                Ok(())
            }
            Microphone::Opening(_) | Microphone::Closed | Microphone::Open(_) | Microphone::Lost => {
                Err(Ignored::because("that microphone is not wanted any more"))
            }
        },
        Media::MicrophoneFailed(id, fault) => match phone.microphone {
            Microphone::Opening(asked) if asked == id => {
                failed(phone, now, fault, out);
                Ok(())
            }
            Microphone::Opening(_) | Microphone::Closed | Microphone::Open(_) | Microphone::Lost => {
                Err(Ignored::because("that microphone is not wanted any more"))
            }
        },
        Media::MicrophoneEnded(id) => match phone.microphone {
            Microphone::Open(open) if open == id => {
                // Another one may be there: one try, by itself.
                phone.microphone = Microphone::Closed;
                Ok(())
            }
            Microphone::Opening(_) | Microphone::Closed | Microphone::Open(_) | Microphone::Lost => {
                Err(Ignored::because("that microphone is not wanted any more"))
            }
        },
        Media::MicrophoneAllowed(allowed) => {
            phone.microphone_allowed = allowed;
            Ok(())
        }
        Media::Sound(sound) => {
            phone.sound = sound;
            Ok(())
        }
    }
}

/// Whether it is held open for the next call.
pub(crate) fn is_kept_ready(phone: &Phone) -> bool {
    phone.settings.keep_microphone
        && phone.microphone_allowed
        && phone.session.is_signed_in()
        && phone.presence.switch()
}

/// What is done to its sound was changed: one that only waits is opened anew.
pub(crate) fn renew(phone: &mut Phone, out: &mut Vec<Effect>) {
    match phone.microphone {
        Microphone::Opening(id) | Microphone::Open(id) if !phone.is_busy() => {
            phone.microphone = Microphone::Closed;
            out.push(Effect::ReleaseMicrophone(id));
        }
        Microphone::Opening(_) | Microphone::Open(_) | Microphone::Closed | Microphone::Lost => {}
    }
}

/// Calls that are not posted yet step back; a live call goes on without a voice.
fn failed(phone: &mut Phone, now: UnixMillis, fault: MicrophoneFault, out: &mut Vec<Effect>) {
    phone.microphone = Microphone::Closed;
    // Held open for the next call: that call will try again.
    let mut stepped_back = !phone.is_busy();
    phone.microphone_allowed &= !stepped_back;
    let mut unsaid = None;
    for (id, call) in phone.calls.iter_mut() {
        match &call.state {
            State::Answering(ring) => {
                call.state = State::Ringing(ring.again());
                stepped_back = true;
            }
            State::Preparing(preparing) => {
                unsaid = Some(preparing.to.clone());
                end(id, call, now, EndedWhy::Cancelled, Parting::Silent, out);
                stepped_back = true;
            }
            State::Accepting(_) | State::Dialing(_) | State::Live(_) => {
                phone.microphone = Microphone::Lost;
            }
            State::Ringing(_) | State::Elsewhere | State::Ending { .. } | State::Ended(_) => {}
        }
    }
    // The number is not typed twice.
    if let Some(number) = unsaid.filter(|_| phone.dialler.is_empty()) {
        phone.dialler = crate::number::grouped(&number);
    }
    phone.fault(if stepped_back { Fault::Microphone(fault) } else { Fault::MicrophoneLost });
}

fn is_about_the_microphone(fault: &Fault) -> bool {
    match fault {
        Fault::Microphone(_) | Fault::MicrophoneLost => true,
        Fault::DeviceGone(..)
        | Fault::Interrupted(_)
        | Fault::SetAway(_)
        | Fault::OnACall
        | Fault::Number(_)
        | Fault::Browser(_)
        | Fault::Relay(_) => false,
    }
}
