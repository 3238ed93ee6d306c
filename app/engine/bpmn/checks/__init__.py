"""The checks of diagrams, one module per subject; `lint` runs them all. Codes are worded in `words/bpmn.py`."""
