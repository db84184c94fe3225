//! Peers in Python: a process for each store, told on its input what to do.

use std::{
    env,
    io::{BufRead, BufReader, Write},
    process::{Child, ChildStdout, Command, Stdio},
    sync::Mutex,
    time::Duration,
};

use crate::contender::Contender;

/// A process that has a store, filled.
#[derive(Debug)]
pub struct Python {
    child: Child,
    answers: Mutex<BufReader<ChildStdout>>,
}

impl Python {
    /// Starts one; it is ready when the next operation is.
    ///
    /// # Panics
    /// If there is no Python with its packages: `benches/run` makes one and says where it is, in PYTHON.
    #[must_use]
    pub fn start(store: &str, location: &str, entries: usize) -> Self {
        let python = env::var_os("PYTHON").expect("benches/run says where Python is");
        let mut child = Command::new(python)
            .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/peers.py"))
            .args([store, location, &entries.to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("Python starts");
        let output = child.stdout.take().expect("it is a pipe");
        Self {
            child,
            answers: Mutex::new(BufReader::new(output)),
        }
    }

    /// Waits until the store is filled.
    ///
    /// # Panics
    /// If it is not: what Python says of it is on stderr.
    #[must_use]
    pub fn ready(self) -> Self {
        assert_eq!(self.answer(), "ready");
        self
    }

    /// `get`, `set`, `get_many` or `incr`.
    pub fn contender<'a>(
        &'a self,
        name: impl Into<String>,
        operation: &'static str,
    ) -> Contender<'a> {
        Contender::new(name, move |times| {
            let mut input = self.child.stdin.as_ref().expect("it is a pipe");
            writeln!(input, "{operation} {times}").expect("it reads");
            let nanoseconds = self.answer().parse();
            Duration::from_nanos(nanoseconds.expect("it answers with a number"))
        })
    }

    fn answer(&self) -> String {
        let mut line = String::new();
        let mut answers = self.answers.lock().expect("no thread panics");
        answers.read_line(&mut line).expect("it answers");
        line.trim().to_owned()
    }
}

impl Drop for Python {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}
