//! Where the agent is signed in, and ways to end that.

use leptos::prelude::*;
use phone::list::List as _;
use phone::{t, text as words};
use wire::{SESSIONS_PATH, SessionInfo, SessionList};

use super::el::{El, el, el_of};
use super::part::{group as group_of, keyed};
use super::trouble::trouble;
use crate::runtime;
use crate::runtime::Handle;
use crate::runtime::office::LookUp;

/// The list, into a group of the settings. This browser's own session ends by `Sign out`.
pub(crate) fn sessions(handle: Handle, group: El) -> El {
    let list = LookUp::new(SESSIONS_PATH);
    let sessions = move || list.read::<SessionList>();
    let others = move || {
        let known = sessions().and_then(Result::ok).map(|list| list.sessions).unwrap_or_default();
        known.into_iter().filter(|session| !session.current).list()
    };
    let rows =
        keyed(others, move |others| group_of(others.iter().map(|session| row(handle, list, session).into())));
    let everywhere = el_of("button", "button")
        .click(move || list.end(SESSIONS_PATH.to_owned()))
        .kid(t!("Sign out everywhere"));
    let about = el("div").kid(el("p").kid(t!("Sessions"))).kid(
        el_of("p", "soft")
            .kid(t!("Ends this one, too, and every one below. A call that is going on is not touched.")),
    );
    group
        .kid(el_of("div", "line").kid(about).kid(everywhere))
        .kid(rows)
        .kid(trouble(move || sessions().and_then(Result::err)))
}

fn row(handle: Handle, list: LookUp, session: &SessionInfo) -> El {
    let since = runtime::moment(session.since, handle.now.get_untracked()).short;
    let mut details = t!("Since {0}").with(&[&since]);
    if let Some(address) = &session.address {
        details += &[" · ", address].concat();
    }
    let device = session.device.as_deref().map_or_else(|| t!("An unknown browser").into(), words::device);
    let path = [SESSIONS_PATH, "/", &session.id].concat();
    let about = el("div").kid(el("p").kid(device)).kid(el_of("p", "soft figures").kid(details));
    let end = el_of("button", "button").click(move || list.end(path.clone())).kid(t!("Sign out there"));
    el_of("div", "line").kid(about).kid(end)
}
