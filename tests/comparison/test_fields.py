"""The primes that numbers are computed modulo."""

import pytest
import sympy

from tracer.comparison.fields import choose_field


@pytest.mark.parametrize(
    ("seed", "constants", "logarithms"), [(0, (), False), (1, (17,), False), (2, (73, 137), False), (3, (11,), True)]
)
def test_the_primes_are_as_stated(seed, constants, logarithms):
    field = choose_field(seed, constants, logarithms)
    p, q, r = field.moduli
    assert all(map(sympy.isprime, field.moduli))
    assert p == 2 * q + 1
    assert (p + 1) % r == 0
    assert q % 4 == 3
    assert all(field.is_square(s) for s in (2, 3, 5, 7, *constants))
    assert pow(field.base, q, p) == 1 != field.base
    assert field.rotate(r) == (1, 0) != field.rotate(1)
    assert choose_field(seed, constants, logarithms) == field


def test_fields_differ_in_what_stands_for_constants():
    fields = [choose_field(seed) for seed in range(24)]
    assert len({f.base for f in fields}) == len(fields)
    assert {f.is_square(1009) for f in fields} == {True, False}


def test_logarithms_are_found():
    field = choose_field(1, logarithms=True)
    p, q, _ = field.moduli
    for k in (0, 1, 5, q - 1, q // 3):
        assert field.logarithm(pow(field.base, k, p)) == k
    with pytest.raises(ValueError, match="is no square modulo"):
        field.logarithm(p - 1)
