//! A server that says what a test wants it to say, byte by byte.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

/// What came in.
#[derive(Debug, Clone)]
pub struct Request {
    /// How many came before.
    pub number: usize,
    /// The path and query.
    pub path: String,
    /// The headers, their names in lower case.
    pub headers: BTreeMap<String, String>,
}

impl Request {
    /// The first byte that is wanted.
    pub fn from(&self) -> Option<usize> {
        let range = self.headers.get("range")?;
        let from = range.strip_prefix("bytes=")?.strip_suffix('-')?;
        Some(from.parse().unwrap())
    }
}

/// A server on this machine until the test's process ends.
pub struct Server {
    /// `http://127.0.0.1:PORT`.
    pub base: String,
    requests: Arc<Mutex<Vec<Request>>>,
}

impl Server {
    /// A server whose connections, one request each, are answered so.
    pub fn new(answer: impl Fn(&Request, &mut TcpStream) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let requests = Arc::new(Mutex::new(Vec::new()));
        let (seen, answer) = (Arc::clone(&requests), Arc::new(answer));
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (seen, answer) = (Arc::clone(&seen), Arc::clone(&answer));
                thread::spawn(move || serve(stream, &seen, &*answer));
            }
        });
        Self { base, requests }
    }

    /// A server that gives these bytes to everyone.
    pub fn of(bytes: Vec<u8>) -> Self {
        Self::new(move |_, stream| send(stream, "200 OK", "", &bytes))
    }

    /// An address at the server.
    pub fn at(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    /// What came in so far.
    pub fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap().clone()
    }
}

/// The first byte of an encrypted connection.
const TLS_HANDSHAKE: u8 = 0x16;

fn serve(
    mut stream: TcpStream,
    seen: &Mutex<Vec<Request>>,
    answer: &dyn Fn(&Request, &mut TcpStream),
) {
    let mut first = [0];
    if stream.peek(&mut first).is_ok() && first == [TLS_HANDSHAKE] {
        // Answered with what is no TLS.
        raw(&mut stream, b"HTTP/1.1 400 Bad Request\r\n\r\n");
        return;
    }
    let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
    let first = lines.next().and_then(Result::ok).unwrap_or_default();
    let mut headers = BTreeMap::new();
    for line in lines.map_while(Result::ok).take_while(|l| !l.is_empty()) {
        if let Some((name, value)) = line.split_once(':') {
            headers.insert(name.to_lowercase(), value.trim().to_owned());
        }
    }
    let path = first.split(' ').nth(1).unwrap_or_default().to_owned();
    let request = {
        let mut seen = seen.lock().unwrap();
        let number = seen.len();
        let request = Request {
            number,
            path,
            headers,
        };
        seen.push(request.clone());
        request
    };
    answer(&request, &mut stream);
}

/// Sends a whole answer with its right length; `headers` end with a line break each. Whoever hangs up is let go.
pub fn send(stream: &mut TcpStream, status: &str, headers: &str, body: &[u8]) {
    let length = body.len();
    let head = format!("HTTP/1.1 {status}\r\nContent-Length: {length}\r\n{headers}\r\n");
    raw(stream, head.as_bytes());
    raw(stream, body);
}

/// Sends an answer as a server does that knows ranges and the file's tag.
pub fn send_range(request: &Request, stream: &mut TcpStream, tag: &str, bytes: &[u8]) {
    let tagged = format!("ETag: {tag}\r\n");
    let current = request.headers.get("if-range").is_none_or(|t| t == tag);
    match request.from() {
        Some(from) if current && from < bytes.len() => {
            let (last, total) = (bytes.len() - 1, bytes.len());
            let range = format!("Content-Range: bytes {from}-{last}/{total}\r\n{tagged}");
            send(stream, "206 Partial Content", &range, &bytes[from..]);
        }
        Some(_) if current => {
            let range = format!("Content-Range: bytes */{}\r\n", bytes.len());
            send(stream, "416 Range Not Satisfiable", &range, b"");
        }
        _ => send(stream, "200 OK", &tagged, bytes),
    }
}

/// Sends a whole file's head, but only the first bytes of it, and hangs up.
pub fn send_cut(stream: &mut TcpStream, tag: &str, bytes: &[u8], first: usize) {
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Length: {}\r\nETag: {tag}\r\n\r\n",
        bytes.len()
    );
    raw(stream, head.as_bytes());
    raw(stream, &bytes[..first]);
}

/// Sends bytes; who hangs up is let go.
pub fn raw(stream: &mut TcpStream, bytes: &[u8]) {
    let _ = stream.write_all(bytes).and_then(|()| stream.flush());
}
