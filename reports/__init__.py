"""Documents: LaTeX and PDF from records, figures from their stored data. Nothing here judges or derives."""
