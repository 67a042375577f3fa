//! Lists of what comes.

/// Puts what comes into a list.
pub trait List: Iterator + Sized {
    /// One after the other. Collecting asks first how many may come, with code of its own for
    /// each way that leads there: 2 kB of the page for lists of a few things.
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
        for text in self {
            if !joined.is_empty() {
                joined.push_str(between);
            }
            joined.push_str(text.as_ref());
        }
        joined
    }
}

impl<Items: Iterator> List for Items {}
