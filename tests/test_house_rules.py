"""The laws of the house, each a test. A law that turns out wrong is changed here and in docs/, not worked around."""

from __future__ import annotations

import ast
import re
import subprocess
from pathlib import Path

import pytest
from flask import Flask

from pointsbank.core.web import PROGRAMS

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "pointsbank"
FLOORS = {
    "core": 0, "communities": 1, "notifications": 1, "people": 2, "ledger": 3, "publicity": 3, "media": 3, "places": 3,
    "rules": 4, "contributions": 5, "shop": 5, "activities": 6, "succession": 6, "honours": 6, "deductions": 6,
    "cases": 6, "patrols": 7, "reviews": 7, "open311": 7, "boards": 8,
}
ROOF = {"app", "cli", "schedule", "production", "demo"}
ROOM_FILES = {
    "__init__", "models", "policy", "services", "queries", "forms", "schemas", "api", "pages", "jobs", "errors",
}
FORBIDDEN_NAMES = {"utils", "helpers", "common", "misc"}
SOURCES = sorted(PACKAGE.rglob("*.py"))
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))


def room_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imported_rooms(path: Path) -> set[str]:
    rooms = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names = []
        if isinstance(node, ast.Import):
            names = [a.name for a in node.names]
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            names = [node.module, *(f"{node.module}.{a.name}" for a in node.names)]
        rooms |= {n.split(".")[1] for n in names if n.startswith("pointsbank.")}
    return rooms


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_imports_only_go_down(path: Path) -> None:
    room = room_of(path)
    if room in ROOF or room == "__init__":
        return
    assert room in FLOORS, f"{room} is on no floor"
    for other in imported_rooms(path) - {room, "__version__"}:
        assert other in FLOORS, f"{path.name} imports the roof: {other}"
        assert FLOORS[other] < FLOORS[room], f"{room} (floor {FLOORS[room]}) imports {other} (floor {FLOORS[other]})"


def test_only_the_edge_commits() -> None:
    guilty = [str(p.relative_to(ROOT)) for p in SOURCES
              if re.search(r"\.commit\(", p.read_text(encoding="utf-8")) and p != PACKAGE / "core" / "db.py"]
    assert guilty == []


def test_services_and_queries_never_see_the_request() -> None:
    guilty = []
    for path in SOURCES:
        parts = path.relative_to(PACKAGE).parts
        is_inner = any(name in part for part in parts for name in ("services", "queries", "policy", "models"))
        if is_inner and re.search(r"from flask import [^\n]*\b(request|session)\b", path.read_text(encoding="utf-8")):
            guilty.append(str(path))
    assert guilty == []


def test_the_clock_has_one_source() -> None:
    guilty = [str(p.relative_to(ROOT)) for p in SOURCES if p.name != "clock.py" and re.search(
        r"\b(datetime\.now|datetime\.utcnow|date\.today|time\.time)\(", p.read_text(encoding="utf-8"))]
    assert guilty == []


@pytest.mark.parametrize("path", [*SOURCES, *sorted((ROOT / "tests").rglob("*.py"))],
                         ids=lambda p: str(p.relative_to(ROOT)))
def test_no_file_over_500_lines_and_no_function_over_60(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count("\n") <= 500
    assert path.stem not in FORBIDDEN_NAMES
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef):
            length = (node.end_lineno or 0) - node.lineno + 1
            assert length <= 60, f"{node.name} has {length} lines"


def test_every_public_function_says_what_it_does() -> None:
    silent = []
    for path in SOURCES:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        if not ast.get_docstring(tree):
            silent.append(f"{path.relative_to(ROOT)}: module")
        for node in tree.body:
            public = isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_")
            if public and not ast.get_docstring(node):
                silent.append(f"{path.relative_to(ROOT)}:{node.lineno} {node.name}")
    assert silent == []


@pytest.fixture(scope="module")
def plain_app(houses) -> Flask:  # type: ignore[no-untyped-def]
    return houses.empty("sqlite")


def test_every_route_declares_its_guard(plain_app: Flask) -> None:
    bare = [e for e, view in plain_app.view_functions.items()
            if not hasattr(view, "guard") and not e.startswith("probe.")]
    assert bare == []


def test_every_unsafe_page_refuses_a_form_without_its_token(plain_app: Flask) -> None:
    plain_app.config["WTF_CSRF_ENABLED"] = True
    try:
        accepted = []
        client = plain_app.test_client()
        for rule in plain_app.url_map.iter_rules():
            unsafe = (rule.methods or set()) & {"POST", "PUT", "DELETE", "PATCH"}
            # Programs bring a bearer token or a key; no cookie counts where a foreign standard is spoken.
            if rule.rule.startswith(("/api/", PROGRAMS)) or not unsafe:
                continue
            path = re.sub(r"<(?:\w+:)?(\w+)>", "1", rule.rule)
            if client.open(path, method=min(unsafe)).status_code != 400:
                accepted.append(rule.rule)
        assert accepted == []
    finally:
        plain_app.config["WTF_CSRF_ENABLED"] = False


def test_every_table_of_a_community_is_scoped(plain_app: Flask) -> None:
    from pointsbank.core.db import db

    above = {"area", "user", "sign_in_session", "user_resident", "team_member", "appointment", "one_time_code",
             "sign_in_try", "outbox_message", "idempotency_key", "job_run"}
    loose = []
    for table in db.metadata.sorted_tables:
        if table.name in above or "community_id" in table.c:
            continue
        parents = {fk.column.table.name for fk in table.foreign_keys}
        if not any("community_id" in db.metadata.tables[p].c for p in parents):
            loose.append(table.name)
    assert loose == []


def test_no_page_loads_anything_from_outside() -> None:
    pattern = re.compile(r"""(?:src|href|action)\s*=\s*["'](?:https?:)?//""")
    guilty = [str(t.relative_to(ROOT)) for t in TEMPLATES if pattern.search(t.read_text(encoding="utf-8"))]
    for css in (PACKAGE / "static").rglob("*.css"):
        if re.search(r"url\(\s*['\"]?(https?:)?//", css.read_text(encoding="utf-8")):
            guilty.append(str(css))
    assert guilty == []


def test_lazy_sentences_come_from_the_house() -> None:
    """Those of Flask-Babel vouch for themselves as markup, with whatever names were filled in."""
    ours = ROOT / "pointsbank/core/errors.py"
    assert [str(p) for p in SOURCES if p != ours and re.search(r"lazy_gettext|lazy_ngettext|LazyString", p.read_text())
            and p.name != "i18n.py"] == []


def test_no_template_trusts_markup_or_styles_inline() -> None:
    guilty = []
    for template in TEMPLATES:
        text = template.read_text(encoding="utf-8")
        html = re.sub(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", "", text, flags=re.S)
        if re.search(r"\|\s*safe\b", text):
            guilty.append(f"{template.relative_to(ROOT)} (safe)")
        if re.search(r"\sstyle\s*=", html) or re.search(r"<script(?![^>]*\bsrc=)", html):
            guilty.append(f"{template.relative_to(ROOT)} (inline)")
        if re.search(r"\son[a-z]+\s*=\s*[\"']", html):
            guilty.append(f"{template.relative_to(ROOT)} (event attribute)")
    assert guilty == []


def test_every_sentence_has_its_chinese() -> None:
    from pointsbank.core import i18n

    known = {(m.context, m.id): m.string for m in i18n.merged("zh_Hans_CN") if m.id}
    missing = []
    for room, found in i18n.extracted(ROOT).items():
        for message in found:
            if not message.id:
                continue
            text = known.get((message.context, message.id))
            whole = all(text) if isinstance(text, tuple | list) else bool(text)
            if not whole:
                missing.append(f"{room}: {message.id}")
    assert missing == []


def test_translations_keep_their_places() -> None:
    from pointsbank.core import i18n

    wrong = []
    for message in i18n.merged("zh_Hans_CN"):
        if not message.id:
            continue
        ids = message.id if isinstance(message.id, tuple | list) else [message.id]
        texts = message.string if isinstance(message.string, tuple | list) else [message.string]
        wanted = set(re.findall(r"%\((\w+)\)", ids[-1]))
        for text in texts:
            if text and not set(re.findall(r"%\((\w+)\)", text)) <= wanted | set(re.findall(r"%\((\w+)\)", ids[0])):
                wrong.append(str(message.id))
    assert wrong == []


def test_templates_speak_through_the_catalogue() -> None:
    """Chinese characters in a template would be missing in the English version. The language switch names itself."""
    guilty = []
    for template in TEMPLATES:
        text = re.sub(r"\{#.*?#\}|中文|}}日", "", template.read_text(encoding="utf-8"), flags=re.S)
        if re.search(r"[\u4e00-\u9fff]", text):
            guilty.append(str(template.relative_to(ROOT)))
    assert guilty == []


def test_nothing_in_the_tree_names_a_registry_or_a_machine_path() -> None:
    files = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True,
                           check=True).stdout.split()
    names = ("py" + r"pi\.org", "python" + r"hosted\.org", "registry" + r"\.npmjs", "--index" + "-url")
    hosts = re.compile("|".join(names))
    guilty = []
    for name in files:
        path = ROOT / name
        if path.suffix in {".png", ".jpg", ".mo", ".ico", ".gz", ".webp", ".heic", ".xlsx"} or not path.is_file():
            continue
        if hosts.search(path.read_text(encoding="utf-8", errors="replace")):
            guilty.append(name)
    assert guilty == []
