//! Elements, made with Leptos' own renderer and followed by its render effects.
//!
//! A component runs once: it makes its elements at once and says what of them follows
//! the view. Nothing is described first and compared later, so there is no code for
//! comparing; with the `view!` macro, which has some for each shape of each element,
//! the same page is more than twice as large.
//!
//! Whatever is made belongs to the reactive owner it is made under. When that part of
//! the page goes away, its effects and its listeners go with it.

use std::borrow::Cow;
use std::rc::Rc;

use leptos::ev;
use leptos::html::{Dialog, ElementType, Input, Section};
use leptos::prelude::*;
use leptos::reactive::effect::RenderEffect;
use leptos::tachys::renderer::dom::{Dom, Element, Event};
use leptos::wasm_bindgen::{JsCast, JsValue};
use phone::locale::Text;

use super::part::{Part, owned, translated};

/// The namespace of drawings, <https://www.w3.org/TR/SVG2/struct.html#Namespace>.
const SVG: &str = "http://www.w3.org/2000/svg";

/// A text that is fixed or made.
pub(crate) type Words = Cow<'static, str>;

/// The browser's type of an element that can have the focus.
type Focusable = <Section as ElementType>::Output;

/// The browser's type of a field.
type Field = <Input as ElementType>::Output;

/// The browser's type of a dialog.
type Sheet = <Dialog as ElementType>::Output;

/// An element, being put together or on the page.
#[derive(Clone)]
pub(crate) struct El(Element);

/// Begins an element.
#[inline(never)]
pub(crate) fn el(tag: &'static str) -> El {
    El(Dom::create_element(tag, None))
}

/// Begins an element with a class.
#[inline(never)]
pub(crate) fn el_of(tag: &'static str, class: &'static str) -> El {
    el(tag).set("class", class)
}

/// Begins an element of a drawing.
pub(crate) fn svg(tag: &'static str) -> El {
    El(Dom::create_element(tag, Some(SVG)))
}

/// Does something now, and again whenever what it read has changed.
#[inline(never)]
pub(crate) fn follow(mut act: Box<dyn FnMut()>) {
    let effect = RenderEffect::new(move |_| act());
    on_cleanup(move || drop(effect));
}

impl El {
    /// An attribute.
    #[inline(never)]
    pub(crate) fn set(self, name: &'static str, value: &str) -> Self {
        Dom::set_attribute(&self.0, name, value);
        self
    }

    /// An attribute that people read or hear.
    #[inline(never)]
    pub(crate) fn say(self, name: &'static str, text: Text) -> Self {
        self.set(name, &text)
    }

    /// An attribute that follows the view; absent without a value.
    pub(crate) fn follow<W: Into<Words>>(
        self,
        name: &'static str,
        value: impl Fn() -> Option<W> + 'static,
    ) -> Self {
        self.follow_boxed(name, Box::new(move || value().map(Into::into)))
    }

    #[inline(never)]
    fn follow_boxed(self, name: &'static str, value: Box<dyn Fn() -> Option<Words>>) -> Self {
        let element = self.0.clone();
        let mut before = None;
        follow(Box::new(move || {
            let now = value();
            if before != now {
                match &now {
                    Some(value) => Dom::set_attribute(&element, name, value),
                    None => Dom::remove_attribute(&element, name),
                }
                before = now;
            }
        }));
        self
    }

    /// An attribute that is there, empty, while something holds.
    pub(crate) fn flag(self, name: &'static str, holds: impl Fn() -> bool + 'static) -> Self {
        self.follow(name, move || holds().then_some(""))
    }

    /// An ARIA state that is `true` or `false`.
    pub(crate) fn state(self, name: &'static str, value: impl Fn() -> bool + 'static) -> Self {
        self.follow(name, move || Some(if value() { "true" } else { "false" }))
    }

    /// An ARIA state that is `true` or absent.
    pub(crate) fn mark(self, name: &'static str, holds: impl Fn() -> bool + 'static) -> Self {
        self.follow(name, move || holds().then_some("true"))
    }

    /// A property, such as `checked`, that follows the view.
    pub(crate) fn property(self, name: &'static str, value: impl Fn() -> bool + 'static) -> Self {
        self.property_boxed(name, Box::new(move || JsValue::from_bool(value())))
    }

    /// The value of a field that follows the view.
    pub(crate) fn value(self, value: impl Fn() -> String + 'static) -> Self {
        self.property_boxed("value", Box::new(move || JsValue::from_str(&value())))
    }

    /// Set whenever it may have changed: the person changes properties too.
    #[inline(never)]
    fn property_boxed(self, name: &'static str, value: Box<dyn Fn() -> JsValue>) -> Self {
        let element = self.0.clone();
        follow(Box::new(move || Dom::set_property(&element, name, &value())));
        self
    }

    /// What a click does.
    pub(crate) fn click(self, act: impl Fn() + 'static) -> Self {
        self.on("click", Box::new(move |_| act()))
    }

    /// What the pointer's coming does, and its leaving. By the events of a mouse: a finger's
    /// come all at once, with its click.
    pub(crate) fn reached(self, act: impl Fn(bool) + 'static) -> Self {
        let act = Rc::new(act);
        let comes = Rc::clone(&act);
        self.on("mouseenter", Box::new(move |_| comes(true))).on("mouseleave", Box::new(move |_| act(false)))
    }

    /// What a click does, with its event.
    pub(crate) fn click_event(self, act: impl Fn(ev::MouseEvent) + 'static) -> Self {
        self.on("click", Box::new(move |event| act(event.unchecked_into())))
    }

    /// What a change of a field's value does.
    pub(crate) fn input(self, act: impl Fn(String) + 'static) -> Self {
        self.on("input", Box::new(move |event| act(event_target_value::<ev::Event>(event.unchecked_ref()))))
    }

    /// What sending a form does; the browser itself sends nothing.
    pub(crate) fn submit(self, act: impl Fn() + 'static) -> Self {
        self.on(
            "submit",
            Box::new(move |event| {
                event.unchecked_into::<ev::SubmitEvent>().prevent_default();
                act();
            }),
        )
    }

    #[inline(never)]
    fn on(self, event: &'static str, act: Box<dyn FnMut(Event)>) -> Self {
        let listener = Dom::add_event_listener(&self.0, event, act);
        on_cleanup(move || drop(listener));
        self
    }

    /// A child, after those it has.
    pub(crate) fn kid(self, kid: impl Into<Kid>) -> Self {
        if let Some(kid) = kid.into().0 { self.push(kid) } else { self }
    }

    /// Children, after those it has.
    pub(crate) fn kids(mut self, kids: impl IntoIterator<Item = impl Into<Part>>) -> Self {
        for kid in kids {
            self = self.push(kid.into());
        }
        self
    }

    #[inline(never)]
    fn push(self, kid: Part) -> Self {
        Dom::insert_node(&self.0, kid.node(), None);
        self
    }

    /// Opens a `dialog` over the page once it is there, and says when the person closes it.
    pub(crate) fn modal(self, closed: impl Fn() + 'static) -> Self {
        let dialog: Sheet = self.0.clone().unchecked_into();
        let open = dialog.clone();
        request_animation_frame(move || {
            // Refused only for one that left the page meanwhile.
            let _ = open.show_modal();
        });
        // Closed before it leaves: only so the keyboard goes back to where it was.
        let leaving = StoredValue::new_local(dialog);
        on_cleanup(move || leaving.try_with_value(Sheet::close).unwrap_or_default());
        self.on("close", Box::new(move |_| closed()))
    }

    /// What is in a field.
    pub(crate) fn typed(&self) -> String {
        self.0.unchecked_ref::<Field>().value()
    }

    /// Whether it has the keyboard focus.
    pub(crate) fn has_focus(&self) -> bool {
        document().active_element().as_ref() == Some(&self.0)
    }

    /// Gives it the keyboard focus.
    #[inline(never)]
    pub(crate) fn focus(&self) {
        // Refused only while it can't be seen; then nobody has the focus.
        let _ = self.0.unchecked_ref::<Focusable>().focus();
    }
}

impl From<El> for Part {
    fn from(element: El) -> Self {
        Self::of(element.0.into())
    }
}

/// What can stand inside an element; perhaps nothing.
pub(crate) struct Kid(Option<Part>);

impl From<Part> for Kid {
    fn from(part: Part) -> Self {
        Self(Some(part))
    }
}

impl From<El> for Kid {
    fn from(element: El) -> Self {
        Self(Some(element.into()))
    }
}

impl From<Text> for Kid {
    fn from(text: Text) -> Self {
        Self(Some(translated(text)))
    }
}

impl From<String> for Kid {
    fn from(words: String) -> Self {
        Self(Some(owned(words)))
    }
}

impl<K: Into<Kid>> From<Option<K>> for Kid {
    fn from(kid: Option<K>) -> Self {
        kid.map_or(Self(None), Into::into)
    }
}
