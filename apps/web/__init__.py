"""What stands between the network and the workspaces: who is asking, what he may reach, and how answers are headed."""
