"""The segment engine, a small compiler: definition → checks → normal form → sqlglot → SQL of the engine in use.

Belongs here: what a segment is, what it compiles to, and the questions one can ask of it. Pure, but for a `source` that
answers SQL. Does not belong here: who may see what, where definitions are kept, screens, schedules.
"""
