"""What can be done with the operational database. A service takes a session of `Database.begin()` or `.read()`, who
acts and the present moment, and returns frozen values; those that must not lose a refusal take the `Database` itself.
"""
