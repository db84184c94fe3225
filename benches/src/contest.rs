//! Contenders in turns: many short rounds, so that what else the machine does hits all of them.

use std::time::{Duration, Instant};

use crate::{
    contender::Contender,
    result::{Aim, By, Comparison, Peer, Row, Samples, Unit},
};

/// Rounds that there are at least, however long they take.
const MIN_ROUNDS: usize = 5;

/// How long a contender runs before another has its turn, unless a single call takes longer.
const TURN: Duration = Duration::from_millis(8);

/// The same work, done by this library and by others.
#[derive(Debug)]
pub struct Contest<'a> {
    work: String,
    by: By,
    ours: Contender<'a>,
    peers: Vec<(Contender<'a>, Option<Aim>, bool)>,
}

impl<'a> Contest<'a> {
    /// What is done, and this library doing it.
    pub fn new(work: impl Into<String>, ours: Contender<'a>) -> Self {
        Self {
            work: work.into(),
            by: By::Speed,
            ours,
            peers: Vec::new(),
        }
    }

    /// What is done.
    #[must_use]
    pub fn work(&self) -> &str {
        &self.work
    }

    /// What is compared is the time that ours adds.
    #[must_use]
    pub fn added(mut self) -> Self {
        self.by = By::Added;
        self
    }

    /// Another one, and what this library should come to beside it; perhaps on the plot of the README.
    #[must_use]
    pub fn with(mut self, peer: Contender<'a>, aim: Option<Aim>, is_headline: bool) -> Self {
        self.peers.push((peer, aim, is_headline));
        self
    }

    /// [`with`](Self::with) an aim.
    #[must_use]
    pub fn against(self, peer: Contender<'a>, aim: Aim) -> Self {
        self.with(peer, Some(aim), false)
    }

    /// [`with`](Self::with) no aim, for information.
    #[must_use]
    pub fn beside(self, peer: Contender<'a>) -> Self {
        self.with(peer, None, false)
    }

    /// Runs the rounds, for about so long.
    #[must_use]
    pub fn run(self, budget: Duration) -> Row {
        let Self {
            work,
            by,
            ours,
            peers,
        } = self;
        let (others, aims): (Vec<_>, Vec<_>) = peers
            .into_iter()
            .map(|(peer, aim, is_headline)| (peer, (aim, is_headline)))
            .unzip();
        let mut contenders: Vec<_> = [ours].into_iter().chain(others).collect();
        let mut samples = rounds(&mut contenders, budget).into_iter();
        let ours = samples.next().expect("there is one of ours");
        let peers = samples.zip(aims).map(|(theirs, (aim, is_headline))| Peer {
            comparison: Comparison::new(by, &ours.values, &theirs.values),
            samples: theirs,
            aim,
            is_headline,
        });
        Row {
            work,
            peers: peers.collect(),
            ours,
        }
    }
}

fn rounds(contenders: &mut [Contender<'_>], budget: Duration) -> Vec<Samples> {
    let times: Vec<_> = contenders.iter_mut().map(calibrate).collect();
    let mut values = vec![Vec::new(); contenders.len()];
    let start = Instant::now();
    for round in 0.. {
        if round >= MIN_ROUNDS && start.elapsed() >= budget {
            break;
        }
        for turn in 0..contenders.len() {
            // whoever follows a slow one finds cold caches: each has each place in turn
            let at = (turn + round) % contenders.len();
            values[at].push(contenders[at].measure(times[at]));
        }
    }
    let named = contenders.iter().zip(values);
    named
        .map(|(contender, values)| Samples {
            name: contender.name.clone(),
            unit: Unit::Nanoseconds,
            values,
        })
        .collect()
}

/// How many calls fill a turn, after as many to warm up.
fn calibrate(contender: &mut Contender<'_>) -> u64 {
    let turn = TURN.as_nanos() as f64;
    let mut times = 1;
    loop {
        let took = contender.measure(times) * times as f64;
        if took >= turn / 2.0 {
            return ((times as f64 * turn / took) as u64).max(1);
        }
        times *= 2;
    }
}
