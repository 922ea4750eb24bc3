"""Programs: what computes tensors, as lines that are data, before they are written in any language."""
