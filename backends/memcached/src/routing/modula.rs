//! The hash modulo the number of servers, as in libmemcached where nothing else is asked for.

use super::one_at_a_time;

#[derive(Debug)]
pub(crate) struct Modula {
    servers: usize,
}

impl Modula {
    pub(super) fn new(servers: usize) -> Self {
        Self { servers }
    }

    /// The keys of a server that is out are spread over those that are there; no others move.
    pub(super) fn server(&self, key: &str, is_there: &dyn Fn(usize) -> bool) -> Option<usize> {
        let hash = one_at_a_time(key) as usize;
        let own = hash % self.servers;
        if is_there(own) {
            return Some(own);
        }
        let there = || (0..self.servers).filter(|server| is_there(*server));
        let count = there().count();
        there().nth((hash / self.servers).checked_rem(count)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Where pylibmc 1.6.3 put these keys on real servers, without any behaviors.
    #[test]
    fn keys_are_where_libmemcached_puts_them() {
        let placed = |servers| -> Vec<usize> {
            let modula = Modula::new(servers);
            let keys = (0..60).map(|n| format!(":1:k{n}"));
            let keys = keys.chain(["a", "user:1", "clé"].map(String::from));
            keys.map(|key| modula.server(&key, &|_| true).unwrap())
                .collect()
        };
        assert_eq!(
            placed(3),
            [
                0, 1, 1, 0, 0, 1, 0, 1, 1, 2, 2, 1, 1, 1, 1, 2, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2,
                2, 2, 1, 0, 1, 1, 1, 0, 0, 0, 0, 1, 2, 1, 0, 0, 0, 1, 1, 1, 1, 2, 2, 0, 0, 0, 1, 2,
                2, 2, 0, 1, 0, 2, 2
            ]
        );
        assert_eq!(
            placed(2),
            [
                0, 1, 0, 0, 0, 1, 0, 0, 1, 0, 1, 1, 0, 0, 1, 1, 1, 0, 0, 1, 1, 0, 1, 1, 0, 0, 1, 0,
                0, 1, 1, 1, 0, 0, 1, 1, 1, 0, 0, 0, 1, 0, 1, 1, 0, 0, 0, 0, 1, 0, 1, 1, 1, 0, 0, 0,
                1, 0, 0, 1, 0, 1, 1
            ]
        );
    }

    #[test]
    fn the_keys_of_a_server_that_is_out_go_to_the_others_and_no_others_move() {
        let modula = Modula::new(3);
        let mut taken_over = [0; 3];
        for n in 0..100 {
            let key = format!("key{n}");
            let all = modula.server(&key, &|_| true).unwrap();
            let without = modula.server(&key, &|server| server != 1).unwrap();
            assert_ne!(without, 1);
            assert!(all == 1 || all == without);
            taken_over[without] += usize::from(all == 1);
        }
        assert!(taken_over[0] > 5 && taken_over[2] > 5, "{taken_over:?}");
        assert_eq!(modula.server("key", &|_| false), None);
    }
}
