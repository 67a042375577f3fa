//! JSON as a tree, for whoever reads many shapes and must stay small.
//!
//! Serde makes code for each type and each way to read it. The page reads all shapes
//! from this one tree instead, which makes its download a tenth smaller.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

/// A JSON value, RFC 8259.
#[derive(Debug, Clone, PartialEq)]
pub enum Json {
    /// `null`, and numbers that are no count: nothing here is read from one.
    Nothing,
    /// `true` or `false`.
    Truth(bool),
    /// A whole number from 0.
    Count(u64),
    /// A string.
    Text(String),
    /// An array.
    List(Vec<Json>),
    /// An object's members, as they came.
    Members(Vec<(String, Json)>),
}

/// What is read from JSON by hand. The tests hold it equal to what serde reads.
pub trait Read: Sized {
    /// The value, unless the JSON is of another shape. Members that it does not know
    /// are a newer relay's and are left out.
    fn read(json: &Json) -> Option<Self>;
}

impl Json {
    /// Reads a text.
    ///
    /// # Errors
    ///
    /// Where and why it is no JSON.
    pub fn parse(text: &str) -> serde_json::Result<Self> {
        serde_json::from_str(text)
    }

    /// A number that another parser read: a count where it is one.
    pub fn number(value: f64) -> Self {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "compared afterwards")]
        let count = value as u64;
        #[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^53")]
        let whole = count as f64 == value;
        if whole { Self::Count(count) } else { Self::Nothing }
    }

    /// A member's value; nothing, too, for what has no members.
    pub fn member(&self, name: &str) -> &Json {
        let Self::Members(members) = self else { return &Self::Nothing };
        members.iter().find(|(own, _)| own == name).map_or(&Self::Nothing, |(_, value)| value)
    }

    /// A member, read.
    pub fn get<T: Read>(&self, name: &str) -> Option<T> {
        T::read(self.member(name))
    }

    /// The tag and the content of an enum: `"tag"`, or `{"tag": content}`.
    pub fn tagged(&self) -> Option<(&str, &Json)> {
        match self {
            Self::Text(tag) => Some((tag, &Self::Nothing)),
            Self::Members(members) => match members.as_slice() {
                [(tag, content)] => Some((tag, content)),
                _ => None,
            },
            Self::Nothing | Self::Truth(_) | Self::Count(_) | Self::List(_) => None,
        }
    }
}

impl Read for bool {
    fn read(json: &Json) -> Option<Self> {
        if let Json::Truth(value) = json { Some(*value) } else { None }
    }
}

impl Read for u64 {
    fn read(json: &Json) -> Option<Self> {
        if let Json::Count(value) = json { Some(*value) } else { None }
    }
}

impl Read for u32 {
    fn read(json: &Json) -> Option<Self> {
        u64::read(json)?.try_into().ok()
    }
}

impl Read for u16 {
    fn read(json: &Json) -> Option<Self> {
        u64::read(json)?.try_into().ok()
    }
}

impl Read for String {
    #[inline(never)]
    fn read(json: &Json) -> Option<Self> {
        if let Json::Text(value) = json { Some(value.clone()) } else { None }
    }
}

impl<T: Read> Read for Vec<T> {
    fn read(json: &Json) -> Option<Self> {
        let Json::List(values) = json else { return None };
        let mut read = Self::new();
        for value in values {
            read.push(T::read(value)?);
        }
        Some(read)
    }
}

/// What may be absent, or of a shape that only a newer relay knows.
impl<T: Read> Read for Option<T> {
    fn read(json: &Json) -> Option<Self> {
        Some(T::read(json))
    }
}

/// Shapes that are read member by member.
macro_rules! shapes {
    ($($shape:ident { $($member:ident),+ $(,)? })+) => {$(
        impl $crate::json::Read for $shape {
            fn read(json: &$crate::json::Json) -> Option<Self> {
                Some(Self { $($member: json.get(stringify!($member))?),+ })
            }
        }
    )+};
}
pub(crate) use shapes;

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Tree)
    }
}

struct Tree;

impl<'de> Visitor<'de> for Tree {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Json, E> {
        Ok(Json::Nothing)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Json, E> {
        Ok(Json::Truth(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Json, E> {
        Ok(Json::Count(value))
    }

    fn visit_i64<E>(self, _: i64) -> Result<Json, E> {
        Ok(Json::Nothing)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Json, E> {
        Ok(Json::Nothing)
    }

    fn visit_str<E>(self, value: &str) -> Result<Json, E> {
        Ok(Json::Text(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut values: A) -> Result<Json, A::Error> {
        let mut list = Vec::new();
        while let Some(value) = values.next_element()? {
            list.push(value);
        }
        Ok(Json::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Json, A::Error> {
        let mut members = Vec::new();
        while let Some(member) = entries.next_entry()? {
            members.push(member);
        }
        Ok(Json::Members(members))
    }
}
