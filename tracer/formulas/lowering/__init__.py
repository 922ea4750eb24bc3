"""From the trace to terms."""
