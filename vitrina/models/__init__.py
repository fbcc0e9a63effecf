"""Models of churn and value in a home: when they are trained, which one counts, what the marts get from them."""
