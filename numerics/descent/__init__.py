"""Runs of gradient descent and gradient flow, many starts in one batch, with their error estimates."""
