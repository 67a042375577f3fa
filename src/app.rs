//! The whole page: which of its faces is shown, and the document's title.

use leptos::prelude::*;
use phone::view::SessionView;
use phone::{View, t, text};

use crate::components::{
    announcer::announcer,
    boot::boot,
    el::{El, el_of, follow},
    header::header,
    keys::keys,
    nav::nav,
    notices::notices,
    panel::panel,
    part::{Part, keyed},
    place::Place,
};
use crate::pages::{home::home, log::log, settings::settings, sign_in::sign_in, team::team};
use crate::runtime::{self, Handle};

/// The product's name.
pub(crate) const NAME: &str = "Softphone";

/// Puts the page in the place of its first paint.
pub fn mount() {
    leptos::mount::mount_to_body(|| {
        #[cfg(debug_assertions)]
        if crate::styleguide::is_wanted() {
            return Part::from(crate::styleguide::styleguide()).mount();
        }
        let handle = runtime::start();
        keyed(move || handle.view.read().language, move |_| whole(handle)).mount();
    });
    if let Some(first_paint) = document().get_element_by_id("boot") {
        first_paint.remove();
    }
}

/// The page in one language: all of it is made anew in another. The phone knows nothing of
/// that, and a call goes on.
fn whole(handle: Handle) -> Part {
    name_document(handle);
    faces(handle)
}

/// What the page can look like as a whole.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Face {
    Boot,
    SignIn,
    Frame,
}

fn faces(handle: Handle) -> Part {
    let face = move || match handle.view.read().session {
        SessionView::Checking { .. } => Face::Boot,
        SessionView::SignedOut { .. } => Face::SignIn,
        SessionView::SignedIn { .. } => Face::Frame,
    };
    keyed(face, move |face| match face {
        Face::Boot => boot(handle).into(),
        Face::SignIn => sign_in(handle),
        Face::Frame => frame(handle).into(),
    })
}

/// Header, navigation, the phone's panel and the page's content.
fn frame(handle: Handle) -> El {
    let place = move || Place::of(&handle.view.read().route);
    let page = keyed(place, move |place| match place {
        Place::Phone => home(handle),
        Place::Log => log(handle),
        Place::Team => team(),
        Place::Settings => settings(handle),
    });
    let main =
        el_of("main", "main").kid(panel(handle)).kid(el_of("div", "content").kid(page)).kid(notices(handle));
    el_of("div", "app")
        .flag("data-silent-ring", move || handle.view.read().devices.silent)
        .follow("data-page", move || Some(place().word()))
        .kid(header(handle))
        .kid(nav(handle))
        .kid(main)
        .kid(announcer(handle))
        .kid(keys(handle))
}

/// Keeps the document's title true: who rings or talks is seen in the tab's name.
fn name_document(handle: Handle) {
    follow(Box::new(move || document().set_title(&title(&handle.view.read()))));
}

fn title(view: &View) -> String {
    if let Some(ring) = view.incoming.first() {
        return ["● ", &t!("{0} is calling").with(&[text::who(&ring.who)]), " · ", NAME].concat();
    }
    if let Some(card) = &view.active {
        return ["● ", &*text::status(card.status), " ", text::who(&card.who), " · ", NAME].concat();
    }
    match Place::of(&view.route) {
        Place::Phone => NAME.to_owned(),
        place @ (Place::Log | Place::Team | Place::Settings) => [&*place.name(), " · ", NAME].concat(),
    }
}
