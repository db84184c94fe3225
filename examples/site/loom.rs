//! The slow work of this site: weaving a swatch.

use std::{
    fmt::Write,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use minijinja::{Value, context};
use serde::{Deserialize, Serialize};

/// How long it takes.
pub(crate) const WORK: Duration = Duration::from_millis(180);

/// A piece of cloth, another one each time: who sees the same again, sees what was kept.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Swatch {
    pub(crate) number: u32,
    /// When it was woven, in seconds since 1970.
    pub(crate) at: u64,
}

impl From<Swatch> for Value {
    fn from(Swatch { number, at }: Swatch) -> Self {
        context!(number, at)
    }
}

/// The loom as one request has it, which knows whether it was used.
#[derive(Clone, Debug, Default)]
pub(crate) struct Loom {
    was_used: Arc<AtomicBool>,
}

impl Loom {
    pub(crate) async fn weave(&self) -> Swatch {
        tokio::time::sleep(WORK).await;
        self.finish()
    }

    /// The same where nothing can be awaited, as in a template.
    pub(crate) fn weave_blocking(&self) -> Swatch {
        thread::sleep(WORK);
        self.finish()
    }

    pub(crate) fn was_used(&self) -> bool {
        self.was_used.load(Ordering::Relaxed)
    }

    fn finish(&self) -> Swatch {
        self.was_used.store(true, Ordering::Relaxed);
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        Swatch {
            number: fastrand::u32(..1_000_000),
            at: now.unwrap_or_default().as_secs(),
        }
    }
}

/// Ground, stripe, light and accent: the dyes of eight yarns.
const DYES: [[&str; 4]; 8] = [
    ["#2f4a3a", "#7d8f69", "#d9c9a3", "#a4442f"],
    ["#1f2d4d", "#5b7aa6", "#e8dcc4", "#c8553d"],
    ["#4b3a5a", "#8d7aa0", "#e3d3e0", "#c79a3b"],
    ["#7a3325", "#c06a42", "#ecd9b8", "#2f4a52"],
    ["#1f4e56", "#5fa3a0", "#efe3c8", "#d97b4f"],
    ["#8a7556", "#c9b48a", "#f3ead6", "#3e4a4f"],
    ["#34404b", "#7b8a97", "#d5dbdd", "#b8443c"],
    ["#9a6b1c", "#d9a441", "#f5e6bf", "#37474f"],
];

/// Threads on a side of a swatch.
const SIZE: u32 = 96;

/// The tartan of a number: stripes down, the same stripes across, woven two over two.
pub(crate) fn tartan(number: u32) -> String {
    let mut chance = fastrand::Rng::with_seed(u64::from(number));
    let dyes = DYES[chance.usize(..DYES.len())];
    let half: Vec<(&str, u32)> = [0, 1, 0, 2, 0, 3, 1]
        .map(|dye| {
            (
                dyes[dye],
                if dye == 0 {
                    chance.u32(4..12)
                } else {
                    chance.u32(1..6)
                },
            )
        })
        .into();
    let sett = half.iter().chain(half[1..half.len() - 1].iter().rev());
    let (mut down, mut across, mut at) = (String::new(), String::new(), 0);
    for (dye, threads) in sett.cycle() {
        let threads = (*threads).min(SIZE - at);
        let _ = write!(
            down,
            "<rect x='{at}' width='{threads}' height='{SIZE}' fill='{dye}'/>"
        );
        let _ = write!(
            across,
            "<rect y='{at}' width='{SIZE}' height='{threads}' fill='{dye}'/>"
        );
        at += threads;
        if at == SIZE {
            break;
        }
    }
    format!(
        "<svg viewBox='0 0 {SIZE} {SIZE}' preserveAspectRatio='xMidYMid slice' role='img' aria-label='swatch {number}'>\
         <defs><pattern id='twill{number}' width='4' height='4' patternUnits='userSpaceOnUse'>\
         <path fill='#fff' d='M0 0h2v1h-2zM1 1h2v1h-2zM2 2h2v1h-2zM3 3h1v1h-1zM0 3h1v1h-1z'/></pattern>\
         <mask id='over{number}'><rect width='{SIZE}' height='{SIZE}' fill='url(#twill{number})'/></mask></defs>\
         {down}<g mask='url(#over{number})'>{across}</g></svg>"
    )
}
