use std::{fs, sync::LazyLock};

use xxhash_rust::xxh3::xxh3_64;

use crate::digest::Digest;

const MAGIC: u64 = u64::from_le_bytes(*b"cmindex1");

/// The books of a store: what the file `index` holds.
///
/// It is written in one piece, before a change with the intent and after it without, so that whoever takes the lock
/// next can finish what a killed process began.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct State {
    /// Entries, expired ones included.
    pub(crate) count: u64,
    /// The bytes of their files.
    pub(crate) bytes: u64,
    /// The position of the oldest record of the queue.
    pub(crate) head: u64,
    /// The position of the next record.
    pub(crate) tail: u64,
    /// The id of the next new entry.
    pub(crate) next_id: u64,
    /// How many entries the cull that is going on has still to remove.
    pub(crate) due: u64,
    pub(crate) host: Host,
    pub(crate) intent: Intent,
}

/// What the holder of the lock is about to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Intent {
    None,
    /// Replace or remove the file of an entry, whose size is `before`; its record is at the tail if `queued`.
    Change {
        digest: Digest,
        before: Option<u64>,
        queued: bool,
    },
    /// Remove what the records from the head on stand for.
    Cull {
        until: u64,
        count: u64,
        bytes: u64,
    },
    /// Remove everything.
    Clear,
}

impl State {
    pub(crate) const LEN: usize = FIELDS * 8;

    /// The books of an empty store. Ids begin where no earlier ones of this place can be.
    pub(crate) fn new(now: u64) -> Self {
        Self {
            count: 0,
            bytes: 0,
            head: 0,
            tail: 0,
            next_id: now.max(1),
            due: 0,
            host: Host::here(),
            intent: Intent::None,
        }
    }

    pub(crate) fn to_bytes(self) -> [u8; Self::LEN] {
        let mut fields = [0; FIELDS];
        fields[..9].copy_from_slice(&[
            MAGIC,
            self.count,
            self.bytes,
            self.head,
            self.tail,
            self.next_id,
            self.due,
            self.host.machine,
            self.host.boot,
        ]);
        fields[9..15].copy_from_slice(&self.intent.to_fields());
        let mut bytes = [0; Self::LEN];
        for (place, field) in bytes.chunks_exact_mut(8).zip(fields) {
            place.copy_from_slice(&field.to_le_bytes());
        }
        let sum = xxh3_64(&bytes[..Self::LEN - 8]);
        bytes[Self::LEN - 8..].copy_from_slice(&sum.to_le_bytes());
        bytes
    }

    /// `None` for bytes that are torn, or that another version wrote.
    pub(crate) fn from_bytes(bytes: &[u8; Self::LEN]) -> Option<Self> {
        let mut fields = [0; FIELDS];
        for (field, place) in fields.iter_mut().zip(bytes.chunks_exact(8)) {
            *field = u64::from_le_bytes(place.try_into().ok()?);
        }
        let state = Self {
            count: fields[1],
            bytes: fields[2],
            head: fields[3],
            tail: fields[4],
            next_id: fields[5],
            due: fields[6],
            host: Host {
                machine: fields[7],
                boot: fields[8],
            },
            intent: Intent::from_fields(&fields[9..15])?,
        };
        (state.to_bytes() == *bytes && state.head <= state.tail).then_some(state)
    }
}

const FIELDS: usize = 16;

impl Intent {
    fn to_fields(self) -> [u64; 6] {
        match self {
            Self::None => [0; 6],
            Self::Change {
                digest,
                before,
                queued,
            } => {
                let digest = u128::from_le_bytes(digest.to_bytes());
                [
                    1,
                    digest as u64,
                    (digest >> 64) as u64,
                    before.is_some().into(),
                    before.unwrap_or(0),
                    queued.into(),
                ]
            }
            Self::Cull {
                until,
                count,
                bytes,
            } => [2, until, count, bytes, 0, 0],
            Self::Clear => [3, 0, 0, 0, 0, 0],
        }
    }

    fn from_fields(fields: &[u64]) -> Option<Self> {
        match *fields {
            [0, ..] => Some(Self::None),
            [1, low, high, present, size, queued] => Some(Self::Change {
                digest: Digest::from_bytes(
                    (u128::from(high) << 64 | u128::from(low)).to_le_bytes(),
                ),
                before: (present != 0).then_some(size),
                queued: queued != 0,
            }),
            [2, until, count, bytes, ..] => Some(Self::Cull {
                until,
                count,
                bytes,
            }),
            [3, ..] => Some(Self::Clear),
            _ => None,
        }
    }
}

/// A machine and one of its runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Host {
    machine: u64,
    boot: u64,
}

impl Host {
    pub(crate) fn here() -> Self {
        static HERE: LazyLock<Host> = LazyLock::new(|| Host {
            machine: hash_of("/etc/machine-id"),
            boot: hash_of("/proc/sys/kernel/random/boot_id"),
        });
        *HERE
    }

    /// Whether this machine was started anew since: what it wrote last may then have been lost.
    pub(crate) fn has_rebooted(self) -> bool {
        let here = Self::here();
        self.machine == here.machine && self.boot != here.boot
    }
}

fn hash_of(path: &str) -> u64 {
    fs::read(path).map_or(0, |content| xxh3_64(&content))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn states() -> impl Iterator<Item = State> {
        let digest = Digest::of("user:1");
        let change = |before, queued| Intent::Change {
            digest,
            before,
            queued,
        };
        let cull = Intent::Cull {
            until: 9,
            count: 8,
            bytes: 7,
        };
        let intents = [
            Intent::None,
            Intent::Clear,
            cull,
            change(None, true),
            change(Some(0), false),
        ];
        intents.into_iter().map(|intent| State {
            count: 1,
            bytes: 2,
            head: 3,
            tail: 4,
            due: 6,
            intent,
            ..State::new(5)
        })
    }

    #[test]
    fn a_state_survives_its_bytes() {
        for state in states() {
            assert_eq!(State::from_bytes(&state.to_bytes()), Some(state));
        }
    }

    #[test]
    fn a_state_with_any_bit_flipped_is_none() {
        for state in states() {
            for bit in 0..State::LEN * 8 {
                let mut bytes = state.to_bytes();
                bytes[bit / 8] ^= 1 << (bit % 8);
                assert_eq!(State::from_bytes(&bytes), None, "bit {bit}");
            }
        }
    }

    #[test]
    fn only_another_run_of_the_same_machine_is_a_reboot() {
        let here = Host::here();
        let boot = here.boot ^ 1;
        assert!(!here.has_rebooted());
        assert!(Host { boot, ..here }.has_rebooted());
        let machine = here.machine ^ 1;
        assert!(!Host { boot, machine }.has_rebooted());
    }
}
