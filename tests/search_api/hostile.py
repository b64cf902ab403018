"""Hostile requests for every route: what an attacker, a broken client or a pasted page might send.

Shared by the tests, which send some hundred, and by bench/hostile_requests.py, which sends ten thousand to a served store.
"""

from __future__ import annotations

import json
import random
import string
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

from search_api.route import Route

INJECTIONS = (
    "' OR '1'='1' --",
    '"; DROP TABLE profiles; --',
    "1); ATTACH DATABASE 'x' AS y; --",
    "{{7*7}}${7*7}<%= 7*7 %>",
    "${jndi:ldap://127.0.0.1/x}",
    "<script>alert(1)</script>",
    "../../../../etc/passwd",
    "..\\..\\windows\\win.ini%00.txt",
    "jane\x00doe",
    "jane\r\nSet-Cookie: x=1",
    '{"$ne": null}',
    '{"match_all": {}}',
    "*:*",
    "name:[* TO *] OR _exists_:email",
    "id:{a TO z} AND NOT hidden",
    "roster_marker:true",
    "/.*.*.*.*x/",
    "ctx._source.remove('x')",
    '=HYPERLINK("https://x.example")',
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "%s%s%s%n%x",
    "p_01hx/../../healthz",
    "null",
    "-1e309",
    "NaN",
    "9" * 400,
    "9999-99-99",
    "0000-00-00",
)
REGEX_BOMBS = ("(a+)+$", "(.*a){30}", "^(([a-z])+.)+[A-Z]([a-z])+$", "(x+x+)+y", "((a|a)*)*b", "[[:alpha:]]{1,9999}", "a{1,99999}")
ALPHABETS = (
    string.printable,
    "áéíóúñçüößøåæœßŁđ",
    "АБВГДежзийклмн ЁЇґ",
    "北京市海淀区 山田太郎 김철수",
    "محمد علي עברית हिन्दी ไทย",
    "\u0301\u0302\u0308\u0327\u20dd\u200d\u200b\u2060\ufeff\u202e\u2066\u00ad",
    "👩‍👩‍👧‍👦🏴󠁧󠁢󠁥󠁮󠁧󠁿🇩🇪🧑🏽‍🚀",
    "\U0010ffff\ufffe\uffff\ue000\U000e0001\u0000\u0085\u2028",
    "ﷺ㍿Ⅷ½ﬁℌ𝕁𝔞𝔫𝔢İıſK",
    "\ud800\udfff\udbff",
)
WORDS = ("jane", "doe", "senator", "new york", "python", "munich", "acme", "@jane", "jane@x.example", "+49 30 23125 104", "C++")
SIGNS = ("AND", "OR", "NOT", "and", "or", "not", "(", ")", '"', "-", "+", "~2", "^9", "*", "?", ":", "|", "&&", "!")


@dataclass
class Request:
    """One request. url: path and query, encoded."""

    route: Route
    url: str
    headers: dict[str, str] = field(default_factory=dict)
    data: bytes | None = None


class Hostile:
    """A source of requests, the same for the same seed."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def request(self, route: Route) -> Request:
        """A request for this route."""
        rng = self._random
        path = route.path.replace("{id}", quote(self._sayable(200) or "x", safe="") if rng.random() < 0.8 else "jane")
        names = [*rng.sample(route.parameters, rng.randint(0, min(4, len(route.parameters))))]
        if rng.random() < 0.1:
            names.append(self._sayable(30))
        query = urlencode([(name, self._sayable(3000)) for name in names], errors="surrogatepass")
        made = Request(route, f"{path}?{query}" if query else path, self._headers())
        if route.body is not None:
            made.headers["Content-Type"] = route.takes if rng.random() < 0.95 else rng.choice(("text/plain", "application/xml", "x"))
            made.data = self._body(route)
        return made

    def text(self, most: int = 10_000) -> str:
        """A text of one of the kinds above, seldom longer than `most`."""
        rng = self._random
        kind = rng.random()
        if kind < 0.25:
            return rng.choice(INJECTIONS)
        if kind < 0.35:
            return rng.choice(REGEX_BOMBS) + "a" * rng.choice((0, 30, 500))
        if kind < 0.55:
            alphabet = rng.choice(ALPHABETS)
            return "".join(rng.choices(alphabet, k=min(most, rng.choice((1, 3, 10, 50, 199, 200, 201, 3000)))))
        if kind < 0.65:  # a page pasted, or one word of ten thousand letters
            return rng.choice(("a", "jane ", "x\u0301", "1", "ab-", "k8s.", "🏴", "(", '"'))[:most] * min(most, 10_000)
        if kind < 0.8:
            depth = rng.choice((1, 5, 50, 500, 4000))
            return rng.choice(("(" * depth + "jane" + ")" * depth, "NOT " * depth + "jane", "jane OR (" * depth, '"' * depth))[:most]
        return " ".join(rng.choices((*WORDS, *SIGNS), k=rng.choice((1, 2, 4, 12, 40))))

    def _sayable(self, most: int) -> str:
        """A text that a url can hold: half surrogates are none."""
        return self.text(most)[:most].encode("utf-8", "replace").decode()

    def _headers(self) -> dict[str, str]:
        rng = self._random
        headers = {}
        if rng.random() < 0.2:
            name = rng.choice(
                ("X-Request-ID", "If-None-Match", "Accept", "Accept-Encoding", "Range", "Origin", "Authorization", "X-API-Key")
            )
            headers[name] = "".join(c for c in self._sayable(300) if c.isprintable() and c.isascii())
        return headers

    def _body(self, route: Route) -> bytes:
        rng = self._random
        kind = rng.random()
        if kind < 0.05:
            return rng.randbytes(rng.choice((0, 1, 40, 5000)))
        if kind < 0.1:
            return rng.choice(
                (b"[" * 100_000, b'{"a":' * 50_000, b'"' + b"\\u0000" * 20_000 + b'"', b"1" * 5000, b"x" * 300_000, b"\xff\xfe{")
            )
        assert route.body is not None
        schema = route.body.model_json_schema()
        said = self.any_json(3) if kind < 0.2 else self.instance(schema, schema)
        if "form" in route.takes:
            fields = said if isinstance(said, dict) else {"queries": said}
            pairs = [(str(name), value if isinstance(value, str) else json.dumps(value)) for name, value in fields.items()]
            return urlencode([(self._clean(name), self._clean(value)) for name, value in pairs]).encode()
        return json.dumps(said).encode()  # escaped, so that half surrogates go as they are

    def _clean(self, text: str) -> str:
        return text.encode("utf-8", "replace").decode()

    def instance(self, schema: Mapping[str, Any], whole: Mapping[str, Any], depth: int = 0) -> Any:
        """Something like what the schema asks for, its texts hostile; now and then of another type."""
        rng = self._random
        if "$ref" in schema:
            return self.instance(whole["$defs"][schema["$ref"].rpartition("/")[2]], whole, depth + 1)
        if rng.random() < 0.04 or depth > 12:
            return self.any_json(2)
        if options := schema.get("anyOf") or schema.get("oneOf"):
            return self.instance(rng.choice(options), whole, depth + 1)
        if "enum" in schema or "const" in schema:
            return rng.choice([*schema.get("enum", [schema.get("const")]), self.text(100)])
        match schema.get("type"):
            case "object":
                names = [name for name in schema.get("properties", {}) if name in schema.get("required", ()) or rng.random() < 0.35]
                made = {name: self.instance(schema["properties"][name], whole, depth + 1) for name in names}
                return made if rng.random() < 0.9 else made | {self.text(40): self.any_json(1)}
            case "array":
                item = schema.get("items", {})
                return [self.instance(item, whole, depth + 1) for _ in range(rng.choice((0, 1, 2, 3, 60)))]
            case "integer" | "number":
                return rng.choice((0, 1, -1, 10, 100, 101, 2**31, 2**63, 2**64, -(2**63), 1e308, 0.5))
            case "boolean":
                return rng.random() < 0.5
            case "null":
                return None
        return self.text()

    def any_json(self, depth: int) -> Any:
        """Any JSON value."""
        rng = self._random
        kind = rng.randint(0, 7 if depth else 5)
        simple = (None, True, rng.choice((0, -1, 2**70, 1e300)), self.text(500), "", False)
        if kind < len(simple):
            return simple[kind]
        inside = [self.any_json(depth - 1) for _ in range(rng.randint(0, 4))]
        return inside if kind == 6 else {self.text(40): value for value in inside}
