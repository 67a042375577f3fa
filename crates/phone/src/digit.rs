//! A key of the telephone keypad.

/// A keypad digit: `0` to `9`, `*` or `#` (RFC 4733, section 3.2, events 0 to 11).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Digit(char);

impl Digit {
    /// All of them, in the keypad's own order.
    pub const KEYPAD: [Digit; 12] = [
        Digit('1'),
        Digit('2'),
        Digit('3'),
        Digit('4'),
        Digit('5'),
        Digit('6'),
        Digit('7'),
        Digit('8'),
        Digit('9'),
        Digit('*'),
        Digit('0'),
        Digit('#'),
    ];

    /// The digit that a character stands for.
    pub fn new(character: char) -> Option<Self> {
        matches!(character, '0'..='9' | '*' | '#').then_some(Self(character))
    }

    /// The character, as `insertDTMF` takes it.
    pub fn character(self) -> char {
        self.0
    }
}
