//! Work in a child process that its parent watches.
//!
//! An allocation that fails, a stack that overflows or a system that takes memory back ends a process at once, and a
//! template that never ends keeps it busy for ever: no code of that process can turn it into a diagnostic. So the
//! program starts itself once more as a worker, which does the work under limits and notes in a file what it is about;
//! if it dies, the parent says what it was about.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, ExitStatus, Stdio};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::activity::{self, Change};
use crate::diagnostic::Diagnostic;

/// Names the worker's folder; only the parent sets it.
const FOLDER: &str = "TRIALBOOK_WORKER";
/// Where the worker notes its activities, below that folder.
const ACTIVITIES: &str = "activities";
/// What the worker notes when its time is over.
const TIME_OVER: &str = "! time over";

/// The status of a Rust program that panicked.
const PANICKED: i32 = 101;

/// What a worker may use.
#[derive(Debug, Clone, Copy, Default)]
pub struct Limits {
    /// Bytes of address space; as much as there is, if none.
    pub memory: Option<u64>,
    /// Time on the clock; as long as it takes, if none.
    pub time: Option<Duration>,
}

/// How the work came out.
#[derive(Debug)]
pub enum Watched {
    /// The worker said how: its exit status.
    Done(ExitCode),
    /// It died.
    Died(Diagnostic),
    /// There is no worker, or this is the worker: do the work here.
    Here,
}

/// Does the work of `arguments` (the program's name first) in a worker, unless this process is one.
pub fn supervise(arguments: &[OsString], limits: &Limits) -> Watched {
    if let Some(folder) = std::env::var_os(FOLDER) {
        become_worker(Path::new(&folder), limits);
        return Watched::Here;
    }
    let Ok(folder) = tempfile::Builder::new().prefix("trialbook-").tempdir() else {
        return Watched::Here;
    };
    match run_worker(arguments, folder.path()) {
        Ok(status) => outcome(status, folder.path(), limits),
        // Where no process can be started, the work is done without a guard.
        Err(_) => Watched::Here,
    }
}

fn run_worker(arguments: &[OsString], folder: &Path) -> std::io::Result<ExitStatus> {
    let scratch = folder.join("tmp");
    fs::create_dir(&scratch)?;
    let mut command = Command::new(own_program()?);
    #[cfg(unix)]
    if let Some(name) = arguments.first() {
        use std::os::unix::process::CommandExt as _;
        // So that a list of processes shows it by its name.
        command.arg0(name);
    }
    let mut child = command
        .args(arguments.get(1..).unwrap_or_default())
        .env(FOLDER, folder)
        .env("TMPDIR", scratch)
        .stdin(Stdio::piped())
        .spawn()?;
    // Held open until the worker is done: its end tells the worker that nobody watches any more.
    let _held = child.stdin.take();
    child.wait()
}

/// This very program, also where its file has been replaced since it was started.
fn own_program() -> std::io::Result<PathBuf> {
    let linux = Path::new("/proc/self/exe");
    if linux.exists() {
        return Ok(linux.to_owned());
    }
    std::env::current_exe()
}

fn outcome(status: ExitStatus, folder: &Path, limits: &Limits) -> Watched {
    let notes = fs::read(folder.join(ACTIVITIES)).unwrap_or_default();
    let (open, time_over) = replay(&String::from_utf8_lossy(&notes));
    let doing = match open.last() {
        Some(what) => format!("while {what}"),
        None => "before it had begun".to_owned(),
    };
    if time_over {
        let seconds = limits.time.unwrap_or_default().as_secs();
        let message = format!("the work was stopped after {seconds} s, {doing}");
        return Watched::Died(
            Diagnostic::error("time-over", message)
                .help("it may never end; `--max-time` gives it more time"),
        );
    }
    match status.code() {
        Some(PANICKED) => Watched::Died(
            Diagnostic::error("died", format!("the program gave up {doing}"))
                .help("what it read then is too large, or made to do harm")
                .help("if it is neither, this is a mistake in trialbook, please report it"),
        ),
        Some(code) => Watched::Done(ExitCode::from(u8::try_from(code).unwrap_or(3))),
        None => Watched::Died(died(status, &doing, limits)),
    }
}

fn died(status: ExitStatus, doing: &str, limits: &Limits) -> Diagnostic {
    let (number, cause) = signal(status);
    let message = format!("the program died {doing}: {cause} (signal {number})");
    // What asks a process to end, or the system that takes memory back, is not the input's fault.
    let diagnostic = if matches!(number, 1 | 2 | 9 | 15) {
        Diagnostic::machine("died", message)
    } else {
        Diagnostic::error("died", message)
            .help("what it read then is damaged, too large, or made to do harm")
    };
    match limits.memory {
        Some(bytes) => diagnostic.help(format!(
            "it could use {} MiB of memory; `--max-memory` gives it more",
            bytes >> 20
        )),
        None => diagnostic,
    }
}

#[cfg(unix)]
fn signal(status: ExitStatus) -> (i32, &'static str) {
    use std::os::unix::process::ExitStatusExt as _;
    let number = status.signal().unwrap_or_default();
    let cause = match number {
        1 | 2 | 15 => "it was told to end",
        6 => "it wanted more memory than there is, or its stack was too deep",
        9 => "it was killed, perhaps by the system for want of memory",
        7 | 11 => "it reached for memory that is not its own",
        _ => "it was ended from outside",
    };
    (number, cause)
}

#[cfg(not(unix))]
fn signal(_: ExitStatus) -> (i32, &'static str) {
    (0, "it was ended from outside")
}

/// The activities that were begun and not ended, in order, and whether time was over.
fn replay(notes: &str) -> (Vec<String>, bool) {
    let mut open: Vec<String> = Vec::new();
    let mut time_over = false;
    for line in notes.lines() {
        if line == TIME_OVER {
            time_over = true;
        } else if let Some(what) = line.strip_prefix("+ ") {
            open.push(what.to_owned());
        } else if let Some(what) = line.strip_prefix("- ") {
            let last = open.iter().rposition(|w| w == what);
            last.map(|i| open.remove(i));
        }
    }
    (open, time_over)
}

/// Takes the limits on, notes activities, and ends when the parent does.
fn become_worker(folder: &Path, limits: &Limits) {
    limit_memory(limits);
    let Ok(file) = File::create(folder.join(ACTIVITIES)) else {
        return;
    };
    let Ok(watch) = file.try_clone() else {
        return;
    };
    let file = Mutex::new(file);
    activity::listen(move |change| {
        let (mark, what) = match change {
            Change::Begun(what) => ('+', what),
            Change::Ended(what) => ('-', what),
        };
        let mut file = file.lock().unwrap_or_else(PoisonError::into_inner);
        // One write a line; that it can't be written is no reason to stop working.
        let _ = file.write_all(format!("{mark} {}\n", what.replace(['\n', '\r'], " ")).as_bytes());
    });
    let scratch = folder.to_owned();
    spawn("watch-parent", move || {
        let mut byte = [0_u8];
        // Nothing is ever sent: the read returns when the parent is gone, and can't tidy up any more.
        while std::io::stdin().read(&mut byte).is_ok_and(|n| n > 0) {}
        let _ = fs::remove_dir_all(scratch);
        std::process::exit(3);
    });
    if let Some(time) = limits.time {
        spawn("watch-time", move || {
            std::thread::sleep(time);
            let _ = (&watch).write_all(format!("{TIME_OVER}\n").as_bytes());
            std::process::exit(2);
        });
    }
}

fn spawn(name: &str, work: impl FnOnce() + Send + 'static) {
    // Without the thread the work goes on unwatched.
    let _ = std::thread::Builder::new()
        .name(name.to_owned())
        .stack_size(64 << 10)
        .spawn(work);
}

#[cfg(unix)]
fn limit_memory(limits: &Limits) {
    use rlimit::Resource;
    // A core file of a process that read a hostile file helps nobody.
    let _ = Resource::CORE.set(0, 0);
    if let Some(bytes) = limits.memory {
        let _ = Resource::AS.set(bytes, bytes);
    }
}

#[cfg(not(unix))]
fn limit_memory(_: &Limits) {}
