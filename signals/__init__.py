"""Signals of customers' behaviour, churn and value: rules, models and what they are worth. Pure: data in, data out."""
