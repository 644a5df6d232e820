"""What `make fuzz` looks for holds at least where it begins."""

from tests.fuzz import SEEDS


def test_what_a_fuzzer_begins_with_keeps_to_the_law() -> None:
    for target, seeds in SEEDS.items():
        for seed in seeds:
            target(seed)
