"""When something happened: from a resident's words to a definite time. Pure."""
