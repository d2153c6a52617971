"""Coupon codes: guessing, mistyping, reading aloud."""

from hypothesis import given, settings
from hypothesis import strategies as st

from coupons.codes import ALPHABET, LENGTH, is_well_formed, masked, new_code, normalise, shown

quick = settings(max_examples=50, deadline=None)
codes = st.builds(new_code)
places = st.integers(0, LENGTH - 1)


def test_alphabet_has_no_look_alikes_and_a_prime_number_of_letters():
    assert len(set(ALPHABET)) == len(ALPHABET) == 29
    assert not set("01ILOUZ") & set(ALPHABET)


def test_codes_are_well_formed_and_differ():
    made = [new_code() for _ in range(2_000)]
    assert len(set(made)) == 2_000
    assert all(is_well_formed(code) and len(code) == LENGTH for code in made)


def test_each_letter_comes_as_often_as_another():
    letters = "".join(new_code()[:-1] for _ in range(3_000))
    expected = len(letters) / len(ALPHABET)
    assert all(abs(letters.count(letter) - expected) < 6 * expected**0.5 for letter in ALPHABET)


@quick
@given(codes)
def test_every_wrong_character_is_noticed(code):
    wrong = [code[:i] + letter + code[i + 1 :] for i in range(LENGTH) for letter in ALPHABET if letter != code[i]]
    assert len(wrong) == LENGTH * 28
    assert not any(map(is_well_formed, wrong))


@quick
@given(codes)
def test_every_swap_of_two_neighbours_is_noticed(code):
    for i in range(LENGTH - 1):
        swapped = code[:i] + code[i + 1] + code[i] + code[i + 2 :]
        assert swapped == code or not is_well_formed(swapped)


@quick
@given(codes, places, places)
def test_every_swap_within_the_body_is_noticed(code, one, other):
    letters = list(code)
    letters[one], letters[other] = letters[other], letters[one]
    assert letters == list(code) or LENGTH - 1 in (one, other) or not is_well_formed("".join(letters))


@quick
@given(st.text(max_size=20))
def test_text_that_is_no_code(text):
    code = normalise(text)
    assert not is_well_formed(code) or len(code) == LENGTH


@quick
@given(codes)
def test_typed_as_shown_or_in_lower_case_it_is_the_code(code):
    assert normalise(shown(code)) == normalise(f"  {code.lower()}\n") == normalise(" ".join(code)) == code


def test_shown_and_masked():
    assert shown("23456789ABCD") == "2345-6789-ABCD"
    assert masked("23456789ABCD") == "••••-••••-ABCD"
