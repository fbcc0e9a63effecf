SELECT
  "p"."customer_id"
FROM customer_profiles AS p
WHERE
  (
    "p"."agreement_next_end_date" > $p0
    OR (
      "p"."birth_date" >= $p1 AND "p"."birth_date" <= $p2
    )
  )
-- $p0 = datetime.date(2026, 3, 3)
-- $p1 = datetime.date(2026, 3, 23)
-- $p2 = datetime.date(2026, 3, 29)
