use std::{
    fmt::Display,
    io::{self, ErrorKind, IsTerminal, Write},
};

use serde::Serialize;

use crate::outcome::{Failure, Outcome};

/// Where data goes, and in which form.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Output {
    json: bool,
}

impl Output {
    pub(crate) fn new(json: bool) -> Self {
        Self { json }
    }

    pub(crate) fn is_json(self) -> bool {
        self.json
    }

    /// Prints `json` under `--json`, else `plain`.
    pub(crate) fn either(self, plain: impl Display, json: &impl Serialize) -> Outcome<()> {
        if self.json {
            self.json(json)
        } else {
            self.line(plain)
        }
    }

    /// Under `--json`, says that what prints nothing otherwise is done.
    pub(crate) fn done(self) -> Outcome<()> {
        if self.json {
            self.line(r#"{"ok":true}"#)
        } else {
            Ok(())
        }
    }

    pub(crate) fn json(self, value: &impl Serialize) -> Outcome<()> {
        let text = serde_json::to_string(value)
            .map_err(|error| Failure::cache(format!("no JSON: {error}")))?;
        self.line(text)
    }

    pub(crate) fn line(self, text: impl Display) -> Outcome<()> {
        self.bytes(format!("{text}\n").as_bytes())
    }

    /// Writes to stdout. A reader that has seen enough, such as `head`, is no failure.
    pub(crate) fn bytes(self, bytes: &[u8]) -> Outcome<()> {
        let mut stdout = io::stdout().lock();
        match stdout.write_all(bytes).and_then(|()| stdout.flush()) {
            Err(error) if error.kind() != ErrorKind::BrokenPipe => {
                Err(Failure::cache(format!("stdout cannot be written: {error}")))
            }
            _ => Ok(()),
        }
    }
}

/// Whether a stream is a terminal whose user did not ask for no colours.
pub(crate) fn is_coloured(stream: &impl IsTerminal) -> bool {
    stream.is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

/// The text in a colour of the terminal.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Colour {
    Red = 31,
    Green = 32,
}

impl Colour {
    pub(crate) fn paint(self, text: &str, stream: &impl IsTerminal) -> String {
        if is_coloured(stream) {
            format!("\x1b[{}m{text}\x1b[0m", self as u8)
        } else {
            text.to_owned()
        }
    }
}
