//! Elements in one type.
//!
//! Every part of the page is put together from this one kind of element instead of the
//! `view!` macro, which makes code of its own for each shape of each element: with the
//! macro the same page is more than twice as large.

use std::sync::Arc;

use leptos::attr::any_attribute::{AnyAttribute, IntoAnyAttribute};
use leptos::attr::custom::custom_attribute;
use leptos::ev;
use leptos::html::{Custom, custom};
use leptos::prelude::*;
use leptos::tachys::html::event::on;
use leptos::tachys::html::node_ref::node_ref;
use leptos::tachys::html::property::prop;
use leptos::tachys::view::iterators::StaticVec;

/// A reference to an element on the page.
pub(crate) type Node = NodeRef<Custom<&'static str>>;

/// An element being put together.
pub(crate) struct El {
    tag: &'static str,
    attributes: Vec<AnyAttribute>,
    kids: Vec<AnyView>,
}

/// Begins an element.
pub(crate) fn el(tag: &'static str) -> El {
    El { tag, attributes: Vec::new(), kids: Vec::new() }
}

/// Begins an element with a class.
pub(crate) fn el_of(tag: &'static str, class: &'static str) -> El {
    el(tag).set("class", class)
}

/// Something on the page that is made anew whenever it comes out differently.
pub(crate) fn live(make: impl Fn() -> AnyView + Send + 'static) -> AnyView {
    live_boxed(Box::new(make))
}

/// A part of the page that is made anew whenever `key` comes out differently, and then only.
pub(crate) fn keyed(
    key: impl Fn() -> String + Send + Sync + 'static,
    make: impl Fn() -> AnyView + Send + 'static,
) -> AnyView {
    keyed_boxed(Box::new(key), Box::new(make))
}

/// Text that follows the view.
pub(crate) fn text(words: impl Fn() -> String + Send + Sync + 'static) -> AnyView {
    text_boxed(Arc::new(words))
}

/// Nothing.
pub(crate) fn none() -> AnyView {
    ().into_any()
}

// What follows takes every closure in one type, and is never copied to where it is called:
// all that is left there is to put the closure into its box.

#[inline(never)]
fn live_boxed(make: Box<dyn FnMut() -> AnyView + Send>) -> AnyView {
    make.into_any()
}

#[inline(never)]
fn keyed_boxed(key: Box<dyn Fn() -> String + Send + Sync>, make: Box<dyn Fn() -> AnyView + Send>) -> AnyView {
    let key = Memo::new(move |_| key());
    live_boxed(Box::new(move || {
        // Reading, not only tracking: a memo that nobody reads follows nothing.
        key.with(|_| ());
        // What the part reads while it is made is followed by the part itself.
        untrack(&make)
    }))
}

#[inline(never)]
fn text_boxed(words: Followed<String>) -> AnyView {
    derived(words).into_any()
}

/// Something that is computed from the view.
pub(crate) type Followed<T> = Arc<dyn Fn() -> T + Send + Sync>;

/// A value that follows the view.
#[inline(never)]
pub(crate) fn derived<T: Send + Sync + 'static>(value: Followed<T>) -> Signal<T> {
    Signal::derive(move || value())
}

impl El {
    /// An attribute.
    #[inline(never)]
    pub(crate) fn set(self, name: &'static str, value: &'static str) -> Self {
        self.with(custom_attribute(name, value).into_any_attr())
    }

    /// An attribute with a text of its own.
    #[inline(never)]
    pub(crate) fn put(self, name: &'static str, value: String) -> Self {
        self.with(custom_attribute(name, value).into_any_attr())
    }

    /// An attribute that follows the view; absent without a value.
    pub(crate) fn follow(
        self,
        name: &'static str,
        value: impl Fn() -> Option<&'static str> + Send + Sync + 'static,
    ) -> Self {
        self.follow_boxed(name, Arc::new(value))
    }

    #[inline(never)]
    fn follow_boxed(self, name: &'static str, value: Followed<Option<&'static str>>) -> Self {
        self.with(custom_attribute(name, derived(value)).into_any_attr())
    }

    /// An attribute that follows the view, with a text of its own.
    #[inline(never)]
    pub(crate) fn follow_text(self, name: &'static str, value: Followed<String>) -> Self {
        self.with(custom_attribute(name, derived(value)).into_any_attr())
    }

    /// An attribute that is there, empty, while something holds.
    pub(crate) fn flag(self, name: &'static str, holds: impl Fn() -> bool + Send + Sync + 'static) -> Self {
        self.follow(name, move || holds().then_some(""))
    }

    /// An ARIA state that is `true` or `false`.
    pub(crate) fn state(self, name: &'static str, value: impl Fn() -> bool + Send + Sync + 'static) -> Self {
        self.follow(name, move || Some(if value() { "true" } else { "false" }))
    }

    /// An ARIA state that is `true` or absent.
    pub(crate) fn mark(self, name: &'static str, holds: impl Fn() -> bool + Send + Sync + 'static) -> Self {
        self.follow(name, move || holds().then_some("true"))
    }

    /// A property, such as `checked`, that follows the view.
    pub(crate) fn property(
        self,
        name: &'static str,
        value: impl Fn() -> bool + Send + Sync + 'static,
    ) -> Self {
        self.property_boxed(name, Arc::new(value))
    }

    #[inline(never)]
    fn property_boxed(self, name: &'static str, value: Followed<bool>) -> Self {
        self.with(prop(name, derived(value)).into_any_attr())
    }

    /// The value of a field that follows the view.
    #[inline(never)]
    pub(crate) fn value(self, value: Followed<String>) -> Self {
        self.with(prop("value", derived(value)).into_any_attr())
    }

    /// What a click does.
    pub(crate) fn click(self, act: impl Fn() + 'static) -> Self {
        self.click_event(move |_| act())
    }

    /// What a click does, with its event.
    pub(crate) fn click_event(self, act: impl Fn(ev::MouseEvent) + 'static) -> Self {
        self.click_boxed(Box::new(act))
    }

    #[inline(never)]
    fn click_boxed(self, act: Box<dyn FnMut(ev::MouseEvent)>) -> Self {
        self.with(on(ev::click, act).into_any_attr())
    }

    /// What a change of a field's value does.
    pub(crate) fn input(self, act: impl Fn(String) + 'static) -> Self {
        self.input_boxed(Box::new(act))
    }

    #[inline(never)]
    fn input_boxed(self, act: Box<dyn Fn(String)>) -> Self {
        let act: Box<dyn FnMut(ev::Event)> = Box::new(move |event| act(event_target_value(&event)));
        self.with(on(ev::input, act).into_any_attr())
    }

    /// What sending a form does; the browser itself sends nothing.
    pub(crate) fn submit(self, act: impl Fn() + 'static) -> Self {
        let act: Box<dyn FnMut(ev::SubmitEvent)> = Box::new(move |event: ev::SubmitEvent| {
            event.prevent_default();
            act();
        });
        self.with(on(ev::submit, act).into_any_attr())
    }

    /// Remembers the element.
    #[inline(never)]
    pub(crate) fn node(self, node: Node) -> Self {
        self.with(node_ref(node).into_any_attr())
    }

    /// A child.
    pub(crate) fn kid(self, kid: impl Into<Kid>) -> Self {
        self.push(kid.into().0)
    }

    /// Children.
    pub(crate) fn kids(mut self, kids: impl IntoIterator<Item = AnyView>) -> Self {
        for kid in kids {
            self = self.push(kid);
        }
        self
    }

    /// The element.
    pub(crate) fn view(self) -> AnyView {
        finish(self)
    }

    #[inline(never)]
    fn push(mut self, kid: AnyView) -> Self {
        self.kids.push(kid);
        self
    }

    #[inline(never)]
    fn with(mut self, attribute: AnyAttribute) -> Self {
        self.attributes.push(attribute);
        self
    }
}

#[inline(never)]
fn finish(El { tag, attributes, kids }: El) -> AnyView {
    custom(tag).add_any_attr(attributes).child(StaticVec::from(kids)).into_any()
}

#[inline(never)]
fn fixed(words: &'static str) -> AnyView {
    words.into_any()
}

#[inline(never)]
fn owned(words: String) -> AnyView {
    words.into_any()
}

/// What can stand inside an element.
pub(crate) struct Kid(AnyView);

impl From<AnyView> for Kid {
    fn from(view: AnyView) -> Self {
        Self(view)
    }
}

impl From<El> for Kid {
    fn from(element: El) -> Self {
        Self(finish(element))
    }
}

impl From<&'static str> for Kid {
    fn from(words: &'static str) -> Self {
        Self(fixed(words))
    }
}

impl From<String> for Kid {
    fn from(words: String) -> Self {
        Self(owned(words))
    }
}

impl<K: Into<Kid>> From<Option<K>> for Kid {
    fn from(kid: Option<K>) -> Self {
        kid.map_or_else(|| Self(none()), Into::into)
    }
}
