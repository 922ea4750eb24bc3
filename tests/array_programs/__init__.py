"""Random programs of NumPy functions over small shapes: their values, gradients and texts against NumPy itself.

``python -m tests.array_programs --count 2000`` runs the programs of seeds 0 to 1999 and shows each that is wrong.
"""
