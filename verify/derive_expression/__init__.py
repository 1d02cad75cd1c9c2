"""What `lemmata derive` prints: closed forms with their derivations and verdicts, code, and certified numbers."""
