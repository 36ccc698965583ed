"""Doorstep's own parts of the Rasa server: features, entities, answers in context, its channel."""
