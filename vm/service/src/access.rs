//! Who may use a service.

use axum::http::header::{AUTHORIZATION, ORIGIN};
use axum::http::{HeaderMap, StatusCode};

use crate::http::ApiError;

/// Fewest characters of a token: less can be guessed.
const SHORTEST_TOKEN: usize = 16;

/// Who may use a service.
#[derive(Clone, Debug)]
pub enum Access {
    /// Everyone who reaches it, on the loopback address.
    Local,
    /// Everyone who reaches it, wherever it listens.
    Anyone,
    /// Who has one of these tokens.
    Tokens(Tokens),
}

/// Bearer tokens (RFC 6750). Only their hashes are kept.
#[derive(Clone, Debug)]
pub struct Tokens(Vec<blake3::Hash>);

/// Why a file holds no tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// There is none in it.
    #[error("no token in it: put one of at least {SHORTEST_TOKEN} characters on a line, such as `openssl rand -hex 32` gives")]
    None,
    /// One can be guessed.
    #[error("line {line}: a token of {got} characters, fewer than {SHORTEST_TOKEN}")]
    Short {
        /// Which line, from 1.
        line: usize,
        /// Its length.
        got: usize,
    },
    /// One cannot be sent in a header.
    #[error("line {line}: a token has letters, digits and punctuation only, without spaces")]
    Characters {
        /// Which line, from 1.
        line: usize,
    },
}

impl Tokens {
    /// Reads tokens, one to a line. Empty lines, and those that begin with #, say nothing.
    ///
    /// # Errors
    ///
    /// If there is none, or one that is too short or cannot be sent.
    pub fn parse(text: &str) -> Result<Self, TokenError> {
        let mut hashes = Vec::new();
        for (token, line) in text.lines().map(str::trim).zip(1..).filter(|(line, _)| !line.is_empty() && !line.starts_with('#')) {
            if token.len() < SHORTEST_TOKEN {
                return Err(TokenError::Short { line, got: token.len() });
            }
            if !token.bytes().all(|byte| byte.is_ascii_graphic()) {
                return Err(TokenError::Characters { line });
            }
            hashes.push(blake3::hash(token.as_bytes()));
        }
        if hashes.is_empty() { Err(TokenError::None) } else { Ok(Self(hashes)) }
    }

    /// Whether this is one of them. Takes the same time whichever it is, or how much of one it has:
    /// hashes are compared, all of them, and each in constant time.
    fn contain(&self, token: &str) -> bool {
        let hash = blake3::hash(token.as_bytes());
        self.0.iter().fold(false, |found, known| found | (*known == hash))
    }
}

impl Access {
    /// Checks a request's headers.
    pub(crate) fn check(&self, headers: &HeaderMap) -> Result<(), ApiError> {
        let tokens = match self {
            Self::Tokens(tokens) => tokens,
            // Any page that a browser on this machine shows can send requests here, but says so.
            Self::Local if headers.contains_key(ORIGIN) => {
                let message = "requests of web pages are not taken without a token: start the service with --token-file";
                return Err(ApiError::new(StatusCode::FORBIDDEN, "cross_origin", message));
            }
            Self::Local | Self::Anyone => return Ok(()),
        };
        let refused = |kind, message| Err(ApiError::new(StatusCode::UNAUTHORIZED, kind, message));
        let Some(header) = headers.get(AUTHORIZATION) else {
            return refused("no_token", "send the header \"Authorization: Bearer TOKEN\"");
        };
        let token = header.to_str().ok().and_then(|text| text.split_once(' ')).filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
        match token {
            Some((_, token)) if tokens.contain(token.trim()) => Ok(()),
            Some(_) => refused("wrong_token", "the token is none of this service's"),
            None => refused("no_token", "the header Authorization holds no bearer token: send \"Bearer TOKEN\""),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOKEN: &str = "0123456789abcdef";

    fn tokens() -> Access {
        Access::Tokens(Tokens::parse(&format!("# of today\n\n  {TOKEN} \nfedcba9876543210\n")).expect("tokens"))
    }

    fn kind(access: &Access, name: &'static str, value: &str) -> Option<&'static str> {
        let headers = HeaderMap::from_iter([(name.parse().expect("a name"), value.parse().expect("a value"))]);
        access.check(&headers).err().map(|error| error.kind())
    }

    #[test]
    fn a_token_of_the_file_is_taken_and_no_other() {
        for header in [&*format!("Bearer {TOKEN}"), "bearer fedcba9876543210"] {
            assert_eq!(kind(&tokens(), "authorization", header), None, "{header}");
        }
        let wrong = [("Bearer 0123456789abcdeg", "wrong_token"), ("Bearer", "no_token"), ("Basic 0123456789abcdef", "no_token")];
        for (header, expected) in wrong {
            assert_eq!(kind(&tokens(), "authorization", header), Some(expected), "{header}");
        }
        assert_eq!(kind(&tokens(), "x-token", TOKEN), Some("no_token"));
        let longer = format!("Bearer {TOKEN}0");
        assert_eq!(kind(&tokens(), "authorization", &longer), Some("wrong_token"));
    }

    #[test]
    fn web_pages_are_refused_where_no_token_is_asked_for() {
        assert_eq!(kind(&Access::Local, "origin", "https://example.org"), Some("cross_origin"));
        assert_eq!(kind(&Access::Anyone, "origin", "https://example.org"), None);
    }

    #[test]
    fn files_without_a_good_token_are_refused() {
        assert_eq!(Tokens::parse("# none\n\n").err(), Some(TokenError::None));
        assert_eq!(Tokens::parse("\nshort\n").err(), Some(TokenError::Short { line: 2, got: 5 }));
        assert_eq!(Tokens::parse("a token with spaces\n").err(), Some(TokenError::Characters { line: 1 }));
    }
}
