//! Lists of what comes.

/// Puts what comes into a list.
pub trait List: Iterator + Sized {
    /// One after the other. Collecting asks first how many may come, with code of its own for
    /// each way that leads there, and here lists are of a few things.
    fn list(self) -> Vec<Self::Item> {
        let mut list = Vec::new();
        for item in self {
            list.push(item);
        }
        list
    }

    /// The texts that come, with something between them.
    fn joined(self, between: &str) -> String
    where
        Self::Item: AsRef<str>,
    {
        let mut joined = String::new();
        let mut before = "";
        for text in self {
            joined.push_str(before);
            joined.push_str(text.as_ref());
            before = between;
        }
        joined
    }
}

impl<Items: Iterator> List for Items {}

#[cfg(test)]
mod tests {
    use super::List as _;

    #[test]
    fn what_comes_is_kept_in_its_order() {
        assert_eq!((1..4).filter(|number| *number != 2).list(), [1, 3]);
        assert!(std::iter::empty::<u8>().list().is_empty());
    }

    #[test]
    fn something_stands_between_and_nowhere_else() {
        for texts in [&[][..], &["a"], &["", "b"], &["a", "b", ""]] {
            assert_eq!(texts.iter().joined(", "), texts.join(", "));
        }
    }
}
