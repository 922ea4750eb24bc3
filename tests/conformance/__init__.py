"""Conformance with TensorFlow's gradient semantics: recorded answers, replayed without TensorFlow."""
