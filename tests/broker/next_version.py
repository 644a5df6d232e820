"""The command `journey` of the next version, as far as the states of others tell: it differs in their version alone.

python -m tests.broker.next_version worker
"""

import sys
from importlib.util import find_spec, module_from_spec
from pathlib import Path

import schemas


def raise_version() -> None:
    """Load the state records with the version that comes after this one, before anybody else loads them."""
    spec = find_spec("schemas.state")
    assert spec is not None
    assert spec.origin is not None
    source = Path(spec.origin).read_text()
    (stated,) = (line for line in source.splitlines() if line.startswith("VERSION = "))
    raised = f"VERSION = {int(stated.rpartition(' ')[2]) + 1}"
    module = sys.modules[spec.name] = module_from_spec(spec)
    setattr(schemas, "state", module)  # noqa: B010  the package does not declare it
    exec(compile(source.replace(stated, raised, 1), spec.origin, "exec"), vars(module))


if __name__ == "__main__":
    raise_version()
    from streams.cli import main

    main()
