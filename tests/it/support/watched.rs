//! Many damaged files read in child processes: a reader that takes its process with it is seen, and the rest goes on.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const FROM: &str = "WATCHED_FROM";
const TO: &str = "WATCHED_TO";
const NOTE: &str = "WATCHED_NOTE";

/// How many bytes of address space a worker may use.
const MEMORY: u64 = 6 << 30;

/// What became of the cases.
#[derive(Debug, Default)]
pub struct Cases {
    /// How many were run.
    pub run: u64,
    /// Those at which the process died.
    pub died: Vec<u64>,
}

/// Runs the cases `0..total` of the ignored test `worker` (its full name) until `time` is over. A worker that fails an
/// assertion fails the test; one that dies is noted, and the next begins after that case.
pub fn cases(worker: &str, total: u64, time: Duration) -> Cases {
    let folder = tempfile::tempdir().unwrap();
    let note = folder.path().join("note");
    let start = Instant::now();
    let mut cases = Cases::default();
    // Small pieces, so that the time is looked at now and then.
    while cases.run < total && start.elapsed() < time {
        let to = (cases.run + 500).min(total);
        let ended = Command::new(std::env::current_exe().unwrap())
            .args([
                "--exact",
                worker,
                "--ignored",
                "--nocapture",
                "--test-threads=1",
            ])
            .env(FROM, cases.run.to_string())
            .env(TO, to.to_string())
            .env(NOTE, &note)
            .env("RUST_BACKTRACE", "0")
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .output()
            .unwrap();
        let reached = fs::read_to_string(&note).unwrap_or_default();
        match ended.status.code() {
            Some(0) => {
                let out = String::from_utf8_lossy(&ended.stdout);
                assert!(out.contains("1 passed"), "there is no test {worker}: {out}");
                cases.run = to;
            }
            Some(code) => panic!(
                "case {reached} of {worker} failed ({code}): {}",
                String::from_utf8_lossy(&ended.stderr)
            ),
            None => {
                let died = reached.parse().unwrap();
                cases.died.push(died);
                cases.run = died + 1;
            }
        }
    }
    cases
}

/// The worker's side: runs its cases. Where nobody watches, it does nothing.
pub fn work(mut case: impl FnMut(u64)) {
    let number = |name: &str| std::env::var(name).ok().and_then(|v| v.parse::<u64>().ok());
    let (Some(from), Some(to)) = (number(FROM), number(TO)) else {
        return;
    };
    let note = PathBuf::from(std::env::var_os(NOTE).unwrap());
    #[cfg(unix)]
    rlimit::Resource::AS.set(MEMORY, MEMORY).unwrap();
    for i in from..to {
        fs::write(&note, i.to_string()).unwrap();
        case(i);
    }
}

/// Random numbers of a case: the same for the same case (splitmix64, Steele et al 2014).
#[derive(Debug)]
pub struct Random(u64);

impl Random {
    /// The numbers of a case.
    pub fn new(case: u64) -> Self {
        Self(case.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x7472_6961_6c62_6f6f)
    }

    /// The next number.
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `n`.
    pub fn below(&mut self, n: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(n.max(1)).unwrap()).unwrap()
    }

    /// A byte.
    pub fn byte(&mut self) -> u8 {
        self.next().to_le_bytes()[0]
    }

    /// `bytes` with something wrong: some bytes changed, bits flipped, a piece lost, doubled or filled with 0xff.
    pub fn damage(&mut self, mut bytes: Vec<u8>) -> Vec<u8> {
        for _ in 0..=self.below(5) {
            if bytes.is_empty() {
                break;
            }
            let at = self.below(bytes.len());
            let length = self.below(16).min(bytes.len() - at);
            match self.below(10) {
                0..=3 => bytes[at] = self.byte(),
                4..=6 => bytes[at] ^= 1 << self.below(8),
                7 => drop(bytes.drain(at..at + length)),
                8 => {
                    let piece = bytes[at..at + length].to_vec();
                    bytes.splice(at..at, piece);
                }
                _ => bytes[at..at + length].fill(0xff),
            }
        }
        if self.below(8) == 0 {
            bytes.truncate(self.below(bytes.len()));
        }
        bytes
    }
}
