"""Two providers are proposed for one store at the same moment; two stores of one new merchant are approved; two people
approve the same."""

import pytest

from . import agreement_jobs as jobs

pytestmark = [pytest.mark.races, pytest.mark.slow]

PAIRS = 12


def propose_for_all(arena) -> int:
    rivals = arena.alone(jobs.build_rivals, PAIRS)
    arena.at_once(jobs.propose, rivals, gate="merchants_agreement")
    return arena.alone(jobs.held_by_two)


def test_a_store_is_promised_once(arena, figure):
    doubled = propose_for_all(arena)
    figure(f"{doubled} of {PAIRS} stores promised to two")
    assert doubled == 0


def test_without_holding_the_store_some_are_promised_twice(arena, figure):
    arena.take_out("store held")
    doubled = propose_for_all(arena)
    figure(f"{doubled} of {PAIRS} stores promised to two")
    assert doubled > 0


def approve_all(arena) -> int:
    proposals = arena.alone(jobs.build_proposals, PAIRS)
    arena.at_once(jobs.approve, [(pk,) for pk in proposals], gate="merchants_merchant")
    return arena.alone(jobs.merchants_made)


def test_a_new_merchant_is_made_once(arena, figure):
    made = approve_all(arena)
    figure(f"{made} merchants for {PAIRS}")
    assert made == PAIRS


def test_without_holding_the_mall_some_are_made_twice(arena, figure):
    arena.take_out("mall held")
    made = approve_all(arena)
    figure(f"{made} merchants for {PAIRS}")
    assert made > PAIRS


def approve_twice(arena) -> tuple[int, int, int]:
    """How often an approval was taken, and the providers and stores that it made, of PAIRS applications and as many
    proposals of stores, each approved by two people."""
    applications, proposals = arena.alone(jobs.build_waiting, PAIRS)
    twice = [(pk,) for pk in applications for _person in range(2)]
    taken = sum(arena.at_once(jobs.approve_application, twice, gate="merchants_serviceprovider"))
    twice = [(pk,) for pk in proposals for _person in range(2)]
    taken += sum(arena.at_once(jobs.approve_proposal, twice, gate="merchants_merchant"))
    return taken, *arena.alone(jobs.invited_and_stored)


def test_one_of_two_who_approve_the_same_is_too_late(arena, figure):
    taken, invited, stores = approve_twice(arena)
    figure(f"{taken} approvals taken, {invited} managers invited, {stores} stores made of {PAIRS} and {PAIRS}")
    assert (taken, invited, stores) == (2 * PAIRS, PAIRS, PAIRS)


def test_by_looking_some_are_approved_twice(arena, figure):
    arena.take_out("application compared", "proposal held")
    taken, invited, stores = approve_twice(arena)
    figure(f"{taken} approvals taken, {invited} managers invited, {stores} stores made of {PAIRS} and {PAIRS}")
    assert taken > 2 * PAIRS and invited > PAIRS and stores > PAIRS
