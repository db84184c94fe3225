//! The next of many points on a circle has the key, as in libmemcached with the behavior `ketama`.

use super::one_at_a_time;
use crate::address::Address;

const POINTS: usize = 100;

#[derive(Debug)]
pub(crate) struct Ketama {
    /// Where on the circle a point lies and which server it stands for, in their order.
    points: Vec<(u32, usize)>,
}

impl Ketama {
    pub(super) fn new(addresses: &[Address]) -> Self {
        let points_of = |(server, address): (usize, &Address)| {
            let name = address.ketama_name();
            (0..POINTS).map(move |point| (one_at_a_time(&format!("{name}-{point}")), server))
        };
        let mut points: Vec<_> = addresses.iter().enumerate().flat_map(points_of).collect();
        points.sort_unstable();
        Self { points }
    }

    pub(super) fn server(&self, key: &str, is_there: &dyn Fn(usize) -> bool) -> Option<usize> {
        let place = one_at_a_time(key);
        let next = self.points.partition_point(|(point, _)| *point < place);
        let (before, after) = self.points.split_at(next);
        let circle = after.iter().chain(before).map(|(_, server)| *server);
        circle.into_iter().find(|server| is_there(*server))
    }
}

#[cfg(test)]
mod tests {
    use cachemere_base::Settings;

    use super::*;

    fn placed(location: &str, keys: impl Iterator<Item = String>) -> Vec<usize> {
        let settings = Settings::new("a", "memcached").with_location([location]);
        let ketama = Ketama::new(&Address::all_of(&settings).unwrap());
        keys.map(|key| ketama.server(&key, &|_| true).unwrap())
            .collect()
    }

    /// Where pylibmc 1.6.3 on libmemcached 1.0.18 put these keys on real servers with `behaviors={"ketama": True}`.
    #[test]
    fn keys_are_where_libmemcached_puts_them() {
        let keys = || {
            (0..60)
                .map(|n| format!(":1:k{n}"))
                .chain(["a", "user:1", "clé"].map(String::from))
        };
        assert_eq!(
            placed("127.0.0.1:31411;127.0.0.1:31412;127.0.0.1:31413", keys()),
            [
                2, 1, 1, 0, 2, 1, 2, 2, 1, 1, 0, 0, 1, 1, 1, 1, 0, 0, 0, 1, 1, 0, 2, 0, 0, 0, 0, 2,
                0, 1, 2, 2, 0, 2, 2, 2, 0, 1, 0, 0, 0, 1, 1, 1, 2, 0, 0, 2, 0, 1, 1, 1, 2, 0, 1, 1,
                0, 0, 2, 1, 0, 1, 2
            ]
        );
        assert_eq!(
            placed("127.0.0.1:11211;127.0.0.1:31412", keys()),
            [
                0, 1, 1, 0, 1, 1, 0, 1, 1, 1, 0, 0, 1, 1, 1, 1, 0, 0, 0, 1, 1, 0, 1, 0, 0, 1, 0, 1,
                0, 0, 1, 0, 0, 1, 0, 1, 0, 1, 1, 0, 1, 1, 1, 1, 0, 0, 0, 0, 0, 1, 1, 0, 0, 0, 1, 1,
                0, 0, 0, 1, 0, 0, 0
            ]
        );
    }

    #[test]
    fn the_keys_of_a_server_that_is_out_go_to_the_others_and_no_others_move() {
        let settings = Settings::new("a", "memcached").with_location(["a;b;c"]);
        let ketama = Ketama::new(&Address::all_of(&settings).unwrap());
        for n in 0..100 {
            let key = format!("key{n}");
            let all = ketama.server(&key, &|_| true).unwrap();
            let without = ketama.server(&key, &|server| server != 1).unwrap();
            assert_ne!(without, 1);
            assert!(all == 1 || all == without);
        }
    }
}
