"""Signing in and out over plain HTTP: pages without scripts, the directories that know people, the session."""
