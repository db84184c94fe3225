//! The highest of the scores that a key has with each server wins, as in pymemcache's HashClient.

use crate::address::Address;

#[derive(Debug)]
pub(crate) struct Rendezvous {
    names: Vec<String>,
}

impl Rendezvous {
    pub(super) fn new(addresses: &[Address]) -> Self {
        let names = addresses.iter().map(Address::name).collect();
        Self { names }
    }

    pub(super) fn server(&self, key: &str, is_there: &dyn Fn(usize) -> bool) -> Option<usize> {
        let there = self.names.iter().enumerate().filter(|(n, _)| is_there(*n));
        there
            .max_by_key(|(_, name)| (score(name, key), name.as_str()))
            .map(|(number, _)| number)
    }
}

fn score(name: &str, key: &str) -> u32 {
    let text = [name, "-", key];
    murmur3_32(text.iter().flat_map(|part| part.chars()))
}

/// MurmurHash3, x86, 32 bit, seed 0, over the low byte of every character, as pymemcache computes it.
fn murmur3_32(text: impl Iterator<Item = char>) -> u32 {
    let mut hash = 0_u32;
    let mut length = 0_u32;
    let mut block = 0_u32;
    for c in text {
        block |= (u32::from(c) & 0xff) << (8 * (length % 4));
        length += 1;
        if length.is_multiple_of(4) {
            hash = (hash ^ mixed(block)).rotate_left(13);
            hash = hash.wrapping_mul(5).wrapping_add(0xe654_6b64);
            block = 0;
        }
    }
    hash ^= mixed(block) ^ length;
    hash = (hash ^ hash >> 16).wrapping_mul(0x85eb_ca6b);
    hash = (hash ^ hash >> 13).wrapping_mul(0xc2b2_ae35);
    hash ^ hash >> 16
}

fn mixed(block: u32) -> u32 {
    let block = block.wrapping_mul(0xcc9e_2d51).rotate_left(15);
    block.wrapping_mul(0x1b87_3593)
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    fn wire() -> Value {
        let golden = include_str!("../../../../tests/golden/django-golden.json");
        let mut golden: Value = serde_json::from_str(golden).unwrap();
        golden["wire"].take()
    }

    #[test]
    fn the_hash_is_pymemcaches() {
        let wire = wire();
        let vectors = wire["murmur3_32_seed0"].as_array().unwrap();
        assert!(!vectors.is_empty());
        for vector in vectors {
            let input = vector["input"].as_str().unwrap();
            let hash = u64::from(murmur3_32(input.chars()));
            assert_eq!(hash, vector["hash"].as_u64().unwrap(), "{input:?}");
        }
    }

    #[test]
    fn the_scores_and_their_winner_are_pymemcaches() {
        let wire = wire();
        let vectors = wire["rendezvous"].as_array().unwrap();
        assert!(!vectors.is_empty());
        for vector in vectors {
            let texts = |value: &Value| -> Vec<String> {
                let list = value.as_array().unwrap().iter();
                list.map(|text| text.as_str().unwrap().to_owned()).collect()
            };
            let names = texts(&vector["nodes"]);
            let key = vector["key"].as_str().unwrap();
            for (name, expected) in names.iter().zip(vector["scores"].as_array().unwrap()) {
                assert_eq!(u64::from(score(name, key)), expected.as_u64().unwrap());
            }
            let winner = Rendezvous {
                names: names.clone(),
            }
            .server(key, &|_| true);
            assert_eq!(names[winner.unwrap()], vector["winner"].as_str().unwrap());
        }
    }

    #[test]
    fn the_keys_of_a_server_that_is_out_go_to_the_others_and_no_others_move() {
        let names = vec!["a:1".into(), "b:1".into(), "c:1".into()];
        let rendezvous = Rendezvous { names };
        for n in 0..100 {
            let key = format!("key{n}");
            let all = rendezvous.server(&key, &|_| true).unwrap();
            let without = rendezvous.server(&key, &|server| server != 1).unwrap();
            assert_ne!(without, 1);
            assert!(all == 1 || all == without);
        }
    }
}
