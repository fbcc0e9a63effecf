"""The command line: `vitrina …`. Every command is a thin call of a function that programs can call too."""
