//! Being noticed: notifications while nobody looks at the page, a question before a
//! call is cut by leaving it, and the sheet of shortcuts.

use wire::{CallId, UnixMillis};

use crate::call::{State, who};
use crate::effect::Effect;
use crate::event::{Agent, Event};
use crate::phone::{Applied, Ignored, Phone, agent, update};
use crate::{t, tabs, text};

/// What the browser tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Attention {
    /// The page can't be seen (another tab is in front of it), or can be seen again.
    Hidden(bool),
    /// A second is over while the page is hidden ([`Order::KeepTime`]).
    Second,
    /// Whether the page may show notifications.
    Notices(Permission),
    /// The person chose something on a notification.
    Chosen(CallId, Choice),
}

/// Whether the page may show notifications.
/// <https://notifications.spec.whatwg.org/#permission-model>
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Permission {
    /// The browser has none, or none for this page.
    #[default]
    Unsupported,
    /// The person was not asked yet.
    Askable,
    /// Yes.
    Granted,
    /// The person or the browser said no.
    Refused,
}

/// What can be chosen on a notification.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Choice {
    /// Answer the call.
    Accept,
    /// Decline it.
    Reject,
    /// Only look at the page.
    Look,
}

/// What the browser is to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Order {
    /// Ask the person for notifications; works within a click.
    Ask,
    /// Show a notification of a ringing call.
    Notify {
        /// Which.
        call: CallId,
        /// Who calls.
        title: String,
        /// Their number, or what it means.
        body: String,
    },
    /// Take it away.
    Withdraw(CallId),
    /// From now on say each second that it is over, or do not: the browser makes the timers
    /// of a hidden page late, by up to a minute.
    /// <https://developer.chrome.com/blog/timer-throttling-in-chrome-88>
    KeepTime(bool),
    /// From now on ask before the page is left, or do not.
    Guard(bool),
    /// Put the keyboard into the number field.
    FocusNumber,
    /// Show this on the tab's icon.
    Badge(Badge),
}

/// What the tab's icon says.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Badge {
    /// Nothing.
    #[default]
    Plain,
    /// A call rings.
    Ringing,
    /// The agent is on a call.
    OnCall,
}

/// What is known, and what was ordered.
#[derive(Debug, Default)]
pub(crate) struct Noticed {
    hidden: bool,
    pub(crate) permission: Permission,
    /// The calls that have a notification.
    shown: Vec<CallId>,
    guarded: bool,
    keeps_time: bool,
    badge: Badge,
    /// Whether the sheet of shortcuts is open.
    pub(crate) keys: bool,
}

/// The browser told something.
pub(crate) fn on_attention(
    phone: &mut Phone,
    now: UnixMillis,
    what: Attention,
    out: &mut Vec<Effect>,
) -> Applied {
    match what {
        Attention::Hidden(hidden) => phone.noticed.hidden = hidden,
        Attention::Second => overdue(phone, now, out),
        Attention::Notices(permission) => phone.noticed.permission = permission,
        // Every tab hears of it; the phone acts.
        Attention::Chosen(..) if !phone.tab.is_phone() => {
            return Err(Ignored::because("it is not the phone"));
        }
        Attention::Chosen(call, choice) => {
            phone.noticed.shown.retain(|shown| *shown != call);
            match choice {
                Choice::Accept => return agent(phone, now, Agent::Accept(call), out),
                Choice::Reject => return agent(phone, now, Agent::Reject(call), out),
                Choice::Look => {}
            }
        }
    }
    Ok(())
}

/// What a timer should have told by now.
fn overdue(phone: &mut Phone, now: UnixMillis, out: &mut Vec<Effect>) {
    for timer in phone.ordered.timers_due(now) {
        out.extend(update(phone, now, Event::Timer(timer)));
    }
}

/// The agent takes calls: a good moment to ask, because it is a click.
pub(crate) fn ask(phone: &Phone, out: &mut Vec<Effect>) {
    if phone.noticed.permission == Permission::Askable {
        out.push(Effect::Attention(Order::Ask));
    }
}

/// Opens the sheet of shortcuts, or closes it.
pub(crate) fn show_keys(phone: &mut Phone, open: bool) {
    phone.noticed.keys = open;
}

/// Orders the difference between what should be and what was ordered.
pub(crate) fn settle(phone: &mut Phone, out: &mut Vec<Effect>) {
    let noticed = &mut phone.noticed;
    let mut ringing = Vec::new();
    for (id, call) in phone.calls.iter() {
        if matches!(call.state, State::Ringing(_)) {
            ringing.push((id, who(&call.party)));
        }
    }
    // Nothing covers a call that rings.
    noticed.keys &= ringing.is_empty();
    if !noticed.hidden || noticed.permission != Permission::Granted {
        ringing.clear();
    }
    noticed.shown.retain(|shown| {
        let stays = ringing.iter().any(|(id, _)| *id == shown);
        if !stays {
            out.push(Effect::Attention(Order::Withdraw(shown.clone())));
        }
        stays
    });
    for (call, who) in ringing {
        if !noticed.shown.contains(call) {
            noticed.shown.push(call.clone());
            let title = t!("{0} is calling").with(&[text::who(&who)]);
            let body = who.name.and(who.number).unwrap_or_default();
            out.push(Effect::Attention(Order::Notify { call: call.clone(), title, body }));
        }
    }
    let guarded = phone.is_busy();
    if guarded != phone.noticed.guarded {
        phone.noticed.guarded = guarded;
        out.push(Effect::Attention(Order::Guard(guarded)));
    }
    let keeps_time = phone.noticed.hidden && phone.tab.is_phone();
    if keeps_time != phone.noticed.keeps_time {
        phone.noticed.keeps_time = keeps_time;
        out.push(Effect::Attention(Order::KeepTime(keeps_time)));
    }
    let badge = match tabs::calls(phone) {
        (true, _) => Badge::Ringing,
        (false, true) => Badge::OnCall,
        (false, false) => Badge::Plain,
    };
    if badge != phone.noticed.badge {
        phone.noticed.badge = badge;
        out.push(Effect::Attention(Order::Badge(badge)));
    }
}
