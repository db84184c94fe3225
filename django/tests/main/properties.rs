//! Whatever is written is read back as the same.

use cachemere_django::{
    BigInt, Date, DateTime, Decimal, SafeString, Time, TimeDelta, Uuid, Value, Zone, pickle,
};
use proptest::{collection::vec, prelude::*};

fn zone() -> impl Strategy<Value = Zone> {
    prop_oneof![
        Just(Zone::UTC),
        (-86_399_999_999_i64..86_400_000_000).prop_map(|offset| Zone::offset(offset).unwrap()),
        "[A-Z][a-z]{1,9}(/[A-Z][a-z_]{1,9})?".prop_map(|name| Zone::named(&name).unwrap()),
    ]
}

fn time() -> impl Strategy<Value = Time> {
    let clock = (0_u8..24, 0_u8..60, 0_u8..60, 0_u32..1_000_000);
    let time = clock.prop_map(|(hour, minute, second, micros)| {
        Time::new(hour, minute, second, micros).unwrap()
    });
    (time, proptest::option::of(zone())).prop_map(|(time, zone)| match zone {
        Some(zone) => time.with_zone(zone),
        None => time,
    })
}

fn date() -> impl Strategy<Value = Date> {
    (1_u16..=9999, 1_u8..=12, 1_u8..=31).prop_filter_map("no such day", |(year, month, day)| {
        Date::new(year, month, day)
    })
}

fn scalar() -> impl Strategy<Value = Value> {
    let number = any::<f64>().prop_filter("NaN equals nothing", |number| !number.is_nan());
    prop_oneof![
        Just(Value::None),
        any::<bool>().prop_map(Value::Bool),
        any::<i64>().prop_map(Value::Int),
        "-?[1-9][0-9]{19,60}".prop_map(|digits| Value::BigInt(digits.parse::<BigInt>().unwrap())),
        number.prop_map(Value::Float),
        ".*".prop_map(Value::Text),
        ".*".prop_map(|text| Value::Safe(SafeString(text))),
        vec(any::<u8>(), 0..300).prop_map(Value::Bytes),
        vec(any::<u8>(), 0..300).prop_map(Value::ByteArray),
        (date(), time()).prop_map(|(date, time)| Value::DateTime(DateTime::new(date, time))),
        date().prop_map(Value::Date),
        time().prop_map(Value::Time),
        (-999_999_999..=999_999_999, 0_u32..86_400, 0_u32..1_000_000).prop_map(
            |(days, seconds, micros)| {
                Value::TimeDelta(TimeDelta::new(days, seconds, micros).unwrap())
            }
        ),
        "-?[0-9]{1,9}\\.[0-9]{0,9}(E-?[0-9]{1,3})?"
            .prop_map(|text| Value::Decimal(text.parse::<Decimal>().unwrap())),
        any::<[u8; 16]>().prop_map(|bytes| Value::Uuid(Uuid::from_bytes(bytes))),
    ]
}

fn value() -> impl Strategy<Value = Value> {
    scalar().prop_recursive(5, 100, 10, |inner| {
        let pairs = || vec((inner.clone(), inner.clone()), 0..5);
        prop_oneof![
            vec(inner.clone(), 0..10).prop_map(Value::List),
            vec(inner.clone(), 0..10).prop_map(Value::Tuple),
            vec(inner.clone(), 0..10).prop_map(Value::Set),
            vec(inner.clone(), 0..10).prop_map(Value::FrozenSet),
            pairs().prop_map(Value::Dict),
            pairs().prop_map(Value::OrderedDict),
        ]
    })
}

proptest! {
    #[test]
    fn a_value_survives_its_pickle(value in value()) {
        let pickled = pickle::to_vec(&value).unwrap();
        prop_assert_eq!(pickle::from_slice::<Value>(&pickled).unwrap(), value);
    }

    #[test]
    fn a_pickle_that_is_cut_anywhere_is_refused(value in value(), cut in any::<prop::sample::Index>()) {
        let pickled = pickle::to_vec(&value).unwrap();
        let cut = cut.index(pickled.len());
        prop_assert!(pickle::from_slice::<Value>(&pickled[..cut]).is_err());
    }

    #[test]
    fn text_forms_are_parsed_back(date in date(), time in time(), zone in zone()) {
        prop_assert_eq!(&zone.to_string().parse::<Zone>().unwrap(), &zone);
        let date_time = DateTime::new(date, time);
        prop_assert_eq!(date_time.to_string().parse::<DateTime>().unwrap(), date_time);
    }
}
