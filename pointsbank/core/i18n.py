"""Languages: Chinese first, English complete.

Messages are English sentences in the code. Each room keeps its Chinese in its own fragment
``translations/zh_Hans_CN/LC_MESSAGES/<room>.po``; the fragments are compiled into one ``messages.mo``.
This file needs nothing but Babel, so that building a wheel needs nothing else either.
"""

from __future__ import annotations

import io
import os
import re
import sys
import tempfile
from pathlib import Path
from typing import cast

from babel.messages import Catalog, extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

TRANSLATIONS = Path(__file__).resolve().parent.parent / "translations"
LOCALES = {"zh_Hans_CN": "zh_CN", "en": "en"}
KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2), "lazy": None, "lazy_gettext": None, "N_": None,
            "pgettext": ((1, "c"), 2)}


def N_(message: str) -> str:
    """Mark a text that is stored in English and translated when it is shown."""
    return message


def fragments(locale: str) -> list[Path]:
    """The ``.po`` files of a locale."""
    return sorted((TRANSLATIONS / locale / "LC_MESSAGES").glob("*.po"))


def merged(locale: str) -> Catalog:
    """All fragments of a locale as one catalogue."""
    whole = Catalog(locale=LOCALES[locale] if locale == "en" else "zh_Hans_CN")
    for file in fragments(locale):
        with file.open("rb") as stream:
            for message in read_po(stream, locale=whole.locale):
                # A message that two rooms share may be filled in by one of them only.
                if message.id and _is_filled(message.string):
                    whole.add(message.id, message.string, context=message.context)
    return whole


def _is_filled(text: object) -> bool:
    return all(text) if isinstance(text, list | tuple) else bool(text)


def compile_catalogues(*, force: bool = False) -> None:
    """Write ``messages.mo`` of each locale where a fragment is newer than it."""
    for locale in LOCALES:
        folder = TRANSLATIONS / locale / "LC_MESSAGES"
        folder.mkdir(parents=True, exist_ok=True)
        target = folder / "messages.mo"
        newest = max((f.stat().st_mtime for f in fragments(locale)), default=0.0)
        if not force and target.exists() and target.stat().st_mtime >= newest:
            continue
        buffer = io.BytesIO()
        write_mo(buffer, merged(locale))
        handle, name = tempfile.mkstemp(dir=folder)
        with os.fdopen(handle, "wb") as stream:
            stream.write(buffer.getvalue())
        os.chmod(name, 0o644)
        os.replace(name, target)


def _messages_of(file: Path) -> list[tuple[int, object, str | None]]:
    method = "jinja2" if file.suffix in {".html", ".txt", ".svg"} else "python"
    options = {"extensions": "jinja2.ext.i18n", "silent": "false", "trimmed": "true"}
    with file.open("rb") as stream:
        return [(line, message, context) for line, message, _comments, context in
                extract.extract(method, stream, KEYWORDS, (), options)]


def room_of(file: Path, root: Path) -> str:
    """The room whose fragment a file's messages belong to."""
    parts = file.relative_to(root).parts
    name = parts[1] if len(parts) > 2 else "roof"
    return name if re.fullmatch(r"[a-z][a-z0-9]*", name) else "core"


def extracted(root: Path) -> dict[str, Catalog]:
    """Every message in the code and templates, by room."""
    rooms: dict[str, Catalog] = {}
    files = [*sorted((root / "pointsbank").rglob("*.py")), *sorted((root / "templates").rglob("*.*"))]
    for file in files:
        if file.suffix not in {".py", ".html", ".txt", ".svg"}:
            continue
        for _line, message, context in _messages_of(file):
            rooms.setdefault(room_of(file, root), Catalog()).add(cast(str, message), context=context)
    return rooms


def update(root: Path) -> int:
    """Bring the Chinese fragments up to date with the code: new messages come empty, unused ones go.

    Returns the number of messages still without a translation.
    """
    missing = 0
    known = {(m.context, m.id): m.string for m in merged("zh_Hans_CN") if m.id}
    folder = TRANSLATIONS / "zh_Hans_CN" / "LC_MESSAGES"
    folder.mkdir(parents=True, exist_ok=True)
    for room, found in extracted(root).items():
        target = Catalog(locale="zh_Hans_CN", charset="utf-8")
        target.header_comment = f"# Simplified Chinese of the room {room}."
        for message in sorted((m for m in found if m.id), key=lambda m: str(m.id)):
            text = known.get((message.context, message.id), "")
            target.add(message.id, text, context=message.context)
            missing += not (all(text) if isinstance(text, tuple | list) else text)
        buffer = io.BytesIO()
        write_po(buffer, target, width=118, omit_header=False)
        body = re.sub(rb'"(POT-Creation-Date|PO-Revision-Date|Generated-By|Project-Id-Version|Report-Msgid-Bugs-To|'
                      rb'Last-Translator|Language-Team|MIME-Version|Content-Transfer-Encoding):[^"]*"\n', b"",
                      buffer.getvalue())
        (folder / f"{room}.po").write_bytes(body)
    return missing


if __name__ == "__main__":
    left = update(Path.cwd())
    compile_catalogues(force=True)
    print(f"{left} messages without Chinese")
    sys.exit(1 if left and "--strict" in sys.argv else 0)
