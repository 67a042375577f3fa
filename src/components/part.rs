//! Parts of the page that come, change and go.

#[cfg(test)]
mod tests;

use leptos::prelude::*;
use leptos::tachys::renderer::dom::{Dom, Node};
use phone::locale::Text;

use super::el::{El, Words, follow};

/// Something that is put into the page: an element, a text, or several of both.
pub(crate) struct Part(Node);

impl Part {
    /// What is one node, or holds several.
    pub(super) fn of(node: Node) -> Self {
        Self(node)
    }

    /// The node; it holds nothing any more once it was put somewhere and held several.
    pub(super) fn node(&self) -> &Node {
        &self.0
    }

    /// Puts it at the end of the document.
    pub(crate) fn mount(self) {
        if let Some(body) = document().body() {
            Dom::insert_node(&body, &self.0, None);
        }
    }
}

/// Nothing.
pub(crate) fn none() -> Part {
    group([])
}

/// Several parts, one after the other.
pub(crate) fn group(parts: impl IntoIterator<Item = Part>) -> Part {
    let holder: Node = document().create_document_fragment().into();
    for part in parts {
        insert(&holder, part, None);
    }
    Part(holder)
}

/// A text that stays as it is.
#[inline(never)]
pub(crate) fn fixed(words: &str) -> Part {
    Part(Dom::create_text_node(words).into())
}

/// A text of the page.
#[inline(never)]
pub(crate) fn translated(text: Text) -> Part {
    fixed(&text)
}

/// A text that was made and stays as it is.
#[inline(never)]
pub(crate) fn owned(words: String) -> Part {
    fixed(&words)
}

/// A text that follows the view.
pub(crate) fn text<W: Into<Words>>(words: impl Fn() -> W + 'static) -> Part {
    text_boxed(Box::new(move || words().into()))
}

#[inline(never)]
fn text_boxed(words: Box<dyn Fn() -> Words>) -> Part {
    let text = Dom::create_text_node("");
    let part = Part(text.clone().into());
    let mut before = Words::default();
    follow(Box::new(move || {
        let now = words();
        if before != now {
            Dom::set_text(&text, &now);
            before = now;
        }
    }));
    part
}

/// A part that is made anew whenever `key` comes out differently, and then only.
pub(crate) fn keyed<K: PartialEq + 'static, P: Into<Part>>(
    key: impl Fn() -> K + 'static,
    make: impl Fn(&K) -> P + 'static,
) -> Part {
    changing(Box::new(Keyed { shown: None, key, make: move |key: &K| make(key).into() }))
}

/// What a part is made from. One trait object and not code for each kind of key.
trait Source {
    /// Whether the part has to be made anew.
    fn has_changed(&mut self) -> bool;
    fn make(&self) -> Part;
}

struct Keyed<K, Key, Make> {
    shown: Option<K>,
    key: Key,
    make: Make,
}

impl<K: PartialEq, Key: Fn() -> K, Make: Fn(&K) -> Part> Source for Keyed<K, Key, Make> {
    fn has_changed(&mut self) -> bool {
        let now = Some((self.key)());
        let has_changed = self.shown != now;
        self.shown = now;
        has_changed
    }

    fn make(&self) -> Part {
        self.shown.as_ref().map_or_else(none, &self.make)
    }
}

#[inline(never)]
fn changing(mut source: Box<dyn Source>) -> Part {
    let place = Place::new();
    let part = place.part();
    let owner = Owner::new();
    follow(Box::new(move || {
        if source.has_changed() {
            place.fill(&owner, &|| source.make());
        }
    }));
    part
}

/// One element for each key, in the keys' order. An element stays the same, with all
/// that the person did to it, for as long as its key is there.
pub(crate) fn each(keys: impl Fn() -> Vec<String> + 'static, make: impl Fn(&str) -> El + 'static) -> Part {
    each_boxed(Box::new(keys), Box::new(make))
}

#[inline(never)]
fn each_boxed(keys: Box<dyn Fn() -> Vec<String>>, make: Box<dyn Fn(&str) -> El>) -> Part {
    let place = Place::new();
    let part = place.part();
    let owner = Owner::new();
    let mut shown: Vec<(String, Item)> = Vec::new();
    follow(Box::new(move || {
        let mut before = std::mem::take(&mut shown);
        for key in keys() {
            let item = match before.iter().position(|(old, _)| *old == key) {
                Some(index) => before.swap_remove(index).1,
                None => Item::new(&owner, &|| make(&key)),
            };
            shown.push((key, item));
        }
        for (_, gone) in &before {
            gone.remove();
        }
        if shown.is_empty() {
            // It remembers every item it ever had until then.
            owner.cleanup();
        }
        place.arrange(shown.iter().map(|(_, item)| item));
    }));
    part
}

/// One element of a list, with the owner of what it is made of.
struct Item {
    owner: Owner,
    node: Node,
}

impl Item {
    #[inline(never)]
    fn new(list: &Owner, make: &dyn Fn() -> El) -> Self {
        let owner = list.child();
        let part: Part = owner.with(|| untrack(make)).into();
        Self { owner, node: part.0 }
    }

    fn remove(&self) {
        self.owner.cleanup();
        Dom::remove(&self.node);
    }
}

/// A place in the page between two marks (texts without a letter).
struct Place {
    start: Node,
    end: Node,
}

impl Place {
    fn new() -> Self {
        let mark = || Dom::create_text_node("").into();
        Self { start: mark(), end: mark() }
    }

    fn part(&self) -> Part {
        group([Part(self.start.clone()), Part(self.end.clone())])
    }

    /// Puts a fresh part in the place of what was there.
    #[inline(never)]
    fn fill(&self, owner: &Owner, make: &dyn Fn() -> Part) {
        owner.cleanup();
        while let Some(old) = self.start.next_sibling().filter(|node| *node != self.end) {
            Dom::remove(&old);
        }
        let part = owner.with(|| untrack(make));
        if let Some(parent) = self.end.parent_node() {
            insert(&parent, part, Some(&self.end));
        }
    }

    /// Puts the elements in order. One that is in its place is not touched: moving it
    /// would take the focus from it.
    fn arrange<'item>(&self, items: impl Iterator<Item = &'item Item>) {
        let Some(parent) = self.end.parent_node() else { return };
        let mut here = self.start.next_sibling();
        for Item { node, .. } in items {
            if here.as_ref() == Some(node) {
                here = node.next_sibling();
            } else {
                insert(&parent, Part(node.clone()), here.as_ref());
            }
        }
    }
}

fn insert(parent: &Node, part: Part, before: Option<&Node>) {
    // Refused only for a part that holds the parent itself.
    let _ = parent.insert_before(&part.0, before);
}
