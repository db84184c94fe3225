//! What is cached in all sections: the same keys, values and order of use.

use serde::{Deserialize, Serialize};

/// How many keys there are.
pub const KEYS: usize = 10_000;

/// How many uses are drawn beforehand: drawing is not part of what is timed.
const USES: usize = 1 << 16;

/// A value of about 100 bytes as MessagePack.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct User {
    id: u64,
    name: String,
    email: String,
    visits: u32,
    is_active: bool,
}

impl User {
    /// The user of a number.
    #[must_use]
    pub fn new(number: usize) -> Self {
        Self {
            id: number as u64,
            name: format!("Ada Lovelace {number}"),
            email: format!("ada.lovelace.{number}@kettles.example.com"),
            visits: 1_815 + number as u32,
            is_active: number.is_multiple_of(2),
        }
    }
}

/// A value as this library encodes it: MessagePack with the names of fields.
///
/// # Panics
/// If it cannot be encoded: all of these can.
#[must_use]
pub fn encode<T: Serialize>(value: &T) -> Vec<u8> {
    rmp_serde::to_vec_named(value).expect("it can be encoded")
}

/// Reads what [`encode`] wrote.
///
/// # Panics
/// If it is something else.
#[must_use]
pub fn decode(bytes: &[u8]) -> User {
    rmp_serde::from_slice(bytes).expect("it is a user")
}

/// A hundred raw bytes.
pub const BYTES: [u8; 100] = [b'x'; 100];

/// The key of a number.
#[must_use]
pub fn key(number: usize) -> String {
    format!("user:{number}")
}

/// What a cache makes of a key: `prefix:version:key`, in one allocation.
#[must_use]
pub fn final_key(key: &str) -> String {
    ["site", ":", "1", ":", key].concat()
}

/// Keys in an order of use in which the n-th most popular is used n times less often than the first (Zipf).
#[derive(Debug)]
pub struct Uses {
    keys: Vec<String>,
    order: Vec<u32>,
}

impl Uses {
    /// Draws uses of `keys` keys.
    #[must_use]
    pub fn zipf(keys: usize) -> Self {
        let mut total = 0.0;
        let cumulative: Vec<f64> = (1..=keys)
            .map(|rank| {
                total += 1.0 / rank as f64;
                total
            })
            .collect();
        let mut random = Random(0x5EED);
        let order = (0..USES).map(|_| {
            let at = random.fraction() * total;
            let rank = cumulative.partition_point(|sum| *sum < at).min(keys - 1);
            // neighbours in popularity are no neighbours in memory
            (rank * 7_919 % keys) as u32
        });
        Self {
            keys: (0..keys).map(key).collect(),
            order: order.collect(),
        }
    }

    /// Draws uses of `keys` keys, all as likely.
    #[must_use]
    pub fn uniform(keys: usize) -> Self {
        let mut random = Random(0x5EED);
        let order = (0..USES).map(|_| (random.fraction() * keys as f64) as u32);
        Self {
            keys: (0..keys).map(key).collect(),
            order: order.collect(),
        }
    }

    /// The key of a use.
    #[must_use]
    pub fn key(&self, at: u64) -> &str {
        &self.keys[self.number(at)]
    }

    /// The number of the key of a use.
    #[must_use]
    pub fn number(&self, at: u64) -> usize {
        self.order[at as usize % USES] as usize
    }

    /// All keys.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.keys.iter().map(String::as_str)
    }
}

/// Numbers that look drawn and are the same in each run (splitmix64).
struct Random(u64);

impl Random {
    fn fraction(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) as f64 / u64::MAX as f64
    }
}
