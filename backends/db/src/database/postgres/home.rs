use std::io;

use tokio::runtime::{Builder, Runtime};

/// The runtime that a connection lives in: it runs on the thread that waits for an answer, while it waits.
pub(crate) struct Home(Option<Runtime>);

impl Home {
    pub(crate) fn new() -> io::Result<Self> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        Ok(Self(Some(runtime)))
    }

    pub(crate) fn runtime(&self) -> &Runtime {
        self.0.as_ref().expect("only a drop takes it")
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        // waits for nothing: a connection may be dropped in another runtime, or while a name is looked up
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}
