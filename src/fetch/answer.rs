//! One request, and what a server answers to it.

use ureq::http::{HeaderMap, StatusCode, header};
use ureq::{Agent, Body, BodyReader};

use super::failure::Failure;
use super::{Address, Limits, Scheme};
use crate::diagnostic::Diagnostic;

/// What is asked for.
#[derive(Debug, Clone, Default)]
pub(super) struct Wanted {
    /// The first byte that is wanted, if it is not the first of all.
    pub from: Option<u64>,
    /// By what the server can tell whether the rest belongs to the same file.
    pub validator: Option<String>,
}

/// What a server answered.
pub(super) struct Answer {
    /// What the body is.
    pub range: Range,
    /// The body's length, if the server says it.
    pub length: Option<u64>,
    /// Whether the end of the body is marked: an end without the mark is a cut connection.
    pub end_is_marked: bool,
    /// By what the server could tell later whether the rest belongs to the same file.
    pub validator: Option<String>,
    /// What may explain wrong bytes.
    pub remark: Option<String>,
    /// The bytes.
    pub body: BodyReader<'static>,
}

/// Which bytes an answer has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Range {
    /// All of the file.
    Whole,
    /// From the first to the last, of so many if that is known.
    Part {
        /// Counted from 0.
        first: u64,
        /// Counted from 0, included.
        last: u64,
        /// The length of the whole.
        total: Option<u64>,
    },
    /// Nothing that can be used: not what was asked for, or a range that does not exist.
    Useless,
}

/// Asks for a file, following redirects.
pub(super) fn ask(source: &Address, wanted: &Wanted, limits: &Limits) -> Result<Answer, Failure> {
    let mut passed = vec![source.clone()];
    let mut address = source.clone();
    loop {
        let response =
            request(&address, wanted, limits).map_err(|e| Failure::of(e, &address, limits))?;
        let (head, body) = response.into_parts();
        if !matches!(head.status.as_u16(), 301 | 302 | 303 | 307 | 308) {
            return read(&address, head.status, &head.headers, body, wanted);
        }
        address = redirected(&address, &head.headers)?;
        if passed.contains(&address) {
            return Err(circle(&passed, &address).into());
        }
        if passed.len() > limits.redirects {
            let message = format!(
                "{} redirects more than {} times",
                source.shown(),
                limits.redirects
            );
            return Err(Diagnostic::error("redirects", message).into());
        }
        passed.push(address.clone());
    }
}

fn request(
    address: &Address,
    wanted: &Wanted,
    limits: &Limits,
) -> Result<ureq::http::Response<Body>, ureq::Error> {
    let mut config = Agent::config_builder()
        .http_status_as_error(false)
        // Followed by us, who look at each.
        .max_redirects(0)
        .max_redirects_will_error(false)
        .timeout_resolve(Some(limits.connect))
        .timeout_connect(Some(limits.connect))
        .timeout_send_request(Some(limits.stall))
        .timeout_recv_response(Some(limits.stall))
        .timeout_per_read(Some(limits.stall))
        .timeout_per_write(Some(limits.stall))
        .accept_encoding("identity")
        .user_agent(concat!("trialbook/", env!("CARGO_PKG_VERSION")));
    if address.is_local() {
        // A proxy would look for it on its own machine.
        config = config.proxy(None);
    }
    let agent: Agent = config.build().into();
    let mut request = agent.get(address.url()).header(header::ACCEPT, "*/*");
    if let Some(from) = wanted.from {
        request = request.header(header::RANGE, format!("bytes={from}-"));
        if let Some(validator) = &wanted.validator {
            request = request.header(header::IF_RANGE, validator);
        }
    }
    request.call()
}

fn redirected(from: &Address, headers: &HeaderMap) -> Result<Address, Diagnostic> {
    let refused = |why: &str| {
        let message = format!("{} redirects, but {why}", from.shown());
        Diagnostic::error("redirects", message)
    };
    let to = headers
        .get(header::LOCATION)
        .ok_or_else(|| refused("does not say where to"))?;
    // An address may hold bytes that are no ASCII, which are encoded then.
    let to = String::from_utf8_lossy(to.as_bytes());
    let to = from.join(&to).map_err(|why| refused(&why))?;
    let why = match (from.scheme(), to.scheme()) {
        (Scheme::File, _) | (_, Scheme::File) => "to a file of this machine, which is refused",
        (Scheme::Https, Scheme::Http) => {
            "from https to http, where anyone on the way could read along, which is refused"
        }
        _ => return Ok(to),
    };
    Err(refused(why))
}

fn circle(passed: &[Address], back: &Address) -> Diagnostic {
    let way: Vec<String> = passed
        .iter()
        .skip_while(|a| *a != back)
        .chain([back])
        .map(Address::shown)
        .collect();
    let message = format!("the redirects go in a circle: {}", way.join(" → "));
    Diagnostic::error("redirects", message)
}

fn read(
    address: &Address,
    status: StatusCode,
    headers: &HeaderMap,
    body: Body,
    wanted: &Wanted,
) -> Result<Answer, Failure> {
    let range = match status.as_u16() {
        200 => Range::Whole,
        206 if wanted.from.is_some() => content_range(headers).unwrap_or(Range::Useless),
        416 if wanted.from.is_some() => Range::Useless,
        code => return Err(refusal(address, code)),
    };
    let text = |name| headers.get(name).and_then(|v| v.to_str().ok());
    Ok(Answer {
        range,
        length: body.content_length(),
        end_is_marked: body.content_length().is_some() || text(header::TRANSFER_ENCODING).is_some(),
        validator: validator(headers),
        remark: remark(text(header::CONTENT_ENCODING), text(header::CONTENT_TYPE)),
        body: body.into_reader(),
    })
}

/// A strong entity tag, else the time of the last change (RFC 9110, 13.1.5).
fn validator(headers: &HeaderMap) -> Option<String> {
    let text = |name| headers.get(name)?.to_str().ok();
    let strong = text(header::ETAG).filter(|t| t.starts_with('"') && t.ends_with('"'));
    strong
        .or_else(|| text(header::LAST_MODIFIED))
        .map(str::to_owned)
}

/// `bytes 5-9/10` or `bytes 5-9/*` (RFC 9110, 14.4).
fn content_range(headers: &HeaderMap) -> Option<Range> {
    let text = headers.get(header::CONTENT_RANGE)?.to_str().ok()?;
    let (range, total) = text.trim().strip_prefix("bytes ")?.split_once('/')?;
    let (first, last) = range.split_once('-')?;
    let first = first.trim().parse().ok()?;
    let last = last.trim().parse().ok()?;
    let total = match total.trim() {
        "*" => None,
        total => Some(total.parse().ok()?),
    };
    (first <= last && total.is_none_or(|t| last < t)).then_some(Range::Part { first, last, total })
}

fn remark(encoding: Option<&str>, kind: Option<&str>) -> Option<String> {
    let plain = |e: &&str| !e.eq_ignore_ascii_case("identity");
    if let Some(encoding) = encoding.filter(plain) {
        let encoding: String = encoding.chars().take(20).collect();
        return Some(format!(
            "it came encoded as {}, although that was not asked for",
            encoding.escape_debug()
        ));
    }
    let page = kind.is_some_and(|k| k.to_ascii_lowercase().starts_with("text/html"));
    page.then(|| {
        "what came is a web page: perhaps one to log in, or one with a link to the file".to_owned()
    })
}

fn refusal(address: &Address, code: u16) -> Failure {
    let status = StatusCode::from_u16(code).ok();
    let reason = status.and_then(|s| s.canonical_reason());
    let reason = reason.map(|r| format!(" {r}")).unwrap_or_default();
    let message = format!("{} answers {code}{reason}", address.shown());
    match code {
        429 | 500..=599 => Failure::Again(
            Diagnostic::machine("http-status", message)
                .help("the server has a problem; try again later"),
        ),
        401 | 403 | 407 => Failure::Final(
            Diagnostic::error("http-status", message).help("it does not give the file to everyone"),
        ),
        404 | 410 => Failure::Final(
            Diagnostic::error("http-status", message)
                .help("the file is not there; correct `source`"),
        ),
        _ => Failure::Final(Diagnostic::error("http-status", message)),
    }
}
