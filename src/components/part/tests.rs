//! What comes, changes and goes, on a real page.

use leptos::prelude::*;
use leptos::tachys::renderer::dom::Dom;
use wasm_bindgen_test::wasm_bindgen_test;

use super::*;
use crate::components::el::el;

/// A part of the page under test, with the reactive owner it lives under.
struct Stage {
    owner: Owner,
    root: leptos::tachys::renderer::dom::Element,
}

impl Stage {
    fn new(make: impl FnOnce() -> Part) -> Self {
        // What runs the effects is started by the first mount; this one shows nothing.
        leptos::mount::mount_to_body(|| ());
        let owner = Owner::new_root(None);
        let root = Dom::create_element("div", None);
        let part = owner.with(make);
        Dom::insert_node(&root, part.node(), None);
        Self { owner, root }
    }

    fn html(&self) -> String {
        self.root.inner_html()
    }

    fn child(&self, index: u32) -> Option<leptos::tachys::renderer::dom::Element> {
        self.root.children().item(index)
    }
}

/// Lets the effects run that are due.
async fn settle() {
    leptos::task::tick().await;
    leptos::task::tick().await;
}

#[wasm_bindgen_test]
async fn a_text_and_an_attribute_follow() {
    let (words, set_words) = signal(String::from("one"));
    let stage = Stage::new(|| {
        el("p").follow("title", move || Some(words.get())).kid(text(move || words.get())).into()
    });
    assert_eq!(stage.html(), r#"<p title="one">one</p>"#);
    set_words.set("two".to_owned());
    settle().await;
    assert_eq!(stage.html(), r#"<p title="two">two</p>"#);
}

#[wasm_bindgen_test]
async fn a_keyed_part_is_made_anew_only_for_another_key() {
    let (key, set_key) = signal(1);
    let made = RwSignal::new(0);
    let stage = Stage::new(|| {
        keyed(
            move || key.get() / 10,
            move |ten| {
                made.update_untracked(|made| *made += 1);
                el("i").kid(ten.to_string())
            },
        )
    });
    assert_eq!(stage.html(), "<i>0</i>");
    set_key.set(9);
    settle().await;
    assert_eq!(made.get_untracked(), 1);
    set_key.set(20);
    settle().await;
    assert_eq!((stage.html().as_str(), made.get_untracked()), ("<i>2</i>", 2));
}

#[wasm_bindgen_test]
async fn what_is_gone_follows_nothing_any_more() {
    let (shown, set_shown) = signal(true);
    let (value, set_value) = signal(0);
    let runs = RwSignal::new(0);
    let stage = Stage::new(|| {
        keyed(
            move || shown.get(),
            move |shown| {
                group(shown.then(|| {
                    text(move || {
                        runs.update_untracked(|runs| *runs += 1);
                        value.get().to_string()
                    })
                }))
            },
        )
    });
    set_shown.set(false);
    settle().await;
    assert_eq!(stage.html(), "");
    let before = runs.get_untracked();
    set_value.set(1);
    settle().await;
    assert_eq!(runs.get_untracked(), before);
    // The whole part goes with its owner.
    stage.owner.cleanup();
    set_shown.set(true);
    settle().await;
    assert_eq!(stage.html(), "");
}

#[wasm_bindgen_test]
async fn items_keep_their_element_whatever_becomes_of_the_others() {
    let keys = |keys: &str| keys.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    let (list, set_list) = signal(keys("a b c"));
    let stage = Stage::new(|| each(move || list.get(), |key| el("b").kid(key.to_owned())));
    assert_eq!(stage.html(), "<b>a</b><b>b</b><b>c</b>");
    let b = stage.child(1);
    set_list.set(keys("d c b"));
    settle().await;
    assert_eq!(stage.html(), "<b>d</b><b>c</b><b>b</b>");
    assert_eq!(stage.child(2), b, "the same element");
    set_list.set(Vec::new());
    settle().await;
    assert_eq!(stage.html(), "");
    set_list.set(keys("b"));
    settle().await;
    assert_eq!(stage.html(), "<b>b</b>");
    assert_ne!(stage.child(0), b, "made anew");
}
