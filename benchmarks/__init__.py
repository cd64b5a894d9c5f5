"""What performance means here, runnable. See each module."""
