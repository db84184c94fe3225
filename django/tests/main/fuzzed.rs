//! The body of the fuzz target, on bytes from a seed.

include!("../../../fuzz/bodies/pickle.rs");

/// Splitmix: numbers that are the same in every run.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ mixed >> 31
    }

    fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound as u64) as usize
    }
}

#[test]
fn random_bytes_and_damaged_pickles_are_read_or_refused() {
    let vectors = super::protocols::vectors();
    let opcodes = b"(.012FIJKLMNRSTUVXabcd}eghijlopqrst)uGBC\x80\x81\x85\x86\x87\x88\x89\x8a\x8b\x8c\x8d\x8e\x8f\x90\x91\x92\x93\x94\x95\x96";
    let mut random = Random(20_261_126);
    for round in 0..60_000 {
        let mut bytes = vectors[random.below(vectors.len())].1.clone();
        if round % 3 == 0 {
            let length = random.below(60);
            bytes = (0..length)
                .map(|_| opcodes[random.below(opcodes.len())])
                .collect();
            bytes.push(b'.');
        }
        for _ in 0..random.below(4) {
            let at = random.below(bytes.len());
            match random.below(4) {
                0 => bytes[at] = random.next() as u8,
                1 => bytes[at] = opcodes[random.below(opcodes.len())],
                2 => bytes.insert(at, opcodes[random.below(opcodes.len())]),
                _ if bytes.len() > 1 => drop(bytes.remove(at)),
                _ => {}
            }
        }
        pickle_body(&bytes);
    }
}
