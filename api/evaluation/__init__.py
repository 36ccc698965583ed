"""Judges labelled messages through the real model and rules, and says how often it is right."""
