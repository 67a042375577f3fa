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
    let make: Box<dyn FnMut() -> AnyView + Send> = Box::new(make);
    make.into_any()
}

/// A part of the page that is made anew whenever `key` comes out differently, and then only.
pub(crate) fn keyed(
    key: impl Fn() -> String + Send + Sync + 'static,
    make: impl Fn() -> AnyView + Send + 'static,
) -> AnyView {
    let key: Box<dyn Fn() -> String + Send + Sync> = Box::new(key);
    let key = Memo::new(move |_| key());
    live(move || {
        key.track();
        // What the part reads while it is made is followed by the part itself.
        untrack(&make)
    })
}

/// Text that follows the view.
pub(crate) fn text(words: impl Fn() -> String + Send + Sync + 'static) -> AnyView {
    derived(words).into_any()
}

/// Nothing.
pub(crate) fn none() -> AnyView {
    ().into_any()
}

/// A value that follows the view.
pub(crate) fn derived<T: Send + Sync + 'static>(value: impl Fn() -> T + Send + Sync + 'static) -> Signal<T> {
    let value: Arc<dyn Fn() -> T + Send + Sync> = Arc::new(value);
    Signal::derive(move || value())
}

impl El {
    /// An attribute.
    pub(crate) fn set(self, name: &'static str, value: &'static str) -> Self {
        self.with(custom_attribute(name, value).into_any_attr())
    }

    /// An attribute with a text of its own.
    pub(crate) fn put(self, name: &'static str, value: String) -> Self {
        self.with(custom_attribute(name, value).into_any_attr())
    }

    /// An attribute that follows the view; absent without a value.
    pub(crate) fn follow(
        self,
        name: &'static str,
        value: impl Fn() -> Option<&'static str> + Send + Sync + 'static,
    ) -> Self {
        self.with(custom_attribute(name, derived(value)).into_any_attr())
    }

    /// An attribute that follows the view, with a text of its own.
    pub(crate) fn follow_text(
        self,
        name: &'static str,
        value: impl Fn() -> String + Send + Sync + 'static,
    ) -> Self {
        self.with(custom_attribute(name, derived(value)).into_any_attr())
    }

    /// An ARIA state that is `true` or `false`.
    pub(crate) fn state(self, name: &'static str, value: impl Fn() -> bool + Send + Sync + 'static) -> Self {
        self.follow(name, move || Some(if value() { "true" } else { "false" }))
    }

    /// A property, such as `checked`, that follows the view.
    pub(crate) fn property(self, name: &'static str, value: impl Fn() -> bool + Send + Sync + 'static) -> Self {
        self.with(prop(name, derived(value)).into_any_attr())
    }

    /// The value of a field that follows the view.
    pub(crate) fn value(self, value: impl Fn() -> String + Send + Sync + 'static) -> Self {
        self.with(prop("value", derived(value)).into_any_attr())
    }

    /// What a click does.
    pub(crate) fn click(self, act: impl Fn() + 'static) -> Self {
        self.click_event(move |_| act())
    }

    /// What a click does, with its event.
    pub(crate) fn click_event(self, act: impl Fn(ev::MouseEvent) + 'static) -> Self {
        let act: Box<dyn FnMut(ev::MouseEvent)> = Box::new(act);
        self.with(on(ev::click, act).into_any_attr())
    }

    /// What a change of a field's value does.
    pub(crate) fn input(self, act: impl Fn(String) + 'static) -> Self {
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
    pub(crate) fn node(self, node: Node) -> Self {
        self.with(node_ref(node).into_any_attr())
    }

    /// A child.
    pub(crate) fn kid(mut self, kid: impl Into<Kid>) -> Self {
        self.kids.push(kid.into().0);
        self
    }

    /// Children.
    pub(crate) fn kids(mut self, kids: impl IntoIterator<Item = AnyView>) -> Self {
        self.kids.extend(kids);
        self
    }

    /// The element.
    pub(crate) fn view(self) -> AnyView {
        finish(self)
    }

    fn with(mut self, attribute: AnyAttribute) -> Self {
        self.attributes.push(attribute);
        self
    }
}

fn finish(El { tag, attributes, kids }: El) -> AnyView {
    custom(tag).add_any_attr(attributes).child(StaticVec::from(kids)).into_any()
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
        Self(words.into_any())
    }
}

impl From<String> for Kid {
    fn from(words: String) -> Self {
        Self(words.into_any())
    }
}

impl<K: Into<Kid>> From<Option<K>> for Kid {
    fn from(kid: Option<K>) -> Self {
        kid.map_or_else(|| Self(none()), Into::into)
    }
}
