"""What the start of a process has made: modules, routes, mappings, a few hundred thousand objects that stay."""

import gc

SELDOM = (20_000, 20, 100)
"""How much is made between two looks: nearly all that a request makes goes as soon as nobody holds it."""


def keep_what_is_there() -> None:
    """Spare the garbage collector what stays until the process ends: it looks only at what is made from now on."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*SELDOM)
