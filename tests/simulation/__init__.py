"""Several pollers in one thread, in an order that a seed decides: see test_simulation.py."""
