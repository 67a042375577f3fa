//! That another tab is the phone.

use leptos::prelude::*;
use phone::event::Agent;
use phone::t;
use phone::view::TabView;

use super::el::{El, el_of};
use super::icon::{self, icon};
use super::notices::said;
use super::part::{Part, group, keyed};
use crate::runtime::Handle;

/// A note above the calls that this tab shows for the other one.
pub(crate) fn other_tab(handle: Handle) -> Part {
    keyed(
        move || handle.view.read().tab,
        move |tab| {
            group(match tab {
                TabView::Phone => None,
                TabView::Remote { can_take } => Some(note(handle, *can_take).into()),
            })
        },
    )
}

fn note(handle: Handle, can_take: bool) -> El {
    let advice = if can_take {
        t!("Calls ring there. You can answer and hang up from here too.")
    } else {
        t!("Its sound is there. You can mute and hang up from here too.")
    };
    let words = said(t!("Another tab holds the phone."), advice);
    let take = can_take.then(|| {
        el_of("button", "button").click(move || handle.send(Agent::UseThisTab)).kid(t!("Use this tab"))
    });
    el_of("div", "other-tab").set("role", "status").kid(icon(icon::TABS)).kid(words).kid(take)
}
