"""A Django site with one cache: site.py BACKEND LOCATION COMMAND…, which says what it found on stdout."""

import collections
import contextlib
import datetime
import decimal
import ipaddress
import json
import os
import pathlib
import pickle
import random
import secrets
import sys
import time
import urllib.parse
import uuid
import zoneinfo

from django.conf import settings

BACKENDS = {
    "django-redis": "django_redis.cache.RedisCache",
    "file": "django.core.cache.backends.filebased.FileBasedCache",
    "mariadb": "django.core.cache.backends.db.DatabaseCache",
    "memcached": "django.core.cache.backends.memcached.PyMemcacheCache",
    "postgres": "django.core.cache.backends.db.DatabaseCache",
    "redis": "django.core.cache.backends.redis.RedisCache",
    "sqlite": "django.core.cache.backends.db.DatabaseCache",
}
ENGINES = {"mariadb": "mysql", "postgres": "postgresql", "sqlite": "sqlite3"}
SERIALIZERS = {"json": "json.JSONSerializer", "msgpack": "msgpack.MSGPackSerializer", "pickle": "pickle.PickleSerializer"}
COMPRESSORS = {"lz4": "lz4.Lz4Compressor", "none": "identity.IdentityCompressor", "zlib": "zlib.ZlibCompressor", "zstd": "zstd.ZStdCompressor"}

store, location, command, *arguments = sys.argv[1:]
backend, *encoding = store.split(",")


def options():
    if backend == "django-redis":
        serializer, compressor = encoding
        return {
            "SERIALIZER": "django_redis.serializers." + SERIALIZERS[serializer],
            "COMPRESSOR": "django_redis.compressors." + COMPRESSORS[compressor],
        }
    return {"MAX_ENTRIES": 100_000} if backend == "file" or has_table else {}


def database():
    engine = {"ENGINE": "django.db.backends." + ENGINES[backend]}
    if backend == "sqlite":
        return engine | {"NAME": location, "OPTIONS": {"timeout": 60}}
    if backend == "mariadb":
        import pymysql

        # the release of mysqlclient that Django asks for
        pymysql.version_info = (2, 2, 1, "final", 0)
        pymysql.install_as_MySQLdb()
    url = urllib.parse.urlsplit(location)
    return engine | {
        "NAME": url.path[1:],
        "USER": url.username,
        "PASSWORD": url.password or "",
        "HOST": url.hostname,
        "PORT": url.port,
    }


has_table = backend in ENGINES
# of a time zone that is not UTC, if there is no other
local_time = encoding == ["local-time"]
if local_time:
    # what a module of settings does, and `configure` does not
    os.environ["TZ"] = "America/Chicago"
    time.tzset()
settings.configure(
    CACHES={
        "default": {
            "BACKEND": BACKENDS[backend],
            "LOCATION": "site_cache" if has_table else location,
            "KEY_PREFIX": "site",
            "OPTIONS": options(),
        }
    },
    DATABASES={"default": database()} if has_table else {},
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF=__name__,
    USE_I18N=False,
    USE_TZ=has_table and not local_time,
    TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates"}],
)

import django

django.setup()

from django.core.cache import cache
from django.core.management import call_command
from django.db import transaction
from django.http import HttpResponse, JsonResponse
from django.template import engines
from django.test import Client
from django.urls import path
from django.utils.safestring import SafeString
from django.views.decorators.cache import cache_page
from django.views.decorators.vary import vary_on_cookie


def page(request):
    """Each time it is made it is another."""
    response = HttpResponse(f"<h1>{secrets.token_hex(8)}</h1>", headers={"X-Kettle": "19.90"})
    response.set_cookie("seen", "1", path="/shop", max_age=60, secure=True, samesite="Lax")
    return response


def personal(request):
    return JsonResponse({"user": request.COOKIES.get("user"), "token": secrets.token_hex(8)})


urlpatterns = [
    path("page/", cache_page(600)(page)),
    path("personal/", cache_page(600)(vary_on_cookie(personal))),
]


def text(rng):
    return "".join(chr(rng.choice([rng.randrange(1, 128), rng.randrange(160, 0xD800), 0x1F600])) for _ in range(rng.randrange(12)))


def zone(rng):
    offset = datetime.timedelta(minutes=rng.randrange(-1439, 1440))
    return rng.choice([None, datetime.timezone.utc, datetime.timezone(offset), zoneinfo.ZoneInfo("Europe/Berlin")])


def moment(rng):
    day = datetime.datetime(rng.randrange(1, 10000), rng.randrange(1, 13), rng.randrange(1, 29))
    return day.replace(hour=rng.randrange(24), minute=rng.randrange(60), microsecond=rng.randrange(10**6), tzinfo=zone(rng), fold=rng.randrange(2))


PLAIN = [
    lambda rng: None,
    lambda rng: rng.random() < 0.5,
    lambda rng: rng.choice([0, 1, -1, 255, 256, 65535, 65536, 2**31, -(2**31), 2**63 - 1, -(2**63)]),
    lambda rng: rng.randrange(-(2**70), 2**70),
    lambda rng: rng.getrandbits(rng.randrange(1, 3000)) * rng.choice([1, -1]),
    lambda rng: rng.choice([0.0, -0.0, 1.5, float("inf"), float("-inf"), rng.gauss(0, 1e6)]),
    text,
    lambda rng: text(rng).encode(),
    moment,
    lambda rng: moment(rng).date(),
    lambda rng: moment(rng).timetz(),
    lambda rng: datetime.timedelta(rng.randrange(-(10**6), 10**6), rng.randrange(86400), rng.randrange(10**6)),
    lambda rng: decimal.Decimal(rng.randrange(-(10**9), 10**9)).scaleb(rng.randrange(-9, 9)),
    lambda rng: uuid.UUID(int=rng.getrandbits(128)),
    lambda rng: SafeString(text(rng)),
    lambda rng: rng.randbytes(rng.randrange(300)),
]


def plain(rng):
    return rng.choice(PLAIN)(rng)


def value(rng, depth=0):
    if depth == 4 or rng.random() < 0.5:
        return plain(rng)
    several = [value(rng, depth + 1) for _ in range(rng.randrange(6))]
    return rng.choice(
        [
            lambda: several,
            lambda: tuple(several),
            lambda: {plain(rng): item for item in several},
            lambda: collections.OrderedDict((text(rng), item) for item in several),
            lambda: {plain(rng) for _ in several},
            lambda: frozenset(plain(rng) for _ in several),
            lambda: bytearray(rng.randbytes(9)),
            lambda: several * 2,
            lambda: ["x" * rng.choice([254, 255, 256, 70_000])] if depth == 0 else [],
            lambda: list(range(rng.choice([999, 1000, 1001]))) if depth == 0 else [],
        ]
    )()


def golden():
    """What was measured of other versions of Django, too."""
    file = pathlib.Path(__file__).parent.parent / "golden" / "django-golden.json"
    for vector in json.loads(file.read_text())["values"]:
        pickled = vector.get("pickle5_hex")
        yield pickle.loads(bytes.fromhex(pickled)) if pickled else LONG[vector["name"]]


LONG = {
    "list 1001 ints": list(range(1001)),
    "str 70000 x (framing)": "x" * 70_000,
    "bytes 70000 x (framing)": b"x" * 70_000,
    "list of 3 x 40000-char distinct strs (framing)": [letter * 40_000 for letter in "abc"],
}


def values():
    count, seed = map(int, arguments)
    rng = random.Random(seed)
    return [*golden(), *(value(rng) for _ in range(count))]


def simple(rng, depth=0):
    """What JSON and MessagePack have."""
    if depth < 3 and rng.random() < 0.5:
        several = [simple(rng, depth + 1) for _ in range(rng.randrange(6))]
        return rng.choice([several, {text(rng): item for item in several}])
    number = rng.choice([0, -1, 2**31, 2**63 - 1, -(2**63), rng.randrange(10**6)])
    return rng.choice([None, True, False, number, rng.gauss(0, 1e6), text(rng), "kettle " * rng.randrange(40)])


def simple_values():
    count, seed = map(int, arguments)
    rng = random.Random(seed)
    return [simple(rng) for _ in range(count)]


def same(a, b):
    """Equal, down to the types, the zones and the order of dicts."""
    if type(a) is not type(b):
        return False
    if isinstance(a, (list, tuple)):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, dict):
        return len(a) == len(b) and all(map(same, a.items(), b.items()))
    if isinstance(a, (set, frozenset)):
        return a == b and sorted(map(repr, a)) == sorted(map(repr, b))
    return repr(a) == repr(b)


def write(written):
    with transaction.atomic() if has_table else contextlib.nullcontext():
        for number, item in enumerate(written):
            cache.set(f"django{number}", item, 600)
    print(len(written))


def check(expected):
    found = [cache.get(f"rust{number}") for number in range(len(expected))]
    wrong = [number for number, pair in enumerate(zip(expected, found)) if not same(*pair)]
    for number in wrong[:3]:
        print(repr(expected[number])[:300], "is now", repr(found[number])[:300], file=sys.stderr)
    print(len(expected) - len(wrong))


def count(key, times):
    for _ in range(int(times)):
        cache.incr(key)
    print(cache.get(key))


def visit(url, cookie=""):
    response = Client().get(url, HTTP_HOST="example.com", HTTP_COOKIE=cookie)
    print(response.content.decode())


def fragment(user):
    template = "{% load cache %}{% cache 600 sidebar user %}<b>{{ user }}</b>{{ token }}{% endcache %}"
    context = {"user": user, "token": secrets.token_hex(8)}
    print(engines["django"].from_string(template).render(context))


COMMANDS = {
    "write": lambda *_: write(values()),
    "check": lambda *_: check(values()),
    "write_simple": lambda *_: write(simple_values()),
    "check_simple": lambda *_: check(simple_values()),
    "count": count,
    "createcachetable": lambda: call_command("createcachetable"),
    "get": lambda *keys: [print(type(value).__name__, repr(value)) for value in map(cache.get, keys)],
    "set": lambda key, python: cache.set(key, eval(python), 600),
    "visit": visit,
    "fragment": fragment,
}
COMMANDS[command](*arguments)
