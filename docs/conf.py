"""Sphinx configuration."""

import importlib.metadata

project = "tracer"
author = "The tracer developers"
project_copyright = "2026, The tracer developers"
release = importlib.metadata.version("symbolic-tracer")

extensions = ["myst_parser", "numpydoc", "sphinx.ext.autodoc", "sphinx.ext.mathjax"]
myst_enable_extensions = ["dollarmath"]
myst_heading_anchors = 3
numpydoc_show_class_members = False
exclude_patterns = ["_build"]

html_theme = "furo"
html_title = "tracer"
