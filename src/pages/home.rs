//! Phone: beside the panel, the calls lately made and missed.

use phone::t;

use super::log::{nothing, trouble};
use crate::components::calls::calls;
use crate::components::el::{El, el, el_of};
use crate::components::icon::{self, icon};
use crate::components::nav::link;
use crate::components::place::Place;
use crate::runtime::Handle;

/// The page.
pub(crate) fn home(handle: Handle) -> El {
    let whole = link(handle, Place::Log)
        .set("class", "button quiet")
        .kid(t!("Whole call log"))
        .kid(icon(icon::RIGHT));
    el_of("div", "page log")
        .kid(el_of("div", "page-head").kid(el("h2").kid(t!("Recent calls"))).kid(whole))
        .kid(trouble(handle))
        .kid(el_of("div", "calls-frame").kid(calls(handle, t!("Recent calls"))).kid(nothing(handle)))
}
