SELECT
  "p"."customer_id"
FROM customer_profiles AS p
WHERE
  "p"."agreement_next_end_date" <= $p0
-- $p0 = datetime.date(2026, 2, 28)
