"""E-mails: what they look like and the SMTP server that takes them. Whom they are for and what they tell is `crm`'s."""
