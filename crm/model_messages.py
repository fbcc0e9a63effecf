"""The sentences of the models of churn and value by code; `crm.messages` takes them into its own table."""

MESSAGES: dict[str, str] = {
    "churn_type": "There is no such type of customers: {customer_type}.",
    "churn_part": "{part} has to be a whole number from {low} to {high}.",
    "churn_changed": "{login} changed this definition in the meantime. Look again, then save.",
    "model_version": "There is no model {version}.",
}
