//! Session descriptions in the shape that Meta sends, and the check of those
//! that a business sends.
//!
//! str0m negotiates; the text that leaves is written here from the few values
//! that str0m chose, because its own text looks like a browser's. What arrives
//! is checked first, then rewritten into what str0m's parser needs.

mod check;
mod shape;

pub(crate) use check::{Role, SdpFault, check};
pub(crate) use shape::{META_MID, Shape, for_callee, for_caller, negotiated, write};
