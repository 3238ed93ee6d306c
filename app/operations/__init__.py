"""The engine room: what stands still and is repaired, work beside the requests, messages that wait."""
