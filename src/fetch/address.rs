//! Addresses of files, as far as fetching needs them (RFC 3986).

use std::fmt::Write as _;
use std::path::PathBuf;

/// How a file is got.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    /// Over the network, encrypted.
    Https,
    /// Over the network.
    Http,
    /// From this machine.
    File,
}

impl Scheme {
    fn word(self) -> &'static str {
        match self {
            Self::Https => "https",
            Self::Http => "http",
            Self::File => "file",
        }
    }
}

/// An absolute address without user name, password and fragment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    scheme: Scheme,
    /// Host and port in lower case.
    authority: String,
    /// From its first slash on.
    path: String,
    query: Option<String>,
}

impl Address {
    /// Reads an absolute address; the error says what is wrong with it, and repeats nothing that may be secret.
    pub fn parse(text: &str) -> Result<Self, String> {
        let (scheme, rest) = text
            .split_once("://")
            .ok_or("its address has no scheme such as `https://`")?;
        let scheme = match scheme.to_ascii_lowercase().as_str() {
            "https" => Scheme::Https,
            "http" => Scheme::Http,
            "file" => Scheme::File,
            _ => return Err("its address is neither https, http nor file".to_owned()),
        };
        let rest = rest.split('#').next().unwrap_or_default();
        let end = rest.find(['/', '?']).unwrap_or(rest.len());
        let (authority, rest) = rest.split_at(end);
        check_authority(scheme, authority)?;
        let (path, query) = halves(rest);
        Ok(Self {
            scheme,
            authority: authority.to_ascii_lowercase(),
            path: without_dots(&encoded(if path.is_empty() { "/" } else { path })),
            query: query.map(encoded),
        })
    }

    /// The address that a reference found there means (RFC 3986, 5.2).
    pub fn join(&self, reference: &str) -> Result<Self, String> {
        let reference = reference.trim().split('#').next().unwrap_or_default();
        if has_scheme(reference) {
            return Self::parse(reference);
        }
        if reference.starts_with("//") {
            return Self::parse(&format!("{}:{reference}", self.scheme.word()));
        }
        let (path, query) = halves(reference);
        let merged = if path.is_empty() {
            self.path.clone()
        } else if path.starts_with('/') {
            path.to_owned()
        } else {
            let folder = self.path.rfind('/').map_or("/", |i| &self.path[..=i]);
            format!("{folder}{path}")
        };
        let query = match (path.is_empty(), query) {
            (true, None) => self.query.clone(),
            (_, query) => query.map(encoded),
        };
        Ok(Self {
            scheme: self.scheme,
            authority: self.authority.clone(),
            path: without_dots(&encoded(&merged)),
            query,
        })
    }

    /// How it is got.
    pub fn scheme(&self) -> Scheme {
        self.scheme
    }

    /// The whole address, for a request.
    pub fn url(&self) -> String {
        match &self.query {
            Some(query) => format!("{}?{query}", self.without_query()),
            None => self.without_query(),
        }
    }

    /// The address for people: what may be a secret key in its query is left out.
    pub fn shown(&self) -> String {
        match &self.query {
            Some(_) => format!("{}?…", self.without_query()),
            None => self.without_query(),
        }
    }

    fn without_query(&self) -> String {
        format!("{}://{}{}", self.scheme.word(), self.authority, self.path)
    }

    /// Whether it is on this machine.
    pub fn is_local(&self) -> bool {
        let host = match self.authority.strip_prefix('[') {
            Some(rest) => rest.split(']').next().unwrap_or_default(),
            None => self.authority.split(':').next().unwrap_or_default(),
        };
        matches!(host, "localhost" | "::1") || host.starts_with("127.")
    }

    /// The file of a `file` address; none where its escapes are no UTF-8 or hold a NUL.
    pub fn file(&self) -> Option<PathBuf> {
        let mut bytes = Vec::with_capacity(self.path.len());
        let mut rest = self.path.bytes();
        while let Some(byte) = rest.next() {
            if byte != b'%' {
                bytes.push(byte);
                continue;
            }
            let mut digit = || char::from(rest.next()?).to_digit(16);
            let value = digit()? * 16 + digit()?;
            bytes.push(u8::try_from(value).ok().filter(|b| *b != 0)?);
        }
        String::from_utf8(bytes).ok().map(PathBuf::from)
    }
}

/// Whether a text holds a user name or a password where an address has them.
pub(super) fn has_credentials(authority: &str) -> bool {
    authority.contains('@')
}

fn check_authority(scheme: Scheme, authority: &str) -> Result<(), String> {
    if has_credentials(authority) {
        return Err("its address holds a user name or a password".to_owned());
    }
    if scheme == Scheme::File {
        return match authority {
            "" | "localhost" => Ok(()),
            _ => Err("a `file` address has three slashes: file:///folder/file".to_owned()),
        };
    }
    let (host, port) = match authority.rfind(':') {
        Some(i) if !authority.ends_with(']') => (&authority[..i], Some(&authority[i + 1..])),
        _ => (authority, None),
    };
    let word = |c: char| c.is_ascii_alphanumeric() || "-._~[]:%".contains(c);
    if host.is_empty() || !host.chars().all(word) {
        return Err("its address names no host".to_owned());
    }
    if port.is_some_and(|p| p.parse::<u16>().is_err()) {
        return Err("the port in its address is no number up to 65535".to_owned());
    }
    Ok(())
}

fn has_scheme(reference: &str) -> bool {
    let Some((scheme, _)) = reference.split_once(':') else {
        return false;
    };
    scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))
}

fn halves(text: &str) -> (&str, Option<&str>) {
    match text.split_once('?') {
        Some((path, query)) => (path, Some(query)),
        None => (text, None),
    }
}

/// The text with what an address can't have percent-encoded.
fn encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_graphic() && !b"\"<>\\^`{|}".contains(&byte) {
            out.push(char::from(byte));
        } else {
            // Writing to a text can't fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

/// The path without `.` and `..` (RFC 3986, 5.2.4).
fn without_dots(path: &str) -> String {
    let parts: Vec<&str> = path.split('/').skip(1).collect();
    let mut kept: Vec<&str> = Vec::with_capacity(parts.len());
    for (i, part) in parts.iter().enumerate() {
        let last = i + 1 == parts.len();
        match *part {
            "." | ".." => {
                if *part == ".." {
                    kept.pop();
                }
                if last {
                    kept.push("");
                }
            }
            part => kept.push(part),
        }
    }
    format!("/{}", kept.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_resolved_as_the_standard_has_it() {
        let base = Address::parse("http://a/b/c/d;p?q").unwrap();
        // RFC 3986, 5.4: normal and abnormal examples.
        let cases = [
            ("g", "http://a/b/c/g"),
            ("./g", "http://a/b/c/g"),
            ("g/", "http://a/b/c/g/"),
            ("/g", "http://a/g"),
            ("//g", "http://g/"),
            ("?y", "http://a/b/c/d;p?y"),
            ("g?y", "http://a/b/c/g?y"),
            ("#s", "http://a/b/c/d;p?q"),
            ("g#s", "http://a/b/c/g"),
            (";x", "http://a/b/c/;x"),
            ("", "http://a/b/c/d;p?q"),
            (".", "http://a/b/c/"),
            ("./", "http://a/b/c/"),
            ("..", "http://a/b/"),
            ("../g", "http://a/b/g"),
            ("../..", "http://a/"),
            ("../../../g", "http://a/g"),
            ("/../g", "http://a/g"),
            ("g;x=1/../y", "http://a/b/c/y"),
            ("a b", "http://a/b/c/a%20b"),
            ("https://other:8080/x", "https://other:8080/x"),
        ];
        for (reference, wanted) in cases {
            assert_eq!(base.join(reference).unwrap().url(), wanted, "{reference}");
        }
    }

    #[test]
    fn what_is_no_address_is_refused_without_repeating_it() {
        for text in [
            "ftp://a/b",
            "https:///b",
            "https://user:secret@a/b",
            "https://a:99999/b",
            "https://a:/b",
            "data.csv",
            "file://server/b",
            "https://a b/",
        ] {
            let why = Address::parse(text).unwrap_err();
            assert!(!why.contains("secret") && !why.is_empty(), "{why}");
        }
        let base = Address::parse("https://a/b").unwrap();
        for reference in ["javascript:alert(1)", "//u:p@a/b", "file:", "data:,x"] {
            assert!(base.join(reference).is_err(), "{reference}");
        }
    }

    #[test]
    fn a_query_is_not_shown() {
        let address = Address::parse("https://Host.example/f.csv?token=abc#x").unwrap();
        assert_eq!(address.url(), "https://host.example/f.csv?token=abc");
        assert_eq!(address.shown(), "https://host.example/f.csv?…");
    }

    #[test]
    fn file_addresses_are_decoded() {
        let file = |text: &str| Address::parse(text).unwrap().file();
        assert_eq!(
            file("file:///a/b%20c.csv"),
            Some(PathBuf::from("/a/b c.csv"))
        );
        assert_eq!(file("file://localhost/%C3%A9"), Some(PathBuf::from("/é")));
        assert_eq!(file("file:///a%00b"), None);
        assert_eq!(file("file:///a%zz"), None);
        assert_eq!(file("file:///a%2"), None);
    }

    #[test]
    fn this_machine_is_recognised() {
        for text in [
            "http://localhost:80/",
            "http://127.0.0.1/",
            "http://[::1]:8/",
        ] {
            assert!(Address::parse(text).unwrap().is_local(), "{text}");
        }
        assert!(
            !Address::parse("http://localhost.example/")
                .unwrap()
                .is_local()
        );
    }
}
