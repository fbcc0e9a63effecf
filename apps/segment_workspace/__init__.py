"""The segment workspace: the builder, what is shown of a segment, its life, lists, exports.

Not called `segments`: Streamlit puts the folder of its script on the path, where that name would hide the engine's.
"""
