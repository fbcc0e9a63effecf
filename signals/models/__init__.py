"""Models of churn and value: pure functions over tables and arrays. Training, files and the clock are the caller's."""
