"""Measurements of the library and the plugin, run by hand (see the Makefile); pytest collects nothing here."""
