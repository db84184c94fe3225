"""The peers in Python: peers.py STORE LOCATION ENTRIES. Reads `OPERATION TIMES` and answers with the nanoseconds it took."""

import itertools
import random
import sys
import time

store, location, entries = sys.argv[1], sys.argv[2], int(sys.argv[3])
LIFETIME = 86_400
MANY = 100

DJANGO = {
    "db": "django.core.cache.backends.db.DatabaseCache",
    "file": "django.core.cache.backends.filebased.FileBasedCache",
    "locmem": "django.core.cache.backends.locmem.LocMemCache",
    "memcached": "django.core.cache.backends.memcached.PyMemcacheCache",
    "redis": "django.core.cache.backends.redis.RedisCache",
}


def django_cache():
    from django.conf import settings

    place = "cache_table" if store == "db" else location
    options = {} if store in ("memcached", "redis") else {"MAX_ENTRIES": 4 * entries}
    settings.configure(
        CACHES={"default": {"BACKEND": DJANGO[store], "LOCATION": place, "OPTIONS": options}},
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": location}},
    )
    import django

    django.setup()
    from django.core.cache import cache
    from django.core.management import call_command

    if store == "db":
        from django.db import connection

        # as its documentation advises for SQLite under load, and as the other side has it
        connection.cursor().execute("PRAGMA journal_mode = WAL")
        connection.cursor().execute("PRAGMA synchronous = NORMAL")
        call_command("createcachetable", verbosity=0)
    return cache


def user(number):
    return {
        "id": number,
        "name": f"Ada Lovelace {number}",
        "email": f"ada.lovelace.{number}@kettles.example.com",
        "visits": 1_815 + number,
        "is_active": number % 2 == 0,
    }


keys = [f"user:{number}" for number in range(entries)]
# files and rows are raw bytes for all; what Django is compared by is a value of several fields
raw = store in ("db", "diskcache", "file")
values = [b"x" * 100] * entries if raw else [user(number) for number in range(entries)]

if store == "diskcache":
    import diskcache

    cache = diskcache.Cache(location, size_limit=1 << 40)
    lifetime = {"expire": LIFETIME}
else:
    cache = django_cache()
    lifetime = {"timeout": LIFETIME}


def fill():
    """Stores all entries by the fastest way there is, which is not what is measured."""
    if store == "diskcache":
        with cache.transact():
            for key, value in zip(keys, values):
                cache.set(key, value, **lifetime)
    elif store == "file":
        # its own `set` lists the folder each time
        import pickle
        import zlib

        for key, value in zip(keys, values):
            path = cache._key_to_file(key)
            with open(path, "wb") as file:
                file.write(pickle.dumps(time.time() + LIFETIME, pickle.HIGHEST_PROTOCOL))
                file.write(zlib.compress(pickle.dumps(value, pickle.HIGHEST_PROTOCOL)))
    else:
        for key, value in zip(keys, values):
            cache.set(key, value, **lifetime)


random.seed(1)
weights = None if raw else [1 / (1 + number) for number in range(entries)]
order = random.choices(range(entries), weights, k=1 << 16)
uses = itertools.cycle([(keys[at], values[at]) for at in order])
parts = itertools.cycle([[keys[at] for at in order[first : first + MANY]] for first in range(0, 6_000, MANY)])


def get(times):
    for key, _ in itertools.islice(uses, times):
        cache.get(key)


def put(times):
    for key, value in itertools.islice(uses, times):
        cache.set(key, value, **lifetime)


def get_many(times):
    for some in itertools.islice(parts, times):
        cache.get_many(some)


def incr(times):
    for _ in range(times):
        cache.incr("counter")


OPERATIONS = {"get": get, "set": put, "get_many": get_many, "incr": incr}

fill()
if store not in ("diskcache", "file"):
    cache.set("counter", 0, **lifetime)
assert cache.get(keys[0]) == values[0], "nothing was stored"
print("ready", flush=True)
for line in sys.stdin:
    name, times = line.split()
    start = time.perf_counter_ns()
    OPERATIONS[name](int(times))
    print(time.perf_counter_ns() - start, flush=True)
