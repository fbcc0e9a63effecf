"""A person's notices as a list, and what he wants to be told of."""
