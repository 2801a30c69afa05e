"""The steps of the schema, oldest first by number; a step that has been released never changes."""
