//! What goes wrong with a server, in words.

use std::io::ErrorKind;

use ureq::{Error, Timeout};

use super::{Address, Limits};
use crate::diagnostic::Diagnostic;

/// Why an attempt failed.
#[derive(Debug)]
pub(super) enum Failure {
    /// The next attempt may go better.
    Again(Diagnostic),
    /// No attempt would go better.
    Final(Diagnostic),
}

impl From<Diagnostic> for Failure {
    fn from(diagnostic: Diagnostic) -> Self {
        Self::Final(diagnostic)
    }
}

impl Failure {
    /// What went wrong with a request or its answer.
    pub fn of(error: Error, address: &Address, limits: &Limits) -> Self {
        let place = address.shown();
        let network = |what: String| Diagnostic::machine("network", what);
        match error {
            Error::HostNotFound => Self::Final(
                network(format!("the host of {place} is not known"))
                    .help("check the address, and that this machine is connected to the network"),
            ),
            Error::Timeout(Timeout::Connect | Timeout::Resolve) => Self::Again(network(format!(
                "{place} can't be reached: no connection after {}",
                seconds(limits.connect)
            ))),
            Error::Timeout(_) => Self::Again(network(format!(
                "{place} fell silent: nothing came for {}",
                seconds(limits.stall)
            ))),
            Error::Io(e) if e.kind() == ErrorKind::ConnectionRefused => Self::Final(
                network(format!(
                    "{place} can't be reached: the connection is refused"
                ))
                .help("check the address, and whether its server runs"),
            ),
            // What comes out of an encrypted connection that can't be trusted.
            Error::Io(e) if e.kind() == ErrorKind::InvalidData => {
                Self::Final(tls(&place, &e.to_string()))
            }
            Error::Io(e) if is_cut(e.kind()) => {
                Self::Again(network(format!("the connection to {place} was cut: {e}")))
            }
            // Among them: a name that no server has, a network that is not there.
            Error::Io(e) => Self::Final(
                network(format!("{place} can't be reached: {e}"))
                    .help("check the address, and that this machine is connected to the network"),
            ),
            Error::Rustls(e) => Self::Final(tls(&place, &e.to_string())),
            Error::Tls(what) => Self::Final(tls(&place, what)),
            Error::Pem(e) => Self::Final(tls(&place, &format!("{e:?}"))),
            Error::LargeResponseHeader(_, most) => Self::Final(answer(
                &place,
                &format!("its headers have more than {most} bytes"),
            )),
            Error::Protocol(e) => Self::Final(answer(&place, &e.to_string())),
            Error::Http(e) => Self::Final(answer(&place, &e.to_string())),
            Error::InvalidProxyUrl | Error::ConnectProxyFailed(_) => Self::Final(
                network(format!("{place} can't be reached through the proxy"))
                    .help("look at the variables HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY"),
            ),
            Error::ConnectionFailed => Self::Final(network(format!("{place} can't be reached"))),
            Error::BadUri(_) => Self::Final(Diagnostic::error(
                "bad-url",
                format!("{place} is no address"),
            )),
            other => Self::Final(network(format!("{place} can't be fetched: {other}"))),
        }
    }
}

/// Whether an error says that a connection was there, and is no more.
fn is_cut(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::ConnectionReset
            | ErrorKind::ConnectionAborted
            | ErrorKind::BrokenPipe
            | ErrorKind::UnexpectedEof
            | ErrorKind::NotConnected
            | ErrorKind::WriteZero
            | ErrorKind::TimedOut
            | ErrorKind::WouldBlock
    )
}

fn seconds(time: std::time::Duration) -> String {
    format!("{} s", time.as_secs_f64())
}

fn tls(place: &str, what: &str) -> Diagnostic {
    let message = format!("no safe connection to {place} (TLS): {what}");
    Diagnostic::machine("tls", message)
        .help("its certificate may be wrong, or something between here and there reads along")
}

fn answer(place: &str, what: &str) -> Diagnostic {
    Diagnostic::machine(
        "bad-answer",
        format!("{place} answers what can't be understood: {what}"),
    )
}
