//! `Accept-Encoding`, RFC 9110 section 12.5.3.

use axum::http::{HeaderMap, header};

/// A way to compress.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Encoding {
    /// `br`, RFC 7932.
    Brotli,
    /// `gzip`.
    Gzip,
}

impl Encoding {
    /// Best first, for equal wishes.
    pub(super) const ALL: [Self; 2] = [Self::Brotli, Self::Gzip];

    /// The content coding's name.
    pub(super) fn token(self) -> &'static str {
        match self {
            Self::Brotli => "br",
            Self::Gzip => "gzip",
        }
    }

    /// The end of the compressed copy's file name.
    pub(super) fn suffix(self) -> &'static str {
        match self {
            Self::Brotli => ".br",
            Self::Gzip => ".gz",
        }
    }
}

/// The encodings that the client takes, best first. Uncompressed comes after them: a
/// client that refuses even that (`identity;q=0`) gets it anyway rather than nothing.
pub(super) fn acceptable(headers: &HeaderMap) -> Vec<Encoding> {
    let wishes: Vec<(String, u16)> = headers
        .get_all(header::ACCEPT_ENCODING)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(wish)
        .collect();
    let weight = |token: &str| {
        let named = |name: &str| wishes.iter().find(|(token, _)| token == name).map(|(_, weight)| *weight);
        named(token).or_else(|| named("*")).unwrap_or(0)
    };
    let plain = wishes.iter().find(|(token, _)| token == "identity").map_or(0, |(_, weight)| *weight);
    let mut encodings: Vec<(Encoding, u16)> = Encoding::ALL
        .into_iter()
        .map(|encoding| (encoding, weight(encoding.token())))
        .filter(|(_, weight)| *weight > 0 && *weight >= plain)
        .collect();
    encodings.sort_by_key(|(_, weight)| std::cmp::Reverse(*weight));
    encodings.into_iter().map(|(encoding, _)| encoding).collect()
}

/// One wish as token and thousandths; `None` for what is not one.
fn wish(text: &str) -> Option<(String, u16)> {
    let mut parts = text.split(';').map(str::trim);
    let token = parts.next().filter(|token| !token.is_empty())?.to_ascii_lowercase();
    // `x-gzip` is an old name of the same, RFC 9110 section 8.4.1.3.
    let token = if token == "x-gzip" { "gzip".to_owned() } else { token };
    let weight = match parts.find_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q="))) {
        None => 1.0,
        Some(text) => text.parse::<f32>().ok().filter(|weight| (0.0..=1.0).contains(weight))?,
    };
    // In range by the check above.
    Some((token, (weight * 1000.0) as u16))
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderMap, HeaderValue, header};

    use super::{
        Encoding::{Brotli, Gzip},
        acceptable,
    };

    #[test]
    fn the_clients_wish_then_the_smaller() {
        for (wish, expected) in [
            ("", &[][..]),
            ("gzip, deflate, br, zstd", &[Brotli, Gzip]),
            ("gzip", &[Gzip]),
            ("br;q=0.5, gzip", &[Gzip, Brotli]),
            ("br;q=0, gzip;q=0.3", &[Gzip]),
            ("*", &[Brotli, Gzip]),
            ("*;q=0.2, br;q=0", &[Gzip]),
            ("BR", &[Brotli]),
            ("x-gzip", &[Gzip]),
            ("br;q=nonsense", &[]),
            ("identity, br;q=0.5", &[]),
            ("gzip;q=2", &[]),
            (";;,,;q=1", &[]),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static(wish));
            assert_eq!(acceptable(&headers), expected, "{wish}");
        }
        assert!(acceptable(&HeaderMap::new()).is_empty());
    }
}
