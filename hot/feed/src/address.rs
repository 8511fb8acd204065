//! Where a node listens, as a recipe has it.

use std::path::PathBuf;

use tungstenite::http::Uri;

/// A way to a node.
#[derive(Clone, PartialEq, Eq)]
pub enum Address {
    /// WebSocket without TLS.
    WebSocket {
        /// The whole URL.
        url: String,
        /// Name or number.
        host: String,
        /// TCP port.
        port: u16,
    },
    /// A Unix socket on which every line is one JSON text.
    Ipc(PathBuf),
}

/// Why an address cannot be read natively.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unread {
    /// It needs TLS.
    Tls,
    /// No way of ours.
    Scheme,
    /// No URL, or one with a name and password in it.
    Url,
}

impl Unread {
    /// The name that crosses to Python.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Tls => "tls",
            Self::Scheme => "scheme",
            Self::Url => "url",
        }
    }
}

impl Address {
    /// Read `ws://…` or `ipc:PATH`.
    pub fn parse(text: &str) -> Result<Self, Unread> {
        if let Some(path) = text.strip_prefix("ipc:") {
            return if path.is_empty() { Err(Unread::Url) } else { Ok(Self::Ipc(PathBuf::from(path))) };
        }
        if text.starts_with("wss://") {
            return Err(Unread::Tls);
        }
        if !text.starts_with("ws://") {
            return Err(Unread::Scheme);
        }
        let uri: Uri = text.parse().map_err(|_| Unread::Url)?;
        let authority = uri.authority().ok_or(Unread::Url)?;
        if authority.as_str().contains('@') || authority.host().is_empty() {
            return Err(Unread::Url);
        }
        let host = authority.host().trim_start_matches('[').trim_end_matches(']').to_owned();
        Ok(Self::WebSocket { url: text.to_owned(), host, port: authority.port_u16().unwrap_or(80) })
    }
}

/// Without the address: hosted nodes have their keys in it.
impl std::fmt::Debug for Address {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(match self {
            Self::WebSocket { .. } => "Address::WebSocket(…)",
            Self::Ipc(_) => "Address::Ipc(…)",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_both_ways() {
        let read = |text: &str| match Address::parse(text) {
            Ok(Address::WebSocket { host, port, .. }) => (host, port),
            other => panic!("{other:?}"),
        };
        assert_eq!(read("ws://127.0.0.1:8900/key?a=b"), ("127.0.0.1".into(), 8900));
        assert_eq!(read("ws://localhost"), ("localhost".into(), 80));
        assert_eq!(read("ws://[::1]:8900"), ("::1".into(), 8900));
        assert_eq!(Address::parse("ipc:/a b/c"), Ok(Address::Ipc("/a b/c".into())));
    }

    #[test]
    fn says_why_not() {
        for (text, why) in [
            ("wss://node", Unread::Tls),
            ("http://node", Unread::Scheme),
            ("", Unread::Scheme),
            ("ipc:", Unread::Url),
            ("ws://", Unread::Url),
            ("ws://:80", Unread::Url),
            ("ws://user:word@node", Unread::Url),
            ("ws://no de", Unread::Url),
        ] {
            assert_eq!(Address::parse(text), Err(why), "{text}");
        }
    }

    #[test]
    fn is_not_shown() {
        assert!(!format!("{:?}", Address::parse("ws://node/secret")).contains("secret"));
    }
}
