"""What a stolen hash costs whoever guesses."""

from argon2 import Type, extract_parameters

from app.directory.passwords import hash_password, is_password


def test_a_guess_takes_the_memory_and_the_time_that_owasp_asks_for() -> None:
    cost = extract_parameters(hash_password("kiesel wolke elf"))
    assert cost.type is Type.ID
    assert (cost.memory_cost, cost.time_cost, cost.parallelism) >= (19 * 1024, 2, 1)


def test_a_password_is_its_own_hash_s_alone() -> None:
    known = hash_password("kiesel wolke elf")
    assert is_password(known, "kiesel wolke elf")
    assert not is_password(known, "kiesel wolke zwei")
    assert not is_password(None, "kiesel wolke elf")
    assert not is_password("no hash", "kiesel wolke elf")
