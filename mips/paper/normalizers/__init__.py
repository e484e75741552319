"""The normalizers of arXiv 2402.05110: networks with the same outputs and simpler weights."""
