"""Runs while a package is built: compiles the translations, and gives the wheel what lies beside the Python package.

In the repository `templates/`, `migrations/` and `wsgi.py` stand at the top, where people look for them; in an
installed PointsBank they are `pointsbank/templates`, `pointsbank/migrations` and `pointsbank/wsgi.py`.
"""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

CATALOGUES = (
    "pointsbank/translations/zh_Hans_CN/LC_MESSAGES/messages.mo",
    "pointsbank/translations/en/LC_MESSAGES/messages.mo",
)
BESIDE_THE_PACKAGE = {
    "templates": "pointsbank/templates",
    "migrations": "pointsbank/migrations",
    "wsgi.py": "pointsbank/wsgi.py",
}


class BuildHook(BuildHookInterface):
    """Called by hatchling once for each package that it builds."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Prepare a build; `version` is "editable" for a checkout in use and "standard" for a package to give away."""
        root = Path(self.root)
        compile_catalogues(root)
        if version == "editable":
            # A checkout finds these where they lie; copies in site-packages would go stale.
            return
        missing = [path for path in CATALOGUES if not (root / path).is_file()]
        if missing:
            raise RuntimeError(f"the package would be without its translations: {', '.join(missing)}")
        if self.target_name == "wheel":
            build_data["force_include"].update({str(root / here): there for here, there in BESIDE_THE_PACKAGE.items()})


def compile_catalogues(root: Path) -> None:
    """Call `compile_catalogues()` of core/i18n.py, the one place that knows how the fragments become catalogues.

    The file is loaded by its path: importing `pointsbank.core` would need Flask and everything else, and the build
    has nothing but Babel.
    """
    path = root / "pointsbank" / "core" / "i18n.py"
    spec = importlib.util.spec_from_file_location("pointsbank_build_i18n", path)
    if spec is None or spec.loader is None:
        raise RuntimeError(f"cannot load {path}")
    module = importlib.util.module_from_spec(spec)
    # Dataclasses and enumerations look their own module up by name.
    sys.modules[spec.name] = module
    try:
        spec.loader.exec_module(module)
        module.compile_catalogues(force=True)
    finally:
        del sys.modules[spec.name]
