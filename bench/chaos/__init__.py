"""Many servers on one Redis, tormented for minutes: nothing lost, doubled or miscounted. `python -m bench.chaos`."""
