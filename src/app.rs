//! The whole page: which of its faces is shown, and the document's title.

use leptos::prelude::*;
use phone::View;
use phone::text;
use phone::view::SessionView;

use crate::components::{
    announcer::announcer, boot::boot, header::header, nav::nav, notices::notices, panel::panel, place::Place,
};
use crate::pages::{home::home, log::log, settings::settings, sign_in::sign_in};
use crate::runtime::{self, Handle};

/// The product's name.
pub(crate) const NAME: &str = "Softphone";

/// Puts the page in the place of its first paint.
pub fn mount() {
    leptos::mount::mount_to_body(|| {
        let handle = runtime::start();
        name_document(handle);
        faces(handle)
    });
    if let Some(first_paint) = document().get_element_by_id("boot") {
        first_paint.remove();
    }
}

/// What the page can look like as a whole.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Face {
    Boot,
    SignIn,
    Frame,
}

fn faces(handle: Handle) -> impl IntoView {
    let face = Memo::new(move |_| {
        handle.view.with(|view| match view.session {
            SessionView::Checking { .. } => Face::Boot,
            SessionView::SignedOut { .. } => Face::SignIn,
            SessionView::SignedIn { .. } => Face::Frame,
        })
    });
    move || match face.get() {
        Face::Boot => boot(handle),
        Face::SignIn => sign_in(handle),
        Face::Frame => frame(handle),
    }
}

/// Header, navigation, the phone's panel and the page's content.
fn frame(handle: Handle) -> AnyView {
    let place = Memo::new(move |_| handle.view.with(|view| Place::of(&view.route)));
    view! {
        <div class="app" data-page=move || place.get().word()>
            {header(handle)}
            {nav(handle, place)}
            {panel(handle)}
            <main class="content">
                {move || match place.get() {
                    Place::Phone => home(handle),
                    Place::Log => log(handle),
                    Place::Settings => settings(handle),
                }}
            </main>
            {notices(handle)}
            {announcer(handle)}
        </div>
    }
    .into_any()
}

/// Keeps the document's title true: who rings or talks is seen in the tab's name.
fn name_document(handle: Handle) {
    let title = Memo::new(move |_| handle.view.with(title));
    Effect::new(move |_| title.with(|title| document().set_title(title)));
}

fn title(view: &View) -> String {
    if let Some(ring) = view.incoming.first() {
        return ["● ", text::who(&ring.who), " is calling · ", NAME].concat();
    }
    if let Some(card) = &view.active {
        return ["● ", text::status(card.status), " ", text::who(&card.who), " · ", NAME].concat();
    }
    match Place::of(&view.route) {
        Place::Phone => NAME.to_owned(),
        place @ (Place::Log | Place::Settings) => [place.name(), " · ", NAME].concat(),
    }
}
