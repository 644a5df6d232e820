"""Compile the engine of a copy of the project, in place: `python deploy/compiled.py FOLDER`, which holds `streams`.

mypyc makes C extensions of the modules as they are. Python prefers them to the sources beside them: a folder in which
anybody edits is the wrong one. Needs mypy, setuptools and a C compiler; takes two or three minutes.
"""

import ast
import os
import sys
from collections.abc import Iterator
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory

from mypyc.build import mypycify
from setuptools import Extension, setup

SETTINGS = Path(__file__).parents[1] / "pyproject.toml"


def modules(folder: Path) -> Iterator[str]:
    """The modules of the engine that can be compiled: all but packages, and what declares data."""
    for path in sorted((folder / "streams" / "engine").rglob("*.py")):
        if path.name != "__init__.py" and not declares_data(path.read_text()):
            yield str(path.relative_to(folder))


def declares_data(source: str) -> bool:
    """Whether a module defines structs or enums: mypyc passes over what makes them, such as `frozen=True`."""
    classes = (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.ClassDef))
    return any(
        each.keywords or any(ast.unparse(base).endswith(("Struct", "Enum")) for base in each.bases) for each in classes
    )


def machine_code(arguments: list[str], folder: str) -> list[Extension]:
    """The extensions to be built; what mypyc remarks on the way is only worth reading where it gives up."""
    with redirect_stdout(StringIO()) as remarks:
        try:
            return mypycify(arguments, target_dir=folder, opt_level="2", group_name="engine")
        except SystemExit:
            sys.stderr.write(remarks.getvalue())
            raise


def main(folder: Path) -> None:
    """Compile, and leave nothing else behind."""
    os.chdir(folder)
    with TemporaryDirectory() as temporary:
        options = ["--config-file", str(SETTINGS), "--cache-dir", temporary, "--follow-imports", "silent"]
        extensions = machine_code([*modules(Path()), *options], temporary)
        arguments = ["--quiet", "build_ext", "--inplace", "--build-lib", temporary, "--build-temp", temporary]
        setup(name="engine", packages=[], ext_modules=extensions, script_args=arguments)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
