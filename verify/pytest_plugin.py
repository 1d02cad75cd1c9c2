"""The pytest plugin: claim files are collected as tests."""
