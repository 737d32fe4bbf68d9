//! Calls into other people's readers, on a thread of their own: a panic becomes an error, and deep expressions have a
//! deep stack.

use std::fmt::Display;

/// Enough for the most nested expression that [`super::sql`] lets through, with nothing optimised.
const STACK: usize = 256 << 20;

/// Runs `work` and says in one line what went wrong, if something did.
pub(super) fn guarded<T: Send, E: Display + Send>(
    work: impl FnOnce() -> Result<T, E> + Send,
) -> Result<T, String> {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new()
            .name("guarded".to_owned())
            .stack_size(STACK)
            .spawn_scoped(scope, work);
        match thread.map(std::thread::ScopedJoinHandle::join) {
            Err(error) => Err(format!("no thread could be started: {error}")),
            Ok(Err(panic)) => Err(format!("an internal error: {}", panic_text(panic.as_ref()))),
            Ok(Ok(result)) => result.map_err(|e| one_line(&e.to_string())),
        }
    })
}

fn panic_text(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied());
    one_line(text.unwrap_or("unknown"))
}

/// The first part of a message of polars, which may go on with the whole plan.
fn one_line(message: &str) -> String {
    let part = message.split("\n\n").next().unwrap_or(message);
    let line: Vec<&str> = part.split_whitespace().collect();
    let line = line.join(" ");
    match line.char_indices().nth(300) {
        Some((end, _)) => format!("{}…", line.get(..end).unwrap_or(&line)),
        None => line,
    }
}
