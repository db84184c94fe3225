"""A Django site with one cache: site.py BACKEND LOCATION COMMAND…, which says what it found on stdout."""

import collections
import datetime
import decimal
import random
import sys
import uuid
import zoneinfo

from django.conf import settings

BACKENDS = {
    "file": "django.core.cache.backends.filebased.FileBasedCache",
    "memcached": "django.core.cache.backends.memcached.PyMemcacheCache",
    "redis": "django.core.cache.backends.redis.RedisCache",
}

backend, location, command, *arguments = sys.argv[1:]
settings.configure(
    CACHES={
        "default": {
            "BACKEND": BACKENDS[backend],
            "LOCATION": location,
            "KEY_PREFIX": "site",
            "OPTIONS": {"MAX_ENTRIES": 100_000} if backend == "file" else {},
        }
    },
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF=__name__,
    USE_I18N=False,
    USE_TZ=False,
    TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates"}],
)

import django

django.setup()

from django.core.cache import cache
from django.http import HttpResponse
from django.template import engines
from django.test import Client
from django.urls import path
from django.utils.safestring import SafeString
from django.views.decorators.cache import cache_page


def page(request):
    response = HttpResponse("<h1>Hello</h1>", headers={"X-Kettle": "19.90"})
    response.set_cookie("seen", "1", path="/shop", secure=True, samesite="Lax")
    return response


urlpatterns = [path("page/", cache_page(600)(page))]


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


def values():
    count, seed = map(int, arguments)
    rng = random.Random(seed)
    return [value(rng) for _ in range(count)]


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
    return a == b and repr(a) == repr(b)


if command == "write":
    written = values()
    for number, item in enumerate(written):
        cache.set(f"django{number}", item, 600)
    print(len(written))
elif command == "check":
    expected = values()
    found = [cache.get(f"rust{number}") for number in range(len(expected))]
    wrong = [number for number, pair in enumerate(zip(expected, found)) if not same(*pair)]
    for number in wrong[:3]:
        print(repr(expected[number])[:300], "is now", repr(found[number])[:300], file=sys.stderr)
    print(len(expected) - len(wrong))
elif command == "count":
    key, times = arguments
    for _ in range(int(times)):
        cache.incr(key)
    print(cache.get(key))
elif command == "get":
    print(repr(cache.get(*arguments)))
elif command == "page":
    response = Client().get("/page/", SERVER_NAME="example.com", HTTP_HOST="example.com")
    print(response.content.decode())
elif command == "fragment":
    template = "{% load cache %}{% cache 600 sidebar user %}<b>{{ user }}</b>{% endcache %}"
    print(engines["django"].from_string(template).render({"user": arguments[0]}))
else:
    sys.exit(f"unknown command {command}")
