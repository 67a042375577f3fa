//! The keypad digits that were sent to the far end.

use leptos::prelude::*;
use phone::digit::Digit;

/// Bits for each digit: its place on the keypad, from one on.
const BITS: u32 = 4;

/// All of these bits.
const DIGIT: u64 = (1 << BITS) - 1;

/// How many digits one number holds; they fit the line where they are shown.
const MOST: u32 = u64::BITS / BITS;

/// The digits sent last. They are in one number, the first of them highest, since the page has
/// signals of numbers.
#[derive(Clone, Copy)]
pub(crate) struct Sent {
    digits: ReadSignal<u64>,
    set: WriteSignal<u64>,
}

impl Sent {
    /// None so far.
    pub(crate) fn nothing() -> Self {
        let (digits, set) = signal(0);
        Self { digits, set }
    }

    /// One more.
    pub(crate) fn add(self, digit: Digit) {
        let place = Digit::KEYPAD.iter().position(|known| *known == digit).unwrap_or_default() + 1;
        self.set.set(self.digits.get_untracked() << BITS | place as u64);
    }

    /// As they are shown.
    pub(crate) fn text(self) -> String {
        let digits = self.digits.get();
        let place = |at: u32| (digits >> (at * BITS) & DIGIT) as usize;
        let shown = (0..MOST).rev().filter_map(|at| Digit::KEYPAD.get(place(at).checked_sub(1)?));
        shown.map(|digit| digit.character()).collect()
    }
}

#[cfg(test)]
mod tests {
    use leptos::prelude::Owner;
    use phone::digit::Digit;
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::Sent;

    #[wasm_bindgen_test]
    fn the_last_sixteen_are_shown_in_their_order() {
        Owner::new().with(|| {
            let sent = Sent::nothing();
            assert_eq!(sent.text(), "");
            "12#*0".chars().filter_map(Digit::new).for_each(|digit| sent.add(digit));
            assert_eq!(sent.text(), "12#*0");
            "1234567890123456".chars().filter_map(Digit::new).for_each(|digit| sent.add(digit));
            assert_eq!(sent.text(), "1234567890123456");
        });
    }
}
