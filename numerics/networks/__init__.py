"""Random networks of finite width, drawn with their weights."""
