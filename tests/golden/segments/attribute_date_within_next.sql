SELECT
  "p"."customer_id"
FROM customer_profiles AS p
WHERE
  (
    "p"."agreement_next_end_date" >= $p0 AND "p"."agreement_next_end_date" <= $p1
  )
-- $p0 = datetime.date(2026, 4, 1)
-- $p1 = datetime.date(2026, 5, 31)
