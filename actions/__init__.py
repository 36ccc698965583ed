"""What the assistant does beside talking: it asks the api, and hands on what the api says."""
