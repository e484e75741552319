"""The parts that pages and pictures are made of. It knows nothing of the rest of the library but plain data."""
