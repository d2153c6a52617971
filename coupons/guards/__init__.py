"""Guards against abuse. Each module looks for one pattern and explains what it found; `running` raises the findings,
`reviewing` takes a person's word on them, `blocking` keeps who gets no coupons.

A guard is a module with `GUARD`, `find(mall, now) -> list[Finding]` and `sentence(evidence) -> str`. It reads the
ledger of its window through an index and keeps no place of its own, so a run that was missed costs nothing.
"""

from . import refund_loop, shared_device, staff_self, velocity

MODULES = {module.GUARD: module for module in (refund_loop, shared_device, staff_self, velocity)}
