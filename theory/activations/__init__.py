"""Activation functions, one a file: functions of one SymPy expression."""
