//! How the line of the call does: both levels, the quality in a word, and its figures.

use std::sync::Arc;

use leptos::prelude::*;
use phone::decimal::decimal;
use phone::line::{Figures, HISTORY, Proof, QualityView};
use phone::locale::Text;
use phone::view::{CallCard, TabView};
use phone::{t, text as words};

use super::el::{El, el, el_of, svg};
use super::icon::{self, icon_of};
use super::part::{group, keyed, text};
use crate::runtime::figures::{tenths, whole};
use crate::runtime::toggle::Toggle;
use crate::runtime::{Handle, them, you};

/// Tenths of the best and of the worst score, for the drawing's scale.
const BEST: u32 = 45;
const WORST: u32 = 10;

/// The row of the board; its room is kept while nothing is measured.
pub(crate) fn line(handle: Handle) -> El {
    let open = Toggle::off();
    let card = move |get: fn(&QualityView) -> Proof| {
        handle.view.read().active.as_ref().map(|card| get(&card.quality)).unwrap_or_default()
    };
    let grade = move || handle.view.read().active.as_ref().map(|card| card.quality.grade).unwrap_or_default();
    let still = move || {
        let view = handle.view.read();
        // Measured is where the call is, in the tab that is the phone.
        view.tab != TabView::Phone || !view.active.as_ref().is_some_and(CallCard::is_live)
    };
    let bars = el_of("span", "bars").set("aria-hidden", "true").kids([1, 2, 3, 4].map(|_| el("i")));
    let signal = el_of("button", "signal")
        .follow("data-grade", move || Some(words::grade(grade())))
        .state("aria-expanded", move || open.is_on())
        .click(move || open.flip())
        .kid(bars)
        .kid(el_of("span", "unseen").kid(t!("Line quality: ")))
        .kid(text(move || words::grade(grade())));
    let row = el_of("div", "line-row")
        .kid(side(t!("You"), move || card(|line| line.you)).kid(level(handle, you)))
        .kid(side(t!("Them"), move || card(|line| line.them)).kid(level(handle, them)))
        .kid(signal);
    let more = keyed(move || open.is_on(), move |open| group(open.then(|| figures(handle).into())));
    el_of("div", "line-part").flag("data-still", still).kid(row).kid(more)
}

/// Whether one side is heard.
fn side(name: Text, proof: impl Fn() -> Proof + Copy + 'static) -> El {
    let sign = move || match proof() {
        Proof::Awaited => (icon::WAIT, "awaited", t!("not heard yet")),
        Proof::Carries => (icon::CHECK, "carries", t!("heard")),
        Proof::Silent => (icon::ALERT, "silent", t!("silent")),
        Proof::Nothing => (icon::ALERT, "silent", t!("no sound")),
    };
    let label = el("span")
        .kid(icon_of(move || sign().0))
        .kid(name)
        .kid(el_of("span", "unseen").kid(text(move || sign().2)));
    el_of("p", "side").follow("data-proof", move || Some(sign().1)).kid(label)
}

/// A bar that follows a level.
pub(crate) fn level(handle: Handle, get: fn(u64) -> u64) -> El {
    let bar = |class| svg("rect").set("class", class).set("height", "4");
    svg("svg")
        .set("class", "level")
        .set("viewBox", "0 0 100 4")
        .set("preserveAspectRatio", "none")
        .set("aria-hidden", "true")
        .kid(bar("whole").set("width", "100"))
        .kid(bar("now").follow("width", move || Some(decimal(get(handle.levels.get())))))
}

/// The figures of the last second and the course of the last minute.
fn figures(handle: Handle) -> El {
    let row = |name: Text, get: fn(&Figures) -> String| {
        let figure = text(move || get(&now(handle)));
        group([el("dt").kid(name).into(), el("dd").kid(figure).into()])
    };
    let list = el_of("dl", "figures")
        .kid(row(t!("Estimated quality (MOS)"), |line| t!("{0} of 5").with(&[&tenths(line.mos)])))
        .kid(row(t!("Round trip"), |line| ms(line.sample.round_trip_ms)))
        .kid(row(t!("Jitter"), |line| ms(line.sample.jitter_ms)))
        .kid(row(t!("Lost"), |line| [&tenths(line.loss_permille), " %"].concat()))
        .kid(row(t!("Codec and path"), |line| {
            let or = |word: &Option<String>| word.clone().unwrap_or_else(|| "?".to_owned());
            [&or(&line.sample.codec), ", ", &or(&line.sample.path)].concat()
        }));
    let course = svg("svg")
        .set("class", "course")
        .set("viewBox", "0 0 60 35")
        .set("preserveAspectRatio", "none")
        .set("aria-hidden", "true")
        .kid(svg("polyline").follow("points", move || Some(points(&now(handle).history))));
    el_of("div", "line-more").kid(list).kid(course)
}

/// The figures, again each second.
fn now(handle: Handle) -> Arc<Figures> {
    handle.now.get();
    handle.figures()
}

/// The scores as a line that ends at the right.
fn points(history: &[u8]) -> String {
    let first = HISTORY.saturating_sub(history.len());
    let mut points = String::new();
    for (at, mos) in history.iter().enumerate() {
        let down = BEST.saturating_sub(u32::from(*mos).max(WORST));
        points.push_str(&[&decimal((first + at + 1) as u64), ",", &decimal(down), " "].concat());
    }
    points
}

fn ms(value: Option<u32>) -> String {
    value.map_or_else(|| "?".to_owned(), |value| [&*whole(value.into()), " ms"].concat())
}
