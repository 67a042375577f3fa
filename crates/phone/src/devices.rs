//! Which devices are used, and whether the agent can ring, hear and be heard at all.
//!
//! A choice is remembered by the device's id and, because browsers give new ids when
//! their data are cleared, by its name. A chosen device that is away is replaced by the
//! system's own until it is back.

use std::sync::Arc;

use wire::IceServer;

use crate::decimal::decimal;
use crate::effect::Effect;
use crate::event::MicrophoneFault;
use crate::locale::Text;
use crate::microphone::Microphone;
use crate::phone::{Applied, Ignored, Phone};
use crate::settings::Processing;
use crate::t;
use crate::view::Fault;

/// The id of the system's own device.
pub const SYSTEM: &str = "";

/// Loudness of the ringtone at first, in percent.
const FIRST_VOLUME: u8 = 70;

/// What a device is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// The agent speaks into it.
    Microphone,
    /// The far end is heard from it.
    Speaker,
    /// Calls ring from it.
    Ringtone,
}

impl Role {
    /// All, in the order of the page.
    pub const ALL: [Self; 3] = [Self::Microphone, Self::Speaker, Self::Ringtone];

    /// Its name on the page.
    pub fn name(self) -> Text {
        match self {
            Self::Microphone => t!("Microphone"),
            Self::Speaker => t!("Speaker"),
            Self::Ringtone => t!("Ringtone device"),
        }
    }
}

/// A device of this machine.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Device {
    /// The browser's name of it, [`SYSTEM`] for the system's own.
    pub id: String,
    /// Its name for people.
    pub label: String,
}

/// What there is, as far as the browser tells.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Listing {
    /// Microphones. Nameless ones are left out: the browser names none before a page
    /// was allowed to use one.
    pub inputs: Vec<Device>,
    /// Speakers, likewise.
    pub outputs: Vec<Device>,
    /// Whether the browser lets a page choose where the far end is heard.
    pub speaker: bool,
    /// Whether the browser lets a page choose where it rings.
    pub ringtone: bool,
}

/// How one thing that a shift needs does.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Step {
    /// Not looked at.
    #[default]
    Unknown,
    /// Being looked at.
    Doing,
    /// Works.
    Good,
    /// It opens, but nothing comes from it.
    Quiet,
    /// It opens; how loud it is can't be measured while sound is held back.
    Opened,
    /// The microphone can't be opened.
    Refused(MicrophoneFault),
    /// It does not work.
    Bad,
}

/// From the browser.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Told {
    /// The choices as stored.
    Stored(String),
    /// What there is now.
    Listed(Listing),
    /// The open microphone was changed for another one.
    Switched,
    /// It could not be changed; the former one is still open.
    SwitchFailed(MicrophoneFault),
    /// How the trial of the microphone does.
    Trial(Step),
    /// The trial of the microphone is over.
    TrialOver,
    /// Whether two connections of this page reached each other.
    Path(bool),
}

/// From the person in front of the page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wish {
    /// Use this device, by its id.
    Choose(Role, String),
    /// Begin or end the trial of the microphone.
    TestMicrophone,
    /// Play something on the speaker.
    TestSpeaker,
    /// Ring this loud, in percent.
    Volume(u8),
    /// Ring without a sound, or with one.
    RingSilently(bool),
}

/// To the browser.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Order {
    /// Tell what there is.
    List,
    /// Keep the choices.
    Store(String),
    /// Use this device from now on, a live call's sound included.
    Use(Role, String),
    /// Open the microphone for a moment to see whether it hears something; with nothing,
    /// stop that.
    TryMicrophone(Option<Processing>),
    /// Play a few notes on the speaker.
    TrySpeaker,
    /// Let two connections of this page reach each other.
    TryPath(Vec<IceServer>),
    /// Close them.
    EndPath,
    /// Ring this loud, in percent.
    Volume(u8),
}

/// The devices, as the page shows them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Devices {
    /// What there is; nothing before the browser has told.
    pub listing: Option<Listing>,
    /// What was chosen for each role, and may be away.
    pub chosen: [Device; 3],
    /// The id of what is used for each role.
    pub used: [String; 3],
    /// Loudness of the ringtone in percent.
    pub volume: u8,
    /// Calls ring without a sound.
    pub silent: bool,
    /// The trial of the microphone goes on.
    pub trying: bool,
    /// What the last trial of the microphone gave.
    pub microphone: Step,
    /// What the last look for a media path gave.
    pub path: Step,
    /// A look for a media path waits for the microphone.
    path_due: bool,
}

impl Default for Devices {
    fn default() -> Self {
        Self {
            listing: None,
            chosen: Default::default(),
            used: Default::default(),
            volume: FIRST_VOLUME,
            silent: false,
            trying: false,
            microphone: Step::Unknown,
            path: Step::Unknown,
            path_due: false,
        }
    }
}

impl Devices {
    /// What can be chosen for a role, the system's own left out.
    pub fn of(&self, role: Role) -> &[Device] {
        let Some(listing) = &self.listing else { return &[] };
        match role {
            Role::Microphone => &listing.inputs,
            Role::Speaker | Role::Ringtone => &listing.outputs,
        }
    }

    /// What is shown of a role: while the browser names nothing, at least what was chosen.
    pub fn shown(&self, role: Role) -> &[Device] {
        let chosen = &self.chosen[role as usize];
        match self.of(role) {
            [] if chosen.id != SYSTEM => std::slice::from_ref(chosen),
            there => there,
        }
    }

    /// Whether the browser lets a page choose. Until it has told, it does.
    pub fn can_choose(&self, role: Role) -> bool {
        self.listing.as_ref().is_none_or(|listing| match role {
            Role::Microphone => true,
            Role::Speaker => listing.speaker,
            Role::Ringtone => listing.ringtone,
        })
    }

    /// Whether a chosen device is away.
    pub fn is_away(&self, role: Role) -> bool {
        let at = role as usize;
        self.chosen[at].id != SYSTEM && self.used[at] == SYSTEM && !self.of(role).is_empty()
    }

    /// The device in use that fits what was chosen.
    fn fitting(&self, role: Role) -> String {
        let chosen = &self.chosen[role as usize];
        let there = self.of(role);
        if there.is_empty() {
            // Nothing is known yet: the browser finds it, or takes the system's own.
            return chosen.id.clone();
        }
        let same_id = there.iter().find(|device| device.id == chosen.id);
        let same_name = || there.iter().find(|device| device.label == chosen.label);
        same_id.or_else(same_name).map(|device| device.id.clone()).unwrap_or_default()
    }

    /// As stored: one `name=value` a line.
    fn read(&mut self, text: &str) {
        for (name, value) in text.lines().filter_map(|line| line.split_once('=')) {
            match name {
                "volume" => self.volume = value.parse().unwrap_or(FIRST_VOLUME).min(100),
                "silent" => self.silent = value == "on",
                _ => {
                    let role = Role::ALL.into_iter().find(|role| role.name().english() == name);
                    if let (Some(role), Some((id, label))) = (role, value.split_once(' ')) {
                        self.chosen[role as usize] = Device { id: id.to_owned(), label: label.to_owned() };
                    }
                }
            }
        }
    }

    /// The text that [`Devices::read`] reads.
    fn print(&self) -> String {
        let chosen = Role::ALL.map(|role| {
            let Device { id, label } = &self.chosen[role as usize];
            [role.name().english(), "=", id, " ", label, "\n"].concat()
        });
        let silent = if self.silent { "on" } else { "off" };
        [&chosen.concat(), "volume=", &decimal(self.volume), "\nsilent=", silent, "\n"].concat()
    }
}

/// The browser told something.
pub(crate) fn told(phone: &mut Phone, what: Told, out: &mut Vec<Effect>) -> Applied {
    match what {
        Told::Stored(text) => {
            edit(phone).read(&text);
            out.push(Effect::Devices(Order::Volume(phone.devices.volume)));
            use_fitting(phone, out);
            out.push(Effect::Devices(Order::List));
        }
        Told::Listed(listing) => {
            edit(phone).listing = Some(listing);
            let before = phone.devices.used.clone();
            use_fitting(phone, out);
            for role in Role::ALL {
                let at = role as usize;
                if before[at] != SYSTEM && phone.devices.is_away(role) {
                    let label = phone.devices.chosen[at].label.clone();
                    phone.fault(Fault::DeviceGone(role, label));
                } else if !phone.devices.is_away(role) {
                    phone
                        .faults
                        .retain(|known| !matches!(known.fault, Fault::DeviceGone(gone, _) if gone == role));
                }
            }
        }
        Told::Switched => match phone.microphone {
            // Its new track has to be sent.
            Microphone::Open(_) => phone.ordered.send_anew(),
            Microphone::Opening(_) | Microphone::Closed | Microphone::Lost => {
                return Err(Ignored::because("no microphone is open"));
            }
        },
        Told::SwitchFailed(fault) => phone.fault(Fault::Microphone(fault)),
        Told::Trial(step) => {
            edit(phone).microphone = step;
            // Only a page that uses the microphone may see the addresses that it needs.
            if std::mem::take(&mut edit(phone).path_due) {
                let servers = phone.session.signed_in().map(|session| session.ice_servers.clone());
                out.push(Effect::Devices(Order::TryPath(servers.unwrap_or_default())));
            }
            // Browsers name the devices from the first permission on.
            out.push(Effect::Devices(Order::List));
        }
        Told::TrialOver => {
            if std::mem::take(&mut edit(phone).trying) {
                out.push(Effect::Devices(Order::TryMicrophone(None)));
            }
            if phone.devices.microphone == Step::Doing {
                edit(phone).microphone = Step::Quiet;
            }
        }
        Told::Path(is_there) => {
            edit(phone).path = if is_there { Step::Good } else { Step::Bad };
            out.push(Effect::Devices(Order::EndPath));
        }
    }
    Ok(())
}

/// The person wishes something.
pub(crate) fn wished(phone: &mut Phone, wish: Wish, out: &mut Vec<Effect>) -> Applied {
    match wish {
        Wish::Choose(role, id) => {
            let known = phone.devices.of(role).iter().find(|device| device.id == id).cloned();
            if known.is_none() && id != SYSTEM {
                return Err(Ignored::because("there is no such device"));
            }
            edit(phone).chosen[role as usize] = known.unwrap_or_default();
            phone.faults.retain(|known| !matches!(known.fault, Fault::DeviceGone(gone, _) if gone == role));
            use_fitting(phone, out);
        }
        Wish::TestMicrophone if phone.devices.trying => return told(phone, Told::TrialOver, out),
        Wish::TestMicrophone => {
            try_microphone(phone, out);
            return Ok(());
        }
        Wish::TestSpeaker => {
            out.push(Effect::UnlockSound);
            out.push(Effect::Devices(Order::TrySpeaker));
            return Ok(());
        }
        Wish::Volume(percent) => {
            edit(phone).volume = percent.min(100);
            out.push(Effect::Devices(Order::Volume(phone.devices.volume)));
        }
        Wish::RingSilently(silent) => edit(phone).silent = silent,
    }
    out.push(Effect::Devices(Order::Store(phone.devices.print())));
    Ok(())
}

/// Whether the microphone was tried and can't be opened.
pub(crate) fn is_refused(phone: &Phone) -> bool {
    matches!(phone.devices.microphone, Step::Refused(_))
}

/// A shift begins: looks at all it needs.
pub(crate) fn check(phone: &mut Phone, out: &mut Vec<Effect>) {
    if phone.is_busy() {
        return;
    }
    try_microphone(phone, out);
    let devices = edit(phone);
    devices.path = Step::Doing;
    devices.path_due = true;
}

fn try_microphone(phone: &mut Phone, out: &mut Vec<Effect>) {
    let devices = edit(phone);
    devices.trying = true;
    devices.microphone = Step::Doing;
    out.push(Effect::Devices(Order::TryMicrophone(Some(phone.settings.processing))));
}

fn use_fitting(phone: &mut Phone, out: &mut Vec<Effect>) {
    for role in Role::ALL {
        let fitting = phone.devices.fitting(role);
        if phone.devices.used[role as usize] != fitting {
            edit(phone).used[role as usize].clone_from(&fitting);
            out.push(Effect::Devices(Order::Use(role, fitting)));
        }
    }
}

/// The devices, to be changed: the page may still show the former ones.
fn edit(phone: &mut Phone) -> &mut Devices {
    Arc::make_mut(&mut phone.devices)
}
