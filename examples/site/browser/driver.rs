//! A browser without a window, told what to do by the WebDriver protocol.

use std::{
    io::{self, BufRead, BufReader, ErrorKind, Read, Write},
    net::{Ipv4Addr, TcpStream},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use tempfile::TempDir;

/// So long may one command take.
const PATIENCE: Duration = Duration::from_secs(60);

const ARGUMENTS: [&str; 9] = [
    "--headless",
    "--no-sandbox",
    "--no-first-run",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
];

/// Chromium, and the driver in front of it.
pub(super) struct Browser {
    driver: Child,
    port: u16,
    session: String,
    _profile: TempDir,
}

impl Browser {
    pub(super) fn start() -> Self {
        let mut driver = Command::new("chromedriver")
            .arg("--port=0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("`chromedriver` starts: Debian has it in `chromium-driver`, which tests/run installs");
        let said = BufReader::new(driver.stdout.take().unwrap()).lines();
        let port = said.map_while(Result::ok).find_map(|line| {
            let (_, port) = line.split_once("successfully on port ")?;
            port.trim_end_matches('.').parse().ok()
        });
        let profile = TempDir::new().unwrap();
        let mut browser = Self {
            driver,
            port: port.expect("chromedriver says its port"),
            session: "/session".to_owned(),
            _profile: profile,
        };
        let folder = format!("--user-data-dir={}", browser._profile.path().display());
        let arguments: Vec<_> = ARGUMENTS.into_iter().chain([folder.as_str()]).collect();
        let wanted = json!({ "goog:chromeOptions": { "args": arguments } });
        let session = browser.command("", &json!({ "capabilities": { "alwaysMatch": wanted } }));
        let id = session["sessionId"].as_str().unwrap();
        browser.session = format!("/session/{id}");
        browser
    }

    /// Opens a page, and waits until it is loaded.
    pub(super) fn open(&self, url: &str) {
        self.command("/url", &json!({ "url": url }));
    }

    pub(super) fn reload(&self) {
        self.command("/refresh", &json!({}));
    }

    /// Asks for pages in this language from now on.
    pub(super) fn speak(&self, language: &str) {
        for (command, parameters) in [
            ("Network.enable", json!({})),
            (
                "Network.setExtraHTTPHeaders",
                json!({ "headers": { "Accept-Language": language } }),
            ),
        ] {
            let command = json!({ "cmd": command, "params": parameters });
            self.command("/goog/cdp/execute", &command);
        }
    }

    /// The text of the first element of a CSS selector, as a reader sees it.
    pub(super) fn text(&self, selector: &str) -> String {
        let text = self.run(
            "return document.querySelector(arguments[0]).innerText",
            selector,
        );
        text.as_str().unwrap().to_owned()
    }

    /// Clicks on the first element of a CSS selector, and waits until the page that this opens is loaded.
    pub(super) fn click(&self, selector: &str) {
        self.run(
            "window.isOld = true; document.querySelector(arguments[0]).click()",
            selector,
        );
        let deadline = Instant::now() + PATIENCE;
        let is_new = "return !window.isOld && document.readyState === 'complete'";
        while self.run(is_new, selector) != true {
            assert!(Instant::now() < deadline, "{selector} opens no page");
            std::thread::yield_now();
        }
    }

    fn run(&self, script: &str, selector: &str) -> Value {
        self.command(
            "/execute/sync",
            &json!({ "script": script, "args": [selector] }),
        )
    }

    fn command(&self, command: &str, parameters: &Value) -> Value {
        let path = format!("{}{command}", self.session);
        let answer = self.send("POST", &path, &parameters.to_string());
        let answer = answer.unwrap();
        assert!(answer["error"].is_null(), "{path} {parameters}: {answer}");
        answer
    }

    fn send(&self, method: &str, path: &str, body: &str) -> io::Result<Value> {
        let mut connection = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port))?;
        connection.set_read_timeout(Some(PATIENCE))?;
        let length = body.len();
        let head =
            format!("{method} {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {length}");
        connection.write_all(format!("{head}\r\n\r\n{body}").as_bytes())?;
        let mut answer = BufReader::new(connection);
        let (mut line, mut length) = (String::new(), 0);
        while line != "\r\n" {
            line.clear();
            if answer.read_line(&mut line)? == 0 {
                return Err(ErrorKind::UnexpectedEof.into());
            }
            if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().unwrap_or_default();
            }
        }
        let mut body = vec![0; length];
        answer.read_exact(&mut body)?;
        let mut body: Value = serde_json::from_slice(&body)?;
        Ok(body["value"].take())
    }
}

impl Drop for Browser {
    /// Ends the session, and with it Chromium; then the driver.
    fn drop(&mut self) {
        let _ = self.send("DELETE", &self.session, "");
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}
