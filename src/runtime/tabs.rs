//! What makes this tab the phone, what the tabs say to each other, and how the page is
//! noticed: keys, notifications, a question before it is left.

use leptos::prelude::*;
use phone::attention::{self, Attention};
use phone::event::Agent;
use phone::route::Route;
use phone::tabs::{Order, Tabs};
use phone::view::View;
use phone::{Event, shortcuts};
use wire::CallId;

use super::Tell;
use crate::platform::channel::Channel;
use crate::platform::listener::Listener;
use crate::platform::lock::{self, Lock};
use crate::platform::notices::{self, Notices};
use crate::platform::pulse::Pulse;
use crate::platform::{keyboard, page};

/// The number field's id.
pub(super) const NUMBER: &str = "number";

/// The adapters.
#[derive(Default)]
pub(super) struct Own {
    lock: Option<Lock>,
    channel: Option<Channel>,
    notices: Option<Notices>,
    guard: Option<Listener>,
    pulse: Option<Pulse>,
    listeners: Vec<Listener>,
}

impl Own {
    /// Hears what the browser, the other tabs and the keyboard say.
    pub(super) fn listen(&mut self, tell: Tell, shown: ReadSignal<View>) {
        self.channel = Channel::join(move |text| tell.event(Event::Tabs(Tabs::Heard(text))));
        self.notices = Some(Notices::new(move |told| {
            tell.event(Event::Attention(match told {
                notices::Told::Permission(permission) => Attention::Notices(permission),
                notices::Told::Chosen(call, choice) => Attention::Chosen(CallId(call), choice),
            }));
        }));
        let pressed = move |key, within: Option<String>| {
            let meant = shown.with_untracked(|view| shortcuts::meaning(view, key, within.as_deref()));
            let is_meant = meant.is_some();
            if let Some(what) = meant {
                tell.event(Event::Agent(what));
            }
            is_meant
        };
        let hidden = move |is| tell.event(Event::Attention(Attention::Hidden(is)));
        self.listeners.extend(page::on_hidden(hidden));
        self.listeners.extend(keyboard::on_key(pressed));
    }

    /// What is so from the start.
    pub(super) fn known() -> [Event; 2] {
        [Attention::Hidden(page::is_hidden()), Attention::Notices(notices::permission())]
            .map(Event::Attention)
    }

    /// Carries out an order about the tabs.
    pub(super) fn perform(&mut self, order: Order, tell: Tell) {
        match order {
            Order::Lead { steal } => {
                // A wish that is still in the queue is given up first.
                self.lock = None;
                self.lock = Some(Lock::ask(steal, move |told| {
                    tell.event(Event::Tabs(match told {
                        lock::Told::Held => Tabs::Leading,
                        lock::Told::Waiting => Tabs::Waiting,
                        lock::Told::Taken => Tabs::Lost,
                    }));
                }));
            }
            Order::Say(text) => {
                if let Some(channel) = &self.channel {
                    channel.say(&text);
                }
            }
        }
    }

    /// Carries out an order about being noticed.
    pub(super) fn attend(&mut self, order: attention::Order, tell: Tell) {
        match (order, &self.notices) {
            (attention::Order::Badge(badge), _) => page::badge(badge),
            (attention::Order::Guard(on), _) => self.guard = if on { page::guard() } else { None },
            (attention::Order::KeepTime(on), _) => {
                let second = move || tell.event(Event::Attention(Attention::Second));
                self.pulse = if on { Pulse::start(second) } else { None };
            }
            (attention::Order::FocusNumber, _) => {
                if !page::focus(NUMBER) {
                    // Where it is narrow, the field is on the phone's own page only.
                    tell.event(Event::Agent(Agent::Navigate(Route::Phone)));
                    request_animation_frame(|| {
                        page::focus(NUMBER);
                    });
                }
            }
            (attention::Order::Ask, Some(notices)) => notices.ask(),
            (attention::Order::Notify { call, title, body }, Some(notices)) => {
                notices.show(call.as_str(), &title, &body);
            }
            (attention::Order::Withdraw(call), Some(notices)) => notices.withdraw(call.as_str()),
            (
                attention::Order::Ask | attention::Order::Notify { .. } | attention::Order::Withdraw(_),
                None,
            ) => {}
        }
    }
}
