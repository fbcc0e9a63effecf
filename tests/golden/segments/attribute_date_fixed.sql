SELECT
  "p"."customer_id"
FROM customer_profiles AS p
WHERE
  (
    "p"."birth_date" <> $p0 AND "p"."birth_date" < $p1
  )
-- $p0 = datetime.date(2026, 2, 28)
-- $p1 = datetime.date(2026, 3, 1)
