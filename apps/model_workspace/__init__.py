"""The page of models in parts: how good they are, what they look at, who stays, versions, definitions."""
